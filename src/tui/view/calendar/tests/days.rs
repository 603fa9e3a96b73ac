//! Days that are not like others: 25 and 23 hours, two hundred at once, a change on a thousand services.

use super::*;

#[test]
fn a_day_of_25_hours() {
    let rows = [("CHG0040021", "2026-10-25T00:30:00Z", 60), ("CHG0040022", "2026-10-25T10:00:00Z", 60)];
    let mut bench = Bench::new(with_rows(&rows));
    bench.now = "2026-10-24T10:00:00Z".parse().unwrap();
    bench.size = (120, 20);
    bench.select("CHG0040021");
    assert!(bench.text().contains("Sun 25 Δ"), "{}", bench.text());
    bench.act(&[Action::CycleView, Action::ZoomIn]);
    let text = bench.text();
    assert!(text.contains("Sun 25 Oct · 25 h Δ-1h"), "{text}");
    assert!(bench.row("payments").contains("▸╍╍╍╍○0021 Nightly batch"), "60 minutes are four cells\n{text}");
    assert!(text.contains("02:30 CEST–02:30 CET"), "{text}");
    insta::assert_snapshot!("day_25_hours", text);
}

#[test]
fn a_day_of_23_hours() {
    let rows = [("CHG0040031", "2026-03-29T00:30:00Z", 60), ("CHG0040032", "2026-03-29T20:00:00Z", 120)];
    let mut bench = Bench::new(with_rows(&rows));
    bench.now = "2026-03-28T10:00:00Z".parse().unwrap();
    bench.size = (120, 20);
    bench.select("CHG0040031");
    bench.act(&[Action::CycleView, Action::ZoomIn]);
    let text = bench.text();
    assert!(text.contains("Sun 29 Mar · 23 h Δ+1h"), "{text}");
    assert!(bench.row("payments").contains("╍╍╍╍○0031"), "{text}");
    insta::assert_snapshot!("day_23_hours", text);
}

#[test]
fn two_hundred_at_once_are_counted_and_the_count_opens() {
    let mut bench = Bench::story();
    bench.select("CHG0030101");
    bench.act(&[Action::CycleView]);
    let patching = bench.row("patchi");
    assert!(patching.contains("143") || bench.row(" 143").contains("143"), "{patching}");
    let hidden = bench
        .calendar
        .drawn
        .hidden
        .iter()
        .find(|(lane, _)| lane.as_ref().is_some_and(|lane| *lane == "patching"));
    let hidden = hidden.unwrap().1.len();
    bench.calendar.cursor = bench
        .calendar
        .drawn
        .spots
        .iter()
        .map(|spot| spot.target.clone())
        .find(|aim| matches!(aim, Aim::Load { lane: Some(lane), start, .. } if *lane == "patching" && *start == fixture::at(2, "22:30")));
    let Some(Aim::Load { start, end, .. }) = bench.calendar.cursor.clone() else {
        panic!("no load cell at 22:30")
    };
    assert_eq!(bench.act(&[Action::Enter]), Did::Moved);
    let listing = bench.calendar.listing.as_ref().unwrap();
    let touching = |id: &Id| {
        let span = bench.snapshot.activities[id].when.span().unwrap();
        span.start() < end && start < span.end()
    };
    assert!(!listing.ids.is_empty() && listing.ids.len() <= hidden);
    assert!(listing.ids.iter().all(touching), "exactly those that touch the cell");
    let mut unique = listing.ids.clone();
    unique.dedup();
    assert_eq!(unique.len(), listing.ids.len());
    insta::assert_snapshot!("load_cell_listed", bench.text());
    assert_eq!(bench.act(&[Action::Back]), Did::Moved);
    assert!(bench.calendar.listing.is_none());
    assert!(matches!(bench.calendar.cursor, Some(Aim::Load { .. })), "the cursor is back on the cell");
    assert_eq!(bench.act(&[Action::Back]), Did::Nothing);
}

#[test]
fn a_change_on_a_thousand_services_is_drawn_once() {
    let mut story = fixture::story();
    let mut row = ActivityRow::clone(&story.activities[&fixture::id("CHG0030042")]);
    row.service_ids = (0..1_007).map(|n| fixture::id(&format!("srv-{n:04}"))).collect();
    row.services = row.service_ids.iter().map(|id| Line::new(id.as_str())).collect();
    story.activities.insert(row.id.clone(), Arc::new(row));
    let mut bench = Bench::new(story).large();
    bench.select("CHG0030042");
    bench.act(&[Action::CycleView, Action::Group]);
    let text = bench.text();
    let spots = bench.calendar.drawn.spots.iter();
    let drawn = spots.filter(|spot| spot.target == Aim::Item(fixture::id("CHG0030042"))).count();
    assert_eq!(drawn, 1, "{text}");
    assert!(text.contains("lanes: service"), "{text}");
    assert!(text.contains("┈↳CHG0030042"), "{text}");
    assert!(text.contains("lb-01, sw-core") || text.contains("srv-0000, srv-0001, srv-0002 +1004"), "{text}");
}
