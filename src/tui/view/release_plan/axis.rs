//! The phases of a release on one bar, with the windows they belong in, now, and points of no return.

use ratatui::text::Line as Text;

use crate::{
    model::{
        Instant, PhaseState, Severity, Span, WindowKind,
        time::{DAY, HOUR},
    },
    tui::{app::Shared, theme::Role, view::item::lines::Words},
    wire::release::{PlannedPhase, ReleasePlan},
};

/// Columns of the labels.
const LABEL: usize = 17;

/// Where an instant stands on the bar.
#[derive(Clone, Copy)]
struct Scale {
    from: Instant,
    /// Seconds a cell.
    cell: i64,
    cells: usize,
}

impl Scale {
    /// From the first phase to the last, with a twentieth on each side.
    fn of(plan: &ReleasePlan, cells: usize) -> Option<Self> {
        let starts = plan.phases.iter().filter_map(|phase| phase.actual_start.or(phase.start));
        let ends = plan.phases.iter().filter_map(|phase| phase.actual_end.max(phase.end));
        let (from, to) = (starts.min()?, ends.max()?);
        let length = (to - from).max(HOUR);
        let from = from.plus(-length / 20);
        let cell = (length + length / 10).div_euclid(i64::try_from(cells).unwrap_or(1).max(1)) + 1;
        Some(Self { from, cell, cells })
    }

    fn span(self, at: usize) -> Option<Span> {
        let from = self.from.plus(i64::try_from(at).ok()? * self.cell);
        Span::new(from, from.plus(self.cell))
    }

    fn place(self, at: Instant) -> Option<usize> {
        let place = (at - self.from).div_euclid(self.cell);
        usize::try_from(place).ok().filter(|place| *place < self.cells)
    }
}

/// The lines of the bar; none where no phase has times, or there is no room.
pub fn lines(shared: &Shared, plan: &ReleasePlan, columns: usize) -> Vec<Text<'static>> {
    let cells = columns.saturating_sub(LABEL + 1);
    let Some(scale) = Scale::of(plan, cells).filter(|_| cells >= 20) else { return Vec::new() };
    let mut lines = vec![days(shared, scale)];
    lines.extend(plan.windows.iter().map(|window| {
        let glyphs = shared.look.glyphs;
        let word = if window.kind == WindowKind::Sprint { "sprint" } else { "window" };
        let covered = |cell: Span| window.spans.iter().any(|span| span.overlaps(cell));
        let cell =
            |span| if covered(span) { (glyphs.window_release, Role::Muted) } else { (" ", Role::Text) };
        row(shared, scale, &format!("{word} {}", window.id), cell)
    }));
    lines.extend(plan.phases.iter().map(|phase| self::phase(shared, plan, scale, phase)));
    lines
}

/// The days, where they begin.
fn days(shared: &Shared, scale: Scale) -> Text<'static> {
    let zone = shared.zones.current();
    let mut text = vec![' '; scale.cells];
    let mut free = 0;
    let long = scale.cell * i64::try_from(scale.cells).unwrap_or(0) > 2 * DAY;
    for at in 0..scale.cells {
        let Some(span) = scale.span(at) else { continue };
        let before = span.start().plus(-scale.cell);
        let turns = if long {
            zone.date(before) != zone.date(span.start())
        } else {
            zone.local(before).format("%d%H").to_string()
                != zone.local(span.start()).format("%d%H").to_string()
        };
        let format = if long { "%a %d %b" } else { "%a %H:00" };
        let label = zone.local(span.start()).format(format).to_string();
        if (turns || at == 0) && at >= free && at + label.len() <= scale.cells {
            for (place, letter) in (at..).zip(label.chars()) {
                text[place] = letter;
            }
            free = at + label.len() + 2;
        }
    }
    let text: String = text.into_iter().collect();
    Words::labelled(&shared.look, "", LABEL).muted(&text).line()
}

fn phase(shared: &Shared, plan: &ReleasePlan, scale: Scale, phase: &PlannedPhase) -> Text<'static> {
    let glyphs = shared.look.glyphs;
    let (start, end) = (phase.actual_start.or(phase.start), phase.actual_end.or(phase.end));
    let whole = start.zip(end).and_then(|(start, end)| Span::new(start, end));
    let first = start.and_then(|at| scale.place(at));
    let approved = plan.release.standing == crate::model::Standing::Approved;
    let (stroke, role) = match phase.state {
        _ if phase.dropped => (glyphs.state_cancelled, Role::Muted),
        PhaseState::Done => (glyphs.bar_over, Role::Muted),
        PhaseState::RolledBack => (glyphs.bar_over, Role::Bad),
        PhaseState::Running => (glyphs.bar_live, Role::Running),
        PhaseState::Pending | PhaseState::Unknown if approved => (glyphs.bar_live, Role::Change),
        PhaseState::Pending | PhaseState::Unknown => (glyphs.bar_open, Role::Pending),
    };
    let clash = match phase.clash {
        Some(Severity::Block) => Some((glyphs.clash_block, Role::Bad)),
        Some(Severity::Warn) => Some((glyphs.clash_warn, Role::Caution)),
        Some(Severity::Info | Severity::Unknown) | None => None,
    };
    let last = (0..scale.cells)
        .rev()
        .find(|at| scale.span(*at).zip(whole).is_some_and(|(cell, whole)| whole.overlaps(cell)));
    let now = scale.place(shared.now);
    let cells = |cell: Span| {
        let at = scale.place(cell.start());
        if at == first && phase.point_of_no_return {
            return (glyphs.no_return, Role::Caution);
        }
        if at == last
            && let Some(sign) = clash
        {
            return sign;
        }
        if at == now {
            return (glyphs.now, Role::Now);
        }
        if whole.is_some_and(|whole| whole.overlaps(cell)) { (stroke, role) } else { (" ", Role::Text) }
    };
    row(shared, scale, &label(phase), cells)
}

/// `p1 canary 5 %`.
pub fn label(phase: &PlannedPhase) -> String {
    let id = phase.id.as_str().rsplit('/').next().unwrap_or_default();
    let share = phase.share.map(|share| format!(" {share} %")).unwrap_or_default();
    format!("{id} {}{share}", phase.name).trim_end().to_owned()
}

fn row(
    shared: &Shared,
    scale: Scale,
    label: &str,
    cell: impl Fn(Span) -> (&'static str, Role),
) -> Text<'static> {
    let look = &shared.look;
    let label = crate::tui::view::widget::cut(label, LABEL - 2, look.glyphs);
    let mut words = Words::labelled(look, &format!(" {label}"), LABEL);
    for at in 0..scale.cells {
        let (glyph, role) = scale.span(at).map_or((" ", Role::Text), &cell);
        words = words.put(glyph, look.glyph(role));
    }
    words.line()
}
