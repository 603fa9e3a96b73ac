//! A recurrence rule as the field writes it: what is plainly meant is read and said, the rest is an error.
//!
//! Empty rules and empty lists, extension parts, COUNT=-1 and the calendar everybody keeps (RFC 7529) stand in real files,
//! and so do the rules of vCalendar 1.0. What could be read in two ways is refused: a doubt is never decided here.

use super::{PARTS, Rule, RuleError, weekday};
use crate::model::text::clean_line;

/// What a text says of repeating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// `None` = it does not repeat.
    pub rule: Option<Rule>,
    /// The rule in the words of RFC 5545; empty where there is none.
    pub text: String,
    /// What was passed over or converted, in words.
    pub notes: Vec<String>,
}

/// Reads a rule with what real files put into it.
///
/// # Errors
/// When it is no rule, or one that could mean two things.
pub fn read(text: &str) -> Result<Reading, RuleError> {
    let text = bare(text);
    if text.chars().all(|c| c == ';' || c.is_whitespace()) {
        let notes = vec!["the rule is empty: it does not repeat".to_owned()];
        return Ok(Reading { rule: None, text: String::new(), notes });
    }
    if let Some(converted) = of_vcalendar(text) {
        let text = converted?;
        let notes = vec![format!("a rule of vCalendar 1.0 is read as {text}")];
        return Ok(Reading { rule: Some(text.parse()?), text, notes });
    }
    let mut notes = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let fields =
            part.split_once('=').map(|(name, value)| (name.trim().to_ascii_uppercase(), value.trim()));
        let note = fields.as_ref().and_then(|(name, value)| passed_over(name, value));
        match (note, fields) {
            (Some(note), _) => notes.push(note),
            (None, Some((name, value))) => {
                let part = format!("{name}={}", plain_time(&name, value));
                if !kept.iter().any(|known| known.eq_ignore_ascii_case(&part)) {
                    kept.push(part);
                }
            }
            (None, None) => kept.push(part.to_owned()),
        }
    }
    let text = kept.join(";");
    let rule: Rule = text.parse()?;
    if !rule.positions.is_empty() && notes.iter().any(|note| note.starts_with("BY")) {
        let want = "a list that BYSETPOS picks from; it is empty";
        return Err(RuleError::Value { part: "BYSETPOS", value: "a position".to_owned(), want });
    }
    Ok(Reading { rule: Some(rule), text, notes })
}

/// The value without the name some files put before it.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    let named = text.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("RRULE:"));
    if named { text.get(6..).unwrap_or_default().trim() } else { text }
}

/// Why a part says nothing, where that is plain.
fn passed_over(name: &str, value: &str) -> Option<String> {
    let shown = clean_line(value);
    if name.starts_with("X-") {
        return Some(format!("{}={shown} is an extension and passed over", clean_line(name)));
    }
    let known = PARTS.contains(&name);
    match (name, value) {
        (_, "") if known && (name.starts_with("BY") || name == "WKST") => {
            Some(format!("{name}= is empty and passed over"))
        }
        ("COUNT", "-1") => Some("COUNT=-1 is read as no COUNT".to_owned()),
        ("RSCALE", "") => None,
        ("RSCALE", value) if value.eq_ignore_ascii_case("GREGORIAN") => {
            Some("RSCALE=GREGORIAN is what a rule has anyway".to_owned())
        }
        ("SKIP", value) if value.eq_ignore_ascii_case("OMIT") => {
            Some("SKIP=OMIT is what a rule does anyway".to_owned())
        }
        _ => None,
    }
}

/// UNTIL written as ISO 8601 (`2026-12-31T22:00:00Z`) without its separators; any other value as it is.
fn plain_time(name: &str, value: &str) -> String {
    if name == "UNTIL" && value.starts_with(|c: char| c.is_ascii_digit()) && value.matches('-').count() == 2 {
        return value.chars().filter(|c| *c != '-' && *c != ':').collect();
    }
    value.to_owned()
}

/// A rule of vCalendar 1.0 (`W1 MO WE #4`, `MP1 2+ TU #0`, `D1 20261231T000000`) in the words of RFC 5545; `None` = it
/// is none.
fn of_vcalendar(text: &str) -> Option<Result<String, RuleError>> {
    let mut words = text.split_whitespace();
    let first = words.next()?.to_ascii_uppercase();
    let digits = first.find(|c: char| c.is_ascii_digit())?;
    let (unit, interval) = first.split_at(digits);
    if !matches!(unit, "D" | "W" | "MP" | "MD" | "YM" | "YD" | "M") {
        return None;
    }
    let words: Vec<String> = words.map(str::to_ascii_uppercase).collect();
    let rule = vcalendar(unit, interval, &words);
    Some(rule.ok_or_else(|| RuleError::VCalendar(clean_line(text).into_owned())))
}

fn vcalendar(unit: &str, interval: &str, words: &[String]) -> Option<String> {
    let interval = interval.parse::<u32>().ok().filter(|n| *n > 0)?;
    let ends = |word: &&String| word.starts_with('#') || (word.len() >= 8 && word.contains(char::is_numeric));
    let (items, end) = match words.split_last() {
        Some((last, items)) if ends(&last) => (items, Some(last)),
        Some(_) | None => (words, None),
    };
    let (freq, list, items) = match unit {
        "D" if items.is_empty() => ("DAILY", "", Vec::new()),
        "W" => ("WEEKLY", "BYDAY", each(items, |word| weekday(word).map(|_| word.to_owned()))?),
        "MP" => ("MONTHLY", "BYDAY", positions(items).filter(|items| !items.is_empty())?),
        "MD" => ("MONTHLY", "BYMONTHDAY", each(items, month_day)?),
        "YM" => ("YEARLY", "BYMONTH", each(items, |word| number(word, 12))?),
        "YD" => ("YEARLY", "BYYEARDAY", each(items, |word| number(word, 366)).filter(|i| !i.is_empty())?),
        _ => return None,
    };
    let mut rule = format!("FREQ={freq};INTERVAL={interval}");
    if !items.is_empty() {
        rule = format!("{rule};{list}={}", items.join(","));
    }
    // Without an end the standard means two periods; a number counts periods, not days.
    let times = u32::try_from(items.len().max(1)).ok()?;
    match end.map(|word| word.strip_prefix('#').ok_or(word)) {
        Some(Ok("0")) => Some(rule),
        Some(Ok(count)) => Some(format!("{rule};COUNT={}", count.parse::<u32>().ok()?.checked_mul(times)?)),
        Some(Err(date)) => Some(format!("{rule};UNTIL={date}")),
        None => Some(format!("{rule};COUNT={}", 2 * times)),
    }
}

fn each(words: &[String], read: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    words.iter().map(|word| read(word)).collect()
}

fn number(word: &str, most: u32) -> Option<String> {
    word.parse::<u32>().ok().filter(|n| (1..=most).contains(n)).map(|n| n.to_string())
}

/// `5`, `5+`, `3-` or `LD`, the last day.
fn month_day(word: &str) -> Option<String> {
    if word == "LD" {
        return Some("-1".to_owned());
    }
    match word.strip_suffix('-') {
        Some(back) => number(back, 31).map(|n| format!("-{n}")),
        None => number(word.strip_suffix('+').unwrap_or(word), 31),
    }
}

/// `1+ FR 1- SU MO`: each weekday with the place last named before it.
fn positions(words: &[String]) -> Option<Vec<String>> {
    let mut place: Option<String> = None;
    let mut found = Vec::new();
    for word in words {
        if weekday(word).is_some() {
            found.push(format!("{}{word}", place.as_ref()?));
        } else {
            let (number, sign) = word.split_at_checked(word.len().checked_sub(1)?)?;
            let number = self::number(number, 5)?;
            place = Some(match sign {
                "+" => number,
                "-" => format!("-{number}"),
                _ => return None,
            });
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_meant_is_read_and_said() {
        let cases = [
            ("an empty rule", "", "", "the rule is empty: it does not repeat"),
            ("an empty rule with its name", "RRULE:", "", "the rule is empty: it does not repeat"),
            ("nothing but semicolons", " ; ", "", "the rule is empty: it does not repeat"),
            ("a name and nothing odd", "rrule:FREQ=DAILY", "FREQ=DAILY", ""),
            (
                "an extension",
                "FREQ=DAILY;X-A=1;COUNT=2",
                "FREQ=DAILY;COUNT=2",
                "X-A=1 is an extension and passed over",
            ),
            ("an empty list", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY", "BYDAY= is empty and passed over"),
            ("an empty week start", "FREQ=WEEKLY;WKST=", "FREQ=WEEKLY", "WKST= is empty and passed over"),
            (
                "no count",
                "FREQ=DAILY;UNTIL=20261231;COUNT=-1",
                "FREQ=DAILY;UNTIL=20261231",
                "COUNT=-1 is read as no COUNT",
            ),
            (
                "the calendar of all",
                "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT",
                "FREQ=YEARLY",
                "RSCALE=GREGORIAN is what a rule has anyway|SKIP=OMIT is what a rule does anyway",
            ),
            ("a part twice, alike", "FREQ=DAILY;freq=daily", "FREQ=DAILY", ""),
            ("ISO 8601", "FREQ=DAILY;UNTIL=2026-12-31T22:00:00Z", "FREQ=DAILY;UNTIL=20261231T220000Z", ""),
        ];
        for (name, text, want, notes) in cases {
            let read = read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((read.text.as_str(), read.notes.join("|").as_str()), (want, notes), "{name}");
            assert_eq!(read.rule, want.parse().ok(), "{name}");
        }
    }

    #[test]
    fn vcalendar_is_converted() {
        let cases = [
            ("D1 #10", "FREQ=DAILY;INTERVAL=1;COUNT=10"),
            ("D2 19971224T000000Z", "FREQ=DAILY;INTERVAL=2;UNTIL=19971224T000000Z"),
            ("W1 #0", "FREQ=WEEKLY;INTERVAL=1"),
            ("w2 tu th #4", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=8"),
            ("W1 MO", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=2"),
            ("MP1 1+ FR #10", "FREQ=MONTHLY;INTERVAL=1;BYDAY=1FR;COUNT=10"),
            ("MP2 1+ SU 1- SU #0", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU"),
            ("MD1 2 15+ 3- LD #0", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=2,15,-3,-1"),
            ("YM1 6 7 #2", "FREQ=YEARLY;INTERVAL=1;BYMONTH=6,7;COUNT=4"),
            ("YD5 1 100 20300101", "FREQ=YEARLY;INTERVAL=5;BYYEARDAY=1,100;UNTIL=20300101"),
        ];
        for (text, want) in cases {
            let read = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read.text, want, "{text}");
            assert_eq!(read.notes, [format!("a rule of vCalendar 1.0 is read as {want}")], "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        let cases = [
            ("FREQ=DAILY;COUNT=-3", "COUNT=-3: a whole number from 1"),
            ("FREQ=DAILY;COUNT=", "COUNT=: a whole number from 1"),
            ("FREQ=DAILY;UNTIL=", "UNTIL=: a time such as"),
            ("FREQ=DAILY;UNTIL=NaNNaNNaNTNaNNaN00Z", "UNTIL=NANNANNANTNANNAN00Z: a time such as"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0: a whole number from 1"),
            ("RSCALE=HEBREW;FREQ=YEARLY", "\"RSCALE=HEBREW\" is no part"),
            ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD", "\"SKIP=FORWARD\" is no part"),
            ("FREQ=MONTHLY;BYDAY=;BYSETPOS=-1", "BYSETPOS=a position: a list"),
            ("FREQ=DAILY;COUNT=1;COUNT=2", "COUNT is given twice"),
            ("BYDAY=MO", "the rule has no FREQ"),
            ("W1 XX #2", "\"W1 XX #2\" is no rule of vCalendar 1.0"),
            ("MP1 #2", "\"MP1 #2\" is no rule of vCalendar 1.0"),
            ("D1 0900 #2", "\"D1 0900 #2\" is no rule of vCalendar 1.0"),
            ("M5 #3", "\"M5 #3\" is no rule of vCalendar 1.0"),
            ("W0 #3", "\"W0 #3\" is no rule of vCalendar 1.0"),
            ("every second Tuesday", "\"every second Tuesday\" is no part"),
        ];
        for (text, want) in cases {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(want), "{text}: {error}");
        }
    }
}
