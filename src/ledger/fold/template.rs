//! Templates of standard changes as the log knows them: since when one is suspended, or over (rules § Standard changes).

use std::sync::Arc;

use super::{Fold, Stamp};
use crate::{
    ledger::event::TemplateAct,
    model::{Blamed, Id, Instant, RuleBook, Stands, Why},
};

/// What the record says of a template besides its rounds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renown {
    /// Since when it is suspended, and why; none where it is not.
    pub suspended: Option<(Instant, Why)>,
    /// When it was retired; none where it was not.
    pub retired: Option<Instant>,
    /// It was proposed here: its terms are those of the board's own record, not of its rules.
    pub proposed: bool,
    /// What it was suspended for and the board has approved it after: told once, however close the moments are.
    answered: Vec<(Id, Blamed)>,
}

impl Renown {
    /// How it stands where no approval of the board is in force; none where the record says nothing against it.
    #[must_use]
    pub fn against(&self) -> Option<Stands> {
        match (self.retired, &self.suspended) {
            (Some(at), _) => Some(Stands::Retired { at }),
            (None, Some((at, why))) => Some(Stands::Suspended { at: *at, why: why.clone() }),
            (None, None) => None,
        }
    }

    /// Whether the board has approved it after it was suspended for this.
    #[must_use]
    pub fn has_answered(&self, item: &Id, blamed: &Blamed) -> bool {
        self.answered.iter().any(|(known, what)| known == item && what == blamed)
    }
}

impl Fold {
    /// Rules were saved: a template of theirs is approved as of now where they say something new of it.
    pub(super) fn ruled(&mut self, stamp: Stamp<'_>, rules: Arc<RuleBook>) {
        for template in &rules.templates {
            if !self.rules.templates.contains(template) {
                self.ruled.insert(template.id.clone(), stamp.at);
            }
        }
        self.rules = rules;
    }

    /// A template was proposed, suspended, put before the board again, or retired.
    pub(super) fn of_template(&mut self, stamp: Stamp<'_>, id: &Id, act: &TemplateAct) {
        let renown = self.templates.entry(id.clone()).or_default();
        match act {
            TemplateAct::Proposed { .. } => {
                // What is proposed again while it is suspended stays so; after its end it begins anew.
                let suspended = renown.suspended.take().filter(|_| renown.retired.is_none());
                let answered = std::mem::take(&mut renown.answered);
                *renown = Renown { proposed: true, retired: None, suspended, answered };
            }
            TemplateAct::Suspended { why } => renown.suspended = Some((stamp.at, why.clone())),
            TemplateAct::Resubmitted { .. } => renown.proposed = true,
            TemplateAct::Retired { .. } => renown.retired = Some(stamp.at),
        }
    }

    /// A round of the board approved it: what it was suspended for was before the voters.
    pub(super) fn lift(&mut self, id: &Id) {
        if let Some(renown) = self.templates.get_mut(id)
            && let Some((_, Why::Change { item, blamed })) = renown.suspended.take()
        {
            renown.answered.push((item, blamed));
        }
    }
}
