//! The wall of a night: how long there is until the next decision, in large letters, then the runs.
//!
//! Names are all it tells of people: no telephone, no comment.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Sheet, large::Scale, trouble};
use crate::{
    calendar::minutes,
    model::Id,
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
        theme::Role,
        view::{
            View,
            run::{axis, night_title, row, tally},
            tonight::Tonight,
            widget::{Head, Pen, wrap},
        },
    },
    wire::run::{NextDecision, Night, RunView},
    words::{run::where_it_stands, telling::due_now},
};

/// The wall of a night.
#[derive(Debug, Default)]
pub struct NightWall {
    tonight: Tonight,
}

impl View for NightWall {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Wall]
    }

    fn act(&mut self, _shared: &mut Shared, _action: Action) -> bool {
        false
    }

    fn ticks(&self, _shared: &Shared) -> bool {
        true
    }

    fn settle(&mut self, shared: &mut Shared) {
        self.tonight.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.tonight.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let mut body = area;
        let unanswered = self.tonight.problem().map(|problem| format!("not as of now: {}", problem.title));
        if let Some(trouble) = trouble(shared).or(unanswered) {
            let row = Rect { y: area.bottom() - 1, height: 1, ..area };
            Pen::new(buf, look, row, 0).text(" ").sign(look.glyphs.clash_warn, &trouble, Role::Caution);
            body.height -= 1;
        }
        let mut sheet = Sheet { shared, buf, area: body, row: 0, scale: Scale::of(area) };
        match self.tonight.night() {
            Some(night) => draw_night(&mut sheet, night),
            None => sheet.line(|pen| {
                pen.text(" ").rest("Asking what runs tonight.", look.strong());
            }),
        }
    }
}

fn draw_night(sheet: &mut Sheet<'_, '_>, night: &Night) {
    let shared = sheet.shared;
    let look = &shared.look;
    let title = night_title(shared, night);
    let area = Rect { height: 1, ..sheet.area };
    let clock = crate::calendar::full(shared.now, shared.zones.current());
    Head::new(&title, true).fact(tally(night)).right(clock).draw(sheet.buf, look, area);
    sheet.row = 2;
    let on: Vec<&RunView> = night.runs.iter().filter(|run| !run.is_over()).collect();
    let words = u16::try_from(on.len()).unwrap_or(u16::MAX).saturating_add(2);
    match night.decisions.first() {
        Some(next) => draw_next(sheet, night, next, words),
        None => sheet.large("QUIET", Role::Text, words),
    }
    sheet.row += 1;
    // The axis where there is room for it and for the words of each run.
    let rows = u16::try_from(on.len()).unwrap_or(u16::MAX).saturating_add(1);
    if sheet.left() >= rows.saturating_mul(2) && !on.is_empty() {
        let area = Rect { y: sheet.area.y + sheet.row, height: rows, ..sheet.area };
        axis::draw_rows(shared, night, sheet.buf, area);
        sheet.row += rows + 1;
    }
    for run in on {
        draw_run(sheet, run);
    }
    draw_told(sheet, night);
    if night.runs.iter().all(RunView::is_over) {
        sheet.line(|pen| {
            pen.text(" ").rest("nothing runs, and nothing is to come tonight", look.strong());
        });
    }
}

/// `told  CHG0030042: running late is due: Network, Shops`, an item a line: of a release once, whatever phases it has.
fn draw_told(sheet: &mut Sheet<'_, '_>, night: &Night) {
    let shared = sheet.shared;
    let look = &shared.look;
    let mut seen: Vec<&Id> = Vec::new();
    for run in &night.runs {
        let Some(due) = run.comms.as_ref().and_then(due_now).filter(|_| !seen.contains(&&run.item)) else {
            continue;
        };
        seen.push(&run.item);
        sheet.line(|pen| {
            pen.text(" ").put("told", look.muted()).text("  ").id(run.item.as_str(), 14, look.strong());
            pen.text(" ").rest(&due, look.word(Role::Caution));
        });
    }
}

/// How long there is, who decides and what, in letters that are read from afar.
fn draw_next(sheet: &mut Sheet<'_, '_>, night: &Night, next: &NextDecision, rows: u16) {
    let shared = sheet.shared;
    let look = &shared.look;
    let left = row::minutes_to(shared, next.at);
    let large = if left < 0 { format!("{} AGO", minutes(-left)) } else { minutes(left) };
    let role = if left < 10 { Role::Bad } else { Role::Caution };
    sheet.large(&large.to_uppercase(), role, rows + 3);
    let who = next.who.as_ref().map(|who| format!("{who}: ")).unwrap_or_default();
    let run = night.runs.iter().find(|run| run.id == next.id);
    let title = run.map(|run| format!(" · {}", run.title)).unwrap_or_default();
    let text =
        format!("{} {who}{} · {}{title}", shared.times().today(next.at), row::what(next, shared), next.id);
    for line in wrap(&text, usize::from(sheet.area.width).saturating_sub(2)).iter().take(2) {
        sheet.line(|pen| {
            pen.text(" ").rest(line, look.strong());
        });
    }
}

/// `◐ CHG0030042  held by s.varga · ends 01:37 · turn back by 01:40`.
fn draw_run(sheet: &mut Sheet<'_, '_>, run: &RunView) {
    let shared = sheet.shared;
    let look = &shared.look;
    let time = |at| shared.times().today(at);
    let (glyph, role) = row::sign(shared, run);
    let owner = run.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut parts = vec![where_it_stands(run)];
    parts.extend(run.projected_end.map(|at| {
        let least = if run.at_least { "not before " } else { "" };
        format!("ends {least}{}", time(at))
    }));
    match (run.turn_back_by, run.begin_by, run.limit.is_some()) {
        (Some(by), ..) => parts.push(format!("turn back by {}", time(by))),
        (None, Some(by), _) if run.started.is_none() => parts.push(format!("begin by {}", time(by))),
        (None, _, true) if run.is_on() && run.undo_minutes.is_none() => {
            parts.push("no way back known".to_owned())
        }
        (None, ..) => {}
    }
    parts.extend(run.incidents.first().map(|incident| {
        let since = incident.opened.map(|at| format!(" since {}", time(at))).unwrap_or_default();
        format!("{} on {}{since}", incident.id, incident.service)
    }));
    parts.extend(run.bridge.iter().map(|bridge| format!("bridge {bridge}")));
    sheet.line(|pen| {
        pen.text(" ").put(glyph, look.glyph(role)).text(" ").id(run.id.as_str(), 14, look.strong()).text(" ");
        pen.column(&owner, 10, look.text()).text(" ").rest(&parts.join(" · "), look.text());
    });
}
