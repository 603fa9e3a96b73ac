//! The terminal user interface: keys in, frames out, and requests to the hub; no rule of the board lives here.
//!
//! `term` owns the terminal, `input` the keys, `theme` and `glyph` the look, `app` the state and the loop, `view` what is
//! drawn.

pub mod app;
#[cfg(test)]
pub mod fixture;
pub mod glyph;
pub mod input;
mod launch;
pub mod looked;
pub mod term;
pub mod theme;
pub mod view;

pub use launch::{Launch, TuiError, run};
