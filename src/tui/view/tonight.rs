//! The night as the hub tells it: asked again with every snapshot and every minute, the newest answer kept.
//!
//! The Run screen, the Now pane of the Board and the wall of a night read this one.

use super::pending_question::PendingQuestion;
use crate::{
    model::Instant,
    tui::app::{Reply, Shared, Ticket},
    wire::{Answer, Problem, Question, run::Night},
};

/// The night that is now, as far as it is known.
#[derive(Debug, Default)]
pub struct Tonight {
    asked: PendingQuestion,
    night: Option<Box<Night>>,
    /// The minute for which it was asked.
    minute: Option<Instant>,
}

impl Tonight {
    /// What is known of it.
    #[must_use]
    pub fn night(&self) -> Option<&Night> {
        self.night.as_deref()
    }

    /// Why the newest question was not answered.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        self.asked.problem()
    }

    /// Asks where minute or snapshot are new.
    pub fn ask(&mut self, shared: &mut Shared) {
        let minute = shared.now.floor_minute();
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            self.asked.clear();
        }
        self.asked.want(shared, Question::Night { from: None, to: None });
    }

    /// Takes an answer; false when it is not the one waited for.
    pub fn reply(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Night(night)) = self.asked.answer() {
            self.night = Some(night.clone());
        }
        true
    }
}
