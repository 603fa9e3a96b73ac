//! Windows and conflicts on an axis of cells: the windows row, the sparse fill behind lanes, the conflicts row.

use std::ops::Range;

use super::{
    index::Occurs,
    item::{severity_glyph, severity_role},
    lane::Lane,
    scene::Canvas,
    shown::{Shown, window_fill},
};
use crate::{
    model::{Severity, Vocabulary, WindowKind},
    tui::{theme::Role, view::widget::width},
};

/// A window in view, as cells.
#[derive(Debug, Clone)]
pub struct Fill {
    pub cells: Range<usize>,
    /// Whether its first and last cells are in view.
    pub begins: bool,
    pub ends: bool,
    pub glyph: &'static str,
    pub role: Role,
    /// Heavier ones are drawn over lighter ones.
    weight: u8,
}

/// The longest window drawn solid behind lanes.
const SOLID: usize = 12;

impl Fill {
    /// The cells drawn behind lanes: all up to twelve, else the first, the last and every fourth.
    pub fn spread(&self) -> impl Iterator<Item = usize> {
        let Range { start, end } = self.cells.clone();
        let (begins, ends, solid) = (self.begins, self.ends, self.cells.len() <= SOLID);
        self.cells.clone().filter(move |cell| {
            solid || (begins && *cell == start) || (ends && cell + 1 == end) || (cell - start) % 4 == 0
        })
    }
}

fn fill(shown: &Shown<'_>, occurs: &Occurs) -> Option<Fill> {
    let (weight, glyph, role) = window_fill(occurs.window.kind.value, occurs.window.hard, shown.glyphs())?;
    let cells = shown.axis.range(occurs.span.start(), occurs.span.end())?;
    let begins = occurs.span.start() >= shown.axis.start();
    let ends = occurs.span.end() <= shown.axis.end();
    Some(Fill { cells, begins, ends, glyph, role, weight })
}

/// The windows behind a lane, lightest first: those whose scope covers it.
#[must_use]
pub fn behind(shown: &Shown<'_>, lane: &Lane) -> Vec<Fill> {
    let covering = shown.occurs.iter().filter(|occurs| {
        // Meetings are for people, not for services.
        occurs.window.kind.value != WindowKind::Meeting
            && shown.grouping.covered(lane, &occurs.window, shown.index)
    });
    let mut fills: Vec<Fill> = covering.filter_map(|occurs| fill(shown, occurs)).collect();
    fills.sort_by_key(|fill| fill.weight);
    fills
}

/// The windows row: every window solid, with its name where it fits, heavier ones over lighter ones.
pub fn windows_row(shown: &Shown<'_>, left: usize, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let mut rows: Vec<(Option<Fill>, &Occurs)> =
        shown.occurs.iter().map(|occurs| (fill(shown, occurs), occurs)).collect();
    rows.sort_by_key(|(fill, _)| fill.as_ref().map_or(0, |fill| fill.weight + 1));
    let mut taken = vec![false; shown.axis.cells()];
    for fill in rows.iter().filter_map(|(fill, _)| fill.as_ref()) {
        canvas.fill(left + fill.cells.start, left + fill.cells.end, y, fill.glyph, look.glyph(fill.role));
        taken[fill.cells.clone()].fill(true);
    }
    if let Some(now) = shown.now_cell() {
        canvas.set(left + now, y, look.glyphs.now, look.glyph(Role::Now));
    }
    // Names go into long windows, else after or before, where nothing else is. The heaviest choose first.
    for (fill, occurs) in rows.iter().rev() {
        let Some(cells) = fill
            .as_ref()
            .map(|fill| fill.cells.clone())
            .or_else(|| shown.axis.range(occurs.span.start(), occurs.span.end()))
        else {
            continue;
        };
        let name = name(shown, occurs);
        let long = width(&name);
        let free = |range: Range<usize>| range.end <= taken.len() && taken[range].iter().all(|cell| !cell);
        let at = if fill.is_some() && cells.len() >= long + 6 && overlaid(&rows, fill.as_ref(), &cells, long)
        {
            cells.start + 2
        } else if free(cells.end..cells.end + long + 2) {
            cells.end
        } else if cells.start > long + 1 && free(cells.start - long - 2..cells.start) {
            cells.start - long - 2
        } else {
            continue;
        };
        taken[at..(at + long + 2).min(shown.axis.cells())].fill(true);
        canvas.put(left + at, y, &format!(" {name} "), long + 2, look.text());
    }
}

/// Whether no heavier window lies where the name would be written.
fn overlaid(
    rows: &[(Option<Fill>, &Occurs)],
    fill: Option<&Fill>,
    cells: &Range<usize>,
    long: usize,
) -> bool {
    let (from, to) = (cells.start + 2, cells.start + 4 + long);
    let weight = fill.map_or(0, |fill| fill.weight);
    !rows
        .iter()
        .filter_map(|(fill, _)| fill.as_ref())
        .any(|other| other.weight > weight && other.cells.start < to && from < other.cells.end)
}

/// The id, with the times where there is room and no day line says them.
fn name(shown: &Shown<'_>, occurs: &Occurs) -> String {
    let id = occurs.window.id.as_str();
    let mark = if occurs.altered { shown.glyphs().clock_change } else { "" };
    if shown.tall
        && occurs.span.secs() < crate::model::time::DAY
        && shown.axis.step() <= crate::model::time::HOUR
    {
        let clock = |at| shown.scene.zone.local(at).format("%H").to_string();
        return format!(
            "{id} {}{}{}{mark}",
            clock(occurs.span.start()),
            shown.glyphs().dash,
            clock(occurs.span.end())
        );
    }
    format!("{id}{mark}")
}

/// The conflicts row: the exact minutes that overlap, block over warn, and the rules after each stretch.
pub fn conflicts_row(shown: &Shown<'_>, left: usize, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let cells = shown.axis.cells();
    let mut worst: Vec<Option<Severity>> = vec![None; cells];
    let exact: Vec<_> = shown
        .clashes()
        .into_iter()
        .filter(|clash| clash.exact && clash.severity != Severity::Info)
        .filter_map(|clash| Some((shown.axis.range(clash.start, clash.end)?, clash)))
        .collect();
    for (range, clash) in &exact {
        for cell in &mut worst[range.clone()] {
            *cell = (*cell).max(Some(clash.severity));
        }
    }
    for (cell, severity) in worst.iter().enumerate() {
        let Some(severity) = *severity else { continue };
        canvas.set(
            left + cell,
            y,
            severity_glyph(severity, look.glyphs),
            look.glyph(severity_role(severity)),
        );
    }
    let mut start = 0;
    while let Some(first) = (start..cells).find(|cell| worst[*cell].is_some()) {
        let end = (first..cells).find(|cell| worst[*cell].is_none()).unwrap_or(cells);
        let next = (end..cells).find(|cell| worst[*cell].is_some()).unwrap_or(cells);
        let mut rules: Vec<(Severity, &str)> = exact
            .iter()
            .filter(|(range, _)| range.start < end && first < range.end)
            .map(|(_, clash)| (clash.severity, clash.rule.word()))
            .collect();
        rules.sort_by_key(|(severity, rule)| (std::cmp::Reverse(*severity), *rule));
        rules.dedup();
        let mut x = end;
        for (at, (_, rule)) in rules.iter().enumerate() {
            let text = if at == 0 { (*rule).to_owned() } else { format!(" {rule}") };
            if x + width(&text) >= next.max(end + 1) && x + width(&text) > cells.min(next) {
                break;
            }
            x = canvas.put(left + x, y, &text, width(&text), look.text()) - left;
        }
        start = end;
    }
}
