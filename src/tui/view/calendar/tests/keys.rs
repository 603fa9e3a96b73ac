//! Keys: the cursor goes over what is drawn, periods and zooms keep it in view, lanes stay where they are.

use super::*;

fn selected(bench: &Bench) -> &str {
    bench.calendar.selected().map_or("", Id::as_str)
}

#[test]
fn the_cursor_goes_over_items_lanes_and_counts() {
    let mut bench = Bench::story();
    bench.select("CHG0030042");
    bench.act(&[Action::Down]);
    assert_eq!(selected(&bench), "CHG0030051", "the next item of the day");
    bench.act(&[Action::Up, Action::Up]);
    assert_eq!(selected(&bench), "REL-4.2/p1", "the long row");
    bench.select("CHG0030042");
    bench.act(&[Action::Left]);
    assert_eq!(bench.calendar.cursor, Some(Aim::Lane(Line::new("network"))), "the lane itself");
    assert_eq!(bench.act(&[Action::Down]), Did::Moved);
    assert_eq!(bench.calendar.cursor, Some(Aim::Lane(Line::new("payments"))));
    bench.act(&[Action::Right]);
    assert_eq!(selected(&bench), "CHG0030066", "Monday's");
    bench.act(&[Action::Right]);
    assert!(selected(&bench).starts_with("CHG003006"), "Thursday's");
    assert_eq!(bench.act(&[Action::Enter]), Did::Page(fixture::id(selected(&bench))));
    bench.select("REL-4.2/p1");
    assert_eq!(bench.act(&[Action::Enter]), Did::Page(fixture::id("REL-4.2")), "a phase opens its release");
}

#[test]
fn the_lane_of_a_service_opens_the_service() {
    let mut bench = Bench::story();
    bench.select("CHG0030042");
    bench.act(&[Action::Group, Action::Left]);
    let Some(Aim::Lane(name)) = bench.calendar.cursor.clone() else { panic!("{:?}", bench.calendar.cursor) };
    assert_eq!(bench.act(&[Action::Enter]), Did::Service(name), "lanes are services");

    let mut bench = Bench::story();
    bench.select("CHG0030042");
    bench.act(&[Action::Left]);
    assert_eq!(bench.act(&[Action::Enter]), Did::Moved, "a class opens into its services");
    bench.act(&[Action::Down]);
    let Some(Aim::Lane(name)) = bench.calendar.cursor.clone() else { panic!("{:?}", bench.calendar.cursor) };
    assert_eq!(bench.act(&[Action::Enter]), Did::Service(name), "one of them");
}

#[test]
fn partners_of_the_selection_are_marked_with_their_rule() {
    let mut bench = Bench::story();
    bench.select("CHG0030042");
    bench.act(&[Action::CycleView]);
    let text = bench.text();
    assert!(text.contains("◂C6") && text.contains("◂C9"), "{text}");
    let buf = bench.draw();
    let underlined =
        buf.content.iter().filter(|cell| cell.modifier.contains(ratatui::style::Modifier::UNDERLINED));
    let underlined: String = underlined.map(|cell| cell.symbol()).collect();
    assert!(underlined.contains("REL-4.2/p1") && underlined.contains("0051"), "{underlined}");
    let reversed =
        buf.content.iter().filter(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED));
    let reversed: String =
        reversed.map(|cell| cell.symbol()).filter(|symbol| !symbol.starts_with(char::is_numeric)).collect();
    assert!(reversed.contains("○▲"), "the label of the selection: {reversed}");
}

#[test]
fn lanes_do_not_jump_while_one_looks() {
    let mut bench = Bench::story();
    bench.act(&[Action::CycleView]);
    let lanes =
        |bench: &Bench| bench.calendar.kept.lanes.iter().map(|lane| lane.name.clone()).collect::<Vec<_>>();
    let before = lanes(&bench);
    assert_eq!(before[..3], ["network", "payments", "patching"].map(Line::new)[..], "{before:?}");
    // A block appears in mail: another snapshot, the same order.
    let mut story = Snapshot::clone(&bench.snapshot);
    let mut row = ActivityRow::clone(&story.activities[&fixture::id("CHG0030090")]);
    row.clashes.block = 3;
    story.activities.insert(row.id.clone(), Arc::new(row));
    story.seq += 1;
    bench.snapshot = Arc::new(story);
    bench.draw();
    assert_eq!(lanes(&bench), before);
    bench.act(&[Action::ZoomOut, Action::ZoomIn]);
    assert_ne!(lanes(&bench), before, "a new look takes the ranks anew");
}

#[test]
fn periods_zoom_and_today() {
    let mut bench = Bench::story();
    bench.act(&[Action::NextPeriod]);
    assert!(bench.text().contains("Week 49") && bench.text().contains("30 Nov – 06 Dec"), "{}", bench.text());
    bench.act(&[Action::PrevPeriod, Action::PrevPeriod]);
    assert!(bench.text().contains("Week 47"));
    bench.act(&[Action::Today]);
    assert!(bench.text().contains("Week 48"));
    bench.select("CHG0030042");
    for want in ["1 cell = 1 h", "1 cell = 30 min", "1 cell = 15 min", "1 cell = 5 min", "1 cell = 5 min"] {
        bench.act(&[Action::ZoomIn]);
        let text = bench.text();
        assert!(text.contains(want), "{want}: {text}");
        assert!(text.contains("○▲0042"), "the selection stays in view: {text}");
    }
    for want in ["15 min", "30 min", "1 h", "2 h", "4 h", "12 h", "1 d", "1 w", "1 w"] {
        bench.act(&[Action::ZoomOut]);
        let text = bench.text();
        assert!(text.contains(&format!("1 cell = {want}")), "{want}: {text}");
        assert!(text.contains("○▲0042"), "{want}: {text}");
    }
}

#[test]
fn lanes_are_made_of_what_one_wants() {
    let mut bench = Bench::story();
    bench.select("CHG0030042");
    for want in ["service", "environment", "owner", "group", "release", "source", "none", "class"] {
        bench.act(&[Action::Group]);
        let text = bench.text();
        assert!(text.contains(&format!("lanes: {want}")), "{want}: {text}");
        assert!(text.contains("0042"), "{want}: {text}");
        assert!(text.contains("all 239"), "{want}: {text}");
    }
}

#[test]
fn a_filter_leaves_the_rest_out() {
    let mut bench = Bench::story();
    bench.filter = "risk:high".to_owned();
    let text = bench.text();
    assert!(text.contains("all 3") && text.contains("0057") && !text.contains("patching"), "{text}");
}

#[test]
fn a_freeze_stands_only_behind_lanes_it_covers() {
    let mut story = fixture::story();
    let mut freeze = crate::model::Window::clone(&story.windows[&fixture::id("bf-freeze")]);
    freeze.scope.services = vec![Line::new("pay-db")];
    story.windows.insert(freeze.id.clone(), Arc::new(freeze));
    let mut bench = Bench::new(story);
    let text = bench.text();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        line("database").contains('╳') && !line("patching").contains('╳') && !line("network").contains('╳'),
        "{text}"
    );
}
