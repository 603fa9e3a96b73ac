//! The adapter of iTop against a fake that answers 200 to everything, as the real one does, and knows its lifecycle.

mod fake;
mod incidents;
mod real;

use self::fake::{Change, FALLBACK, Server, ZONE, answer, may_not, operation, said, wall};
use crate::world::*;

type Itop = Served<Server>;

impl World for Itop {
    const KIND: SourceKind = SourceKind::Itop;

    fn start() -> Self {
        let change = |id: u64| Change {
            id,
            class: match id {
                3 => "RoutineChange",
                4 => "EmergencyChange",
                _ => "NormalChange",
            },
            title: format!("Change {id}"),
            status: "plannedscheduled",
            manager: if id == 2 { "member@cab.test" } else { "chair@cab.test" },
            description: "<p>Upgrade &amp; restart <b>node 1</b>\u{1b}[31m</p>",
            moved: now() - 86_400 + i64::try_from(id).unwrap(),
            approval: String::new(),
            reason: String::new(),
            log: Vec::new(),
        };
        let server = Server { changes: (1..14).map(change).collect(), php: ZONE.1, ..Server::default() };
        Self::new(server, answer)
    }

    fn setup(&self) -> Setup {
        let mut setup = self.paged("itop", password("bot", "bot-pw"), 5);
        setup.zone = Zone::named(ZONE.0).unwrap();
        setup.options.insert("votes".into(), "named".into());
        setup
    }

    fn chair(&self) -> Person {
        Person { login: password("chair", "chair-pw"), names: &["chair", "chair@cab.test"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        self.state().changes.iter().map(|one| one.id.to_string()).collect()
    }

    fn create(&self) -> String {
        let changes = &mut self.state().changes;
        let id = changes.iter().map(|one| one.id).max().unwrap() + 1;
        let one = Change { id, moved: now(), ..changes[0].clone() };
        changes.push(one);
        id.to_string()
    }

    fn edit(&self, native: &str, title: &str) {
        self.with(native, |one| (one.title, one.moved) = (title.to_owned(), now()));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().changes.retain(|one| one.id.to_string() != native);
        true
    }

    fn run(&self) -> Option<Run> {
        self.with("5", |one| one.status = "approved");
        Some(Run {
            options: &[("started", "implemented"), ("ended", "monitored")],
            ready: "5".into(),
            statuses: ["implemented", "monitored"],
            refused: ("6".into(), "implemented", "allows nothing"),
        })
    }

    fn status(&self, native: &str) -> String {
        let mut status = "";
        self.with(native, |one| status = one.status);
        status.to_owned()
    }

    fn votable(&self) -> Option<String> {
        Some("1".into())
    }

    fn not_mine(&self) -> Option<String> {
        Some("2".into())
    }

    fn decided_elsewhere(&self, native: &str) {
        self.with(native, |one| (one.status, one.reason) = ("notapproved", "no".to_owned()));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let mut answer = None;
        self.with(native, |one| {
            answer = match one.status {
                "approved" => Some(ApprovalAnswer::Approved),
                "notapproved" => Some(ApprovalAnswer::Rejected),
                _ => None,
            };
        });
        answer
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let mut notes = Vec::new();
        self.with(native, |one| notes = one.log.iter().map(|(_, text)| text.clone()).collect());
        notes
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.with(native, |one| {
            one.log.push(("member".into(), text.to_owned()));
            one.moved = now();
        });
        Some(())
    }

    fn writes(asked: &Asked) -> bool {
        operation(asked).is_some_and(|operation| operation["operation"] != "core/get")
    }

    fn page(asked: &Asked) -> bool {
        operation(asked).is_some_and(|operation| operation["key"].is_string())
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "code": 0, "message": "Found: 0", "objects": null }))
    }
}

impl Itop {
    fn with(&self, native: &str, act: impl FnOnce(&mut Change)) {
        act(self.state().changes.iter_mut().find(|one| one.id.to_string() == native).unwrap());
    }

    fn read(&self, setup: Setup) -> Reader {
        Reader::round(setup, SourceKind::Itop)
    }
}

conforms!(Itop, Reply::json(200, &json!({ "code": 0, "message": null, "objects": null })));

#[test]
fn a_change_is_read_with_its_window_outage_and_items() {
    let world = Itop::start();
    let reader = world.read(world.setup());
    let change = reader.change("4");
    for (row, found, want) in [
        ("kind", change.kind.value.to_string(), "emergency"),
        ("state", change.state.value.to_string(), "authorize"),
        ("words", change.description.to_string(), "Upgrade & restart node 1"),
        ("start in its zone", change.planned_start.unwrap().to_string(), "2026-12-02T16:30:00Z"),
        ("outage", change.outage.clone().unwrap().end.to_string(), "2026-12-02T18:00:00Z"),
        ("items, those it does not touch left out", format!("{:?}", change.services), "[\"db01\"]"),
        ("when the ticket was closed is no end of the work", format!("{:?}", change.actual_end), "None"),
        ("and is kept", change.extra.get("close_date").unwrap().to_string(), "\"2026-12-04 09:00:00\""),
        ("the text of the impact", change.extra.get("impact").unwrap().to_string(), "\"node 4 down\""),
        ("which is no word that somebody forgot to map", format!("{:?}", change.impact.raw()), "None"),
        ("its own reference", change.extra.get("ref").unwrap().to_string(), "\"C-000004\""),
        ("owner by the whole name", change.owner.clone().unwrap().to_string(), "Imp Tester"),
        ("who told of it", change.requester.clone().unwrap().to_string(), "Ana Ruiz"),
        (
            "all that is known of the owner",
            format!("{:?}", change.people.last().unwrap().native),
            "Some(\"42\")",
        ),
        ("fallback, plain text", change.rollback_plan.to_string(), FALLBACK),
        ("risk, of which there is none", change.risk.value.to_string(), "unknown"),
        ("a blank name is none", format!("{:?}", change.group), "None"),
    ] {
        assert_eq!(found, want, "{row}");
    }
    let routine = reader.change("3");
    let told = (
        routine.kind.value.to_string(),
        routine.state.value.to_string(),
        routine.approval.clone().unwrap().value.to_string(),
    );
    assert_eq!(told, ("standard".into(), "scheduled".into(), "not_required".into()));
    let asked =
        reader.asked("4").into_iter().map(|asked| format!("{} {}", asked.approver, asked.answer.value));
    let asked: Vec<String> = asked.collect();
    assert_eq!(
        (asked, reader.of_kind(RecordKind::Approval).len()),
        (vec!["chair@cab.test requested".to_owned()], 12)
    );
}

#[test]
fn votes_are_sent_only_where_the_settings_say_so_and_only_by_the_named_approver() {
    let world = Itop::start();
    world.with("5", |one| one.status = "approved");
    let basic = |user: &str| password(user, &format!("{user}-pw"));
    for (row, native, login, votes, want) in [
        ("not by default", "1", basic("chair"), "no", "does not check who approves"),
        ("somebody else's account", "1", basic("member"), "named", "the account of member"),
        ("a token of nobody", "1", bearer("bot-token"), "named", "whose token"),
        ("somebody else's token", "1", bearer("member-token"), "named", "the account of member@cab.test"),
        ("another approver", "2", basic("chair"), "named", "by member@cab.test, not by you"),
        ("a routine change", "3", basic("chair"), "named", "waits for no approval"),
        ("approved", "5", basic("chair"), "named", "it is approved"),
        ("not there", "777", basic("chair"), "named", "not there"),
    ] {
        let mut setup = Setup { me: Some(login), ..world.setup() };
        setup.options.insert("votes".into(), votes.into());
        let mut reader = Reader::new(setup, SourceKind::Itop);
        let write = reader.write(&world, native, 7, What::Vote { approve: true, comment: None });
        let pushed = reader.push(&write);
        let (Pushed::Refused(words) | Pushed::Ours(words)) = &pushed else { panic!("{row}: {pushed:?}") };
        assert!(words.contains(want), "{row}: {words}");
    }
    let mut reader = Reader::voting(&world);
    let words = Prose::new("no rollback");
    let write = reader.write(&world, "4", 8, What::Vote { approve: false, comment: Some(words) });
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    assert_eq!(world.answer("4"), Some(ApprovalAnswer::Rejected));
}

#[test]
fn the_approver_is_known_by_number_where_there_is_no_address_and_a_token_by_who_it_is() {
    let world = Itop::start();
    world.state().changes.iter_mut().filter(|one| one.id > 5).for_each(|one| one.manager = "");
    let mut names = world.chair().names.to_vec();
    names.push("Chair of the board");
    for (native, login) in [("6", password("chair", "chair-pw")), ("7", bearer("chair-token"))] {
        let mut reader = Reader::new(Setup { me: Some(login), ..world.setup() }, SourceKind::Itop);
        let mut write = reader.vote(&world, native, true, "fine");
        write.known_as = names.iter().map(|name| quorate::model::Line::new(name)).collect();
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{native}: {pushed:?}");
    }
    let mut member =
        Reader::new(Setup { me: Some(password("member", "member-pw")), ..world.setup() }, SourceKind::Itop);
    let mut write = member.vote(&world, "8", true, "fine");
    write.known_as = vec![quorate::model::Line::new("member@cab.test")];
    let pushed = member.push(&write);
    assert!(matches!(&pushed, Pushed::Ours(words) if words.contains("not by you")), "{pushed:?}");
}

#[test]
fn links_keep_their_address_and_no_test_plan_is_missed() {
    let world = Itop::start();
    world.with("5", |one| {
        one.description = "<p>See <a href=\"https://wiki.test/r?a=1&amp;b=2\">the runbook</a></p>"
    });
    let reader = world.read(world.setup());
    let change = reader.change("5");
    assert_eq!(change.description.to_string(), "See the runbook (https://wiki.test/r?a=1&b=2)");
    assert!(change.no_test_plan_field && !change.lacks_test_plan());
}

#[test]
fn plain_words_of_a_decision_keep_their_brackets() {
    let world = Itop::start();
    let words = "ok if List<T> & <node 2> are up";
    world.with("5", |one| (one.status, one.approval) = ("approved", words.to_owned()));
    world.with("6", |one| (one.status, one.reason) = ("notapproved", words.to_owned()));
    let reader = world.read(world.setup());
    for native in ["5", "6"] {
        assert_eq!(reader.asked(native)[0].comment.as_str(), words, "{native}");
        assert_eq!(reader.change(native).reason.as_str(), "", "why it was rejected is no reason for it");
    }
}

#[test]
fn words_of_a_vote_are_cut_to_what_the_fields_take() {
    let long = "wörds 日本 ".repeat(100);
    for (native, approve) in [("5", true), ("6", false)] {
        let world = Itop::start();
        let mut reader = Reader::voting(&world);
        let write = reader.vote(&world, native, approve, &long);
        for _ in 0..2 {
            let pushed = reader.push(&write);
            assert!(matches!(pushed, Pushed::Accepted(_)), "{native}: {pushed:?}");
        }
        world.with(native, |one| {
            let words = if approve { &one.approval } else { &one.reason };
            assert!(words.contains(&write.marker()) && words.chars().count() <= 255, "{native}: {words}");
        });
    }
}

/// Of the simple module: one class, one manager, no words of an approval but in the log.
#[test]
fn changes_of_the_simple_module_are_decided_by_their_manager() {
    for approve in [true, false] {
        let world = Itop::having(|server| {
            let one = &mut server.changes[4];
            (one.class, one.status) = ("Change", "planned");
        });
        let reader = world.read(world.setup());
        let change = reader.change("5");
        assert_eq!(
            (change.kind.value.to_string(), change.state.value.to_string()),
            ("normal".into(), "authorize".into())
        );
        assert_eq!(
            (reader.asked("5")[0].approver.as_str(), change.rollback_plan.as_str()),
            ("chair@cab.test", FALLBACK)
        );
        let mut reader = Reader::voting(&world);
        let write = reader.vote(&world, "5", approve, &"words <b> & more ".repeat(40));
        world.fake().fault(Itop::writes, Fault::DoneThenCut);
        let first = reader.push(&write);
        assert!(matches!(first, Pushed::Accepted(_) | Pushed::Unknown(_)), "{first:?}");
        let again = reader.push(&write);
        assert!(matches!(again, Pushed::Accepted(_)), "{again:?}");
        world.with("5", |one| {
            assert_eq!(one.status, if approve { "approved" } else { "rejected" });
            let found = one.log.iter().filter(|(_, text)| text.contains(&write.marker())).count();
            assert_eq!((found, one.reason.contains(&write.marker())), (usize::from(approve), !approve));
        });
        world.with("5", |one| (one.status, one.reason) = ("rejected", "no <b> & c".to_owned()));
        let mut reader = world.read(world.setup());
        assert_eq!(reader.asked("5")[0].comment.as_str(), "no <b> & c");
        let write = reader.write(&world, "5", 9, What::Comment { text: Prose::new("after it") });
        assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    }
}

#[test]
fn of_two_people_with_one_name_each_decides_their_own() {
    let world = Itop::start();
    world.state().changes.iter_mut().for_each(|one| one.manager = "");
    let mut reader = Reader::voting(&world);
    // The manager of the second is the member, whose name the chair has as well.
    let mut write = reader.vote(&world, "2", true, "fine");
    write.known_as.push(quorate::model::Line::new("Chair Tester"));
    let pushed = reader.push(&write);
    assert!(
        matches!(&pushed, Pushed::Ours(words) if words.contains("Chair Tester, not by you")),
        "{pushed:?}"
    );
}

#[test]
fn who_may_not_read_persons_votes_by_the_name_of_their_user() {
    let world = Itop::having(|server| server.blind = "chair");
    let mut reader = Reader::voting(&world);
    let write = reader.vote(&world, "5", true, "fine");
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
}

#[test]
fn codes_count_and_not_the_status() {
    for (code, message, want) in [
        (1, "Error: Invalid login", "refuses these credentials: Error: Invalid login (code 1)"),
        (
            1,
            "The current user does not have enough permissions for exporting data of class Change",
            "of class Change (code 1); give the account a profile that may",
        ),
        (
            100,
            "Error: Query failed: Unknown filter code - found 'foo', expecting {finalclass, friendlyname, title}, I would suggest",
            "found 'foo' (code 100)",
        ),
        (
            100,
            "Error: reason : String too long (found 300): issues = {0=>reason : String too long}, class = NormalChange",
            "Error: reason : String too long (found 300) (code 100)",
        ),
        (13, "Error: page", "Error: page (code 13)"),
        (100, "Error: OQL \u{1b}[31m", "Error: OQL (code 100)"),
    ] {
        let world = Itop::start();
        world.fake().fault(Itop::page, Fault::Instead(said(code, message)));
        let error = Reader::new(world.setup(), SourceKind::Itop).read().unwrap_err();
        assert!(error.message.contains(want), "{code}: {error}");
    }
}

#[test]
fn no_edit_is_lost_whatever_its_two_clocks_and_the_zone_of_the_settings_are() {
    let hour = 3600;
    // name; PHP's clock, the database's, in hours ahead of UTC; the zone of the settings; words of the warning
    let cases = [
        ("one clock", 1, 1, "Etc/GMT-1", ""),
        ("the database an hour ahead", 1, 2, "Etc/GMT-1", ""),
        ("the database an hour behind", 1, 0, "Etc/GMT-1", ""),
        ("the database half a day ahead", -5, 9, "Etc/GMT+5", ""),
        ("the settings are ahead of PHP", 0, 0, "Etc/GMT-3", "180 minutes or more behind"),
        ("the settings are behind PHP", 3, 0, "Etc/GMT", "minutes ahead of its clock"),
    ];
    for (name, php, db, zone, told) in cases {
        let world = Itop::having(|server| (server.php, server.db) = (php * hour, db * hour));
        let mut reader =
            Reader::new(Setup { zone: Zone::named(zone).unwrap(), ..world.setup() }, SourceKind::Itop);
        reader.read().unwrap();
        for (at, native) in ["3", "7", "5", "3"].iter().enumerate() {
            // Each a little later than the one before, as clocks go.
            let at = i64::try_from(at).unwrap();
            world.with(native, |one| (one.title, one.moved) = (format!("Edit {at}"), now() + at));
            reader.warnings.clear();
            reader.read().unwrap();
            assert_eq!(reader.title(native), format!("Edit {at}"), "{name}");
        }
        let off: Vec<_> = reader.warnings.iter().filter(|words| words.contains("zone")).collect();
        assert_eq!(off.is_empty(), told.is_empty(), "{name}: {off:?}");
        assert!(off.iter().all(|words| words.contains(told)), "{name}: {off:?}");
        assert!(
            !reader.warnings.iter().any(|words| words.contains("older than asked")),
            "{name}: {:?}",
            reader.warnings
        );
    }
}
