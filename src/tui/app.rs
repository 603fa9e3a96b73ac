//! The state of the terminal UI and its loop.
//!
//! [`State`] is all there is; [`State::update`] takes a [`Message`] and gives the [`Effect`]s to carry out, and does no
//! I/O. [`run`] feeds it and draws. What the screens and dialogs share is in [`Shared`].

mod acting;
mod clock;
#[cfg(test)]
mod driver;
mod draw;
mod guard;
mod message;
mod notices;
mod calling;
mod outside;
mod permissions;
mod queued;
mod reply;
mod report;
mod run;
mod shared;
mod update;
mod waiting;

pub use clock::{ShownZone, Times, Zones};
#[cfg(test)]
pub use driver::Driver;
pub use message::{Effect, Files, Message, Ticket};
pub use notices::OwnNotices;
pub use outside::{Outside, Recorder};
pub use permissions::{Permissions, Wanted};
pub use reply::Reply;
pub use run::{Drive, Ended, run};
pub use shared::{Counts, Options, Shared, ThemeChoice, Wish};
pub use update::At;
pub use waiting::{Errand, Waiting};

use crate::tui::view::{Layer, Views};
use guard::Guard;

/// The whole state of the terminal UI.
#[derive(Debug)]
pub struct State {
    pub shared: Shared,
    pub views: Views,
    /// Popups, the topmost last.
    pub layers: Vec<Layer>,
    /// Whether the next frame would differ from the last one.
    dirty: bool,
    /// Whether the layer in front takes keys: what sends something must have been seen.
    guard: Guard,
    /// Another place is shown than was drawn last, or the same one laid out anew: what a key means there is not known yet.
    relaid: bool,
    /// An answer of the terminal is being read instead of keys.
    report: Option<String>,
}

#[cfg(test)]
mod tests;
