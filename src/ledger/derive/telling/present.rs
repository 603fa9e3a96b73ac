//! How an item is now, as far as others are told: its course, its planned span, its outage and its services.

use crate::{
    ledger::derive::Ledger,
    model::{
        Change, Course, Id, Instant, ItemKind, Line, Outcome, Outlook, PhaseState, Release, ReleaseState,
        Span, Standing, State,
    },
    rules::{
        conflict::{View, progress_of},
        facts::{ActivityRef, NONE, Row},
        release::readiness::{Carried, Decided},
        telling::{About, Present},
    },
};

/// An item that is told of.
pub struct Subject {
    pub item: Id,
    pub kind: ItemKind,
    pub title: Line,
    /// Who answers for what is told; none where nobody is named.
    pub responsible: Option<Line>,
    pub about: About,
    pub present: Present,
    /// When it began; none where it did not, or nobody said.
    pub started: Option<Instant>,
    /// When it ended; none while it goes on, or nobody said.
    pub ended: Option<Instant>,
    /// How it went; none while nobody said.
    pub outcome: Option<Outcome>,
    /// Of a release: bundled changes that are not called off with it.
    pub stays: Vec<Id>,
    planned: Option<Span>,
    services: Vec<Line>,
}

impl Subject {
    /// Whether somebody who was told this was told of its services and its span.
    pub fn is_within(&self, told: &Outlook) -> bool {
        let goes_on = match told.course {
            Course::Planned | Course::Started => true,
            Course::OnHold | Course::CalledOff | Course::Finished | Course::TurnedBack => false,
        };
        let span = match (told.planned, self.planned) {
            (Some(told), Some(own)) => told.covers(own),
            (None, _) | (_, None) => false,
        };
        goes_on && span && self.services.iter().all(|name| told.services.contains(name))
    }
}

impl Ledger {
    pub(super) fn subject(&self, item: &Id, now: Instant) -> Option<Subject> {
        match (self.facts.change(item), self.facts.release(item)) {
            (Some(change), _) => self.change_told(change, now),
            (None, Some(release)) => Some(self.release_told(release, now)),
            (None, None) => None,
        }
    }

    /// A name as the board calls its person, else as it is written.
    fn person_told(&self, name: Option<&Line>) -> Option<Line> {
        let name = name.filter(|name| !name.is_empty())?;
        let known = self.facts.person(name);
        Some(known.map_or_else(
            || name.clone(),
            |person| {
                if person.name.is_empty() { Line::new(person.id.as_str()) } else { person.name.clone() }
            },
        ))
    }

    fn change_told(&self, change: &Change, now: Instant) -> Option<Subject> {
        let row = self.facts.row(&change.id)?;
        let (started, ended) = row.actual();
        let run = self.facts.run(&change.id);
        let outcome = change.outcome.as_ref().map(|word| word.value).or(run.and_then(|run| run.outcome));
        let outcome = outcome.filter(|outcome| *outcome != Outcome::Unknown);
        let turned_back = run.and_then(|run| run.turned_back.as_ref()).map(|said| said.at);
        let course = self.course_of(change, (started, ended), outcome, turned_back.is_some(), now);
        let (planned, services) = (span(row.planned()), self.services_told(row));
        let outage = change.outage.as_ref().and_then(|outage| Span::new(outage.start, outage.end));
        Some(Subject {
            item: change.id.clone(),
            kind: ItemKind::Change,
            title: change.title.clone(),
            responsible: self.person_told(change.owner.as_ref().or(change.requester.as_ref())),
            about: self.about_row(row),
            present: Present {
                outlook: course.map(|course| Outlook { course, planned, outage, services: services.clone() }),
                projected_end: self.projected_end(&change.id, now),
            },
            started,
            ended: ended.or(turned_back),
            outcome,
            stays: Vec::new(),
            planned,
            services,
        })
    }

    /// Where a change stands; `None` while it waits for its approval.
    fn course_of(
        &self,
        change: &Change,
        (started, ended): (Option<Instant>, Option<Instant>),
        outcome: Option<Outcome>,
        turned_back: bool,
        now: Instant,
    ) -> Option<Course> {
        match outcome {
            Some(Outcome::Failed | Outcome::BackedOut) => return Some(Course::TurnedBack),
            Some(Outcome::Successful | Outcome::SuccessfulWithIssues) => return Some(Course::Finished),
            Some(Outcome::Unknown) | None => {}
        }
        let standing = self.fold.get(&change.id).map_or(Standing::None, |item| item.standing);
        let state = change.state.value;
        match state {
            _ if turned_back => Some(Course::TurnedBack),
            _ if ended.is_some() => Some(Course::Finished),
            State::Closed | State::Review => Some(Course::Finished),
            State::Cancelled | State::Rejected => Some(Course::CalledOff),
            _ if started.is_some() => Some(Course::Started),
            State::Draft
            | State::Assess
            | State::Authorize
            | State::Scheduled
            | State::Implement
            | State::Unknown => {
                let approved = self.is_let_go(&change.id);
                self.before_start(standing, approved, change.planned_start, now)
            }
        }
    }

    /// What is not under way: called off where its start passed without an approval.
    fn before_start(
        &self,
        standing: Standing,
        approved: bool,
        start: Option<Instant>,
        now: Instant,
    ) -> Option<Course> {
        match standing {
            Standing::Rejected => Some(Course::CalledOff),
            _ if approved => Some(Course::Planned),
            _ if start.is_some_and(|start| start <= now) => Some(Course::CalledOff),
            Standing::Lapsed => Some(Course::OnHold),
            Standing::None | Standing::Open | Standing::Approved | Standing::Deferred | Standing::Asked => {
                None
            }
        }
    }

    fn projected_end(&self, id: &Id, now: Instant) -> Option<Instant> {
        let number = self.facts.number(id)?;
        let at = ActivityRef { number, row: self.facts.row_at(number)? };
        let decided = self.decisions();
        progress_of(&View::new(&self.facts, now, &decided), at).projected_end
    }

    fn services_told(&self, row: &Row) -> Vec<Line> {
        let mut names: Vec<Line> =
            row.services.iter().map(|touch| self.facts.spelled(row, touch.service)).collect();
        names.sort();
        names.dedup();
        names
    }

    fn about_row(&self, row: &Row) -> About {
        let text = |number: u32, text: &dyn Fn(u32) -> String| {
            (number != NONE).then(|| Line::new(&text(number))).into_iter().collect()
        };
        About {
            services: self.services_told(row),
            environments: text(row.environment, &|n| self.facts.environment_text(n).to_owned()),
            groups: text(row.group, &|n| self.facts.group_text(n).to_owned()),
        }
    }

    fn release_told(&self, release: &Release, now: Instant) -> Subject {
        let phases: Vec<&Row> = release
            .phases
            .iter()
            .map(|phase| Id::phase(&release.id, &phase.id))
            .filter(|id| self.facts.run(id).is_none_or(|run| run.dropped.is_none()))
            .filter_map(|id| self.facts.row(&id))
            .collect();
        let carried: Vec<(&Change, &Row)> = self
            .facts
            .bundle(&release.id)
            .filter_map(|id| Some((self.facts.change(id)?, self.facts.row(id)?)))
            .filter(|(change, _)| !matches!(change.state.value, State::Cancelled | State::Rejected))
            .collect();
        let rows = || phases.iter().copied().chain(carried.iter().map(|(_, row)| *row));
        let planned = hull(rows().filter_map(|row| span(row.planned())));
        let outages = carried.iter().filter_map(|(change, _)| change.outage.as_ref());
        let outage = hull(outages.filter_map(|outage| Span::new(outage.start, outage.end)));
        let mut about = About::default();
        about.services.extend(
            release
                .services
                .iter()
                .map(|name| self.facts.named_or(self.facts.service_number(name), name.clone())),
        );
        for row in rows() {
            let own = self.about_row(row);
            about.services.extend(own.services);
            about.environments.extend(own.environments);
            about.groups.extend(own.groups);
        }
        about.services.sort();
        about.services.dedup();
        let course = self.course_of_release(release, planned, now);
        let services = about.services.clone();
        let ends: Option<Vec<Instant>> = phases.iter().map(|row| row.actual().1).collect();
        Subject {
            item: release.id.clone(),
            kind: ItemKind::Release,
            title: Line::new(format!("{} {}", release.name, release.version).trim()),
            responsible: self.person_told(release.manager.as_ref()),
            about,
            present: Present {
                outlook: course.map(|course| Outlook { course, planned, outage, services: services.clone() }),
                projected_end: phases
                    .iter()
                    .filter(|row| row.actual().1.is_none())
                    .filter_map(|row| self.projected_end(&row.id, now))
                    .max(),
            },
            started: phases.iter().filter_map(|row| row.actual().0).min(),
            ended: ends.and_then(|ends| ends.into_iter().max()),
            outcome: None,
            stays: carried.iter().map(|(change, _)| change.id.clone()).collect(),
            planned,
            services,
        }
    }

    fn course_of_release(&self, release: &Release, planned: Option<Span>, now: Instant) -> Option<Course> {
        let stage = self.stage(release);
        if release.state.value == ReleaseState::Cancelled || stage == ReleaseState::Cancelled {
            return Some(Course::CalledOff);
        }
        let dropped = |phase: &&crate::model::Phase| {
            self.facts.run(&Id::phase(&release.id, &phase.id)).is_some_and(|run| run.dropped.is_some())
        };
        let states: Vec<PhaseState> =
            release.phases.iter().filter(|phase| !dropped(phase)).map(|phase| phase.state.value).collect();
        let any = |state: PhaseState| states.contains(&state);
        let open = any(PhaseState::Pending) || any(PhaseState::Running) || any(PhaseState::Unknown);
        let over =
            matches!(stage, ReleaseState::Review | ReleaseState::Closed) || (!open && !states.is_empty());
        let begun = any(PhaseState::Running) || any(PhaseState::Done);
        let back = any(PhaseState::RolledBack)
            || release.phases.iter().any(|phase| phase.state.value == PhaseState::RolledBack);
        match (over, back, begun) {
            (true, true, _) => return Some(Course::TurnedBack),
            (true, false, _) => return Some(Course::Finished),
            // A phase was rolled back, and what comes after it waits.
            (false, true, false) => return Some(Course::TurnedBack),
            (false, _, true) => return Some(Course::Started),
            (false, false, false) => {}
        }
        let bundle = || self.facts.bundle(&release.id).filter_map(|id| self.facts.change(id));
        let all_let_go = || {
            bundle().next().is_some()
                && bundle().all(|change| matches!(self.carried(change), Carried::Approved | Carried::Done))
        };
        let (standing, approved) = match self.release_decided(release) {
            Decided::Approved => (Standing::Approved, true),
            Decided::NotRouted => (Standing::None, all_let_go()),
            Decided::Lapsed => (Standing::Lapsed, false),
            Decided::Rejected => (Standing::Rejected, false),
            Decided::Open | Decided::PutOff | Decided::NotAsked => (Standing::Open, false),
        };
        self.before_start(standing, approved, planned.map(Span::start), now)
    }
}

fn span((start, end): (Option<Instant>, Option<Instant>)) -> Option<Span> {
    Span::new(start?, end?)
}

/// From the first start to the last end.
fn hull(spans: impl Iterator<Item = Span>) -> Option<Span> {
    spans.reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end())).unwrap_or(a))
}
