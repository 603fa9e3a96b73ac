//! A service or configuration item, and what it depends on.

use serde::{Deserialize, Serialize};

use super::{extra::Extra, id::Id, text::Line};

/// A service or CI. Names match without case after Unicode NFC; `aliases` join names that differ per system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    pub id: Id,
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub name: Line,
    /// How important it is, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Line>,
    /// 1 is the most important.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Line>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}
