//! Starts the terminal UI on a hub: looks at the terminal, takes it, runs, gives it back.

use std::{io, path::PathBuf};

use ratatui::{Terminal, backend::Backend};

use super::{
    app::{self, At, Drive, Ended, Options, Outside, State, ThemeChoice, Zones},
    glyph::{self, GlyphChoice},
    input::Keymap,
    term::{self, Guard, Paint},
    theme::{Background, Depth, Look, Theme, ThemeError, colorfgbg},
};
use crate::{calendar::Zone, hub::Hub, model::Instant, wire::Actor};

/// What the terminal UI is started with.
pub struct Launch {
    /// `auto`, `dark`, `light`, or the name of a theme.
    pub theme: String,
    /// Where the user's own themes are.
    pub theme_dir: Option<PathBuf>,
    /// The colour depth; what the terminal has, where it is not said.
    pub colours: Option<Depth>,
    pub glyphs: GlyphChoice,
    pub keymap: Keymap,
    /// The viewer's zone, and the services' where that is another one.
    pub zone: Zone,
    pub service_zone: Option<Zone>,
    /// Why nothing can be written, where that is so: `started with --read-only`.
    pub read_only: Option<String>,
    /// In whose name commands are submitted.
    pub actor: Actor,
    /// What time it is.
    pub clock: Box<dyn Fn() -> Instant>,
    /// The clock stands still (`--at`).
    pub frozen: bool,
}

/// Why the terminal UI could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("{0}")]
    Theme(#[from] ThemeError),
    #[error("the terminal UI needs a terminal: {0}; the verbs of `quorate help` work without one")]
    NoTerminal(io::Error),
    #[error("the terminal cannot be drawn to: {0}")]
    Draw(io::Error),
    #[error("the terminal UI cannot be set up: {0}")]
    Setup(io::Error),
}

/// Runs the terminal UI until the user quits, the terminal goes or a signal comes. Makes a runtime of its own, so it must
/// not be called inside one. Hooks for error reports are installed before, see `term::install_panic_hook`.
///
/// # Errors
/// When the theme is not known, or there is no terminal that can be drawn to.
pub fn run(hub: Hub, launch: Launch) -> Result<Ended, TuiError> {
    let env = |name: &str| std::env::var(name).ok();
    let theme = Theme::load(&launch.theme, launch.theme_dir.as_deref())?;
    let known = match launch.theme.as_str() {
        "light" => Background::Light,
        "dark" => Background::Dark,
        _ => colorfgbg(env("COLORFGBG").as_deref()),
    };
    let choice = ThemeChoice { theme, depth: launch.colours.unwrap_or_else(|| Depth::detect(env)) };
    let look = Look { styles: choice.styles(known), glyphs: launch.glyphs.resolve(env) };
    // Terminals that show such a question instead of answering it are plain ones.
    let ask = known == Background::Unknown
        && choice.theme.follows_background()
        && choice.depth != Depth::None
        && !glyph::plain_terminal(env);
    if !io::IsTerminal::is_terminal(&io::stdout()) {
        return Err(TuiError::NoTerminal(io::Error::other("standard output is none")));
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TuiError::Setup)?;
    runtime.block_on(async move {
        let signals = term::watch().map_err(TuiError::Setup)?;
        let guard = Guard::take().map_err(TuiError::NoTerminal)?;
        let backend = Paint::new(io::stdout());
        let size = backend.size().map_err(TuiError::NoTerminal)?;
        let mut terminal = Terminal::new(backend).map_err(TuiError::Draw)?;
        if ask {
            guard.ask_background();
        }
        let utc = Zone::named("UTC").unwrap_or(launch.zone);
        let options = Options {
            look,
            theme: Some(choice),
            keymap: launch.keymap,
            zones: Zones::new(launch.zone, launch.service_zone, utc),
            read_only: launch.read_only,
            size,
        };
        let snapshot = hub.snapshot.borrow().clone();
        let at = At { now: (launch.clock)(), moment: tokio::time::Instant::now() };
        let mut state = State::new(options, snapshot, at);
        let drive = Drive {
            input: crossterm::event::EventStream::new,
            shutdown: signals.shutdown,
            continued: signals.continued,
            outside: &mut Outside::Terminal(guard),
            actor: launch.actor,
            clock: launch.clock,
            frozen: launch.frozen,
        };
        app::run(&mut terminal, &mut state, hub, drive).await.map_err(TuiError::Draw)
    })
}
