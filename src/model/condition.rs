//! What a policy asks of an item, and what an item can be (rules § Routing).

use serde::{Deserialize, Serialize};

use super::{change::Risk, id::Id, rule_id::RuleId, text::Line, word::vocabulary};

vocabulary! {
    /// What can be decided.
    ItemKind, "item kind" { Change = "change", Release = "release" }
}

/// The condition of a policy; an empty or absent field says nothing. All that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemKind>,
    /// Kinds of change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<super::change::Kind>,
    /// Applies from this risk on; none asks no least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_at_least: Option<Risk>,
    /// Applies up to this risk; none asks no most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_at_most: Option<Risk>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<Id>,
    /// Whether the change is bundled in a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_release: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub release_types: Vec<super::release::ReleaseType>,
    /// At least one open row of one of these rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflict_rules: Vec<RuleId>,
    /// Whether a soft freeze covers the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soft_freeze: Option<bool>,
}
