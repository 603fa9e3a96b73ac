//! What records come from: board files, CSV with a column map, iCalendar feeds.
//!
//! A [`Source`] is pulled by the hub and says what it has; it knows neither the store nor who looks. Reading bytes into
//! records is the work of a file per format, which imports use too.

pub mod board_file; // the JSON document of UX §4: import, export, and a source
pub mod http; // the one way out to the network
pub mod csv; // exports as changes, by a column map
pub mod feed; // a board file or a calendar, over HTTPS or from disk
pub mod ics; // iCalendar events as windows and releases

use crate::model::{Fault, SourceId, Stored};

/// What a source can do, as data: faces show, disable and explain by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Why votes cannot be written back, where they cannot.
    pub votes: Result<(), &'static str>,
    /// Why comments cannot be written back, where they cannot.
    pub comments: Result<(), &'static str>,
}

/// One pull.
#[derive(Debug)]
pub struct Pull {
    pub what: Pulled,
    /// What the next pull goes by; opaque to everybody else.
    pub cursor: Vec<u8>,
}

/// What a pull brought.
#[derive(Debug)]
pub enum Pulled {
    /// As it was.
    Unchanged,
    /// All there is: what is known of this source and not named here is gone.
    Whole { records: Vec<Stored>, faults: Vec<Fault>, keep: Keep },
}

/// What of a source stays when it is named no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// Windows that ended: calendars often list only what is to come.
    Past,
}

/// Why a pull brought nothing. What was known before stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PullError {
    /// What happened, to what, and what to do.
    pub message: String,
    /// Seconds the source asked to be left alone.
    pub retry_after: Option<i64>,
}

/// Something records are pulled from.
#[expect(async_fn_in_trait, reason = "sources live on the hub's own thread; nothing asks for Send")]
pub trait Source {
    fn id(&self) -> &SourceId;
    fn capabilities(&self) -> Capabilities;
    /// Brings what is new since `cursor`. `None` asks for everything.
    ///
    /// # Errors
    /// When it cannot be reached or nothing of its answer can be used.
    async fn pull(&mut self, cursor: Option<&[u8]>) -> Result<Pull, PullError>;
}
