//! What the contract of ServiceDesk Plus asks for: stages and statuses, builds that lack things, success that is none.

use super::*;

fn read(setup: Setup) -> Reader {
    Reader::round(setup, SourceKind::ServicedeskPlus)
}

fn vote(reader: &Reader, world: &Plus, number: u64, approve: bool, words: &str) -> Write {
    reader.vote(world, &native(number), approve, words)
}

#[test]
fn stages_statuses_and_choices_become_ours() {
    let stage = |internal: &str, name: &str| match internal {
        "" => json!({ "id": "9", "name": name }),
        internal => json!({ "id": "9", "internal_name": internal, "name": name }),
    };
    let status = |name: &str| json!({ "name": name });
    let later = at(millis(-3600));
    let before = at(millis(3600));
    for (row, fields, want) in [
        ("stock", json!({}), "authorize normal high high"),
        ("submission", json!({ "stage": stage("submission", "Einreichung") }), "draft normal high high"),
        ("by its name", json!({ "stage": stage("", "Planning") }), "assess normal high high"),
        (
            "to come",
            json!({ "stage": stage("implementation", "x"), "scheduled_start_time": later }),
            "scheduled normal high high",
        ),
        (
            "begun",
            json!({ "stage": stage("implementation", "x"), "scheduled_start_time": before }),
            "implement normal high high",
        ),
        (
            "no start",
            json!({ "stage": stage("implementation", "x"), "scheduled_start_time": null }),
            "implement normal high high",
        ),
        ("review", json!({ "stage": stage("review", "x") }), "review normal high high"),
        (
            "closed",
            json!({ "stage": stage("close", "x"), "status": status("Completed") }),
            "closed normal high high",
        ),
        ("rejected in approval", json!({ "status": status("Rejected") }), "rejected normal high high"),
        ("canceled anywhere", json!({ "status": status("Canceled") }), "cancelled normal high high"),
        ("a stage of theirs", json!({ "stage": stage("", "Parked") }), "unknown normal high high"),
        ("one that is named", json!({ "stage": stage("", "Freigabe") }), "authorize normal high high"),
        ("emergency by its flag", json!({ "emergency": true }), "authorize emergency high high"),
        ("standard", json!({ "change_type": { "name": "Standard" } }), "authorize standard high high"),
        (
            "a type nobody named",
            json!({ "change_type": { "name": "Firewall" }, "risk": null }),
            "authorize unknown unknown high",
        ),
        (
            "ended in another language",
            json!({ "status": { "internal_name": "Canceled", "name": "Storniert" } }),
            "cancelled normal high high",
        ),
        (
            "waits in another language",
            json!({ "status": { "internal_name": "Requested", "name": "Completed?" } }),
            "authorize normal high high",
        ),
        (
            "medium, one user",
            json!({ "risk": { "name": "Medium" }, "impact": "Affects User" }),
            "authorize normal moderate low",
        ),
    ] {
        let world = Plus::start();
        world.set(3, fields);
        let mut setup = world.setup();
        setup.words.state.insert("Freigabe".into(), "authorize".into());
        let reader = read(setup);
        let change = reader.change(&native(3));
        let told = (change.state.value, change.kind.value, change.risk.value, change.impact.value);
        assert_eq!(format!("{} {} {} {}", told.0, told.1, told.2, told.3), want, "{row}");
    }
}

#[test]
fn everything_a_change_has_is_read() {
    let world = Plus::having(|desk| {
        let downtime = |from: i64, to: i64| json!({ "id": "1", "scheduled_start_time": at(from), "scheduled_end_time": at(to) });
        desk.downtimes.insert(
            4,
            vec![
                downtime(1_772_838_000_000, 1_772_839_800_000),
                downtime(1_772_834_400_000, 1_772_836_200_000),
            ],
        );
        desk.bundled.insert(4, 31);
        desk.releases = vec![
            json!({ "id": "31", "title": "Q2", "stage": { "internal_name": "deployment" }, "status": { "name": "In Progress" },
                "release_type": { "name": "Major" }, "release_owner": who("lee"), "created_time": at(millis(9000)),
                "scheduled_start_time": at(1_772_834_400_000), "scheduled_end_time": at(1_772_841_600_000) }),
            json!({ "id": 32, "title": "Q1", "stage": { "name": "Planning" }, "status": { "name": "Canceled" }, "created_time": at(millis(8000)) }),
            json!({ "title": "no id", "created_time": at(millis(7000)) }),
        ];
    });
    world.set(
        4,
        json!({
            "scheduled_start_time": at(1_772_834_400_000), "scheduled_end_time": { "value": 1_772_841_600_000_i64 },
            "completed_time": { "value": "-1" }, "back_out_plan": { "back_out_plan_description": "<p>Restore <b>snapshot</b></p>" },
            "roll_out_plan": { "description": "rolling &amp; slow" }, "reason_for_change": { "name": "Compliance" },
            "services": [{ "name": "ERP" }], "configuration_items": [{ "name": "host-1" }, { "name": "ERP" }], "assets": [{ "id": "5" }],
            "udf_fields": { "udf_env": "Production", "udf_minutes": 20 }, "group": { "name": "Network" },
        }),
    );
    let mut setup = world.setup();
    for (ours, theirs) in [("environment", "udf_env"), ("rollback_minutes", "udf_minutes")] {
        setup.fields.insert(ours.into(), theirs.into());
    }
    let reader = read(setup);
    let change = reader.change(&native(4));
    let outage = change.outage.clone().unwrap();
    let services: Vec<&str> = change.services.iter().map(|line| line.as_str()).collect();
    for (row, found, want) in [
        ("start", change.planned_start.unwrap().to_string(), "2026-03-06T22:00:00Z"),
        ("end", change.planned_end.unwrap().to_string(), "2026-03-07T00:00:00Z"),
        ("outage", format!("{} {}", outage.start, outage.end), "2026-03-06T22:00:00Z 2026-03-06T23:30:00Z"),
        ("never", format!("{:?}", change.actual_end), "None"),
        ("words", change.description.to_string(), "why"),
        ("rollback", change.rollback_plan.to_string(), "Restore snapshot"),
        ("plan", change.implementation_plan.to_string(), "rolling & slow"),
        ("reason", change.reason.to_string(), "Compliance"),
        ("services", services.join(", "), "ERP, host-1"),
        (
            "environment",
            format!("{:?} {:?}", change.environment.as_deref(), change.rollback_minutes),
            "Some(\"Production\") Some(20)",
        ),
        (
            "people",
            format!(
                "{:?} {:?} {:?}",
                change.owner.as_deref(),
                change.requester.as_deref(),
                change.group.as_deref()
            ),
            "Some(\"m.ortiz@example.com\") Some(\"ana@example.com\") Some(\"Network\")",
        ),
        ("release", change.release.clone().unwrap().to_string(), "sdp:release-31"),
        ("number", change.extra["display_id"].to_string(), "\"CH-4\""),
    ] {
        assert_eq!(found, want, "{row}");
    }
    let releases: Vec<String> = reader
        .of_kind(RecordKind::Release)
        .into_iter()
        .map(|record| match record {
            Record::Release(one) => {
                let (name, kind, state) = (&one.name, one.kind.value, one.state.value);
                format!("{name} {kind} {state} {} {:?}", one.phases.len(), one.manager.as_deref())
            }
            _ => panic!(),
        })
        .collect();
    assert_eq!(releases, ["Q2 major deploy 1 Some(\"lee@example.com\")", "Q1 unknown cancelled 0 None"]);
    assert_eq!(reader.faults.len(), 1, "{:?}", reader.faults);
}

#[test]
fn a_change_read_from_a_list_and_alone_is_the_same() {
    let world = Plus::having(|desk| desk.bundled = [(1, 31)].into());
    let mut reader = read(world.setup());
    let listed = reader.known[&(RecordKind::Change, reader.id(&native(1)))].clone();
    let id = reader.id(&native(1));
    let alone = crate::conformance::run(reader.source.look(&id)).unwrap();
    assert_eq!(alone[0], listed, "a vote would be held else");
}

#[test]
fn approvals_say_their_level_and_rule() {
    let world = Plus::having(|desk| {
        let gone = vec![approval(800, "lee", "Approved")];
        desk.levels
            .get_mut(&1)
            .unwrap()
            .insert(0, Level { id: 0, name: "Manager", rule: ("everyone", None), approvals: gone });
        desk.levels.get_mut(&2).unwrap()[0].approvals.push(approval(904, "lee", "To Be Sent"));
    });
    let reader = read(world.setup());
    let told: Vec<String> = reader
        .of_kind(RecordKind::Approval)
        .into_iter()
        .map(|record| match record {
            Record::Approval(one) => {
                let answered = if one.answered_at.is_some() { " answered" } else { "" };
                format!("{} {} {}{answered}", one.step.clone().unwrap(), one.approver, one.answer.value)
            }
            _ => panic!(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "Manager (everyone) lee@example.com approved answered",
            "CAB (50 %) m.ortiz@example.com requested",
            "CAB (50 %) other@example.com requested",
            "Security (anyone) other@example.com requested",
            "Security (anyone) lee@example.com not_sent",
        ]
    );
}

#[test]
fn builds_that_lack_things_are_read_all_the_same() {
    for lacks in
        [&["stamps"][..], &["columns"], &["downtimes", "releases"], &["stamps", "columns", "downtimes"]]
    {
        let world = Plus::having(|desk| desk.lacks = lacks.to_vec());
        let mut reader = read(world.setup());
        assert_eq!(reader.natives(), world.changes(), "{lacks:?}");
        world.edit(&native(5), "Edited");
        world.create();
        reader.read().unwrap();
        reader.read().unwrap();
        assert_eq!(
            (reader.natives(), reader.title(&native(5))),
            (world.changes(), "Edited".into()),
            "{lacks:?}"
        );
        assert_eq!(reader.change(&native(5)).description.as_str(), "why", "{lacks:?}");
        assert_eq!(reader.warnings, Vec::<String>::new(), "{lacks:?}");
        let asked = world.fake().seen().iter().filter(|asked| asked.path.ends_with("/downtimes")).count();
        assert!(!lacks.contains(&"downtimes") || asked == 1, "{lacks:?}: {asked}");
    }
}

#[test]
fn changes_made_at_once_are_all_read() {
    for together in [2, 5, 7] {
        let stamp = at(millis(40_000));
        let world = Plus::having(|desk| {
            for change in desk.changes.iter_mut().take(together) {
                change["created_time"] = stamp.clone();
            }
        });
        assert_eq!(read(world.setup()).natives(), world.changes(), "{together} of 7, two on a page");
    }
}

#[test]
fn what_is_over_for_long_is_not_asked_for_again() {
    let world = Plus::start();
    let long_ago = at(1_600_000_000_000);
    for number in 3..=7 {
        world.set(number, json!({ "status": { "name": "Completed" }, "stage": { "internal_name": "close" }, "created_time": long_ago,
            "last_updated_time": long_ago, "scheduled_start_time": long_ago, "scheduled_end_time": long_ago }));
    }
    let reader = read(world.setup());
    assert_eq!(reader.natives(), world.changes());
    assert_eq!(reader.change(&native(7)).description.as_str(), "why", "lists are asked for it");
    let alone = world.fake().seen().iter().filter(|asked| asked.path.ends_with(&native(7))).count();
    assert_eq!(alone, 0);
}

#[test]
fn a_long_page_is_kept_in_parts() {
    let world = Plus::having(|desk| desk.changes = (1..=60).map(super::change).collect());
    let mut setup = world.setup();
    setup.options.insert("page_size".into(), "100".into());
    let reader = read(setup);
    assert_eq!(reader.natives(), world.changes());
    let seen = world.fake().seen();
    let pages = seen.iter().filter(|asked| Plus::page(asked)).count();
    let alone = seen.iter().filter(|asked| asked.path.ends_with(&native(30))).count();
    assert_eq!((pages, alone), (3, 1), "25 at a time, one of them twice");
}

#[test]
fn a_vote_is_refused_with_the_reason() {
    let unsent = |desk: &mut super::Desk| {
        desk.levels.get_mut(&2).unwrap()[0].approvals = vec![approval(903, "m.ortiz", "To Be Sent")];
    };
    for (row, number, login, want) in [
        ("not sent yet", 2, "key-c", "is not sent yet"),
        ("no levels", 3, "key-c", "no approval of it waits"),
        ("another's key, said with success", 1, "key-o", "You are not an approver"),
        ("not there", 99, "key-c", "404"),
        ("a wrong key", 1, "key-old", "credentials"),
    ] {
        let world = Plus::having(unsent);
        let me = Some(Login::Bearer(login.to_owned().into()));
        let mut reader = Reader::new(Setup { me, ..world.setup() }, SourceKind::ServicedeskPlus);
        let write = vote(&reader, &world, number, true, "fine");
        let words = match reader.push(&write) {
            Pushed::Refused(words)
            | Pushed::Ours(words)
            | Pushed::Later { words, .. }
            | Pushed::Barred { words, .. } => words,
            other => panic!("{row}: {other:?}"),
        };
        assert!(words.contains(want), "{row}: {words}");
        assert!(!words.contains("key-"), "{row}: {words}");
    }
}

#[test]
fn a_long_reason_stands_beside_the_vote_as_a_whole_and_older_builds_spell_it_otherwise() {
    let world = Plus::having(|desk| desk.lacks = vec!["_approve"]);
    let mut reader = Reader::voting(&world);
    let write = vote(&reader, &world, 1, false, &"a very long reason ".repeat(40));
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    let comments = world.state().levels[&1][0].approvals[0].comments.clone().unwrap();
    assert!(comments.chars().count() <= 250 && comments.contains(&write.marker()), "{comments}");
    let notes = world.notes(&native(1));
    assert!(notes.len() == 1 && notes[0].matches("a very long reason").count() == 40, "{notes:?}");
    reader.read().unwrap();
    assert!(reader.of_kind(RecordKind::Comment).is_empty(), "our own words come once");
}

#[test]
fn success_of_http_is_no_success_and_a_block_asks_for_patience() {
    let blocked = "URL blocked as maximum access limit exceeded";
    for (row, reply, want, later) in [
        ("a no with success", denied(200, 4000, "", "Portal is closed"), "Portal is closed", None),
        ("a right is missing", denied(200, 4002, "", "no"), "credentials", None),
        ("blocked by code", denied(400, 4015, "", "no"), "patience", Some(60)),
        ("blocked by its words", denied(400, 4000, "", blocked), "patience", Some(60)),
        ("no status at all", Reply::json(200, &json!({ "changes": [] })), "no response_status", None),
        (
            "no list in it",
            Reply::json(200, &json!({ "response_status": super::ok(false) })),
            "there are no changes",
            None,
        ),
        ("hostile words", denied(400, 4000, "x", "bad\u{1b}[31m"), "x: bad (code 4000)", None),
    ] {
        let world = Plus::start();
        world.fake().fault(Plus::page, Fault::Instead(reply));
        let error = Reader::new(world.setup(), SourceKind::ServicedeskPlus).read().unwrap_err();
        assert!(error.message.contains(want), "{row}: {error}");
        assert_eq!(error.retry_after, later, "{row}");
    }
}

#[test]
fn tokens_of_the_cloud_are_granted_kept_and_renewed() {
    let world = Plus::start();
    let oauth = |secret: &str| {
        let mut setup = Setup { login: Login::Bearer(secret.to_owned().into()), ..world.setup() };
        for (name, value) in
            [("auth", "oauth"), ("client_id", "1000.A"), ("accounts", world.fake().url.as_str())]
        {
            setup.options.insert(name.into(), value.into());
        }
        setup
    };
    let mut reader = read(oauth("shh again"));
    assert_eq!(reader.natives(), world.changes());
    assert_eq!(world.state().granted, 1, "one for the whole round");
    world.state().token = None;
    reader.read().unwrap();
    assert_eq!(world.state().granted, 2, "it was taken back");
    for (secret, want) in [("shh wrong", "credentials"), ("shh", "not whole")] {
        let error = Reader::new(oauth(secret), SourceKind::ServicedeskPlus).read().unwrap_err();
        assert!(error.message.contains(want) && !error.message.contains("shh"), "{error}");
    }
}

#[test]
fn settings_are_checked_and_a_view_narrows() {
    let world = Plus::start();
    let basic = || password("me", "pw");
    for (row, options, login, want) in [
        ("a password", &[][..], Some(basic()), "takes no passwords"),
        ("no such option", &[("windows", "no")], None, "windows is no option"),
        ("nowhere to ask", &[("auth", "oauth"), ("client_id", "1")], None, "accounts is missing"),
        (
            "in the clear",
            &[("auth", "oauth"), ("client_id", "1"), ("accounts", "http://zoho.example")],
            None,
            "must begin with https",
        ),
    ] {
        let mut setup = world.setup();
        options.iter().for_each(|(name, value)| drop(setup.options.insert((*name).into(), (*value).into())));
        setup.login = login.unwrap_or(setup.login);
        let error =
            quorate::source::system::build(SourceKind::ServicedeskPlus, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
    world.set(6, json!({ "risk": Value::Null }));
    let reader = read(Setup { select: Some("high_risk".into()), ..world.setup() });
    assert!(!reader.natives().contains(&native(6)) && reader.natives().len() == 6);
}

#[test]
fn one_of_several_has_answered() {
    let anyone = ("condition", Some("anyone_approves"));
    let half = [("percent", Some("50")), ("percent", Some("51"))];
    let (one, asked) = (["Approved", "Pending Approval"], ["Pending Clarification", "Rejected"]);
    let (met, waits) = (["approved", "not_required"], ["approved", "requested"]);
    for (row, rule, standing, statuses, want) in [
        ("the level is approved", anyone, "Approved", one, met),
        ("the level still waits, whatever its rule", anyone, "Pending Approval", one, waits),
        ("anyone, of a build that says no more", anyone, "", one, met),
        ("everyone", ("condition", Some("everyone_approves")), "", one, waits),
        ("first, before", ("first_response", None), "", one, met),
        ("half", half[0], "", one, met),
        ("more than half", half[1], "", one, waits),
        ("no rule we know", ("condition", Some("whoever")), "", one, waits),
        ("asked back", ("anyone", None), "Pending Approval", asked, ["requested", "rejected"]),
    ] {
        let world = Plus::having(|desk| {
            desk.standing = Some(standing);
            let level = &mut desk.levels.get_mut(&1).unwrap()[0];
            level.rule = rule;
            for (one, status) in level.approvals.iter_mut().zip(statuses) {
                one.status = status;
            }
        });
        let reader = read(world.setup());
        let mut all = reader.of_kind(RecordKind::Approval).into_iter().filter_map(|record| match record {
            Record::Approval(one) if one.item == reader.id(&native(1)) => Some(one.answer.value.to_string()),
            _ => None,
        });
        assert_eq!([all.next().unwrap(), all.next().unwrap()], want, "{row}");
    }
}

#[test]
fn a_stand_in_answers_for_somebody_and_who_is_known_by_number_alone_is_somebody() {
    let record = |answer: Value| {
        let world = Plus::start();
        let path = format!("/api/v3/changes/{}/approval_levels/1/approvals", native(1));
        let reply = json!({ "approvals": [answer], "list_info": { "has_more_rows": false }, "response_status": super::ok(false) });
        world.fake().fault(move |asked| asked.path == path, Fault::Instead(Reply::json(200, &reply)));
        let reader = read(world.setup());
        let mut all = reader.of_kind(RecordKind::Approval).into_iter().filter_map(|record| match record {
            Record::Approval(one) if one.item == reader.id(&native(1)) => Some((**one).clone()),
            _ => None,
        });
        all.next().unwrap()
    };
    let pending = json!({ "id": "1", "name": "Pending Approval" });
    let one = record(
        json!({ "id": "5", "approver": who("lee"), "obo_approver": who("m.ortiz"), "status": pending }),
    );
    assert_eq!(
        (one.approver.as_str(), &one.extra["instead_of"]),
        ("lee@example.com", &json!("m.ortiz@example.com"))
    );
    let one = record(json!({ "id": "5", "approver": { "id": "77" }, "status": pending }));
    assert_eq!(one.approver.as_str(), "77");
    let world = Plus::start();
    world.set(3, json!({ "change_owner": { "id": 77, "name": null, "email_id": null } }));
    assert_eq!(read(world.setup()).change(&native(3)).owner.as_deref(), Some("77"));
}

#[test]
fn programs_share_a_token_and_leave_those_alone_who_grant_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let world = Plus::start();
    let setup = |kept: bool| {
        let mut setup = Setup { login: Login::Bearer("shh again".to_owned().into()), ..world.setup() };
        for (name, value) in
            [("auth", "oauth"), ("client_id", "1000.A"), ("accounts", world.fake().url.as_str())]
        {
            setup.options.insert(name.into(), value.into());
        }
        setup.http.kept = kept.then(|| dir.path().join("tokens"));
        setup
    };
    let asked = || world.fake().seen().iter().filter(|asked| asked.path == "/oauth/v2/token").count();
    for _ in 0..3 {
        read(setup(true));
    }
    assert_eq!(asked(), 1, "three programs, one token");
    let mode = |path: std::path::PathBuf| {
        std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions())
    };
    for file in std::fs::read_dir(dir.path().join("tokens")).unwrap() {
        assert_eq!(mode(file.unwrap().path()) & 0o077, 0);
    }
    // It was taken back, and no other is granted for now.
    (world.state().token, world.state().limited) = (None, true);
    for row in ["the first is told", "the next does not even ask"] {
        let error = Reader::new(setup(true), SourceKind::ServicedeskPlus).read().unwrap_err();
        assert!(error.message.contains("asks for patience"), "{row}: {error}");
        assert!(!error.message.contains("credentials") && !error.message.contains("shh"), "{row}: {error}");
        assert!(error.retry_after.is_some_and(|seconds| (590..=600).contains(&seconds)), "{row}: {error:?}");
        assert_eq!(asked(), 2, "{row}");
    }
    let error = Reader::new(setup(false), SourceKind::ServicedeskPlus).read().unwrap_err();
    assert!(error.message.contains("asks for patience"), "where nothing is kept: {error}");
}
