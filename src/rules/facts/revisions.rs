//! The revisions that were asked for, so that no change is hashed twice.
//!
//! A revision is kept beside the very record it was made of; another record under the same id is another allocation, so
//! nothing has to be forgotten when one is replaced.

use std::sync::{Arc, RwLock};

use foldhash::HashMap;

use crate::model::{Change, Id, Revision};

/// Revisions by change, each with the record it is of. A clone begins anew.
#[derive(Debug, Default)]
pub(super) struct Revisions(RwLock<HashMap<Id, (Arc<Change>, Revision)>>);

impl Clone for Revisions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Revisions {
    /// The revision of a change as it is now.
    pub fn of(&self, change: &Arc<Change>) -> Revision {
        if let Ok(known) = self.0.read()
            && let Some((of, revision)) = known.get(&change.id)
            && Arc::ptr_eq(of, change)
        {
            return *revision;
        }
        let revision = Revision::of_change(change);
        if let Ok(mut known) = self.0.write() {
            known.insert(change.id.clone(), (Arc::clone(change), revision));
        }
        revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_record_is_another_revision() {
        let revisions = Revisions::default();
        let old = Arc::new(Change::new("C1".parse().unwrap()));
        let new = Arc::new(Change { rollback_minutes: Some(5), ..Change::clone(&old) });
        for change in [&old, &new, &old, &old] {
            assert_eq!(revisions.of(change), Revision::of_change(change));
        }
        assert_ne!(revisions.of(&old), revisions.of(&new));
    }
}
