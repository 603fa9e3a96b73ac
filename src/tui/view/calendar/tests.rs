//! The calendar drawn from the story of the pictures, and from boards made by hand where the story has no such day.

mod days;
mod keys;
mod meets;
mod mine;
mod properties;

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::*;
use crate::{
    model::{Instant, When},
    tui::{
        fixture, glyph,
        theme::Look,
        view::filter::{Filter, Ground},
    },
    wire::{ActivityRow, Snapshot},
};

/// A calendar with a board, driven by actions and drawn without a frame around it.
struct Bench {
    calendar: Calendar,
    snapshot: Arc<Snapshot>,
    look: Look,
    now: Instant,
    filter: String,
    size: (u16, u16),
}

impl Bench {
    fn new(snapshot: Snapshot) -> Self {
        Self {
            calendar: Calendar::default(),
            snapshot: Arc::new(snapshot),
            look: fixture::LOOK,
            now: fixture::now(),
            filter: String::new(),
            size: (80, 20),
        }
    }

    fn story() -> Self {
        Self::new(fixture::story())
    }

    /// The body of a screen of 160×50.
    fn large(mut self) -> Self {
        self.size = (160, 46);
        self
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut Calendar, &Scene<'_>) -> T) -> T {
        let mut calendar = std::mem::take(&mut self.calendar);
        let settings = crate::config::CalendarSettings::default();
        let keymap = crate::tui::input::Keymap::default();
        let ground = Ground { snapshot: &self.snapshot, now: self.now, zone: fixture::zone() };
        let sieve = Filter::read(&self.filter, ground);
        let scene = Scene {
            settings: &settings,
            keymap: &keymap,
            snapshot: &self.snapshot,
            look: &self.look,
            now: self.now,
            zone: fixture::zone(),
            filter: &self.filter,
            sieve: &sieve,
            focused: true,
        };
        let done = work(&mut calendar, &scene);
        self.calendar = calendar;
        done
    }

    /// Does actions, each on what is drawn, and lets the cursor rest; gives what became of the last.
    fn act(&mut self, actions: &[Action]) -> Did {
        let mut did = Did::Nothing;
        for action in actions {
            self.draw();
            did = self.with(|calendar, scene| calendar.act_in(scene, *action));
        }
        self.draw();
        self.calendar.settled.clone_from(&self.calendar.cursor);
        did
    }

    fn select(&mut self, id: &str) {
        self.with(|calendar, scene| calendar.select_in(scene, &fixture::id(id)));
    }

    fn draw(&mut self) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        let area = buf.area;
        self.with(|calendar, scene| calendar.draw_in(scene, &mut buf, area));
        if self.look.glyphs == &glyph::ASCII {
            glyph::to_ascii(&mut buf);
        }
        buf
    }

    fn text(&mut self) -> String {
        fixture::text(&self.draw())
    }

    fn row(&mut self, beginning: &str) -> String {
        let text = self.text();
        text.lines()
            .find(|line| line.trim_start_matches("[+] ").starts_with(beginning))
            .unwrap_or_else(|| panic!("{beginning}\n{text}"))
            .to_owned()
    }
}

/// The story with more activities, each like a payments change of the queue: id, start, minutes.
fn with_rows(rows: &[(&str, &str, i64)]) -> Snapshot {
    let mut story = fixture::story();
    let like = story.activities[&fixture::id("CHG0030060")].clone();
    for (id, start, minutes) in rows {
        let mut row = ActivityRow::clone(&like);
        row.id = fixture::id(id);
        row.item = row.id.clone();
        let start: Instant = start.parse().unwrap();
        row.when = When::of(Some(start), Some(start.plus(minutes * 60)));
        row.planned = row.when;
        row.title = Line::new("Nightly batch");
        story.activities.insert(row.id.clone(), Arc::new(row));
    }
    story
}

#[test]
fn the_views_of_the_story() {
    let views = ["week", "timeline", "month", "agenda", "year"];
    for (size, ascii) in [((80, 20), false), ((160, 46), false), ((80, 20), true), ((160, 46), true)] {
        let mut bench = Bench::story();
        bench.size = size;
        if ascii {
            bench.look = fixture::LOOK_ASCII;
        }
        for (at, view) in views.iter().enumerate() {
            // As in the pictures: the week with the certificate, the timeline with the core switch.
            bench.select(if at == 0 { "CHG0030051" } else { "CHG0030042" });
            bench.draw();
            let glyphs = if ascii { "ascii" } else { "unicode" };
            insta::assert_snapshot!(format!("{view}_{}x{}_{glyphs}", size.0, size.1), bench.text());
            bench.act(&[Action::CycleView]);
        }
    }
}

#[test]
fn the_pane_of_the_board() {
    for (width, height, ascii) in [(80, 6, false), (103, 20, false), (80, 6, true), (103, 20, true)] {
        let mut bench = Bench::story();
        if ascii {
            bench.look = fixture::LOOK_ASCII;
        }
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let id = fixture::id("CHG0030042");
        bench.with(|_, scene| CalendarPane::default().draw(scene, Some(&id), &mut buf, area));
        if ascii {
            glyph::to_ascii(&mut buf);
        }
        let glyphs = if ascii { "ascii" } else { "unicode" };
        insta::assert_snapshot!(format!("pane_{width}x{height}_{glyphs}"), fixture::text(&buf));
    }
}

#[test]
fn an_opened_class_shows_its_services_and_their_shadows() {
    let mut bench = Bench::story().large();
    bench.select("CHG0030042");
    bench.act(&[Action::CycleView, Action::Fold]);
    insta::assert_snapshot!("timeline_network_opened", bench.text());
}

/// A board of the story's clashing items alone: quick to draw at many sizes.
fn few() -> Snapshot {
    let mut story = fixture::story();
    story.activities =
        story.activities.into_iter().filter(|(_, row)| row.clashes.worst().is_some()).collect();
    story
}

#[test]
fn every_size_is_drawn() {
    let small: Vec<(u16, u16)> =
        (0..46).flat_map(|width| (0..27).map(move |height| (width, height))).collect();
    let widths = [59, 60, 61, 79, 80, 81, 119, 120, 121, 160, 200];
    let breaks: Vec<(u16, u16)> = widths
        .into_iter()
        .flat_map(|width| [0, 5, 13, 14, 19, 20, 35, 36, 46, 50, 60].map(|height| (width, height)))
        .collect();
    // Below 80 columns every view is the agenda.
    for (mut bench, sizes, views) in [(Bench::new(few()), small, 1), (Bench::story(), breaks, 5)] {
        for view in 0..views {
            for size in &sizes {
                bench.size = *size;
                bench.draw();
            }
            bench.size = (80, 20);
            assert_eq!(bench.act(&[Action::CycleView]), Did::Moved, "{view}");
        }
        for (width, height) in sizes {
            let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
            let area = buf.area;
            bench.with(|_, scene| CalendarPane::default().draw(scene, None, &mut buf, area));
        }
    }
}

#[test]
fn an_empty_board_has_an_empty_calendar() {
    let mut bench = Bench::new(Snapshot::empty(fixture::now()));
    assert!(bench.text().contains("Week 48") && bench.text().contains("all 0"), "{}", bench.text());
    let keys =
        [Action::Down, Action::Enter, Action::NextPeriod, Action::ZoomIn, Action::Group, Action::CycleView];
    for _ in 0..5 {
        bench.act(&keys);
    }
}
