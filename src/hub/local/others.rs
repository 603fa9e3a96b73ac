//! What a hub knows of the other services of its board.

use crate::{ledger::log::vocabulary::HeldBack, model::Fault};

/// What is known of the other services.
#[derive(Debug, Default)]
pub struct Others {
    /// They were asked, and answered.
    pub known: bool,
    /// Where one of them reads less than this program.
    pub held_back: Option<HeldBack>,
    /// What they have otherwise than this one.
    pub unlike: Vec<Fault>,
}
