//! Feeds as a careless program could write them: whatever stands in one, the reader goes on, and no event is lost
//! without a word.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn nothing_in_a_feed_can_break_the_reader(lines in proptest::collection::vec(prop_oneof![
        Just("BEGIN:VEVENT".to_owned()), Just("END:VEVENT".to_owned()), Just("BEGIN:VCALENDAR".to_owned()), Just("END:VCALENDAR".to_owned()),
        Just("BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:20200101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0000\nRRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE".to_owned()),
        "UID:[ab]", "(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)(;TZID=x|;VALUE=DATE|;RANGE=THISANDFUTURE)?:(00000101|99991231|20260[0-9]0[0-9])(T[0-9]{6}Z?)?",
        "RRULE:FREQ=(DAILY|WEEKLY|YEARLY)(;COUNT=[0-9]{1,9})?(;BYDAY=(MO|2TU))?(;UNTIL=2026090[0-9])?", "DURATION:P[0-9]{0,9}[DW]", "\\PC{0,20}", " \\PC{0,5}",
    ], 0..40)) {
        let text = format!("BEGIN:VCALENDAR\nX:y\n{}\n", lines.join("\n"));
        let read = read(text.as_bytes(), &options()).unwrap();
        for window in &read.windows {
            let _ = calendar::Recurring::new(window, Zone::UTC).and_then(|recurring| recurring.expand(year()));
        }
    }
}

prop_compose! {
    /// An event with odd parts of every kind that is read: what a careless program could write.
    fn an_odd_event()(
        uid in "[a-c]", day in 1u32..28, zone in prop::sample::select(vec!["", ";TZID=Europe/Madrid", ";TZID=Odd", ";TZID=\"(UTC-05:00) Gondor\"", ";TZID=Mars/Base"]),
        all_day in any::<bool>(),
        end in prop::sample::select(vec!["DURATION:PT2H", "DTEND:20260101T000000Z", "DURATION:x", "", "DTEND;VALUE=DATE:20261231"]),
        rules in proptest::collection::vec(prop::sample::select(vec![
            "RRULE:", "RRULE:FREQ=DAILY;COUNT=-1", "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;BYDAY=", "RRULE:FREQ=DAILY;UNTIL=NaN", "RRULE:RSCALE=HEBREW;FREQ=YEARLY",
            "RRULE:D1 #4", "RRULE:MP1 #4", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=YEARLY;X-A=b", "RRULE:FREQ=DAILY;UNTIL=20200101",
            "RDATE:20260305T100000Z", "RDATE:never", "EXDATE:20260305T100000", "EXDATE;VALUE=DATE:20260305", "EXDATE:never", "EXRULE:FREQ=DAILY",
        ]), 0..4),
        more in prop::sample::select(vec!["", "RECURRENCE-ID:20260310T100000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260310T100000Z", "RECURRENCE-ID;VALUE=DATE:20260310", "SEQUENCE:2"]),
    ) -> (String, String) {
        let start = if all_day { format!("DTSTART;VALUE=DATE:202603{day:02}") } else { format!("DTSTART{zone}:202603{day:02}T100000") };
        let lines = [format!("UID:{uid}"), start, end.to_owned(), rules.join("\n"), more.to_owned(), "SUMMARY:odd".to_owned()];
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        (uid, event(&lines.join("\n")))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_event_goes_without_an_occurrence_or_a_word(events in proptest::collection::vec(an_odd_event(), 1..4)) {
        let odd = zone_of("Odd", &[("STANDARD", "19700101T000000", "+0117", "+0117", "")]);
        let body: Vec<&str> = events.iter().map(|(_, event)| event.as_str()).collect();
        let read = read_all(&format!("{odd}\n{}", body.join("\n")));
        let ever = Span::new("2020-01-01T00:00:00Z".parse().unwrap(), "2028-01-01T00:00:00Z".parse().unwrap()).unwrap();
        for (uid, event) in &events {
            let of = |id: &str| id == uid || id.starts_with(&format!("{uid}#"));
            let occurs = read.windows.iter().filter(|window| of(window.id.as_str())).any(|window| {
                calendar::Recurring::new(window, Zone::UTC).is_ok_and(|recurring| !recurring.shown(ever).is_empty())
            });
            let said = read.faults.iter().any(|fault| fault.record.as_ref().is_some_and(|id| of(id.as_str())));
            prop_assert!(occurs || said, "{event}: nothing of it is left, and nothing is said");
            // What a higher SEQUENCE replaces is no longer told.
            let replaced = !event.contains("SEQUENCE") && !event.contains("RECURRENCE-ID")
                && events.iter().any(|(other, newer)| other == uid && newer.contains("SEQUENCE"));
            if !replaced && (event.contains("COUNT=-1") || event.contains("UNTIL=NaN") || event.contains("RSCALE=HEBREW")) {
                prop_assert!(said, "{event}: a rule that is not understood is said");
            }
        }
    }
}
