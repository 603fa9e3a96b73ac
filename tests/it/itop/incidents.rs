//! Incidents of iTop, where the settings ask for them.

use serde_json::Map;

use super::*;

/// The OQL that this knows: below a number, those that go on or were touched since, or those touched since.
pub fn get(state: &Server, operation: &Value) -> Reply {
    assert_eq!(
        (operation["operation"].as_str(), operation["output_fields"].as_str()),
        (Some("core/get"), Some("*"))
    );
    let Some(incidents) = &state.incidents else { return may_not("exporting", "Incident") };
    let oql = operation["key"].as_str().unwrap().strip_prefix("SELECT Incident WHERE id < ").unwrap();
    let (below, rest) = oql.split_once(" AND ").unwrap();
    let below: i64 = below.parse().unwrap();
    let open = rest
        .strip_prefix("(status NOT IN ('resolved','closed','rejected') OR ")
        .and_then(|rest| rest.strip_suffix(')'));
    let since =
        open.unwrap_or(rest).strip_prefix("last_update >= '").and_then(|rest| rest.strip_suffix('\''));
    let since = since.unwrap_or_else(|| panic!("the OQL this fake knows: {rest}"));
    let number = |row: &Value| row["id"].as_str().unwrap().parse::<i64>().unwrap();
    let goes_on = |row: &Value| !["resolved", "closed", "rejected"].iter().any(|over| row["status"] == *over);
    let mut found: Vec<&(Value, i64)> = incidents
        .iter()
        .filter(|(row, moved)| {
            number(row) < below
                && (wall(*moved, state.php).as_str() >= since || (open.is_some() && goes_on(row)))
        })
        .collect();
    found.sort_by_key(|(row, _)| std::cmp::Reverse(number(row)));
    let total = found.len();
    let limit = usize::try_from(operation["limit"].as_u64().unwrap()).unwrap();
    let object = |(row, moved): &(Value, i64)| {
        let mut fields = row.clone();
        fields["last_update"] = json!(wall(*moved, state.php));
        let object =
            json!({ "code": 0, "message": "", "class": "Incident", "key": row["id"], "fields": fields });
        (format!("Incident::{}", row["id"].as_str().unwrap()), object)
    };
    let objects: Map<String, Value> = found.into_iter().take(limit).map(object).collect();
    let objects = if objects.is_empty() { Value::Null } else { Value::Object(objects) };
    Reply::json(200, &json!({ "code": 0, "message": format!("Found: {total}"), "objects": objects }))
}

fn incident(id: i64, more: Value) -> (Value, i64) {
    let mut fields = json!({ "id": id.to_string(), "ref": format!("I-{id:06}"), "title": format!("Broken {id}"), "status": "assigned",
        "priority": "2", "start_date": "2026-03-05 03:30:00", "resolution_date": "", "close_date": "", "parent_change_id": "0",
        "service_name": "Shop", "functionalcis_list": [
            { "functionalci_id": "4", "functionalci_name": "db01", "impact_code": "manual" },
            { "functionalci_id": "5", "functionalci_name": "web01", "impact_code": "not_impacted" }] });
    overwrite(&mut fields, more);
    (fields, now() - 86_400)
}

fn world() -> Itop {
    let over = json!({ "status": "closed", "close_date": "2026-03-09 05:30:00", "resolution_date": "2026-03-05 07:00:00" });
    Itop::having(|server| {
        let mut old = incident(6, over.clone());
        old.1 = now() - 400 * 86_400;
        let mut waits = incident(7, json!({ "status": "pending", "priority": "4" }));
        waits.1 = now() - 400 * 86_400;
        server.incidents = Some(vec![
            incident(1, json!({ "parent_change_id": "4", "priority": "1" })),
            incident(2, over),
            incident(3, json!({ "status": "parked", "priority": "9", "functionalcis_list": [] })),
            incident(
                4,
                json!({ "status": "assigned", "resolution_date": "2026-03-05 07:00:00", "service_name": "db01" }),
            ),
            incident(5, json!({ "status": "closed", "close_date": "2026-03-09 05:30:00", "priority": "" })),
            old,
            waits,
        ]);
    })
}

fn setup(world: &Itop, more: &[(&str, &str)]) -> Setup {
    let mut setup = world.setup();
    let options = [("incidents", "yes"), ("page_size", "3")].iter().chain(more);
    setup.options.extend(options.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    setup
}

/// In the zone of the server; by its number, its state and its priority; one that was opened again goes on.
#[test]
fn incidents_are_read_with_the_change_they_name() {
    let world = world();
    let mut reader = world.read(setup(&world, &[]));
    let (from, on) = ("2026-03-04T22:00:00Z..", "on [\"db01\", \"Shop\"]");
    let want = [
        format!("itop:1 open (assigned) critical {from} by itop:4 mended  {on}"),
        format!("itop:2 closed high {from}2026-03-05T01:30:00Z by  mended  {on}"),
        format!("itop:3 unknown (parked) unknown {from} by  mended  on [\"Shop\"]"),
        format!("itop:4 open (assigned) high {from} by  mended  on [\"db01\"]"),
        format!("itop:5 closed unknown {from}2026-03-09T00:00:00Z by  mended  {on}"),
        format!("itop:7 open (pending) low {from} by  mended  {on}"),
    ];
    let told: Vec<String> = reader.incidents().iter().map(|line| line.replace("(closed) ", "")).collect();
    assert_eq!(told, want, "one closed a year ago is of no use any more");
    assert_eq!(reader.incident("1").title.as_str(), "I-000001 Broken 1");
    assert_eq!(reader.natives(), world.changes(), "changes are read beside them");
    let mut state = world.state();
    let one = &mut state.incidents.as_mut().unwrap()[6];
    overwrite(&mut one.0, json!({ "status": "resolved", "resolution_date": "2026-03-06 05:30:00" }));
    one.1 = now();
    drop(state);
    reader.read().unwrap();
    assert!(
        reader.incidents()[5]
            .starts_with("itop:7 restored (resolved) low 2026-03-04T22:00:00Z..2026-03-06T00:00:00Z")
    );
    assert_eq!(reader.warnings, Vec::<String>::new());
}

#[test]
fn what_a_linked_change_is_to_an_incident_the_settings_say() {
    let world = world();
    for (option, want) in
        [("fixed_by", "by  mended itop:4"), ("no", "by  mended  on"), ("caused_by", "by itop:4 mended")]
    {
        let reader = world.read(setup(&world, &[("incident_changes", option)]));
        assert!(reader.incidents()[0].contains(want), "{option}: {:?}", reader.incidents());
    }
    let mut setup = setup(&world, &[]);
    setup.words.incident_state.insert("parked".into(), "cancelled".into());
    setup.words.severity.insert("9".into(), "low".into());
    assert!(world.read(setup).incidents()[2].starts_with("itop:3 cancelled (parked) low"));
}

/// Who asks for none is asked nothing; an account that may not read them is told so, and how they are left out.
#[test]
fn incidents_are_read_where_the_settings_ask_for_them() {
    let world = world();
    world.state().incidents = None;
    assert!(world.read(world.setup()).incidents().is_empty());
    let error = Reader::new(setup(&world, &[]), SourceKind::Itop).read().unwrap_err().to_string();
    assert!(error.contains("enough permissions") && error.contains("options.incidents = \"no\""), "{error}");
}
