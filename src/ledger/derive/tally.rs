//! The tally of a round (rules § Counting): the counting rule run on the round as it is.

use super::Ledger;
use crate::{
    label::Label,
    ledger::{
        event::{Event, Known, RoundOutcome},
        fold::{Closed, Item, Round},
        tally::{
            AgainstVote, Ballot, BallotStatus, Closing, Condition, DisputedVote, NoVote, Objection,
            QuorumState, Tally, TallyOutcome, ToConfirm, UnknownTie,
        },
    },
    model::{Decision, Id, Instant, Line, OnDeadline, Part, Role, Severity},
    rules::{
        approval::{ActingSeat, Electorate, Needs, Poll, Removed, Silence, line},
        facts::{Told, same_name},
    },
};

impl Ledger {
    /// Whether an event tells a secret vote of somebody else than who asks before its item is decided.
    #[must_use]
    pub fn hides(&self, event: &Event, from: Option<&Id>) -> bool {
        event.ballot().is_some_and(|(.., person)| from != Some(person)) && self.withholds(event)
    }

    /// Whether an event tells a secret vote that nobody may know yet, whoever asks: it does not leave with a copy. Of a
    /// round that is not known, which only a damaged record has, nothing secret leaves either.
    #[must_use]
    pub fn withholds(&self, event: &Event) -> bool {
        let Some((item, round, _)) = event.ballot() else { return false };
        let known = self.fold.get(item);
        match known.and_then(|item| Some((item, item.rounds.iter().find(|known| known.number == round)?))) {
            Some((item, round)) => item.veils(round),
            None => matches!(event, Event::Voted { salt: Some(_), .. }),
        }
    }

    /// Whether a row of severity `block` that names the item is open.
    #[must_use]
    pub fn open_block(&self, item: &Id) -> bool {
        self.rows_of_item(item).any(|row| row.severity == Severity::Block && self.ack(row).is_none())
    }

    /// What approval by silence would meet, if the deadline is recorded `late` seconds after it.
    #[must_use]
    pub(in crate::ledger) fn silence(&self, item: &Id, round: &Round, now: Instant, late: i64) -> Silence {
        let treated = self.routing(item, now).map_or(round.treated_risk, |routing| routing.treated_risk);
        Silence { treated_risk: treated.max(round.treated_risk), open_block: self.open_block(item), late }
    }
}

/// The tally of a round of an item; a closed one as it was when it closed.
pub(super) fn tally(ledger: &Ledger, id: &Id, round: &Round) -> Tally {
    let electorate = round.electorate_by(&ledger.fold.delegations(&round.board), ledger.asked);
    let poll = round.poll(&electorate);
    let totals = poll.totals();
    let empty = Item::default();
    let item = ledger.fold.get(id).unwrap_or(&empty);
    let hides = item.veils(round);
    let words = if hides { Words::secret(round, &poll) } else { Words::of(ledger, id, round, &poll) };
    let open = |count: u32| if hides { 0 } else { count };
    let now = || round.closed.as_ref().map_or_else(|| decided(poll.outcome()), |closed| closed.outcome);
    Tally {
        id: id.clone(),
        revision: round.revision,
        revision_number: item.revision_number(&round.revision),
        policy: round.policy.id.clone(),
        board: round.board.clone(),
        rule: round.policy.rule.to_string(),
        electorate: ballots(item, round, &poll, &electorate),
        yes: open(totals.yes),
        no: open(totals.no),
        abstain: open(totals.abstain),
        waiting: totals.electorate - totals.voted(),
        quorum: QuorumState { need: poll.quorum_need(), have: totals.voted(), met: poll.quorum_met() },
        objections: objections(item, round, &poll),
        outcome: round.closed.as_ref().map_or(TallyOutcome::Open, |closed| outcome(closed.outcome)),
        if_closed_now: (!hides || round.closed.is_some()).then(now),
        round: round.number,
        line: words.line,
        opened_at: round.opened_at,
        deadline: round.deadline,
        closed: round.closed.as_ref().map(|closed| closing(closed, hides)),
        routed: round.routed.iter().map(ToString::to_string).collect(),
        treated_risk: round.treated_risk,
        needs: words.lacks.as_ref().map(ToString::to_string).unwrap_or_default(),
        lacks: words.lacks,
        at_deadline: words.deadline,
        mandatory: round.policy.mandatory.clone(),
        by_consent: words.by_consent,
        secret: round.policy.secret,
        signed: round.policy.require_signed,
        conditions: conditions(item, round),
        chair: electorate.chair.clone(),
        against: round.against.as_ref().map(|against| AgainstVote {
            by: against.by.clone(),
            outcome: against.outcome,
            reason: against.reason.clone(),
            second: against.second.clone(),
        }),
        ties: if round.is_open() { unknown_ties(ledger, id, round) } else { Vec::new() },
        disputed: if hides { Vec::new() } else { disputed(round) },
    }
}

/// Whom the item ties to itself without anybody knowing who they are.
fn unknown_ties(ledger: &Ledger, id: &Id, round: &Round) -> Vec<UnknownTie> {
    let ties = ledger.facts.ties(id);
    let untold = ties.into_iter().filter(|tie| tie.told != Told::Known);
    // A requester whom the item does not name is common and ties nobody more.
    let told = untold.filter(|tie| tie.part != Part::Requester || !tie.shown.is_empty());
    let mut found: Vec<UnknownTie> = told
        .map(|tie| {
            let doubt = round.unsure.iter().find(|doubt| doubt.part == tie.part && doubt.name == tie.shown);
            UnknownTie {
                part: tie.part,
                unknown: tie.told == Told::Unknown,
                might_be: doubt.map(|doubt| doubt.people.clone()).unwrap_or_default(),
                name: tie.shown,
            }
        })
        // Somebody without a record may sit on the board by their id.
        .filter(|tie| {
            tie.unknown || !round.tied.iter().any(|id| seated(round, id) && same_name(id.as_str(), &tie.name))
        })
        .collect();
    found.dedup();
    found
}

fn seated(round: &Round, person: &Id) -> bool {
    round.seats.iter().any(|seat| seat.person == *person)
}

fn disputed(round: &Round) -> Vec<DisputedVote> {
    let told = round.disputed.iter();
    told.map(|d| DisputedVote { person: d.person.clone(), vote: d.vote, comment: d.comment.clone() })
        .collect()
}

/// Why the voice of a seat does not count.
fn no_vote(round: &Round, electorate: &Electorate, seat: &ActingSeat) -> Option<NoVote> {
    let person = &seat.voice;
    Some(match seat.removed? {
        Removed::Recused => NoVote::Recused,
        Removed::Tied if round.tied.contains(person) => NoVote::Tied,
        Removed::Tied => NoVote::ForTied,
        Removed::Unsure => {
            let named = round.unsure.iter().find(|doubt| doubt.people.contains(person));
            debug_assert!(electorate.unsure.contains(person));
            named.map_or(NoVote::ForUnsure, |doubt| NoVote::MightBe(doubt.name.clone()))
        }
    })
}

/// What is said instead of what a secret vote would tell.
pub(super) const SECRET: &str = "secret until it closes";

/// What a roll call says of somebody, until they answer; closings of older programs ask nobody.
pub(super) fn to_confirm(round: &Round, person: &Id) -> Option<ToConfirm> {
    if round.closed.as_ref().is_some_and(|closed| closed.reading == 0) {
        return None;
    }
    if let Some(otherwise) = round.otherwise.get(person).filter(|_| round.is_open()) {
        return Some(ToConfirm { vote: otherwise.vote, instead: true });
    }
    let disputed = round.disputed.iter().any(|disputed| disputed.person == *person);
    let cast = round.votes.get(person).filter(|cast| cast.known == Known::RollCall && !disputed);
    cast.map(|cast| ToConfirm { vote: cast.vote, instead: false })
}

/// The sentences of a tally.
struct Words {
    line: String,
    lacks: Option<Needs>,
    deadline: Option<String>,
    by_consent: bool,
}

impl Words {
    fn of(ledger: &Ledger, id: &Id, round: &Round, poll: &Poll<'_>) -> Self {
        if let Some(closed) = &round.closed {
            return Self::closed(closed);
        }
        let silence = round.deadline.map(|_| ledger.silence(id, round, ledger.asked, 0));
        let consent = round.policy.on_deadline == OnDeadline::Approve
            && silence.as_ref().is_some_and(|silence| poll.at_deadline(silence).1);
        let nobody = poll.electorate().people.is_empty();
        Self {
            line: line::line(poll),
            lacks: Some(line::needs(poll, consent)),
            deadline: match &silence {
                Some(_) if nobody => Some("deferred (nobody may vote)".to_owned()),
                silence => silence.as_ref().map(|silence| line::deadline(poll, silence)),
            },
            by_consent: consent && !nobody,
        }
    }

    /// Who has voted, and nothing that follows from how.
    fn secret(round: &Round, poll: &Poll<'_>) -> Self {
        let hush = || SECRET.to_owned();
        if let Some(closed) = &round.closed {
            return Self { line: put_off(closed), ..Self::closed(closed) };
        }
        let (voted, of) = (poll.totals().voted(), poll.totals().electorate);
        let need = poll.quorum_need();
        let met = if poll.quorum_met() { "met" } else { "not met" };
        let waiting: Vec<&str> = poll.waiting().map(Id::as_str).collect();
        let waits =
            if waiting.is_empty() { String::new() } else { format!(" · waiting: {}", waiting.join(", ")) };
        Self {
            line: format!("{}: {voted} of {of} have voted · quorum {need} {met}{waits}", hush()),
            lacks: Some(if poll.quorum_met() { Needs::Ready } else { Needs::Quorum(need - voted) }),
            deadline: round.deadline.map(|_| hush()),
            by_consent: false,
        }
    }

    fn closed(closed: &Closed) -> Self {
        Self { line: closed.line(), lacks: None, deadline: None, by_consent: closed.arithmetic.by_silence }
    }
}

/// A ballot for each acting person, in the order of the board, as everybody may see it.
fn ballots(item: &Item, round: &Round, poll: &Poll<'_>, electorate: &Electorate) -> Vec<Ballot> {
    let mut ballots: Vec<Ballot> = Vec::new();
    for seat in &electorate.seats {
        if let Some(ballot) = ballots.iter_mut().find(|ballot| ballot.person == seat.voice) {
            ballot.seat = ballot.seat.take().or_else(|| seat.seat.clone());
            ballot.role = ballot.role.min(seat.role);
            if seat.holder == seat.voice {
                ballot.acts_for = None;
            }
            continue;
        }
        let person = &seat.voice;
        let cast = round.votes.get(person).filter(|_| poll.vote_of(person).is_some());
        let hidden = item.veils(round);
        let status = match cast {
            _ if seat.removed.is_some() => BallotStatus::Recused,
            Some(_) => BallotStatus::Voted,
            None if voted_before(item, round, person) => BallotStatus::Stale,
            None => BallotStatus::Waiting,
        };
        let no_vote = no_vote(round, electorate, seat);
        ballots.push(Ballot {
            person: person.clone(),
            seat: seat.seat.clone(),
            role: seat.role,
            status,
            vote: cast.filter(|_| !hidden).map(|cast| cast.vote),
            by: cast.map(|cast| cast.known),
            at: cast.map(|cast| cast.at),
            comment: cast.filter(|_| !hidden).and_then(|cast| cast.comment.clone()),
            acts_for: (seat.holder != *person).then(|| seat.holder.clone()),
            why: no_vote.as_ref().map(|why| Line::new(&why.to_string())),
            no_vote,
            to_confirm: to_confirm(round, person).filter(|_| !hidden),
        });
    }
    debug_assert!(ballots.iter().all(|ballot| ballot.role != Role::Observer));
    ballots
}

/// Whether somebody voted in an earlier round: they have to look again.
fn voted_before(item: &Item, round: &Round, person: &Id) -> bool {
    item.rounds.iter().any(|earlier| earlier.number < round.number && earlier.votes.contains_key(person))
}

/// Rejections of earlier rounds that stand, but those of a round whose votes nobody may know.
fn objections(item: &Item, round: &Round, poll: &Poll<'_>) -> Vec<Objection> {
    let known = round.objections.iter().filter(|(_, objected)| !item.veils_round(objected.round));
    let stands = known.filter(|(person, _)| poll.objections().contains(*person));
    stands
        .map(|(person, objected)| Objection {
            person: person.clone(),
            round: objected.round,
            comment: objected.comment.clone(),
        })
        .collect()
}

/// Conditions belong to the approval that this round made.
fn conditions(item: &Item, round: &Round) -> Vec<Condition> {
    let own = item.approval.as_ref().is_some_and(|approval| approval.round == Some(round.number));
    let conditions = item.conditions.iter().filter(|_| own);
    conditions
        .map(|c| Condition { number: c.number, text: c.text.clone(), owner: c.owner.clone(), met: c.met })
        .collect()
}

/// What is said of a closing that tells no vote.
fn put_off(closed: &Closed) -> String {
    format!("{}: the votes are secret until it is decided", closed.outcome.label())
}

fn closing(closed: &Closed, hides: bool) -> Closing {
    Closing {
        at: closed.at,
        due: closed.due,
        by: closed.by.clone(),
        cause: closed.cause,
        line: if hides { put_off(closed) } else { closed.line() },
        reason: closed.reason.clone(),
    }
}

fn outcome(outcome: RoundOutcome) -> TallyOutcome {
    match outcome {
        RoundOutcome::Approved => TallyOutcome::Approved,
        RoundOutcome::Rejected => TallyOutcome::Rejected,
        RoundOutcome::Deferred => TallyOutcome::Deferred,
        RoundOutcome::NeedsInfo => TallyOutcome::NeedsInfo,
        RoundOutcome::Superseded => TallyOutcome::Superseded,
    }
}

/// A closing outcome as a round records it.
#[must_use]
pub(in crate::ledger) fn decided(decision: Decision) -> RoundOutcome {
    match decision {
        Decision::Approved => RoundOutcome::Approved,
        Decision::Rejected => RoundOutcome::Rejected,
        Decision::Deferred => RoundOutcome::Deferred,
    }
}
