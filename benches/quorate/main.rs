//! What everything costs, against the budgets of the design: `cargo bench --bench quorate [filter]` prints a table.
//! Rules and calendar are here, the rest has files of its own.
#![allow(clippy::field_reassign_with_default, reason = "a board is described line by line")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot make its input has nothing to measure, and it prints a table"
)]

mod board;
mod first_sync;
mod frames;
mod ledger;
mod notices;
mod numbers;
mod outside;
mod rounds;
mod served;

use std::hint::black_box;

use std::sync::Arc;

use quorate::{
    calendar::{Recurring, Zone},
    model::{
        Change, Id, Impact, Instant, Kind, Phase, Record, Release, Risk, RuleId, Service, Settings, Severity,
        SourceId, Span, State, Stored, When, Window, WindowKind, time::DAY, time::HOUR, time::MINUTE,
    },
    rules::{
        conflict::{Nothing, detect, redetect},
        facts::Facts,
        slots::{Ask, slots},
        whatif::what_if,
    },
    tui::{
        glyph::UNICODE,
        input::Action,
        theme::{Look, Styles},
        view::calendar::{Calendar, Scene},
    },
    wire::{ActivityKind, ActivityRow, Clashes, Snapshot, Standing, StateWord, row::WordOf},
};
use ratatui::{buffer::Buffer, layout::Rect};

fn main() {
    divan::main();
    // Nothing is measured where benches are only listed or tried.
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if asked.iter().all(|argument| argument == "outside") {
        outside::table();
    }
    if asked.iter().any(|argument| argument == "served") {
        served::table();
    }
}

/// A year that starts on a Thursday.
const START: Instant = Instant::from_secs(1_767_225_600);

/// A small generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn secs(&mut self, limit: i64) -> i64 {
        i64::try_from(self.below(u64::try_from(limit).unwrap())).unwrap()
    }
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn stored(record: Record) -> Stored {
    Stored { source: SourceId::board(), record }
}

fn change(n: u64, start: Instant, secs: i64, services: Vec<String>) -> Change {
    Change {
        state: State::Scheduled.into(),
        risk: quorate::model::Risk::Low.into(),
        services: services.into_iter().map(Into::into).collect(),
        planned_start: Some(start),
        planned_end: Some(start.plus(secs)),
        submitted_at: Some(start.plus(-30 * DAY)),
        rollback_plan: "put the old one back".into(),
        rollback_minutes: Some(30),
        ..Change::new(id(&format!("CHG{n:07}")))
    }
}

/// As the log of a bank: 18,000 changes, most of half a year, on some 10,000 CIs of which a few have hundreds; half
/// last less than ten hours, a tenth more than nine days; about as many pairs as there, 37,000.
fn bank() -> Facts {
    let mut dice = Dice(7);
    let records = (0..18_000)
        .map(|n| {
            let start = START.plus(dice.secs(200 * DAY / MINUTE) * MINUTE);
            let services = match dice.below(10) {
                0..=3 => vec![format!("NET{}", dice.below(40).min(dice.below(40)))],
                4 => (0..8).map(|_| format!("CI{}", dice.below(10_000))).collect(),
                _ => vec![format!("CI{}", dice.below(10_000))],
            };
            let secs = match dice.below(20) {
                0..=9 => HOUR + dice.secs(9 * HOUR),
                10..=14 => 10 * HOUR + dice.secs(110 * HOUR),
                15..=17 => 120 * HOUR + dice.secs(105 * HOUR),
                _ => 225 * HOUR + dice.secs(400 * HOUR),
            };
            stored(Record::from(change(n, start, secs, services)))
        })
        .collect();
    let mut settings = Settings::default();
    settings.off = RuleId::ALL.into_iter().filter(|rule| *rule != RuleId::C1).collect();
    let mut facts = Facts::new(settings);
    facts.apply(records, Vec::new());
    facts
}

/// A board of `n` activities over a year: a tenth phases, services that depend on each other, 1,000 windows.
fn board(n: u64) -> Facts {
    let mut dice = Dice(11);
    let services = (n / 50).max(10);
    let mut records = Vec::new();
    for at in 0..services {
        let depends_on = (0..2).map(|_| format!("svc-{}", dice.below(services)).into()).collect();
        let json = serde_json::json!({"id": format!("svc-{at}")});
        let service: Service = serde_json::from_value(json).unwrap();
        records.push(stored(Record::Service(Box::new(Service { depends_on, ..service }))));
    }
    let spot = |dice: &mut Dice| START.plus(dice.secs(365 * 96) * 15 * MINUTE);
    let on = |dice: &mut Dice| (0..=dice.below(2)).map(|_| format!("svc-{}", dice.below(services))).collect();
    for at in 0..n * 9 / 10 {
        let (start, secs) = (spot(&mut dice), HOUR + dice.secs(16) * 15 * MINUTE);
        let mut one = change(at, start, secs, on(&mut dice));
        one.environment = Some(["production", "test"][usize::from(dice.below(4) == 0)].into());
        one.owner = Some(format!("person-{}", dice.below(n / 20 + 1)).into());
        one.release = (dice.below(20) == 0).then(|| id(&format!("REL-{}", dice.below(n / 20 + 1))));
        records.push(stored(Record::from(one)));
    }
    for at in 0..n / 20 {
        let mut release = Release::new(id(&format!("REL-{at}")));
        for name in ["canary", "rest"] {
            let json = serde_json::json!({"id": name});
            let phase: Phase = serde_json::from_value(json).unwrap();
            let start = spot(&mut dice);
            let services: Vec<String> = on(&mut dice);
            release.phases.push(Phase {
                start: Some(start),
                end: Some(start.plus(4 * HOUR)),
                environment: Some("production".into()),
                services: services.into_iter().map(Into::into).collect(),
                ..phase
            });
        }
        records.push(stored(Record::Release(Box::new(release))));
    }
    records.extend(
        windows(&mut dice, services).into_iter().map(|window| stored(Record::Window(Box::new(window)))),
    );
    let mut facts = Facts::new(Settings::default());
    facts.apply(records, Vec::new());
    facts
}

/// 800 windows that occur once, 200 that recur.
fn windows(dice: &mut Dice, services: u64) -> Vec<Window> {
    (0..1_000)
        .map(|at| {
            let kind = if at % 5 == 0 { WindowKind::Freeze } else { WindowKind::Maintenance };
            let start = START.plus(dice.secs(365 * 24) * HOUR).to_utc().format("%Y-%m-%dT%H:%M").to_string();
            let end = start.parse::<chrono::NaiveDateTime>();
            let end = end.unwrap_or_else(|_| chrono::NaiveDateTime::parse_from_str(&start, "%Y-%m-%dT%H:%M").unwrap());
            let end = (end + chrono::Duration::hours(4)).format("%Y-%m-%dT%H:%M").to_string();
            let scope = serde_json::json!({"services": [format!("svc-{}", dice.below(services))]});
            let mut json = serde_json::json!({"id": format!("win-{at}"), "kind": kind.to_string(), "scope": scope,
                "start": start, "end": end, "zone": "Europe/Madrid"});
            if at < 200 {
                json["rrule"] = serde_json::json!(["FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=2"][at % 2]);
            }
            serde_json::from_value(json).unwrap()
        })
        .collect()
}

#[divan::bench(sample_count = 20)]
fn c1_on_a_bank_log(bencher: divan::Bencher<'_, '_>) {
    let facts = bank();
    println!("\n{} pairs", detect(&facts, START, &Nothing).len());
    bencher.bench_local(|| detect(black_box(&facts), START, &Nothing));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 10)]
fn all_rules(bencher: divan::Bencher<'_, '_>, n: u64) {
    let facts = board(n);
    println!("\n{n} activities: {} rows", detect(&facts, START, &Nothing).len());
    bencher.bench_local(|| detect(black_box(&facts), START, &Nothing));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 200)]
fn one_edit(bencher: divan::Bencher<'_, '_>, n: u64) {
    let mut facts = board(n);
    let mut dice = Dice(3);
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 7_919) % (n * 9 / 10);
        let mut edited = facts.change(&id(&format!("CHG{at:07}"))).unwrap().clone();
        let start = START.plus(dice.secs(365 * 96) * 15 * MINUTE);
        edited.planned_start = Some(start);
        edited.planned_end = Some(start.plus(2 * HOUR));
        let dirty = facts.apply(vec![stored(Record::from(edited))], Vec::new());
        redetect(&facts, &dirty, START, &Nothing)
    });
}

#[divan::bench(args = [10_000, 100_000], sample_count = 50)]
fn free_slots(bencher: divan::Bencher<'_, '_>, n: u64) {
    let facts = board(n);
    let from = START.plus(180 * DAY);
    let ask = Ask { from, until: from.plus(14 * DAY), count: usize::MAX, severity: Severity::Warn };
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 7_919) % (n * 9 / 10);
        slots(&facts, &id(&format!("CHG{at:07}")), ask, START, &Nothing)
    });
}

#[divan::bench(sample_count = 50)]
fn what_if_100k(bencher: divan::Bencher<'_, '_>) {
    let facts = board(100_000);
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 7_919) % 90_000;
        what_if(&facts, &id(&format!("CHG{at:07}")), START.plus(100 * DAY), START, &Nothing)
    });
}

#[divan::bench(args = [0, 10], sample_count = 20)]
fn recurrence_of_1000_rules(bencher: divan::Bencher<'_, '_>, years_back: i64) {
    let rules = [
        "FREQ=WEEKLY;BYDAY=WE",
        "FREQ=DAILY",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
    ];
    let day = START.plus(-years_back * 366 * DAY).to_utc().format("%Y-%m-%d").to_string();
    let windows: Vec<Window> = (0..1_000)
        .map(|at| {
            let json = serde_json::json!({"id": format!("w{at}"), "kind": "maintenance", "rrule": rules[at % 5],
                "start": format!("{day}T{:02}:00", at % 20), "end": format!("{day}T{:02}:30", at % 20 + 2),
                "zone": "Europe/Madrid"});
            serde_json::from_value(json).unwrap()
        })
        .collect();
    let year = Span::new(START, START.plus(365 * DAY)).unwrap();
    bencher.bench_local(|| {
        let all = windows
            .iter()
            .map(|window| Recurring::new(window, Zone::UTC).unwrap().expand(year).unwrap().len());
        all.sum::<usize>()
    });
}

#[divan::bench(sample_count = 3)]
fn facts_of_100k(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| board(100_000));
}

/// One slim row of a year's calendar.
fn row(at: u64, dice: &mut Dice) -> ActivityRow {
    let start = START.plus(dice.secs(365 * 96) * 15 * MINUTE);
    let when = When::of(Some(start), Some(start.plus(HOUR + dice.secs(16) * 15 * MINUTE)));
    let service = format!("svc-{}", dice.below(200));
    let open = dice.below(12) == 0;
    let state = if open { State::Authorize } else { State::Scheduled };
    ActivityRow {
        id: id(&format!("CHG{at:07}")),
        item: id(&format!("CHG{at:07}")),
        kind: ActivityKind::Change(WordOf::known(Kind::Normal)),
        title: format!("Routine work number {at}").into(),
        state: StateWord::Change(WordOf::known(state)),
        standing: if open { Standing::Open } else { Standing::Approved },
        risk: WordOf::known(Risk::Low),
        treated_risk: Risk::Low,
        impact: Impact::Low,
        services: [service.as_str().into()].into(),
        service_ids: [id(&service)].into(),
        class: Some(format!("class-{}", dice.below(16)).into()),
        environment: Some("production".into()),
        owner: Some(format!("person-{}", dice.below(60)).into()),
        requester: None,
        group: None,
        release: None,
        source: SourceId::board(),
        when,
        planned: when,
        started: None,
        ended: None,
        outcome: None,
        approval: None,
        live: true,
        rollback_minutes: Some(30),
        has_rollback_plan: true,
        has_test_plan: true,
        clashes: Clashes { warn: u16::from(dice.below(9) == 0), ..Clashes::default() },
        review_due: false,
        fault: false,
        updated_at: None,
        url: None,
    }
}

/// The Calendar screen at 160×46 over 10,000 activities and 200 windows that recur, after `keys`; an action a sample.
fn calendar(bencher: divan::Bencher<'_, '_>, keys: &[Action], cycle: &[Action]) {
    let mut dice = Dice(5);
    let mut snapshot = Snapshot::empty(START.plus(180 * DAY));
    snapshot.activities =
        (0..10_000).map(|at| row(at, &mut dice)).map(|row| (row.id.clone(), Arc::new(row))).collect();
    let recurring = windows(&mut dice, 200).into_iter().filter(|window| window.rrule.is_some());
    snapshot.windows = recurring.map(|window| (window.id.clone(), Arc::new(window))).collect();
    let (snapshot, now) = (Arc::new(snapshot), START.plus(180 * DAY));
    let look = Look { styles: Styles::plain(), glyphs: &UNICODE };
    let zone = Zone::named("Europe/Madrid").unwrap();
    let settings = quorate::config::CalendarSettings::default();
    let sieve = quorate::wire::filter::Filter::default();
    let keymap = quorate::tui::input::Keymap::default();
    let scene = Scene {
        snapshot: &snapshot,
        look: &look,
        now,
        zone,
        filter: "",
        sieve: &sieve,
        focused: true,
        settings: &settings,
        keymap: &keymap,
    };
    let mut calendar = Calendar::default();
    let mut buf = Buffer::empty(Rect::new(0, 0, 160, 46));
    let mut step = |action: Option<Action>| {
        if let Some(action) = action {
            calendar.act_in(&scene, action);
        }
        buf.reset();
        let area = buf.area;
        calendar.draw_in(&scene, &mut buf, area);
    };
    step(None);
    keys.iter().for_each(|key| step(Some(*key)));
    let mut at = 0;
    bencher.bench_local(|| {
        step(Some(cycle[at % cycle.len()]));
        at += 1;
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn calendar_week_forward(bencher: divan::Bencher<'_, '_>) {
    calendar(bencher, &[], &[Action::NextPeriod]);
}

/// From 5 minutes to a week a cell and back; at the coarsest all 10,000 are in view.
#[divan::bench(sample_count = 192, sample_size = 1)]
fn calendar_zoom(bencher: divan::Bencher<'_, '_>) {
    let (out, back) = (vec![Action::ZoomOut; 8], vec![Action::ZoomIn; 8]);
    calendar(bencher, &[Action::ZoomIn; 4], &[out, back].concat());
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn calendar_cursor(bencher: divan::Bencher<'_, '_>) {
    calendar(bencher, &[], &[Action::Down, Action::Right, Action::Up, Action::Left]);
}
