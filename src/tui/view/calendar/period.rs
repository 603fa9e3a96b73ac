//! Where one is in time: the view, its span, and how paging and zooming move it.

use chrono::{Datelike, Days, Months, NaiveDate, Timelike};

use crate::{
    calendar::Zone,
    model::{
        Instant, Span,
        time::{DAY, HOUR, MINUTE},
    },
};

/// The forms of the calendar, in the order `V` goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    #[default]
    Week,
    Timeline,
    Month,
    Agenda,
    Year,
}

/// Seconds a cell of the timeline can stand for.
pub const STEPS: [i64; 9] =
    [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY, 7 * DAY];

/// A view of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    pub mode: Mode,
    /// Any instant of the week, month, agenda or year; the first one of the timeline.
    pub at: Instant,
    /// Index into [`STEPS`], of the timeline.
    pub zoom: usize,
}

impl Mode {
    const ALL: [Self; 5] = [Self::Week, Self::Timeline, Self::Month, Self::Agenda, Self::Year];

    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|mode| *mode == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The Monday of a date's week.
#[must_use]
pub fn monday(date: NaiveDate) -> NaiveDate {
    plus_days(date, -i64::from(date.weekday().num_days_from_monday()))
}

/// A date so many days later; the date itself at the ends of the calendar.
#[must_use]
pub fn plus_days(date: NaiveDate, days: i64) -> NaiveDate {
    let ahead = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(ahead) } else { date.checked_add_days(ahead) }.unwrap_or(date)
}

fn plus_months(date: NaiveDate, months: i32) -> NaiveDate {
    let ahead = Months::new(months.unsigned_abs());
    let first = date.with_day(1).unwrap_or(date);
    if months < 0 { first.checked_sub_months(ahead) } else { first.checked_add_months(ahead) }.unwrap_or(date)
}

impl Period {
    /// A week around `at`.
    #[must_use]
    pub const fn week(at: Instant) -> Self {
        Self { mode: Mode::Week, at, zoom: 2 }
    }

    /// Seconds a cell of the timeline stands for.
    #[must_use]
    pub fn step(&self) -> i64 {
        STEPS[self.zoom.min(STEPS.len() - 1)]
    }

    /// The first day of the week, month or year; of the timeline the day it begins on.
    #[must_use]
    pub fn first_day(&self, zone: Zone) -> NaiveDate {
        let date = zone.date(self.at);
        match self.mode {
            Mode::Week | Mode::Agenda => monday(date),
            Mode::Month => date.with_day(1).unwrap_or(date),
            Mode::Year => date.with_ordinal(1).unwrap_or(date),
            Mode::Timeline => date,
        }
    }

    /// Days of the week, month or year.
    #[must_use]
    pub fn days(&self, zone: Zone) -> usize {
        let first = self.first_day(zone);
        let next = match self.mode {
            Mode::Week | Mode::Agenda => plus_days(first, 7),
            Mode::Month => plus_months(first, 1),
            Mode::Year => plus_months(first, 12),
            Mode::Timeline => plus_days(first, 1),
        };
        usize::try_from((next - first).num_days()).unwrap_or(1).max(1)
    }

    /// What is in view, days being local; the timeline shows `cells` cells.
    #[must_use]
    pub fn span(&self, zone: Zone, cells: usize) -> Option<Span> {
        if self.mode == Mode::Timeline {
            return crate::calendar::lanes::Axis::new(self.at, self.step(), cells, zone).span();
        }
        let first = self.first_day(zone);
        let days = i64::try_from(self.days(zone)).unwrap_or(1);
        Span::new(zone.midnight(first), zone.midnight(plus_days(first, days)))
    }

    /// The period before (-1) or after (1); `cells` is the width of the timeline.
    #[must_use]
    pub fn page(self, by: i32, zone: Zone, cells: usize) -> Self {
        let first = self.first_day(zone);
        let at = match self.mode {
            Mode::Week | Mode::Agenda => zone.midnight(plus_days(first, 7 * i64::from(by))),
            Mode::Month => zone.midnight(plus_months(first, by)),
            Mode::Year => zone.midnight(plus_months(first, 12 * by)),
            Mode::Timeline => self.shifted(by, zone, cells),
        };
        Self { at, ..self }
    }

    /// A timeline moved by most of what it shows: whole days where it shows some, so that the clock at its edge stays.
    fn shifted(&self, by: i32, zone: Zone, cells: usize) -> Instant {
        let shown = self.step().saturating_mul(i64::try_from(cells).unwrap_or(1));
        if shown >= DAY {
            let days = if self.step() >= 7 * DAY { shown / (7 * DAY) * 7 } else { shown / DAY };
            let local = zone.local(self.at);
            let date = plus_days(local.date(), days.max(1) * i64::from(by));
            return zone.instant(date.and_time(local.time()), crate::calendar::Fold::First).0;
        }
        let unit = [12 * HOUR, 6 * HOUR, 3 * HOUR, HOUR, 30 * MINUTE, 15 * MINUTE];
        let least = 5 * MINUTE;
        let page = unit.into_iter().find(|unit| *unit <= shown).unwrap_or(least);
        self.at.plus((shown / page).max(1) * page * i64::from(by))
    }

    /// One step finer (true) or coarser, keeping `focus` in view; week, month and year join the steps of the timeline.
    #[must_use]
    pub fn zoomed(self, finer: bool, focus: Instant, zone: Zone, cells: usize) -> Self {
        let to = |mode| Self { mode, at: focus, ..self };
        match (self.mode, finer) {
            (Mode::Week | Mode::Agenda, true) => Self { zoom: 3, ..self }.timeline(focus, zone, cells),
            (Mode::Week | Mode::Agenda, false) => to(Mode::Month),
            (Mode::Month, true) => to(Mode::Week),
            (Mode::Month, false) => to(Mode::Year),
            (Mode::Year, true) => to(Mode::Month),
            (Mode::Year, false) => self,
            (Mode::Timeline, true) => {
                Self { zoom: self.zoom.saturating_sub(1), ..self }.timeline(focus, zone, cells)
            }
            (Mode::Timeline, false) => {
                Self { zoom: (self.zoom + 1).min(STEPS.len() - 1), ..self }.timeline(focus, zone, cells)
            }
        }
    }

    /// The timeline that has `focus` a third from its left edge, beginning on a round local time.
    #[must_use]
    pub fn timeline(self, focus: Instant, zone: Zone, cells: usize) -> Self {
        let step = self.step();
        let before = step.saturating_mul(i64::try_from(cells / 3).unwrap_or(0));
        let at = focus.plus(-before);
        let at = match step {
            ..DAY => floor_local(at, (step * 4).clamp(HOUR, DAY), zone),
            DAY => zone.midnight(zone.date(at)),
            _ => zone.midnight(monday(zone.date(at))),
        };
        Self { mode: Mode::Timeline, at, ..self }
    }

    /// `23–29 Nov`, `November 2026`, `Wed 25 – Thu 26`: the words of the head, long where there is room.
    #[must_use]
    pub fn words(&self, zone: Zone, cells: usize, wide: bool) -> String {
        let Some(span) = self.span(zone, cells) else { return String::new() };
        let (first, last) = (zone.local(span.start()), zone.local(span.end().plus(-1)));
        match self.mode {
            Mode::Week | Mode::Agenda if wide => {
                format!("{} – {}", first.format("%a %d"), last.format("%a %d %b %Y"))
            }
            Mode::Week | Mode::Agenda if first.month() == last.month() => {
                format!("{}–{}", first.format("%d"), last.format("%d %b"))
            }
            Mode::Week | Mode::Agenda => format!("{} – {}", first.format("%d %b"), last.format("%d %b")),
            Mode::Month => first.format("%B %Y").to_string(),
            Mode::Year => first.format("%Y").to_string(),
            Mode::Timeline => timeline_words(first, zone.local(span.end()), last, wide && self.step() < DAY),
        }
    }

    /// `Week 48`, `Timeline`, `November 2026` …
    #[must_use]
    pub fn title(&self, zone: Zone) -> String {
        match self.mode {
            Mode::Week => format!("Week {}", self.first_day(zone).iso_week().week()),
            Mode::Agenda => format!("Agenda · week {}", self.first_day(zone).iso_week().week()),
            Mode::Month => "Month".to_owned(),
            Mode::Year => "Year".to_owned(),
            Mode::Timeline if self.zoom == 1 => "Day".to_owned(),
            Mode::Timeline => "Timeline".to_owned(),
        }
    }
}

fn timeline_words(
    first: chrono::NaiveDateTime,
    end: chrono::NaiveDateTime,
    last: chrono::NaiveDateTime,
    wide: bool,
) -> String {
    let days = (last.date() - first.date()).num_days();
    if wide {
        format!("{} – {}", first.format("%a %d %H:%M"), end.format("%a %d %b %H:%M"))
    } else if days == 0 {
        first.format("%a %d %b").to_string()
    } else if days < 7 {
        format!("{} – {}", first.format("%a %d"), last.format("%a %d"))
    } else if first.year() == last.year() {
        format!("{} – {}", first.format("%d %b"), last.format("%d %b"))
    } else {
        format!("{} – {}", first.format("%d %b %Y"), last.format("%d %b %Y"))
    }
}

/// The latest local time of whole `unit` seconds since midnight that is not after `at`; `unit` divides a day.
fn floor_local(at: Instant, unit: i64, zone: Zone) -> Instant {
    let unit = [DAY, 12 * HOUR, 8 * HOUR, 6 * HOUR, 4 * HOUR, 3 * HOUR, 2 * HOUR]
        .into_iter()
        .find(|known| *known <= unit)
        .unwrap_or(HOUR);
    let since = i64::from(zone.local(at).time().num_seconds_from_midnight());
    at.plus(-(since % unit))
}

/// Whether a day is on a weekend.
#[must_use]
pub fn is_weekend(date: NaiveDate) -> bool {
    date.weekday().num_days_from_monday() >= 5
}
