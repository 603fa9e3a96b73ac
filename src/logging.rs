//! The log of the program: daily files, a few kept, in the state directory; of a service on standard error where the settings
//! say so. Never the terminal of the user interface.

mod json;

use std::path::Path;

use serde::{Deserialize, Serialize};
use tracing_appender::{
    non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard},
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Lines that may wait to be written; room for them is taken at the start.
const BUFFERED: usize = 4_096;

/// Keeps the log written until it is dropped at the end of the program.
#[derive(Debug)]
pub struct Guard(#[expect(dead_code, reason = "held for its drop, which flushes")] WorkerGuard);

/// Why there is no log file. The program works without one.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the log in {dir}: {message}; the program works without it")]
pub struct LogError {
    dir: String,
    message: String,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object, for what collects logs.
    Json,
}

/// Where a service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Daily files in the state directory.
    #[default]
    Files,
    /// Standard error, where systemd and containers take it.
    Stderr,
}

/// Starts logging on standard error.
///
/// # Errors
/// When logging was started before.
pub fn start_on_stderr(level: &str, format: LineFormat) -> Result<Guard, LogError> {
    let failed = |message: String| LogError { dir: "standard error".to_owned(), message };
    let filter = filter(level).map_err(failed)?;
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(BUFFERED).finish(std::io::stderr());
    write_to(writer, filter, format).map_err(failed)?;
    Ok(Guard(guard))
}

/// Writes what passes from now on.
fn write_to(writer: NonBlocking, filter: Targets, format: LineFormat) -> Result<(), String> {
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    let started = match format {
        LineFormat::Text => tracing_subscriber::registry().with(filter).with(lines).try_init(),
        LineFormat::Json => {
            tracing_subscriber::registry().with(filter).with(lines.event_format(json::Lines)).try_init()
        }
    };
    started.map_err(|error| error.to_string())
}

/// Starts logging into `dir`, keeping `files` daily files.
///
/// # Errors
/// When the directory cannot be written, or logging was started before.
pub fn start(dir: &Path, level: &str, files: usize, format: LineFormat) -> Result<Guard, LogError> {
    let failed = |message: String| LogError { dir: dir.display().to_string(), message };
    let filter = filter(level).map_err(failed)?;
    std::fs::create_dir_all(dir).map_err(|error| failed(error.to_string()))?;
    // Names of changes and people are in it; older versions left it open to all.
    let _ = std::fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    // The writer's thread panics where there can be none.
    let tried = std::thread::Builder::new().spawn(|| ()).map(std::thread::JoinHandle::join);
    tried.map_err(|error| failed(format!("no thread to write it can be had: {error}"))).map(drop)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("quorate")
        .filename_suffix("log")
        .max_log_files(files.max(1))
        .build(dir)
        .map_err(|error| failed(error.to_string()))?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(BUFFERED).finish(file);
    write_to(writer, filter, format).map_err(failed)?;
    Ok(Guard(guard))
}

/// Checks a level as the settings write it.
///
/// # Errors
/// Says what is allowed.
pub fn check(level: &str) -> Result<(), String> {
    filter(level).map(|_| ())
}

/// A level speaks of this program alone; of the libraries only warnings are kept.
fn filter(level: &str) -> Result<Targets, String> {
    let words = ["off", "error", "warn", "info", "debug", "trace"];
    let wrong = || {
        format!(
            "found {level:?}, allowed: {}, or directives such as warn,quorate::hub=debug",
            words.join(", ")
        )
    };
    let directives = match level {
        "off" => "off".to_owned(),
        word if words.contains(&word) => format!("warn,quorate={word}"),
        directives => directives.to_owned(),
    };
    let plain = |part: &str| words.contains(&part.rsplit_once('=').map_or(part, |(_, level)| level));
    if !directives.split(',').all(plain) {
        return Err(wrong());
    }
    directives.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for level in ["off", "info", "warn,quorate::hub=debug"] {
            assert_eq!(check(level), Ok(()), "{level}");
        }
        for level in ["loud", "", "quorate=loud", "quorate"] {
            assert!(check(level).unwrap_err().contains("off, error, warn"), "{level}");
        }
    }
}
