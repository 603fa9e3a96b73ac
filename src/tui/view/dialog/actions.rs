//! Actions that nobody has closed: who has to do what until when. Their owner or a chair closes one; a member adds one.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Ask, Purpose, rows};
use crate::{
    model::Id,
    tui::{
        app::Shared,
        input::{Action, Place},
        theme::Role,
        view::{
            Popup,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box},
        },
    },
    wire,
};

/// The dialog.
#[derive(Debug)]
pub struct Actions {
    /// In which meeting one is added.
    meeting: Id,
    list: ListState,
}

impl Actions {
    #[must_use]
    pub fn new(meeting: Id) -> Self {
        Self { meeting, list: ListState::default() }
    }

    fn selected<'a>(&self, shared: &'a Shared) -> Option<&'a wire::Action> {
        let all = &shared.snapshot.actions;
        all.get(self.list.cursor().min(all.len().saturating_sub(1)))
    }

    /// The meeting once it is on record: before that an action belongs to none.
    fn on_record(&self, shared: &Shared) -> Option<Id> {
        let row = shared.snapshot.meetings.iter().find(|row| row.id == self.meeting)?;
        (row.phase != wire::MeetingPhase::Planned).then(|| row.id.clone())
    }
}

impl Popup for Actions {
    fn places(&self) -> &'static [Place] {
        &[Place::Actions]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let me = &shared.snapshot.me;
        match (action, self.selected(shared)) {
            (Action::CloseAction, None) => Some("no action is open".to_owned()),
            (Action::CloseAction, Some(found))
                if me.person.as_ref() != Some(&found.owner) && me.role != Some(crate::model::Role::Chair) =>
            {
                Some(format!("{} or a chair closes it", found.owner))
            }
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, shared.snapshot.actions.len());
            return true;
        }
        let purpose = match action {
            Action::AddAction => Purpose::Action { meeting: self.on_record(shared), item: None },
            Action::CloseAction => {
                let Some(found) = self.selected(shared) else { return true };
                Purpose::CloseAction { number: found.number, text: found.text.words() }
            }
            _ => return false,
        };
        let ask = Ask::new(shared, purpose);
        shared.open(ask);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let all = &shared.snapshot.actions;
        let height = rows(all.len().max(1) + 4);
        let inner = dialog_box(buf, look, centred(area, 76, height), &format!("Actions {}", all.len()));
        let list = inner.height.saturating_sub(2);
        if all.is_empty() {
            Pen::new(buf, look, inner, 0).text("Nothing is left to do.");
        }
        let today = shared.zones.current().date(shared.now);
        for (row, at) in (0..).zip(self.list.show(list, all.len())) {
            let action = &all[at];
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let (due, role) = match action.due {
                Some(due) if due < today => (format!("{due} overdue"), Role::Caution),
                Some(due) => (due.to_string(), Role::Text),
                None => ("no date".to_owned(), Role::Muted),
            };
            let mut pen = Pen::new(buf, look, inner, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead).number(&action.number.to_string(), 3, style).text("  ");
            pen.column(action.owner.as_str(), 12, look.text()).text(" ");
            pen.column(&due, 18, look.word(role)).text(" ");
            let item = action.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
            pen.rest(&format!("{}{item}", action.text.words()), look.text());
        }
        let last = inner.height.saturating_sub(1);
        let shown = |action| shared.keymap.shown(action);
        let words = format!(
            "{} close · {} add one · {} back",
            shown(Action::CloseAction),
            shown(Action::AddAction),
            shown(Action::Back)
        );
        Pen::new(buf, look, inner, last).rest(&words, look.muted());
    }
}
