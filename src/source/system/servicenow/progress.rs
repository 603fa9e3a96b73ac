//! The state of a change as its run goes, and *on hold* as a freeze asks for it.
//!
//! Which states may follow is asked of the instance, whose models and rules decide; an older one does not say, and then the
//! record is read again: a state that a rule refuses is often left as it is under an answer of success.

use serde::Deserialize;
use serde_json::json;

use super::{Adapted, change, comments_and_approvals};
use crate::source::{
    Point, What, Why, Write,
    http::{Call, Login},
    system::{Refusal, Setup, SetupError, Standing, status::same},
};

/// States of a stock instance with their labels.
const LABELS: [(&str, &str); 8] = [
    ("-5", "New"),
    ("-4", "Assess"),
    ("-3", "Authorize"),
    ("-2", "Scheduled"),
    ("-1", "Implement"),
    ("0", "Review"),
    ("3", "Closed"),
    ("4", "Canceled"),
];
const HELD: &str = "On hold";
const NOT_HELD: &str = "Not on hold";
const OFF: Why = "options.progress = \"notes\" in the settings of this source: a run is told as work notes";

#[derive(Debug, Deserialize)]
struct Told {
    result: Next,
}

#[derive(Debug, Deserialize)]
struct Next {
    #[serde(default)]
    available_states: Vec<String>,
    #[serde(default)]
    state_label: std::collections::BTreeMap<String, String>,
}

/// Whether states are written at all.
///
/// # Errors
/// When the option is neither word.
pub fn able(setup: &Setup) -> Result<Result<(), Why>, SetupError> {
    Ok(if setup.choice("progress", &["states", "notes"])? == "states" { Ok(()) } else { Err(OFF) })
}

/// The state a point brings: by the settings, else by the stock model. Turning back is no state there; its end is.
pub fn brings(setup: &Setup, point: &Point) -> Option<String> {
    let stock = match point {
        Point::Started => Some("Implement"),
        Point::TurnedBack => None,
        Point::Ended => Some("Review"),
        // A flag beside the state, not one of the states.
        Point::Held { .. } => return Some(HELD.to_owned()),
        Point::Thawed { .. } => return Some(NOT_HELD.to_owned()),
    };
    setup.brings(point).or(stock).map(str::to_owned)
}

/// The number of a state by its label, or itself.
fn number(wanted: &str) -> &str {
    LABELS.iter().find(|(_, label)| same(label, wanted)).map_or(wanted, |(number, _)| number)
}

impl Adapted {
    pub(super) async fn stands(&self, write: &Write, login: &Login) -> Result<Standing, Refusal> {
        let field = self.setup.field("state", "state");
        let rec = self.one(&write.item, &format!("sys_id,number,on_hold,{field}")).await?;
        let state = change::state(&self.setup, &rec);
        let names = vec![rec.label(field).to_owned(), rec.value(field).to_owned()];
        match &write.what {
            What::Progress { point: Point::Held { .. } | Point::Thawed { .. }, .. } => {
                let held = if same(rec.value("on_hold"), "true") { HELD } else { NOT_HELD };
                Ok(Standing::called(held, state))
            }
            _ => Ok(Standing { names, state, next: self.next(rec.sys_id(), login).await? }),
        }
    }

    /// The states that may follow for this account, by label and by number; none where the instance does not say.
    async fn next(&self, sys_id: &str, login: &Login) -> Result<Option<Vec<String>>, Refusal> {
        let address = format!("{}/api/sn_chg_rest/v1/change/{sys_id}/nextstates", self.setup.address);
        let call = Call::get(address).header("accept", "application/json");
        let Ok(answer) = self.tables.session.read(call, login).await else { return Ok(None) };
        let Ok(Told { result }) = answer.read::<Told>() else { return Ok(None) };
        let label = |number: &String| {
            let told = result.state_label.get(number).cloned();
            told.or_else(|| {
                LABELS.iter().find(|(own, _)| own == number).map(|(_, label)| (*label).to_owned())
            })
        };
        let both = result
            .available_states
            .iter()
            .flat_map(|number| label(number).into_iter().chain([number.clone()]));
        Ok(Some(both.collect()))
    }

    pub(super) async fn bring(&self, write: &Write, wanted: &str, login: &Login) -> Result<(), Refusal> {
        let rec = self.one(&write.item, "sys_id,number").await?;
        let body = match &write.what {
            What::Progress { point: Point::Held { .. }, text } => {
                // A hold without its reason is refused there.
                json!({ "on_hold": "true", "on_hold_reason": comments_and_approvals::plain(text.as_str()) })
            }
            What::Progress { point: Point::Thawed { .. }, .. } => json!({ "on_hold": "false" }),
            _ => json!({ self.setup.field("state", "state"): number(wanted) }),
        };
        self.tables.patch(&format!("/api/now/v2/table/change_request/{}", rec.sys_id()), body, login).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;

    #[test]
    fn a_state_is_sent_by_its_number_or_as_the_settings_have_it() {
        for (wanted, want) in
            [("implement", "-1"), (" Review ", "0"), ("-1", "-1"), ("u_testing", "u_testing")]
        {
            assert_eq!(number(wanted), want, "{wanted}");
        }
        assert_eq!(LABELS.map(|(number, _)| number), change::STATES.map(|(number, _): (&str, State)| number));
    }
}
