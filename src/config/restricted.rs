//! A run that somebody is let in for and nothing else (`quorate --restricted`, the ForceCommand of an sshd): of the environment and
//! of the user's settings it believes only how the screen looks and which keys are pressed.

use std::path::{Path, PathBuf};

use super::{
    load::{ConfigError, Loaded, fault_of_file, read_client, restrained},
    paths::Paths,
    settings::Settings,
};

/// Tables of a user's settings that a restricted run reads.
const READ: [&str; 2] = ["ui", "keys"];

/// The settings of a restricted run: the administrator's, and of the user's own file how it looks and its keys.
///
/// # Errors
/// When either file cannot be read or used.
pub fn load_restricted(client: &Path, user: Option<&Path>) -> Result<Loaded, ConfigError> {
    let given = read_client(client)?;
    let text = match user.map(std::fs::read_to_string) {
        Some(Ok(text)) => text,
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
            let file = user.unwrap_or(Path::new(""));
            return Err(fault_of_file(file, format!("cannot be read: {error}")));
        }
        Some(Err(_)) | None => String::new(),
    };
    let mut loaded = restrained(user.unwrap_or(Path::new("settings")), &text, &READ)?;
    let clipboard = given.as_ref().is_some_and(|given| given.restricted.clipboard);
    let Settings { ui, keys, .. } = loaded.settings;
    loaded.settings = Settings { ui, keys, ..given.unwrap_or_default() };
    // What text goes through the terminal is the administrator's to say; no program is started.
    loaded.settings.ui.clipboard &= clipboard;
    loaded.settings.ui.editor.clear();
    loaded.settings.sources.clear();
    loaded.settings.channels.clear();
    loaded.settings.remote.secret_command.clear();
    loaded.file = user.map(Path::to_owned);
    loaded.client = client.exists().then(|| client.to_owned());
    Ok(loaded)
}

/// The usual places of a user, whatever the environment says.
#[must_use]
pub fn places_of(home: &Path) -> Paths {
    let (config, state) = (home.join(".config/quorate"), home.join(".local/state/quorate"));
    Paths {
        themes: config.join("themes"),
        messages: config.join("messages"),
        config: config.join("config.toml"),
        board: PathBuf::from("/nonexistent/board.db"),
        tokens: state.join("tokens"),
        looked: state.join("looked"),
        unsent: state.join("unsent"),
        cache: home.join(".cache/quorate"),
        logs: state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::HubChoice;

    #[test]
    fn of_a_users_settings_only_looks_and_keys_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let (client, user) = (dir.path().join("client.toml"), dir.path().join("config.toml"));
        std::fs::write(
            &user,
            "hub = \"embedded\"\n[ui]\ntheme = \"dark\"\neditor = \"sh\"\nclipboard = true\n[keys]\nvote = \"Ctrl-v\"\n\
             [board]\ndb = \"/tmp/x.db\"\n[me]\nperson = \"ann\"\n[remote]\nsecret_command = [\"sh\"]\n\
             [sources.x]\nkind = \"board_file\"\npath = \"/etc/shadow\"\n",
        )
        .unwrap();
        for (text, clipboard, hub) in [
            ("", false, HubChoice::Auto),
            (
                "hub = \"unix:/srv/q.sock\"\n[restricted]\nclipboard = true\n",
                true,
                HubChoice::Socket("/srv/q.sock".into()),
            ),
        ] {
            std::fs::write(&client, text).unwrap();
            let Settings { hub: found, ui, keys, board, me, remote, sources, .. } =
                load_restricted(&client, Some(&user)).unwrap().settings;
            assert_eq!(
                (found, ui.clipboard, ui.theme.as_str(), ui.editor.as_str()),
                (hub, clipboard, "dark", ""),
                "{text}"
            );
            assert_eq!((keys.len(), board, me), (1, Default::default(), Default::default()), "{text}");
            assert!(sources.is_empty() && remote.secret_command.is_empty(), "{text}");
        }
        std::fs::write(&user, "[ui]\nthme = \"x\"\n").unwrap();
        assert!(load_restricted(&client, Some(&user)).unwrap_err().to_string().contains("ui.thme"));
        std::fs::write(&client, "hub = 3\n").unwrap();
        assert!(load_restricted(&client, None).unwrap_err().to_string().contains("client.toml"));
    }
}
