//! Runs played minute by minute by somebody with a clock and a list, against what is computed in one go.
//!
//! The player knows nothing of [`super::progress`]: it walks from minute to minute, works where nobody holds, and writes
//! down what it sees.

use proptest::prelude::*;

use super::{Plan, PlanStep, Progress, RunFacts, RunState, progress};
use crate::model::{
    Instant, Line, RunAct,
    run::{Run, Said, StepKey, Tick},
    time::MINUTE,
};

fn at(minute: i64) -> Instant {
    // The night in which clocks go back in Europe: instants go on all the same.
    "2026-10-24T23:00:00Z".parse::<Instant>().unwrap().plus(minute * MINUTE)
}

/// What happens in a minute of the tape.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Nothing,
    Done,
    Hold,
    Resume,
    Fail,
    Retry,
    Skip,
}

#[derive(Debug, Clone)]
struct Script {
    steps: Vec<(Option<u32>, Option<u32>, bool)>,
    /// Minutes that undoing takes, where the steps do not say.
    whole: Option<u32>,
    tape: Vec<Deed>,
    planned: i64,
    limit: Option<i64>,
}

fn script() -> impl Strategy<Value = Script> {
    let step = (
        proptest::option::weighted(0.8, 0_u32..25),
        proptest::option::weighted(0.8, 0_u32..20),
        proptest::bool::weighted(0.1),
    );
    let deed = prop_oneof![
        12 => Just(Deed::Nothing), 3 => Just(Deed::Done), 1 => Just(Deed::Hold), 2 => Just(Deed::Resume),
        1 => Just(Deed::Fail), 1 => Just(Deed::Retry), 1 => Just(Deed::Skip),
    ];
    (
        proptest::collection::vec(step, 1..6),
        proptest::option::of(0_u32..60),
        proptest::collection::vec(deed, 0..90),
        1_i64..120,
        proptest::option::weighted(0.9, 1_i64..200),
    )
        .prop_map(|(steps, whole, tape, planned, limit)| Script { steps, whole, tape, planned, limit })
}

fn plan(script: &Script) -> Plan {
    let step =
        |(at, (minutes, rollback_minutes, no_return)): (usize, &(Option<u32>, Option<u32>, bool))| PlanStep {
            key: key(at),
            check: None,
            minutes: *minutes,
            owner: None,
            rollback_minutes: *rollback_minutes,
            point_of_no_return: *no_return,
            ends_outage: false,
        };
    Plan {
        steps: script.steps.iter().enumerate().map(step).collect(),
        rollback_minutes: script.whole,
        ..Plan::default()
    }
}

fn key(at: usize) -> StepKey {
    StepKey { back: false, text: Line::new(&format!("step {at}")), nth: 1 }
}

/// How a step stands with the player.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mark {
    Open,
    Failed,
    Settled,
}

/// Somebody who carries the run out by the minute.
struct Player {
    marks: Vec<Mark>,
    /// Minutes worked on the step at hand.
    worked: i64,
    held: bool,
    run: Run,
    /// Steps that were at hand at some time, or failed.
    begun: Vec<bool>,
}

impl Player {
    fn play(script: &Script) -> Self {
        let count = script.steps.len();
        let mut run = Run::default();
        run.take(RunAct::Started { at: at(0), against: Vec::new(), reason: None }, said(0));
        let mut player =
            Self { marks: vec![Mark::Open; count], worked: 0, held: false, run, begun: vec![false; count] };
        player.begin();
        for (minute, deed) in script.tape.iter().enumerate() {
            let minute = i64::try_from(minute).unwrap();
            player.act(*deed, minute);
            if !player.held {
                player.worked += 1;
            }
        }
        player
    }

    fn at_hand(&self) -> Option<usize> {
        self.marks.iter().position(|mark| *mark != Mark::Settled)
    }

    fn begin(&mut self) {
        self.worked = 0;
        if let Some(at) = self.at_hand() {
            self.begun[at] = true;
        }
    }

    fn say(&mut self, step: usize, tick: Tick, minute: i64) {
        self.run.take(RunAct::Ticked { step: key(step), tick, at: at(minute), said: None }, said(minute));
    }

    fn act(&mut self, deed: Deed, minute: i64) {
        let Some(step) = self.at_hand() else { return };
        let failed = self.marks[step] == Mark::Failed;
        match deed {
            Deed::Done if !self.held && !failed => {
                self.say(step, Tick::Done, minute);
                self.marks[step] = Mark::Settled;
                self.begin();
            }
            Deed::Hold if !self.held => {
                self.run.take(RunAct::Held { reason: None }, said(minute));
                self.held = true;
            }
            Deed::Resume if self.held && !failed => {
                self.run.take(RunAct::Resumed { answer: None }, said(minute));
                self.held = false;
            }
            Deed::Fail if !self.held && !failed => {
                self.say(step, Tick::Failed, minute);
                self.marks[step] = Mark::Failed;
                self.held = true;
            }
            Deed::Retry if failed => {
                self.say(step, Tick::Retried, minute);
                self.marks[step] = Mark::Open;
                self.held = false;
                self.worked = 0;
            }
            Deed::Skip if failed => {
                self.say(step, Tick::Skipped, minute);
                self.marks[step] = Mark::Settled;
                self.held = false;
                self.begin();
            }
            Deed::Nothing
            | Deed::Done
            | Deed::Hold
            | Deed::Resume
            | Deed::Fail
            | Deed::Retry
            | Deed::Skip => {}
        }
    }
}

fn said(minute: i64) -> Said {
    Said { at: at(minute), by: "j.lind".into(), person: None, reason: None }
}

/// Seconds each step takes: what it says, else an equal part of what the others leave of the planned length.
fn lengths(script: &Script) -> Vec<i64> {
    let stated: i64 = script.steps.iter().filter_map(|(minutes, ..)| *minutes).map(i64::from).sum();
    let silent: Vec<usize> =
        script.steps.iter().enumerate().filter(|(_, step)| step.0.is_none()).map(|(at, _)| at).collect();
    let left = (script.planned - stated).max(0) * MINUTE;
    let count = i64::try_from(silent.len()).unwrap();
    let mut given = 0;
    let mut lengths: Vec<i64> =
        script.steps.iter().map(|(minutes, ..)| minutes.map_or(0, i64::from) * MINUTE).collect();
    for (nth, at) in (1_i64..).zip(silent) {
        // All but the last get whole seconds, and the rounding adds up.
        let until = left * nth / count;
        lengths[at] = until - given;
        given = until;
    }
    lengths
}

fn facts<'a>(plan: &'a Plan, run: &'a Run, script: &Script) -> RunFacts<'a> {
    RunFacts {
        plan,
        run,
        started: Some(at(0)),
        ended: None,
        planned: (Some(at(0)), Some(at(script.planned))),
        limit: script.limit.map(at),
        not_before: None,
        heard: None,
        now: at(i64::try_from(script.tape.len()).unwrap()),
    }
}

/// Works on from now, second by second in one step at a time, without a hold: when all is done.
fn played_end(player: &Player, lengths: &[i64], now: Instant) -> Instant {
    let mut clock = now;
    let Some(first) = player.at_hand() else { return now };
    for (at, mark) in player.marks.iter().enumerate().skip(first) {
        if *mark == Mark::Settled {
            continue;
        }
        let mut left = if at == first { lengths[at] - player.worked * MINUTE } else { lengths[at] };
        while left > 0 {
            clock = clock.plus(1);
            left -= 1;
        }
    }
    clock
}

/// Minutes to undo what these name, from the steps where each says it, else of the whole.
fn undoing(script: &Script, begun: &[bool]) -> Option<i64> {
    let mut sum = 0;
    for (step, begun) in script.steps.iter().zip(begun) {
        if *begun {
            match step.1 {
                Some(minutes) => sum += i64::from(minutes),
                None => return script.whole.map(i64::from),
            }
        }
    }
    Some(sum)
}

/// The last full minute from far back on at which something still holds.
fn last(holds: impl Fn(Instant) -> bool) -> Option<Instant> {
    (-400..400).map(at).take_while(|minute| holds(*minute)).last()
}

fn check(script: &Script) -> Result<(), TestCaseError> {
    let player = Player::play(script);
    let plan = plan(script);
    let facts = facts(&plan, &player.run, script);
    let Progress { projected_end, turn_back_by, begin_by, begins, undo_minutes, running, state, .. } =
        progress(facts);
    let lengths = lengths(script);
    prop_assert_eq!(running, player.at_hand());
    prop_assert_eq!(state == RunState::Held, player.held);
    prop_assert_eq!(projected_end, Some(played_end(&player, &lengths, facts.now)));
    let passed = script.steps.iter().zip(&player.begun).any(|(step, begun)| *begun && step.2);
    let undo = if passed { None } else { undoing(script, &player.begun) };
    prop_assert_eq!(undo_minutes.map(i64::from), undo);
    let (Some(limit), limit_known) = (facts.limit.or(Some(facts.now)), facts.limit.is_some()) else {
        return Ok(());
    };
    // Walked back for so many minutes from an instant it is over by the limit, or not.
    let want =
        undo.filter(|_| limit_known).and_then(|undo| last(|minute| minute.plus(undo * MINUTE) <= limit));
    prop_assert_eq!(turn_back_by, want);
    let next = player
        .at_hand()
        .and_then(|hand| (hand + 1..script.steps.len()).find(|at| player.marks[*at] == Mark::Open));
    prop_assert_eq!(begins.is_some(), next.is_some() && limit_known);
    if let (Some(next), true) = (next, limit_known) {
        let mut with = player.begun.clone();
        with[next] = true;
        let back = if passed || script.steps[next].2 { Some(0) } else { undoing(script, &with) };
        // The last second at which the step can begin, end, and all of it be undone by the limit.
        let by = back.map(|back| {
            let mut by = limit.plus(400 * MINUTE);
            while by.plus(lengths[next]).plus(back * MINUTE) > limit {
                by = by.plus(-1);
            }
            by
        });
        prop_assert_eq!((begins, begin_by), (Some(next), by));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_computed_is_what_somebody_with_a_clock_sees(script in script()) {
        check(&script)?;
    }
}

/// The run of the pictures: 0 is midnight, and it is 01:02.
#[test]
fn the_core_switch_at_two_past_one() {
    let step = |text: &str, minutes, back| PlanStep {
        key: StepKey { back: false, text: text.into(), nth: 1 },
        check: None,
        minutes: Some(minutes),
        owner: None,
        rollback_minutes: Some(back),
        point_of_no_return: false,
        ends_outage: false,
    };
    let steps = vec![
        step("Announce", 5, 0),
        step("Drain", 10, 5),
        step("Load", 12, 15),
        step("Fail over", 20, 10),
        step("Undrain", 15, 0),
    ];
    let plan = Plan { steps, ..Plan::default() };
    let mut run = Run::default();
    run.take(RunAct::Started { at: at(20), against: Vec::new(), reason: None }, said(20));
    let done = |text: &str, minute| RunAct::Ticked {
        step: StepKey { back: false, text: text.into(), nth: 1 },
        tick: Tick::Done,
        at: at(minute),
        said: None,
    };
    run.take(done("Announce", 25), said(25));
    run.take(done("Drain", 36), said(36));
    run.take(RunAct::Held { reason: None }, said(36));
    run.take(RunAct::Resumed { answer: None }, said(46));
    let facts = RunFacts {
        plan: &plan,
        run: &run,
        started: Some(at(20)),
        ended: None,
        planned: (Some(at(0)), Some(at(90))),
        limit: Some(at(120)),
        not_before: None,
        heard: Some(at(46)),
        now: at(62),
    };
    let seen = progress(facts);
    let took: Vec<Option<i64>> =
        seen.steps.iter().map(|step| step.worked.map(|secs| secs / MINUTE)).collect();
    assert_eq!(took, [Some(5), Some(11), Some(16), None, None], "what each step took");
    assert_eq!((seen.projected_end, seen.at_least), (Some(at(97)), true), "not before 01:37");
    assert_eq!((seen.late, seen.undo_minutes), (7 * MINUTE, Some(20)));
    assert_eq!(seen.turn_back_by, Some(at(100)), "by 01:40");
    assert_eq!((seen.begins, seen.begin_by), (Some(3), Some(at(70))), "step 4 by 01:10");
    let back: Vec<String> = seen.way_back.iter().map(|step| step.key.text.to_string()).collect();
    assert_eq!(back, ["Roll back: Load", "Roll back: Drain"]);
    assert_eq!(seen.silent, None);
    assert_eq!(
        progress(RunFacts { now: at(67), ..facts }).silent,
        Some(21 * MINUTE),
        "longer than 20 minutes"
    );
}
