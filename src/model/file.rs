//! The board file (UX §4): everything a board holds, as one JSON document.
//!
//! Only the shape lives here; reading with paths, unknown fields and faults is the work of `source::board_file`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    board::{Board, Person},
    change::Change,
    release::Release,
    rulebook::{Policy, Settings, Template},
    service::Service,
    window::Window,
};

/// A board file, version 1. `None` for rules means "says nothing", which an import leaves as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BoardFile {
    pub version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boards: Option<Vec<Board>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// Replaces the whole ordered list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<Policy>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<Template>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

impl BoardFile {
    /// The only version there is.
    pub const VERSION: u32 = 1;
}

impl Default for BoardFile {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            services: Vec::new(),
            people: Vec::new(),
            boards: None,
            changes: Vec::new(),
            releases: Vec::new(),
            windows: Vec::new(),
            policies: None,
            templates: None,
            settings: None,
        }
    }
}
