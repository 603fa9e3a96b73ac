//! Rule C8 (outside its phase): a bundled change is timed, its release has timed phases, and none contains it.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::{Hit, Side},
    missing::untimed,
    rule::{Judge, Reaches, Reads, Rule},
    view::View,
    wording::other,
};
use crate::{
    model::{Id, RuleId, Severity, Span},
    rules::facts::{ActivityRef, NONE, Row},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C8,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times],
    reaches: &[Reaches::Bundle],
    missing,
    nearest: nothing_near,
    phrase: |seen| format!("in no phase of {}", seen.other),
};

/// Which change lies outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsidePhase {
    pub change: Id,
    /// How many timed phases the release has.
    pub phases: u32,
}

/// The row of one change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    if at.row.release == NONE || !at.row.is_change() {
        return;
    }
    let (Some(own), phases) = (view.span(at.row), phases(view, at.row)) else { return };
    if phases.is_empty() || phases.iter().any(|phase| phase.covers(own)) {
        return;
    }
    let count = u32::try_from(phases.len()).unwrap_or(u32::MAX);
    let detail = OutsidePhase { change: at.row.id.clone(), phases: count };
    let mut hit = RULE.alone(view, Severity::Warn, at, detail);
    hit.sides.1 = Some(Side::Release(at.row.release));
    hits.push(hit);
}

/// The proper spans of the phases of a change's release, by start.
fn phases(view: &View<'_>, row: &Row) -> Vec<Span> {
    let Some(release) = view.facts.release_at(row.release) else { return Vec::new() };
    let mut spans: Vec<Span> = release
        .phases
        .iter()
        .filter_map(|phase| {
            let number = view.facts.number(&Id::phase(&release.id, &phase.id));
            match number.and_then(|number| view.row(number)).filter(|row| !row.is_change()) {
                Some(row) => view.span(row),
                None => phase.when(view.now).span(),
            }
        })
        .collect();
    spans.sort_unstable();
    spans
}

/// What is missing: the release itself, or a proper span of the change.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let Some(id) = row.change().and_then(|change| view.facts.release_of(change)) else { return };
    if view.facts.release(&id).is_none() {
        out.push(Missing::Release(id));
    } else if !phases(view, row).is_empty() {
        out.extend(untimed(view, row));
    }
}

impl Told for OutsidePhase {
    fn sentence(&self, row: &Conflict) -> String {
        let phases = crate::label::count(self.phases, "timed phase");
        format!("{} lies in none of the {phases} of {}", self.change, other(row, &self.change))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "the release has timed phases", self.phases.to_string()),
            check(true, "none of them contains the change", case.own()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C8;

    #[test]
    fn cases() {
        table(
            C8,
            &[
                ("outside", "rel R\n ph R/p 10-20\n chg A 9-12 rel=R", &["warn A R 0"]),
                ("inside", "rel R\n ph R/p 10-20\n chg A 10-20 rel=R", &[]),
                ("across two", "rel R\n ph R/p 10-20\n ph R/q 20-30\n chg A 19-21 rel=R", &["warn A R 0"]),
                ("no timed phases", "rel R\n ph R/p 10\n chg A 9-12 rel=R", &[]),
                ("a finished phase counts", "rel R\n ph R/p 8-20 state=done\n chg A 9-12 rel=R", &[]),
                ("not live", "rel R\n ph R/p 10-20\n chg A 9-12 rel=R state=draft", &[]),
            ],
        );
        missing(
            C8,
            &[
                ("unknown release", "chg A 9-12 rel=R", &["A: release R, in which it is bundled"]),
                ("no end", "rel R\n ph R/p 10-20\n chg A 9 rel=R", &["A: an end after its start"]),
                ("nothing to compare with", "rel R\n chg A 9 rel=R", &[]),
            ],
        );
    }
}
