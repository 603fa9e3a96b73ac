//! The run in focus: what to know of it, its steps, what turning back now would mean, and what happened.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::row::left;
use crate::{
    calendar::minutes,
    label::Label,
    model::Instant,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            item::lines::Words,
            widget::{Head, put_line, wrap},
        },
    },
    wire::run::{RunState, RunStep, RunView, StepState},
    words::telling::so_far,
};

/// Draws it from a line on; which line it began at, as far as there is one.
pub fn draw(
    shared: &Shared,
    run: &RunView,
    (scroll, focused): (u16, bool),
    buf: &mut Buffer,
    area: Rect,
) -> u16 {
    let look = &shared.look;
    let who: Vec<&str> = run.owner.iter().chain(&run.phone).map(|line| line.as_str()).collect();
    let title = format!("{} {} {}", run.id, look.glyphs.dot, who.join(" "));
    let bridge = run.bridge.as_ref().map(|bridge| format!("bridge {bridge}")).unwrap_or_default();
    let inner = Head::new(&title, focused).right(bridge).draw(buf, look, area);
    let lines = lines(shared, run, usize::from(inner.width));
    let most = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(inner.height);
    let scroll = scroll.min(most);
    for (row, line) in (0..inner.height).zip(lines.iter().skip(usize::from(scroll))) {
        put_line(buf, look, inner, row, line);
    }
    scroll
}

fn lines(shared: &Shared, run: &RunView, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines = Vec::new();
    let services: Vec<&str> = run.services.iter().map(|line| line.as_str()).collect();
    let head = Words::new(look).text(" ").text(run.title.as_str());
    lines.push(head.dot(&format!("{} risk", run.risk.label())).dot(&services.join(" ")).line());
    facts(shared, run, &mut lines);
    steps(shared, run, &mut lines);
    way_back(shared, run, &mut lines);
    for one in &run.criteria {
        let (glyph, role, word) = match one.met {
            Some(true) => (look.glyphs.state_done, Role::Ok, "met"),
            Some(false) => (look.glyphs.state_failed, Role::Bad, "not met"),
            None => (look.glyphs.vote_waiting, Role::Caution, "not answered"),
        };
        let sign = Words::new(look).text(" ").put(glyph, look.glyph(role)).text(" ");
        lines.push(sign.text(one.text.as_str()).dot(word).line());
    }
    if !run.told.is_empty() {
        lines.push(Words::new(look).muted(" What happened").line());
    }
    for told in &run.told {
        let text = format!("{} {} {}", shared.times().today(told.at), told.by, told.what);
        for (at, part) in wrap(&text, columns.saturating_sub(3)).into_iter().enumerate() {
            lines.push(Words::new(look).text(if at == 0 { " " } else { "   " }).text(&part).line());
        }
    }
    lines
}

fn fact(shared: &Shared, name: &str, text: &str, role: Option<Role>) -> Text<'static> {
    let look = &shared.look;
    let words = Words::new(look).muted(&format!(" {name:<9} "));
    match role {
        Some(role) => words.put(text, look.word(role)).line(),
        None => words.text(text).line(),
    }
}

fn facts(shared: &Shared, run: &RunView, lines: &mut Vec<Text<'static>>) {
    let times = shared.times();
    let time = |at: Instant| times.today(at);
    if let Some(held) = &run.held {
        let why = held.reason.as_ref().map(|reason| format!(": {}", reason.words())).unwrap_or_default();
        let what = if run.failed { "a step failed, held" } else { "held" };
        let text = format!("{what} since {} by {}{why}", time(held.at), held.by);
        lines.push(fact(shared, "held", &text, Some(Role::Caution)));
    }
    for incident in &run.incidents {
        let at = incident.opened.map(|at| format!(", opened {}", time(at))).unwrap_or_default();
        let new = incident.opened.zip(run.started).is_some_and(|(opened, started)| opened >= started);
        let severity = match incident.severity.as_given() {
            "" => String::new(),
            word => format!(", {word}"),
        };
        let text = format!("{} on {}{severity}{at}: {}", incident.id, incident.service, incident.title);
        // Opened since the work began, it may be of it.
        lines.push(fact(shared, if new { "new" } else { "incident" }, &text, Some(Role::Caution)));
    }
    if let Some(verdict) = run.verdict {
        let role = (verdict != crate::wire::GateVerdict::Go).then_some(Role::Caution);
        let text = format!("{}: {}", verdict.label(), times.said(&run.reasons.join("; ")));
        lines.push(fact(shared, "gate", &text, role));
    }
    if !run.against.is_empty() {
        let text = format!("started against the gate: {}", times.said(&run.against.join("; ")));
        lines.push(fact(shared, "gate", &text, Some(Role::Bad)));
    }
    let mut ends = match (run.ended, run.projected_end) {
        (Some(at), _) => format!("ended {}", time(at)),
        (None, Some(at)) if run.at_least => format!("not before {}", time(at)),
        (None, Some(at)) => time(at),
        (None, None) => "not known: minutes are missing".to_owned(),
    };
    if let Some(planned) = run.planned_end {
        ends = format!("{ends} · approved to {}", time(planned));
    }
    let limit = run.limit.as_ref().map_or_else(
        || "no limit known".to_owned(),
        |limit| format!("{} {}", time(limit.at), limit.cause.words()),
    );
    let late = run.is_late().then_some(Role::Caution);
    lines.push(fact(shared, "ends", &ends, late));
    lines.push(fact(shared, "limit", &limit, None));
    if run.is_over() {
        return;
    }
    let (text, role) = match (run.no_return, run.undo_minutes, run.turn_back_by) {
        (true, ..) => ("none: past its point of no return".to_owned(), Some(Role::Caution)),
        (false, None, _) => ("not known: rollback minutes are missing".to_owned(), Some(Role::Caution)),
        (false, Some(own), Some(by)) => {
            let late = by < shared.now;
            let text =
                format!("{} now · turn back by {}, {}", minutes(i64::from(own)), time(by), left(shared, by));
            (text, late.then_some(Role::Bad))
        }
        (false, Some(own), None) => (minutes(i64::from(own)), None),
    };
    lines.push(fact(shared, "way back", &text, role));
    if let Some(told) = &run.comms {
        let glyphs = shared.look.glyphs;
        let role = (!told.due.is_empty()).then_some(Role::Caution);
        lines.push(fact(shared, "told", &so_far(told, glyphs.beyond, glyphs.dot), role));
    }
    if let Some(waits) = &run.waits_for {
        let text = format!("for {} until {}", waits.id, time(waits.until));
        lines.push(fact(shared, "waits", &text, Some(Role::Caution)));
    }
    if !run.pushes.is_empty() {
        let names: Vec<&str> = run.pushes.iter().map(crate::model::Id::as_str).collect();
        let text = format!("{}: later than planned behind it", names.join(", "));
        lines.push(fact(shared, "pushes", &text, Some(Role::Caution)));
    }
    if let Some(by) = run.begin_by {
        let what = run.begins.map_or_else(|| "the whole".to_owned(), |at| format!("step {}", at + 1));
        let late = by < shared.now;
        let text = format!("{what} by {}, {}", time(by), left(shared, by));
        lines.push(fact(shared, "begin", &text, late.then_some(Role::Bad)));
    }
    if let Some(silent) = run.silent_minutes {
        lines.push(fact(shared, "silent", &format!("no word for {}", minutes(silent)), Some(Role::Caution)));
    }
    for fault in &run.faults {
        lines.push(fact(shared, "fault", fault, Some(Role::Bad)));
    }
}

fn steps(shared: &Shared, run: &RunView, lines: &mut Vec<Text<'static>>) {
    let look = &shared.look;
    let done =
        run.steps.iter().filter(|step| matches!(step.state, StepState::Done | StepState::Skipped)).count();
    let from = if run.from_plan { " · from the plan" } else { "" };
    let what = if run.state == RunState::TurningBack { "Way back" } else { "Steps" };
    lines.push(Words::new(look).muted(&format!(" {what} {done} of {}{from}", run.steps.len())).line());
    for (at, step) in run.steps.iter().enumerate() {
        lines.push(step_line(shared, run, at, step));
        if let Some(check) = step.check.as_ref().filter(|_| run.running == Some(at)) {
            let seen = step.last_minutes.map(|last| format!(" · last time it took {}", minutes(last)));
            let text = format!("     check {}{}", check.words(), seen.unwrap_or_default());
            lines.push(Words::new(look).muted(&text).line());
        }
        if let Some(said) = step.said.as_ref().and_then(|said| said.reason.as_ref()) {
            lines
                .push(Words::new(look).text(&format!("     {} {}", look.glyphs.beyond, said.words())).line());
        }
    }
    if !run.gone.is_empty() {
        let gone: Vec<&str> = run.gone.iter().map(|line| line.as_str()).collect();
        let text = format!("     ticked, and gone from the plan: {}", gone.join(", "));
        lines.push(Words::new(look).put(&text, look.word(Role::Caution)).line());
    }
}

fn step_line(shared: &Shared, run: &RunView, at: usize, step: &RunStep) -> Text<'static> {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let (glyph, role) = match step.state {
        StepState::Done => (glyphs.state_done, Role::Ok),
        StepState::Skipped => (glyphs.state_cancelled, Role::Muted),
        StepState::Failed => (glyphs.state_failed, Role::Bad),
        StepState::Running => (glyphs.cursor, Role::Running),
        StepState::Waiting => (" ", Role::Muted),
    };
    let length = match (step.worked_minutes, step.expected_minutes) {
        (Some(worked), Some(expected)) => format!("{worked} of {expected} min"),
        (Some(worked), None) => minutes(worked),
        (None, Some(expected)) => minutes(expected),
        (None, None) => "? min".to_owned(),
    };
    let mut words = Words::new(look).text(" ").put(glyph, look.glyph(role)).text(&format!(" {} ", at + 1));
    let text = if run.running == Some(at) { look.strong() } else { look.text() };
    words = words.put(step.step.text.as_str(), text).text("  ").muted(&length);
    if let Some(said) = &step.said {
        words = words.text(&format!("  {} {}", shared.times().today(said.at), said.by));
    }
    if run.begins == Some(at)
        && let Some(by) = run.begin_by
    {
        words = words.text(&format!("  begin by {}", shared.times().today(by)));
    }
    if step.point_of_no_return {
        words = words.put("  no return", look.word(Role::Caution));
    }
    if step.ends_outage {
        words = words.text("  ends the outage");
    }
    words.line()
}

fn way_back(shared: &Shared, run: &RunView, lines: &mut Vec<Text<'static>>) {
    let look = &shared.look;
    if !matches!(run.state, RunState::Running | RunState::Held)
        || run.held.is_some() && run.way_back.is_empty()
    {
        return;
    }
    let ends = run.back_by.map(|at| format!(" · over by {}", shared.times().today(at)));
    lines.push(Words::new(look).muted(&format!(" If turned back now{}", ends.unwrap_or_default())).line());
    for step in &run.way_back {
        let length = step.minutes.map_or_else(|| "? min".to_owned(), |own| minutes(i64::from(own)));
        lines.push(Words::new(look).text(&format!("   {}  ", step.text)).muted(&length).line());
    }
    let stays: Vec<&str> = run.stays.iter().map(|line| line.as_str()).collect();
    let stays = if stays.is_empty() { "nothing".to_owned() } else { stays.join(", ") };
    lines.push(Words::new(look).muted("   stays: ").text(&stays).line());
}
