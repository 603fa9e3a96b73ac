//! Numbers, their intervals and what they found, in words.

use super::{count, spaced, time};
use crate::rules::numbers::{By, Cell, Difference, Finding, Interval, Kpi, Measure, Number};

/// `9.8 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// `4.3 to 21.0 %`; of a rate or a pace the plain numbers.
#[must_use]
pub fn interval(measure: Measure, interval: Interval) -> String {
    match measure {
        Measure::Share => format!("{:.1} to {:.1} %", interval.low * 100.0, interval.high * 100.0),
        _ => format!("{:.2} to {:.2}", interval.low, interval.high),
    }
}

/// `2.1 d`, `3 h 10 min`: days and more with one digit.
#[must_use]
pub fn lasting(secs: i64) -> String {
    if secs < 86_400 {
        return time::length(secs);
    }
    let tenths = secs * 10 / 86_400;
    format!("{}.{} d", tenths / 10, tenths % 10)
}

/// `+29 points (5 to 60)`.
#[must_use]
pub fn points(difference: Difference) -> String {
    let whole = |share: f64| (share * 100.0).round();
    format!(
        "{:+.0} points ({:.0} to {:.0})",
        whole(difference.difference),
        whole(difference.low),
        whole(difference.high)
    )
}

/// What a number says now: `9.8 %`, `2.1 d`, `0.03 a day`.
#[must_use]
pub fn now(number: &Number) -> String {
    value(number.measure, number.part, number.share, number.length.map(|length| length.median))
}

/// The same of a cell.
#[must_use]
pub fn cell(measure: Measure, cell: &Cell) -> String {
    value(measure, cell.part, cell.share, cell.length.map(|length| length.median))
}

fn value(measure: Measure, part: u64, share: Option<f64>, median: Option<i64>) -> String {
    match (measure, share, median) {
        (Measure::Share, Some(share), _) => percent(share),
        (Measure::Rate, Some(share), _) => format!("{share:.2} each"),
        (Measure::Pace, Some(share), _) => format!("{share:.2} a day"),
        (Measure::Length, _, Some(median)) => lasting(median),
        (Measure::Count, ..) => part.to_string(),
        _ => "none".to_owned(),
    }
}

/// `5/51`, `n 48`: numerator and denominator.
#[must_use]
pub fn of(measure: Measure, part: u64, whole: u64) -> String {
    match measure {
        Measure::Share | Measure::Rate => format!("{part}/{whole}"),
        Measure::Pace => format!("{part} in {whole} d"),
        Measure::Length => format!("n {whole}"),
        Measure::Count => format!("{part}"),
    }
}

/// One number in a line: `failed change rate: 5/51, 9.8 % (4.3 to 21.0 %)`.
#[must_use]
pub fn line(number: &Number) -> String {
    let mut text = format!("{}: {}", number.label, of(number.measure, number.part, number.whole));
    let now = now(number);
    if number.measure != Measure::Count {
        text += &format!(", {now}");
    }
    if let Some(known) = number.interval {
        text += &format!(" ({})", interval(number.measure, known));
    }
    if let (Measure::Length, Some(length)) = (number.measure, number.length) {
        let (mean, p85) = (lasting(length.mean), lasting(length.p85));
        text += &format!(" in the middle, {mean} on average, 85 % within {p85}");
    }
    if let (Measure::Pace, Some(gap)) = (number.measure, number.length) {
        text += &format!(", a gap of {} in the middle", lasting(gap.median));
    }
    if let Some(part) = number.waiting {
        let share = crate::rules::numbers::interval::share(
            u64::try_from(part.part).unwrap_or(0),
            u64::try_from(part.whole).unwrap_or(0),
        );
        let waited = percent(share.unwrap_or(0.0));
        text += &format!("; {waited} of it waiting for approval, of {}", count(part.count, "change"));
    }
    text
}

/// The rows a number leaves out: `6 not in the record`.
#[must_use]
pub fn left_out(number: &Number) -> String {
    let all: Vec<String> = number.left_out.iter().map(|out| format!("{} {}", out.count, out.why)).collect();
    all.join(", ")
}

/// The months as digits, the oldest first; ten and more as `+`, those without rows as `.`.
#[must_use]
pub fn months(number: &Number) -> String {
    let digit = |month: &crate::rules::numbers::Month| match (month.part, month.whole) {
        (_, 0) => '.',
        (part, _) => u32::try_from(part).ok().and_then(|part| char::from_digit(part, 10)).unwrap_or('+'),
    };
    number.months.iter().map(digit).collect()
}

/// `high risk fails more often: 3 of 9 against 2 of 42, +29 points (5 to 60)`.
#[must_use]
pub fn finding(finding: &Finding) -> String {
    let often = if finding.difference.difference > 0.0 { "more" } else { "less" };
    let cell = &finding.cell;
    let what = match finding.by {
        By::Risk => format!("{cell} risk fails"),
        By::Kind => format!("what is {cell} fails"),
        By::Service => format!("work on {cell} fails"),
        By::Group => format!("work of {cell} fails"),
        By::ReleaseType if finding.has_none => "what is in no release fails".to_owned(),
        By::ReleaseType => format!("what is in a {cell} release fails"),
        By::Weekday => format!("what ends on a {cell} fails"),
        By::Conflict if finding.has_none => "what has no decision kept fails".to_owned(),
        By::Conflict => format!("what had {cell} fails"),
        By::Reviewed => format!("what was {cell} fails"),
        By::Board => format!("what {cell} decided fails"),
    };
    format!(
        "{what} {often} often: {} of {} against {} of {}, {}",
        finding.part,
        finding.whole,
        finding.rest_part,
        finding.rest_whole,
        points(finding.difference)
    )
}

/// How much chance alone would show of so many comparisons, and how many of the findings it would not.
#[must_use]
pub fn by_chance(findings: &[Finding], compared: u64) -> String {
    let (found, expected) = (findings.len(), compared.div_ceil(20));
    let stand = findings.iter().filter(|one| one.stands).count();
    let compared = count(compared, "comparison");
    match (found, stand) {
        (0, _) => format!("{compared}, none clear; chance alone makes about {expected} look so"),
        (_, 0) => format!("{compared}, {found} clear; chance alone makes about {expected} look so"),
        _ => {
            format!(
                "{compared}, {found} clear; chance makes about {expected} look so, hardly {stand} of these"
            )
        }
    }
}

/// How a finding is introduced: what chance alone would hardly show among all comparisons, and what it may.
#[must_use]
pub fn found(finding: &Finding) -> &'static str {
    if finding.stands { "Found" } else { "May be chance" }
}

/// Of a period of which most changes do not say how they ended: what its failures and successes are worth; none otherwise.
#[must_use]
pub fn not_said(numbers: &[Number]) -> Option<String> {
    let silent = numbers.iter().find(|number| number.name == Kpi::NoOutcome)?;
    let most = silent.part.saturating_mul(2) > silent.whole;
    most.then(|| {
        let Number { part, whole, .. } = silent;
        format!("nobody said how {part} of {whole} ended: they may have failed; only incidents tell")
    })
}

/// Of a period that holds nothing: when there was something last.
#[must_use]
pub fn nothing_in(period: &str, newest: &str) -> String {
    format!("nothing in {period}; the newest is of {newest}")
}

/// The same where there is little room: `+29 (5 to 60)`.
#[must_use]
pub fn points_alone(difference: Difference) -> String {
    points(difference).replacen(" points", "", 1)
}

/// Of a breakdown: the cell against all others.
#[must_use]
pub fn against_rest(cell: &Cell) -> String {
    match cell.against_rest {
        Some(difference) if difference.is_clear() => format!("{} against the rest", points(difference)),
        Some(_) => "no clear difference from the rest".to_owned(),
        None => String::new(),
    }
}

/// Its name and how it is made.
#[must_use]
pub fn explained(kpi: Kpi) -> String {
    format!("{} ({}): {}", kpi.label(), kpi.word(), spaced(kpi.formula()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::numbers::interval::newcombe;

    #[test]
    fn sentences_carry_their_figures() {
        let one = Finding {
            number: Kpi::ChangeFailure,
            by: By::Risk,
            cell: "high".to_owned(),
            has_none: false,
            part: 3,
            whole: 9,
            rest_part: 2,
            rest_whole: 42,
            difference: newcombe((3, 9), (2, 42)).unwrap(),
            chance: 0.034,
            stands: false,
            ids: Vec::new(),
        };
        let want = "high risk fails more often: 3 of 9 against 2 of 42, +29 points (5 to 60)";
        assert_eq!(finding(&one), want);
        // What has no release is told by what it is, not by what a release or a state may be called.
        let cell = |by, cell: &str, has_none| {
            finding(&Finding { by, cell: cell.to_owned(), has_none, ..one.clone() })
        };
        for (by, named, has_none, want) in [
            (By::ReleaseType, "in no release", true, "what is in no release fails more"),
            (By::ReleaseType, "major", false, "what is in a major release fails more"),
            (By::Conflict, "not kept", true, "what has no decision kept fails more"),
            (By::Conflict, "a clash at the decision", false, "what had a clash at the decision fails more"),
            (By::Service, "not kept", false, "work on not kept fails more"),
        ] {
            assert!(
                cell(by, named, has_none).starts_with(want),
                "{by:?} {named}: {}",
                cell(by, named, has_none)
            );
        }
        assert_eq!((&*lasting(40), &*lasting(5_400), &*lasting(183_000)), ("40 s", "90 min", "2.1 d"));
        let both = [one.clone(), Finding { stands: true, ..one.clone() }];
        for (findings, want) in [
            (&both[..], "60 comparisons, 2 clear; chance makes about 3 look so, hardly 1 of these"),
            (&both[..1], "60 comparisons, 1 clear; chance alone makes about 3 look so"),
            (&[], "60 comparisons, none clear; chance alone makes about 3 look so"),
        ] {
            assert_eq!(by_chance(findings, 60), want);
        }
        assert_eq!((found(&both[0]), found(&both[1])), ("May be chance", "Found"));
    }
}
