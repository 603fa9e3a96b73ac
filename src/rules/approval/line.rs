//! The tally in words (rules § Counting): the spelled-out line, what is missing, and the four answers.
//!
//! Each answer is the counting rule run once more, never a guess. Times are left to the faces, which know the zone.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::count::{Poll, Silence, Totals};
use crate::{
    label::Label,
    model::{Decision, Id, Line, OnDeadline, RoundOutcome, Tie, Vote, VotingRule},
};

/// The count a round closed with. [`closed`] is its sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arithmetic {
    /// Seats that approved.
    pub yes: u32,
    /// Seats that rejected.
    pub no: u32,
    /// Seats that abstained: they count for the quorum alone.
    pub abstain: u32,
    /// Size of the electorate E.
    pub electorate: u32,
    /// Seats that must speak.
    pub quorum_need: u32,
    pub quorum_met: bool,
    /// Approved by silence: the record says *no objection received*.
    pub by_silence: bool,
    /// How many people must have voted, where the quorum was met and they were fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<u32>,
    /// Mandatory seats that had not voted yes or no.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Line>,
    /// How the tie went, where there was one and nothing else was in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<TieGoes>,
    /// Decided against the vote: who proposed it, and the second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<[Id; 2]>,
    /// How many had voted, where nobody may know how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<u32>,
    /// The sentence an earlier program wrote beside its numbers; it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// How a tie goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TieGoes {
    ToTheChair,
    /// It is the chair's, who has no vote here.
    RejectsWithoutChair,
    Rejects,
    Defers,
}

impl TieGoes {
    /// The words of it, as in the line.
    const fn words(self) -> &'static str {
        match self {
            Self::ToTheChair => "tie goes to the chair",
            Self::RejectsWithoutChair => "tie rejects: the chair has no vote here",
            Self::Rejects => "tie rejects",
            Self::Defers => "tie defers",
        }
    }
}

/// What would be, in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The closing outcome F in that case.
    pub outcome: Decision,
    /// The outcome with which the round would close by itself at once.
    pub closes: Option<Decision>,
    /// `approved at once`, `open, r.diaz decides` …
    pub words: String,
}

/// The four questions a tally answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub now: Answer,
    pub approve: Answer,
    pub reject: Answer,
    pub abstain: Answer,
    /// `None` where the round has no deadline.
    pub deadline: Option<String>,
}

/// The line: `if closed now: approved 4–2, 1 abstained · quorum 5 of 9 met · certain with 1 more yes · waiting: …`.
#[must_use]
pub fn line(poll: &Poll<'_>) -> String {
    format!("if closed now: {}", body(poll))
}

/// The count of a round as it closes.
#[must_use]
pub fn arithmetic(poll: &Poll<'_>, by_silence: bool) -> Arithmetic {
    let totals = poll.totals();
    let counted = Arithmetic {
        yes: totals.yes,
        no: totals.no,
        abstain: totals.abstain,
        electorate: totals.electorate,
        quorum_need: poll.quorum_need(),
        quorum_met: poll.quorum_met(),
        by_silence,
        ..Arithmetic::default()
    };
    if by_silence {
        return counted;
    }
    let (least, missing) = (too_few(poll), poll.mandatory_missing().into_iter().map(Line::new).collect());
    let counted = Arithmetic { least, missing, ..counted };
    // How a tie goes is only of interest where there was one, and nothing else was in the way.
    let tied = totals.yes == totals.no && totals.yes > 0 && counted.short().next().is_none();
    Arithmetic { tie: tie(poll).filter(|_| tied), ..counted }
}

/// The line of a round that has closed: its outcome and its arithmetic.
#[must_use]
pub fn closed(outcome: RoundOutcome, count: &Arithmetic) -> String {
    if let Some(line) = &count.line {
        return line.clone();
    }
    let outcome = outcome.label();
    let Arithmetic { yes, no, .. } = count;
    let met = if count.quorum_met { "met" } else { "not met" };
    if let Some(voted) = count.untold {
        let by =
            count.against.as_ref().map(|[by, second]| format!(" · against the vote by {by} and {second}"));
        return format!(
            "{outcome}: {voted} of {} have voted, secret until it is decided · quorum {} {met}{}",
            count.electorate,
            count.quorum_need,
            by.unwrap_or_default()
        );
    }
    if let Some([by, second]) = &count.against {
        return format!("{outcome}: decided against the vote {yes}–{no} by {by} and {second}");
    }
    if count.by_silence {
        return format!("{outcome}: no objection received · {} could vote", count.electorate);
    }
    let quorum = format!("quorum {} of {} {met}", count.quorum_need, count.electorate);
    let score = score(*yes, *no, count.abstain);
    let tie = count.tie.map(|tie| tie.words().to_owned());
    let parts = [format!("{outcome} {score}"), quorum].into_iter().chain(count.short()).chain(tie);
    parts.collect::<Vec<_>>().join(" · ")
}

impl Arithmetic {
    /// As far as it may be told where nobody may know how anybody voted.
    #[must_use]
    pub fn untold(self) -> Self {
        Self {
            yes: 0,
            no: 0,
            abstain: 0,
            missing: Vec::new(),
            tie: None,
            untold: Some(self.yes + self.no + self.abstain),
            ..self
        }
    }

    /// What was in the way of a decision though the quorum may be met (rules § Counting, step 2), in words.
    fn short(&self) -> impl Iterator<Item = String> {
        short(self.least, &self.missing.iter().map(Line::as_str).collect::<Vec<_>>())
    }
}

/// How many must vote, where the quorum is met by fewer.
fn too_few(poll: &Poll<'_>) -> Option<u32> {
    let (least, totals) = (poll.policy().min_people(), poll.totals());
    (totals.electorate > 0 && poll.quorum_met() && totals.voted() < least).then_some(least)
}

/// What is in the way of a decision: voters, or a mandatory seat.
fn short(least: Option<u32>, missing: &[&str]) -> impl Iterator<Item = String> + use<> {
    let few = least.map(|least| format!("at least {least} people must vote"));
    let seat =
        (!missing.is_empty()).then(|| format!("mandatory: {} has not voted yes or no", missing.join(", ")));
    few.into_iter().chain(seat)
}

fn body(poll: &Poll<'_>) -> String {
    let totals = poll.totals();
    let outcome = poll.outcome();
    let mut parts =
        vec![format!("{} {}", outcome.word(), score(totals.yes, totals.no, totals.abstain)), quorum(poll)];
    if totals.electorate == 0 {
        parts = vec![format!("{}: nobody may vote", outcome.word())];
    }
    parts.extend(short(too_few(poll), &poll.mandatory_missing()));
    if let Some(certain) = certain(poll) {
        parts.push(certain);
    }
    if !poll.objections().is_empty() {
        parts.push(format!("objection stands: {}", names(poll.objections().iter().map(Id::as_str))));
    }
    if poll.waiting().next().is_some() {
        let waiting = poll.waiting().map(|person| poll.electorate().title(person));
        parts.push(format!("waiting: {}", names(waiting)));
    }
    parts.extend(tie(poll).map(|tie| tie.words().to_owned()));
    parts.join(" · ")
}

/// `4–2, 1 abstained`.
fn score(yes: u32, no: u32, abstain: u32) -> String {
    if abstain == 0 { format!("{yes}–{no}") } else { format!("{yes}–{no}, {abstain} abstained") }
}

fn quorum(poll: &Poll<'_>) -> String {
    let (need, totals) = (poll.quorum_need(), poll.totals());
    let state = if poll.quorum_met() {
        "met".to_owned()
    } else {
        format!("not met, {} more must vote", need - totals.voted())
    };
    format!("quorum {need} of {} {state}", totals.electorate)
}

fn certain(poll: &Poll<'_>) -> Option<String> {
    match (poll.certain(), poll.yes_to_certain()) {
        (Some(decision), _) => Some(format!("{} is certain", decision.word())),
        (None, Some(more)) => Some(format!("certain with {more} more yes")),
        (None, None) if poll.waiting().next().is_some() && poll.yes_to_approve().is_none() => {
            Some("can no longer be approved".to_owned())
        }
        (None, None) => None,
    }
}

fn tie(poll: &Poll<'_>) -> Option<TieGoes> {
    if poll.policy().rule != VotingRule::Majority {
        return None;
    }
    Some(match (poll.policy().tie, &poll.electorate().chair) {
        (Tie::Chair, Some(chair)) if poll.electorate().people.contains(chair) => TieGoes::ToTheChair,
        (Tie::Chair, _) => TieGoes::RejectsWithoutChair,
        (Tie::Reject, _) => TieGoes::Rejects,
        (Tie::Defer, _) => TieGoes::Defers,
    })
}

/// Up to six names, then a count.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    match all.len() {
        0..=6 => all.join(", "),
        more => format!("{} and {} more", all[..5].join(", "), more - 5),
    }
}

/// What an open round lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Nobody may vote.
    Voters,
    /// Nothing but time: it is approved by silence.
    Consent,
    /// It was edited, and objections stand that nobody has voted on since.
    NewVotes,
    /// So many must still vote.
    Quorum(u32),
    /// A mandatory seat.
    Seat(Line),
    /// So many more yes.
    Yes(u32),
    /// It is even so far.
    Tie,
    /// Nothing: the chair can close.
    Ready,
}

/// In two words, as the queue shows it.
impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Voters => f.write_str("voters"),
            Self::Consent => f.write_str("consent"),
            Self::NewVotes => f.write_str("re-vote"),
            Self::Quorum(more) => write!(f, "quorum {more}"),
            Self::Seat(seat) => f.write_str(seat),
            Self::Yes(more) => write!(f, "{more} yes"),
            Self::Tie => f.write_str("tie"),
            Self::Ready => f.write_str("ready"),
        }
    }
}

/// What is missing.
#[must_use]
pub fn needs(poll: &Poll<'_>, by_consent: bool) -> Needs {
    let totals = poll.totals();
    if totals.electorate == 0 {
        return Needs::Voters;
    }
    if by_consent && totals.no == 0 && totals.voted() == 0 && poll.objections().is_empty() {
        return Needs::Consent;
    }
    if totals.voted() == 0 && !poll.objections().is_empty() {
        return Needs::NewVotes;
    }
    let short = poll.quorum_need().max(poll.policy().min_people()).saturating_sub(totals.voted());
    let yes = poll.yes_to_certain();
    if short > 0 && (totals.voted() > 0 || short > 1) && yes.is_some_and(|yes| yes > 1) {
        return Needs::Quorum(short);
    }
    if let Some(seat) = poll.mandatory_missing().first() {
        return Needs::Seat(Line::new(seat));
    }
    match (poll.certain(), yes) {
        (Some(_), _) => Needs::Ready,
        (None, Some(0)) if short > 0 => Needs::Quorum(short),
        (None, Some(yes)) if yes > 0 => Needs::Yes(yes),
        (None, _) if totals.yes == totals.no && totals.yes > 0 => Needs::Tie,
        (None, _) => Needs::Ready,
    }
}

/// The four answers for one person. `silence` says what approval by silence would meet at the deadline, if there is one.
#[must_use]
pub fn answers(poll: &Poll<'_>, me: &Id, silence: Option<&Silence>) -> Answers {
    let mine = |vote| answer(&poll.with(me, vote));
    Answers {
        now: closing(poll),
        approve: mine(Vote::Approve),
        reject: mine(Vote::Reject),
        abstain: mine(Vote::Abstain),
        deadline: silence.map(|silence| deadline(poll, silence)),
    }
}

/// If the chair closed it now.
#[must_use]
pub fn closing(poll: &Poll<'_>) -> Answer {
    let totals = poll.totals();
    let outcome = poll.outcome();
    let why = match outcome {
        Decision::Approved => format!("{} yes over {} no", totals.yes, totals.no),
        Decision::Rejected => format!("{} no, {} yes", totals.no, totals.yes),
        Decision::Deferred => why_deferred(poll),
    };
    Answer { outcome, closes: None, words: format!("{} ({why})", outcome.word()) }
}

fn why_deferred(poll: &Poll<'_>) -> String {
    let totals = poll.totals();
    let missing = poll.mandatory_missing();
    if totals.electorate == 0 {
        "nobody may vote".to_owned()
    } else if !poll.quorum_met() {
        format!("quorum {} of {} not met", poll.quorum_need(), totals.electorate)
    } else if totals.voted() < poll.policy().min_people() {
        format!("fewer than {} voted", poll.policy().min_people())
    } else if let Some(seat) = missing.first() {
        format!("{seat} has not voted yes or no")
    } else {
        format!("{} yes, {} no decide nothing", totals.yes, totals.no)
    }
}

/// After one more vote.
fn answer(after: &Poll<'_>) -> Answer {
    let outcome = after.outcome();
    let closes = after.early().map(|(decision, _)| decision);
    let words = match closes {
        Some(decision) => format!("{} at once", decision.word()),
        None => match last_voter(after) {
            Some(last) => format!("open, {} decides", after.electorate().title(last)),
            None => format!("open; if closed then: {}", outcome.word()),
        },
    };
    Answer { outcome, closes, words }
}

/// The one person left whose vote still changes the outcome.
fn last_voter<'a>(poll: &Poll<'a>) -> Option<&'a Id> {
    let mut waiting = poll.waiting();
    let last = waiting.next()?;
    let alone = waiting.next().is_none();
    let differs = poll.with(last, Vote::Approve).outcome() != poll.with(last, Vote::Reject).outcome();
    (alone && differs).then_some(last)
}

/// What the deadline would make of it, if nobody votes until then.
#[must_use]
pub fn deadline(poll: &Poll<'_>, silence: &Silence) -> String {
    let (decision, by_silence) = poll.at_deadline(silence);
    if by_silence {
        return "approved: no objection received".to_owned();
    }
    let consent = decision == Decision::Deferred && poll.policy().on_deadline == OnDeadline::Approve;
    match decision {
        Decision::Deferred if consent => "deferred: silence does not approve this one".to_owned(),
        Decision::Deferred => format!("deferred ({})", why_deferred(poll)),
        Decision::Approved | Decision::Rejected => {
            let Totals { yes, no, abstain, .. } = poll.totals();
            format!("{} {}", decision.word(), score(yes, no, abstain))
        }
    }
}

#[cfg(test)]
mod tests;
