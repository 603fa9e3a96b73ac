//! One conflict row in a few words, seen from one of its sides or from above.

use crate::{
    calendar::{self, label},
    model::{Id, Instant, Line, RuleId, Severity, Span, Vocabulary},
    tui::{app::Times, glyph::Glyphs, theme::Role},
    wire::ConflictRow,
};

/// Glyph, role and word of a row: `▲ blocking`, `▽ ack`.
#[must_use]
pub fn badge(row: &ConflictRow, glyphs: &Glyphs) -> (&'static str, Role, &'static str) {
    if row.ack.is_some() {
        return (glyphs.clash_acknowledged, Role::Info, "ack");
    }
    severity_badge(row.severity, glyphs)
}

/// Glyph, role and word of a severity.
#[must_use]
pub fn severity_badge(severity: Severity, glyphs: &Glyphs) -> (&'static str, Role, &'static str) {
    match severity {
        Severity::Block => (glyphs.clash_block, Role::Bad, severity.said()),
        Severity::Warn => (glyphs.clash_warn, Role::Caution, severity.said()),
        Severity::Info | Severity::Unknown => (glyphs.clash_info, Role::Info, severity.said()),
    }
}

/// `C6`.
#[must_use]
pub fn rule_id(rule: RuleId) -> &'static str {
    rule.word()
}

/// `REL-4.2/p1 on lb-01, 90 min`: what clashes with `id`, without the rule.
#[must_use]
pub fn phrase(row: &ConflictRow, id: &Id) -> String {
    let other = row.key.other_side(id).map_or("", Id::as_str);
    let path = joined(&row.path);
    let minutes =
        if row.minutes > 0 { format!(", {}", calendar::minutes(row.minutes)) } else { String::new() };
    let on = if path.is_empty() { String::new() } else { format!(" on {path}") };
    match row.key.rule {
        RuleId::C1 | RuleId::C6 | RuleId::C7 => format!("{other}{on}{minutes}"),
        RuleId::C2 => format!("{other} by {}{minutes}", path.replace(", ", " > ")),
        RuleId::C3 => format!("{other}{minutes}"),
        RuleId::C4 => format!("in no window of {}", or(&path, "its services")),
        RuleId::C5 => format!("not inside one window of {}", or(&path, "its services")),
        RuleId::C8 => format!("in no phase of {other}"),
        RuleId::C9 => format!("{} also on {other}{minutes}", or(&path, "one team")),
        RuleId::C10 => format!("its order with {other}"),
        RuleId::C11 => format!("over capacity: {path}"),
        RuleId::C12 => "short notice".to_owned(),
        RuleId::C13 => "starts unapproved".to_owned(),
        RuleId::C14 if other.is_empty() => "a rollback would pass the window's end".to_owned(),
        RuleId::C14 => format!("a rollback would run into {other}"),
        RuleId::C15 => format!("cool-down after {other}"),
        RuleId::C16 => format!("missing: {}", or(&path, "a plan")),
        RuleId::C17 => "started unapproved".to_owned(),
        RuleId::C18 => "past its planned end".to_owned(),
        RuleId::Unknown => row.key.rule.name().to_owned(),
    }
}

/// As [`phrase`], in fewer words where there are fewer: `j.lind twice, 30 min`.
#[must_use]
pub fn short(row: &ConflictRow, id: &Id) -> String {
    if row.key.rule != RuleId::C9 {
        return phrase(row, id);
    }
    format!("{} twice, {}", or(&joined(&row.path), "one team"), calendar::minutes(row.minutes))
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// The names of a path, the first three of many.
#[must_use]
pub fn joined(path: &[Line]) -> String {
    let mut names: Vec<&str> = path.iter().take(3).map(Line::as_str).collect();
    let more = path.len().saturating_sub(3);
    let tail = format!("and {more} more");
    if more > 0 {
        names.push(&tail);
    }
    names.join(", ")
}

/// When a row is first seen: `Wed 25 Nov 22:00`, or until when it is acknowledged; `start` stands in where it has no span.
#[must_use]
pub fn first(row: &ConflictRow, start: Option<Instant>, times: Times, wide: bool) -> String {
    if let Some(ack) = &row.ack {
        let format = if wide { "until %a %d %b" } else { "until %d %b" };
        return times.zone.local(ack.until).format(format).to_string();
    }
    match row.span.map(Span::start).or(start) {
        Some(at) if wide => label::stamp(at, times.zone),
        Some(at) => times.start_wide(at),
        None => String::new(),
    }
}
