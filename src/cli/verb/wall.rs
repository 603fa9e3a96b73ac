//! `quorate wall`: the meeting on a projector.

use crate::{cli::Context, errors::Stop};

/// Show the meeting on a projector: large, read only, following the chair
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        context.open_wall()
    }
}
