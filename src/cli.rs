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
mod post; // channels of messages
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
    wire::{Problem, ProblemKind},
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
pub fn run(mut cli: Cli, faces: &Faces) -> Result<(), Stop> {
    config::keep_private(false);
    if cli.global.restricted {
        restrict(&mut cli)?;
    }
    // A buffered handle instead of println: a closed pipe is then an error to handle, not a panic. It is not locked: whoever
    // gives the terminal back from another thread would wait for it for ever.
    let mut to = BufWriter::new(std::io::stdout());
    let serves = matches!(cli.verb, Some(Verb::Serve(_)));
    let ended = Context::new(cli.global, faces, &mut to, serves).and_then(|mut context| match cli.verb {
        Some(verb) => verb.run(&mut context),
        None => context.open_ui(),
    });
    to.flush().map_err(Stop::from).and(ended)
}

/// From now on the run is restricted: options that lead elsewhere are left out, and said so.
fn restrict(cli: &mut Cli) -> Result<(), Stop> {
    config::restrict();
    let global = &mut cli.global;
    for (option, was) in [("--db", global.db.take().is_some()), ("--config", global.config.take().is_some())]
    {
        if was {
            say::note(&format!("{option} is left out: this run is restricted"));
        }
    }
    match &cli.verb {
        Some(verb) if verb.reaches_out() => Err(Problem::new(
            ProblemKind::NotAllowed,
            "this run is restricted: it reads and writes no files and starts no programs",
        )
        .hint("ask whoever runs this machine")
        .into()),
        Some(_) | None => Ok(()),
    }
}
