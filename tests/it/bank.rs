//! The log of a bank (BPI Challenge 2014) where it is at hand: its numbers against SQL, and what changed before its incidents.

use serde_json::{Value, json};

use crate::numbers::{compare, tables};

/// The bank's changes and incidents as a ledger, and per usable link the opening, the services and the change.
///
/// Without `linked` the incidents tell nothing of their causes to the ledger, as before anybody had looked into them.
fn bank(
    folder: &std::path::Path,
    linked: bool,
) -> (quorate::ledger::Ledger, Vec<(quorate::model::Instant, Vec<quorate::model::Line>, String)>) {
    use quorate::{
        model::{Instant, Line, Record, RecordKind, Relation, Service, SourceId, Stored},
        projection::{Live, Read},
        source::csv::{CsvMap, read},
    };
    let file = |name: &str, map: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let map = CsvMap::parse(map, "map").unwrap();
        read(&bytes, &map, &SourceId::board(), name).unwrap()
    };
    let changes = file("Detail_Change.csv", include_str!("../fixtures/bpi2014-done.map.toml"));
    let incidents = file("Detail_Incident.csv", include_str!("../fixtures/bpi2014-incidents.map.toml"));
    assert_eq!((changes.file.changes.len(), incidents.file.incidents.len()), (18_000, 46_606));
    // The component a CI belongs to is a service that it depends on.
    let mut parts: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> =
        Default::default();
    let mut of_incident: std::collections::HashMap<String, Vec<Line>> = Default::default();
    for (name, pairs, id) in [
        ("Detail_Change.csv", vec![("CI Name (aff)", "Service Component WBS (aff)")], None),
        (
            "Detail_Incident.csv",
            vec![
                ("CI Name (aff)", "Service Component WBS (aff)"),
                ("CI Name (CBy)", "ServiceComp WBS (CBy)"),
            ],
            Some("Incident ID"),
        ),
    ] {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_path(folder.join(name)).unwrap();
        let heads = reader.headers().unwrap().clone();
        let at = |head: &str| heads.iter().position(|one| one == head).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            for (ci, component) in &pairs {
                let (ci, component) = (row[at(ci)].to_owned(), row[at(component)].to_owned());
                if ci.is_empty() || component.is_empty() || ci.starts_with('#') || component.starts_with('#')
                {
                    continue;
                }
                if let Some(id) = id {
                    let names = of_incident.entry(row[at(id)].to_owned()).or_default();
                    names.extend([Line::new(&ci), Line::new(&component)]);
                }
                parts.entry(ci).or_default().insert(component);
            }
        }
    }
    let service = |(id, on): (String, std::collections::BTreeSet<String>)| {
        let mut service: Service = serde_json::from_value(json!({"id": id})).unwrap();
        service.depends_on = on.iter().map(|name| Line::new(name)).collect();
        Record::Service(Box::new(service))
    };
    let records = parts
        .into_iter()
        .map(service)
        .chain(changes.file.into_records().filter(|one| one.kind() == RecordKind::Change));
    let records =
        records.chain(incidents.file.into_records().filter(|one| one.kind() == RecordKind::Incident));
    let mut live = Live::default();
    for record in records {
        live.take_record(Read::Live(Stored { source: SourceId::board(), record }));
    }
    live.taken(quorate::ledger::log::Head::default());
    let mut ledger = std::sync::Arc::unwrap_or_clone(live.ledger);
    let mut links: Vec<(Instant, Vec<Line>, String)> = Vec::new();
    for view in ledger.incident_views(|_| true) {
        for link in view.links.iter().filter(|link| link.relation == Relation::CausedBy) {
            let (Some(began), Some(opened)) = (link.began, view.record.opened) else { continue };
            if link.counts && opened - began < 7 * 86_400 {
                let services = of_incident.get(view.record.id.as_str()).cloned().unwrap_or_default();
                links.push((opened, services, link.item.to_string()));
            }
        }
    }
    links.sort();
    if !linked {
        let silent = ledger.facts().incidents().map(|incident| {
            let record = Record::Incident(std::sync::Arc::new(quorate::model::Incident {
                caused_by: Vec::new(),
                ..(**incident).clone()
            }));
            Stored { source: SourceId::board(), record }
        });
        let upserts = silent.collect();
        ledger.take(
            quorate::ledger::Taken { upserts, ..Default::default() },
            quorate::ledger::log::Head::default(),
        );
    }
    (ledger, links)
}

/// The bank's logs as the file of a board, read by nothing of ours.
fn bank_as_file(folder: &std::path::Path) -> Value {
    use chrono::{NaiveDateTime, TimeZone as _};
    let zone = chrono_tz::Europe::Amsterdam;
    // Of a time that the clock shows twice a start is the first, and an end or an incident the second: against the change.
    let time = |text: &str, form: &str, first: bool| -> Option<String> {
        let local = NaiveDateTime::parse_from_str(text, form).ok()?;
        let at = zone.from_local_datetime(&local);
        let at = if first { at.earliest() } else { at.latest() };
        at.map(|at| at.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let rows = |name: &str| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_path(folder.join(name)).unwrap();
        let heads = reader.headers().unwrap().clone();
        let rows: Vec<std::collections::HashMap<String, String>> = reader
            .records()
            .map(|row| {
                heads
                    .iter()
                    .zip(&row.unwrap())
                    .map(|(head, cell)| (head.to_owned(), cell.to_owned()))
                    .collect()
            })
            .collect();
        rows
    };
    let mut changes: std::collections::BTreeMap<String, Value> = Default::default();
    for row in rows("Detail_Change.csv") {
        let at = |head: &str| time(&row[head], "%d-%m-%Y %H:%M", !head.ends_with("End"));
        let kind = match (&*row["Emergency Change"], &*row["Change Type"]) {
            ("Y", _) => "emergency",
            (_, name) if name.starts_with("Standard Change Type") => "standard",
            _ => "normal",
        };
        let risk = match &*row["Risk Assessment"] {
            "Minor Change" => "low",
            "Business Change" => "moderate",
            "Major Business Change" => "high",
            _ => "unknown",
        };
        let id = row["Change ID"].clone();
        let first = || {
            json!({"id": id, "kind": kind, "risk": risk, "state": "closed", "outcome": null, "services": [],
                "planned_start": at("Planned Start"), "planned_end": at("Planned End"), "actual_start": at("Actual Start"),
                "actual_end": at("Actual End"), "submitted_at": at("Change record Open Time")})
        };
        let known = changes.entry(id.clone()).or_insert_with(first);
        let service = Value::from(row["CI Name (aff)"].clone());
        let services = known["services"].as_array_mut().unwrap();
        if service != "" && !services.contains(&service) {
            services.push(service);
        }
    }
    let at = |text: &str| time(text, "%d/%m/%Y %H:%M:%S", false);
    let incidents = rows("Detail_Incident.csv").into_iter().filter(|row| !row["Incident ID"].is_empty()).map(|row| {
        let cause = &row["Related Change"];
        let cause: Vec<&String> = (!cause.is_empty() && cause != "#MULTIVALUE").then_some(cause).into_iter().collect();
        let restored = at(&row["Resolved Time"]).or_else(|| at(&row["Close Time"]));
        json!({"id": row["Incident ID"], "opened": at(&row["Open Time"]), "restored": restored, "caused_by": cause})
    });
    json!({"incidents": incidents.collect::<Vec<_>>(), "changes": changes.into_values().collect::<Vec<_>>()})
}

/// The numbers of the bank's log, read and counted by two programs. Needs the logs, unpacked, in the folder of `QUORATE_BANK`.
#[test]
#[ignore = "needs the bank's logs"]
fn the_bank_s_numbers_are_those_of_a_second_implementation_in_sql() {
    use quorate::ledger::derive::insights::{InsightsAsked, PeriodAsked};
    let Some(folder) = std::env::var_os("QUORATE_BANK") else { return };
    let folder = std::path::Path::new(&folder);
    let began = std::time::Instant::now();
    let said = |what: &str| println!("{what}: {:.1} s after the start", began.elapsed().as_secs_f64());
    let (ledger, _) = bank(folder, true);
    said("the ledger");
    let file = bank_as_file(folder);
    assert_eq!(file["changes"].as_array().unwrap().len(), 18_000);
    said("the file");
    for (name, span) in [
        ("2013-Q4", ["2013-01-01", "2013-10-01", "2014-01-01"]),
        ("2014-Q1", ["2013-04-01", "2014-01-01", "2014-04-01"]),
    ] {
        let db = tables(&file, span);
        said("the tables");
        let now = "2014-06-01T00:00:00Z".parse().unwrap();
        let run = |by: &str| {
            let by = quorate::wire::By::ALL.into_iter().find(|one| one.word() == by);
            let asked =
                InsightsAsked { period: PeriodAsked::Named(name.to_owned()), by, only: None, rows: 0 };
            let told = ledger.insights(&asked, None, now).unwrap();
            assert_eq!(told.mirror.decided, 0, "the log tells of no decision of a board");
            serde_json::to_value(told).unwrap()
        };
        compare(&db, run, name);
        said(name);
        let all = run("kind");
        for one in all["numbers"].as_array().unwrap() {
            println!("{name} {}: {} of {}, {}", one["name"], one["part"], one["whole"], one["length"]);
        }
    }
}

/// How the bank's usable links are found among the first five: by what is known without any link, with those of incidents that
/// opened before, and by two plain orders beside. The earlier half was studied, the later half was not. Needs the logs, unpacked,
/// in the folder that `QUORATE_BANK` names.
#[test]
#[ignore = "needs the bank's logs"]
fn the_bank_s_causes_are_among_the_first_five() {
    use quorate::model::{Instant, Line};
    let Some(folder) = std::env::var_os("QUORATE_BANK") else { return };
    let folder = std::path::Path::new(&folder);
    let (ledger, links) = bank(folder, true);
    let (silent, _) = bank(folder, false);
    assert_eq!(links.len(), 206);
    let mut slowest = std::time::Duration::ZERO;
    let count = |half: &[bool]| half.iter().filter(|hit| **hit).count();
    let halves = |name: &str, first: &mut dyn FnMut(Instant, &[Line]) -> Vec<String>| {
        let hits: Vec<bool> = links
            .iter()
            .map(|(opened, services, change)| first(*opened, services).contains(change))
            .collect();
        let (earlier, later) = hits.split_at(hits.len() / 2);
        println!(
            "{name}: earlier half {} of {}, later half {} of {}",
            count(earlier),
            earlier.len(),
            count(later),
            later.len()
        );
        (count(earlier), count(later))
    };
    let ids = |found: Vec<quorate::wire::Suspect>| {
        found.into_iter().map(|one| one.id.to_string()).collect::<Vec<_>>()
    };
    let began = |at: Instant, rank: &dyn Fn(&quorate::rules::facts::Row) -> (bool, bool)| {
        let week = ledger
            .facts()
            .rows()
            .filter(|(_, row)| row.start.is_some_and(|start| start <= at && at - start <= 7 * 86_400));
        let mut rows: Vec<_> = week.map(|(_, row)| (rank(row), row.start, row.id.to_string())).collect();
        rows.sort_by(|x, y| y.cmp(x));
        rows.into_iter().take(5).map(|(.., id)| id).collect::<Vec<_>>()
    };
    halves("plain recency", &mut |at, _| began(at, &|_| (false, false)));
    halves("same CI, then service", &mut |at, services| {
        let numbers: Vec<u32> = services.iter().map(|name| ledger.facts().service_number(name)).collect();
        let near = |row: &quorate::rules::facts::Row| {
            let component = ledger.facts().group_text(row.group);
            (
                numbers.iter().any(|one| row.touches(*one)),
                services.iter().any(|name| name.eq_ignore_ascii_case(component)),
            )
        };
        began(at, &near)
    });
    let without = halves("without links", &mut |at, services| ids(silent.what_changed(services, at, 5)));
    let with = halves("with links of earlier incidents", &mut |at, services| {
        let began = std::time::Instant::now();
        let found = ledger.what_changed(services, at, 5);
        slowest = slowest.max(began.elapsed());
        ids(found)
    });
    println!("slowest {slowest:?}");
    let half = links.len() / 4;
    assert!(without.1 > half, "half of the later half, by what nobody had linked yet");
    assert!(with.0 > half && with.1 > half, "half of each half, once the first link is known");
}
