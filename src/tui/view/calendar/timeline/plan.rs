//! Which bar stands in which row of the timeline, and what is counted because it found none.

use std::ops::Range;

use super::super::{
    item::Item,
    lane::{Lane, Want, share},
    shown::Shown,
};
use crate::{
    calendar::lanes::{first_fit, load, scale},
    tui::view::widget::width,
};

/// A bar: which item, its cells, and whether it is drawn in full in another lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub item: usize,
    pub cells: Range<usize>,
    pub elsewhere: bool,
}

/// What a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Bars(Vec<Bar>),
    /// What found no row, counted per cell.
    Load {
        items: Vec<usize>,
        counts: Vec<u32>,
    },
    /// The head of an opened lane.
    Head,
}

/// A row of the lanes; `lane` is none for the lanes that have no row.
#[derive(Debug, Clone)]
pub struct Row {
    pub lane: Option<usize>,
    /// How many rows of its lane stand above it.
    pub nth: usize,
    pub content: Content,
}

/// The rows of the lanes, the load of all cells, and the one scale of all digits.
#[derive(Debug)]
pub struct Plan {
    pub rows: Vec<Row>,
    pub load: Vec<u32>,
    pub scale: u32,
    /// Lanes without a row of their own, and the items drawn in full there.
    pub more: (usize, usize),
}

/// Columns of the part of a label that is never left out: state, clash and id.
#[must_use]
pub fn label_width(shown: &Shown<'_>, item: &Item, elsewhere: bool) -> usize {
    let sign = usize::from(!item.sign.glyph(shown.glyphs()).is_empty());
    let id = width(shown.names.short(item.id()));
    if elsewhere { 1 + id } else { 1 + sign + id }
}

/// The cells a bar needs for itself, its label, and a blank after it.
fn extent(shown: &Shown<'_>, item: &Item, elsewhere: bool) -> Option<(Range<usize>, Range<usize>)> {
    let cells = shown.axis.range(item.start, item.end)?;
    let label = label_width(shown, item, elsewhere);
    let inside = cells.len() >= label + 2;
    let end = if inside { cells.end } else { cells.end + label };
    Some((cells.clone(), cells.start..end + 1))
}

struct Placed {
    /// Bars with their rows, the shared ones last.
    bars: Vec<(usize, Bar)>,
    /// Own items that found no row.
    unplaced: Vec<usize>,
    used: usize,
}

fn place(shown: &Shown<'_>, lane: &Lane, rows: usize) -> Placed {
    let mut candidates: Vec<(usize, bool)> = Vec::with_capacity(lane.own.len() + lane.shared.len());
    candidates.extend(lane.own.iter().map(|item| (*item, false)));
    candidates.extend(lane.shared.iter().map(|item| (*item, true)));
    candidates.sort_by(|x, y| (x.1, shown.items[x.0].key()).cmp(&(y.1, shown.items[y.0].key())));
    let found: Vec<_> = candidates
        .into_iter()
        .filter_map(|(item, elsewhere)| {
            Some((item, elsewhere, extent(shown, &shown.items[item], elsewhere)?))
        })
        .collect();
    let extents: Vec<_> = found.iter().map(|(.., (_, extent))| extent.clone()).collect();
    let mut placed = Placed { bars: Vec::new(), unplaced: Vec::new(), used: 0 };
    for ((item, elsewhere, (cells, _)), row) in found.into_iter().zip(first_fit(&extents, rows)) {
        match row {
            Some(row) => {
                placed.used = placed.used.max(row + 1);
                placed.bars.push((row, Bar { item, cells, elsewhere }));
            }
            None if elsewhere => {}
            None => placed.unplaced.push(item),
        }
    }
    placed
}

impl Plan {
    /// Plans `height` rows of lanes, at most `cap` for one lane.
    #[must_use]
    pub fn new(shown: &Shown<'_>, height: usize, cap: usize) -> Self {
        let cells = shown.axis.cells();
        let range = |item: &usize| shown.axis.range(shown.items[*item].start, shown.items[*item].end);
        let all: Vec<usize> = (0..shown.items.len()).collect();
        let total = load(all.iter().filter_map(range), cells);
        let wants: Vec<Want> = shown.lanes.iter().map(|lane| want(shown, lane, cap)).collect();
        let rows = share(&wants, height);
        let mut plan = Self { rows: Vec::new(), scale: 1, more: (0, 0), load: total };
        let mut hidden: Vec<usize> = Vec::new();
        for (at, (lane, rows)) in shown.lanes.iter().zip(&rows).enumerate() {
            if *rows == 0 {
                plan.more.0 += 1;
                if !lane.open {
                    hidden.extend(&lane.own);
                }
                continue;
            }
            plan.lane(shown, at, lane, *rows);
        }
        plan.more.1 = hidden.len();
        if plan.more.0 > 0 && height > 0 {
            let counts = load(hidden.iter().filter_map(range), cells);
            plan.rows.push(Row { lane: None, nth: 0, content: Content::Load { items: hidden, counts } });
        }
        plan.scale = scale(plan.load.iter().copied().max().unwrap_or(0));
        plan
    }

    fn lane(&mut self, shown: &Shown<'_>, at: usize, lane: &Lane, rows: usize) {
        if lane.open {
            self.rows.push(Row { lane: Some(at), nth: 0, content: Content::Head });
            return;
        }
        let mut placed = place(shown, lane, rows);
        let crowded = !placed.unplaced.is_empty();
        if crowded {
            placed = place(shown, lane, rows - 1);
        }
        let bar_rows = if crowded { rows - 1 } else { rows.min(placed.used.max(1)) };
        let mut bars: Vec<Vec<Bar>> = vec![Vec::new(); bar_rows];
        for (row, bar) in placed.bars {
            bars[row].push(bar);
        }
        for (nth, mut bars) in bars.into_iter().enumerate() {
            bars.sort_by_key(|bar| bar.cells.start);
            self.rows.push(Row { lane: Some(at), nth, content: Content::Bars(bars) });
        }
        if crowded {
            let range = |item: &usize| shown.axis.range(shown.items[*item].start, shown.items[*item].end);
            let counts = load(placed.unplaced.iter().filter_map(range), shown.axis.cells());
            let content = Content::Load { items: placed.unplaced, counts };
            self.rows.push(Row { lane: Some(at), nth: bar_rows, content });
        }
    }
}

fn want(shown: &Shown<'_>, lane: &Lane, cap: usize) -> Want {
    if lane.open {
        return Want { matters: true, rows: 1, items: 1 };
    }
    let placed = place(shown, lane, cap);
    let rows = if placed.unplaced.is_empty() { placed.used.max(1) } else { cap };
    Want { matters: lane.matters(shown.items), rows, items: lane.own.len() }
}
