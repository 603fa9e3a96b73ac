//! Meetings on every form of the calendar: planned ones with holidays skipped, and the way from them to their screen.

use super::*;

/// The story, with a board that meets on Tuesdays at 14:00, but not on the first of December.
fn planned() -> Snapshot {
    let mut story = fixture::meetings::before();
    let settings = r#"{"zone":"Europe/Madrid","holidays":["2026-12-01"],"meetings":[
        {"id":"cab","name":"Payments CAB","start":"2026-11-03T14:00","end":"2026-11-03T14:45","rrule":"FREQ=WEEKLY;BYDAY=TU"}]}"#;
    Arc::make_mut(&mut story.rules).settings = serde_json::from_str(settings).unwrap();
    story
}

fn ids(bench: &Bench) -> Vec<String> {
    let span = bench.calendar.kept.axis.span().unwrap();
    let found = bench.calendar.index.occurrences(span, true);
    found.iter().filter(|occurs| occurs.meeting).map(|occurs| occurs.window.id.to_string()).collect()
}

#[test]
fn a_meeting_stands_on_every_view_and_clashes_with_nothing() {
    // Keys to the view, and what one reads there; the cursor begins on what matters most, not on a meeting.
    for (name, large, keys, want) in [
        ("week", false, vec![], "◇14 Paymen…"),
        ("week, its sign named", false, vec![], "◇ meeting"),
        ("agenda, its sign named", false, vec![Action::CycleView; 3], "◇ meeting"),
        ("week, large", true, vec![], "◇ 14:00 Payments CAB"),
        ("timeline", true, vec![Action::CycleView, Action::Today], "Payments CAB 14:00"),
        ("month, large", true, vec![Action::CycleView; 2], "◇ 14:00 Payments CAB"),
    ] {
        let bench = Bench::new(planned());
        let mut bench = if large { bench.large() } else { bench };
        bench.act(&keys);
        let text = bench.text();
        assert!(text.contains(want), "{name}\n{text}");
        assert!(!matches!(bench.calendar.cursor, Some(Aim::Meeting(_))), "{name}");
        let counts = |bench: &mut Bench| bench.text().lines().next().unwrap_or_default().to_owned();
        let mut without = Bench::story();
        without.size = bench.size;
        without.act(&keys);
        assert_eq!(counts(&mut bench), counts(&mut without), "{name}: the counts are those of activities");
    }
}

#[test]
fn holidays_are_skipped_and_the_record_knows_better_than_the_plan() {
    let mut bench = Bench::new(planned());
    bench.act(&[Action::CycleView, Action::CycleView]);
    assert_eq!(ids(&bench), ["cab-2026-11-03", "cab-2026-11-10", "cab-2026-11-17", "cab-2026-11-24"]);
    bench.act(&[Action::NextPeriod]);
    assert_eq!(ids(&bench).first().map(String::as_str), Some("cab-2026-12-08"), "the first is a holiday");

    let mut moved = planned();
    let mut meeting = (*moved.meetings[0]).clone();
    meeting.start = fixture::at(2, "09:30");
    meeting.end = None;
    moved.meetings = vec![Arc::new(meeting)].into();
    let mut bench = Bench::new(moved).large();
    let text = bench.text();
    assert!(text.contains("◇ 09:30 ") && !text.contains("◇ 14:00 "), "{text}");
}

#[test]
fn a_meeting_that_a_source_tells_of_too_stands_there_once() {
    let mut told = planned();
    let like = told.windows.values().next().unwrap();
    let mut window = crate::model::Window::clone(like);
    window.id = fixture::id("cal-1");
    window.kind = crate::model::Word::known(crate::model::WindowKind::Meeting);
    (window.start, window.end) =
        (crate::model::Wall::Utc(fixture::at(1, "14:00")), crate::model::Wall::Utc(fixture::at(1, "15:00")));
    (window.rrule, window.exdates, window.rdates) = (None, Vec::new(), Vec::new());
    told.windows.insert(window.id.clone(), Arc::new(window));
    let mut bench = Bench::new(told).large();
    bench.draw();
    assert_eq!(ids(&bench), ["cab-2026-11-24"]);
    assert!(!bench.text().contains("cal-1"), "{}", bench.text());
}

#[test]
fn enter_goes_to_the_meeting() {
    for (name, keys) in [
        ("week", vec![Action::First]),
        ("timeline", vec![Action::CycleView, Action::Today]),
        ("agenda", vec![Action::CycleView; 3]),
    ] {
        let mut bench = Bench::new(planned()).large();
        bench.act(&keys);
        bench.calendar.cursor = Some(Aim::Meeting(fixture::id("cab-2026-11-24")));
        bench.calendar.settled.clone_from(&bench.calendar.cursor);
        let text = bench.text();
        let on = bench.calendar.cursor.clone();
        assert!(name != "agenda" || text.contains("14:00–14:45   ◇  Payments CAB"), "{text}");
        assert_eq!(
            on,
            Some(Aim::Meeting(fixture::id("cab-2026-11-24"))),
            "{name}: it can be reached\n{text}"
        );
        assert!(text.contains("Enter goes to the meeting"), "{name}\n{text}");
        assert_eq!(bench.act(&[Action::Enter]), Did::Meeting(fixture::id("cab-2026-11-24")), "{name}");
    }
    // A day that has nothing but a meeting leads to it.
    let mut alone = planned();
    alone.activities.clear();
    let mut bench = Bench::new(alone);
    bench.act(&[Action::CycleView, Action::CycleView]);
    assert_eq!(bench.act(&[Action::Enter]), Did::Meeting(fixture::id("cab-2026-11-24")));
}
