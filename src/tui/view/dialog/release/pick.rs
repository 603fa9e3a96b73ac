//! Which change is bundled, or taken out: what fits first, each with what it would do.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Deed, ReleaseDo};
use crate::tui::view::dialog::rows;
use crate::{
    model::Id,
    tui::{
        app::Shared,
        input::{Action, Place},
        view::{
            Popup,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box},
        },
    },
    wire::release::{BundleTrial, ReleasePlan},
};

/// A change that can be chosen.
#[derive(Debug)]
struct Choice {
    id: Id,
    title: String,
    about: String,
    trial: Option<BundleTrial>,
}

/// The dialog.
#[derive(Debug)]
pub struct Pick {
    plan: ReleasePlan,
    choices: Vec<Choice>,
    list: ListState,
}

impl Pick {
    /// Among what shares a service with it.
    #[must_use]
    pub fn into(plan: &ReleasePlan) -> Self {
        let choice = |one: &crate::wire::release::Apart| Choice {
            id: one.id.clone(),
            title: one.title.to_string(),
            about: one.trial.line(),
            trial: Some(one.trial.clone()),
        };
        Self {
            choices: plan.apart.iter().map(choice).collect(),
            plan: plan.clone(),
            list: ListState::default(),
        }
    }

    /// Among what it carries.
    #[must_use]
    pub fn out(plan: &ReleasePlan) -> Self {
        let choice = |one: &crate::wire::release::CarriedChange| Choice {
            id: one.id.clone(),
            title: one.title.to_string(),
            about: one.stands.clone(),
            trial: None,
        };
        Self {
            choices: plan.bundle.iter().map(choice).collect(),
            plan: plan.clone(),
            list: ListState::default(),
        }
    }
}

impl Popup for Pick {
    fn places(&self) -> &'static [Place] {
        &[Place::Pick, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, self.choices.len());
            return true;
        }
        if action != Action::Enter {
            return false;
        }
        let Some(choice) = self.choices.get(self.list.cursor()) else { return true };
        let deed = match &choice.trial {
            Some(trial) => Deed::Bundle(choice.id.clone(), trial.clone()),
            None => Deed::Unbundle(choice.id.clone()),
        };
        let next = ReleaseDo::new(shared, deed, &self.plan);
        shared.close();
        shared.open(next);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let into = self.choices.first().is_some_and(|choice| choice.trial.is_some());
        let what = if into { "Bundle in" } else { "Take out of" };
        let title = format!("{what} {}", self.plan.release.id);
        let inner = dialog_box(buf, look, centred(area, 100, rows(self.choices.len() + 4)), &title);
        let body = Rect { height: inner.height.saturating_sub(2), ..inner };
        let view = self.list.show(body.height, self.choices.len());
        let cursor = self.list.cursor();
        let id = self.choices.iter().map(|one| one.id.as_str().len()).max().unwrap_or(0).clamp(6, 16);
        for (row, (at, one)) in (0..).zip((0..).zip(&self.choices).skip(view.start).take(view.len())) {
            let lead = Lead { selected: at == cursor, focused: true, marked: false };
            let mut pen = Pen::new(buf, look, body, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead).id(one.id.as_str(), id, style).text(" ");
            let room = pen.left() / 2;
            pen.column(&one.title, room, look.text()).text(" ").rest(&one.about, look.muted());
        }
        let (enter, back) = (shared.keymap.shown(Action::Enter), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&enter, look.key()).text(" goes on   ").put(&back, look.key()).text(" back");
    }
}
