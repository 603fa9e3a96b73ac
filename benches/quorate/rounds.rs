//! A board with 17,000 open rounds, asked by people: what a change of viewer and a page cost, beside the whole board once.

use std::sync::OnceLock;

use quorate::{
    calendar::Zone,
    hub::{Hub, Request, Told, local},
    source::file::How,
    wire::{Actor, Answer, Known, Problem, Question, Receipt},
};
use tokio::{runtime::Runtime, sync::oneshot};

use super::{
    board::{close, options, runtime},
    id,
    ledger::undecided,
};

const ROUNDS: u64 = 17_000;

fn actor(person: &str) -> Actor {
    Actor { person: Some(id(person)), login: person.into(), via: None, known: Known::Claimed }
}

fn boarded() -> &'static tempfile::TempDir {
    static BOARD: OnceLock<tempfile::TempDir> = OnceLock::new();
    BOARD.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let people: Vec<_> = ["a", "b", "c", "d", "e"].map(|id| serde_json::json!({"id": id})).to_vec();
        let mut file = serde_json::to_value(undecided(ROUNDS)).unwrap();
        file["version"] = 1.into();
        file["people"] = people.into();
        // Secret votes are the dearest to a viewer: each is theirs alone.
        file["policies"] = serde_json::json!([{"id": "default", "board": "cab", "secret": true}]);
        let bytes = serde_json::to_vec(&file).unwrap();
        runtime().block_on(async {
            let hub = local::open(options(&dir.path().join("board.db"))).await.unwrap();
            let (reply, answer) = oneshot::channel::<Result<Receipt, Problem>>();
            let how = How {
                format: None,
                map: None,
                told: Told::default(),
                sheet: None,
                kind: None,
                board: None,
                zone: Zone::UTC,
            };
            let request = Request::Import {
                id: [1; 16],
                actor: actor("a"),
                name: "board.json".into(),
                bytes,
                how: Box::new(how),
                dry_run: false,
                reply,
            };
            assert!(hub.requests.send(request).await.is_ok());
            answer.await.unwrap().unwrap();
            close(hub).await;
        });
        dir
    })
}

/// A hub on the board whose rows are all there.
fn open(runtime: &Runtime) -> Hub {
    let board = boarded().path().join("board.db");
    let hub = runtime.block_on(local::open(local::Options { cache: false, ..options(&board) })).unwrap();
    assert_eq!(hub.snapshot.borrow().tallies.len() as u64, ROUNDS);
    hub
}

async fn ask(hub: &Hub, person: &str, question: Question) -> Answer {
    let (reply, answer) = oneshot::channel();
    assert!(hub.requests.send(Request::Ask { actor: actor(person), question, reply }).await.is_ok());
    answer.await.unwrap().unwrap()
}

/// Two people by turns: what is somebody's own on the whole board (goal 5 ms).
#[divan::bench(sample_count = 50)]
fn change_of_viewer(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let hub = open(&runtime);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        let person = ["a", "b"][turn % 2];
        runtime.block_on(ask(&hub, person, Question::Personal))
    });
}

/// The page of one of them (goal 5 ms).
#[divan::bench(sample_count = 50)]
fn detail(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let hub = open(&runtime);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        let id = id(&format!("CHG{:07}", (turn * 37) % ROUNDS));
        runtime.block_on(ask(&hub, "b", Question::Detail { id }))
    });
}

/// The reference: the same board opened from nothing.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn reference_open_from_nothing(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    boarded();
    bencher.bench_local(|| open(&runtime));
}
