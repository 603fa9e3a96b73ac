//! A board on disk: a bank's export imported, and the start on it, from its cache and from nothing.

use std::{fmt::Write as _, path::Path, sync::OnceLock};

use quorate::{
    calendar::Zone,
    hub::{Clock, Hub, Request, local},
    source::file::How,
    wire::{Actor, Known, Problem, Receipt},
};
use tokio::{runtime::Runtime, sync::oneshot};

use super::{Dice, START};

/// The column map of the bank's export.
const MAP: &str = include_str!("../../tests/fixtures/bpi2014.map.toml");
const HEADER: &str = include_str!("../../tests/fixtures/bpi2014.csv");

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn options(board: &Path) -> local::Options {
    let location = quorate::store::Location::File(board.to_owned());
    local::Options::file(board, Clock::Fixed(START), local::Identity::of_process(&location, None))
}

/// A change log as the bank exports it: a row per affected CI, 30,000 rows of 18,000 changes on 10,000 CIs in half a year.
fn table() -> String {
    let mut dice = Dice(9);
    let mut text = HEADER.lines().next().unwrap().to_owned();
    let columns: Vec<String> = text.split(';').map(str::to_owned).collect();
    text.push('\n');
    for n in 0..18_000 {
        let (day, hour, long) = (dice.below(180), dice.below(24), 1 + dice.below(6));
        let at = |hours: u64| {
            let time = START.plus(i64::try_from((day * 24 + hours) * 3600).unwrap());
            Zone::UTC.local(time).format("%d-%m-%Y %H:%M").to_string()
        };
        for _ in 0..1 + u64::from(n % 3 != 0) {
            let ci = format!("SRV{:06}", dice.below(10_000));
            let cell = |column: &String| match column.as_str() {
                "CI Name (aff)" => ci.clone(),
                "CI Type (aff)" => "application".to_owned(),
                "CI Subtype (aff)" => "Server Based Application".to_owned(),
                "Service Component WBS (aff)" => "WBS000072".to_owned(),
                "Change ID" => format!("C{n:08}"),
                "Change Type" => "Release Type 04".to_owned(),
                "Risk Assessment" => "Minor Change".to_owned(),
                "Emergency Change" | "CAB-approval needed" => "N".to_owned(),
                "Planned Start" | "Actual Start" | "Change record Open Time" => at(hour),
                "Planned End" | "Actual End" | "Change record Close Time" => at(hour + long),
                _ => String::new(),
            };
            let row: Vec<String> = columns.iter().map(cell).collect();
            writeln!(text, "{}", row.join(";")).unwrap();
        }
    }
    text
}

async fn import(hub: &Hub, bytes: Vec<u8>) -> Receipt {
    let (reply, answer) = oneshot::channel::<Result<Receipt, Problem>>();
    let actor = Actor { person: None, login: "bench".into(), via: None, known: Known::Claimed };
    let how = How {
        format: None,
        map: Some(("bank.toml".to_owned(), MAP.to_owned())),
        told: quorate::hub::Told::default(),
        sheet: None,
        kind: None,
        board: None,
        zone: Zone::UTC,
    };
    let how = Box::new(how);
    let request =
        Request::Import { id: [1; 16], actor, name: "bank.csv".into(), bytes, how, dry_run: false, reply };
    assert!(hub.requests.send(request).await.is_ok());
    answer.await.unwrap().unwrap()
}

pub async fn close(hub: Hub) {
    let (reply, closed) = oneshot::channel();
    assert!(hub.requests.send(Request::Close { reply }).await.is_ok());
    closed.await.unwrap().unwrap();
}

/// From the bytes of the table to the receipt: records in SQLite, conflicts derived. The cache for the next start is made
/// after that.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_30_000_rows(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let table = table().into_bytes();
    bencher.with_inputs(|| (tempfile::tempdir().unwrap(), table.clone())).bench_local_values(
        |(dir, table)| {
            runtime.block_on(async {
                let hub = local::open(options(&dir.path().join("board.db"))).await.unwrap();
                let receipt = import(&hub, table).await;
                (dir, hub, receipt)
            })
        },
    );
}

/// A board with the table imported and a cache of its snapshot beside it.
fn imported() -> &'static tempfile::TempDir {
    static BOARD: OnceLock<tempfile::TempDir> = OnceLock::new();
    BOARD.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        runtime().block_on(async {
            let hub = local::open(options(&dir.path().join("board.db"))).await.unwrap();
            import(&hub, table().into_bytes()).await;
            close(hub).await;
        });
        dir
    })
}

/// Until there is a first snapshot to draw.
fn start(bencher: divan::Bencher<'_, '_>, cache: bool) {
    let (runtime, board) = (runtime(), imported().path().join("board.db"));
    bencher.with_inputs(|| local::Options { cache, ..options(&board) }).bench_local_values(|options| {
        let hub = runtime.block_on(local::open(options)).unwrap();
        assert_eq!(hub.snapshot.borrow().provisional, cache);
        hub
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn start_from_cache(bencher: divan::Bencher<'_, '_>) {
    start(bencher, true);
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn start_from_nothing(bencher: divan::Bencher<'_, '_>) {
    start(bencher, false);
}
