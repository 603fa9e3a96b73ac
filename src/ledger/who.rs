//! Who asks, beside what they ask.

use super::{event::Actor, signed::Ground};
use crate::model::Line;

/// Who asks, and what is known about them beside the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub actor: Actor,
    /// The owner of the board's file, or an admin by token. People may be admins by their record.
    pub admin: bool,
    /// A token of a machine.
    pub pipeline: bool,
    /// What nobody can guess, for what must not be guessed from its hash: a secret vote.
    pub salt: Option<[u8; 16]>,
    /// Where the round stands that a signed vote is about; only the record knows.
    pub ground: Option<Ground>,
}

impl Who {
    /// A person like any other.
    #[must_use]
    pub fn person(actor: Actor) -> Self {
        Self { actor, admin: false, pipeline: false, salt: None, ground: None }
    }

    pub(super) fn name(&self) -> Line {
        super::fold::name(&self.actor)
    }
}
