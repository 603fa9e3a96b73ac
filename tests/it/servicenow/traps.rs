//! What ServiceNow's own contract asks for: labels, schedules, ignored queries, missing tables, votes.

use quorate::{
    model::{Instant, Outcome, Risk, State},
    source::Point,
};

use super::*;

#[test]
fn a_change_is_read_by_value_and_shown_by_label() {
    let world = Snow::start();
    world.set(
        "CHG0003",
        json!({
            "state": ["0", "Durchsicht"], "risk": ["2", "High"], "type": ["emergency", "Emergency"], "cmdb_ci": ["ci1", "edge-1"],
            "close_code": ["successful_issues", "Successful with issues"], "start_date": ["2026-03-04 22:00:00", "03/04/2026 11:00 PM"],
            "end_date": "2026-03-05 00:00:00", "requested_by": ["u9", "Ana Ruiz"], "requested_by.email": "ana@example.com",
            "assigned_to": ["u8", "Lee Kim"], "assigned_to.user_name": "lee.kim", "assignment_group": ["g1", "Network"],
            "backout_plan": "put it back\nthen check", "u_minutes": "45", "approval": ["approved", "Approved"],
            "conflict_status": "Conflict",
        }),
    );
    {
        let mut state = world.state();
        let mut add = |table: &str, fields: Value| state.get_mut(table).unwrap().push(row(fields));
        add("task_ci", json!({ "sys_id": "t1", "task": "c003", "ci_item": ["ci2", "core-switch"] }));
        add("task_ci", json!({ "sys_id": "t2", "task": "c003", "ci_item": ["ci1", "edge-1"] }));
        add(
            "rm_m2m_release_task",
            json!({ "sys_id": "m1", "task": "c003", "release": "r1", "release.number": "REL7" }),
        );
        add(
            "conflict",
            json!({ "sys_id": "x1", "change": "c003", "type": ["blackout", "Blackout"], "conflicting_change": "" }),
        );
        add(
            "rm_release",
            json!({ "sys_id": "r1", "number": "REL7", "short_description": "Edge 7", "state": ["10", "Work"],
            "start_date": "2026-03-01 08:00:00", "end_date": "2026-03-08 08:00:00", "sys_updated_on": stamp(5000) }),
        );
        add(
            "cmdb_rel_ci",
            json!({ "sys_id": "e1", "parent": ["ci1", "edge-1"], "child": ["ci2", "core-switch"], "type.name": "Depends on::Used by" }),
        );
        add(
            "cmdb_rel_ci",
            json!({ "sys_id": "e2", "parent": ["ci1", "edge-1"], "child": ["ci3", "dns"], "type.name": "Depends on::Used by" }),
        );
        add(
            "cmdb_rel_ci",
            json!({ "sys_id": "e3", "parent": ["ci1", "edge-1"], "child": ["ci4", "rack"], "type.name": "Located in" }),
        );
        add(
            "cmdb_rel_ci",
            json!({ "sys_id": "e4", "parent": ["ci5", "web"], "child": ["ci1", "edge-1"], "type.name": "Depends on::Used by" }),
        );
    }
    let mut setup = world.setup();
    setup.fields.insert("rollback_minutes".into(), "u_minutes".into());
    let reader = Reader::round(setup, SourceKind::Servicenow);
    let change = reader.change("CHG0003");
    assert_eq!((change.state.value, change.state.raw()), (State::Review, Some("Durchsicht")));
    assert_eq!(
        (change.risk.value, change.outcome.as_ref().unwrap().value),
        (Risk::High, Outcome::SuccessfulWithIssues)
    );
    assert_eq!(change.planned_start.unwrap().to_string(), "2026-03-04T22:00:00Z");
    assert_eq!(change.requester.as_deref(), Some("ana@example.com"));
    assert_eq!((change.owner.as_deref(), change.group.as_deref()), (Some("lee.kim"), Some("Network")));
    assert_eq!(
        change.services.iter().map(|line| line.as_str()).collect::<Vec<_>>(),
        ["edge-1", "core-switch"]
    );
    assert_eq!(
        (change.rollback_minutes, change.rollback_plan.as_str()),
        (Some(45), "put it back\nthen check")
    );
    assert_eq!(change.release.as_ref().unwrap(), &"snow:REL7");
    assert_eq!(change.extra["conflicts"], json!(["Blackout"]));
    assert!(change.url.as_ref().unwrap().ends_with("/change_request.do?sys_id=c003"));
    let Record::Release(release) = reader.of_kind(RecordKind::Release)[0] else { panic!() };
    assert_eq!(release.phases[0].end.unwrap().to_string(), "2026-03-08T08:00:00Z");
    let services: Vec<(String, Vec<String>)> = reader
        .of_kind(RecordKind::Service)
        .into_iter()
        .map(|record| match record {
            Record::Service(service) => {
                (service.name.to_string(), service.depends_on.iter().map(ToString::to_string).collect())
            }
            _ => panic!(),
        })
        .collect();
    let want = [
        ("core-switch", vec![]),
        ("dns", vec![]),
        ("edge-1", vec!["core-switch", "dns"]),
        ("web", vec!["edge-1"]),
    ];
    let want =
        want.map(|(name, on)| (name.to_owned(), on.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(services, want);
    // Nothing of what this account may not see, and nothing said about it.
    assert_eq!(reader.of_kind(RecordKind::Approval).len(), 3);
    assert_eq!(reader.faults, []);
}

#[test]
fn a_query_that_would_be_ignored_is_refused() {
    let world = Snow::start();
    for (row, select, want) in [
        ("a field there is", "active=true^ORstate=-3", None),
        ("a typo", "activ=true", Some("names activ,")),
        ("a typo behind OR", "active=true^ORstat=-3^ORDERBYnumber", Some("names stat,")),
    ] {
        let setup = Setup { select: Some(select.into()), ..world.setup() };
        let read = Reader::new(setup, SourceKind::Servicenow).read();
        match (want, read) {
            (None, read) => assert_eq!(read, Ok(()), "{row}"),
            (Some(words), read) => {
                let error = read.unwrap_err();
                assert!(error.message.contains(words), "{row}: {error}");
            }
        }
    }
    let narrow = Setup { select: Some("number=CHG0002".into()), ..world.setup() };
    let mut reader = Reader::new(narrow, SourceKind::Servicenow);
    world.say("CHG0001", "not selected");
    world.say("CHG0002", "selected");
    reader.read().unwrap();
    assert_eq!(reader.of_kind(RecordKind::Comment).len(), 1, "what is said about others is left out");
    assert_eq!(reader.of_kind(RecordKind::Approval).len(), 1);
}

#[test]
fn settings_that_cannot_work_are_said_at_once() {
    let world = Snow::start();
    for (row, option, value, want) in [
        ("unknown option", "pagesize", "3", "pagesize is no option"),
        ("no number", "page_size", "many", "page_size must be a number from 1 to 1000"),
        ("no word", "notes", "secret", "notes must be one of work_notes, comments"),
    ] {
        let mut setup = world.setup();
        setup.options.insert(option.into(), value.into());
        let error = quorate::source::system::build(SourceKind::Servicenow, setup).err().unwrap().to_string();
        assert!(error.contains(want) && error.contains("sources.snow.options"), "{row}: {error}");
    }
    let setup = Setup { select: Some("active=true^NQstate=1".into()), ..world.setup() };
    assert!(
        quorate::source::system::build(SourceKind::Servicenow, setup)
            .err()
            .unwrap()
            .to_string()
            .contains("^NQ")
    );
}

#[test]
fn an_answer_that_stopped_in_its_middle_is_no_answer() {
    let world = Snow::start();
    let cancelled = json!({ "result": [], "error": { "message": "Transaction cancelled: maximum execution time exceeded" } });
    world.fake().fault(Snow::page, Fault::Instead(Reply::json(200, &cancelled)));
    let error = Reader::of(&world).read().unwrap_err();
    assert!(error.message.contains("maximum execution time"), "{error}");
}

#[test]
fn what_an_instance_lacks_or_forbids_is_said() {
    let world = Snow::having(|tables| {
        for absent in ["rm_release", "rm_m2m_release_task", "cmn_schedule_condition", "cmdb_rel_ci"] {
            tables.remove(absent);
        }
        let forbidden = |id: &str| row(json!({ "sys_id": id, "_forbidden": "" }));
        tables.insert("task_ci".into(), vec![forbidden("t")]);
    });
    let reader = world.read();
    assert_eq!(reader.natives(), world.changes(), "an instance without plug-ins");
    assert_eq!(reader.faults.len(), 1, "said once, not for every page: {:?}", reader.faults);
    assert!(reader.faults[0].message.contains("task_ci"), "{:?}", reader.faults);
    let forbidden = row(json!({ "sys_id": "j", "_forbidden": "" }));
    world.state().insert("sys_journal_field".into(), vec![forbidden]);
    let error = Reader::of(&world).read().unwrap_err();
    assert!(error.message.contains("options.comments = \"no\""), "{error}");
    let mut setup = world.setup();
    setup.options.insert("comments".into(), "no".into());
    Reader::round(setup, SourceKind::Servicenow);
}

#[test]
fn a_rejection_has_words_and_an_api_key_its_header() {
    let world = Snow::start();
    let mut setup = world.setup();
    setup.options.insert("auth".into(), "api_key".into());
    setup.login = bearer("pw-q");
    setup.me = Some(bearer("pw-m"));
    let mut reader = Reader::round(setup, SourceKind::Servicenow);
    let write = reader.write(&world, "CHG0001", 9, What::Vote { approve: false, comment: None });
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(world.answer("CHG0001"), Some(ApprovalAnswer::Rejected));
    assert!(world.fake().seen().iter().all(|asked| asked.header("authorization").is_none()));
    // With a credential that is somebody else's, nothing is sent.
    let world = Snow::start();
    let other = password("someone", "pw-s");
    let mut reader = Reader::new(Setup { me: Some(other), ..world.setup() }, SourceKind::Servicenow);
    let vote = What::Vote { approve: true, comment: Some(Prose::new("ok")) };
    let write = reader.write(&world, "CHG0001", 10, vote);
    let pushed = reader.push(&write);
    assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("nothing was sent")), "{pushed:?}");
    assert!(world.fake().seen().iter().all(|asked| !asked.is_write()));
}

#[test]
fn a_journal_entry_between_code_marks_is_html() {
    let world = Snow::start();
    world.say("CHG0004", "before [code]<b>bold</b> &amp; <script>x()</script>[/code] after 1 < 2");
    let reader = world.read();
    let Record::Comment(comment) = reader.of_kind(RecordKind::Comment)[0] else { panic!() };
    assert_eq!(comment.text.as_str(), "before bold & after 1 < 2");
    assert!(!comment.internal && comment.author == "someone");
}

#[test]
fn a_standard_change_that_nobody_was_asked_about_needs_no_approval_once_it_is_no_draft() {
    use quorate::model::Approval;
    for (row, kind, state, approval, want) in [
        ("standard, scheduled", "standard", "-2", "not requested", Some(Approval::NotRequired)),
        ("standard, under way", "standard", "-1", "", Some(Approval::NotRequired)),
        ("standard, new", "standard", "-5", "not requested", None),
        ("standard, asked all the same", "standard", "-2", "requested", Some(Approval::Requested)),
        ("normal, nobody asked", "normal", "-1", "not requested", None),
        ("their own kind", "routine", "-1", "not requested", None),
    ] {
        let world = Snow::start();
        world.set(
            "CHG0003",
            json!({ "type": [kind, kind], "state": [state, "x"], "approval": [approval, approval] }),
        );
        let reader = world.read();
        let found = reader.change("CHG0003").approval.as_ref().map(|word| word.value);
        assert_eq!(found, want, "{row}");
    }
}

#[test]
fn one_yes_of_several_is_no_approval_while_another_is_asked() {
    let world = Snow::start();
    // name; the word of the change; what the two who are asked said; whether it lets the change go
    for (name, word, answers, goes) in [
        ("nobody has answered", "requested", ["requested", "requested"], false),
        ("the word comes with the first yes", "approved", ["approved", "requested"], false),
        ("it is enough by its own rule", "approved", ["approved", "not_required"], true),
        ("both", "approved", ["approved", "approved"], true),
        ("a no", "rejected", ["approved", "rejected"], false),
    ] {
        world.set("CHG0001", json!({ "approval": [word, word], "sys_updated_on": stamp(0) }));
        for row in world.state().get_mut("sysapproval_approver").unwrap() {
            let at = ["a1", "a2"].iter().position(|id| row["sys_id"].0 == *id);
            if let Some(at) = at {
                row.insert("state".into(), (answers[at].into(), answers[at].into()));
            }
        }
        let reader = Reader::round_of(&world);
        assert_eq!(reader.asked("CHG0001").len(), 2, "{name}");
        assert_eq!(reader.there("CHG0001").lets_go(), goes, "{name}: {:?}", reader.there("CHG0001"));
    }
}

/// A freeze puts a change on hold with its reason and lets go what it held: never what somebody else holds, never late.
#[test]
fn a_freeze_holds_there_and_lets_go_only_what_it_held() {
    let world = Snow::start();
    world.set("CHG0003", json!({ "state": ["-2", "Scheduled"], "on_hold": "false", "on_hold_reason": "" }));
    let mut reader = world.read();
    let progress = |point: Point| What::Progress { text: Prose::new("Stopped by a freeze"), point };
    let ahead = chrono::Utc::now().timestamp() + 3600;
    let hold = |until: i64| progress(Point::Held { until: Instant::from_secs(until) });
    let held = |world: &Snow| {
        let state = world.state();
        let row = state["change_request"].iter().find(|row| row["number"].0 == "CHG0003").unwrap();
        row.get("on_hold").is_some_and(|(value, _)| value == "true")
    };
    let over = reader.write(&world, "CHG0003", 60, hold(ahead - 7200));
    assert!(matches!(reader.push(&over), Pushed::Refused(words) if words.contains("the freeze is over")));
    let first = reader.write(&world, "CHG0003", 61, hold(ahead));
    for _ in 0..2 {
        let pushed = reader.push(&first);
        assert!(matches!(&pushed, Pushed::Accepted(words) if words.contains("On hold")), "{pushed:?}");
    }
    assert!(held(&world) && world.notes("CHG0003").len() == 1);
    // Another freeze, which holds nothing, ends first.
    let second = reader.write(&world, "CHG0003", 62, hold(ahead));
    let pushed = reader.push(&second);
    assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("not by quorate")), "{pushed:?}");
    let thaw = |write: &Write| progress(Point::Thawed { hold: write.id.clone() });
    let not_ours = reader.write(&world, "CHG0003", 63, thaw(&second));
    assert!(matches!(reader.push(&not_ours), Pushed::Accepted(words) if words.contains("left as it is")));
    assert!(held(&world) && world.notes("CHG0003").len() == 1, "nothing was written of it");
    // Held, it does not move: the model refuses, and the note stands.
    let start = reader.write(&world, "CHG0003", 64, progress(Point::Started));
    let pushed = reader.push(&start);
    assert!(
        matches!(&pushed, Pushed::Refused(words) if words.contains("on hold does not move")),
        "{pushed:?}"
    );
    let ours = reader.write(&world, "CHG0003", 65, thaw(&first));
    assert!(matches!(reader.push(&ours), Pushed::Accepted(_)));
    assert!(!held(&world));
    // An instance that does not say what may follow is asked all the same, and read again.
    world.set("CHG0003", json!({ "_no_nextstates": "" }));
    let again = reader.write(&world, "CHG0003", 66, progress(Point::Started));
    let pushed = reader.push(&again);
    assert!(matches!(&pushed, Pushed::Accepted(words) if words.contains("Implement")), "{pushed:?}");
}
