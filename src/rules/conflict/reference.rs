//! The rules once more, plainly (rules § Clashes): every activity against every other, no index, no numbers.
//!
//! Only tests use it. It reads records, not rows, so that a mistake in the facts shows too. Over 600 lines, because the
//! twenty rules belong side by side here as they stand in the document.

mod capacity;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cases::Decided;
use crate::{
    calendar::{Zone, expand},
    model::{
        Approval, ApprovalAnswer, Change, Id, Instant, Kind, Outcome, Record, Release, Risk, RuleId, Service,
        Settings, Severity, Span, State, Stored, When, Window, WindowKind, time::DAY, time::HOUR,
        time::MINUTE,
    },
    rules::facts::fold,
};

/// A row: rule, severity, a, b, start, minutes.
pub type Plain = (RuleId, Severity, String, Option<String>, Option<Instant>, i64);

/// All there is, as it was given.
pub struct World {
    pub changes: Vec<Change>,
    releases: Vec<Release>,
    windows: Vec<Window>,
    services: Vec<Service>,
    people: Vec<crate::model::Person>,
    asked: Vec<crate::model::ApprovalRequest>,
    settings: Settings,
    now: Instant,
    decided: Decided,
}

/// A live activity.
#[derive(Clone)]
struct Act {
    id: Id,
    change: Option<Change>,
    services: BTreeSet<String>,
    env: String,
    group: String,
    kind: &'static str,
    risk: Risk,
    release: Option<Id>,
    when: When,
    whole: bool,
    started: bool,
    /// Of what runs: since when, its planned length, the minutes that undoing it takes.
    under_way: Option<(Instant, Option<i64>, Option<u32>)>,
}

/// How an activity runs, where it does.
fn under_way(
    (start, end): (Option<Instant>, Option<Instant>),
    (began, ended): (Option<Instant>, Option<Instant>),
    minutes: Option<u32>,
) -> Option<(Instant, Option<i64>, Option<u32>)> {
    let length = start.zip(end).map(|(start, end)| (end - start).max(0));
    began.filter(|_| ended.is_none()).map(|began| (began, length, minutes))
}

impl World {
    pub fn new(records: Vec<Stored>, settings: Settings, now: Instant) -> Self {
        let mut world = Self {
            changes: vec![],
            releases: vec![],
            windows: vec![],
            services: vec![],
            people: vec![],
            asked: vec![],
            settings,
            now,
            decided: Decided(vec!["C1", "C4"]),
        };
        for stored in records {
            match stored.record {
                Record::Change(record) => world.changes.push(std::sync::Arc::unwrap_or_clone(record)),
                Record::Release(record) => world.releases.push(*record),
                Record::Window(record) => world.windows.push(*record),
                Record::Service(record) => world.services.push(*record),
                Record::Person(record) => world.people.push(*record),
                Record::Approval(record) => world.asked.push(*record),
                Record::Comment(_) | Record::Incident(_) => {}
            }
        }
        world
    }

    fn service(&self, name: &str) -> String {
        let name = fold(name);
        let own = |service: &&Service| {
            fold(service.id.as_str()) == name || service.aliases.iter().any(|alias| fold(alias) == name)
        };
        self.services.iter().find(own).map_or(name.clone(), |service| fold(service.id.as_str()))
    }

    fn depends(&self, from: &str, depth: u8) -> BTreeMap<String, u8> {
        let mut seen = BTreeMap::from([(from.to_owned(), 0)]);
        let mut queue = VecDeque::from([from.to_owned()]);
        while let Some(at) = queue.pop_front() {
            let hops = seen[&at];
            for service in self.services.iter().filter(|service| fold(service.id.as_str()) == at) {
                for to in service.depends_on.iter().map(|name| self.service(name)) {
                    if hops < depth && !seen.contains_key(&to) {
                        seen.insert(to.clone(), hops + 1);
                        queue.push_back(to);
                    }
                }
            }
        }
        seen.remove(from);
        seen
    }

    fn hops(&self, x: &Act, y: &Act) -> Option<u8> {
        let one = |x: &Act, y: &Act| -> Option<u8> {
            let found = x.services.iter().flat_map(|own| self.depends(own, self.settings.depth));
            found.filter(|(to, _)| y.services.contains(to)).map(|(_, hops)| hops).min()
        };
        one(x, y).into_iter().chain(one(y, x)).min()
    }

    fn acts(&self) -> Vec<Act> {
        let names = |names: &[crate::model::Line]| -> BTreeSet<String> {
            names.iter().map(|name| self.service(name)).collect()
        };
        let text = |name: &Option<crate::model::Line>| name.as_ref().map_or(String::new(), |name| fold(name));
        let mut acts = vec![];
        for change in self.changes.iter().filter(|change| change.state.value.is_live()) {
            acts.push(Act {
                id: change.id.clone(),
                services: names(&change.services),
                env: text(&change.environment),
                group: text(&change.group),
                kind: match change.kind.value {
                    Kind::Standard => "standard",
                    Kind::Normal | Kind::Unknown => "normal",
                    Kind::Emergency => "emergency",
                },
                risk: change.risk.value.treated(),
                release: change.release.clone(),
                when: change.when(self.now),
                whole: false,
                started: change.actual_start.is_some(),
                under_way: under_way(
                    (change.planned_start, change.planned_end),
                    (change.actual_start, change.actual_end),
                    change.rollback_minutes,
                ),
                change: Some(change.clone()),
            });
        }
        for release in self.releases.iter().filter(|release| release.state.value.is_live()) {
            for phase in release.phases.iter().filter(|phase| phase.state.value.is_live()) {
                let own = if phase.services.is_empty() { &release.services } else { &phase.services };
                acts.push(Act {
                    id: Id::phase(&release.id, &phase.id),
                    change: None,
                    services: names(own),
                    env: text(&phase.environment),
                    group: String::new(),
                    kind: "release",
                    risk: Risk::High,
                    release: Some(release.id.clone()),
                    when: phase.when(self.now),
                    whole: phase.whole_environment,
                    started: phase.actual_start.is_some(),
                    under_way: under_way(
                        (phase.start, phase.end),
                        (phase.actual_start, phase.actual_end),
                        phase.rollback_minutes,
                    ),
                });
            }
        }
        acts.sort_by(|a, b| a.id.cmp(&b.id));
        acts
    }

    fn live_release(&self, id: &Id) -> bool {
        self.releases.iter().any(|release| release.id == *id && release.state.value.is_live())
    }

    fn occurrences(&self, window: &Window) -> Vec<Span> {
        let ever =
            Span::new("2025-06-01T00:00:00Z".parse().unwrap(), "2026-12-01T00:00:00Z".parse().unwrap());
        let zone = self.settings.zone.as_ref().map_or(Zone::UTC, |zone| Zone::named(zone).unwrap());
        expand(window, zone, ever.unwrap()).unwrap_or_default().into_iter().map(|found| found.span).collect()
    }

    fn scope(&self, window: &Window, act: &Act, services: Option<&BTreeSet<String>>) -> bool {
        let scope = &window.scope;
        let any = |list: &[crate::model::Line], own: &str| {
            list.is_empty() || own.is_empty() || list.iter().any(|name| fold(name) == own)
        };
        let by_service = services.is_none_or(|services| {
            scope.services.is_empty()
                || scope.services.iter().any(|name| services.contains(&self.service(name)))
        });
        by_service
            && any(&scope.environments, &act.env)
            && any(&scope.groups, &act.group)
            && (scope.kinds.is_empty() || scope.kinds.iter().any(|kind| fold(kind) == act.kind))
    }

    /// Every row, sorted.
    pub fn rows(&self) -> Vec<Plain> {
        let acts = self.acts();
        let mut rows = vec![];
        for (i, x) in acts.iter().enumerate() {
            for y in &acts[i + 1..] {
                self.pair(x, y, &mut rows);
            }
            self.lone(x, &acts, &mut rows);
        }
        self.releases(&acts, &mut rows);
        rows.extend(self.capacity(&acts));
        rows.retain(|row| !self.settings.off.contains(&row.0));
        rows.sort_by(|a, b| {
            a.0.by_text(b.0).then_with(|| (&a.2, &a.3, a.4, a.5).cmp(&(&b.2, &b.3, b.4, b.5)))
        });
        rows
    }

    fn push(
        &self,
        rows: &mut Vec<Plain>,
        rule: RuleId,
        severity: Severity,
        sides: (&Id, Option<&Id>),
        span: Option<Span>,
        minutes: i64,
    ) {
        let (mut a, mut b) = (sides.0.to_string(), sides.1.map(ToString::to_string));
        if let Some(other) = b.as_mut().filter(|other| **other < a) {
            std::mem::swap(&mut a, other);
        }
        rows.push((rule, severity, a, b, span.map(Span::start), minutes));
    }

    fn shares(x: &Act, y: &Act) -> bool {
        Self::compatible(x, y) && !x.services.is_disjoint(&y.services)
    }

    fn compatible(x: &Act, y: &Act) -> bool {
        x.env.is_empty() || y.env.is_empty() || x.env == y.env
    }

    fn ordered(x: &Act, y: &Act) -> bool {
        let names = |x: &Act, y: &Act| x.change.as_ref().is_some_and(|change| change.after.contains(&y.id));
        names(x, y) || names(y, x)
    }

    fn c1(&self, x: &Act, y: &Act) -> Option<(Severity, Span)> {
        let (Some(a), Some(b)) = (&x.change, &y.change) else { return None };
        let both = x.when.span()?.intersection(y.when.span()?)?;
        let together = x.release.is_some() && x.release == y.release;
        if !Self::shares(x, y) || (together && Self::ordered(x, y)) {
            return None;
        }
        let short = |act: &Act| {
            act.when.span().is_some_and(|s| s.secs() <= i64::from(self.settings.long_hours) * HOUR)
        };
        let outage = a.outage.is_some() || b.outage.is_some();
        let block = !together && (outage || (short(x) && short(y)));
        Some((if block { Severity::Block } else { Severity::Info }, both))
    }

    fn pair(&self, x: &Act, y: &Act, rows: &mut Vec<Plain>) {
        let (Some(a), Some(b)) = (x.when.span(), y.when.span()) else { return };
        let Some(both) = a.intersection(b) else { return };
        let together = x.release.is_some() && x.release == y.release;
        let mut told = false;
        let tell = |rule, severity, rows: &mut Vec<Plain>| {
            self.push(rows, rule, severity, (&x.id, Some(&y.id)), Some(both), both.minutes());
        };
        if let Some((severity, _)) = self.c1(x, y) {
            tell(RuleId::C1, severity, rows);
            told = true;
        }
        let changes = [x, y].iter().filter(|act| act.change.is_some()).count();
        if changes == 1 && !together {
            let phase = if x.change.is_none() { x } else { y };
            if Self::shares(x, y) || (phase.whole && !x.env.is_empty() && x.env == y.env) {
                tell(RuleId::C6, Severity::Block, rows);
                told = true;
            }
        }
        if changes == 0 && !together && Self::shares(x, y) {
            tell(RuleId::C7, Severity::Block, rows);
            told = true;
        }
        let apart = !together || (changes == 2 && !Self::ordered(x, y));
        if !told && apart && Self::compatible(x, y) && self.hops(x, y).is_some() {
            tell(RuleId::C2, if together { Severity::Info } else { Severity::Warn }, rows);
        }
        self.c9(x, y, rows);
    }

    fn c9(&self, x: &Act, y: &Act, rows: &mut Vec<Plain>) {
        let (Some(c), Some(d), Some(a), Some(b)) = (&x.change, &y.change, x.when.span(), y.when.span())
        else {
            return;
        };
        let Some(both) = a.intersection(b) else { return };
        let limit = i64::from(self.settings.focus_hours) * HOUR;
        let person = |name: &Option<crate::model::Line>| {
            let name = fold(name.as_ref()?);
            let known = self.people.iter().find(|person| {
                fold(person.id.as_str()) == name
                    || person.login.as_ref().is_some_and(|login| fold(login) == name)
            });
            Some(known.map_or(name, |person| fold(person.id.as_str())))
        };
        let owner = person(&c.owner).is_some() && person(&c.owner) == person(&d.owner);
        let exclusive = self.settings.exclusive_groups.iter().any(|group| fold(group) == x.group);
        let group = !x.group.is_empty() && x.group == y.group && exclusive;
        if (owner || group) && a.secs() <= limit && b.secs() <= limit {
            self.push(rows, RuleId::C9, Severity::Warn, (&x.id, Some(&y.id)), Some(both), both.minutes());
        }
    }

    fn lone(&self, act: &Act, acts: &[Act], rows: &mut Vec<Plain>) {
        self.c3(act, rows);
        self.c4_c5(act, rows);
        self.c20(act, acts, rows);
        self.c19(act, rows);
        let Some(change) = &act.change else {
            self.c18(act, rows);
            return;
        };
        self.c8(act, rows);
        self.c10(act, change, rows);
        self.c14(act, change, acts, rows);
        self.c15(act, rows);
        self.c18(act, rows);
        let own = act.when.span();
        let mut lone = |rule, severity| self.push(rows, rule, severity, (&act.id, None), own, 0);
        let since = change.submitted_at.max(change.moved_at);
        if let (Some(since), Some(start), "normal") = (since, change.planned_start, act.kind)
            && start - since < i64::from(self.settings.lead_days) * DAY
        {
            lone(RuleId::C12, Severity::Info);
        }
        // Whom its source asked, and who has not answered.
        let mut waits = self.asked.iter().filter(|asked| {
            asked.item == change.id
                && matches!(asked.answer.value, ApprovalAnswer::Requested | ApprovalAnswer::Unknown)
        });
        let settled = waits.next().is_none();
        let word = |word| settled && change.approval.as_ref().is_some_and(|given| given.value == word);
        let here = self.decided.0.contains(&change.id.as_str());
        let decided = word(Approval::Approved) || here;
        let may_start = decided || word(Approval::NotRequired);
        let undecided = matches!(change.state.value, State::Assess | State::Authorize | State::Unknown);
        let ahead = i64::from(self.settings.approve_by_hours) * HOUR;
        if undecided && !decided && change.planned_start.is_some_and(|start| start - self.now < ahead) {
            lone(RuleId::C13, Severity::Warn);
        }
        let rollback = change.rollback_plan.is_no_plan();
        let test = act.risk >= Risk::High && change.test_plan.is_no_plan() && !change.no_test_plan_field;
        if act.kind != "standard" && (rollback || test) {
            lone(RuleId::C16, Severity::Warn);
        }
        let started =
            change.actual_start.is_some() || matches!(change.state.value, State::Implement | State::Review);
        if started && !may_start {
            lone(RuleId::C17, Severity::Block);
        }
    }

    fn c3(&self, act: &Act, rows: &mut Vec<Plain>) {
        for window in self.windows.iter().filter(|window| window.kind.value == WindowKind::Freeze) {
            let covered = self.scope(window, act, Some(&act.services));
            let reached = self.scope(window, act, None)
                && window.scope.services.iter().any(|name| {
                    let below = self.depends(&self.service(name), self.settings.depth);
                    act.services.iter().any(|own| below.contains_key(own))
                });
            if !covered && !reached {
                continue;
            }
            let severity = if window.allow.iter().any(|kind| fold(kind) == act.kind) {
                Severity::Info
            } else if covered && window.hard {
                Severity::Block
            } else {
                Severity::Warn
            };
            let occurrences = self.occurrences(window);
            match act.when {
                When::Unknown => {}
                When::Point(at) => {
                    if occurrences.iter().any(|own| own.contains(at)) {
                        self.push(rows, RuleId::C3, severity, (&act.id, Some(&window.id)), None, 0);
                    }
                }
                When::Span(span) => {
                    let over: Vec<Span> =
                        occurrences.iter().filter_map(|own| own.intersection(span)).collect();
                    let secs: i64 = over.iter().map(|span| span.secs()).sum();
                    if let Some(first) = over.iter().min() {
                        self.push(
                            rows,
                            RuleId::C3,
                            severity,
                            (&act.id, Some(&window.id)),
                            Some(*first),
                            secs / MINUTE,
                        );
                    }
                }
            }
        }
    }

    fn blocks(&self, act: &Act, service: &str) -> Option<Vec<Span>> {
        let alone = BTreeSet::from([service.to_owned()]);
        let windows: Vec<&Window> = self
            .windows
            .iter()
            .filter(|window| {
                window.kind.value == WindowKind::Maintenance && self.scope(window, act, Some(&alone))
            })
            .collect();
        if windows.is_empty() {
            return None;
        }
        let mut spans: Vec<Span> = windows.iter().flat_map(|window| self.occurrences(window)).collect();
        spans.sort();
        let mut blocks: Vec<Span> = vec![];
        for span in spans {
            match blocks.last().copied() {
                Some(last) if span.start() <= last.end() => {
                    blocks.pop();
                    blocks.extend(Span::new(last.start(), last.end().max(span.end())));
                }
                _ => blocks.push(span),
            }
        }
        Some(blocks)
    }

    fn c4_c5(&self, act: &Act, rows: &mut Vec<Plain>) {
        let (mut missed, mut exceeded) = (false, false);
        for blocks in act.services.iter().filter_map(|service| self.blocks(act, service)) {
            match act.when {
                When::Unknown => {}
                When::Point(at) => missed |= !blocks.iter().any(|block| block.contains(at)),
                When::Span(span) => {
                    let over = blocks.iter().any(|block| block.overlaps(span));
                    missed |= !over;
                    exceeded |= over && !blocks.iter().any(|block| block.covers(span));
                }
            }
        }
        for (rule, fired) in [(RuleId::C4, missed), (RuleId::C5, exceeded)] {
            if fired {
                self.push(rows, rule, Severity::Warn, (&act.id, None), act.when.span(), 0);
            }
        }
    }

    fn c8(&self, act: &Act, rows: &mut Vec<Plain>) {
        let release = self.releases.iter().find(|release| Some(&release.id) == act.release.as_ref());
        let (Some(release), Some(own)) = (release, act.when.span()) else { return };
        let phases: Vec<Span> =
            release.phases.iter().filter_map(|phase| phase.when(self.now).span()).collect();
        if !phases.is_empty() && !phases.iter().any(|phase| phase.covers(own)) {
            self.push(rows, RuleId::C8, Severity::Warn, (&act.id, Some(&release.id)), Some(own), 0);
        }
    }

    fn c10(&self, act: &Act, change: &Change, rows: &mut Vec<Plain>) {
        let bad = |first: &Change, then: &Change| -> bool {
            let failed = first.outcome.as_ref().map(|word| word.value);
            if matches!(first.state.value, State::Cancelled | State::Rejected)
                || matches!(failed, Some(Outcome::Failed | Outcome::BackedOut))
            {
                return true;
            }
            let Some(start) = then.actual_start.or(then.planned_start) else { return false };
            let early = match first.when(self.now) {
                When::Span(span) => start < span.end(),
                When::Point(at) => start < at,
                When::Unknown => first.actual_end.or(first.planned_end).is_some_and(|end| start < end),
            };
            first.state.value != State::Closed && early
        };
        let names: BTreeSet<&Id> = change.after.iter().filter(|id| **id != change.id).collect();
        for first in self.changes.iter().filter(|first| names.contains(&first.id)) {
            let mutual =
                first.state.value.is_live() && first.after.contains(&change.id) && bad(change, first);
            if bad(first, change) && !(mutual && first.id < change.id) {
                let own = act.when.span();
                let both =
                    first.when(self.now).span().and_then(|span| own.and_then(|own| own.intersection(span)));
                let minutes = both.map_or(0, Span::minutes);
                self.push(
                    rows,
                    RuleId::C10,
                    Severity::Block,
                    (&first.id, Some(&act.id)),
                    both.or(own),
                    minutes,
                );
            }
        }
    }

    fn c14(&self, act: &Act, change: &Change, acts: &[Act], rows: &mut Vec<Plain>) {
        let (Some(minutes), Some(own)) = (change.rollback_minutes, act.when.span()) else { return };
        let back = own.end().plus(i64::from(minutes) * MINUTE);
        let severity = if act.risk >= Risk::High { Severity::Warn } else { Severity::Info };
        if let Some((start, id)) = self.next(act, acts)
            && let Some(over) = Span::new(start, back)
        {
            self.push(rows, RuleId::C14, severity, (&act.id, Some(&id)), Some(over), over.minutes());
        }
        if let Some(over) = self.alone(act).and_then(|end| Span::new(end, back)) {
            self.push(rows, RuleId::C14, severity, (&act.id, None), Some(over), over.minutes());
        }
    }

    /// The first unstarted activity on one of its services that starts after it does.
    fn next(&self, act: &Act, acts: &[Act]) -> Option<(Instant, Id)> {
        let own = act.when.start()?;
        let waits = |other: &Act| {
            self.changes.iter().any(|change| change.id == other.id && change.after.contains(&act.id))
        };
        acts.iter()
            .filter(|other| other.id != act.id && Self::shares(act, other) && !other.started)
            .filter(|other| act.release.is_none() || act.release != other.release)
            .filter(|other| !waits(other))
            .filter_map(|other| Some((other.when.start()?, other.id.clone())))
            .filter(|(start, _)| *start > own)
            .min()
    }

    /// The first of what ends its time besides other activities.
    fn alone(&self, act: &Act) -> Option<Instant> {
        let start = act.when.start()?;
        let ends = act.services.iter().filter_map(|service| self.blocks(act, service));
        let windows = ends.flatten().filter(|block| block.contains(start)).map(Span::end);
        let freezes = self.windows.iter().filter(|window| {
            window.kind.value == WindowKind::Freeze
                && window.hard
                && self.scope(window, act, Some(&act.services))
                && !window.allow.iter().any(|kind| fold(kind) == act.kind)
        });
        let freezes = freezes.flat_map(|window| self.occurrences(window)).map(Span::start);
        let outage = self.changes.iter().find(|change| change.id == act.id);
        let outage = outage.and_then(|change| change.outage.as_ref()).map(|outage| outage.end);
        windows.chain(freezes.filter(|at| *at > start)).chain(outage.filter(|at| *at > start)).min()
    }

    /// What runs has one step, of its planned length, here.
    fn c20(&self, act: &Act, acts: &[Act], rows: &mut Vec<Plain>) {
        let Some((begun, planned, minutes)) = act.under_way else { return };
        let next = self.next(act, acts).map(|(at, _)| at);
        let Some(limit) = next.into_iter().chain(self.alone(act)).min() else { return };
        let left = planned.map(|secs| (secs - (self.now - begun).max(0)).max(0));
        let late = left.is_some_and(|left| self.now.plus(left) > limit);
        let past = minutes.is_some_and(|minutes| self.now > limit.plus(-i64::from(minutes) * MINUTE));
        let severity = if past { Severity::Block } else { Severity::Warn };
        if past || late {
            self.push(rows, RuleId::C20, severity, (&act.id, None), Span::new(begun, limit), 0);
        }
    }

    /// Phases against release windows, and against those of their sprint.
    fn c19(&self, act: &Act, rows: &mut Vec<Plain>) {
        let own = |release: &&Release| act.change.is_none() && act.release.as_ref() == Some(&release.id);
        let Some(release) = self.releases.iter().find(own) else { return };
        let sprint = release.sprint.as_ref().map(|sprint| fold(sprint));
        for kind in [WindowKind::Release, WindowKind::Sprint] {
            let windows = self.windows.iter().filter(|window| {
                let named = [fold(window.id.as_str()), fold(&window.name)];
                let mine = kind == WindowKind::Release || sprint.as_ref().is_some_and(|s| named.contains(s));
                window.kind.value == kind && mine && self.scope(window, act, Some(&act.services))
            });
            let mut spans: Vec<Span> = vec![];
            let mut any = false;
            for window in windows {
                any = true;
                spans.extend(self.occurrences(window));
            }
            spans.sort();
            let blocks = crate::rules::facts::windows::join(spans);
            let within = match act.when {
                When::Span(span) => blocks.iter().any(|block| block.covers(span)),
                When::Point(at) => blocks.iter().any(|block| block.contains(at)),
                When::Unknown => true,
            };
            if any && !within {
                self.push(rows, RuleId::C19, Severity::Warn, (&act.id, None), act.when.span(), 0);
            }
        }
    }

    /// Two changes that both begin and end in this instant: the smaller id comes first.
    fn at_once(&self, act: &Act, other: &Change, at: Instant) -> bool {
        let ended = |change: &Change| {
            change.outcome.as_ref().and_then(|_| change.actual_end.or(change.planned_end)) == Some(at)
        };
        let mine = self.changes.iter().find(|change| change.id == act.id).is_some_and(ended);
        let began = other.actual_start.or(other.planned_start) == Some(at);
        mine && ended(other) && began && act.id < other.id
    }

    fn c15(&self, act: &Act, rows: &mut Vec<Plain>) {
        let Some(start) = act.when.start() else { return };
        let mut finished: Vec<(Instant, std::cmp::Reverse<Id>, Outcome)> = vec![];
        for other in self.changes.iter().filter(|other| other.id != act.id) {
            let services: BTreeSet<String> = other.services.iter().map(|name| self.service(name)).collect();
            let env = other.environment.as_ref().map_or(String::new(), |env| fold(env));
            let shares = (env.is_empty() || act.env.is_empty() || env == act.env)
                && !services.is_disjoint(&act.services);
            if let (Some(outcome), Some(end), true) =
                (&other.outcome, other.actual_end.or(other.planned_end), shares)
                && end <= start
                && !self.at_once(act, other, start)
            {
                finished.push((end, std::cmp::Reverse(other.id.clone()), outcome.value));
            }
        }
        let Some((end, id, outcome)) = finished.into_iter().max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)))
        else {
            return;
        };
        let near = start - end < i64::from(self.settings.cool_down_hours) * HOUR;
        if near && matches!(outcome, Outcome::Failed | Outcome::BackedOut) {
            self.push(rows, RuleId::C15, Severity::Info, (&act.id, Some(&id.0)), act.when.span(), 0);
        }
    }

    fn c18(&self, act: &Act, rows: &mut Vec<Plain>) {
        let phase = self.releases.iter().flat_map(|release| {
            release.phases.iter().map(|phase| (Id::phase(&release.id, &phase.id), phase))
        });
        let phase = phase.into_iter().find(|(id, _)| *id == act.id).map(|(_, phase)| phase);
        let (planned, actual) = match (&act.change, phase) {
            (Some(change), _) => (change.planned_end, (change.actual_start, change.actual_end)),
            (None, Some(phase)) => (phase.end, (phase.actual_start, phase.actual_end)),
            (None, None) => return,
        };
        if let (Some(end), (Some(start), None)) = (planned, actual)
            && self.now > end
        {
            self.push(rows, RuleId::C18, Severity::Block, (&act.id, None), Span::new(start, end), 0);
        }
    }

    fn releases(&self, acts: &[Act], rows: &mut Vec<Plain>) {
        let mut first: BTreeMap<(Id, Id), (Instant, Id, Id, Span)> = BTreeMap::new();
        for (i, x) in acts.iter().enumerate() {
            for y in &acts[i + 1..] {
                let (Some(r), Some(s)) = (&x.release, &y.release) else { continue };
                let Some((_, both)) = self.c1(x, y) else { continue };
                if r == s || !self.live_release(r) || !self.live_release(s) {
                    continue;
                }
                let key = (r.min(s).clone(), r.max(s).clone());
                let case = (both.start(), x.id.clone(), y.id.clone(), both);
                let known = first.entry(key).or_insert_with(|| case.clone());
                if (case.0, &case.1, &case.2) < (known.0, &known.1, &known.2) {
                    *known = case;
                }
            }
        }
        for ((r, s), (_, _, _, both)) in first {
            self.push(rows, RuleId::C7, Severity::Block, (&r, Some(&s)), Some(both), both.minutes());
        }
    }
}
