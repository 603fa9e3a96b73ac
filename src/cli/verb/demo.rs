//! `quorate demo`: the made-up company in the terminal UI.

use crate::{cli::Context, errors::Stop};

/// Open a made-up company around now, or around --at, in memory; nothing is written
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        context.open_demo()
    }
}
