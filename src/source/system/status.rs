//! Statuses of a change in its system: where it stands, and which of them the settings name for a run and for a freeze.

use super::{Refusal, Setup};
use crate::{
    model::{State, text::clean_line},
    source::{HOLD_UNNAMED, Point, STATUS_UNNAMED, Why, Write, http::Login},
};

/// The options that name a status.
pub const OPTIONS: [&str; 5] = ["started", "turned_back", "ended", "held", "thawed"];

/// How an adapter moves the status of a change; the order of note and status, and what is never done, is the engine's.
#[expect(async_fn_in_trait, reason = "adapters live on the hub's own thread")]
pub trait Statuses: Send {
    /// The status that a point of a run brings there; none where a note is all.
    fn brings(&self, point: &Point) -> Option<String>;

    /// Where the item of a write stands in the statuses of the system, as this account sees it.
    ///
    /// # Errors
    /// When it cannot be told.
    async fn standing(&mut self, write: &Write, login: &Login) -> Result<Standing, Refusal>;

    /// Brings the item of a write to a status, once; what the system says to it, where it says something. What became of it
    /// is read afterwards.
    ///
    /// # Errors
    /// When the system, or the adapter for it, says no.
    async fn set_status(
        &mut self,
        write: &Write,
        wanted: &str,
        login: &Login,
    ) -> Result<Option<String>, Refusal>;
}

/// Where a change stands in the statuses of its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What its status is called there, the name that people see first; a number beside it where there is one.
    pub names: Vec<String>,
    pub state: State,
    /// The statuses that this account may bring it to from there, where the system tells.
    pub next: Option<Vec<String>>,
}

impl Standing {
    /// A status with one name, of a system that does not say where to it may go.
    #[must_use]
    pub fn called(name: &str, state: State) -> Self {
        Self { names: vec![name.to_owned()], state, next: None }
    }

    /// Whether its status is called so.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.names.iter().any(|name| same(name, word))
    }

    /// What people see.
    #[must_use]
    pub fn name(&self) -> String {
        clean_line(self.names.first().map(String::as_str).unwrap_or_default()).into_owned()
    }
}

/// Whether two words are one to people.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

impl Setup {
    /// The status that a point of a run brings, where the settings name one.
    #[must_use]
    pub fn brings(&self, point: &Point) -> Option<&str> {
        self.option(point.option())
    }

    /// Whether the settings name a status for any.
    ///
    /// # Errors
    /// That they do not.
    pub fn progress(&self) -> Result<(), Why> {
        if OPTIONS.iter().any(|name| self.option(name).is_some()) { Ok(()) } else { Err(STATUS_UNNAMED) }
    }
}

impl Setup {
    /// Whether the settings name the statuses of a hold and of its end.
    ///
    /// # Errors
    /// That they do not.
    pub fn holds(&self) -> Result<(), Why> {
        let both = self.option("held").is_some() && self.option("thawed").is_some();
        if both { Ok(()) } else { Err(HOLD_UNNAMED) }
    }
}
