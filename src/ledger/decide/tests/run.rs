//! What may be done in a run is what the board answers, and who may not learns nothing else of the run.

use proptest::prelude::*;

use super::*;
use crate::{
    ledger::{About, Operation, command::RunCommand, desk},
    model::{
        Line, Outcome,
        run::{StepKey, Tick},
    },
};

/// Chair, owner, operator, manager, a voter, somebody without a seat.
const PEOPLE: [&str; 6] = ["m.ortiz", "j.lind", "k.wu", "p.novak", "a.chen", "x.out"];
const RUNS: [&str; 3] = ["C1", "C2", "R1/canary"];

/// A change with three steps, one that has none, and a phase of a release with a criterion.
fn desk_of_runs() -> Desk {
    let change = json!({"id": "C1", "title": "Core switch", "kind": "normal", "state": "scheduled", "risk": "low",
        "owner": "j.lind", "operators": ["k.wu"], "services": ["lb-01"], "rollback_plan": "boot slot B",
        "planned_start": "2026-11-23T14:00:00Z", "planned_end": "2026-11-23T15:30:00Z",
        "steps": [{"text": "drain", "minutes": 10}, {"text": "swap", "minutes": 20, "rollback_minutes": 5},
            {"text": "open", "minutes": 5, "point_of_no_return": true}]});
    let bare = json!({"id": "C2", "title": "No steps", "kind": "normal", "state": "authorize", "risk": "low",
        "owner": "j.lind", "services": ["web-1"], "rollback_plan": "x",
        "planned_start": "2026-11-23T14:30:00Z", "planned_end": "2026-11-23T16:00:00Z"});
    let release = json!({"id": "R1", "name": "shop", "version": "3", "state": "scheduled", "manager": "p.novak",
        "phases": [{"id": "canary", "name": "canary", "start": "2026-11-23T14:00:00Z", "end": "2026-11-23T15:00:00Z",
            "owner": "j.lind", "services": ["shop"], "criteria": [{"text": "no errors"}],
            "steps": [{"text": "one host", "minutes": 10}]}]});
    Desk::payments(json!({"changes": [change, bare], "releases": [release]}))
}

fn run(activity: &str, act: RunCommand) -> Command {
    Command::Run { activity: id(activity), act }
}

#[test]
fn who_may_not_is_told_that_and_learns_nothing_of_the_run() {
    let why = || Some(Prose::new("because"));
    let step = |text: &str| StepKey { back: false, text: text.into(), nth: 1 };
    let acts = [
        RunCommand::Start { at: Some(at(600)), reason: why() },
        RunCommand::Step { step: step("no such step"), tick: Tick::Done, said: None },
        RunCommand::Step { step: step("drain"), tick: Tick::Failed, said: None },
        RunCommand::Resume { answer: None },
        RunCommand::Back { reason: None },
        RunCommand::GoOn { reason: Prose::default() },
        RunCommand::Go { reason: None },
        RunCommand::NoGo { reason: None },
        RunCommand::Criterion { criterion: Line::new("no such"), met: true },
        RunCommand::Restored { at: Some(at(600)) },
        RunCommand::Drop { reason: None },
        RunCommand::End { at: None, outcome: Outcome::Unknown, reason: None },
    ];
    let mut desk = desk_of_runs();
    for started in [false, true] {
        if started {
            let act = RunCommand::Start { at: None, reason: why() };
            for activity in RUNS {
                desk.act("j.lind", run(activity, act.clone())).unwrap();
            }
        }
        for (activity, act) in RUNS.iter().flat_map(|activity| acts.iter().map(move |act| (activity, act))) {
            let refused = desk.act("x.out", run(activity, act.clone())).unwrap_err();
            assert_eq!(refused.kind, NotAllowed, "{activity} {act:?}: {}", refused.title);
        }
    }
}

#[test]
fn a_phase_answers_of_its_run_and_its_release_of_the_vote() {
    let desk = desk_of_runs();
    let who = desk::who("j.lind");
    let operations = |text: &str| -> Vec<Operation> {
        let about = About { id: &id(text), meeting: None };
        desk.ledger.can(about, &who, desk.now).iter().map(|known| known.operation).collect()
    };
    assert_eq!(operations("R1/canary"), Operation::OF_RUNS);
    assert_eq!(operations("R1"), Operation::OF_ITEMS);
    assert_eq!(operations("C1"), [&Operation::OF_ITEMS[..], &Operation::OF_RUNS].concat());
    let no = |text: &str, operation: Operation| -> Option<String> {
        let about = About { id: &id(text), meeting: None };
        let all = desk.ledger.can(about, &who, desk.now);
        let known = all.into_iter().find(|known| known.operation == operation).unwrap();
        known.refusal.map(|problem| problem.title)
    };
    assert_eq!(no("C1", Operation::RunStart), None);
    assert_eq!(no("C1", Operation::RunTick).as_deref(), Some("C1 has not started"));
    assert_eq!(no("C1", Operation::RunRetry).as_deref(), Some("no step of C1 failed"));
    assert!(no("C1", Operation::RunGo).unwrap().contains("only the release's manager or the chair"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Runs that anybody moves on by anything they may do.
    #[test]
    fn what_may_be_done_in_a_run_is_what_is_done(
        acts in prop::collection::vec((0..PEOPLE.len(), 0..RUNS.len(), any::<prop::sample::Index>(), 0..30_i64), 1..14),
    ) {
        let mut desk = desk_of_runs();
        for (person, activity, operation, minutes) in acts {
            let (person, activity) = (PEOPLE[person], id(RUNS[activity]));
            let who = desk::who(person);
            let about = About { id: &activity, meeting: None };
            let told = desk.ledger.can(about, &who, desk.now);
            let told = told.into_iter().filter(|known| Operation::OF_RUNS.contains(&known.operation));
            let mut open: Vec<Operation> = Vec::new();
            for permission in told {
                let Ok(command) = desk.ledger.attempt(permission.operation, about, &who, desk.now) else {
                    prop_assert!(permission.refusal.is_some(), "{:?}", permission);
                    continue;
                };
                let done = desk.only_asked(person, &command);
                prop_assert_eq!(permission.refusal.as_ref(), done.as_ref().err(), "{} {:?}", person, command);
                open.extend(done.is_ok().then_some(permission.operation));
            }
            if !open.is_empty() {
                let command = desk.ledger.attempt(*operation.get(&open), about, &who, desk.now).unwrap();
                desk.act(person, command).unwrap();
            }
            desk.pass(minutes);
        }
        let folded = desk.folded();
        prop_assert_eq!(folded.get(&id("C1")), desk.ledger.fold().get(&id("C1")));
    }
}
