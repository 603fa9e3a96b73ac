//! The run of one activity: what people and machines said while it was carried out (run § Doing).
//!
//! A [`Run`] is a fold of [`RunAct`]s and of nothing else; what follows from it (projected end, limit, turn back by) is
//! computed in `rules::run` and never kept.

use serde::{Deserialize, Serialize};

use super::{
    change::Outcome,
    id::Id,
    release::PhaseState,
    text::{Line, Prose},
    time::Instant,
};

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    Done,
    Failed,
    /// It failed, and is tried again.
    Retried,
    /// It failed, and is left out.
    Skipped,
    /// A tick was taken back.
    Undone,
}

/// A step by its text and which one of that text it is, so that ticks survive an edit of the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepKey {
    /// A step of the way back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
    pub text: Line,
    /// From 1.
    pub nth: u32,
}

/// What happened in a run. Who said it is the author of the event, and it happened when that was said where no time is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum RunAct {
    Started {
        at: Instant,
        /// What the gate said against it, where it did not say go.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<String>,
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    Ticked {
        step: StepKey,
        tick: Tick,
        at: Instant,
        /// What was seen where the check was made, or why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<Prose>,
    },
    Held {
        /// Why; none yet, for a hold takes effect at once and may be explained after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// Why the run was held, where that was said afterwards.
    HoldExplained { reason: Prose },
    Resumed {
        /// What was answered; none where nothing was yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Prose>,
    },
    TurnedBack {
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// Somebody answers for going on past the time to turn back; it takes the owner and a lead.
    WentOn {
        as_owner: bool,
        /// As manager or chair.
        as_lead: bool,
        reason: Prose,
    },
    /// Go or no-go for a phase.
    Decided {
        go: bool,
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    /// Whether a go/no-go criterion is met.
    Answered { criterion: Line, met: bool },
    /// The service is there again.
    Restored { at: Instant },
    /// A phase that was rolled back is not tried again.
    Dropped {
        /// Why, in their words; none where no reason is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
    Ended {
        /// Absent where only the outcome was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Instant>,
        /// How it went; none where only the end is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Outcome>,
        /// Why it is said otherwise than before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    },
}

/// Somebody said something at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    pub at: Instant,
    /// As lists show them.
    pub by: Line,
    /// Where the board knows who.
    pub person: Option<Id>,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// A tick of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticked {
    pub step: StepKey,
    pub tick: Tick,
    pub said: Said,
}

/// A time in which no work was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub from: Said,
    /// A failed step holds by itself.
    pub by_failure: bool,
    /// Who lifted it; none holds still.
    pub until: Option<Said>,
}

/// What was said about the run of one activity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// Who started it; none was not started.
    pub started: Option<Said>,
    /// What the gate said against the start.
    pub against: Vec<String>,
    /// Every tick, as they came.
    pub ticks: Vec<Ticked>,
    pub holds: Vec<Hold>,
    /// Who turned it back; none was not.
    pub turned_back: Option<Said>,
    /// The owner's word to go on past *turn back by*; none where there is none.
    pub owner_goes_on: Option<Said>,
    /// The manager's or the chair's word to go on past *turn back by*; none where there is none.
    pub lead_goes_on: Option<Said>,
    /// Those who said go since anything spoke against it.
    pub go: Vec<Said>,
    /// Who said *no-go* last; none where *go* was said after it, or nothing.
    pub no_go: Option<Said>,
    /// The newest answer to each criterion.
    pub criteria: Vec<(Line, bool, Said)>,
    /// Who said that the service works again; none where nobody did.
    pub restored: Option<Said>,
    /// Who dropped the phase; none was not dropped.
    pub dropped: Option<Said>,
    /// Who ended it; none goes on.
    pub ended: Option<Said>,
    /// How it went; none until its owner says.
    pub outcome: Option<Outcome>,
    /// When each was last heard of.
    pub heard: Vec<Said>,
}

impl Run {
    /// Takes what happened, as its author said it.
    pub fn take(&mut self, act: RunAct, by: Said) {
        self.hear(&by);
        match act {
            RunAct::Started { at, against, reason } => {
                self.against = against;
                self.started = Some(Said { at, reason, ..by });
            }
            RunAct::Ticked { step, tick, at, said } => self.tick(step, tick, Said { at, reason: said, ..by }),
            RunAct::Held { reason } => {
                self.go.clear();
                self.hold(Said { reason, ..by }, false);
            }
            RunAct::HoldExplained { reason } => {
                if let Some(hold) = self.holds.last_mut() {
                    hold.from.reason = Some(reason);
                }
            }
            RunAct::Resumed { answer } => self.resume(&Said { reason: answer, ..by }),
            RunAct::TurnedBack { reason } => {
                self.resume(&by);
                self.turned_back = Some(Said { reason, ..by });
            }
            RunAct::WentOn { as_owner, as_lead, reason } => {
                let said = Said { reason: Some(reason), ..by };
                if as_owner {
                    self.owner_goes_on = Some(said.clone());
                }
                if as_lead {
                    self.lead_goes_on = Some(said);
                }
            }
            RunAct::Decided { go: true, reason } => {
                self.no_go = None;
                self.go.retain(|said| said.by != by.by);
                self.go.push(Said { reason, ..by });
            }
            RunAct::Decided { go: false, reason } => {
                self.go.clear();
                self.no_go = Some(Said { reason, ..by });
            }
            RunAct::Answered { criterion, met, .. } => {
                self.go.clear();
                self.criteria.retain(|(text, ..)| *text != criterion);
                self.criteria.push((criterion, met, by));
            }
            RunAct::Restored { at } => self.restored = Some(Said { at, ..by }),
            RunAct::Dropped { reason } => self.dropped = Some(Said { reason, ..by }),
            RunAct::Ended { at, outcome, reason } => {
                self.resume(&by);
                if let Some(at) = at {
                    self.ended = Some(Said { at, reason, ..by });
                }
                self.outcome = outcome.or(self.outcome);
            }
        }
    }

    fn tick(&mut self, step: StepKey, tick: Tick, said: Said) {
        match tick {
            Tick::Failed => self.hold(said.clone(), true),
            Tick::Retried | Tick::Skipped => {
                if self.holds.last().is_some_and(|hold| hold.by_failure) {
                    self.resume(&said);
                }
            }
            Tick::Done | Tick::Undone => {}
        }
        self.ticks.push(Ticked { step, tick, said });
    }

    fn hold(&mut self, from: Said, by_failure: bool) {
        if self.held().is_none() {
            self.holds.push(Hold { from, by_failure, until: None });
        }
    }

    fn resume(&mut self, by: &Said) {
        if let Some(hold) = self.holds.last_mut().filter(|hold| hold.until.is_none()) {
            hold.until = Some(by.clone());
        }
    }

    /// Somebody was heard of.
    pub fn hear(&mut self, by: &Said) {
        self.heard.retain(|said| said.by != by.by);
        self.heard.push(Said { reason: None, ..by.clone() });
    }

    /// The hold that is in force.
    #[must_use]
    pub fn held(&self) -> Option<&Hold> {
        self.holds.last().filter(|hold| hold.until.is_none())
    }

    /// Whether both who must have answered for going on past the time to turn back.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.owner_goes_on.is_some() && self.lead_goes_on.is_some()
    }

    /// What became of a step, where anything did: its newest tick that stands.
    #[must_use]
    pub fn tick_of(&self, step: &StepKey) -> Option<&Ticked> {
        let last = self.ticks.iter().rfind(|ticked| ticked.step == *step)?;
        (last.tick != Tick::Undone).then_some(last)
    }

    /// The state of a phase as the run has it; `None` where nothing was said.
    #[must_use]
    pub fn phase_state(&self) -> Option<PhaseState> {
        if self.turned_back.is_some() || self.dropped.is_some() {
            return (self.ended.is_some() || self.dropped.is_some())
                .then_some(PhaseState::RolledBack)
                .or(Some(PhaseState::Running));
        }
        match (&self.started, &self.ended, self.outcome) {
            (_, _, Some(Outcome::BackedOut | Outcome::Failed)) => Some(PhaseState::RolledBack),
            (_, Some(_), _) | (_, None, Some(_)) => Some(PhaseState::Done),
            (Some(_), None, None) => Some(PhaseState::Running),
            (None, None, None) => None,
        }
    }
}
