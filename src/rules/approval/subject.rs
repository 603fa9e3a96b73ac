//! An item as policies, floors and templates see it (rules § Routing).

use std::collections::BTreeSet;

use crate::{
    model::{Change, Id, Kind, Line, Release, ReleaseType, Risk, RuleId},
    rules::facts::{Facts, same_name},
};

/// What the conflict rows say about an item, as far as routing asks. Rows of C17 are not among them: it reads decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clashes {
    /// Rules with an open row that names the item.
    pub open: BTreeSet<RuleId>,
    /// One of them is a `block`.
    pub open_block: bool,
    /// Freezes that hit the item and do not allow it.
    pub freezes: Vec<Id>,
}

/// An item as policies, floors and templates see it.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    pub facts: &'a Facts,
    pub clashes: &'a Clashes,
    pub what: Item<'a>,
}

/// What is decided.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    Change(&'a Change),
    Release(&'a Release),
}

impl<'a> Subject<'a> {
    /// The item with this id.
    #[must_use]
    pub fn of(facts: &'a Facts, clashes: &'a Clashes, id: &Id) -> Option<Self> {
        let what = match facts.change(id) {
            Some(change) => Item::Change(change),
            None => Item::Release(facts.release(id)?),
        };
        Some(Self { facts, clashes, what })
    }

    /// The declared risk; a release declares none.
    #[must_use]
    pub fn declared(&self) -> Risk {
        match self.what {
            Item::Change(change) => change.risk.value,
            Item::Release(_) => Risk::Unknown,
        }
    }

    /// Whether the record says emergency; then other policies and shorter rounds may apply.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        match self.what {
            Item::Change(change) => change.kind.value == Kind::Emergency,
            Item::Release(release) => release.kind.value == ReleaseType::Emergency,
        }
    }

    pub(super) fn services(&self) -> Vec<&'a Line> {
        match self.what {
            Item::Change(change) => change.services.iter().collect(),
            Item::Release(release) => {
                release.services.iter().chain(release.phases.iter().flat_map(|p| &p.services)).collect()
            }
        }
    }

    pub(super) fn environments(&self) -> Vec<&'a Line> {
        match self.what {
            Item::Change(change) => change.environment.iter().collect(),
            Item::Release(release) => release.phases.iter().filter_map(|p| p.environment.as_ref()).collect(),
        }
    }

    pub(super) fn has_service(&self, names: &[Line]) -> bool {
        self.services().iter().any(|own| names.iter().any(|name| self.facts.same_service(own, name)))
    }

    pub(super) fn has_environment(&self, names: &[Line]) -> bool {
        self.environments().iter().any(|own| names.iter().any(|name| same_name(own, name)))
    }

    pub(super) fn has_kind(&self, kinds: &[Kind]) -> bool {
        match self.what {
            Item::Change(change) => kinds.contains(&change.kind.value.treated()),
            Item::Release(_) => false,
        }
    }

    pub(super) fn tier(&self) -> Option<u8> {
        self.services().into_iter().filter_map(|name| self.facts.tier(name)).min()
    }

    pub(super) fn no_rollback_plan(&self) -> bool {
        match self.what {
            Item::Change(change) => change.rollback_plan.is_no_plan(),
            Item::Release(release) => release.contingency.is_no_plan(),
        }
    }

    pub(super) fn soft_freezes(&self) -> impl Iterator<Item = &'a crate::model::Window> {
        let facts = self.facts;
        self.clashes.freezes.iter().filter_map(move |id| facts.window(id)).filter(|window| !window.hard)
    }
}
