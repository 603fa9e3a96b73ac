//! `quorate themes`: the themes there are.

use crate::{cli::Context, errors::Stop};

/// List the themes, and the directory for your own
#[derive(Debug, clap::Args)]
pub struct Args {}

/// A theme, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Theme {
    name: String,
    about: String,
    in_use: bool,
}

/// What `ui.theme` takes beside the name of a theme.
const HALVES: [(&str, &str); 3] = [
    ("auto", "default, its dark or light half as the terminal's background is"),
    ("dark", "the dark half of default, whatever the terminal says"),
    ("light", "the light half of default, whatever the terminal says"),
];

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let used = context.settings()?.ui.theme.clone();
        let dir = context.paths.as_ref().map(|paths| paths.themes.as_path());
        let halves = HALVES.map(|(name, about)| (name.to_owned(), about.to_owned()));
        let themes = halves.into_iter().chain((context.faces.themes)(dir)).map(|(name, about)| Theme {
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
