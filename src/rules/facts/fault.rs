//! Data faults that only show when records are seen together: shown with the record, never hidden.

use std::collections::{BTreeMap, HashSet};

use super::{Facts, ScopeKind, Tie, Told, graph::cycles, reported::CLOSING_DATE, windows::WindowRow};
use crate::model::{
    Change, Fault, Id, Instant, Part, RecordKind, Release, Run, SourceId, Vocabulary, Window, Word,
    time::MINUTE,
};

/// How many of those who might be somebody are named.
const MIGHT: usize = 5;

/// Collects the faults of one record.
struct Finder<'a> {
    source: SourceId,
    record: Id,
    found: &'a mut Vec<Fault>,
}

impl Finder<'_> {
    fn say(&mut self, place: &str, message: String) {
        self.found.push(Fault {
            source: self.source.clone(),
            record: Some(self.record.clone()),
            place: place.to_owned(),
            message,
        });
    }

    fn word<T: Vocabulary>(&mut self, place: &str, word: &Word<T>, treated: &str) {
        if let (true, Some(raw)) = (word.is_unknown(), word.raw()) {
            self.say(place, format!("{raw:?} is no known {}; {treated}", T::NAME));
        }
    }

    /// Where the source and the board say when it started and ended, and differ by a minute or more.
    fn reported(&mut self, place: &str, theirs: (Option<Instant>, Option<Instant>), run: &Run) {
        let ours = (run.started.as_ref().map(|said| said.at), run.ended.as_ref().map(|said| said.at));
        let differ = |a: Instant, b: Instant| (a - b).abs() >= MINUTE;
        if let Some((theirs, ours)) = theirs.0.zip(ours.0).filter(|(a, b)| differ(*a, *b)) {
            let message =
                format!("its source says that it started {theirs}, the board {ours}; the earlier counts");
            self.say(&format!("{place}actual_start"), message);
        }
        let Some((theirs, ours)) = theirs.1.zip(ours.1).filter(|(a, b)| differ(*a, *b)) else { return };
        let what = if theirs - ours >= CLOSING_DATE {
            "that is when it was closed there, and no end"
        } else {
            "the later counts for clashes, the board's for reviews"
        };
        let message = format!("its source says that it ended {theirs}, the board {ours}; {what}");
        self.say(&format!("{place}actual_end"), message);
    }

    /// What was begun and ended here may have taken less than the second in which both were said: that is no fault.
    fn actual(&mut self, place: &str, times: (Option<Instant>, Option<Instant>), run: Option<&Run>) {
        let said_here = run.is_some_and(|run| run.started.is_some() && run.ended.is_some());
        if times.1.is_some() && !(said_here && times.0 == times.1) {
            self.times(place, times.0, times.1);
        }
    }

    fn times(&mut self, place: &str, start: Option<Instant>, end: Option<Instant>) {
        match (start, end) {
            (Some(_), None) => self.say(place, "it has a start but no end; give it one".to_owned()),
            (Some(start), Some(end)) if end <= start => {
                self.say(
                    place,
                    format!("it ends at {end}, not after its start {start}; correct one of them"),
                );
            }
            (None, Some(_)) => self.say(place, "it has an end but no start; give it one".to_owned()),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

impl Facts {
    /// Every data fault, sorted by source, record and place.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        for change in self.changes.values() {
            self.change_faults(change, &mut found);
        }
        for release in self.releases.values() {
            self.release_faults(release, &mut found);
        }
        for row in self.window_rows() {
            self.window_faults(row, &mut found);
        }
        self.login_faults(&mut found);
        self.cycle_faults(&mut found);
        found.sort();
        found
    }

    /// The data faults of one change or release, cycles left out.
    #[must_use]
    pub fn faults_of(&self, item: &Id) -> Vec<Fault> {
        let mut found = Vec::new();
        if let Some(change) = self.changes.get(item) {
            self.change_faults(change, &mut found);
        } else if let Some(release) = self.releases.get(item) {
            self.release_faults(release, &mut found);
        } else if let Some(window) = self.window_row(item) {
            self.window_faults(window, &mut found);
        }
        found.sort();
        found
    }

    fn finder<'a>(&self, kind: RecordKind, id: &Id, found: &'a mut Vec<Fault>) -> Finder<'a> {
        let source = self.source_of(kind, id).cloned().unwrap_or_else(SourceId::board);
        Finder { source, record: id.clone(), found }
    }

    fn change_faults(&self, change: &Change, found: &mut Vec<Fault>) {
        let mut finder = self.finder(RecordKind::Change, &change.id, found);
        finder.word("kind", &change.kind, "it is treated as normal");
        finder.word("state", &change.state, "it is treated as live and undecided");
        finder.word("risk", &change.risk, "it is treated as high");
        finder.word("impact", &change.impact, "it is shown as it is");
        if let Some(outcome) = &change.outcome {
            finder.word("outcome", outcome, "whether it failed is not known");
        }
        finder.times("planned_end", change.planned_start, change.planned_end);
        finder.actual(
            "actual_end",
            (change.actual_start, change.actual_end),
            self.run(&change.id).map(AsRef::as_ref),
        );
        let mut ties = Vec::new();
        self.ties_of_change(change, &mut ties);
        self.unmatched(&mut finder, &ties);
        if let Some(release) = self.release_of(change).filter(|id| !self.releases.contains_key(id)) {
            finder.say("release", format!("there is no release {release}"));
        }
        for (at, before) in change.after.iter().enumerate() {
            if self.told(before).is_none() {
                finder.say(&format!("after[{at}]"), format!("there is no change {before}"));
            }
        }
        self.merging_faults(change, &mut finder);
        if let (Some(run), Some(given)) = (self.run(&change.id), self.given_change(&change.id)) {
            finder.reported("", (given.actual_start, given.actual_end), run);
            let theirs = given.outcome.as_ref().map(|word| word.value);
            if let Some((theirs, ours)) = theirs.zip(run.outcome).filter(|(theirs, ours)| theirs != ours) {
                finder
                    .say("outcome", format!("its source says {theirs}, the board {ours}; the worse counts"));
            }
        }
    }

    /// Keys that name several records, and copies that say something else than their original.
    fn merging_faults(&self, change: &Change, finder: &mut Finder<'_>) {
        let several = |ids: std::collections::BTreeSet<Id>| {
            (ids.len() > 1).then(|| joined(&ids.into_iter().collect::<Vec<_>>()))
        };
        if let Some(names) = several(self.originals_named(change)) {
            finder.say(
                "merging.copies",
                format!("it names several changes as its original: {names}; it stands alone"),
            );
        }
        if self.release_of(change).is_none()
            && let Some(names) = several(self.releases_named(change))
        {
            finder.say("merging.releases", format!("it names several releases: {names}; it is part of none"));
        }
        let planned = |change: &Change| (change.planned_start, change.planned_end);
        for copy in self.copies(&change.id) {
            if planned(copy).0.is_some() && planned(copy) != planned(change) {
                finder.say(
                    "planned_start",
                    format!("its copy {} is planned for another time; correct one of them", copy.id),
                );
            }
            if copy.state.value.is_live() != change.state.value.is_live() {
                finder.say(
                    "state",
                    format!("its copy {} is {} there; correct one of them", copy.id, copy.state.as_given()),
                );
            }
        }
    }

    /// Whom nobody here is: those who might be may not vote on it (rules § Electorate).
    fn unmatched(&self, finder: &mut Finder<'_>, ties: &[Tie]) {
        for tie in ties.iter().filter(|tie| tie.told == Told::Nobody) {
            let might: Vec<Id> = self.resembling(tie).into_iter().take(MIGHT).collect();
            let shown = &tie.shown;
            let message = if might.is_empty() {
                format!(
                    "{shown} is nobody known here; add a person with this name, id, login, e-mail or alias"
                )
            } else {
                let names = joined(&might);
                format!(
                    "{shown} is nobody known here and might be {names}: give the right one this alias; until then who \
                     might be does not vote on it, unless the chair clears them"
                )
            };
            finder.say(tie.part.word(), message);
        }
    }

    fn release_faults(&self, release: &Release, found: &mut Vec<Fault>) {
        let mut finder = self.finder(RecordKind::Release, &release.id, found);
        finder.word("type", &release.kind, "it is shown as it is");
        finder.word("state", &release.state, "it is treated as live");
        let mut ties = Vec::new();
        self.ties_of(Part::Manager, release.manager.as_ref(), &release.people, &mut ties);
        self.unmatched(&mut finder, &ties);
        let mut seen = HashSet::new();
        for (at, phase) in release.phases.iter().enumerate() {
            let place = |field: &str| format!("phases[{at}].{field}");
            if !seen.insert(&phase.id) {
                finder.say(&place("id"), format!("there are two phases {}; only the first counts", phase.id));
            }
            finder.word(&place("state"), &phase.state, "it is treated as live");
            finder.word(&place("strategy"), &phase.strategy, "it is shown as it is");
            finder.times(&place("end"), phase.start, phase.end);
            let run = self.run(&Id::phase(&release.id, &phase.id)).map(AsRef::as_ref);
            finder.actual(&place("actual_end"), (phase.actual_start, phase.actual_end), run);
            let given = self.given_release(&release.id).and_then(|given| given.phases.get(at));
            if let (Some(run), Some(given)) = (run, given) {
                finder.reported(&place(""), (given.actual_start, given.actual_end), run);
            }
        }
    }

    fn window_faults(&self, row: &WindowRow, found: &mut Vec<Fault>) {
        let window: &Window = &row.window;
        let mut finder = self.finder(RecordKind::Window, &window.id, found);
        finder.word("kind", &window.kind, "it takes part in no rule");
        if let Some(why) = &row.fault {
            let of_rule = window.rrule.is_some() || row.is_not_understood();
            finder.say(if of_rule { "rrule" } else { "start" }, why.clone());
        }
        for note in row.notes() {
            finder.say("rrule", note.clone());
        }
        for (place, words) in [("scope.kinds", &window.scope.kinds), ("allow", &window.allow)] {
            for word in words.iter().filter(|word| ScopeKind::read(word).is_none()) {
                finder.say(
                    place,
                    format!(
                        "{word:?} is no kind: standard, normal, emergency or release; it matches nothing"
                    ),
                );
            }
        }
    }

    /// Two people with one login: neither acts by it.
    fn login_faults(&self, found: &mut Vec<Fault>) {
        let mut by_login: BTreeMap<&str, Vec<Id>> = BTreeMap::new();
        for person in self.people.iter_own() {
            if let Some(login) = person.login.as_deref().filter(|login| !login.is_empty()) {
                by_login.entry(login).or_default().push(person.id.clone());
            }
        }
        for (login, ids) in by_login.iter().filter(|(_, ids)| ids.len() > 1) {
            let names = joined(ids);
            for id in ids {
                self.finder(RecordKind::Person, id, found).say(
                    "login",
                    format!("{names} have the login {login}: none of them acts by it; leave it to one"),
                );
            }
        }
    }

    fn cycle_faults(&self, found: &mut Vec<Fault>) {
        for cycle in self.graph.cycles(&self.service_names) {
            let ids: Vec<Id> =
                cycle.iter().filter_map(|at| Some(self.graph.records(*at).first()?.id.clone())).collect();
            if let Some(first) = ids.first() {
                let members = joined(&ids);
                self.finder(RecordKind::Service, first, found)
                    .say("depends_on", format!("services depend on each other in a circle: {members}"));
            }
        }
        let ids: Vec<&Id> = self.after.keys().collect();
        let mut ids = ids;
        ids.sort();
        let circles = cycles(&ids, |id| {
            let before = self.changes.get(id).map(|change| change.after.iter().collect::<Vec<_>>());
            before.unwrap_or_default()
        });
        for mut circle in circles {
            circle.sort();
            if let Some(first) = circle.first() {
                let members = joined(&circle.iter().map(|id| (*id).clone()).collect::<Vec<_>>());
                self.finder(RecordKind::Change, first, found)
                    .say("after", format!("changes wait for each other in a circle: {members}"));
            }
        }
    }
}

fn joined(ids: &[Id]) -> String {
    ids.iter().map(Id::as_str).collect::<Vec<_>>().join(", ")
}
