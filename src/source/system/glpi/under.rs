//! What hangs on changes and tickets: read under each, and, of validations, known for all changes at once by what moves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Glpi, Who, list, record::Validation};
use crate::{
    model::Id,
    source::{
        http::HttpError,
        system::{Refusal, client},
    },
};

/// Rows of what hangs on changes per request, and requests for one list of all at most.
const CHILDREN: usize = 1000;
const PAGES: usize = 10;
/// What hangs on a change; nothing where the account may not see it, which is noted.
pub async fn children<T: serde::de::DeserializeOwned>(
    glpi: &mut Glpi,
    number: u64,
    kind: &'static str,
) -> Result<Vec<T>, Refusal> {
    children_of(glpi, ("Change", number), kind).await
}

/// The same, of an item of any type.
pub async fn children_of<T: serde::de::DeserializeOwned>(
    glpi: &mut Glpi,
    (parent, number): (&str, u64),
    kind: &'static str,
) -> Result<Vec<T>, Refusal> {
    let mut found = Vec::new();
    let path = format!("{parent}/{number}/{kind}");
    let mut paged = glpi.session.pages(format!("{kind} of {} {number}", parent.to_lowercase()));
    for page in 0.. {
        let range = [("range", format!("{}-{}", page * CHILDREN, (page + 1) * CHILDREN - 1))];
        let rows: Vec<Value> = match glpi.session.get(Who::Board, &path, &range).await {
            Err(Refusal::Said(words)) if words.contains("ERROR_RANGE_EXCEED_TOTAL") => Vec::new(),
            // Deleted since it was listed; the next full round says so.
            Err(Refusal::Http(HttpError::Missing { .. })) => Vec::new(),
            Err(Refusal::Http(HttpError::Refused { status: 403, .. })) => {
                glpi.saw(kind, false);
                return Ok(found);
            }
            other => other?,
        };
        glpi.saw(kind, true);
        let whole = rows.len() < CHILDREN;
        if !whole {
            paged.go_on(rows.iter().map(ToString::to_string))?;
        }
        found.extend(client::each(&glpi.setup, rows, kind, &mut Vec::new()));
        if whole {
            return Ok(found);
        }
    }
    Ok(found)
}

/// What is missing where the account may not see a kind of what hangs on changes.
pub fn unseen(kind: &str) -> String {
    let (what, missing) = match kind {
        "ChangeValidation" => ("validations", "who is asked for approval and what they said"),
        "ITILFollowup" => ("followups", "what people said there"),
        "ChangeTask" => ("tasks", "planned times"),
        "Change_User" => ("actors", "owner and stakeholders"),
        "Change_Item" => ("items", "services"),
        "ITILCategory" => ("categories", "kinds"),
        "Item_Ticket" => ("items", "services"),
        "Change_Ticket" => ("changes", "which change caused an incident"),
        other => (other, "what hangs on changes"),
    };
    let of = if kind.ends_with("_Ticket") { "tickets" } else { "changes" };
    format!(
        "the account may not read {what} of {of} ({kind}): {missing} are missing here; give its profile that right"
    )
}

/// A mark per change of its validations, from one list of all of them; none where that list has no end in sight.
pub async fn marks(glpi: &mut Glpi, open: &BTreeSet<Id>) -> Result<Option<BTreeMap<Id, String>>, Refusal> {
    let kind = "ChangeValidation";
    let mut found: BTreeMap<u64, BTreeMap<u64, String>> = BTreeMap::new();
    for page in 0..PAGES {
        let rows = match list::rows(glpi, kind, page * CHILDREN, CHILDREN, ("id", "DESC")).await {
            Err(Refusal::Http(HttpError::Refused { status: 403, .. })) => {
                glpi.saw(kind, false);
                return Ok(Some(BTreeMap::new()));
            }
            // It lists them under their change alone.
            Err(Refusal::Said(_) | Refusal::Http(HttpError::Missing { .. })) => return Ok(None),
            other => other?,
        };
        glpi.saw(kind, true);
        let whole = rows.len() < CHILDREN;
        for one in client::each::<Validation>(&glpi.setup, rows, kind, &mut Vec::new()) {
            let Some(change) = one.changes_id else { return Ok(None) };
            found.entry(change).or_default().insert(one.id, one.mark());
        }
        if whole {
            let mark = |id: &Id| {
                let of = found.get(&glpi.setup.native(id).parse().ok()?)?;
                Some((id.clone(), of.values().cloned().collect::<Vec<_>>().join(" ")))
            };
            return Ok(Some(open.iter().filter_map(mark).collect()));
        }
    }
    Ok(None)
}
