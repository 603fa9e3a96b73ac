//! The way back of a release from where it stands now, a row for each state it can go back to.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar::minutes,
    model::Id,
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Head, Pen},
    },
    wire::run::{RollbackPlan, RollbackRow, StopPoint},
};

/// Where the release stands now, once anything of it has begun.
pub fn now(plan: &RollbackPlan) -> Option<&StopPoint> {
    plan.stops.first().filter(|stop| stop.after.is_none())
}

/// Draws the table.
pub fn draw(shared: &Shared, plan: &RollbackPlan, stop: &StopPoint, buf: &mut Buffer, area: Rect) {
    let look = &shared.look;
    let title = format!("If {} stops now", plan.release);
    let limit = stop
        .limit
        .map_or_else(|| "no limit known".to_owned(), |at| format!("limit {}", shared.times().today(at)));
    let inner = Head::new(&title, false).right(limit).draw(buf, look, area);
    if !stop.circle.is_empty() {
        let names: Vec<&str> = stop.circle.iter().map(Id::as_str).collect();
        let text = format!(" cannot tell: {} wait for each other in a circle", names.join(", "));
        Pen::new(buf, look, inner, 0).rest(&text, look.word(Role::Caution));
        return;
    }
    let order = usize::from(inner.width).saturating_sub(12 + 11 + 13 + 11 + 14).max(16);
    let muted = look.muted();
    let mut head = Pen::new(buf, look, inner, 0);
    head.text("  ").column("back to", 10, muted).column("rollback, in this order", order, muted);
    head.column("one by one", 11, muted).column("side by side", 13, muted).column("decide by", 11, muted);
    head.rest("stays", muted);
    for (line, row) in (1..inner.height).zip(&stop.rows) {
        draw_row(shared, plan, row, order, Pen::new(buf, look, inner, line));
    }
}

fn draw_row(shared: &Shared, plan: &RollbackPlan, row: &RollbackRow, order: usize, mut pen: Pen<'_>) {
    let look = &shared.look;
    let dash = look.glyphs.dash;
    let length = |own: Option<u32>| own.map_or_else(|| dash.to_owned(), |own| minutes(i64::from(own)));
    let back_to = row.back_to.as_ref().map_or_else(|| "nothing".to_owned(), |id| short(plan, id));
    let units: Vec<String> = row.order.iter().map(|id| short(plan, id)).collect();
    let stays: Vec<String> = row.stays.iter().map(|one| short(plan, &one.id)).collect();
    let late = row.decide_by.is_some_and(|by| by < shared.now);
    let by = row.decide_by.map_or_else(|| dash.to_owned(), |by| shared.times().today(by));
    pen.text("  ").column(&back_to, 10, look.text()).column(&units.join(" "), order, look.text());
    pen.column(&length(row.one_by_one), 11, look.text()).column(&length(row.side_by_side), 13, look.text());
    pen.column(&by, 11, if late { look.word(Role::Bad) } else { look.strong() });
    match (row.unknown.first(), stays.is_empty()) {
        (Some(why), _) => pen.rest(&format!("cannot tell: {why}"), look.word(Role::Caution)),
        (None, true) => pen.rest("nothing", look.text()),
        (None, false) => pen.rest(&stays.join(", "), look.word(Role::Caution)),
    };
}

/// `p3` of a phase of the release, the shortest telling tail of a change.
fn short(plan: &RollbackPlan, id: &Id) -> String {
    match id.as_str().split_once('/') {
        Some((release, phase)) if release == plan.release.as_str() => phase.to_owned(),
        Some(_) | None => {
            let text = id.as_str();
            let digits = text.len() - text.bytes().rev().take_while(u8::is_ascii_digit).count();
            let tail = text.len().saturating_sub(4).max(digits);
            if text.len() - tail < 4 { text.to_owned() } else { text[tail..].to_owned() }
        }
    }
}
