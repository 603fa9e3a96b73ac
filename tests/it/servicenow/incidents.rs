//! Incidents of ServiceNow, where the settings ask for them.

use super::*;

fn incident(number: &str, sys_id: &str, more: Value) -> Row {
    let mut incident = row(json!({
        "sys_id": sys_id, "number": number, "short_description": format!("Broken {number}"), "active": "true",
        "state": ["2", "In Progress"], "priority": ["2", "2 - High"], "opened_at": "2026-03-04 22:00:00", "resolved_at": "",
        "closed_at": "", "cmdb_ci": ["ci1", "orders-db"], "business_service": "", "caused_by": "", "caused_by.number": "",
        "rfc": "", "rfc.number": "", "sys_updated_on": stamp(86_400),
    }));
    incident.extend(row(more));
    incident
}

fn world() -> Snow {
    Snow::having(|tables| {
        let mut hidden = incident("INC9", "i003", json!({}));
        hidden.insert("_hidden".into(), Default::default());
        tables.insert(
            "incident".into(),
            vec![
                incident("INC1", "i001", json!({ "caused_by": ["c001", "CHG0001"], "caused_by.number": "CHG0001" })),
                incident(
                    "INC2",
                    "i002",
                    json!({ "state": ["7", "Geschlossen"], "priority": ["1", "1 - Kritisch"], "rfc": ["c002", "CHG0002"],
                        "rfc.number": "CHG0002", "resolved_at": "2026-03-05 01:30:00", "closed_at": "2026-03-09 00:00:00" }),
                ),
                hidden.clone(),
                Row::from_iter(hidden.into_iter().chain(row(json!({ "sys_id": "i004", "number": "INC8" })))),
                incident("INC3", "i005", json!({ "state": ["42", "Parked"], "active": "false" })),
                // Opened again: when it was resolved before stayed there.
                incident("INC5", "i007", json!({ "resolved_at": "2026-03-05 01:30:00" })),
                incident(
                    "INC4",
                    "i006",
                    json!({ "active": "false", "state": ["7", "Closed"], "sys_updated_on": stamp(400 * 86_400) }),
                ),
            ],
        );
    })
}

fn setup(world: &Snow) -> Setup {
    let mut setup = world.setup();
    setup.options.insert("incidents".into(), "yes".into());
    setup
}

/// By their numbers and not by words in any language; through pages that are short or empty because of what is hidden.
#[test]
fn incidents_are_read_with_what_caused_and_mended_them() {
    let world = world();
    let mut reader = Reader::round(setup(&world), SourceKind::Servicenow);
    let first = [
        "snow:INC1 open (In Progress) high 2026-03-04T22:00:00Z.. by snow:CHG0001 mended  on [\"orders-db\"]",
        "snow:INC2 closed (Geschlossen) critical 2026-03-04T22:00:00Z..2026-03-05T01:30:00Z by  mended snow:CHG0002 on [\"orders-db\"]",
        "snow:INC3 unknown (Parked) high 2026-03-04T22:00:00Z.. by  mended  on [\"orders-db\"]",
        "snow:INC5 open (In Progress) high 2026-03-04T22:00:00Z.. by  mended  on [\"orders-db\"]",
    ];
    assert_eq!(reader.incidents(), first, "one closed a year ago is of no use any more");
    {
        let mut state = world.state();
        let rows = state.get_mut("incident").unwrap();
        rows[0].extend(row(
            json!({ "state": ["6", "Resolved"], "resolved_at": stamp(60), "sys_updated_on": stamp(0) }),
        ));
    }
    reader.read().unwrap();
    assert!(reader.incidents()[0].starts_with("snow:INC1 restored (Resolved)"), "{:?}", reader.incidents());
}

/// What was deleted there is gone here with the next sweep.
#[test]
fn deleted_incidents_are_found_by_a_sweep() {
    let world = world();
    let mut reader = Reader::round(Setup { sweep: 0, ..setup(&world) }, SourceKind::Servicenow);
    assert_eq!(reader.incidents().len(), 4);
    world.state().get_mut("incident").unwrap().retain(|row| row["number"].0 != "INC2");
    reader.read().unwrap();
    assert_eq!(reader.incidents().len(), 3, "{:?}", reader.incidents());
}

/// An account that may not see them is told so, and which option leaves them out; who asks for none is asked nothing.
#[test]
fn incidents_are_read_where_the_settings_ask_for_them() {
    let world = world();
    let reader = Reader::round(world.setup(), SourceKind::Servicenow);
    assert!(reader.incidents().is_empty());
    assert!(world.fake().seen().iter().all(|asked| !asked.path.ends_with("/incident")));
    world.state().get_mut("incident").unwrap()[0].insert("_forbidden".into(), Default::default());
    let mut reader = Reader::new(setup(&world), SourceKind::Servicenow);
    let refused = reader.read().unwrap_err().to_string();
    assert!(refused.contains("options.incidents = \"no\""), "{refused}");
}

/// A state of one's own is mended by the settings, under its number or its label, and so is a priority.
#[test]
fn words_of_ones_own_are_mapped_by_the_settings() {
    let world = world();
    for word in ["42", "parked"] {
        let mut setup = setup(&world);
        setup.words.incident_state.insert(word.into(), "cancelled".into());
        setup.words.severity.insert("2".into(), "critical".into());
        let reader = Reader::round(setup, SourceKind::Servicenow);
        assert!(reader.incidents()[2].starts_with("snow:INC3 cancelled (Parked) critical"), "{word}");
    }
}
