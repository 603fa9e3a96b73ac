//! Planned dates moved there: in one request with the note, as whoever may, and believed only when read again.

use quorate::model::Instant;

use super::*;

pub const WAS: &str = "2026-11-25T21:00:00Z";
pub const START: &str = "2026-11-26T22:30:00Z";
const END: &str = "2026-11-27T00:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// `CHG0001` is planned for an hour and a half.
pub fn planned(more: impl FnOnce(&Snow)) -> Snow {
    let world = Snow::start();
    world.set("CHG0001", json!({ "start_date": "2026-11-25 21:00:00", "end_date": "2026-11-25 22:30:00" }));
    more(&world);
    world
}

fn moved(reader: &Reader, world: &Snow) -> Write {
    reader.write(world, "CHG0001", 31, What::Dates { was: at(WAS), start: at(START), end: Some(at(END)) })
}

fn refusal(pushed: Pushed) -> String {
    match pushed {
        Pushed::Refused(words) => words.to_string(),
        other => panic!("{other:?}"),
    }
}

/// What was asked to be written, as JSON.
fn sent(world: &Snow) -> Vec<Value> {
    world.fake().seen().iter().filter(|asked| asked.is_write()).map(Asked::json).collect()
}

fn dates(world: &Snow) -> (String, String) {
    let state = world.state();
    let row = state["change_request"].iter().find(|row| row["number"].0 == "CHG0001").unwrap();
    (row["start_date"].0.clone(), row["end_date"].0.clone())
}

#[test]
fn a_change_is_moved_in_one_request_and_the_next_round_reads_it() {
    let world = planned(|_| ());
    let mut reader = world.read();
    assert_eq!(reader.source.capabilities().dates, Ok(()));
    let write = moved(&reader, &world);
    let pushed = reader.push(&write);
    assert!(matches!(&pushed, Pushed::Accepted(words) if words.contains(START)), "{pushed:?}");
    let note = format!("C. Hair moved the planned start from {WAS} to {START}.\n\n{}", write.marker());
    let want =
        json!({ "start_date": "2026-11-26 22:30:00", "end_date": "2026-11-27 00:00:00", "work_notes": note });
    assert_eq!(sent(&world), [want]);
    reader.read().unwrap();
    let change = reader.change("CHG0001");
    assert_eq!((change.planned_start, change.planned_end), (Some(at(START)), Some(at(END))));
    assert_eq!(reader.of_kind(RecordKind::Comment).len(), 0, "our own note is no comment of theirs");
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(sent(&world).len(), 1, "dates that are there are not sent again");
}

#[test]
fn it_goes_as_the_person_where_they_have_an_account_else_by_the_source_which_names_them() {
    for (own, author) in [(true, "m.ortiz"), (false, "quorate")] {
        let world = planned(|_| ());
        let mut reader = Reader::voting(&world);
        let write = Write { own, ..moved(&reader, &world) };
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
        let state = world.state();
        let [note] = &state["sys_journal_field"][..] else { panic!("one note") };
        assert_eq!((note["sys_created_by"].0.as_str(), note["element"].0.as_str()), (author, "work_notes"));
        assert!(note["value"].0.starts_with("C. Hair moved"), "{}", note["value"].0);
    }
}

#[test]
fn what_its_state_forbids_is_refused_in_its_words() {
    let world = planned(|world| world.set("CHG0001", json!({ "state": ["-1", "Implement"] })));
    let mut reader = Reader::voting(&world);
    let write = moved(&reader, &world);
    let words = refusal(reader.push(&write));
    assert!(words.contains("ACL Exception Update Failed"), "{words}");
    assert_eq!(dates(&world).0, "2026-11-25 21:00:00");
    assert!(world.notes("CHG0001").is_empty());
}

#[test]
fn a_success_that_kept_the_dates_is_a_refusal_and_is_not_tried_blindly() {
    for (row, fields, stands) in [
        ("both", &["start_date", "end_date"][..], ("2026-11-25 21:00:00", "2026-11-25 22:30:00")),
        ("the end alone", &["end_date"], ("2026-11-26 22:30:00", "2026-11-25 22:30:00")),
    ] {
        let world = planned(|world| {
            let acl = |field| super::row(json!({ "name": format!("change_request.{field}") }));
            world.state().insert("sys_security_acl".into(), fields.iter().map(acl).collect());
        });
        let mut reader = Reader::voting(&world);
        let write = moved(&reader, &world);
        let words = refusal(reader.push(&write));
        let want = format!("kept its dates (start_date {}, end_date {} UTC)", stands.0, stands.1);
        assert!(words.contains("all is well") && words.contains(&want), "{row}: {words}");
        assert_eq!(dates(&world), (stands.0.to_owned(), stands.1.to_owned()), "{row}");
        // Another program tries again: the note shows that it arrived.
        let mut next = Reader::voting(&world);
        let words = refusal(next.push(&write));
        assert!(words.contains("was sent before"), "{row}: {words}");
        assert_eq!((sent(&world).len(), world.notes("CHG0001").len()), (1, 1), "{row}");
    }
}

#[test]
fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice() {
    let world = planned(|_| ());
    let mut reader = Reader::voting(&world);
    let write = moved(&reader, &world);
    world.fake().fault(Asked::is_write, Fault::DoneThenCut);
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!((sent(&world).len(), world.notes("CHG0001").len()), (1, 1));
    // Arrived, swallowed, and never answered.
    let world = planned(|world| {
        let acl = super::row(json!({ "name": "change_request.start_date" }));
        world.state().insert("sys_security_acl".into(), vec![acl]);
    });
    let mut reader = Reader::voting(&world);
    let write = moved(&reader, &world);
    world.fake().fault(Asked::is_write, Fault::DoneThenCut);
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Unknown(_)), "{pushed:?}");
    let words = refusal(reader.push(&write));
    assert!(words.contains("was sent before"), "{words}");
    assert_eq!(world.notes("CHG0001").len(), 1);
    // One that never arrived is sent by the next try.
    let world = planned(|_| ());
    let mut reader = Reader::voting(&world);
    let write = moved(&reader, &world);
    world.fake().fault(Asked::is_write, Fault::Cut);
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Unknown(_)), "{pushed:?}");
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(world.notes("CHG0001").len(), 1);
}

#[test]
fn one_that_was_moved_meanwhile_is_left_alone() {
    let world = planned(|world| world.set("CHG0001", json!({ "start_date": "2026-12-01 21:00:00" })));
    let mut reader = Reader::voting(&world);
    let write = moved(&reader, &world);
    let words = refusal(reader.push(&write));
    assert!(words.contains("2026-12-01T21:00:00Z") && words.contains("nothing was sent"), "{words}");
    assert_eq!(sent(&world).len(), 0);
}

#[test]
fn where_dates_are_not_to_be_moved_it_is_said_and_nothing_is_asked() {
    for (row, change, want) in [
        (
            "by option",
            (|setup: &mut Setup| drop(setup.options.insert("dates".into(), "no".into()))) as fn(&mut Setup),
            "options.dates = \"no\"",
        ),
        (
            "a field of another record",
            |setup| drop(setup.fields.insert("planned_start".into(), "parent.start_date".into())),
            "map.fields",
        ),
        ("reading only", |setup| setup.write = false, "write = false"),
    ] {
        let world = planned(|_| ());
        let mut setup = world.setup();
        change(&mut setup);
        let mut reader = Reader::new(setup, SourceKind::Servicenow);
        let why = reader.source.capabilities().dates.unwrap_err();
        assert!(why.contains(want), "{row}: {why}");
        if row != "reading only" {
            let write = moved(&reader, &world);
            assert_eq!(refusal(reader.push(&write)), why, "{row}");
        }
        assert_eq!(world.fake().seen().len(), 0, "{row}");
    }
    let mut setup = Snow::start().setup();
    setup.options.insert("dates".into(), "maybe".into());
    let error = quorate::source::system::build(SourceKind::Servicenow, setup).err().unwrap().to_string();
    assert!(error.contains("sources.snow.options.dates must be one of yes, no"), "{error}");
}

#[test]
fn fields_of_the_settings_are_moved_and_an_end_that_is_not_there_is_not_made() {
    let world = Snow::start();
    world.set("CHG0001", json!({ "u_start": "2026-11-25 21:00:00", "start_date": "2025-01-01 00:00:00" }));
    let mut setup = world.setup();
    setup.fields.insert("planned_start".into(), "u_start".into());
    setup.fields.insert("planned_end".into(), "u_end".into());
    setup.options.insert("notes".into(), "comments".into());
    let mut reader = Reader::round(setup, SourceKind::Servicenow);
    assert_eq!(reader.change("CHG0001").planned_start, Some(at(WAS)));
    let what = What::Dates { was: at(WAS), start: at(START), end: None };
    let write = reader.write(&world, "CHG0001", 32, what);
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    let [body] = &sent(&world)[..] else { panic!("one request") };
    let fields: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["comments", "u_start"]);
    reader.read().unwrap();
    assert_eq!(reader.change("CHG0001").planned_start, Some(at(START)));
}
