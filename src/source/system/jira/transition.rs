//! From status to status: by the transitions that the workflow offers to this account, from where the issue stands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{api::Api, record};
use crate::source::{
    http::Login,
    system::{Refusal, Setup, Standing, status::same},
};

#[derive(Debug, Deserialize)]
struct Offered {
    #[serde(default)]
    transitions: Vec<Transition>,
}

#[derive(Debug, Deserialize)]
struct Transition {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    to: Named,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct One {
    fields: Fields,
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    status: Value,
}

async fn offered(api: &Api, key: &str, login: &Login) -> Result<Vec<Transition>, Refusal> {
    let address = api.platform(&format!("issue/{key}/transitions"));
    let Offered { transitions } = api.get(address, &[], login).await?;
    Ok(transitions)
}

/// Where an issue stands, and the statuses it may be brought to.
///
/// # Errors
/// When it cannot be had.
pub async fn standing(api: &Api, setup: &Setup, key: &str, login: &Login) -> Result<Standing, Refusal> {
    let query = [("fields", "status".to_owned())];
    let One { fields } = api.get(api.platform(&format!("issue/{key}")), &query, &api.login).await?;
    let name = fields.status.get("name").and_then(Value::as_str).unwrap_or_default();
    let next = offered(api, key, login).await?.into_iter().map(|one| one.to.name).collect();
    Ok(Standing { next: Some(next), ..Standing::called(name, record::state(setup, &fields.status).value) })
}

/// Takes the transition that leads to a status; of several the one that is called as the status is.
///
/// # Errors
/// That there is none from here, or what the site says against it, as where a field is to be filled in.
pub async fn go(api: &Api, key: &str, wanted: &str, login: &Login) -> Result<(), Refusal> {
    let mut ways = offered(api, key, login).await?;
    ways.retain(|one| same(&one.to.name, wanted));
    let way = ways.iter().find(|one| same(&one.name, wanted)).or(ways.first());
    let Some(way) = way else {
        return Err(Refusal::Said(format!("no transition to it is offered to this account for {key}")));
    };
    let body = json!({ "transition": { "id": way.id } });
    api.post(api.platform(&format!("issue/{key}/transitions")), body, login).await
}
