//! The parts screens are made of: panes without boxes, lists that build only what is seen, dialogs, text in and out.
//!
//! Widgets draw into a ratatui buffer and cut everything to their rectangle; they know nothing of the board.

mod dialog_box;
mod line_input;
mod list;
mod pane;
mod pen;
mod scroll;
mod size;
mod text;
mod writing;

pub use dialog_box::{centred, dialog_box, mute};
pub use line_input::LineInput;
pub use list::{ListState, Move};
pub use pane::{Head, split_side};
pub use pen::{Lead, Pen, put_line};
pub use scroll::ScrollState;
pub use size::{Form, Height, Width};
pub use text::{cut, cut_id, pad, pad_left, shortest_tails, width, wrap};
pub use writing::Writing;
