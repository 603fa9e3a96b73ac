//! The life of a template, and of what is made from it, on whole boards.

use serde_json::{Value, json};

use crate::{
    ledger::{
        command::{AlsoReported, Command, Problem, ProblemKind, TemplateCommand},
        decide::{
            self,
            can::{About, Operation},
        },
        derive::catalogue::TemplateState,
        desk::{Desk, at, id, who},
        event::Vote,
        who::Who,
    },
    model::{Id, Outcome, Prose, Relation, Standing, Template},
    rules::gate::GateVerdict,
};

/// The board of the pictures, which approves low standard changes by template.
fn desk() -> Desk {
    desk_with(json!({}))
}

fn desk_with(more: Value) -> Desk {
    let mut file = json!({
        "services": [{"id": "web", "class": "application"}, {"id": "db", "class": "database"}],
        "policies": [{"id": "routine", "when": {"kinds": ["standard"]}, "auto": true},
            {"id": "default", "board": "cab", "early_close": "both"}]});
    for (key, value) in more.as_object().unwrap() {
        file[key] = value.clone();
    }
    Desk::payments(file)
}

fn terms(more: Value) -> Box<Template> {
    let mut terms = json!({"id": "cert", "name": "Renew a certificate", "approved_until": "2027-06-30", "locked": ["services", "rollback_plan"],
        "fields": {"services": ["web"], "rollback_plan": "put the old one back"}, "required": ["owner"], "review_days": 90});
    for (key, value) in more.as_object().unwrap() {
        terms[key] = value.clone();
    }
    serde_json::from_value(terms).unwrap()
}

fn of(act: TemplateCommand) -> Command {
    Command::Template { template: id("cert"), act }
}

fn propose(more: Value) -> Command {
    of(TemplateCommand::Propose { terms: terms(more) })
}

fn suspend() -> Command {
    of(TemplateCommand::Suspend { reason: Prose::new("the vendor changed it") })
}

fn resubmit() -> Command {
    of(TemplateCommand::Resubmit { reason: None, until: None })
}

fn retire() -> Command {
    of(TemplateCommand::Retire { reason: Prose::new("nobody needs it") })
}

fn standard(name: &str, more: Value) -> Command {
    let mut fields = json!({"owner": "j.lind", "planned_start": at(60), "planned_end": at(120)});
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    fields.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let Value::Object(fields) = fields else { unreachable!() };
    Command::Standard { template: id("cert"), id: Some(id(name)), fields, also: AlsoReported::default() }
}

/// The board votes on the template until its round closes.
fn vote(desk: &mut Desk, vote: Vote) {
    for person in ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"] {
        if desk.ledger.fold().open_round(&id("cert")).is_some() {
            desk.vote(person, "cert", vote).unwrap();
        }
    }
}

fn approved() -> Desk {
    let mut desk = desk();
    desk.act("p.novak", propose(json!({}))).unwrap();
    vote(&mut desk, Vote::Approve);
    desk
}

fn state(desk: &Desk) -> TemplateState {
    desk.ledger
        .catalogue(desk.now)
        .templates
        .iter()
        .find(|view| view.template.id == id("cert"))
        .unwrap()
        .state
}

fn ended(item: &str, outcome: Outcome, desk: &Desk) -> Command {
    let started = if item == "S1" { at(65).min(desk.now.plus(-60)) } else { desk.now.plus(-60) };
    Command::Report {
        item: id(item),
        started: Some(started),
        finished: Some(started.plus(60)),
        outcome: Some(outcome),
    }
}

fn gate(desk: &Desk, item: &str, minute: i64) -> (GateVerdict, String) {
    let (verdict, reasons) = desk.ledger.gate(&id(item), at(minute), false, vec![]).unwrap();
    (verdict, reasons.join("; "))
}

#[test]
fn a_template_is_proposed_voted_on_and_approved() {
    let mut desk = desk();
    desk.act("p.novak", propose(json!({}))).unwrap();
    assert_eq!(state(&desk), TemplateState::Proposed);
    assert_eq!(desk.standing("cert"), Standing::Open, "it waits for the board as any item does");
    let record = desk.ledger.facts().change(&id("cert")).unwrap();
    assert_eq!(record.rollback_plan.as_str(), "put the old one back", "the voters see the plan itself");
    assert!(record.description.contains("Locked: services, rollback plan."), "{}", record.description);
    let refused = desk.act("p.novak", standard("S1", json!({}))).unwrap_err();
    assert_eq!(
        (refused.kind, refused.title.as_str()),
        (ProblemKind::No, "no standard change: cert is not approved")
    );
    let tied = desk.vote("p.novak", "cert", Vote::Approve).unwrap_err();
    assert_eq!(tied.kind, ProblemKind::NotAllowed, "who proposes does not vote");
    vote(&mut desk, Vote::Approve);
    assert_eq!((state(&desk), desk.state("cert").as_str()), (TemplateState::Approved, "scheduled"));
    let view = &desk.ledger.catalogue(desk.now).templates[0];
    assert_eq!(view.review_due, Some(desk.now.plus(90 * 86_400)));
    assert!(!view.by_rules);
}

#[test]
fn what_is_proposed_is_judged_before_anybody_votes() {
    let rows: &[(&str, Value, &str)] = &[
        ("a name", json!({"name": " "}), "needs a name"),
        ("no last day", json!({"approved_until": null}), "needs a last day"),
        ("a day that is past", json!({"approved_until": "2026-11-22"}), "would have ended on 2026-11-22"),
        (
            "a field of each change",
            json!({"fields": {"planned_start": at(0)}}),
            "planned_start is of each change alone",
        ),
        ("no field", json!({"fields": {"colour": "red"}}), "no field colour"),
        ("a locked field that is none", json!({"locked": ["colour"]}), "no field colour"),
        ("locked and asked for", json!({"required": ["services"]}), "both locked and filled in"),
        ("a fraction", json!({"fields": {"rollback_minutes": 1.5}}), "not whole"),
        ("no list", json!({"fields": {"services": 7}}), "would not be a change"),
    ];
    for (name, more, want) in rows {
        let refused = desk().act("p.novak", propose(more.clone())).unwrap_err();
        assert!(refused.title.contains(want), "{name}: {refused:?}");
    }
    let mut desk = desk_with(json!({"templates": [{"id": "cert", "approved_until": "2030-01-01"}]}));
    let refused = desk.act("p.novak", propose(json!({}))).unwrap_err();
    assert!(refused.title.contains("a template of the board's rules"), "{refused:?}");
    let taken =
        Command::Template { template: id("C1"), act: TemplateCommand::Propose { terms: terms(json!({})) } };
    assert_eq!(desk.act("p.novak", taken).unwrap_err().kind, ProblemKind::Changed);
    let machine = Who { pipeline: true, ..who("p.novak") };
    let refused = decide::step(&desk.ledger, &propose(json!({})), &machine, desk.now).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotAllowed);
}

#[test]
fn a_change_from_an_approved_template_needs_no_vote() {
    let mut desk = approved();
    let said = desk.act("x.out", standard("S1", json!({}))).unwrap();
    assert_eq!(
        said,
        "S1 made from template cert: Renew a certificate, approved by template cert, now scheduled"
    );
    let change = desk.ledger.facts().change(&id("S1")).unwrap();
    assert_eq!((change.requester.as_deref(), change.owner.as_deref()), (Some("x.out"), Some("j.lind")));
    assert_eq!(change.services, ["web"]);
    let approval = desk.item("S1").approval.clone().unwrap();
    assert_eq!(approval.template, Some(id("cert")));
    let (verdict, why) = gate(&desk, "S1", 70);
    assert_eq!(verdict, GateVerdict::Go, "{why}");
    assert!(why.contains("approved by template cert"), "{why}");
    // Without an automatic policy the board says itself what it lets go: the change is voted on.
    let mut asks = desk_with(json!({"policies": [{"id": "default", "board": "cab", "early_close": "both"}]}));
    asks.act("p.novak", propose(json!({}))).unwrap();
    vote(&mut asks, Vote::Approve);
    asks.act("x.out", standard("S1", json!({}))).unwrap();
    assert_eq!(asks.standing("S1"), Standing::Open);
}

#[test]
fn what_makes_no_standard_change() {
    let rows: &[(&str, Value, Value, &str)] = &[
        ("a locked field", json!({}), json!({"services": ["db"]}), "services differs from what cert locks"),
        ("a plan that is locked", json!({}), json!({"rollback_plan": "none"}), "rollback_plan differs"),
        ("the same in other words", json!({}), json!({"rollback_plan": " put the  old one\nback "}), ""),
        ("one to fill in", json!({}), json!({"owner": null}), "asks for owner"),
        ("an empty one", json!({}), json!({"owner": " "}), "asks for owner"),
        (
            "no times",
            json!({}),
            json!({"planned_start": null, "planned_end": null}),
            "asks for planned_start, planned_end",
        ),
        ("an end before the start", json!({}), json!({"planned_end": at(0)}), "would end before it starts"),
        ("too much risk", json!({}), json!({"risk": "high"}), "risk high exceeds low"),
        (
            "a field of the board",
            json!({}),
            json!({"kind": "normal"}),
            "kind of a standard change is set by the board",
        ),
        ("no field", json!({}), json!({"colour": "red"}), "no field colour"),
        (
            "a service it may touch",
            json!({"locked": [], "may_touch": ["db"]}),
            json!({"services": ["DB"]}),
            "",
        ),
        (
            "a class it may touch",
            json!({"locked": [], "may_touch": ["Database"]}),
            json!({"services": ["db"]}),
            "",
        ),
        (
            "one it may not",
            json!({"locked": [], "may_touch": ["database"]}),
            json!({"services": ["db", "web"]}),
            "web is no service",
        ),
        (
            "one nobody knows",
            json!({"locked": [], "may_touch": ["database"]}),
            json!({"services": ["x"]}),
            "x is no service",
        ),
        (
            "a locked field that is empty",
            json!({"locked": ["services", "test_plan"], "fields": {"services": ["web"]}}),
            json!({"test_plan": "look"}),
            "test_plan differs",
        ),
    ];
    for (name, more, fields, want) in rows {
        let mut desk = desk();
        desk.act("p.novak", propose(more.clone())).unwrap();
        vote(&mut desk, Vote::Approve);
        match (desk.act("x.out", standard("S1", fields.clone())), want.is_empty()) {
            (Ok(_), true) => assert_eq!(desk.standing("S1"), Standing::Approved, "{name}"),
            (Err(refused), false) => assert!(refused.title.contains(want), "{name}: {refused:?}"),
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn clashes_and_freezes_stop_a_standard_change_as_any_other() {
    let mut desk = desk_with(
        json!({"windows": [{"id": "stop", "kind": "freeze", "hard": true, "start": "2026-11-23T14:00:00",
        "end": "2026-11-23T20:00:00", "zone": "UTC", "scope": {"services": ["web"]}}]}),
    );
    desk.act("p.novak", propose(json!({}))).unwrap();
    vote(&mut desk, Vote::Approve);
    let said = desk.act("x.out", standard("S1", json!({}))).unwrap();
    assert!(said.contains("round 1 opened on cab"), "{said}");
    assert_eq!(gate(&desk, "S1", 70).0, GateVerdict::NoGo);
}

type Act = fn(&mut Desk) -> Result<String, Problem>;

/// What happens to S1, and what its template is then suspended for.
const DEEDS: &[(&str, Act, Option<&str>)] = &[
    (
        "failed",
        |desk| desk.act("j.lind", ended("S1", Outcome::Failed, desk)),
        Some("S1, made from it, failed"),
    ),
    (
        "backed out",
        |desk| desk.act("j.lind", ended("S1", Outcome::BackedOut, desk)),
        Some("S1, made from it, was backed out"),
    ),
    ("successful", |desk| desk.act("j.lind", ended("S1", Outcome::Successful, desk)), None),
    ("with issues", |desk| desk.act("j.lind", ended("S1", Outcome::SuccessfulWithIssues, desk)), None),
    (
        "an incident of its source",
        |desk| {
            desk.act("j.lind", ended("S1", Outcome::Successful, desk))?;
            desk.import(json!({"incidents": [{"id": "INC1", "opened": desk.now, "caused_by": ["S1"]}]}))
        },
        Some("S1, made from it, caused INC1"),
    ),
    (
        "an incident that somebody links",
        |desk| {
            desk.import(json!({"incidents": [{"id": "INC1", "opened": desk.now.plus(60)}]}))?;
            desk.act("j.lind", ended("S1", Outcome::Successful, desk))?;
            let link = Command::LinkIncident {
                incident: id("INC1"),
                item: id("S1"),
                relation: Relation::CausedBy,
                linked: true,
                reason: None,
            };
            desk.act("m.ortiz", link)
        },
        Some("S1, made from it, caused INC1"),
    ),
    (
        "an incident before it began",
        |desk| {
            desk.act("j.lind", ended("S1", Outcome::Successful, desk))?;
            desk.import(json!({"incidents": [{"id": "INC1", "opened": at(30), "caused_by": ["S1"]}]}))
        },
        None,
    ),
    ("one that was not made from it", |desk| desk.act("j.lind", ended("C1", Outcome::Failed, desk)), None),
];

#[test]
fn what_goes_wrong_suspends_the_template_in_the_same_commit() {
    for (name, act, want) in DEEDS {
        let mut desk = approved();
        for (name, start, end) in [("S1", 60, 80), ("S2", 200, 260), ("S3", 100, 120)] {
            desk.act("x.out", standard(name, json!({"planned_start": at(start), "planned_end": at(end)})))
                .unwrap();
        }
        desk.pass(100);
        desk.act(
            "j.lind",
            Command::Report { item: id("S3"), started: Some(desk.now), finished: None, outcome: None },
        )
        .unwrap();
        let commits = desk.log.len();
        act(&mut desk).unwrap();
        let Some(want) = want else {
            assert_eq!(state(&desk), TemplateState::Approved, "{name}");
            continue;
        };
        assert!(desk.log.len() > commits);
        assert_eq!(state(&desk), TemplateState::Suspended, "{name}");
        let view = desk.ledger.catalogue(desk.now).templates[0].clone();
        assert_eq!(
            (view.why.unwrap().said.as_str(), view.round),
            (*want, Some(2)),
            "{name}: its one round is open"
        );
        let refused = desk.act("x.out", standard("S4", json!({}))).unwrap_err();
        assert!(refused.title.contains("cert is suspended since"), "{name}: {refused:?}");
        let (verdict, why) = gate(&desk, "S2", 210);
        assert_ne!(verdict, GateVerdict::Go, "{name}: scheduled ones wait");
        assert!(why.contains("no longer holds: cert is suspended"), "{name}: {why}");
        let (_, why) = gate(&desk, "S3", 101);
        assert!(
            why.contains("begun when template cert was approved"),
            "{name}: started ones keep theirs: {why}"
        );
        let folded = desk.folded();
        assert_eq!(folded.templates, desk.ledger.fold().templates, "{name}: the log alone tells it");

        desk.pass(5);
        vote(&mut desk, Vote::Approve);
        assert_eq!(state(&desk), TemplateState::Approved, "{name}: approved again");
        let (_, why) = gate(&desk, "S2", 210);
        assert!(why.contains("approved by template cert"), "{name}: and what waited may go: {why}");
        desk.pass(5);
        desk.act(
            "j.lind",
            Command::Report {
                item: id("S3"),
                started: None,
                finished: Some(desk.now),
                outcome: Some(Outcome::Failed),
            },
        )
        .unwrap();
        assert_eq!(state(&desk), TemplateState::Approved, "{name}: S3 began under the approval before");
        desk.act("j.lind", ended("S2", Outcome::Failed, &desk)).unwrap();
        assert_eq!(state(&desk), TemplateState::Suspended, "{name}: S2 began under this one");
    }
}

#[test]
fn the_life_of_a_template() {
    type Act = (&'static str, fn() -> Command, Result<TemplateState, &'static str>);
    let resubmit_until = || of(TemplateCommand::Resubmit { reason: None, until: "2028-01-01".parse().ok() });
    let lives: &[(&str, &[Act])] = &[
        (
            "suspended by its owner, resubmitted, retired",
            &[
                ("p.novak", suspend, Ok(TemplateState::Suspended)),
                ("p.novak", suspend, Err("there is nothing to suspend: cert is suspended")),
                ("p.novak", resubmit, Err("is before the board already")),
                ("m.ortiz", retire, Ok(TemplateState::Retired)),
                ("p.novak", resubmit, Err("was retired")),
                ("m.ortiz", retire, Err("was retired")),
                (
                    "p.novak",
                    || propose(json!({"name": "Renew any certificate"})),
                    Ok(TemplateState::Proposed),
                ),
            ],
        ),
        (
            "by whom it is none of their business",
            &[
                ("x.out", suspend, Err("x.out may not do this on cert")),
                ("a.chen", retire, Err("a.chen may not do this on cert")),
                ("m.ortiz", suspend, Ok(TemplateState::Suspended)),
            ],
        ),
        (
            "renewed",
            &[
                ("p.novak", resubmit, Err("is approved until 2027-06-30: there is nothing to ask")),
                ("p.novak", resubmit_until, Ok(TemplateState::Proposed)),
            ],
        ),
        (
            "other terms are voted on anew",
            &[
                ("p.novak", || propose(json!({})), Err("cert is so already")),
                ("p.novak", || propose(json!({"max_risk": "moderate"})), Ok(TemplateState::Proposed)),
            ],
        ),
    ];
    for (name, acts) in lives {
        let mut desk = approved();
        for (at, (person, command, want)) in acts.iter().enumerate() {
            desk.pass(1);
            match (desk.act(person, command()), want) {
                (Ok(_), Ok(stands)) => assert_eq!(state(&desk), *stands, "{name}, act {at}"),
                (Err(refused), Err(want)) => {
                    assert!(refused.title.contains(want), "{name}, act {at}: {refused:?}")
                }
                (other, _) => panic!("{name}, act {at}: {other:?}"),
            }
            assert_eq!(desk.folded().templates, desk.ledger.fold().templates, "{name}, act {at}");
        }
    }
}

#[test]
fn a_template_that_is_refused_stays_suspended_and_may_be_asked_about_again() {
    let mut desk = approved();
    desk.act("p.novak", suspend()).unwrap();
    vote(&mut desk, Vote::Reject);
    assert_eq!((state(&desk), desk.standing("cert")), (TemplateState::Suspended, Standing::Rejected));
    desk.act("p.novak", resubmit()).unwrap();
    assert_eq!(desk.standing("cert"), Standing::Open);
    assert_eq!(desk.rounds("cert").len(), 3);
    vote(&mut desk, Vote::Approve);
    assert_eq!(state(&desk), TemplateState::Approved);
}

#[test]
fn a_template_of_the_rules_is_suspended_too_and_an_import_does_not_lift_it() {
    let rules = json!({"templates": [{"id": "cert", "name": "Renew a certificate", "approved_until": "2027-06-30",
        "fields": {"services": ["web"]}, "owner": "p.novak"}]});
    let mut desk = desk_with(rules.clone());
    desk.act("x.out", standard("S1", json!({}))).unwrap();
    assert_eq!(desk.standing("S1"), Standing::Approved);
    desk.pass(5);
    desk.act("j.lind", ended("S1", Outcome::Failed, &desk)).unwrap();
    assert_eq!((state(&desk), desk.standing("cert")), (TemplateState::Suspended, Standing::Open));
    let mut longer = rules;
    longer["templates"][0]["approved_until"] = json!("2028-01-01");
    desk.import(longer).unwrap();
    assert_eq!(state(&desk), TemplateState::Suspended);
    desk.pass(5);
    vote(&mut desk, Vote::Approve);
    assert_eq!(state(&desk), TemplateState::Approved, "the board's word");
}

#[test]
fn past_its_last_day_it_holds_no_more() {
    let mut desk = approved();
    desk.act("x.out", standard("S1", json!({}))).unwrap();
    desk.now = "2027-07-01T00:00:00Z".parse().unwrap();
    desk.pass(0);
    assert_eq!(state(&desk), TemplateState::Expired);
    let refused = desk.act("x.out", standard("S2", json!({}))).unwrap_err();
    assert!(refused.title.contains("cert was approved until 2027-06-30"), "{refused:?}");
}

#[test]
fn an_edit_that_the_template_does_not_allow_makes_a_normal_change() {
    let mut desk = approved();
    desk.act("x.out", standard("S1", json!({}))).unwrap();
    desk.edit("x.out", "S1", |change| change.planned_end = Some(at(130))).unwrap();
    assert_eq!(desk.standing("S1"), Standing::Approved, "times are not locked");
    let said = desk.edit("x.out", "S1", |change| change.services = vec!["db".into()]).unwrap();
    assert!(said.contains("services differs from what cert locks; it is a normal change now"), "{said}");
    let change = desk.ledger.facts().change(&id("S1")).unwrap();
    assert_eq!((change.kind.as_given(), change.template.is_none()), ("normal", true));
    assert_eq!(desk.standing("S1"), Standing::Open, "and the board votes on it");
    let refused = desk.edit("p.novak", "cert", |change| change.title = "Another".into()).unwrap_err();
    assert!(refused.title.contains("cert is the proposal of a template"), "{refused:?}");
}

#[test]
fn a_pipeline_makes_and_reports_a_standard_change_in_one_call() {
    let mut desk = approved();
    let machine = Who { pipeline: true, ..who("j.lind") };
    let make = |name: &str, also: AlsoReported| {
        let Command::Standard { template, id, fields, .. } = standard(name, json!({})) else {
            unreachable!()
        };
        Command::Standard { template, id, fields, also }
    };
    desk.pass(70);
    let done =
        AlsoReported { started: Some(at(65)), finished: Some(at(68)), outcome: Some(Outcome::Successful) };
    let said = desk.commit(|tx| tx.decide(&make("S1", done.clone()), &machine)).unwrap().said;
    assert!(said.contains("approved by template cert") && said.contains("S1: finished"), "{said}");
    let change = desk.ledger.facts().change(&id("S1")).unwrap();
    assert_eq!((change.actual_start, change.actual_end), (Some(at(65)), Some(at(68))));
    assert!(desk.item("S1").approval.is_some());
    // What cannot be reported was not made either.
    let later = AlsoReported { started: Some(at(500)), ..done };
    let (events, before) = (desk.log.len(), desk.ledger.head());
    let refused = desk.commit(|tx| tx.decide(&make("S2", later), &machine)).unwrap_err();
    assert!(refused.title.contains("later than now"), "{refused:?}");
    assert_eq!((desk.log.len(), desk.ledger.head(), desk.ledger.knows(&id("S2"))), (events, before, false));
    let failed =
        AlsoReported { started: Some(at(69)), finished: Some(at(70)), outcome: Some(Outcome::Failed) };
    desk.commit(|tx| tx.decide(&make("S3", failed), &machine)).unwrap();
    assert_eq!(state(&desk), TemplateState::Suspended);
    let refused = desk.commit(|tx| tx.decide(&make("S4", AlsoReported::default()), &machine)).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::No, "{refused:?}");
}

#[test]
fn what_somebody_can_do_is_what_is_decided() {
    type Life = fn(&mut Desk);
    let lives: &[(&str, Life)] = &[
        ("approved", |_| {}),
        ("suspended", |desk| drop(desk.act("p.novak", suspend()).unwrap())),
        ("retired", |desk| drop(desk.act("m.ortiz", retire()).unwrap())),
    ];
    for (name, life) in lives {
        let mut desk = approved();
        life(&mut desk);
        for person in ["p.novak", "m.ortiz", "a.chen", "x.out", "r.diaz"] {
            let about = About { id: &Id::new("cert").unwrap(), meeting: None };
            let told = desk.ledger.can(about, &who(person), desk.now);
            for (operation, command) in [
                (Operation::SuspendTemplate, suspend()),
                (Operation::ResubmitTemplate, resubmit()),
                (Operation::RetireTemplate, retire()),
            ] {
                let said = &told.iter().find(|known| known.operation == operation).unwrap().refusal;
                let decided = desk.only_asked(person, &command).err();
                assert_eq!(said, &decided, "{name}: {operation:?} by {person}");
            }
        }
        let about = About { id: &id("C1"), meeting: None };
        let told = desk.ledger.can(about, &who("m.ortiz"), desk.now);
        assert!(told.iter().all(|known| !Operation::OF_TEMPLATES.contains(&known.operation)));
    }
}
