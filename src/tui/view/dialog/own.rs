//! `Alt-c`: which record of this board is made or edited: first the kind, then a new one or one there is.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{RecordForm, rows};
use crate::{
    model::{Id, RecordKind},
    tui::{
        app::Shared,
        input::{Action, Place},
        view::{
            Popup,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box},
        },
    },
};

const KINDS: [(RecordKind, &str); 5] = [
    (RecordKind::Change, "what somebody wants to do, and when"),
    (RecordKind::Release, "a version on its way, with its phases"),
    (RecordKind::Window, "maintenance, freeze, release, event"),
    (RecordKind::Service, "what is changed, and what needs it"),
    (RecordKind::Person, "what somebody is called, and by which telephone"),
];

/// The dialog; without a kind it asks for one.
#[derive(Debug, Default)]
pub struct Own {
    kind: Option<RecordKind>,
    list: ListState,
}

/// A line: a new one, or one there is with its name.
struct Row {
    id: Option<Id>,
    text: String,
}

impl Own {
    /// A new one, and those of the board, by id.
    fn rows(shared: &Shared, kind: RecordKind) -> Vec<Row> {
        let snapshot = &shared.snapshot;
        // What a source brings is called by the name of the source first.
        let own = |id: &Id| {
            let source = id.as_str().split_once(':').map(|(source, _)| source);
            source.is_none_or(|source| !snapshot.sources.iter().any(|known| known.id.as_str() == source))
        };
        let there: Vec<(Id, String)> = match kind {
            RecordKind::Release => snapshot
                .releases
                .iter()
                .filter(|(_, release)| release.source.is_board())
                .map(|(id, release)| (id.clone(), release.name.to_string()))
                .collect(),
            RecordKind::Window => {
                snapshot.windows.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect()
            }
            RecordKind::Service => {
                snapshot.services.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect()
            }
            RecordKind::Person => {
                snapshot.people.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect()
            }
            RecordKind::Change | RecordKind::Comment | RecordKind::Approval | RecordKind::Incident => {
                Vec::new()
            }
        };
        let new = Row { id: None, text: format!("a new {}", kind.word()) };
        let there = there.into_iter().filter(|(id, _)| own(id)).map(|(id, text)| Row { id: Some(id), text });
        std::iter::once(new).chain(there).collect()
    }

    fn shown(&self, shared: &Shared) -> Vec<Row> {
        match self.kind {
            Some(kind) => Self::rows(shared, kind),
            None => KINDS
                .iter()
                .map(|(kind, about)| Row { id: Id::new(kind.word()).ok(), text: (*about).to_owned() })
                .collect(),
        }
    }

    fn choose(&mut self, shared: &mut Shared) {
        let at = self.list.cursor();
        let form = match self.kind {
            None => {
                let Some((kind, _)) = KINDS.get(at) else { return };
                // Changes are edited where they stand.
                if *kind != RecordKind::Change {
                    *self = Self { kind: Some(*kind), list: ListState::default() };
                    return;
                }
                RecordForm::new(shared, *kind)
            }
            Some(kind) => match Self::rows(shared, kind).into_iter().nth(at) {
                Some(Row { id: Some(id), .. }) => RecordForm::edit(shared, kind, id),
                Some(Row { id: None, .. }) => RecordForm::new(shared, kind),
                None => return,
            },
        };
        shared.close();
        shared.open(form);
    }
}

impl Popup for Own {
    fn places(&self) -> &'static [Place] {
        &[Place::Pick, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let count = self.shown(shared).len();
            self.list.go(to, count);
            return true;
        }
        match action {
            Action::Enter => self.choose(shared),
            Action::Back if self.kind.is_some() => *self = Self::default(),
            _ => return false,
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let title = self.kind.map_or_else(
            || "Make or edit, of this board".to_owned(),
            |kind| format!("Which {}?", kind.word()),
        );
        let shown = self.shown(shared);
        let inner = dialog_box(buf, look, centred(area, 72, rows(shown.len() + 4)), &title);
        let body = Rect { height: inner.height.saturating_sub(2), ..inner };
        let view = self.list.show(body.height, shown.len());
        let (cursor, wide) = (self.list.cursor(), shown.iter().filter_map(|row| row.id.as_ref()));
        let wide = wide.map(|id| id.as_str().len()).max().unwrap_or(0).clamp(8, 24);
        for (row, (at, one)) in (0..).zip((0..).zip(&shown).skip(view.start).take(view.len())) {
            let lead = Lead { selected: at == cursor, focused: true, marked: false };
            let mut pen = Pen::new(buf, look, body, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead);
            match &one.id {
                Some(id) => pen.id(id.as_str(), wide, style).text(" ").rest(&one.text, look.muted()),
                None => pen.rest(&one.text, style),
            };
        }
        let (enter, back) = (shared.keymap.shown(Action::Enter), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&enter, look.key()).text(" goes on   ").put(&back, look.key()).text(" back");
    }
}
