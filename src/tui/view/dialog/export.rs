//! `E`: what is shown, in the forms its screen has, or the whole board; written where it does not overwrite anything.

use std::path::PathBuf;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::Id,
    report::{self, Form},
    tui::{
        app::{Effect, Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            pending_question::{PendingQuestion, refusal},
            screen_document::{ScreenDocument, Written},
            widget::{LineInput, Pen, centred, dialog_box},
        },
    },
    wire::{Answer, Question},
};

/// A document that can be written from here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Chosen {
    /// What the screen shows.
    Shown(Written),
    Minutes(Id),
    Board {
        log: bool,
    },
}

impl Chosen {
    const fn extension(&self) -> &'static str {
        match self {
            Self::Shown(Written::Ics) => "ics",
            Self::Shown(Written::Csv) => "csv",
            Self::Shown(Written::Markdown) | Self::Minutes(_) => "md",
            Self::Shown(Written::Json) | Self::Board { .. } => "json",
        }
    }
}

/// The dialog.
#[derive(Debug)]
pub struct Export {
    path: LineInput,
    /// A name was typed: it is kept whatever is written.
    typed: bool,
    shown: Option<ScreenDocument>,
    choices: Vec<Chosen>,
    at: usize,
    asked: PendingQuestion,
    fault: Option<String>,
}

impl Export {
    /// The dialog, with a name made of the screen and today's date; from the Record screen the board goes with its log.
    #[must_use]
    pub fn new(shared: &Shared, shown: Option<ScreenDocument>, meeting: Option<Id>, log: bool) -> Self {
        let forms = shown.as_ref().map(|shown| shown.forms().iter().copied().map(Chosen::Shown));
        let mut choices: Vec<Chosen> = meeting.map(Chosen::Minutes).into_iter().collect();
        choices.extend(forms.into_iter().flatten());
        choices.extend([Chosen::Board { log }, Chosen::Board { log: !log }]);
        let mut export = Self {
            path: LineInput::default(),
            typed: false,
            shown,
            choices,
            at: 0,
            asked: PendingQuestion::default(),
            fault: None,
        };
        export.name(shared);
        export
    }

    fn chosen(&self) -> &Chosen {
        &self.choices[self.at % self.choices.len().max(1)]
    }

    /// The name of the file, as long as nobody typed one.
    fn name(&mut self, shared: &Shared) {
        if self.typed {
            return;
        }
        let day = shared.zones.current().local(shared.now).format("%Y-%m-%d");
        let chosen = self.chosen();
        let what = match chosen {
            Chosen::Shown(_) => self.shown.as_ref().map_or("", |shown| shown.name),
            Chosen::Minutes(_) => "minutes",
            Chosen::Board { .. } => "board",
        };
        let name = format!("quorate-{what}-{day}.{}", chosen.extension());
        self.path = LineInput::new(&name);
    }

    fn question(&self) -> Option<Question> {
        match self.chosen() {
            Chosen::Shown(_) => None,
            Chosen::Minutes(meeting) => Some(Question::Minutes { meeting: meeting.clone() }),
            Chosen::Board { log } => Some(Question::Export { log: *log }),
        }
    }

    fn enter(&mut self, shared: &mut Shared) {
        if self.path.as_str().trim().is_empty() {
            self.fault = Some("write the name of a file".to_owned());
            return;
        }
        match (self.question(), self.chosen(), &self.shown) {
            (Some(question), ..) => self.asked.want(shared, question),
            (None, Chosen::Shown(form), Some(shown)) => {
                let text = shown.text(shared, *form);
                self.write(shared, text);
            }
            (None, ..) => {}
        }
    }

    fn write(&self, shared: &mut Shared, text: String) {
        let path = PathBuf::from(self.path.as_str().trim());
        shared.effect(Effect::Write { path, bytes: text.into_bytes() });
        shared.close();
    }

    fn answered(&mut self, shared: &mut Shared) {
        let text = match self.asked.answer() {
            Some(Answer::Export(export)) => {
                crate::hub::write_with_log(&export.file, &export.log).map_err(|error| error.to_string())
            }
            Some(Answer::Minutes(doc)) => Ok(report::minutes::write(doc, Form::Markdown)),
            _ => return,
        };
        match text {
            Ok(text) => self.write(shared, text),
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// What is written, in words.
    fn words(&self, shared: &Shared) -> String {
        let rows = crate::words::count(self.shown.as_ref().map_or(0, ScreenDocument::count), "row");
        let filter =
            if shared.filter.is_empty() { String::new() } else { format!(" under /{}", shared.filter) };
        match self.chosen() {
            Chosen::Shown(Written::Ics) => format!("what is shown{filter}, {rows}, as iCalendar"),
            Chosen::Shown(Written::Csv) => format!("what is shown{filter}, {rows}, as CSV"),
            Chosen::Shown(Written::Markdown) => format!("what is shown{filter}, {rows}, as Markdown"),
            Chosen::Shown(Written::Json) => format!("what is shown{filter}, {rows}, as JSON"),
            Chosen::Minutes(meeting) => format!("the minutes of {meeting}, as Markdown"),
            Chosen::Board { log: true } => {
                "board file (JSON), with its log: restores and verifies".to_owned()
            }
            Chosen::Board { log: false } => "board file (JSON), without its log".to_owned(),
        }
    }
}

impl Popup for Export {
    fn places(&self) -> &'static [Place] {
        &[Place::Form]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Enter => self.enter(shared),
            Action::Complete => {
                self.at = (self.at + 1) % self.choices.len().max(1);
                self.fault = None;
                self.name(shared);
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        self.typed |= self.path.key(key);
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        self.typed = true;
        self.path.paste(text);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        match self.asked.problem() {
            Some(problem) => self.fault = Some(refusal(problem)),
            None => self.answered(shared),
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 72, 9), "Write to a file");
        Pen::new(buf, look, inner, 0).put("file  ", look.muted());
        let line = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), ..inner };
        self.path.draw(buf, look, line, 0, true);
        Pen::new(buf, look, inner, 2).rest(&self.words(shared), look.text());
        if self.asked.is_waiting() {
            Pen::new(buf, look, inner, 4).put("asking the board", look.muted());
        } else if let Some(fault) = &self.fault {
            Pen::new(buf, look, inner, 4).rest(fault, look.word(Role::Bad));
        }
        let (switch, back) = (shared.keymap.shown(Action::Complete), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&shared.keymap.shown(Action::Enter), look.key())
            .text(" writes it  ")
            .put(&switch, look.key());
        pen.text(&format!(" something else ({} of {})  ", self.at + 1, self.choices.len()));
        pen.put(&back, look.key()).text(" back");
    }
}
