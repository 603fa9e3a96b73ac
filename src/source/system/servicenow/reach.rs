//! Whom a schedule is for: changes by their kind, or the CIs of a class that fit its condition, which the instance names.
//!
//! What cannot be told makes a schedule count for every change, softly, with the reason.

use std::time::{Duration, Instant as Clock};

use super::{
    Adapted, is_forbidden,
    list::field_of,
    table::{Ask, Rec, is_absent},
};
use crate::{
    model::{Line, Scope},
    source::system::{Refusal, Setup},
};

/// The most CIs that a window names; a class of more is not asked through.
const MOST: usize = 500;
/// What the instance said of a class is asked for anew after so long.
const GOOD: Duration = Duration::from_secs(1800);

/// Whom windows of a schedule are for.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    pub scope: Scope,
    /// Why that is not known, in words for a fault.
    pub doubt: Option<String>,
}

impl Reach {
    fn doubtful(why: String) -> Self {
        Self { doubt: Some(why), ..Self::default() }
    }

    /// Of these CIs alone.
    #[must_use]
    pub fn of(services: Vec<Line>) -> Self {
        Self { scope: Scope { services, ..Scope::default() }, doubt: None }
    }

    #[must_use]
    pub fn is_for_all(&self) -> bool {
        self.doubt.is_none() && self.scope == Scope::default()
    }
}

/// What is asked of one schedule: the class that it applies to, and its condition.
pub type Wanted = (String, String);

impl Adapted {
    /// Whom a schedule, or one entry that says so itself, is for.
    ///
    /// # Errors
    /// When the instance cannot be asked for the CIs of a class.
    pub(super) async fn reach(&mut self, of: &Rec) -> Result<Reach, Refusal> {
        let class = of.value("applies_to").trim().to_owned();
        let condition = of.value("condition").trim().trim_end_matches("^EQ").to_owned();
        let of_changes = matches!(class.as_str(), "" | "change_request" | "task");
        if of_changes || (class == "cmdb_ci" && condition.is_empty()) {
            return Ok(by_condition(&condition));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !class.chars().all(plain) {
            return Ok(Reach::doubtful(format!("it applies to {class:?}, which is no class")));
        }
        let wanted: Wanted = (class, condition);
        let known = self.reaches.get(&wanted).filter(|(at, _)| at.elapsed() < GOOD);
        if let Some((_, reach)) = known {
            return Ok(reach.clone());
        }
        let reach = self.of_class(&wanted.0, &wanted.1).await?;
        self.reaches.insert(wanted, (Clock::now(), reach.clone()));
        Ok(reach)
    }

    /// The CIs of a class that fit a condition.
    async fn of_class(&self, class: &str, condition: &str) -> Result<Reach, Refusal> {
        let asked: Vec<&str> = condition.split('^').map(field_of).filter(|name| !name.is_empty()).collect();
        let fields = [&["sys_id", "name"][..], &asked].concat().join(",");
        let query = condition.to_owned();
        let ask = Ask { table: class, query, fields: &fields, limit: MOST + 1, offset: 0 };
        let rows = match self.tables.ask(&ask, &self.setup.login).await {
            Err(refusal) if is_absent(&refusal) || is_forbidden(&refusal) => {
                return Ok(Reach::doubtful(format!(
                    "it applies to {class}, which cannot be read: {refusal}"
                )));
            }
            other => other?,
        };
        if rows.more || rows.rows.len() > MOST {
            return Ok(Reach::doubtful(format!("it applies to more than {MOST} CIs of {class}")));
        }
        let lost = rows.rows.first().and_then(|rec| asked.iter().find(|name| !rec.has(name)));
        if let Some(name) = lost {
            // ServiceNow drops a clause on a field it does not know, and answers with everything.
            return Ok(Reach::doubtful(format!("its condition names {name}, which {class} does not have")));
        }
        let names: Vec<Line> = rows.rows.iter().filter_map(|rec| Setup::line(rec.label("name"))).collect();
        if names.is_empty() {
            return Ok(Reach::doubtful(format!("no CI of {class} that fits it can be seen")));
        }
        Ok(Reach::of(names))
    }
}

/// Conditions on the kind of change or on the name of a service.
fn by_condition(condition: &str) -> Reach {
    let mut scope = Scope::default();
    for clause in condition.split('^').map(str::trim).filter(|clause| !clause.is_empty() && *clause != "EQ") {
        let clause = clause.strip_prefix("OR").unwrap_or(clause);
        let value = |field: &str| {
            let rest = clause.strip_prefix(field)?;
            rest.strip_prefix('=').or_else(|| rest.strip_prefix("IN"))
        };
        let services = ["cmdb_ci.name", "business_service.name", "name"];
        let found = match (value("type"), services.into_iter().find_map(value)) {
            (Some(kinds), _) => Some((&mut scope.kinds, kinds)),
            (None, Some(names)) => Some((&mut scope.services, names)),
            (None, None) => None,
        };
        let Some((list, values)) = found else {
            return Reach::doubtful(format!("its condition {condition:?} is not understood"));
        };
        list.extend(values.split(',').filter_map(Setup::line));
    }
    Reach { scope, doubt: None }
}
