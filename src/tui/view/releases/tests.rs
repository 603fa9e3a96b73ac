//! The Releases screen, driven by keys over a plan of a real ledger.

use crate::{
    ledger::{Ledger, Taken, log::Head},
    model::{Record, Release, ReleaseState, SourceId, Stored},
    tui::{
        app::Driver,
        fixture::{self, story},
    },
    wire::{Answer, Command, Problem, ProblemKind, Question, ReleaseCommand, RunCommand},
};

/// A ledger with the release of the pictures, and a change that shares a service with it.
fn ledger() -> Ledger {
    let (start, end) = (fixture::at(2, "20:00"), fixture::at(3, "14:00"));
    let release: Release = serde_json::from_value(serde_json::json!({
        "id": "REL-4.2", "name": "Checkout", "version": "4.2.0", "state": "build", "manager": "p.novak", "services": ["lb-01"],
        "contingency": "switch back", "sprint": "sprint-48", "acceptance": [{"kind": "regression", "name": "suite", "passed": true}],
        "phases": [
            {"id": "p1", "name": "canary", "share": 5, "start": start, "end": end, "rollback_minutes": 20, "criteria": ["few errors"]},
            {"id": "p2", "name": "everybody", "share": 100, "start": fixture::at(4, "09:00"), "end": fixture::at(4, "12:00"),
             "rollback_minutes": 30, "point_of_no_return": true}]
    }))
    .unwrap();
    let change = serde_json::from_value::<crate::model::Change>(serde_json::json!({
        "id": "CHG0030042", "title": "Core switch", "state": "authorize", "risk": "high", "services": ["lb-01"],
        "planned_start": start, "planned_end": start.plus(5400)
    }))
    .unwrap();
    let stored = |record| Stored { source: SourceId::board(), record };
    let upserts = vec![stored(Record::Release(Box::new(release))), stored(Record::from(change))];
    let mut ledger = Ledger::new();
    ledger.take(Taken { upserts, ..Taken::default() }, Head::default());
    ledger.refresh(fixture::now());
    ledger
}

fn driver(width: u16, height: u16) -> Driver {
    let ledger = ledger();
    let answer = move |question: &Question| match question {
        Question::Releases => Ok(Answer::Releases(ledger.release_summaries())),
        Question::Plan { id, .. } => Ok(Answer::Plan(Box::new(ledger.release_plan(id, None).unwrap()))),
        other => fixture::answer(other).ok_or_else(|| Problem::new(ProblemKind::NotFound, "no such thing")),
    };
    Driver::new(story(), width, height).answering(answer)
}

fn open(width: u16, height: u16) -> Driver {
    let mut driver = driver(width, height);
    driver.keys("5").rest().rest();
    driver
}

#[test]
fn what_is_planned_is_on_the_screen_at_any_size() {
    for (width, height) in [(80, 24), (120, 36), (160, 50)] {
        let screen = open(width, height).screen();
        for said in ["REL-4.2", "build", "p1 canary 5 %", "Ready?", "lacks"] {
            assert!(screen.contains(said), "{said} at {width}x{height}:\n{screen}");
        }
        if width >= 120 {
            for said in ["If we stop after", "◆ no", "back to nothing", "apart", "contingency stated"] {
                assert!(screen.contains(said), "{said} at {width}x{height}:\n{screen}");
            }
        }
    }
    for width in [40, 60, 79, 119, 200] {
        for height in [10, 16, 24, 60] {
            open(width, height).keys("Tab j j G g Tab k");
        }
    }
}

#[test]
fn the_menu_says_what_cannot_be_done_and_sends_the_rest() {
    let mut driver = open(160, 50);
    driver.keys("R");
    let screen = driver.screen();
    assert!(screen.contains("take a change out of it: nothing is bundled in it"), "{screen}");
    assert!(screen.contains("on to test: it lacks 1 thing"), "{screen}");
    driver.keys("b");
    driver.type_text("the scope was wrong");
    driver.keys("Enter");
    assert!(driver.submitted.is_empty(), "nothing goes before it is confirmed");
    driver.keys("y");
    let (_, sent) = driver.submitted.last().unwrap();
    let Command::Release { release, act: ReleaseCommand::State { to, reason } } = sent else {
        panic!("{sent:?}")
    };
    assert_eq!((release.as_str(), *to), ("REL-4.2", ReleaseState::Planning));
    assert_eq!(reason.as_deref(), Some("the scope was wrong"));
}

#[test]
fn go_is_said_for_the_next_phase_and_a_change_is_bundled_with_its_price() {
    let mut driver = open(120, 36);
    driver.keys("R g");
    assert!(driver.screen().contains("nobody has said whether few errors is met"), "{}", driver.screen());
    driver.keys("y");
    let (_, sent) = driver.submitted.last().unwrap();
    let Command::Run { activity, act: RunCommand::Go { .. } } = sent else { panic!("{sent:?}") };
    assert_eq!(activity.as_str(), "REL-4.2/p1");
    driver.keys("R i");
    assert!(driver.screen().contains("CHG0030042 Core switch"), "{}", driver.screen());
    driver.keys("Enter");
    assert!(driver.screen().contains("1 solved"), "{}", driver.screen());
    driver.keys("y");
    let (_, sent) = driver.submitted.last().unwrap();
    let Command::Release { act: ReleaseCommand::Bundle { change }, .. } = sent else { panic!("{sent:?}") };
    assert_eq!(change.as_str(), "CHG0030042");
}

#[test]
fn documents_are_read_here() {
    let mut driver = open(120, 36);
    driver.keys("D");
    assert!(driver.screen().contains("Scope of REL-4.2 Checkout 4.2.0"), "{}", driver.screen());
    driver.keys("l");
    assert!(driver.screen().contains("Plan of REL-4.2"), "{}", driver.screen());
    driver.keys("l");
    assert!(driver.screen().contains("Rolling back REL-4.2"), "{}", driver.screen());
}
