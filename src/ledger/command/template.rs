//! What people ask of templates of standard changes, and of changes made from them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::{Instant, Outcome, Prose, Template};

/// What a person asks of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum TemplateCommand {
    /// Puts its terms before the board; another proposal of the same id replaces them.
    Propose { terms: Box<Template> },
    /// Nothing is made from it until the board has approved it again.
    Suspend { reason: Prose },
    /// Puts it before the board again, with a new last day where one is named.
    Resubmit {
        #[serde(default)]
        reason: Option<Prose>,
        #[serde(default)]
        until: Option<NaiveDate>,
    },
    /// It is over.
    Retire { reason: Prose },
}

/// What has been done of a standard change as it is made: a pipeline makes and reports it in one call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AlsoReported {
    /// When it started; none where that is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Instant>,
    /// When it was over; none where that is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<Instant>,
    /// How it went; none where that is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl AlsoReported {
    /// Whether nothing is reported.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
