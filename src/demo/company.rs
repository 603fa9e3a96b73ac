//! Who works there, what runs there, when it may be touched, and how the boards decide.

use chrono::{NaiveDate, NaiveTime};

use crate::model::{
    Audience, Board, BoardFile, Capacity, CapacityScope, Condition, EarlyClose, Fraction, Hears, ItemKind,
    Kind, Line, MeetingKind, MeetingPlan, OnDeadline, Person, Policy, QuietHours, Quorum, Risk, Role, Scope,
    Seat, Service, Settings, Template, Vocabulary, VotingRule, Wall, Window, WindowKind, Word,
};

use super::{Clock, id, line, lines};

/// People, services, windows, boards and rules.
pub fn founding(clock: &Clock) -> BoardFile {
    BoardFile {
        people: people(),
        services: services(),
        windows: windows(clock),
        boards: Some(boards()),
        policies: Some(policies()),
        templates: Some(templates(clock)),
        settings: Some(Settings {
            zone: line("Europe/Madrid"),
            risk_floors: vec![crate::model::Floor {
                when: crate::model::FloorWhen {
                    tier: Some(1),
                    kinds: vec![Kind::Normal],
                    ..Default::default()
                },
                risk: Risk::Moderate,
            }],
            capacity: vec![Capacity {
                scope: CapacityScope::Group,
                value: line("data"),
                risk: Risk::Moderate,
                max: 1,
            }],
            meetings: vec![cab(clock)],
            audiences: audiences(),
            ..Settings::default()
        }),
        ..BoardFile::default()
    }
}

/// The weekly meeting of the board, tomorrow at 14:00 for three quarters of an hour.
fn cab(clock: &Clock) -> MeetingPlan {
    MeetingPlan {
        name: Line::new("Payments CAB"),
        board: Some(id("cab")),
        start: Some(wall(&format!("{}T14:00", clock.date(-20)))),
        end: Some(wall(&format!("{}T14:45", clock.date(-20)))),
        rrule: line(&format!("FREQ=WEEKLY;BYDAY={}", clock.weekday(1))),
        ..MeetingPlan::bare(id("cab"), MeetingKind::Regular)
    }
}

/// Who is told: those who sit at the network, and the shops in another zone, who sleep at night.
fn audiences() -> Vec<Audience> {
    let quiet = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    let quiet = quiet("22:00").zip(quiet("07:00")).map(|(from, to)| QuietHours { from, to });
    vec![
        Audience {
            name: Line::new("Network"),
            hears: Hears { groups: lines(&["network"]), ..Hears::default() },
            ..Audience::bare(id("network"))
        },
        Audience {
            name: Line::new("Shops"),
            zone: line("Europe/Lisbon"),
            hears: Hears { services: lines(&["checkout", "web-shop", "lb-01"]), ..Hears::default() },
            quiet,
            ..Audience::bare(id("shops"))
        },
    ]
}

fn people() -> Vec<Person> {
    [
        ("m.ortiz", "Maya Ortiz", true),
        ("a.chen", "Alan Chen", false),
        ("s.varga", "Sofia Varga", false),
        ("k.wu", "Kim Wu", false),
        ("r.diaz", "Rosa Díaz", false),
        ("t.okafor", "Tobe Okafor", false),
        ("h.meyer", "Hanna Meyer", false),
        ("p.novak", "Petr Novák", false),
        ("j.lind", "Johan Lind", false),
    ]
    .map(|(person, name, admin)| Person {
        id: id(person),
        name: Line::new(name),
        email: line(&format!("{person}@example.com")),
        login: line(&person.replace('.', "")),
        aliases: Vec::new(),
        phone: match person {
            "j.lind" => line("+34 600 111 222"),
            "h.meyer" => line("+34 600 111 285"),
            "p.novak" => line("+34 600 111 240"),
            _ => None,
        },
        admin,
        keys: Vec::new(),
        extra: Default::default(),
    })
    .into()
}

fn seat(person: &str, role: Role, name: Option<&str>) -> Seat {
    Seat { person: id(person), role, seat: name.map(Line::new) }
}

fn boards() -> Vec<Board> {
    let board = |name: &str, title: &str, emergency, seats| Board {
        id: id(name),
        name: Line::new(title),
        emergency,
        seats,
        delegations: Vec::new(),
        extra: Default::default(),
    };
    vec![
        board(
            "cab",
            "payments CAB",
            false,
            vec![
                seat("m.ortiz", Role::Chair, None),
                seat("a.chen", Role::Voting, None),
                seat("s.varga", Role::Voting, Some("security")),
                seat("k.wu", Role::Voting, None),
                seat("r.diaz", Role::Voting, None),
                seat("p.novak", Role::Observer, None),
            ],
        ),
        board(
            "ecab",
            "emergency board",
            true,
            vec![
                seat("m.ortiz", Role::Chair, None),
                seat("t.okafor", Role::Voting, None),
                seat("h.meyer", Role::Voting, None),
            ],
        ),
    ]
}

fn policies() -> Vec<Policy> {
    let normal =
        Condition { items: vec![ItemKind::Change], kinds: vec![Kind::Normal], ..Condition::default() };
    let base = |name: &str, when, board: &str, hours| Policy {
        when,
        board: Some(id(board)),
        deadline_hours: Some(hours),
        early_close: EarlyClose::Both,
        ..Policy::fallback(id(name))
    };
    vec![
        Policy {
            rule: VotingRule::Any,
            quorum: Quorum::Count(1),
            min_people: Some(1),
            ..base("emergency", Condition { kinds: vec![Kind::Emergency], ..Condition::default() }, "ecab", 2)
        },
        Policy {
            auto: true,
            ..Policy {
                when: Condition { kinds: vec![Kind::Standard], ..Condition::default() },
                ..Policy::fallback(id("routine"))
            }
        },
        Policy {
            mandatory: lines(&["security"]),
            ..base("high-risk", Condition { risk_at_least: Some(Risk::High), ..normal.clone() }, "cab", 72)
        },
        Policy {
            on_deadline: OnDeadline::Approve,
            ..base("by-consent", Condition { risk_at_most: Some(Risk::Low), ..normal.clone() }, "cab", 72)
        },
        base("normal", normal, "cab", 96),
        Policy {
            rule: VotingRule::Share(Fraction { num: 2, den: 3 }),
            ..base(
                "releases",
                Condition { items: vec![ItemKind::Release], ..Condition::default() },
                "cab",
                120,
            )
        },
        base("default", Condition::default(), "cab", 96),
    ]
}

fn templates(clock: &Clock) -> Vec<Template> {
    let until = |days| NaiveDate::parse_from_str(&clock.date(days), "%Y-%m-%d").ok();
    let template = |name: &str, title: &str, days| Template {
        name: Line::new(title),
        approved_until: until(days),
        locked: lines(&["rollback_plan"]),
        fields: [("rollback_plan".to_owned(), serde_json::json!(ROUTINE_ROLLBACK))].into(),
        ..Template::new(id(name))
    };
    vec![
        template("tmpl-patch", "Monthly host patch", 220),
        template("tmpl-cert", "Renew a certificate", 220),
        template("tmpl-mail", "Mail rule or mailbox move", 90),
    ]
}

/// What the board approved by a round: other alert routes.
pub fn alert_routes(clock: &Clock) -> Template {
    Template {
        name: Line::new("Change alert routes"),
        approved_until: NaiveDate::parse_from_str(&clock.date(300), "%Y-%m-%d").ok(),
        locked: lines(&["services", "rollback_plan"]),
        fields: [
            ("services".to_owned(), serde_json::json!(["grafana"])),
            ("rollback_plan".to_owned(), serde_json::json!(ROUTINE_ROLLBACK)),
            ("rollback_minutes".to_owned(), serde_json::json!(10)),
        ]
        .into(),
        required: lines(&["planned_start", "planned_end"]),
        owner: line("r.diaz"),
        review_days: Some(180),
        ..Template::new(id("tmpl-alerts"))
    }
}

/// The rollback plan that routine templates lock.
pub const ROUTINE_ROLLBACK: &str =
    "Restore the snapshot taken before the first step; confirm the health check is green.";

/// Service, class, tier, what it depends on.
const SERVICES: &[(&str, &str, u8, &[&str])] = &[
    ("sw-core", "network", 1, &[]),
    ("lb-01", "network", 1, &["sw-core"]),
    ("ep-7", "network", 2, &[]),
    ("fw-edge", "network", 1, &["sw-core"]),
    ("vpn-gw", "network", 2, &["fw-edge"]),
    ("pay-gw", "payments", 1, &["pay-db"]),
    ("pay-queue", "payments", 2, &[]),
    ("settlement", "payments", 2, &["pay-db"]),
    ("checkout", "payments", 1, &["checkout-db", "pay-gw"]),
    ("pay-db", "database", 1, &["san-1"]),
    ("checkout-db", "database", 1, &["san-1"]),
    ("orders-db", "database", 2, &["san-2"]),
    ("ledger-db", "database", 1, &["san-2"]),
    ("san-1", "storage", 1, &[]),
    ("san-2", "storage", 1, &[]),
    ("mail-01", "mail", 3, &["mail-gw"]),
    ("mail-02", "mail", 3, &["mail-gw"]),
    ("mail-gw", "mail", 2, &[]),
    ("idp", "identity", 1, &["idp-db"]),
    ("idp-db", "identity", 1, &[]),
    ("web-shop", "web", 2, &["cdn"]),
    ("cdn", "web", 2, &[]),
    ("search", "web", 3, &[]),
    ("grafana", "monitoring", 3, &[]),
    ("backup-01", "backup", 3, &[]),
    ("desktop-img", "desktop", 4, &[]),
    ("hr-portal", "hr", 4, &["idp"]),
    ("erp", "erp", 2, &["erp-db"]),
    ("erp-db", "erp", 2, &[]),
    ("dwh", "data", 3, &[]),
    ("etl", "data", 3, &["dwh"]),
    ("reports", "data", 4, &["dwh"]),
    ("pbx", "telephony", 3, &[]),
    ("ci-runner", "build", 4, &[]),
];

/// Hosts that are patched together.
pub const HOSTS: usize = 143;

/// `host-001` …
pub fn host(n: usize) -> String {
    format!("host-{:03}", n + 1)
}

fn services() -> Vec<Service> {
    let service = |name: &str, class: &str, tier, depends: &[&str]| Service {
        id: id(name),
        name: Line::default(),
        class: line(class),
        tier: Some(tier),
        depends_on: lines(depends),
        aliases: Vec::new(),
        extra: Default::default(),
    };
    let mut all: Vec<Service> =
        SERVICES.iter().map(|(name, class, tier, on)| service(name, class, *tier, on)).collect();
    all.extend((0..HOSTS).map(|n| service(&host(n), "patching", 4, &[])));
    if let Some(balancer) = all.iter_mut().find(|service| service.id == "lb-01") {
        balancer.name = "Load balancer 1".into();
        balancer.aliases = lines(&["LB01"]);
    }
    all
}

fn windows(clock: &Clock) -> Vec<Window> {
    let hosts: Vec<String> = (0..HOSTS).map(host).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let weekly = |name: &str, title: &str, services: &[&str], day: i64, from: &str, hours: i64| {
        // Anchored three weeks back so that last week's occurrences exist too.
        let start: Wall = wall(&format!("{}T{from}", clock.date(day - 21)));
        let end = start
            .local()
            .and_then(|at| at.checked_add_signed(chrono::Duration::hours(hours)))
            .map_or(start, Wall::Local);
        Window {
            rrule: line(&format!("FREQ=WEEKLY;BYDAY={}", clock.weekday(day))),
            ..window(name, WindowKind::Maintenance, title, services, start, end)
        }
    };
    vec![
        Window {
            scope: Scope {
                services: lines(&["lb-01", "sw-core"]),
                kinds: lines(&["standard", "normal", "emergency"]),
                ..Scope::default()
            },
            ..weekly("mw-net", "network maintenance", &[], 2, "22:00", 4)
        },
        weekly("mw-edge", "edge maintenance", &["ep-7", "fw-edge", "vpn-gw"], 2, "20:00", 6),
        weekly("mw-patch", "host patching", &hosts, 2, "22:00", 8),
        weekly("mw-mail", "mail maintenance", &["mail-gw"], 3, "06:00", 3),
        weekly("mw-db", "database maintenance", &["orders-db", "erp-db"], 8, "21:00", 5),
        Window {
            allow: lines(&["standard", "emergency"]),
            ..window(
                "bf-freeze",
                WindowKind::Freeze,
                "Black Friday",
                &[],
                wall(&format!("{}T18:00", clock.date(3))),
                wall(&format!("{}T08:00", clock.date(7))),
            )
        },
        Window {
            hard: false,
            extra_seat: line("security"),
            ..window(
                "month-end",
                WindowKind::Freeze,
                "month-end close",
                &["ledger-db", "settlement", "erp"],
                wall(&format!("{}T00:00", clock.date(8))),
                wall(&format!("{}T12:00", clock.date(10))),
            )
        },
        Window {
            rrule: line(&format!("FREQ=WEEKLY;BYDAY={}", clock.weekday(1))),
            ..window(
                "cab-weekly",
                WindowKind::Meeting,
                "payments CAB",
                &[],
                wall(&format!("{}T14:00", clock.date(-20))),
                wall(&format!("{}T15:00", clock.date(-20))),
            )
        },
        window(
            "rw-checkout",
            WindowKind::Release,
            "checkout releases",
            &["checkout"],
            wall(&format!("{}T18:00", clock.date(2))),
            wall(&format!("{}T00:00", clock.date(9))),
        ),
        window(
            "sprint-48",
            WindowKind::Sprint,
            "sprint 48",
            &[],
            wall(&clock.date(-3)),
            wall(&clock.date(11)),
        ),
    ]
}

fn wall(text: &str) -> Wall {
    text.parse().unwrap_or(Wall::Utc(crate::model::Instant::default()))
}

pub fn window(
    name: &str,
    kind: WindowKind,
    title: &str,
    services: &[&str],
    start: Wall,
    end: Wall,
) -> Window {
    Window {
        id: id(name),
        kind: Word::known(kind),
        name: Line::new(title),
        scope: Scope { services: lines(services), ..Scope::default() },
        start,
        end,
        zone: line("Europe/Madrid"),
        rrule: None,
        not_understood: None,
        exdates: Vec::new(),
        rdates: Vec::new(),
        hard: true,
        allow: Vec::new(),
        extra_seat: None,
        extra: Default::default(),
    }
}

/// Declared risks by word, for tables of changes.
pub fn risk(word: &str) -> Word<Risk> {
    Risk::of(word).map_or_else(Word::default, Word::known)
}
