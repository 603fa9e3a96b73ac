//! What is drawn: the frame around every screen, the screens, the layers above them, and the parts they are made of.
//!
//! A screen is a [`View`], a popup is a [`Popup`]; both read [`Shared`] and leave wishes there, and neither does I/O.

mod permissions;
mod pending_question;
mod board;
pub mod calendar;
mod clashes;
mod conflicts;
pub mod dialog;
mod explain;
pub mod filter;
mod follow;
mod insights;
pub mod frame;
mod item;
mod items;
mod layout;
mod meeting;
mod page;
pub mod screen_document;
mod questions;
mod queue;
mod record;
mod release_plan;
mod releases;
mod run;
mod sent;
mod service;
mod now;
mod tally;
mod tonight;
mod text_pane;
mod toast;
mod wall;
mod welcome;
pub mod widget;

use std::fmt::Debug;

pub use page::Page;
pub use pending_question::refusal;
use ratatui::{buffer::Buffer, layout::Rect};
pub use sent::Sent;
pub use service::ServicePage;
pub use toast::{Toast, Toasts, Tone};
pub use widget::{Form, Height, Width};

use crate::{
    config::WallShows,
    model::{Id, Instant},
    tui::{
        app::{Reply, Shared, Ticket, Wanted},
        input::{Action, Key, Place},
    },
};

/// The screens that exist, by the digit that shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Screen {
    #[default]
    Board,
    Calendar,
    Queue,
    Conflicts,
    Releases,
    Meeting,
    Insights,
    Record,
    Run,
}

impl Screen {
    pub const ALL: [Self; 9] = [
        Self::Board,
        Self::Calendar,
        Self::Queue,
        Self::Conflicts,
        Self::Releases,
        Self::Meeting,
        Self::Insights,
        Self::Record,
        Self::Run,
    ];

    /// The action that shows it.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Board => Action::ShowBoard,
            Self::Calendar => Action::ShowCalendar,
            Self::Queue => Action::ShowQueue,
            Self::Conflicts => Action::ShowConflicts,
            Self::Releases => Action::ShowReleases,
            Self::Meeting => Action::ShowMeeting,
            Self::Insights => Action::ShowInsights,
            Self::Record => Action::ShowRecord,
            Self::Run => Action::ShowRun,
        }
    }
}

/// What an item action (vote, comment, explain …) is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The selected change, release or phase.
    pub id: Id,
    /// Marked items, where the list has marks.
    pub marked: Vec<Id>,
}

/// A screen, or the full page over one.
pub trait View: Debug {
    /// Where actions are looked up, innermost first; `Screens` and `Always` are added.
    fn places(&self, shared: &Shared) -> &'static [Place];

    /// Why an action that its places offer cannot be done now: one sentence that says what to do.
    fn disabled(&self, _shared: &Shared, _action: Action) -> Option<String> {
        None
    }

    /// What is shown as a document; nothing where the screen is none.
    fn document(&self, _shared: &Shared) -> Option<screen_document::ScreenDocument> {
        None
    }

    /// The meeting whose minutes can be written from here.
    fn minutes_of(&self, _shared: &Shared) -> Option<Id> {
        None
    }

    /// Whether the hint bar names an action that could be done.
    fn hinted(&self, _shared: &Shared, _action: Action) -> bool {
        true
    }

    /// Does an action; false when it is not the view's to do.
    fn act(&mut self, shared: &mut Shared, action: Action) -> bool;

    /// Whether it shows seconds that run: it is drawn again every second.
    fn ticks(&self, _shared: &Shared) -> bool {
        false
    }

    /// What an item action is about, from the cursor.
    fn target(&self, _shared: &Shared) -> Option<Target> {
        None
    }

    /// Of what is to be known what I may do: of the item that actions are about.
    fn wants(&self, shared: &Shared) -> Vec<Wanted> {
        let item = self.target(shared).map(|target| item::item_of(shared, &target.id));
        item.iter().map(Wanted::of).collect()
    }

    /// Puts the cursor on an item or activity, if the view shows it.
    fn select(&mut self, _shared: &Shared, _id: &Id) {}

    /// The snapshot, the minute, the filter or the zone changed, or the view came on screen: rebuild what is kept.
    fn refresh(&mut self, _shared: &Shared) {}

    /// The selection has rested for 120 ms: let strip or side panel follow.
    fn settle(&mut self, _shared: &mut Shared) {}

    /// An answer came; false when the view did not ask for it.
    fn reply(&mut self, _shared: &mut Shared, _ticket: Ticket, _reply: &Reply) -> bool {
        false
    }

    /// Draws into the body; may adjust its own scroll positions to what fits.
    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect);
}

/// A layer above the screens: takes all keys until it is closed.
pub trait Popup: Debug {
    /// Where actions are looked up, innermost first; `Layer` and `Always` are added.
    fn places(&self) -> &'static [Place];

    /// Whether plain characters are text here, not keys.
    fn takes_text(&self) -> bool {
        false
    }

    /// Whether keys typed before it was on screen are thrown away, and pastes do nothing: what sends something.
    fn guarded(&self) -> bool {
        false
    }

    /// Whether the screen behind it stays as bright as it is.
    fn transparent(&self) -> bool {
        false
    }

    fn disabled(&self, _shared: &Shared, _action: Action) -> Option<String> {
        None
    }

    /// Does an action; false when it is not the layer's to do. `Back` then closes the layer.
    fn act(&mut self, shared: &mut Shared, action: Action) -> bool;

    /// Takes a key that is no action here.
    fn key(&mut self, _shared: &mut Shared, _key: Key) {}

    /// Takes a paste, if it takes text.
    fn paste(&mut self, _shared: &mut Shared, _text: &str) {}

    /// The editor came back with this text.
    fn edited(&mut self, _shared: &mut Shared, _text: &str) {}

    /// The snapshot or the minute changed: stop what is no longer true.
    fn refresh(&mut self, _shared: &mut Shared) {}

    /// An answer came; true when the layer asked for it, and shows it if it is a refusal.
    fn reply(&mut self, _shared: &mut Shared, _ticket: Ticket, _reply: &Reply) -> bool {
        false
    }

    /// Draws over the body; `area` is the whole body.
    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect);
}

/// The layers' common name.
pub type Layer = Box<dyn Popup>;

/// What hangs on the wall.
#[derive(Debug)]
enum OnWall {
    Meeting(wall::Wall),
    Night(wall::NightWall),
}

impl OnWall {
    fn view(&mut self) -> &mut dyn View {
        match self {
            Self::Meeting(wall) => wall,
            Self::Night(wall) => wall,
        }
    }
}

/// All screens, the open one, and the pages over it.
#[derive(Debug, Default)]
pub struct Views {
    pub screen: Screen,
    board: board::Board,
    calendar: calendar::Calendar,
    queue: queue::Queue,
    conflicts: conflicts::Conflicts,
    releases: releases::Releases,
    meeting: meeting::Meeting,
    insights: insights::Insights,
    record: record::Record,
    run: run::Run,
    /// The wall over everything, and whether it is all there is.
    wall: Option<(OnWall, bool)>,
    /// Full pages, the topmost last.
    pages: Vec<Box<dyn View>>,
}

impl Views {
    /// How many things lie over the screen: pages and the wall.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.pages.len() + usize::from(self.wall.is_some())
    }

    /// The view that has the body.
    pub fn top(&mut self) -> &mut dyn View {
        if let Some((wall, _)) = &mut self.wall {
            return wall.view();
        }
        if let Some(page) = self.pages.last_mut() {
            return page.as_mut();
        }
        match self.screen {
            Screen::Board => &mut self.board,
            Screen::Calendar => &mut self.calendar,
            Screen::Queue => &mut self.queue,
            Screen::Conflicts => &mut self.conflicts,
            Screen::Releases => &mut self.releases,
            Screen::Meeting => &mut self.meeting,
            Screen::Insights => &mut self.insights,
            Screen::Record => &mut self.record,
            Screen::Run => &mut self.run,
        }
    }

    /// Gives an answer to whichever view asked for it: it may no longer be the one on screen.
    pub fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) {
        if let Some((wall, _)) = &mut self.wall
            && wall.view().reply(shared, ticket, reply)
        {
            return;
        }
        let pages = self.pages.iter_mut().rev().map(|page| page.as_mut() as &mut dyn View);
        let screens: [&mut dyn View; 9] = [
            &mut self.board,
            &mut self.calendar,
            &mut self.queue,
            &mut self.conflicts,
            &mut self.releases,
            &mut self.meeting,
            &mut self.insights,
            &mut self.record,
            &mut self.run,
        ];
        for view in pages.chain(screens) {
            if view.reply(shared, ticket, reply) {
                return;
            }
        }
    }

    /// Keeps the session's place in the meeting it has joined.
    pub fn keep_place(&mut self, shared: &mut Shared) {
        self.meeting.keep_place(shared);
    }

    /// What the session says as it ends.
    #[must_use]
    pub fn farewell(&self, shared: &Shared) -> Option<crate::wire::Command> {
        self.meeting.farewell(shared)
    }

    /// Shows a screen; pages close.
    pub fn go(&mut self, screen: Screen) {
        self.pages.clear();
        self.screen = screen;
    }

    /// Shows the calendar around a moment.
    pub fn show_day(&mut self, shared: &Shared, at: Instant) {
        self.go(Screen::Calendar);
        self.calendar.show_day(shared, at);
        self.calendar.refresh(shared);
    }

    /// Puts the wall over everything; `alone` when the program was started for nothing else.
    pub fn open_wall(&mut self, shows: WallShows, alone: bool) {
        let wall = match shows {
            WallShows::Meeting => OnWall::Meeting(wall::Wall::default()),
            WallShows::Night => OnWall::Night(wall::NightWall::default()),
        };
        self.wall = Some((wall, alone));
    }

    /// What the wall shows from the screen that is open.
    #[must_use]
    pub const fn for_wall(&self) -> WallShows {
        if matches!(self.screen, Screen::Run) { WallShows::Night } else { WallShows::Meeting }
    }

    /// Whether the Board is what is seen.
    #[must_use]
    pub fn is_board(&self) -> bool {
        self.wall.is_none() && self.pages.is_empty() && self.screen == Screen::Board
    }

    #[must_use]
    pub const fn is_wall(&self) -> bool {
        self.wall.is_some()
    }

    /// Takes the wall away; false when there is nothing behind it.
    pub fn close_wall(&mut self) -> bool {
        let alone = self.wall.as_ref().is_some_and(|(_, alone)| *alone);
        if !alone {
            self.wall = None;
        }
        !alone
    }

    /// Opens a full page of an item or a service.
    pub fn open(&mut self, page: impl View + 'static) {
        self.pages.push(Box::new(page));
    }

    /// Closes the topmost page; false when there was none.
    pub fn close(&mut self) -> bool {
        self.pages.pop().is_some()
    }
}

#[cfg(test)]
mod tests;
