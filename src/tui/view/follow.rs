//! What is shown beside a list: it follows the cursor when that rests, and asks the hub for the rest of the item.

use super::pending_question::PendingQuestion;
use crate::{
    model::Id,
    tui::app::{Reply, Shared, Ticket},
    wire::{ChangeDetail, Comment, Question, ReleaseDetail, meeting::QuestionRow},
};

/// The item shown beside the list, and what the hub said about it.
#[derive(Debug, Default)]
pub struct Follow {
    shown: Option<Id>,
    asked: PendingQuestion,
}

impl Follow {
    /// The item shown.
    #[must_use]
    pub const fn shown(&self) -> Option<&Id> {
        self.shown.as_ref()
    }

    /// Shows an item without asking for it; for the first frame and after the list changed.
    pub fn start(&mut self, id: Option<&Id>) {
        if self.shown.as_ref() != id {
            self.shown = id.cloned();
        }
    }

    /// The cursor rests on an item: shows it and asks for its detail. True when another item is shown than before.
    pub fn settle(&mut self, shared: &mut Shared, id: Option<&Id>) -> bool {
        let moved = self.shown.as_ref() != id;
        self.shown = id.cloned();
        match id {
            Some(id) => self.asked.want(shared, Question::Detail { id: id.clone() }),
            None => self.asked.clear(),
        }
        moved
    }

    pub fn reply(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    /// The detail of the change shown.
    #[must_use]
    pub fn detail(&self) -> Option<&ChangeDetail> {
        self.asked.change().filter(|detail| Some(&detail.change.id) == self.shown.as_ref())
    }

    /// The detail of the release shown.
    #[must_use]
    pub fn release(&self) -> Option<&ReleaseDetail> {
        self.asked.release().filter(|detail| Some(&detail.release.id) == self.shown.as_ref())
    }

    /// Questions about what is shown, answered or not, as they were asked.
    #[must_use]
    pub fn questions(&self) -> &[QuestionRow] {
        self.detail()
            .map(|detail| detail.questions.as_slice())
            .or(self.release().map(|detail| detail.questions.as_slice()))
            .unwrap_or_default()
    }

    /// Comments of what is shown, newest first.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        self.detail()
            .map(|detail| detail.comments.as_slice())
            .or(self.release().map(|detail| detail.comments.as_slice()))
            .unwrap_or_default()
    }
}
