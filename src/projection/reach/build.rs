//! The index of a board while it is made: everything gets a number, and what hangs together is written down once.

use std::collections::{BTreeSet, HashMap};

use super::{
    Entry, Reach,
    lists::{Ids, Lists},
};
use crate::{
    ledger::Ledger,
    model::{
        Id,
        time::{DAY, HOUR},
    },
    rules::{
        conflict,
        facts::{Facts, NONE, Row},
        risk::History,
    },
};

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
        let (asked, met, asking) = (build.asked()?, build.met(ledger), build.asking(ledger));
        let needs = build.needs()?;
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
            met,
            needs,
            asking,
            outcomes: History::of(facts),
            items: Ids::of(build.ids.iter())?,
            services: Ids::of(facts.services().map(|service| &service.id))?,
            records: Lists::of(nodes, build.classes.records)?,
            above: Lists::of(nodes, flip(&build.classes.below))?,
            below: Lists::of(nodes, build.classes.below)?,
        })
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

    /// In order.
    fn met(&self, ledger: &Ledger) -> Vec<u32> {
        let meetings = || ledger.fold().meetings.values();
        let before = meetings().flat_map(|meeting| &meeting.agenda).map(|line| &line.agenda.item);
        let late = meetings().flat_map(|meeting| &meeting.let_in).map(|(item, _)| item);
        let met: BTreeSet<u32> =
            before.chain(late).filter_map(|item| self.numbers.get(item)).copied().collect();
        met.into_iter().collect()
    }

    /// A service that needs another, where any does; none at all where it cannot be found.
    fn needs(&mut self) -> Option<Option<u32>> {
        let facts = self.facts;
        if !facts.graph().has_edges() {
            return Some(None);
        }
        let numbers = facts.services().map(|service| facts.service_number(service.id.as_str()));
        let needs = |number: &u32| !facts.graph().below(*number, 1).is_empty();
        let found = numbers.filter(|number| *number != NONE).find(needs)?;
        self.classes.node(found).map(Some)
    }

    /// In order.
    fn asking(&self, ledger: &Ledger) -> Option<Vec<u32>> {
        let asking = ledger.tallies().values().filter(|tally| tally.may_ask());
        let mut asking: Vec<u32> =
            asking.map(|tally| self.numbers.get(&tally.id).copied()).collect::<Option<_>>()?;
        asking.sort_unstable();
        Some(asking)
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
