//! Several events of one UID: which is a version of which, which replaces an occurrence, and what nothing puts in an
//! order.

use super::*;

#[test]
fn events_of_one_uid() {
    let at = |uid: &str, more: &str, day: u32, name: &str| {
        event(&format!("UID:{uid}\n{more}DTSTART:202606{day:02}T200000Z\nDURATION:PT1H\nSUMMARY:{name}"))
    };
    let both = read_all(&[at("u", "", 10, "a"), at("u", "", 17, "b")].join("\n"));
    assert_eq!(laid_out(&both), ["0610T2000-0610T2100 a", "0617T2000-0617T2100 b"]);
    assert!(both.faults[0].message.starts_with("2 events carry the UID u"), "{:?}", both.faults);
    let ids: Vec<&str> = both.windows.iter().map(|window| window.id.as_str()).collect();
    assert_eq!(ids, ["u", "u#20260617T200000Z"]);
    let newer = read_all(&[at("u", "SEQUENCE:1\n", 17, "new"), at("u", "", 10, "old")].join("\n"));
    assert_eq!(laid_out(&newer), ["0617T2000-0617T2100 new"], "a higher SEQUENCE replaces");
    let twice = read_all(&[at("u", "", 10, "a"), at("u", "", 10, "b")].join("\n"));
    assert_eq!(laid_out(&twice), ["0610T2000-0610T2100 b"], "the same times are one event");
    assert_eq!(twice.faults, []);
}

#[test]
fn stale_and_lonely_overrides() {
    let master = "UID:u\nSEQUENCE:2\nDTSTART:20260602T200000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260603T200000Z\nSUMMARY:a";
    let change = |sequence: u32| {
        event(&format!(
            "UID:u\nSEQUENCE:{sequence}\nRECURRENCE-ID:20260603T200000Z\nDTSTART:20260603T100000Z\nDURATION:PT1H\nSUMMARY:b"
        ))
    };
    let stale = read_all(&[event(master), change(1)].join("\n"));
    assert_eq!(laid_out(&stale), ["0602T2000-0602T2100 a", "0604T2000-0604T2100 a"]);
    assert!(stale.faults[0].message.contains("older than its series"), "{:?}", stale.faults);
    let fresh = read_all(&[event(master), change(2)].join("\n"));
    assert_eq!(laid_out(&fresh).len(), 3);
    let lonely = read_all(&event(
        "UID:u\nRECURRENCE-ID:20260603T200000Z\nDTSTART:20260603T100000Z\nDURATION:PT1H\nRDATE:20260605T100000Z\nSUMMARY:b",
    ));
    assert_eq!(laid_out(&lonely), ["0603T1000-0603T1100 b", "0605T1000-0605T1100 b"]);
    let onwards = read_all(&event(
        "UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260603T200000Z\nDTSTART:20260603T100000Z\nDURATION:PT1H\nSUMMARY:b",
    ));
    assert_eq!(laid_out(&onwards), ["0603T1000-0603T1100 b"]);
    assert!(onwards.windows[0].not_understood.is_some() && onwards.faults.len() == 1, "{:?}", onwards.faults);
    let adding = read_all(&[
        event("UID:u\nDTSTART:20260602T200000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260603T200000Z\nDTSTART:20260603T210000Z\nDURATION:PT1H\nRDATE:20260620T080000Z\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(
        laid_out(&adding),
        ["0602T2000-0602T2100 a", "0603T2100-0603T2200 b", "0604T2100-0604T2200 b", "0620T0800-0620T0900 b"]
    );
    let days = read_all(&[
        event("UID:u\nDTSTART;VALUE=DATE:20260602\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;TZID=America/New_York:20260609T000000\nDTSTART;VALUE=DATE:20260611\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(laid_out(&days), ["0601T2200-0602T2200 a", "0610T2200-0611T2200 b", "0615T2200-0616T2200 a"]);
    let floating = read_all(&[
        event("UID:u\nDTSTART;TZID=America/New_York:20260602T200000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID:20260603T200000\nDTSTART:20260605T100000Z\nDURATION:PT1H\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(laid_out(&floating), ["0603T0000-0603T0100 a", "0605T1000-0605T1100 b"]);
    let once = read_all(&[
        event("UID:u\nDTSTART:20260602T200000Z\nDURATION:PT1H\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260602T200000Z\nDTSTART:20260603T200000Z\nDURATION:PT1H\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(laid_out(&once), ["0603T2000-0603T2100 b"], "what happens once and is moved stays");
    let odd = read_all(&[
        event("UID:u\nDTSTART:20260602T200000Z\nDURATION:PT1H\nRRULE:FREQ=NEVER\nSUMMARY:a"),
        event("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260604T200000Z\nDTSTART:20260604T210000Z\nDURATION:PT1H\nSUMMARY:b"),
    ].join("\n"));
    assert_eq!(laid_out(&odd), ["0602T2000-0602T2100 a", "0604T2100-0604T2200 b"]);
    assert!(odd.windows.iter().all(|window| window.not_understood.is_some()));
}

/// Two changes of one occurrence that nothing puts in an order, and changes with rules of their own.
#[test]
fn rival_changes_and_rules_of_a_change() {
    let master = event("UID:u\nDTSTART:20260602T200000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:a");
    let change = |range: &str, hour: u32, more: &str, name: &str| {
        event(&format!(
            "UID:u\nRECURRENCE-ID{range}:20260604T200000Z\nDTSTART:20260604T{hour}0000Z\nDURATION:PT1H\n{more}SUMMARY:{name}"
        ))
    };
    let later = ";RANGE=THISANDFUTURE";
    let (odd, weekly) = ("RRULE:FREQ=DAILY;UNTIL=NaN\n", "RRULE:FREQ=WEEKLY;COUNT=2\n");
    let (b, c) = (change("", 10, "", "b"), change("", 12, "", "c"));
    let (all_b, all_c) = (change(later, 10, "", "b"), change(later, 12, "", "c"));
    let (odd, weekly) = (change(later, 10, odd, "b"), change(later, 10, weekly, "b"));
    let point = event("UID:u\nDTSTART:20260611T200000Z\nSUMMARY:a");
    let moved = event(
        "UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260611T200000Z\nDTSTART:20260610T210000Z\nSUMMARY:b",
    );
    let first = ["0602T2000-0602T2100 a", "0603T2000-0603T2100 a"];
    let last = ["0605T2000-0605T2100 a"];
    let (at_b, at_c) = ("0604T1000-0604T1100 b", "0604T1200-0604T1300 c");
    let cases = [
        (
            "nothing tells which",
            vec![&master, &b, &c],
            [&first[..], &[at_b, at_c], &last].concat(),
            "none says that it replaces",
            false,
        ),
        ("without a series", vec![&b, &c], vec![at_b, at_c], "none says that it replaces", false),
        ("the same times", vec![&b, &b], vec![at_b], "", false),
        ("an odd rule without a series", vec![&odd, &all_b], vec![at_b, at_b], "rule not understood", true),
        (
            "an odd rule of a change",
            vec![&master, &odd],
            [&first[..], &[at_b]].concat(),
            "rule not understood",
            true,
        ),
        (
            "a rule of a change",
            vec![&master, &weekly],
            [&first[..], &[at_b, "0611T1000-0611T1100 b"]].concat(),
            "",
            false,
        ),
        (
            "both ranges",
            vec![&master, &all_b, &c],
            [&first[..], &[at_c, "0605T1000-0605T1100 b"]].concat(),
            "",
            false,
        ),
        (
            "rivals of all that is later",
            vec![&master, &all_b, &all_c],
            [&first[..], &[at_b, at_c, "0605T1200-0605T1300 c"]].concat(),
            "none says that it replaces",
            true,
        ),
        ("a point that is moved", vec![&point, &moved], vec!["0610T2100-0610T2101 b"], "", false),
    ];
    for (name, events, want, said, marked) in cases {
        let events: Vec<&str> = events.into_iter().map(String::as_str).collect();
        let read = read_all(&events.join("\n"));
        assert_eq!(laid_out(&read), want, "{name}");
        let faults: Vec<&str> = read.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(faults.is_empty(), said.is_empty(), "{name}: {faults:?}");
        assert!(said.is_empty() || faults.iter().any(|fault| fault.contains(said)), "{name}: {faults:?}");
        assert_eq!(read.windows.iter().any(|window| window.not_understood.is_some()), marked, "{name}");
        let mut ids: Vec<&str> = read.windows.iter().map(|window| window.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), read.windows.len(), "{name}: every window has its id");
    }
}
