//! The documents of a release: scope, plan and way back, to read, to copy, or to write to a file.

use std::path::PathBuf;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::view::dialog::rows;
use crate::{
    report::{self, Form},
    tui::{
        app::{Effect, Shared},
        input::{Action, Place},
        view::{
            Popup,
            widget::{Move, Pen, ScrollState, centred, dialog_box, wrap},
        },
    },
    wire::release::ReleasePlan,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Scope,
    Plan,
    Rollback,
}

impl Which {
    const ALL: [Self; 3] = [Self::Scope, Self::Plan, Self::Rollback];
}

/// The dialog.
#[derive(Debug)]
pub struct Documents {
    plan: ReleasePlan,
    which: Which,
    scroll: ScrollState,
}

impl Documents {
    #[must_use]
    pub fn new(plan: ReleasePlan) -> Self {
        Self { plan, which: Which::Scope, scroll: ScrollState::default() }
    }

    fn text(&self, shared: &Shared, form: Form) -> String {
        let zone = shared.zones.current();
        match self.which {
            Which::Scope => report::release::scope(&self.plan, zone, form),
            Which::Plan => report::release_plan::plan(&self.plan, zone, form),
            Which::Rollback => report::run::rollback(&self.plan.rollback, zone, form),
        }
    }

    const fn word(&self) -> &'static str {
        match self.which {
            Which::Scope => "scope",
            Which::Plan => "plan",
            Which::Rollback => "rollback",
        }
    }
}

impl Popup for Documents {
    fn places(&self) -> &'static [Place] {
        &[Place::Explain, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.scroll.go(to);
            return true;
        }
        match action {
            Action::Left | Action::Right => {
                let all = Which::ALL;
                let own = all.iter().position(|one| *one == self.which).unwrap_or(0);
                let step = if action == Action::Left { all.len() - 1 } else { 1 };
                self.which = all[(own + step) % all.len()];
                self.scroll.reset();
            }
            Action::Copy => {
                let text = self.text(shared, Form::Markdown);
                shared.effect(Effect::Copy(text));
            }
            Action::Enter => {
                let name = self.plan.release.id.as_str().replace([':', '/'], "-");
                let path = PathBuf::from(format!("quorate-{}-{name}.md", self.word()));
                let bytes = self.text(shared, Form::Markdown).into_bytes();
                shared.effect(Effect::Write { path, bytes });
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(110)).saturating_sub(4);
        let text = self.text(shared, Form::Plain);
        let lines: Vec<String> = text
            .lines()
            .flat_map(|line| if line.is_empty() { vec![String::new()] } else { wrap(line, columns) })
            .collect();
        let title = format!("{}: {}", self.plan.release.id, self.word());
        let inner = dialog_box(buf, look, centred(area, 110, rows(lines.len() + 4)), &title);
        let body = Rect { height: inner.height.saturating_sub(2), ..inner };
        for (row, at) in (0..).zip(self.scroll.show(body.height, lines.len())) {
            Pen::new(buf, look, body, row).text(&lines[at]);
        }
        let keymap = &shared.keymap;
        let keys = [Action::Left, Action::Right, Action::Copy, Action::Enter, Action::Back];
        let [left, right, copy, enter, back] = keys.map(|action| keymap.shown(action));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&left, look.key()).text(" ").put(&right, look.key()).text(" scope, plan or rollback  ");
        pen.put(&copy, look.key()).text(" copies  ").put(&enter, look.key()).text(" writes it here  ");
        pen.put(&back, look.key()).text(" back");
    }
}
