//! The last stop of every error: how it is said on standard error, and the exit code it becomes.
//!
//! Exit codes (map § Command line): 0 fine, 1 the answer is no, 2 usage or configuration, 3 unreachable, 4 not allowed,
//! 5 conflict.
//! What people did wrong is said in two lines; only a panic asks for a bug report.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use color_eyre::config::{HookBuilder, Theme};

use crate::{
    model::Printable,
    wire::{Problem, ProblemKind},
};

/// Why a command ended before its end.
#[derive(Debug)]
pub enum Stop {
    /// It cannot be done; said on standard error.
    Problem(Problem),
    /// It was done and its answer is no, or that it cannot be told; already said on standard output.
    Answer(u8),
    /// Nobody reads on: `quorate changes | head -1`. Fine.
    Closed,
}

impl Stop {
    /// What is said about it, in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Problem(Problem { title, hint: Some(hint), .. }) => format!("{title}; {hint}"),
            Self::Problem(problem) => problem.title.clone(),
            Self::Answer(_) | Self::Closed => String::new(),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Problem(
            Problem::new(ProblemKind::Unreachable, format!("cannot write the output: {error}"))
                .hint("check the disk and where the output goes"),
        )
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl Stop {
    /// A request that makes no sense as it is, with what to do. Exit code 2.
    #[must_use]
    pub fn invalid(title: impl Into<String>, hint: impl Into<String>) -> Self {
        Problem::new(ProblemKind::Invalid, title).hint(hint).into()
    }
}

/// Installs the hooks of panics and reports: plain text, cleaned like everything that is said.
///
/// # Errors
/// When hooks were installed before.
pub fn install() -> color_eyre::Result<()> {
    let (panics, reports) = HookBuilder::default()
        .theme(Theme::new())
        .display_env_section(false)
        .display_location_section(cfg!(debug_assertions))
        .panic_section(concat!(
            "This is a bug in quorate, and nothing you did. Please report it with the lines above:\n",
            env!("CARGO_PKG_REPOSITORY"),
            "/issues"
        ))
        .into_hooks();
    reports.install()?;
    std::panic::set_hook(Box::new(move |info| tell(&format!("{}\n", panics.panic_report(info)))));
    Ok(())
}

/// Says how a command ended and gives its exit code.
#[must_use]
pub fn finish(ended: Result<(), Stop>) -> ExitCode {
    match ended {
        Ok(()) | Err(Stop::Closed) => ExitCode::SUCCESS,
        Err(Stop::Answer(code)) => ExitCode::from(code),
        Err(Stop::Problem(problem)) => {
            say(&problem, &mut io::stderr().lock());
            ExitCode::from(problem.kind.exit_code())
        }
    }
}

/// Writes a problem as lines that begin with `error:`, `changed:` and `hint:`.
pub fn say(problem: &Problem, to: &mut impl Write) {
    tracing::warn!(kind = ?problem.kind, title = problem.title, "refused");
    let mut text = format!("error: {}\n", problem.title);
    for change in &problem.changes {
        text.push_str(&format!("changed: {}: {} is now {}\n", change.field, change.old, change.new));
    }
    if let Some(hint) = &problem.hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    // Standard error may be closed; there is nobody left to tell.
    let _unheard = to.write_all(Printable::text(&text).as_bytes());
}

/// Says something on standard error, as it is but for what would steer the terminal.
pub fn tell(text: &str) {
    let mut to = io::stderr().lock();
    let _unheard = to.write_all(Printable::text(text).as_bytes()).and_then(|()| to.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_said_line_by_line() {
        let problem = Problem::new(ProblemKind::Changed, "CHG1 changed since you looked").hint("look again");
        let mut out = Vec::new();
        say(&problem, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "error: CHG1 changed since you looked\nhint: look again\n"
        );
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        assert!(matches!(Stop::from(io::Error::from(io::ErrorKind::BrokenPipe)), Stop::Closed));
        let full = Stop::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(full, Stop::Problem(problem) if problem.kind.exit_code() == 3));
    }
}
