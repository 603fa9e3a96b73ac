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

/// The bars of a lane in the order they are placed, each with the cells it needs.
struct Candidates(Vec<(Bar, Range<usize>)>);

/// Bars with their rows, and the own items that found none.
struct Placed {
    bars: Vec<(usize, Bar)>,
    unplaced: Vec<usize>,
    used: usize,
}

impl Candidates {
    fn new(shown: &Shown<'_>, lane: &Lane) -> Self {
        let mut order: Vec<(bool, usize)> = Vec::with_capacity(lane.own.len() + lane.shared.len());
        order.extend(lane.own.iter().map(|item| (false, *item)));
        order.extend(lane.shared.iter().map(|item| (true, *item)));
        order.sort_unstable_by(|x, y| (x.0, shown.items[x.1].key()).cmp(&(y.0, shown.items[y.1].key())));
        let bars = order.into_iter().filter_map(|(elsewhere, item)| {
            let (cells, extent) = extent(shown, &shown.items[item], elsewhere)?;
            Some((Bar { item, cells, elsewhere }, extent))
        });
        Self(bars.collect())
    }

    fn place(&self, rows: usize) -> Placed {
        let extents: Vec<_> = self.0.iter().map(|(_, extent)| extent.clone()).collect();
        let mut placed = Placed { bars: Vec::new(), unplaced: Vec::new(), used: 0 };
        for ((bar, _), row) in self.0.iter().zip(first_fit(&extents, rows)) {
            match row {
                Some(row) => {
                    placed.used = placed.used.max(row + 1);
                    placed.bars.push((row, bar.clone()));
                }
                None if bar.elsewhere => {}
                None => placed.unplaced.push(bar.item),
            }
        }
        placed
    }

    fn want(&self, shown: &Shown<'_>, lane: &Lane, cap: usize) -> Want {
        if lane.open {
            return Want { matters: true, rows: 1, items: 1 };
        }
        let placed = self.place(cap);
        let rows = if placed.unplaced.is_empty() { placed.used.max(1) } else { cap };
        Want { matters: lane.matters(shown.items), rows, items: lane.own.len() }
    }
}

impl Plan {
    /// Plans `height` rows of lanes, at most `cap` for one lane.
    #[must_use]
    pub fn new(shown: &Shown<'_>, height: usize, cap: usize) -> Self {
        let cells = shown.axis.cells();
        let range = |item: &usize| shown.axis.range(shown.items[*item].start, shown.items[*item].end);
        let all: Vec<usize> = (0..shown.items.len()).collect();
        let total = load(all.iter().filter_map(range), cells);
        let candidates: Vec<Candidates> =
            shown.lanes.iter().map(|lane| Candidates::new(shown, lane)).collect();
        let wants: Vec<Want> =
            shown.lanes.iter().zip(&candidates).map(|(lane, bars)| bars.want(shown, lane, cap)).collect();
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
            plan.lane(shown, at, &candidates[at], *rows);
        }
        plan.more.1 = hidden.len();
        if plan.more.0 > 0 && height > 0 {
            let counts = load(hidden.iter().filter_map(range), cells);
            plan.rows.push(Row { lane: None, nth: 0, content: Content::Load { items: hidden, counts } });
        }
        plan.scale = scale(plan.load.iter().copied().max().unwrap_or(0));
        plan
    }

    fn lane(&mut self, shown: &Shown<'_>, at: usize, candidates: &Candidates, rows: usize) {
        if shown.lanes[at].open {
            self.rows.push(Row { lane: Some(at), nth: 0, content: Content::Head });
            return;
        }
        let mut placed = candidates.place(rows);
        let crowded = !placed.unplaced.is_empty();
        if crowded {
            placed = candidates.place(rows - 1);
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
