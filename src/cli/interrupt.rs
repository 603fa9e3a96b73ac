//! A verb that is interrupted closes the board before it ends.

use std::{process, sync::Once, thread, time::Duration};

use tokio::signal::unix::{SignalKind, signal};

use crate::hub::local;

/// How long closing may take then.
const CLOSING: Duration = Duration::from_secs(2);

/// Begins to listen for the signals that end a program, once. Without a thread to be had they end it as they always did.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = thread::Builder::new().name("signals".to_owned()).spawn(listen) {
            tracing::warn!(%error, "signals are not listened for");
        }
    });
}

fn listen() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    let code = runtime.block_on(async {
        let one = |kind: SignalKind| async move {
            if let Ok(mut stream) = signal(kind)
                && stream.recv().await.is_some()
            {
                return 128 + kind.as_raw_value();
            }
            std::future::pending().await
        };
        tokio::select! {
            code = one(SignalKind::interrupt()) => code,
            code = one(SignalKind::terminate()) => code,
            code = one(SignalKind::hangup()) => code,
            code = one(SignalKind::quit()) => code,
        }
    });
    local::end_all();
    local::wait_closed(CLOSING);
    // As a shell reports a program ended by that signal.
    process::exit(code);
}
