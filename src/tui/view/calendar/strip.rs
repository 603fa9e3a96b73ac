//! Under the calendar: what is selected, in words and with exact times; and the legend.

use std::sync::Arc;

use super::{
    item::{Item, Mark, Sign, severity_glyph, severity_role},
    period::Mode,
    scene::Canvas,
    shown::{Shown, home, window_fill},
};
use crate::{
    calendar,
    model::{Line, RuleId, Severity, Span, Vocabulary, WindowKind},
    tui::{
        input::Action,
        theme::Role,
        view::{
            item::{
                lines::{count_words, quorum_words},
                votes as counted,
            },
            widget::{Head, width},
        },
    },
    wire::TallyOutcome,
    wire::{ActivityKind, ConflictRow, Tally},
    words::Label,
};

/// What the strip says more about the item it shows.
pub struct Detail<'a> {
    pub item: &'a Item,
    /// Its open conflicts, worst first.
    pub clashes: &'a [ConflictRow],
}

/// Draws the strip of one item: head, when and where, clashes, votes.
pub fn item(shown: &Shown<'_>, detail: &Detail<'_>, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let row = &detail.item.row;
    let tally = shown.scene.snapshot.tallies.get(&row.item).filter(|tally| tally.is_open());
    let title = format!("{} {}", row.id, row.title);
    canvas.head(0, &Head::new(&title, false).right(facts(shown, detail.item, tally)));
    let width = canvas.width();
    canvas.cut(1, 1, &when_where(shown, detail.item), width.saturating_sub(1), look.text());
    clash_line(shown, detail, 2, canvas);
    if let Some(tally) = tally {
        canvas.cut(1, 3, &votes(shown, tally), width.saturating_sub(1), look.text());
    } else if let Some(owner) = &row.owner {
        let group = row.group.as_ref().map(|group| format!(" · group {group}")).unwrap_or_default();
        canvas.cut(
            1,
            3,
            &format!("owner {owner}{group} · source {}", row.source),
            width.saturating_sub(1),
            look.muted(),
        );
    }
}

/// One line for screens without room: id, when, clashes.
pub fn line(shown: &Shown<'_>, detail: &Detail<'_>, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let text = format!("{} {} · {}", detail.item.row.id, when(shown, detail.item), detail.item.row.title);
    canvas.cut(0, 0, &text, canvas.width(), look.text());
}

/// `normal · high risk · ○ vote open`, with votes and what they need where there is room.
fn facts(shown: &Shown<'_>, item: &Item, tally: Option<&Arc<Tally>>) -> String {
    let row = &item.row;
    let kind = match &row.kind {
        ActivityKind::Change(word) => {
            word.raw.as_deref().filter(|_| word.value == Vocabulary::UNKNOWN).unwrap_or(word.value.label())
        }
        ActivityKind::Phase { .. } => "phase",
    };
    let risk = row
        .risk
        .raw
        .as_deref()
        .filter(|_| row.risk.value == Vocabulary::UNKNOWN)
        .unwrap_or(row.risk.value.label());
    let state = format!("{} {}", item.mark.glyph(shown.glyphs()), item.mark.word());
    let votes =
        tally.filter(|_| shown.wide).map(|tally| format!(" · {} · needs {}", counted(tally), tally.needs));
    let kind = if shown.wide { format!("{kind} · ") } else { String::new() };
    format!("{kind}{} risk · {state}{}", risk, votes.unwrap_or_default())
}

fn when(shown: &Shown<'_>, item: &Item) -> String {
    let zone = shown.scene.zone;
    let Some(span) = item.span() else {
        return format!("{}, no end: shown as a point", calendar::stamp(item.start, zone));
    };
    let delta = if zone.crosses(span) { format!(" {}", shown.glyphs().clock_change) } else { String::new() };
    let utc = calendar::Zone::UTC;
    let second = if shown.wide && zone != utc {
        format!(" ({})", calendar::clocks_elsewhere(span, zone, utc))
    } else {
        String::new()
    };
    format!("{}{second} · {}{delta}", calendar::span(span, zone), calendar::minutes(span.minutes()))
}

fn when_where(shown: &Shown<'_>, item: &Item) -> String {
    let row = &item.row;
    let mut parts = vec![when(shown, item)];
    if !row.services.is_empty() {
        let first: Vec<&str> = row.services.iter().take(3).map(Line::as_str).collect();
        let more = row.services.len().saturating_sub(3);
        parts.push(if more > 0 { format!("{} +{more}", first.join(", ")) } else { first.join(", ") });
    }
    parts.extend(row.environment.iter().filter(|_| shown.wide).map(ToString::to_string));
    parts.extend(inside(shown, item));
    if shown.wide {
        parts.extend(
            row.rollback_minutes.map(|minutes| format!("rollback {}", calendar::minutes(i64::from(minutes)))),
        );
    }
    parts.join(" · ")
}

/// `inside mw-net to 02:00`: the maintenance window in view that contains the item and names one of its services.
fn inside(shown: &Shown<'_>, item: &Item) -> Option<String> {
    let span = item.span()?;
    let names = |service: &Line| {
        item.row
            .services
            .iter()
            .chain(item.row.class.as_ref())
            .any(|own| own.as_str().eq_ignore_ascii_case(service))
    };
    let found = shown.occurs.iter().find(|occurs| {
        let scope = &occurs.window.scope.services;
        occurs.window.kind.value == WindowKind::Maintenance
            && occurs.span.covers(span)
            && (scope.is_empty() || scope.iter().any(names))
    })?;
    let zone = shown.scene.zone;
    let (day, end) = (zone.date(span.end()), found.span.end());
    let end = if zone.date(end) == day {
        calendar::clock(end, zone)
    } else {
        zone.local(end).format("%a %H:%M").to_string()
    };
    Some(format!("inside {} to {end}", found.window.id))
}

fn clash_line(shown: &Shown<'_>, detail: &Detail<'_>, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    if detail.clashes.is_empty() {
        canvas.put(1, y, "no open clash", canvas.width(), look.muted());
        return;
    }
    let mut x = 1;
    let end = canvas.width();
    for (at, row) in detail.clashes.iter().enumerate() {
        if at > 0 {
            x = canvas.put(x, y, " · ", 3, look.text());
        }
        let text = clash_words(row, &detail.item.row.id, shown.wide);
        let more = detail.clashes.len() - at;
        let reserve = if more > 1 { 8 } else { 0 };
        if at > 0 && x + 2 + width(&text) + reserve > end {
            canvas.put(x, y, &format!("+{more} more"), end.saturating_sub(x), look.text());
            return;
        }
        let (glyph, role) = if row.ack.is_some() {
            (look.glyphs.clash_acknowledged, Role::Info)
        } else {
            (severity_glyph(row.severity, look.glyphs), severity_role(row.severity))
        };
        x = canvas.put(x, y, glyph, 1, look.glyph(role));
        x = canvas.put(x, y, " ", 1, look.text());
        x = canvas.cut(x, y, &text, end.saturating_sub(x), look.text());
    }
}

/// `C6 block with REL-4.2/p1 on lb-01, 90 min`.
fn clash_words(row: &ConflictRow, id: &crate::model::Id, wide: bool) -> String {
    let other = row.key.other_side(id).map(|other| format!(" with {other}")).unwrap_or_default();
    let path = row.path.first().map(|first| match row.key.rule {
        RuleId::C9 => format!(" ({first})"),
        _ if wide => format!(" on {first}"),
        _ => String::new(),
    });
    let path = path.filter(|_| !other.is_empty()).unwrap_or_default();
    let minutes =
        if row.minutes > 0 { format!(", {}", calendar::minutes(row.minutes)) } else { String::new() };
    let name = if other.is_empty() { format!(": {}", row.key.rule.name()) } else { String::new() };
    format!("{} {}{name}{other}{path}{minutes}", row.key.rule.word(), row.severity.label())
}

fn votes(shown: &Shown<'_>, tally: &Tally) -> String {
    let mine = shown.wide && shown.scene.snapshot.waits_for_me(tally);
    let waits = if mine { " · waits for your vote" } else { "" };
    format!("{} · {} · needs {}{waits}", count_words(tally), quorum_words(tally), tally.needs)
}

/// The strip of the week: the items of the selected cell, and the worst clash of the one selected.
pub fn cell(shown: &Shown<'_>, detail: &Detail<'_>, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let at = shown.items.iter().position(|item| item.id() == detail.item.id()).unwrap_or(0);
    let day = home(shown.axis, detail.item);
    let long = super::week::is_long(detail.item);
    let lane = shown.lanes.iter().find(|lane| !lane.open && lane.own.contains(&at));
    let mut items: Vec<usize> = (0..shown.items.len())
        .filter(|other| {
            let item = &shown.items[*other];
            let same = if long { true } else { lane.is_some_and(|lane| lane.own.contains(other)) };
            same && super::week::is_long(item) == long && (long || home(shown.axis, item) == day)
        })
        .collect();
    items.sort_by_key(|item| (shown.items[*item].start, shown.items[*item].id()));
    let place = items.iter().position(|item| *item == at).unwrap_or(0);
    let date = shown.scene.zone.local(shown.axis.at(day)).format("%a %d").to_string();
    let name = if long { "long" } else { lane.map_or("", |lane| lane.name.as_str()) };
    let title = format!("{date} · {name} · {} of {}", place + 1, items.len());
    canvas.head(0, &Head::new(&title, false).right(owners(shown, &items)));
    let clash = detail.clashes.iter().any(|row| row.severity != Severity::Info);
    let rows = canvas.height().saturating_sub(1 + usize::from(clash || items.len() == 1));
    let from = place.saturating_sub(rows.saturating_sub(1)).min(items.len().saturating_sub(rows));
    for (y, item) in items.iter().skip(from).take(rows).enumerate() {
        item_row(shown, &shown.items[*item], 1 + y, canvas);
    }
    if items.len() == 1 {
        canvas.cut(2, 2, &when_where(shown, detail.item), canvas.width().saturating_sub(2), look.text());
    }
    if clash || items.len() == 1 {
        let y = canvas.height() - 1;
        let mut last = canvas.rows(y, 1);
        clash_line(shown, detail, 0, &mut last);
    }
}

/// `j.lind owns both`, when one person owns all of several.
fn owners(shown: &Shown<'_>, items: &[usize]) -> String {
    let first = items.first().and_then(|item| shown.items[*item].row.owner.clone());
    let Some(first) = first else { return String::new() };
    if items.len() < 2 || items.iter().any(|item| shown.items[*item].row.owner.as_ref() != Some(&first)) {
        return String::new();
    }
    format!("{first} owns {}", if items.len() == 2 { "both" } else { "all" })
}

/// ` ▸23:00–00:30 ○ CHG0030051 Renew TLS · mod · 1-0-0/5 △C9`; only the title is ever cut.
fn item_row(shown: &Shown<'_>, item: &Item, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let selected = shown.is_selected(item);
    if selected {
        canvas.set(1, y, look.glyphs.cursor, look.text());
    }
    let times = shown.times(item);
    let mut x = canvas.put(2, y, &format!("{times} "), 15, look.text());
    let state = if item.waits { Role::You } else { item.mark.role() };
    x = canvas.put(x, y, item.mark.glyph(look.glyphs), 1, look.glyph(state));
    x = canvas.put(x, y, " ", 1, look.text());
    let id = item.id().as_str();
    x = canvas.put(x, y, id, width(id), if selected { look.selected() } else { look.text() });
    let tail = tail(shown, item);
    let room = canvas.width().saturating_sub(x + 1 + width(&tail));
    x = canvas.cut(x + 1, y, &item.row.title, room, look.text());
    canvas.put(x, y, &tail, canvas.width().saturating_sub(x), look.text());
}

/// ` · high · 2-1-0/5 ▲C6`.
fn tail(shown: &Shown<'_>, item: &Item) -> String {
    let risk = item.row.risk.value.label();
    let tally = shown.scene.snapshot.open_tally(&item.row.item);
    let votes = tally.map(|tally| format!(" · {}", counted(tally)));
    let rule = shown.index.worst(item.id()).map(Vocabulary::word);
    let sign = item.sign.glyph(shown.glyphs());
    let sign = if sign.is_empty() { String::new() } else { format!(" {sign}{}", rule.unwrap_or("")) };
    format!(" · {risk}{}{sign}", votes.unwrap_or_default())
}

/// The strip of a load cell: what it counts, the first of them, and how to see all.
pub fn load(
    shown: &Shown<'_>,
    lane: Option<&Line>,
    span: Option<Span>,
    items: &[&Item],
    count: usize,
    canvas: &mut Canvas<'_>,
) {
    let zone = shown.scene.zone;
    let time = span.map_or_else(String::new, |span| {
        let day = calendar::day(span.start(), zone);
        if span.secs() >= 82_800 { day } else { format!("{day} {}", calendar::clocks(span, zone)) }
    });
    let name = lane.map(|lane| format!(" · {lane}")).unwrap_or_default();
    let title = format!("{time}{name} · {} {}", count, if count == 1 { "activity" } else { "activities" });
    let enter = shown.scene.keymap.shown(Action::Enter);
    let does = if items.is_empty() { String::new() } else { format!("{enter} lists them") };
    canvas.head(0, &Head::new(&title, false).right(does));
    let rows = canvas.height().saturating_sub(1);
    for (y, item) in items.iter().take(rows).enumerate() {
        item_row(shown, item, 1 + y, canvas);
    }
}

/// The strip of a lane: what it holds and what Enter does.
pub fn lane(shown: &Shown<'_>, name: &Line, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let Some(lane) = shown.lanes.iter().find(|lane| lane.name == *name) else { return };
    let count = |which: fn(&Item) -> bool| lane.own.iter().filter(|item| which(&shown.items[**item])).count();
    let open = count(|item| item.mark == Mark::Open);
    let (block, warn) = (count(Item::is_block), count(super::week::is_warn));
    canvas.head(0, &Head::new(&format!("{} {name}", shown.grouping.word()), false));
    let glyphs = look.glyphs;
    let shared = if lane.shared.is_empty() {
        String::new()
    } else {
        format!(" · {} {} drawn in another lane", glyphs.elsewhere, lane.shared.len())
    };
    let text = format!(
        "{} · {} {open} to decide · {} {block} blocking · {} {}{shared}",
        crate::words::count(lane.own.len(), "activity"),
        glyphs.state_vote_open,
        glyphs.clash_block,
        glyphs.clash_warn,
        crate::words::count(warn, "warning")
    );
    canvas.cut(1, 1, &text, canvas.width(), look.text());
    let enter = shown.scene.keymap.shown(Action::Enter);
    let does = match (shown.grouping.opens() && lane.depth == 0, lane.open) {
        (true, true) => format!("{enter} folds it again"),
        (true, false) => format!("{enter} opens it into its services"),
        (false, _) => String::new(),
    };
    canvas.put(1, 2, &does, canvas.width(), look.muted());
}

/// A glyph of the legend with its word.
struct LegendEntry {
    text: String,
    /// A shorter way to say it.
    short: Option<String>,
    /// It is in the period: said before what is not.
    seen: bool,
    /// What is rare is said only where it is seen, and goes first where there is little room.
    rare: bool,
    /// Its glyph says nothing to who has not met it: it stays.
    keep: bool,
}

/// The legend: a glyph beside its word. What is in sight comes before what is not, where not all fit.
pub fn legend(shown: &Shown<'_>, mode: Mode, y: usize, canvas: &mut Canvas<'_>) {
    if mode == Mode::Year {
        let g = shown.glyphs();
        let (unit, blocking) = if super::year::is_wide(canvas.width()) {
            ("activities a day, in steps of the load", format!("{} blocking", g.clash_block))
        } else {
            ("a day, in steps", "underlined: blocking".to_owned())
        };
        let text = format!(
            "1{}9 {unit}  {} none  {} today  {}{} freeze  {blocking}",
            g.dash, g.dot, g.up, g.window_hard_freeze, g.window_soft_freeze
        );
        canvas.put(1, y, &text, canvas.width(), shown.scene.look.muted());
        return;
    }
    let bars = mode == Mode::Timeline;
    let mut entries = entries(shown, bars);
    entries.retain(|entry| entry.seen || !entry.rare);
    let gap = if shown.wide { 2 } else { 1 };
    let room = canvas.width();
    let needs = |entries: &[LegendEntry]| entries.iter().map(|entry| width(&entry.text) + gap).sum::<usize>();
    if needs(&entries) > room {
        for entry in &mut entries {
            entry.text = entry.short.take().unwrap_or_else(|| std::mem::take(&mut entry.text));
        }
    }
    for least in [|entry: &LegendEntry| !entry.seen, |entry: &LegendEntry| entry.rare && !entry.keep] {
        while needs(&entries) > room
            && let Some(last) = entries.iter().rposition(least)
        {
            entries.remove(last);
        }
    }
    let (mut x, style) = (1, shown.scene.look.muted());
    for LegendEntry { text, .. } in entries {
        // A glyph without its word would say nothing.
        if x + width(&text) > room {
            return;
        }
        x = canvas.put(x, y, &text, width(&text), style) + gap;
    }
}

fn entries(shown: &Shown<'_>, bars: bool) -> Vec<LegendEntry> {
    let g = shown.glyphs();
    let mut entries = Vec::new();
    let entry = |glyph: &str, word: &str, seen: bool, rare: bool| LegendEntry {
        text: format!("{glyph} {word}"),
        short: (word == Mark::Open.word()).then(|| format!("{glyph} {}", TallyOutcome::Open.label())),
        seen,
        rare,
        keep: glyph == g.window_meeting,
    };
    for mark in [Mark::Open, Mark::Approved, Mark::Running, Mark::Done, Mark::Failed] {
        let stroke = if bars { mark.stroke(g) } else { "" };
        let seen = shown.items.iter().any(|item| item.mark == mark);
        let rare = mark == Mark::Failed && !shown.wide;
        entries.push(entry(&format!("{stroke}{}", mark.glyph(g)), mark.word(), seen, rare));
    }
    if bars {
        let word = if shown.wide { "drawn in full in another lane" } else { "also here" };
        let seen = shown.lanes.iter().any(|lane| !lane.shared.is_empty());
        entries.push(entry(&format!("{}{}", g.bar_elsewhere, g.elsewhere), word, seen, false));
    }
    let signs = [
        (Sign::Open(Severity::Block), "blocking", bars && !shown.wide),
        (Sign::Open(Severity::Warn), "warning", bars && !shown.wide),
        (Sign::Open(Severity::Info), "note", true),
        (Sign::Acknowledged, if shown.wide { "acknowledged" } else { "ack" }, !shown.wide),
    ];
    for (sign, word, rare) in signs {
        let seen = shown.items.iter().any(|item| item.sign == sign);
        entries.push(entry(sign.glyph(g), word, seen, rare));
    }
    let window = if shown.wide { "maintenance" } else { "window" };
    let windows = [
        (WindowKind::Maintenance, true, window, false),
        (WindowKind::Freeze, true, "freeze", false),
        (WindowKind::Freeze, false, "soft freeze", true),
        (WindowKind::Release, false, "release window", true),
        (WindowKind::Meeting, false, "meeting", true),
    ];
    for (kind, hard, word, rare) in windows {
        let Some((_, glyph, _)) = window_fill(kind, hard, g) else { continue };
        let seen = shown.occurs.iter().any(|occurs| {
            let window = &occurs.window;
            window.kind.value == kind && (kind != WindowKind::Freeze || window.hard == hard)
        });
        entries.push(entry(glyph, word, seen, rare));
    }
    entries
}
