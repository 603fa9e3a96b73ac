//! `quorate keys`: the keys of the terminal UI, by action.

use crate::{
    cli::{Context, KeyFault},
    errors::Stop,
};

/// List the keys of the terminal UI by action, as they are now
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let rows = (context.faces.keys)(context.settings()?)
            .map_err(|faults| Stop::invalid(key_faults(&faults), "mend [keys] in the settings"))?;
        if context.out.json {
            return context.out.array(rows);
        }
        for row in rows {
            let keys = if row.keys.is_empty() { "no key".to_owned() } else { row.keys.join(" or ") };
            context.out.line(format_args!("{}: {keys}: {}", row.action, row.about))?;
        }
        Ok(())
    }
}

/// Everything that is wrong with the keys, one after the other.
pub fn key_faults(faults: &[KeyFault]) -> String {
    faults.iter().map(|(_, wrong)| wrong.as_str()).collect::<Vec<_>>().join("; ")
}
