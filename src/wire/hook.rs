//! What pipelines told, as it crosses a boundary.

use serde::{Deserialize, Serialize};

use crate::{
    ledger::fold::Told,
    model::{Id, Instant, hook::Delivery},
};

/// A delivery on the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToldRow {
    /// The number of its event.
    pub n: u64,
    pub at: Instant,
    pub delivery: Delivery,
    /// None while nobody can tell what it is about.
    pub activity: Option<Id>,
    pub late: bool,
    /// Why nobody can tell, where that is so now.
    pub why: Option<String>,
}

impl ToldRow {
    /// What a pipeline said, and why it belongs to nothing where it does not.
    #[must_use]
    pub fn new(told: &Told, why: Option<String>) -> Self {
        let Told { n, at, delivery, activity, late } = told.clone();
        Self { n, at, delivery, activity, late, why }
    }
}

/// What a fact would be mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mapped {
    /// The one live activity it is about; none is *unmapped*.
    pub activity: Option<Id>,
    /// Why it is not exactly one.
    pub why: Option<String>,
    /// The event by which it was taken before, where it was.
    pub taken: Option<u64>,
    pub late: bool,
}
