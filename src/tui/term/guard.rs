//! Takes the terminal and gives it back exactly as it was.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crossterm::{
    cursor, event, execute, queue,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};

/// Whether the terminal is ours at this moment; for panic hook and watchdog, which have no guard at hand.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in raw mode on the alternate screen; gives it back when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, no cursor.
    ///
    /// # Errors
    /// When standard output is no terminal, or it refuses.
    pub fn take() -> io::Result<Self> {
        let guard = Self(());
        // A program that took the terminal before has left a wake-up too, see `away`.
        let _ = event::poll(Duration::ZERO);
        enter()?;
        Ok(guard)
    }

    /// Gives the terminal back while `f` runs, and takes it again.
    ///
    /// # Errors
    /// When the terminal cannot be taken again.
    pub fn away<T>(&mut self, f: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let result = f();
        // The stream of events that was dropped has left a wake-up behind; read together with a key, it would hide that
        // key until the next one. Entering changes the modes, which shows keys typed meanwhile again.
        let _ = event::poll(Duration::ZERO);
        enter()?;
        Ok(result)
    }

    /// Takes the terminal again if somebody else changed its modes while the program was stopped.
    pub fn again(&mut self) {
        // After a stop of our own it is ours already. Giving it back here, if only for a moment, would let the terminal
        // take a Ctrl-c for an interrupt and throw away what was just written.
        if is_ours() {
            return;
        }
        restore();
        // The next write tells if the terminal has gone.
        let _ = enter();
    }

    /// Asks the terminal for its background; the answer comes among the keys, and is not waited for.
    pub fn ask_background(&self) {
        let mut out = io::stdout();
        let _ = out.write_all(b"\x1b]11;?\x1b\\").and_then(|()| out.flush());
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, event::EnableBracketedPaste, cursor::Hide)
}

/// Whether keys come one by one, as [`enter`] asked for.
fn is_ours() -> bool {
    use rustix::termios::{LocalModes, tcgetattr};
    let modes = tcgetattr(io::stdin());
    TAKEN.load(Ordering::SeqCst) && modes.is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ICANON))
}

/// Undoes everything [`Guard::take`] did, if it is in force. Never fails: a terminal that has gone needs nothing.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = queue!(
        out,
        terminal::EndSynchronizedUpdate,
        event::DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// Gives the terminal back before a panic is reported. To be installed after the hooks of color-eyre, so that their
/// report is readable.
pub fn install_panic_hook() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
    }));
}
