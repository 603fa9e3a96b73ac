//! The tally of an item: electorate, votes, arithmetic, and what would happen (rules § Counting).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::{Known, RoundOutcome, Vote};
use crate::{
    model::{Id, Instant, Line, Part, Prose, Revision, Risk, Role},
    rules::approval::Needs,
};

/// Where an item stands, as everybody may see it: while votes are secret, who has voted and not how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    /// The item.
    pub id: Id,
    /// The revision the round is about.
    pub revision: Revision,
    /// The how-manieth revision of the item the record has seen, from 1: `r7`.
    pub revision_number: u32,
    pub policy: Id,
    pub board: Id,
    /// `majority`, `3/5` …
    pub rule: String,
    pub electorate: Vec<Ballot>,
    /// Counts are nought while the votes are secret: see [`Tally::hides`].
    pub yes: u32,
    /// Seats that rejected.
    pub no: u32,
    /// Seats that abstained: they count for the quorum alone.
    pub abstain: u32,
    /// People of the electorate who have not voted.
    pub waiting: u32,
    pub quorum: QuorumState,
    pub objections: Vec<Objection>,
    pub outcome: TallyOutcome,
    /// The closing outcome F of this moment; none while the votes are secret.
    pub if_closed_now: Option<RoundOutcome>,
    /// Which round of the item, from 1.
    pub round: u32,
    /// The spelled-out line.
    pub line: String,
    pub opened_at: Instant,
    /// Until when votes count; none has no deadline.
    pub deadline: Option<Instant>,
    /// How the round ended; none counts votes still.
    pub closed: Option<Closing>,
    /// How routing came here: `declared low, treated as high: tier-1 service`.
    pub routed: Vec<String>,
    pub treated_risk: Risk,
    /// `1 yes`, `quorum 2`, `security`, `tie`, `re-vote`, `consent`, `ready`: what is missing, in two words.
    pub needs: String,
    /// The same as a type; none where nothing is open.
    #[serde(default)]
    pub lacks: Option<Needs>,
    /// What becomes of it if nobody does anything until then, in words.
    pub at_deadline: Option<String>,
    pub mandatory: Vec<Line>,
    /// Approved by silence at the deadline, when nobody objects.
    pub by_consent: bool,
    pub secret: bool,
    /// Only votes count that their authors signed.
    #[serde(default)]
    pub signed: bool,
    pub conditions: Vec<Condition>,
    /// The acting chair of this item.
    pub chair: Option<Id>,
    /// What the chair wants against the vote, waiting for a second person.
    pub against: Option<AgainstVote>,
    /// Whom the item names as tied to it and nobody here is, or nobody can tell; while the round is open.
    #[serde(default)]
    pub ties: Vec<UnknownTie>,
    /// Votes entered by roll call that their people say are not theirs.
    #[serde(default)]
    pub disputed: Vec<DisputedVote>,
}

/// Somebody an item names as tied to it, of whom it is not known who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnknownTie {
    pub part: Part,
    /// As the item writes it; empty where it names nobody.
    pub name: Line,
    /// Known by a number of another system, or not at all.
    pub unknown: bool,
    /// Those of the board who might be them: they do not vote on the item until the chair clears them.
    pub might_be: Vec<Id>,
}

/// What my vote on an open round would do, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct After {
    pub approve: String,
    pub reject: String,
    pub abstain: String,
}

impl After {
    /// What this vote would do.
    #[must_use]
    pub fn of(&self, vote: Vote) -> &str {
        match vote {
            Vote::Approve => &self.approve,
            Vote::Reject => &self.reject,
            Vote::Abstain => &self.abstain,
        }
    }
}

/// What a tally says to one person alone: their own vote where the round hides all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnBallot {
    pub vote: Vote,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
    /// A vote that somebody else gave for them, to be confirmed; none where there is none.
    pub to_confirm: Option<ToConfirm>,
}

/// A vote entered for somebody who says that it is not theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisputedVote {
    pub person: Id,
    pub vote: Vote,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
}

/// What somebody is asked to confirm or to dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToConfirm {
    pub vote: Vote,
    /// Said instead of the vote they cast themselves, which stands meanwhile; else entered for them.
    pub instead: bool,
}

/// An outcome against the vote, as the chair proposed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgainstVote {
    pub by: Id,
    pub outcome: RoundOutcome,
    pub reason: Prose,
    /// Who is asked to confirm it; any voter where nobody is named.
    pub second: Option<Id>,
}

/// One person's place in a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ballot {
    pub person: Id,
    /// The named seat, where it has a name.
    pub seat: Option<Line>,
    pub role: Role,
    pub status: BallotStatus,
    /// What the seat voted; none where it did not, or the round is secret.
    pub vote: Option<Vote>,
    /// How the author was known.
    pub by: Option<Known>,
    /// When it did; none where it did not, or the round is secret.
    pub at: Option<Instant>,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
    /// In whose seat a delegate acts.
    pub acts_for: Option<Id>,
    /// Why they have no vote here: `tied to it`, `might be Jonas Lind`, `recused`.
    #[serde(default)]
    pub why: Option<Line>,
    /// The same as a type.
    #[serde(default)]
    pub no_vote: Option<NoVote>,
    /// What a roll call says of them and they have not answered.
    #[serde(default)]
    pub to_confirm: Option<ToConfirm>,
}

/// Why the acting person of a seat has no vote on an item (rules § Electorate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoVote {
    Recused,
    Tied,
    /// They act for somebody who is.
    ForTied,
    /// The item names somebody, in these words, who might be them.
    MightBe(Line),
    /// They act for somebody of whom that is so.
    ForUnsure,
}

impl fmt::Display for NoVote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recused => f.write_str("recused"),
            Self::Tied => f.write_str("tied to it"),
            Self::ForTied => f.write_str("delegate of somebody tied to it"),
            Self::MightBe(name) => write!(f, "might be {name}"),
            Self::ForUnsure => f.write_str("delegate of somebody who might be tied to it"),
        }
    }
}

/// What a seat has said, or why it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BallotStatus {
    Voted,
    Waiting,
    /// By themselves, or tied to the item.
    Recused,
    /// Voted in an earlier round; has to look again.
    Stale,
}

/// How many seats must speak, and how many did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuorumState {
    /// How many are needed.
    pub need: u32,
    /// How many are there.
    pub have: u32,
    pub met: bool,
}

/// A rejection of an earlier round that stands until its author votes again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Objection {
    pub person: Id,
    /// Which round of the item, from 1.
    pub round: u32,
    /// What was written with it; none where nothing was.
    pub comment: Option<Prose>,
}

/// How a round stands: counting, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TallyOutcome {
    Open,
    Approved,
    Rejected,
    Deferred,
    NeedsInfo,
    Superseded,
}

/// How and when a round ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closing {
    pub at: Instant,
    /// By when what was decided must be ratified or reviewed; none where nothing is owed.
    pub due: Option<Instant>,
    pub by: Line,
    pub cause: super::event::CloseCause,
    pub line: String,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// A check item put on an approval, to be met before the gate opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Condition {
    /// Its number in the item, from 1.
    pub number: u32,
    pub text: Prose,
    pub owner: Id,
    pub met: bool,
}

impl Tally {
    /// The ballot of a person, where they are in the electorate or recused from it.
    #[must_use]
    pub fn ballot(&self, person: &Id) -> Option<&Ballot> {
        self.electorate.iter().find(|ballot| ballot.person == *person)
    }

    /// The tally as somebody sees it whose own vote it hides from the others.
    #[must_use]
    pub fn seen_by(&self, person: &Id, own: &OwnBallot) -> Self {
        let mut tally = self.clone();
        if let Some(ballot) = tally.electorate.iter_mut().find(|ballot| ballot.person == *person) {
            ballot.vote = Some(own.vote);
            ballot.comment.clone_from(&own.comment);
            ballot.to_confirm = own.to_confirm;
        }
        tally
    }

    /// Size of the electorate E.
    #[must_use]
    pub fn seats(&self) -> u32 {
        if self.hides() {
            self.quorum.have + self.waiting
        } else {
            self.yes + self.no + self.abstain + self.waiting
        }
    }

    /// How many have voted.
    #[must_use]
    pub fn voted(&self) -> u32 {
        self.seats() - self.waiting
    }

    /// The votes are secret and the item is not decided: who has voted is known, and nothing else.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.secret && !matches!(self.outcome, TallyOutcome::Approved | TallyOutcome::Rejected)
    }

    /// Whether somebody is asked something: the round is open, or a roll call is not answered. Of secret votes only their
    /// person is told that, so that as long as it hides them it may.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        self.is_open() || self.hides() || self.electorate.iter().any(|ballot| ballot.to_confirm.is_some())
    }

    /// Whether its round counts votes still.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome == TallyOutcome::Open
    }
}
