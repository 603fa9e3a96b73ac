//! What strip, side panel and page say about one item, line by line: when, clashes, undo, votes, where, risk, who.

use ratatui::{style::Style, text::Line as Text, text::Span as Piece};

use super::{Subject, clash, needs_clause};
use crate::{
    calendar,
    model::{Instant, Line, Span, When, time::MINUTE},
    tui::{
        app::Shared,
        theme::{Look, Role},
        view::widget::{width, wrap},
    },
    wire::{ActivityRow, ChangeDetail, ConflictRow, Tally},
    words::Label,
};

/// A line of pieces being written.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    look: &'a Look,
    pieces: Vec<Piece<'static>>,
}

impl<'a> Words<'a> {
    #[must_use]
    pub const fn new(look: &'a Look) -> Self {
        Self { look, pieces: Vec::new() }
    }

    /// A line that begins with a muted label of `columns`.
    #[must_use]
    pub fn labelled(look: &'a Look, label: &str, columns: usize) -> Self {
        Self::new(look).put(&format!("{label:<columns$}"), look.muted())
    }

    #[must_use]
    pub fn put(mut self, text: &str, style: Style) -> Self {
        self.pieces.push(Piece::styled(text.to_owned(), style));
        self
    }

    #[must_use]
    pub fn text(self, text: &str) -> Self {
        let style = self.look.text();
        self.put(text, style)
    }

    #[must_use]
    pub fn muted(self, text: &str) -> Self {
        let style = self.look.muted();
        self.put(text, style)
    }

    /// A glyph in its role's colour, then a word.
    #[must_use]
    pub fn sign(self, glyph: &str, role: Role, word: &str) -> Self {
        let (sign, style) = (self.look.glyph(role), self.look.word(role));
        self.put(glyph, sign).text(" ").put(word, style)
    }

    /// ` · text`, or nothing for an empty text.
    #[must_use]
    pub fn dot(self, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        if self.pieces.is_empty() { self.text(text) } else { self.text(" · ").text(text) }
    }

    /// ` · text` where the line then still fits `columns`: a clause is whole or not there.
    #[must_use]
    pub fn dot_within(self, text: &str, columns: usize) -> Self {
        let used: usize = self.pieces.iter().map(Piece::width).sum();
        if text.is_empty() || used + width(text) + 3 > columns { self } else { self.dot(text) }
    }

    #[must_use]
    pub fn line(self) -> Text<'static> {
        Text::from(self.pieces)
    }
}

/// Wraps lines to `columns` at their spaces, what follows indented by `indent`; styles stay.
#[must_use]
pub fn flow(lines: Vec<Text<'static>>, columns: usize, indent: usize) -> Vec<Text<'static>> {
    lines.into_iter().flat_map(|line| flow_line(line, columns, indent)).collect()
}

fn flow_line(line: Text<'static>, columns: usize, indent: usize) -> Vec<Text<'static>> {
    if line.width() <= columns || columns < indent + 8 {
        return vec![line];
    }
    let (mut lines, mut current, mut used) = (Vec::new(), Vec::<Piece<'static>>::new(), 0);
    for piece in line.spans {
        for word in piece.content.split_inclusive(' ') {
            let wide = width(word.trim_end());
            if used + wide > columns && used > indent {
                lines.push(Text::from(trimmed(std::mem::take(&mut current))));
                current.push(Piece::raw(" ".repeat(indent)));
                used = indent;
                // What only parted two clauses does not begin a line.
                if word.trim() == "·" || word.trim().is_empty() {
                    continue;
                }
            }
            used += width(word);
            current.push(Piece::styled(word.to_owned(), piece.style));
        }
    }
    lines.push(Text::from(trimmed(current)));
    lines
}

/// A blank at the end of a row is not seen, and must not make it too long.
fn trimmed(mut pieces: Vec<Piece<'static>>) -> Vec<Piece<'static>> {
    if let Some(last) = pieces.last_mut() {
        last.content = last.content.trim_end().to_owned().into();
    }
    pieces
}

/// `Wed 25 Nov 22:00–23:30 CET · 90 min`, or what is not known about it.
#[must_use]
pub fn when_words(shared: &Shared, when: When) -> String {
    let times = shared.times();
    match when {
        When::Span(span) => {
            let badge = if times.zone.crosses(span) { shared.look.glyphs.clock_change } else { "" };
            format!("{}{badge}", times.span(span))
        }
        When::Point(at) => format!("{} · no end", calendar::stamp(at, times.zone)),
        When::Unknown => "no time given".to_owned(),
    }
}

/// ` (21:00–22:30 UTC)`: the second reading, empty when the zone on screen is UTC already.
#[must_use]
pub fn second_reading(shared: &Shared, when: When) -> String {
    let (zone, utc) = (shared.zones.current(), calendar::Zone::UTC);
    match when {
        When::Span(span) if zone != utc => calendar::clocks_elsewhere(span, zone, utc),
        When::Point(at) if zone != utc => format!("{} UTC", calendar::clock(at, utc)),
        When::Span(_) | When::Point(_) | When::Unknown => String::new(),
    }
}

/// `inside mw-net until Thu 02:00`, as far as it is known.
#[must_use]
pub fn inside(shared: &Shared, detail: Option<&ChangeDetail>) -> String {
    let found = detail.and_then(|detail| detail.inside.as_ref());
    found
        .map(|(window, end)| format!("inside {window} until {}", shared.times().near(*end)))
        .unwrap_or_default()
}

/// Minutes between the end of a rollback that begins at the planned end, and the end of the window around it.
fn spare(row: &ActivityRow, detail: Option<&ChangeDetail>) -> Option<i64> {
    let (_, window_end) = detail?.inside.as_ref()?;
    let end = row.when.span().map(Span::end)?;
    Some((*window_end - end) / MINUTE - i64::from(row.rollback_minutes?))
}

/// What stands beside the label *rollback*: `20 min, then 2 h 10 min of window left`.
#[must_use]
pub fn rollback_words(row: &ActivityRow, detail: Option<&ChangeDetail>) -> String {
    let long = |minutes| calendar::minutes(i64::from(minutes));
    match (row.rollback_minutes, spare(row, detail)) {
        (Some(minutes), Some(left)) if left >= 0 => {
            format!("{}, then {} of window left", long(minutes), calendar::minutes(left))
        }
        (Some(minutes), Some(left)) => {
            format!("{}, {} past the window's end", long(minutes), calendar::minutes(-left))
        }
        (Some(minutes), None) => long(minutes),
        (None, _) => "time not given".to_owned(),
    }
}

/// `rollback plan ✓ test plan ✓`.
#[must_use]
pub fn plan_marks(shared: &Shared, row: &ActivityRow) -> String {
    let glyphs = shared.look.glyphs;
    let mark = |there| if there { glyphs.state_done } else { glyphs.state_failed };
    format!("rollback plan {} test plan {}", mark(row.has_rollback_plan), mark(row.has_test_plan))
}

/// `2 yes · 1 no · 0 abstain`; `3 of 5 have voted, secretly` until a secret round closes.
#[must_use]
pub fn count_words(tally: &Tally) -> String {
    if tally.hides() {
        return format!("{} of {} have voted, secretly", tally.voted(), tally.seats());
    }
    format!("{} yes · {} no · {} abstain", tally.yes, tally.no, tally.abstain)
}

/// `quorum 3 of 5 met`.
#[must_use]
pub fn quorum_words(tally: &Tally) -> String {
    let met = if tally.quorum.met { "met" } else { "not met" };
    format!("quorum {} of {} {met}", tally.quorum.need, tally.seats())
}

/// The columns of a label at the left edge, with its space: the longest is `rollback`.
pub const LABEL: usize = 10;

/// The strip under a list: when, clash, undo, vote; a line each, clauses that do not fit left out.
#[must_use]
pub fn strip(
    shared: &Shared,
    subject: &Subject<'_>,
    detail: Option<&ChangeDetail>,
    columns: usize,
) -> Vec<Text<'static>> {
    let look = &shared.look;
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), LABEL);
    let mut lines = Vec::new();
    let Some(row) = subject.row else {
        lines.push(label("when").text("no phase yet").line());
        lines.push(label("vote").text(&vote_line(subject.tally)).line());
        return lines;
    };
    let when = label("when").text(&when_words(shared, row.when));
    lines.push(when.dot_within(&inside(shared, detail), columns).line());
    lines.push(clash_line(shared, subject, label("clash"), columns));
    let back = label("rollback").text(&rollback_words(row, detail));
    lines.push(back.dot_within(&plan_marks(shared, row), columns).line());
    lines.push(label("vote").text(&vote_line(subject.tally)).line());
    lines
}

/// The clashes of an item on one line; those that do not fit are counted.
fn clash_line(shared: &Shared, subject: &Subject<'_>, mut words: Words<'_>, columns: usize) -> Text<'static> {
    let rows = shared.snapshot.conflicts_of(subject.id);
    if rows.is_empty() {
        return words.text("none found").line();
    }
    for (at, row) in rows.iter().enumerate() {
        let (glyph, role, word) = clash::badge(row, shared.look.glyphs);
        let said = format!("{} {word}: {}", clash::rule_id(row.key.rule), clash::short(row, subject.id));
        let used: usize = words.pieces.iter().map(Piece::width).sum();
        let tail = if at + 1 < rows.len() { 10 } else { 0 };
        if at > 0 && used + width(&said) + 5 + tail > columns {
            return words.muted(&format!(" · +{} more", rows.len() - at)).line();
        }
        if at > 0 {
            words = words.text(" · ");
        }
        words = words.sign(glyph, role, "").text(&said);
    }
    words.line()
}

/// The votes in one line.
#[must_use]
pub fn vote_line(tally: Option<&Tally>) -> String {
    let Some(tally) = tally else { return "no round yet".to_owned() };
    if !tally.is_open() {
        return tally.closed.as_ref().map_or_else(|| tally.line.clone(), |closed| closed.line.clone());
    }
    [count_words(tally), quorum_words(tally), needs_clause(tally, false)]
        .join(" · ")
        .trim_end_matches(" · ")
        .to_owned()
}

/// One clash per line, after its label: `▲ C6 block  REL-4.2/p1 on lb-01, 90 min`.
#[must_use]
pub fn clashes(shared: &Shared, subject: &Subject<'_>, indent: &str, columns: usize) -> Vec<Text<'static>> {
    let rows = shared.snapshot.conflicts_of(subject.id);
    let look = &shared.look;
    if rows.is_empty() {
        let label = Words::new(look).muted(&format!("{indent}{:<columns$}", "clash"));
        return vec![label.text("none found").line()];
    }
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let label = if at == 0 { "clash" } else { "" };
            one_clash(look, row, subject, Words::new(look).muted(&format!("{indent}{label:<columns$}")))
        })
        .collect()
}

fn one_clash(look: &Look, row: &ConflictRow, subject: &Subject<'_>, words: Words<'_>) -> Text<'static> {
    let (glyph, role, word) = clash::badge(row, look.glyphs);
    let rule = clash::rule_id(row.key.rule);
    let words = words.sign(glyph, role, &format!("{rule} {word}")).text(&gap(rule, word));
    match &row.ack {
        None => words.text(&clash::phrase(row, subject.id)).line(),
        Some(ack) => words
            .muted(&clash::phrase(row, subject.id))
            .muted(&format!(" ({}: {})", ack.by, ack.reason))
            .line(),
    }
}

fn gap(rule: &str, word: &str) -> String {
    " ".repeat(12_usize.saturating_sub(rule.len() + word.len()).max(1))
}

/// `lb-01, sw-core · production · group network`.
#[must_use]
pub fn where_words(row: &ActivityRow, most: usize) -> String {
    let names: Vec<&str> = row.services.iter().take(most).map(Line::as_str).collect();
    let mut parts = vec![if names.is_empty() { "no service named".to_owned() } else { names.join(", ") }];
    if row.services.len() > most {
        parts[0].push_str(&format!(" and {} more", row.services.len() - most));
    }
    parts.extend(row.environment.iter().map(ToString::to_string));
    parts.extend(row.group.iter().map(|group| format!("group {group}")));
    parts.join(" · ")
}

/// `○ vote open · normal · high risk · impact moderate`.
#[must_use]
pub fn head<'a>(shared: &'a Shared, subject: &Subject<'_>) -> Words<'a> {
    let look = &shared.look;
    let (glyph, role, word) = subject.state(look.glyphs);
    let mut words = Words::new(look).sign(glyph, role, &word).dot(subject.kind_full());
    words = words.dot(&format!("{} risk", subject.risk().label()));
    if let Some(row) = subject.row.filter(|_| !subject.is_release()) {
        words = words.dot(&raised(row));
        if row.impact != crate::model::Impact::Unknown {
            words = words.dot(&format!("impact {}", row.impact.label()));
        }
    }
    words
}

/// `declared low` where the board treats the risk as a higher one, or the source's word where it maps to nothing.
fn raised(row: &ActivityRow) -> String {
    match &row.risk.raw {
        Some(raw) if row.risk.value == crate::model::Risk::Unknown => format!("declared {raw}"),
        Some(_) | None if row.treated_risk != row.risk.value => {
            format!("declared {}", row.risk.value.label())
        }
        Some(_) | None => String::new(),
    }
}

/// How long until then: minutes begun count, so that 50 stay 50 until one has passed.
#[must_use]
pub fn minutes_left(shared: &Shared, at: Instant) -> i64 {
    ((at - shared.now).max(0) + MINUTE - 1) / MINUTE
}

/// `closes Mon 18:00`, with how long that is.
#[must_use]
pub fn closes(shared: &Shared, deadline: Option<Instant>, long: bool) -> String {
    let Some(at) = deadline else { return "no deadline".to_owned() };
    let left = calendar::minutes(minutes_left(shared, at));
    let when = shared.times().near(at);
    match (long, at < shared.now) {
        (_, true) => format!("was due {when}"),
        (true, false) => format!("closes {when} · {left}"),
        (false, false) => format!("closes {when}"),
    }
}

/// The side panel above the votes: title, state, when, where, clashes, rollback, risk.
#[must_use]
pub fn side(
    shared: &Shared,
    subject: &Subject<'_>,
    detail: Option<&ChangeDetail>,
    columns: usize,
) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines: Vec<Text<'static>> = wrap(&subject.title(), columns.saturating_sub(1))
        .iter()
        .map(|text| Words::new(look).text(" ").put(text, look.strong()).line())
        .collect();
    let mut state = head(shared, subject);
    state.pieces.insert(0, Piece::raw(" "));
    lines.extend([state.line(), Text::default()]);
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), LABEL);
    let Some(row) = subject.row else { return lines };
    lines.push(label("when").text(&when_words(shared, row.when)).line());
    let within = inside(shared, detail);
    if !within.is_empty() {
        lines.push(label("").text(&within).line());
    }
    lines.push(label("where").text(&where_words(row, 3)).line());
    lines.push(Text::default());
    lines.extend(clashes(shared, subject, " ", LABEL - 1));
    lines.push(label("rollback").text(&rollback_words(row, detail)).line());
    if let Some(detail) = detail {
        lines.push(label("risk").text(&detail.risk_line).line());
    }
    lines
}

/// The pane of clashes and rollback under a wide list: a line per clash with where and when, then rollback and what passed.
#[must_use]
pub fn clash_pane(
    shared: &Shared,
    subject: &Subject<'_>,
    detail: Option<&ChangeDetail>,
    columns: usize,
) -> Vec<Text<'static>> {
    let look = &shared.look;
    let times = shared.times();
    let mut lines = Vec::new();
    for row in shared.snapshot.conflicts_of(subject.id) {
        let (glyph, role, word) = clash::badge(&row, look.glyphs);
        let rule = clash::rule_id(row.key.rule);
        let when = row.span.map(|span| format!(", {}", calendar::span(span, times.zone))).unwrap_or_default();
        let words =
            Words::new(look).text(" ").sign(glyph, role, &format!("{rule} {word}")).text(&gap(rule, word));
        lines.push(
            words
                .text(row.key.rule.name())
                .text(": ")
                .text(&clash::phrase(&row, subject.id))
                .muted(&when)
                .line(),
        );
    }
    if lines.is_empty() {
        lines.push(Words::new(look).text(" no clash").line());
    }
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), 13);
    if let Some(row) = subject.row {
        lines.push(label("rollback").text(&rollback_words(row, detail)).dot(&plan_marks(shared, row)).line());
    }
    let Some(detail) = detail else { return lines };
    let rules: Vec<&str> = detail.passed.iter().map(|rule| clash::rule_id(*rule)).collect();
    if !rules.is_empty() {
        let text = wrap(&rules.join(" "), columns.saturating_sub(14));
        for (at, part) in text.iter().enumerate() {
            lines.push(label(if at == 0 { "passed" } else { "" }).text(part).line());
        }
    }
    for row in &detail.unchecked {
        let text = format!("{} not checked: {}", clash::rule_id(row.rule), row.missing);
        lines.push(label("").put(&text, look.word(Role::Caution)).line());
    }
    lines.push(label("risk").text(&detail.risk_line).line());
    lines
}

/// A light rule with a title and words at its right end, inside a panel: `─ Votes ───── closes Mon 18:00 ─`.
#[must_use]
pub fn rule(shared: &Shared, title: &str, right: &str, columns: usize) -> Text<'static> {
    let look = &shared.look;
    let glyph = look.glyphs.head_light;
    let tail = if right.is_empty() { 0 } else { width(right) + 3 };
    let fill = columns.saturating_sub(width(title) + 3 + tail);
    let words = Words::new(look).put(glyph, look.rule(false)).text(" ").text(title).text(" ");
    let words = words.put(&glyph.repeat(fill), look.rule(false));
    if right.is_empty() {
        return words.line();
    }
    words.text(" ").muted(right).text(" ").put(glyph, look.rule(false)).line()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_wrapped_at_its_spaces_and_never_too_long_by_a_blank() {
        for (columns, rows) in [
            (20, vec!["risk 9.8 % estimate:", "     0 of 0 alike"]),
            (19, vec!["risk 9.8 %", "     estimate: 0 of", "     0 alike"]),
            (40, vec!["risk 9.8 % estimate: 0 of 0 alike"]),
        ] {
            let line = Text::from(vec![Piece::raw("risk "), Piece::raw("9.8 % estimate: 0 of 0 alike")]);
            let flowed = flow(vec![line], columns, 5);
            assert!(flowed.iter().all(|row| row.width() <= columns), "{columns}: {flowed:?}");
            assert_eq!(flowed.iter().map(ToString::to_string).collect::<Vec<_>>(), rows, "{columns}");
        }
    }
}
