//! How the cursor moves over what was drawn: by rows and columns, not by lists.

use super::shown::{Aim, Drawn, Spot};
use crate::tui::view::widget::Move;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Left,
    Right,
    Rows(Move),
}

/// Rows that half a page is.
const HALF: usize = 8;

/// Where the cursor goes; `None` when it stays.
#[must_use]
pub fn go(drawn: &Drawn, at: Option<&Aim>, way: Way) -> Option<Aim> {
    let current = at.and_then(|at| drawn.spots.iter().find(|spot| spot.target == *at));
    let Some(current) = current else {
        return drawn
            .spots
            .iter()
            .min_by_key(|spot| (is_lane(spot) || matches!(spot.target, Aim::Meeting(_)), spot.row, spot.from))
            .map(|spot| spot.target.clone());
    };
    let found = match way {
        Way::Left => sideways(drawn, current, false),
        Way::Right => sideways(drawn, current, true),
        Way::Rows(Move::Down) => vertical(drawn, current, true),
        Way::Rows(Move::Up) => vertical(drawn, current, false),
        Way::Rows(Move::HalfDown) => repeat(drawn, current, true),
        Way::Rows(Move::HalfUp) => repeat(drawn, current, false),
        Way::Rows(Move::First) => like(drawn, current).min_by_key(|spot| (spot.row, spot.from)),
        Way::Rows(Move::Last) => like(drawn, current).max_by_key(|spot| (spot.row, spot.from)),
    };
    found.filter(|spot| spot.target != current.target).map(|spot| spot.target.clone())
}

fn is_lane(spot: &Spot) -> bool {
    matches!(spot.target, Aim::Lane(_))
}

/// Lane heads go to lane heads, everything else to everything else.
fn like<'a>(drawn: &'a Drawn, current: &Spot) -> impl Iterator<Item = &'a Spot> {
    let lane = is_lane(current);
    drawn.spots.iter().filter(move |spot| is_lane(spot) == lane)
}

/// The next of the lane by where it begins; from the first of a lane to its head.
fn sideways<'a>(drawn: &'a Drawn, current: &Spot, right: bool) -> Option<&'a Spot> {
    let lane = drawn.spots.iter().filter(|spot| spot.lane == current.lane);
    if right {
        let next = lane.filter(|spot| spot.from > current.from);
        next.min_by_key(|spot| (spot.from, spot.row.abs_diff(current.row)))
    } else {
        let next = lane.filter(|spot| spot.from < current.from);
        next.min_by_key(|spot| (std::cmp::Reverse(spot.from), spot.row.abs_diff(current.row)))
    }
}

/// The next row; in views of days the same day first.
fn vertical<'a>(drawn: &'a Drawn, current: &Spot, down: bool) -> Option<&'a Spot> {
    let beyond = |spot: &&Spot| if down { spot.row > current.row } else { spot.row < current.row };
    let apart = |spot: &Spot| {
        if spot.from < current.to && current.from < spot.to { 0 } else { spot.from.abs_diff(current.from) }
    };
    let key = |spot: &&Spot| {
        (drawn.by_start && apart(spot) > 0, spot.row.abs_diff(current.row), apart(spot), spot.from)
    };
    like(drawn, current).filter(beyond).min_by_key(key)
}

fn repeat<'a>(drawn: &'a Drawn, current: &Spot, down: bool) -> Option<&'a Spot> {
    let mut at = vertical(drawn, current, down)?;
    for _ in 1..HALF {
        match vertical(drawn, at, down) {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(at)
}
