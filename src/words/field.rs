//! Fields of own records as people type them, and as they are shown to be typed again.

use serde_json::{Value, json};

use crate::{
    calendar::Zone,
    model::{
        Instant,
        field::{Field, FieldShape},
    },
};

/// What was typed, as the record has it; `null` where the field is emptied.
///
/// # Errors
/// When it is not what the field takes, in words.
pub fn read(field: &Field, text: &str, zone: Zone) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(match field.shape {
        FieldShape::Line | FieldShape::Prose => json!(text),
        FieldShape::Word(words) => {
            let word = text.to_lowercase().replace([' ', '-'], "_");
            let found = words.iter().find(|known| **known == word).or_else(|| {
                let mut alike = words.iter().filter(|known| known.starts_with(&word));
                alike.next().filter(|_| alike.next().is_none())
            });
            match found {
                Some(word) => json!(word),
                None => return Err(format!("{}: {text} is none of {}", field.label, words.join(", "))),
            }
        }
        FieldShape::Time => {
            let at = zone.parse(text).map_err(|error| format!("{}: {error}", field.label))?;
            json!(at)
        }
        FieldShape::List => {
            json!(text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>())
        }
        FieldShape::Phases => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let read = lines.map(|line| phase(line, zone)).collect::<Result<Vec<_>, _>>();
            json!(read.map_err(|why| format!("{}: {why}", field.label))?)
        }
        FieldShape::Number => match text.parse::<u32>() {
            Ok(number) => json!(number),
            Err(_) => return Err(format!("{}: {text} is no whole number", field.label)),
        },
        FieldShape::Flag => match text.to_lowercase().as_str() {
            "yes" | "y" | "true" => json!(true),
            "no" | "n" | "false" => json!(false),
            _ => return Err(format!("{}: yes or no, not {text}", field.label)),
        },
    })
}

/// A phase as it is typed: `p1; canary 5 %; 2026-12-02 20:00; 2026-12-02 21:00; 15; no return`. What is empty is taken away.
fn phase(line: &str, zone: Zone) -> Result<Value, String> {
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let part = |at: usize| parts.get(at).copied().filter(|text| !text.is_empty());
    let id = part(0).ok_or_else(|| format!("{line}: a phase begins with its id"))?;
    let time =
        |at: usize| part(at).map(|text| zone.parse(text).map_err(|why| format!("{id}: {why}"))).transpose();
    let minutes =
        part(4).map(|text| text.parse::<u32>().map_err(|_| format!("{id}: {text} is no number of minutes")));
    let no_return = match part(5) {
        None => false,
        Some(text) if text.eq_ignore_ascii_case(NO_RETURN) => true,
        Some(text) => return Err(format!("{id}: {text}: write {NO_RETURN}, or nothing")),
    };
    if let Some(more) = part(6) {
        return Err(format!("{id}: {more} is more than a phase has here"));
    }
    Ok(
        json!({ "id": id, "name": part(1), "start": time(2)?, "end": time(3)?, "rollback_minutes": minutes.transpose()?,
        "point_of_no_return": no_return }),
    )
}

/// A phase of a record, as it is typed.
fn phase_line(phase: &Value, zone: Zone) -> String {
    let text = |name: &str| phase[name].as_str().unwrap_or_default().to_owned();
    let minutes = phase["rollback_minutes"].as_u64().map(|minutes| minutes.to_string()).unwrap_or_default();
    let no_return = if phase["point_of_no_return"] == Value::Bool(true) { NO_RETURN } else { "" };
    let parts = [
        text("id"),
        text("name"),
        local(&text("start"), zone),
        local(&text("end"), zone),
        minutes,
        no_return.to_owned(),
    ];
    parts.join("; ").trim_end_matches("; ").to_owned()
}

/// An instant as it is typed; what is none, as it stands.
fn local(text: &str, zone: Zone) -> String {
    let at = text.parse::<Instant>();
    at.map_or_else(|_| text.to_owned(), |at| zone.local(at).format("%Y-%m-%d %H:%M").to_string())
}

const NO_RETURN: &str = "no return";

/// A field of a record, as it is typed.
#[must_use]
pub fn show(field: &Field, record: &Value, zone: Zone) -> String {
    let place = field.name.split('.').try_fold(record, |inside, name| inside.get(name));
    match place {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if field.shape == FieldShape::Time => local(text, zone),
        Some(Value::Array(phases)) if field.shape == FieldShape::Phases => {
            phases.iter().map(|one| phase_line(one, zone)).collect::<Vec<_>>().join("\n")
        }
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(Value::Array(parts)) => {
            let parts =
                parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
            parts.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RecordKind, field::field_of};

    #[test]
    fn what_is_typed_is_read_and_shown_again() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let change = |name: &str| field_of(RecordKind::Change, name).unwrap();
        let cases = [
            (change("title"), " Upgrade ", json!("Upgrade"), "Upgrade"),
            (change("risk"), "very high", json!("very_high"), "very_high"),
            (change("kind"), "em", json!("emergency"), "emergency"),
            (change("services"), "lb-01, ,sw-core", json!(["lb-01", "sw-core"]), "lb-01, sw-core"),
            (change("planned_start"), "2026-11-25 22:00", json!("2026-11-25T21:00:00Z"), "2026-11-25 22:00"),
            (change("rollback_minutes"), "20", json!(20), "20"),
            (change("owner"), "", Value::Null, ""),
            (
                field_of(RecordKind::Release, "phases").unwrap(),
                "p1; canary 5 %; 2026-11-25 22:00; 2026-11-25 23:00; 15\n\n p2;all;;;;No Return",
                json!([
                    { "id": "p1", "name": "canary 5 %", "start": "2026-11-25T21:00:00Z", "end": "2026-11-25T22:00:00Z",
                        "rollback_minutes": 15, "point_of_no_return": false },
                    { "id": "p2", "name": "all", "start": null, "end": null, "rollback_minutes": null,
                        "point_of_no_return": true },
                ]),
                "p1; canary 5 %; 2026-11-25 22:00; 2026-11-25 23:00; 15\np2; all; ; ; ; no return",
            ),
            (field_of(RecordKind::Window, "hard").unwrap(), "No", json!(false), "no"),
            (field_of(RecordKind::Window, "scope.services").unwrap(), "lb-01", json!(["lb-01"]), "lb-01"),
        ];
        for (field, typed, want, again) in cases {
            let read = read(field, typed, zone).unwrap();
            assert_eq!(read, want, "{}", field.name);
            let mut record = json!({});
            let mut inside = &mut record;
            for name in field.name.split('.') {
                inside = &mut inside[name];
            }
            *inside = read;
            assert_eq!(show(field, &record, zone), again, "{}", field.name);
        }
        let phases = field_of(RecordKind::Release, "phases").unwrap();
        for (typed, want) in [
            ("; canary", "begins with its id"),
            ("p1; a; soon", "p1: "),
            ("p1; a; ; ; half an hour", "no number of minutes"),
            ("p1; a; ; ; ; return", "write no return"),
            ("p1; a; ; ; ; no return; more", "more than a phase has"),
        ] {
            let refused = read(phases, typed, zone).unwrap_err();
            assert!(refused.starts_with("phases: ") && refused.contains(want), "{typed}: {refused}");
        }
        for (name, typed, want) in [
            ("risk", "huge", "risk: huge is none of low, moderate, high, very_high"),
            ("rollback_minutes", "-1", "rollback minutes: -1 is no whole number"),
            ("planned_start", "2026-10-25 02:30", "start: "),
            ("planned_start", "soon", "start: "),
        ] {
            let refused = read(change(name), typed, zone).unwrap_err();
            assert!(refused.starts_with(want), "{name}: {refused}");
        }
    }
}
