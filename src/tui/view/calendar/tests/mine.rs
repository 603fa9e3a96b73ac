//! The calendar opens on my services where there are any.

use super::*;

#[test]
fn the_calendar_opens_on_what_is_mine() {
    let mut story = fixture::story();
    let own = fixture::id("CHG0030060");
    let mut row = ActivityRow::clone(&story.activities[&own]);
    row.owner = Some(Line::new("m.ortiz"));
    let service = row.service_ids[0].clone();
    story.activities.insert(own.clone(), Arc::new(row));
    for (name, keys) in
        [("week", vec![]), ("timeline", vec![Action::CycleView]), ("agenda", vec![Action::CycleView; 3])]
    {
        for (large, grouping) in
            [(false, Grouping::Class), (true, Grouping::Class), (true, Grouping::Service)]
        {
            let bench = Bench::new(story.clone());
            let mut bench = if large { bench.large() } else { bench };
            bench.draw();
            let picked = bench.calendar.selected().cloned();
            let touches =
                picked.as_ref().is_some_and(|id| story.activities[id].service_ids.contains(&service));
            assert!(touches, "{name}: {picked:?}\n{}", bench.text());
            let id = picked.unwrap();
            assert!(
                bench.calendar.drawn.spots.iter().any(|spot| spot.target == Aim::Item(id.clone())),
                "{name}"
            );
            bench.act(&keys);
            if grouping == Grouping::Service {
                bench.calendar.cursor = None;
                bench.act(&[Action::Group]);
                let text = bench.text();
                let first = bench.calendar.kept.lanes.first().map(|lane| lane.name.to_string());
                assert!(name == "agenda" || first.as_deref() == Some(service.as_str()), "{first:?}\n{text}");
                assert!(name == "agenda" || text.contains("lanes: service, yours first"), "{text}");
            }
        }
    }
}
