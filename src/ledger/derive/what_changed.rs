//! What changed on and around services before an instant, with the reasons (numbers § What changed).

use foldhash::HashSet;
use serde::{Deserialize, Serialize};

use super::{Decided, Ledger, incidents::Causes};
use crate::{
    model::{Id, Instant, Line, RuleId, Span, run::Tick},
    rules::{
        conflict::Decisions,
        facts::{NONE, Row},
        risk::{Count, History},
        what_changed::{Candidate, Known, Lies, Marks, WITHIN, candidates},
    },
};

/// A change or a phase that may be the cause of something, with the factors of its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suspect {
    pub id: Id,
    /// What is decided: the change, or the release of the phase.
    pub item: Id,
    pub title: Line,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    pub services: Vec<Line>,
    /// When it effectively began; none where nobody said.
    pub start: Option<Instant>,
    /// When it effectively ended; none goes on.
    pub end: Option<Instant>,
    /// The exact score, as text: numerator and denominator.
    pub score: (String, String),
    /// In thousandths, rounded down, to be shown.
    pub permille: u64,
    pub lies: Lies,
    /// Hours since its end; of what is under way, since a day after its start.
    pub age_hours: i64,
    /// How many of its like failed, of how many.
    pub failed_alike: (u64, u64),
    pub marks: Marks,
    /// An incident counts as caused by it already.
    pub incidents: Vec<Id>,
}

/// What the record and the incidents tell of candidates.
struct Heard<'a> {
    ledger: &'a Ledger,
    at: Instant,
    history: History,
    broke: HashSet<&'a Id>,
}

impl Known for Heard<'_> {
    fn marks(&self, row: &Row) -> Marks {
        self.ledger.marks(row, self.at)
    }

    fn alike(&self, row: &Row) -> Count {
        self.history.alike(row)
    }

    fn broke_there(&self, row: &Row) -> bool {
        !self.broke.is_empty() && self.broke.contains(self.ledger.item_of_row(row))
    }
}

impl Ledger {
    /// What may have caused something on these services at an instant, the likeliest first; at most so many.
    #[must_use]
    pub fn what_changed(&self, services: &[Line], at: Instant, most: usize) -> Vec<Suspect> {
        let mut numbers: Vec<u32> = services
            .iter()
            .map(|name| self.facts.service_number(name))
            .filter(|number| *number != NONE)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let causes = self.causes();
        let broke = self.broke(&causes, &numbers, at);
        let known = Heard { ledger: self, at, history: History::of(&self.facts), broke };
        let found = candidates(&self.facts, &numbers, at, &known);
        found.iter().take(most).filter_map(|one| self.suspect(one, causes.by(self.item_of(one)?))).collect()
    }

    /// What counts as the cause of an incident on one of these services that opened in the week before an instant.
    fn broke<'a>(&self, causes: &'a Causes, services: &[u32], at: Instant) -> HashSet<&'a Id> {
        let there = |id: &Id| {
            let Some(incident) = self.facts.incident(id) else { return false };
            let before = incident.opened.is_some_and(|opened| opened < at && at - opened <= WITHIN);
            before && incident.services.iter().any(|name| services.contains(&self.facts.service_number(name)))
        };
        let broke = causes.of.iter().filter(|(_, incidents)| incidents.iter().any(there));
        broke.map(|(item, _)| item).collect()
    }

    fn item_of(&self, one: &Candidate) -> Option<&Id> {
        Some(self.item_of_row(self.facts.row_at(one.row)?))
    }

    fn item_of_row<'a>(&'a self, row: &'a Row) -> &'a Id {
        self.facts.phase(&row.id).map_or(&row.id, |(release, _)| &release.id)
    }

    fn suspect(&self, one: &Candidate, incidents: &[Id]) -> Option<Suspect> {
        let row = self.facts.row_at(one.row)?;
        let (part, whole) = one.score();
        let (title, owner) = match (row.change(), self.facts.phase(&row.id)) {
            (Some(change), _) => (change.title.clone(), change.owner.clone()),
            (None, Some((release, phase))) => {
                let title = Line::new(&format!("{} {}, {}", release.name, release.version, phase.name));
                (title, phase.owner.clone().or_else(|| release.manager.clone()))
            }
            (None, None) => (Line::default(), None),
        };
        let span: Option<Span> = row.when(one.start.plus(one.age)).span();
        Some(Suspect {
            id: row.id.clone(),
            item: self.item_of(one)?.clone(),
            title,
            owner,
            services: row.services.iter().map(|touch| self.facts.spelled(row, touch.service)).collect(),
            start: row.start,
            end: row.actual().1.or(row.planned().1).or(span.map(Span::end)),
            score: (part.to_string(), whole.to_string()),
            permille: one.permille(),
            lies: one.lies,
            age_hours: one.age / 3600,
            failed_alike: (one.alike.failures, one.alike.outcomes),
            marks: one.marks,
            incidents: incidents.to_vec(),
        })
    }

    fn marks(&self, row: &Row, at: Instant) -> Marks {
        let run = self.facts.run(&row.id);
        let trouble = run.is_some_and(|run| {
            let failed = run.ticks.iter().any(|ticked| ticked.tick == Tick::Failed && ticked.said.at <= at);
            let held = run.holds.iter().any(|hold| hold.from.at <= at);
            failed || held || run.turned_back.as_ref().is_some_and(|said| said.at <= at)
        });
        let decided = Decided { facts: &self.facts, fold: &self.fold };
        // What the record never knew is history: nothing is said of its approval.
        let known = row.is_change() && self.fold.get(&row.id).is_some();
        let there = self.facts.there(&row.id).lets_go();
        let began = row.actual().0.is_some();
        let unapproved = self.rows.of(&row.id).any(|one| one.key.rule == RuleId::C17)
            || (known && began && !there && !decided.start_authorised(&row.id))
            || (known && !began && !there && row.live && !decided.approved(&row.id));
        Marks { trouble, against_gate: run.is_some_and(|run| !run.against.is_empty()), unapproved }
    }
}

impl Suspect {
    /// Why it stands where it does: `same CI, 6 h after its end, started without approval`.
    #[must_use]
    pub fn why(&self) -> String {
        let mut parts = vec![self.lies.words().to_owned()];
        parts.push(match self.age_hours {
            0 => "under way or just over".to_owned(),
            hours => format!("{} after its end", crate::calendar::minutes(hours * 60)),
        });
        if let (failures @ 1.., outcomes) = self.failed_alike {
            parts.push(format!("{failures} of {outcomes} alike failed"));
        }
        let marks = [
            (self.marks.trouble, "a step failed, it was held or turned back"),
            (self.marks.against_gate, "started against the gate"),
            (self.marks.unapproved, "not approved"),
        ];
        parts.extend(marks.iter().filter(|(on, _)| *on).map(|(_, words)| (*words).to_owned()));
        parts.push(crate::label::count(self.services.len(), "service"));
        parts.join(", ")
    }
}
