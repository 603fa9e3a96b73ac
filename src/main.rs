//! Chooses between the command line and the terminal UI, and nothing else.

use std::{path::Path, process::ExitCode};

use clap::Parser;
use quorate::{
    cli::{self, Cli, Faces, KeyFault, KeyRow, Left, Start},
    config::Settings,
    errors::{self, Stop},
    hub::local,
    tui::{self, Launch, app::Ended, input, theme},
};

fn main() -> ExitCode {
    if errors::install().is_err() {
        return ExitCode::FAILURE;
    }
    let _farewell = local::Farewell::default();
    match Cli::try_parse() {
        Ok(cli) => errors::finish(cli::run(cli, &FACES)),
        Err(error) => cli::unread(&error),
    }
}

const FACES: Faces = Faces { open, themes, keys, check_theme };

fn open(start: Start<'_>) -> Result<Left, Stop> {
    let (clock, author) = (start.hub.clock(), start.hub.author());
    let mut launch = Launch::new(start.settings, start.themes, author)?;
    (launch.read_only, launch.wall, launch.frozen) = (start.read_only, start.wall, start.at.is_some());
    launch.looked = start.looked.map(Path::to_path_buf);
    launch.clock = Box::new(move || clock.now());
    Ok(match tui::run(start.hub.open(), launch)? {
        Ended::Quit | Ended::Shutdown => Left::Quit,
        Ended::Demo => Left::Demo,
        Ended::Connect => Left::Connect,
    })
}

fn themes(dir: Option<&Path>) -> Vec<(String, String)> {
    theme::Theme::all(dir).into_iter().map(|theme| (theme.name, theme.about)).collect()
}

fn check_theme(name: &str, dir: Option<&Path>) -> Result<(), String> {
    theme::Theme::load(name, dir).map(|_| ()).map_err(|error| error.to_string())
}

fn keys(settings: &Settings) -> Result<Vec<KeyRow>, Vec<KeyFault>> {
    let told = |fault: &input::KeymapError| (fault.action.clone(), fault.wrong.to_string());
    let keymap =
        input::Keymap::of_settings(settings).map_err(|error| error.0.iter().map(told).collect::<Vec<_>>())?;
    let row = |spec: &input::Spec| KeyRow {
        action: spec.name.to_owned(),
        keys: keymap.keys(spec.action).iter().map(ToString::to_string).collect(),
        about: spec.about.to_owned(),
    };
    Ok(input::ACTIONS.iter().map(row).collect())
}
