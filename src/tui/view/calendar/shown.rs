//! What one drawing of a calendar works on: the items, lanes, windows and clashes of the period, and what is selected.

use super::{
    index::{Clash, Index, Occurs},
    item::{Item, Names},
    lane::{Grouping, Lane},
    scene::Scene,
};
use crate::{
    calendar::lanes::Axis,
    model::{Id, Instant, Line, RuleId, Severity, WindowKind},
    tui::{glyph::Glyphs, theme::Role},
};

/// Everything a form of the calendar draws from.
pub struct Shown<'a> {
    pub scene: &'a Scene<'a>,
    pub index: &'a Index,
    pub items: &'a [Item],
    pub names: &'a Names,
    pub lanes: &'a [Lane],
    pub grouping: Grouping,
    /// Cells of the timeline, days of the others.
    pub axis: &'a Axis,
    pub occurs: &'a [Occurs],
    pub cursor: Option<&'a Aim>,
    /// What clashes with the selection, and by which rule.
    pub partners: &'a [(Id, RuleId, Severity)],
    /// From 120 columns.
    pub wide: bool,
    /// From 40 rows.
    pub tall: bool,
}

/// What the cursor is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    Item(Id),
    /// What a cell counts: the lane (none = all that have no row of their own) and the time.
    Load {
        lane: Option<Line>,
        start: Instant,
        end: Instant,
    },
    /// A meeting, by its id on record.
    Meeting(Id),
    /// A lane itself; a service of an opened lane carries its name.
    Lane(Line),
}

/// Something the cursor can be put on, and where it stands: a row, and columns from the left of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub row: usize,
    pub from: usize,
    pub to: usize,
    /// Which lane, so that left and right stay in it.
    pub lane: usize,
    pub target: Aim,
}

/// What a form of the calendar left behind when it was drawn.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Where the cursor can go; rows count from the top of the body.
    pub spots: Vec<Spot>,
    /// What is counted and not drawn: by lane (none = lanes without a row), as indices into the items in view.
    pub hidden: Vec<(Option<Line>, Vec<usize>)>,
    /// Whether a cell counts what begins in it; else what touches it.
    pub by_start: bool,
}

impl Shown<'_> {
    /// The id under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Id> {
        match self.cursor {
            Some(Aim::Item(id)) => Some(id),
            Some(Aim::Load { .. } | Aim::Meeting(_) | Aim::Lane(_)) | None => None,
        }
    }

    #[must_use]
    pub fn is_selected(&self, item: &Item) -> bool {
        self.selected() == Some(item.id())
    }

    /// `22:00–23:30`: with `+2` when it ends so many days on, `Δ` when the clock changes in it, `→14:00` when it began before
    /// the period, one clock for a point.
    #[must_use]
    pub fn times(&self, item: &Item) -> String {
        let (zone, glyphs) = (self.scene.zone, self.glyphs());
        let clock = |at| crate::calendar::clock(at, zone);
        let Some(span) = item.span() else { return clock(item.start) };
        let from = span.start().max(self.axis.start());
        let days = (zone.date(span.end().plus(-1)) - zone.date(from)).num_days();
        let more = if days > 0 { format!("+{days}") } else { String::new() };
        let midnight = zone.midnight(zone.date(span.end())) == span.end();
        let end = if midnight { "24:00".to_owned() } else { clock(span.end()) };
        let delta = if zone.crosses(span) { glyphs.clock_change } else { "" };
        if span.start() < self.axis.start() {
            return format!("{}{end}{more}{delta}", glyphs.beyond);
        }
        format!("{}{}{end}{more}{delta}", clock(span.start()), glyphs.dash)
    }

    /// The rule between the selection and an item.
    #[must_use]
    pub fn partner(&self, item: &Item) -> Option<RuleId> {
        self.partners.iter().find(|(id, ..)| id == item.id()).map(|(_, rule, _)| *rule)
    }

    /// Open conflicts in view, each with whether its minutes are exact.
    #[must_use]
    pub fn clashes(&self) -> Vec<Clash> {
        self.axis.span().map_or_else(Vec::new, |span| self.index.clashes(span).collect())
    }

    #[must_use]
    pub const fn glyphs(&self) -> &'static Glyphs {
        self.scene.look.glyphs
    }

    /// The cell of now, where it is in view.
    #[must_use]
    pub fn now_cell(&self) -> Option<usize> {
        self.axis.cell(self.scene.now)
    }
}

/// The fill of a window, lightest first in draw order; `None` = a kind that is not drawn behind bars.
#[must_use]
pub fn window_fill(kind: WindowKind, hard: bool, glyphs: &Glyphs) -> Option<(u8, &'static str, Role)> {
    match kind {
        WindowKind::Sprint | WindowKind::Event | WindowKind::Unknown => None,
        WindowKind::Meeting => Some((0, glyphs.window_meeting, Role::Muted)),
        WindowKind::Release => Some((1, glyphs.window_release, Role::Maint)),
        WindowKind::Maintenance => Some((2, glyphs.window_maintenance, Role::Maint)),
        WindowKind::Freeze if hard => Some((4, glyphs.window_hard_freeze, Role::Freeze)),
        WindowKind::Freeze => Some((3, glyphs.window_soft_freeze, Role::Freeze)),
    }
}

/// Conflicts as day heads and tabs count them: blocks and warnings that begin in each cell, or before the first.
#[must_use]
pub fn clashes_per_cell(shown: &Shown<'_>) -> Vec<(u32, u32)> {
    let mut counts = vec![(0, 0); shown.axis.cells()];
    for clash in shown.clashes() {
        let Some(cell) = shown.axis.cell(clash.start.max(shown.axis.start())) else { continue };
        match clash.severity {
            Severity::Block => counts[cell].0 += 1,
            Severity::Warn => counts[cell].1 += 1,
            Severity::Info | Severity::Unknown => {}
        }
    }
    counts
}

/// The cell an item counts in: where it begins, or the first.
#[must_use]
pub fn home(axis: &Axis, item: &Item) -> usize {
    axis.cell(item.start.max(axis.start())).unwrap_or(0)
}
