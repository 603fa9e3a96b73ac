//! The filter of all lists, which the command line has too.
//!
//! What it reads and how it matches is said in `wire::filter`; only the line it is typed into belongs to the terminal.

use crate::tui::input::{Action, Keymap};
pub use crate::wire::filter::{Filter, Ground, Suggestion, complete, day, suggest};

/// What an empty list says under a filter: `what` = `None of the 7 open votes matches`, then the filter, the nearest one
/// that finds something, and the ways out.
#[must_use]
pub fn nothing(what: &str, filter: &str, nearest: Option<&Suggestion>, keymap: &Keymap) -> String {
    let nearest = nearest.map(|found| format!(" Nearest: /{} finds {}.", found.text, found.hits));
    format!(
        "{what} /{filter}.{} {} shows all of them, {} changes the filter.",
        nearest.unwrap_or_default(),
        keymap.shown(Action::Back),
        keymap.shown(Action::Filter)
    )
}
