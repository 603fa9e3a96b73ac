//! The filter of all lists, which the command line has too.
//!
//! What it reads and how it matches is said in `wire::filter`; only the line it is typed into belongs to the terminal.

pub use crate::wire::filter::{Filter, KEYS, Subject, matcher};
