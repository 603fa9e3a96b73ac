//! One lane on one day of the week: what it lists, what it counts, and how each line is written at a width.

use ratatui::style::Modifier;

use super::super::{
    item::{Item, Mark},
    lane::Lane,
    scene::Canvas,
    shown::{Aim, Shown, window_fill},
};
use crate::{
    calendar::RULE_NOT_UNDERSTOOD,
    model::{Instant, Severity, Vocabulary, WindowKind},
    tui::{theme::Role, view::widget::width},
};

/// A line of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellLine {
    Item(usize),
    /// Parts past from coming.
    Now,
    /// Items that are counted; the second line of a summary counts none.
    Rest {
        items: Vec<usize>,
        text: String,
    },
    /// A freeze, where nothing else stands.
    Window {
        text: String,
    },
}

/// The narrowest cell whose items have a title.
const TITLED: usize = 20;

/// Where a cell is, and what room it has.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub lane: &'a Lane,
    pub day: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Place<'_> {
    /// What the cursor is on where the cell counts.
    #[must_use]
    pub fn counted(&self, shown: &Shown<'_>) -> Aim {
        let (start, end) = (shown.axis.at(self.day), shown.axis.at(self.day + 1));
        Aim::Load { lane: Some(self.lane.name.clone()), start, end }
    }
}

/// The lines of a cell, by start.
#[must_use]
pub fn lines(shown: &Shown<'_>, place: &Place<'_>, items: &[usize]) -> Vec<CellLine> {
    let Place { lane, day, rows, columns } = *place;
    let mut lines = listed(shown, items, rows, columns);
    if shown.now_cell() == Some(day) && !items.is_empty() && lines.len() < rows {
        let all_listed = lines.iter().all(|line| matches!(line, CellLine::Item(_)));
        let past = |line: &CellLine| matches!(line, CellLine::Item(item) if shown.items[*item].start <= shown.scene.now);
        let at = lines.iter().filter(|line| past(line)).count();
        if all_listed {
            lines.insert(at, CellLine::Now);
        }
    }
    if lines.len() < rows {
        lines.extend(freeze(shown, lane, day, columns).map(|text| CellLine::Window { text }));
    }
    lines
}

fn listed(shown: &Shown<'_>, items: &[usize], rows: usize, columns: usize) -> Vec<CellLine> {
    let fits = |item: &usize| least_width(shown, &shown.items[*item]) <= columns;
    if items.is_empty() {
        return Vec::new();
    }
    if !items.iter().all(fits) {
        return summary(shown, items, rows.min(1), columns);
    }
    if items.len() <= rows {
        return by_start(shown, items.to_vec()).into_iter().map(CellLine::Item).collect();
    }
    let matter = items.iter().any(|item| shown.items[*item].matters());
    if rows < 2 || (rows == 2 && columns < TITLED && !matter) {
        return summary(shown, items, rows, columns);
    }
    let mut ranked = items.to_vec();
    ranked.sort_by_key(|item| shown.items[*item].key());
    let rest = by_start(shown, ranked.split_off(rows - 1));
    let mut lines: Vec<CellLine> = by_start(shown, ranked).into_iter().map(CellLine::Item).collect();
    let text = self::rest(shown, &rest, columns, "+", true);
    lines.push(CellLine::Rest { items: rest, text });
    lines
}

fn by_start(shown: &Shown<'_>, mut items: Vec<usize>) -> Vec<usize> {
    items.sort_by_key(|item| (shown.items[*item].start, shown.items[*item].id()));
    items
}

/// `143  22–06` and, with a second row, `●143 ○0 ▲0`.
fn summary(shown: &Shown<'_>, items: &[usize], rows: usize, columns: usize) -> Vec<CellLine> {
    let lead = if columns < TITLED { " " } else { "" };
    let text = rest(shown, items, columns, lead, false);
    let mut lines = vec![CellLine::Rest { items: items.to_vec(), text }];
    if rows > 1 {
        let glyphs = shown.glyphs();
        let (open, block) = undecided(shown, items);
        let decided = items.len() - open;
        let text = format!(
            "{}{decided} {}{open} {}{block}",
            glyphs.state_approved, glyphs.state_vote_open, glyphs.clash_block
        );
        let text = if width(&text) <= columns {
            text
        } else {
            format!("{}{open} {}{block}", glyphs.state_vote_open, glyphs.clash_block)
        };
        lines.push(CellLine::Rest { items: Vec::new(), text });
    }
    lines
}

fn undecided(shown: &Shown<'_>, items: &[usize]) -> (usize, usize) {
    let open = items.iter().filter(|item| shown.items[**item].mark == Mark::Open).count();
    (open, items.iter().filter(|item| shown.items[**item].is_block()).count())
}

/// How many, when, and with `signs` how many undecided and blocked: `+140 · 22–06 · ○ 0 ▲ 0`, as much as fits.
/// `lead` is `+` for what is left, a blank to spread number and hours, empty to join them by a dot.
#[must_use]
pub fn rest(shown: &Shown<'_>, items: &[usize], columns: usize, lead: &str, signs: bool) -> String {
    let glyphs = shown.glyphs();
    let count = items.len();
    let hours = hours(shown, items);
    let (open, block) = undecided(shown, items);
    let dot = glyphs.dot;
    let marks = format!("{} {open} {} {block}", glyphs.state_vote_open, glyphs.clash_block);
    let plus = if lead == "+" { "+" } else { "" };
    let tight = if open + block == 0 {
        format!("{plus}{count}")
    } else {
        let open = if open > 0 { glyphs.state_vote_open } else { "" };
        let block = if block > 0 { glyphs.clash_block } else { "" };
        format!("{plus}{count}{open}{block}")
    };
    let forms = [
        if signs {
            format!("{plus}{count} {dot} {hours} {dot} {marks}")
        } else {
            format!("{plus}{count} {dot} {hours}")
        },
        if lead == " " { format!("{count:<3} {hours}") } else { format!("{plus}{count} {hours}") },
        format!("{plus}{count} {hours}"),
        tight,
        format!("{plus}{count}"),
    ];
    let skip = usize::from(lead == " " || columns < TITLED);
    forms.into_iter().skip(skip).find(|text| width(text) <= columns).unwrap_or_default()
}

/// `22–06`: from the hour the first begins to the hour the last ends; `11:00` for one alone.
fn hours(shown: &Shown<'_>, items: &[usize]) -> String {
    let zone = shown.scene.zone;
    let (mut first, mut last) = (Instant::MAX, Instant::MIN);
    for item in items {
        let item = &shown.items[*item];
        (first, last) = (first.min(item.start), last.max(item.end));
    }
    if items.len() == 1 {
        return zone.local(first).format("%H:%M").to_string();
    }
    // Rounded outward: what ends at 06:10 is not over at 06.
    let end = zone.local(last.plus(3599)).format("%H").to_string();
    let next_day = zone.date(last.plus(-1)) != zone.date(first);
    let end = if end == "00" && !next_day { "24".to_owned() } else { end };
    format!("{}{}{end}", zone.local(first).format("%H"), shown.glyphs().dash)
}

/// Columns below which an item cannot be written: signs and id.
fn least_width(shown: &Shown<'_>, item: &Item) -> usize {
    2 + width(shown.names.short(item.id()))
}

/// A freeze over the lane on a day: `╳ from 18:00`, `╳ 18–24`, or `╳` for all of it.
fn freeze(shown: &Shown<'_>, lane: &Lane, day: usize, columns: usize) -> Option<String> {
    let span = shown.axis.cell_span(day)?;
    let freezes = shown.occurs.iter().filter(|occurs| {
        occurs.window.kind.value == WindowKind::Freeze
            && occurs.span.overlaps(span)
            && shown.grouping.covered(lane, &occurs.window, shown.index)
    });
    let found = freezes.max_by_key(|occurs| (occurs.window.hard, occurs.span.covers(span)))?;
    let (_, glyph, _) = window_fill(WindowKind::Freeze, found.window.hard, shown.glyphs())?;
    let clock = |at: Instant, format: &str| shown.scene.zone.local(at).format(format).to_string();
    let (begins, ends) = (found.span.start() > span.start(), found.span.end() < span.end());
    let dash = shown.glyphs().dash;
    let (from, to) = (found.span.start(), found.span.end());
    let long = match (begins, ends) {
        (false, false) => String::new(),
        (true, false) => format!(" from {}", clock(from, "%H:%M")),
        (false, true) => format!(" until {}", clock(to, "%H:%M")),
        (true, true) => format!(" {}{dash}{}", clock(from, "%H:%M"), clock(to, "%H:%M")),
    };
    let short = match (begins, ends) {
        (false, false) => String::new(),
        (true, false) => format!(" {}{dash}24", clock(from, "%H")),
        (false, true) => format!(" 00{dash}{}", clock(to, "%H")),
        (true, true) => format!(" {}{dash}{}", clock(from, "%H"), clock(to, "%H")),
    };
    let doubt = if found.doubt { "?" } else { "" };
    let marked = found.doubt.then(|| format!("{long} {RULE_NOT_UNDERSTOOD}"));
    let forms = marked.into_iter().chain([long, short, String::new()].map(|form| format!("{doubt}{form}")));
    let words = forms.into_iter().find(|words| width(words) < columns);
    words.map(|words| format!("{glyph}{words}"))
}

/// Writes a line of a cell.
pub fn draw(
    shown: &Shown<'_>,
    line: &CellLine,
    place: &Place<'_>,
    (x, y): (usize, usize),
    canvas: &mut Canvas<'_>,
) {
    let columns = place.columns;
    let look = shown.scene.look;
    match line {
        CellLine::Item(item) => entry(shown, &shown.items[*item], (x, y), columns, canvas),
        CellLine::Now => {
            let rule = look.glyphs.head_light;
            let text = format!("{rule} {} ", shown.scene.zone.local(shown.scene.now).format("%H:%M"));
            let text = if width(&text) <= columns { text } else { String::new() };
            let text = format!("{text}{}", rule.repeat(columns.saturating_sub(width(&text))));
            canvas.put(x, y, &text, columns, look.glyph(Role::Now));
        }
        CellLine::Rest { items, text } => {
            canvas.put(x, y, text, columns, look.text());
            if !items.is_empty() && shown.cursor == Some(&place.counted(shown)) {
                canvas.mark(x, x + width(text), y, Modifier::REVERSED);
            }
        }
        CellLine::Window { text } => {
            canvas.put(x, y, text, columns, look.glyph(Role::Freeze));
        }
    }
}

/// `22:00 ○▲ 0042 Core switch`, `22:00○▲0042`, or `○▲0042`.
pub fn entry(
    shown: &Shown<'_>,
    item: &Item,
    (x, y): (usize, usize),
    columns: usize,
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    let selected = shown.is_selected(item);
    let partner = if selected { None } else { shown.partner(item) };
    let past = item.is_past(shown.scene.now);
    let plain = if past { look.muted() } else { look.text() };
    let id = shown.names.short(item.id());
    let end = x + columns;
    let gap = if columns >= TITLED { " " } else { "" };
    let time = clock(shown, item);
    let least = 2 + width(id) + 2 * gap.len();
    let mut at = x;
    if width(&time) + least <= columns {
        at = canvas.put(at, y, &time, columns, plain);
        at = canvas.put(at, y, gap, 1, plain);
    }
    let state = if item.waits { Role::You } else { item.mark.role() };
    at = canvas.put(at, y, item.mark.glyph(look.glyphs), 1, look.glyph(state));
    let sign = item.sign.glyph(look.glyphs);
    at = canvas.put(at, y, if sign.is_empty() { " " } else { sign }, 1, look.glyph(item.sign.role()));
    if at + gap.len() + width(id) <= end {
        at = canvas.put(at, y, gap, 1, plain);
    }
    let style = match (selected, partner) {
        (true, _) => look.selected(),
        (false, Some(_)) => look.partner(),
        (false, None) => plain,
    };
    at = canvas.put(at, y, id, end - at, style);
    let tag = partner.map(|rule| format!(" {}{}", look.glyphs.clash_partner, rule.word()));
    let tag_width = tag.as_ref().map_or(0, |tag| width(tag));
    let room = (end - at).saturating_sub(tag_width + 1);
    if columns >= TITLED && room >= 3 {
        at = canvas.put(at, y, " ", 1, plain);
        at = canvas.cut(at, y, &item.row.title, room, plain);
    }
    if let Some(tag) = tag.filter(|tag| width(tag) <= end - at) {
        canvas.put(at, y, &tag, end - at, look.word(Role::Accent));
    }
}

/// When it begins; `→02:00` for the end of what began before the week.
fn clock(shown: &Shown<'_>, item: &Item) -> String {
    let clock = |at| shown.scene.zone.local(at).format("%H:%M").to_string();
    if item.start < shown.axis.start() {
        return format!("{}{}", shown.glyphs().beyond, clock(item.end));
    }
    clock(item.start)
}

/// Blocks and warnings as one text of three columns: `○2  ▲1  △1`; a dot when there is nothing.
#[must_use]
pub fn signs(shown: &Shown<'_>, open: u32, block: u32, warn: u32, columns: usize) -> String {
    let glyphs = shown.glyphs();
    let parts = [(glyphs.state_vote_open, open), (glyphs.clash_block, block), (glyphs.clash_warn, warn)];
    if parts.iter().all(|(_, count)| *count == 0) {
        return glyphs.dot.to_owned();
    }
    let spread = |step: usize, gap: &str| {
        let cell = |(glyph, count): &(&str, u32)| {
            let text = if *count > 0 { format!("{glyph}{gap}{count}") } else { String::new() };
            format!("{text}{}", " ".repeat(step.saturating_sub(width(&text)).max(usize::from(*count > 0))))
        };
        parts.iter().map(cell).collect::<String>().trim_end().to_owned()
    };
    let tight: String = parts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(glyph, count)| format!("{glyph}{count}"))
        .collect();
    let least: String = parts.iter().filter(|(_, count)| *count > 0).map(|(glyph, _)| *glyph).collect();
    [spread(6, " "), spread(4, ""), tight, least]
        .into_iter()
        .skip(usize::from(columns < 17))
        .find(|text| width(text) <= columns)
        .unwrap_or_default()
}

/// The worst open severity of an item's clashes, warnings and blocks only.
#[must_use]
pub fn is_warn(item: &Item) -> bool {
    item.sign == super::super::item::Sign::Open(Severity::Warn)
}
