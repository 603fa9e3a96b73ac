//! What was derived is published: the snapshot of the ledger with what only the hub knows of sources, clock and record.

use std::sync::Arc;

use super::serve::Server;
use crate::{
    calendar::Zone,
    hub::{Only, protocol},
    ledger::log,
    model::Id,
    projection,
    wire::{Me, Snapshot, SourceHealth},
};

impl Server {
    /// How the sources are doing.
    pub(super) fn health(&self) -> Vec<SourceHealth> {
        let mut health = self.sources.health(self.options.clock.now());
        for source in &mut health {
            source.queued = self.outbox.queued(&source.id);
        }
        health
    }

    /// Derives what changed and publishes it.
    pub(super) fn settle(&mut self) {
        self.off = self.judge().off;
        let zone = self.live.ledger.fold().rules.settings.zone.as_ref();
        let zone = zone.and_then(|name| Zone::named(name).ok());
        self.sources.set_zone(zone, self.options.clock.now());
        let now = self.now();
        let changes = Arc::make_mut(&mut self.live.ledger).refresh(now);
        self.live.changed(changes);
        self.counted.stir();
        self.draw();
    }

    /// Publishes what was derived.
    fn draw(&mut self) {
        let mut snapshot = self.live.snapshot(&self.publish.borrow(), self.options.rows);
        let viewer = (!self.options.shared).then_some(&self.options.identity);
        if let Some(me) = viewer.and_then(|viewer| viewer.me(self.live.people(), &[]).person) {
            let own = projection::personal(&self.live.ledger, &snapshot.meetings, Some(&me));
            snapshot = snapshot.seen_by(&me, &own);
        }
        snapshot.sources = Arc::new(self.health());
        snapshot.writes = Arc::new(self.outbox.shown());
        let faults = || self.sources.faults().chain(self.outbox.faults()).chain(&self.others.unlike);
        if faults().next().is_some() {
            Arc::make_mut(&mut snapshot.faults).extend(faults().cloned());
        }
        self.show(snapshot);
    }

    /// The newest snapshot with all rows, or with those of some items.
    pub(super) fn rows(&mut self, only: &Only) -> Arc<Snapshot> {
        let of = |items: &[Id]| Arc::new(self.live.only(items, &self.publish.borrow()));
        match only {
            Only::Items(items) => return of(items),
            Only::Waiting => return of(&protocol::waiting(&self.publish.borrow())),
            Only::All => {}
        }
        if !std::mem::replace(&mut self.options.rows, true) {
            self.draw();
        }
        self.publish.borrow().clone()
    }

    /// Publishes a snapshot, completed by what only the hub knows.
    pub(super) fn show(&self, mut snapshot: Snapshot) {
        snapshot.seq = self.head.seq;
        self.head.lineage.as_str().clone_into(&mut snapshot.lineage);
        snapshot.events = self.head.events;
        snapshot.head = log::hex(&self.head.hash).into();
        snapshot.me = match self.options.shared {
            true => Me::default(),
            false => self.options.identity.me(&snapshot.people, &snapshot.rules.boards),
        };
        snapshot.read_only = self.options.read_only;
        snapshot.stuck = self.stuck.as_ref().map(|(since, _)| *since);
        snapshot.broken = self.proof.broken();
        snapshot.clock = self.off;
        snapshot.place = match self.store.named() {
            Some(path) if let Some(to) = &self.moved => format!("{}, moved to {to}", path.display()).into(),
            Some(path) => path.display().to_string().into(),
            None => "in memory, nothing is written".into(),
        };
        self.publish.send_replace(Arc::new(snapshot));
    }
}
