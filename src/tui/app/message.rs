//! What reaches the state, and what it asks of the world.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use crossterm::event::Event;

use super::Reply;
use crate::{
    hub::held::Held,
    model::{Id, Signal},
    tui::theme::Background,
    wire::{Command, Question, Snapshot},
};

/// Names one request, so that its answer finds who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// A file to import, and its column map by name and text.
pub type Files = (Vec<u8>, Option<(String, String)>);

/// What happened outside.
#[derive(Debug)]
pub enum Message {
    /// The hub published.
    Snapshot(Arc<Snapshot>),
    /// The hub has gone; what is on screen stays, nothing more will come.
    HubGone,
    /// A key, a paste or a new size.
    Input(Event),
    /// The hub answered a request.
    Reply(Ticket, Reply),
    /// What was written and not sent before, by item, and what was sent while its board could not be reached.
    Left { drafts: Vec<(Id, String)>, held: Vec<Held> },
    /// A queued command is kept on disk, or why it is not.
    Holding(Ticket, Result<(), String>),
    /// The editor came back: the text, nothing when it was left as it was, or what went wrong.
    Edited(Result<Option<String>, String>),
    /// Something for a toast: done, or what went wrong.
    Said(Result<String, String>),
    /// The terminal told its background.
    Background(Background),
    /// The terminal may show anything: after a suspend, a resize or an editor.
    Repaint,
    /// A timer ran out.
    Time,
}

/// What the state asks to be done.
#[derive(Debug)]
pub enum Effect {
    /// Ask the hub; the answer comes back as [`Message::Reply`].
    Ask(Ticket, Question),
    /// Submit a command in the user's name. By the key the board knows a repetition.
    Submit(Ticket, [u8; 16], Command),
    /// Keep a command until its board can be reached; that it is kept comes back as [`Message::Holding`].
    Hold(Ticket, Box<Held>),
    /// Keep it no longer: it was answered, or is not wanted.
    LetGo([u8; 16]),
    /// Read all sources; how it went comes back as [`Message::Reply`].
    Sync(Ticket),
    /// Keep what is written and not sent; nobody waits for it.
    Draft {
        item: Id,
        text: String,
    },
    /// Write in the user's editor, beginning with this text.
    Edit(String),
    /// Put a text into the clipboard.
    Copy(String),
    /// Call who sits here, with a text where the signal has one.
    Call(Signal, String),
    /// Write a file, then say so.
    Write {
        path: std::path::PathBuf,
        bytes: Vec<u8>,
    },
    /// Read a file and let the hub import it, or say what that would change.
    Import {
        ticket: Ticket,
        path: std::path::PathBuf,
        /// The column map of a CSV file.
        map: Option<std::path::PathBuf>,
        /// What is said of a CSV file without a map.
        told: crate::hub::Told,
        /// The zone of times that name none.
        zone: crate::calendar::Zone,
        dry_run: bool,
        /// The file as it was read first: what is imported is what was shown, whatever lies there by now.
        read: Arc<OnceLock<Files>>,
    },
    /// Leave this board for the demo.
    Demo,
    /// Leave the screen for the questions about a system.
    Connect,
    /// Stop like a shell job.
    Suspend,
    /// Draw every cell again.
    Redraw,
    Quit,
}

/// How long the selection rests before the strip follows it.
pub const REST: Duration = Duration::from_millis(120);
