//! `quorate demo`: the made-up company in the terminal UI.

use crate::{cli::Context, errors::Stop};

/// Open a made-up company around now, or around --at, in memory; nothing is written
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Open it in the middle of a night: a run that is late, one that is silent, a release half-way
    #[arg(long)]
    night: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        context.open_demo(self.night)
    }
}
