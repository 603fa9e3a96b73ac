//! The numbers of a period as a document: sentences to read out, what was found, each number with its interval, the mirror, what
//! is not counted.

mod spoken;

use super::{csv, document::Document, document::Form};
use crate::{
    ledger::derive::{insights::Insights, mirror::Of, reliability::ENOUGH},
    rules::numbers::{Finding, interval::share},
    words::{
        count,
        number::{
            against_rest, by_chance, cell, finding, interval, lasting, left_out, line, not_said, now, of,
            percent,
        },
    },
};

/// How many findings a page has.
const FOUND: usize = 10;

/// The numbers as Markdown or plain text.
#[must_use]
pub fn document(insights: &Insights, form: Form) -> String {
    let mut page = Document::new(form);
    page.title(&format!("Changes and releases, {}", insights.period.name));
    page.fact("As of", &format!("event {} of the record; months of {}", insights.as_of, insights.zone));
    let spoken = spoken::sentences(insights);
    if !spoken.is_empty() {
        page.section("In words");
        page.list(&spoken);
    }
    page.section("What was found");
    let words = |one: &Finding| match one.stands {
        true => finding(one),
        false => format!("{}; may be chance", finding(one)),
    };
    let mut rows: Vec<String> = insights.findings.iter().take(FOUND).map(words).collect();
    if rows.is_empty() {
        rows.push("nothing differs so that its interval does not hold zero".to_owned());
    }
    page.list(&rows);
    if insights.compared > 0 {
        page.fact("Compared", &by_chance(&insights.findings, insights.compared));
    }
    if let Some(silent) = not_said(&insights.numbers) {
        page.fact("Doubt", &silent);
    }
    page.fact("Not counted", &not_counted(insights));
    page.section("Numbers");
    let rows: Vec<Vec<String>> = insights.numbers.iter().map(row).collect();
    page.table(&["Number", "n/N", "Now", "95 % interval", "Left out"], &rows);
    // One cell is the whole again.
    for number in insights.numbers.iter().filter(|number| number.by.len() > 1) {
        page.heading(&number.label);
        let rows: Vec<Vec<String>> = number
            .by
            .iter()
            .map(|one| {
                let small = if one.small { ", fewer than five" } else { "" };
                let known = one.interval.map(|known| interval(number.measure, known)).unwrap_or_default();
                let size = format!("{}{small}", of(number.measure, one.part, one.whole));
                vec![one.name.clone(), size, cell(number.measure, one), known, against_rest(one)]
            })
            .collect();
        page.table(&["", "n/N", "Now", "95 % interval", "Against the rest"], &rows);
    }
    mirror(&mut page, insights);
    reliability(&mut page, insights);
    page.text()
}

/// What is over and in no number.
#[must_use]
pub fn not_counted(insights: &Insights) -> String {
    let all = insights.not_counted.iter().map(|out| format!("{} {}", count(out.count, "change"), out.why));
    let all: Vec<String> = all.collect();
    if all.is_empty() { "nothing that is over".to_owned() } else { all.join(", ") }
}

fn row(number: &crate::rules::numbers::Number) -> Vec<String> {
    vec![
        number.label.clone(),
        of(number.measure, number.part, number.whole),
        now(number),
        number.interval.map(|known| interval(number.measure, known)).unwrap_or_default(),
        left_out(number),
    ]
}

fn mirror(page: &mut Document, insights: &Insights) {
    let mirror = &insights.mirror;
    page.section("The board's mirror");
    if mirror.is_empty() {
        return page.line("No round was decided in this period.");
    }
    page.fact("Decided", &count(mirror.decided, "round"));
    page.fact("Approved unchanged", &part(&mirror.unchanged));
    page.fact("One vote made the outcome", &part(&mirror.one_vote));
    if let Some(wait) = mirror.wait {
        page.fact(
            "Wait",
            &format!("{} in the middle, 85 % within {}", lasting(wait.median), lasting(wait.p85)),
        );
    }
    if let Some(focus) = mirror.focus {
        let items = count(focus.count, "item");
        page.fact("In focus", &format!("{} an item, of {items} in meetings", lasting(focus.mean)));
    }
    page.fact("Objections that came true", &part(&mirror.came_true));
    page.fact("Clashes accepted that failed", &part(&mirror.accepted));
    if let Some(own) = &mirror.participation {
        page.fact("You voted", &part(own));
    }
    if mirror.rules.is_empty() {
        return;
    }
    page.section("Rules that earn their keep");
    let rows: Vec<Vec<String>> = mirror
        .rules
        .iter()
        .map(|keep| {
            let rule = format!("{} ({})", keep.rule.name(), keep.rule);
            vec![rule, keep.fired.to_string(), keep.changed.to_string(), part(&keep.failed)]
        })
        .collect();
    page.table(&["Rule", "Stood at a decision", "Changed it", "Followed by a failure"], &rows);
}

fn reliability(page: &mut Document, insights: &Insights) {
    let Some(known) = &insights.reliability else { return };
    page.section("Estimates and what happened");
    if known.rows.is_empty() {
        let few = count(known.resolved, "estimate");
        page.line(&format!("Of {few} with an outcome nothing can be said; {ENOUGH} are needed."));
        return;
    }
    let rows: Vec<Vec<String>> = known
        .rows
        .iter()
        .map(|row| {
            let interval = format!("{:.1} to {:.1}", row.interval.low, row.interval.high);
            let holds = if row.holds { "as expected" } else { "not as expected" };
            let expected = format!("{:.1}", row.expected);
            vec![
                row.class.clone(),
                row.forecasts.to_string(),
                expected,
                row.observed.to_string(),
                interval,
                holds.into(),
            ]
        })
        .collect();
    page.table(&["Class", "Estimates", "Expected", "Failed", "95 % interval", ""], &rows);
    if let Some((own, constant)) = known.log_loss {
        page.fact("Log-loss", &format!("{own:.3}, and {constant:.3} with the board's own rate for all"));
    }
}

/// `34 of 38, 89.5 %`.
#[must_use]
pub fn part(of: &Of) -> String {
    let Of { part, whole, .. } = of;
    match share(*part, *whole) {
        Some(share) => format!("{part} of {whole}, {}", percent(share)),
        None => "none".to_owned(),
    }
}

/// The numbers as a table for a spreadsheet: a row a number, and a row a cell where there is a breakdown.
#[must_use]
pub fn table(insights: &Insights) -> String {
    let heads = [
        "number",
        "cell",
        "from",
        "to",
        "part",
        "whole",
        "share",
        "low",
        "high",
        "median_seconds",
        "mean_seconds",
        "p85_seconds",
    ];
    let decimal = |value: Option<f64>| value.map(|value| format!("{value:.6}")).unwrap_or_default();
    let whole = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut rows = Vec::new();
    for number in &insights.numbers {
        let own = ("", number.part, number.whole, number.share, number.interval, number.length);
        let cells = number
            .by
            .iter()
            .map(|one| (one.name.as_str(), one.part, one.whole, one.share, one.interval, one.length));
        for (name, part, of, share, interval, length) in std::iter::once(own).chain(cells) {
            rows.push(vec![
                number.name.word().to_owned(),
                name.to_owned(),
                insights.period.start.to_string(),
                insights.period.end.to_string(),
                part.to_string(),
                of.to_string(),
                decimal(share),
                decimal(interval.map(|known| known.low)),
                decimal(interval.map(|known| known.high)),
                whole(length.map(|length| length.median)),
                whole(length.map(|length| length.mean)),
                whole(length.map(|length| length.p85)),
            ]);
        }
    }
    csv::table(&heads, &rows)
}

/// All numbers, a line each.
#[must_use]
pub fn lines(insights: &Insights) -> Vec<String> {
    insights.numbers.iter().map(line).collect()
}
