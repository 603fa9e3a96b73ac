//! What other processes committed is read and taken in; another lineage means that everything is read anew.

use std::{sync::Arc, thread};

use super::{
    load, problem,
    proof::{Proof, Seal},
    serve::Server,
};
use crate::{
    ledger::log,
    model::pooled,
    projection::Live,
    store::{CommittedRow, Seq},
    wire::{Problem, Snapshot},
};

impl Server {
    /// Takes in what other processes wrote.
    pub(super) fn follow(&mut self) {
        let read = self.store.changed_elsewhere().map_err(problem);
        // After a time in which nothing could be read, the board may stand anywhere.
        let behind = |changed: bool| changed || self.stuck.is_some();
        match read
            .map(behind)
            .and_then(|behind| if behind { self.catch_up().map(|()| true) } else { Ok(false) })
        {
            Ok(changed) => {
                if !changed {
                    return;
                }
                self.stuck = None;
                self.settle();
                if self.options.follow {
                    self.send_due();
                    self.hand_over(false);
                }
            }
            Err(error) => {
                tracing::error!(%error, "cannot follow the board");
                let since = self.stuck.take().map(|(since, _)| since);
                let told = since.is_some();
                let since = since.unwrap_or_else(|| self.options.clock.now());
                self.stuck = Some((since, error));
                if !told {
                    // What is known stays as it is, with its age.
                    let shown = self.publish.borrow().clone();
                    self.publish.send_replace(Arc::new(Snapshot { stuck: Some(since), ..(*shown).clone() }));
                }
            }
        }
    }

    /// Reads what was committed since; another lineage means everything.
    pub(super) fn catch_up(&mut self) -> Result<(), Problem> {
        let head = self.store.head().map_err(problem)?;
        if head.lineage != self.head.lineage {
            return self.reload();
        }
        self.proof.touched(head.seq > self.head.seq);
        if head.seq < self.head.seq || head.events < self.head.events {
            // No commit takes anything back: the file was edited, and what is known stays on screen beside that.
            return self.prove().map(drop);
        }
        self.read_since(self.head.seq)
    }

    pub(super) fn reload(&mut self) -> Result<(), Problem> {
        self.part = None;
        self.live = Live::default();
        self.proof = Proof::default();
        self.outbox.clear();
        pooled(|| self.read_since(0))
    }

    fn read_since(&mut self, seq: Seq) -> Result<(), Problem> {
        let (live, sources, outbox) = (&mut self.live, &mut self.sources, &mut self.outbox);
        let (proof, store) = (&mut self.proof, &self.store);
        let head = thread::scope(|scope| {
            let mut records = load::Reading::new(scope);
            let head = store.since(seq, |entry| match entry {
                CommittedRow::Record(row) => records.take(row),
                CommittedRow::Event(row) => {
                    let read = load::event(&row);
                    proof.take(&row, &read);
                    if let Ok(entry) = read {
                        live.take_event(entry);
                    }
                }
                CommittedRow::Cursor(_, cursor) => sources.remember(&cursor),
                CommittedRow::Outbox(_, row) => outbox.remember(&row),
            });
            let (read, rows) = records.end();
            proof.take_records(rows);
            live.expect_records(read.iter().map(Vec::len).sum());
            read.into_iter().flatten().for_each(|read| live.take_record(read));
            head
        })
        .map_err(problem)?;
        live.taken(log::Head { n: head.events, hash: head.hash });
        self.proof.read_to(&self.store, &head, seq == 0)?;
        self.clocks = Seal::of(&head).unwrap_or_default().clocks;
        self.head = head;
        Ok(())
    }
}
