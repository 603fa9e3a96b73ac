//! What Jira's own contract asks for: fields by name, both shapes of text, steps, versions, projects without requests.

use quorate::model::{Approval, Kind, Outcome, Risk, State};

use super::*;

fn fields<const DC: bool>(site: &mut Site<DC>) {
    let stock = [
        ("customfield_1", "Change type"),
        ("customfield_2", "Change Risk"),
        ("customfield_3", "Change start date"),
        ("customfield_4", "Planned end"),
        ("customfield_5", "Backout plan"),
        ("customfield_6", "Affected services"),
        ("customfield_7", "Rückfallminuten"),
        ("customfield_8", "Planned start"),
    ];
    site.fields = stock.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect();
}

fn mapped<const DC: bool>() {
    let world = Jira::<DC>::having(fields);
    let plan = if DC {
        json!("h2. Restore\n* from *snapshot*\n* check")
    } else {
        markup::to_adf("Restore\nfrom snapshot")
    };
    world.set(
        "CHG-5",
        json!({
            "status": { "name": "Rolled back", "statusCategory": { "key": "done" } }, "description": plan,
            "customfield_1": { "id": "1", "value": "Pre-approved" }, "customfield_2": { "value": "Critical" },
            "customfield_3": "2026-03-01T00:00:00.000+0000", "customfield_8": "2026-03-06T22:00:00.000+0530",
            "customfield_4": "2026-03-06T23:30:00.000+0000", "customfield_5": plan, "customfield_7": 30.0,
            "customfield_6": [{ "name": "edge" }, { "id": "ari:cloud:1" }], "components": [{ "id": "1", "name": "dns" }],
            "assignee": user::<DC>("chair"), "priority": { "name": "High" },
        }),
    );
    let mut setup = world.setup();
    setup.fields.insert("rollback_minutes".into(), "rückfallminuten".into());
    setup.fields.insert("planned_start".into(), "customfield_8".into());
    let mut reader = Reader::new(setup, SourceKind::Jira);
    reader.read().unwrap();
    let change = reader.change("CHG-5");
    assert_eq!(
        (change.state.value, change.kind.value, change.risk.value),
        (State::Closed, Kind::Standard, Risk::VeryHigh)
    );
    assert_eq!(change.outcome.as_ref().unwrap().value, Outcome::BackedOut);
    assert_eq!(change.planned_start.unwrap().to_string(), "2026-03-06T16:30:00Z");
    assert_eq!(change.planned_end.unwrap().to_string(), "2026-03-06T23:30:00Z");
    assert_eq!(change.rollback_minutes, Some(30));
    assert_eq!(change.services.iter().map(|line| line.as_str()).collect::<Vec<_>>(), ["edge", "dns"]);
    let want = if DC { "Restore\n- from snapshot\n- check" } else { "Restore\nfrom snapshot" };
    assert_eq!((change.rollback_plan.as_str(), change.description.as_str()), (want, want));
    assert_eq!(change.owner.as_deref(), Some(if DC { "chair@example.com" } else { "CHAIR" }));
    assert!(change.url.as_ref().unwrap().ends_with("/browse/CHG-5"));
    assert_eq!(reader.change("CHG-1").approval.as_ref().unwrap().value, Approval::Requested);
    assert_eq!(reader.faults, []);
}

#[test]
fn an_issue_is_read_on_cloud() {
    mapped::<false>();
}

#[test]
fn an_issue_is_read_on_data_center() {
    mapped::<true>();
}

#[test]
fn statuses_are_read_and_nothing_is_guessed() {
    let world = Jira::<false>::start();
    for (status, category, want) in [
        ("Awaiting implementation", "indeterminate", State::Scheduled),
        ("peer REVIEW", "new", State::Assess),
        ("Declined", "done", State::Rejected),
        ("Canceled", "done", State::Cancelled),
        ("Parked", "indeterminate", State::Unknown),
        ("Brand new", "new", State::Unknown),
        ("Over and out", "done", State::Closed),
    ] {
        world.set("CHG-3", json!({ "status": { "name": status, "statusCategory": { "key": category } } }));
        let reader = Reader::round_of(&world);
        let change = reader.change("CHG-3");
        assert_eq!((change.state.value, change.state.as_given()), (want, status), "{status}");
    }
}

#[test]
fn settings_and_queries_that_cannot_work_are_said() {
    let world = Jira::<true>::having(fields);
    for (row, select, want) in [
        ("none", None, "select is missing"),
        ("an order", Some("project = CHG order by key"), "must not have ORDER BY"),
    ] {
        let setup = Setup { select: select.map(str::to_owned), ..world.setup() };
        let error = quorate::source::system::build(SourceKind::Jira, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
    let setup = Setup { select: Some("projekt = CHG".into()), ..world.setup() };
    let error = Reader::new(setup, SourceKind::Jira).read().unwrap_err();
    assert!(error.message.contains("Field 'projekt' does not exist"), "{error}");
    let mut setup = world.setup();
    setup.fields.insert("risk".into(), "Gefahr".into());
    let error = Reader::new(setup, SourceKind::Jira).read().unwrap_err();
    assert!(error.message.contains("map.fields.risk") && error.message.contains("Gefahr"), "{error}");
    let world = Jira::<false>::having(|site| site.is_anonymous = true);
    let error = Reader::of(&world).read().unwrap_err();
    assert!(error.message.contains("credential"), "nobody is asked who they are: {error}");
}

#[test]
fn versions_become_releases_of_whole_days() {
    let world = Jira::<false>::having(|site| {
        let version = |id: usize, more: Value| {
            let mut version = json!({ "id": id.to_string(), "name": format!("26.{id}"), "released": false, "archived": false });
            version.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            version
        };
        let mut many: Vec<Value> = (1..=60).map(|id| version(id, json!({}))).collect();
        many[0] =
            version(1, json!({ "startDate": "2026-03-06", "releaseDate": "2026-03-08", "released": true }));
        many[1] = version(2, json!({ "releaseDate": "2026-03-29", "archived": true, "description": "big" }));
        site.versions.insert("CHG".into(), many);
        site.versions.insert("APP".into(), vec![version(70, json!({}))]);
    });
    world.set(
        "CHG-4",
        json!({ "fixVersions": [{ "id": "1", "released": true }, { "id": "2", "released": false }] }),
    );
    let mut setup = Setup { zone: quorate::calendar::Zone::named("Europe/Madrid").unwrap(), ..world.setup() };
    setup.options.insert("projects".into(), "CHG, APP".into());
    let mut reader = Reader::new(setup, SourceKind::Jira);
    reader.read().unwrap();
    let releases = reader.of_kind(RecordKind::Release);
    assert_eq!(releases.len(), 61);
    let told: Vec<String> = releases
        .iter()
        .filter_map(|record| match record {
            Record::Release(release) if !release.phases.is_empty() => {
                let phase = &release.phases[0];
                Some(format!(
                    "{} {} {}..{}",
                    release.name,
                    release.state.value,
                    phase.start.unwrap(),
                    phase.end.unwrap()
                ))
            }
            _ => None,
        })
        .collect();
    // The day on which the clocks change has 23 hours.
    assert_eq!(
        told,
        [
            "CHG 26.1 closed 2026-03-05T23:00:00Z..2026-03-08T23:00:00Z",
            "CHG 26.2 cancelled 2026-03-28T23:00:00Z..2026-03-29T22:00:00Z"
        ]
    );
    assert_eq!(reader.change("CHG-4").release.as_ref().unwrap(), &"jira:2");
}

#[test]
fn an_issue_that_is_no_request_has_comments_and_no_approvals() {
    let world = Jira::<true>::having(|site| drop(site.steps.remove("CHG-2")));
    world.say("CHG-2", "see [the plan|https://example.com/x] *now*");
    let reader = Reader::round_of(&world);
    assert_eq!(reader.change("CHG-2").approval, None);
    let Record::Comment(comment) = reader.of_kind(RecordKind::Comment)[0] else { panic!() };
    assert_eq!(comment.text.as_str(), "see the plan (https://example.com/x) now");
    assert_eq!((comment.author.as_str(), comment.internal), ("other@example.com", false));
}

#[test]
fn approvers_are_records_and_steps_over_ask_nobody() {
    let world = Jira::<false>::having(|site| {
        let mut over = step::<false>("20", &["chair", "other"]);
        over["finalDecision"] = json!("approved");
        over["approvers"][0]["approverDecision"] = json!("approved");
        over["createdDate"]["epochMillis"] = json!(1_772_000_000_000_i64);
        site.steps.get_mut("CHG-1").unwrap().push(over);
    });
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    let told: Vec<(String, ApprovalAnswer)> = reader
        .of_kind(RecordKind::Approval)
        .into_iter()
        .map(|record| match record {
            Record::Approval(approval) => (approval.id.to_string(), approval.answer.value),
            _ => panic!(),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("jira:CHG-1#20-5b10-chair".to_owned(), ApprovalAnswer::Approved),
            ("jira:CHG-1#20-5b10-other".to_owned(), ApprovalAnswer::NotRequired),
            ("jira:CHG-1#31-5b10-chair".to_owned(), ApprovalAnswer::Requested),
            ("jira:CHG-1#31-5b10-other".to_owned(), ApprovalAnswer::Requested),
            ("jira:CHG-2#32-5b10-other".to_owned(), ApprovalAnswer::Requested),
        ]
    );
    // What was said in a step that is over is no answer to the one that waits.
    let write = reader.write(&world, "CHG-1", 21, What::Vote { approve: true, comment: None });
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    let site = world.state();
    assert_eq!(site.steps["CHG-1"][0]["approvers"][0]["approverDecision"], "approved");
}

#[test]
fn a_decline_says_why_inside_and_only_as_oneself() {
    let world = Jira::<false>::start();
    let mut reader = Reader::voting(&world);
    let vote = What::Vote { approve: false, comment: Some(Prose::new("no rollback")) };
    let write = reader.write(&world, "CHG-1", 22, vote.clone());
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(world.answer("CHG-1"), Some(ApprovalAnswer::Rejected));
    let comment = world.state().comments["CHG-1"][0].clone();
    assert!(names::<false>(&comment["author"], "chair") && comment["jsdPublic"] == false, "{comment}");
    assert!(world.notes("CHG-1")[0].starts_with("no rollback"));
    // The credential of somebody else, who is asked as well.
    let world = Jira::<false>::start();
    let me: Option<Login> = Some(Jira::<false>::login("other"));
    let mut reader = Reader::new(Setup { me, ..world.setup() }, SourceKind::Jira);
    let write = reader.write(&world, "CHG-1", 23, vote);
    let pushed = reader.push(&write);
    assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("nothing was sent")), "{pushed:?}");
    assert!(world.fake().seen().iter().all(|asked| !Jira::<false>::writes(asked)));
    assert!(SELECT.contains("issuetype"));
}

#[test]
fn of_fields_of_one_name_the_one_of_the_project_counts_and_a_doubt_is_asked() {
    let (one, other) = ("2026-12-01T22:00:00.000+0000", "2026-12-05T22:00:00.000+0000");
    let (ours, theirs) = (Some("10000"), Some("10044"));
    let read = |scopes: [Option<&'static str>; 2], values: [Value; 2], setting: Option<&str>| {
        let world = Jira::<false>::having(|site| {
            for (id, scope) in ["customfield_1", "customfield_2"].iter().zip(scopes) {
                site.fields.push(((*id).to_owned(), "Planned start".to_owned()));
                site.scopes.extend(scope.map(|scope| ((*id).to_owned(), scope)));
            }
            site.fields.push(("customfield_3".into(), "Change start date".into()));
        });
        let [first, second] = values;
        world.set("CHG-5", json!({ "customfield_1": first, "customfield_2": second }));
        world.set("CHG-6", json!({ "customfield_3": one }));
        let mut setup = world.setup();
        setup.fields.extend(setting.map(|id| ("planned_start".to_owned(), id.to_owned())));
        Reader::round(setup, SourceKind::Jira)
    };
    for (row, scopes, values, setting, want, faults) in [
        ("another project's first", [theirs, None], [json!(other), json!(one)], None, Some(one), 0),
        ("another project's alone", [theirs, theirs], [json!(other), json!(other)], None, None, 1),
        (
            "the project's own before everybody's",
            [None, ours],
            [json!(other), json!(one)],
            None,
            Some(one),
            0,
        ),
        ("nobody's twice, one with a value", [None, None], [json!(one), Value::Null], None, Some(one), 1),
        ("nobody's twice, the same", [None, None], [json!(one), json!(one)], None, Some(one), 1),
        ("nobody's twice, and they differ", [None, None], [json!(one), json!(other)], None, None, 2),
        ("named by its id", [None, None], [json!(other), json!(one)], Some("customfield_2"), Some(one), 0),
        (
            "another's, named by its id",
            [theirs, None],
            [json!(one), json!(other)],
            Some("customfield_1"),
            Some(one),
            0,
        ),
    ] {
        let reader = read(scopes, values, setting);
        let found = reader.change("CHG-5").planned_start.map(|at| at.to_string());
        assert_eq!(found.as_deref(), want.map(|_| "2026-12-01T22:00:00Z"), "{row}");
        assert_eq!(reader.faults.len(), faults, "{row}: {:?}", reader.faults);
        let names = |text: &str| text.contains("customfield_1") && text.contains("customfield_2");
        assert!(reader.faults.iter().all(|fault| names(&fault.message)), "{row}: {:?}", reader.faults);
    }
    // The second usual name counts where the first is another project's.
    let reader = read([theirs, theirs], [Value::Null, Value::Null], None);
    assert_eq!(reader.change("CHG-6").planned_start.unwrap().to_string(), "2026-12-01T22:00:00Z");
}

#[test]
fn days_without_hours_last_to_their_end() {
    let world = Jira::<false>::having(fields);
    world.set("CHG-5", json!({ "customfield_8": "2026-12-01", "customfield_4": "2026-12-02" }));
    let zone = quorate::calendar::Zone::named("Europe/Madrid").unwrap();
    let reader = Reader::round(Setup { zone, ..world.setup() }, SourceKind::Jira);
    let change = reader.change("CHG-5");
    let span = (change.planned_start.unwrap().to_string(), change.planned_end.unwrap().to_string());
    assert_eq!(span, ("2026-11-30T23:00:00Z".to_owned(), "2026-12-02T23:00:00Z".to_owned()));
}

#[test]
fn approvals_that_are_hidden_are_said_and_nothing_is_sent() {
    let world = Jira::<false>::having(|site| site.hides_approvals = true);
    world.say("CHG-1", "still here");
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    assert_eq!(reader.change("CHG-1").approval, None);
    assert_eq!(reader.of_kind(RecordKind::Comment).len(), 1, "comments are read all the same");
    let told: Vec<&str> =
        reader.faults.iter().filter_map(|fault| fault.record.as_ref()).map(|id| id.as_str()).collect();
    assert_eq!(told, ["jira:CHG-1", "jira:CHG-2"], "{:?}", reader.faults);
    assert!(reader.faults[0].message.contains("agent"), "{:?}", reader.faults);
    let write = reader.write(&world, "CHG-1", 24, What::Vote { approve: true, comment: None });
    let pushed = reader.push(&write);
    let words = match &pushed {
        Pushed::Refused(words) | Pushed::Later { words, .. } | Pushed::Barred { words, .. } => words.as_str(),
        other => panic!("{other:?}"),
    };
    assert!(words.contains("403"), "{words}");
    assert!(world.fake().seen().iter().all(|asked| !Jira::<false>::writes(asked)));
}

#[test]
fn a_status_of_their_own_does_not_hide_the_approval_and_one_of_several_is_not_all() {
    for (row, status, decisions, whole, want) in [
        ("their own", "Freigabe", ["pending", "pending"], "pending", Some(Approval::Requested)),
        (
            "one of two",
            "Awaiting CAB approval",
            ["approved", "pending"],
            "pending",
            Some(Approval::Requested),
        ),
        ("enough of two", "Freigabe", ["approved", "pending"], "approved", Some(Approval::Approved)),
        ("a draft again", "Planning", ["approved", "approved"], "approved", None),
        ("a peer said yes", "Peer review", ["approved", "approved"], "approved", None),
        ("a peer is asked", "Peer review", ["pending", "pending"], "pending", Some(Approval::Requested)),
    ] {
        let world = Jira::<false>::having(|site| {
            let step = &mut site.steps.get_mut("CHG-1").unwrap()[0];
            step["finalDecision"] = json!(whole);
            for (at, decision) in decisions.iter().enumerate() {
                step["approvers"][at]["approverDecision"] = json!(decision);
            }
        });
        let status = json!({ "name": status, "statusCategory": { "key": "indeterminate" } });
        world.set("CHG-1", json!({ "status": status }));
        let mut reader = Reader::of(&world);
        reader.read().unwrap();
        let change = reader.change("CHG-1").clone();
        assert_eq!(change.approval.as_ref().map(|word| word.value), want, "{row}");
        let id = reader.id("CHG-1");
        let alone = crate::conformance::run(reader.source.look(&id)).unwrap();
        let Record::Change(alone) = &alone[0].record else { panic!() };
        assert_eq!(alone.approval, change.approval, "{row}: alone it is the same");
    }
}
