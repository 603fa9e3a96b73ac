//! `?`: the keys of what was on screen, each with its sentence; Enter does the selected one.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Shared, Wish},
    input::{Action, Keymap, Place, Spec},
    view::{
        Popup,
        widget::{Lead, ListState, Move, Pen, centred, dialog_box},
    },
};

/// One row: an action and why it cannot be done now.
#[derive(Debug, Clone)]
pub struct Row {
    pub spec: &'static Spec,
    pub disabled: Option<String>,
}

/// The help of a place.
#[derive(Debug)]
pub struct Help {
    rows: Vec<Row>,
    list: ListState,
}

impl Help {
    /// Help over rows in the order they are looked up.
    #[must_use]
    pub fn new(rows: Vec<Row>) -> Self {
        Self { rows, list: ListState::default() }
    }
}

/// The keys of an action, as in `j Down`.
pub fn keys_of(keymap: &Keymap, action: Action) -> String {
    keymap.keys(action).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Popup for Help {
    fn places(&self) -> &'static [Place] {
        &[Place::Help]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Enter => {
                if let Some(row) = self.rows.get(self.list.cursor()) {
                    shared.close();
                    shared.wish(Wish::Act(row.spec.action));
                }
            }
            Action::Help => shared.close(),
            _ => match Move::of(action) {
                Some(to) => {
                    self.list.go(to, self.rows.len());
                }
                None => return false,
            },
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let height = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inner = dialog_box(buf, look, centred(area, 76, height), "Help: Enter does what is selected");
        let view = self.list.show(inner.height, self.rows.len());
        for (line, index) in (0..).zip(view) {
            let Row { spec, disabled } = &self.rows[index];
            let lead = Lead { selected: index == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, line);
            let keys = keys_of(&shared.keymap, spec.action);
            let style = if disabled.is_some() { look.muted() } else { look.text() };
            let key_style = pen.id_style(lead, if disabled.is_some() { look.muted() } else { look.key() });
            pen.lead(lead).id(&keys, 14, key_style).skip(1);
            match disabled {
                None => pen.rest(spec.about, style),
                Some(why) => pen.rest(&format!("{} ({why})", spec.about), style),
            };
        }
    }
}
