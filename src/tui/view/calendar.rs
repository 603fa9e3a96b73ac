//! The merged calendar: week, timeline (day), month, agenda and year, all over one index of the snapshot.
//!
//! [`Calendar`] is the screen, [`CalendarPane`] its little sister on the Board. What is drawn and where the cursor can go
//! come out of the same pass; keys only move over what was drawn.

mod agenda;
mod cursor;
mod draw;
mod index;
mod item;
mod kept;
mod lane;
mod meets;
mod mine;
mod month;
mod pane;
mod period;
mod planned;
mod scene;
mod shown;
mod strip;
mod timeline;
mod week;
mod windows;
mod year;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use pane::CalendarPane;
use ratatui::{buffer::Buffer, layout::Rect};
pub use scene::Scene;

use self::{
    cursor::Way,
    index::Index,
    kept::{Focus, Kept},
    lane::Grouping,
    mine::Mine,
    period::{Mode, Period},
    shown::{Aim, Drawn},
};
use super::{Page, Screen, Target, View, screen_document::ScreenDocument, widget::Move};
use crate::{
    calendar,
    model::{Id, Instant, Line},
    tui::{
        app::{Shared, Wish},
        input::{Action, Place},
    },
};

/// The Calendar screen.
#[derive(Debug)]
pub struct Calendar {
    index: Index,
    mine: Mine,
    kept: Kept,
    period: Period,
    grouping: Grouping,
    /// Lanes opened into their services.
    opened: HashSet<Line>,
    cursor: Option<Aim>,
    /// What the strip shows: the cursor when it last rested.
    settled: Option<Aim>,
    focus: Focus,
    strip_focus: Focus,
    drawn: Drawn,
    listing: Option<Listing>,
    /// First row of the agenda in view.
    offset: usize,
    /// Cells the timeline had when last drawn.
    cells: usize,
    narrow: bool,
    begun: bool,
    now: Instant,
}

/// What a load cell or a day counts, as a list over the calendar.
#[derive(Debug)]
struct Listing {
    title: String,
    ids: Vec<Id>,
    offset: usize,
    /// Where the cursor was.
    back: Option<Aim>,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// Not the calendar's to do.
    Nothing,
    Moved,
    /// Open the full page of an item.
    Page(Id),
    /// Go to a meeting.
    Meeting(Id),
    /// Show a service.
    Service(Line),
    Say(&'static str),
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            index: Index::default(),
            mine: Mine::default(),
            kept: Kept::default(),
            period: Period::week(Instant::default()),
            grouping: Grouping::default(),
            opened: HashSet::new(),
            cursor: None,
            settled: None,
            focus: Focus::default(),
            strip_focus: Focus::default(),
            drawn: Drawn::default(),
            listing: None,
            offset: 0,
            cells: 68,
            narrow: false,
            begun: false,
            now: Instant::default(),
        }
    }
}

impl Calendar {
    /// Does an action on what was drawn last.
    pub fn act_in(&mut self, scene: &Scene<'_>, action: Action) -> Did {
        match action {
            Action::Down => self.go(Way::Rows(Move::Down)),
            Action::Up => self.go(Way::Rows(Move::Up)),
            Action::HalfDown => self.go(Way::Rows(Move::HalfDown)),
            Action::HalfUp => self.go(Way::Rows(Move::HalfUp)),
            Action::First => self.go(Way::Rows(Move::First)),
            Action::Last => self.go(Way::Rows(Move::Last)),
            Action::Left => self.go(Way::Left),
            Action::Right => self.go(Way::Right),
            Action::Enter => self.enter(scene),
            Action::Back => self.leave_list(),
            Action::Fold => self.fold(),
            Action::Today => self.today(scene),
            Action::PrevPeriod => self.to(self.period.page(-1, scene.zone, self.cells)),
            Action::NextPeriod => self.to(self.period.page(1, scene.zone, self.cells)),
            Action::ZoomIn | Action::ZoomOut => {
                let focus = self.focus_at(scene);
                self.to(self.period.zoomed(action == Action::ZoomIn, focus, scene.zone, self.cells))
            }
            Action::CycleView => self.cycle(scene),
            Action::Group => {
                self.grouping = self.grouping.next();
                self.opened.clear();
                Did::Moved
            }
            _ => Did::Nothing,
        }
    }

    /// Shows the period an activity is in and puts the cursor on it.
    pub fn select_in(&mut self, scene: &Scene<'_>, id: &Id) {
        let Some(at) = scene.snapshot.activities.get(id).and_then(|row| row.when.start()) else { return };
        let shown = self.begun && self.kept.axis.cell(at).is_some();
        if !shown {
            self.period = match self.period.mode {
                Mode::Timeline => self.period.timeline(at, scene.zone, self.cells),
                Mode::Week | Mode::Month | Mode::Agenda | Mode::Year => Period { at, ..self.period },
            };
            self.begun = true;
        }
        self.listing = None;
        self.cursor = Some(Aim::Item(id.clone()));
        self.settled.clone_from(&self.cursor);
        self.kept.forget();
    }

    /// The activity under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Id> {
        draw::selected(self.cursor.as_ref())
    }

    fn go(&mut self, way: Way) -> Did {
        if let Some(aim) = cursor::go(&self.drawn, self.cursor.as_ref(), way) {
            self.cursor = Some(aim);
        }
        Did::Moved
    }

    fn to(&mut self, period: Period) -> Did {
        self.listing = None;
        self.offset = 0;
        self.period = period;
        Did::Moved
    }

    fn enter(&mut self, scene: &Scene<'_>) -> Did {
        match self.cursor.clone() {
            Some(Aim::Item(id)) => {
                let item = scene.snapshot.activities.get(&id).map(|row| row.item.clone());
                Did::Page(item.unwrap_or(id))
            }
            Some(Aim::Load { lane, start, end }) => {
                let ids = self.counted(scene, lane.as_ref(), start, end);
                if let Some(meeting) = self.meeting_in(start, end).filter(|_| ids.is_empty()) {
                    return Did::Meeting(meeting);
                }
                if ids.is_empty() {
                    return Did::Say("nothing in this cell");
                }
                let lane = lane.map(|lane| format!(" · {lane}")).unwrap_or_default();
                let title = format!("{}{lane}", calendar::stamp(start, scene.zone));
                let first = ids.first().cloned().map(Aim::Item);
                let back = std::mem::replace(&mut self.cursor, first);
                self.listing = Some(Listing { back, ..Listing::new(title, ids) });
                Did::Moved
            }
            Some(Aim::Meeting(id)) => Did::Meeting(id),
            Some(Aim::Lane(name)) => self.open_lane(&name),
            None => Did::Say("nothing is selected"),
        }
    }

    /// Opens a lane into its services; a lane that is a service shows it.
    fn open_lane(&mut self, name: &Line) -> Did {
        let lane = self.kept.lanes.iter().find(|lane| lane.name == *name);
        let inner = self.grouping.opens() && lane.is_some_and(|lane| lane.depth > 0);
        if inner || self.grouping == lane::Grouping::Service {
            return Did::Service(name.clone());
        }
        self.fold()
    }

    /// The first meeting of a day.
    fn meeting_in(&self, start: Instant, end: Instant) -> Option<Id> {
        let begins = |occurs: &&index::Occurs| {
            occurs.meeting && start <= occurs.span.start() && occurs.span.start() < end
        };
        self.kept.occurs.iter().find(begins).map(|occurs| occurs.window.id.clone())
    }

    fn leave_list(&mut self) -> Did {
        match self.listing.take() {
            Some(listing) => {
                self.cursor = listing.back;
                self.settled.clone_from(&self.cursor);
                Did::Moved
            }
            None => Did::Nothing,
        }
    }

    /// Opens the lane under the cursor into its services, or folds it again.
    fn fold(&mut self) -> Did {
        if !self.grouping.opens() {
            return Did::Say("a service cannot be opened further");
        }
        let aim = self.cursor.as_ref();
        let spot = aim.and_then(|aim| self.drawn.spots.iter().find(|spot| spot.target == *aim));
        let Some(lane) = spot.and_then(|spot| self.kept.lanes.get(spot.lane)) else {
            return Did::Say("the cursor is on no lane");
        };
        if lane.depth > 0 {
            return Did::Say("a service cannot be opened further");
        }
        let name = lane.name.clone();
        if !self.opened.remove(&name) {
            self.opened.insert(name);
        }
        Did::Moved
    }

    fn today(&mut self, scene: &Scene<'_>) -> Did {
        let period = match self.period.mode {
            Mode::Timeline => self.period.timeline(scene.now, scene.zone, self.cells),
            Mode::Week | Mode::Month | Mode::Agenda | Mode::Year => Period { at: scene.now, ..self.period },
        };
        self.to(period)
    }

    /// Shows the period around a moment.
    pub fn show_day(&mut self, shared: &Shared, at: Instant) {
        let zone = shared.zones.current();
        let period = match self.period.mode {
            Mode::Timeline => self.period.timeline(at, zone, self.cells),
            Mode::Week | Mode::Month | Mode::Agenda | Mode::Year => Period { at, ..self.period },
        };
        self.to(period);
    }

    fn cycle(&mut self, scene: &Scene<'_>) -> Did {
        let (mode, focus) = (self.period.mode.next(), self.focus_at(scene));
        let period = match mode {
            Mode::Timeline => self.period.timeline(focus, scene.zone, self.cells),
            Mode::Week | Mode::Month | Mode::Agenda | Mode::Year => Period { mode, at: focus, ..self.period },
        };
        self.to(period)
    }

    /// The instant one looks at: the cursor's, else now if it is in view, else the middle.
    fn focus_at(&self, scene: &Scene<'_>) -> Instant {
        let axis = &self.kept.axis;
        let at = self.cursor.as_ref().and_then(|aim| self.instant(aim));
        let middle = if axis.cell(scene.now).is_some() { scene.now } else { axis.at(axis.cells() / 2) };
        at.unwrap_or(middle)
    }

    /// What `J` and `K` go through from a full page: the items drawn, in order of time.
    fn around(&self, scene: &Scene<'_>) -> Vec<Id> {
        let mut ids: Vec<Id> = Vec::new();
        for item in &self.kept.items {
            let drawn =
                self.drawn.spots.iter().any(|spot| matches!(&spot.target, Aim::Item(id) if id == item.id()));
            if drawn && !ids.contains(&item.row.item) {
                ids.push(item.row.item.clone());
            }
        }
        if let Some(listing) = &self.listing {
            let rows = listing.ids.iter().filter_map(|id| scene.snapshot.activities.get(id));
            ids = rows.map(|row| row.item.clone()).collect();
            ids.dedup();
        }
        ids
    }
}

fn scene(shared: &Shared) -> Scene<'_> {
    Scene {
        snapshot: &shared.snapshot,
        look: &shared.look,
        now: shared.now,
        zone: shared.zones.current(),
        filter: &shared.filter,
        sieve: &shared.sieve,
        focused: true,
        settings: &shared.calendar,
        keymap: &shared.keymap,
    }
}

impl View for Calendar {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Calendar, Place::Item, Place::List]
    }

    fn document(&self, shared: &Shared) -> Option<ScreenDocument> {
        let rows = self.kept.items.iter().map(|item| item.row.as_ref());
        let windows = self.kept.occurs.iter().filter(|occurs| !occurs.meeting).map(|occurs| {
            let occurrence = crate::calendar::Occurrence { span: occurs.span, altered: occurs.altered };
            crate::report::CalendarEntry::of_window(&occurs.window, occurrence)
        });
        Some(ScreenDocument::calendar(shared, rows, windows))
    }

    fn hinted(&self, _shared: &Shared, action: Action) -> bool {
        let lanes = matches!(self.effective().mode, Mode::Week | Mode::Timeline);
        action != Action::Group || (lanes && self.listing.is_none())
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let did = self.act_in(&scene(shared), action);
        let around = if matches!(did, Did::Page(_)) { self.around(&scene(shared)) } else { Vec::new() };
        match did {
            Did::Nothing => return false,
            Did::Moved => shared.moved(),
            Did::Page(id) => shared.wish(Wish::Page(Page::new(id, around, "calendar"))),
            Did::Meeting(id) if shared.snapshot.meetings.iter().any(|meeting| meeting.id == id) => {
                shared.wish(Wish::Select(Screen::Meeting, id));
            }
            Did::Meeting(id) => {
                shared.note(format!("{id} has no agenda yet: it fills itself once those before it are over"));
            }
            Did::Service(name) => shared.wish(Wish::Service(name.to_string())),
            Did::Say(text) => shared.note(text),
        }
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        self.selected().map(|id| Target { id: id.clone(), marked: shared.marks() })
    }

    fn select(&mut self, shared: &Shared, id: &Id) {
        self.select_in(&scene(shared), id);
    }

    fn refresh(&mut self, shared: &Shared) {
        self.index.refresh(&scene(shared));
        self.mine.follow(&shared.snapshot);
    }

    fn settle(&mut self, _shared: &mut Shared) {
        self.settled.clone_from(&self.cursor);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        self.draw_in(&scene(shared), buf, area);
    }
}
