//! Fields of own records as people type them, and as they are shown to be typed again.

mod phases;

use serde_json::{Map, Value, json};

use crate::{
    calendar::Zone,
    model::{
        Instant,
        field::{Field, FieldShape, Part, PartShape},
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
        FieldShape::Phases => phases::read(text, zone).map_err(|why| format!("{}: {why}", field.label))?,
        FieldShape::Rows(columns) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let read = lines.map(|line| row(line, columns, zone)).collect::<Result<Vec<_>, _>>();
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

/// A line of parts with semicolons between, as a record has it; parts that are left out are not in it.
fn row(line: &str, columns: &[Part], zone: Zone) -> Result<Value, String> {
    let parts = parts(line);
    let mut read = Map::new();
    for (at, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let Some(column) = columns.get(at) else {
            let names: Vec<&str> = columns.iter().map(|column| column.label).collect();
            return Err(format!("{part} is more than {}", names.join("; ")));
        };
        let value = match column.shape {
            PartShape::Text => json!(part),
            PartShape::Time => json!(zone.parse(part).map_err(|error| error.to_string())?),
            PartShape::Passed => match part.to_lowercase().as_str() {
                "passed" | "yes" => json!(true),
                "failed" | "no" => json!(false),
                _ => return Err(format!("{part}: write passed, failed, or nothing where it is not known")),
            },
        };
        read.insert(column.name.to_owned(), value);
    }
    match columns.first().filter(|first| !read.contains_key(first.name)) {
        Some(first) => Err(format!("{line}: it begins with its {}", first.label)),
        None => Ok(Value::Object(read)),
    }
}

/// A row of a record, as it is typed.
fn row_line(row: &Value, columns: &[Part], zone: Zone) -> String {
    let part = |column: &Part| match (&row[column.name], column.shape) {
        (Value::String(text), PartShape::Time) => local(text, zone),
        (Value::String(text), PartShape::Text | PartShape::Passed) => escaped(text),
        (Value::Bool(passed), _) => if *passed { "passed" } else { "failed" }.to_owned(),
        _ => String::new(),
    };
    let parts: Vec<String> = columns.iter().map(part).collect();
    parts.join("; ").trim_end_matches("; ").to_owned()
}

/// The parts of a line between its semicolons; `\;` is one that belongs to a part, `\n` a new line.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            ';' => {
                parts.push(String::new());
                continue;
            }
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(own) => own,
                None => '\\',
            },
            c => c,
        };
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// A text as one part of a line.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace(';', r"\;").replace('\n', r"\n")
}

/// An instant as it is typed; what is none, as it stands.
fn local(text: &str, zone: Zone) -> String {
    let at = text.parse::<Instant>();
    at.map_or_else(|_| text.to_owned(), |at| zone.local(at).format("%Y-%m-%d %H:%M").to_string())
}

/// What the phases of a release take.
pub const PHASES: &str = "one a line: id; name; start; end; rollback minutes; no return; below it : facts, ? criteria, - steps, < way back";

/// What a list of things takes: `one a line: kind; criterion; passed or failed`.
#[must_use]
pub fn columns(columns: &[Part]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.label).collect();
    format!("one a line: {}", names.join("; "))
}

const NO_RETURN: &str = "no return";

/// A field of a record, as it is typed.
#[must_use]
pub fn show(field: &Field, record: &Value, zone: Zone) -> String {
    let place = field.name.split('.').try_fold(record, |inside, name| inside.get(name));
    match (field.shape, place) {
        (FieldShape::Phases, Some(Value::Array(all))) => return phases::show(all, zone),
        (FieldShape::Rows(columns), Some(Value::Array(rows))) => {
            return rows.iter().map(|one| row_line(one, columns, zone)).collect::<Vec<_>>().join("\n");
        }
        _ => {}
    }
    match place {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if field.shape == FieldShape::Time => local(text, zone),
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

    /// A phase of which its line alone is typed: what could stand below it is taken away.
    fn bare(mut phase: Value) -> Value {
        let below = ["owner", "operators", "share", "strategy", "environment", "services", "compensation"];
        let lists = ["whole_environment", "criteria", "steps", "rollback_steps"];
        for name in below.into_iter().chain(lists) {
            phase[name] = Value::Null;
        }
        phase
    }

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
                    bare(json!({ "id": "p1", "name": "canary 5 %", "start": "2026-11-25T21:00:00Z",
                        "end": "2026-11-25T22:00:00Z", "rollback_minutes": 15, "point_of_no_return": false })),
                    bare(
                        json!({ "id": "p2", "name": "all", "start": null, "end": null, "rollback_minutes": null,
                        "point_of_no_return": true })
                    ),
                ]),
                "p1; canary 5 %; 2026-11-25 22:00; 2026-11-25 23:00; 15\np2; all; ; ; ; no return",
            ),
            (
                field_of(RecordKind::Release, "acceptance").unwrap(),
                "regression; suite; passed\nperformance; p95\\; p99\nfunctional; login; Failed",
                json!([{"kind": "regression", "name": "suite", "passed": true}, {"kind": "performance", "name": "p95; p99"},
                    {"kind": "functional", "name": "login", "passed": false}]),
                "regression; suite; passed\nperformance; p95\\; p99\nfunctional; login; failed",
            ),
            (
                field_of(RecordKind::Release, "success").unwrap(),
                "conversion; no drop\nerrors; ; 0.1 %",
                json!([{"kpi": "conversion", "target": "no drop"}, {"kpi": "errors", "actual": "0.1 %"}]),
                "conversion; no drop\nerrors; ; 0.1 %",
            ),
            (
                field_of(RecordKind::Release, "defects").unwrap(),
                "BUG1; production; 2026-11-25 22:00",
                json!([{"id": "BUG1", "where": "production", "found_at": "2026-11-25T21:00:00Z"}]),
                "BUG1; production; 2026-11-25 22:00",
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
            ("p1; a; ; ; ; no return; more", "more than the line of a phase has"),
        ] {
            let refused = read(phases, typed, zone).unwrap_err();
            assert!(refused.starts_with("phases: ") && refused.contains(want), "{typed}: {refused}");
        }
        for (name, typed, want) in [
            ("acceptance", "regression; suite; maybe", "acceptance: maybe: write passed"),
            ("success", "; no drop", "success: ; no drop: it begins with its measure"),
            ("defects", "BUG1; test; 2026-11-25 22:00; more", "defects: more is more than id; where; found"),
        ] {
            let refused = read(field_of(RecordKind::Release, name).unwrap(), typed, zone).unwrap_err();
            assert!(refused.starts_with(want), "{name}: {refused}");
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
