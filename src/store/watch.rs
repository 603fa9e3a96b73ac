//! Waking up when another process writes to the same file.
//!
//! A watch on the directory tells that the write-ahead log moved; whether that was news is for
//! [`super::Store::changed_elsewhere`]. The log moves before its commit can be seen (the disk is waited for in between),
//! so each move is followed by some more looks. Where watching fails, one look a second has to do.

use std::{ffi::OsString, path::Path, sync::Arc, time::Duration};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::Notify, time::Instant};

use super::{open::beside, postgres::Listening};

const POLL: Duration = Duration::from_secs(1);

/// After the log moved it is looked at again so many times, first after a millisecond, each wait four times the last:
/// five seconds in all, more than a disk takes.
const LOOKS: u32 = 7;

/// Wakes its owner when the board may have changed.
#[derive(Debug)]
pub struct Watch {
    woken: Arc<Notify>,
    mode: Mode,
    /// The looks since the log moved, and when the next one is due.
    next: Option<(u32, Instant)>,
}

#[derive(Debug)]
enum Mode {
    /// Nobody else can write to a board in memory.
    Never,
    Watching {
        _watcher: RecommendedWatcher,
    },
    Polling,
    /// The database tells.
    Told {
        _listening: Listening,
    },
}

impl Watch {
    pub(super) fn on(board: Option<&Path>) -> Self {
        let woken = Arc::new(Notify::new());
        let Some(board) = board else { return Self { woken, mode: Mode::Never, next: None } };
        let mode = match watcher(board, Arc::clone(&woken)) {
            Ok(watcher) => Mode::Watching { _watcher: watcher },
            Err(error) => {
                tracing::warn!(path = %board.display(), %error, "cannot watch the board, looking once a second");
                Mode::Polling
            }
        };
        Self { woken, mode, next: None }
    }

    pub(super) fn told(woken: Arc<Notify>, listening: Listening) -> Self {
        Self { woken, mode: Mode::Told { _listening: listening }, next: None }
    }

    /// Returns when the board may have changed; may return for nothing, never misses a change.
    pub async fn wait_change(&mut self) {
        match self.mode {
            Mode::Never => std::future::pending().await,
            Mode::Polling => tokio::time::sleep(POLL).await,
            Mode::Told { .. } => self.woken.notified().await,
            Mode::Watching { .. } => {
                let done = match self.next {
                    None => {
                        self.woken.notified().await;
                        0
                    }
                    Some((done, at)) => tokio::select! {
                        () = self.woken.notified() => 0,
                        () = tokio::time::sleep_until(at) => done + 1,
                    },
                };
                let wait = Duration::from_millis(1 << (2 * done));
                self.next = (done < LOOKS).then(|| (done, Instant::now() + wait));
            }
        }
    }

    /// Whether changes are looked for once a second because they cannot be watched.
    #[must_use]
    pub const fn polls(&self) -> bool {
        matches!(self.mode, Mode::Polling)
    }
}

fn watcher(board: &Path, woken: Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    let board = std::path::absolute(board)?;
    // The log moves with every commit; the file itself when it is copied into, or replaced.
    let names = [board.clone(), beside(&board, "-wal")];
    let names: Vec<OsString> = names.iter().filter_map(|path| path.file_name()).map(OsString::from).collect();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let news = match &event {
            // A watch that lost events must not look like silence.
            Err(_) => true,
            Ok(event) => {
                event.need_rescan()
                    || (!matches!(event.kind, EventKind::Access(_))
                        && event
                            .paths
                            .iter()
                            .any(|path| names.iter().any(|name| path.file_name() == Some(name))))
            }
        };
        if news {
            woken.notify_one();
        }
    })?;
    let directory = board.parent().unwrap_or(Path::new("/"));
    watcher.watch(directory, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}
