//! One question to the hub at a time: the newest wins, an answer that nobody waits for any more is dropped.

use crate::{
    tui::app::{Reply, Shared, Ticket},
    wire::{Answer, ChangeDetail, Explanation, Problem, Question, ReleaseDetail},
};

/// The newest question, and the newest answer to it.
#[derive(Debug, Default, Clone)]
pub struct PendingQuestion {
    question: Option<Question>,
    seq: u64,
    ticket: Option<Ticket>,
    answer: Option<Answer>,
    problem: Option<Problem>,
}

/// Why something was refused, and what to do.
#[must_use]
pub fn refusal(problem: &Problem) -> String {
    let hint = problem.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{hint}", problem.title)
}

impl PendingQuestion {
    /// Asks, unless this was asked of the same board already. An answer to the same question stays until a newer one is
    /// there.
    pub fn want(&mut self, shared: &mut Shared, question: Question) {
        let same = self.question.as_ref() == Some(&question);
        if same && self.seq == shared.snapshot.seq {
            return;
        }
        if !same {
            (self.answer, self.problem) = (None, None);
        }
        self.seq = shared.snapshot.seq;
        self.ticket = Some(shared.ask(question.clone()));
        self.question = Some(question);
    }

    /// Forgets question and answer.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes an answer; false when it is not the one waited for.
    pub fn reply(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        if self.ticket != Some(ticket) {
            return false;
        }
        self.ticket = None;
        match reply {
            Reply::Answer(answer) => (self.answer, self.problem) = (Some((**answer).clone()), None),
            Reply::Refused(problem) => self.problem = Some(problem.clone()),
            Reply::Done(_) => {}
        }
        true
    }

    /// Whether an answer is still to come.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.ticket.is_some()
    }

    #[must_use]
    pub const fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// Why there is no answer.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The change, where that is what was answered.
    #[must_use]
    pub fn change(&self) -> Option<&ChangeDetail> {
        match &self.answer {
            Some(Answer::Change(detail)) => Some(detail),
            _ => None,
        }
    }

    /// The release, where that is what was answered.
    #[must_use]
    pub fn release(&self) -> Option<&ReleaseDetail> {
        match &self.answer {
            Some(Answer::Release(detail)) => Some(detail),
            _ => None,
        }
    }

    /// The explanation, where that is what was answered.
    #[must_use]
    pub fn explanation(&self) -> Option<&Explanation> {
        match &self.answer {
            Some(Answer::Explanation(explanation)) => Some(explanation),
            _ => None,
        }
    }
}
