//! The catalogue of standard changes: every template with how it stands and what came of it, and what could be one
//! (rules § Standard changes).

use serde::{Deserialize, Serialize};

use super::{Ledger, suggestions::Suggestion};
use crate::{
    model::{Blamed, Change, Id, Instant, Line, Outcome, Stands, Template, Why},
    rules::approval::{NotAutomatic, auto},
};

/// Every template and suggestion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalogue {
    /// By id.
    pub templates: Vec<TemplateView>,
    pub suggestions: Vec<Suggestion>,
    /// A policy of the board approves by template. Where none does, what is made from a template is voted on.
    pub automatic: bool,
}

/// A template as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateView {
    pub template: Template,
    pub state: TemplateState,
    /// Since when it is approved, suspended or retired, where that is on record.
    pub since: Option<Instant>,
    /// What suspended it.
    pub why: Option<SuspendedBy>,
    /// The number of the round that is open on it.
    pub round: Option<u32>,
    /// When it is to be looked at again; past, that is due.
    pub review_due: Option<Instant>,
    /// Its terms are in the board's rules, where an admin changes them.
    pub by_rules: bool,
    /// Changes made from it, as the records say.
    pub made: u32,
    /// Those of them that failed or were backed out.
    pub failed: u32,
}

/// How a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TemplateState {
    Proposed,
    Approved,
    /// Its last day is past.
    Expired,
    Suspended,
    Retired,
}

/// What suspended a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SuspendedBy {
    /// The change; none where somebody said so.
    pub item: Option<Id>,
    /// In a sentence.
    pub said: Line,
}

impl Ledger {
    /// The catalogue at an instant.
    #[must_use]
    pub fn catalogue(&self, now: Instant) -> Catalogue {
        let mut made: std::collections::BTreeMap<&Id, (u32, u32)> = std::collections::BTreeMap::new();
        for change in self.facts.changes() {
            if let Some(template) = &change.template {
                let (all, failed) = made.entry(template).or_default();
                *all += 1;
                *failed += u32::from(went_wrong(change));
            }
        }
        let view = |template: &Template| {
            let (made, failed) = made.get(&template.id).copied().unwrap_or_default();
            TemplateView { made, failed, ..self.template_view(template, now) }
        };
        let mut templates: Vec<TemplateView> = self.rules().templates.iter().map(view).collect();
        templates.sort_by(|a, b| a.template.id.cmp(&b.template.id));
        Catalogue {
            templates,
            suggestions: self.suggestions(now),
            automatic: self.fold.rules.policies.iter().any(|policy| policy.auto),
        }
    }

    fn template_view(&self, template: &Template, now: Instant) -> TemplateView {
        let id = &template.id;
        let (since, why) = match &template.stands {
            Stands::ByRules => (self.fold.ruled.get(id).copied(), None),
            Stands::Proposed => (None, None),
            Stands::Approved { at } | Stands::Retired { at } => (Some(*at), None),
            Stands::Suspended { at, why } => (Some(*at), Some(suspended_by(why))),
        };
        let state = match auto::in_force(template, now) {
            Ok(()) => TemplateState::Approved,
            Err(NotAutomatic::Expired { .. }) => TemplateState::Expired,
            Err(NotAutomatic::Suspended { .. }) => TemplateState::Suspended,
            Err(NotAutomatic::Retired { .. }) => TemplateState::Retired,
            Err(_) => TemplateState::Proposed,
        };
        TemplateView {
            template: template.clone(),
            state,
            since,
            why,
            round: self.fold.open_round(id).map(|round| round.number),
            review_due: template.review_due(),
            by_rules: self.proposal(id).is_none(),
            made: 0,
            failed: 0,
        }
    }
}

fn went_wrong(change: &Change) -> bool {
    let outcome = change.outcome.as_ref().map(|outcome| outcome.value);
    matches!(outcome, Some(Outcome::Failed | Outcome::BackedOut))
}

fn suspended_by(why: &Why) -> SuspendedBy {
    match why {
        Why::Said { reason } => SuspendedBy { item: None, said: Line::new(&reason.words()) },
        Why::Change { item, blamed } => {
            SuspendedBy { item: Some(item.clone()), said: Line::new(&blame(item, blamed)) }
        }
    }
}

/// `CHG0030042, made from it, failed`.
#[must_use]
pub fn blame(item: &Id, blamed: &Blamed) -> String {
    match blamed {
        Blamed::Failed => format!("{item}, made from it, failed"),
        Blamed::BackedOut => format!("{item}, made from it, was backed out"),
        Blamed::Caused(incident) => format!("{item}, made from it, caused {incident}"),
    }
}
