//! A share with its interval on an axis from 0 to 100 %: `··━━┃━━━···`, with an ASCII twin and without colour.

use crate::{
    rules::numbers::Interval,
    tui::{
        theme::{Look, Role},
        view::widget::Pen,
    },
    wire::{Measure, Number},
    words::number as said,
};

/// What is drawn, and in how many columns.
pub struct Of<'a> {
    pub number: &'a Number,
    pub cells: usize,
}

/// The bar of a share; of a length how long 85 % take at most, in words.
pub fn draw(pen: &mut Pen<'_>, look: &Look, of: Of<'_>) {
    let Of { number, cells } = of;
    match (number.measure, number.interval, number.length) {
        (Measure::Share, Some(known), _) => interval(pen, look, cells, number.share.unwrap_or(0.0), known),
        (Measure::Length, _, Some(length)) => {
            pen.column(&format!("85 % in {}", said::lasting(length.p85)), cells, look.muted());
        }
        (Measure::Pace, _, Some(gap)) => {
            pen.column(&format!("a gap of {}", said::lasting(gap.median)), cells, look.muted());
        }
        (Measure::Rate, Some(known), _) => {
            pen.column(&said::interval(Measure::Rate, known), cells, look.muted());
        }
        _ => drop(pen.skip(cells)),
    }
}

/// The interval, with its value.
pub fn interval(pen: &mut Pen<'_>, look: &Look, cells: usize, share: f64, known: Interval) {
    for at in 0..cells {
        let (glyph, role) = match at {
            at if at == cell(share, cells) => (look.glyphs.now, Role::Now),
            at if cell(known.low, cells) <= at && at <= cell(known.high, cells) => {
                (look.glyphs.bar_live, Role::Change)
            }
            _ => (look.glyphs.dot, Role::Rule),
        };
        pen.put(glyph, look.glyph(role));
    }
}

/// The column of a share: whole columns, counted up to the one that holds it.
fn cell(share: f64, cells: usize) -> usize {
    let ends = |at: &usize| {
        let to = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let of = u32::try_from(cells.max(1)).unwrap_or(u32::MAX);
        share < f64::from(to) / f64::from(of)
    };
    (0..cells).find(ends).unwrap_or(cells.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_stands_in_its_column() {
        for (share, cells, want) in [
            (0.0, 10, 0),
            (0.09, 10, 0),
            (0.1, 10, 1),
            (0.5, 10, 5),
            (0.999, 10, 9),
            (1.0, 10, 9),
            (0.3, 0, 0),
        ] {
            assert_eq!(cell(share, cells), want, "{share} of {cells}");
        }
    }
}
