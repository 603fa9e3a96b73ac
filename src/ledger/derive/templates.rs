//! Templates of standard changes as they stand: those of the board's rules and those it voted on (rules § Standard changes).

use std::sync::Arc;

use super::Ledger;
use crate::{
    ledger::fold::Renown,
    model::{Blamed, Change, Id, Instant, Outcome, RecordKind, RuleBook, SourceId, Stands, Template},
    rules::approval::auto,
};

/// The rules with the templates that are in force, and the rules they were made of.
#[derive(Debug, Clone, Default)]
pub(super) struct InForce {
    of: Arc<RuleBook>,
    pub rules: Arc<RuleBook>,
}

impl Ledger {
    /// The board's rules, with its templates as the record says that they stand.
    #[must_use]
    pub fn rules(&self) -> &Arc<RuleBook> {
        &self.in_force.rules
    }

    /// A template by its id, as it stands.
    #[must_use]
    pub fn template(&self, id: &Id) -> Option<&Template> {
        self.rules().templates.iter().find(|template| template.id == *id)
    }

    /// The board's own record of a proposal: the item under which a template is decided.
    #[must_use]
    pub fn proposal(&self, id: &Id) -> Option<&Change> {
        let change = self.facts.change(id).filter(|change| change.proposes.is_some())?;
        let source = self.facts.source_of(RecordKind::Change, id);
        source.is_none_or(SourceId::is_board).then_some(change)
    }

    /// Puts templates as they stand in place; says whether that changes anything.
    pub(super) fn derive_templates(&mut self) -> bool {
        let ruled = Arc::ptr_eq(&self.in_force.of, &self.fold.rules);
        if self.fold.templates.is_empty() {
            if !ruled {
                self.in_force = InForce { of: self.fold.rules.clone(), rules: self.fold.rules.clone() };
            }
            return false;
        }
        let templates = self.standing_templates();
        let differ = self.in_force.rules.templates != templates;
        if differ || !ruled {
            let rules = RuleBook { templates, ..RuleBook::clone(&self.fold.rules) };
            self.in_force = InForce { of: self.fold.rules.clone(), rules: Arc::new(rules) };
        }
        differ
    }

    fn standing_templates(&self) -> Vec<Template> {
        let mut templates = Vec::new();
        for ruled in &self.fold.rules.templates {
            let renown = self.fold.templates.get(&ruled.id);
            if renown.is_none_or(|renown| self.own_terms(&ruled.id, renown).is_none()) {
                let stands = renown.and_then(Renown::against).unwrap_or_default();
                templates.push(Template { stands, ..ruled.clone() });
            }
        }
        for (id, renown) in &self.fold.templates {
            if let Some(terms) = self.own_terms(id, renown) {
                let stands = renown.against().unwrap_or_else(|| self.approved(id));
                templates.push(Template { id: id.clone(), stands, ..terms.clone() });
            }
        }
        templates
    }

    /// The terms that the board votes on, or did.
    fn own_terms(&self, id: &Id, renown: &Renown) -> Option<&Template> {
        if !renown.proposed {
            return None;
        }
        self.proposal(id)?.proposes.as_deref()
    }

    /// Whether a round approved the terms as they are.
    fn approved(&self, id: &Id) -> Stands {
        let revision = self.facts.revision(id);
        let item = self.fold.get(id).zip(revision).filter(|(item, revision)| item.approves(revision));
        match item.and_then(|(item, _)| item.approval.as_ref()) {
            Some(approval) => Stands::Approved { at: approval.at },
            None => Stands::Proposed,
        }
    }

    /// The template that a change has to answer for: made from its current approval, failed, backed out, or the cause of an
    /// incident since (rules § Standard changes).
    #[must_use]
    pub fn to_blame(&self, change: &Change, now: Instant) -> Option<(&Template, Blamed)> {
        let item = self.fold.get(&change.id)?;
        let template = self.template(change.template.as_ref()?)?;
        auto::in_force(template, now).ok()?;
        let since = match template.stands {
            Stands::Approved { at } => Some(at),
            Stands::ByRules => self.fold.ruled.get(&template.id).copied(),
            Stands::Proposed | Stands::Suspended { .. } | Stands::Retired { .. } => return None,
        };
        // One that a clash put before the board is made from it too. One that waited for the approval and began under it is of
        // it as well; one that had begun keeps the one before.
        let by_template = item.approval.as_ref().filter(|approval| approval.template.is_some());
        let seen = item.sightings.first().map(|(seen, _)| *seen);
        let made = by_template.map(|approval| approval.at).or(change.submitted_at).or(seen);
        let of_it = |at: &Instant| {
            made.is_none_or(|made| made >= *at) || change.actual_start.is_some_and(|started| started >= *at)
        };
        let ended_after = |at: &Instant| change.actual_end.is_none_or(|ended| ended >= *at);
        if since.is_some_and(|at| !of_it(&at) || !ended_after(&at)) {
            return None;
        }
        let blamed = match change.outcome.as_ref().map(|outcome| outcome.value) {
            Some(Outcome::Failed) => Blamed::Failed,
            Some(Outcome::BackedOut) => Blamed::BackedOut,
            Some(Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown) | None => {
                Blamed::Caused(self.caused_by(change, since)?)
            }
        };
        let renown = self.fold.templates.get(&template.id);
        let answered = renown.is_some_and(|renown| renown.has_answered(&change.id, &blamed));
        (!answered).then_some((template, blamed))
    }
}
