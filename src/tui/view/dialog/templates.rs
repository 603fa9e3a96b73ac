//! `T`: the standard changes of the board: every template with how it stands, and work that could be one.
//!
//! From here a change is made from an approved template, and templates are proposed, suspended, put before the board again
//! and retired.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Ask, Purpose, StandardForm, TemplateDeed, rows};
use crate::{
    model::{Id, Template},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
        theme::Role,
        view::{
            Page, Popup,
            pending_question::{PendingQuestion, refusal},
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Catalogue, Question, Suggestion, TemplateState, TemplateView},
    words,
};

/// The dialog.
#[derive(Debug, Default)]
pub struct Templates {
    asked: PendingQuestion,
    list: ListState,
    /// The change of which a template is to be made, once it is read.
    newest: PendingQuestion,
}

/// What can be selected.
#[derive(Debug, Clone, Copy)]
enum Row<'a> {
    Template(&'a TemplateView),
    Suggestion(&'a Suggestion),
}

impl Templates {
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let mut dialog = Self::default();
        dialog.asked.want(shared, Question::Catalogue);
        dialog
    }

    fn catalogue(&self) -> Option<&Catalogue> {
        match self.asked.answer() {
            Some(Answer::Catalogue(catalogue)) => Some(catalogue),
            _ => None,
        }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let Some(known) = self.catalogue() else { return Vec::new() };
        let templates = known.templates.iter().map(Row::Template);
        templates.chain(known.suggestions.iter().map(Row::Suggestion)).collect()
    }

    fn selected(&self) -> Option<Row<'_>> {
        self.rows().get(self.list.cursor()).copied()
    }

    fn template(&self) -> Option<&TemplateView> {
        match self.selected() {
            Some(Row::Template(view)) => Some(view),
            Some(Row::Suggestion(_)) | None => None,
        }
    }

    /// The item that the selected row stands for: the proposal of a template, or the newest change of a suggestion.
    fn item(&self) -> Option<Id> {
        match self.selected()? {
            Row::Template(view) => (!view.by_rules).then(|| view.template.id.clone()),
            Row::Suggestion(suggestion) => suggestion.changes.first().cloned(),
        }
    }

    fn open(&self, shared: &mut Shared) {
        let Some(item) = self.item() else {
            return shared.note("its terms are in the board's rules, and nobody votes on them");
        };
        shared.close();
        shared.wish(Wish::Page(Page::new(item.clone(), vec![item], "standard changes")));
    }

    fn ask(&self, shared: &mut Shared, deed: impl FnOnce(&TemplateView) -> TemplateDeed) {
        if let Some(view) = self.template() {
            let ask = Ask::new(shared, Purpose::Template(deed(view)));
            shared.open(ask);
        }
    }

    /// The change of a suggestion is there: its terms are looked through before they are sent.
    fn proposes(&mut self, shared: &mut Shared) {
        let Some(change) = self.newest.change().map(|detail| detail.change.clone()) else { return };
        let year = chrono::Months::new(12);
        let today = shared.now.to_utc().date_naive();
        let until = today.checked_add_months(year).unwrap_or(today);
        let Ok(id) = Id::new(&words::template::id(&change.title)) else { return };
        let terms = Box::new(Template::of_change(&change, id, until));
        self.newest.clear();
        let ask = Ask::new(shared, Purpose::Template(TemplateDeed::Propose { terms }));
        shared.open(ask);
    }

    fn draw_row(shared: &Shared, row: Row<'_>, lead: Lead, at: u16, (buf, body): (&mut Buffer, Rect)) {
        let look = &shared.look;
        let zone = shared.zones.current();
        let (id, name, said, role) = match row {
            Row::Template(view) => {
                let role = match view.state {
                    TemplateState::Approved => Role::Ok,
                    TemplateState::Suspended => Role::Bad,
                    TemplateState::Expired => Role::Caution,
                    TemplateState::Proposed => Role::You,
                    TemplateState::Retired => Role::Muted,
                };
                let said =
                    format!("{} · {}", words::template::stands(view, zone), words::template::made(view));
                (view.template.id.as_str(), view.template.name.as_str(), said, role)
            }
            Row::Suggestion(suggestion) => {
                ("suggested", suggestion.title.as_str(), words::template::evidence(suggestion), Role::Muted)
            }
        };
        let mut pen = Pen::new(buf, look, body, at);
        let style = pen.id_style(lead, look.text());
        pen.lead(lead).column(id, 18, style).text(" ").rest(name, look.text());
        Pen::new(buf, look, body, at + 1).text("    ").rest(&said, look.word(role));
    }
}

impl Popup for Templates {
    fn places(&self) -> &'static [Place] {
        &[Place::Templates, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let zone = shared.zones.current();
        let stands =
            |view: &TemplateView| format!("{} is {}", view.template.id, words::template::stands(view, zone));
        match (action, self.selected()) {
            (Action::ProposeTemplate, Some(Row::Template(_)) | None) => Some(
                "nothing is suggested here; `quorate template propose --from CHANGE` takes any change"
                    .to_owned(),
            ),
            (
                Action::MakeStandard
                | Action::SuspendTemplate
                | Action::ResubmitTemplate
                | Action::RetireTemplate,
                None,
            ) => Some("there is no template yet".to_owned()),
            (
                Action::MakeStandard
                | Action::SuspendTemplate
                | Action::ResubmitTemplate
                | Action::RetireTemplate,
                Some(Row::Suggestion(_)),
            ) => Some("this is a suggestion, no template yet".to_owned()),
            (Action::MakeStandard | Action::SuspendTemplate, Some(Row::Template(view)))
                if view.state != TemplateState::Approved =>
            {
                Some(stands(view))
            }
            (Action::ResubmitTemplate, Some(Row::Template(view))) if view.round.is_some() => {
                Some(stands(view))
            }
            (Action::RetireTemplate | Action::ResubmitTemplate, Some(Row::Template(view)))
                if view.state == TemplateState::Retired =>
            {
                Some(stands(view))
            }
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let count = self.rows().len();
            self.list.go(to, count);
            return true;
        }
        match action {
            Action::Enter => self.open(shared),
            Action::MakeStandard => {
                if let Some(view) = self.template() {
                    let form = StandardForm::new(shared, view.template.clone());
                    shared.open(form);
                }
            }
            Action::SuspendTemplate => {
                self.ask(shared, |view| TemplateDeed::Suspend { id: view.template.id.clone() })
            }
            Action::RetireTemplate => {
                self.ask(shared, |view| TemplateDeed::Retire { id: view.template.id.clone() })
            }
            Action::ResubmitTemplate => self.ask(shared, |view| TemplateDeed::Resubmit {
                id: view.template.id.clone(),
                until: view.template.approved_until,
            }),
            Action::ProposeTemplate => {
                let newest = match self.selected() {
                    Some(Row::Suggestion(suggestion)) => suggestion.changes.first().cloned(),
                    Some(Row::Template(_)) | None => None,
                };
                if let Some(id) = newest {
                    self.newest.clear();
                    self.newest.want(shared, Question::Detail { id });
                }
            }
            _ => return false,
        }
        true
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.asked.want(shared, Question::Catalogue);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.asked.reply(ticket, reply) {
            return true;
        }
        if !self.newest.reply(ticket, reply) {
            return false;
        }
        self.proposes(shared);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let all = self.rows();
        let wide = if area.width >= 120 { 112 } else { 78 };
        let height = rows((2 * all.len()).clamp(2, 24) + 4);
        let inner = dialog_box(buf, look, centred(area, wide, height), "Standard changes");
        let body = Rect { height: inner.height.saturating_sub(2), ..inner };
        if all.is_empty() {
            let words = match (self.asked.problem(), self.catalogue()) {
                (Some(problem), _) => refusal(problem),
                (None, Some(_)) => {
                    "No template yet, and nothing is suggested: work is once it went well five times in half a year. \
                     `quorate template propose --from CHANGE` puts any change before the board."
                        .to_owned()
                }
                (None, None) => "asking the board".to_owned(),
            };
            for (row, line) in (0..body.height).zip(wrap(&words, usize::from(body.width))) {
                Pen::new(buf, look, body, row).put(&line, look.muted());
            }
        }
        let mut list = self.list;
        for (at, which) in (0..).step_by(2).zip(list.show(body.height / 2, all.len())) {
            let Some(row) = all.get(which) else { continue };
            let lead = Lead { selected: which == list.cursor(), focused: true, marked: false };
            Self::draw_row(shared, *row, lead, at, (&mut *buf, body));
        }
        let voted = self.catalogue().is_some_and(|known| !known.automatic && !known.templates.is_empty());
        let shown = |action| shared.keymap.shown(action);
        let keys = match self.selected() {
            Some(Row::Suggestion(_)) => format!(
                "{} proposes it · {} opens the newest · {} back",
                shown(Action::ProposeTemplate),
                shown(Action::Enter),
                shown(Action::Back)
            ),
            Some(Row::Template(_)) => format!(
                "{} change · {} suspend · {} to the board · {} retire · {} open",
                shown(Action::MakeStandard),
                shown(Action::SuspendTemplate),
                shown(Action::ResubmitTemplate),
                shown(Action::RetireTemplate),
                shown(Action::Enter)
            ),
            None => format!("{} back", shown(Action::Back)),
        };
        let last = inner.height.saturating_sub(1);
        if voted {
            let words = "no policy approves by template: changes made from one are voted on";
            Pen::new(buf, look, inner, last.saturating_sub(1)).rest(words, look.word(Role::Caution));
        }
        Pen::new(buf, look, inner, last).rest(&keys, look.muted());
        self.list = list;
    }
}
