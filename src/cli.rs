//! The command line: clap types and a file per verb.
//!
//! Every verb prints plain lines, or the documented JSON with `--json`; errors are left to `errors`. Nothing is decided
//! here: verbs show snapshots and send requests to the hub, as the terminal UI does.

mod args;
mod board;
mod context;
mod faces;
mod ids;
mod interrupt;
mod listing;
mod out;
mod sources;
mod verb;
mod words;

pub use args::{Cli, Global, Verb};
pub use context::Context;
pub use faces::{Faces, KeyRow, Left, Start};
pub use out::Out;

use clap::CommandFactory;
use std::io::{BufWriter, Write};

use crate::errors::Stop;

/// Every verb with its sentence, in the order of help.
#[must_use]
pub fn verbs() -> Vec<(String, String)> {
    let command = Cli::command();
    let about = |verb: &clap::Command| verb.get_about().map(ToString::to_string).unwrap_or_default();
    command.get_subcommands().map(|verb| (verb.get_name().to_owned(), about(verb))).collect()
}

/// Does what the command line asks.
///
/// # Errors
/// When it cannot be done, or its answer is no.
pub fn run(cli: Cli, faces: &Faces) -> Result<(), Stop> {
    // A locked, buffered handle instead of println: a closed pipe is then an error to handle, not a panic.
    let mut to = BufWriter::new(std::io::stdout().lock());
    let ended = Context::new(cli.global, faces, &mut to).and_then(|mut context| match cli.verb {
        Some(verb) => verb.run(&mut context),
        None => context.open_ui(),
    });
    to.flush().map_err(Stop::from).and(ended)
}
