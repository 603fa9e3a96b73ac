//! Acknowledging a conflict, and taking that back (rules § Acknowledging).

use std::sync::Arc;

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{ConflictKey, Instant, Prose, Severity},
    rules::{
        authority::Act,
        conflict::{Conflict, fingerprint},
    },
};

impl Ask<'_> {
    pub(super) fn acknowledge(
        &self,
        key: &ConflictKey,
        reason: &Prose,
        until: Instant,
    ) -> Result<Step, Problem> {
        let row = self.row(key)?;
        self.may_acknowledge(&row)?;
        if reason.trim().is_empty() {
            return Err(invalid(format!("acknowledging {} needs a reason", named(key))));
        }
        if until <= self.now {
            return Err(invalid(format!("an acknowledgement of {} must end later than now", named(key))));
        }
        let event = Event::Acknowledged {
            conflict: key.clone(),
            severity: row.severity,
            fingerprint: fingerprint(&row, self.ledger.facts()).to_string(),
            reason: reason.clone(),
            until,
        };
        Ok(Step::one(event, format!("{} acknowledged until {until}", named(key))))
    }

    pub(super) fn unacknowledge(&self, key: &ConflictKey, reason: Option<&Prose>) -> Result<Step, Problem> {
        let row = self.row(key)?;
        self.may_acknowledge(&row)?;
        if !self.ledger.fold().acks.contains_key(key) {
            return Err(invalid(format!("{} is not acknowledged", named(key))));
        }
        let event = Event::Unacknowledged { conflict: key.clone(), reason: reason.cloned() };
        Ok(Step::one(event, format!("{} is open again", named(key))))
    }

    fn row(&self, key: &ConflictKey) -> Result<Arc<Conflict>, Problem> {
        self.ledger.conflicts().get(key).cloned().ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("there is no clash {} now", named(key)))
                .hint("it may have gone with an edit; list them with `quorate conflicts`")
        })
    }

    fn may_acknowledge(&self, row: &Conflict) -> Result<(), Problem> {
        let act = match row.severity {
            Severity::Block | Severity::Unknown => Act::AcknowledgeBlock,
            Severity::Warn | Severity::Info => Act::AcknowledgeLesser,
        };
        let relations = self.ledger.relations_to_conflict(&row.key, self.who, self.now);
        self.may(&relations, act, &named(&row.key))
    }
}

/// `C6 CHG1 REL-4.2/p1`.
fn named(key: &ConflictKey) -> String {
    match &key.b {
        Some(b) => format!("{} {} {b}", key.rule, key.a),
        None => format!("{} {}", key.rule, key.a),
    }
}
