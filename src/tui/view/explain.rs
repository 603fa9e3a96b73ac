//! Explanations: the rule's text with this case's facts, and a little timeline of what overlaps.

use ratatui::text::Line as Text;

use super::{
    item::{
        clash::{rule_id, severity_badge},
        lines::Words,
    },
    widget::{pad, width, wrap},
};
use crate::{
    calendar,
    model::{Instant, Severity, Span, time::HOUR, time::MINUTE},
    tui::{app::Shared, theme::Role},
    wire::{ExplainedRule, Fact, RuleState},
    words::Label,
};

/// Everything about one rule, in lines of `columns`.
#[must_use]
pub fn rule(shared: &Shared, rule: &ExplainedRule, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let indented = |text: &str| Words::new(look).text(" ").text(text).line();
    let mut lines: Vec<Text<'static>> =
        wrap(&rule.text, columns.saturating_sub(2)).iter().map(|text| indented(text)).collect();
    if rule.facts.is_empty() && rule.state == RuleState::NotChecked {
        lines.push(
            Words::new(look).text(" ").put("not checked: a fact is missing", look.word(Role::Caution)).line(),
        );
    }
    let what = rule.facts.iter().map(|fact| width(&fact.what)).max().unwrap_or(0).min(columns / 2);
    for fact in &rule.facts {
        lines.extend(fact_lines(shared, fact, what.max(24).min(columns / 2), columns));
    }
    if rule.facts.is_empty()
        && let Some(reason) = &rule.reason
    {
        lines.extend(wrap(reason, columns.saturating_sub(2)).iter().map(|text| indented(text)));
    }
    lines.extend(timeline(shared, rule, columns));
    lines
}

/// `✓ they share a CI           lb-01 · both production`.
fn fact_lines(shared: &Shared, fact: &Fact, what: usize, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let (glyph, role) = match fact.holds {
        Some(true) => (look.glyphs.state_done, Role::Ok),
        Some(false) => (look.glyphs.state_failed, Role::Bad),
        None => (look.glyphs.dot, Role::Muted),
    };
    let mut details = wrap(&fact.detail, columns.saturating_sub(what + 5)).into_iter();
    let first = details.next().unwrap_or_default();
    let head = Words::new(look).text(" ").sign(glyph, role, "").text(&pad(&fact.what, what, look.glyphs));
    let mut lines = vec![head.text(" ").text(&first).line()];
    lines.extend(details.map(|more| Words::new(look).text(&" ".repeat(what + 4)).text(&more).line()));
    lines
}

/// Columns of the labels of the little timeline.
const LABEL: usize = 13;

/// Labelled spans over one axis, a cell a fixed number of minutes.
fn timeline(shared: &Shared, rule: &ExplainedRule, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let Some(view) = View::of(&rule.bars, columns) else { return Vec::new() };
    let mut lines = Vec::new();
    lines.push(Words::new(look).muted(&" ".repeat(LABEL)).muted(&view.axis(shared)).line());
    for (label, span) in &rule.bars {
        let overlap = label == "overlap";
        let window = shared.snapshot.windows.keys().any(|id| id.as_str() == label);
        let side = rule.other.as_ref().is_some_and(|id| id.as_str() == label);
        // A window that is no side is scenery: it goes first where lines are few.
        if window && !side && columns <= 80 && rule.bars.len() > 3 {
            continue;
        }
        let freeze = rule.rule == crate::model::RuleId::C3
            && Some(label.as_str()) == rule.other.as_ref().map(|id| id.as_str());
        let (glyph, role) = match (overlap, freeze, window) {
            (true, ..) => {
                let (glyph, role, _) = severity_badge(rule.severity.unwrap_or(Severity::Warn), look.glyphs);
                (glyph, role)
            }
            (false, true, _) => (look.glyphs.window_hard_freeze, Role::Freeze),
            (false, false, true) => (look.glyphs.window_maintenance, Role::Maint),
            (false, false, false) => bar_glyph(shared, label),
        };
        let (before, cells) = view.cells(*span);
        let bar = glyph.repeat(cells);
        let label = pad(&format!(" {label}"), LABEL - 1, look.glyphs);
        let note = if overlap { calendar::minutes(span.minutes()) } else { view.note(shared, *span) };
        let rest = view.width.saturating_sub(before + cells);
        let words =
            Words::new(look).text(&label).text(" ").text(&" ".repeat(before)).put(&bar, look.glyph(role));
        lines.push(words.text(&" ".repeat(rest + 1)).text(&note).line());
    }
    lines
}

/// The stroke of an activity: open or decided, over a colour of its kind.
fn bar_glyph(shared: &Shared, label: &str) -> (&'static str, Role) {
    let glyphs = shared.look.glyphs;
    let row = crate::model::Id::new(label).ok().and_then(|id| shared.snapshot.activities.get(&id).cloned());
    match row {
        Some(row) if row.is_phase() => (glyphs.bar_live, Role::Release),
        Some(row) if shared.snapshot.open_tally(&row.item).is_some() => (glyphs.bar_open, Role::Change),
        Some(_) | None => (glyphs.bar_live, Role::Change),
    }
}

/// The part of time a little timeline shows.
struct View {
    from: Instant,
    /// Seconds a cell.
    cell: i64,
    width: usize,
}

impl View {
    /// Around the shortest bars: what overlaps is in view with air on both sides.
    fn of(bars: &[(String, Span)], columns: usize) -> Option<Self> {
        let shortest = bars.iter().map(|(_, span)| *span).min_by_key(|span| span.secs())?;
        let width = columns.saturating_sub(LABEL + 14).min(60);
        if width < 12 {
            return None;
        }
        let air = (shortest.secs() / 2).max(2 * HOUR);
        let wanted = shortest.secs() + 2 * air;
        let steps = [10, 15, 30, 60, 120, 240, 480, 1440, 2880, 20_160].map(|halves| halves * MINUTE / 2);
        let fits = |cell: &&i64| wanted / **cell <= i64::try_from(width).unwrap_or(60);
        let cell = *steps.iter().find(fits).unwrap_or(&(40 * 1440 * MINUTE));
        let from = shortest.start().plus(-air);
        let from = Instant::from_secs(from.secs() - from.secs().rem_euclid(cell.max(HOUR)));
        Some(Self { from, cell, width })
    }

    /// Hours under which cells begin.
    fn axis(&self, shared: &Shared) -> String {
        let zone = shared.zones.current();
        // A label each hour where they fit, else every eight cells.
        let step = usize::try_from(HOUR / self.cell.max(1)).unwrap_or(8);
        let step = if (7..=12).contains(&step) { step } else { 8 };
        let every = i64::try_from(step).unwrap_or(8) * self.cell;
        let mut axis = String::new();
        let mut at = 0;
        while at + 5 <= self.width {
            let instant = self.from.plus(i64::try_from(at).unwrap_or(0) * self.cell);
            let label = if every >= 24 * HOUR {
                zone.local(instant).format("%d %b").to_string()
            } else {
                calendar::clock(instant, zone)
            };
            axis.push_str(&format!("{}{label}", " ".repeat(at.saturating_sub(width(&axis)))));
            at += step;
        }
        axis
    }

    /// Cells before a span, and cells of it, within the view.
    fn cells(&self, span: Span) -> (usize, usize) {
        let cell = |at: Instant, up: bool| {
            let secs = (at - self.from).max(0);
            let cells = if up { (secs + self.cell - 1) / self.cell } else { secs / self.cell };
            usize::try_from(cells).unwrap_or(0).min(self.width)
        };
        let (start, end) = (cell(span.start(), false), cell(span.end(), true));
        (start, end.saturating_sub(start).max(usize::from(start < self.width)))
    }

    /// `22:00–23:30`, or where it goes on to.
    fn note(&self, shared: &Shared, span: Span) -> String {
        let end = self.from.plus(i64::try_from(self.width).unwrap_or(0) * self.cell);
        let times = shared.times();
        if span.end() > end {
            return format!("{} {}", shared.look.glyphs.beyond, times.near(span.end()));
        }
        calendar::clocks(span, times.zone)
    }
}

/// `C6 release clash` with what became of it: a head for one rule of many.
#[must_use]
pub fn head(shared: &Shared, rule: &ExplainedRule) -> Text<'static> {
    let look = &shared.look;
    let name = format!("{} {}", rule_id(rule.rule), rule.name);
    let other = rule.other.as_ref().map(|id| format!(" with {id}")).unwrap_or_default();
    let (glyph, role, word) = match (rule.state, rule.severity) {
        (RuleState::Fired, Some(severity)) => severity_badge(severity, look.glyphs),
        (RuleState::Fired, None) => severity_badge(Severity::Info, look.glyphs),
        (RuleState::Passed, _) => (look.glyphs.state_done, Role::Ok, rule.state.label()),
        (RuleState::NotChecked, _) => (look.glyphs.vote_waiting, Role::Caution, rule.state.label()),
        (RuleState::Off, _) => (look.glyphs.dash, Role::Muted, rule.state.label()),
    };
    Words::new(look).sign(glyph, role, word).text(" ").put(&name, look.strong()).text(&other).line()
}
