//! Templates of standard changes: what the board approves once, and how one stands (rules § Standard changes).
//!
//! A template is a part of the board's rules, which an admin saves, or the terms of a proposal on which the board votes.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    id::Id,
    risk::Risk,
    text::{self, Line, Prose},
    time::Instant,
};

/// A standard change that the board approves once for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub id: Id,
    #[serde(default)]
    pub name: Line,
    /// The last day it holds, in UTC; absent: it is not approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_until: Option<NaiveDate>,
    #[serde(default = "low")]
    pub max_risk: Risk,
    /// Fields of the change that must equal `fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<Line>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "text::read_fields")]
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Fields that whoever makes a change from it has to fill in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Line>,
    /// Services and classes of services that a change may touch; empty: whatever `fields` and `locked` leave open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_touch: Vec<Line>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Line>,
    /// Days after an approval in which it is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_days: Option<u32>,
    /// How it stands by the record; no file says so.
    #[serde(skip)]
    pub stands: Stands,
}

/// How a template stands by what the record says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stands {
    /// As the board's rules say: it holds until its day.
    #[default]
    ByRules,
    /// Its terms are not approved as they are.
    Proposed,
    /// A round of the board approved its terms.
    Approved { at: Instant },
    /// No change is made from it until the board has approved it again.
    Suspended { at: Instant, why: Why },
    /// It is over.
    Retired { at: Instant },
}

/// Why a template is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Why {
    /// Somebody said so.
    Said { reason: Prose },
    /// What became of a change that was made from its current approval.
    Change { item: Id, blamed: Blamed },
}

/// What a change did that suspends its template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Blamed {
    Failed,
    BackedOut,
    /// It caused this incident.
    Caused(Id),
}

fn low() -> Risk {
    Risk::Low
}

/// What the terms of a template leave open: a plan is the least that makes a standard change.
pub const TIMES: [&str; 2] = ["planned_start", "planned_end"];

impl Template {
    /// A template that says nothing yet, and is not approved.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            name: Line::default(),
            approved_until: None,
            max_risk: low(),
            locked: Vec::new(),
            fields: BTreeMap::new(),
            required: Vec::new(),
            may_touch: Vec::new(),
            owner: None,
            review_days: None,
            stands: Stands::ByRules,
        }
    }

    /// When it is to be looked at again, where its terms say so and a round has approved it.
    #[must_use]
    pub fn review_due(&self) -> Option<Instant> {
        match &self.stands {
            Stands::Approved { at } => self.review_days.map(|days| at.plus(i64::from(days) * 86_400)),
            Stands::ByRules | Stands::Proposed | Stands::Suspended { .. } | Stands::Retired { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_old_say_nothing_new() {
        let old = r#"{"id":"t","name":"T","max_risk":"low"}"#;
        let read: Template = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), old, "hashes of what is on record stay");
    }
}
