//! The forward schedule: what is planned in a span, and what came, went and moved since an instant.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::model::{Change, Id, Instant, Line, Material, Risk, Span, Standing, When};

/// What is planned, and what moved since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForwardSchedule {
    pub span: Span,
    /// Moves are told from here on.
    pub since: Instant,
    pub rows: Vec<ForwardRow>,
}

/// One line of a forward schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForwardRow {
    pub id: Id,
    pub title: Line,
    /// When; none where a time is missing, which the row says.
    pub span: Option<Span>,
    pub risk: Risk,
    pub standing: Standing,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    pub services: Vec<Line>,
    pub moved: Moved,
    /// Its start before, where it is known.
    pub was: Option<Instant>,
}

/// What happened to a line since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    No,
    New,
    Earlier,
    Later,
    /// Its start moved; from where is not known.
    Moved,
    /// Cancelled or rejected.
    Gone,
}

impl Ledger {
    /// What is planned in a span, with what came, went and moved since an instant.
    #[must_use]
    pub fn forward_schedule(&self, span: Span, since: Instant) -> ForwardSchedule {
        let mut rows: Vec<ForwardRow> =
            self.facts.changes().filter_map(|change| self.forward_row(change, span, since)).collect();
        rows.sort_by_key(|row| (row.span.map(Span::start), row.id.clone()));
        ForwardSchedule { span, since, rows }
    }

    fn forward_row(&self, change: &Change, within: Span, since: Instant) -> Option<ForwardRow> {
        let known = self.fold.get(&change.id);
        let standing = known.map_or(Standing::None, |item| item.standing);
        let own = When::of(change.planned_start, change.planned_end).span();
        let old = known.and_then(|item| self.fold.facts(&item.revision_at(since)?)).cloned();
        let was = old.as_ref().and_then(|old| start_of(old));
        let inside = own.is_some_and(|own| own.overlaps(within));
        let was_inside = was.is_some_and(|was| within.contains(was));
        if !inside && !was_inside {
            return None;
        }
        let gone = !change.state.value.is_live() || standing == Standing::Rejected;
        let over = change.actual_end.is_some() || change.outcome.is_some();
        let new = change.submitted_at.is_some_and(|at| at >= since);
        let moved = match (was, change.planned_start) {
            _ if gone && !over => Moved::Gone,
            _ if new => Moved::New,
            (Some(was), Some(start)) if start < was => Moved::Earlier,
            (Some(was), Some(start)) if start > was => Moved::Later,
            _ if change.moved_at.is_some_and(|at| at >= since) => Moved::Moved,
            _ => Moved::No,
        };
        // What was gone before is no news.
        let lately = change.updated_at.is_none_or(|at| at >= since);
        if moved == Moved::Gone && !lately {
            return None;
        }
        Some(ForwardRow {
            id: change.id.clone(),
            title: change.title.clone(),
            span: own,
            risk: change.risk.value,
            standing,
            owner: change.owner.clone(),
            services: change.services.clone(),
            moved,
            was: was.filter(|_| matches!(moved, Moved::Earlier | Moved::Later | Moved::Gone)),
        })
    }
}

/// The planned start in the facts of a revision.
fn start_of(material: &Material) -> Option<Instant> {
    material.text("planned_start")?.parse().ok()
}
