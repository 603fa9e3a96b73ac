//! How long a server wants to be left alone, in every dialect there is, and how far its clock is from ours.

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::model::Instant;

/// Headers that say when a used-up budget is full again.
const RESETS: [&str; 4] =
    ["x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset-after"];
/// Headers that say how many requests are left.
const REMAINING: [&str; 3] = ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"];

pub(super) fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Seconds from now in which the server wants to hear nothing: `Retry-After` as a number or a date, else the reset of
/// its budget as seconds left, seconds or milliseconds since 1970, or a date. `now` counts where the server tells none.
pub(super) fn retry_after(headers: &HeaderMap, now: Instant) -> Option<i64> {
    let now = server_now(headers).unwrap_or(now.secs());
    let asked = text_header(headers, RETRY_AFTER.as_str()).and_then(|value| wait(&value, now));
    asked.or_else(|| RESETS.iter().find_map(|name| wait(&text_header(headers, name)?, now)))
}

/// Seconds to wait before the next request, where an answer says that the budget is used up.
pub(super) fn used_up(headers: &HeaderMap, now: Instant) -> Option<i64> {
    let left = REMAINING.iter().find_map(|name| text_header(headers, name)?.trim().parse::<i64>().ok())?;
    (left <= 0).then(|| retry_after(headers, now).unwrap_or(1))
}

/// Rewrites resets that are told in milliseconds left; those that name a moment stay.
pub(super) fn millis_to_seconds(headers: &mut HeaderMap) {
    for name in RESETS {
        let Some(millis) = text_header(headers, name).and_then(|value| value.trim().parse::<i64>().ok())
        else {
            continue;
        };
        if millis < 31_536_000_000 {
            headers.insert(name, HeaderValue::from((millis.max(0) + 999) / 1000));
        }
    }
}

/// Seconds the server's clock is ahead of ours, where it tells its time.
pub(super) fn skew(headers: &HeaderMap, now: Instant) -> Option<i64> {
    Some(server_now(headers)? - now.secs())
}

fn wait(value: &str, now: i64) -> Option<i64> {
    let value = value.trim();
    if let Ok(number) = value.parse::<f64>() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float cast saturates, which is what is wanted"
        )]
        let number = number.ceil() as i64;
        // Less than a year is a span; more than that is a moment, in seconds or in milliseconds.
        return Some(match number {
            ..=31_536_000 => number.max(0),
            31_536_001..=99_999_999_999 => (number - now).max(0),
            _ => (number / 1000 - now).max(0),
        });
    }
    date(value).map(|at| (at - now).max(0))
}

fn date(text: &str) -> Option<i64> {
    let rfc2822 = DateTime::parse_from_rfc2822(text).ok();
    rfc2822.or_else(|| DateTime::parse_from_rfc3339(text).ok()).map(|at| at.timestamp())
}

fn server_now(headers: &HeaderMap) -> Option<i64> {
    date(text_header(headers, DATE.as_str())?.trim())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
        rows.iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    const DATED: (&str, &str) = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
    const AT: i64 = 1_795_428_000;
    /// Ours, which does not count where the server tells its own.
    const FAR: Instant = Instant::from_secs(AT + 1_000_000);

    #[test]
    fn every_dialect_of_patience_is_understood() {
        let later = (AT + 90).to_string();
        let millis = ((AT + 90) * 1000).to_string();
        for (row, header, want) in [
            ("seconds", ("retry-after", "7"), Some(7)),
            ("fractions are rounded up", ("retry-after", "0.2"), Some(1)),
            ("a date", ("retry-after", "Mon, 23 Nov 2026 10:01:30 GMT"), Some(90)),
            ("a date that is over", ("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"), Some(0)),
            ("nonsense", ("retry-after", "soon"), None),
            ("seconds left", ("x-ratelimit-reset", "42"), Some(42)),
            ("a moment in seconds", ("x-ratelimit-reset", later.as_str()), Some(90)),
            ("a moment in milliseconds", ("x-rate-limit-reset", millis.as_str()), Some(90)),
            ("a moment as ISO", ("x-ratelimit-reset", "2026-11-23T10:01:30Z"), Some(90)),
            ("the draft standard", ("ratelimit-reset", "5"), Some(5)),
        ] {
            assert_eq!(retry_after(&headers(&[DATED, header]), FAR), want, "{row}");
        }
    }

    #[test]
    fn a_budget_that_is_used_up_is_waited_for() {
        let reset = ("x-ratelimit-reset", "30");
        for (row, left, want) in
            [("some left", "3", None), ("none left", "0", Some(30)), ("nonsense", "many", None)]
        {
            assert_eq!(
                used_up(&headers(&[DATED, reset, ("x-ratelimit-remaining", left)]), FAR),
                want,
                "{row}"
            );
        }
        assert_eq!(used_up(&headers(&[("ratelimit-remaining", "0")]), FAR), Some(1), "no reset is told");
    }
}
