//! Windows and conflicts on an axis of cells: the windows row, the sparse fill behind lanes, the conflicts row.

use std::{cmp::Reverse, collections::HashMap, ops::Range};

use ratatui::style::Modifier;

use super::{
    index::Occurs,
    item::{severity_glyph, severity_role},
    lane::Lane,
    meets,
    scene::Canvas,
    shown::{Aim, Shown, Spot, window_fill},
};
use crate::{
    calendar::RULE_NOT_UNDERSTOOD,
    model::{Id, Severity, Vocabulary, Window, WindowKind},
    tui::{theme::Role, view::widget::width},
};

/// A window in view, as cells.
#[derive(Debug, Clone)]
struct Fill {
    cells: Range<usize>,
    /// Whether its first and last cells are in view.
    begins: bool,
    ends: bool,
    paint: Paint,
}

/// What a cell is filled with; heavier ones are drawn over lighter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    weight: u8,
    pub glyph: &'static str,
    pub role: Role,
}

/// The windows of a drawing as cells, each with all its occurrences.
pub struct Fills<'a> {
    windows: Vec<(&'a Window, Vec<(Fill, &'a Occurs)>)>,
    cells: usize,
}

/// The lane of meetings, so that left and right go from one to the next.
pub const MEETINGS: usize = usize::MAX - 2;

/// The longest window drawn solid behind lanes.
const SOLID: usize = 12;

impl Fill {
    fn new(shown: &Shown<'_>, occurs: &Occurs) -> Option<Self> {
        let (weight, glyph, role) =
            window_fill(occurs.window.kind.value, occurs.window.hard, shown.glyphs())?;
        let cells = shown.axis.range(occurs.span.start(), occurs.span.end())?;
        let begins = occurs.span.start() >= shown.axis.start();
        let ends = occurs.span.end() <= shown.axis.end();
        Some(Self { cells, begins, ends, paint: Paint { weight, glyph, role } })
    }

    /// The cells drawn behind lanes: all up to twelve, else the first, the last and every fourth.
    fn spread(&self) -> impl Iterator<Item = usize> {
        let Range { start, end } = self.cells.clone();
        let (begins, ends, solid) = (self.begins, self.ends, self.cells.len() <= SOLID);
        self.cells.clone().filter(move |cell| {
            solid || (begins && *cell == start) || (ends && cell + 1 == end) || (cell - start) % 4 == 0
        })
    }
}

impl<'a> Fills<'a> {
    #[must_use]
    pub fn new(shown: &Shown<'a>) -> Self {
        let mut windows: Vec<(&Window, Vec<(Fill, &Occurs)>)> = Vec::new();
        let mut at: HashMap<&Id, usize> = HashMap::new();
        for occurs in shown.occurs {
            let Some(fill) = Fill::new(shown, occurs) else { continue };
            let place = *at.entry(&occurs.window.id).or_insert_with(|| {
                windows.push((&occurs.window, Vec::new()));
                windows.len() - 1
            });
            windows[place].1.push((fill, occurs));
        }
        Self { windows, cells: shown.axis.cells() }
    }

    /// What stands behind a lane, cell by cell: the windows whose scope covers it.
    #[must_use]
    pub fn behind(&self, shown: &Shown<'_>, lane: &Lane) -> Vec<Option<Paint>> {
        let mut cells = vec![None; self.cells];
        for (window, fills) in &self.windows {
            // Meetings are for people, not for services.
            if window.kind.value == WindowKind::Meeting || !shown.grouping.covered(lane, window, shown.index)
            {
                continue;
            }
            for (fill, _) in fills {
                fill.spread().for_each(|cell| lay(&mut cells[cell], fill.paint));
            }
        }
        cells
    }

    /// Every run of cells once, with the window that has it, or nothing where several have; the heaviest first.
    fn runs(&self) -> Vec<(Fill, Option<&'a Occurs>)> {
        let mut runs: HashMap<(u8, usize, usize), (Fill, Option<&Occurs>)> = HashMap::new();
        for (fill, occurs) in self.windows.iter().flat_map(|(_, fills)| fills) {
            let key = (fill.paint.weight, fill.cells.start, fill.cells.end);
            runs.entry(key).and_modify(|run| run.1 = None).or_insert_with(|| (fill.clone(), Some(occurs)));
        }
        let mut runs: Vec<_> = runs.into_values().collect();
        runs.sort_by_key(|(fill, _)| (Reverse(fill.paint.weight), fill.cells.start, fill.cells.end));
        runs
    }
}

fn lay(cell: &mut Option<Paint>, paint: Paint) {
    if cell.is_none_or(|before| before.weight <= paint.weight) {
        *cell = Some(paint);
    }
}

/// The windows row: every window solid, with its name where it fits, heavier ones over lighter ones; gives its meetings.
pub fn windows_row(
    shown: &Shown<'_>,
    fills: &Fills<'_>,
    left: usize,
    y: usize,
    canvas: &mut Canvas<'_>,
) -> Vec<Spot> {
    let look = shown.scene.look;
    let mut cells: Vec<Option<Paint>> = vec![None; shown.axis.cells()];
    let runs = fills.runs();
    for (fill, _) in &runs {
        fill.cells.clone().for_each(|cell| lay(&mut cells[cell], fill.paint));
    }
    // A meeting is short, and seen also where a window lies over its day.
    for (fill, _) in runs.iter().filter(|(fill, _)| fill.paint.glyph == look.glyphs.window_meeting) {
        cells[fill.cells.clone()].fill(Some(fill.paint));
    }
    for (cell, paint) in cells.iter().enumerate() {
        if let Some(paint) = paint {
            canvas.set(left + cell, y, paint.glyph, look.glyph(paint.role));
        }
    }
    if let Some(now) = shown.now_cell() {
        canvas.set(left + now, y, look.glyphs.now, look.glyph(Role::Now));
    }
    let mut taken = vec![false; cells.len()];
    for (fill, occurs) in runs.iter().filter_map(|(fill, occurs)| Some((fill, (*occurs)?))) {
        for name in names(shown, occurs) {
            let long = width(&name) + 2;
            let Some(at) = place(fill, long, &cells, &taken) else { continue };
            taken[at..at + long].fill(true);
            canvas.put(left + at, y, &format!(" {name} "), long, look.text());
            break;
        }
    }
    sprints(shown, left, y, &cells, &mut taken, canvas);
    meetings(shown, left, y, canvas)
}

/// Where the cursor finds meetings; the one it is on is marked.
fn meetings(shown: &Shown<'_>, left: usize, y: usize, canvas: &mut Canvas<'_>) -> Vec<Spot> {
    let mut spots = Vec::new();
    for occurs in meets::in_view(shown) {
        let Some(cells) = shown.axis.range(occurs.span.start(), occurs.span.end()) else { continue };
        let target = Aim::Meeting(occurs.window.id.clone());
        let (from, to) = (left + cells.start, left + cells.end);
        if shown.cursor == Some(&target) {
            canvas.mark(from, to, y, Modifier::REVERSED);
        }
        spots.push(Spot { row: y, from, to, lane: MEETINGS, target });
    }
    spots
}

/// What is written beside the fill, the best form first: of a meeting its name and when it begins.
fn names(shown: &Shown<'_>, occurs: &Occurs) -> Vec<String> {
    if !occurs.meeting {
        let short = occurs.doubt.then(|| format!("{}?", occurs.window.id));
        return std::iter::once(name(shown, occurs)).chain(short).collect();
    }
    let (name, clock) = (meets::name(occurs), crate::calendar::clock(occurs.span.start(), shown.scene.zone));
    vec![format!("{name} {clock}"), name.to_owned(), clock]
}

/// Where a name of `long` columns goes: into a long window where nothing heavier lies, else after or before it, where
/// nothing is at all.
fn place(fill: &Fill, long: usize, cells: &[Option<Paint>], taken: &[bool]) -> Option<usize> {
    let Range { start, end } = fill.cells.clone();
    let free = |from: usize, to: usize| to <= taken.len() && !taken[from..to].iter().any(|taken| *taken);
    let inside = |from: usize, to: usize| {
        free(from, to) && cells[from..to].iter().all(|cell| *cell == Some(fill.paint))
    };
    let blank = |from: usize, to: usize| free(from, to) && cells[from..to].iter().all(Option::is_none);
    if end - start >= long + 4 && inside(start + 2, start + 2 + long) {
        return Some(start + 2);
    }
    if blank(end, end + long) {
        return Some(end);
    }
    start.checked_sub(long).filter(|from| blank(*from, start))
}

/// Sprints and events are named where there is room, and fill nothing.
fn sprints(
    shown: &Shown<'_>,
    left: usize,
    y: usize,
    cells: &[Option<Paint>],
    taken: &mut [bool],
    canvas: &mut Canvas<'_>,
) {
    for occurs in shown.occurs.iter().filter(|occurs| is_named_only(occurs.window.kind.value)) {
        let Some(range) = shown.axis.range(occurs.span.start(), occurs.span.end()) else { continue };
        let name = name(shown, occurs);
        let end = range.start + width(&name) + 1;
        let free = end <= cells.len() && (range.start..end).all(|cell| cells[cell].is_none() && !taken[cell]);
        if free {
            taken[range.start..end].fill(true);
            canvas.put(left + range.start, y, &name, end, shown.scene.look.muted());
        }
    }
}

const fn is_named_only(kind: WindowKind) -> bool {
    match kind {
        WindowKind::Sprint | WindowKind::Event => true,
        WindowKind::Maintenance
        | WindowKind::Freeze
        | WindowKind::Release
        | WindowKind::Meeting
        | WindowKind::Unknown => false,
    }
}

/// The id, with the times where there is room and no day line says them.
fn name(shown: &Shown<'_>, occurs: &Occurs) -> String {
    let id = occurs.window.id.as_str();
    if occurs.doubt {
        return format!("{id}: {RULE_NOT_UNDERSTOOD}");
    }
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
