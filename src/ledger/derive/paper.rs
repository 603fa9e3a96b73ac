//! What boards take away on paper: who is on when, what comes and what moved, and a decision as its voters saw it.

use serde::{Deserialize, Serialize};

use super::{Ledger, price::Price};
use crate::{
    ledger::{
        event::{CloseCause, RoundOutcome, Seen, SeenConflict},
        tally::Tally,
    },
    model::{
        Change, ConflictKey, FieldChange, Id, Instant, Line, Material, Outcome, Prose, Revision, Risk,
        Severity, Span, Standing, When, WindowKind,
        time::{DAY, MINUTE},
    },
    rules::{conflict::Conflict, gate::GateVerdict},
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
    pub owner: Option<Line>,
    /// The owner's name and e-mail, where the board knows them.
    pub name: Option<Line>,
    pub email: Option<Line>,
    pub group: Option<Line>,
    pub services: Vec<Line>,
    pub steps: u32,
    pub rollback_minutes: Option<u32>,
    /// The last moment at which rolling back still ends inside its window, or by its planned end.
    pub turn_back_by: Option<Instant>,
    /// After this phase there is no way back.
    pub point_of_no_return: bool,
    /// Go and no-go criteria.
    pub criteria: Vec<Line>,
    /// May it go at its start, as things stand?
    pub verdict: GateVerdict,
    pub reasons: Vec<String>,
}

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
    pub span: Option<Span>,
    pub risk: Risk,
    pub standing: Standing,
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

/// A decision as its voters saw it, with what is different now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Room {
    pub item: Id,
    pub title: Line,
    pub round: u32,
    pub revision: Revision,
    pub closed_at: Instant,
    pub outcome: RoundOutcome,
    pub cause: CloseCause,
    pub reason: Option<Prose>,
    pub tally: Tally,
    /// The facts voted on, by field.
    pub facts: Option<Material>,
    /// Conflicts, acknowledgements, the age of each source and the engine; none where an older program counted.
    pub seen: Option<Seen>,
    /// Facts that differ now.
    pub changed: Vec<FieldChange>,
    /// Conflicts that came since, and that went.
    pub came: Vec<SeenConflict>,
    pub went: Vec<SeenConflict>,
}

/// What lies around an item: what happened on its services before, and what else its owner has to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Context {
    pub item: Id,
    /// The last changes on the same services, newest first.
    pub last: Vec<Past>,
    /// Other live changes of the owner within a week of it, by start.
    pub load: Vec<Past>,
    /// The release it is bundled in.
    pub release: Option<Id>,
    /// For its worst open conflicts: who should move, the cheapest first.
    pub moves: Vec<Moves>,
}

/// Who should move to end a conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moves {
    pub conflict: ConflictKey,
    pub ways: Vec<Price>,
}

/// A change beside the one that is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Past {
    pub id: Id,
    pub title: Line,
    pub at: Option<Instant>,
    /// None while it is not over.
    pub outcome: Option<String>,
}

/// For how many conflicts moves are priced: each takes some trials.
const PRICED: usize = 4;

/// How many past changes are shown.
const LAST: usize = 10;

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
                turn_back_by: self.turn_back(change, span),
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
            steps: 0,
            rollback_minutes: None,
            turn_back_by: None,
            point_of_no_return: phase.point_of_no_return,
            criteria: phase.criteria.clone(),
            verdict,
            reasons,
        })
    }

    /// The end of the maintenance window that contains it, or its planned end, less what rolling back takes.
    fn turn_back(&self, change: &Change, span: Span) -> Option<Instant> {
        let minutes = change.rollback_minutes?;
        let row = self.facts.row(&change.id)?;
        let windows = self.facts.window_rows().iter().filter(|w| w.kind() == WindowKind::Maintenance);
        let of_it = windows.filter(|window| {
            let scope = &window.window.scope.services;
            let same = |a: &Line| change.services.iter().any(|b| self.facts.same_service(a, b));
            window.matches_besides_services(row) && (scope.is_empty() || scope.iter().any(same))
        });
        let around = |id: &Id| self.facts.occurrences(id, span).into_iter().find(|w| w.covers(span));
        let end = of_it.filter_map(|window| around(&window.window.id)).map(Span::end).max();
        Some(end.unwrap_or(span.end()).plus(-i64::from(minutes) * MINUTE))
    }

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

    /// A closed round as its voters saw it; the newest closed one where none is named.
    #[must_use]
    pub fn room(&self, item: &Id, round: Option<u32>) -> Option<Room> {
        let known = self.fold.get(item)?;
        let closed = |r: &&std::sync::Arc<crate::ledger::fold::Round>| r.closed.is_some();
        let found = match round {
            Some(number) => known.rounds.iter().filter(closed).find(|r| r.number == number)?,
            None => known.rounds.iter().rev().find(closed)?,
        };
        let end = found.closed.as_ref()?;
        let facts = self.fold.facts(&found.revision).map(|facts| Material::clone(facts));
        let now = self.facts.material(item);
        let changed = match (&facts, &now) {
            (Some(old), Some(now)) => old.changes_to(now),
            _ => Vec::new(),
        };
        let rows: Vec<SeenConflict> = self
            .rows_of_item(item)
            .map(|row| SeenConflict {
                conflict: row.key.clone(),
                severity: row.severity,
                reason: row.reason(),
                acknowledged: self.ack(row).map(|ack| crate::ledger::fold::name(&ack.by)),
            })
            .collect();
        let (mut came, mut went) = (Vec::new(), Vec::new());
        if let Some(seen) = &end.seen {
            let has =
                |list: &[SeenConflict], row: &SeenConflict| list.iter().any(|r| r.conflict == row.conflict);
            came.extend(rows.iter().filter(|row| !has(&seen.conflicts, row)).cloned());
            went.extend(seen.conflicts.iter().filter(|row| !has(&rows, row)).cloned());
        }
        Some(Room {
            item: item.clone(),
            title: known.title.clone(),
            round: found.number,
            revision: found.revision,
            closed_at: end.at,
            outcome: end.outcome,
            cause: end.cause,
            reason: end.reason.clone(),
            tally: self.tally_of_round(item, found.number)?,
            facts,
            seen: end.seen.as_deref().cloned(),
            changed,
            came,
            went,
        })
    }

    /// What lies around an item; `None` for one nobody knows.
    #[must_use]
    pub fn context(&self, item: &Id) -> Option<Context> {
        let change = self.facts.change(item);
        let release = self.facts.release(item);
        let services: &[Line] = match (change, release) {
            (Some(change), _) => &change.services,
            (None, Some(release)) => &release.services,
            (None, None) => return None,
        };
        let shares = |other: &&Change| {
            other.services.iter().any(|a| services.iter().any(|b| self.facts.same_service(a, b)))
        };
        let over = |other: &&Change| other.outcome.is_some() && other.id != *item;
        let mut last: Vec<Past> =
            self.facts.changes().map(|c| &**c).filter(over).filter(shares).map(past).collect();
        last.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        last.truncate(LAST);
        let owner = change.and_then(|change| change.owner.as_ref());
        let start = change.and_then(|change| change.planned_start);
        let near = |other: &&Change| match (start, other.planned_start) {
            (Some(start), Some(at)) => (at - start).abs() <= 7 * DAY,
            _ => false,
        };
        let theirs = |other: &&Change| {
            let same = |own: &Line| owner.is_some_and(|owner| crate::rules::facts::same_name(owner, own));
            other.owner.as_ref().is_some_and(same) && other.id != *item && other.state.value.is_live()
        };
        let mut load: Vec<Past> =
            self.facts.changes().map(|c| &**c).filter(theirs).filter(near).map(past).collect();
        load.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let release = change.and_then(|c| self.facts.release_of(c));
        Some(Context { item: item.clone(), last, load, release, moves: self.moves(item) })
    }

    /// Who should move for each of the worst conflicts of an item that nobody has accepted.
    fn moves(&self, item: &Id) -> Vec<Moves> {
        let open =
            |row: &&std::sync::Arc<Conflict>| row.severity >= Severity::Warn && self.ack(row).is_none();
        let mut rows: Vec<_> = self.rows_of_item(item).filter(open).collect();
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
        let priced = rows.into_iter().map(|row| {
            let mut ways = self.prices(&row.key);
            // A move within a day is small beside what it costs people; a longer one is not.
            ways.sort_by_key(|way| (way.adds, way.by > DAY, way.revotes + way.told, way.by));
            Moves { conflict: row.key.clone(), ways }
        });
        priced.filter(|moves| !moves.ways.is_empty()).take(PRICED).collect()
    }
}

fn past(change: &Change) -> Past {
    let outcome = change.outcome.as_ref().map(|word| word.value).filter(|o| *o != Outcome::Unknown);
    Past {
        id: change.id.clone(),
        title: change.title.clone(),
        at: change
            .actual_end
            .or(change.planned_end)
            .or(change.planned_start)
            .filter(|_| outcome.is_some())
            .or(change.planned_start),
        outcome: outcome.map(|outcome| outcome.to_string().replace('_', " ")),
    }
}

/// The planned start in the facts of a revision.
fn start_of(material: &Material) -> Option<Instant> {
    material.text("planned_start")?.parse().ok()
}
