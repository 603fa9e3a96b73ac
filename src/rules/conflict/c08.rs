//! Rule C8 (outside its phase): a bundled change is timed, its release has timed phases, and none contains it.

use super::{
    Detail, Missing, View,
    hit::{Hit, Side},
};
use crate::{
    model::{Id, RuleId, Severity, Span, When},
    rules::facts::{NONE, Row},
};

/// The row of one change.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    if row.1.release == NONE || !row.1.is_change() {
        return;
    }
    let (Some(own), phases) = (view.span(row.1), phases(view, row.1)) else { return };
    if phases.is_empty() || phases.iter().any(|phase| phase.covers(own)) {
        return;
    }
    let detail = Detail::OutsidePhase {
        change: row.1.id.clone(),
        phases: u32::try_from(phases.len()).unwrap_or(u32::MAX),
    };
    let mut hit = Hit::lone(view, RuleId::C8, Severity::Warn, row, detail);
    hit.sides.1 = Some(Side::Release(row.1.release));
    hits.push(hit);
}

/// The proper spans of the phases of a change's release, by start.
pub(crate) fn phases(view: &View<'_>, row: &Row) -> Vec<Span> {
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
pub(crate) fn missing(view: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
    let Some(id) = row.change().and_then(|change| view.facts.release_of(change)) else { return };
    if view.facts.release(&id).is_none() {
        out.push(Missing::Release(id));
    } else if !phases(view, row).is_empty() {
        match view.when(row) {
            When::Unknown => out.push(Missing::Start),
            When::Point(_) => out.push(Missing::End),
            When::Span(_) => {}
        }
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
