//! What a secret address shows to whoever has it: a calendar, or the page.
//!
//! An address is a token that stands in a link instead of in a header. It acts for nobody: it shows one thing, as somebody
//! without a seat would see it, until it ends or is taken back.

use serde::{Deserialize, Serialize};

use super::Id;

/// What an address shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "what", deny_unknown_fields)]
pub enum Shows {
    /// A calendar of what its person owns, asked for or manages, and of the meetings of their boards.
    Mine,
    /// A calendar of what touches a service, and of the windows that name it.
    Service {
        /// The service as the board knows it.
        service: Id,
    },
    /// A calendar of the phases of a release and of the changes it bundles.
    Release {
        /// The release, by its id.
        release: Id,
    },
    /// The page: the board, its calendar, and each item.
    Page,
}

impl Shows {
    /// Whether it is a calendar, which programs read; else it is a page, for people.
    #[must_use]
    pub fn is_calendar(&self) -> bool {
        match self {
            Self::Mine | Self::Service { .. } | Self::Release { .. } => true,
            Self::Page => false,
        }
    }
}

impl std::fmt::Display for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mine => f.write_str("own calendar"),
            Self::Service { service } => write!(f, "calendar of {service}"),
            Self::Release { release } => write!(f, "calendar of {release}"),
            Self::Page => f.write_str("page of the board"),
        }
    }
}
