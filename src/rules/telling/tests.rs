use super::*;
use crate::{
    calendar::Zone,
    model::{Audience, Hears, ItemKind, Line, Message, Span},
};

/// Wednesday 25 November 2026, 14:00 UTC, and hours from there.
fn at(hour: i64) -> Instant {
    "2026-11-25T14:00:00Z".parse::<Instant>().unwrap().plus(hour * HOUR)
}

fn plan(course: Course, start: i64) -> Outlook {
    Outlook {
        course,
        planned: Span::new(at(start), at(start + 2)),
        outage: None,
        services: vec!["shop".into()],
    }
}

fn heard(outlook: Outlook, hour: i64) -> Heard {
    Heard { outlook, at: at(hour), late_until: None }
}

fn present(outlook: Option<Outlook>) -> Present {
    Present { outlook, projected_end: None }
}

/// What is due at 0, reminders being of a day.
fn kind(now: Option<Outlook>, known: Option<&Heard>) -> Option<MessageKind> {
    due(&present(now), known, 24 * HOUR, at(0)).map(|due| due.kind)
}

#[test]
fn what_is_due_is_what_leads_from_what_they_know_to_what_is_so() {
    use Course::{CalledOff, Finished, OnHold, Planned, Started, TurnedBack};
    use MessageKind as M;
    let known = |course, start| Some(heard(plan(course, start), -48));
    let cases: [(&str, Option<Heard>, Option<Outlook>, Option<MessageKind>); 25] = [
        ("approved", None, Some(plan(Planned, 40)), Some(M::Announcement)),
        ("not approved yet", None, None, None),
        ("on hold before anybody knew", None, Some(plan(OnHold, 40)), None),
        ("called off before anybody knew", None, Some(plan(CalledOff, 40)), None),
        ("it runs, and nobody knew", None, Some(plan(Started, -1)), Some(M::Started)),
        ("it is over, and nobody knew", None, Some(plan(Finished, -9)), None),
        ("its time is over, and nobody knew", None, Some(plan(Planned, -9)), None),
        ("as they know it", known(Planned, 40), Some(plan(Planned, 40)), None),
        ("a day before", known(Planned, 20), Some(plan(Planned, 20)), Some(M::Reminder)),
        ("moved", known(Planned, 40), Some(plan(Planned, 50)), Some(M::Correction)),
        ("moved, and a day before", known(Planned, 40), Some(plan(Planned, 20)), Some(M::Correction)),
        ("lapsed, long before", known(Planned, 40), Some(plan(OnHold, 40)), None),
        ("lapsed, a day before", known(Planned, 20), Some(plan(OnHold, 20)), Some(M::Reminder)),
        ("they know it is on hold", known(OnHold, 20), Some(plan(OnHold, 30)), None),
        ("approved again", known(OnHold, 20), Some(plan(Planned, 20)), Some(M::Correction)),
        ("back to before its approval", known(Planned, 40), None, None),
        ("the same, a day before", known(Planned, 20), None, Some(M::Reminder)),
        ("called off", known(Planned, 40), Some(plan(CalledOff, 40)), Some(M::CalledOff)),
        ("called off again", known(CalledOff, 40), Some(plan(CalledOff, 50)), None),
        ("it takes place after all", known(CalledOff, 40), Some(plan(Planned, 40)), Some(M::Correction)),
        ("started", known(Planned, -1), Some(plan(Started, -1)), Some(M::Started)),
        ("finished", known(Started, -1), Some(plan(Finished, -1)), Some(M::Finished)),
        ("it failed after all", known(Finished, -1), Some(plan(TurnedBack, -1)), Some(M::TurnedBack)),
        ("over is over", known(Finished, -1), Some(plan(CalledOff, -1)), None),
        ("extended while it runs", known(Started, -1), Some(plan(Started, 0)), Some(M::Correction)),
    ];
    for (name, known, now, want) in cases {
        assert_eq!(kind(now, known.as_ref()), want, "{name}");
    }
}

#[test]
fn old_and_new_stand_beside_each_other_only_where_they_differ() {
    let known = heard(plan(Course::Planned, -1), -48);
    let started = |start| due(&present(Some(plan(Course::Started, start))), Some(&known), 0, at(0)).unwrap();
    assert_eq!(started(-1).was, None, "it started as planned");
    assert_eq!(started(0).was, Some(known.outlook.clone()), "it was moved before it started");
}

#[test]
fn a_reminder_goes_out_once_and_not_right_behind_an_announcement() {
    let now = present(Some(plan(Course::Planned, 30)));
    let due_at = |told: i64, hour: i64| {
        due(&now, Some(&heard(plan(Course::Planned, 30), told)), 24 * HOUR, at(hour)).map(|due| due.kind)
    };
    assert_eq!(due_at(0, 5), None, "25 hours before");
    assert_eq!(due_at(0, 6), Some(MessageKind::Reminder), "a day before");
    assert_eq!(due_at(6, 20), None, "they were reminded");
    assert_eq!(due_at(8, 20), None, "they were told within the day");
    assert_eq!(due_at(0, 30), None, "it begins");
}

#[test]
fn what_runs_late_says_so_once_for_each_end_it_told() {
    let started = plan(Course::Started, 0);
    let with = |projected, late_until, hour| {
        let now = Present { outlook: Some(started.clone()), projected_end: projected };
        let known = Heard { late_until, ..heard(started.clone(), 0) };
        due(&now, Some(&known), 0, at(hour)).map(|due| (due.kind, due.until.unwrap()))
    };
    let late = |until| Some((MessageKind::RunningLate, until));
    assert_eq!(with(Some(at(9)), None, 1), None, "its end has not come: effective times drift");
    assert_eq!(with(Some(at(5)), None, 2), late(at(5)));
    assert_eq!(with(Some(at(5)), Some(at(5)), 4), None, "they know");
    assert_eq!(with(Some(at(7)), Some(at(5)), 5), late(at(7)), "that end passed as well");
    assert_eq!(with(None, Some(at(5)), 5), late(at(5).plus(LATE)), "no end is known");
}

#[test]
fn who_names_nothing_hears_nothing() {
    let about = About { services: vec!["shop".into()], environments: vec!["prod".into()], groups: vec![] };
    let hear = |json: &str| serde_json::from_str::<Hears>(json).unwrap();
    let cases = [
        ("nothing", "{}", false),
        ("the service", r#"{"services":["SHOP"]}"#, true),
        ("another service", r#"{"services":["crm"]}"#, false),
        ("service and environment", r#"{"services":["shop"],"environments":["prod"]}"#, true),
        ("service, not there", r#"{"services":["shop"],"environments":["test"]}"#, false),
        ("a group it has not", r#"{"groups":["net"]}"#, false),
        ("every change", r#"{"items":["change"]}"#, true),
        ("every release", r#"{"items":["release"]}"#, false),
    ];
    for (name, json, want) in cases {
        assert_eq!(hears(&hear(json), ItemKind::Change, &about), want, "{name}");
    }
}

#[test]
fn quiet_hours_hold_what_can_wait() {
    let audience: Audience = serde_json::from_str(
        r#"{"id":"shops","quiet":{"from":"22:00","to":"07:00"},"hears":{"items":["change"]}}"#,
    )
    .unwrap();
    let zone = Zone::named("Europe/Madrid").unwrap();
    let until = |kind: MessageKind, outlook: Outlook, hour: i64| {
        let message = Message {
            audience: audience.id.clone(),
            kind,
            title: Line::default(),
            outlook,
            was: None,
            at: None,
            until: None,
            outcome: None,
            stays: Vec::new(),
            responsible: None,
            channels: Vec::new(),
        };
        quiet_until(&audience, zone, &message, at(hour))
    };
    // 14:00 UTC is 15:00 there; quiet from hour 7 to hour 16.
    let far = || plan(Course::Planned, 40);
    assert_eq!(until(MessageKind::Announcement, far(), 6), None, "21:00");
    assert_eq!(until(MessageKind::Announcement, far(), 7), Some(at(16)), "22:00");
    assert_eq!(until(MessageKind::Announcement, far(), 12), Some(at(16)), "03:00");
    assert_eq!(until(MessageKind::Announcement, far(), 16), None, "07:00");
    assert_eq!(
        until(MessageKind::Correction, plan(Course::Planned, 14), 12),
        None,
        "it begins before they wake"
    );
    assert_eq!(until(MessageKind::RunningLate, plan(Course::Started, 10), 12), None, "it runs late");
    assert_eq!(until(MessageKind::TurnedBack, plan(Course::TurnedBack, 10), 12), None, "it failed");
    assert_eq!(until(MessageKind::Finished, plan(Course::Finished, 10), 12), Some(at(16)), "it is done");
}
