//! What Redmine says, field by field: statuses, times, versions, and what its contract has for traps.

use super::*;

/// One issue with these fields, as it is read in the zone of Kolkata.
fn read(more: &Value) -> (Change, Vec<String>) {
    let world = Strict::start();
    let mut number = 0;
    world.with(|state| number = state.raise(more));
    let mut setup = world.setup();
    setup.zone = "Asia/Kolkata".parse().unwrap();
    setup.words.state.insert("Parked".into(), "assess".into());
    setup.fields.insert("rollback_plan".into(), "Backout".into());
    let mut reader = Reader::new(setup, SourceKind::Redmine);
    reader.read().unwrap();
    let faults = reader.faults.iter().map(|fault| format!("{}: {}", fault.place, fault.message)).collect();
    (change(&reader, &number.to_string()), faults)
}

fn field(name: &str, value: Value) -> Value {
    json!({ "id": 1, "name": name, "value": value })
}

#[test]
fn statuses_become_states() {
    for (status, closed, state, approval) in [
        ("New", false, "draft", None),
        ("CAB review", false, "authorize", Some("requested")),
        ("Approved", false, "scheduled", Some("approved")),
        ("Rejected", true, "rejected", Some("rejected")),
        ("In Progress", false, "implement", None),
        ("Resolved", false, "review", None),
        ("Closed", true, "closed", None),
        ("Parked", false, "assess", None),
        ("Shipped", true, "closed", None),
        ("Whatever", false, "unknown", None),
    ] {
        let (change, _) = read(&json!({ "status": { "id": 1, "name": status, "is_closed": closed } }));
        assert_eq!(change.state.value.word(), state, "{status}");
        assert_eq!(change.approval.map(|word| word.value.word()), approval, "{status}");
    }
}

#[test]
fn times_are_those_of_the_fields_or_whole_days_of_the_source() {
    let fields = |start: &str, end: &str| {
        json!([field("Planned Start", json!(start)), field("planned end", json!(end))])
    };
    for (row, issue, start, end, faults) in [
        (
            "with their zone",
            json!({ "custom_fields": fields("2026-12-24T22:00:00+05:30", "2026-12-24T20:00:00Z") }),
            Some("2026-12-24T16:30:00Z"),
            Some("2026-12-24T20:00:00Z"),
            0,
        ),
        (
            "in the zone of the source",
            json!({ "custom_fields": fields("2026-12-24 22:00", "2026-12-24 23:30:00") }),
            Some("2026-12-24T16:30:00Z"),
            Some("2026-12-24T18:00:00Z"),
            0,
        ),
        (
            "days in fields",
            json!({ "custom_fields": fields("2026-12-24", "2026-12-24") }),
            Some("2026-12-23T18:30:00Z"),
            Some("2026-12-24T18:30:00Z"),
            0,
        ),
        (
            "days of the issue",
            json!({ "start_date": "2026-12-24", "due_date": "2026-12-25" }),
            Some("2026-12-23T18:30:00Z"),
            Some("2026-12-25T18:30:00Z"),
            0,
        ),
        (
            "a time and a day",
            json!({ "due_date": "2026-12-24", "custom_fields": fields("2026-12-24 22:00", "") }),
            Some("2026-12-24T16:30:00Z"),
            None,
            0,
        ),
        (
            "nonsense is said",
            json!({ "start_date": "2026-12-24", "custom_fields": fields("tomorrowish", "") }),
            Some("2026-12-23T18:30:00Z"),
            None,
            1,
        ),
        ("nothing", json!({}), None, None, 0),
    ] {
        let (change, said) = read(&issue);
        let text = |at: Option<Instant>| at.map(|at| at.to_string());
        assert_eq!(text(change.planned_start).as_deref(), start, "{row}");
        assert_eq!(text(change.planned_end).as_deref(), end, "{row}");
        assert_eq!(said.len(), faults, "{row}: {said:?}");
    }
}

#[test]
fn fields_become_what_the_board_decides_by() {
    let (change, faults) = read(&json!({
        "subject": "  Upgrade \u{1b}[31mnode ", "description": "h2. Why\r\n\r\n*bold* & <b>not html</b>\r\n* item",
        "assigned_to": { "id": 9, "name": "A. Owner" }, "category": { "id": 1, "name": "payments" }, "priority": { "id": 4, "name": "Urgent" },
        "fixed_version": { "id": 12, "name": "26.12" },
        "relations": [{ "id": 1, "issue_id": 2, "issue_to_id": 9, "relation_type": "precedes", "delay": null },
            { "id": 2, "issue_id": 9, "issue_to_id": 3, "relation_type": "blocks" }, { "id": 3, "issue_id": 4, "issue_to_id": 9, "relation_type": "relates" }],
        "custom_fields": [field("Change Type", json!("Emergency")), field("risk", json!("Medium")), field("Impact", json!("Critical")),
            field("Backout", json!("# stop\r\n# go back")), field("Environment", json!("production")), field("Unused", Value::Null)],
    }));
    assert_eq!(faults, Vec::<String>::new());
    assert!(!change.title.contains('\u{1b}') && change.title.starts_with("Upgrade"), "{:?}", change.title);
    assert_eq!(change.description.as_str(), "Why\n\nbold & <b>not html</b>\n- item");
    assert_eq!(
        (change.kind.value.word(), change.risk.value.word(), change.impact.value.word()),
        ("emergency", "moderate", "very_high")
    );
    assert_eq!(change.rollback_plan.as_str(), "1. stop\n1. go back");
    assert_eq!(change.owner.unwrap().as_str(), "A. Owner");
    assert_eq!(change.services.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["payments"]);
    assert_eq!(change.after, [Id::constant("redmine:2")]);
    assert_eq!(change.release, Some(Id::constant("redmine:version-12")));
    assert_eq!(change.extra["priority"], "Urgent");
    assert!(change.url.unwrap().ends_with("/issues/9"));
    let (change, _) = read(&json!({ "custom_fields": [field("Affected Services", json!("a, b; c"))] }));
    assert_eq!(change.services.len(), 3);
}

#[test]
fn versions_become_releases_of_a_day() {
    let world = Strict::start();
    world.with(|state| {
        state.versions = vec![
            json!({ "id": 1, "name": "26.12", "status": "locked", "due_date": "2026-12-15", "description": "December", "updated_on": stamp() }),
            json!({ "id": 2, "name": "later", "status": "open", "due_date": null }),
            json!({ "id": "three", "name": "broken" }),
            json!({ "id": 4, "name": "past", "status": "closed", "due_date": "garbage" }),
        ];
    });
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    let release = |native: &str| -> Release {
        let id = Id::new(&format!("redmine:version-{native}")).unwrap();
        match &reader.known[&(RecordKind::Release, id)].record {
            Record::Release(release) => (**release).clone(),
            other => panic!("{other:?}"),
        }
    };
    let (one, two, four) = (release("1"), release("2"), release("4"));
    assert_eq!((one.name.as_str(), one.state.value.word()), ("26.12", "test"));
    assert_eq!(one.phases[0].start.unwrap().to_string(), "2026-12-15T00:00:00Z");
    assert_eq!(one.phases[0].end.unwrap().to_string(), "2026-12-16T00:00:00Z");
    assert!(two.phases.is_empty() && four.phases.is_empty());
    assert_eq!((two.state.value.word(), four.state.value.word()), ("planning", "closed"));
    assert_eq!(reader.faults.len(), 1, "{:?}", reader.faults);
    assert!(reader.faults[0].message.contains("left out"));
}

#[test]
fn a_broken_issue_hides_no_other() {
    let world = Strict::start();
    world.with(|state| {
        state.raise(&json!({ "subject": 7 }));
    });
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    assert_eq!(reader.known.keys().filter(|(kind, _)| *kind == RecordKind::Change).count(), 8);
    assert!(reader.faults.iter().any(|fault| fault.place == "issue 9"), "{:?}", reader.faults);
}

#[test]
fn a_tracker_is_looked_up_by_its_name() {
    let world = Strict::start();
    world.with(|state| {
        state.raise(&json!({ "tracker": { "id": 5, "name": "Bug" } }));
    });
    let mut setup = world.setup();
    setup.options.insert("tracker".into(), "bug".into());
    let mut reader = Reader::new(setup.clone(), SourceKind::Redmine);
    reader.read().unwrap();
    assert_eq!(reader.known.len(), 1);
    setup.options.insert("tracker".into(), "Feature".into());
    let error = Reader::new(setup, SourceKind::Redmine).read().unwrap_err();
    assert!(error.message.contains("Change, Bug"), "{error}");
}

#[test]
fn settings_that_cannot_work_say_so() {
    let world = Strict::start();
    for (row, change, want) in [
        (
            "no project",
            Box::new(|setup: &mut Setup| setup.select = None) as Box<dyn Fn(&mut Setup)>,
            "select",
        ),
        (
            "a project with a query in it",
            Box::new(|setup| setup.select = Some("x&status_id=1".into())),
            "identifier",
        ),
        (
            "a page too large",
            Box::new(|setup| drop(setup.options.insert("page_size".into(), "500".into()))),
            "page_size",
        ),
        (
            "an unknown option",
            Box::new(|setup| drop(setup.options.insert("trackers".into(), "x".into()))),
            "trackers",
        ),
        (
            "an unknown markup",
            Box::new(|setup| drop(setup.options.insert("markup".into(), "rst".into()))),
            "markup",
        ),
    ] {
        let mut setup = world.setup();
        change(&mut setup);
        let error = system::build(SourceKind::Redmine, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
    let mut setup = world.setup();
    setup.select = Some("nowhere".into());
    let error = Reader::new(setup, SourceKind::Redmine).read().unwrap_err();
    assert!(error.message.contains("\"nowhere\"") && error.message.contains("select"), "{error}");
}

#[test]
fn what_redmine_says_against_a_note_is_told() {
    let world = Strict::start();
    let mut source = system::build(SourceKind::Redmine, world.setup()).unwrap();
    for (row, reply, want) in [
        ("a right is missing", Reply::empty(403), "right to add notes"),
        ("somebody else saved", Reply::json(422, &json!({ "errors": [] })), "meanwhile"),
        (
            "a field is wrong",
            Reply::json(422, &json!({ "errors": ["Subject cannot be blank"] })),
            "cannot be blank",
        ),
        ("it is gone", Reply::empty(404), "not there any more"),
    ] {
        let write = decision("1", Some(true));
        world.fake().fault(Asked::is_write, Fault::Instead(reply));
        let pushed = crate::conformance::run(source.push(&write));
        let quorate::source::Pushed::Refused(words) = pushed else { panic!("{row}: {pushed:?}") };
        assert!(words.contains(want), "{row}: {words}");
    }
}

#[test]
fn a_decision_brings_the_status_that_the_settings_name() {
    let status = |id: u64, name: &str| json!({ "status": { "id": id, "name": name, "is_closed": false } });
    let none = |_: &mut State| {};
    let old = |state: &mut State| state.is_old = true;
    // What is configured, what the issue is, what is decided: the status after, notes, and the words.
    type Row = (
        &'static str,
        bool,
        Value,
        fn(&mut State),
        Option<bool>,
        &'static str,
        Result<&'static str, &'static str>,
    );
    let rows: [Row; 9] = [
        ("approved", true, json!({}), none, Some(true), "Approved", Ok("status Yes")),
        ("rejected", true, json!({}), none, Some(false), "Rejected", Ok("status Rejected")),
        ("deferred: a note alone", true, json!({}), none, None, "CAB review", Ok("note")),
        ("nothing configured: a note alone", false, json!({}), none, Some(true), "CAB review", Ok("note")),
        ("there already", true, status(8, "Approved"), none, Some(true), "Approved", Ok("status Yes")),
        (
            "further already",
            true,
            status(5, "In Progress"),
            none,
            Some(true),
            "In Progress",
            Err("not moved back"),
        ),
        ("the workflow forbids it", true, status(1, "New"), none, Some(true), "New", Err("workflow")),
        (
            "one that tells nothing, and ignores it",
            true,
            status(1, "New"),
            old,
            Some(true),
            "New",
            Err("left the status"),
        ),
        (
            "nobody knows what it means",
            true,
            status(6, "Parked"),
            none,
            Some(true),
            "Parked",
            Err("map.state"),
        ),
    ];
    for (row, configured, issue, more, approved, after, want) in rows {
        let world = Strict::start();
        let mut number = 0;
        world.with(|state| {
            number = state.raise(&issue);
            more(state);
        });
        let mut setup = world.setup();
        if configured {
            setup.options.insert("approved".into(), "APPROVED".into());
            setup.options.insert("rejected".into(), "Rejected".into());
        }
        let mut source = system::build(SourceKind::Redmine, setup).unwrap();
        let native = number.to_string();
        let write = decision(&native, approved);
        let mut pushed = crate::conformance::run(source.push(&write));
        for round in 0..2 {
            match (&pushed, want) {
                (quorate::source::Pushed::Accepted(words), Ok(part)) => {
                    assert!(words.contains(&part.replace("Yes", "APPROVED")), "{row}: {words}");
                }
                (quorate::source::Pushed::Refused(words), Err(part)) => {
                    assert!(words.contains("the note is there") && words.contains(part), "{row}: {words}");
                }
                other => panic!("{row}, {round}: {other:?}"),
            }
            world.with(|state| assert_eq!(state.issues[&number]["status"]["name"], after, "{row}"));
            assert_eq!(world.notes(&native).len(), 1, "{row}: one note");
            pushed = crate::conformance::run(source.push(&write));
        }
    }
}

#[test]
fn a_status_that_is_not_there_is_told_before_the_first_decision() {
    let world = Strict::start();
    let mut setup = world.setup();
    setup.options.insert("approved".into(), "Aproved".into());
    let error = Reader::new(setup, SourceKind::Redmine).read().unwrap_err();
    assert!(error.message.contains("\"Aproved\"") && error.message.contains("Approved, Rejected"), "{error}");
}
