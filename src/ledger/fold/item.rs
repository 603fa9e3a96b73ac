//! One item as the log knows it: its rounds, what was decided, and what people said about it.
//!
//! Over 600 lines: one event an arm, and the questions to what they leave.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Brings, Stamp, name,
    release::Life,
    round::{self, Against, Cast, Closed, Disputed, Otherwise, Round},
};
use crate::{
    ledger::event::{Actor, Doubt, Event, Known, OpenCause, RoundOutcome, TemplateAct},
    model::{FieldChange, Id, Instant, Line, Prose, Revision, Standing},
    rules::approval::acted_for,
};

/// A change or a release as the log knows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    pub title: Line,
    /// The source's word for its state, as last recorded.
    pub state: Option<String>,
    /// The revision last recorded.
    pub revision: Option<Revision>,
    /// Every revision the record has seen, in order of first sight: `r1`, `r2` …
    pub revisions: Vec<Revision>,
    /// Which revision was seen from when on; one that comes back is seen again.
    pub sightings: Vec<(Instant, Revision)>,
    pub standing: Standing,
    pub rounds: Vec<Arc<Round>>,
    /// The approval in force, or the last one that lapsed.
    pub approval: Option<Approval>,
    /// Why the last approval holds no longer; none where it holds, or there was none.
    pub lapse: Option<Arc<Lapse>>,
    pub tied: Arc<[Id]>,
    pub unsure: Arc<[Doubt]>,
    /// The chair an admin named.
    pub chair: Option<Id>,
    pub conditions: Vec<Condition>,
    pub comments: Vec<Arc<Comment>>,
    pub reviews: Vec<Arc<Review>>,
    /// Questions to the owner.
    pub questions: Vec<Arc<OpenQuestion>>,
    /// Who has opened it last at which revision.
    pub reads: BTreeMap<Id, Read>,
    /// Work that began by break-glass, the newest.
    pub glass: Option<Arc<Glass>>,
    /// Of a release: where it is in its life, as far as that was said here.
    pub life: Life,
    /// The numbers of all events about it.
    pub events: Vec<u64>,
}

/// A question to the owner, and its answer where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Its number in the item, from 1.
    pub number: u32,
    pub at: Instant,
    pub by: Line,
    pub text: Prose,
    /// When, by whom and what was answered; none waits.
    pub answer: Option<(Instant, Line, Prose)>,
}

/// Somebody opened an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    pub at: Instant,
    /// The number of the event.
    pub n: u64,
    pub revision: Revision,
}

/// Work that began because nobody answered (never a prior approval).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glass {
    pub revision: Revision,
    pub incident: Line,
    pub agreed: Vec<Line>,
    pub channel: Line,
    /// When they say it was agreed, and when it was entered.
    pub claimed_at: Instant,
    pub entered_at: Instant,
    pub by: Line,
    /// Why it could not wait for the board.
    pub reason: Prose,
    pub due: Instant,
    /// Whether the board ratified it, and when; none while it has not said.
    pub ratified: Option<(bool, Instant)>,
}

/// An approval: of which revision, when, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub revision: Revision,
    pub at: Instant,
    /// `None` for one by template.
    pub round: Option<u32>,
    /// The template it was made from; none was made from none.
    pub template: Option<Id>,
    /// Approved as an extension: the change had started.
    pub extension: bool,
}

/// Why an approval no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    pub at: Instant,
    pub from: Revision,
    pub to: Revision,
    pub changes: Vec<FieldChange>,
}

/// A check item put on an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its number in the item, from 1.
    pub number: u32,
    pub text: Prose,
    pub owner: Id,
    pub met: bool,
}

/// What somebody wrote about an item here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The number of the event in the log, from 1.
    pub n: u64,
    pub at: Instant,
    pub by: Actor,
    pub text: Prose,
}

/// A post-implementation review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub at: Instant,
    pub by: Actor,
    pub successful: bool,
    pub text: Prose,
}

impl Item {
    /// Whether nobody may know the votes of a round yet: those of a secret one are told once the item is decided, by it or
    /// by a later one. A round that was put off or replaced has decided nothing.
    #[must_use]
    pub fn veils(&self, round: &Round) -> bool {
        let since = || self.rounds.iter().filter(|known| known.number >= round.number);
        round.policy.secret
            && !since().any(|known| known.closed.as_ref().is_some_and(|closed| closed.outcome.decides()))
    }

    /// Whether nobody may know the votes of a round of this number yet.
    #[must_use]
    pub fn veils_round(&self, number: u32) -> bool {
        self.rounds.iter().find(|round| round.number == number).is_some_and(|round| self.veils(round))
    }

    /// The round that is open, if one is: the last, as long as nobody closed it.
    #[must_use]
    pub fn open_round(&self) -> Option<&Arc<Round>> {
        self.rounds.last().filter(|round| round.is_open())
    }

    /// The how-manieth revision this is, from 1; 0 for one the record has not seen.
    #[must_use]
    pub fn revision_number(&self, revision: &Revision) -> u32 {
        let place = self.revisions.iter().position(|known| known == revision);
        place.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
    }

    /// Whether this very revision is approved here: by a round, a template, or an extension.
    #[must_use]
    pub fn approves(&self, revision: &Revision) -> bool {
        self.standing == Standing::Approved && self.approval.as_ref().is_some_and(|a| a.revision == *revision)
    }

    /// Whether the item was ever approved at this revision, lapsed since or not (rule C17).
    #[must_use]
    pub fn ever_approved(&self, revision: &Revision) -> bool {
        let by_round = |round: &Arc<Round>| {
            round.revision == *revision
                && round.closed.as_ref().is_some_and(|closed| closed.outcome == RoundOutcome::Approved)
        };
        self.approval.as_ref().is_some_and(|a| a.revision == *revision) || self.rounds.iter().any(by_round)
    }

    /// Questions to the owner without an answer.
    pub fn unanswered(&self) -> impl Iterator<Item = &Arc<OpenQuestion>> {
        self.questions.iter().filter(|question| question.answer.is_none())
    }

    /// Work began by break-glass, and the board has not said whether that was right.
    #[must_use]
    pub fn glass_pending(&self) -> bool {
        self.glass.as_ref().is_some_and(|glass| glass.ratified.is_none())
    }

    /// Conditions of the approval that are not met.
    pub fn unmet(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| !condition.met)
    }

    fn see(&mut self, at: Instant, revision: Revision) {
        if self.revision != Some(revision) {
            self.sightings.push((at, revision));
        }
        self.revision = Some(revision);
        if !self.revisions.contains(&revision) {
            self.revisions.push(revision);
        }
    }

    /// The revision that was current at an instant: the last one seen until then, else the first one seen at all.
    #[must_use]
    pub fn revision_at(&self, at: Instant) -> Option<Revision> {
        let until = self.sightings.iter().rev().find(|(seen, _)| *seen <= at);
        until.or(self.sightings.first()).map(|(_, revision)| *revision)
    }

    /// The open round with this number.
    fn round(&mut self, number: u32) -> Option<&mut Round> {
        self.rounds.last_mut().filter(|r| r.number == number && r.is_open()).map(Arc::make_mut)
    }

    /// Takes an event about this item, with what the board adds to it.
    pub(super) fn take(&mut self, stamp: Stamp<'_>, event: Event, board: Brings) {
        match event {
            opened @ Event::RoundOpened { .. } => self.open(stamp, opened, board),
            closed @ Event::RoundClosed { .. } => self.close(stamp, closed, board),
            Event::AutoApproved { title, revision, template, state, tied, .. } => {
                self.title = title;
                self.state = Some(state);
                self.tied = tied.into();
                self.see(stamp.at, revision);
                self.approve(Approval {
                    revision,
                    at: stamp.at,
                    round: None,
                    template: Some(template),
                    extension: false,
                });
            }
            Event::Lapsed { from, to, changes, .. } => {
                self.see(stamp.at, to);
                self.standing = Standing::Lapsed;
                self.lapse = Some(Arc::new(Lapse { at: stamp.at, from, to, changes }));
            }
            Event::ItemObserved { to, revision, tied, unsure, .. } => {
                self.state = Some(to);
                self.see(stamp.at, revision);
                self.tied = tied.into();
                self.unsure = unsure.into();
                let (tied, unsure) = (Arc::clone(&self.tied), Arc::clone(&self.unsure));
                let moved = |r: &&mut Arc<Round>| r.is_open() && (r.tied != tied || r.unsure != unsure);
                if let Some(round) = self.rounds.last_mut().filter(moved) {
                    let round = Arc::make_mut(round);
                    (round.tied, round.unsure) = (tied, unsure);
                }
            }
            asked @ (Event::QuestionAsked { .. } | Event::QuestionAnswered { .. }) => {
                self.asked(stamp, asked)
            }
            broken @ Event::GlassBroken { .. } => self.glass(stamp, broken),
            voted @ Event::Voted { .. } => self.voted(stamp, voted, board),
            answered @ (Event::RollCallAnswered { .. } | Event::SaidOtherwise { .. }) => {
                self.roll_called(stamp, answered);
            }
            other => self.acted(stamp, other),
        }
    }

    /// What people do and say.
    fn acted(&mut self, stamp: Stamp<'_>, event: Event) {
        match event {
            Event::VoteWithheld { round, person, .. } => {
                if let Some(round) = self.round(round) {
                    round.withheld.insert(person);
                }
            }
            Event::Withdrawn { round, person, .. } => {
                if let Some(round) = self.round(round) {
                    round.votes.remove(&person);
                    round.otherwise.remove(&person);
                }
            }
            Event::Recused { round, person, .. } => {
                if let Some(round) = self.round(round) {
                    round.recuse(&person);
                }
            }
            Event::Commented { text, .. } => {
                let comment = Comment { n: stamp.n, at: stamp.at, by: stamp.by.clone(), text };
                self.comments.push(Arc::new(comment));
            }
            Event::ConditionAdded { condition: number, text, owner, .. } => {
                self.conditions.push(Condition { number, text, owner, met: false });
            }
            Event::ConditionMet { condition, .. } => {
                self.conditions.iter_mut().filter(|c| c.number == condition).for_each(|c| c.met = true);
            }
            Event::Reviewed { successful, text, .. } => {
                let review = Review { at: stamp.at, by: stamp.by.clone(), successful, text };
                self.reviews.push(Arc::new(review));
            }
            Event::ChairNamed { person, .. } => {
                if let Some(round) = self.rounds.last_mut().filter(|round| round.is_open()) {
                    Arc::make_mut(round).chair = Some(person.clone());
                }
                self.chair = Some(person);
            }
            Event::ItemRead { revision, .. } => {
                if let Some(person) = &stamp.by.person {
                    self.reads.insert(person.clone(), Read { at: stamp.at, n: stamp.n, revision });
                }
            }
            Event::Release { act, .. } => self.life.take(stamp, *act),
            // What is not in force any more, or is asked anew, is decided by nobody until the next round is.
            Event::Template { act, .. } => match *act {
                TemplateAct::Proposed { .. } => {}
                TemplateAct::Suspended { .. }
                | TemplateAct::Resubmitted { .. }
                | TemplateAct::Retired { .. } => {
                    if self.open_round().is_none() {
                        self.standing = Standing::None;
                    }
                }
            },
            Event::OverrideProposed { round: number, outcome, reason, second, .. } => {
                let by = stamp.by.person.clone();
                if let (Some(round), Some(by)) = (self.round(number), by) {
                    round.against = Some(Against { by, at: stamp.at, outcome, reason, second });
                }
            }
            Event::RoundOpened { .. }
            | Event::Voted { .. }
            | Event::RollCallAnswered { .. }
            | Event::SaidOtherwise { .. }
            | Event::Cleared { .. }
            | Event::PeopleChanged { .. }
            | Event::HeadSigned { .. }
            | Event::ServiceKeyChanged { .. }
            | Event::RoundClosed { .. }
            | Event::AutoApproved { .. }
            | Event::Lapsed { .. }
            | Event::ItemObserved { .. }
            | Event::Acknowledged { .. }
            | Event::Unacknowledged { .. }
            | Event::Delegated { .. }
            | Event::DelegationEnded { .. }
            | Event::Edited { .. }
            | Event::IncidentLinked { .. }
            | Event::Telling { .. }
            | Event::Written { .. }
            | Event::MoveProposed { .. }
            | Event::Run { .. }
            | Event::RulesChanged { .. }
            | Event::Imported { .. }
            | Event::FewerAccepted { .. }
            | Event::Pushed { .. }
            | Event::GivenUp { .. }
            | Event::QuestionAsked { .. }
            | Event::QuestionAnswered { .. }
            | Event::GlassBroken { .. }
            | Event::Meeting { .. }
            | Event::ActionAdded { .. }
            | Event::ActionClosed { .. }
            | Event::Away { .. }
            | Event::FrozenNow { .. }
            | Event::Notified { .. }
            | Event::PipelineTold { .. }
            | Event::PipelineAssigned { .. }
            | Event::Thawed { .. }
            | Event::RollbackAsked { .. } => {}
        }
    }

    /// A vote, with whom its author acted for as they cast it.
    fn voted(&mut self, stamp: Stamp<'_>, event: Event, board: Brings) {
        let Event::Voted { round: number, person, vote, comment, roll_call, reaffirmed, .. } = event else {
            return;
        };
        let Some(round) = self.round(number) else { return };
        let delegations = match board {
            Brings::Delegations(delegations) => delegations,
            Brings::Nothing | Brings::Policy(_) => Arc::default(),
        };
        let acted_for = acted_for(&person, &round.seats, &delegations, stamp.at).into();
        let known = round::known(stamp.by, roll_call);
        round.otherwise.remove(&person);
        let cast = Cast { vote, at: stamp.at, n: stamp.n, known, comment, reaffirmed, acted_for };
        round.votes.insert(person, cast);
    }

    /// Somebody for whom a vote was entered says whether it is theirs; or the chair says that somebody says otherwise.
    fn roll_called(&mut self, stamp: Stamp<'_>, event: Event) {
        let (at, by) = (stamp.at, name(stamp.by));
        match event {
            Event::SaidOtherwise { round: number, revision, person, vote, comment, .. } => {
                if let Some(round) = self.round(number) {
                    round.otherwise.insert(person, Otherwise { at, by, revision, vote, comment });
                }
            }
            Event::RollCallAnswered { round: number, person, agrees, comment, .. } => {
                let Some(round) = self.rounds.iter_mut().find(|round| round.number == number) else { return };
                let round = Arc::make_mut(round);
                if round.otherwise.remove(&person).is_some() {
                    return;
                }
                let Some(cast) = round.votes.get_mut(&person).filter(|cast| cast.known == Known::RollCall)
                else {
                    return;
                };
                if agrees {
                    cast.known = stamp.by.known;
                } else {
                    round.disputed.push(Disputed { person: person.clone(), vote: cast.vote, at, comment });
                    if round.is_open() {
                        round.votes.remove(&person);
                    }
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, stamp: Stamp<'_>, event: Event, board_brings: Brings) {
        let Event::RoundOpened {
            title,
            round,
            revision,
            board,
            seats,
            tied,
            unsure,
            treated_risk,
            routed,
            freezes,
            state,
            cause,
            deadline,
            ..
        } = event
        else {
            return;
        };
        let (Brings::Policy(policy), None) = (board_brings, self.open_round()) else { return };
        self.title = title;
        self.state = Some(state);
        self.see(stamp.at, revision);
        self.tied = tied.into();
        self.unsure = unsure.into();
        // A person who stepped out of this item stays out until somebody opens it to them again; objections go on.
        let before = self.rounds.last();
        let recused = before.map(|round| round.recused.clone()).unwrap_or_default();
        let objections = before.map(|round| round.leaves()).unwrap_or_default();
        if cause != OpenCause::Extension {
            self.standing = Standing::Open;
        }
        self.rounds.push(Arc::new(Round {
            number: round,
            revision,
            policy,
            board,
            seats: seats.into(),
            tied: Arc::clone(&self.tied),
            unsure: Arc::clone(&self.unsure),
            treated_risk,
            routed: routed.into(),
            freezes: freezes.into(),
            cause,
            opened_at: stamp.at,
            opened: stamp.n,
            deadline,
            votes: BTreeMap::new(),
            withheld: BTreeSet::new(),
            recused,
            objections,
            chair: self.chair.clone(),
            held: None,
            presiding: None,
            against: None,
            otherwise: BTreeMap::new(),
            disputed: Vec::new(),
            closed: None,
        }));
    }

    fn close(&mut self, stamp: Stamp<'_>, event: Event, board: Brings) {
        let Event::RoundClosed {
            round: number, outcome, arithmetic, cause, due, reason, seen, reading, ..
        } = event
        else {
            return;
        };
        let Some(round) = self.round(number) else { return };
        let (revision, cause_of_round) = (round.revision, round.cause);
        let extension = cause_of_round == OpenCause::Extension;
        let delegations = match board {
            Brings::Delegations(delegations) => delegations,
            Brings::Nothing | Brings::Policy(_) => Arc::default(),
        };
        let closed = Closed {
            at: stamp.at,
            by: name(stamp.by),
            outcome,
            arithmetic,
            cause,
            due,
            reason,
            delegations,
            seen: seen.map(Arc::from),
            reading,
            n: stamp.n,
        };
        round.closed = Some(Arc::new(closed));
        if cause_of_round == OpenCause::Ratification {
            return self.ratify(stamp.at, outcome);
        }
        let standing = match outcome {
            RoundOutcome::Approved => {
                let round = Some(number);
                return self.approve(Approval { revision, at: stamp.at, round, template: None, extension });
            }
            RoundOutcome::Rejected => Standing::Rejected,
            RoundOutcome::Deferred => Standing::Deferred,
            RoundOutcome::NeedsInfo => Standing::Asked,
            RoundOutcome::Superseded => Standing::None,
        };
        // An extension that fails leaves what was approved before the start as it was.
        if !extension {
            self.standing = standing;
        }
    }

    /// Whether the board ratified work that began on this revision by broken glass.
    #[must_use]
    pub fn ratified(&self, revision: &Revision) -> bool {
        self.glass
            .as_ref()
            .is_some_and(|glass| glass.revision == *revision && glass.ratified.is_some_and(|(said, _)| said))
    }

    /// What the board says afterwards is never shown as an approval before.
    fn ratify(&mut self, at: Instant, outcome: RoundOutcome) {
        self.standing = Standing::None;
        let said = match outcome {
            RoundOutcome::Approved => true,
            RoundOutcome::Rejected => false,
            RoundOutcome::Deferred | RoundOutcome::NeedsInfo | RoundOutcome::Superseded => return,
        };
        if let Some(glass) = &mut self.glass {
            Arc::make_mut(glass).ratified = Some((said, at));
        }
    }

    fn glass(&mut self, stamp: Stamp<'_>, event: Event) {
        let Event::GlassBroken {
            title, revision, incident, agreed, channel, claimed_at, reason, due, ..
        } = event
        else {
            return;
        };
        self.title = title;
        self.see(stamp.at, revision);
        let (entered_at, by) = (stamp.at, name(stamp.by));
        self.glass = Some(Arc::new(Glass {
            revision,
            incident,
            agreed,
            channel,
            claimed_at,
            entered_at,
            by,
            reason,
            due,
            ratified: None,
        }));
    }

    fn asked(&mut self, stamp: Stamp<'_>, event: Event) {
        let (at, by) = (stamp.at, name(stamp.by));
        match event {
            Event::QuestionAsked { question: number, text, .. } => {
                self.questions.push(Arc::new(OpenQuestion { number, at, by, text, answer: None }));
            }
            Event::QuestionAnswered { question, text, .. } => {
                if let Some(asked) = self.questions.iter_mut().find(|q| q.number == question) {
                    Arc::make_mut(asked).answer = Some((at, by, text));
                }
            }
            _ => {}
        }
    }

    pub(super) fn hold(&mut self, held: bool, presiding: Option<Id>) {
        if let Some(round) = self.rounds.last_mut() {
            Arc::make_mut(round).hold(held, presiding);
        }
    }

    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        if let Some(round) = self.rounds.last_mut() {
            Arc::make_mut(round).deadline = deadline;
        }
    }

    fn approve(&mut self, approval: Approval) {
        if !approval.extension {
            self.conditions.clear();
        }
        self.standing = Standing::Approved;
        self.approval = Some(approval);
        self.lapse = None;
    }
}
