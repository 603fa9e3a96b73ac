//! What a run was, as minutes and reviews tell of it: made from what was said in it, and from nothing else.

use serde::{Deserialize, Serialize};

use crate::model::{
    Id, Instant, Line, Outcome, Prose,
    run::{Hold, Run, Said, Tick},
};

/// A run that is over, or under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// The change, or the phase of the release.
    pub activity: Id,
    /// As the log last had it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub title: Line,
    /// When it began; none where it did not, or nobody said.
    pub started: Option<Instant>,
    /// Who started it.
    pub by: Option<Line>,
    /// Why it was started against the gate, or whatever was said at the start.
    pub why: Option<Prose>,
    /// What the gate said against the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<String>,
    /// Steps of the plan that were done in the end.
    pub done: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<Happened>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Happened>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Held>,
    /// When and by whom it was turned back; none was not.
    pub turned_back: Option<Happened>,
    /// When it ended; none while it goes on, or nobody said.
    pub ended: Option<Instant>,
    /// How it went; none while nobody said.
    pub outcome: Option<Outcome>,
}

/// Somebody did something to a step, or to all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Happened {
    pub at: Instant,
    pub by: Line,
    /// The step; empty where all of it is meant.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub step: Line,
    /// What was written with it; none where nothing was.
    pub said: Option<Prose>,
}

/// A hold that was not of a failed step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub from: Instant,
    /// Until when; none goes on.
    pub to: Option<Instant>,
    pub by: Line,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
    /// What was answered; none where nothing was yet.
    pub answer: Option<Prose>,
}

fn is_empty(line: &Line) -> bool {
    line.is_empty()
}

impl RunRecord {
    /// What a run was; `None` where nothing of it happened here.
    #[must_use]
    pub fn of(activity: &Id, title: Line, run: &Run) -> Option<Self> {
        if run.started.is_none() && run.ended.is_none() && run.outcome.is_none() {
            return None;
        }
        let stood = |tick: Tick| run.ticks.iter().filter(move |ticked| ticked.tick == tick);
        let done = stood(Tick::Done).filter(|ticked| {
            !ticked.step.back && run.tick_of(&ticked.step).is_some_and(|last| last.said.at == ticked.said.at)
        });
        let of_step = |tick: Tick| -> Vec<Happened> {
            stood(tick).map(|ticked| happened(&ticked.said, ticked.step.text.clone())).collect()
        };
        Some(Self {
            activity: activity.clone(),
            title,
            started: run.started.as_ref().map(|said| said.at),
            by: run.started.as_ref().map(|said| said.by.clone()),
            why: run.started.as_ref().and_then(|said| said.reason.clone()),
            against: run.against.clone(),
            done: u32::try_from(done.count()).unwrap_or(u32::MAX),
            failed: of_step(Tick::Failed),
            skipped: of_step(Tick::Skipped),
            holds: run.holds.iter().filter(|hold| !hold.by_failure).map(held).collect(),
            turned_back: run.turned_back.as_ref().map(|said| happened(said, Line::default())),
            ended: run.ended.as_ref().map(|said| said.at),
            outcome: run.outcome,
        })
    }
}

fn happened(said: &Said, step: Line) -> Happened {
    Happened { at: said.at, by: said.by.clone(), step, said: said.reason.clone() }
}

fn held(hold: &Hold) -> Held {
    Held {
        from: hold.from.at,
        to: hold.until.as_ref().map(|said| said.at),
        by: hold.from.by.clone(),
        reason: hold.from.reason.clone(),
        answer: hold.until.as_ref().and_then(|said| said.reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::{RunAct, StepKey};

    fn said(at: i64, by: &str) -> Said {
        Said { at: Instant::from_secs(at), by: Line::new(by), person: None, reason: None }
    }

    fn ticked(text: &str, tick: Tick, at: i64) -> RunAct {
        let step = StepKey { back: false, text: text.into(), nth: 1 };
        RunAct::Ticked { step, tick, at: Instant::from_secs(at), said: Some("seen".into()) }
    }

    #[test]
    fn a_record_tells_what_failed_what_was_held_and_how_it_ended() {
        let id = Id::constant("C1");
        let mut run = Run::default();
        assert_eq!(RunRecord::of(&id, Line::default(), &run), None, "nothing happened");
        let acts = [
            (
                0,
                "bob",
                RunAct::Started {
                    at: Instant::from_secs(0),
                    against: vec!["not approved".into()],
                    reason: None,
                },
            ),
            (10, "bob", ticked("One", Tick::Done, 10)),
            (20, "bob", ticked("Two", Tick::Failed, 20)),
            (30, "bob", ticked("Two", Tick::Skipped, 30)),
            (40, "cat", RunAct::Held { reason: Some("alarm".into()) }),
            (50, "bob", RunAct::Resumed { answer: Some("known".into()) }),
            (60, "bob", ticked("Three", Tick::Done, 60)),
            (65, "bob", ticked("Three", Tick::Undone, 65)),
            (70, "bob", RunAct::TurnedBack { reason: Some("too slow".into()) }),
            (
                90,
                "bob",
                RunAct::Ended {
                    at: Some(Instant::from_secs(90)),
                    outcome: Some(Outcome::BackedOut),
                    reason: None,
                },
            ),
        ];
        for (at, by, act) in acts {
            run.take(act, said(at, by));
        }
        let record = RunRecord::of(&id, "A switch".into(), &run).unwrap();
        assert_eq!(record.done, 1, "what was taken back is not done");
        let steps = |list: &[Happened]| list.iter().map(|one| one.step.to_string()).collect::<Vec<_>>();
        assert_eq!(
            (steps(&record.failed), steps(&record.skipped)),
            (vec!["Two".to_owned()], vec!["Two".to_owned()])
        );
        assert_eq!(record.holds.len(), 1, "a failed step is no hold of its own: {record:?}");
        assert_eq!(record.holds[0].to, Some(Instant::from_secs(50)));
        assert_eq!(record.turned_back.as_ref().map(|back| back.at), Some(Instant::from_secs(70)));
        assert_eq!((record.ended, record.outcome), (Some(Instant::from_secs(90)), Some(Outcome::BackedOut)));
        let bytes = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<RunRecord>(&bytes).unwrap(), record);
    }
}
