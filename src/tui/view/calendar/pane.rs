//! The calendar on the Board: a table of the week, or its lanes where there is room. The Board's cursor drives its marks.

use std::collections::HashSet;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    index::{Index, Occurs},
    kept::{Focus, Kept, Wanted},
    lane::Grouping,
    period::{Mode, Period, is_weekend, monday},
    scene::{Canvas, Scene},
    shown::{Aim, Shown, clashes_per_cell, window_fill},
    timeline, week,
};
use crate::{
    model::{Id, RuleId, Severity, Span},
    tui::{
        theme::Role,
        view::widget::{Head, width},
    },
};

/// The calendar pane of the Board.
#[derive(Debug, Default)]
pub struct CalendarPane {
    index: Index,
    kept: Kept,
    focus: Focus,
    chosen: Option<Id>,
}

/// From this width on there are lanes.
const LANES: u16 = 100;
const ZOOM_2H: usize = 4;

impl CalendarPane {
    /// Draws the week around now, with `selected` and what clashes with it marked.
    pub fn draw(&mut self, scene: &Scene<'_>, selected: Option<&Id>, buf: &mut Buffer, area: Rect) {
        if area.is_empty() {
            return;
        }
        self.index.refresh(scene);
        self.focus.follow(scene, selected);
        let partners = self.focus.partners();
        let mut first: Vec<Id> = partners.iter().map(|(id, ..)| id.clone()).collect();
        first.extend(selected.cloned());
        if self.chosen.as_ref() != selected {
            self.chosen = selected.cloned();
            self.kept.place_first(&first);
        }
        let mut canvas = Canvas::new(buf, scene.look, area);
        if area.width < LANES || area.height < 10 {
            self.follow(scene, Mode::Week, 1, &first);
            return self.week(scene, &mut canvas);
        }
        let cells = usize::from(area.width).saturating_sub(timeline::gutter(area.width.into())).max(1);
        self.follow(scene, Mode::Timeline, cells, &first);
        let seen = self.lanes(scene, &partners, &mut canvas);
        if !seen && self.kept.items.iter().any(|item| Some(item.id()) == selected) {
            // Lanes keep their places, but never at the price of the selection.
            self.kept.forget();
            self.follow(scene, Mode::Timeline, cells, &first);
            canvas.clear();
            self.lanes(scene, &partners, &mut canvas);
        }
    }

    fn follow(&mut self, scene: &Scene<'_>, mode: Mode, cells: usize, first: &[Id]) {
        let at = scene.zone.midnight(monday(scene.zone.date(scene.now)));
        let (period, opened) = (Period { mode, at, zoom: ZOOM_2H }, HashSet::new());
        let wanted = Wanted { period, cells, grouping: Grouping::Class, opened: &opened, first, mine: None };
        self.kept.follow(scene, &self.index, wanted);
    }

    fn shown<'a>(
        &'a self,
        scene: &'a Scene<'a>,
        cursor: Option<&'a Aim>,
        partners: &'a [(Id, RuleId, Severity)],
    ) -> Shown<'a> {
        Shown {
            scene,
            index: &self.index,
            items: &self.kept.items,
            names: &self.kept.names,
            lanes: &self.kept.lanes,
            grouping: Grouping::Class,
            axis: &self.kept.axis,
            occurs: &self.kept.occurs,
            cursor,
            partners,
            wide: false,
            tall: false,
        }
    }

    /// The table of the week.
    fn week(&self, scene: &Scene<'_>, canvas: &mut Canvas<'_>) {
        let shown = self.shown(scene, None, &[]);
        let title = Period { mode: Mode::Week, at: scene.now, zoom: 0 }.title(scene.zone);
        let head = Head::new(&title, scene.focused)
            .fact(format!("{} activities", shown.items.len()))
            .right(format!("zone {}", scene.zone.abbreviation(scene.now)));
        canvas.head(0, &head);
        table(&shown, &mut canvas.rows(1, usize::MAX));
    }

    /// The week as a timeline with lanes; whether the selection was drawn.
    fn lanes(&self, scene: &Scene<'_>, partners: &[(Id, RuleId, Severity)], canvas: &mut Canvas<'_>) -> bool {
        let cursor = self.chosen.clone().map(Aim::Item);
        let shown = self.shown(scene, cursor.as_ref(), partners);
        let week = Period { mode: Mode::Week, at: scene.now, zoom: 0 };
        let now = scene.zone.local(scene.now).format("%a %H:%M");
        let head = Head::new("Calendar", scene.focused)
            .fact(week.title(scene.zone).to_lowercase())
            .fact("lanes: class")
            .fact("1 cell = 2 h")
            .right(format!("{} now {now}", scene.look.glyphs.now_head));
        canvas.head(0, &head);
        let mut body = canvas.rows(1, usize::MAX);
        let drawn = timeline::draw(&shown, timeline::Form { hours: false, cap: 4 }, &mut body);
        let total = week.span(scene.zone, 1).map_or(0, |span| self.index.activities(span).count());
        body.put(0, 0, &total.to_string(), 11, scene.look.strong());
        drawn.spots.iter().any(|spot| Some(&spot.target) == cursor.as_ref())
    }
}

const GUTTER: usize = 11;

/// The columns of the table: weekends a little narrower.
fn columns(shown: &Shown<'_>, total: usize) -> Vec<week::Column> {
    let days = shown.axis.cells();
    let room = total.saturating_sub(GUTTER + days);
    let slim = (room / 8).min(7);
    let weekend = |day: usize| is_weekend(shown.scene.zone.date(shown.axis.at(day)));
    let slims = (0..days).filter(|day| weekend(*day)).count();
    let each = room.saturating_sub(slims * slim) / (days - slims).max(1);
    let mut x = GUTTER;
    (0..days)
        .map(|day| {
            let column = week::Column { x: x + 1, width: if weekend(day) { slim } else { each } };
            x = column.x + column.width;
            column
        })
        .collect()
}

fn table(shown: &Shown<'_>, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let columns = columns(shown, canvas.width());
    let names = ["", "all", "to decide", "clashes", "windows"];
    for (y, name) in names.iter().enumerate() {
        canvas.put(1, y, name, GUTTER - 2, look.muted());
        for column in &columns {
            canvas.set(column.x - 1, y, look.glyphs.pane, look.rule(false));
        }
    }
    let counts = week::day_counts(shown);
    let (open, clashes, peak) = (week::open_counts(shown), clashes_per_cell(shown), week::peak(&counts));
    for (day, column) in columns.iter().enumerate() {
        let date = shown.scene.zone.date(shown.axis.at(day));
        let today = shown.now_cell() == Some(day);
        let mark = if today {
            look.glyphs.now_head
        } else if column.width >= 8 {
            " "
        } else {
            ""
        };
        let style = if today { look.word(Role::Now) } else { look.text() };
        let forms = ["%a %d", "%a%d", "%d"].map(|form| format!("{mark}{}", date.format(form)));
        let text = forms.iter().find(|text| width(text) <= column.width);
        canvas.put(column.x, 0, text.map_or("", String::as_str), column.width, style);
        let end = column.x + column.width.saturating_sub(1);
        let count = counts[day].to_string();
        canvas.right(end, 1, &count, look.strong());
        if peak == Some(day) && width(&count) + 6 <= column.width {
            canvas.put(column.x, 1, "peak", 4, look.text());
        }
        let room = column.width.saturating_sub(2);
        canvas.put(column.x + 1, 2, &spaced(shown, open[day], 0, 0, room), room, look.text());
        let (block, warn) = clashes[day];
        canvas.put(column.x + 1, 3, &spaced(shown, 0, block, warn, room), room, look.text());
        if let Some(span) = shown.axis.cell_span(day) {
            windows(shown, span, *column, canvas);
        }
    }
}

/// `▲ 1 △ 1`, closer where that is too wide.
fn spaced(shown: &Shown<'_>, open: u32, block: u32, warn: u32, room: usize) -> String {
    let glyphs = shown.glyphs();
    let parts = [(glyphs.state_vote_open, open), (glyphs.clash_block, block), (glyphs.clash_warn, warn)];
    let some = parts.iter().filter(|(_, count)| *count > 0).map(|(glyph, count)| format!("{glyph} {count}"));
    let text = some.collect::<Vec<_>>().join(" ");
    if text.is_empty() || width(&text) > room { week::signs(shown, open, block, warn, room) } else { text }
}

/// The windows of a day: filled when one lasts all of it, else their glyphs and when the heaviest begins or ends.
fn windows(shown: &Shown<'_>, span: Span, column: week::Column, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let fill = |occurs: &Occurs| window_fill(occurs.window.kind.value, occurs.window.hard, look.glyphs);
    let here = shown.occurs.iter().filter(|occurs| occurs.span.overlaps(span));
    let mut here: Vec<_> = here.filter_map(|occurs| Some((fill(occurs)?, occurs))).collect();
    here.sort_by_key(|((weight, ..), occurs)| (*weight, occurs.span.start()));
    let Some(((_, glyph, role), heaviest)) = here.last() else { return };
    if heaviest.span.covers(span) {
        canvas.fill(column.x, column.x + column.width, 4, glyph, look.glyph(*role));
        return;
    }
    // Where there is little room, the hour alone says when.
    let tight = column.width < 8;
    let (clock_width, format) = if tight { (3, "%H") } else { (6, "%H:%M") };
    let mut x = column.x + usize::from(here.len() == 1 && !tight);
    let mut last = "";
    for ((_, glyph, role), _) in &here {
        if *glyph != last && x + clock_width < column.x + column.width {
            canvas.set(x, 4, glyph, look.glyph(*role));
            x += 1;
            last = glyph;
        }
    }
    let clock = |at| shown.scene.zone.local(at).format(format).to_string();
    let text = if heaviest.span.start() >= span.start() {
        format!(" {}", clock(heaviest.span.start()))
    } else {
        format!(" {}{}", look.glyphs.beyond, clock(heaviest.span.end()))
    };
    let room = (column.x + column.width).saturating_sub(x);
    if width(&text) <= room {
        canvas.put(x, 4, &text, room, look.text());
    }
}
