//! `quorate migrate`: the whole board moves to another place, from a file to a database or back.

use serde::Serialize;

use crate::{
    cli::{Context, board::place},
    errors::Stop,
    hub::{Clock, local},
};

/// Move the whole board to another file or PostgreSQL database; the old one is then only read
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The board as it is: a file, or postgres://USER@HOST/DATABASE
    #[arg(value_name = "FROM", value_hint = clap::ValueHint::FilePath)]
    from: std::path::PathBuf,
    /// Where it goes; nothing may be there yet
    #[arg(value_name = "TO", value_hint = clap::ValueHint::FilePath)]
    to: std::path::PathBuf,
}

/// What was moved, as `--json` prints it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Migrated {
    from: String,
    to: String,
    /// Which history it is: the same as before.
    lineage: String,
    events: u64,
    records: u64,
    /// The hash of the newest event, as it was.
    head: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if context.at.is_some() || context.global.read_only || context.global.db.is_some() {
            return Err(Stop::invalid(
                "a board is moved as it is, from and to what is named",
                "leave --at, --read-only and --db out",
            ));
        }
        let absolute = |path: std::path::PathBuf| std::path::absolute(&path).unwrap_or(path);
        let named = |path: std::path::PathBuf| {
            let is_file = !path.to_str().is_some_and(crate::store::Address::is_one);
            context.located(&if is_file { absolute(path) } else { path })
        };
        let (from, to) = (named(self.from)?, named(self.to)?);
        let names = [place(&from), place(&to)];
        let now = Clock::System.now();
        let moved = local::migrate(&from, &to, [&names[0], &names[1]], now)?;
        let [from, to] = names;
        let proof = moved.proof;
        let done = Migrated {
            from,
            to,
            lineage: moved.lineage,
            events: proof.events,
            records: proof.records,
            head: proof.head,
        };
        if context.out.json {
            return context.out.object(&done);
        }
        let Migrated { from, to, events, records, .. } = &done;
        context.out.line(format_args!(
            "{events} events and {records} records moved to {to}, both records hold; {from} is only read from now on"
        ))
    }
}
