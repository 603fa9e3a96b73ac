//! Minutes: issued once as they were, added to afterwards, never changed.

use super::{Case, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::MeetingAct,
        minute_taking::minutes,
    },
    model::Prose,
};

impl Case<'_> {
    pub(super) fn issue(&self) -> Result<Step, Problem> {
        self.ask.in_chair_seat(&self.meeting.board, "issue the minutes")?;
        if let Some(issued) = &self.meeting.minutes {
            return Err(Problem::new(
                ProblemKind::Changed,
                format!("the minutes of {} were issued by {} {}", self.id, issued.by, issued.at),
            )
            .hint("add to them with `quorate minutes --amend TEXT`"));
        }
        let ledger = self.ask.ledger;
        let minutes = minutes(ledger.fold(), &self.meeting, &ledger.head().hex())
            .ok_or_else(|| invalid(format!("{} never started: there are no minutes", self.id)))?;
        let act = MeetingAct::MinutesIssued { minutes: Box::new(minutes) };
        Ok(self.one(act, "minutes issued"))
    }

    pub(super) fn amend(&self, text: &Prose) -> Result<Step, Problem> {
        self.ask.member(&self.meeting.board, "add to the minutes")?;
        if self.meeting.minutes.is_none() {
            return Err(invalid(format!("the minutes of {} are not issued yet", self.id)));
        }
        if text.trim().is_empty() {
            return Err(invalid("an addition to minutes needs words").hint("add -m TEXT"));
        }
        Ok(self.one(MeetingAct::MinutesAmended { text: text.clone() }, "minutes added to"))
    }
}
