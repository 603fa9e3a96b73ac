//! A release from its plan to its end, on a board of five.

use serde_json::json;

use crate::ledger::{
    command::{Command, ProblemKind, ReleaseCommand},
    desk::{Desk, id},
    event::{CloseCause, Vote::Approve},
};
use crate::model::{Record, ReleaseState, SourceId, Standing, Stored};
use ReleaseState::{Build, Cancelled, Closed, Deploy, Planning, Review, Test};

/// A release of one phase with everything that readiness asks for, and a change that is approved in its own system.
fn desk() -> Desk {
    Desk::payments(json!({
        "changes": [
            {"id": "C1", "title": "Feature flags", "kind": "normal", "state": "assess", "risk": "low", "owner": "j.lind",
             "services": ["shop"], "rollback_plan": "switch off", "release": "R", "submitted_at": "2026-11-01T00:00:00Z",
             "planned_start": "2026-12-02T20:00:00Z", "planned_end": "2026-12-02T21:00:00Z"},
            {"id": "C2", "title": "Cache", "kind": "normal", "state": "assess", "risk": "low", "owner": "a.chen",
             "services": ["shop"], "rollback_plan": "switch off", "submitted_at": "2026-11-01T00:00:00Z",
             "planned_start": "2026-12-02T20:30:00Z", "planned_end": "2026-12-02T21:30:00Z"}
        ],
        "releases": [
            {"id": "R", "name": "Checkout", "version": "4.2.0", "manager": "p.novak", "services": ["shop"],
             "contingency": "switch back", "acceptance": [{"kind": "regression", "name": "suite", "passed": true}],
             "success": [{"kpi": "errors", "target": "< 1 %"}],
             "phases": [{"id": "p1", "name": "canary", "start": "2026-12-02T19:00:00Z", "end": "2026-12-02T22:00:00Z",
                         "rollback_minutes": 20}]}
        ]
    }))
}

fn enter(
    desk: &mut Desk,
    person: &str,
    to: ReleaseState,
    why: &str,
) -> Result<String, (ProblemKind, String)> {
    let reason = (!why.is_empty()).then(|| why.into());
    let act = ReleaseCommand::State { to, reason };
    desk.act(person, Command::Release { release: id("R"), act })
        .map_err(|problem| (problem.kind, problem.title))
}

fn stage(desk: &Desk) -> ReleaseState {
    desk.ledger.stage(desk.ledger.facts().release(&id("R")).unwrap())
}

fn ask(desk: &mut Desk, person: &str, act: ReleaseCommand) -> Result<String, (ProblemKind, String)> {
    desk.act(person, Command::Release { release: id("R"), act })
        .map_err(|problem| (problem.kind, problem.title))
}

#[test]
fn a_release_lives_from_planning_to_closed() {
    let mut desk = desk();
    assert_eq!(enter(&mut desk, "p.novak", Build, "").unwrap(), "R: from planning to build");
    assert_eq!(desk.standing("R"), Standing::None);
    let said = enter(&mut desk, "p.novak", Test, "").unwrap();
    assert_eq!(said, "R: from build to test, round 1 opened on cab");
    let (kind, why) = enter(&mut desk, "p.novak", Deploy, "").unwrap_err();
    assert_eq!(kind, ProblemKind::No);
    for missing in ["C1 is not approved; ", "C2 changes shop during R/p1", "the vote on the release is open"]
    {
        assert!(why.contains(missing), "{missing}: {why}");
    }
    desk.edit("a.chen", "C2", |change| change.state = crate::model::State::Cancelled.into()).unwrap();
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "R", Approve).unwrap();
    }
    desk.act("m.ortiz", Command::Open { item: id("C1") }).unwrap();
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "C1", Approve).unwrap();
    }
    let plan = desk.ledger.release_plan(&id("R"), None).unwrap();
    assert!(plan.readiness.ready, "{:?}", plan.readiness);
    assert_eq!((plan.release.score(), plan.entry.unwrap().missing), ("7/7".to_owned(), Vec::new()));
    enter(&mut desk, "m.ortiz", Deploy, "").unwrap();
    assert_eq!(desk.rounds("R").len(), 1, "what is approved is not asked again");
    let (_, why) = enter(&mut desk, "p.novak", Review, "").unwrap_err();
    assert!(why.ends_with("p1 is pending: end it, or drop it"), "{why}");
    let act = crate::ledger::command::RunCommand::Drop { reason: None };
    desk.act("p.novak", Command::Run { activity: id("R/p1"), act }).unwrap();
    enter(&mut desk, "p.novak", Review, "").unwrap();
    let (_, why) = enter(&mut desk, "p.novak", Closed, "").unwrap_err();
    assert!(why.ends_with("errors: nobody said what it became"), "{why}");
    assert_eq!(stage(&desk), Review);
    // The log says the same by itself.
    let fold = desk.folded();
    assert_eq!(fold.get(&id("R")).unwrap().life.stage.as_ref().unwrap().to, Review);
    assert_eq!(*fold.get(&id("R")).unwrap(), *desk.item("R"));
}

#[test]
fn who_may_and_which_way() {
    let mut desk = desk();
    for (person, kind) in [
        ("a.chen", ProblemKind::NotAllowed),
        ("x.out", ProblemKind::NotAllowed),
        ("r.diaz", ProblemKind::NotAllowed),
    ] {
        assert_eq!(enter(&mut desk, person, Build, "").unwrap_err().0, kind, "{person}");
    }
    assert_eq!(
        enter(&mut desk, "m.ortiz", Test, "").unwrap_err().1,
        "R does not enter test: it is in planning, and goes one step at a time: build comes next"
    );
    enter(&mut desk, "m.ortiz", Build, "").unwrap();
    assert_eq!(enter(&mut desk, "m.ortiz", Planning, " ").unwrap_err().1, "R: going back needs a reason");
    enter(&mut desk, "m.ortiz", Planning, "scope was wrong").unwrap();
    assert_eq!(desk.item("R").life.stage.as_ref().unwrap().reason.as_deref(), Some("scope was wrong"));
    assert_eq!(enter(&mut desk, "p.novak", Cancelled, "").unwrap_err().1, "R: calling it off needs a reason");
    enter(&mut desk, "p.novak", Cancelled, "no budget").unwrap();
    assert!(!desk.ledger.release_plan(&id("R"), None).unwrap().release.live);
    assert!(enter(&mut desk, "p.novak", Build, "again").is_err());
    enter(&mut desk, "p.novak", Planning, "budget is there").unwrap();
}

#[test]
fn a_round_opens_again_with_its_test() {
    let mut desk = desk();
    enter(&mut desk, "p.novak", Build, "").unwrap();
    enter(&mut desk, "p.novak", Test, "").unwrap();
    desk.act("m.ortiz", Command::Defer { item: id("R"), reason: "who rolls back?".into() }).unwrap();
    enter(&mut desk, "p.novak", Build, "answer it").unwrap();
    assert_eq!(desk.rounds("R").len(), 1);
    enter(&mut desk, "p.novak", Test, "").unwrap();
    assert_eq!((desk.rounds("R").len(), desk.standing("R")), (2, Standing::Open));
    // Material edits end it and open the next.
    desk.import(json!({"releases": [{"id": "R", "name": "Checkout", "version": "4.2.1", "manager": "p.novak", "state": "test",
        "services": ["shop"]}]})).unwrap();
    assert_eq!(desk.rounds("R").len(), 3);
    let ended = desk.item("R").rounds[1].closed.as_ref().unwrap().cause;
    assert_eq!(ended, CloseCause::Changed);
}

#[test]
fn a_manager_submits_before_test() {
    let mut desk = desk();
    ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap();
    assert_eq!((desk.standing("R"), stage(&desk)), (Standing::Open, Planning));
    assert_eq!(ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap_err().0, ProblemKind::Changed);
    desk.act("m.ortiz", Command::Defer { item: id("R"), reason: "later".into() }).unwrap();
    ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap();
    assert_eq!(desk.rounds("R").len(), 2);
    for person in ["a.chen", "s.varga", "k.wu"] {
        desk.vote(person, "R", Approve).unwrap();
    }
    assert!(ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap_err().1.contains("nothing to decide"));
}

#[test]
fn of_a_source_our_word_stands_beside_its_own() {
    let mut desk = desk();
    let release = json!({"id": "R", "name": "Checkout", "version": "4.2.0", "state": "build", "manager": "p.novak", "services": ["shop"]});
    let stored = |release: &serde_json::Value| Stored {
        source: SourceId::new("gitlab"),
        record: Record::Release(Box::new(serde_json::from_value(release.clone()).unwrap())),
    };
    desk.moved(vec![stored(&release)], vec![]);
    assert_eq!(stage(&desk), Build);
    enter(&mut desk, "p.novak", Test, "").unwrap();
    let plan = desk.ledger.release_plan(&id("R"), None).unwrap();
    assert_eq!((plan.release.state.as_str(), plan.release.stage, plan.own), ("build", Test, false));
    assert!(plan.release.speaks_otherwise());
    assert_eq!(desk.standing("R"), Standing::Open);
}

#[test]
fn bundling_says_what_it_does_and_does_that() {
    let mut desk = desk();
    let clashes = |desk: &Desk| {
        desk.ledger
            .conflicts()
            .iter()
            .filter(|row| row.key.names(&id("C2")))
            .map(|row| row.reason())
            .collect::<Vec<_>>()
    };
    let before = clashes(&desk);
    let plan = desk.ledger.release_plan(&id("R"), None).unwrap();
    let apart = plan.apart.iter().find(|one| one.id == "C2").unwrap();
    assert!(apart.fits && apart.why.len() == 2, "{apart:?}");
    let trial = desk.ledger.bundle_trial(&id("C2"), Some(&id("R"))).unwrap();
    assert_eq!(apart.trial, trial);
    assert!(!trial.solved.is_empty(), "{before:?}");
    let said = ask(&mut desk, "p.novak", ReleaseCommand::Bundle { change: id("C2") }).unwrap();
    assert!(said.starts_with(&format!("C2 is bundled in R: {}", trial.line())), "{said}");
    let after = clashes(&desk);
    for gone in &trial.solved {
        assert!(before.contains(gone) && !after.contains(gone), "{gone}: {after:?}");
    }
    for new in &trial.new {
        assert!(!before.contains(new) && after.contains(new), "{new}");
    }
    assert!(
        ask(&mut desk, "p.novak", ReleaseCommand::Bundle { change: id("C2") })
            .unwrap_err()
            .1
            .contains("already")
    );
    ask(&mut desk, "m.ortiz", ReleaseCommand::Unbundle { change: id("C2") }).unwrap();
    assert_eq!(clashes(&desk), before);
    assert!(ask(&mut desk, "p.novak", ReleaseCommand::Unbundle { change: id("C2") }).is_err());
    assert_eq!(
        ask(&mut desk, "a.chen", ReleaseCommand::Bundle { change: id("C2") }).unwrap_err().0,
        ProblemKind::NotAllowed
    );
}

#[test]
fn a_bundle_that_changes_costs_the_votes_of_both() {
    let mut desk = desk();
    ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap();
    desk.act("m.ortiz", Command::Open { item: id("C2") }).unwrap();
    desk.vote("k.wu", "C2", Approve).unwrap();
    desk.vote("k.wu", "R", Approve).unwrap();
    let trial = desk.ledger.bundle_trial(&id("C2"), Some(&id("R"))).unwrap();
    assert_eq!(trial.votes, 2);
    ask(&mut desk, "p.novak", ReleaseCommand::Bundle { change: id("C2") }).unwrap();
    assert_eq!((desk.tally("C2").yes, desk.tally("R").yes), (0, 0));
    assert_eq!((desk.rounds("C2").len(), desk.rounds("R").len()), (2, 2));
}

#[test]
fn a_release_moves_with_what_lies_in_its_phases_as_it_did_on_trial() {
    let mut desk = desk();
    let start = "2026-12-03T19:00:00Z".parse().unwrap();
    let trial = crate::rules::whatif::what_if(
        desk.ledger.facts(),
        &id("R"),
        start,
        desk.now,
        &desk.ledger.decisions(),
    )
    .unwrap();
    let keys = |desk: &Desk| desk.ledger.conflicts().iter().map(|row| row.key.clone()).collect::<Vec<_>>();
    let before = keys(&desk);
    let said = desk.act("p.novak", Command::Move { item: id("R"), start }).unwrap();
    assert!(said.starts_with("R moved to 2026-12-03T19:00:00Z with C1"), "{said}");
    let facts = desk.ledger.facts();
    assert_eq!(facts.release(&id("R")).unwrap().phases[0].start, Some(start));
    assert_eq!(facts.change(&id("C1")).unwrap().planned_start, Some("2026-12-03T20:00:00Z".parse().unwrap()));
    let after = keys(&desk);
    let went: Vec<_> = before.iter().filter(|key| !after.contains(key)).collect();
    let came: Vec<_> = after.iter().filter(|key| !before.contains(key)).collect();
    assert_eq!(went, trial.solved.iter().map(|row| &row.key).collect::<Vec<_>>());
    assert_eq!(came, trial.new.iter().map(|row| &row.key).collect::<Vec<_>>());
    assert!(!went.is_empty(), "it left C2 behind");
    let again = desk.act("p.novak", Command::Move { item: id("R"), start }).unwrap_err();
    assert!(again.title.contains("already"), "{}", again.title);
}

#[test]
fn what_differs_from_an_earlier_day() {
    let mut desk = desk();
    let plan = |desk: &Desk, at| desk.ledger.release_plan(&id("R"), Some(at)).unwrap().since.unwrap();
    assert_eq!(plan(&desk, desk.now).unseen, [id("R"), id("C1")], "nobody has asked the board about them");
    ask(&mut desk, "p.novak", ReleaseCommand::Submit).unwrap();
    let then = desk.now;
    assert!(plan(&desk, then).changes.is_empty());
    desk.pass(60);
    ask(&mut desk, "p.novak", ReleaseCommand::Bundle { change: id("C2") }).unwrap();
    let since = plan(&desk, then);
    let said: Vec<_> = since
        .changes
        .iter()
        .map(|one| (one.id.as_str(), one.field.as_str(), one.old.as_str(), one.new.as_str()))
        .collect();
    assert_eq!(said, [("R", "bundle", "C1", "C1, C2")]);
    assert!(plan(&desk, desk.now).changes.is_empty());
}

#[test]
fn a_change_of_a_source_is_bundled_beside_its_word() {
    let mut desk = desk();
    let change = |title: &str| {
        json!({"id": "S1", "title": title, "kind": "normal", "state": "assess", "risk": "low", "services": ["shop"],
            "rollback_plan": "off", "submitted_at": "2026-11-01T00:00:00Z",
            "planned_start": "2026-12-02T20:00:00Z", "planned_end": "2026-12-02T20:30:00Z"})
    };
    desk.source("servicenow", change("Index"));
    let bundled = |desk: &Desk| desk.ledger.facts().bundle(&id("R")).cloned().collect::<Vec<_>>();
    let before: Vec<_> = desk.ledger.conflicts().iter().map(|row| row.reason()).collect();
    let trial = desk.ledger.bundle_trial(&id("S1"), Some(&id("R"))).unwrap();
    // Only asked, nothing stays.
    desk.only_asked(
        "p.novak",
        &Command::Release { release: id("R"), act: ReleaseCommand::Bundle { change: id("S1") } },
    )
    .unwrap();
    assert_eq!(bundled(&desk), [id("C1")]);
    let said = ask(&mut desk, "p.novak", ReleaseCommand::Bundle { change: id("S1") }).unwrap();
    assert!(said.contains(&trial.line()), "{said}");
    assert_eq!(bundled(&desk), [id("C1"), id("S1")]);
    let after: Vec<_> = desk.ledger.conflicts().iter().map(|row| row.reason()).collect();
    assert!(
        trial.solved.iter().all(|gone| before.contains(gone) && !after.contains(gone)),
        "{trial:?} {after:?}"
    );
    desk.source("servicenow", change("Index, again"));
    assert_eq!(
        bundled(&desk),
        [id("C1"), id("S1")],
        "its own system does not know, and does not take it out"
    );
    assert_eq!(desk.ledger.facts().given_change(&id("S1")).unwrap().release, None);
    assert_eq!(desk.folded().bundled, desk.ledger.fold().bundled);
    ask(&mut desk, "p.novak", ReleaseCommand::Unbundle { change: id("S1") }).unwrap();
    assert_eq!(bundled(&desk), [id("C1")]);
    assert_eq!(desk.ledger.conflicts().iter().map(|row| row.reason()).collect::<Vec<_>>(), before);
}
