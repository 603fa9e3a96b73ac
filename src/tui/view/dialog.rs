//! Layers above the screens: the ones every screen has, and which layer an item action opens.

mod filter_line;
mod help;
mod messages;
mod palette;

pub use filter_line::FilterLine;
pub use help::{Help, Row as HelpRow};
pub use messages::Messages;
pub use palette::Palette;

use super::Target;
use crate::tui::{app::Shared, input::Action};

/// Opens the dialog an item action asks for; false when no dialog belongs to the action.
pub fn open(_shared: &mut Shared, _action: Action, _target: &Target) -> bool {
    false
}
