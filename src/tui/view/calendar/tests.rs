//! The calendar drawn from the story of the pictures, and by hand where the story has no such day.

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::*;
use crate::{
    model::Instant,
    tui::{fixture, glyph, theme::Look},
    wire::Snapshot,
};

/// A calendar with a board, driven by actions.
struct Bench {
    calendar: Calendar,
    snapshot: Arc<Snapshot>,
    look: Look,
    now: Instant,
    filter: String,
}

impl Bench {
    fn new(snapshot: Snapshot) -> Self {
        let (look, now) = (fixture::LOOK, fixture::now());
        Self { calendar: Calendar::default(), snapshot: Arc::new(snapshot), look, now, filter: String::new() }
    }

    fn story() -> Self {
        Self::new(fixture::story())
    }

    fn scene<'a>(&'a self, snapshot: &'a Arc<Snapshot>) -> Scene<'a> {
        Scene {
            snapshot,
            look: &self.look,
            now: self.now,
            zone: fixture::zone(),
            filter: &self.filter,
            focused: true,
        }
    }

    fn act(&mut self, actions: &[Action]) -> Did {
        let mut did = Did::Nothing;
        for action in actions {
            self.draw(80, 20);
            let mut calendar = std::mem::take(&mut self.calendar);
            did = calendar.act_in(&self.scene(&self.snapshot), *action);
            calendar.settled.clone_from(&calendar.cursor);
            self.calendar = calendar;
        }
        did
    }

    fn select(&mut self, id: &str) {
        let mut calendar = std::mem::take(&mut self.calendar);
        calendar.select_in(&self.scene(&self.snapshot), &fixture::id(id));
        self.calendar = calendar;
    }

    fn draw(&mut self, width: u16, height: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let mut calendar = std::mem::take(&mut self.calendar);
        calendar.draw_in(&self.scene(&self.snapshot), &mut buf, area);
        self.calendar = calendar;
        if self.look.glyphs == &glyph::ASCII {
            glyph::to_ascii(&mut buf);
        }
        buf
    }

    fn text(&mut self, width: u16, height: u16) -> String {
        fixture::text(&self.draw(width, height))
    }
}

#[test]
fn look_at_it() {
    for (width, height) in [(80, 20), (160, 46)] {
        let mut bench = Bench::story();
        bench.select("CHG0030051");
        println!("{}", bench.text(width, height));
        bench.select("CHG0030042");
        bench.act(&[Action::CycleView]);
        println!("{}", bench.text(width, height));
        bench.act(&[Action::CycleView]);
        println!("{}", bench.text(width, height));
        bench.act(&[Action::CycleView]);
        println!("{}", bench.text(width, height));
        bench.act(&[Action::CycleView]);
        println!("{}", bench.text(width, height));
    }
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
    for (mut bench, sizes) in [(Bench::new(few()), small), (Bench::story(), breaks)] {
        for view in 0..5 {
            for (width, height) in &sizes {
                bench.draw(*width, *height);
            }
            assert_eq!(bench.act(&[Action::CycleView]), Did::Moved, "{view}");
        }
    }
}
