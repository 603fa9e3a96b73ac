//! The editor of the settings, `$VISUAL` or `$EDITOR`, on a private temporary file.

use std::{fs, io::Write, process::Command};

/// Opens the editor (of the settings, else of the environment, else `vi`) on a text and gives what was written, or nothing when it was left as it was.
///
/// # Errors
/// When no editor can be started, it failed, or the file cannot be read back; in words.
pub fn edit(editor: Option<&str>, text: &str) -> Result<Option<String>, String> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = editor.map(str::to_owned).or_else(|| env("VISUAL")).or_else(|| env("EDITOR"));
    edit_with(editor.as_deref().unwrap_or("vi"), text)
}

fn edit_with(editor: &str, text: &str) -> Result<Option<String>, String> {
    let fail = |what: &str, e: std::io::Error| format!("{what}: {e}; what you wrote before is kept");
    // tempfile makes it readable by its owner alone.
    let mut file = tempfile::Builder::new()
        .prefix("quorate-")
        .suffix(".txt")
        .tempfile()
        .map_err(|e| fail("cannot make a file to write in", e))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.flush())
        .map_err(|e| fail("cannot write the file", e))?;
    // Through the shell, as git does: the variable may hold arguments.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(editor)
        .arg(file.path())
        .status()
        .map_err(|e| fail(&format!("cannot start {editor}"), e))?;
    if !status.success() {
        return Err(format!("{editor} ended with {status}; what you wrote before is kept"));
    }
    let written = fs::read(file.path()).map_err(|e| fail("cannot read what was written", e))?;
    let written = String::from_utf8_lossy(&written).trim_end().to_owned();
    Ok((written != text.trim_end()).then_some(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_gets_the_text_and_gives_it_back() {
        assert_eq!(edit_with("true", "as it was"), Ok(None));
        assert_eq!(edit_with("printf ' more' >>", "text"), Ok(Some("text more".to_owned())));
        assert!(edit_with("exit 3;", "text").unwrap_err().contains("kept"));
        assert!(edit_with("/nonexistent/editor", "text").unwrap_err().contains("kept"));
        let mode =
            edit_with("f() { stat -c %a \"$1\" >\"$1.m\"; cat \"$1.m\" >\"$1\"; rm \"$1.m\"; }; f", "text");
        assert_eq!(mode, Ok(Some("600".to_owned())), "nobody else may read it");
    }
}
