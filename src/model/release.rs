//! A release: a version on its way to production, rolled out in phases.

use serde::{Deserialize, Serialize};

use super::{
    change::Step,
    extra::Extra,
    id::Id,
    named::Named,
    text::{Line, Prose},
    time::{Instant, When, effective},
    word::{Word, vocabulary},
};

vocabulary! {
    /// Type of a release.
    ReleaseType, "release type" { Major = "major", Minor = "minor", Patch = "patch", Emergency = "emergency" }
}
vocabulary! {
    /// State of a release. Unknown is treated as live.
    ReleaseState, "release state" {
        Planning = "planning", Build = "build", Test = "test", Deploy = "deploy", Review = "review", Closed = "closed",
        Cancelled = "cancelled",
    }
}
vocabulary! {
    /// State of a phase. Unknown is treated as live.
    PhaseState, "phase state" { Pending = "pending", Running = "running", Done = "done", RolledBack = "rolled_back" }
}
vocabulary! {
    /// How a phase reaches its share of traffic.
    Strategy, "strategy" { Canary = "canary", BlueGreen = "blue_green", Rolling = "rolling", AllAtOnce = "all_at_once" }
}

impl ReleaseState {
    /// Whether it takes part in clashes: neither closed nor cancelled.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Closed | Self::Cancelled)
    }
}

impl PhaseState {
    /// Whether it takes part in clashes: neither done nor rolled back.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Done | Self::RolledBack)
    }
}

/// One step of a rollout. `id` is unique within its release; the phase is known as `RELEASE/PHASE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Phase {
    pub id: Id,
    #[serde(default)]
    pub name: Line,
    #[serde(default, skip_serializing_if = "Word::says_nothing")]
    pub strategy: Word<Strategy>,
    /// Share of traffic in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// Where it takes place, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    /// When it is to begin; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
    /// When it really began; none where it did not, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_start: Option<Instant>,
    /// When it really ended; none where it did not, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_end: Option<Instant>,
    #[serde(default = "pending")]
    pub state: Word<PhaseState>,
    #[serde(default)]
    pub whole_environment: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<Criterion>,
    #[serde(default)]
    pub point_of_no_return: bool,
    /// Who carries it out; the manager of the release where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What undoes the steps, in the order in which it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollback_steps: Vec<Step>,
    /// How long rolling it back takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_minutes: Option<u32>,
    /// What makes up for it past its point of no return.
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub compensation: Prose,
}

/// A go/no-go criterion. In a file its text alone, or its text with whether it is met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "CriterionText", into = "CriterionText")]
pub struct Criterion {
    pub text: Line,
    /// Absent where nobody has answered.
    pub met: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum CriterionText {
    Text(Line),
    Answered { text: Line, met: Option<bool> },
}

impl From<CriterionText> for Criterion {
    fn from(written: CriterionText) -> Self {
        match written {
            CriterionText::Text(text) => Self { text, met: None },
            CriterionText::Answered { text, met } => Self { text, met },
        }
    }
}

impl From<Criterion> for CriterionText {
    fn from(Criterion { text, met }: Criterion) -> Self {
        if met.is_none() { Self::Text(text) } else { Self::Answered { text, met } }
    }
}

/// One acceptance criterion with its result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Acceptance {
    /// `functional`, `performance` or `regression`.
    pub kind: Line,
    pub name: Line,
    /// Whether it passed; none where nobody ran it, which is no pass.
    pub passed: Option<bool>,
}

/// One measure of success.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Success {
    pub kpi: Line,
    pub target: Line,
    /// What was measured; none where nobody did yet.
    pub actual: Option<Line>,
}

/// A defect attributed to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Defect {
    pub id: Id,
    /// When it was found; none where the source does not say.
    #[serde(default)]
    pub found_at: Option<Instant>,
    #[serde(default, rename = "where")]
    pub place: Line,
}

/// A release record, in the shape of the board file. Every field but `id` is optional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    pub id: Id,
    #[serde(default)]
    pub name: Line,
    #[serde(default)]
    pub version: Line,
    #[serde(default = "minor", rename = "type")]
    pub kind: Word<ReleaseType>,
    #[serde(default = "planning")]
    pub state: Word<ReleaseState>,
    /// Who answers for the release, as the source writes it; none where it says nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Line>,
    /// Everybody who is tied to it, in every way the source knows them. Whom `manager` writes is one of them, or
    /// somebody more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Named>,
    /// The sprint it comes from, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<Acceptance>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<Success>,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub contingency: Prose,
    /// How long one switch takes that undoes all of it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_all_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<Defect>,
    /// Where it can be looked at in its source; none where the source has no page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Line>,
    /// When the source last changed the record; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Instant>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

fn pending() -> Word<PhaseState> {
    PhaseState::Pending.into()
}

fn minor() -> Word<ReleaseType> {
    ReleaseType::Minor.into()
}

fn planning() -> Word<ReleaseState> {
    ReleaseState::Planning.into()
}

impl Phase {
    /// The effective times (rules § Things).
    #[must_use]
    pub fn when(&self, now: Instant) -> When {
        effective((self.start, self.end), (self.actual_start, self.actual_end), now)
    }
}

impl Release {
    /// Names somebody who is tied to it; the first is the one shown, where none is yet. Somebody of whom nothing is said
    /// is nobody.
    pub fn involve(&mut self, named: Named) {
        let Some(shown) = named.shown().cloned() else { return };
        self.manager.get_or_insert(shown);
        self.people.push(named);
    }

    /// A release with nothing but its id.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            name: Line::default(),
            version: Line::default(),
            kind: minor(),
            state: planning(),
            manager: None,
            people: Vec::new(),
            sprint: None,
            services: Vec::new(),
            phases: Vec::new(),
            acceptance: Vec::new(),
            success: Vec::new(),
            contingency: Prose::default(),
            rollback_all_minutes: None,
            defects: Vec::new(),
            url: None,
            updated_at: None,
            extra: Extra::default(),
        }
    }
}
