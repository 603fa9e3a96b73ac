//! Feeds in a few lines each, read and laid out over the year 2026.

mod family;
mod property;

use proptest::prelude::*;

use super::*;
use crate::calendar::{self, expand};
use crate::model::{Span, Wall};

fn options() -> IcsOptions {
    IcsOptions {
        source: SourceId::new("feed"),
        zone: Zone::named("Europe/Madrid").unwrap(),
        zone_by_feed: false,
        kind: None,
        hard: true,
        scope: Scope::default(),
    }
}

fn feed(body: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{}\r\nEND:VCALENDAR\r\n",
        body.replace('\n', "\r\n")
    )
}

fn event(body: &str) -> String {
    format!("BEGIN:VEVENT\n{body}\nEND:VEVENT")
}

fn read_all(body: &str) -> IcsRead {
    read(feed(body).as_bytes(), &options()).unwrap()
}

fn year() -> Span {
    Span::new("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap()).unwrap()
}

/// Every occurrence of every window in 2026, in UTC, sorted: `0328T2100-0329T0100 name`.
fn laid_out(read: &IcsRead) -> Vec<String> {
    let mut all = Vec::new();
    for window in &read.windows {
        for found in expand(window, Zone::UTC, year()).unwrap() {
            let clock = |at: Instant| at.to_utc().format("%m%dT%H%M").to_string();
            all.push(format!("{}-{} {}", clock(found.span.start()), clock(found.span.end()), window.name));
        }
    }
    all.sort();
    all
}

#[test]
fn a_weekly_window_with_an_exception_a_moved_night_and_a_freeze() {
    let read = read_all(&[
        event("UID:nightly@example.org\nDTSTAMP:20260220T090000Z\nDTSTART;TZID=Europe/Madrid:20260307T220000\nDTEND;TZID=Europe/Madrid:20260308T020000\nRRULE:FREQ=WEEKLY;BYDAY=SA;UNTIL=20260411T215959Z\nEXDATE;TZID=Europe/Madrid:20260404T220000\nSUMMARY:Nightly\nCATEGORIES:MAINTENANCE"),
        event("UID:nightly@example.org\nRECURRENCE-ID;TZID=Europe/Madrid:20260314T220000\nDTSTAMP:20260301T090000Z\nSEQUENCE:1\nDTSTART;TZID=Europe/Madrid:20260315T000000\nDTEND;TZID=Europe/Madrid:20260315T030000\nSUMMARY:Nightly (moved)"),
        event("UID:quarter@example.org\nDTSTART;VALUE=DATE:20260327\nDTEND;VALUE=DATE:20260402\nSUMMARY:Quarter end\nCATEGORIES:FREEZE,svc:billing\nTRANSP:OPAQUE"),
    ].join("\n"));
    assert_eq!(read.faults, []);
    let want = [
        "0307T2100-0308T0100 Nightly",
        "0314T2300-0315T0200 Nightly (moved)",
        "0321T2100-0322T0100 Nightly",
        "0326T2300-0401T2200 Quarter end",
        "0328T2100-0329T0100 Nightly",
        "0411T2000-0412T0000 Nightly",
    ];
    assert_eq!(laid_out(&read), want);
    let ids: Vec<&str> = read.windows.iter().map(|window| window.id.as_str()).collect();
    assert_eq!(ids, ["nightly@example.org", "nightly@example.org#20260314T210000Z", "quarter@example.org"]);
    assert!(
        read.windows.iter().take(2).all(|window| window.kind.value == WindowKind::Maintenance),
        "the kind of its series"
    );
    let freeze = &read.windows[2];
    assert_eq!((freeze.kind.value, freeze.hard), (WindowKind::Freeze, true));
    assert_eq!(freeze.scope.services, [Line::new("billing")]);
    assert_eq!((freeze.start, freeze.end), ("2026-03-27".parse().unwrap(), "2026-04-01".parse().unwrap()));
}

#[test]
fn times_of_every_form() {
    let cases = [
        ("utc", "DTSTART:20260306T220000Z\nDTEND:20260306T230000Z", "0306T2200-0306T2300"),
        (
            "a zone",
            "DTSTART;TZID=America/New_York:20260306T220000\nDTEND;TZID=America/New_York:20260306T230000",
            "0307T0300-0307T0400",
        ),
        ("floating", "DTSTART:20260306T220000\nDTEND:20260306T230000", "0306T2100-0306T2200"),
        (
            "two zones",
            "DTSTART;TZID=Europe/Madrid:20260306T220000\nDTEND;TZID=Europe/London:20260306T220000",
            "0306T2100-0306T2200",
        ),
        ("a length", "DTSTART:20260306T220000Z\nDURATION:PT1H30M", "0306T2200-0306T2330"),
        ("a day", "DTSTART;VALUE=DATE:20260306", "0305T2300-0306T2300"),
        ("a day without VALUE", "DTSTART:20260306", "0305T2300-0306T2300"),
        (
            "a day that ends on itself",
            "DTSTART;VALUE=DATE:20260306\nDTEND;VALUE=DATE:20260306",
            "0305T2300-0306T2300",
        ),
        ("two days by length", "DTSTART;VALUE=DATE:20260306\nDURATION:P2D", "0305T2300-0307T2300"),
        ("a point", "DTSTART:20260306T220000Z", "0306T2200-0306T2201"),
        (
            "a Windows zone",
            "DTSTART;TZID=\"Eastern Standard Time\":20260306T220000\nDURATION:PT1H",
            "0307T0300-0307T0400",
        ),
        (
            "lower case, folded",
            "dtstart;tz\n id=Europe/Madrid:2026\n 0306T220000\nduration:pt1h",
            "0306T2100-0306T2200",
        ),
        (
            "rdates",
            "DTSTART:20260306T220000Z\nDURATION:PT1H\nRDATE:20260308T220000Z,20260306T220000Z",
            "0306T2200-0306T2300 0308T2200-0308T2300",
        ),
        (
            "a period of its own length",
            "DTSTART:20260306T220000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260308T220000Z/PT2H",
            "0306T2200-0306T2300 0308T2200-0309T0000",
        ),
        (
            "an exdate in UTC",
            "DTSTART;TZID=Europe/Madrid:20260306T220000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260306T210000Z",
            "0307T2100-0307T2200",
        ),
        (
            "an exdate as a day",
            "DTSTART;TZID=Europe/Madrid:20260306T220000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20260306",
            "0307T2100-0307T2200",
        ),
        (
            "an exdate as a time, of days",
            "DTSTART;VALUE=DATE:20260306\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260305T230000Z",
            "0306T2300-0307T2300",
        ),
        (
            "a rule in UTC keeps to UTC",
            "DTSTART:20260328T220000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2",
            "0328T2200-0328T2300 0329T2200-0329T2300",
        ),
        (
            "two rules",
            "DTSTART:20260306T220000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1\nRRULE:FREQ=MONTHLY;COUNT=2",
            "0306T2200-0306T2300 0406T2200-0406T2300",
        ),
    ];
    for (name, body, want) in cases {
        let read = read_all(&event(&format!("UID:u\n{body}")));
        assert_eq!(read.faults, [], "{name}");
        assert_eq!(laid_out(&read).join("").trim_end(), want, "{name}");
    }
}

#[test]
fn overrides() {
    let base = "DTSTART;TZID=Europe/Madrid:20260602T200000\nDURATION:PT1H\nSUMMARY:a\nRRULE:";
    let cases = [
        (
            "cancelled once",
            "FREQ=DAILY;COUNT=3",
            "RECURRENCE-ID;TZID=Europe/Madrid:20260603T200000\nDTSTART;TZID=Europe/Madrid:20260603T200000\nSTATUS:CANCELLED",
            "0602T18 0604T18",
        ),
        (
            "named in UTC",
            "FREQ=DAILY;COUNT=2",
            "RECURRENCE-ID:20260603T180000Z\nDTSTART:20260603T060000Z\nDURATION:PT1H\nSUMMARY:b",
            "0602T18 0603T06b",
        ),
        (
            "this and later, an hour on",
            "FREQ=DAILY;COUNT=4",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260604T180000Z\nDTSTART;TZID=Europe/Madrid:20260604T210000\nDURATION:PT1H\nSUMMARY:b",
            "0602T18 0603T18 0604T19b 0605T19b",
        ),
        (
            "this and later, with an end by date",
            "FREQ=DAILY;UNTIL=20260604",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260604T180000Z\nDTSTART;TZID=Europe/Madrid:20260604T210000\nDURATION:PT1H\nSUMMARY:b",
            "0602T18 0603T18 0604T19b",
        ),
        (
            "this and later, two days on",
            "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260609T180000Z\nDTSTART;TZID=Europe/Madrid:20260611T200000\nDURATION:PT1H\nSUMMARY:b",
            "0602T18 0611T18b 0618T18b",
        ),
        (
            "this and later, cancelled",
            "FREQ=DAILY;COUNT=4",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260604T180000Z\nDTSTART:20260604T180000Z\nSTATUS:CANCELLED",
            "0602T18 0603T18",
        ),
        (
            "this and later, with a rule of its own",
            "FREQ=DAILY",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260604T180000Z\nDTSTART;TZID=Europe/Madrid:20260604T210000\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=2\nSUMMARY:b",
            "0602T18 0603T18 0604T19b 0606T19b",
        ),
    ];
    for (name, rule, change, want) in cases {
        let read = read_all(
            &[event(&format!("UID:u\n{base}{rule}")), event(&format!("UID:u\n{change}"))].join("\n"),
        );
        assert_eq!(read.faults, [], "{name}");
        let short: Vec<String> = laid_out(&read)
            .iter()
            .map(|line| format!("{}{}", &line[..7], line[20..].trim_start_matches('a')))
            .collect();
        assert_eq!(short.join(" "), want, "{name}");
    }
}

#[test]
fn an_override_after_a_change_of_all_later_ones() {
    let read = read_all(&[
        event("UID:u\nDTSTART:20260602T200000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260603T200000Z\nDTSTART:20260603T210000Z\nDURATION:PT1H\nSUMMARY:b"),
        event("UID:u\nRECURRENCE-ID:20260604T200000Z\nDTSTART:20260604T100000Z\nDURATION:PT1H\nSUMMARY:c"),
    ].join("\n"));
    assert_eq!(
        laid_out(&read),
        ["0602T2000-0602T2100 a", "0603T2100-0603T2200 b", "0604T1000-0604T1100 c", "0605T2100-0605T2200 b"]
    );
}

#[test]
fn the_newest_version_counts_and_orphans_stay() {
    let read = read_all(&[
        event("UID:u\nSEQUENCE:2\nDTSTART:20260602T200000Z\nDURATION:PT1H\nSUMMARY:new"),
        event("UID:u\nSEQUENCE:1\nDTSTART:20260602T200000Z\nDURATION:PT1H\nSUMMARY:old"),
        event("UID:v\nDTSTAMP:20260101T000000Z\nDTSTART:20260603T200000Z\nDURATION:PT1H\nSUMMARY:old"),
        event("UID:v\nDTSTAMP:20260102T000000Z\nDTSTART:20260603T200000Z\nDURATION:PT1H\nSUMMARY:new"),
        event("UID:gone\nDTSTART:20260603T200000Z\nDURATION:PT1H\nSTATUS:CANCELLED"),
        event("UID:orphan\nRECURRENCE-ID:20260604T200000Z\nDTSTART:20260604T200000Z\nDURATION:PT1H\nSUMMARY:alone"),
        event("DTSTART:20260605T200000Z\nDURATION:PT1H\nSUMMARY:nameless"),
    ].join("\n"));
    assert_eq!(read.faults, []);
    assert_eq!(
        laid_out(&read),
        [
            "0602T2000-0602T2100 new",
            "0603T2000-0603T2100 new",
            "0604T2000-0604T2100 alone",
            "0605T2000-0605T2100 nameless",
        ]
    );
    assert!(read.windows.iter().any(|window| window.id.as_str().starts_with("ics-")));
}

#[test]
fn releases_and_release_windows() {
    let read = read_all(&[
        event("UID:r1\nDTSTART:20260602T200000Z\nDTEND:20260602T220000Z\nSUMMARY:Checkout 4.2 go-live\nCATEGORIES:svc:checkout,env:production\nURL:https://example.org/r1"),
        event("UID:train\nDTSTART:20260602T200000Z\nDTEND:20260602T220000Z\nRRULE:FREQ=WEEKLY\nSUMMARY:Release train"),
        event("UID:r2\nDTSTART:20260602T200000Z\nSUMMARY:Release 5\nSTATUS:CANCELLED"),
    ].join("\n"));
    assert_eq!(read.windows.len(), 1);
    assert_eq!(read.windows[0].kind.value, WindowKind::Release);
    let release = &read.releases[0];
    assert_eq!((release.id.as_str(), release.name.as_str()), ("r1", "Checkout 4.2 go-live"));
    assert_eq!(release.phases[0].end, Some("2026-06-02T22:00:00Z".parse().unwrap()));
    assert_eq!(release.phases[0].environment, Some(Line::new("production")));
    assert_eq!(read.releases[1].state.value, crate::model::ReleaseState::Cancelled);
    assert_eq!(read.releases[1].phases[0].end, None);
}

#[test]
fn a_feed_has_a_kind_a_name_and_a_pace() {
    let body = format!(
        "X-WR-CALNAME:Freezes\\, all\nREFRESH-INTERVAL;VALUE=DURATION:PT2H\n{}\n{}\n{}",
        event("UID:a\nDTSTART;VALUE=DATE:20261219\nSUMMARY:Lunch\nTRANSP:TRANSPARENT"),
        event("UID:b\nDTSTART;VALUE=DATE:20261219\nSUMMARY:Soft one"),
        event(
            "UID:c\nDTSTART;VALUE=DATE:20261219\nSUMMARY:Perhaps\nSTATUS:TENTATIVE\nDESCRIPTION:two\\nlines \u{1b}[31mred"
        )
    );
    let mut options = options();
    options.kind = Some(FeedKind::Window(WindowKind::Freeze));
    let read = read(feed(&body).as_bytes(), &options).unwrap();
    assert_eq!((read.name.as_deref(), read.refresh), (Some("Freezes, all"), Some(7200)));
    assert!(read.windows.iter().all(|window| window.kind.value == WindowKind::Freeze));
    assert_eq!(read.windows.iter().map(|window| window.hard).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(read.windows[2].extra["description"], "two\nlines red");
    assert_eq!(read.windows[2].extra["status"], "tentative");
    options.hard = false;
    let soft = super::read(feed(&body).as_bytes(), &options).unwrap();
    assert!(soft.windows.iter().all(|window| !window.hard));
}

#[test]
fn one_bad_event_hides_nothing_else() {
    let good = event("UID:good\nDTSTART:20260602T200000Z\nDURATION:PT1H\nSUMMARY:good");
    let cases = [
        ("no start", event("UID:bad\nSUMMARY:x"), "DTSTART is missing"),
        (
            "a bad start",
            event("UID:bad\nDTSTART:tomorrow"),
            "DTSTART: \"tomorrow\" is no time; write 20261125",
        ),
        (
            "a bad length",
            event("UID:bad\nDTSTART:20260602T200000Z\nDURATION:1H"),
            "DURATION: \"1H\" is no duration",
        ),
        (
            "ends before it starts",
            event("UID:bad\nDTSTART:20260602T200000Z\nDTEND:20260602T190000Z"),
            "DTEND: the event ends before it starts",
        ),
        (
            "a bad exdate",
            event("UID:bad\nDTSTART:20260602T200000Z\nDURATION:PT1H\nEXDATE:never\nSUMMARY:bad"),
            "EXDATE: \"never\" is no time",
        ),
        (
            "an unknown zone",
            event("UID:bad\nDTSTART;TZID=Mars/Base:20260602T200000\nDURATION:PT1H"),
            "TZID \"Mars/Base\" is no zone that is known; its times are read in Europe/Madrid",
        ),
        (
            "an EXRULE",
            event("UID:bad\nDTSTART:20260602T200000Z\nDURATION:PT1H\nEXRULE:FREQ=DAILY"),
            "EXRULE is out of use",
        ),
        (
            "a freeze without an end",
            event("UID:bad\nDTSTART:20260602T200000Z\nCATEGORIES:FREEZE"),
            "it has no DTEND and no DURATION",
        ),
        (
            "a missing END",
            "BEGIN:VEVENT\nUID:bad\nDTSTART:20260602T200000Z\nDURATION:PT1H".to_owned(),
            "END:VEVENT is missing",
        ),
        (
            "a stray line",
            event("UID:bad\njunk\u{1b}[2J\nDTSTART:20260602T200000Z\nDURATION:PT1H"),
            "this line has no name and value",
        ),
    ];
    for (name, bad, want) in cases {
        let read = read_all(&format!("{bad}\n{good}"));
        assert!(laid_out(&read).contains(&"0602T2000-0602T2100 good".to_owned()), "{name}");
        let said: Vec<&str> = read.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert!(said.iter().any(|message| message.starts_with(want)), "{name}: {said:?}");
        assert!(
            read.faults.iter().all(|fault| fault.place == "feed" || fault.place.starts_with("line ")),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_calendar_says_so() {
    assert_eq!(read(b"<!DOCTYPE html><title>Sign in</title>", &options()), Err(IcsError::Page));
    let error = read(b"{\"a\": 1}\x1b[2J", &options()).unwrap_err().to_string();
    assert_eq!(
        error,
        "this is no iCalendar: it does not say BEGIN:VCALENDAR; it begins with \"{\\\"a\\\": 1}\""
    );
    assert!(read(b"", &options()).is_err());
    assert_eq!(read(b"BEGIN:VCALENDAR\nEND:VCALENDAR", &options()).unwrap(), IcsRead::default());
}

#[test]
fn a_change_of_later_ones_without_an_end_is_listed_and_said() {
    let read = read_all(&[
        event("UID:u\nDTSTART;TZID=Europe/Madrid:20260602T200000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=1TU\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Madrid:20260707T200000\nDTSTART;TZID=Europe/Madrid:20260708T200000\nDURATION:PT2H\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(
        laid_out(&read)[..3],
        ["0602T1800-0602T1900 a", "0708T1800-0708T2000 b", "0805T1800-0805T2000 b"]
    );
    assert!(read.faults[0].message.contains("is read up to 2031-07-11 only"), "{}", read.faults[0].message);
    assert!(matches!(read.windows[1].end, Wall::Local(_)));
}

fn written(entries: &[crate::report::CalendarEntry]) -> String {
    crate::report::ics::write(entries, "Change calendar, all", "2026-11-23T13:05:00Z".parse().unwrap())
}

fn occurrences(window: &Window) -> Vec<crate::report::CalendarEntry> {
    let found = expand(window, Zone::UTC, year()).unwrap();
    found.into_iter().map(|occurrence| crate::report::CalendarEntry::of_window(window, occurrence)).collect()
}

#[test]
fn what_is_written_is_read_again() {
    let given = serde_json::json!({
        "id": "bf", "kind": "freeze", "name": "Black Friday; no changes, please: größer 日本 and a name so long that its line is folded",
        "scope": {"services": ["checkout", "pay, ments"], "environments": ["production"], "groups": [], "kinds": []},
        "start": "2026-11-26T18:00", "end": "2026-11-30T07:00", "zone": "Europe/Madrid", "rrule": "FREQ=YEARLY",
    });
    let mut window: Window = serde_json::from_value(given).unwrap();
    for (kind, hard) in [
        (WindowKind::Freeze, true),
        (WindowKind::Freeze, false),
        (WindowKind::Maintenance, true),
        (WindowKind::Release, true),
        (WindowKind::Meeting, true),
        (WindowKind::Sprint, true),
        (WindowKind::Event, true),
    ] {
        (window.kind, window.hard) = (kind.into(), hard);
        let text = written(&occurrences(&window));
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        let read = read(text.as_bytes(), &options()).unwrap();
        assert_eq!((read.faults.len(), read.name.as_deref()), (0, Some("Change calendar, all")));
        let back = &read.windows[0];
        assert_eq!((back.kind.value, back.hard), (kind, hard));
        assert_eq!((&back.name, &back.scope), (&window.name, &window.scope));
        assert_eq!(
            (back.id.as_str(), back.start, back.end),
            (
                "bf#20261126T170000Z",
                "2026-11-26T17:00:00Z".parse().unwrap(),
                "2026-11-30T06:00:00Z".parse().unwrap()
            )
        );
        assert_eq!(expand(back, Zone::UTC, year()).unwrap(), expand(&window, Zone::UTC, year()).unwrap());
    }
}

proptest! {
    #[test]
    fn any_text_survives(name in "\\PC{0,120}", service in "[^:\\p{C}]{1,40}") {
        let mut window: Window = serde_json::from_value(serde_json::json!({"id": "w", "kind": "freeze", "name": "x", "start": "2026-11-26", "end": "2026-11-26"})).unwrap();
        window.name = Line::new(&name);
        window.scope.services = [Line::new(&service)].into_iter().filter(|service| !service.is_empty()).collect();
        let read = read(written(&occurrences(&window)).as_bytes(), &options()).unwrap();
        prop_assert_eq!(&read.windows[0].scope, &window.scope);
        if !window.name.is_empty() {
            prop_assert_eq!(&read.windows[0].name, &window.name);
        }
    }
}

/// What stands in real files, with what is laid out and what is said of it.
#[test]
fn what_real_files_write() {
    let day = "DTSTART;TZID=Europe/Madrid:20260306T220000\nDURATION:PT1H\n";
    let cases = [
        ("COUNT=-1 beside UNTIL", format!("{day}RRULE:FREQ=WEEKLY;UNTIL=20260314;COUNT=-1"), "0306T21 0313T21", "COUNT=-1 is read as no COUNT"),
        ("an empty rule", format!("{day}RRULE:"), "0306T21", "the rule is empty"),
        ("an extension in a rule", format!("{day}RRULE:FREQ=DAILY;X-NTH=1;COUNT=2"), "0306T21 0307T21", "X-NTH=1 is an extension"),
        ("an empty list", format!("{day}RRULE:FREQ=WEEKLY;BYDAY=;COUNT=2"), "0306T21 0313T21", "BYDAY= is empty"),
        ("vCalendar 1.0", format!("{day}RRULE:W1 FR #2"), "0306T21 0313T21", "is read as FREQ=WEEKLY"),
        ("an end that is none", format!("{day}RRULE:FREQ=DAILY;UNTIL=NaNNaNNaNTNaNNaN00Z"), "0306T21", "rule not understood; RRULE: UNTIL=NANNANNAN"),
        ("a calendar we do not keep", format!("{day}RRULE:RSCALE=HEBREW;FREQ=YEARLY"), "0306T21", "rule not understood; RRULE: \"RSCALE=HEBREW\""),
        ("dates the rule leaves out by a rule", format!("{day}RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY"), "0306T21", "EXRULE is out of use"),
        ("one rule of two", format!("{day}RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=NEVER"), "0306T21 0307T21", "rule not understood; RRULE: FREQ=NEVER"),
        ("the same rule twice", format!("{day}RRULE:FREQ=DAILY;COUNT=2\nRRULE:freq=daily;COUNT=2"), "0306T21 0307T21", ""),
        ("the start as a further date", format!("{day}RRULE:FREQ=DAILY;COUNT=2\nRDATE;TZID=Europe/Madrid:20260306T220000"), "0306T21 0307T21", ""),
        ("a start outside its rule", format!("{day}RRULE:FREQ=DAILY;BYDAY=SU;UNTIL=20260316"), "0306T21 0308T21 0315T21", "it does not generate DTSTART"),
        ("the first of its COUNT", format!("{day}RRULE:FREQ=DAILY;BYDAY=SU;COUNT=2"), "0306T21 0308T21", "the first of its COUNT"),
        ("all of its COUNT", format!("{day}RRULE:FREQ=DAILY;BYDAY=SU;COUNT=1"), "0306T21", "the first of its COUNT"),
        ("a rule that ends before it starts", format!("{day}RRULE:FREQ=DAILY;UNTIL=20260301"), "0306T21", "it does not generate DTSTART"),
        ("a floating exdate of a zoned series", "DTSTART;TZID=America/New_York:20260306T220000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260307T220000".to_owned(), "0307T03", ""),
        ("a floating end of a zoned start", "DTSTART;TZID=America/New_York:20260306T220000\nDTEND:20260306T230000".to_owned(), "0307T03", ""),
        ("exdates of vCalendar 1.0", format!("{day}RRULE:D1 #3\nEXDATE:20260306T220000;20260307T220000"), "0308T21", "vCalendar 1.0"),
        ("an exdate of whole days in the zone of their author", "DTSTART;VALUE=DATE:20260306\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=America/New_York:20260307T000000".to_owned(), "0305T23", ""),
        ("an exdate of whole days, an instant of another zone", "DTSTART;VALUE=DATE:20260306\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260307T050000Z".to_owned(), "0305T23", ""),
        ("nothing is left", format!("{day}RRULE:FREQ=DAILY;COUNT=1\nEXDATE;TZID=Europe/Madrid:20260306T220000"), "", "it never occurs"),
        ("an end before its start", "DTSTART:20260306T220000Z\nDTEND:20260306T210000Z".to_owned(), "0306T22", "DTEND: the event ends before it starts"),
        ("a shown name", "DTSTART;TZID=\"(UTC-05:00) Eastern Time (US & Canada)\":20260306T220000\nDURATION:PT1H".to_owned(), "0307T03", ""),
        ("an offset in a name", "DTSTART;TZID=\"(UTC-05:00) Gondor\":20260306T220000\nDURATION:PT1H".to_owned(), "0307T03", "read as UTC-05:00, all the year"),
    ];
    for (name, body, want, said) in cases {
        let read = read_all(&event(&format!("UID:u\n{body}")));
        let starts: Vec<String> = laid_out(&read).iter().map(|line| line[..7].to_owned()).collect();
        assert_eq!(starts.join(" "), want, "{name}");
        let faults: Vec<&str> = read.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(faults.is_empty(), said.is_empty(), "{name}: {faults:?}");
        assert!(said.is_empty() || faults.iter().any(|fault| fault.contains(said)), "{name}: {faults:?}");
        let doubt = ["rule not understood", "EXRULE", "ends before"].iter().any(|mark| said.contains(mark));
        let marked = read.windows.iter().any(|window| window.not_understood.is_some());
        assert_eq!(marked, doubt, "{name}: what is not understood is marked");
    }
}

/// A part of a zone: standard or daylight, from when on, the offsets from and to, and what else it says.
pub(super) type ZonePart<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// As Lotus Notes writes Central Europe: its clocks change an hour before the real ones.
pub(super) const NOTES: [ZonePart<'_>; 2] = [
    (
        "STANDARD",
        "19501029T020000",
        "+0200",
        "+0100",
        "RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=10\n",
    ),
    (
        "DAYLIGHT",
        "19500326T020000",
        "+0100",
        "+0200",
        "RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=3\n",
    ),
];

/// A zone as calendars carry it.
pub(super) fn zone_of(id: &str, parts: &[ZonePart<'_>]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(name, start, from, to, more)| {
            format!("BEGIN:{name}\nDTSTART:{start}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\n{more}END:{name}")
        })
        .collect();
    format!("BEGIN:VTIMEZONE\nTZID:{id}\n{}\nEND:VTIMEZONE", parts.join("\n"))
}

#[test]
fn a_zone_is_what_the_file_says() {
    let notes = zone_of("Western/Central Europe", &NOTES);
    let tz = "TZID=\"Western/Central Europe\"";
    let once = format!(
        "{notes}\n{}",
        event(&format!("UID:a\nDTSTART;{tz}:20261025T023000\nDTEND;{tz}:20261025T033000\nSUMMARY:a"))
    );
    assert_eq!(laid_out(&read_all(&once)), ["1025T0130-1025T0230 a"], "an hour before the usual change");
    let series = format!(
        "{notes}\n{}",
        event(&format!(
            "UID:a\nDTSTART;{tz}:20261024T023000\nDTEND;{tz}:20261024T033000\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:a"
        ))
    );
    let read = read_all(&series);
    assert_eq!(laid_out(&read), ["1024T0030-1024T0130 a", "1025T0130-1025T0230 a", "1026T0130-1026T0230 a"]);
    assert_eq!(read.faults, []);
    let office = |offset: &str| zone_of("Office", &[("STANDARD", "19700101T000000", offset, offset, "")]);
    let two = format!(
        "{}\n{}\nEND:VCALENDAR\nBEGIN:VCALENDAR\n{}\n{}",
        office("+0900"),
        event("UID:a\nDTSTART;TZID=Office:20260306T220000\nDURATION:PT1H\nSUMMARY:a"),
        office("-0500"),
        event("UID:b\nDTSTART;TZID=Office:20260306T220000\nDURATION:PT1H\nSUMMARY:b"),
    );
    assert_eq!(
        laid_out(&read_all(&two)),
        ["0306T1300-0306T1400 a", "0307T0300-0307T0400 b"],
        "each calendar has its own"
    );
    let odd = zone_of("Odd", &[("STANDARD", "19700101T000000", "+0117", "+0117", "")]);
    let odd = format!(
        "{odd}\n{}",
        event("UID:a\nDTSTART;TZID=Odd:20260306T011700\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:a")
    );
    assert_eq!(laid_out(&read_all(&odd)), ["0306T0000-0306T0100 a", "0307T0000-0307T0100 a"]);
}

#[test]
fn a_calendar_names_its_own_zone() {
    let body = format!(
        "X-WR-TIMEZONE:America/New_York\n{}",
        event("UID:a\nDTSTART:20260306T220000\nDURATION:PT1H\nSUMMARY:a")
    );
    let by_feed = IcsOptions { zone_by_feed: true, ..options() };
    let found = read(feed(&body).as_bytes(), &by_feed).unwrap();
    assert_eq!(laid_out(&found), ["0307T0300-0307T0400 a"], "where nobody has chosen one");
    assert_eq!(laid_out(&read_all(&body)), ["0306T2100-0306T2200 a"], "a chosen one goes first");
}
