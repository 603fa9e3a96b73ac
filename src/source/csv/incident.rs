//! Rows as incidents, by a column map of `kind = "incident"`.

use std::collections::{BTreeSet, HashMap};

use super::{
    Faults, Row,
    change::{Cells, Given, Wrong},
    field::{Field, Shape},
    map::CsvMap,
};
use crate::{
    calendar::Fold,
    model::{FilePart, GivenFields, Id, Incident, Line},
};

/// One incident per id, in the order of first rows, and what its columns give.
pub(super) fn read(
    rows: &[Row],
    map: &CsvMap,
    faults: &mut Faults<'_>,
    given: &mut GivenFields,
) -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        let cells = Cells { row: &row.cells, map, columns: faults.columns };
        let text = cells.id();
        if let Some(incident) = known.get(text).and_then(|at| incidents.get_mut(*at)) {
            lists(incident, &cells);
            continue;
        }
        let id = match Id::new(text) {
            Ok(id) => id,
            Err(error) => {
                faults.cell(None, row.line, cells.columns.id(), &format!("{error}; the row is left out"));
                continue;
            }
        };
        let (incident, wrong, unread) = build(id, &cells);
        for (column, message) in wrong {
            faults.cell(Some(incident.id.clone()), row.line, column, &message);
        }
        given.add(FilePart::Incident, [incident.id.clone()], cells.gives(&unread));
        known.insert(text, incidents.len());
        incidents.push(incident);
    }
    incidents
}

/// The incident of a first row, what is wrong with its cells, and the fields that could not be read.
fn build(id: Id, cells: &Cells<'_>) -> (Incident, Vec<Wrong>, Vec<Field>) {
    let mut incident = Incident::new(id);
    let (mut wrong, mut unread) = (Vec::new(), Vec::new());
    lists(&mut incident, cells);
    for (index, (field, _)) in cells.map.fields.iter().enumerate() {
        let all = cells.given(index);
        let Some(given) = all.first() else { continue };
        if let Err(message) = set(&mut incident, *field, given, cells) {
            wrong.push((given.column, message));
            unread.push(*field);
        }
    }
    if let (Some(opened), Some(restored)) = (incident.opened, incident.restored)
        && restored < opened
    {
        let column = cells.columns.first_of(cells.map, Field::Restored);
        wrong.push((column, format!("it is restored at {restored}, before it opened at {opened}; left out")));
        unread.push(Field::Restored);
        incident.restored = None;
    }
    cells.extra().for_each(|(name, value)| incident.extra.insert(name, value));
    (incident, wrong, unread)
}

/// A time that occurs twice is read late where it opens, and late where it ends: against whoever caused it.
fn set(incident: &mut Incident, field: Field, given: &Given<'_>, cells: &Cells<'_>) -> Result<(), String> {
    let line = || Some(Line::new(given.meaning)).filter(|line| !line.is_empty());
    match (field.shape(), field) {
        (Shape::Time, _) => {
            let at = cells.time(given.meaning, Fold::Second).ok_or_else(|| cells.no_time(given.meaning))?;
            match field {
                Field::Opened => incident.opened = Some(at),
                _ => incident.restored = Some(at),
            }
        }
        (_, Field::State) => incident.state = given.word(),
        (_, Field::Severity) => incident.severity = given.word(),
        (_, Field::Title) => incident.title = Line::new(given.meaning),
        (_, Field::Environment) => incident.environment = line(),
        (_, Field::Url) => incident.url = line(),
        (Shape::Text | Shape::Word | Shape::List | Shape::Number, _) => {}
    }
    Ok(())
}

/// Adds what a row of an incident lists, each name once.
fn lists(incident: &mut Incident, cells: &Cells<'_>) {
    for (index, (field, _)) in cells.map.fields.iter().enumerate() {
        if field.shape() != Shape::List {
            continue;
        }
        let names: BTreeSet<&str> = cells.given(index).iter().flat_map(Given::names).collect();
        for name in names.into_iter().filter(|name| !name.trim().is_empty()) {
            match field {
                Field::Services => once(&mut incident.services, Line::new(name)),
                Field::CausedBy => Id::new(name).into_iter().for_each(|id| once(&mut incident.caused_by, id)),
                Field::FixedBy => Id::new(name).into_iter().for_each(|id| once(&mut incident.fixed_by, id)),
                _ => {}
            }
        }
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CsvMap, read};
    use crate::model::{IncidentSeverity, IncidentState, SourceId};

    const MAP: &str = r##"
        kind = "incident"
        zone = "Europe/Madrid"
        times = ["%d/%m/%Y %H:%M"]
        empty = ["#MANY"]
        id = "No"
        [fields]
        title = "What"
        services = "CI"
        opened = "Open"
        restored = [{ column = "Resolved" }, { column = "Closed" }]
        caused_by = { column = "Change", separator = "," }
        [fields.state]
        column = "Status"
        values = { Closed = "closed" }
        [fields.severity]
        column = "Prio"
        values = { 1 = "critical" }
    "##;

    #[test]
    fn rows_are_incidents_by_the_map() {
        let text = "No,What,CI,Open,Resolved,Closed,Change,Status,Prio\n\
            I1,Down,lb,02/11/2026 10:00,,02/11/2026 11:00,\"C1,C2\",Closed,1\n\
            I1,Down,db,02/11/2026 10:00,,,C3,Closed,1\n\
            I2,Slow,lb,02/11/2026 10:00,01/11/2026 10:00,,#MANY,Looking,9\n\
            ,No id,lb,02/11/2026 10:00,,,,,\nI3,Odd,lb,soon,,,,,\n";
        let map = CsvMap::parse(MAP, "map").unwrap();
        let read = read(text.as_bytes(), &map, &SourceId::board(), "t").unwrap();
        assert!(read.file.changes.is_empty());
        let [one, two, three] = &read.file.incidents[..] else { panic!("{:?}", read.file.incidents) };
        assert_eq!(
            (one.state.value, one.severity.value),
            (IncidentState::Closed, IncidentSeverity::Critical)
        );
        assert_eq!((one.services.len(), one.caused_by.len()), (2, 3));
        assert_eq!(one.opened.unwrap().to_string(), "2026-11-02T09:00:00Z");
        assert_eq!(one.restored.unwrap().to_string(), "2026-11-02T10:00:00Z");
        // A word the map does not know is kept and read with care; what ends before it begins has no end.
        assert_eq!((two.state.value, two.state.raw()), (IncidentState::Unknown, Some("Looking")));
        assert!(two.caused_by.is_empty() && two.restored.is_none() && two.is_open());
        assert!(three.opened.is_none());
        let faults: Vec<&str> = read.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(
            faults[0].contains("before it opened") && faults[1].contains("the row is left out"),
            "{faults:?}"
        );
    }

    #[test]
    fn a_map_of_incidents_has_their_fields_and_words() {
        let with = |line: &str| {
            let map = format!("kind = \"incident\"\nzone = \"UTC\"\nid = \"No\"\n{line}\n");
            CsvMap::parse(&map, "map").map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with("[fields]\nopened = \"Open\""), Ok(()));
        for (line, said) in [
            ("[fields]\nplanned_start = \"X\"", "is no field of an incident"),
            ("[constants]\nstate = \"scheduled\"", "one of open, restored, closed, cancelled"),
        ] {
            let error = with(line).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let change = CsvMap::parse("zone = \"UTC\"\nid = \"No\"\n[fields]\nopened = \"X\"\n", "map");
        assert!(change.unwrap_err().to_string().contains("is no field of a change"));
    }
}
