//! One question about one item, or about what waits, from a part of the board: the index beside it says which records and events
//! that takes.
//!
//! The index is of this very program and of the board as it stands: lineage, sequence and end of the log. Whoever left it had
//! walked over the whole record, and what the file system says of the board's file and its log is the same as then, before
//! and after the part is read: nobody, by whatever means, wrote meanwhile. Anything else is a miss, and the whole is read.

use super::{
    About, derived, load,
    proof::Seal,
    serve::{ReadPart, Server},
};
use crate::{
    hub::{Only, Request},
    ledger::log,
    model::{Id, RecordKind, time::HOUR},
    store::{CommittedRow, Head, Part, Rows},
    wire::{Problem, Question},
};

impl Server {
    /// Reads the part that answers about what was named, where an index of the board as it lies says which; whether it did.
    pub(super) fn read_part(&mut self) -> bool {
        let read = self.try_part().is_some();
        if !read {
            self.part = None;
        }
        read
    }

    fn try_part(&mut self) -> Option<()> {
        let item = match self.options.about.as_ref()? {
            About::Item(id) => Some(Id::new(id.trim()).ok()?),
            About::Waiting => None,
        };
        if self.options.follow || !self.options.history.is_empty() {
            return None;
        }
        let cache = self.store.start_cache()?.derived();
        let (stamp, reach) = derived::read(&cache, &self.head)?;
        let as_it_lies = || cache.as_it_lies() == stamp.lies;
        if !as_it_lies() {
            return None;
        }
        let end = log::Head { n: self.head.events, hash: self.head.hash };
        self.proof.trust(end, self.head.seq, stamp.newest);
        self.clocks = Seal::of(&self.head).unwrap_or_default().clocks;
        // A later time reaches further: what is read is enough until then.
        let until = self.now().plus(HOUR);
        let around = match &item {
            Some(id) => reach.around(id, until),
            None => reach.asking(until),
        };
        let around = around.filter(|_| as_it_lies())?;
        let named = |kind: RecordKind, ids: &[Id]| -> Vec<(&'static str, String)> {
            ids.iter().map(|id| (kind.word(), id.as_str().to_owned())).collect()
        };
        let records = [
            named(RecordKind::Change, &around.changes),
            named(RecordKind::Release, &around.releases),
            named(RecordKind::Service, &around.services),
            named(RecordKind::Approval, &around.approvals),
        ];
        let kinds = [RecordKind::Window, RecordKind::Person, RecordKind::Incident].map(RecordKind::word);
        let part = Part { kinds: kinds.to_vec(), records: records.concat(), events: around.events };
        let head = self.take_part(&part)?;
        let stands = head == self.head && self.now() <= until && as_it_lies();
        let facts = self.live.ledger.facts();
        let is_there =
            |id: &Id| facts.change(id).is_some() || facts.release(id).is_some() || facts.row(id).is_some();
        let known = item.as_ref().is_none_or(is_there);
        let (met, outcomes) = (around.met, around.outcomes);
        self.part = (stands && known).then_some(ReadPart { item, met, outcomes });
        self.part.is_some().then_some(())
    }

    /// Reads a part; where a record or an event of it is not what was kept, there is none.
    fn take_part(&mut self, part: &Part) -> Option<Head> {
        let (live, sources, outbox) = (&mut self.live, &mut self.sources, &mut self.outbox);
        let (mut rows, mut readable) = (Rows::default(), true);
        let head = self.store.part(part, |entry| match entry {
            CommittedRow::Record(row) => {
                rows.take(&row);
                live.take_record(load::record(&row));
            }
            CommittedRow::Event(row) => match load::event(&row) {
                Ok(entry) => live.take_event(entry),
                Err(_) => readable = false,
            },
            CommittedRow::Cursor(_, cursor) => sources.remember(&cursor),
            CommittedRow::Outbox(_, row) => outbox.remember(&row),
        });
        let head = head.ok()?;
        live.taken(log::Head { n: head.events, hash: head.hash });
        (readable && live.is_readable() && rows.edited().is_none()).then_some(head)
    }

    /// Whether the part that was read answers a request; the whole answers all.
    pub(super) fn is_answered_by_part(&self, request: &Request) -> bool {
        let Some(ReadPart { item, met, .. }) = &self.part else { return true };
        match request {
            // That there is something of this id, or anything at all, is all that is taken from the names.
            Request::Ask { question: Question::Names, .. } | Request::Close { .. } => true,
            Request::Ask { question: Question::Gate { id, .. }, .. } => item.as_ref() == Some(id),
            // A release tells of all that shares a service with it.
            Request::Ask { question: Question::Detail { id }, .. } => {
                item.as_ref() == Some(id) && !met && self.live.ledger.facts().change(id).is_some()
            }
            Request::Rows { only: Only::Waiting, .. } => item.is_none(),
            // Its row and its tally; of the rest of the snapshot who sets `about` takes nothing.
            Request::Rows { only: Only::Items(items), .. } => {
                !met && !items.is_empty() && items.iter().all(|one| item.as_ref() == Some(one))
            }
            _ => false,
        }
    }

    /// Reads the whole board, where only a part of it was read.
    pub(super) fn read_whole(&mut self) -> Result<(), Problem> {
        if self.part.is_some() {
            self.reload()?;
            self.settle();
        }
        Ok(())
    }
}
