//! What an answer about one item may depend on: an index of a board, so that not all of it need be read.
//!
//! It holds no rule: which records and events any rule, asked about an item, can get to, and rather too many. They make a
//! small board of their own, and the same code answers on it as on the whole. What cannot be told with certainty is a miss:
//! of a board that counts all that runs at once, or joins copies of several systems, there is no index.

mod lists;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use self::lists::{Ids, Lists};
use crate::{
    ledger::Ledger,
    model::{
        Id, Instant,
        time::{DAY, HOUR},
    },
    rules::{
        conflict,
        facts::{End, Facts, NONE, Row},
    },
};

/// How far ahead a limit is looked for beyond the end of an activity (run § Doing), and a day more.
const AHEAD: i64 = 32 * DAY;

/// With more activities, or more events, a part of the board is no small one.
const MOST: usize = 4_000;
const MOST_EVENTS: usize = 20_000;

/// Where nothing is known: no start, no owner, no release.
const NEVER: i64 = i64::MIN;

/// The index of a board. Everything in it has a number: items (changes and releases), activities, services that share a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    depth: u8,
    /// How long before an activity starts another one may still matter to it, in seconds.
    back: i64,
    items: Ids,
    /// By item: whether it is a release.
    releases: Vec<bool>,
    /// By item, its activities; a release has its phases.
    activities: Lists,
    rows: Vec<Entry>,
    /// By activity, the item.
    item: Vec<u32>,
    /// By activity, the services; by service, the activities.
    touches: Lists,
    lanes: Lists,
    /// By release, the services that it names itself.
    named: Lists,
    /// By owner, the activities that run.
    running: Lists,
    /// By change, its release; by release, its bundle.
    release: Lists,
    bundle: Lists,
    /// By change, those it comes after; and those that come after it.
    before: Lists,
    waiting: Lists,
    /// By item, the approvals that its own system asked for.
    asked: Lists,
    approvals: Ids,
    /// By item, the events of the log about it.
    events: Lists,
    /// Events about no item of the board.
    elsewhere: Vec<u32>,
    /// Items that matter to all others: templates.
    always: Vec<u32>,
    services: Ids,
    /// By service, its records; what it depends on; what depends on it.
    records: Lists,
    below: Lists,
    above: Lists,
}

/// When an activity takes place, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    start: i64,
    end: i64,
    owner: u32,
    live: bool,
    running: bool,
}

/// The part of a board that answers about one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    pub changes: Vec<Id>,
    pub releases: Vec<Id>,
    pub services: Vec<Id>,
    pub approvals: Vec<Id>,
    /// Numbers of events, in order.
    pub events: Vec<u64>,
}

impl Reach {
    /// The index of a board as it stands; `None` of one whose answers may depend on all of it.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Option<Self> {
        let (facts, settings) = (ledger.facts(), ledger.facts().settings());
        if conflict::counts_at_once(facts) || facts.joins_copies() {
            return None;
        }
        let mut build = Build::new(facts)?;
        for (number, id) in build.ids.clone().into_iter().enumerate() {
            build.item(ledger, u32::try_from(number).ok()?, id)?;
        }
        let log = build.log(ledger)?;
        let asked = build.asked()?;
        let nodes = build.classes.count;
        let items = build.ids.len();
        let rows = build.rows.len();
        let flip = |pairs: &[(u32, u32)]| pairs.iter().map(|(a, b)| (*b, *a)).collect();
        let owners = build.running.iter().map(|(owner, _)| *owner as usize + 1).max().unwrap_or(0);
        let cool_down = i64::from(settings.cool_down_hours) * HOUR;
        Some(Self {
            depth: settings.depth,
            back: facts.longest_rollback().max(cool_down) + DAY,
            releases: build.ids.iter().map(|id| facts.release(id).is_some()).collect(),
            activities: Lists::of(items, build.activities)?,
            item: build.item,
            rows: build.rows,
            lanes: Lists::of(nodes, flip(&build.touches))?,
            touches: Lists::of(rows, build.touches)?,
            named: Lists::of(items, build.named)?,
            running: Lists::of(owners, build.running)?,
            bundle: Lists::of(items, flip(&build.release))?,
            release: Lists::of(items, build.release)?,
            waiting: Lists::of(items, flip(&build.before))?,
            before: Lists::of(items, build.before)?,
            asked: Lists::of(items, asked)?,
            approvals: Ids::of(facts.requests().map(|request| &request.id))?,
            events: Lists::of(items, log.events)?,
            elsewhere: log.elsewhere,
            always: log.always,
            items: Ids::of(build.ids.iter())?,
            services: Ids::of(facts.services().map(|service| &service.id))?,
            records: Lists::of(nodes, build.classes.records)?,
            above: Lists::of(nodes, flip(&build.classes.below))?,
            below: Lists::of(nodes, build.classes.below)?,
        })
    }

    /// The part of the board that answers about an item, or a phase of one, at `now`; `None` where that is no small part, or
    /// nobody knows such an item.
    #[must_use]
    pub fn around(&self, id: &Id, now: Instant) -> Option<Around> {
        let own = self.find(id)?;
        let mut part = Part::new(self, now.secs());
        part.core(own)?;
        part.full()?;
        part.releases()?;
        part.told()
    }

    /// The number of an item, or of that of a phase. A phase that could be taken for the tail of an item's id is none.
    fn find(&self, id: &Id) -> Option<u32> {
        if let Some(number) = self.items.find(id.as_str()) {
            return Some(number);
        }
        let (release, _) = id.as_str().rsplit_once('/')?;
        let number = self.items.find(release)?;
        let is_release = self.releases.get(number as usize).copied().unwrap_or_default();
        (is_release && !self.items.any_ends_with(id.as_str())).then_some(number)
    }
}

/// The index while it is made.
struct Build<'a> {
    facts: &'a Facts,
    classes: Classes,
    ids: Vec<Id>,
    numbers: HashMap<Id, u32>,
    rows: Vec<Entry>,
    item: Vec<u32>,
    activities: Vec<(u32, u32)>,
    touches: Vec<(u32, u32)>,
    named: Vec<(u32, u32)>,
    running: Vec<(u32, u32)>,
    release: Vec<(u32, u32)>,
    before: Vec<(u32, u32)>,
}

/// Where the events of the log belong.
struct Log {
    events: Vec<(u32, u32)>,
    elsewhere: Vec<u32>,
    always: Vec<u32>,
}

impl<'a> Build<'a> {
    fn new(facts: &'a Facts) -> Option<Self> {
        let changes = facts.changes().map(|change| &change.id);
        let mut ids: Vec<Id> = changes.chain(facts.releases().map(|release| &release.id)).cloned().collect();
        ids.sort_unstable();
        // A change and a release of one id: nobody can say which is meant.
        if ids.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
            return None;
        }
        let mut numbers = HashMap::with_capacity(ids.len());
        for (number, id) in ids.iter().enumerate() {
            numbers.insert(id.clone(), u32::try_from(number).ok()?);
        }
        Some(Self {
            facts,
            classes: Classes::of(facts)?,
            numbers,
            rows: Vec::with_capacity(ids.len()),
            item: Vec::with_capacity(ids.len()),
            activities: Vec::with_capacity(ids.len()),
            touches: Vec::with_capacity(ids.len()),
            named: Vec::new(),
            running: Vec::new(),
            release: Vec::new(),
            before: Vec::new(),
            ids,
        })
    }

    fn item(&mut self, ledger: &Ledger, number: u32, id: Id) -> Option<()> {
        let facts = self.facts;
        if let Some(change) = facts.change(&id) {
            let row = facts.row(&id).filter(|row| row.is_change())?;
            if let Some(release) = facts.release_of(change) {
                self.release.extend(self.numbers.get(&release).map(|release| (number, *release)));
            }
            // Where the board put it is said by events of a release: of one that nobody names any more they are not found.
            match ledger.fold().bundled.get(&id) {
                Some(Some(release)) if self.numbers.contains_key(release) => {}
                None => {}
                Some(_) => return None,
            }
            let before = change.after.iter().filter_map(|before| self.numbers.get(before));
            self.before.extend(before.map(|before| (number, *before)));
            return self.row(number, row);
        }
        let release = facts.release(&id)?;
        for service in release.services.iter().filter(|name| !name.is_empty()) {
            self.named.push((number, self.classes.node(facts.service_number(service))?));
        }
        for phase in &release.phases {
            let row = facts.row(&Id::phase(&id, &phase.id))?;
            row.phase()?;
            self.row(number, row)?;
        }
        Some(())
    }

    fn row(&mut self, item: u32, row: &Row) -> Option<()> {
        let number = u32::try_from(self.rows.len()).ok()?;
        let entry = Entry::of(row);
        for touch in &row.services {
            self.touches.push((number, self.classes.node(touch.service)?));
        }
        if entry.running && row.owner != NONE {
            self.running.push((row.owner, number));
        }
        self.rows.push(entry);
        self.item.push(item);
        self.activities.push((item, number));
        Some(())
    }

    fn asked(&self) -> Option<Vec<(u32, u32)>> {
        let mut asked = Vec::new();
        for (number, request) in self.facts.requests().enumerate() {
            let number = u32::try_from(number).ok()?;
            asked.extend(self.numbers.get(&request.item).map(|item| (*item, number)));
        }
        Some(asked)
    }

    /// What the log says of which item. What is about something that is gone from its source matters to no other.
    fn log(&self, ledger: &Ledger) -> Option<Log> {
        let (facts, fold) = (self.facts, ledger.fold());
        let newest = usize::try_from(ledger.head().n).ok()?;
        let mut about = vec![false; newest + 1];
        let (mut events, mut elsewhere) = (Vec::new(), Vec::new());
        for (id, item) in &fold.items {
            let own = match facts.phase(id) {
                Some((release, _)) => self.numbers.get(&release.id),
                None => self.numbers.get(id),
            };
            let all = facts.window(id).is_some() || fold.templates.contains_key(id);
            for event in item.events.iter() {
                if !all {
                    *about.get_mut(usize::try_from(*event).ok()?)? = true;
                }
                if let Some(own) = own {
                    events.push((*own, u32::try_from(*event).ok()?));
                }
            }
        }
        for (number, about) in about.iter().enumerate().skip(1) {
            if !about {
                elsewhere.push(u32::try_from(number).ok()?);
            }
        }
        let always = fold.templates.keys().filter_map(|id| self.numbers.get(id)).copied().collect();
        Some(Log { events, elsewhere, always })
    }
}

impl Entry {
    fn of(row: &Row) -> Self {
        let start = row.start.map(Instant::secs);
        let end = match row.end {
            End::Missing => None,
            End::At(end) => Some(end),
            End::Running(planned) => planned,
        };
        // Every end that any rule goes by.
        let ends = [end, row.planned().1, row.finished()].into_iter().flatten().map(Instant::secs);
        let all: Vec<i64> = ends.chain(start).collect();
        Self {
            start: all.iter().copied().min().unwrap_or(NEVER),
            end: all.iter().copied().max().unwrap_or(NEVER),
            owner: row.owner,
            live: row.live,
            running: matches!(row.end, End::Running(_)),
        }
    }

    fn until(&self, now: i64) -> i64 {
        if self.running { self.end.max(now) } else { self.end }
    }

    fn meets(&self, now: i64, (from, to): (i64, i64)) -> bool {
        self.start != NEVER && self.start <= to && from <= self.until(now)
    }
}

/// Services that are named alike, whoever names them: one node each, whether or not they are one service.
struct Classes {
    nodes: HashMap<u32, u32>,
    up: HashMap<u32, u32>,
    count: usize,
    records: Vec<(u32, u32)>,
    below: Vec<(u32, u32)>,
}

impl Classes {
    fn of(facts: &Facts) -> Option<Self> {
        let mut classes = Self {
            nodes: HashMap::new(),
            up: HashMap::new(),
            count: 0,
            records: Vec::new(),
            below: Vec::new(),
        };
        // A display name that two services claim is neither's: who else claims it has to be known.
        for service in facts.services() {
            let own = facts.service_number(service.id.as_str());
            for name in service.aliases.iter().chain([&service.name]).filter(|name| !name.is_empty()) {
                classes.join(own, facts.service_number(name));
            }
        }
        for (number, service) in facts.services().enumerate() {
            let own = classes.node(facts.service_number(service.id.as_str()))?;
            classes.records.push((own, u32::try_from(number).ok()?));
            for needed in &service.depends_on {
                let to = classes.node(facts.service_number(needed))?;
                classes.below.push((own, to));
            }
        }
        Some(classes)
    }

    fn root(&self, mut class: u32) -> u32 {
        while let Some(up) = self.up.get(&class) {
            class = *up;
        }
        class
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b && a != NONE && b != NONE {
            self.up.insert(a.max(b), a.min(b));
        }
    }

    fn node(&mut self, class: u32) -> Option<u32> {
        let next = u32::try_from(self.count).ok()?;
        let node = *self.nodes.entry(self.root(class)).or_insert(next);
        if node == next {
            self.count += 1;
        }
        Some(node)
    }
}

/// What was found around an item so far.
struct Part<'a> {
    reach: &'a Reach,
    now: i64,
    /// Activities whose rows have to be right.
    core: BTreeSet<u32>,
    /// Activities whose limits and projected ends have to be right.
    full: BTreeSet<u32>,
    items: BTreeSet<u32>,
}

impl<'a> Part<'a> {
    fn new(reach: &'a Reach, now: i64) -> Self {
        let items = reach.always.iter().copied().collect();
        Self { reach, now, core: BTreeSet::new(), full: BTreeSet::new(), items }
    }

    fn row(&self, activity: u32) -> Option<Entry> {
        self.reach.rows.get(activity as usize).copied()
    }

    /// The item and its bundle, and all that takes place meanwhile.
    fn core(&mut self, own: u32) -> Option<()> {
        let reach = self.reach;
        let about: Vec<u32> = std::iter::once(own).chain(reach.bundle.get(own).iter().copied()).collect();
        for item in about {
            self.items.insert(item);
            self.core.extend(reach.activities.get(item));
            self.items.extend(reach.waiting.get(item));
        }
        let spans: Vec<(i64, i64)> = self
            .core
            .iter()
            .filter_map(|at| self.row(*at))
            .filter(|row| row.start != NEVER)
            .map(|row| (row.start, row.until(self.now)))
            .collect();
        for (row, item) in reach.rows.iter().zip(&reach.item) {
            if row.live && spans.iter().any(|span| row.meets(self.now, *span)) {
                self.items.insert(*item);
            }
        }
        self.small()
    }

    /// What shares a service with the core, what these wait for, and what is near to each of them.
    fn full(&mut self) -> Option<()> {
        let reach = self.reach;
        let mut next: Vec<u32> = self.core.iter().copied().collect();
        for at in &self.core {
            next.extend(self.near(*at));
        }
        while let Some(at) = next.pop() {
            if !self.full.insert(at) {
                continue;
            }
            if self.full.len() > MOST {
                return None;
            }
            let item = reach.item.get(at as usize).copied()?;
            for before in reach.before.get(item) {
                self.items.insert(*before);
                next.extend(reach.activities.get(*before));
            }
            if let Some(row) = self.row(at).filter(|row| row.owner != NONE) {
                next.extend(reach.running.get(row.owner));
            }
        }
        for at in self.full.clone() {
            self.items.extend(reach.item.get(at as usize));
            let near: Vec<u32> = self.near(at);
            self.items.extend(near.into_iter().filter_map(|at| reach.item.get(at as usize)));
        }
        self.small()
    }

    /// Activities that share a service, from as long before as may matter to as long after.
    fn near(&self, at: u32) -> Vec<u32> {
        let Some(row) = self.row(at).filter(|row| row.start != NEVER) else { return Vec::new() };
        let within = (row.start - self.reach.back, row.end.max(self.now) + AHEAD);
        let lanes = self.reach.touches.get(at).iter().flat_map(|service| self.reach.lanes.get(*service));
        let near =
            lanes.copied().filter(|other| self.row(*other).is_some_and(|row| row.meets(self.now, within)));
        near.collect()
    }

    /// A release is known with its bundle, a change with its release.
    fn releases(&mut self) -> Option<()> {
        let mut next: Vec<u32> = self.items.iter().copied().collect();
        while let Some(item) = next.pop() {
            for other in self.reach.release.get(item).iter().chain(self.reach.bundle.get(item)) {
                if self.items.insert(*other) {
                    next.push(*other);
                }
            }
            self.small()?;
        }
        Some(())
    }

    fn small(&self) -> Option<()> {
        (self.items.len() <= MOST).then_some(())
    }

    /// Their services with what these hang together with, and what the log says of them.
    fn told(self) -> Option<Around> {
        let reach = self.reach;
        let mut around = Around::default();
        let mut services = BTreeSet::new();
        for at in &self.full {
            for touched in reach.touches.get(*at) {
                walk(&reach.below, *touched, reach.depth, &mut services);
                walk(&reach.above, *touched, reach.depth, &mut services);
            }
        }
        for item in &self.items {
            services.extend(reach.named.get(*item));
            for at in reach.activities.get(*item) {
                services.extend(reach.touches.get(*at));
            }
        }
        let records: BTreeSet<u32> =
            services.iter().flat_map(|service| reach.records.get(*service)).copied().collect();
        for record in records {
            around.services.push(reach.services.get(record)?);
        }
        let mut events: Vec<u32> = reach.elsewhere.clone();
        for item in &self.items {
            let id = reach.items.get(*item)?;
            match reach.releases.get(*item as usize)? {
                true => around.releases.push(id),
                false => around.changes.push(id),
            }
            events.extend(reach.events.get(*item));
            for asked in reach.asked.get(*item) {
                around.approvals.push(reach.approvals.get(*asked)?);
            }
        }
        if events.len() > MOST_EVENTS {
            return None;
        }
        events.sort_unstable();
        events.dedup();
        around.events = events.into_iter().map(u64::from).collect();
        Some(around)
    }
}

/// Every service within so many hops.
fn walk(edges: &Lists, from: u32, depth: u8, found: &mut BTreeSet<u32>) {
    let mut seen = BTreeSet::from([from]);
    let mut at = vec![from];
    for _ in 0..depth {
        let mut next = Vec::new();
        for to in at.iter().flat_map(|at| edges.get(*at)) {
            if seen.insert(*to) {
                next.push(*to);
            }
        }
        at = next;
    }
    found.extend(seen);
}
