//! Records of several systems that are one thing, or belong together (`settings.merging`).
//!
//! A copy is a change that another record tells better: it takes part in nothing, and its original speaks for both. What
//! is one follows from the records and the settings alone, in whatever order they came; `apply` keeps it up to date.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use regex_lite::Regex;

use super::{Facts, names::fold};
use crate::model::{Change, Id, Line, Mention, Merging, RecordKind, Release, SourceId};

/// A mention with its pattern read.
#[derive(Debug, Clone)]
struct Rule {
    mention: Mention,
    pattern: Regex,
}

/// What is joined with what.
#[derive(Debug, Clone, Default)]
pub(super) struct Merge {
    releases: Vec<Rule>,
    copies: Vec<Rule>,
    same: BTreeMap<Id, Id>,
    /// Copies, which are not among the changes of the facts.
    pub(super) hidden: BTreeMap<Id, Arc<Change>>,
    /// What each change points at as its original, whether or not that makes it a copy.
    points: BTreeMap<Id, Id>,
    pointed: BTreeMap<Id, BTreeSet<Id>>,
    /// The release of a change as it counts.
    pub(super) release: BTreeMap<Id, Id>,
    /// The changes whose source puts them into a release.
    pub(super) given: BTreeMap<Id, BTreeSet<Id>>,
    changes_named: HashMap<String, BTreeSet<Id>>,
    releases_named: HashMap<String, BTreeSet<Id>>,
    /// Changes by every name they may mean something by.
    saying: HashMap<String, BTreeSet<Id>>,
}

impl Rule {
    fn read(mention: &Mention) -> Option<Self> {
        // A pattern that cannot be read is refused when it is saved, and means nothing here.
        Some(Self { pattern: Regex::new(&mention.pattern).ok()?, mention: mention.clone() })
    }

    /// Whether the rule speaks of changes of this source.
    fn is_for(&self, source: Option<&SourceId>) -> bool {
        self.mention.from.is_none() || self.mention.from.as_ref() == source
    }

    fn leads_to(&self, source: Option<&SourceId>) -> bool {
        self.mention.to.is_none() || self.mention.to.as_ref() == source
    }

    /// The keys in the text of a change, folded.
    fn keys(&self, change: &Change) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for field in &self.mention.fields {
            for found in self.pattern.captures_iter(&text(change, field)) {
                keys.extend(found.get(1).or_else(|| found.get(0)).map(|key| fold(key.as_str())));
            }
        }
        keys.remove("");
        keys
    }
}

/// A field of a change as text, by its name.
fn text(change: &Change, field: &Line) -> String {
    match field.as_str() {
        "title" => change.title.to_string(),
        "description" => change.description.as_str().to_owned(),
        "reason" => change.reason.as_str().to_owned(),
        "url" => change.url.as_ref().map(ToString::to_string).unwrap_or_default(),
        other => match change.extra.get(other) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        },
    }
}

/// An id with and without its source, and an address.
fn names(id: &Id, url: Option<&Line>) -> BTreeSet<String> {
    let native = id.as_str().split_once(':').map(|(_, native)| native);
    let all = [Some(id.as_str()), native, url.map(Line::as_str)];
    all.into_iter().flatten().map(fold).filter(|name| !name.is_empty()).collect()
}

fn release_names(release: &Release) -> BTreeSet<String> {
    let mut all = names(&release.id, release.url.as_ref());
    let both = format!("{} {}", release.name, release.version);
    all.extend([release.name.as_str(), release.version.as_str(), &both].map(fold));
    all.remove("");
    all
}

fn enter(map: &mut HashMap<String, BTreeSet<Id>>, name: String, id: &Id) {
    map.entry(name).or_default().insert(id.clone());
}

fn leave(map: &mut HashMap<String, BTreeSet<Id>>, name: &str, id: &Id) {
    if let Some(ids) = map.get_mut(name) {
        ids.remove(id);
        if ids.is_empty() {
            map.remove(name);
        }
    }
}

impl Merge {
    /// As the settings say; nothing is known yet but what was hidden before, for the next rebuild.
    pub(super) fn of(settings: &Merging, hidden: BTreeMap<Id, Arc<Change>>) -> Self {
        Self {
            releases: settings.releases.iter().filter_map(Rule::read).collect(),
            copies: settings.copies.iter().filter_map(Rule::read).collect(),
            same: settings.same.iter().map(|same| (same.change.clone(), same.of.clone())).collect(),
            hidden,
            ..Self::default()
        }
    }

    /// Whether anything is joined by rule.
    pub(super) fn is_on(&self) -> bool {
        !(self.releases.is_empty() && self.copies.is_empty() && self.same.is_empty())
    }

    /// Forgets everything but the rules.
    pub(super) fn clear(&mut self) {
        let rules = std::mem::take(self);
        *self = Self { releases: rules.releases, copies: rules.copies, same: rules.same, ..Self::default() };
    }

    /// Everything a change may be joined by.
    fn joined_by(&self, change: &Change) -> BTreeSet<String> {
        let rules = self.releases.iter().chain(&self.copies);
        let mut said: BTreeSet<String> = rules.flat_map(|rule| rule.keys(change)).collect();
        said.extend(change.release.iter().map(|id| fold(id.as_str())));
        said.extend(self.same.get(&change.id).map(|of| fold(of.as_str())));
        said
    }

    /// A change came; whose joining may be another now.
    pub(super) fn know(&mut self, change: &Change) -> BTreeSet<Id> {
        let mut touched = BTreeSet::new();
        for key in self.joined_by(change) {
            enter(&mut self.saying, key, &change.id);
        }
        if let Some(release) = &change.release {
            self.given.entry(release.clone()).or_default().insert(change.id.clone());
        }
        for name in names(&change.id, change.url.as_ref()) {
            touched.extend(self.saying.get(&name).into_iter().flatten().cloned());
            enter(&mut self.changes_named, name, &change.id);
        }
        touched
    }

    /// A change went, or is about to be another.
    pub(super) fn forget(&mut self, change: &Change) -> BTreeSet<Id> {
        let mut touched = BTreeSet::new();
        for key in self.joined_by(change) {
            leave(&mut self.saying, &key, &change.id);
        }
        if let Some(given) = change.release.as_ref().and_then(|release| self.given.get_mut(release)) {
            given.remove(&change.id);
        }
        for name in names(&change.id, change.url.as_ref()) {
            leave(&mut self.changes_named, &name, &change.id);
            touched.extend(self.saying.get(&name).into_iter().flatten().cloned());
        }
        touched
    }

    pub(super) fn know_release(&mut self, release: &Release) -> BTreeSet<Id> {
        let mut touched = BTreeSet::new();
        for name in release_names(release) {
            touched.extend(self.saying.get(&name).into_iter().flatten().cloned());
            enter(&mut self.releases_named, name, &release.id);
        }
        touched
    }

    pub(super) fn forget_release(&mut self, release: &Release) -> BTreeSet<Id> {
        let mut touched = BTreeSet::new();
        for name in release_names(release) {
            leave(&mut self.releases_named, &name, &release.id);
            touched.extend(self.saying.get(&name).into_iter().flatten().cloned());
        }
        touched
    }

    /// Points a change at its original, or at none.
    pub(super) fn point(&mut self, id: &Id, original: Option<Id>) {
        if let Some(old) = self.points.remove(id)
            && let Some(others) = self.pointed.get_mut(&old)
        {
            others.remove(id);
        }
        if let Some(original) = original {
            self.pointed.entry(original.clone()).or_default().insert(id.clone());
            self.points.insert(id.clone(), original);
        }
    }

    /// The record that speaks for a change; among those that point at each other in a circle the smallest id.
    pub(super) fn whole<'a>(&'a self, id: &'a Id) -> &'a Id {
        let mut way = vec![id];
        let mut at = id;
        while let Some(next) = self.points.get(at) {
            if let Some(begin) = way.iter().position(|seen| *seen == next) {
                return way[begin..].iter().copied().min().unwrap_or(next);
            }
            way.push(next);
            at = next;
        }
        at
    }

    /// All that point at one of these, directly or not, with these.
    pub(super) fn hanging(&self, ids: &BTreeSet<Id>) -> BTreeSet<Id> {
        let mut found = ids.clone();
        let mut next: Vec<Id> = ids.iter().cloned().collect();
        while let Some(id) = next.pop() {
            for other in self.pointed.get(&id).into_iter().flatten() {
                if found.insert(other.clone()) {
                    next.push(other.clone());
                }
            }
        }
        found
    }
}

impl Facts {
    /// The record of a change, also of one that another speaks for.
    #[must_use]
    pub fn told(&self, id: &Id) -> Option<&Change> {
        self.told_shared(id).map(|change| &**change)
    }

    /// The same, shared.
    #[must_use]
    pub fn told_shared(&self, id: &Id) -> Option<&Arc<Change>> {
        self.changes.get(id).or_else(|| self.merge.hidden.get(id))
    }

    /// The id under which a change is shown and decided: its own, or that of the record that speaks for it.
    #[must_use]
    pub fn whole<'a>(&'a self, id: &'a Id) -> &'a Id {
        if self.merge.hidden.contains_key(id) { self.merge.whole(id) } else { id }
    }

    /// The copies a change speaks for, by id.
    #[must_use]
    pub fn copies(&self, id: &Id) -> Vec<&Arc<Change>> {
        if self.merge.hidden.is_empty() || self.merge.hidden.contains_key(id) {
            return Vec::new();
        }
        let hanging = self.merge.hanging(&BTreeSet::from([id.clone()]));
        hanging.iter().filter_map(|id| self.merge.hidden.get(id)).collect()
    }

    /// The release a change is part of: as its source says, else as it names one.
    #[must_use]
    pub fn release_of(&self, change: &Change) -> Option<Id> {
        match self.merge.is_on() {
            true => self.merge.release.get(&change.id).cloned(),
            false => change.release.clone(),
        }
    }

    /// The changes that their source puts into a release, which are a fact of it.
    pub(super) fn given(&self, release: &Id) -> Vec<Id> {
        if self.merge.is_on() {
            return self.merge.given.get(release).into_iter().flatten().cloned().collect();
        }
        self.bundle(release).cloned().collect()
    }

    /// Works out the release of a change that is shown; its copies speak for it too.
    pub(super) fn find_release(&self, change: &Change) -> Option<Id> {
        let copies = self.copies(&change.id);
        let all: Vec<&Change> =
            std::iter::once(change).chain(copies.into_iter().map(|copy| &**copy)).collect();
        let own = all.iter().filter_map(|change| change.release.as_ref());
        let known = own.clone().find(|id| self.releases.contains_key(*id)).cloned();
        let named = || all.iter().find_map(|change| one(self.releases_named(change)));
        known.or_else(named).or_else(|| change.release.clone())
    }

    /// The releases that a change names.
    pub(super) fn releases_named(&self, change: &Change) -> BTreeSet<Id> {
        self.mentioned(change, &self.merge.releases, &self.merge.releases_named, RecordKind::Release)
    }

    /// What a change points at as its original.
    pub(super) fn find_original(&self, change: &Change) -> Option<Id> {
        let same = self.merge.same.get(&change.id).filter(|of| **of != change.id);
        let known = |of: &&Id| {
            let named = self.merge.changes_named.get(&fold(of.as_str()));
            named.is_some_and(|ids| ids.contains(*of))
        };
        if let Some(of) = same.filter(known) {
            return Some(of.clone());
        }
        one(self.originals_named(change))
    }

    /// The changes of other sources that a change names as its original.
    pub(super) fn originals_named(&self, change: &Change) -> BTreeSet<Id> {
        let mut named =
            self.mentioned(change, &self.merge.copies, &self.merge.changes_named, RecordKind::Change);
        let own = self.source_of(RecordKind::Change, &change.id);
        named.retain(|id| self.source_of(RecordKind::Change, id) != own);
        named
    }

    fn mentioned(
        &self,
        change: &Change,
        rules: &[Rule],
        names: &HashMap<String, BTreeSet<Id>>,
        kind: RecordKind,
    ) -> BTreeSet<Id> {
        let own = self.source_of(RecordKind::Change, &change.id);
        let mut found = BTreeSet::new();
        for rule in rules.iter().filter(|rule| rule.is_for(own)) {
            let named = rule.keys(change).into_iter().filter_map(|key| names.get(&key)).flatten();
            found.extend(named.filter(|id| rule.leads_to(self.source_of(kind, id))).cloned());
        }
        found
    }
}

/// The only one, where it is the only one.
fn one(mut ids: BTreeSet<Id>) -> Option<Id> {
    if ids.len() == 1 { ids.pop_first() } else { None }
}

#[cfg(test)]
mod tests;
