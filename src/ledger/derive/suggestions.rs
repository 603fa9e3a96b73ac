//! Work that went well so often that it could be a standard change (rules § Standard changes).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Ledger, run::same_work};
use crate::{
    model::{Change, Id, Instant, Kind, Line, Outcome, Prose, time::DAY},
    rules::facts::fold,
};

/// How far back it is looked, in seconds.
const WITHIN: i64 = 180 * DAY;

/// Changes of one kind of work of which none failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    /// The title of the newest.
    pub title: Line,
    /// The classes of its services; a service without one stands for itself.
    pub classes: Vec<Line>,
    /// The successful ones, the newest first.
    pub changes: Vec<Id>,
}

/// What is the same work: the title without numbers and ids, and the classes of the services, folded.
type Work = (String, BTreeSet<String>);

/// What became of one kind of work.
#[derive(Default)]
struct Past<'a> {
    well: Vec<(Instant, &'a Change)>,
    failed: bool,
}

impl Ledger {
    /// What could be a standard change: enough of the same work went well in the last half year, and none failed. What is an
    /// emergency, or made from a template, counts for nothing, but any failure counts against it.
    #[must_use]
    pub fn suggestions(&self, now: Instant) -> Vec<Suggestion> {
        let enough = self.facts.settings().suggest_after as usize;
        if enough == 0 {
            return Vec::new();
        }
        let taken: BTreeSet<String> = self.rules().templates.iter().flat_map(titles).collect();
        let mut works: BTreeMap<Work, Past<'_>> = BTreeMap::new();
        for change in self.facts.changes() {
            let Some((ended, outcome)) = ended(change, now) else { continue };
            let Some(work) = self.repeated(change).filter(|(title, _)| !taken.contains(title)) else {
                continue;
            };
            let past = works.entry(work).or_default();
            let caused = || self.caused_by(change, None).is_some();
            match outcome {
                Outcome::Failed | Outcome::BackedOut => past.failed = true,
                Outcome::Successful | Outcome::SuccessfulWithIssues if caused() => past.failed = true,
                Outcome::Successful if is_routine(change) => past.well.push((ended, change)),
                Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown => {}
            }
        }
        let often = works.into_values().filter(|past| !past.failed && past.well.len() >= enough);
        let mut found: Vec<Suggestion> = often.filter_map(|past| self.suggestion(past.well)).collect();
        found.sort_by(|a, b| b.changes.len().cmp(&a.changes.len()).then_with(|| a.title.cmp(&b.title)));
        found
    }

    fn suggestion(&self, mut well: Vec<(Instant, &Change)>) -> Option<Suggestion> {
        well.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.id.cmp(&y.id)));
        let (_, newest) = well.first()?;
        Some(Suggestion {
            title: newest.title.clone(),
            classes: self.classes(newest),
            changes: well.iter().map(|(_, change)| change.id.clone()).collect(),
        })
    }

    /// None where it cannot be told what work it is: no words in its title, or no service.
    fn repeated(&self, change: &Change) -> Option<Work> {
        let title = same_work(&change.title);
        let classes: BTreeSet<String> = self.classes(change).iter().map(|name| fold(name)).collect();
        (!title.is_empty() && !classes.is_empty()).then_some((title, classes))
    }

    fn classes(&self, change: &Change) -> Vec<Line> {
        let class = |name: &Line| {
            let known = self.facts.service(name).and_then(|service| service.class.clone());
            known.unwrap_or_else(|| name.clone())
        };
        let mut classes: Vec<Line> = change.services.iter().map(class).collect();
        classes.sort();
        classes.dedup_by(|a, b| fold(a) == fold(b));
        classes
    }
}

/// When a change ended within the time that counts, and how. One without an end is no evidence.
fn ended(change: &Change, now: Instant) -> Option<(Instant, Outcome)> {
    let outcome = change.outcome.as_ref()?.value;
    let ended = change.actual_end.filter(|ended| *ended <= now && now - *ended <= WITHIN)?;
    Some((ended, outcome))
}

fn is_routine(change: &Change) -> bool {
    change.kind.value != Kind::Emergency && change.template.is_none() && change.proposes.is_none()
}

/// The works that a template is for, by its name and the title of its changes.
fn titles(template: &crate::model::Template) -> Vec<String> {
    let title = template.fields.get("title").and_then(serde_json::Value::as_str);
    let titles = title.map(Prose::new).map(|title| title.words());
    [Some(template.name.to_string()), titles].into_iter().flatten().map(|title| same_work(&title)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ledger::desk::{Desk, at};

    /// A change that ended some days ago.
    fn past(number: u32, days: i64, extra: Value) -> Value {
        let ended = at(-days * 24 * 60);
        let mut change = json!({"id": format!("P{number}"), "title": format!("Rotate the logs of host-{number:02} CHG{number}"),
            "state": "closed", "kind": "normal", "services": [if number.is_multiple_of(2) { "web" } else { "api" }],
            "outcome": "successful", "actual_start": ended.plus(-3600), "actual_end": ended});
        for (key, value) in extra.as_object().unwrap() {
            change[key] = value.clone();
        }
        change
    }

    fn found(extra: Value, changes: Vec<Value>) -> Vec<Suggestion> {
        let mut file = json!({"services": [{"id": "web", "class": "application"}, {"id": "api", "class": "Application"}, {"id": "db"}]});
        for (key, value) in extra.as_object().unwrap() {
            file[key] = value.clone();
        }
        file["changes"] = Value::Array(changes);
        let desk = Desk::payments(file);
        desk.ledger.suggestions(desk.now)
    }

    fn five(extra: Value) -> Vec<Value> {
        let mut all: Vec<Value> = (1..=4).map(|n| past(n, i64::from(n), json!({}))).collect();
        all.push(past(5, 5, extra));
        all
    }

    #[test]
    fn what_suggests_a_standard_change_and_what_does_not() {
        let none = json!({});
        let and = |mut changes: Vec<Value>, more: Value| {
            changes.push(more);
            changes
        };
        let rows: Vec<(&str, Value, Vec<Value>, bool)> = vec![
            ("five of one kind", none.clone(), five(json!({})), true),
            ("four", none.clone(), five(json!({}))[..4].to_vec(), false),
            ("one at the edge", none.clone(), five(json!({"actual_end": at(-180 * 24 * 60)})), true),
            ("one too long ago", none.clone(), five(json!({"actual_end": at(-180 * 24 * 60 - 1)})), false),
            ("one of another class", none.clone(), five(json!({"services": ["db"]})), false),
            ("one without a service", none.clone(), five(json!({"services": []})), false),
            (
                "one of another title",
                none.clone(),
                five(json!({"title": "Rotate the keys of host-05"})),
                false,
            ),
            (
                "one with issues is no success",
                none.clone(),
                five(json!({"outcome": "successful_with_issues"})),
                false,
            ),
            ("one whose outcome nobody knows", none.clone(), five(json!({"outcome": "fine"})), false),
            ("one without an end", none.clone(), five(json!({"actual_end": null})), false),
            (
                "one failed besides",
                none.clone(),
                and(five(json!({})), past(6, 6, json!({"outcome": "failed"}))),
                false,
            ),
            (
                "one backed out",
                none.clone(),
                and(five(json!({})), past(6, 6, json!({"outcome": "backed_out"}))),
                false,
            ),
            (
                "one that failed too long ago",
                none.clone(),
                and(five(json!({})), past(6, 200, json!({"outcome": "failed"}))),
                true,
            ),
            ("one caused an incident", none.clone(), five(json!({"incidents": ["INC7"]})), false),
            (
                "an incident names one of them",
                json!({"incidents": [{"id": "INC9", "opened": at(-1), "caused_by": ["P3"]}]}),
                five(json!({})),
                false,
            ),
            ("an emergency never counts", none.clone(), five(json!({"kind": "emergency"})), false),
            ("one was made from a template", none.clone(), five(json!({"template": "t"})), false),
            (
                "there is a template for it",
                json!({"templates": [{"id": "logs", "name": "rotate the logs of", "approved_until": "2030-01-01"}]}),
                five(json!({})),
                false,
            ),
            (
                "the board asks for fewer",
                json!({"settings": {"suggest_after": 4}}),
                five(json!({}))[..4].to_vec(),
                true,
            ),
            ("the board wants none", json!({"settings": {"suggest_after": 0}}), five(json!({})), false),
        ];
        for (name, extra, changes, want) in rows {
            let told = found(extra, changes);
            assert_eq!(!told.is_empty(), want, "{name}: {told:?}");
        }
    }

    #[test]
    fn a_suggestion_lists_what_it_is_made_of() {
        let told = found(json!({}), five(json!({})));
        let [one] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(one.title.as_str(), "Rotate the logs of host-01 CHG1");
        let names: Vec<&str> = one.changes.iter().map(Id::as_str).collect();
        assert_eq!(names, ["P1", "P2", "P3", "P4", "P5"], "the newest first");
        assert_eq!(one.classes.len(), 1, "{:?}", one.classes);
    }
}
