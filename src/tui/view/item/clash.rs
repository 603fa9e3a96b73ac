//! One conflict row in a few words, seen from one of its sides or from above.

use crate::{
    calendar::{self, label},
    model::{Id, Instant, RuleId, Severity, Span, Vocabulary},
    rules::conflict::{self, Seen},
    tui::{app::Times, glyph::Glyphs, theme::Role},
    wire::ConflictRow,
    words::Label,
};

pub use crate::rules::conflict::names as joined;

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
        Severity::Block => (glyphs.clash_block, Role::Bad, severity.label()),
        Severity::Warn => (glyphs.clash_warn, Role::Caution, severity.label()),
        Severity::Info | Severity::Unknown => (glyphs.clash_info, Role::Info, severity.label()),
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
    conflict::phrase(row.key.rule, Seen::from(&row.key, &row.path, row.minutes, id))
}

/// As [`phrase`], in fewer words where there are fewer: `j.lind twice, 30 min`.
#[must_use]
pub fn short(row: &ConflictRow, id: &Id) -> String {
    if row.key.rule != RuleId::C9 {
        return phrase(row, id);
    }
    let who = if row.path.is_empty() { "one team".to_owned() } else { joined(&row.path) };
    format!("{who} twice, {}", calendar::minutes(row.minutes))
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
