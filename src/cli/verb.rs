//! A file per verb: its options and what it does.

pub mod completions;
pub mod config;
pub mod keys;
pub mod man;
pub mod schema;
pub mod themes;
