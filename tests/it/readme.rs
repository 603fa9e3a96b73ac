//! The examples of the README run as they are written.
//!
//! A block that begins with three backticks and `json file=NAME` is written to that file; the commands (`$ …`) of a
//! `console run` block are run in its directory. Lines after a command, where there are any, must be in its output.

use crate::program::{BIN, Home};

/// Info string and text of every fenced block.
fn blocks(markdown: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn run(home: &Home, script: &str) {
    let mut lines = script.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut shell = std::process::Command::new("sh");
        let place = std::path::Path::new(BIN).parent().unwrap().display().to_string();
        let path = format!("{place}:{}", std::env::var("PATH").unwrap_or_default());
        let output = shell
            .args(["-c", command])
            .env_clear()
            .envs([("HOME", home.path().as_os_str()), ("PATH", path.as_ref()), ("TZ", "UTC".as_ref())])
            .current_dir(home.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {} {errors}", output.status);
        while let Some(want) = lines.next_if(|line| !line.starts_with("$ ")) {
            assert!(want.is_empty() || said.contains(want), "{command}: no {want:?} in\n{said}");
        }
    }
}

#[test]
fn the_examples_run() {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let home = Home::new();
    let blocks = blocks(&std::fs::read_to_string(readme).unwrap());
    for (info, text) in &blocks {
        if let Some(name) = info.split_whitespace().find_map(|word| word.strip_prefix("file=")) {
            home.file(name, text);
        }
    }
    for (info, text) in &blocks {
        if info.split_whitespace().eq(["console", "run"]) {
            run(&home, text);
        }
    }
}
