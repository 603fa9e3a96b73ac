//! Several users of one board: they see each other, one of them leads, and nothing is lost between them.

use std::{sync::Barrier, thread, time::Duration};

use super::*;

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(20), work).await.expect("nothing came") })
}

#[test]
fn two_who_open_a_new_board_at_once_get_the_same_one() {
    for ground in grounds() {
        let start = Barrier::new(8);
        let lineages: std::collections::HashSet<Lineage> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        ground.open_with(&OpenOptions::default()).unwrap().head().unwrap().lineage
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(lineages.len(), 1, "{}", ground.name);
    }
}

#[test]
fn of_two_who_decided_on_the_same_board_one_is_told_to_look_again() {
    for ground in grounds() {
        let (mut a, mut b) = (ground.open(), ground.open());
        let batch = Batch { upserts: vec![change("CHG1", "a")], ..Batch::default() };
        assert_eq!(committed(a.commit(&batch).unwrap()).seq, 1, "{}", ground.name);
        assert_eq!(b.commit(&batch).unwrap(), Outcome::Moved(1), "{}", ground.name);
        assert_eq!(names(&b, 0), ["1:CHG1"], "{}", ground.name);
    }
}

#[test]
fn writers_in_a_race_append_one_unbroken_chain() {
    for ground in grounds() {
        drop(ground.open());
        thread::scope(|scope| {
            for writer in 1..=4u8 {
                let ground = &ground;
                scope.spawn(move || race(&mut ground.open_with(&OpenOptions::default()).unwrap(), writer));
            }
        });
        let (mut number, mut hash) = (0, [0; 32]);
        ground
            .open()
            .events(0..u64::MAX, |event| {
                assert_eq!((event.number, event.seq, event.prev), (number + 1, number + 1, hash));
                (number, hash) = (event.number, event.hash);
            })
            .unwrap();
        assert_eq!(number, 100, "{}", ground.name);
    }
}

/// Appends twenty-five events, each when nobody else was faster.
fn race(store: &mut Store, writer: u8) {
    let mut left = 25;
    while left > 0 {
        let head = store.head().unwrap();
        let mut hash = [writer; 32];
        hash[..8].copy_from_slice(&head.events.to_le_bytes());
        let event = NewEvent { at: 0, bytes: vec![writer], hash, prev: head.hash };
        let batch = Batch { expect: head.seq, events: vec![event], ..Batch::default() };
        match store.commit(&batch).unwrap() {
            Outcome::Committed(_) => left -= 1,
            Outcome::Moved(_) => {}
            Outcome::AlreadyDone(_) | Outcome::OtherCommand => unreachable!("no command was named"),
        }
    }
}

#[test]
fn a_foreign_commit_wakes_and_shows_and_an_own_one_is_no_news() {
    for ground in grounds() {
        let (mut a, mut b) = (ground.open(), ground.open());
        let mut watch = a.watch();
        assert!(!watch.polls());
        assert!(!a.changed_elsewhere().unwrap());
        for round in 0..50 {
            let upserts = vec![change("CHG1", &round.to_string())];
            let batch = Batch { expect: round, upserts, ..Batch::default() };
            // On another thread, so that the watch may wake before the commit can be seen.
            thread::scope(|scope| {
                scope.spawn(|| b.commit(&batch).unwrap());
                on_runtime(async {
                    while !a.changed_elsewhere().unwrap() {
                        watch.wait_change().await;
                    }
                });
            });
            assert_eq!(names(&a, round).len(), 1, "{}", ground.name);
        }
        a.commit(&Batch { expect: 50, upserts: vec![change("CHG1", "own")], ..Batch::default() }).unwrap();
        assert!(!a.changed_elsewhere().unwrap(), "{}", ground.name);
        assert!(b.changed_elsewhere().unwrap(), "{}", ground.name);
    }
}

#[test]
fn one_leads_and_the_next_takes_over_when_it_goes() {
    for ground in grounds() {
        let (a, b) = (ground.open(), ground.open());
        let lead = a.try_lead().unwrap().expect("nobody leads yet");
        assert!(lead.holds() && b.try_lead().unwrap().is_none(), "{}", ground.name);
        let next = b.wait_lead().unwrap();
        drop(lead);
        let lead = on_runtime(next).unwrap();
        assert!(a.try_lead().unwrap().is_none(), "{}", ground.name);
        drop(lead);
        // Who stopped waiting does not keep the lead from others.
        let lead = a.try_lead().unwrap().unwrap();
        drop(b.wait_lead().unwrap());
        drop(lead);
        drop(on_runtime(a.wait_lead().unwrap()).unwrap());
    }
}

#[test]
fn a_board_in_memory_has_one_user_who_leads() {
    let store = Store::memory().unwrap();
    assert!(store.try_lead().unwrap().is_some());
    assert!(on_runtime(store.wait_lead().unwrap()).is_ok());
    assert!(store.path().is_none() && store.start_cache().is_none());
}

/// Set for the second self of a test that needs another process to kill.
const BOARD: &str = "QUORATE_TEST_BOARD";

/// A process that is killed at the latest when its test ends, however that ends.
struct Other(std::process::Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the test of this name in a process of its own, with the board of that name.
fn other_process(test: &str, board: &Path) -> Other {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", test])
        .env(BOARD, board)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    Other(child)
}

/// The lines that the other process says about the board.
fn lines(child: &mut Other) -> impl Iterator<Item = u64> + use<> {
    use std::io::BufRead;
    let out = std::io::BufReader::new(child.0.stdout.take().unwrap());
    out.lines()
        .map_while(std::result::Result::ok)
        .filter_map(|line| line.strip_prefix("board ")?.parse().ok())
}

/// The board that the other process is told of.
fn told(board: &str) -> Store {
    Store::open(&Location::named(Path::new(board)).unwrap(), &options()).unwrap()
}

#[test]
fn the_lead_of_a_killed_process_goes_to_the_next() {
    if let Ok(board) = std::env::var(BOARD) {
        let store = told(&board);
        let _lead = store.try_lead().unwrap().unwrap();
        println!("\nboard 1");
        loop {
            thread::park();
        }
    }
    for ground in grounds() {
        let store = ground.open();
        let test = "store::tests::processes::the_lead_of_a_killed_process_goes_to_the_next";
        let mut child = other_process(test, &ground.named());
        assert_eq!(lines(&mut child).next(), Some(1), "{}", ground.name);
        assert!(store.try_lead().unwrap().is_none(), "{}", ground.name);
        let next = store.wait_lead().unwrap();
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        on_runtime(next).unwrap();
    }
}

#[test]
fn what_a_killed_process_was_told_is_saved_stays_saved() {
    if let Ok(board) = std::env::var(BOARD) {
        let mut store = told(&board);
        println!();
        loop {
            let head = store.head().unwrap();
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&(head.events + 1).to_le_bytes());
            let event = NewEvent { at: 0, bytes: vec![7; 300], hash, prev: head.hash };
            let upsert = change("CHG1", &head.events.to_string());
            let batch =
                Batch { expect: head.seq, events: vec![event], upserts: vec![upsert], ..Batch::default() };
            println!("board {}", committed(store.commit(&batch).unwrap()).seq);
        }
    }
    for told in [1, 7, 40] {
        for ground in grounds() {
            drop(ground.open());
            let test = "store::tests::processes::what_a_killed_process_was_told_is_saved_stays_saved";
            let mut child = other_process(test, &ground.named());
            let mut said = lines(&mut child);
            let reached = said.by_ref().find(|seq| *seq >= told).unwrap();
            child.0.kill().unwrap();
            // What it was told before it died, however far the pipe had come.
            let last = said.last().unwrap_or(reached);
            child.0.wait().unwrap();
            let store = ground.open();
            let head = store.head().unwrap();
            // One more may be saved than it lived to say; never less, never half.
            assert!(head.seq == last || head.seq == last + 1, "{}: {head:?}, told {last}", ground.name);
            assert_eq!(head.events, head.seq);
            let record = store.detail("change", "CHG1").unwrap().unwrap();
            assert_eq!((record.seq, record.json), (head.seq, (head.events - 1).to_string().into_bytes()));
            assert_eq!(store.check().unwrap(), Vec::<String>::new());
        }
    }
}
