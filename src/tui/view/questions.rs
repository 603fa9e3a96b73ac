//! Questions to the people of an item: the open ones in a line each, and all of them with their answers.

use ratatui::text::Line as Text;

use super::{item::lines::Words, permissions, widget::wrap};
use crate::{
    model::Id,
    tui::{app::Shared, input::Action, theme::Role},
    wire::meeting::QuestionRow,
};

/// `k.wu asks 13:50: who is on call? · r answers`, a line per question that is open.
#[must_use]
pub fn open(shared: &Shared, item: &Id) -> Vec<Text<'static>> {
    let look = &shared.look;
    let asked = permissions::questions(shared, item);
    let key = shared.keymap.shown(Action::Answer);
    let line = |question: &QuestionRow| {
        let text =
            format!("{} asks {}: {}", question.by, shared.times().past(question.at), question.text.words());
        Words::new(look)
            .text(" ")
            .put(&text, look.word(Role::Caution))
            .muted(&format!(" · {key} answers"))
            .line()
    };
    asked.iter().map(line).collect()
}

/// Every question with who asked and when, and under it its answer, or that there is none yet.
#[must_use]
pub fn all(shared: &Shared, questions: &[QuestionRow], columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let key = shared.keymap.shown(Action::Answer);
    let mut lines = Vec::new();
    for question in questions {
        let head =
            format!(" {}. {} {} asks: ", question.number, shared.times().past(question.at), question.by);
        lines.extend(block(shared, &head, &question.text.words(), columns));
        match &question.answer {
            Some(answer) => {
                let at = question.answered_at.map(|at| shared.times().past(at)).unwrap_or_default();
                let by = question.answered_by.as_ref().map(ToString::to_string).unwrap_or_default();
                lines.extend(block(shared, &format!("    {at} {by}: "), &answer.words(), columns));
            }
            None => {
                let words = Words::new(look).put("    not answered", look.word(Role::Caution));
                lines.push(words.muted(&format!(" · {key} answers")).line());
            }
        }
    }
    lines
}

/// A muted head and a text wrapped below itself, indented.
fn block(shared: &Shared, head: &str, text: &str, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let whole = wrap(&format!("{}{text}", head.trim_start()), columns.saturating_sub(5));
    let lead = head.len() - head.trim_start().len();
    let row = |(at, row): (usize, &String)| {
        let indent = " ".repeat(if at == 0 { lead } else { 4 });
        let said = head.trim();
        match row.strip_prefix(said).filter(|_| at == 0) {
            Some(rest) => Words::new(look).text(&indent).muted(said).text(rest).line(),
            None => Words::new(look).text(&indent).text(row).line(),
        }
    };
    whole.iter().enumerate().map(row).collect()
}
