//! `quorate schema`: JSON schemas of everything that is read and printed.

use schemars::{Schema, schema_for};

use crate::{
    cli::Context,
    errors::Stop,
    model::BoardFile,
    wire::{self, api},
};

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
        let schema = match (self.what, &self.name) {
            (What::Board, None) => schema_for!(BoardFile),
            (What::Event, None) => schema_for!(wire::Entry),
            (What::Api, None) => {
                let all: serde_json::Map<String, serde_json::Value> = documents()
                    .into_iter()
                    .map(|(name, schema)| (name.to_owned(), schema.to_value()))
                    .collect();
                return context.out.object(&all);
            }
            (What::Api, Some(name)) => {
                let found = documents().into_iter().find(|(known, _)| known == name);
                found.map(|(_, schema)| schema).ok_or_else(|| {
                    let names: Vec<&str> = documents().into_iter().map(|(name, _)| name).collect();
                    Stop::invalid(
                        format!("there is no document {name:?}"),
                        format!("known: {}", names.join(", ")),
                    )
                })?
            }
            (What::Board | What::Event, Some(_)) => {
                return Err(Stop::invalid("only `schema api` has named documents", "leave the name out"));
            }
        };
        context.out.object(&schema)
    }
}

/// Everything `--json` prints, by the verb that prints it.
pub fn documents() -> Vec<(&'static str, Schema)> {
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
        ("rules", schema_for!(Vec<super::rules::Rule>)),
        ("slots", schema_for!(wire::Slots)),
        ("whatif", schema_for!(api::WhatIf)),
        ("gate", schema_for!(wire::GateAnswer)),
        ("meeting", schema_for!(Vec<wire::MeetingRow>)),
        ("minutes", schema_for!(wire::paper::MinutesDoc)),
        ("runsheet", schema_for!(wire::paper::RunSheet)),
        ("schedule", schema_for!(wire::paper::ForwardSchedule)),
        ("room", schema_for!(wire::paper::Room)),
        ("action", schema_for!(Vec<wire::Action>)),
        ("verify", schema_for!(wire::Verification)),
        ("config-show", schema_for!(Vec<crate::config::Setting>)),
        ("config-path", schema_for!(super::config::Places)),
        ("config-check", schema_for!(super::config::Checked)),
        ("import-dry-run", schema_for!(crate::source::board_file::ImportSummary)),
        ("doctor", schema_for!(Vec<super::doctor::Check>)),
        ("sync", schema_for!(Vec<wire::SourceHealth>)),
        ("audit-log", schema_for!(Vec<wire::Entry>)),
        ("themes", schema_for!(Vec<super::themes::Theme>)),
        ("keys", schema_for!(Vec<crate::cli::KeyRow>)),
        ("delegations", schema_for!(Vec<wire::DelegationRow>)),
        ("seats", schema_for!(Vec<super::seats::BoardSeats>)),
    ]
}
