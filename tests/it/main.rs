//! Tests of the whole program, a module per theme, in one binary.

mod pty;
mod rooms;
mod shot;
mod terminal;
