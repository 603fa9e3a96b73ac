//! The command line: clap types and a file per verb.
//!
//! Every verb prints plain lines, or the documented JSON with `--json`; errors are left to `errors`. Nothing is decided
//! here: verbs show snapshots and send requests to the hub, as the terminal UI does.

mod args;
mod board;
mod context;
mod faces;
mod found;
mod glance;
mod ids;
mod interrupt;
mod listing;
mod out;
mod sources;
mod verb;
mod say;

pub use args::{Cli, Global, Verb};
pub use context::Context;
pub use faces::{Faces, KeyFault, KeyRow, Left, Opening, Start};
pub use out::Out;

use clap::CommandFactory;
use std::{
    io::{BufWriter, Write},
    process::ExitCode,
};

use crate::{
    config,
    errors::{Stop, tell},
};

/// What could not be read as a command; help and versions come this way too.
#[must_use]
pub fn unread(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // It quotes what was typed, or what a shell made of it.
        tell(&error.render().to_string());
    } else {
        // A closed pipe is no reason to complain.
        let _closed = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

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
    config::keep_private(false);
    // A locked, buffered handle instead of println: a closed pipe is then an error to handle, not a panic.
    let mut to = BufWriter::new(std::io::stdout().lock());
    let serves = matches!(cli.verb, Some(Verb::Serve(_)));
    let ended = Context::new(cli.global, faces, &mut to, serves).and_then(|mut context| match cli.verb {
        Some(verb) => verb.run(&mut context),
        None => context.open_ui(),
    });
    to.flush().map_err(Stop::from).and(ended)
}
