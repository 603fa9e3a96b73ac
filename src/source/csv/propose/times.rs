//! How the times of an export are written. The order of day and month is read off the cells, or is a doubt.

use std::collections::BTreeSet;

use chrono::{
    Datelike, NaiveDate,
    format::{Parsed, StrftimeItems},
};

use super::{Column, columns::Picked};
use crate::source::csv::field::Shape;

/// What a doubt about the order of day and month says.
pub const EITHER_ORDER: &str = "may begin with the day or with the month";

/// Whether dates in figures begin with the day or with the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A way to write dates; one in figures has a twin with day and month exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Date {
    Sure(&'static str),
    /// Day first, month first.
    Figures(&'static str, &'static str),
}

const DATES: [Date; 17] = [
    Date::Sure("%Y-%m-%d"),
    Date::Sure("%Y/%m/%d"),
    Date::Sure("%d.%m.%Y"),
    Date::Sure("%d.%m.%y"),
    Date::Sure("%d/%b/%y"),
    Date::Sure("%d/%b/%Y"),
    Date::Sure("%d-%b-%Y"),
    Date::Sure("%d-%b-%y"),
    Date::Sure("%d %b %Y"),
    Date::Sure("%b %d, %Y"),
    Date::Sure("%b %d %Y"),
    Date::Sure("%a, %d %b %Y"),
    Date::Sure("%a, %d %b, %Y"),
    Date::Figures("%d/%m/%Y", "%m/%d/%Y"),
    Date::Figures("%d-%m-%Y", "%m-%d-%Y"),
    Date::Figures("%d/%m/%y", "%m/%d/%y"),
    Date::Figures("%d-%m-%y", "%m-%d-%y"),
];

/// What follows a date.
const CLOCKS: [&str; 14] = [
    " %H:%M:%S",
    " %H:%M",
    " %I:%M:%S %p",
    " %I:%M %p",
    ", %H:%M:%S",
    ", %H:%M",
    ", %I:%M:%S %p",
    ", %I:%M %p",
    "T%H:%M:%S%.f%:z",
    "T%H:%M:%S%.f%#z",
    "T%H:%M:%S%.f",
    " %H:%M:%S %:z",
    " %H:%M:%S %#z",
    "",
];

/// Every format of the tables, with the order it takes where it is in figures.
fn formats() -> impl Iterator<Item = (String, Option<DateOrder>)> {
    DATES.iter().flat_map(|date| {
        let ways: Vec<(&str, Option<DateOrder>)> = match date {
            Date::Sure(format) => vec![(*format, None)],
            Date::Figures(day, month) => {
                vec![(*day, Some(DateOrder::DayFirst)), (*month, Some(DateOrder::MonthFirst))]
            }
        };
        ways.into_iter()
            .flat_map(|(format, order)| CLOCKS.iter().map(move |clock| (format!("{format}{clock}"), order)))
    })
}

/// How the times of the picked columns are written.
#[derive(Debug, Default)]
pub struct Settled {
    /// In the order of use, each proven on a cell.
    pub formats: Vec<String>,
    /// Whether a time names no offset.
    pub floating: bool,
    pub doubt: Option<String>,
}

/// The date a cell says by a format, where it says one.
fn date(cell: &str, format: &str) -> Option<NaiveDate> {
    let mut parsed = Parsed::new();
    chrono::format::parse(&mut parsed, cell, StrftimeItems::new(format)).ok()?;
    let date = parsed.to_naive_date().ok()?;
    // Two figures are no year of four.
    (1970..2200).contains(&date.year()).then_some(date)
}

/// Whether most cells are times.
pub fn most(column: &Column) -> bool {
    let mut formats: Vec<String> = formats().map(|(format, _)| format).collect();
    let mut reads = |cell: &String| {
        let at = formats.iter().position(|format| date(cell, format).is_some());
        // A column is written one way: the format that read one cell is tried first on the next.
        at.inspect(|at| formats[..=*at].rotate_right(1)).is_some()
    };
    // A wrong cell is a fault of its row, not another kind of column.
    let looked = column.cells.iter().take(200);
    let read = looked.clone().filter(|cell| reads(cell)).count();
    read * 2 > looked.count()
}

/// Settles the formats of all time columns together: a file is written one way.
pub fn settle(picked: &Picked<'_>, told: Option<DateOrder>) -> Settled {
    let times = picked.fields.iter().filter(|(field, _)| field.shape() == Shape::Time);
    let cells: BTreeSet<&str> =
        times.flat_map(|(_, column)| column.cells.iter().map(String::as_str)).collect();
    let all: Vec<(String, Option<DateOrder>)> = formats().collect();
    let order = told.or_else(|| read_off(&cells));
    let allowed = |of: &Option<DateOrder>| of.is_none() || *of == order.or(Some(DateOrder::DayFirst));
    let mut used: Vec<&str> = Vec::new();
    let mut in_figures = None;
    for cell in &cells {
        if figures(cell).is_some_and(|(first, second)| first != second) {
            in_figures = Some(*cell);
        }
        if used.iter().any(|format| date(cell, format).is_some()) {
            continue;
        }
        let first = all.iter().find(|(format, of)| allowed(of) && date(cell, format).is_some());
        used.extend(first.map(|(format, _)| format.as_str()));
    }
    let floating = used.iter().any(|format| !format.ends_with('z'));
    let doubt = in_figures.filter(|_| order.is_none()).map(|cell| {
        format!(
            "{cell:?} {EITHER_ORDER}, and no other date tells: say --dates day-first or --dates month-first"
        )
    });
    let formats = used.iter().map(|format| (*format).to_owned()).collect();
    Settled { formats, floating, doubt }
}

/// The order that more dates in figures can only have; `None` where every date can have either.
fn read_off(cells: &BTreeSet<&str>) -> Option<DateOrder> {
    let (mut day, mut month) = (0_usize, 0_usize);
    for (first, second) in cells.iter().filter_map(|cell| figures(cell)) {
        match (first > 12, second > 12) {
            (true, false) => day += 1,
            (false, true) => month += 1,
            (true, true) | (false, false) => {}
        }
    }
    match day.cmp(&month) {
        std::cmp::Ordering::Greater => Some(DateOrder::DayFirst),
        std::cmp::Ordering::Less => Some(DateOrder::MonthFirst),
        std::cmp::Ordering::Equal => None,
    }
}

/// The first two numbers of a date in figures: `25/11/2026` and `11-25-26`, not `2026-11-25`.
fn figures(cell: &str) -> Option<(u32, u32)> {
    let mut parts = cell.splitn(3, ['/', '-']);
    let short = |part: Option<&str>| part.filter(|part| part.len() <= 2).and_then(|part| part.parse().ok());
    Some((short(parts.next())?, short(parts.next())?))
}
