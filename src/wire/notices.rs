//! What one person is told for themselves, as it crosses a boundary.

pub use crate::ledger::derive::notices::{
    DigestRow, DigestWord, HeardRow, NoticeRow, Notices, OpenChannel, PersonalHanding,
};
pub use crate::model::{Notice, NoticeKey, NoticeKind, NoticeState, PreferencePart, Preferences, Signal};
