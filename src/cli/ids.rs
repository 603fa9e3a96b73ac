//! Ids as people type them: whole, without regard to case, or any unique tail.

use super::board::Board;
use crate::{
    config::nearest,
    errors::Stop,
    model::{Id, RuleId, Vocabulary},
    wire::{ConflictRow, Names, Problem, ProblemKind},
};

/// How many candidates are named.
const NAMED: usize = 10;

impl Board {
    /// A change or a release.
    pub fn item(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        let items: Vec<&Id> = names.changes.iter().chain(&names.releases).collect();
        find(text, "change or release", &items).map_err(|stop| match find_activity(&names, text) {
            Ok(phase) => Stop::invalid(
                format!("{phase} is a phase; the board decides about its release"),
                format!("name {}", names.item_of(&phase).unwrap_or(&phase)),
            ),
            Err(_) => stop,
        })
    }

    /// A release.
    pub fn release(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        find(text, "release", &names.releases.iter().collect::<Vec<_>>())
    }

    /// A change or a phase of a release.
    pub fn activity(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        find_activity(&names, text).map_err(|stop| {
            let releases: Vec<&Id> = names.releases.iter().collect();
            let Ok(release) = find(text, "release", &releases) else { return stop };
            let phases = names.activities().into_iter().filter(|id| names.item_of(id) == Some(&release));
            let phases: Vec<String> = phases.take(NAMED).map(ToString::to_string).collect();
            Stop::invalid(
                format!("{release} is a release: a change or one of its phases is meant here"),
                match phases.is_empty() {
                    true => "it has no phases".to_owned(),
                    false => format!("name one: {}; `quorate release` is about all of it", phases.join(", ")),
                },
            )
        })
    }

    /// A change, a phase, a release or a window: whatever can be a side of a clash.
    pub fn side(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        let all: Vec<&Id> =
            names.activities().into_iter().chain(&names.releases).chain(&names.windows).collect();
        find(text, "change, phase, release or window", &all)
    }

    /// Anything with an id.
    pub fn anything(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        let items = names.activities().into_iter().chain(&names.releases).chain(&names.windows);
        let items: Vec<&Id> = items.collect();
        // Items first: a service that shares a tail with a change is not what is meant.
        find(text, "record", &items).or_else(|stop| {
            let others: Vec<&Id> =
                names.services.iter().chain(&names.people).chain(&names.incidents).collect();
            find(text, "record", &others).map_err(|_| stop)
        })
    }

    /// What the board decides about where this is a change, a release or a phase of one.
    pub fn item_of(&self, id: &Id) -> Result<Option<Id>, Stop> {
        Ok(self.names()?.item_of(id).cloned())
    }

    /// An incident.
    pub fn incident(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        let all: Vec<&Id> = names.incidents.iter().collect();
        find(text, "incident", &all)
    }

    /// A person.
    pub fn person(&self, text: &str) -> Result<Id, Stop> {
        let names = self.names()?;
        let all: Vec<&Id> = names.people.iter().collect();
        find(text, "person", &all)
    }

    /// The conflict row of a rule and its sides, in either order.
    pub fn conflict(&self, rule: &str, a: &str, b: Option<&str>) -> Result<ConflictRow, Stop> {
        let rule = self::rule(rule)?;
        let (a, b) = (self.side(a)?, b.map(|b| self.side(b)).transpose()?);
        let board = self.rows_of(std::slice::from_ref(&a))?;
        let of_rule = board.conflicts.iter().filter(|row| row.key.rule == rule);
        let rows: Vec<ConflictRow> =
            of_rule.filter(|row| row.key.names(&a) && b.as_ref().is_none_or(|b| row.key.names(b))).collect();
        match &rows[..] {
            [row] => Ok(row.clone()),
            [] => Err(Problem::new(ProblemKind::NotFound, format!("there is no {rule} row of {a}"))
                .hint(format!("`quorate explain {a}` says how each rule stands"))
                .into()),
            _ => {
                let others = rows.iter().filter_map(|row| row.key.other_side(&a));
                let others: Vec<String> = others.take(NAMED).map(ToString::to_string).collect();
                Err(Stop::invalid(
                    format!("{rule} has {} rows of {a}", rows.len()),
                    format!("name the other side: {}", others.join(", ")),
                ))
            }
        }
    }
}

fn find_activity(names: &Names, text: &str) -> Result<Id, Stop> {
    find(text, "change or phase", &names.activities())
}

/// A conflict rule, as typed.
pub fn rule(text: &str) -> Result<RuleId, Stop> {
    RuleId::of(text).ok_or_else(|| {
        Stop::invalid(
            format!("{text:?} is no rule of clashes"),
            "write C1 to C20; `quorate conflicts` lists the rows",
        )
    })
}

/// Finds the one id that is meant.
fn find(text: &str, what: &str, ids: &[&Id]) -> Result<Id, Stop> {
    let asked = text.trim();
    if let Some(id) = ids.iter().find(|id| id.as_str() == asked) {
        return Ok((*id).clone());
    }
    let lower = asked.to_lowercase();
    let mut found: Vec<&Id> = ids
        .iter()
        .copied()
        .filter(|id| !lower.is_empty() && id.as_str().to_lowercase().ends_with(&lower))
        .collect();
    found.sort();
    found.dedup();
    if let [id] = found[..] {
        return Ok(id.clone());
    }
    if let Some(id) = found.iter().find(|id| id.as_str().to_lowercase() == lower) {
        return Ok((*id).clone());
    }
    let shown = crate::model::text::clean_line(asked).into_owned();
    if found.is_empty() {
        let problem = Problem::new(ProblemKind::NotFound, format!("there is no {what} {shown:?}"));
        let near = nearest(asked, ids.iter().map(|id| id.as_str()));
        let hint = near.map_or_else(
            || match what {
                "person" => "`quorate seats` lists who has a seat".into(),
                "incident" => "`quorate incident list` lists them".into(),
                _ => "`quorate changes` and `quorate releases` list them".into(),
            },
            |near| format!("did you mean {near}?"),
        );
        return Err(problem.hint(hint).into());
    }
    let mut names: Vec<String> = found.iter().take(NAMED).map(ToString::to_string).collect();
    if found.len() > NAMED {
        names.push(format!("and {} more", found.len() - NAMED));
    }
    Err(Stop::invalid(
        format!("{shown:?} could be {} of them", found.len()),
        format!("write one of {}", names.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_unique_tail_will_do() {
        let ids: Vec<Id> = ["CHG0030042", "CHG0031042", "CHG0042", "snow:CHG7", "REL-4.2/p1", "REL-4.2"]
            .iter()
            .map(|id| Id::new(id).unwrap())
            .collect();
        let ids: Vec<&Id> = ids.iter().collect();
        let cases = [
            ("CHG0042", "CHG0042"),
            ("30042", "CHG0030042"),
            ("chg7", "snow:CHG7"),
            ("/p1", "REL-4.2/p1"),
            ("rel-4.2", "REL-4.2"),
            ("0042", "\"0042\" could be 2 of them: write one of CHG0030042, CHG0042"),
            ("CHG0030O42", "there is no record \"CHG0030O42\": did you mean CHG0030042?"),
            ("", "there is no record"),
        ];
        for (text, want) in cases {
            let said = match find(text, "record", &ids) {
                Ok(id) => id.to_string(),
                Err(Stop::Problem(problem)) => {
                    format!("{}: {}", problem.title, problem.hint.unwrap_or_default())
                }
                Err(_) => String::new(),
            };
            assert!(said.starts_with(want), "{text}: {said}");
        }
    }
}
