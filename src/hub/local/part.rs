//! One question about one item, from a part of the board: the index beside it says which records and events that takes.
//!
//! The index is of this very program and of the board as it stands: lineage, sequence and end of the log. Whoever left it had
//! walked over the whole record, and what the file system says of the board's file and its log is the same as then, before
//! and after the part is read: nobody, by whatever means, wrote meanwhile. Anything else is a miss, and the whole is read.

use std::{io, sync::Arc, thread};

use serde::{Deserialize, Serialize};

use super::{
    cache::key,
    load,
    proof::Seal,
    serve::{ReadPart, Server},
};
use crate::{
    hub::{Only, Request},
    ledger::log,
    model::{Id, Instant, RecordKind, time::HOUR},
    projection::reach::Reach,
    store::{CommittedRow, Head, Part, Rows, StartCache},
    wire::{Problem, Question},
};

/// What stands before the index that lies beside the board.
#[derive(Serialize, Deserialize)]
struct Stamp {
    /// The board's file as it lay when the last of its writers had closed it.
    lies: String,
    /// The newest time of any event.
    newest: Option<Instant>,
}

/// An index that is to be left once the board is closed.
pub(super) struct Leaving {
    cache: StartCache,
    key: Vec<u8>,
    newest: Option<Instant>,
    reach: Vec<u8>,
    seq: u64,
}

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
        let about = Id::new(self.options.about.as_deref()?.trim()).ok()?;
        if self.options.follow || !self.options.history.is_empty() {
            return None;
        }
        let cache = self.store.start_cache()?.derived();
        let bytes = cache.load(&key(&self.head))?;
        let (stamp, reach): (Stamp, _) = postcard::take_from_bytes(&bytes).ok()?;
        let as_it_lies = || cache.as_it_lies() == stamp.lies;
        if !as_it_lies() {
            return None;
        }
        let reach: Reach = postcard::from_bytes(reach).ok()?;
        drop(bytes);
        let end = log::Head { n: self.head.events, hash: self.head.hash };
        self.proof.trust(end, self.head.seq, stamp.newest);
        self.clocks = Seal::of(&self.head).unwrap_or_default().clocks;
        // A later time reaches further: what is read is enough until then.
        let until = self.now().plus(HOUR);
        let around = reach.around(&about, until).filter(|_| as_it_lies())?;
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
        let known =
            facts.change(&about).is_some() || facts.release(&about).is_some() || facts.row(&about).is_some();
        self.part = (stands && known).then_some(ReadPart { about, met: around.met });
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
        let Some(ReadPart { about, met }) = &self.part else { return true };
        match request {
            // That there is something of this id is all that is taken from the names.
            Request::Ask { question: Question::Names, .. } | Request::Close { .. } => true,
            Request::Ask { question: Question::Gate { id, .. }, .. } => id == about,
            // Its row and its tally; of the rest of the snapshot who sets `about` takes nothing.
            Request::Rows { only: Only::Items(items), .. } => {
                !met && !items.is_empty() && items.iter().all(|item| item == about)
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

    /// The index of the board as it stands, to be left beside it: of one that was read whole, and holds. It is made while
    /// something else is done that only looks.
    pub(super) fn derived(&mut self, meanwhile: impl FnOnce(&Self)) -> Option<Leaving> {
        let whole = self.part.is_none() && self.live.is_readable();
        // What somebody else wrote and nobody here has walked over is vouched for by nobody.
        let walked = self.proof.due().is_none() && matches!(self.store.changed_elsewhere(), Ok(false));
        let holds = !self.options.read_only && whole && walked && self.proof.broken().is_none();
        let Some(cache) = self.store.start_cache().filter(|_| holds) else {
            meanwhile(self);
            return None;
        };
        let ledger = Arc::clone(&self.live.ledger);
        let index = move || postcard::to_stdvec(&Reach::of(&ledger)?).ok();
        let beside = thread::Builder::new().name("index".to_owned()).spawn(index);
        meanwhile(self);
        let reach = beside.ok()?.join().ok()??;
        let (newest, seq) = (self.proof.newest(), self.head.seq);
        Some(Leaving { cache: cache.derived(), key: key(&self.head), newest, reach, seq })
    }

    /// Closes the board, and leaves its index; a failure costs the next question some time and nothing else.
    pub(super) fn close_and_leave(self, leaving: Option<Leaving>) {
        // What the file system says of the file is known once it is closed.
        drop(self);
        let Some(leaving) = leaving else { return };
        if let Err(error) = leaving.save() {
            tracing::warn!(%error, "no index of the board is kept");
        }
    }
}

impl Leaving {
    fn save(self) -> io::Result<()> {
        let Self { cache, key, newest, reach, seq } = self;
        let Some(lies) = cache.as_it_stays() else { return Ok(()) };
        // Somebody else was faster: theirs is another board.
        if cache.commits() != Some(seq) {
            return Ok(());
        }
        let mut blob = postcard::to_stdvec(&Stamp { lies, newest }).map_err(io::Error::other)?;
        blob.extend_from_slice(&reach);
        cache.save(&key, &blob)
    }
}
