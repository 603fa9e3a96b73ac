//! What others are told, as it crosses a boundary.

pub use crate::ledger::derive::telling::{
    Comms, CommsLine, DueTo, HeardOf, PassageRow, PassageWord, SentRow, ToldSoFar,
};
pub use crate::model::{Course, Message, MessageKind, Outlook};
