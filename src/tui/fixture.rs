//! The story of the pictures, by hand: Monday 23 November 2026, 14:05, payments CAB, m.ortiz in the chair.
//!
//! Screens are drawn and tested from it before and without a hub. [`story`] is the snapshot, [`answer`] what a hub would
//! answer about it; week 48 has 239 activities, 200 of them on Wednesday.

mod activities;
mod answers;
mod around;
mod catalogue;
pub mod meetings;
mod night;
mod permissions;
mod plans;
mod tallies;

use std::sync::Arc;

pub use answers::answer;
pub use permissions::can;
use ratatui::buffer::Buffer;

use crate::{
    calendar::Zone,
    model::{
        Board, ConflictKey, Id, Instant, Line, Person, Policy, Role, RuleBook, RuleId, Scope, Seat, Service,
        Severity, SourceId, Span, State, Window, WindowKind, Word,
        time::{DAY, HOUR, MINUTE},
    },
    rules::conflict::{Conflict, Detail, DoubleBooked, Freeze, NotReady, NotYetApproved, ReleaseClash},
    tui::{
        glyph::{ASCII, UNICODE},
        theme::{Look, Styles},
    },
    wire::{Ack, ConflictRow, Known, Me, Snapshot, SourceHealth, SourceState},
};

/// Colours off, Unicode on: what snapshots are taken with.
pub const LOOK: Look = Look { styles: Styles::plain(), glyphs: &UNICODE };
/// Colours off, ASCII glyphs.
pub const LOOK_ASCII: Look = Look { styles: Styles::plain(), glyphs: &ASCII };

/// The zone of the story.
pub fn zone() -> Zone {
    Zone::named("Europe/Madrid").unwrap()
}

/// Monday 23 November 2026, 14:05 CET.
pub fn now() -> Instant {
    at(0, "14:05")
}

/// A local time `day` days after Monday 23 November 2026.
pub fn at(day: i64, clock: &str) -> Instant {
    let (hour, minute) = clock.split_once(':').unwrap();
    let monday: Instant = "2026-11-22T23:00:00Z".parse().unwrap();
    let (hour, minute): (i64, i64) = (hour.parse().unwrap(), minute.parse().unwrap());
    monday.plus(day * DAY + hour * HOUR + minute * MINUTE)
}

pub fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

/// The snapshot of the story.
pub fn story() -> Snapshot {
    let mut snapshot = Snapshot::empty(now());
    snapshot.seq = 2_410;
    snapshot.lineage = "story".to_owned();
    snapshot.me = Me {
        person: Some(id("m.ortiz")),
        name: Line::new("m.ortiz"),
        role: Some(Role::Chair),
        board: Some(id("cab")),
        board_name: Line::new("payments CAB"),
        admin: true,
        known: Known::Verified,
    };
    snapshot.rules = Arc::new(RuleBook { boards: boards(), policies: policies(), ..RuleBook::default() });
    snapshot.people = people().into_iter().map(|p| (p.id.clone(), Arc::new(p))).collect();
    snapshot.services = services().into_iter().map(|s| (s.id.clone(), Arc::new(s))).collect();
    snapshot.activities = activities::all().into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect();
    snapshot.releases = [activities::release()].into_iter().map(|r| (r.id.clone(), Arc::new(r))).collect();
    snapshot.windows = windows().into_iter().map(|w| (w.id.clone(), Arc::new(w))).collect();
    snapshot.conflicts = conflicts().into_iter().collect();
    snapshot.tallies = tallies::all().into_iter().map(|t| (t.id.clone(), Arc::new(t))).collect();
    snapshot.reviews_due = Arc::new(activities::REVIEWS.iter().map(|text| id(text)).collect());
    snapshot.sources = Arc::new(sources());
    snapshot.events = 1_840;
    snapshot.head = "9f2c4e8a11d07b53".into();
    snapshot.place = "~/.local/share/quorate/board.db".into();
    snapshot
}

/// The people of the boards, the chair first.
const SEATS: [(&str, &str, Role, Option<&str>); 5] = [
    ("m.ortiz", "Maya Ortiz", Role::Chair, None),
    ("a.chen", "Ada Chen", Role::Voting, None),
    ("s.varga", "Sara Varga", Role::Voting, Some("security")),
    ("k.wu", "Kai Wu", Role::Voting, None),
    ("r.diaz", "Ruben Diaz", Role::Voting, None),
];

fn boards() -> Vec<Board> {
    let seats = SEATS.iter().map(|(person, _, role, seat)| Seat {
        person: id(person),
        role: *role,
        seat: seat.map(Line::new),
    });
    let board = |name: &str, title: &str, emergency, seats: Vec<Seat>| Board {
        id: id(name),
        name: Line::new(title),
        emergency,
        seats,
        delegations: Vec::new(),
        extra: Default::default(),
    };
    let all: Vec<Seat> = seats.collect();
    vec![
        board("cab", "payments CAB", false, all.clone()),
        board("ecab", "emergency board", true, all[..3].to_vec()),
    ]
}

/// The policies the rounds were opened by.
fn policies() -> Vec<Policy> {
    ["high-risk", "emergency", "routine", "default"].map(|name| Policy::fallback(id(name))).to_vec()
}

fn people() -> Vec<Person> {
    let others = [("j.lind", "Jon Lind"), ("p.novak", "Petra Novak")];
    let person = |(name, full): (&str, &str)| Person {
        id: id(name),
        name: Line::new(full),
        email: None,
        login: Some(Line::new(&name.replace('.', ""))),
        aliases: Vec::new(),
        phone: None,
        admin: name == "m.ortiz",
        keys: Vec::new(),
        extra: Default::default(),
    };
    SEATS.iter().map(|(name, full, ..)| (*name, *full)).chain(others).map(person).collect()
}

fn services() -> Vec<Service> {
    let classes = activities::CLASSES.iter().map(|class| (format!("{class}-01"), *class, 3));
    let known = [
        ("lb-01", "network", 1),
        ("sw-core", "network", 1),
        ("ep-7", "network", 2),
        ("checkout", "payments", 1),
        ("pay-gw", "payments", 1),
        ("pay-db", "database", 1),
        ("mail-01", "mail", 3),
        ("hosts", "patching", 3),
    ];
    let known = known.into_iter().map(|(name, class, tier)| (name.to_owned(), class, tier));
    known
        .chain(classes)
        .map(|(name, class, tier)| Service {
            id: id(&name),
            name: Line::new(&name),
            class: Some(Line::new(class)),
            tier: Some(tier),
            depends_on: if name == "lb-01" { vec![Line::new("sw-core")] } else { Vec::new() },
            aliases: Vec::new(),
            extra: Default::default(),
        })
        .collect()
}

fn windows() -> Vec<Window> {
    let window = |name: &str, kind, title: &str, start: &str, end: &str| Window {
        id: id(name),
        kind: Word::known(kind),
        name: Line::new(title),
        scope: Scope::default(),
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
        zone: Some(Line::new("Europe/Madrid")),
        rrule: None,
        not_understood: None,
        exdates: Vec::new(),
        rdates: Vec::new(),
        hard: true,
        allow: Vec::new(),
        extra_seat: None,
        extra: Default::default(),
    };
    let mut net = window(
        "mw-net",
        WindowKind::Maintenance,
        "network maintenance",
        "2026-11-04T22:00",
        "2026-11-05T02:00",
    );
    net.rrule = Some(Line::new("FREQ=WEEKLY;BYDAY=WE"));
    net.scope.services = vec![Line::new("lb-01"), Line::new("sw-core")];
    let mut freeze =
        window("bf-freeze", WindowKind::Freeze, "Black Friday", "2026-11-26T18:00", "2026-11-30T08:00");
    freeze.allow = vec![Line::new("standard"), Line::new("emergency")];
    vec![net, freeze]
}

/// Four open conflicts and an acknowledged one.
fn conflicts() -> Vec<ConflictRow> {
    let row = |rule,
               a: &str,
               b: Option<&str>,
               severity,
               span: Option<(Instant, i64)>,
               path: &[&str],
               detail: Detail| {
        let minutes = span.map_or(0, |(_, minutes)| minutes);
        ConflictRow {
            conflict: Arc::new(Conflict {
                key: ConflictKey { rule, a: id(a), b: b.map(id), at: None },
                severity,
                span: span
                    .and_then(|(start, minutes)| Span::new(start, start.plus(minutes.max(1) * MINUTE)))
                    .filter(|_| minutes > 0),
                point: None,
                minutes,
                path: Arc::new(path.iter().map(|text| Line::new(text)).collect()),
                detail,
            }),
            ack: None,
        }
    };
    let (network, freeze, night) = (at(2, "22:00"), at(4, "02:00"), at(2, "23:00"));
    let missing = NotReady { rollback: true, test: false }.into();
    let mut missing = row(RuleId::C16, "CHG0030044", None, Severity::Warn, None, &["rollback plan"], missing);
    missing.ack = Some(Arc::new(Ack {
        by: Line::new("m.ortiz"),
        reason: Line::new("plan follows"),
        until: at(7, "18:00"),
    }));
    let clash = ReleaseClash { change: id("CHG0030042"), whole: None }.into();
    let frozen =
        Freeze { activity: id("CHG0030057"), reached: false, hard: true, exempt: None, seat: None }.into();
    let busy = DoubleBooked { owner: Some(Line::new("j.lind")), group: None }.into();
    let late = NotYetApproved { state: State::Authorize, start: at(0, "16:30"), meeting: None }.into();
    let (block, warn) = (Severity::Block, Severity::Warn);
    vec![
        row(RuleId::C6, "CHG0030042", Some("REL-4.2/p1"), block, Some((network, 90)), &["lb-01"], clash),
        row(RuleId::C3, "CHG0030057", Some("bf-freeze"), block, Some((freeze, 60)), &[], frozen),
        row(RuleId::C9, "CHG0030042", Some("CHG0030051"), warn, Some((night, 30)), &["j.lind"], busy),
        row(RuleId::C13, "CHG0030066", None, warn, None, &[], late),
        missing,
    ]
}

fn sources() -> Vec<SourceHealth> {
    let source = |name: &str, kind: &str, state, age: i64, records| SourceHealth {
        id: SourceId::new(name),
        kind: Line::new(kind),
        state,
        last_ok: Some(now().plus(-age)),
        down_since: None,
        error: None,
        next_retry: None,
        records,
        faults: 0,
        queued: 0,
        warnings: Vec::new(),
        progress: None,
        votes: None,
        comments: None,
        dates: (name != "servicenow").then(|| Line::new("planned dates are changed there")),
        holds: (name != "servicenow").then(|| Line::new("nothing is put on hold there")),
    };
    vec![
        source("servicenow", "board file", SourceState::Fresh, 20, 240),
        source("gitlab", "board file", SourceState::Fresh, 3 * MINUTE, 2),
        source("ics", "icalendar", SourceState::Old, 2 * HOUR, 2),
    ]
}

/// The rows of a drawn buffer, without blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let row = |y| (area.left()..area.right()).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (area.top()..area.bottom()).map(|y| row(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_story_adds_up() {
    let story = story();
    let on = |day: i64| {
        let (from, to) = (at(day, "00:00"), at(day + 1, "00:00"));
        story
            .activities
            .values()
            .filter(|row| row.when.start().is_some_and(|start| start >= from && start < to))
            .count()
    };
    assert_eq!((0..7).map(on).collect::<Vec<_>>(), [12, 9, 200, 14, 3, 1, 0]);
    assert_eq!(story.tallies.len(), 7);
    assert_eq!(story.tallies.values().filter(|tally| story.waits_for_me(tally)).count(), 3);
    assert_eq!(story.conflicts.iter().filter(|row| row.ack.is_none()).count(), 4);
    assert_eq!(story.conflicts_of(&id("CHG0030042")).len(), 2);
}
