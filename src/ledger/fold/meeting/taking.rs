//! How each event changes a meeting; one that does not fit its state changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    AgendaLine, Amendment, EntryState, Issued, Lease, Meeting, MeetingState, Pulled, Sealed, Stopwatch,
};
use crate::{
    ledger::{
        event::{AgendaItem, MeetingAct, Named},
        fold::{Stamp, name},
        minutes::{Chaired, Late, News, Recusal, Stay},
    },
    model::{Id, Instant, Line, Prose, Section, time::MINUTE},
};

/// Taking events.
impl Meeting {
    /// A meeting as its first event makes it; nothing else makes one.
    pub(in crate::ledger::fold) fn convened(id: &Id, stamp: Stamp<'_>, act: MeetingAct) -> Option<Self> {
        let MeetingAct::Convened {
            plan,
            name: called,
            board,
            emergency,
            start,
            end,
            seats,
            quorum,
            lease_minutes,
        } = act
        else {
            return None;
        };
        Some(Self {
            id: id.clone(),
            plan,
            name: called,
            board,
            emergency,
            start,
            end,
            seats: seats.into(),
            quorum,
            lease_minutes,
            convened_at: stamp.at,
            convened_by: name(stamp.by),
            state: MeetingState::Convened,
            placed: Vec::new(),
            pulled: Vec::new(),
            sealed: None,
            agenda: Vec::new(),
            let_in: Vec::new(),
            focus: None,
            clock: Stopwatch::default(),
            lease: None,
            chairs: Vec::new(),
            presence: BTreeMap::new(),
            names: BTreeMap::new(),
            ended_at: None,
            sealed_n: 0,
            last_at: stamp.at,
            minutes: None,
            amendments: Vec::new(),
        })
    }

    /// Takes an act; one that does not fit the meeting's state changes nothing.
    pub(in crate::ledger::fold) fn take(&mut self, stamp: Stamp<'_>, act: MeetingAct) {
        self.last_at = stamp.at;
        if self.lease.as_ref().is_some_and(|lease| stamp.by.person.as_ref() == Some(&lease.holder)) {
            self.renew(stamp.at);
        }
        self.heard(stamp);
        match act {
            MeetingAct::Placed { item, before } => self.placed.push((item, before)),
            MeetingAct::Pulled { item, reason, .. } => {
                self.pulled.push(Pulled { item, at: stamp.at, by: name(stamp.by), reason });
            }
            MeetingAct::Started { chair, agenda, hash, members, actions, names } => {
                self.call(names);
                self.start(stamp, chair, agenda, Sealed { at: stamp.at, hash, members, actions });
            }
            MeetingAct::LateEntered { entry, reason, names } => {
                self.call(names);
                self.enter_late(stamp, entry, reason);
            }
            MeetingAct::Focused { item } => self.focus_on(stamp.at, item),
            MeetingAct::Skipped { item } => self.set(&item, EntryState::Skipped),
            MeetingAct::Deferred { item, to, .. } => self.set(&item, EntryState::Deferred(to)),
            MeetingAct::Restored { item } => self.set(&item, EntryState::Waiting),
            MeetingAct::Moved { item, before } => self.place(&item, before.as_ref()),
            MeetingAct::PulledOut { item } => self.pull_out(&item, name(stamp.by)),
            MeetingAct::Presenter { item, present } => self.presenter(&item, present),
            MeetingAct::Consented { .. } | MeetingAct::Convened { .. } | MeetingAct::ChairRenewed => {}
            MeetingAct::Paused => self.pause(stamp.at),
            MeetingAct::Resumed => self.resume(stamp.at),
            MeetingAct::Arrived { person, marked, session, name } => {
                self.call(name.map(|name| Named { person: person.clone(), name }));
                let until = session.then(|| stamp.at.plus(i64::from(self.lease_minutes) * MINUTE));
                self.arrive(stamp, person, marked, until);
            }
            MeetingAct::Left { person, marked } => self.leave(stamp.at, &person, marked),
            MeetingAct::RecusalProposed { item, person, reason } => {
                if let Some(entry) = self.entry_mut(&item) {
                    entry.recusals.push(Recusal { person, reason: Some(reason), proposed: true });
                }
            }
            MeetingAct::Became { item, became } => {
                if let Some(entry) = self.entry_mut(&item) {
                    entry.news.push(News { at: stamp.at, became });
                }
            }
            MeetingAct::ChairTaken { person, .. } => self.chair(stamp.at, person),
            MeetingAct::Ended { .. } => self.end(stamp.at),
            MeetingAct::MinutesIssued { minutes } => {
                let issued = Issued { n: stamp.n, at: stamp.at, by: name(stamp.by), minutes: *minutes };
                self.minutes = Some(Arc::new(issued));
            }
            MeetingAct::MinutesAmended { text } => {
                self.amendments.push(Amendment { at: stamp.at, by: name(stamp.by), text });
            }
        }
    }

    fn start(&mut self, stamp: Stamp<'_>, chair: Id, agenda: Vec<AgendaItem>, sealed: Sealed) {
        self.state = MeetingState::Running;
        self.clock.start(stamp.at);
        self.sealed_n = stamp.n;
        self.agenda = agenda.into_iter().map(AgendaLine::new).collect();
        for (item, late) in std::mem::take(&mut self.let_in) {
            if let Some(entry) = self.entry_mut(&item) {
                entry.late = Some(late);
            }
        }
        self.sealed = Some(Arc::new(sealed));
        self.chair(stamp.at, chair);
    }

    /// Keeps what people are called; the first name stays, so that one document never says two.
    fn call(&mut self, names: impl IntoIterator<Item = Named>) {
        for Named { person, name } in names {
            self.names.entry(person).or_insert(name);
        }
    }

    fn chair(&mut self, at: Instant, person: Id) {
        self.chairs.push(Chaired { person: person.clone(), from: at });
        self.lease = Some(Lease { holder: person, until: at });
        self.renew(at);
    }

    pub(super) fn renew(&mut self, at: Instant) {
        let until = at.plus(i64::from(self.lease_minutes) * MINUTE);
        if let Some(lease) = &mut self.lease {
            lease.until = until;
        }
    }

    fn enter_late(&mut self, stamp: Stamp<'_>, agenda: AgendaItem, reason: Prose) {
        let late = Late { at: stamp.at, by: name(stamp.by), reason };
        if self.state == MeetingState::Convened {
            self.let_in.push((agenda.item, late));
        } else if self.entry(&agenda.item).is_none() {
            let at = self.end_of_discussed();
            self.agenda.insert(at, AgendaLine { late: Some(late), ..AgendaLine::new(agenda) });
        }
    }

    /// The focus moves; the stopwatch of the item follows.
    fn focus_on(&mut self, at: Instant, item: Option<Id>) {
        if let Some(entry) = self.focus.take().and_then(|old| self.entry_mut(&old)) {
            entry.clock.stop(at);
        }
        self.focus = item;
        self.run_focus(at);
    }

    fn run_focus(&mut self, at: Instant) {
        let running = self.state == MeetingState::Running;
        if let Some(entry) = self.focus.clone().filter(|_| running).and_then(|item| self.entry_mut(&item)) {
            entry.clock.start(at);
        }
    }

    fn stop_focus(&mut self, at: Instant) {
        if let Some(entry) = self.focus.clone().and_then(|item| self.entry_mut(&item)) {
            entry.clock.stop(at);
        }
    }

    fn set(&mut self, item: &Id, state: EntryState) {
        if let Some(entry) = self.entry_mut(item) {
            entry.state = state;
        }
    }

    /// Moves an entry before another one, or to the end of those that are discussed.
    fn place(&mut self, item: &Id, before: Option<&Id>) {
        let Some(at) = self.agenda.iter().position(|entry| entry.agenda.item == *item) else { return };
        let entry = self.agenda.remove(at);
        let target = before.and_then(|id| self.agenda.iter().position(|e| e.agenda.item == *id));
        let to = target.unwrap_or_else(|| self.end_of_discussed());
        self.agenda.insert(to, entry);
    }

    /// Where the consent block and the listed items begin.
    fn end_of_discussed(&self) -> usize {
        self.agenda.iter().rposition(AgendaLine::is_discussed).map_or(0, |at| at + 1)
    }

    fn pull_out(&mut self, item: &Id, by: Line) {
        if let Some(entry) = self.entry_mut(item) {
            entry.agenda.section = Section::Normal;
            entry.pulled_out_by = Some(by);
        }
        self.place(item, None);
    }

    /// Who is absent sinks to the end.
    fn presenter(&mut self, item: &Id, present: bool) {
        if let Some(entry) = self.entry_mut(item) {
            entry.presenter = Some(present);
        }
        if !present {
            self.place(item, None);
        }
    }

    fn pause(&mut self, at: Instant) {
        self.clock.stop(at);
        self.stop_focus(at);
        self.state = MeetingState::Paused;
    }

    fn resume(&mut self, at: Instant) {
        self.state = MeetingState::Running;
        self.clock.start(at);
        self.run_focus(at);
    }

    /// Whose session is connected is heard of by anything they do.
    pub(super) fn heard(&mut self, stamp: Stamp<'_>) {
        let until = stamp.at.plus(i64::from(self.lease_minutes) * MINUTE);
        let Some(presence) = stamp.by.person.as_ref().and_then(|person| self.presence.get_mut(person)) else {
            return;
        };
        presence.heard = stamp.n;
        if let Some(known) = presence.until.as_mut() {
            *known = (*known).max(until);
        }
    }

    fn arrive(&mut self, stamp: Stamp<'_>, person: Id, marked: bool, until: Option<Instant>) {
        let presence = self.presence.entry(person).or_default();
        presence.marked = marked;
        presence.until = until;
        presence.heard = stamp.n;
        if !presence.is_here() {
            presence.stays.push(Stay { from: stamp.at, to: None });
        }
    }

    fn leave(&mut self, at: Instant, person: &Id, marked: bool) {
        if let Some(presence) = self.presence.get_mut(person) {
            (presence.marked, presence.until) = (marked, None);
            if let Some(stay) = presence.stays.last_mut() {
                stay.to = stay.to.or(Some(at));
            }
        }
    }

    fn end(&mut self, at: Instant) {
        self.clock.stop(at);
        self.stop_focus(at);
        self.focus = None;
        self.state = MeetingState::Ended;
        self.ended_at = Some(at);
        for presence in self.presence.values_mut() {
            if let Some(stay) = presence.stays.last_mut() {
                stay.to = stay.to.or(Some(at));
            }
        }
    }
}
