//! The terminal: taken, given back whatever happens, asked about its background, and left to editor and shell.
//!
//! Everything [`Guard`] did is undone on drop, panic, signal and hangup. Nothing here knows the board.

mod call;
mod clipboard;
mod editor;
mod guard;
mod paint;
mod watchdog;

pub use call::call;
pub use clipboard::copy;
pub use editor::edit;
pub use guard::{Guard, install_panic_hook, restore};
pub use paint::Paint;
pub use watchdog::{Signals, watch};

use std::io;

/// Stops this job as Ctrl-z would, and returns when the shell continues it.
///
/// # Errors
/// When the signal cannot be sent.
pub fn stop() -> io::Result<()> {
    // The whole process group, as the terminal's own Ctrl-z does; a group without a shell to continue it is not stopped.
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP).map_err(io::Error::from)
}
