//! What belongs together across systems: a change and its release, and one change that two systems tell of.

use serde::{Deserialize, Serialize};

use super::{id::Id, record::SourceId, text::Line};

/// A key of another record in the text of a change: where it is looked for, and whose record it names.
///
/// A record is named by its id with or without its source, its address, and a release by its name and version too; case
/// does not matter. What names nothing, or several records, joins nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mention {
    /// A regular expression; its first group is the key, or else all it matches.
    pub pattern: String,
    /// Where it is looked for: `title`, `description`, `reason`, `url`, or a field the source has besides.
    #[serde(default = "title")]
    pub fields: Vec<Line>,
    /// Only changes of this source; absent: of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SourceId>,
    /// Only records of this source; absent: of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SourceId>,
}

/// Two records that are one change, whatever they say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Same {
    /// The copy.
    pub change: Id,
    /// The one it is shown as.
    pub of: Id,
}

/// How records of several systems are joined. Joining changes no revision: it is no fact of the records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Merging {
    /// Changes that name the release they are part of; what a source itself says comes first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Mention>,
    /// Changes that name the change of another source which they are a copy of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<Same>,
}

impl Merging {
    /// Whether nothing is said to be the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.releases.is_empty() && self.copies.is_empty() && self.same.is_empty()
    }
}

fn title() -> Vec<Line> {
    vec![Line::new("title")]
}
