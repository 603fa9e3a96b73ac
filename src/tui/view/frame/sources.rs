//! Row H−1, right: how the sources are doing, the worst first; fresh ones fold into `+3 ok`.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Pen, width},
    },
    wire::{SourceHealth, SourceState},
};

/// One source as it is shown.
struct Badge {
    rank: u8,
    glyph: &'static str,
    role: Role,
    text: String,
}

/// Draws the sources right-aligned and gives the columns they take, air included.
pub fn draw(shared: &Shared, buf: &mut Buffer, area: Rect) -> u16 {
    let mut badges: Vec<Badge> = shared.snapshot.sources.iter().map(|source| badge(shared, source)).collect();
    let queued: usize = shared.snapshot.sources.iter().map(|source| source.queued).sum();
    badges.sort_by_key(|badge| badge.rank);
    let most = usize::from(area.width) * 3 / 5;
    let (mut shown, mut folded) = (badges.len(), 0);
    let tail = |folded: usize| {
        let mut parts = Vec::new();
        if folded > 0 {
            parts.push(format!("+{folded} ok"));
        }
        if queued > 0 {
            parts.push(format!("{queued} queued"));
        }
        parts.join("  ")
    };
    let total = |shown: usize, folded: usize| {
        let names: usize = badges[..shown].iter().map(|badge| width(&badge.text) + 3).sum();
        names + width(&tail(folded))
    };
    while shown > 0 && total(shown, folded) > most {
        shown -= 1;
        folded += 1;
    }
    let tail = if badges.is_empty() && queued == 0 { "no sources".to_owned() } else { tail(folded) };
    let taken = badges[..shown].iter().map(|badge| width(&badge.text) + 3).sum::<usize>() + width(&tail);
    let taken = if tail.is_empty() { taken.saturating_sub(2) } else { taken };
    let look = &shared.look;
    let mut pen = Pen::new(buf, look, area, 0);
    let left = pen.left();
    pen.skip(left.saturating_sub(taken + 1));
    for (i, badge) in badges[..shown].iter().enumerate() {
        if i > 0 {
            pen.text("  ");
        }
        pen.put(badge.glyph, look.glyph(badge.role)).put(&badge.text, look.word(badge.role));
    }
    if !tail.is_empty() {
        pen.text(if shown > 0 { "  " } else { "" }).put(&tail, look.muted());
    }
    u16::try_from(taken + 2).unwrap_or(area.width).min(area.width)
}

fn badge(shared: &Shared, source: &SourceHealth) -> Badge {
    let (times, glyphs) = (shared.times(), shared.look.glyphs);
    let age = source.last_ok.map(|at| times.since(at));
    let (rank, glyph, role, text) = match source.state {
        SourceState::Down => {
            let since = source.down_since.map(|at| format!(" since {}", times.clock(at))).unwrap_or_default();
            (0, glyphs.source_down, Role::Bad, format!("{} down{since}", source.id))
        }
        SourceState::Old => {
            let age = age.map(|age| format!(" {age} old")).unwrap_or_default();
            (1, glyphs.source_old, Role::Caution, format!("{}{age}", source.id))
        }
        SourceState::FirstLoad => {
            (2, glyphs.source_loading, Role::Muted, format!("{} {}", source.id, source.records))
        }
        SourceState::Fresh => {
            let age = age.map(|age| format!(" {age}")).unwrap_or_default();
            (3, glyphs.source_fresh, Role::Ok, format!("{}{age}", source.id))
        }
    };
    Badge { rank, glyph, role, text }
}
