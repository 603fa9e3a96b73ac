//! Tests of the whole program, a module per theme, in one binary.

mod cli;
mod cli_board;
mod config;
mod program;
#[cfg(test)]
mod pty;
mod readme;
mod rooms;
#[cfg(test)]
mod shot;
#[cfg(test)]
mod terminal;
