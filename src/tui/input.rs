//! From keys to actions: how keys are spelled, what can be asked, and which key asks it where.
//!
//! [`ACTIONS`] is the one table behind the hint bar, the help, the palette, the key docs and read-only mode; what an
//! action does is the business of the screen or layer that receives it.

mod action;
mod hint;
mod key;
mod keymap;

pub use action::{ACTIONS, Action, Place, Spec, spec};
pub use hint::{Hint, hints};
pub use key::{Key, KeyError};
pub use keymap::{Keymap, KeymapError, KeymapErrors};
