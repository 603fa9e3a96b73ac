//! What the hub answers to a request of the UI.

use crate::wire::{Answer, Problem, Receipt};

/// An answer, a receipt, or why there is none.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer(Box<Answer>),
    Done(Receipt),
    Refused(Problem),
}

impl Reply {
    pub(super) fn of_answer(result: Result<Answer, Problem>) -> Self {
        result.map_or_else(Self::Refused, |answer| Self::Answer(Box::new(answer)))
    }

    pub(super) fn of_receipt(result: Result<Receipt, Problem>) -> Self {
        result.map_or_else(Self::Refused, Self::Done)
    }
}
