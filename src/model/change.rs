//! A change: what somebody wants to do to services, when, how, and how it is undone.

use serde::{Deserialize, Serialize};

use super::{
    extra::Extra,
    id::Id,
    named::{Named, Part},
    template::Template,
    text::{Line, Prose},
    time::{Instant, When, effective},
    word::{Word, vocabulary},
};

pub use super::risk::Risk;

vocabulary! {
    /// Kind of a change. Unknown is treated as normal.
    Kind, "kind" { Standard = "standard", Normal = "normal", Emergency = "emergency" }
}
vocabulary! {
    /// State of a change, the source's word. Unknown is treated as live and undecided.
    State, "state" {
        Draft = "draft", Assess = "assess", Authorize = "authorize", Scheduled = "scheduled", Implement = "implement",
        Review = "review", Closed = "closed", Cancelled = "cancelled", Rejected = "rejected",
    }
}
vocabulary! {
    /// Business impact, ordered.
    Impact, "impact" { Low = "low", Moderate = "moderate", High = "high", VeryHigh = "very_high" }
}
vocabulary! {
    /// How a finished change ended.
    Outcome, "outcome" {
        Successful = "successful", SuccessfulWithIssues = "successful_with_issues", Failed = "failed", BackedOut = "backed_out",
    }
}
vocabulary! {
    /// What the owning system says about approval.
    Approval, "approval" { Requested = "requested", Approved = "approved", Rejected = "rejected", NotRequired = "not_required" }
}

impl Kind {
    /// The kind that rules use: unknown counts as normal.
    #[must_use]
    pub fn treated(self) -> Self {
        match self {
            Self::Unknown => Self::Normal,
            Self::Standard | Self::Normal | Self::Emergency => self,
        }
    }
}

impl State {
    /// Live (rules § Things): not draft, closed, cancelled or rejected. Unknown is live.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Draft | Self::Closed | Self::Cancelled | Self::Rejected)
    }
}

/// An interval in which a service is down, as part of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outage {
    pub start: Instant,
    pub end: Instant,
}

/// One step of a plan with the check that shows it worked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Step {
    pub text: Prose,
    /// How one sees that it worked; none where the step says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Prose>,
    pub done: bool,
    /// How long it is expected to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Who does it, where that is not the owner of the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Line>,
    /// How long undoing it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_minutes: Option<u32>,
    /// Once it has begun there is no way back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub point_of_no_return: bool,
    /// The service is there again once it is done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ends_outage: bool,
}

/// A change record, in the shape of the board file. Every field but `id` is optional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    pub id: Id,
    #[serde(default)]
    pub title: Line,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub description: Prose,
    /// Why the change is wanted.
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub reason: Prose,
    #[serde(default = "normal")]
    pub kind: Word<Kind>,
    #[serde(default = "draft")]
    pub state: Word<State>,
    #[serde(default)]
    pub risk: Word<Risk>,
    #[serde(default, skip_serializing_if = "Word::says_nothing")]
    pub impact: Word<Impact>,
    /// Person ids, logins or e-mail addresses as the source wrote them; matched to people by `rules::facts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Line>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Line>,
    /// Everybody who is tied to it, in every way the source knows them. Whom `requester` and `owner` write is one of
    /// them, or somebody more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Named>,
    /// The group that does it, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Line>,
    /// Who presents it; none where nobody was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presenter: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    /// Where it takes place, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Line>,
    /// When it is to begin; none where nobody said: it then clashes with nothing, which is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_start: Option<Instant>,
    /// When it is to end; none where nobody said: it then clashes with nothing, which is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_end: Option<Instant>,
    /// When it really began; none where it did not, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_start: Option<Instant>,
    /// When it really ended; none where it did not, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_end: Option<Instant>,
    /// When its services are down; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Outage>,
    /// When the approval was asked for; none where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Instant>,
    /// The last edit that moved the start earlier (rule C12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub implementation_plan: Prose,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub test_plan: Prose,
    /// The system it comes from has no field for a test plan, so that none is missing (rule C16).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_test_plan_field: bool,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub rollback_plan: Prose,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_minutes: Option<u32>,
    /// What undoes the steps, in the order in which it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollback_steps: Vec<Step>,
    /// Who besides the owner carries it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<Line>,
    /// Where those who carry it out talk: a number, a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Line>,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub communication_plan: Prose,
    #[serde(default, skip_serializing_if = "Prose::is_empty")]
    pub success_check: Prose,
    /// Changes that must be done before this one (rule C10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Id>,
    /// The release that carries it; none is on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Id>,
    /// The template it was made from; none was made from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Id>,
    /// Of the proposal of a template: its terms, on which the board votes. Counts for records of the board alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposes: Option<Box<Template>>,
    /// What the owning system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Word<Approval>>,
    /// How it went; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Word<Outcome>>,
    /// Incidents it caused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Line>,
    /// Incidents it is meant to fix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Line>,
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

fn normal() -> Word<Kind> {
    Kind::Normal.into()
}

fn draft() -> Word<State> {
    State::Draft.into()
}

impl Change {
    /// Whether a test plan is missing: there is none, and it could have been written where the change comes from.
    #[must_use]
    pub fn lacks_test_plan(&self) -> bool {
        self.test_plan.is_no_plan() && !self.no_test_plan_field
    }

    /// A change with nothing but its id.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            title: Line::default(),
            description: Prose::default(),
            reason: Prose::default(),
            kind: normal(),
            state: draft(),
            risk: Word::default(),
            impact: Word::default(),
            requester: None,
            owner: None,
            people: Vec::new(),
            group: None,
            presenter: None,
            stakeholders: Vec::new(),
            services: Vec::new(),
            environment: None,
            planned_start: None,
            planned_end: None,
            actual_start: None,
            actual_end: None,
            outage: None,
            submitted_at: None,
            moved_at: None,
            steps: Vec::new(),
            implementation_plan: Prose::default(),
            test_plan: Prose::default(),
            no_test_plan_field: false,
            rollback_plan: Prose::default(),
            rollback_minutes: None,
            rollback_steps: Vec::new(),
            operators: Vec::new(),
            bridge: None,
            communication_plan: Prose::default(),
            success_check: Prose::default(),
            after: Vec::new(),
            release: None,
            template: None,
            proposes: None,
            approval: None,
            outcome: None,
            incidents: Vec::new(),
            fixes: Vec::new(),
            url: None,
            updated_at: None,
            extra: Extra::default(),
        }
    }

    /// Names somebody who is tied to it; the first of a part is the one shown, where none is yet. Somebody of whom
    /// nothing is said is nobody.
    pub fn involve(&mut self, named: Named) {
        let Some(shown) = named.shown().cloned() else { return };
        match named.part {
            Part::Requester => self.requester.get_or_insert(shown),
            Part::Owner | Part::Manager => self.owner.get_or_insert(shown),
        };
        self.people.push(named);
    }

    /// The effective times (rules § Things).
    #[must_use]
    pub fn when(&self, now: Instant) -> When {
        effective((self.planned_start, self.planned_end), (self.actual_start, self.actual_end), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_changes_are_no_weight() {
        // Bytes beside their texts; a field more is a field times all changes of a board.
        assert!(size_of::<Change>() <= 576, "{}", size_of::<Change>());
        assert_eq!(size_of::<Option<Line>>(), size_of::<usize>());
        assert_eq!(size_of::<Option<Instant>>(), size_of::<Instant>());
    }
}
