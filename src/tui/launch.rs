//! Starts the terminal UI on a hub: looks at the terminal, takes it, runs, gives it back.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use ratatui::{Terminal, backend::Backend};

use super::{
    app::{self, At, Drive, Ended, Options, Outside, Shared, State, ThemeChoice, Zones},
    glyph,
    input::{Keymap, KeymapErrors},
    looked::Looked,
    term::{self, Guard, Paint},
    theme::{Background, Depth, Look, Theme, ThemeError, colorfgbg},
};
use crate::{
    calendar::Zone,
    config::{CalendarSettings, GlyphChoice, Settings, WallShows, is_restricted},
    errors::Stop,
    hub::{Clock, Hub, Request, local},
    model::Instant,
    store,
    wire::{Actor, Problem, Snapshot},
};

/// Who submits commands, by what the board knows now.
pub type Author = Box<dyn Fn(&Snapshot) -> Actor>;

/// What the terminal UI is started with.
pub struct Launch {
    /// `auto`, `dark`, `light`, or the name of a theme.
    pub theme: String,
    /// Where the user's own themes are.
    pub theme_dir: Option<PathBuf>,
    pub glyphs: GlyphChoice,
    pub keymap: Keymap,
    /// The viewer's zone, and the services' where that is another one.
    pub zone: Zone,
    pub service_zone: Option<Zone>,
    /// Why nothing can be written, where that is so: `started with --read-only`.
    pub read_only: Option<String>,
    /// Only the wall is shown, and what on it.
    pub wall: Option<WallShows>,
    pub author: Author,
    /// What time it is.
    pub clock: Box<dyn Fn() -> Instant>,
    /// The clock stands still (`--at`).
    pub frozen: bool,
    /// The editor for long comments, where the environment shall not say.
    pub editor: Option<String>,
    /// Whether copying may go through the terminal (OSC 52).
    pub clipboard: bool,
    pub calendar: CalendarSettings,
    /// Where the last look at each board is kept; `None` where none is, as in the demo.
    pub looked: Option<PathBuf>,
}

impl Launch {
    /// What the settings say; times are the system's and everything may be written.
    ///
    /// # Errors
    /// When the keys of the settings are no keymap.
    pub fn new(settings: &Settings, theme_dir: Option<&Path>, author: Author) -> Result<Self, TuiError> {
        let tz = std::env::var("TZ").ok();
        Ok(Self {
            theme: settings.ui.theme.clone(),
            theme_dir: theme_dir.map(Path::to_path_buf),
            glyphs: settings.ui.glyphs,
            keymap: Keymap::of_settings(settings)?,
            zone: settings.ui.zone.zone(tz.as_deref()),
            service_zone: None,
            read_only: None,
            wall: None,
            author,
            clock: Box::new(|| Clock::System.now()),
            frozen: false,
            editor: Some(settings.ui.editor.clone()).filter(|editor| !editor.is_empty()),
            clipboard: settings.ui.clipboard,
            calendar: settings.calendar.clone(),
            looked: None,
        })
    }
}

/// Why the terminal UI could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("{0}")]
    Theme(#[from] ThemeError),
    #[error("the terminal interface needs a terminal: {0}")]
    NoTerminal(io::Error),
    #[error("the terminal cannot be drawn to: {0}")]
    Draw(io::Error),
    #[error("the terminal UI cannot be set up: {0}")]
    Setup(io::Error),
    #[error("{0}")]
    Hub(#[from] Problem),
    #[error("{0}")]
    Keys(#[from] KeymapErrors),
}

impl From<TuiError> for Stop {
    fn from(error: TuiError) -> Self {
        let hint = match error {
            TuiError::Hub(problem) => return problem.into(),
            TuiError::Theme(_) | TuiError::Keys(_) => "`quorate config check` checks the settings again",
            TuiError::NoTerminal(_) | TuiError::Draw(_) | TuiError::Setup(_) => {
                "`quorate help` lists the verbs, which need no terminal"
            }
        };
        Self::invalid(error.to_string(), hint)
    }
}

/// How long the hub may take to finish what it is writing.
const CLOSING: Duration = Duration::from_secs(5);

/// Opens the hub and runs the terminal UI until the user quits, the terminal goes or a signal comes. Makes a runtime of its
/// own, so it must not be called inside one. Hooks for error reports are to be installed before.
///
/// # Errors
/// When the theme is not known, the hub cannot be opened, or there is no terminal that can be drawn to.
pub fn run(opening: impl Future<Output = Result<Hub, Problem>>, launch: Launch) -> Result<Ended, TuiError> {
    let theme = Theme::load(&launch.theme, launch.theme_dir.as_deref())?;
    if !io::IsTerminal::is_terminal(&io::stdout()) {
        return Err(TuiError::NoTerminal(io::Error::other("standard output is none")));
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TuiError::Setup)?;
    runtime.block_on(async move {
        let hub = opening.await?;
        let requests = hub.requests.clone();
        let ended = on_terminal(hub, launch, theme).await;
        let (reply, closed) = tokio::sync::oneshot::channel();
        if requests.send(Request::Close { reply }).await.is_ok() {
            let _ = tokio::time::timeout(CLOSING, closed).await;
        }
        ended
    })
}

/// The look of a theme on this terminal, and whether the terminal has to be asked for its background.
fn look(launch: &Launch, theme: Theme) -> (Look, ThemeChoice, bool) {
    let env = |name: &str| std::env::var(name).ok();
    let known = match launch.theme.as_str() {
        "light" => Background::Light,
        "dark" => Background::Dark,
        _ => colorfgbg(env("COLORFGBG").as_deref()),
    };
    let choice = ThemeChoice { theme, depth: Depth::detect(env) };
    let look = Look { styles: choice.styles(known), glyphs: glyph::choose(launch.glyphs, env) };
    // Plain terminals show such a question instead of answering it.
    let ask = known == Background::Unknown
        && choice.theme.follows_background()
        && choice.depth != Depth::None
        && !glyph::plain_terminal(env);
    (look, choice, ask)
}

/// What a last look is kept by: the board, and who looks at it; nothing where there is no board yet.
fn looked_at(snapshot: &Snapshot) -> String {
    if snapshot.lineage.is_empty() {
        return String::new();
    }
    let who = snapshot.me.person.as_ref().map_or(snapshot.me.name.as_str(), |person| person.as_str());
    format!("{}-{who}", snapshot.lineage)
}

/// Takes the terminal, runs, gives it back.
async fn on_terminal(hub: Hub, launch: Launch, theme: Theme) -> Result<Ended, TuiError> {
    let (look, choice, ask) = look(&launch, theme);
    let last = || {
        local::end_all();
        local::wait_closed(CLOSING);
    };
    let signals = term::watch(last).map_err(TuiError::Setup)?;
    term::install_panic_hook();
    let guard = Guard::take().map_err(TuiError::NoTerminal)?;
    let backend = Paint::new(io::stdout());
    let size = backend.size().map_err(TuiError::NoTerminal)?;
    let mut terminal = Terminal::new(backend).map_err(TuiError::Draw)?;
    if ask {
        guard.ask_background();
    }
    let options = Options {
        look,
        theme: Some(choice),
        asked_background: ask,
        keymap: launch.keymap,
        zones: Zones::new(launch.zone, launch.service_zone, Zone::UTC),
        read_only: launch.read_only,
        size,
        wall: launch.wall,
        session: store::random().map_err(|error| TuiError::Setup(io::Error::other(error.to_string())))?,
        calendar: launch.calendar,
    };
    let snapshot = hub.snapshot.borrow().clone();
    let at = At { now: (launch.clock)(), moment: tokio::time::Instant::now() };
    let board = looked_at(&snapshot);
    let looked = launch.looked.filter(|_| !launch.frozen);
    let mut state = State::new(options, snapshot, at);
    state.saw(looked.as_ref().and_then(|dir| Looked::read(dir, &board)));
    let mut outside = Outside::terminal(guard, launch.editor, launch.clipboard, is_restricted());
    let drive = Drive {
        input: crossterm::event::EventStream::new,
        shutdown: signals.shutdown,
        continued: signals.continued,
        outside: &mut outside,
        author: launch.author,
        clock: launch.clock,
        frozen: launch.frozen,
    };
    let ended = app::run(&mut terminal, &mut state, hub, drive).await.map_err(TuiError::Draw);
    // Who left before the board was there has not looked at it.
    if let Some(dir) = looked.filter(|_| state.shared.snapshot.opening.is_none()) {
        let Shared { snapshot, now, .. } = &state.shared;
        if let Err(error) = Looked::of(snapshot, *now).write(&dir, &looked_at(snapshot)) {
            tracing::warn!(%error, "the last look cannot be kept");
        }
    }
    ended
}
