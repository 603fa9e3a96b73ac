//! `e`: every rule for one activity: what fired first, then what could not be checked, then what passed.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use crate::{
    model::Id,
    tui::{
        app::{Effect, Reply, Shared, Ticket},
        input::{Action, Place},
        view::{
            Popup, explain,
            pending_question::{PendingQuestion, refusal},
            widget::{Move, Pen, ScrollState, centred, dialog_box, put_line},
        },
    },
    wire::{Question, RuleState},
};

/// The dialog.
#[derive(Debug)]
pub struct Explain {
    id: Id,
    asked: PendingQuestion,
    scroll: ScrollState,
}

impl Explain {
    /// Asks for the explanation of an activity.
    #[must_use]
    pub fn new(shared: &mut Shared, id: Id) -> Self {
        let mut asked = PendingQuestion::default();
        asked.want(shared, Question::ExplainActivity { id: id.clone() });
        Self { id, asked, scroll: ScrollState::default() }
    }

    fn lines(&self, shared: &Shared, columns: usize) -> Vec<Text<'static>> {
        let look = &shared.look;
        let say = |text: &str| vec![Text::styled(format!(" {text}"), look.muted())];
        let Some(explanation) = self.asked.explanation() else {
            return match self.asked.problem() {
                Some(problem) => say(&refusal(problem)),
                None => say("asking the board"),
            };
        };
        let mut rules: Vec<_> = explanation.rules.iter().collect();
        rules.sort_by_key(|rule| match rule.state {
            RuleState::Fired => 0,
            RuleState::NotChecked => 1,
            RuleState::Passed => 2,
            RuleState::Off => 3,
        });
        let mut lines = Vec::new();
        for rule in rules {
            lines.push(explain::head(shared, rule));
            if matches!(rule.state, RuleState::Fired | RuleState::NotChecked) {
                lines.extend(explain::rule(shared, rule, columns));
                lines.push(Text::default());
            }
        }
        lines
    }
}

impl Popup for Explain {
    fn places(&self) -> &'static [Place] {
        &[Place::Explain, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.scroll.go(to);
            return true;
        }
        if action == Action::Copy {
            let text = self.lines(shared, 100).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            shared.effect(Effect::Copy(text));
            return true;
        }
        false
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.asked.want(shared, Question::ExplainActivity { id: self.id.clone() });
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 100, area.height), &format!("Explain {}", self.id));
        let lines = self.lines(shared, usize::from(inner.width));
        let body = Rect { height: inner.height.saturating_sub(1), ..inner };
        for (row, at) in (0..).zip(self.scroll.show(body.height, lines.len())) {
            put_line(buf, look, body, row, &lines[at]);
        }
        let position = self.scroll.position(look.glyphs);
        Pen::new(buf, look, inner, body.height).put(&position, look.muted());
    }
}
