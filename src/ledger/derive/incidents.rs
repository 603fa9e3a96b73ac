//! What has to do with which incident: the word of sources and of people, and the order of time (numbers § Incidents).
//!
//! An item counts as the cause only where it began at or before the opening; one that began later is likely the fix.

use std::collections::{BTreeSet, HashSet};

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    model::{Change, Id, Incident, Instant, Line, Relation, SourceId},
    rules::facts::fold,
};

/// An incident with what has to do with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentView {
    pub record: Incident,
    pub source: SourceId,
    pub open: bool,
    pub links: Vec<IncidentLink>,
}

/// A change or a release that has to do with an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentLink {
    pub item: Id,
    pub title: Line,
    pub relation: Relation,
    /// When the item began, by its effective times.
    pub began: Option<Instant>,
    pub said_by: LinkedBy,
    /// Of a cause: it began at or before the opening, or it cannot be told that it did not.
    pub counts: bool,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkedBy {
    /// The record of the incident.
    Incident,
    /// The record of the item.
    Item,
    /// Somebody on this board.
    Person,
}

/// Which items caused which incidents, of the whole board.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    /// Incidents that count as caused by an item.
    pub of: HashMap<Id, Vec<Id>>,
}

impl Causes {
    /// The incidents that name this item as their cause; empty where none does.
    #[must_use]
    pub fn by(&self, item: &Id) -> &[Id] {
        self.of.get(item).map_or(&[], Vec::as_slice)
    }
}

/// The changes that name an incident, by the folded name.
type Naming<'a> = HashMap<String, Vec<(&'a Change, Relation)>>;

impl Ledger {
    /// All incidents that pass, as they are shown, the newest opening first.
    #[must_use]
    pub fn incident_views(&self, pass: impl Fn(&Incident) -> bool) -> Vec<IncidentView> {
        let naming = self.naming();
        let chosen = self.facts.incidents().filter(|incident| pass(incident));
        let mut views: Vec<IncidentView> = chosen.map(|incident| self.view(incident, &naming)).collect();
        views.sort_by(|x, y| {
            y.record.opened.cmp(&x.record.opened).then_with(|| x.record.id.cmp(&y.record.id))
        });
        views
    }

    /// What has to do with an incident.
    #[must_use]
    pub fn incident_links(&self, incident: &Incident) -> Vec<IncidentLink> {
        self.links(incident, &self.naming())
    }

    /// Which incidents count as caused by which item.
    #[must_use]
    pub fn causes(&self) -> Causes {
        let naming = self.naming();
        let mut causes = Causes::default();
        let mut told: HashSet<String> = HashSet::new();
        for incident in self.facts.incidents() {
            if !naming.is_empty() {
                told.extend(names_of(incident).filter(|name| naming.contains_key(name)));
            }
            for link in self.links(incident, &naming) {
                if link.relation == Relation::CausedBy && link.counts {
                    causes.of.entry(link.item).or_default().push(incident.id.clone());
                }
            }
        }
        // A change names incidents that no source tells of: its word stands.
        for change in self.facts.changes().filter(|change| !change.incidents.is_empty()) {
            let unknown = change.incidents.iter().filter(|name| !told.contains(&fold(name)));
            let ids = unknown.filter_map(|name| Id::new(name).ok());
            for id in ids.filter(|id| self.said(id, Relation::CausedBy, &change.id) != Some(false)) {
                causes.of.entry(change.id.clone()).or_default().push(id);
            }
        }
        causes
    }

    /// An incident that counts as caused by a change, opened at or after an instant where one is named.
    pub(super) fn caused_by(&self, change: &Change, since: Option<Instant>) -> Option<Id> {
        let since = |opened: Option<Instant>| since.is_none_or(|at| opened.is_none_or(|opened| opened >= at));
        let own: Vec<String> = change.incidents.iter().map(|name| fold(name)).collect();
        let mut known = false;
        for incident in self.facts.incidents() {
            let named = names_of(incident).any(|name| own.contains(&name));
            known |= named;
            let said = self.said(&incident.id, Relation::CausedBy, &change.id);
            let theirs =
                || incident.named(Relation::CausedBy).iter().any(|id| *self.facts.whole(id) == change.id);
            let linked = said.unwrap_or_else(|| named || theirs());
            if linked && since(incident.opened) {
                let link = self.link(incident, &change.id, Relation::CausedBy, LinkedBy::Incident);
                if link.counts {
                    return Some(incident.id.clone());
                }
            }
        }
        // A change names an incident that no source tells of: its word stands.
        let first = change.incidents.first().filter(|_| !known)?;
        let id = Id::new(first).ok()?;
        (self.said(&id, Relation::CausedBy, &change.id) != Some(false)).then_some(id)
    }

    fn view(&self, incident: &Incident, naming: &Naming<'_>) -> IncidentView {
        let source = self.facts.source_of(crate::model::RecordKind::Incident, &incident.id);
        IncidentView {
            source: source.cloned().unwrap_or_else(SourceId::board),
            open: incident.is_open(),
            links: self.links(incident, naming),
            record: incident.clone(),
        }
    }

    fn naming(&self) -> Naming<'_> {
        let mut naming = Naming::default();
        for change in self.facts.changes() {
            for (list, relation) in
                [(&change.incidents, Relation::CausedBy), (&change.fixes, Relation::FixedBy)]
            {
                for name in list {
                    naming.entry(fold(name)).or_default().push((change, relation));
                }
            }
        }
        naming
    }

    fn said(&self, incident: &Id, relation: Relation, item: &Id) -> Option<bool> {
        self.fold.links.get(&(incident.clone(), relation, item.clone())).copied()
    }

    fn links(&self, incident: &Incident, naming: &Naming<'_>) -> Vec<IncidentLink> {
        let mut links = Vec::new();
        let mut seen = BTreeSet::new();
        let mut add = |item: &Id, relation: Relation, said_by: LinkedBy| {
            let item = self.facts.whole(item);
            if said_by != LinkedBy::Person && self.said(&incident.id, relation, item) == Some(false) {
                return;
            }
            if seen.insert((relation, item.clone())) {
                links.push(self.link(incident, item, relation, said_by));
            }
        };
        for relation in [Relation::CausedBy, Relation::FixedBy] {
            for item in incident.named(relation) {
                add(item, relation, LinkedBy::Incident);
            }
        }
        for name in names_of(incident).take(if naming.is_empty() { 0 } else { 2 }) {
            for (change, relation) in naming.get(&name).into_iter().flatten() {
                add(&change.id, *relation, LinkedBy::Item);
            }
        }
        // The keys of one incident stand together, in order of relation.
        let from = (incident.id.clone(), Relation::CausedBy, Id::constant(" "));
        let own = self.fold.links.range(from..).take_while(|((id, ..), _)| *id == incident.id);
        for ((_, relation, item), _) in own.filter(|(_, linked)| **linked) {
            add(item, *relation, LinkedBy::Person);
        }
        links
    }

    fn link(&self, incident: &Incident, item: &Id, relation: Relation, said_by: LinkedBy) -> IncidentLink {
        let began = self.began(item);
        let later = began.zip(incident.opened).is_some_and(|(began, opened)| began > opened);
        let title = match (self.facts.change(item), self.facts.release(item)) {
            (Some(change), _) => change.title.clone(),
            (None, Some(release)) => release.name.clone(),
            (None, None) => Line::default(),
        };
        IncidentLink { item: item.clone(), title, relation, began, said_by, counts: !later }
    }

    /// When a change began, or the first phase of a release.
    #[must_use]
    pub fn began(&self, item: &Id) -> Option<Instant> {
        match self.facts.release(item) {
            Some(release) => {
                release.phases.iter().filter_map(|phase| phase.actual_start.or(phase.start)).min()
            }
            None => self.facts.row(item)?.start,
        }
    }
}

/// How an incident is named by others: by its id, and as its source has it.
fn names_of(incident: &Incident) -> impl Iterator<Item = String> {
    let whole = fold(incident.id.as_str());
    let native = whole.split_once(':').map(|(_, native)| native.to_owned());
    std::iter::once(whole).chain(native)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::{
        command::{Command, ProblemKind},
        desk::{Desk, id},
    };

    /// Incidents on one service, and changes before and after each.
    fn desk() -> Desk {
        let change = |name: &str, start: &str, extra: serde_json::Value| {
            let mut change = json!({"id": name, "title": name, "state": "closed", "owner": "j.lind", "requester": "p.novak",
                "services": ["lb-01"], "actual_start": start, "actual_end": "2026-11-20T12:00:00Z"});
            for (key, value) in extra.as_object().unwrap() {
                change[key] = value.clone();
            }
            change
        };
        Desk::payments(json!({
            "changes": [
                change("OLD", "2026-11-20T10:00:00Z", json!({})),
                change("NEW", "2026-11-20T11:30:00Z", json!({"incidents": ["I1", "GONE"], "fixes": ["i2"]})),
                change("SAME", "2026-11-20T11:00:00Z", json!({"incidents": ["I1"]})),
            ],
            "incidents": [
                {"id": "I1", "opened": "2026-11-20T11:00:00Z", "restored": "2026-11-20T12:00:00Z", "services": ["lb-01"],
                 "caused_by": ["OLD"], "fixed_by": ["NEW"]},
                {"id": "I2", "opened": "2026-11-20T11:00:00Z", "services": ["lb-01"]},
                {"id": "I3", "services": ["lb-01"], "caused_by": ["NEW"]},
            ],
        }))
    }

    fn told(desk: &Desk, incident: &str) -> Vec<String> {
        let record = desk.ledger.facts().incident(&id(incident)).unwrap();
        let links = desk.ledger.incident_links(record);
        links
            .iter()
            .map(|l| {
                format!("{} {} {}", l.relation.word(), l.item, if l.counts { "counts" } else { "later" })
            })
            .collect()
    }

    fn link(
        desk: &mut Desk,
        who: &str,
        item: &str,
        linked: bool,
        reason: &str,
    ) -> Result<String, ProblemKind> {
        let reason = Some(crate::model::Prose::new(reason));
        let (incident, item, relation) = (id("I2"), id(item), Relation::CausedBy);
        let command = Command::LinkIncident { incident, item, relation, linked, reason };
        desk.act(who, command).map_err(|problem| problem.kind)
    }

    #[test]
    fn a_cause_began_at_or_before_the_opening() {
        let desk = desk();
        let want =
            ["caused by OLD counts", "fixed by NEW counts", "caused by NEW later", "caused by SAME counts"];
        let mut found = told(&desk, "I1");
        found.sort();
        let mut sorted = want.map(str::to_owned);
        // A fix began after the opening, as a fix does: that it is later says nothing against it.
        sorted[1] = "fixed by NEW later".to_owned();
        sorted.sort();
        assert_eq!(found, sorted);
        assert_eq!(told(&desk, "I2"), ["fixed by NEW later"], "a change names it, in other case");
        assert_eq!(
            told(&desk, "I3"),
            ["caused by NEW counts"],
            "without a time of opening it is not in its favour"
        );
        let causes = desk.ledger.causes();
        let of =
            |item: &str| causes.by(&id(item)).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!((&*of("OLD"), &*of("SAME"), &*of("NEW")), ("I1", "I1", "I3 GONE"));
    }

    #[test]
    fn people_link_and_take_back_by_right() {
        let mut desk = desk();
        use ProblemKind::{Invalid, NotAllowed};
        assert_eq!(link(&mut desk, "x.out", "OLD", true, ""), Err(NotAllowed), "no seat");
        assert_eq!(link(&mut desk, "p.novak", "OLD", true, ""), Err(NotAllowed), "the requester");
        assert_eq!(link(&mut desk, "j.lind", "OLD", true, "").unwrap(), "I2 is caused by OLD", "the owner");
        assert_eq!(link(&mut desk, "k.wu", "OLD", true, ""), Err(Invalid), "already");
        assert!(told(&desk, "I2").contains(&"caused by OLD counts".to_owned()));
        assert_eq!(
            link(&mut desk, "j.lind", "OLD", false, "no"),
            Err(NotAllowed),
            "its owner does not clear it"
        );
        assert_eq!(link(&mut desk, "k.wu", "OLD", false, " "), Err(Invalid), "without a reason");
        assert_eq!(link(&mut desk, "k.wu", "OLD", false, "the disk").unwrap(), "I2 is not caused by OLD");
        assert_eq!(told(&desk, "I2"), ["fixed by NEW later"]);
        assert_eq!(desk.folded().links, desk.ledger.fold().links, "the log alone says it");
        // What a source says is taken back the same way.
        let command = Command::LinkIncident {
            incident: id("I1"),
            item: id("OLD"),
            relation: Relation::CausedBy,
            linked: false,
            reason: Some("the disk".into()),
        };
        desk.act("k.wu", command).unwrap();
        assert!(!told(&desk, "I1").contains(&"caused by OLD counts".to_owned()));
        assert!(desk.ledger.causes().by(&id("OLD")).is_empty());
    }
}
