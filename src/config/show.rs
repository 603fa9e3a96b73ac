//! The settings in force as a list of dotted keys, each with its value and where it comes from.

use serde::Serialize;

use super::{
    confined::CLIENT,
    load::{Loaded, Origin},
};

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setting {
    /// `ui.theme`.
    pub key: String,
    /// The value as it would be written in the file.
    pub value: String,
    /// `default`, `file`, the administrator's file, or the name of an environment variable.
    pub from: &'static str,
}

/// Every setting in the order of the file. No secret is among them: settings hold none.
#[must_use]
pub fn shown(loaded: &Loaded) -> Vec<Setting> {
    let mut settings = Vec::new();
    if let Ok(toml::Value::Table(table)) = toml::Value::try_from(&loaded.settings) {
        walk(loaded, "", &table, &mut settings);
    }
    settings
}

fn walk(loaded: &Loaded, prefix: &str, table: &toml::Table, into: &mut Vec<Setting>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => walk(loaded, &key, inner, into),
            value => {
                let from = match loaded.origin(&key) {
                    Origin::Default => "default",
                    Origin::File => "file",
                    Origin::Client => CLIENT,
                    Origin::Env(name) => name,
                };
                into.push(Setting { key, value: value.to_string(), from });
            }
        }
    }
}
