//! `quorate backup`: a copy of the whole board while others use it.

use std::path::PathBuf;

use crate::{
    cli::{Context, found::found},
    errors::Stop,
    hub::{Request, local, protocol::BackedUp},
    store::Location,
    words,
};

/// Copy the whole board into a new file while others use it; nobody waits
///
/// The copy is a board: stop the service, put the copy where the board was, take away what lies beside the old one (-wal, -shm),
/// and start it again. It bears a lineage of its own, so that everybody who was connected reads it anew. It holds everything, the
/// votes of secret rounds too: keep it as you keep the board. A served board is copied by its service, into its own directory
/// (`backups` under [serve]), when an admin asks; who may read the board's file copies it anywhere with --db.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new file; of a served board its name alone
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let done: BackedUp = if found(context)?.at.is_some() {
            let name = self.file.to_str().unwrap_or_default().to_owned();
            let board = context.board_to_write()?;
            let actor = board.actor().clone();
            board.send(|reply| Request::Backup { actor, name, reply })?
        } else {
            let board = context.board_path().ok_or_else(|| {
                Stop::invalid("there is no home directory with a board in it", "name a board with --db")
            })?;
            let board =
                Location::named(&board).map_err(|why| Stop::invalid(why, "name a board with --db"))?;
            local::back_up(&board, &self.file)?
        };
        if context.out.json {
            return context.out.object(&done);
        }
        let events = words::count(usize::try_from(done.events).unwrap_or(usize::MAX), "event");
        context.out.line(format_args!(
            "copied to {}: commit {}, {events}, {} bytes",
            done.path, done.seq, done.bytes
        ))
    }
}
