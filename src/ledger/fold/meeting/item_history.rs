//! What happens to an item while it is before a meeting: its entry keeps it for the minutes.

use super::{EntryState, Meeting};
use crate::{
    ledger::{
        event::{CloseCause, Event, OpenCause, Vote},
        fold::{Item, Round, Stamp, name},
        minutes::{Became, ClosedLine, Conditioned, Decided, News, Recusal, Remark, Verdict},
    },
    model::Line,
};

impl Meeting {
    /// Notes an event about an item of the agenda; `item` is as the event left it, `edited` says what differs from the
    /// revision the meeting has seen.
    pub(in crate::ledger::fold) fn note(
        &mut self,
        stamp: Stamp<'_>,
        event: &Event,
        item: &Item,
        edited: Option<Became>,
    ) {
        if self.lease.as_ref().is_some_and(|lease| stamp.by.person.as_ref() == Some(&lease.holder)) {
            self.renew(stamp.at);
        }
        self.last_at = stamp.at;
        self.heard(stamp);
        let Some(entry) = event.item().and_then(|id| self.entry_mut(id)) else { return };
        entry.revision = item.revision.or(entry.revision);
        entry.news.extend(edited.map(|became| News { at: stamp.at, became }));
        match event {
            Event::Lapsed { .. } => {
                entry.lapsed = matches!(entry.state, EntryState::Decided(_));
                entry.news.push(News { at: stamp.at, became: Became::Lapsed });
            }
            Event::RoundClosed { .. } => {
                let Some(round) = item.rounds.last() else { return };
                let Some(decided) = decided(stamp, round) else { return };
                // A meeting that an item is postponed to is named by the act that does it.
                if !matches!(entry.state, EntryState::Deferred(_)) {
                    entry.state = EntryState::Decided(decided.verdict);
                }
                entry.decisions.push(decided);
                entry.lapsed = false;
            }
            Event::ConditionAdded { condition, text, owner, .. } => entry.conditions.push(Conditioned {
                number: *condition,
                text: text.clone(),
                owner: owner.clone(),
            }),
            Event::Recused { person, reason, .. } => {
                entry.recusals.retain(|recusal| recusal.person != *person);
                entry.recusals.push(Recusal {
                    person: person.clone(),
                    reason: reason.clone(),
                    proposed: false,
                });
            }
            Event::Commented { text, .. } => {
                entry.remarks.push(Remark { by: name(stamp.by), text: Some(text.clone()) });
            }
            Event::Reviewed { successful, text, .. } => {
                entry.state = EntryState::Decided(Verdict::of_review(*successful));
                entry.remarks.push(Remark { by: name(stamp.by), text: Some(text.clone()) });
            }
            // A new round on an item that was decided opens it again.
            Event::RoundOpened { .. } => {
                if matches!(entry.state, EntryState::Decided(_)) {
                    entry.state = EntryState::Waiting;
                }
            }
            _ => {}
        }
    }
}

/// A closing as minutes print it; none for one that decided nothing.
fn decided(stamp: Stamp<'_>, round: &Round) -> Option<Decided> {
    let closed = round.closed.as_ref()?;
    let verdict = Verdict::of_round(closed.outcome, round.cause == OpenCause::Ratification)?;
    // Of a secret round that decided nothing no vote is told.
    let told = !round.policy.secret || closed.outcome.decides();
    let now = round.votes.iter().filter(|(_, cast)| told && cast.vote == Vote::Reject);
    let now = now.map(|(person, cast)| (person, cast.comment.clone()));
    let before = round.objections.iter().filter(|(person, _)| told && !round.votes.contains_key(*person));
    let before = before.map(|(person, objected)| (person, objected.comment.clone()));
    let remark = |(person, text): (&crate::model::Id, _)| Remark { by: Line::new(person.as_str()), text };
    let called = round.votes.iter().filter(|(_, cast)| cast.known == crate::ledger::event::Known::RollCall);
    let tied = round.tied.iter().filter(|person| round.seats.iter().any(|seat| seat.person == **person));
    Some(Decided {
        at: closed.at,
        by: name(stamp.by),
        round: round.number,
        verdict,
        line: ClosedLine::Counted { outcome: closed.outcome, count: closed.arithmetic.clone() },
        cause: closed.cause,
        reason: closed.reason.clone().filter(|_| closed.cause != CloseCause::Changed),
        objections: now.chain(before).map(remark).collect(),
        roll_call: called.map(|(person, _)| person.clone()).collect(),
        tied: tied.cloned().collect(),
    })
}
