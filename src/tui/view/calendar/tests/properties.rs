//! What holds for every board: no two items share a cell, ids are whole, and what is not drawn is counted.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const CLASSES: [&str; 4] = ["lb-01", "checkout", "pay-db", "hosts"];

/// Activities of the week: id number, start in quarter hours, quarter hours long, service, undecided.
fn boards() -> impl Strategy<Value = Vec<(u32, i64, i64, usize, bool)>> {
    prop::collection::vec((0u32..9_000, 0i64..670, 1i64..120, 0usize..CLASSES.len(), any::<bool>()), 1..90)
}

fn board(rows: &[(u32, i64, i64, usize, bool)]) -> Snapshot {
    let mut story = fixture::story();
    let open = story.activities[&fixture::id("CHG0030060")].clone();
    let decided = story.activities[&fixture::id("CHG0030101")].clone();
    story.activities.clear();
    story.conflicts = Default::default();
    for (number, start, length, service, undecided) in rows {
        let mut row = ActivityRow::clone(if *undecided { &open } else { &decided });
        row.id = fixture::id(&format!("CHG{number:07}"));
        row.item = row.id.clone();
        let start = fixture::at(0, "00:00").plus(start * 900);
        row.when = When::of(Some(start), Some(start.plus(length * 900)));
        row.service_ids = [fixture::id(CLASSES[*service])].into();
        story.activities.insert(row.id.clone(), Arc::new(row));
    }
    story
}

/// Ids drawn as items of their own, none twice; and how many are counted instead.
fn accounted(bench: &Bench) -> (HashSet<Id>, usize) {
    let mut drawn = HashSet::new();
    for spot in &bench.calendar.drawn.spots {
        if let Aim::Item(id) = &spot.target {
            assert!(drawn.insert(id.clone()), "{id} is drawn twice");
        }
    }
    (drawn, bench.calendar.drawn.hidden.iter().map(|(_, items)| items.len()).sum())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn nothing_is_lost_and_nothing_overlaps(rows in boards(), large in any::<bool>(), zoom in 0usize..4) {
        let mut bench = Bench::new(board(&rows));
        if large {
            bench = bench.large();
        }
        bench.act(&[Action::CycleView]);
        bench.act(&vec![Action::ZoomOut; zoom]);
        bench.draw();
        let (drawn, hidden) = accounted(&bench);
        prop_assert_eq!(drawn.len() + hidden, bench.calendar.kept.items.len());
        let spots = &bench.calendar.drawn.spots;
        for (at, spot) in spots.iter().enumerate() {
            for other in spots[at + 1..].iter().filter(|other| other.row == spot.row) {
                prop_assert!(spot.to <= other.from || other.to <= spot.from, "{spot:?} {other:?}");
            }
        }
    }

    #[test]
    fn ids_are_whole(rows in boards(), large in any::<bool>()) {
        let mut bench = Bench::new(board(&rows));
        if large {
            bench = bench.large();
        }
        bench.act(&[Action::CycleView]);
        let text = bench.text();
        let lines: Vec<&str> = text.lines().collect();
        for spot in &bench.calendar.drawn.spots {
            let Aim::Item(id) = &spot.target else { continue };
            let short = bench.calendar.kept.names.short(id);
            // Beyond the right edge a label is left out; it is never cut.
            let fits = spot.to + 2 + short.len() <= usize::from(bench.size.0);
            prop_assert!(!fits || lines[spot.row + 1].contains(short), "{short}\n{text}");
        }
    }

    #[test]
    fn the_week_counts_what_it_does_not_list(rows in boards(), large in any::<bool>()) {
        let mut bench = Bench::new(board(&rows));
        if large {
            bench = bench.large();
        }
        let text = bench.text();
        let (drawn, hidden) = accounted(&bench);
        prop_assert_eq!(drawn.len() + hidden, bench.calendar.kept.items.len(), "{}", text);
        let lines: Vec<&str> = text.lines().collect();
        for spot in &bench.calendar.drawn.spots {
            if let Aim::Item(id) = &spot.target {
                let short = bench.calendar.kept.names.short(id);
                prop_assert!(lines[spot.row + 1].contains(short), "{short}\n{text}");
            }
        }
    }

    #[test]
    fn the_load_row_adds_up(rows in boards()) {
        let mut bench = Bench::new(board(&rows));
        bench.act(&[Action::CycleView]);
        for spot in bench.calendar.drawn.spots.clone() {
            let Aim::Load { lane, start, end } = spot.target else { continue };
            let listed = bench.with(|calendar, scene| calendar.counted(scene, lane.as_ref(), start, end));
            let whole: usize = bench.calendar.drawn.hidden.iter().filter(|(of, _)| *of == lane).map(|(_, items)| items.len()).sum();
            prop_assert!(!listed.is_empty() && listed.len() <= whole);
        }
    }

    #[test]
    fn short_ids_are_unique_on_screen(rows in boards()) {
        let mut bench = Bench::new(board(&rows));
        bench.draw();
        let names = &bench.calendar.kept.names;
        let items = &bench.calendar.kept.items;
        for item in items {
            let short = names.short(item.id());
            prop_assert!(short.len() >= 4);
            let same = items.iter().filter(|other| other.id().as_str().ends_with(short)).count();
            prop_assert_eq!(same, 1, "{}", short);
        }
    }
}
