//! `quorate man`: manual pages from the definition of the command line.

use clap::CommandFactory;

use crate::{
    cli::{Cli, Context},
    errors::Stop,
};

/// Print the manual page, of the program or of one verb, as roff
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The verb; without it, the program
    verb: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut command = Cli::command();
        command.build();
        let page = match &self.verb {
            None => command,
            Some(name) => {
                let found = command.find_subcommand(name).cloned();
                found.map(|verb| verb.display_name(format!("quorate-{name}"))).ok_or_else(|| {
                    Stop::invalid(format!("there is no verb {name:?}"), "`quorate help` lists the verbs")
                })?
            }
        };
        let mut bytes = Vec::new();
        clap_mangen::Man::new(page).render(&mut bytes)?;
        context.out.raw(bytes)
    }
}
