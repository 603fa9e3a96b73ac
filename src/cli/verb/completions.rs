//! `quorate completions`: the completions of a shell, from the definition of the command line.

use clap::CommandFactory;

use crate::{
    cli::{Cli, Context},
    errors::Stop,
};

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: clap_complete::Shell,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "quorate", &mut bytes);
        context.out.raw(bytes)
    }
}
