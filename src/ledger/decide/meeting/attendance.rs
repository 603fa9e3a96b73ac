//! Who is there, who should step out, and who holds the chair.

use super::{Case, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::{Known, MeetingAct},
    },
    model::{Id, Prose, time::MINUTE},
};

impl Case<'_> {
    /// The person of the session, or one whom the chair marks.
    fn whom(&self, person: Option<&Id>) -> Result<(Id, bool), Problem> {
        let me = self.ask.me()?;
        let Some(person) = person.filter(|person| *person != me) else { return Ok((me.clone(), false)) };
        self.preside()?;
        let known = self.ask.ledger.facts().person(person.as_str()).map(|person| person.id.clone());
        let known = known.or_else(|| self.meeting.is_member(person).then(|| person.clone()));
        known
            .map(|person| (person, true))
            .ok_or_else(|| Problem::new(ProblemKind::NotFound, format!("{person} is nobody the board knows")))
    }

    /// Saying so twice changes nothing: every session says it.
    pub(super) fn arrive(&self, person: Option<&Id>) -> Result<Step, Problem> {
        let (person, marked) = self.whom(person)?;
        if self.meeting.is_here(&person) {
            return Ok(Step { said: format!("{person} is here"), ..Step::default() });
        }
        let said = format!("{person} is here");
        let name = self.ask.ledger.called(&person);
        Ok(self.one(MeetingAct::Arrived { person, marked, session: false, name }, &said))
    }

    /// A session that is connected: its person is here until it has said nothing for as long as the lease.
    pub(super) fn still_here(&self) -> Result<Step, Problem> {
        let person = self.ask.me()?.clone();
        let said = format!("{person} is here");
        let presence = self.meeting.presence.get(&person).filter(|presence| presence.is_here());
        let half = i64::from(self.meeting.lease_minutes) * MINUTE / 2;
        let fresh = presence.is_some_and(|presence| {
            presence.marked || presence.until.is_some_and(|until| until - self.ask.now > half)
        });
        if fresh {
            return Ok(Step { said, ..Step::default() });
        }
        let name = self.ask.ledger.called(&person);
        Ok(self.one(MeetingAct::Arrived { person, marked: false, session: true, name }, &said))
    }

    /// A session that was cut off says so anew, whatever is still believed: who lost it elsewhere must not say that it left.
    pub(super) fn reconnected(&self) -> Result<Step, Problem> {
        let person = self.ask.me()?.clone();
        let said = format!("{person} is here");
        // What the chair has said stands.
        if self.meeting.presence.get(&person).is_some_and(|presence| presence.marked) {
            return Ok(Step { said, ..Step::default() });
        }
        let name = self.ask.ledger.called(&person);
        Ok(self.one(MeetingAct::Arrived { person, marked: false, session: true, name }, &said))
    }

    /// The service says whose connection was lost. Who is here by the chair's mark or their own word stays.
    pub(super) fn gone(&self, person: &Id, after: u64) -> Result<Step, Problem> {
        if self.ask.who.actor.known != Known::System {
            let said = "only the service that holds the board says that a connection was lost";
            return Err(Problem::new(ProblemKind::NotAllowed, said)
                .hint("leave with `quorate meeting gone`, or let the chair mark who is here"));
        }
        let presence = self.meeting.presence.get(person).filter(|presence| presence.is_here());
        let by_session = presence.filter(|presence| !presence.marked && presence.until.is_some());
        if by_session.is_none_or(|presence| presence.heard > after) {
            return Ok(Step::default());
        }
        Ok(self.one(MeetingAct::Left { person: person.clone(), marked: false }, &format!("{person} left")))
    }

    pub(super) fn leave(&self, person: Option<&Id>) -> Result<Step, Problem> {
        let (person, marked) = self.whom(person)?;
        if !self.meeting.is_here(&person) {
            return Ok(Step { said: format!("{person} is not here"), ..Step::default() });
        }
        let said = format!("{person} left");
        Ok(self.one(MeetingAct::Left { person, marked }, &said))
    }

    pub(super) fn propose_recusal(&self, item: &Id, person: &Id, reason: &Prose) -> Result<Step, Problem> {
        self.ask.member(&self.meeting.board, "propose a recusal")?;
        let entry = self.entry(item)?;
        if reason.trim().is_empty() {
            return Err(invalid(format!("proposing that {person} steps out of {item} needs a reason")));
        }
        if entry.recusals.iter().any(|recusal| recusal.person == *person) {
            return Err(invalid(format!("{person} has been asked to step out of {item} already")));
        }
        if !self.ask.ledger.panel(item, self.ask.now).electorate.able.contains(person) {
            return Err(invalid(format!("{person} has no vote on {item}")));
        }
        let act = MeetingAct::RecusalProposed {
            item: item.clone(),
            person: person.clone(),
            reason: reason.clone(),
        };
        Ok(self.one(act, &format!("{person} is asked to step out of {item}")))
    }

    /// A deputy takes the chair once its lease has lapsed.
    pub(super) fn take_chair(&self, reason: Option<&Prose>) -> Result<Step, Problem> {
        let me = self.ask.in_chair_seat(&self.meeting.board, "take the chair")?.clone();
        let Some(lease) = &self.meeting.lease else {
            return Err(invalid(format!("{} has not started: who starts it is in the chair", self.id)));
        };
        if lease.holder == me {
            return Err(invalid(format!("{me} is in the chair already")));
        }
        if lease.until > self.ask.now {
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{} holds the chair of {}", lease.holder, self.id),
            )
            .hint(format!("it lapses {} unless they act before, or they hand it over", lease.until)));
        }
        let from = lease.holder.clone();
        let said = format!("{me} is in the chair");
        Ok(self.one(MeetingAct::ChairTaken { person: me, from, reason: reason.cloned() }, &said))
    }

    pub(super) fn hand_chair(&self, to: &Id) -> Result<Step, Problem> {
        let me = self.preside()?;
        if me == *to {
            return Err(invalid(format!("{me} is in the chair already")));
        }
        if !self.ask.chairs(&self.meeting.board).contains(to) {
            return Err(invalid(format!("{to} acts in no chair seat of {}", self.meeting.board)));
        }
        let act = MeetingAct::ChairTaken { person: to.clone(), from: me, reason: None };
        Ok(self.one(act, &format!("{to} is in the chair")))
    }
}
