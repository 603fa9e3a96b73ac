//! What Freshservice's own contract asks for: numbers for words, ties in time, windows inside changes, people.

use quorate::model::{Approval, Kind, Risk, State};

use super::*;

#[test]
fn numbers_are_read_as_words() {
    let none = Approval::Unknown;
    for (row, fields, state, kind, risk, approval) in [
        ("stock", json!({}), State::Authorize, Kind::Normal, Risk::High, Approval::Requested),
        (
            "released",
            json!({ "status": 4, "change_type": 2, "approval_status": 1 }),
            State::Scheduled,
            Kind::Standard,
            Risk::High,
            Approval::Approved,
        ),
        (
            "very high",
            json!({ "status": 6, "change_type": 4, "risk": 4, "approval_status": 2 }),
            State::Closed,
            Kind::Emergency,
            Risk::VeryHigh,
            Approval::Rejected,
        ),
        (
            "some of several have answered: it still says 4",
            json!({ "status": 3, "approval_status": 4 }),
            State::Authorize,
            Kind::Normal,
            Risk::High,
            Approval::Requested,
        ),
        (
            "nothing asked",
            json!({ "status": 2, "change_type": 3, "approval_status": 4 }),
            State::Assess,
            Kind::Normal,
            Risk::High,
            none,
        ),
        (
            "a choice of their own, named",
            json!({ "status": 9 }),
            State::Implement,
            Kind::Normal,
            Risk::High,
            Approval::Requested,
        ),
        (
            "a choice nobody named",
            json!({ "status": 12, "risk": 9, "change_type": Value::Null }),
            State::Unknown,
            Kind::Unknown,
            Risk::Unknown,
            Approval::Requested,
        ),
        (
            "a stock one, named otherwise",
            json!({ "status": 1 }),
            State::Assess,
            Kind::Normal,
            Risk::High,
            Approval::Requested,
        ),
    ] {
        let world = Fresh::start();
        world.set(3, fields);
        let mut setup = world.setup();
        setup.words.state.insert("9".into(), "implement".into());
        setup.words.state.insert("Open".into(), "assess".into());
        let reader = Reader::round(setup, SourceKind::Freshservice);
        let change = reader.change("CHN-3");
        assert_eq!((change.state.value, change.kind.value, change.risk.value), (state, kind, risk), "{row}");
        assert_eq!(change.approval.as_ref().map_or(none, |word| word.value), approval, "{row}");
    }
    let world = Fresh::start();
    world.set(3, json!({ "status": 12 }));
    assert_eq!(Reader::round_of(&world).change("CHN-3").state.raw(), Some("12"), "its number is kept");
}

#[test]
fn everything_a_change_has_is_read() {
    let window = |id: i64, name: &str| json!({ "id": id, "name": name, "description": "", "window_start_date": "2026-04-02T20:00:00Z", "window_end_date": "2026-04-03T02:00:00Z" });
    let world = Fresh::having(|desk| {
        desk.releases = vec![
            json!({ "id": 31, "subject": "Q2", "status": 3, "release_type": 3, "agent_id": 72, "planned_start_date": "2026-04-01T08:00:00Z",
                "planned_end_date": "2026-04-10T18:00:00+02:00", "work_start_date": "2026-04-01T09:00:00Z", "associated_change_ids": [4], "updated_at": ago(5000) }),
            json!({ "id": 32, "subject": "none", "updated_at": ago(5000) }),
            json!({ "subject": "no id" }),
        ];
    });
    world.set(
        4,
        json!({
            "planned_start_date": "2026-04-03T02:30:00+05:30", "planned_end_date": "2026-04-03T01:00:00.500Z",
            "planning_fields": { "backout_plan": { "description": "<p>Restore <b>snapshot</b></p>" },
                "rollout_plan": { "description": "<p>x</p>", "description_text": "rolling" } },
            "custom_fields": { "env": "Production", "minutes": 20, "checks": "<ul><li>one</li></ul>" },
            "impacted_services": [{ "display_id": 3, "name": "ERP" }], "assets": [{ "name": "host-1" }, { "name": "ERP" }, { "display_id": 5 }],
            "maintenance_window": window(5, "Thursday night"), "blackout_window": window(5, "Year end"),
        }),
    );
    world.set(5, json!({ "maintenance_window": window(5, "Thursday night"), "blackout_window": {}, "agent_id": Value::Null }));
    let mut setup = world.setup();
    for (ours, theirs) in [("environment", "env"), ("rollback_minutes", "minutes"), ("test_plan", "checks")] {
        setup.fields.insert(ours.into(), theirs.into());
    }
    let mut reader = Reader::new(setup.clone(), SourceKind::Freshservice);
    reader.read().unwrap();
    let change = reader.change("CHN-4");
    assert_eq!(change.planned_start.unwrap().to_string(), "2026-04-02T21:00:00Z");
    assert_eq!(change.planned_end.unwrap().to_string(), "2026-04-03T01:00:00Z");
    assert_eq!(
        (change.rollback_plan.as_str(), change.implementation_plan.as_str()),
        ("Restore snapshot", "rolling")
    );
    assert_eq!((change.environment.as_deref(), change.rollback_minutes), (Some("Production"), Some(20)));
    assert!(change.test_plan.contains("one"), "{:?}", change.test_plan);
    assert_eq!(change.services.iter().map(|line| line.as_str()).collect::<Vec<_>>(), ["ERP", "host-1"]);
    assert_eq!(
        (change.owner.as_deref(), change.requester.as_deref()),
        (Some("m.ortiz@example.com"), Some("22"))
    );
    assert_eq!(change.release.as_ref().unwrap(), &"fresh:REL-31");
    assert!(change.url.as_ref().unwrap().ends_with("/a/changes/4"));
    assert_eq!(reader.change("CHN-5").owner, None);
    let windows = |reader: &Reader| -> Vec<String> {
        reader
            .of_kind(RecordKind::Window)
            .into_iter()
            .map(|record| match record {
                Record::Window(window) => format!("{} {} {}", window.id, window.kind.value, window.name),
                _ => panic!(),
            })
            .collect()
    };
    assert_eq!(
        windows(&reader),
        ["fresh:blackout-5 freeze Year end", "fresh:maintenance-5 maintenance Thursday night"]
    );
    let releases = reader.of_kind(RecordKind::Release);
    assert_eq!((releases.len(), reader.faults.len()), (2, 1), "{:?}", reader.faults);
    let Record::Release(release) = releases[0] else { panic!() };
    assert_eq!(release.phases[0].end.unwrap().to_string(), "2026-04-10T16:00:00Z");
    setup.options.insert("windows".into(), "blackouts".into());
    let reader = Reader::round(setup, SourceKind::Freshservice);
    assert_eq!(windows(&reader).len(), 1);
}

#[test]
fn a_window_that_cannot_be_read_is_a_fault_of_the_change_that_names_it() {
    let whole = |odd: &dyn Fn(&mut Value)| {
        let mut window = json!({ "id": 7, "name": "Year end", "window_start_date": "2026-12-18T20:00:00Z",
            "window_end_date": "2027-01-04T06:00:00Z" });
        odd(&mut window);
        window
    };
    for (row, named, want) in [
        ("whole", whole(&|_| ()), ""),
        ("none", json!({}), ""),
        ("null", Value::Null, ""),
        ("nothing but nulls", json!({ "id": null, "name": null }), ""),
        ("no id", whole(&|window| window["id"] = Value::Null), "the window it names has no id"),
        (
            "no end",
            whole(&|window| window["window_end_date"] = Value::Null),
            "has no start and end that can be read",
        ),
        (
            "an odd start",
            whole(&|window| window["window_start_date"] = json!("soon")),
            "has no start and end",
        ),
    ] {
        let world = Fresh::start();
        world.set(4, json!({ "blackout_window": named }));
        let reader = Reader::round(world.setup(), SourceKind::Freshservice);
        let mut told: Vec<(String, String)> = reader
            .faults
            .iter()
            .map(|fault| {
                (fault.record.as_ref().map(ToString::to_string).unwrap_or_default(), fault.message.clone())
            })
            .collect();
        // Pages overlap where changes moved at once: what stands on both is told by both.
        told.dedup();
        match want {
            "" => assert!(told.is_empty(), "{row}: {told:?}"),
            want => assert!(
                told.len() == 1 && told[0].0 == "fresh:CHN-4" && told[0].1.contains(want),
                "{row}: {told:?}"
            ),
        }
        assert_eq!(reader.of_kind(RecordKind::Window).len(), usize::from(row == "whole"), "{row}");
        assert_eq!(reader.natives(), world.changes(), "{row}");
    }
}

#[test]
fn changes_that_moved_at_once_are_all_read() {
    for together in [2, 5, 7] {
        let at = ago(40_000);
        let world = Fresh::having(|desk| {
            for change in desk.changes.iter_mut().take(together) {
                change["updated_at"] = json!(at);
            }
        });
        assert_eq!(Reader::round_of(&world).natives(), world.changes(), "{together} of 7, two on a page");
    }
}

#[test]
fn a_question_that_is_ignored_is_noticed() {
    let world = Fresh::having(|desk| desk.ignores_since = true);
    let error = Reader::of(&world).read().unwrap_err();
    assert!(error.message.contains("is ignored"), "{error}");
}

#[test]
fn approvals_go_by_name_and_people_by_number_where_agents_are_hidden() {
    let approval = |id: i64, approver: i64, status: Value| {
        json!({ "id": id, "approver_id": approver, "approver_name": "Lin Ode",
        "approval_status": status, "level": 1, "approval_group": { "id": 640, "name": "Infra CAB", "rule": 3 }, "latest_remark": "<p>fine</p>",
        "created_at": "2026-03-27T10:00:00Z", "updated_at": "2026-03-28T10:00:00Z" })
    };
    for hidden in [false, true] {
        let world = Fresh::having(|desk| {
            desk.hides_agents = hidden;
            let rows = vec![
                // The reference contradicts itself about numbers.
                approval(9001, 71, json!({ "id": 1, "name": "requested" })),
                approval(9002, 88, json!({ "id": 1, "name": "approved" })),
            ];
            desk.approvals.insert(2, rows);
        });
        let reader = Reader::round_of(&world);
        let told: Vec<(&str, ApprovalAnswer, bool)> = reader
            .of_kind(RecordKind::Approval)
            .into_iter()
            .map(|record| match record {
                Record::Approval(one) => (one.approver.as_str(), one.answer.value, one.answered_at.is_some()),
                _ => panic!(),
            })
            .collect();
        let first = if hidden { "Lin Ode" } else { "m.ortiz@example.com" };
        assert_eq!(
            told,
            [(first, ApprovalAnswer::Requested, false), ("Lin Ode", ApprovalAnswer::Approved, true)]
        );
        assert_eq!(reader.faults.len(), usize::from(hidden), "{:?}", reader.faults);
        let owner = reader.change("CHN-2").owner.clone();
        assert_eq!(owner.as_deref(), Some(if hidden { "71" } else { "m.ortiz@example.com" }));
    }
}

#[test]
fn settings_are_checked_and_a_query_narrows() {
    let world = Fresh::start();
    let basic = password("me", "pw");
    let workspace = |setup: &mut Setup| drop(setup.options.insert("workspace".into(), "0".into()));
    let rows: [(&str, Box<dyn Fn(&mut Setup)>, &str); 2] = [
        ("a password", Box::new(move |setup| setup.login = basic.clone()), "takes no passwords"),
        ("all workspaces", Box::new(workspace), "must not be 0"),
    ];
    for (row, change, want) in rows {
        let mut setup = world.setup();
        change(&mut setup);
        let error =
            quorate::source::system::build(SourceKind::Freshservice, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
    world.set(6, json!({ "risk": 1 }));
    let mut setup = Setup { select: Some("risk:1".into()), ..world.setup() };
    setup.options.insert("workspace".into(), "2".into());
    setup.options.insert("auth".into(), "bearer".into());
    let reader = Reader::round(setup, SourceKind::Freshservice);
    assert_eq!(reader.natives().into_iter().collect::<Vec<_>>(), ["CHN-6"]);
    assert_eq!(change(6)["subject"], reader.title("CHN-6"));
}

#[test]
fn what_is_over_for_long_is_not_read_alone() {
    let world = Fresh::start();
    world.set(7, json!({ "status": 6, "updated_at": "2020-01-01T00:00:00Z", "planning_fields": { "backout_plan": { "description_text": "x" } } }));
    world.set(6, json!({ "status": 6, "planning_fields": { "backout_plan": { "description_text": "x" } } }));
    let reader = Reader::round_of(&world);
    assert_eq!(reader.natives(), world.changes());
    let plans = [6, 7].map(|id| reader.change(&format!("CHN-{id}")).rollback_plan.to_string());
    assert_eq!(plans, ["x", ""]);
    let alone = |path: &str| world.fake().seen().iter().filter(|asked| asked.path == path).count();
    assert_eq!((alone("/api/v2/changes/6"), alone("/api/v2/changes/7")), (1, 0));
}

#[test]
fn a_long_page_is_kept_in_parts() {
    let world = Fresh::having(|desk| desk.changes = (1..=60).map(change).collect());
    let mut setup = world.setup();
    setup.options.insert("page_size".into(), "100".into());
    let reader = Reader::round(setup, SourceKind::Freshservice);
    assert_eq!(reader.natives(), world.changes());
    let pages = world.fake().seen().iter().filter(|asked| Fresh::page(asked)).count();
    assert_eq!(pages, 3, "25 at a time");
}

#[test]
fn one_of_several_has_answered_and_a_stand_in_is_asked_instead() {
    let approval = |id: i64, approver: i64, status: &str, rule: i64, more: Value| {
        let mut one = json!({ "id": id, "approver_id": approver, "approver_name": format!("No {approver}"), "level": 1,
            "approval_status": { "id": 1, "name": status }, "approval_group": { "id": 640, "name": "CAB", "rule": rule },
            "created_at": "2026-03-27T10:00:00Z", "updated_at": "2026-03-28T10:00:00Z" });
        overwrite(&mut one, more);
        one
    };
    for (rule, want) in
        [(1, "requested"), (2, "not_required"), (3, "requested"), (4, "not_required"), (9, "requested")]
    {
        let world = Fresh::having(|desk| {
            let rows = vec![
                approval(1, 71, "approved", rule, json!({})),
                approval(2, 72, "requested", rule, json!({})),
                approval(
                    3,
                    72,
                    "requested",
                    1,
                    json!({ "approval_group": { "id": 641, "name": "Other", "rule": 1 } }),
                ),
            ];
            desk.approvals.insert(2, rows);
        });
        let reader = Reader::round_of(&world);
        let answers: Vec<String> =
            approvals(&reader).iter().map(|one| one.answer.value.to_string()).collect();
        assert_eq!(answers, ["approved", want, "requested"], "rule {rule}");
    }
    let world = Fresh::having(|desk| {
        let delegatee = json!({ "delegatee": { "id": 72, "name": "Other" } });
        desk.approvals.insert(2, vec![approval(1, 71, "requested", 1, delegatee)]);
    });
    let reader = Reader::round_of(&world);
    let one = &approvals(&reader)[0];
    assert_eq!(one.approver.as_str(), "other@example.com");
    assert_eq!(one.extra["instead_of"], "m.ortiz@example.com");
}

fn approvals(reader: &Reader) -> Vec<quorate::model::ApprovalRequest> {
    let all = reader.of_kind(RecordKind::Approval).into_iter();
    all.map(|record| match record {
        Record::Approval(one) => (**one).clone(),
        _ => panic!(),
    })
    .collect()
}

#[test]
fn an_agent_without_an_address_has_a_whole_name() {
    let world = Fresh::having(|desk| {
        desk.agents[1] = json!({ "id": 71, "email": null, "first_name": "Maria", "last_name": "Ortiz" });
    });
    assert_eq!(Reader::round_of(&world).change("CHN-2").owner.as_deref(), Some("Maria Ortiz"));
}
