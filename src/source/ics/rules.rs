//! The rules of a series made ready: read as the field writes them, each once, and its start counted as its first date.
//!
//! RFC 5545 calls DTSTART the first instance and leaves the rest undefined where the rule does not generate it; real files
//! and every big calendar mean it. A board file does not come by here (rules § Time).

use super::{
    event::Event,
    time::{Extra, Stamp},
};
use crate::calendar::{
    recurrence::{Recurrence, wall_secs},
    rule::{self, Rule},
};

/// Settles the rules of an event; gives what is to be said of them, by line.
pub fn settle(event: &mut Event) -> Vec<(usize, String)> {
    let mut said = Vec::new();
    let mut good: Vec<(Rule, String)> = Vec::new();
    for raw in std::mem::take(&mut event.rules) {
        match rule::read(&raw) {
            Ok(reading) => {
                said.extend(reading.notes.into_iter().map(|note| (event.line, format!("RRULE: {note}"))));
                let new = |rule: &Rule| good.iter().all(|(known, _)| known != rule);
                if let Some(rule) = reading.rule.filter(new) {
                    good.push((rule, reading.text));
                }
            }
            Err(why) => {
                let why = format!("RRULE: {why}");
                said.push((
                    event.line,
                    format!("rule not understood; {why}; only its first occurrence is certain"),
                ));
                event.not_understood.get_or_insert(why);
                event.raw_rule.get_or_insert(raw);
            }
        }
    }
    if !good.is_empty() {
        event.raw_rule = None;
    }
    said.extend(with_start(event, &mut good).map(|message| (event.line, message)));
    event.rules = good.into_iter().map(|(_, text)| text).collect();
    said
}

/// Adds the start as a date where no rule generates it; under COUNT it is the first.
fn with_start(event: &mut Event, rules: &mut Vec<(Rule, String)>) -> Option<String> {
    let zone = event.zone();
    let start = event.start.local(zone);
    let at = wall_secs(start);
    let all_day = matches!(event.start, Stamp::Date(_));
    let generates = |rule: &Rule| {
        let until = rule.until.map(|until| until.wall(zone));
        let mut found = Vec::new();
        let asked = Recurrence::new(rule, start, all_day, until).between(at, at + 1, &mut found);
        asked.is_err() || !found.is_empty()
    };
    if rules.is_empty() || rules.iter().any(|(rule, _)| generates(rule)) {
        return None;
    }
    event.added.push(Extra { start: event.start, end: None });
    let mut counted = "";
    if let [(rule, text)] = &mut rules[..]
        && let Some(count) = rule.count
    {
        counted = ", the first of its COUNT";
        if count == 1 {
            rules.clear();
        } else {
            rule.count = Some(count - 1);
            *text = counted_down(text, count - 1);
        }
    }
    Some(format!("RRULE: it does not generate DTSTART; the start is read as a date all the same{counted}"))
}

fn counted_down(text: &str, count: u32) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some(("COUNT", _)) => format!("COUNT={count}"),
        Some(_) | None => part.to_owned(),
    };
    text.split(';').map(part).collect::<Vec<_>>().join(";")
}
