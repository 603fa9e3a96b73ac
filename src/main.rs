//! Chooses between the command line and the terminal UI, and nothing else.

fn main() {}
