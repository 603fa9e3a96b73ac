//! The phases of a release as they are typed: a line for each, and below it lines for who carries it out, its criteria,
//! its steps and what undoes them.
//!
//! ```text
//! p1; canary 5 %; 2026-12-02 20:00; 2026-12-02 21:00; 15; no return
//!   : owner p.novak; operators k.wu, a.chen; share 5; strategy canary; environment production; services shop
//!   ? p95 holds for an hour; met
//!   - Switch 5 % over; 15; back 5; who k.wu; check p95 under 300 ms; ends outage
//!   < Switch 5 % back; 5
//! ```
//! A semicolon of a text is written `\;`. What is not there is not in the record: what was shown is what will be.

use serde_json::{Map, Value, json};

use super::{NO_RETURN, escaped, local, parts};
use crate::calendar::Zone;

/// The signs with which the lines below a phase begin, and what they are in the record.
const LISTS: [(char, &str); 3] = [('?', "criteria"), ('-', "steps"), ('<', "rollback_steps")];

/// What a line of facts may say of a phase.
const FACTS: [(&str, Fact); 8] = [
    ("owner", Fact::Text),
    ("operators", Fact::Names),
    ("share", Fact::Number),
    ("strategy", Fact::Text),
    ("environment", Fact::Text),
    ("services", Fact::Names),
    ("compensation", Fact::Text),
    ("whole environment", Fact::Flag),
];

#[derive(Clone, Copy)]
enum Fact {
    Text,
    Names,
    Number,
    Flag,
}

/// The field of a fact in the record.
fn key(word: &str) -> String {
    word.replace(' ', "_")
}

/// The phases of a text.
///
/// # Errors
/// When a line is none of a phase, in words.
pub fn read(text: &str, zone: Zone) -> Result<Value, String> {
    let mut phases: Vec<Map<String, Value>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let list = LISTS.iter().find(|(sign, _)| line.starts_with(*sign));
        let below = list.is_some() || line.starts_with(':');
        let Some(phase) = phases.last_mut().filter(|_| below) else {
            if below {
                return Err(format!("{line}: it stands below the line of its phase"));
            }
            phases.push(head(line, zone)?);
            continue;
        };
        let rest = line.get(1..).unwrap_or_default().trim();
        match list {
            None => facts(phase, rest)?,
            Some((_, field)) => {
                let one = if *field == "criteria" { criterion(rest)? } else { step(rest)? };
                if let Some(Value::Array(all)) = phase.get_mut(*field) {
                    all.push(one);
                } else {
                    phase.insert((*field).to_owned(), json!([one]));
                }
            }
        }
    }
    Ok(Value::Array(phases.into_iter().map(Value::Object).collect()))
}

/// The first line of a phase; what is not said below it is taken away.
fn head(line: &str, zone: Zone) -> Result<Map<String, Value>, String> {
    let parts = parts(line);
    let part = |at: usize| parts.get(at).map(String::as_str).filter(|text| !text.is_empty());
    let id = part(0).ok_or_else(|| format!("{line}: a phase begins with its id"))?;
    let time =
        |at: usize| part(at).map(|text| zone.parse(text).map_err(|why| format!("{id}: {why}"))).transpose();
    let minutes = part(4).map(|text| number(id, text)).transpose()?;
    let no_return = match part(5) {
        None => false,
        Some(text) if text.eq_ignore_ascii_case(NO_RETURN) => true,
        Some(text) => return Err(format!("{id}: {text}: write {NO_RETURN}, or nothing")),
    };
    if let Some(more) = part(6) {
        return Err(format!("{id}: {more} is more than the line of a phase has"));
    }
    let mut phase = Map::new();
    let words = FACTS.iter().map(|(word, _)| key(word));
    let words = words.chain(LISTS.iter().map(|(_, name)| (*name).to_owned()));
    phase.extend(words.map(|name| (name, Value::Null)));
    let own = json!({ "id": id, "name": part(1), "start": time(2)?, "end": time(3)?, "rollback_minutes": minutes,
        "point_of_no_return": no_return });
    if let Value::Object(own) = own {
        phase.extend(own);
    }
    Ok(phase)
}

fn number(of: &str, text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{of}: {text} is no number of minutes"))
}

/// `owner p.novak; share 5`.
fn facts(phase: &mut Map<String, Value>, line: &str) -> Result<(), String> {
    for part in parts(line).iter().filter(|part| !part.is_empty()) {
        let found = FACTS.iter().find_map(|(word, fact)| Some((*word, *fact, after(part, word)?)));
        let Some((word, fact, said)) = found else {
            let words: Vec<&str> = FACTS.iter().map(|(word, _)| *word).collect();
            return Err(format!("{part}: it begins with one of {}", words.join(", ")));
        };
        let value = match fact {
            Fact::Text => json!(said),
            Fact::Names => json!(names(said)),
            Fact::Number => match said.trim_end_matches('%').trim().parse::<u32>() {
                Ok(number) => json!(number),
                Err(_) => return Err(format!("{word}: {said} is no whole number")),
            },
            Fact::Flag => json!(true),
        };
        phase.insert(key(word), value);
    }
    Ok(())
}

fn names(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// What follows a word at the beginning of a text; `None` where another word begins it.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (begin.eq_ignore_ascii_case(word) && ends).then(|| rest.trim())
}

/// `p95 holds for an hour; met`.
fn criterion(line: &str) -> Result<Value, String> {
    let parts = parts(line);
    let text = parts.first().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| "a criterion has a text".to_owned())?;
    let met = match parts.get(1).map(|word| word.to_lowercase()).as_deref() {
        None | Some("") => None,
        Some("met") => Some(true),
        Some("not met") => Some(false),
        Some(other) => return Err(format!("{text}: {other}: write met, not met, or nothing")),
    };
    Ok(met.map_or_else(|| json!(text), |met| json!({ "text": text, "met": met })))
}

/// `Switch 5 % over; 15; back 5; who k.wu; check p95 under 300 ms; no return; ends outage; done`.
fn step(line: &str) -> Result<Value, String> {
    let parts = parts(line);
    let text = parts.first().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| "a step has a text".to_owned())?;
    let mut step = Map::from_iter([("text".to_owned(), json!(text))]);
    for (at, part) in parts.iter().enumerate().skip(1).filter(|(_, part)| !part.is_empty()) {
        let (name, value) = if at == 1 && part.chars().all(|c| c.is_ascii_digit()) {
            ("minutes", json!(number(text, part)?))
        } else if let Some(minutes) = after(part, "back") {
            ("rollback_minutes", json!(number(text, minutes)?))
        } else if let Some(who) = after(part, "who") {
            ("owner", json!(who))
        } else if let Some(check) = after(part, "check") {
            ("check", json!(check))
        } else {
            (flag(text, part)?, json!(true))
        };
        step.insert(name.to_owned(), value);
    }
    Ok(Value::Object(step))
}

fn flag(text: &str, part: &str) -> Result<&'static str, String> {
    match part.to_lowercase().as_str() {
        NO_RETURN => Ok("point_of_no_return"),
        "ends outage" => Ok("ends_outage"),
        "done" => Ok("done"),
        _ => Err(format!(
            "{text}: {part}: after the minutes write back MINUTES, who NAME, check TEXT, {NO_RETURN}, ends outage or done"
        )),
    }
}

/// The phases of a record, as they are typed.
#[must_use]
pub fn show(phases: &[Value], zone: Zone) -> String {
    phases.iter().flat_map(|phase| lines(phase, zone)).collect::<Vec<_>>().join("\n")
}

fn lines(phase: &Value, zone: Zone) -> Vec<String> {
    let text = |name: &str| phase[name].as_str().unwrap_or_default();
    let minutes = phase["rollback_minutes"].as_u64().map(|minutes| minutes.to_string()).unwrap_or_default();
    let no_return = if phase["point_of_no_return"] == Value::Bool(true) { NO_RETURN } else { "" };
    let (start, end) = (local(text("start"), zone), local(text("end"), zone));
    let head = [escaped(text("id")), escaped(text("name")), start, end, minutes, no_return.to_owned()];
    let mut lines = vec![head.join("; ").trim_end_matches("; ").to_owned()];
    let facts: Vec<String> = FACTS.iter().filter_map(|(word, _)| fact(word, &phase[key(word)])).collect();
    lines.extend((!facts.is_empty()).then(|| format!("  : {}", facts.join("; "))));
    for (sign, field) in LISTS {
        let all = phase[field].as_array().map(Vec::as_slice).unwrap_or_default();
        lines.extend(all.iter().map(|one| {
            let said = if field == "criteria" { criterion_line(one) } else { step_line(one) };
            format!("  {sign} {said}")
        }));
    }
    lines
}

fn fact(word: &str, value: &Value) -> Option<String> {
    let said = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::Bool(true) => return Some(word.to_owned()),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => escaped(text),
        Value::Array(names) if names.is_empty() => return None,
        Value::Array(names) => {
            escaped(&names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    };
    Some(format!("{word} {said}"))
}

fn criterion_line(one: &Value) -> String {
    let text = escaped(one.as_str().or_else(|| one["text"].as_str()).unwrap_or_default());
    match one.get("met").and_then(Value::as_bool) {
        None => text,
        Some(true) => format!("{text}; met"),
        Some(false) => format!("{text}; not met"),
    }
}

fn step_line(one: &Value) -> String {
    let text = |name: &str| one[name].as_str().filter(|text| !text.is_empty()).map(escaped);
    let number = |name: &str| one[name].as_u64();
    let flag = |name: &str, word: &str| (one[name] == Value::Bool(true)).then(|| word.to_owned());
    let mut parts = vec![text("text").unwrap_or_default()];
    parts.extend(number("minutes").map(|minutes| minutes.to_string()));
    parts.extend(number("rollback_minutes").map(|minutes| format!("back {minutes}")));
    parts.extend(text("owner").map(|who| format!("who {who}")));
    parts.extend(text("check").map(|check| format!("check {check}")));
    parts.extend(flag("point_of_no_return", NO_RETURN));
    parts.extend(flag("ends_outage", "ends outage"));
    parts.extend(flag("done", "done"));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::model::{Criterion, Line, Phase, Prose, Step};

    fn zone() -> Zone {
        Zone::named("Europe/Madrid").unwrap()
    }

    /// As it is put into a record: what is nothing is taken away.
    fn without_nulls(phase: &Value) -> Value {
        let map = phase.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        Value::Object(map.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    #[test]
    fn what_is_typed_below_a_phase_is_read() {
        let text = "p1; canary 5 %; 2026-12-02 20:00; 2026-12-02 21:00; 15\n\
            : owner p.novak; operators k.wu, a.chen; share 5 %; strategy canary\n\
            ? p95 holds; met\n? no page\n\
            - Switch over; 15; back 5; who k.wu; check p95 under 300 ms\\; no 500s; ends outage\n\
            - Look; no return\n< Switch back; 5\n\np2; all";
        let read = read(text, zone()).unwrap();
        assert_eq!(
            without_nulls(&read[0]),
            json!({"id": "p1", "name": "canary 5 %", "start": "2026-12-02T19:00:00Z", "end": "2026-12-02T20:00:00Z",
                "rollback_minutes": 15, "point_of_no_return": false, "owner": "p.novak", "operators": ["k.wu", "a.chen"],
                "share": 5, "strategy": "canary", "criteria": [{"text": "p95 holds", "met": true}, "no page"],
                "steps": [{"text": "Switch over", "minutes": 15, "rollback_minutes": 5, "owner": "k.wu",
                        "check": "p95 under 300 ms; no 500s", "ends_outage": true},
                    {"text": "Look", "point_of_no_return": true}],
                "rollback_steps": [{"text": "Switch back", "minutes": 5}]})
        );
        assert!(read[1].as_object().unwrap().contains_key("steps"), "what is not there is taken away");
    }

    #[test]
    fn what_is_no_line_of_a_phase_is_said() {
        for (typed, want) in [
            ("- Switch over", "below the line of its phase"),
            ("p1\n: chief p.novak", "it begins with one of owner"),
            ("p1\n: share many", "no whole number"),
            ("p1\n? ; met", "a criterion has a text"),
            ("p1\n? p95; perhaps", "write met"),
            ("p1\n- ; 15", "a step has a text"),
            ("p1\n- Switch; soon", "after the minutes write"),
            ("p1\n- Switch; 5; back soon", "no number of minutes"),
        ] {
            let refused = read(typed, zone()).unwrap_err();
            assert!(refused.contains(want), "{typed}: {refused}");
        }
    }

    /// What people write, with what means something here.
    fn text() -> impl Strategy<Value = String> {
        "[a-z][a-z ;\\\\:<?-]{0,12}[a-z]".prop_map(|text| Line::new(&text).to_string())
    }

    fn step() -> impl Strategy<Value = Step> {
        let numbers = (option::of(0_u32..999), option::of(0_u32..999));
        (text(), numbers, option::of(text()), any::<[bool; 3]>()).prop_map(|(text, numbers, check, flags)| {
            Step {
                text: Prose::new(&text),
                minutes: numbers.0,
                rollback_minutes: numbers.1,
                check: check.as_deref().map(Prose::new),
                point_of_no_return: flags[0],
                ends_outage: flags[1],
                done: flags[2],
                ..Step::default()
            }
        })
    }

    proptest! {
        /// Whatever a phase says is shown so that it can be typed again: nothing of it is lost in the form.
        #[test]
        fn what_is_shown_is_read_again(
            name in text(), owner in option::of(text()), share in option::of(0_u8..=100), minutes in option::of(0_u32..999),
            criteria in vec((text(), any::<Option<bool>>()), 0..3), steps in vec(step(), 0..4), last in any::<bool>(),
        ) {
            let blank: Phase = serde_json::from_value(json!({"id": "p1", "strategy": "canary"})).unwrap();
            let phase = Phase {
                name: Line::new(&name),
                owner: owner.as_deref().map(Line::new),
                share,
                rollback_minutes: minutes,
                point_of_no_return: last,
                whole_environment: last,
                criteria: criteria.iter().map(|(text, met)| Criterion { text: Line::new(text), met: *met }).collect(),
                rollback_steps: steps.iter().rev().cloned().collect(),
                steps,
                ..blank
            };
            let record = serde_json::to_value(&phase).unwrap();
            let shown = show(std::slice::from_ref(&record), zone());
            let read = read(&shown, zone()).unwrap();
            let again: Phase = serde_json::from_value(without_nulls(&read[0])).unwrap();
            prop_assert_eq!(again, phase, "{}", shown);
        }
    }
}
