//! While a meeting runs: what is in focus, what is skipped, postponed, moved; and its end.

use super::{Case, Step, invalid};
use crate::{
    label::Label,
    ledger::{
        command::{Problem, ProblemKind, RollCalled},
        event::{CloseCause, Event, MeetingAct, RoundOutcome},
        fold::{AgendaLine, EntryState},
        rounds::{Ending, closing},
    },
    model::{Id, Prose, Revision, Section},
    rules::authority::Act,
};

impl Case<'_> {
    pub(super) fn focus(&self, item: &Id) -> Result<Step, Problem> {
        self.preside()?;
        let entry = self.entry(item)?;
        if entry.agenda.section == Section::Listed {
            return Err(invalid(format!("{item} is approved and only listed")));
        }
        Ok(self.focused(Some(item)))
    }

    pub(super) fn next(&self) -> Result<Step, Problem> {
        self.preside()?;
        let next = self.meeting.next().map(|entry| entry.agenda.item.clone());
        if next.is_none() && self.meeting.focus.is_none() {
            return Err(
                Problem::new(ProblemKind::No, format!("no item of {} is left", self.id)).hint(self.left())
            );
        }
        Ok(self.focused(next.as_ref()))
    }

    pub(super) fn previous(&self) -> Result<Step, Problem> {
        self.preside()?;
        let before = self.meeting.previous().map(|entry| entry.agenda.item.clone());
        let before =
            before.ok_or_else(|| Problem::new(ProblemKind::No, format!("{} begins here", self.id)))?;
        Ok(self.focused(Some(&before)))
    }

    /// The focus on an item, with the round that opens there.
    fn focused(&self, item: Option<&Id>) -> Step {
        let said =
            item.map_or_else(|| format!("no item is left; {}", self.left()), |item| format!("now {item}"));
        let mut step = self.one(MeetingAct::Focused { item: item.cloned() }, &said);
        step.events.extend(item.and_then(|item| self.opens(item)));
        step
    }

    /// What waits besides the items that are discussed one by one.
    fn left(&self) -> String {
        let count =
            |wanted: &dyn Fn(&AgendaLine) -> bool| self.meeting.agenda.iter().filter(|e| wanted(e)).count();
        let skipped = count(&|entry| entry.state == EntryState::Skipped);
        let consent = count(&|entry| entry.agenda.section == Section::Consent && entry.waits());
        format!("{skipped} skipped, {consent} in the consent block")
    }

    /// Goes on to the next item where `item` was in focus.
    fn go_on(&self, item: &Id, step: &mut Step) {
        if self.meeting.focus.as_ref() == Some(item) {
            let next = self.meeting.next().filter(|entry| entry.agenda.item != *item);
            let next = next.map(|entry| entry.agenda.item.clone());
            step.events.extend(self.focused(next.as_ref()).events);
        }
    }

    pub(super) fn skip(&self, item: Option<&Id>) -> Result<Step, Problem> {
        self.preside()?;
        let item = self.item(item)?;
        self.waiting(&item)?;
        let mut step = self.one(MeetingAct::Skipped { item: item.clone() }, &format!("{item} skipped"));
        self.go_on(&item, &mut step);
        Ok(step)
    }

    fn waiting(&self, item: &Id) -> Result<&AgendaLine, Problem> {
        let entry = self.entry(item)?;
        if entry.waits() {
            return Ok(entry);
        }
        let how = entry.result().verdict().map(|verdict| format!(": {}", verdict.label()));
        Err(invalid(format!("{item} is done with{}", how.unwrap_or_default())).hint("restore it first"))
    }

    pub(super) fn defer(&self, item: Option<&Id>, to: &Id, reason: &Prose) -> Result<Step, Problem> {
        self.preside()?;
        let item = self.item(item)?;
        self.waiting(&item)?;
        if *to == self.id || !self.ask.is_to_come(to) {
            let next = self.ask.ledger.upcoming(self.ask.now).into_iter().find(|(id, _)| *id != self.id);
            let hint = next.map_or_else(
                || "plan one in `settings.meetings`".to_owned(),
                |(id, _)| format!("the next one is {id}"),
            );
            return Err(invalid(format!("{to} is no meeting to come")).hint(hint));
        }
        if reason.trim().is_empty() {
            return Err(invalid(format!("putting {item} off needs a reason")).hint("add -m TEXT"));
        }
        let act = MeetingAct::Deferred { item: item.clone(), to: to.clone(), reason: reason.clone() };
        let mut step = self.one(act, &format!("{item} postponed to {to}"));
        if let Some(round) = self.ask.ledger.fold().open_round(&item).cloned() {
            self.ask.allowed(&item, Act::Preside)?;
            let reason = Prose::new(&format!("to {to}: {reason}"));
            let ending = Ending {
                outcome: Some(RoundOutcome::Deferred),
                cause: CloseCause::Chair,
                at: self.ask.now,
                due: None,
                by_silence: false,
                reason: Some(reason),
            };
            step.events.push(closing(self.ask.ledger, &item, &round, ending).0);
        }
        self.go_on(&item, &mut step);
        Ok(step)
    }

    /// Right after the item in focus.
    pub(super) fn promote(&self, item: &Id) -> Result<Step, Problem> {
        self.preside()?;
        let entry = self.waiting(item)?;
        if !entry.is_discussed() {
            return Err(
                invalid(format!("{item} is decided by consent")).hint("pull it out of the block first")
            );
        }
        let after = self.meeting.focus.as_ref();
        let mut rest = self.meeting.agenda.iter().map(|entry| &entry.agenda.item);
        if let Some(focus) = after {
            rest.by_ref().find(|id| *id == focus);
        }
        let before = rest.find(|id| *id != item).cloned();
        Ok(self.one(MeetingAct::Moved { item: item.clone(), before }, &format!("{item} comes next")))
    }

    pub(super) fn demote(&self, item: &Id) -> Result<Step, Problem> {
        self.preside()?;
        if !self.waiting(item)?.is_discussed() {
            return Err(invalid(format!("{item} is decided by consent")));
        }
        let mut step =
            self.one(MeetingAct::Moved { item: item.clone(), before: None }, &format!("{item} comes last"));
        self.go_on(item, &mut step);
        Ok(step)
    }

    pub(super) fn restore(&self, item: &Id) -> Result<Step, Problem> {
        self.preside()?;
        match self.entry(item)?.state {
            EntryState::Skipped | EntryState::Deferred(_) => {}
            EntryState::Waiting => return Err(invalid(format!("{item} waits already"))),
            EntryState::Decided(_) => {
                return Err(invalid(format!("{item} is decided"))
                    .hint("open another round on it with `quorate open`"));
            }
        }
        Ok(self.one(MeetingAct::Restored { item: item.clone() }, &format!("{item} waits again")))
    }

    /// Who presents is there, or not: then the item sinks to the end.
    pub(super) fn presenter(&self, item: &Id, present: bool) -> Result<Step, Problem> {
        self.preside()?;
        self.waiting(item)?;
        let words = if present { "is presented" } else { "sinks to the end: nobody presents it" };
        let act = MeetingAct::Presenter { item: item.clone(), present };
        let mut step = self.one(act, &format!("{item} {words}"));
        if !present {
            self.go_on(item, &mut step);
        }
        Ok(step)
    }

    /// The votes of a room with one keyboard, read back and committed as one.
    pub(super) fn roll_call(
        &self,
        item: &Id,
        revision: Revision,
        votes: &[RollCalled],
    ) -> Result<Step, Problem> {
        self.preside()?;
        self.entry(item)?;
        if votes.is_empty() {
            return Err(invalid(format!("nobody answered the roll call on {item}")));
        }
        let mut events: Vec<Event> = Vec::with_capacity(votes.len());
        for (at, called) in votes.iter().enumerate() {
            if votes[..at].iter().any(|before| before.person == called.person) {
                return Err(invalid(format!("{} is called twice", called.person)));
            }
            let comment = called.comment.as_ref();
            let step = self.ask.called_in_room(item, revision, (&called.person, called.vote, comment))?;
            events.extend(step.events);
        }
        let count = |vote| votes.iter().filter(|called| called.vote == vote).count();
        use crate::model::Vote::{Abstain, Approve, Reject};
        let (yes, no, abstained) = (count(Approve), count(Reject), count(Abstain));
        let said = format!("roll call on {item}: {yes} yes, {no} no, {abstained} abstained");
        Ok(Step { events, said, ..Step::default() })
    }

    pub(super) fn end(&self) -> Result<Step, Problem> {
        self.preside()?;
        let open = self.meeting.agenda.iter().filter(|entry| {
            entry.agenda.section != Section::Listed
                && matches!(entry.state, EntryState::Waiting | EntryState::Skipped)
                && !entry.is_over()
        });
        let open: Vec<Id> = open.map(|entry| entry.agenda.item.clone()).collect();
        let said = match open.len() {
            0 => "ended, everything decided".to_owned(),
            1 => "ended, one item comes again".to_owned(),
            more => format!("ended, {more} items come again"),
        };
        Ok(self.one(MeetingAct::Ended { open }, &said))
    }
}
