//! What a pipeline says happened, as its webhooks or the command line tell it (ledger § Pipelines).

use serde::{Deserialize, Serialize};

use super::{Instant, Line};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HookWord {
    Started,
    Finished,
    Failed,
    RolledBack,
}

/// Whose webhooks a hook takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    Github,
    Gitlab,
    /// CloudEvents, with the vocabulary of CDEvents.
    Cloudevents,
}

/// A fact of a pipeline, and what may say which change or phase it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HookFact {
    pub word: HookWord,
    /// When it happened, by the pipeline's clock; as it was told, where it does not say.
    pub at: Option<Instant>,
    /// The workflow, pipeline or job.
    pub workflow: Line,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
    /// What it names by a field or a trailer of its own (`Change: CHG42`): then nothing else counts.
    pub named: Option<Line>,
    /// Texts in which an id may stand: the title, the branch, the message.
    pub texts: Vec<Line>,
    /// Where it can be looked at in its source; none where the source has no page.
    pub url: Option<Line>,
    /// The patterns of the settings that took it, by their names: then what they name stands in `named` or `texts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Line>,
}

/// One delivery of a sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The hook it came by.
    pub hook: Line,
    /// The sender's own id of it; empty where it has none.
    pub id: Line,
    /// Hex SHA-256 of its body.
    pub sha256: Line,
    pub fact: HookFact,
}

/// Seconds for which a delivery is known again.
pub const REMEMBERED: i64 = 30 * super::time::DAY;

/// A fact older than so many seconds is late: it starts nothing.
pub const LATE: i64 = 5 * super::time::MINUTE;

/// How the login of a hook begins: no login of a machine and no token has a space.
pub const LOGIN: &str = "hook ";
