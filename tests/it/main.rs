//! Tests of the whole program, a module per theme, in one binary.

mod cli;
mod config;
mod program;
mod pty;
mod readme;
mod rooms;
mod shot;
mod terminal;
