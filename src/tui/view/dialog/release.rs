//! `R`: the menu of a release, each act confirmed with what it means; and `D`: its documents.

mod act;
mod documents;
mod pick;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    WhatIf,
    menu::{self, Choice},
};
use crate::{
    label::Label,
    model::{Id, PhaseState, ReleaseState},
    tui::{
        app::Shared,
        input::{Action, Place},
        view::Popup,
    },
    wire::release::{LIFE, ReleasePlan},
};

use act::{Deed, ReleaseDo};
pub use documents::Documents;
use pick::Pick;

/// The lines of the menu.
const LINES: [(Action, &str); 9] = [
    (Action::ReleaseOn, "on to"),
    (Action::ReleaseBack, "back to"),
    (Action::ReleaseOff, "call it off, with a reason"),
    (Action::Submit, "put it before its board"),
    (Action::PhaseGo, "go for"),
    (Action::PhaseNoGo, "no-go for"),
    (Action::BundleIn, "bundle a change in it"),
    (Action::BundleOut, "take a change out of it"),
    (Action::MoveRelease, "move it, on trial first"),
];

/// The menu.
#[derive(Debug)]
pub struct ReleaseMenu {
    plan: ReleasePlan,
}

impl ReleaseMenu {
    #[must_use]
    pub const fn new(plan: ReleasePlan) -> Self {
        Self { plan }
    }

    /// The phase that go is said for: the first that has not begun.
    fn phase(&self) -> Option<&Id> {
        let waits = |state| matches!(state, PhaseState::Pending | PhaseState::Unknown);
        self.plan.phases.iter().find(|phase| waits(phase.state) && !phase.dropped).map(|phase| &phase.id)
    }

    /// The state before the one it is in; of what was called off, the first.
    fn before(&self) -> Option<ReleaseState> {
        match LIFE.iter().position(|state| *state == self.plan.release.stage) {
            Some(at) => LIFE.get(at.checked_sub(1)?).copied(),
            None => Some(ReleaseState::Planning),
        }
    }

    fn why_not(&self, action: Action) -> Option<String> {
        let stage = self.plan.release.stage;
        match action {
            Action::ReleaseOn if self.plan.entry.is_none() => Some(format!("it is {}", stage.label())),
            Action::ReleaseBack if self.before().is_none() => Some("it is at its beginning".to_owned()),
            Action::ReleaseOff if !stage.is_live() => Some(format!("it is {}", stage.label())),
            Action::Submit if !self.plan.release.live => Some("nothing is left to decide".to_owned()),
            Action::PhaseGo | Action::PhaseNoGo if self.phase().is_none() => {
                Some("no phase of it is still to begin".to_owned())
            }
            Action::BundleIn if self.plan.apart.is_empty() => {
                Some("no pending change shares a service with it".to_owned())
            }
            Action::BundleOut if self.plan.bundle.is_empty() => Some("nothing is bundled in it".to_owned()),
            Action::MoveRelease if !self.plan.own => {
                Some("it belongs to its source: change it there, the board follows".to_owned())
            }
            _ => None,
        }
    }

    fn deed(&self, action: Action) -> Option<Deed> {
        Some(match action {
            Action::ReleaseOn => Deed::Enter(self.plan.entry.as_ref()?.to),
            Action::ReleaseBack => Deed::Back(self.before()?),
            Action::ReleaseOff => Deed::Off,
            Action::Submit => Deed::Submit,
            Action::PhaseGo => Deed::Go(self.phase()?.clone()),
            Action::PhaseNoGo => Deed::NoGo(self.phase()?.clone()),
            _ => return None,
        })
    }

    /// What a line is about, with the state or the phase it names.
    fn about(&self, action: Action, words: &str) -> String {
        let more = match action {
            Action::ReleaseOn => self.plan.entry.as_ref().map(|entry| match entry.missing.len() {
                0 => entry.to.label().to_owned(),
                lacks => format!("{}: it lacks {}", entry.to.label(), crate::label::count(lacks, "thing")),
            }),
            Action::ReleaseBack => self.before().map(|state| state.label().to_owned()),
            Action::PhaseGo | Action::PhaseNoGo => self.phase().map(ToString::to_string),
            _ => None,
        };
        more.map_or_else(|| words.to_owned(), |more| format!("{words} {more}"))
    }
}

impl Popup for ReleaseMenu {
    fn places(&self) -> &'static [Place] {
        &[Place::ReleaseMenu]
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        self.why_not(action)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if !LINES.iter().any(|(own, _)| *own == action) {
            return false;
        }
        let id = self.plan.release.id.clone();
        shared.close();
        match action {
            Action::MoveRelease => match WhatIf::new(shared, id) {
                Some(what_if) => shared.open(what_if),
                None => shared.note("no phase of it has a start that is still to come"),
            },
            Action::BundleIn => shared.open(Pick::into(&self.plan)),
            Action::BundleOut => shared.open(Pick::out(&self.plan)),
            _ => {
                if let Some(deed) = self.deed(action) {
                    let next = ReleaseDo::new(shared, deed, &self.plan);
                    shared.open(next);
                }
            }
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let title = format!("{} {}", shared.keymap.shown(Action::ReleaseMenu), self.plan.release.id);
        let choices = LINES.map(|(action, words)| {
            let about = self.about(action, words);
            let why = self.why_not(action);
            let disabled = why.is_some();
            let words = why.map_or_else(|| about.clone(), |why| format!("{about}: {why}"));
            Choice { action, name: "", words, disabled, lead: None }
        });
        menu::draw(shared, buf, area, (&title, 72), 0, &choices);
    }
}
