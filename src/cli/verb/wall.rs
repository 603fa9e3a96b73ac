//! `quorate wall`: the meeting, or what runs tonight, on a projector.

use crate::{cli::Context, config::WallShows, errors::Stop};

/// Show the meeting on a projector: large, read only, following the chair
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What runs tonight instead, and how long there is until the next decision
    #[arg(long)]
    run: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        context.open_wall(if self.run { WallShows::Night } else { WallShows::Meeting })
    }
}
