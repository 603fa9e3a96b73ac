//! `quorate schema`: JSON schemas of everything that is read and printed.
//!
//! They are printed from `tests/schemas`, which a test here makes from the types: the program carries no generator.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{cli::Context, errors::Stop};

const BOARD: &str = include_str!("../../../tests/schemas/board.json");
const EVENT: &str = include_str!("../../../tests/schemas/event.json");
const API: &str = include_str!("../../../tests/schemas/api.json");
/// The schema of the settings, which `quorate config schema` prints.
pub const CONFIG: &str = include_str!("../../../tests/schemas/config.json");

/// Print a JSON schema: of the board file, of an event of the record, or of what --json prints
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_enum)]
    what: What,
    /// Of `api`: one of its documents, such as tally
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    Board,
    Event,
    Api,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match (self.what, &self.name) {
            (What::Board, None) => context.out.json_text(BOARD),
            (What::Event, None) => context.out.json_text(EVENT),
            (What::Api, None) => context.out.json_text(API),
            (What::Api, Some(name)) => {
                let all: BTreeMap<&str, &RawValue> = serde_json::from_str(API)?;
                let Some(found) = all.get(name.as_str()) else {
                    let names: Vec<&str> = all.into_keys().collect();
                    return Err(Stop::invalid(
                        format!("there is no document {name:?}"),
                        format!("known: {}", names.join(", ")),
                    ));
                };
                context.out.object(&serde_json::from_str::<serde_json::Value>(found.get())?)
            }
            (What::Board | What::Event, Some(_)) => {
                Err(Stop::invalid("only `schema api` has named documents", "leave the name out"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use schemars::{Schema, schema_for};

    use crate::{
        config::Settings,
        model::BoardFile,
        wire::{self, api},
    };

    /// The schemas people rely on. `QUORATE_UPDATE=1 cargo test --lib schemas` writes them anew after a change that
    /// is meant.
    #[test]
    fn schemas_are_those_of_the_types() {
        let api: serde_json::Map<String, serde_json::Value> =
            documents().into_iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect();
        for (name, published, now) in [
            ("board", super::BOARD, serde_json::to_string_pretty(&schema_for!(BoardFile))),
            ("event", super::EVENT, serde_json::to_string_pretty(&schema_for!(wire::LogEntry))),
            ("api", super::API, serde_json::to_string_pretty(&api)),
            ("config", super::CONFIG, serde_json::to_string_pretty(&schema_for!(Settings))),
        ] {
            let now = now.unwrap() + "\n";
            if std::env::var_os("QUORATE_UPDATE").is_some() {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/schemas/{name}.json"));
                std::fs::write(file, &now).unwrap();
            } else {
                let what = "QUORATE_UPDATE=1 cargo test --lib schemas";
                assert!(now == published, "tests/schemas/{name}.json is not what the types say; {what}");
            }
        }
    }

    /// Everything `--json` prints, by the verb that prints it.
    fn documents() -> Vec<(&'static str, Schema)> {
        vec![
            ("conflicts", schema_for!(Vec<api::Conflict>)),
            ("windows", schema_for!(Vec<api::Occurrence>)),
            ("tally", schema_for!(api::Tally)),
            ("pending", schema_for!(Vec<api::Tally>)),
            ("changes", schema_for!(Vec<api::Activity>)),
            ("calendar", schema_for!(Vec<api::Activity>)),
            ("releases", schema_for!(Vec<api::Release>)),
            ("receipt", schema_for!(wire::Receipt)),
            ("explain", schema_for!(wire::Explanation)),
            ("rules", schema_for!(Vec<crate::cli::verb::rules::Rule>)),
            ("slots", schema_for!(wire::Slots)),
            ("whatif", schema_for!(api::WhatIf)),
            ("gate", schema_for!(wire::GateAnswer)),
            ("meeting", schema_for!(Vec<wire::MeetingRow>)),
            ("run", schema_for!(wire::run::RunView)),
            ("run-rehearse", schema_for!(Vec<crate::cli::verb::run::Rehearsed>)),
            ("night", schema_for!(wire::run::Night)),
            ("rollback", schema_for!(wire::run::RollbackPlan)),
            ("minutes", schema_for!(wire::documents::MinutesDoc)),
            ("runsheet", schema_for!(wire::documents::RunSheet)),
            ("schedule", schema_for!(wire::documents::ForwardSchedule)),
            ("room", schema_for!(wire::documents::Room)),
            ("action", schema_for!(Vec<wire::Action>)),
            ("verify", schema_for!(wire::Verification)),
            ("config-show", schema_for!(Vec<crate::config::Setting>)),
            ("config-path", schema_for!(crate::cli::verb::config::Places)),
            ("config-check", schema_for!(crate::cli::verb::config::Checked)),
            ("import-dry-run", schema_for!(crate::source::board_file::ImportSummary)),
            ("doctor", schema_for!(Vec<crate::cli::verb::doctor::Check>)),
            ("sync", schema_for!(Vec<wire::SourceHealth>)),
            ("audit-log", schema_for!(Vec<wire::LogEntry>)),
            ("themes", schema_for!(Vec<crate::cli::verb::themes::Theme>)),
            ("keys", schema_for!(Vec<crate::cli::KeyRow>)),
            ("delegations", schema_for!(Vec<wire::DelegationRow>)),
            ("show", schema_for!(api::Shown<'static>)),
            ("source-list", schema_for!(Vec<crate::cli::verb::source::Listed>)),
            ("whoami", schema_for!(crate::cli::verb::whoami::WhoAmI)),
            ("token-new", schema_for!(crate::cli::verb::token::Made)),
            ("token-list", schema_for!(Vec<crate::model::Token>)),
            ("seats", schema_for!(Vec<crate::cli::verb::seats::BoardSeats>)),
        ]
    }
}
