//! `quorate config`: where the settings are, what is in force, a check, a sample, the schema.
//!
//! The only verb, with `doctor`, that works while the settings cannot be used.

use crate::{
    cli::{
        Context,
        sources::{self, SourceFault},
    },
    config::{SAMPLE, Setting, line_in, shown},
    errors::Stop,
};

/// The settings: where they are, what is in force, a check, a sample, the schema
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print where the settings, the board, the themes and the log are kept
    Path,
    /// Print every setting in force and where it comes from
    Show,
    /// Check the settings; exit code 1 when something is wrong
    Check,
    /// Print a commented file with every setting at its default
    Sample,
    /// Print the JSON schema of the file, for editors
    Schema,
}

/// The places, as `--json` prints them.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Places {
    settings: Option<String>,
    /// Whether the settings file is there.
    found: bool,
    board: Option<String>,
    themes: Option<String>,
    log: Option<String>,
}

/// The result of a check, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checked {
    ok: bool,
    faults: Vec<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::Path => path(context),
            What::Show => show(context),
            What::Check => check(context),
            What::Sample => context.out.raw(SAMPLE),
            What::Schema => context.out.json_text(super::schema::CONFIG),
        }
    }
}

fn path(context: &mut Context<'_>) -> Result<(), Stop> {
    let loaded = context.loaded.as_ref().ok();
    let file = loaded.and_then(|loaded| loaded.file.clone());
    let file = file.or_else(|| context.global.config.clone());
    let shown = |path: &std::path::Path| path.display().to_string();
    let places = Places {
        found: file.as_ref().is_some_and(|file| file.exists()),
        settings: file.as_deref().map(shown),
        board: context.board_shown(),
        themes: context.paths.as_ref().map(|paths| shown(&paths.themes)),
        log: context.paths.as_ref().map(|paths| shown(&paths.logs)),
    };
    if context.out.json {
        return context.out.object(&places);
    }
    let absent = if places.found { "" } else { " (absent: defaults are in force)" };
    context.out.fact("settings", places.settings.map(|path| path + absent).unwrap_or_default())?;
    context.out.fact("board", places.board.unwrap_or_default())?;
    context.out.fact("themes", places.themes.unwrap_or_default())?;
    context.out.fact("log", places.log.unwrap_or_default())
}

fn show(context: &mut Context<'_>) -> Result<(), Stop> {
    let mut settings = shown(context.loaded.as_ref().map_err(|error| Stop::from(error.clone()))?);
    for (key, flag, value) in [
        ("board.db", "--db", context.global.db.as_deref().map(crate::cli::board::shown)),
        ("me.person", "--as", context.global.person.clone()),
    ] {
        if let (Some(value), Some(setting)) = (value, settings.iter_mut().find(|setting| setting.key == key))
        {
            *setting = Setting { value: format!("{value:?}"), from: flag, ..setting.clone() };
        }
    }
    // Somebody may have written a password into the address of a database; it is refused, and not repeated here.
    for setting in
        settings.iter_mut().filter(|setting| setting.key == "board.db" && setting.value.contains("://"))
    {
        let shown = crate::cli::board::shown(std::path::Path::new(setting.value.trim_matches('"')));
        setting.value = format!("{shown:?}");
    }
    if context.out.json {
        return context.out.array(settings);
    }
    for Setting { key, value, from } in settings {
        context.out.line(format_args!("{key} = {value} ({from})"))?;
    }
    Ok(())
}

fn check(context: &mut Context<'_>) -> Result<(), Stop> {
    let faults = faults(context);
    let ok = faults.is_empty();
    if context.out.json {
        context.out.object(&Checked { ok, faults })?;
    } else if ok {
        context.out.line("the settings are fine")?;
    } else {
        for fault in faults {
            context.out.line(fault)?;
        }
    }
    if ok { Ok(()) } else { Err(Stop::Answer(1)) }
}

/// Everything that is wrong: in the file, and in what is readable of it.
fn faults(context: &Context<'_>) -> Vec<String> {
    let file = context.settings_file().ok();
    let place = file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    let at = |key: &str, message: &str| {
        let line = file.as_deref().and_then(|file| line_in(file, key));
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("{place}{line}, {key}: {message}")
    };
    let (mut faults, settings) = match &context.loaded {
        Ok(loaded) => (Vec::new(), &loaded.settings),
        Err(error) => (error.faults.iter().map(ToString::to_string).collect(), &*error.rest),
    };
    let themes = context.paths.as_ref().map(|paths| paths.themes.as_path());
    let theme = (context.faces.check_theme)(&settings.ui.theme, themes).err();
    faults.extend(theme.map(|fault| at("ui.theme", &fault)));
    for (action, wrong) in (context.faces.keys)(settings).err().into_iter().flatten() {
        let key = action.map_or_else(|| "keys".to_owned(), |action| format!("keys.{action}"));
        faults.push(at(&key, &wrong));
    }
    let of_form: Vec<&str> = match &context.loaded {
        Ok(_) => Vec::new(),
        Err(error) => error.faults.iter().map(|fault| fault.key.as_str()).collect(),
    };
    for SourceFault { name, key, said } in sources::faults(settings) {
        let key = key.map_or_else(|| format!("sources.{name}"), |key| format!("sources.{name}.{key}"));
        // What its form is wrong in was left out: nothing is wrong a second time because of that.
        if !of_form.contains(&key.as_str()) {
            faults.push(at(&key, &said));
        }
    }
    faults
}
