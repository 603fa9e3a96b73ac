//! What every verb works with: settings, the zone, now, and where to write.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::{args::Global, board::Board, faces::Faces, out::Out, sources::Pull};
use crate::{
    calendar::Zone,
    config::{self, ConfigError, Loaded, Paths},
    errors::Stop,
    hub::local::About,
    logging,
    model::{Instant, Span},
    store::Mode,
    wire::{Problem, ProblemKind},
};

/// What a verb is run with.
pub struct Context<'a> {
    pub global: Global,
    pub faces: &'a Faces,
    pub out: Out<'a>,
    pub paths: Option<Paths>,
    /// Settings in force, or why they cannot be used; only `config` and `doctor` go on without them.
    pub loaded: Result<Loaded, ConfigError>,
    /// Of `--at`, read in the configured zone.
    pub at: Option<Instant>,
    /// Flushes the log file at the end.
    log: Option<logging::Guard>,
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::invalid(error.to_string(), "`quorate config check` checks the settings again")
    }
}

impl<'a> Context<'a> {
    /// `serves`: the verb serves a board, whose log may go elsewhere.
    pub(super) fn new(
        global: Global,
        faces: &'a Faces,
        to: &'a mut dyn Write,
        serves: bool,
    ) -> Result<Self, Stop> {
        let paths = places();
        let loaded = load(&global, paths.as_ref());
        if loaded.as_ref().is_ok_and(|loaded| loaded.settings.board.share_group) {
            config::keep_private(true);
        }
        let log = start_log(paths.as_ref(), loaded.as_ref().ok(), serves);
        let out = Out::new(to, global.json);
        let mut context = Self { global, faces, out, paths, loaded, at: None, log };
        if let Some(text) = context.global.at.clone() {
            context.at = Some(context.time(&text)?);
        }
        Ok(context)
    }

    /// Reads the settings again.
    pub(super) fn load(&mut self) {
        self.loaded = load(&self.global, self.paths.as_ref());
    }

    /// The settings in force.
    pub fn settings(&self) -> Result<&config::Settings, Stop> {
        self.loaded.as_ref().map(|loaded| &loaded.settings).map_err(|error| error.clone().into())
    }

    /// The settings file, there or not.
    pub fn settings_file(&self) -> Result<PathBuf, Stop> {
        let loaded = self.loaded.as_ref().ok().and_then(|loaded| loaded.file.clone());
        let asked = self.global.config.clone();
        loaded.or(asked).or_else(|| self.paths.as_ref().map(|paths| paths.config.clone())).ok_or_else(|| {
            Stop::invalid("no home directory to keep settings in", "name a file with --config")
        })
    }

    /// Whether a log file is written.
    pub fn logs(&self) -> bool {
        self.log.is_some()
    }

    /// The zone times are shown and typed in.
    pub fn zone(&self) -> Zone {
        let tz = config::system("TZ");
        let choice = self.loaded.as_ref().map(|loaded| loaded.settings.ui.zone).unwrap_or_default();
        choice.zone(tz.as_deref())
    }

    /// Reads a time as typed: RFC 3339, or local in the configured zone.
    pub fn time(&self, text: &str) -> Result<Instant, Stop> {
        self.zone().parse(text).map_err(|error| Problem::new(ProblemKind::Invalid, error.to_string()).into())
    }

    /// Reads the half-open span of `--from` and `--to`.
    pub fn span(
        &self,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(Option<Instant>, Option<Instant>), Stop> {
        let from = from.map(|text| self.time(text)).transpose()?;
        let to = to.map(|text| self.time(text)).transpose()?;
        match (from, to) {
            (Some(start), Some(end)) if Span::new(start, end).is_none() => Err(Stop::invalid(
                "--to is not after --from",
                "the span includes --from and ends before --to",
            )),
            _ => Ok((from, to)),
        }
    }

    /// Opens the board for questions.
    pub fn board(&self) -> Result<Board, Stop> {
        Board::open(self, Mode::Read, Pull::Never)
    }

    /// Opens the board for one question about what has this id, whole as it was typed; about nothing else is it asked.
    pub fn board_about(&self, id: &str) -> Result<Board, Stop> {
        Board::open_about(self, About::Item(id.to_owned()))
    }

    /// Opens the board for the one question what waits for somebody.
    pub fn board_of_what_waits(&self) -> Result<Board, Stop> {
        Board::open_about(self, About::Waiting)
    }

    /// Opens the board for questions that wait for what others do to it.
    pub fn board_to_follow(&self) -> Result<Board, Stop> {
        Board::open_following(self)
    }

    /// Opens the board for an act; refuses where nothing may be written.
    pub fn board_to_write(&self) -> Result<Board, Stop> {
        self.writable(Mode::Write, Pull::Never)
    }

    /// Opens the board for an import, which makes one where there is none.
    pub fn board_to_fill(&self) -> Result<Board, Stop> {
        self.writable(Mode::Make, Pull::Never)
    }

    /// Opens the board for questions, or an empty one that is written nowhere.
    pub fn board_if_any(&self) -> Result<Board, Stop> {
        Board::open_if_any(self)
    }

    /// Opens the board to read its sources.
    pub fn board_to_pull(&self) -> Result<Board, Stop> {
        self.writable(Mode::Write, Pull::Now)
    }

    fn writable(&self, mode: Mode, pull: Pull) -> Result<Board, Stop> {
        if self.at.is_some() {
            return Err(Stop::invalid(
                "--at is for questions: the time of a write is always the real one",
                "leave --at out",
            ));
        }
        if self.global.read_only {
            return Err(Problem::new(ProblemKind::NotAllowed, "nothing is written with --read-only")
                .hint("leave --read-only out")
                .into());
        }
        Board::open(self, mode, pull)
    }

    /// Opens the terminal UI on the demo.
    pub fn open_demo(&mut self, night: bool) -> Result<(), Stop> {
        Board::open_demo(self, night)
    }

    /// Opens the wall on the board.
    pub fn open_wall(&mut self, shows: config::WallShows) -> Result<(), Stop> {
        Board::open_wall(self, shows)
    }

    /// Opens the terminal UI on the board.
    pub(super) fn open_ui(&mut self) -> Result<(), Stop> {
        Board::open_ui(self)
    }
}

/// Where this user's files are; of a restricted run by the machine's word, not by the environment's.
fn places() -> Option<Paths> {
    if !config::is_restricted() {
        return Paths::find();
    }
    let user = uzers::get_user_by_uid(uzers::get_current_uid())?;
    Some(config::places_of(uzers::os::unix::UserExt::home_dir(&user)))
}

/// The settings in force: the user's, and which board the administrator set where they chose none.
fn load(global: &Global, paths: Option<&Paths>) -> Result<Loaded, ConfigError> {
    let usual = paths.map(|paths| paths.config.clone());
    let client = Path::new(config::CLIENT);
    if config::is_restricted() {
        return config::load_restricted(client, usual.as_deref());
    }
    let asked = asked(global);
    let loaded = config::load(asked.clone().or(usual).as_deref(), asked.is_some(), &config::system)?;
    loaded.with_client(client)
}

/// The settings file somebody named.
fn asked(global: &Global) -> Option<PathBuf> {
    global.config.clone().or_else(|| config::system("QUORATE_CONFIG").map(PathBuf::from))
}

fn start_log(paths: Option<&Paths>, loaded: Option<&Loaded>, serves: bool) -> Option<logging::Guard> {
    let set = &loaded?.settings.logging;
    if set.level == "off" {
        return None;
    }
    if serves && set.to == logging::Target::Stderr {
        return logging::start_on_stderr(&set.level, set.format).ok();
    }
    // Without a log the program works as well; `doctor` says why there is none.
    logging::start(&paths?.logs, &set.level, usize::from(set.files), set.format).ok()
}
