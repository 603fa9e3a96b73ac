//! What ends with a source: records taken in, a failure kept for everybody to see, a write that went out.

use std::cell::Cell;

use super::{
    diff::{Difference, diff, diff_part},
    outbox::Posted,
    serve::Server,
    source_health::Health,
    sources::{Configured, Ended, What},
};
use crate::{
    ledger::event::Event,
    model::{Line, RecordKind, Revision, SourceId, Stored},
    source::{self, Fewer, Pull, PullError, Pulled, Pushed, Write},
    store::{Batch, Cursor, OutboxState},
    wire::{Actor, Problem, ProblemKind},
};

impl Server {
    /// Something with a source ended.
    pub(super) fn ended(&mut self, ended: Ended) {
        let now = self.options.clock.now();
        let (at, what) = self.sources.ended(ended);
        match what {
            What::Pulled(result, accept) => self.pulled(at, result, accept),
            What::Looked(write, found) => self.looked(&write, found),
            What::Pushed(write, pushed) => self.pushed_by(&write, &pushed, None),
            What::Found(write, found) => self.found(&write, found),
        }
        self.sources.settle_idle(now);
        self.take_following();
    }

    /// Other sources take the place of all, once nothing is under way.
    pub(super) fn renew_sources(&mut self, sources: Vec<Configured>) {
        self.sources.follow_with(sources);
        self.take_following();
    }

    fn take_following(&mut self) {
        if !self.sources.followed() {
            return;
        }
        for id in self.sources.ids() {
            match self.store.cursor(id.as_str()) {
                Ok(Some(json)) => self.sources.remember(&Cursor { source: id.to_string(), json }),
                Ok(None) => {}
                // Read from its beginning: more to do, and nothing missed.
                Err(error) => tracing::error!(source = %id, %error, "how far it was read is not known"),
            }
            // Other settings may say other things of the same records.
            self.sources.hasten(&id, self.options.clock.now());
        }
        tracing::info!("the sources are those of the settings as they are now");
        self.settle();
    }

    /// A pull ended: what moved is committed, and how the source does is kept for everybody.
    fn pulled(&mut self, at: usize, result: Result<Pull, PullError>, accept: Option<Actor>) {
        let now = self.options.clock.now();
        let mut more = false;
        let wrong = match result {
            Ok(pull) => {
                more = pull.more.is_some();
                self.take_in(at, &pull, accept.as_ref()).err().map(|problem| (problem.title, None))
            }
            Err(error) => Some((error.message, error.retry_after)),
        };
        if let Some((message, asked)) = &wrong {
            self.keep_failure(at, message, *asked);
        }
        // Shown before it is answered: who asked may look at once.
        self.settle();
        if !(more && wrong.is_none() && self.sources.go_on(at, accept, now)) {
            self.sources.end(at, wrong.map(|(message, _)| message));
        }
        self.send_due();
    }

    fn keep_failure(&mut self, at: usize, message: &str, asked: Option<i64>) {
        let now = self.options.clock.now();
        let health = self.sources.health_mut(at);
        tracing::warn!(source = %health.id, error = message, "pull");
        let before = health.memory.clone();
        health.failed(now, message, asked);
        // Told to the others once, not at every try.
        if health.memory != before {
            let cursors = cursor(health);
            let leads = self.options.follow;
            let told = self.commit(|_, _| Ok(Batch { cursors: cursors.clone()?, leads, ..Batch::default() }));
            if let Err(error) = told {
                tracing::warn!(%error, "the state of a source is not kept");
            }
        }
    }

    /// Commits what a pull brought. `accept` is who said that far fewer records than before are right.
    fn take_in(&mut self, at: usize, pull: &Pull, accept: Option<&Actor>) -> Result<(), Problem> {
        let now = self.options.clock.now();
        let mut health = self.sources.health_mut(at).clone();
        match pull.more {
            Some(progress) => health.progress = Some(progress),
            None => health.succeeded(now),
        }
        health.memory.cursor = Some(String::from_utf8_lossy(&pull.cursor).into_owned());
        if !pull.warnings.is_empty() || pull.more.is_none() {
            health.memory.warnings.clone_from(&pull.warnings);
        }
        match &pull.what {
            Pulled::Unchanged => {}
            Pulled::Whole { records, faults, .. } => {
                health.memory.records = records.len();
                health.memory.faults.clone_from(faults);
            }
            Pulled::Part { records, faults, .. } => {
                let named = records.iter().map(|stored| stored.record.id());
                let named = named.chain(faults.iter().filter_map(|fault| fault.record.as_ref())).collect();
                health.tell_anew(&named, faults);
            }
        }
        let (counted, asked) = (Cell::new(health.memory.records), Cell::new(Vec::new()));
        let known = health.memory.records;
        // A program that only syncs once is told to by a person; nobody else may be there to do it.
        let leads = self.options.follow;
        self.commit(|tx, beside| {
            let mut health = health.clone();
            let difference = match &pull.what {
                Pulled::Unchanged => Difference::default(),
                Pulled::Whole { records, keep, .. } => diff(beside.store, &health.id, records, *keep, now)?,
                Pulled::Part { records, gone, .. } => diff_part(beside.store, &health.id, records, gone)?,
            };
            if let Pulled::Part { .. } = pull.what {
                health.memory.records = (known + difference.added).saturating_sub(difference.gone.len());
                counted.set(health.memory.records);
            }
            for (fewer, by) in pull.fewer.iter().zip(std::iter::repeat(accept).map_while(|by| by)) {
                tx.record_by(accepted(&health.id, fewer), by)?;
            }
            let brought = approvals(&difference.changed);
            tx.observe(difference.changed, difference.gone)?;
            asked.replace(beside.outbox.asked(tx.ledger(), &health.id, &brought));
            Ok(Batch { cursors: cursor(&health)?, leads, ..Batch::default() })
        })?;
        health.memory.records = counted.get();
        *self.sources.health_mut(at) = health;
        for held in asked.take() {
            self.told(&held, &held.asked_after_all(), None);
        }
        Ok(())
    }

    /// Sends every write that is due and this process may send.
    pub(super) fn send_due(&mut self) {
        if self.options.read_only || self.proof.broken().is_some() {
            return;
        }
        // A program that only syncs once sends what waits; nobody else may have been there to do it.
        let leads = self.leads() || !self.options.follow;
        self.look_for_own(leads);
        while let Some(posted) = self.next_write(leads) {
            let (source, write) = (posted.source.clone(), posted.write.clone());
            if write.what.is_of_what_was_seen() && posted.state == OutboxState::Queued {
                // Read anew first: it belongs to what its author saw.
                self.sources.look(&source, write);
            } else {
                self.send(&posted);
            }
        }
    }

    /// Says that it is being sent, durably, and sends it. Somebody faster has it already where that fails.
    fn send(&mut self, posted: &Posted) {
        if posted.write.own && self.options.shared {
            return self.give_out(posted);
        }
        let now = self.options.clock.now();
        let sending = posted.sending(now);
        match self.post(posted, &sending, None) {
            Ok(()) => self.sources.push(&posted.source, posted.write.clone()),
            Err(error) => {
                tracing::warn!(%error, "not sent");
                self.leave_alone(posted);
                self.settle();
            }
        }
    }

    fn looked(&mut self, write: &Write, found: Result<Vec<Stored>, PullError>) {
        let now = self.options.clock.now();
        let Some(posted) = self.outbox.get(&write.id).cloned() else { return };
        if posted.state != OutboxState::Queued {
            // Replaced or withdrawn while it was looked for.
            self.keep_back(&write.id);
            return self.send_due();
        }
        match found {
            Err(error) => {
                let words = Line::new(&error.message);
                let later = Posted { attempts: posted.attempts + 1, ..posted.clone() };
                let later = later.later(OutboxState::Queued, words, error.retry_after, now);
                self.told(&posted, &later, None);
            }
            Ok(records) => {
                let copy = self.copy_of(write);
                if let Err(problem) = self.observe_item(&posted, &records) {
                    tracing::warn!(%problem, "what was read before a write is not kept");
                }
                let ledger = &self.live.ledger;
                let stands = ledger.record_view(ledger.facts().whole(&write.item)).map(|view| view.revision);
                let moved = copy != self.copy_of(write);
                if write.revision.is_some() && (moved || stands != write.revision) {
                    let words = match (stands, &write.what) {
                        (None, _) => "not sent: the item is gone there",
                        (Some(_), source::What::Dates { .. }) => {
                            "not sent: the item changed there since you moved it; look at the difference and move it again"
                        }
                        (Some(_), _) => {
                            "not sent: the item changed there since you voted; look at the difference and vote again"
                        }
                    };
                    let held = posted.ended(OutboxState::Held, Line::new(words));
                    self.told(&posted, &held, None);
                } else {
                    self.send(&posted);
                }
            }
        }
        self.keep_back(&write.id);
        self.settle();
        self.send_due();
    }

    /// The revision of the very record that a write goes to, where another speaks for it on the board.
    fn copy_of(&self, write: &Write) -> Option<Revision> {
        let facts = self.live.ledger.facts();
        let copy = (*facts.whole(&write.item) != write.item).then(|| facts.told(&write.item))?;
        copy.map(Revision::of_change)
    }

    fn observe_item(&mut self, posted: &Posted, records: &[Stored]) -> Result<(), Problem> {
        let source = posted.source.clone();
        self.commit(|tx, beside| {
            let difference = diff_part(beside.store, &source, records, &source::Gone::Unsaid)?;
            tx.observe(difference.changed, difference.gone)?;
            Ok(Batch::default())
        })
        .map(drop)
    }

    /// A write went out, or did not; `by` is whose session says so, where the board did not send it itself.
    pub(super) fn pushed_by(&mut self, write: &Write, pushed: &Pushed, by: Option<&Actor>) {
        let now = self.options.clock.now();
        let Some(posted) = self.outbox.get(&write.id).cloned() else { return };
        let void = posted.state == OutboxState::Refused;
        let event = |accepted, words: &Line| {
            let item = self.live.ledger.facts().whole(&write.item).clone();
            let source = posted.source.clone();
            Some(Event::Pushed {
                source,
                item,
                write: posted.what().to_owned(),
                accepted,
                words: words.clone(),
            })
        };
        let (after, event) = match pushed {
            Pushed::Accepted(words) => {
                (posted.ended(OutboxState::Accepted, words.clone()), event(true, words))
            }
            Pushed::Refused(words) => {
                (posted.ended(OutboxState::Refused, words.clone()), event(false, words))
            }
            Pushed::Ours(words) => (posted.ours_only(words), None),
            // Made void while a session had it, which did not send it.
            Pushed::Later { .. } | Pushed::Barred { .. } if posted.void.is_some() => (posted.again(""), None),
            // A later one took its place meanwhile: it is not tried again.
            Pushed::Later { .. } | Pushed::Barred { .. } | Pushed::Unknown(_) if void => {
                (posted.clone(), None)
            }
            Pushed::Later { words, after } => {
                (posted.later(OutboxState::Queued, words.clone(), *after, now), None)
            }
            Pushed::Barred { words, by } => (posted.barred(words.clone(), *by, now), None),
            Pushed::Unknown(words) => (posted.later(OutboxState::Sending, words.clone(), None, now), None),
        };
        let event = event.map(|event| (event, by));
        self.told(&posted, &after, event);
        self.settle();
        // The board's own copy is refreshed by the source itself: a vote may have moved the item.
        if self.leads() {
            self.sources.hasten(&posted.source, now);
        }
        self.send_due();
    }

    pub(super) fn told(&mut self, before: &Posted, after: &Posted, event: Option<(Event, Option<&Actor>)>) {
        if let Err(error) = self.post(before, after, event) {
            tracing::warn!(%error, "the state of a write is not kept");
            self.leave_alone(before);
        }
    }

    /// The store did not take a new state of this write, so it is still due: without a rest it would be tried again at
    /// once, for ever. One that another process has in hand says itself when it is due.
    pub(super) fn leave_alone(&mut self, posted: &Posted) {
        if self.outbox.get(&posted.write.id) == Some(posted) {
            self.outbox.rest(&posted.write.id, self.options.clock.now());
        }
    }

    /// Commits a new state of a write, provided it stands as it was known.
    pub(super) fn post(
        &mut self,
        before: &Posted,
        after: &Posted,
        event: Option<(Event, Option<&Actor>)>,
    ) -> Result<(), Problem> {
        let id = before.write.id.clone();
        self.commit(|tx, beside| {
            if beside.outbox.get(&id) != Some(before) {
                return Err(Problem::new(ProblemKind::Changed, "another process has this write in hand"));
            }
            match event.clone() {
                Some((event, Some(by))) => tx.record_by(event, by)?,
                Some((event, None)) => tx.record(event)?,
                None => {}
            }
            Ok(Batch { outbox: vec![after.row()?], ..Batch::default() })
        })?;
        self.outbox.keep(after.clone());
        Ok(())
    }
}

/// A person said that what a source lost is right.
fn accepted(source: &SourceId, fewer: &Fewer) -> Event {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (before, after) = (count(fewer.before), count(fewer.after));
    Event::FewerAccepted { source: source.clone(), what: Line::new(fewer.what), before, after }
}

/// Those of the records that ask somebody.
fn approvals(records: &[Stored]) -> Vec<Stored> {
    records.iter().filter(|stored| stored.record.kind() == RecordKind::Approval).cloned().collect()
}

/// What the board keeps of a source.
fn cursor(health: &Health) -> Result<Vec<Cursor>, Problem> {
    let json = serde_json::to_vec(&health.memory).map_err(|e| {
        let words = format!("what is known of {} cannot be kept: {e}", health.id);
        Problem::new(ProblemKind::Unreachable, words)
    })?;
    Ok(vec![Cursor { source: health.id.as_str().to_owned(), json }])
}
