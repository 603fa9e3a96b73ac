//! What an action does, in the order in which it is offered: the layer in front, the screen, what works everywhere.

use super::{Effect, State, Wish};
use crate::{
    model::RecordKind,
    tui::{
        input::{Action, Place, Spec, spec},
        view::{
            Screen,
            dialog::{self, Delegations, FilterLine, Help, HelpRow, Messages, Palette, Since},
        },
    },
};

impl State {
    /// Does an action where the focus is, unless it is disabled there.
    pub(super) fn act(&mut self, action: Action) {
        self.relaid |= lays_out_anew(action);
        self.shared.permissions.trying(true);
        let disabled = self.disabled(action);
        self.shared.permissions.trying(false);
        if let Some(why) = disabled {
            self.shared.note(format!("{}: {why}", spec(action).name));
            return;
        }
        match action {
            Action::QuitNow => return self.shared.effect(Effect::Quit),
            Action::Suspend => return self.shared.effect(Effect::Suspend),
            Action::Redraw => return self.shared.effect(Effect::Redraw),
            _ => {}
        }
        if let Some(layer) = self.layers.last_mut() {
            if !layer.act(&mut self.shared, action) {
                match action {
                    Action::Back => self.shared.close(),
                    Action::Help => self.open_help(),
                    _ => {}
                }
            }
            return;
        }
        if !self.views.top().act(&mut self.shared, action) {
            self.act_anywhere(action);
        }
    }

    /// Why an action cannot be done now.
    pub(super) fn disabled(&mut self, action: Action) -> Option<String> {
        if spec(action).writes {
            if let Some(why) = &self.shared.read_only {
                return Some(why.clone());
            }
            if self.shared.snapshot.read_only {
                return Some("this board can only be read".to_owned());
            }
            if let Some(broken) = &self.shared.snapshot.broken {
                return Some(format!(
                    "{}; {}",
                    crate::words::doubt::broken(broken),
                    crate::words::doubt::broken_hint(broken)
                ));
            }
        }
        match self.layers.last() {
            Some(layer) => layer.disabled(&self.shared, action),
            None => self.views.top().disabled(&self.shared, action),
        }
    }

    /// What an action does on every screen.
    fn act_anywhere(&mut self, action: Action) {
        if let Some(screen) = Screen::ALL.iter().find(|screen| screen.action() == action) {
            return self.shared.wish(Wish::Go(*screen));
        }
        match action {
            Action::Back => {
                let now = self.shared.moment;
                let gone = self.shared.toasts.dismiss() || self.shared.waiting.give_up(now);
                if gone || self.close_page() {
                } else if !self.shared.filter.is_empty() {
                    self.shared.wish(Wish::Filter(String::new()));
                } else if !self.shared.marked.is_empty() {
                    self.shared.marked.clear();
                    self.shared.note("the marks are forgotten");
                }
            }
            Action::Quit => {
                if !self.close_page() {
                    self.shared.effect(Effect::Quit);
                }
            }
            Action::Help => self.open_help(),
            Action::Palette => {
                let rows = self.keys_here();
                let item = self.views.top().target(&self.shared).map(|target| target.id);
                let palette = Palette::new(&self.shared, rows, item.as_ref());
                self.shared.open(palette);
            }
            Action::Messages => {
                // Whoever opens the list has read them.
                self.shared.toasts.dismiss_all();
                self.shared.open(Messages::default());
            }
            Action::Preferences => {
                let form = dialog::PreferencesForm::new(&mut self.shared);
                self.shared.open(form);
            }
            Action::Notices => self.shared.open(dialog::NoticesDialog::default()),
            Action::Since => {
                let since = Since::new(&mut self.shared);
                self.shared.open(since);
            }
            Action::Delegations => {
                let delegations = Delegations::new(&mut self.shared);
                self.shared.open(delegations);
            }
            Action::Templates => {
                let templates = dialog::Templates::new(&mut self.shared);
                self.shared.open(templates);
            }
            Action::Filter => {
                let line = FilterLine::new(&self.shared.filter);
                self.shared.open(line);
            }
            Action::Zone => {
                self.shared.zones.cycle();
                self.shared.sift();
                self.refresh();
            }
            Action::Refresh => {
                self.shared.sync();
            }
            Action::Follow => {
                self.shared.wish(Wish::Go(Screen::Meeting));
                self.shared.wish(Wish::Act(Action::Follow));
            }
            Action::Wall => self.shared.wish(Wish::Wall),
            Action::LeaveWall => {
                if self.views.close_wall() {
                    self.refresh();
                } else {
                    self.shared.effect(Effect::Quit);
                }
            }
            Action::Import => self.shared.open(dialog::Import::default()),
            Action::NewChange => {
                let form = dialog::RecordForm::new(&mut self.shared, RecordKind::Change);
                self.shared.open(form);
            }
            Action::NewRecord => self.shared.open(dialog::Own::default()),
            Action::Seats => {
                if dialog::Own::has_seats(&self.shared) {
                    let seats = dialog::Own::seats(&mut self.shared);
                    self.shared.open(seats);
                } else {
                    let form = dialog::SeatForm::new(&mut self.shared);
                    self.shared.open(form);
                }
            }
            Action::Export => {
                let view = self.views.top();
                let (document, meeting) = (view.document(&self.shared), view.minutes_of(&self.shared));
                let log = self.views.screen == Screen::Record;
                let export = dialog::Export::new(&self.shared, document, meeting, log);
                self.shared.open(export);
            }
            _ => self.act_on_target(action),
        }
    }

    fn act_on_target(&mut self, action: Action) {
        if !spec(action).places.contains(&Place::Item) && action != Action::Acknowledge {
            return;
        }
        match self.views.top().target(&self.shared) {
            None => self.shared.note("nothing is selected"),
            Some(target) if action == Action::Copy => {
                self.shared.effect(Effect::Copy(target.id.to_string()));
            }
            Some(target) => {
                if !dialog::open(&mut self.shared, action, &target) {
                    self.shared.note(format!("{} cannot be done with {} here", spec(action).name, target.id));
                }
            }
        }
    }

    fn close_page(&mut self) -> bool {
        let closed = self.views.close();
        if closed {
            self.views.top().refresh(&self.shared);
        }
        closed
    }

    /// The actions of the place with the focus, for help and palette.
    pub fn keys_here(&mut self) -> Vec<HelpRow> {
        let places = self.places();
        let rows = self.shared.keymap.rows(&places);
        let place = |spec: &Spec| places.iter().find(|place| spec.places.contains(place)).copied();
        rows.into_iter()
            .map(|spec| HelpRow {
                spec,
                place: place(spec).unwrap_or(Place::Always),
                disabled: self.disabled(spec.action),
            })
            .collect()
    }

    fn open_help(&mut self) {
        let rows = self.keys_here();
        let places = self.places();
        let help = Help::new(rows, &places, self.shared.look.glyphs);
        self.shared.open(help);
    }
}

/// Whether things lie elsewhere after an action, so that a cursor finds its way only once they are drawn.
fn lays_out_anew(action: Action) -> bool {
    use Action::{CycleView, Fold, Group, NextPeriod, PrevPeriod, Today, ZoomIn, ZoomOut};
    matches!(action, CycleView | Fold | Group | NextPeriod | PrevPeriod | Today | ZoomIn | ZoomOut)
}
