//! Times in filters: `today`, `tonight`, `fri`, `<4h`, `>2d`, `2026-12-24`, `overdue`.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

use super::Ground;
use crate::{
    calendar::Fold,
    model::{
        Instant,
        time::{DAY, HOUR, MINUTE},
    },
};

/// From (included) until (excluded); an end that is absent is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    from: Option<Instant>,
    until: Option<Instant>,
}

impl Range {
    /// Whether a moment lies in it: the first does, the last does not.
    pub fn has(self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// The words that name a time, for completion and faults.
pub const WORDS: &[&str] = &[
    "today", "tonight", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "overdue", "<4h",
    "<24h", ">1d",
];

/// Reads a value. `late` = what is past belongs to `<24h` and may be asked for as `overdue`: so with deadlines, while a
/// start that is past is no start within the next hours.
pub fn read(typed: &str, ground: Ground<'_>, late: bool) -> Option<Range> {
    let (zone, now) = (ground.zone, ground.now);
    let today = zone.date(now);
    let value = typed.to_lowercase();
    let day = |date: NaiveDate| {
        let next = date.checked_add_days(Days::new(1))?;
        Some(Range { from: Some(zone.midnight(date)), until: Some(zone.midnight(next)) })
    };
    match value.as_str() {
        "today" => day(today),
        "tomorrow" => day(today.checked_add_days(Days::new(1))?),
        "yesterday" => day(today.checked_sub_days(Days::new(1))?),
        "tonight" => tonight(ground),
        "overdue" if late => Some(Range { from: None, until: Some(now) }),
        _ => weekday(&value)
            .and_then(|wanted| {
                let ahead = (wanted.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
                day(today.checked_add_days(Days::new(ahead.into()))?)
            })
            .or_else(|| day(NaiveDate::parse_from_str(&value, "%Y-%m-%d").ok()?))
            .or_else(|| distance(&value, now, late)),
    }
}

/// The beginning of a day that is named: `today`, `fri`, `2026-12-24`.
pub fn day(typed: &str, ground: Ground<'_>) -> Option<Instant> {
    if distance(&typed.to_lowercase(), ground.now, false).is_some() {
        return None;
    }
    read(typed, ground, false)?.from
}

/// From 18:00 to 06:00; before six in the morning, the night that is under way.
fn tonight(ground: Ground<'_>) -> Option<Range> {
    let local = ground.zone.local(ground.now);
    let (evening, morning) = (NaiveTime::from_hms_opt(18, 0, 0)?, NaiveTime::from_hms_opt(6, 0, 0)?);
    let begins = if local.time() < morning { local.date().pred_opt()? } else { local.date() };
    let at = |date: NaiveDate, time| ground.zone.instant(date.and_time(time), Fold::First).0;
    Some(Range { from: Some(at(begins, evening)), until: Some(at(begins.succ_opt()?, morning)) })
}

fn weekday(value: &str) -> Option<Weekday> {
    (value.len() >= 3).then(|| value.parse().ok()).flatten()
}

/// `<24h`, `24h`, `>3d`.
fn distance(value: &str, now: Instant, late: bool) -> Option<Range> {
    let (upper, rest) = match value.strip_prefix('>') {
        Some(rest) => (false, rest),
        None => (true, value.strip_prefix('<').unwrap_or(value)),
    };
    let (number, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        _ => return None,
    };
    let secs = number.parse::<i64>().ok().filter(|n| (0..=1_000_000).contains(n))?.checked_mul(unit)?;
    let at = now.plus(secs);
    Some(if upper {
        Range { from: (!late).then_some(now), until: Some(at) }
    } else {
        Range { from: Some(at.plus(1)), until: None }
    })
}
