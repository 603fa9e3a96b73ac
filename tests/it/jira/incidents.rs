//! Incidents of Jira, by a search of their own, with what their links say.

use super::*;

fn incident<const DC: bool>(number: i64, status: &str, more: Value) -> Value {
    let mut made = issue::<DC>(number, status);
    made["key"] = json!(format!("OPS-{number}"));
    overwrite(
        &mut made["fields"],
        json!({ "summary": format!("Broken {number}"), "created": "2026-03-04T22:00:00.000+0000",
        "priority": { "name": "High" }, "resolutiondate": null, "issuelinks": [], "components": [{ "name": "shop" }] }),
    );
    overwrite(&mut made["fields"], more);
    made
}

/// A link as it stands on one of its two issues: what it says there, and where it leads.
fn link(says: (&str, &str), side: &str, key: &str) -> Value {
    json!({ "id": "1", "type": { "name": "Problem/Incident", "inward": says.0, "outward": says.1 },
        side: { "id": "7", "key": key, "fields": { "summary": "x" } } })
}

fn world<const DC: bool>() -> Jira<DC> {
    let causes = ("is caused by", "causes");
    let done = |name: &str| json!({ "name": name, "statusCategory": { "key": "done" } });
    Jira::<DC>::having(|site| {
        site.incidents = vec![
            incident::<DC>(
                1,
                "Work in progress",
                json!({ "issuelinks": [link(causes, "inwardIssue", "CHG-1"),
                // The other way round: this one caused that.
                link(causes, "outwardIssue", "CHG-2"), link(("relates to", "relates to"), "inwardIssue", "CHG-3"),
                link(("fixes", "Is fixed by"), "outwardIssue", "CHG-4")] }),
            ),
            incident::<DC>(
                2,
                "",
                json!({ "status": done("Resolved"), "resolutiondate": "2026-03-05T01:30:00.000+0000",
                "priority": { "name": "Highest" } }),
            ),
            incident::<DC>(3, "", json!({ "status": done("Fertig"), "priority": null })),
            incident::<DC>(4, "Beobachtung", json!({ "priority": { "name": "P0" } })),
            incident::<DC>(5, "", json!({ "status": done("Closed"), "updated": stamp(400 * 86_400) })),
            incident::<DC>(6, "Reopened", json!({ "resolutiondate": "2026-03-05T01:30:00.000+0000" })),
        ];
    })
}

fn setup<const DC: bool>(world: &Jira<DC>) -> Setup {
    let mut setup = world.setup();
    setup.options.insert("incidents".into(), INCIDENTS.into());
    setup
}

fn read_with_links<const DC: bool>() {
    let world = world::<DC>();
    let mut reader = Reader::round(setup(&world), SourceKind::Jira);
    let on = "on [\"shop\"]";
    let from = "2026-03-04T22:00:00Z..";
    let want = [
        format!("jira:OPS-1 open (Work in progress) high {from} by jira:CHG-1 mended jira:CHG-4 {on}"),
        format!("jira:OPS-2 restored (Resolved) critical {from}2026-03-05T01:30:00Z by  mended  {on}"),
        format!("jira:OPS-3 closed (Fertig) unknown {from} by  mended  {on}"),
        format!("jira:OPS-4 unknown (Beobachtung) unknown {from} by  mended  {on}"),
        format!("jira:OPS-6 open (Reopened) high {from} by  mended  {on}"),
    ];
    assert_eq!(reader.incidents(), want, "one closed a year ago is of no use any more");
    assert_eq!(reader.natives(), world.changes(), "changes are read beside them");
    let url = reader.incident("OPS-1").url.clone().unwrap();
    assert_eq!(url.as_str(), format!("{}/browse/OPS-1", world.fake().url));
    // What moves comes with the next round, and what was deleted is gone with the next sweep.
    overwrite(
        &mut world.state().incidents[0]["fields"],
        json!({ "updated": stamp(0), "resolutiondate": "2026-03-06T00:00:00.000+0000",
        "status": { "name": "Done", "statusCategory": { "key": "done" } } }),
    );
    reader.read().unwrap();
    assert!(reader.incidents()[0].contains("closed (Done) high 2026-03-04T22:00:00Z..2026-03-06T00:00:00Z"));
    assert_eq!(
        (reader.warnings.len(), reader.faults.len()),
        (0, 0),
        "{:?} {:?}",
        reader.warnings,
        reader.faults
    );
    let mut reader = Reader::round(Setup { sweep: 0, ..setup(&world) }, SourceKind::Jira);
    world.state().incidents.remove(1);
    reader.read().unwrap();
    assert!(!reader.incidents().iter().any(|line| line.starts_with("jira:OPS-2")));
}

#[test]
fn incidents_are_read_with_what_their_links_say() {
    read_with_links::<false>();
    read_with_links::<true>();
}

fn mapped<const DC: bool>() {
    let world = world::<DC>();
    {
        let mut site = world.state();
        site.fields = [("customfield_1", "Began"), ("customfield_2", "Severity")]
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .to_vec();
        overwrite(
            &mut site.incidents[0]["fields"],
            json!({ "customfield_1": "2026-03-04T21:00:00.000+0000",
            "customfield_2": { "value": "Sev 1" } }),
        );
    }
    let mut setup = setup(&world);
    for (key, value) in
        [("caused_by", "relates to, causes"), ("fixed_by", "is mended by"), ("page_size", "2")]
    {
        setup.options.insert(key.into(), value.into());
    }
    setup.fields.insert("opened".into(), "Began".into());
    setup.fields.insert("severity".into(), "Severity".into());
    setup.words.incident_state.insert("beobachtung".into(), "restored".into());
    setup.words.severity.insert("p0".into(), "critical".into());
    let reader = Reader::round(setup, SourceKind::Jira);
    let told = reader.incidents();
    assert!(
        told[0].contains("critical 2026-03-04T21:00:00Z.. by jira:CHG-2,jira:CHG-3 mended  on"),
        "{told:#?}"
    );
    assert!(told[3].starts_with("jira:OPS-4 restored (Beobachtung) critical"), "{told:#?}");
}

#[test]
fn words_fields_and_links_of_ones_own_are_named_by_the_settings() {
    mapped::<false>();
    mapped::<true>();
}

/// Rows on two pages that overlap are two of one: what is wrong with one of them is told once, by its key.
#[test]
fn what_is_wrong_with_a_row_of_two_pages_is_told_once() {
    let world = Jira::<true>::having(|site| {
        // Not the shape of an issue: its fields are no object.
        for (list, at) in [("CHG", 3), ("OPS", 2)] {
            let rows = if list == "CHG" { &mut site.issues } else { &mut site.incidents };
            rows.truncate(0);
            rows.extend((1..=9).map(|number| {
                let mut row =
                    incident::<true>(number, "Planning", json!({ "created": stamp(9000 - number) }));
                row["key"] = json!(format!("{list}-{number}"));
                if number == at {
                    row["id"] = json!(["odd"]);
                }
                row
            }));
        }
    });
    let mut setup = setup(&world);
    setup.options.insert("page_size".into(), "4".into());
    let reader = Reader::round(setup, SourceKind::Jira);
    let told: Vec<String> = reader
        .faults
        .iter()
        .map(|fault| {
            format!(
                "{} {}",
                fault.record.as_ref().map(ToString::to_string).unwrap_or_default(),
                fault.message
            )
        })
        .collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("jira:CHG-3 issue CHG-3: ") && told[1].starts_with("jira:OPS-2 incident OPS-2: "),
        "{told:#?}"
    );
    assert_eq!((reader.natives().len(), reader.incidents().len()), (8, 8), "the others are there");
}

#[test]
fn incidents_are_asked_for_by_a_search_alone() {
    let world = world::<false>();
    let reader = Reader::round(world.setup(), SourceKind::Jira);
    assert!(reader.incidents().is_empty());
    let mut ordered = setup(&world);
    ordered.options.insert("incidents".into(), "project = OPS order by key".into());
    let error = quorate::source::system::build(SourceKind::Jira, ordered).err().unwrap().to_string();
    assert!(error.contains("options.incidents must not have ORDER BY"), "{error}");
    let mut wrong = setup(&world);
    wrong.options.insert("incidents".into(), "projekt = OPS".into());
    let error = Reader::new(wrong, SourceKind::Jira).read().unwrap_err().to_string();
    assert!(error.contains("projekt"), "{error}");
}
