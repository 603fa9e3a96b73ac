//! A release in a line of the list.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    label::Label,
    model::{ReleaseState, Standing},
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Lead, Pen, width},
    },
    wire::release::{NextPhase, ReleaseSummary},
};

/// How wide the columns are.
pub struct Columns {
    id: usize,
    name: usize,
    version: usize,
    stage: usize,
    next: usize,
}

/// Columns of *when*, *ready* and *clash*, with their gaps.
const FIXED: usize = 4 + 13 + 6 + 7;

impl Columns {
    pub fn of(all: &[ReleaseSummary], room: u16) -> Self {
        let widest = |text: &dyn Fn(&ReleaseSummary) -> usize, least: usize, most: usize| {
            all.iter().map(text).max().unwrap_or(0).clamp(least, most)
        };
        let id = widest(&|one| width(one.id.as_str()), 6, 14);
        let version = widest(&|one| width(one.version.as_str()), 7, 10);
        let stage = widest(&|one| width(one.stage.label()), 5, 9);
        let rest = usize::from(room).saturating_sub(id + 1 + FIXED);
        // The name goes first, then the version; the next phase and the state stay.
        let next = rest.saturating_sub(stage + 1).min(18);
        let rest = rest.saturating_sub(stage + 1 + next + 1);
        let version = if rest >= version + 1 + 9 { version } else { 0 };
        let rest = if version > 0 { rest.saturating_sub(version + 1) } else { rest };
        let name = if rest >= 9 { rest.saturating_sub(1).min(24) } else { 0 };
        Self { id, name, version, stage, next }
    }
}

pub fn heads(shared: &Shared, columns: &Columns, buf: &mut Buffer, area: Rect) {
    let look = &shared.look;
    let mut pen = Pen::new(buf, look, area, 0);
    pen.text("    ").column("id", columns.id, look.muted()).text(" ");
    for (word, wide) in [
        ("name", columns.name),
        ("version", columns.version),
        ("state", columns.stage),
        ("next phase", columns.next),
    ] {
        if wide > 0 {
            pen.column(word, wide, look.muted()).text(" ");
        }
    }
    pen.column("when", 12, look.muted())
        .text(" ")
        .column("ready", 5, look.muted())
        .text(" ")
        .rest("clash", look.muted());
}

/// The sign of where a release is.
pub fn sign(shared: &Shared, one: &ReleaseSummary) -> (&'static str, Role) {
    let glyphs = shared.look.glyphs;
    let running = one.next.as_ref().is_some_and(|next| next.running);
    match one.stage {
        _ if running => (glyphs.state_running, Role::Running),
        ReleaseState::Cancelled => (glyphs.state_cancelled, Role::Muted),
        ReleaseState::Closed => (glyphs.state_done, Role::Muted),
        ReleaseState::Planning
        | ReleaseState::Build
        | ReleaseState::Test
        | ReleaseState::Deploy
        | ReleaseState::Review
        | ReleaseState::Unknown => match one.standing {
            Standing::Open => (glyphs.state_vote_open, Role::Pending),
            Standing::Approved => (glyphs.state_approved, Role::Ok),
            Standing::Rejected => (glyphs.state_failed, Role::Bad),
            Standing::Lapsed => (glyphs.vote_stale, Role::Caution),
            Standing::None | Standing::Deferred | Standing::Asked => (glyphs.state_draft, Role::Muted),
        },
    }
}

pub fn draw(
    shared: &Shared,
    one: &ReleaseSummary,
    lead: Lead,
    columns: &Columns,
    buf: &mut Buffer,
    at: (Rect, u16),
) {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let dash = glyphs.dash;
    let (glyph, role) = sign(shared, one);
    let plain = if one.live { look.text() } else { look.muted() };
    let mut pen = Pen::new(buf, look, at.0, at.1);
    let style = pen.id_style(lead, plain);
    pen.lead(lead).put(glyph, look.glyph(role)).text(" ").id(one.id.as_str(), columns.id, style).text(" ");
    if columns.name > 0 {
        pen.column(one.name.as_str(), columns.name, plain).text(" ");
    }
    if columns.version > 0 {
        pen.column(one.version.as_str(), columns.version, plain).text(" ");
    }
    pen.column(one.stage.label(), columns.stage, plain).text(" ");
    let next = one.next.as_ref().map_or_else(|| dash.to_owned(), phase);
    pen.column(&next, columns.next, plain).text(" ");
    let when = one.next.as_ref().and_then(|next| next.start).map(|at| shared.times().today(at));
    pen.column(when.as_deref().unwrap_or(dash), 12, plain).text(" ");
    let ready = if one.live { one.score() } else { dash.to_owned() };
    let ready_style = if one.live && one.ready { look.word(Role::Ok) } else { plain };
    pen.column(&ready, 5, ready_style).text(" ");
    if one.blocks + one.warns == 0 || !one.live {
        pen.put(glyphs.dot, look.muted());
    }
    for (count, role, glyph) in
        [(one.blocks, Role::Bad, glyphs.clash_block), (one.warns, Role::Caution, glyphs.clash_warn)]
    {
        if count > 0 && one.live {
            pen.put(glyph, look.glyph(role)).text(&format!("{count} "));
        }
    }
}

/// `p1 canary 5 %`.
pub fn phase(next: &NextPhase) -> String {
    let id = next.id.as_str().rsplit('/').next().unwrap_or_default();
    let share = next.share.map(|share| format!(" {share} %")).unwrap_or_default();
    if next.name.is_empty() { format!("{id}{share}") } else { format!("{id} {}{share}", next.name) }
}
