//! What a published document may say, and what it may not: rights, logins, and approvals nobody asked it for.
//!
//! Whoever can write the document would otherwise have the board. Rights and logins come from the board's own records;
//! an approval by the word of a document counts only where the settings of its source say so.

use crate::model::{BoardFile, Fault, Line, SourceId};

/// Takes out what is not the source's to say; who was named with rights is a fault, and what was left out is told.
pub fn confine(file: &mut BoardFile, source: &SourceId, trusts: bool, faults: &mut Vec<Fault>) -> Vec<Line> {
    for person in &mut file.people {
        let mut fault = |place: &str, message: String| {
            faults.push(Fault {
                source: source.clone(),
                record: Some(person.id.clone()),
                place: place.to_owned(),
                message,
            });
        };
        if std::mem::take(&mut person.admin) {
            fault(
                "admin",
                format!(
                    "{source} says that {} is an admin: rights come from the board's own records alone; it is not taken",
                    person.id
                ),
            );
        }
        if person.login.take().is_some() {
            fault(
                "login",
                format!(
                    "{source} gives {} a login: logins come from the board's own records alone; it is not taken",
                    person.id
                ),
            );
        }
    }
    let mut told = Vec::new();
    if !trusts {
        let approved = file.changes.iter_mut().filter_map(|change| change.approval.take()).count();
        if approved > 0 {
            let of = if approved == 1 { "1 change".to_owned() } else { format!("{approved} changes") };
            told.push(Line::new(&format!(
                "it says whether {of} may go: its word counts only with trust_approvals = true in its settings"
            )));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_gives_no_rights_no_logins_and_no_approvals() {
        let file: BoardFile = serde_json::from_str(
            r#"{"version":1,"people":[{"id":"eve","admin":true,"login":"mortiz","aliases":["e"],"name":"Eve"},{"id":"ann"}],
                "changes":[{"id":"C1","approval":"approved"},{"id":"C2","approval":"not_required"},{"id":"C3"}]}"#,
        )
        .unwrap();
        let source = SourceId::new("itsm");
        for (trusts, approvals, said) in [(false, 0, 1), (true, 2, 0)] {
            let (mut file, mut faults) = (file.clone(), Vec::new());
            let told = confine(&mut file, &source, trusts, &mut faults);
            assert_eq!(told.len(), said, "{told:?}");
            assert_eq!(file.changes.iter().filter(|change| change.approval.is_some()).count(), approvals);
            assert!(file.people.iter().all(|person| !person.admin && person.login.is_none()));
            assert_eq!((file.people[0].name.as_str(), file.people[0].aliases.len()), ("Eve", 1));
            let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
            assert_eq!(places, ["admin", "login"]);
        }
    }
}
