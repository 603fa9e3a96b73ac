//! The consent block: low-risk items without conflicts and objections, decided together because nobody objected.
//!
//! A doubt leaves an item out; the others go on.

use super::{Case, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::{CloseCause, LeftOut, MeetingAct, NotConsented, RoundOutcome},
        fold::{Meeting, Round},
        rounds::{Ending, closing},
    },
    model::{Id, Risk, Section, Vote},
    rules::approval::electorate::same_seat,
};

impl Case<'_> {
    /// Any member's word takes an item out of the block, and the block goes on.
    pub(super) fn pull_out(&self, item: &Id) -> Result<Step, Problem> {
        self.ask.member(&self.meeting.board, "pull an item out")?;
        let entry = self.entry(item)?;
        if entry.agenda.section != Section::Consent || !entry.waits() {
            return Err(invalid(format!("{item} is not in the consent block")));
        }
        Ok(self.one(MeetingAct::PulledOut { item: item.clone() }, &format!("{item} will be discussed")))
    }

    pub(super) fn consent(&self) -> Result<Step, Problem> {
        self.preside()?;
        let block = self.meeting.agenda.iter().filter(|e| e.agenda.section == Section::Consent && e.waits());
        let block: Vec<&Id> = block.map(|entry| &entry.agenda.item).collect();
        if block.is_empty() {
            return Err(invalid(format!("nothing waits in the consent block of {}", self.id)));
        }
        let mut step = Step::default();
        let (mut items, mut left_out) = (Vec::new(), Vec::new());
        for item in block {
            match self.may_pass(item) {
                Ok(round) => {
                    let ending = Ending {
                        outcome: Some(RoundOutcome::Approved),
                        cause: CloseCause::Consent,
                        at: self.ask.now,
                        due: None,
                        by_silence: true,
                        reason: None,
                    };
                    step.events.push(closing(self.ask.ledger, item, &round, ending).0);
                    items.push(item.clone());
                }
                Err(why) => left_out.push(LeftOut { item: item.clone(), why }),
            }
        }
        let why: Vec<String> = left_out.iter().map(|left| format!("{}: {}", left.item, left.why)).collect();
        if items.is_empty() {
            return Err(Problem::new(
                ProblemKind::No,
                format!("nothing passes by consent: {}", why.join("; ")),
            )
            .hint("pull them out and vote"));
        }
        step.said = format!("{}: {} approved, no objection received", self.id, items.len());
        if !why.is_empty() {
            step.said = format!("{}; left out {}", step.said, why.join("; "));
        }
        step.events.push(self.event(MeetingAct::Consented { items, left_out }));
        Ok(step)
    }

    /// The round of an item that nobody has a reason to discuss, or what speaks against that.
    fn may_pass(&self, item: &Id) -> Result<std::sync::Arc<Round>, NotConsented> {
        let ledger = self.ask.ledger;
        let Some(round) = ledger.fold().open_round(item).cloned() else {
            return Err(NotConsented::NoOpenVote);
        };
        if round.is_over(self.ask.now) {
            return Err(NotConsented::DeadlinePassed);
        }
        if !self.presides_over(item) {
            return Err(NotConsented::ChairTied);
        }
        if ledger.record_view(item).is_none_or(|record| record.revision != round.revision) {
            return Err(NotConsented::Edited);
        }
        let silence = ledger.silence(item, &round, self.ask.now, 0);
        if silence.treated_risk != Risk::Low {
            return Err(NotConsented::Risk(silence.treated_risk));
        }
        if silence.open_block {
            return Err(NotConsented::OpenBlock);
        }
        if round.policy.require_signed {
            return Err(NotConsented::Unsigned);
        }
        objections(&round)?;
        let delegations = ledger.fold().delegations(&round.board);
        let electorate = round.electorate(&delegations, self.ask.now);
        let heard = electorate.people.iter().filter(|person| heard(&self.meeting, &round, person)).count();
        let need = round.poll(&electorate).quorum_need().max(round.policy.min_people()).max(2);
        let here = u32::try_from(heard).unwrap_or(u32::MAX);
        if here < need {
            return Err(NotConsented::TooFewHere { here, need });
        }
        for seat in &round.policy.mandatory {
            let mut named =
                electorate.seats.iter().filter(|s| s.seat.as_ref().is_some_and(|n| same_seat(n, seat)));
            let there = named.any(|s| s.removed.is_none() && heard_of(&self.meeting, &round, &s.acting));
            if !there {
                return Err(NotConsented::SeatNotHere(seat.clone()));
            }
        }
        Ok(round)
    }
}

fn objections(round: &Round) -> Result<(), NotConsented> {
    let no = round.votes.iter().find(|(_, cast)| cast.vote == Vote::Reject).map(|(person, _)| person);
    let stands = round.objections.keys().find(|person| !round.votes.contains_key(*person));
    match no.or(stands) {
        Some(person) => Err(NotConsented::Objects(person.clone())),
        None => Ok(()),
    }
}

/// Whether somebody heard the question: they are in the room, or voted yes before.
fn heard(meeting: &Meeting, round: &Round, person: &&Id) -> bool {
    heard_of(meeting, round, person)
}

fn heard_of(meeting: &Meeting, round: &Round, person: &Id) -> bool {
    meeting.is_here(person) || round.votes.get(person).is_some_and(|cast| cast.vote == Vote::Approve)
}
