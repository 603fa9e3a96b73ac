//! `quorate schema`: JSON schemas of everything that is read and printed.
//!
//! They are printed from `tests/schemas`, which a test here makes from the types: the program carries no generator.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{cli::Context, errors::Stop};

const BOARD: &str = include_str!("../../../tests/schemas/board.json");
const EVENT: &str = include_str!("../../../tests/schemas/event.json");
const API: &str = include_str!("../../../tests/schemas/api.json");
const OPENAPI: &str = include_str!("../../../tests/schemas/openapi.json");
/// The schema of the settings, which `quorate config schema` prints.
pub const CONFIG: &str = include_str!("../../../tests/schemas/config.json");

/// Print a JSON schema: of the board file, of an event of the record, or of what --json prints; or how a served board is asked
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
    /// A served board over HTTP, as OpenAPI 3.1
    Openapi,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match (self.what, &self.name) {
            (What::Board, None) => context.out.json_text(BOARD),
            (What::Event, None) => context.out.json_text(EVENT),
            (What::Api, None) => context.out.json_text(API),
            (What::Openapi, None) => context.out.json_text(OPENAPI),
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
            (What::Board | What::Event | What::Openapi, Some(_)) => {
                Err(Stop::invalid("only `schema api` has named documents", "leave the name out"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use schemars::{Schema, generate::SchemaSettings, schema_for};
    use serde_json::{Value, json};

    use crate::{
        config::Settings,
        model::BoardFile,
        serve::{
            Changed, KeyDocument, MeDocument, ProblemDocument,
            api::{BoardDocument, ROUTES},
        },
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
            ("openapi", super::OPENAPI, serde_json::to_string_pretty(&openapi())),
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

    /// How a served board is asked over HTTP, from the routes and the types.
    fn openapi() -> Value {
        let set = |settings: &mut SchemaSettings| settings.definitions_path = "/components/schemas".into();
        let mut types = SchemaSettings::draft2020_12().with(set).into_generator();
        let mut shapes: BTreeMap<&str, Schema> = BTreeMap::new();
        shapes.insert("board", types.subschema_for::<BoardDocument>());
        shapes.insert("changes", types.subschema_for::<Vec<api::Activity>>());
        shapes.insert("calendar", types.subschema_for::<Vec<api::Activity>>());
        shapes.insert("conflicts", types.subschema_for::<Vec<api::Conflict>>());
        shapes.insert("show", types.subschema_for::<api::Shown<'static>>());
        shapes.insert("tally", types.subschema_for::<api::Tally>());
        shapes.insert("templates", types.subschema_for::<wire::Catalogue>());
        shapes.insert("audit-log", types.subschema_for::<Vec<wire::LogEntry>>());
        shapes.insert("gate", types.subschema_for::<wire::GateAnswer>());
        shapes.insert("me", types.subschema_for::<MeDocument>());
        shapes.insert("keys", types.subschema_for::<[KeyDocument; 1]>());
        let problem = types.subschema_for::<ProblemDocument<'static>>();
        let (command, receipt) =
            (types.subschema_for::<wire::Command>(), types.subschema_for::<wire::Receipt>());
        let changed = types.subschema_for::<Changed>();
        let refused = json!({"description": "Why not, in the words of the command line",
            "content": {"application/problem+json": {"schema": problem}}});
        let answers = |kind: &str, said: &str, schema: Value| {
            json!({"200": {"description": said, "content": {kind: {"schema": schema}}},
                "default": refused.clone()})
        };
        let text = json!({"type": "string"});
        let mut paths = serde_json::Map::new();
        for (path, said, shape) in ROUTES.into_iter().chain([
            ("/v1/me", "Who asks", "me"),
            ("/v1/keys", "The keys under which the gate answers", "keys"),
        ]) {
            let answer = match shapes.get(shape) {
                Some(shape) => answers("application/json", said, shape.clone().to_value()),
                None => answers("text/calendar", said, text.clone()),
            };
            let asked = parameters(path);
            paths.insert(
                path.to_owned(),
                json!({"get": {"summary": said, "parameters": asked, "responses": answer}}),
            );
        }
        let key = json!({"name": "Idempotency-Key", "in": "header", "required": true,
            "description": "32 hex digits, drawn for each command; the same when it is sent again",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}});
        paths.insert(
            "/v1/commands".to_owned(),
            json!({"post": {"summary": "Do something", "parameters": [key],
                "requestBody": {"required": true, "content": {"application/json": {"schema": command}}},
                "responses": answers("application/json", "What was done", receipt.to_value())}}),
        );
        let stream = "The board and what changes of it: the data of each event of the name board";
        paths.insert(
            "/v1/stream".to_owned(),
            json!({"get": {"summary": stream, "responses": answers("text/event-stream", stream, changed.to_value())}}),
        );
        for (path, kind, said) in [
            (
                "/f/{secret}.ics",
                "text/calendar",
                "A calendar at the secret address that `quorate feed new` printed",
            ),
            (
                "/p/{secret}",
                "text/html",
                "The page at the secret address that `quorate feed new --page` printed",
            ),
        ] {
            // The address is the credential; what is wrong with one is not told.
            let answers = json!({"200": {"description": said, "content": {kind: {"schema": text}}},
                "404": {"description": "There is nothing at this address"},
                "503": {"description": "The board cannot be shown now"}});
            let secret = json!({"name": "secret", "in": "path", "required": true, "schema": text});
            paths.insert(
                path.to_owned(),
                json!({"get": {"summary": said, "security": [], "parameters": [secret], "responses": answers}}),
            );
        }
        json!({"openapi": "3.1.0",
            "info": {"title": "quorate", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "MIT", "identifier": "MIT"}},
            "security": [{"bearer": []}],
            "paths": paths,
            "components": {"schemas": types.take_definitions(true),
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer",
                    "description": "A token of the board (`quorate token new`), or an identity of its OpenID provider"}}}})
    }

    /// What a route can be asked with.
    fn parameters(path: &str) -> Vec<Value> {
        let one = |name: &str, place: &str, schema: Value| json!({"name": name, "in": place, "required": place == "path", "schema": schema});
        let query = |name: &str, schema: &Value| one(name, "query", schema.clone());
        let (text, time) = (json!({"type": "string"}), json!({"type": "string", "format": "date-time"}));
        let count = json!({"type": "integer", "minimum": 1});
        let span = [query("from", &time), query("to", &time)];
        let page = [query("limit", &count), query("after", &text)];
        let filter = query("filter", &text);
        match path {
            "/v1/changes" | "/v1/calendar" => [filter].into_iter().chain(span).chain(page).collect(),
            "/v1/calendar.ics" => [filter].into_iter().chain(span).collect(),
            "/v1/conflicts" => [filter].into_iter().chain(page).collect(),
            "/v1/log" => ["item", "text"]
                .map(|name| query(name, &text))
                .into_iter()
                .chain([query("limit", &count), query("before", &count)])
                .collect(),
            "/v1/gate/{id}" => {
                vec![one("id", "path", text.clone()), query("at", &time), query("nonce", &text)]
            }
            _ if path.ends_with("/{id}") => vec![one("id", "path", text)],
            _ => Vec::new(),
        }
    }

    /// Everything `--json` prints, by the verb that prints it.
    fn documents() -> Vec<(&'static str, Schema)> {
        vec![
            ("conflicts", schema_for!(Vec<api::Conflict>)),
            ("windows", schema_for!(Vec<api::Occurrence>)),
            ("tally", schema_for!(api::Tally)),
            ("pending", schema_for!(Vec<api::Tally>)),
            ("own-votes", schema_for!(Vec<wire::WriteRow>)),
            ("changes", schema_for!(Vec<api::Activity>)),
            ("calendar", schema_for!(Vec<api::Activity>)),
            ("releases", schema_for!(Vec<api::Release>)),
            ("receipt", schema_for!(wire::Receipt)),
            ("rehearsal", schema_for!(wire::Rehearsal)),
            ("explain", schema_for!(wire::Explanation)),
            ("rules", schema_for!(Vec<crate::cli::verb::rules::Rule>)),
            ("slots", schema_for!(wire::Slots)),
            ("whatif", schema_for!(api::WhatIf)),
            ("resolve", schema_for!(Vec<wire::documents::Resolution>)),
            ("freeze", schema_for!(wire::documents::FreezePreview)),
            ("templates", schema_for!(wire::Catalogue)),
            ("template-show", schema_for!(wire::TemplateView)),
            ("hook", schema_for!(Vec<wire::hook::ToldRow>)),
            ("hook-test", schema_for!(crate::cli::verb::hook::Tried<'static>)),
            ("gate", schema_for!(wire::GateAnswer)),
            ("meeting", schema_for!(Vec<wire::MeetingRow>)),
            ("run", schema_for!(wire::run::RunView)),
            ("run-rehearse", schema_for!(Vec<crate::cli::verb::run::Rehearsed>)),
            ("night", schema_for!(wire::run::Night)),
            ("release-bundle-dry-run", schema_for!(Vec<wire::release::Bundling>)),
            ("scope", schema_for!(wire::release::ReleasePlan)),
            ("plan", schema_for!(wire::release::ReleasePlan)),
            ("comms", schema_for!(Vec<wire::telling::Comms>)),
            ("audience", schema_for!(Vec<crate::model::Audience>)),
            ("notify", schema_for!(wire::notices::Notices)),
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
            ("changed", schema_for!(Vec<wire::Suspect>)),
            ("kpi", schema_for!(wire::Insights)),
            ("incident", schema_for!(Vec<wire::IncidentView>)),
            ("audit-log", schema_for!(Vec<wire::LogEntry>)),
            ("audit-pack", schema_for!(wire::pack::Pack)),
            ("themes", schema_for!(Vec<crate::cli::verb::themes::Theme>)),
            ("keys", schema_for!(Vec<crate::cli::KeyRow>)),
            ("delegations", schema_for!(Vec<wire::DelegationRow>)),
            ("show", schema_for!(api::Shown<'static>)),
            ("source-list", schema_for!(Vec<crate::cli::verb::source::Listed>)),
            ("login", schema_for!(crate::serve::MeDocument)),
            ("migrate", schema_for!(crate::cli::verb::migrate::Migrated)),
            ("whoami", schema_for!(crate::cli::verb::whoami::WhoAmI)),
            ("backup", schema_for!(crate::hub::protocol::BackedUp)),
            ("feed-new", schema_for!(crate::cli::verb::feed::Made)),
            ("token-new", schema_for!(crate::cli::verb::token::Made)),
            ("token-list", schema_for!(Vec<crate::model::Token>)),
            ("seats", schema_for!(Vec<crate::cli::verb::seats::BoardSeats>)),
        ]
    }
}
