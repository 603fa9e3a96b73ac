//! `quorate themes`: the themes there are.

use crate::{cli::Context, errors::Stop};

/// List the themes, and the directory for your own
#[derive(Debug, clap::Args)]
pub struct Args {}

/// A theme, as `--json` prints it.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Theme {
    name: String,
    about: String,
    in_use: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let used = match context.settings()?.ui.theme.as_str() {
            "auto" | "dark" | "light" => "default".to_owned(),
            name => name.to_owned(),
        };
        let dir = context.paths.as_ref().map(|paths| paths.themes.as_path());
        let themes = (context.faces.themes)(dir).into_iter().map(|(name, about)| Theme {
            in_use: name == used,
            name,
            about,
        });
        if context.out.json {
            return context.out.array(themes);
        }
        for theme in themes {
            let used = if theme.in_use { " (in use)" } else { "" };
            context.out.line(format_args!("{}{used}: {}", theme.name, theme.about))?;
        }
        match dir {
            Some(dir) => context.out.line(format_args!("your own go into {}", dir.display())),
            None => Ok(()),
        }
    }
}
