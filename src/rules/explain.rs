//! Why a rule fired, passed, or could not be checked, in the facts of one case (rules § Clashes).

pub use super::conflict::{Bar, Check, Question};
use super::{
    conflict::{Case, Conflict, Passed, View, bar, live, rule},
    law,
};
use crate::model::{ConflictKey, Id, RuleId, Severity};

/// What a rule says about an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Fired,
    Passed,
    NotChecked,
    /// The rule does not run on this board.
    Off,
}

/// One rule with this case's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub rule: RuleId,
    pub verdict: Verdict,
    /// How grave; none where it did not fire.
    pub severity: Option<Severity>,
    /// The other side, where there is one.
    pub other: Option<Id>,
    /// The rule's text with the thresholds of this board.
    pub text: String,
    pub checks: Vec<Check>,
    /// The case in one sentence, where the rule fired.
    pub reason: Option<String>,
    /// Labelled spans for a little timeline: both sides, windows, the overlap last.
    pub bars: Vec<Bar>,
}

/// One row, as it stands.
#[must_use]
pub fn explain_row(question: Question<'_>, row: &Conflict) -> Explained {
    let case = Case::new(question, row);
    Explained {
        rule: row.key.rule,
        verdict: Verdict::Fired,
        severity: Some(row.severity),
        other: row.key.b.clone(),
        text: law::text(row.key.rule, question.facts.settings()),
        checks: case.checks(),
        reason: Some(row.reason()),
        bars: case.bars(),
    }
}

/// Every rule for one activity or release, in the order of their numbers; `rows` are those that name it.
#[must_use]
pub fn explain<'a>(
    question: Question<'_>,
    item: &Id,
    rows: impl IntoIterator<Item = &'a Conflict>,
) -> Vec<Explained> {
    let rows: Vec<&Conflict> = rows.into_iter().filter(|row| concerns(row, item)).collect();
    let mut all = Vec::new();
    for id in RuleId::ALL {
        let fired: Vec<_> = rows
            .iter()
            .filter(|row| row.key.rule == id)
            .map(|row| Explained { other: other(&row.key, item), ..explain_row(question, row) })
            .collect();
        if fired.is_empty() {
            all.push(quiet(question, id, item));
        } else {
            all.extend(fired);
        }
    }
    all
}

/// Whether a row is about an item: it is a side, or it runs in the stretch of time that the row is about.
fn concerns(row: &Conflict, item: &Id) -> bool {
    let stretch = rule(row.key.rule).is_some_and(|rule| rule.is_of_stretches());
    row.key.names(item) || (stretch && row.path.iter().any(|line| line.as_str() == item.as_str()))
}

fn other(key: &ConflictKey, item: &Id) -> Option<Id> {
    key.other_side(item).cloned().filter(|other| other != item)
}

/// A rule that has no row for an activity.
fn quiet(question: Question<'_>, id: RuleId, item: &Id) -> Explained {
    let view = View::new(question.facts, question.now, question.decisions);
    let at = question.facts.number(item).and_then(|number| view.at(number));
    let (verdict, checks) = match (rule(id), at) {
        _ if !view.runs(id) => (Verdict::Off, Vec::new()),
        (Some(rule), Some(at)) if at.row.live => {
            let mut missing = Vec::new();
            (rule.missing)(&view, at, &mut missing);
            let verdict = if missing.is_empty() { Verdict::Passed } else { Verdict::NotChecked };
            let said = missing.iter().map(|fact| Check {
                holds: None,
                what: "missing".to_owned(),
                detail: fact.to_string(),
            });
            let nearest = (rule.nearest)(&Passed { question, view: &view, row: at.row });
            (verdict, said.chain([live(at.row)]).chain(nearest).collect())
        }
        (_, Some(at)) => (Verdict::Passed, vec![live(at.row)]),
        (_, None) => (Verdict::Passed, Vec::new()),
    };
    Explained {
        rule: id,
        verdict,
        severity: None,
        other: None,
        text: law::text(id, question.facts.settings()),
        checks,
        reason: None,
        bars: at.and_then(|at| bar(&view, at.row)).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::conflict::{
            Nothing,
            cases::{board, hour, id},
            detect,
        },
        *,
    };
    use crate::{calendar::Zone, rules::facts::Facts};

    fn ask(facts: &Facts) -> Question<'_> {
        Question { facts, now: hour("0"), decisions: &Nothing, zone: Zone::UTC }
    }

    #[test]
    fn a_row_is_explained_by_its_facts() {
        let facts = board(
            "rel REL-4.2 on=lb-01 state=test\n ph REL-4.2/p1 20-38 env=production\n chg CHG42 22-23:30 on=lb-01 env=production state=authorize\n chg CHG44 1-2 rel=REL-4.2 on=x",
        );
        let rows = detect(&facts, hour("0"), &Nothing);
        let row = rows.iter().find(|row| row.key.rule == RuleId::C6).unwrap();
        let told = explain_row(ask(&facts), row);
        let said: Vec<String> = told
            .checks
            .iter()
            .map(|check| format!("{:?} {}: {}", check.holds, check.what, check.detail))
            .collect();
        assert_eq!(
            said,
            [
                "Some(true) CHG42 is live: state authorize",
                "Some(true) REL-4.2/p1 is live: state pending",
                "Some(true) not bundled together: REL-4.2 bundles CHG44",
                "Some(true) they share a CI: lb-01 · production and production",
                "None whole environment: not needed: they share a CI",
                "Some(true) they overlap: Mon 05 Jan 22:00–23:30 UTC, 90 min",
            ]
        );
        let bars: Vec<&str> = told.bars.iter().map(|bar| bar.label.as_str()).collect();
        assert_eq!(bars, ["CHG42", "REL-4.2/p1", "overlap"]);
    }

    #[test]
    fn every_rule_answers_for_every_activity() {
        let facts = board(
            "set {\"off\":[\"C12\"]}\n chg A 10-12 on=s1 rb=600\n chg B 11-13 on=s1 after=A\n win w maintenance 9-20 on=s1\n rel R on=s1\n ph R/p 11-30 whole env=p",
        );
        let rows = detect(&facts, hour("0"), &Nothing);
        for item in ["A", "B", "R/p", "R"] {
            let told = explain(ask(&facts), &id(item), &rows);
            let rules: std::collections::BTreeSet<RuleId> = told.iter().map(|told| told.rule).collect();
            assert_eq!(rules.len(), RuleId::ALL.len(), "{item}");
            for told in told {
                let fired = rows.iter().any(|row| row.key.rule == told.rule && row.key.names(&id(item)));
                assert_eq!(told.verdict == Verdict::Fired, fired, "{item} {}", told.rule);
                assert_eq!(told.verdict == Verdict::Off, told.rule == RuleId::C12);
                assert!(!told.text.is_empty() && (!fired || !told.checks.is_empty()), "{item} {}", told.rule);
            }
        }
    }
}
