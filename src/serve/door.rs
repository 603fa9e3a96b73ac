//! Who may come by the settings of the service, as they are at this moment.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use crate::model::Line;

/// What the settings say of who may come.
#[derive(Debug, Clone)]
pub struct Known {
    /// Logins of the first admins.
    pub admins: Arc<[String]>,
    /// Whether people whose login nobody on the board bears may look.
    pub strangers: bool,
    /// Whether people are taken who became the user they are by su or sudo.
    pub su: bool,
    /// Seconds after which whose connection is lost has left the meeting.
    pub gone_after: u64,
    /// Secret addresses.
    pub feeds: Feeds,
}

/// Secret addresses of calendars and of the page, as the settings have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feeds {
    /// Whether they are answered, and new ones made.
    pub on: bool,
    /// What addresses of this board begin with, for people elsewhere: `https://board.example.com`; none where it is not said.
    pub url: Option<Line>,
}

/// Who may come, as the settings say at this moment.
#[derive(Clone)]
pub struct Door(Arc<RwLock<Known>>);

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Door").field(&*self.known()).finish()
    }
}

impl Door {
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self(Arc::new(RwLock::new(known)))
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logins of the first admins.
    #[must_use]
    pub fn admins(&self) -> Arc<[String]> {
        Arc::clone(&self.known().admins)
    }

    /// Whether people whose login nobody on the board bears may look.
    #[must_use]
    pub fn strangers(&self) -> bool {
        self.known().strangers
    }

    /// Whether people are taken who became the user they are by su or sudo.
    #[must_use]
    pub fn su(&self) -> bool {
        self.known().su
    }

    /// Seconds after which whose connection is lost has left the meeting.
    #[must_use]
    pub fn gone_after(&self) -> u64 {
        self.known().gone_after
    }

    /// Whether secret addresses are answered, and new ones made.
    #[must_use]
    pub fn feeds(&self) -> bool {
        self.known().feeds.on
    }

    /// What addresses of this board begin with.
    #[must_use]
    pub fn url(&self) -> Option<Line> {
        self.known().feeds.url.clone()
    }

    /// From now on these.
    pub fn set(&self, known: Known) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
    }
}
