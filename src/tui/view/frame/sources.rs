//! Row H−1, right: how the sources are doing, the worst in the corner; fresh ones fold into `+3 ok`.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Pen, width},
    },
    wire::{Snapshot, SourceHealth, SourceState},
    words::{doubt, own, time::clock_off},
};

/// One source as it is shown.
struct Badge {
    rank: u8,
    glyph: &'static str,
    role: Role,
    text: String,
}

/// Whether there is nothing to say about sources, what goes to them, the record or the clock: then the row is not drawn at all.
#[must_use]
pub fn is_silent(shared: &Shared) -> bool {
    let Snapshot { sources, clock, kept, .. } = &*shared.snapshot;
    // Votes may wait for a source that is configured no more.
    let votes = own::short(&shared.snapshot);
    sources.is_empty() && stuck(shared).is_none() && clock.is_none() && !kept && votes.is_empty()
}

/// Draws the sources right-aligned, the worst in the corner, and gives the columns they take, air included.
pub fn draw(shared: &Shared, buf: &mut Buffer, area: Rect) -> u16 {
    let look = &shared.look;
    let sources = &shared.snapshot.sources;
    let mut badges: Vec<Badge> = sources.iter().map(|source| badge(shared, source)).collect();
    badges.extend(stuck(shared));
    badges.extend(shared.snapshot.clock.map(|off| {
        let text = format!("this clock is {} the board", clock_off(off));
        Badge { rank: 4, glyph: look.glyphs.source_old, role: Role::Caution, text }
    }));
    badges.extend(shared.snapshot.kept.then(|| {
        // Who is cut off asks nobody; that is said in the corner, and of what age the board is beside it.
        let asking = if shared.snapshot.stuck.is_some() { "" } else { ", asking the service" };
        let text = format!("as of {}{asking}", shared.times().past(shared.snapshot.now));
        Badge { rank: 4, glyph: look.glyphs.source_loading, role: Role::Caution, text }
    }));
    badges.extend(own::short(&shared.snapshot).into_iter().map(|text| Badge {
        rank: 2,
        glyph: look.glyphs.source_old,
        role: Role::Caution,
        text,
    }));
    badges.sort_by_key(|badge| badge.rank);
    let queued: usize = sources.iter().map(|source| source.queued).sum();
    let mut others = Vec::new();
    if queued > 0 {
        others.push(format!("{queued} queued"));
    }
    others.extend(own::short_of_others(&shared.snapshot));
    // Fresh ones fold first, and the worst never.
    let most = usize::from(area.width) * 3 / 5;
    let fresh = badges.iter().filter(|badge| badge.rank == 0).count();
    let mut folded = 0;
    let total = |folded: usize| {
        let shown = badges[folded..].iter().map(|badge| width(&badge.text) + 1);
        let fold = (folded > 0).then(|| width(&fold_word(folded, fresh)));
        shown.chain(fold).chain(others.iter().map(|word| width(word))).map(|word| word + 2).sum::<usize>()
    };
    while folded < badges.len() && total(folded) > most {
        folded += 1;
    }
    let taken = total(folded);
    let mut pen = Pen::new(buf, look, area, 0);
    let left = pen.left();
    pen.skip(left.saturating_sub(taken + 1));
    if folded > 0 {
        pen.text("  ").put(&fold_word(folded, fresh), look.muted());
    }
    for badge in &badges[folded..] {
        pen.text("  ").put(badge.glyph, look.glyph(badge.role)).put(&badge.text, look.word(badge.role));
    }
    for word in &others {
        pen.text("  ").put(word, look.muted());
    }
    u16::try_from(taken + 1).unwrap_or(area.width).min(area.width)
}

/// `+3 ok`; `+5` when not all of them are.
fn fold_word(folded: usize, fresh: usize) -> String {
    if folded <= fresh { format!("+{folded} ok") } else { format!("+{folded}") }
}

/// The board's own record or file, where it does not hold or cannot be read: nothing is worse.
fn stuck(shared: &Shared) -> Option<Badge> {
    if let Some(broken) = &shared.snapshot.broken {
        let what = if broken.newer { "cannot be read" } else { "does not hold" };
        let text = match broken.event {
            Some(event) => format!("the record {what} from event {event} on"),
            None => doubt::broken_short(broken),
        };
        return Some(Badge { rank: 5, glyph: shared.look.glyphs.source_down, role: Role::Bad, text });
    }
    let since = shared.snapshot.stuck?;
    let text = format!("{} {}", doubt::stuck(&shared.snapshot), shared.times().past(since));
    Some(Badge { rank: 5, glyph: shared.look.glyphs.source_down, role: Role::Bad, text })
}

fn badge(shared: &Shared, source: &SourceHealth) -> Badge {
    let (times, glyphs) = (shared.times(), shared.look.glyphs);
    let age = source.last_ok.map(|at| times.since(at));
    let (rank, glyph, role, text) = match source.state {
        SourceState::Down => {
            let since = source.down_since.map(|at| format!(" since {}", times.past(at))).unwrap_or_default();
            (3, glyphs.source_down, Role::Bad, format!("{} down{since}", source.id))
        }
        SourceState::Old => {
            let age = age.map(|age| format!(" {age} old")).unwrap_or_default();
            (2, glyphs.source_old, Role::Caution, format!("{}{age}", source.id))
        }
        SourceState::FirstLoad | SourceState::Fresh if source.progress.is_some() => {
            let (done, total) = source.progress.unwrap_or_default();
            let total = total.map(|total| format!("/{total}")).unwrap_or_default();
            (1, glyphs.source_loading, Role::Muted, format!("{} reading {done}{total}", source.id))
        }
        SourceState::Fresh if !source.warnings.is_empty() => {
            let age = age.map(|age| format!(" {age}")).unwrap_or_default();
            (2, glyphs.source_old, Role::Caution, format!("{} odd{age}", source.id))
        }
        SourceState::FirstLoad => {
            (1, glyphs.source_loading, Role::Muted, format!("{} {}", source.id, source.records))
        }
        SourceState::Fresh => {
            let age = age.map(|age| format!(" {age}")).unwrap_or_default();
            (0, glyphs.source_fresh, Role::Ok, format!("{}{age}", source.id))
        }
    };
    Badge { rank, glyph, role, text }
}
