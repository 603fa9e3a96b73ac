//! Ends the program when its terminal goes or a signal asks for it, even if everything else hangs.
//!
//! crossterm 0.29 reads a terminal that has hung up in an endless loop (crossterm issue 793), so nobody may wait for it:
//! a thread sleeps in `poll` until the terminal hangs up, tells the loop, and ends the program if that does not help.

use std::{fs::File, io, os::fd::AsFd, thread, time::Duration};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// How long the loop has to end by itself.
const GRACE: Duration = Duration::from_secs(2);
/// As a shell reports a program ended by SIGHUP.
const HUNG_UP: i32 = 129;

/// What the loop listens to.
#[derive(Debug, Clone)]
pub struct Signals {
    /// Becomes true when the program has to end.
    pub shutdown: watch::Receiver<bool>,
    /// Counts how often the program was continued.
    pub continued: watch::Receiver<u64>,
}

/// Starts to watch terminal and signals. To be called inside the runtime. `last` is done before the program is ended from
/// here.
///
/// # Errors
/// When a signal handler or the thread cannot be set up.
pub fn watch(last: impl FnOnce() + Send + 'static) -> io::Result<Signals> {
    let (end, shutdown) = watch::channel(false);
    let (again, continued) = watch::channel(0);
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()] {
        let (mut stream, end) = (signal(kind)?, end.clone());
        tokio::spawn(async move {
            if stream.recv().await.is_some() {
                end.send_replace(true);
            }
        });
    }
    let mut stream = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    tokio::spawn(async move {
        while stream.recv().await.is_some() {
            again.send_modify(|count| *count += 1);
        }
    });
    if let Some(terminal) = terminal() {
        thread::Builder::new().name("hangup".to_owned()).spawn(move || {
            wait_for_hangup(&terminal);
            end.send_replace(true);
            thread::sleep(GRACE);
            super::restore();
            last();
            std::process::exit(HUNG_UP);
        })?;
    }
    Ok(Signals { shutdown, continued })
}

/// The terminal itself, else standard input; nothing when neither can be had.
fn terminal() -> Option<File> {
    let tty = File::options().read(true).write(true).open("/dev/tty").ok();
    tty.or_else(|| io::stdin().as_fd().try_clone_to_owned().ok().map(File::from))
}

/// Returns when the terminal has gone; costs nothing until then.
fn wait_for_hangup(terminal: &File) {
    loop {
        let mut fds = [PollFd::new(terminal, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => return,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
