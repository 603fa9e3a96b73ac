//! `Alt-n`: what concerns me now, what to type about it, and how I hear of it; Enter opens the item.

use ratatui::{buffer::Buffer, layout::Rect};

use super::PreferencesForm;
use crate::{
    calendar::Zone,
    model::Id,
    tui::{
        app::{Shared, Wish},
        input::{Action, Place},
        theme::Role,
        view::{
            Page, Popup,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::notices::{NoticeRow, NoticeState, Notices},
    words::notice,
};

/// The dialog.
#[derive(Debug, Default)]
pub struct NoticesDialog {
    list: ListState,
}

impl NoticesDialog {
    fn selected<'a>(&self, shared: &'a Shared) -> Option<&'a NoticeRow> {
        shared.notices.newest()?.notices.get(self.list.cursor())
    }
}

/// The item whose page tells of it: of a phase its release.
fn item_of(shared: &Shared, id: &Id) -> Id {
    shared.snapshot.activities.get(id).map_or_else(|| id.clone(), |row| row.item.clone())
}

/// What is beside a notice: that it left, waits, or does not leave.
fn beside(row: &NoticeRow) -> String {
    match (row.told.is_empty(), row.wanted, row.held) {
        (false, _, _) => format!("told by {}", crate::words::listed(&row.told)),
        (true, false, _) => "on the screen alone".to_owned(),
        (true, true, true) => "quiet hours hold it".to_owned(),
        (true, true, false) => String::new(),
    }
}

fn role(row: &NoticeRow) -> Role {
    match row.notice.key.state {
        NoticeState::Held | NoticeState::ToDecide | NoticeState::Late => Role::Caution,
        NoticeState::DeadlineNear
        | NoticeState::VoteNeeded
        | NoticeState::EditedAfterVote
        | NoticeState::VotedForThem
        | NoticeState::Clash
        | NoticeState::Question
        | NoticeState::Decided
        | NoticeState::Lapsed
        | NoticeState::MayStart
        | NoticeState::Overdue => Role::You,
    }
}

/// What is said of the one that is selected, and how its person hears.
fn below(
    notices: &Notices,
    selected: Option<&NoticeRow>,
    (zone, columns): (Zone, usize),
    change: &str,
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(row) = selected {
        lines.extend(wrap(&notice::line(&row.notice, zone), columns));
        let beside = beside(row);
        let typed = notice::command(&row.notice.key);
        lines.extend(wrap(&if beside.is_empty() { typed } else { format!("{typed}   ({beside})") }, columns));
    }
    let own = Zone::named(&notices.zone).unwrap_or(zone);
    let wanted = notice::wanted(&notices.preferences, own);
    lines.extend(wrap(&format!("You hear {wanted}. {change} changes it; nobody else sees it."), columns));
    lines
}

impl Popup for NoticesDialog {
    fn places(&self) -> &'static [Place] {
        &[Place::Notices, Place::Pick, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let len = shared.notices.newest().map_or(0, |notices| notices.notices.len());
            self.list.go(to, len);
            return true;
        }
        if action == Action::Preferences {
            shared.close();
            let form = PreferencesForm::new(shared);
            shared.open(form);
            return true;
        }
        if action != Action::Enter {
            return false;
        }
        match self.selected(shared).and_then(|row| row.notice.key.item.clone()) {
            Some(id) => {
                let item = item_of(shared, &id);
                shared.close();
                shared.wish(Wish::Page(Page::new(item.clone(), vec![item], "notices")));
            }
            None => shared.note("it is about no change or release"),
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let rows = shared.notices.newest().map_or(0, |notices| notices.notices.len());
        let wanted = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(10);
        let high = area.height.saturating_sub(4).min(30).min(wanted);
        let wide = if area.width >= 120 { 110 } else { 78 };
        let inner = dialog_box(buf, look, centred(area, wide, high), "What concerns you now");
        let Some(notices) = shared.notices.newest() else {
            let words = match shared.snapshot.me.person {
                Some(_) => "asking the board",
                None => "You are nobody on this board: nothing concerns you.",
            };
            Pen::new(buf, look, inner, 0).put(words, look.muted());
            return;
        };
        let zone = shared.zones.current();
        let columns = usize::from(inner.width);
        let said =
            below(notices, self.selected(shared), (zone, columns), &shared.keymap.shown(Action::Preferences));
        let below_height = u16::try_from(said.len()).unwrap_or(1).min(inner.height / 2) + 1;
        let list_height = inner.height.saturating_sub(below_height);
        if notices.notices.is_empty() {
            Pen::new(buf, look, inner, 0).put("Nothing concerns you now.", look.muted());
        }
        for (line, index) in (0..).zip(self.list.show(list_height, notices.notices.len())) {
            let row = &notices.notices[index];
            let lead = Lead { selected: index == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, line);
            let id = row.notice.key.item.as_ref().map_or("", Id::as_str);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead).column(id, 14, style).text(" ");
            pen.rest(&notice::says(&row.notice, zone), look.word(role(row)));
        }
        let rest = Rect { y: inner.y + list_height, height: below_height, ..inner };
        let rule = look.glyphs.head_light.repeat(columns);
        Pen::new(buf, look, rest, 0).put(&rule, look.rule(false));
        for (line, text) in (1..rest.height).zip(&said) {
            Pen::new(buf, look, rest, line).text(text);
        }
    }
}
