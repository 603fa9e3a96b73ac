//! Who may come by the settings of the service, as they are at this moment.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// Who may come, as the settings say at this moment.
#[derive(Clone)]
pub struct Door(Arc<RwLock<(Arc<[String]>, bool)>>);

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Door").field(&self.admins()).field(&self.strangers()).finish()
    }
}

impl Door {
    #[must_use]
    pub fn new(admins: &[String], strangers: bool) -> Self {
        Self(Arc::new(RwLock::new((Arc::from(admins), strangers))))
    }

    /// Logins of the first admins.
    #[must_use]
    pub fn admins(&self) -> Arc<[String]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Whether people whose login nobody on the board bears may look.
    #[must_use]
    pub fn strangers(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1
    }

    /// From now on these.
    pub fn set(&self, admins: &[String], strangers: bool) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (Arc::from(admins), strangers);
    }
}
