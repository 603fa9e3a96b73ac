//! The board's own rules: policies, templates and settings (rules § Routing). Shared by everyone, changed by an admin.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    change::Risk,
    condition::Condition,
    id::Id,
    quorum::{Fraction, Quorum, VotingRule},
    rule_id::{RuleId, Severity},
    template::Template,
    text::Line,
};

/// What decides when yes and no are equal under `majority`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    Chair,
    Reject,
    Defer,
}

/// Which outcomes may close a round before everybody has voted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EarlyClose {
    Off,
    OnReject,
    Both,
}

/// What a deadline does with a deferred outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDeadline {
    Defer,
    Approve,
}

/// One line of the board's policies: who decides what it matches, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub id: Id,
    #[serde(default)]
    pub when: Condition,
    /// Approves by template alone, without a round.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto: bool,
    /// The board that votes; absent: the first board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<Id>,
    #[serde(default = "majority")]
    pub rule: VotingRule,
    #[serde(default = "one_half")]
    pub quorum: Quorum,
    /// People who must vote, however many seats each has; none is two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_people: Option<u32>,
    /// Seats that must approve, whatever the rule says; none is two, one where any may approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_yes: Option<u32>,
    /// Named seats whose acting person must vote approve or reject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mandatory: Vec<Line>,
    /// Named seats whose rejection decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub veto: Vec<Line>,
    #[serde(default = "chair")]
    pub tie: Tie,
    #[serde(default = "on_reject")]
    pub early_close: EarlyClose,
    /// Hours from opening to the deadline; none has no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_hours: Option<u32>,
    #[serde(default = "defer")]
    pub on_deadline: OnDeadline,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_verified: bool,
    /// Only votes count that their author signed with a key of theirs (ledger § Signed votes).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_signed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// A release is not ready before its announcement has been out for so long (release § Plan).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announce_hours: Option<u32>,
}

/// When a risk floor holds; all that is said must hold, and something must be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FloorWhen {
    /// A service of this tier or a more important one (1 is the most important).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// An open block row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_block: Option<bool>,
    /// No rollback plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_rollback_plan: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<super::change::Kind>,
}

/// A risk floor: what matches is treated as at least this risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Floor {
    pub when: FloorWhen,
    pub risk: Risk,
}

/// What a capacity limit counts over (rule C11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CapacityScope {
    Service,
    Environment,
    Group,
    All,
}

/// At most `max` live activities at or above `risk` at once per scope (rule C11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    pub scope: CapacityScope,
    /// The service, environment or group meant; absent: each one by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Line>,
    #[serde(default = "low")]
    pub risk: Risk,
    /// How many at once are allowed.
    pub max: u32,
}

/// Thresholds and switches of the board, with their defaults (rules § Clashes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Hops along `depends_on` (C2, C3).
    pub depth: u8,
    /// Hours up to which an activity is short, so that its overlap blocks (C1).
    pub long_hours: u32,
    /// Hours up to which an activity is someone's whole attention, so that its overlap counts (C9).
    pub focus_hours: u32,
    /// Days of 24 hours.
    pub lead_days: u32,
    /// Hours before the start by which it must be approved.
    pub approve_by_hours: u32,
    /// Hours after a failure in which its services rest.
    pub cool_down_hours: u32,
    /// Rows of one service above which lists fold them.
    pub hub_limit: u32,
    pub shared_ci_odds: Fraction,
    /// Groups that can do one thing at a time (C9).
    pub exclusive_groups: Vec<Line>,
    /// Rules that do not run.
    pub off: Vec<RuleId>,
    /// Severities that differ from those of the rules (rules § Clashes).
    pub severity: BTreeMap<RuleId, Severity>,
    pub risk_floors: Vec<Floor>,
    pub capacity: Vec<Capacity>,
    /// IANA zone of windows that name none; absent: UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Line>,
    /// Days on which nobody meets, and which are no business days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<NaiveDate>,
    /// The meetings of the boards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<super::meeting::MeetingPlan>,
    /// Whether an outcome against the vote may be decided, with a reason and a second person.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_override: bool,
    /// Days after a release in which a defect in production is one of it.
    #[serde(skip_serializing_if = "is_two_weeks")]
    pub defect_days: u32,
    /// Who is told of changes and releases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<super::audience::Audience>,
    /// How many successful changes of one kind of work suggest a standard change; 0: none ever does.
    #[serde(skip_serializing_if = "is_five")]
    pub suggest_after: u32,
    /// What belongs together across systems.
    #[serde(skip_serializing_if = "super::merging::Merging::is_empty")]
    pub merging: super::merging::Merging,
}

/// Everything the board decides about itself. A board file brings parts of it; `RulesChanged` carries it whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RuleBook {
    pub boards: Vec<super::board::Board>,
    /// In order: the first that matches decides.
    pub policies: Vec<Policy>,
    pub templates: Vec<Template>,
    pub settings: Settings,
}

/// What a board that says nothing counts by.
const TWO_WEEKS: u32 = 14;
const FIVE: u32 = 5;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_two_weeks(days: &u32) -> bool {
    *days == TWO_WEEKS
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_five(changes: &u32) -> bool {
    *changes == FIVE
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            depth: 2,
            long_hours: 24,
            focus_hours: 12,
            lead_days: 3,
            approve_by_hours: 24,
            cool_down_hours: 24,
            hub_limit: 50,
            shared_ci_odds: Fraction { num: 5, den: 4 },
            defect_days: TWO_WEEKS,
            suggest_after: FIVE,
            exclusive_groups: Vec::new(),
            off: Vec::new(),
            severity: BTreeMap::new(),
            risk_floors: Vec::new(),
            capacity: Vec::new(),
            zone: None,
            holidays: Vec::new(),
            meetings: Vec::new(),
            allow_override: false,
            audiences: Vec::new(),
            merging: super::merging::Merging::default(),
        }
    }
}

impl Policy {
    /// The policy that holds where none matches or none is given: majority, quorum one half, the first board.
    #[must_use]
    pub fn fallback(id: Id) -> Self {
        Self {
            id,
            when: Condition::default(),
            auto: false,
            board: None,
            rule: majority(),
            quorum: one_half(),
            min_people: None,
            min_yes: None,
            mandatory: Vec::new(),
            veto: Vec::new(),
            tie: chair(),
            early_close: on_reject(),
            deadline_hours: None,
            on_deadline: defer(),
            require_verified: false,
            require_signed: false,
            secret: false,
            announce_hours: None,
        }
    }

    /// The least number of people who must vote (default 2).
    #[must_use]
    pub fn min_people(&self) -> u32 {
        self.min_people.unwrap_or(2)
    }

    /// The least number of yes (default 2; 1 for `any`).
    #[must_use]
    pub fn min_yes(&self) -> u32 {
        self.min_yes.unwrap_or(if self.rule == VotingRule::Any { 1 } else { 2 }).max(1)
    }
}

fn majority() -> VotingRule {
    VotingRule::Majority
}
fn one_half() -> Quorum {
    Quorum::Share(Fraction { num: 1, den: 2 })
}
fn chair() -> Tie {
    Tie::Chair
}
fn on_reject() -> EarlyClose {
    EarlyClose::OnReject
}
fn defer() -> OnDeadline {
    OnDeadline::Defer
}
fn low() -> Risk {
    Risk::Low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_every_set_read_back() {
        use super::super::word::Vocabulary;
        fn check<T: Vocabulary>() {
            for (value, word) in T::WORDS {
                assert_eq!(T::of(word), Some(*value), "{} {word}", T::NAME);
            }
        }
        check::<crate::model::ItemKind>();
        let settings = r#"{"off":["C2"],"severity":{"C14":"warn"}}"#;
        assert_eq!(serde_json::from_str::<Settings>(settings).unwrap().off, [RuleId::C2]);
    }

    #[test]
    fn an_empty_policy_has_the_defaults_of_the_rules() {
        let policy: Policy = serde_json::from_str(r#"{"id":"p"}"#).unwrap();
        assert_eq!(policy, Policy::fallback("p".parse().unwrap()));
        assert_eq!((policy.min_people(), policy.min_yes()), (2, 2));
        let settings: Settings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, Settings::default());
    }
}
