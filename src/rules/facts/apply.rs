//! Edits: records come and go, rows and indexes follow, and what became dirty is told.
//!
//! A few edits touch only what they must; many edits, or one that changes what names mean, rebuild all rows.

mod merged;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Dirty, Facts, Row,
    dirty::is_undecided,
    graph::Graph,
    index::{Index, ListEntry},
    merge::Merge,
    names::{NONE, Names, number},
    row::{Activity, End, ScopeKind, Touch, end_of},
    windows::{Numbers, Windows, horizon},
};
use crate::calendar::Schedule;
use crate::model::{
    Change, Id, Instant, Line, Record, RecordKind, Release, Risk, Settings, Span, Stored, time::MINUTE,
};

/// More edits of activities than this at once rebuild everything, on a small board.
const FEW: usize = 64;

impl Facts {
    /// Puts records in and takes records out, and says what became dirty.
    pub fn apply(&mut self, upserts: Vec<Stored>, tombstones: Vec<(RecordKind, Id)>) -> Dirty {
        let mut dirty = Dirty::default();
        let mut edits = Edits::default();
        if self.sources.is_empty() {
            self.sources.reserve(upserts.len());
        }
        for Stored { source, mut record } in upserts {
            // Nobody but the board approves what is the board's own.
            if let (true, Record::Change(change)) = (source.is_board(), &mut record)
                && change.approval.is_some()
            {
                Arc::make_mut(change).approval = None;
            }
            self.sources.insert((record.kind(), record.id().clone()), source);
            edits.add(self.reported.merge(record));
        }
        for (kind, id) in tombstones {
            self.sources.remove(&(kind, id.clone()));
            self.reported.forget(kind, &id);
            edits.remove(kind, id);
        }
        for (id, request) in edits.asked.drain(..) {
            self.asked.edit(id, request, &mut dirty);
        }
        for (id, incident) in edits.incidents.drain(..) {
            self.incidents.edit(id, incident);
        }
        let many = edits.activities() > FEW.max(self.by_id.len() / 8);
        let reshaped = self.apply_names(&mut edits, &mut dirty);
        let windows = self.apply_windows(&mut edits);
        dirty.windows |= windows;
        if many || reshaped {
            self.store(edits);
            self.rebuild();
            dirty.everything = true;
            return dirty;
        }
        self.apply_records(edits, &mut dirty);
        if windows {
            self.renumber_windows();
        }
        self.widen(None);
        dirty
    }

    /// Changes thresholds, switches and exclusive groups.
    pub fn set_settings(&mut self, settings: Settings) -> Dirty {
        if settings == self.settings {
            return Dirty::default();
        }
        self.schedule = Schedule::of(&settings);
        self.meets = None;
        let hidden = std::mem::take(&mut self.merge.hidden);
        self.merge = Merge::of(&settings.merging, hidden);
        self.settings = settings;
        self.rebuild();
        Dirty::all()
    }

    /// Expands windows as far as activities that still run need them at `now`. Cheap when there is nothing to do.
    pub fn prepare(&mut self, now: Instant) {
        self.widen(Some(now));
        if !self.schedule.is_empty() {
            self.meets = Some((now, self.next_meeting(now)));
        }
    }

    /// Services and people; true when names mean something else for many rows.
    fn apply_names(&mut self, edits: &mut Edits, dirty: &mut Dirty) -> bool {
        let mut reshaped = false;
        if !edits.services.is_empty() {
            dirty.names = true;
            for (id, service) in edits.services.drain(..) {
                match service {
                    Some(service) => self.services.insert(id, Arc::new(service)),
                    None => self.services.remove(&id),
                };
            }
            let graph = Graph::build(&self.services, &mut self.service_names);
            reshaped = !graph.same_shape(&self.graph) || !graph.same_records(&self.graph);
            self.graph = graph;
        }
        if !edits.people.is_empty() {
            dirty.names = true;
            for (id, person) in edits.people.drain(..) {
                match person {
                    Some(person) => {
                        let source = self.sources.get(&(RecordKind::Person, id));
                        let own = source.is_none_or(crate::model::SourceId::is_board);
                        self.people.insert(Arc::new(person), own);
                    }
                    None => self.people.remove(&id),
                }
            }
            self.people.reindex();
            reshaped |= self.rename_owners(dirty);
        }
        reshaped
    }

    /// Owners whose name now means another person; true when they are many.
    fn rename_owners(&mut self, dirty: &mut Dirty) -> bool {
        let mut renamed = Vec::new();
        for number in 0..self.rows.len() {
            let Some(Some(row)) = self.rows.get(number) else { continue };
            let Some(change) = row.change() else { continue };
            if self.people.owner_number(change).unwrap_or(NONE) != row.owner {
                renamed.push(row.id.clone());
            }
        }
        if renamed.len() > FEW {
            return true;
        }
        for id in renamed {
            if let Some(change) = self.changes.get(&id).cloned() {
                self.put_change(change, dirty);
            }
        }
        false
    }

    fn apply_windows(&mut self, edits: &mut Edits) -> bool {
        let any = !edits.windows.is_empty();
        for (id, window) in edits.windows.drain(..) {
            match window {
                Some(window) => self.windows.insert(id, Arc::new(window)),
                None => self.windows.remove(&id),
            };
        }
        any
    }

    /// A record that reads otherwise than before, though its source says what it said.
    pub(super) fn apply_one(&mut self, edits: Edits, dirty: &mut Dirty) {
        self.apply_records(edits, dirty);
        self.widen(None);
    }

    fn apply_records(&mut self, edits: Edits, dirty: &mut Dirty) {
        if self.merge.is_on() {
            self.apply_merged(edits, dirty);
        } else {
            self.apply_activities(edits, dirty);
        }
    }

    fn apply_activities(&mut self, edits: Edits, dirty: &mut Dirty) {
        for (id, release) in edits.releases {
            match release {
                Some(release) => self.put_release(Arc::new(release), dirty),
                None => self.drop_release(&id, dirty),
            }
        }
        for (id, change) in edits.changes {
            match change {
                Some(change) => self.put_change(change, dirty),
                None => self.drop_change(&id, dirty),
            }
        }
    }

    fn put_change(&mut self, change: Arc<Change>, dirty: &mut Dirty) {
        self.drop_change(&change.id, dirty);
        self.link(&change);
        let row = self.change_row(&change);
        dirty.releases.extend(self.release_of(&change));
        self.changes.insert(change.id.clone(), change);
        self.put_row(row, dirty);
    }

    fn drop_change(&mut self, id: &Id, dirty: &mut Dirty) {
        let Some(old) = self.changes.remove(id) else { return };
        dirty.releases.extend(self.release_of(&old));
        self.unlink(&old);
        self.drop_row(id, dirty);
    }

    fn put_release(&mut self, release: Arc<Release>, dirty: &mut Dirty) {
        self.drop_release(&release.id, dirty);
        self.releases.insert(release.id.clone(), release.clone());
        dirty.releases.insert(release.id.clone());
        dirty.activities.extend(self.bundle(&release.id).cloned().collect::<Vec<_>>());
        for row in self.phase_rows(&release) {
            self.put_row(row, dirty);
        }
    }

    fn drop_release(&mut self, id: &Id, dirty: &mut Dirty) {
        let Some(old) = self.releases.remove(id) else { return };
        dirty.releases.insert(id.clone());
        dirty.activities.extend(self.bundle(id).cloned().collect::<Vec<_>>());
        for phase in &old.phases {
            self.drop_row(&Id::phase(&old.id, &phase.id), dirty);
        }
    }

    fn put_row(&mut self, row: Row, dirty: &mut Dirty) {
        dirty.activities.insert(row.id.clone());
        let Some(number) = self.place(row) else { return };
        if let Some(row) = self.rows.get(number as usize).and_then(Option::as_ref) {
            self.index.add(row, number, false);
            dirty.activities.extend(self.around(row));
        }
    }

    fn drop_row(&mut self, id: &Id, dirty: &mut Dirty) {
        let Some(number) = self.by_id.remove(id) else { return };
        dirty.activities.insert(id.clone());
        if let Some(row) = self.rows.get_mut(number as usize).and_then(Option::take) {
            dirty.activities.extend(self.around(&row));
            self.index.drop(&row, number);
            self.free.push(number);
        }
    }

    /// A place for a row; `None` where an activity of the same id has one already.
    fn place(&mut self, row: Row) -> Option<u32> {
        if self.by_id.contains_key(&row.id) {
            return None;
        }
        let at = self.free.pop().unwrap_or_else(|| {
            self.rows.push(None);
            number(self.rows.len() - 1)
        });
        self.by_id.insert(row.id.clone(), at);
        if let Some(slot) = self.rows.get_mut(at as usize) {
            *slot = Some(row);
        }
        Some(at)
    }

    fn link(&mut self, change: &Change) {
        if self.merge.is_on()
            && let Some(release) = self.find_release(change)
        {
            self.merge.release.insert(change.id.clone(), release);
        }
        if let Some(release) = self.release_of(change) {
            self.bundles.entry(release).or_default().insert(change.id.clone());
        }
        for before in &change.after {
            self.after.entry(before.clone()).or_default().insert(change.id.clone());
        }
    }

    fn unlink(&mut self, change: &Change) {
        if let Some(bundle) = self.release_of(change).and_then(|release| self.bundles.get_mut(&release)) {
            bundle.remove(&change.id);
        }
        self.merge.release.remove(&change.id);
        for before in &change.after {
            if let Some(waiting) = self.after.get_mut(before) {
                waiting.remove(&change.id);
            }
        }
    }

    /// Keeps the records without touching rows; a rebuild follows.
    fn store(&mut self, mut edits: Edits) {
        if self.changes.is_empty() && self.merge.hidden.is_empty() {
            // Sorted and put in place at once; what came last of one id counts.
            let all: BTreeMap<Id, Option<Arc<Change>>> = edits.changes.drain(..).collect();
            self.changes = all.into_iter().filter_map(|(id, change)| Some((id, change?))).collect();
        }
        for (id, change) in edits.changes {
            self.merge.hidden.remove(&id);
            match change {
                Some(change) => self.changes.insert(id, change),
                None => self.changes.remove(&id),
            };
        }
        for (id, release) in edits.releases {
            match release {
                Some(release) => self.releases.insert(id, Arc::new(release)),
                None => self.releases.remove(&id),
            };
        }
    }

    fn rebuild(&mut self) {
        self.rows.clear();
        self.free.clear();
        self.by_id.clear();
        self.bundles.clear();
        self.after.clear();
        if self.merge.is_on() || !self.merge.hidden.is_empty() {
            self.merge_all();
        }
        let changes: Vec<_> = self.changes.values().cloned().collect();
        let phases = self.releases.values().map(|release| release.phases.len()).sum::<usize>();
        self.rows.reserve_exact(changes.len() + phases);
        self.by_id.reserve(changes.len() + phases);
        for change in &changes {
            self.link(change);
            let row = self.change_row(change);
            self.place(row);
        }
        for release in self.releases.values().cloned().collect::<Vec<_>>() {
            for row in self.phase_rows(&release) {
                self.place(row);
            }
        }
        self.index = Index::default();
        for (number, row) in (0_u32..).zip(&self.rows) {
            if let Some(row) = row {
                self.index.add(row, number, true);
            }
        }
        self.index.sort();
        self.window_rows = Windows::default();
        self.renumber_windows();
        self.expand_all(None);
    }

    fn renumber_windows(&mut self) {
        let mut numbers = Numbers {
            services: &mut self.service_names,
            graph: &self.graph,
            environments: &mut self.environments,
            groups: &mut self.groups,
        };
        self.window_rows.renew(self.windows.values(), &mut numbers, &self.settings);
    }

    /// Expands windows for what live activities occupy, where that is not known yet.
    fn widen(&mut self, now: Option<Instant>) {
        let unseen = std::mem::take(&mut self.index.unseen);
        if self.windows.is_empty() {
            return;
        }
        let running = self.index.running.iter().filter_map(|number| self.row_at(*number));
        let mut spans = unseen.into_iter().chain(running.filter_map(|row| needed(row, now)));
        if !spans.all(|span| self.window_rows.knows(span)) {
            self.expand_all(now);
        }
    }

    fn expand_all(&mut self, now: Option<Instant>) {
        let live = self.rows.iter().flatten().filter(|row| row.live);
        let spans = horizon(live.filter_map(|row| needed(row, now)));
        self.window_rows.widen(spans);
    }
}

/// The time for which a row needs the occurrences of windows.
pub(super) fn needed(row: &Row, now: Option<Instant>) -> Option<Span> {
    let start = row.start?;
    let end = match row.end {
        End::Missing => start,
        End::At(end) => end,
        End::Running(planned) => planned.unwrap_or(start).max(now.unwrap_or(start)),
    };
    Span::new(start, end.max(start.plus(MINUTE)))
}

/// Rows out of records.
impl Facts {
    fn change_row(&mut self, change: &Arc<Change>) -> Row {
        Row {
            id: change.id.clone(),
            live: change.state.value.is_live(),
            start: change.actual_start.or(change.planned_start),
            end: end_of(change.planned_end, (change.actual_start, change.actual_end)),
            kind: ScopeKind::of_change(change.kind.value),
            risk: change.risk.value.treated(),
            outage: change.outage.is_some(),
            whole_environment: false,
            services: self.touches(&change.services),
            environment: named(&mut self.environments, change.environment.as_ref()),
            group: named(&mut self.groups, change.group.as_ref()),
            owner: self.people.owner_number(change).unwrap_or(NONE),
            release: self.release_of(change).map_or(NONE, |id| self.release_number(&id)),
            activity: Activity::Change(change.clone()),
        }
    }

    fn phase_rows(&mut self, release: &Arc<Release>) -> Vec<Row> {
        let live = release.state.value.is_live();
        let number = self.release_number(&release.id);
        let own = self.touches(&release.services);
        let phases = release.phases.iter().enumerate();
        phases
            .map(|(at, phase)| Row {
                id: Id::phase(&release.id, &phase.id),
                activity: Activity::Phase(release.clone(), at),
                live: live && phase.state.value.is_live(),
                start: phase.actual_start.or(phase.start),
                end: end_of(phase.end, (phase.actual_start, phase.actual_end)),
                kind: ScopeKind::Release,
                risk: Risk::Unknown.treated(),
                outage: false,
                whole_environment: phase.whole_environment,
                services: match self.touches(&phase.services) {
                    named if named.is_empty() => own.clone(),
                    named => named,
                },
                environment: named(&mut self.environments, phase.environment.as_ref()),
                group: NONE,
                owner: NONE,
                release: number,
            })
            .collect()
    }

    fn release_number(&mut self, id: &Id) -> u32 {
        self.release_ids.spelling(&Line::new(id.as_str()))
    }

    fn touches(&mut self, names: &[Line]) -> Box<[Touch]> {
        let mut touches: Vec<Touch> = names
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| {
                let spelling = self.service_names.spelling(name);
                Touch { service: self.graph.class_of(self.service_names.fold_of(spelling)), spelling }
            })
            .collect();
        touches.sort_by_cached_key(|touch| (touch.service, self.service_names.written(touch.spelling)));
        touches.dedup_by_key(|touch| touch.service);
        touches.into()
    }
}

fn named(names: &mut Names, name: Option<&Line>) -> u32 {
    name.filter(|name| !name.is_empty()).map_or(NONE, |name| names.name(name))
}

impl Index {
    /// Adds a row to every list it belongs to; `bulk` leaves sorting for later.
    fn add(&mut self, row: &Row, number: u32, bulk: bool) {
        if let Some(minutes) = row.change().and_then(|change| change.rollback_minutes) {
            self.longest_rollback = self.longest_rollback.max(i64::from(minutes) * MINUTE);
        }
        if matches!(row.end, End::Running(_)) {
            self.running.insert(number);
        }
        if let Some(start) = undecided_start(row) {
            self.undecided.insert((start, number));
        }
        if !bulk && row.live {
            self.unseen.extend(needed(row, None));
        }
        self.each(row, number, |list, entry| if bulk { list.push(entry) } else { list.insert(entry) });
    }

    fn drop(&mut self, row: &Row, number: u32) {
        self.running.remove(&number);
        if let Some(start) = undecided_start(row) {
            self.undecided.remove(&(start, number));
        }
        self.each(row, number, super::index::List::remove);
    }

    fn each(&mut self, row: &Row, number: u32, mut edit: impl FnMut(&mut super::index::List, ListEntry)) {
        if let Some(end) = row.finished() {
            for touch in &row.services {
                edit(self.finished.at(touch.service), ListEntry::at(end, number));
            }
        }
        let Some(entry) = ListEntry::of(row, number).filter(|_| row.live) else { return };
        edit(&mut self.all, entry);
        for touch in &row.services {
            edit(self.service.at(touch.service), entry);
        }
        for (lists, name) in [(&mut self.environment, row.environment), (&mut self.group, row.group)] {
            if name != NONE {
                edit(lists.at(name), entry);
            }
        }
        if row.owner != NONE {
            edit(self.owner.at(row.owner), entry);
        }
        if row.whole_environment && row.environment != NONE {
            edit(self.whole.at(row.environment), entry);
        }
    }

    fn sort(&mut self) {
        self.all.sort();
        for lists in [
            &mut self.service,
            &mut self.environment,
            &mut self.owner,
            &mut self.group,
            &mut self.finished,
            &mut self.whole,
        ] {
            lists.sort();
        }
    }
}

/// The planned start of a change that rule C13 watches.
fn undecided_start(row: &Row) -> Option<Instant> {
    let change = row.change()?;
    is_undecided(change.state.value).then_some(change.planned_start).flatten()
}

/// Edits by kind; `None` takes a record out.
#[derive(Default)]
pub(super) struct Edits {
    changes: Vec<(Id, Option<Arc<Change>>)>,
    releases: Vec<(Id, Option<Release>)>,
    windows: Vec<(Id, Option<crate::model::Window>)>,
    services: Vec<(Id, Option<crate::model::Service>)>,
    people: Vec<(Id, Option<crate::model::Person>)>,
    asked: Vec<(Id, Option<crate::model::ApprovalRequest>)>,
    incidents: Vec<(Id, Option<Arc<crate::model::Incident>>)>,
}

impl Edits {
    pub(super) fn add(&mut self, record: Record) {
        let id = record.id().clone();
        match record {
            Record::Change(record) => self.changes.push((id, Some(record))),
            Record::Release(record) => self.releases.push((id, Some(*record))),
            Record::Window(record) => self.windows.push((id, Some(*record))),
            Record::Service(record) => self.services.push((id, Some(*record))),
            Record::Person(record) => self.people.push((id, Some(*record))),
            Record::Approval(record) => self.asked.push((id, Some(*record))),
            Record::Incident(record) => self.incidents.push((id, Some(record))),
            // What was said elsewhere takes part in no rule.
            Record::Comment(_) => {}
        }
    }

    fn remove(&mut self, kind: RecordKind, id: Id) {
        match kind {
            RecordKind::Change => self.changes.push((id, None)),
            RecordKind::Release => self.releases.push((id, None)),
            RecordKind::Window => self.windows.push((id, None)),
            RecordKind::Service => self.services.push((id, None)),
            RecordKind::Person => self.people.push((id, None)),
            RecordKind::Approval => self.asked.push((id, None)),
            RecordKind::Incident => self.incidents.push((id, None)),
            RecordKind::Comment => {}
        }
    }

    pub(super) fn activities(&self) -> usize {
        self.changes.len() + self.releases.len()
    }
}
