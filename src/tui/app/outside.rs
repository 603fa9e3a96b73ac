//! What effects do to the world outside the program: the terminal, the editor, the clipboard, files.
//!
//! Tests give a [`Recorder`] instead, which does nothing and remembers everything.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crate::{model::Signal, tui::term};

/// The world outside.
#[derive(Debug)]
pub enum Outside {
    /// The real terminal, the editor of the settings, whether copying may go through the terminal, and whether nothing else leads
    /// out of the program: no editor, no shell, no files.
    Terminal { guard: term::Guard, editor: Option<String>, clipboard: bool, shut: bool },
    /// A test's.
    Recorded(Recorder),
}

/// Remembers what was asked, and what the editor shall answer.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<String>>>, Arc<Mutex<Option<String>>>);

impl Recorder {
    /// Everything asked so far, as in `copy CHG0030042`.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.lock().map(|log| log.clone()).unwrap_or_default()
    }

    /// What the editor will have written the next time.
    pub fn editor_writes(&self, text: &str) {
        if let Ok(mut next) = self.1.lock() {
            *next = Some(text.to_owned());
        }
    }

    fn log(&self, line: String) {
        if let Ok(mut log) = self.0.lock() {
            log.push(line);
        }
    }
}

impl Outside {
    /// The real terminal.
    #[must_use]
    pub const fn terminal(guard: term::Guard, editor: Option<String>, clipboard: bool, shut: bool) -> Self {
        Self::Terminal { guard, editor, clipboard, shut }
    }

    /// Refuses what leads out of the program, where nothing may.
    pub(super) fn way_out(&self, what: &str) -> Result<(), String> {
        match self {
            Self::Terminal { shut: true, .. } => Err(format!("{what}: not in a restricted run")),
            Self::Terminal { .. } | Self::Recorded(_) => Ok(()),
        }
    }

    /// Puts a text into the clipboard.
    pub(super) fn copy(&mut self, text: &str) -> Result<String, String> {
        match self {
            Self::Terminal { clipboard: true, .. } => term::copy(text),
            Self::Terminal { .. } => Err(format!("copying is off in the settings (ui.clipboard): {text}")),
            Self::Recorded(recorder) => {
                recorder.log(format!("copy {text}"));
                Ok(format!("copied {text}"))
            }
        }
    }

    /// Calls who sits here.
    pub(super) fn call(&mut self, signal: Signal, text: &str) -> Result<(), String> {
        match self {
            Self::Terminal { .. } => term::call(signal, text),
            Self::Recorded(recorder) => {
                recorder.log(format!("call by {} {text}", signal.word()));
                Ok(())
            }
        }
    }

    /// Writes in the editor. The terminal is the editor's until this returns.
    pub(super) fn edit(&mut self, text: &str) -> Result<Option<String>, String> {
        self.way_out("the editor is off")?;
        match self {
            Self::Terminal { guard, editor, .. } => guard
                .away(|| term::edit(editor.as_deref(), text))
                .unwrap_or_else(|e| Err(format!("the terminal was lost: {e}"))),
            Self::Recorded(recorder) => {
                recorder.log(format!("edit {text}"));
                Ok(recorder.1.lock().ok().and_then(|mut next| next.take()))
            }
        }
    }

    /// Stops like a shell job and returns when continued.
    pub(super) fn suspend(&mut self) -> Result<(), String> {
        self.way_out("suspending is off")?;
        match self {
            Self::Terminal { guard, .. } => {
                guard.away(term::stop).and_then(|stopped| stopped).map_err(|e| format!("cannot suspend: {e}"))
            }
            Self::Recorded(recorder) => {
                recorder.log("suspend".to_owned());
                Ok(())
            }
        }
    }

    /// Takes the terminal back after somebody else changed it.
    pub(super) fn again(&mut self) {
        if let Self::Terminal { guard, .. } = self {
            guard.again();
        }
    }

    /// Writes a file that was not there; says where.
    pub(super) fn write(&mut self, path: PathBuf, bytes: &[u8]) -> Result<String, String> {
        let shown = path.display().to_string();
        if let Self::Recorded(recorder) = self {
            recorder.log(format!("write {shown}, {} bytes", bytes.len()));
            return Ok(format!("wrote {shown}"));
        }
        self.way_out("no files are written")?;
        let open = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        match open.and_then(|mut file| std::io::Write::write_all(&mut file, bytes)) {
            Ok(()) => Ok(format!("wrote {shown}")),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(format!("{shown} is already there; give another name"))
            }
            Err(e) => Err(format!("{shown} cannot be written: {e}")),
        }
    }
}
