//! Documents of a board as data: issued minutes with what was added, and how times in them are read.

use serde::{Deserialize, Serialize};

use crate::ledger::{agenda_item, fold::Amendment, minutes};
use crate::model::{Instant, Line};

pub use crate::ledger::derive::{
    decision_room::Room,
    forward_schedule::{ForwardRow, ForwardSchedule, Moved},
    freeze_preview::{FreezePreview, Frozen},
    item_context::{Context, Moves, Past},
    price::{Price, Revote},
    resolve::{NewRow, Resolution, WayOut},
    run_sheet::{RunRow, RunSheet},
};

/// An item of an agenda, in words.
pub type AgendaItem = agenda_item::AgendaItem<String, String>;

/// A decision of minutes, in words.
pub type Decided = minutes::Decided<String>;

/// An item of minutes, in words.
pub type MinuteItem = minutes::MinuteItem<String, String, String>;

/// Minutes, in words.
pub type Minutes = minutes::Minutes<String, String, String>;

/// The minutes of a meeting: as issued, with additions; or a draft of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MinutesDoc {
    pub minutes: Minutes,
    /// None for a draft.
    pub issued: Option<Issue>,
    pub amendments: Vec<Amendment>,
    /// IANA name of the board's zone, in which the document says times.
    pub zone: Line,
}

/// When minutes were issued, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issue {
    pub at: Instant,
    pub by: Line,
    /// The number of the event.
    pub event: u64,
}
