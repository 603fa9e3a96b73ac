//! The run sheet: who is on, when, and until when there is a way back.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    model::{Id, Instant, Line, Span, Standing, time::MINUTE},
    rules::{
        conflict::{View, limit_of, progress_of},
        facts::ActivityRef,
        gate::GateVerdict,
    },
};

/// Who is on, when, and where there is no way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunSheet {
    pub span: Span,
    pub rows: Vec<RunRow>,
}

/// One change or phase of a run sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunRow {
    pub id: Id,
    /// What is decided: the change, or the release of the phase.
    pub item: Id,
    pub title: Line,
    pub span: Span,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// The owner's name and e-mail, where the board knows them.
    pub name: Option<Line>,
    /// The address, where one is known.
    pub email: Option<Line>,
    /// The group that does it, as the source writes it; none where it does not say.
    pub group: Option<Line>,
    pub services: Vec<Line>,
    /// How many steps it has.
    pub steps: u32,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    /// The last moment at which undoing it still ends before its limit; absent where there is none, or that cannot be told.
    pub turn_back_by: Option<Instant>,
    /// After this phase there is no way back.
    pub point_of_no_return: bool,
    /// Go and no-go criteria.
    pub criteria: Vec<Line>,
    /// May it go at its start, as things stand?
    pub verdict: GateVerdict,
    pub reasons: Vec<String>,
}

impl Ledger {
    /// Live activities that touch a span, by start.
    #[must_use]
    pub fn run_sheet(&self, span: Span) -> RunSheet {
        let rows = self.facts.rows().filter(|(_, row)| row.live);
        let mut rows: Vec<RunRow> = rows.filter_map(|(_, row)| self.run_row(&row.id, span)).collect();
        rows.sort_by(|a, b| (a.span.start(), &a.id).cmp(&(b.span.start(), &b.id)));
        RunSheet { span, rows }
    }

    fn run_row(&self, id: &Id, within: Span) -> Option<RunRow> {
        let span = self.facts.row(id)?.when(self.now).span().filter(|span| span.overlaps(within))?;
        if let Some(change) = self.facts.change(id) {
            let standing = self.fold.get(id).map_or(Standing::None, |item| item.standing);
            if standing == Standing::Rejected {
                return None;
            }
            let person = change.owner.as_ref().and_then(|name| self.facts.person(name));
            let (verdict, reasons) = self.gate(id, span.start(), false, Vec::new())?;
            return Some(RunRow {
                id: id.clone(),
                item: id.clone(),
                title: change.title.clone(),
                span,
                owner: change.owner.clone(),
                name: person.map(|person| person.name.clone()).filter(|name| !name.is_empty()),
                email: person.and_then(|person| person.email.clone()),
                group: change.group.clone(),
                services: change.services.clone(),
                steps: u32::try_from(change.steps.len()).unwrap_or(u32::MAX),
                rollback_minutes: change.rollback_minutes,
                turn_back_by: self.turn_back(id),
                point_of_no_return: false,
                criteria: Vec::new(),
                verdict,
                reasons,
            });
        }
        let (release, phase) = self.facts.phase(id)?;
        let person = release.manager.as_ref().and_then(|name| self.facts.person(name));
        let (verdict, reasons) = self.gate(&release.id, span.start(), false, Vec::new())?;
        Some(RunRow {
            id: id.clone(),
            item: release.id.clone(),
            title: Line::new(&format!("{} {}, {}", release.name, release.version, phase.name)),
            span,
            owner: release.manager.clone(),
            name: person.map(|person| person.name.clone()).filter(|name| !name.is_empty()),
            email: person.and_then(|person| person.email.clone()),
            group: None,
            services: if phase.services.is_empty() {
                release.services.clone()
            } else {
                phase.services.clone()
            },
            steps: u32::try_from(phase.steps.len()).unwrap_or(u32::MAX),
            rollback_minutes: phase.rollback_minutes,
            turn_back_by: if phase.point_of_no_return { None } else { self.turn_back(id) },
            point_of_no_return: phase.point_of_no_return,
            criteria: phase.criteria.iter().map(|one| one.text.clone()).collect(),
            verdict,
            reasons,
        })
    }

    /// The limit of an activity that has not started, less what undoing all of it takes: as the run says it.
    fn turn_back(&self, id: &Id) -> Option<Instant> {
        let number = self.facts.number(id)?;
        let at = ActivityRef { number, row: self.facts.row_at(number)? };
        let decided = self.decisions();
        let view = View::new(&self.facts, self.now, &decided);
        let progress = progress_of(&view, at);
        let undo = progress.undo_all.filter(|_| at.row.actual().0.is_none());
        let whole = || Some(limit_of(&view, at)?.at.plus(-i64::from(undo?) * MINUTE));
        progress.turn_back_by.or_else(whole)
    }
}
