//! One round: what was fixed when it opened, the votes cast in it, and how it ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    ledger::event::{
        Actor, Arithmetic, CloseCause, Doubt, Known, OpenCause, RoundOutcome, RoutedBy, Seen, Vote,
    },
    model::{Delegation, EarlyClose, Id, Instant, Line, Policy, Prose, Revision, Risk, Role, Seat},
    rules::approval::{Electorate, Poll, Seating, Spoken},
};

/// A numbered round of one item at one revision with one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Its number in the item, from 1.
    pub number: u32,
    pub revision: Revision,
    pub policy: Arc<Policy>,
    pub board: Id,
    /// Copied when the round opened.
    pub seats: Arc<[Seat]>,
    pub tied: Arc<[Id]>,
    /// Whom the item names and nobody is, with who might be.
    pub unsure: Arc<[Doubt]>,
    pub treated_risk: Risk,
    pub routed: Arc<[RoutedBy]>,
    pub freezes: Arc<[Id]>,
    pub cause: OpenCause,
    pub opened_at: Instant,
    /// The number of the event that opened it.
    pub opened: u64,
    /// Until when votes count; none has no deadline.
    pub deadline: Option<Instant>,
    /// The latest vote of each person.
    pub votes: BTreeMap<Id, Cast>,
    pub recused: BTreeSet<Id>,
    /// Whose secret votes stayed behind when the board was copied: it cannot be counted here.
    pub withheld: BTreeSet<Id>,
    /// Rejections of earlier rounds, by person; one stands until its author has a vote here.
    pub objections: BTreeMap<Id, Objected>,
    /// The chair an admin named.
    pub chair: Option<Id>,
    /// The policy without early close, while the item is before a meeting.
    pub held: Option<Arc<Policy>>,
    /// Who is in the chair of the meeting it is before.
    pub presiding: Option<Id>,
    /// An outcome against the vote that waits for its second person.
    pub against: Option<Against>,
    /// What the chair says that somebody says, against their own vote; theirs stands until they confirm it.
    pub otherwise: BTreeMap<Id, Otherwise>,
    /// Votes that were entered for people who say that they are not theirs.
    pub disputed: Vec<Disputed>,
    /// How it was closed; none counts votes still.
    pub closed: Option<Arc<Closed>>,
}

/// An outcome against the vote, as the chair proposed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    pub by: Id,
    pub at: Instant,
    pub outcome: RoundOutcome,
    pub reason: Prose,
    /// Who is asked to be the second person; any voter where nobody is named.
    pub second: Option<Id>,
}

/// What somebody is said to say instead of how they voted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    pub at: Instant,
    /// The chair who says so.
    pub by: Line,
    pub revision: Revision,
    pub vote: Vote,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
}

/// A vote of a roll call that its person says is not theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    pub person: Id,
    pub vote: Vote,
    pub at: Instant,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
}

/// A vote as it was cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    pub vote: Vote,
    pub at: Instant,
    /// The number of the event.
    pub n: u64,
    /// How its author was known; a roll call is one, whoever entered it.
    pub known: Known,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
    pub reaffirmed: bool,
    /// The holders for whom its author acted then.
    pub acted_for: Arc<[Id]>,
}

/// A rejection of an earlier round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objected {
    /// Which round of the item, from 1.
    pub round: u32,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
}

/// How a round ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub at: Instant,
    pub by: Line,
    pub outcome: RoundOutcome,
    pub arithmetic: Arithmetic,
    pub cause: CloseCause,
    /// By when it must be ratified or reviewed; none where nothing is owed.
    pub due: Option<Instant>,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
    /// Those in force when it was counted; what is recorded later does not reach back.
    pub delegations: Arc<[Delegation]>,
    /// What the voters had before them; none where an older program counted.
    pub seen: Option<Arc<Seen>>,
    /// By which reading of the electorate it was counted, see [`crate::ledger::event::Event::RoundClosed`].
    pub reading: u8,
    /// The number of the event.
    pub n: u64,
}

impl Closed {
    /// The outcome and its arithmetic, spelled out.
    #[must_use]
    pub fn line(&self) -> String {
        crate::rules::approval::line::closed(self.outcome, &self.arithmetic)
    }
}

impl Round {
    /// Whether it counts votes still.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether its deadline has passed. Nothing may be done in it any more, recorded or not.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|due| due <= now)
    }

    /// Who may vote at `now`; of a closed round, who could when it was counted.
    #[must_use]
    pub fn electorate_by(&self, delegations: &[Delegation], now: Instant) -> Electorate {
        match &self.closed {
            Some(closed) => {
                self.read(&closed.delegations, closed.due.unwrap_or(closed.at), closed.reading > 0)
            }
            None => self.electorate(delegations, now),
        }
    }

    /// Who may vote at an instant.
    #[must_use]
    pub fn electorate(&self, delegations: &[Delegation], at: Instant) -> Electorate {
        self.read(delegations, at, true)
    }

    /// Who might be somebody the item names.
    #[must_use]
    pub fn unsure(&self) -> Vec<Id> {
        self.unsure.iter().flat_map(|doubt| &doubt.people).cloned().collect()
    }

    fn read(&self, delegations: &[Delegation], at: Instant, in_full: bool) -> Electorate {
        let mut spoken: Vec<(&Id, &Cast)> = self.votes.iter().filter(|_| in_full).collect();
        spoken.sort_by_key(|(_, cast)| cast.n);
        let spoken: Vec<Spoken<'_>> =
            spoken.into_iter().map(|(person, cast)| Spoken { person, acted_for: &cast.acted_for }).collect();
        let unsure = if in_full { self.unsure() } else { Vec::new() };
        let seating = Seating {
            seats: &self.seats,
            delegations,
            tied: &self.tied,
            unsure: &unsure,
            recused: &self.recused,
            named_chair: self.chair.as_ref(),
            spoken: &spoken,
            ties_pass: in_full,
        };
        let mut electorate = seating.at(at);
        preside(&mut electorate, self.presiding.as_ref());
        electorate
    }

    /// The votes as they count for an electorate.
    #[must_use]
    pub fn poll<'a>(&'a self, electorate: &'a Electorate) -> Poll<'a> {
        let votes = self.votes.iter().map(|(person, cast)| (person, cast.vote));
        let policy = self.held.as_ref().unwrap_or(&self.policy);
        Poll::new(policy, electorate, votes, self.objections.keys())
    }

    /// Before a meeting: nothing closes early.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub(super) fn hold(&mut self, held: bool, presiding: Option<Id>) {
        self.presiding = presiding;
        let patient = || Policy { early_close: EarlyClose::Off, ..Policy::clone(&self.policy) };
        self.held = held.then(|| Arc::new(patient()));
    }

    /// The objections that the next round begins with.
    pub(super) fn leaves(&self) -> BTreeMap<Id, Objected> {
        let mut left = self.objections.clone();
        left.retain(|person, _| !self.votes.contains_key(person));
        let rejections = self.votes.iter().filter(|(_, cast)| cast.vote == Vote::Reject);
        left.extend(rejections.map(|(person, cast)| {
            (person.clone(), Objected { round: self.number, comment: cast.comment.clone() })
        }));
        left
    }

    pub(super) fn recuse(&mut self, person: &Id) {
        self.votes.remove(person);
        self.otherwise.remove(person);
        self.objections.remove(person);
        self.recused.insert(person.clone());
    }
}

/// In a meeting whoever holds its chair is the acting chair of its items, unless they are tied to one.
pub(in crate::ledger) fn preside(electorate: &mut Electorate, presiding: Option<&Id>) {
    let chairs = electorate.seats.iter().filter(|seat| seat.role == Role::Chair).map(|seat| &seat.acting);
    let mut chairs =
        chairs.filter(|person| !electorate.tied.contains(*person) && !electorate.unsure.contains(*person));
    if let Some(presiding) = presiding.filter(|person| chairs.any(|chair| chair == *person)) {
        electorate.chair = Some(presiding.clone());
    }
}

/// How the author of a vote was known.
#[must_use]
pub fn known(by: &Actor, roll_call: bool) -> Known {
    if roll_call { Known::RollCall } else { by.known }
}
