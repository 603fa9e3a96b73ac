//! What pipelines told: each delivery with what it is about, for as long as it is known again.

use std::sync::Arc;

use imbl::OrdMap;

use crate::model::{
    Id, Instant,
    hook::{Delivery, REMEMBERED},
};

/// One delivery on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The number of its event.
    pub n: u64,
    pub at: Instant,
    pub delivery: Delivery,
    /// None while nobody can tell.
    pub activity: Option<Id>,
    pub late: bool,
}

/// All deliveries, by the number of their event.
#[derive(Debug, Clone, Default)]
pub struct ToldBook(OrdMap<u64, Arc<Told>>);

impl ToldBook {
    /// Takes one; those too old to be known again and mapped are forgotten.
    pub(super) fn take(&mut self, told: Told) {
        let old = told.at.plus(-REMEMBERED);
        while let Some((n, first)) = self.0.get_min()
            && first.at < old
        {
            let n = *n;
            self.0.remove(&n);
        }
        self.0.insert(told.n, Arc::new(told));
    }

    pub(super) fn assign(&mut self, n: u64, activity: Id) {
        if let Some(told) = self.0.get_mut(&n) {
            Arc::make_mut(told).activity = Some(activity);
        }
    }

    /// One, by the number of its event.
    #[must_use]
    pub fn get(&self, n: u64) -> Option<&Told> {
        self.0.get(&n).map(AsRef::as_ref)
    }

    /// Those that are known again at an instant, the oldest first.
    pub fn since(&self, now: Instant) -> impl Iterator<Item = &Told> {
        self.0.values().map(AsRef::as_ref).filter(move |told| now - told.at <= REMEMBERED)
    }

    /// Those that nobody could map, the oldest first.
    pub fn unmapped(&self, now: Instant) -> impl Iterator<Item = &Told> {
        self.since(now).filter(|told| told.activity.is_none())
    }
}
