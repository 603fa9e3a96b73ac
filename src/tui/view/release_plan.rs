//! A release as a plan, line by line: life, bar, phases, what is in it and apart, risk; readiness; the way back of each stop.

mod axis;

use ratatui::text::Line as Text;

use crate::{
    calendar::minutes,
    label::{Label, count},
    model::{Course, Id, PhaseState, ReleaseState, Severity},
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            item::lines::{Words, flow},
            widget::{cut, pad, width},
        },
    },
    wire::{
        release::{Check, LIFE, PlannedPhase, ReleasePlan},
        run::{RollbackRow, StopPoint},
    },
    words::{state::passed, telling::so_far},
};

/// Columns of the labels on the left.
const LABEL: usize = 9;

type Pane = (String, String, Vec<Text<'static>>);

/// The whole plan in one column, for narrow screens.
pub fn all(shared: &Shared, plan: &ReleasePlan, columns: usize) -> Pane {
    let (title, right, mut lines) = focus(shared, plan, columns);
    let (head, _, ready) = ready(shared, plan, columns);
    let at = lines.len().min(1);
    // What it lacks comes right under where it is.
    lines.splice(at..at, std::iter::once(heading(shared, &head)).chain(ready));
    let (head, _, stops) = stops(shared, plan, columns);
    lines.push(heading(shared, &head));
    lines.extend(stops);
    (title, right, lines)
}

fn heading(shared: &Shared, text: &str) -> Text<'static> {
    let look = &shared.look;
    Words::new(look).put(&format!(" {text}"), look.strong()).line()
}

/// `minor · p.novak · sprint-48`, and all that is planned.
pub fn focus(shared: &Shared, plan: &ReleasePlan, columns: usize) -> Pane {
    let release = &plan.release;
    let mut right = vec![release.kind.label().to_owned()];
    right.extend(release.manager.iter().map(ToString::to_string));
    right.extend(release.sprint.iter().map(ToString::to_string));
    let title = format!("{} {}", release.id, release.title());
    let mut lines = vec![life(shared, plan)];
    lines.extend(beside(shared, plan));
    let axis = axis::lines(shared, plan, columns);
    if !axis.is_empty() {
        lines.push(Text::default());
        lines.extend(axis);
    }
    lines.push(Text::default());
    lines.extend(plan.phases.iter().map(|one| phase(shared, plan, one)));
    lines.extend(bundle(shared, plan));
    lines.extend(apart(shared, plan));
    lines.push(fact(shared, "risk", &plan.risk));
    let contingency =
        if plan.contingency.is_no_plan() { "none stated".to_owned() } else { plan.contingency.words() };
    lines.push(fact(shared, "fallback", &contingency));
    if let Some(told) = &plan.told {
        let glyphs = shared.look.glyphs;
        lines.push(fact(shared, "told", &so_far(told, glyphs.beyond, glyphs.dot)));
    }
    lines.extend(stated(shared, plan));
    (title, right.join(" · "), flow(lines, columns, LABEL + 1))
}

fn fact(shared: &Shared, name: &str, text: &str) -> Text<'static> {
    Words::labelled(&shared.look, &format!(" {name}"), LABEL + 1).text(text).line()
}

/// `✓ planning ━ ✓ build ━ ◐ test ─ deploy ─ review ─ closed`.
fn life(shared: &Shared, plan: &ReleasePlan) -> Text<'static> {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let stage = plan.release.stage;
    let Some(here) = LIFE.iter().position(|state| *state == stage) else {
        let (glyph, word) = match stage {
            ReleaseState::Cancelled => (glyphs.state_cancelled, Course::CalledOff.label()),
            _ => (glyphs.vote_waiting, "its state is not known here"),
        };
        return Words::new(look).text(" ").sign(glyph, Role::Caution, word).line();
    };
    let mut words = Words::new(look).text(" ");
    for (at, state) in LIFE.iter().enumerate() {
        if at > 0 {
            let stroke = if at <= here { glyphs.bar_live } else { glyphs.bar_over };
            words = words.muted(&format!(" {stroke} "));
        }
        words = match at.cmp(&here) {
            std::cmp::Ordering::Less => {
                words.put(glyphs.state_done, look.glyph(Role::Ok)).text(state.label())
            }
            std::cmp::Ordering::Equal if at + 1 == LIFE.len() => {
                words.put(glyphs.state_done, look.glyph(Role::Ok)).put(state.label(), look.strong())
            }
            std::cmp::Ordering::Equal => {
                words.put(glyphs.state_running, look.glyph(Role::Running)).put(state.label(), look.strong())
            }
            std::cmp::Ordering::Greater => words.muted(state.label()),
        };
    }
    words.line()
}

/// The word of its source where it is another, how it came here, and what the next step lacks.
fn beside(shared: &Shared, plan: &ReleasePlan) -> Vec<Text<'static>> {
    let mut lines = Vec::new();
    if plan.release.speaks_otherwise() {
        lines.push(fact(shared, "source", &format!("its source says {}", plan.release.state)));
    }
    if let Some(entered) = &plan.entered {
        let why = entered.reason.as_ref().map(|reason| format!(": {}", reason.words())).unwrap_or_default();
        let when = shared.times().past(entered.at);
        lines.push(fact(shared, "since", &format!("{when}, from {}, by {}{why}", entered.from, entered.by)));
    }
    if let Some(entry) = &plan.entry {
        let look = &shared.look;
        let words = Words::labelled(look, " next", LABEL + 1).text(entry.to.label());
        lines.push(match entry.missing.len() {
            0 => words.dot("nothing is missing").line(),
            more => words
                .dot("")
                .text(" · ")
                .put(&format!("lacks {}", count(more, "thing")), look.word(Role::Caution))
                .line(),
        });
    }
    lines
}

/// `p1 canary 5 %  Wed 20:00 – Thu 14:00  criteria 1 of 2 · no return`.
fn phase(shared: &Shared, plan: &ReleasePlan, one: &PlannedPhase) -> Text<'static> {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let times = shared.times();
    let (glyph, role, word) = match one.state {
        _ if one.dropped => (glyphs.state_cancelled, Role::Muted, "dropped"),
        PhaseState::Done => (glyphs.state_done, Role::Ok, ""),
        PhaseState::RolledBack => (glyphs.state_failed, Role::Bad, one.state.label()),
        PhaseState::Running => (glyphs.state_running, Role::Running, "running"),
        PhaseState::Pending => (glyphs.state_draft, Role::Muted, ""),
        PhaseState::Unknown => (glyphs.vote_waiting, Role::Caution, "state not known"),
    };
    let widest = plan.phases.iter().map(|one| width(&axis::label(one))).max().unwrap_or(0).min(24);
    let label = pad(&axis::label(one), widest, glyphs);
    let (start, end) = (one.actual_start.or(one.start), one.actual_end.or(one.end));
    let time = |at: Option<crate::model::Instant>| at.map_or_else(|| "?".to_owned(), |at| times.near(at));
    let mut words = Words::new(look).text(" ").put(glyph, look.glyph(role)).text(&format!(" {label}  "));
    words = words.text(&format!("{} {} {}", time(start), glyphs.dash, time(end)));
    if !word.is_empty() {
        words = words.dot(word);
    }
    let met = one.criteria.iter().filter(|criterion| criterion.met == Some(true)).count();
    if !one.criteria.is_empty() && one.state.is_live() {
        let noun = if one.criteria.len() == 1 { "criterion" } else { "criteria" };
        words = words.dot(&format!("{met} of {} {noun} met", one.criteria.len()));
    }
    words = match one.rollback_minutes {
        Some(own) => words.dot(&format!("back in {}", minutes(i64::from(own)))),
        None if one.state.is_live() => words.text(" · ").put("way back ?", look.word(Role::Caution)),
        None => words,
    };
    if one.point_of_no_return {
        words = words.text(" · ").put(&format!("{} no return", glyphs.no_return), look.word(Role::Caution));
    }
    words.line()
}

fn clash(shared: &Shared, severity: Option<Severity>) -> Option<(&'static str, Role)> {
    let glyphs = shared.look.glyphs;
    match severity {
        Some(Severity::Block) => Some((glyphs.clash_block, Role::Bad)),
        Some(Severity::Warn) => Some((glyphs.clash_warn, Role::Caution)),
        Some(Severity::Info | Severity::Unknown) | None => None,
    }
}

fn bundle(shared: &Shared, plan: &ReleasePlan) -> Vec<Text<'static>> {
    let look = &shared.look;
    if plan.bundle.is_empty() {
        return vec![fact(shared, "in it", "no change yet")];
    }
    let rows = plan.bundle.iter().enumerate().map(|(at, one)| {
        let mut words = Words::labelled(look, if at == 0 { " in it" } else { "" }, LABEL + 1);
        words = words.text(&format!("{} {}", one.id, one.title)).dot(&one.stands);
        if let Some((glyph, role)) = clash(shared, one.clash) {
            words = words.text(" ").put(glyph, look.glyph(role));
        }
        words.line()
    });
    rows.collect()
}

fn apart(shared: &Shared, plan: &ReleasePlan) -> Vec<Text<'static>> {
    let look = &shared.look;
    let fits = plan.apart.iter().filter(|one| one.fits);
    let mut lines: Vec<Text<'static>> = fits
        .enumerate()
        .map(|(at, one)| {
            let words = Words::labelled(look, if at == 0 { " apart" } else { "" }, LABEL + 1);
            let shared_on: Vec<&str> = one.services.iter().map(|line| line.as_str()).collect();
            words
                .text(&format!("{} shares {}", one.id, shared_on.join(", ")))
                .text(&format!(": bundling it, {}", one.trial.line()))
                .line()
        })
        .collect();
    let others = plan.apart.iter().filter(|one| !one.fits).count();
    if others > 0 {
        let label = if lines.is_empty() { " apart" } else { "" };
        let text = format!("{} on its services, far from its phases", count(others, "other change"));
        lines.push(Words::labelled(look, label, LABEL + 1).muted(&text).line());
    }
    lines
}

/// Acceptance by kind, success and defects, as they are stated.
fn stated(shared: &Shared, plan: &ReleasePlan) -> Vec<Text<'static>> {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let mut lines = Vec::new();
    for (at, one) in plan.acceptance.iter().enumerate() {
        let (glyph, role, word) = match one.passed {
            Some(true) => (glyphs.state_done, Role::Ok, passed(one.passed)),
            Some(false) => (glyphs.state_failed, Role::Bad, passed(one.passed)),
            None => (glyphs.vote_waiting, Role::Caution, "not measured"),
        };
        let words = Words::labelled(look, if at == 0 { " accept" } else { "" }, LABEL + 1);
        lines.push(
            words.put(glyph, look.glyph(role)).text(&format!(" {} {} · {word}", one.kind, one.name)).line(),
        );
    }
    for (at, one) in plan.success.iter().enumerate() {
        let target = if one.target.is_empty() { "no target" } else { one.target.as_str() };
        let actual = one.actual.as_ref().map(|actual| format!(" · became {actual}")).unwrap_or_default();
        let words = Words::labelled(look, if at == 0 { " success" } else { "" }, LABEL + 1);
        lines.push(words.text(&format!("{}: {target}{actual}", one.kpi)).line());
    }
    if !plan.defects.is_empty() {
        let names: Vec<String> =
            plan.defects.iter().map(|one| format!("{} ({})", one.id, one.place)).collect();
        lines.push(fact(shared, "defects", &names.join(", ")));
    }
    lines
}

/// The checks of readiness, each with what it lacks.
pub fn ready(shared: &Shared, plan: &ReleasePlan, columns: usize) -> Pane {
    let look = &shared.look;
    let (glyphs, times) = (look.glyphs, shared.times());
    let line = |check: &Check| {
        let (glyph, role) = match check.holds {
            Some(true) => (glyphs.state_done, Role::Ok),
            Some(false) => (glyphs.state_failed, Role::Bad),
            None => (glyphs.vote_waiting, Role::Caution),
        };
        let unknown = if check.holds.is_none() { "not known: " } else { "" };
        let missing = match check.missing.as_slice() {
            [] => String::new(),
            [one] => format!(": {}", times.said(one)),
            [one, more @ ..] => format!(": {}, and {} more", times.said(one), more.len()),
        };
        Words::new(look)
            .text("  ")
            .put(glyph, look.glyph(role))
            .text(&cut(&format!(" {unknown}{}{missing}", check.what), columns.saturating_sub(3), glyphs))
            .line()
    };
    let lines = plan.readiness.checks.iter().map(line).collect();
    (format!("Ready? {}", plan.readiness.score()), String::new(), lines)
}

/// What rolling back takes, from where it stands now and from each stop that is still to come.
pub fn stops(shared: &Shared, plan: &ReleasePlan, columns: usize) -> Pane {
    let mut lines = Vec::new();
    for stop in &plan.rollback.stops {
        lines.extend(stop_lines(shared, plan, stop, columns));
    }
    if lines.is_empty() {
        lines.push(Words::new(&shared.look).muted("  it has no phases").line());
    }
    let key = shared.keymap.shown(Action::Documents);
    ("If we stop after".to_owned(), format!("{key} documents"), lines)
}

fn stop_lines(shared: &Shared, plan: &ReleasePlan, stop: &StopPoint, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let name = match &stop.after {
        Some(after) => format!("{} {}", short(plan, after), stop.name),
        None => stop.name.to_string(),
    };
    let limit = stop
        .limit
        .map_or_else(|| "no limit known".to_owned(), |at| format!("limit {}", shared.times().today(at)));
    let mut lines = vec![
        Words::new(look)
            .text(" ")
            .put(name.trim(), look.strong())
            .text(" ")
            .muted(&format!(" {limit}"))
            .line(),
    ];
    if !stop.circle.is_empty() {
        let names: Vec<&str> = stop.circle.iter().map(Id::as_str).collect();
        let text = format!("   {} wait for each other: nothing can be said", names.join(", "));
        lines.push(Words::new(look).put(&text, look.word(Role::Bad)).line());
    }
    for row in &stop.rows {
        lines.extend(flow(vec![way(shared, plan, row)], columns, 5));
        for why in &row.unknown {
            lines.push(
                Words::new(look).put(&format!("     cannot tell: {why}"), look.word(Role::Caution)).line(),
            );
        }
    }
    lines
}

/// `back to p1: p2 0045 · 45 min, side by side 45 · decide by Thu 23:50`.
fn way(shared: &Shared, plan: &ReleasePlan, row: &RollbackRow) -> Text<'static> {
    let look = &shared.look;
    let target = row.back_to.as_ref().map_or_else(|| "nothing".to_owned(), |id| short(plan, id));
    let order: Vec<String> = row.order.iter().map(|id| short(plan, id)).collect();
    let mut words = Words::new(look).muted("   back to ").text(&format!("{target}: "));
    words = words.text(&if order.is_empty() { "nothing to do".to_owned() } else { order.join(" ") });
    if let Some(own) = row.one_by_one {
        words = words.dot(&minutes(i64::from(own)));
    }
    if let Some(own) = row.side_by_side.filter(|own| row.one_by_one != Some(*own)) {
        words = words.dot(&format!("{} side by side", minutes(i64::from(own))));
    }
    if let Some(by) = row.decide_by {
        let late = by < shared.now;
        let text = format!("decide by {}", shared.times().today(by));
        words = if late { words.text(" · ").put(&text, look.word(Role::Bad)) } else { words.dot(&text) };
    }
    if !row.stays.is_empty() {
        let names: Vec<String> = row.stays.iter().map(|one| short(plan, &one.id)).collect();
        words = words.text(" · ").put(&format!("stays: {}", names.join(" ")), look.word(Role::Caution));
    }
    words.line()
}

/// A phase without its release.
fn short(plan: &ReleasePlan, id: &Id) -> String {
    match id.as_str().split_once('/') {
        Some((own, phase)) if own == plan.release.id.as_str() => phase.to_owned(),
        Some(_) | None => id.to_string(),
    }
}
