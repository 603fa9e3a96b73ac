//! What the command line needs of the terminal UI, handed in by `main`: this room does not know that one.

use std::path::Path;

use crate::{
    config::Settings,
    errors::Stop,
    hub::{Clock, Hub, local, remote},
    model::Instant,
    wire::{Actor, Problem, Snapshot},
};

/// How the terminal UI is started.
#[derive(Debug)]
pub struct Start<'a> {
    /// How its hub is opened.
    pub hub: Opening,
    pub settings: &'a Settings,
    /// Themes of the user's own.
    pub themes: Option<&'a Path>,
    /// Where the last look at each board is kept; `None` where none is.
    pub looked: Option<&'a Path>,
    /// Why nothing can be written, where that is so.
    pub read_only: Option<String>,
    /// The clock stands still here (`--at`).
    pub at: Option<Instant>,
    /// Only the wall, for a projector, and what on it.
    pub wall: Option<crate::config::WallShows>,
}

/// How a hub is opened.
#[derive(Debug)]
pub enum Opening {
    Embedded(Box<local::Options>),
    Served(remote::Options),
}

/// Who acts, by the snapshot.
pub type Author = Box<dyn Fn(&Snapshot) -> Actor + Send>;

impl Opening {
    /// Whose acts those of this user are.
    #[must_use]
    pub fn author(&self) -> Author {
        match self {
            Self::Embedded(options) => {
                let identity = options.identity.clone();
                Box::new(move |snapshot| identity.actor(&snapshot.people))
            }
            Self::Served(_) => Box::new(remote::actor),
        }
    }

    #[must_use]
    pub fn clock(&self) -> Clock {
        match self {
            Self::Embedded(options) => options.clock.clone(),
            Self::Served(options) => options.clock.clone(),
        }
    }

    /// Opens the hub.
    ///
    /// # Errors
    /// When the board cannot be opened, or reached.
    pub async fn open(self) -> Result<Hub, Problem> {
        match self {
            Self::Embedded(options) => local::open(*options).await,
            Self::Served(options) => remote::open(options).await,
        }
    }
}

/// How the terminal UI was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Quit,
    /// For the demo, in place of the board it was opened on.
    Demo,
    /// To connect a system, and to come back.
    Connect,
}

/// A key of the terminal UI, for `quorate keys`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeyRow {
    /// The name to bind in `[keys]`.
    pub action: String,
    pub keys: Vec<String>,
    pub about: String,
}

/// What is wrong in `[keys]`: the action as it is named there, and what.
pub type KeyFault = (Option<String>, String);

/// The other face.
#[derive(Debug, Clone, Copy)]
pub struct Faces {
    /// Opens the terminal UI and returns when it is left.
    pub open: fn(Start<'_>) -> Result<Left, Stop>,
    /// The themes there are, with the directory of the user's own: name and one sentence.
    pub themes: fn(Option<&Path>) -> Vec<(String, String)>,
    /// The keys in force with these settings, or what is wrong with them.
    pub keys: fn(&Settings) -> Result<Vec<KeyRow>, Vec<KeyFault>>,
    /// Why a theme cannot be used.
    pub check_theme: fn(&str, Option<&Path>) -> Result<(), String>,
}
