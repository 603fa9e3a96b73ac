//! The conformance suite: what every store promises, on real SQLite files and, where `QUORATE_TEST_POSTGRES` names a database, on
//! a real PostgreSQL (`.ci/postgres` starts one and says so).

mod faults;
mod places;
mod postgres;
mod processes;

use std::path::Path;

use super::*;

fn options() -> OpenOptions {
    OpenOptions { patience: std::time::Duration::from_millis(50), ..OpenOptions::default() }
}

fn open_at(path: &Path) -> super::Result<Store> {
    Store::open(&Location::File(path.to_owned()), &options())
}

fn open(dir: &tempfile::TempDir) -> Store {
    open_at(&dir.path().join("board.db")).unwrap()
}

/// A board that several may open.
struct Ground {
    name: &'static str,
    location: Location,
    _dir: Option<tempfile::TempDir>,
}

impl Ground {
    fn open(&self) -> Store {
        self.open_with(&options()).unwrap()
    }

    fn open_with(&self, options: &OpenOptions) -> super::Result<Store> {
        Store::open(&self.location, options)
    }

    /// As it is named to another process.
    fn named(&self) -> std::path::PathBuf {
        match &self.location {
            Location::File(path) => path.clone(),
            Location::Postgres(address) => address.to_string().into(),
            Location::Memory => unreachable!("nobody else can open it"),
        }
    }
}

/// A schema of its own in the database of the tests; none where no database is there.
fn database() -> Option<Ground> {
    let address = std::env::var("QUORATE_TEST_POSTGRES").ok().filter(|address| !address.is_empty())?;
    let schema: String = random::<8>().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    let address = Address::parse(&format!("{address}?schema=t{schema}")).unwrap();
    Some(Ground { name: "postgres", location: Location::Postgres(address), _dir: None })
}

/// Every engine on which several share a board.
fn grounds() -> Vec<Ground> {
    let dir = tempfile::tempdir().unwrap();
    let location = Location::File(dir.path().join("board.db"));
    let file = Ground { name: "file", location, _dir: Some(dir) };
    std::iter::once(file).chain(database()).collect()
}

/// All kinds of place; a promise holds in each.
fn places() -> Vec<(&'static str, Option<Ground>, Store)> {
    let shared = grounds().into_iter().map(|ground| {
        let store = ground.open();
        (ground.name, Some(ground), store)
    });
    shared.chain([("memory", None, Store::memory().unwrap())]).collect()
}

fn change(id: &str, json: &str) -> Upsert {
    Upsert { kind: "change", id: id.to_owned(), source: String::new(), json: json.as_bytes().to_vec().into() }
}

fn event(name: u8, prev: Hash) -> NewEvent {
    NewEvent { at: i64::from(name), bytes: vec![name], hash: [name; 32], prev }
}

fn committed(outcome: Outcome) -> Committed {
    match outcome {
        Outcome::Committed(done) => done,
        other => panic!("not committed: {other:?}"),
    }
}

fn all(store: &Store, after: Seq) -> Vec<CommittedRow> {
    let mut entries = Vec::new();
    store.since(after, |entry| entries.push(entry)).unwrap();
    entries
}

fn names(store: &Store, after: Seq) -> Vec<String> {
    all(store, after)
        .iter()
        .map(|entry| match entry {
            CommittedRow::Record(r) => format!("{}:{}{}", r.seq, r.id, if r.deleted { " gone" } else { "" }),
            CommittedRow::Event(e) => format!("{}:event {}", e.seq, e.number),
            CommittedRow::Outbox(seq, o) => format!("{seq}:{} {}", o.id, o.state.as_str()),
            CommittedRow::Cursor(seq, c) => format!("{seq}:{}", c.source),
        })
        .collect()
}

#[test]
fn a_new_board_is_empty_and_has_a_lineage_of_its_own() {
    let mut seen = std::collections::HashSet::new();
    for (place, _dir, store) in places() {
        let head = store.head().unwrap();
        assert_eq!((head.seq, head.events, head.hash), (0, 0, [0; 32]), "{place}");
        assert_eq!(head.lineage.as_str().len(), 32, "{place}");
        assert!(seen.insert(head.lineage), "{place}");
        assert_eq!(all(&store, 0), [], "{place}");
        assert_eq!(Rows::default().fault(head_of(&store)), None, "no record was taken out: {place}");
    }
}

#[test]
fn one_commit_stamps_everything_it_brings() {
    for (place, _dir, mut store) in places() {
        let outbox = Outbox {
            id: "w1".to_owned(),
            source: "snow".to_owned(),
            state: OutboxState::Queued,
            attempts: 0,
            next_at: Some(5),
            json: b"{}".to_vec(),
        };
        let cursor = Cursor { source: "snow".to_owned(), json: b"1".to_vec() };
        let batch = Batch {
            events: vec![event(1, [0; 32]), event(2, [1; 32])],
            upserts: vec![change("CHG1", "{}"), change("CHG2", "{}")],
            outbox: vec![outbox.clone()],
            cursors: vec![cursor],
            ..Batch::default()
        };
        let done = committed(store.commit(&batch).unwrap());
        assert_eq!(done, Committed { seq: 1, events: 1..3, added: 2, ..Committed::default() }, "{place}");
        let next = Batch {
            expect: 1,
            events: vec![event(3, [2; 32])],
            outbox: vec![Outbox { state: OutboxState::Accepted, attempts: 1, next_at: None, ..outbox }],
            ..Batch::default()
        };
        assert_eq!(committed(store.commit(&next).unwrap()).events, 3..4, "{place}");
        assert_eq!(
            names(&store, 0),
            ["1:CHG1", "1:CHG2", "1:event 1", "1:event 2", "2:event 3", "2:w1 accepted", "1:snow"],
            "{place}"
        );
        assert_eq!(names(&store, 1), ["2:event 3", "2:w1 accepted"], "{place}");
        assert_eq!(store.cursor("snow").unwrap().unwrap(), b"1", "{place}");
        let head = store.head().unwrap();
        assert_eq!((head.seq, head.events, head.hash), (2, 3, [3; 32]), "{place}");
    }
}

#[test]
fn a_batch_decided_on_an_older_board_is_told_where_it_stands() {
    for (place, _dir, mut store) in places() {
        store.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap();
        for expect in [0, 2] {
            let late = Batch { expect, upserts: vec![change("CHG1", "2")], ..Batch::default() };
            assert_eq!(store.commit(&late).unwrap(), Outcome::Moved(1), "{place} {expect}");
        }
        assert_eq!(store.detail("change", "CHG1").unwrap().unwrap().json, b"1", "{place}");
    }
}

#[test]
fn a_command_sent_twice_is_done_once() {
    for (place, _dir, mut store) in places() {
        let key = |author: &str, digest: u8, at: i64| CommandKey {
            author: author.to_owned(),
            id: [7; 16],
            digest: [digest; 32],
            at,
        };
        let command = Batch {
            command: Some(key("ann", 1, 0)),
            receipt: b"voted".to_vec(),
            events: vec![event(1, [0; 32])],
            ..Batch::default()
        };
        assert_eq!(committed(store.commit(&command).unwrap()).seq, 1, "{place}");
        let receipt = Receipt { seq: 1, body: b"voted".to_vec() };
        // Even when the board has moved on: the receipt comes before the comparison.
        assert_eq!(store.commit(&command).unwrap(), Outcome::AlreadyDone(receipt.clone()), "{place}");
        let cases = [
            ("as it was", key("ann", 1, 9), Some(Outcome::AlreadyDone(receipt))),
            ("another command under that key", key("ann", 2, 9), Some(Outcome::OtherCommand)),
            ("the key of somebody else", key("bob", 1, 9), None),
            ("another key", CommandKey { id: [8; 16], ..key("ann", 1, 9) }, None),
        ];
        for (row, key, answered) in cases {
            assert_eq!(store.answered(&key).unwrap(), answered, "{place}: {row}");
        }
        let other = Batch { command: Some(key("ann", 2, 9)), ..command.clone() };
        assert_eq!(store.commit(&other).unwrap(), Outcome::OtherCommand, "{place}");
        assert_eq!(store.head().unwrap().events, 1, "{place}");
        // A receipt of a month ago is forgotten with the next one.
        let (expect, later) = (1, key("bob", 1, RECEIPTS_KEPT + 1));
        let next =
            Batch { expect, command: Some(later), events: vec![event(2, [1; 32])], ..Batch::default() };
        assert_eq!(committed(store.commit(&next).unwrap()).seq, 2, "{place}");
        assert_eq!(store.answered(&key("ann", 1, 9)).unwrap(), None, "{place}");
    }
}

#[test]
fn records_are_replaced_buried_and_revived() {
    for (place, _dir, mut store) in places() {
        let buried = || vec![Tombstone { kind: "change", id: "CHG1".to_owned() }];
        let steps: [(&str, Batch, Committed); 5] = [
            (
                "add",
                Batch { upserts: vec![change("CHG1", "1"), change("CHG2", "1")], ..Batch::default() },
                Committed { seq: 1, events: 1..1, added: 2, ..Committed::default() },
            ),
            (
                "replace one, say the other again",
                Batch {
                    expect: 1,
                    upserts: vec![change("CHG1", "2"), change("CHG2", "1")],
                    ..Batch::default()
                },
                Committed { seq: 2, events: 1..1, changed: 1, unchanged: 1, ..Committed::default() },
            ),
            (
                "say both again",
                Batch {
                    expect: 2,
                    upserts: vec![change("CHG1", "2"), change("CHG2", "1")],
                    ..Batch::default()
                },
                Committed { seq: 2, events: 1..1, unchanged: 2, ..Committed::default() },
            ),
            (
                "bury",
                Batch { expect: 2, tombstones: buried(), ..Batch::default() },
                Committed { seq: 3, events: 1..1, deleted: 1, ..Committed::default() },
            ),
            (
                "bury again",
                Batch { expect: 3, tombstones: buried(), ..Batch::default() },
                Committed { seq: 3, events: 1..1, ..Committed::default() },
            ),
        ];
        for (step, batch, expected) in steps {
            assert_eq!(committed(store.commit(&batch).unwrap()), expected, "{place}: {step}");
        }
        assert_eq!(names(&store, 0), ["3:CHG1 gone", "1:CHG2"], "{place}");
        let gone = store.detail("change", "CHG1").unwrap().unwrap();
        assert_eq!((gone.deleted, gone.json.as_slice()), (true, b"2".as_slice()), "{place}");
        let mut buried = Vec::new();
        store.gone("change", |one| buried.push((one.id, one.seq))).unwrap();
        store.gone("release", |one| panic!("{one:?}")).unwrap();
        assert_eq!(buried, [("CHG1".to_owned(), 3)], "{place}");
        store.commit(&Batch { expect: 3, upserts: vec![change("CHG1", "2")], ..Batch::default() }).unwrap();
        assert_eq!(names(&store, 3), ["4:CHG1"], "{place}");
        let mut ids = Vec::new();
        store.records("change", |r| ids.push(r.id)).unwrap();
        assert_eq!(ids, ["CHG1", "CHG2"], "{place}");
    }
}

#[test]
fn an_event_that_does_not_follow_the_log_takes_its_whole_batch_with_it() {
    for (place, _dir, mut store) in places() {
        store.commit(&Batch { events: vec![event(1, [0; 32])], ..Batch::default() }).unwrap();
        let forged = Batch {
            expect: 1,
            events: vec![event(2, [1; 32]), event(3, [9; 32])],
            upserts: vec![change("CHG1", "{}")],
            ..Batch::default()
        };
        let error = store.commit(&forged).unwrap_err();
        assert!(matches!(error.fault, Fault::BrokenChain { number: 3 }), "{place}: {error}");
        assert_eq!(names(&store, 0), ["1:event 1"], "{place}");
    }
}

#[test]
fn a_restore_renews_the_lineage() {
    for (place, _dir, mut store) in places() {
        let before = store.head().unwrap();
        store.commit(&Batch { renew_lineage: true, ..Batch::default() }).unwrap();
        let after = store.head().unwrap();
        assert_ne!(after.lineage, before.lineage, "{place}");
        assert_eq!(after.seq, 1, "{place}");
    }
}

#[test]
fn events_come_back_byte_for_byte_and_by_range() {
    for (place, _dir, mut store) in places() {
        let events: Vec<NewEvent> = (1..=9).map(|n| event(n, [n - 1; 32])).collect();
        store.commit(&Batch { events: events.clone(), ..Batch::default() }).unwrap();
        let read = |range| {
            let mut found = Vec::new();
            store.events(range, |e| found.push(e)).unwrap();
            found
        };
        let back: Vec<NewEvent> = read(0..u64::MAX)
            .into_iter()
            .map(|e| NewEvent { at: e.at, bytes: e.bytes, hash: e.hash, prev: e.prev })
            .collect();
        assert_eq!(back, events, "{place}");
        assert_eq!(read(3..5).iter().map(|e| e.number).collect::<Vec<_>>(), [3, 4], "{place}");
        assert_eq!(read(u64::MAX..u64::MAX), [], "{place}");
    }
}

#[test]
fn unsent_text_survives_and_is_forgotten_when_emptied() {
    for ground in grounds() {
        let place = ground.name;
        let mut store = ground.open();
        store.save_draft("ana", "CHG1", "half a sen").unwrap();
        store.save_draft("ana", "CHG2", "other").unwrap();
        store.save_draft("ana", "CHG1", "half a sentence").unwrap();
        drop(store);
        let mut store = ground.open();
        assert_eq!(store.draft("ana", "CHG1").unwrap().as_deref(), Some("half a sentence"), "{place}");
        assert_eq!(store.draft("ben", "CHG1").unwrap(), None, "{place}");
        store.save_draft("ana", "CHG2", "").unwrap();
        let kept = [("CHG1".to_owned(), "half a sentence".to_owned())];
        assert_eq!(store.drafts("ana").unwrap(), kept, "{place}");
        assert_eq!(store.head().unwrap().seq, 0, "{place}");
    }
}

#[test]
fn a_token_is_made_once_and_taken_back_for_good() {
    for (place, _ground, mut store) in places() {
        let made = |id: &str, first: u8| TokenAct::Made {
            id: id.to_owned(),
            sha256: [first; 32],
            json: b"{}".to_vec(),
        };
        let act = |expect, token| Batch {
            expect,
            token: Some(token),
            cursors: vec![Cursor { source: "tokens".to_owned(), json: Vec::new() }],
            ..Batch::default()
        };
        store.commit(&act(0, made("b", 1))).unwrap();
        store.commit(&act(1, made("a", 2))).unwrap();
        // The secret of a name never changes hands.
        store.commit(&act(2, made("a", 3))).unwrap_err();
        store.commit(&act(2, TokenAct::Revoked { id: "a".to_owned(), at: 50 })).unwrap();
        store.commit(&act(3, TokenAct::Revoked { id: "a".to_owned(), at: 90 })).unwrap();
        store.tokens_used(&[("b".to_owned(), 7), ("nobody".to_owned(), 8)]).unwrap();
        store.tokens_used(&[("b".to_owned(), 5)]).unwrap();
        let row = |id: &str, first: u8, revoked, used| TokenRow {
            id: id.to_owned(),
            sha256: [first; 32],
            json: b"{}".to_vec(),
            revoked,
            used,
        };
        let all = [row("a", 2, Some(50), None), row("b", 1, None, Some(7))];
        assert_eq!(store.tokens().unwrap(), all, "{place}");
        assert_eq!(
            (store.token("b").unwrap().as_ref(), store.token("c").unwrap()),
            (all.last(), None),
            "{place}"
        );
    }
}

/// A board with something of everything that is kept.
fn rich(store: &mut Store) {
    let key = CommandKey { author: "ann".to_owned(), id: [7; 16], digest: [1; 32], at: 5 };
    let outbox = Outbox {
        id: "w1".to_owned(),
        source: "snow".to_owned(),
        state: OutboxState::Held,
        attempts: 3,
        next_at: Some(-5),
        json: b"{}".to_vec(),
    };
    let batch = Batch {
        command: Some(key),
        receipt: b"done".to_vec(),
        events: vec![event(1, [0; 32]), event(2, [1; 32])],
        upserts: vec![change("CHG1", "1"), change("CHG2", "{}")],
        outbox: vec![outbox],
        cursors: vec![Cursor { source: "snow".to_owned(), json: b"1".to_vec() }],
        token: Some(TokenAct::Made { id: "t".to_owned(), sha256: [4; 32], json: b"{}".to_vec() }),
        note: Some("noted".to_owned()),
        ..Batch::default()
    };
    store.commit(&batch).unwrap();
    let tombstones = vec![Tombstone { kind: "change", id: "CHG2".to_owned() }];
    store.commit(&Batch { expect: 1, tombstones, ..Batch::default() }).unwrap();
    store.save_draft("ann", "CHG1", "half a sen").unwrap();
    store.tokens_used(&[("t".to_owned(), 9)]).unwrap();
}

#[test]
fn a_whole_board_is_the_same_on_every_engine_it_is_taken_to() {
    for from in grounds() {
        for to in grounds() {
            let way = format!("{} to {}", from.name, to.name);
            // Each way from a board of its own.
            let from = ground_of(from.name);
            let (mut origin, mut target) = (from.open(), to.open());
            rich(&mut origin);
            let whole = origin.whole().unwrap();
            target.fill(&whole).unwrap();
            let mut there = target.whole().unwrap();
            // Rows come in no order.
            let mut here = whole;
            for whole in [&mut here, &mut there] {
                whole.records.sort_by(|a, b| a.id.cmp(&b.id));
            }
            assert_eq!(format!("{there:?}"), format!("{here:?}"), "{way}");
            assert!(there.records.iter().all(Record::holds), "{way}");
            let refused = target.fill(&here).unwrap_err();
            assert!(matches!(refused.fault, Fault::NotEmpty), "{way}: {refused}");
            // It goes on where it was.
            let next = Batch { expect: 2, events: vec![event(3, [2; 32])], ..Batch::default() };
            assert_eq!(committed(target.commit(&next).unwrap()).seq, 3, "{way}");
        }
    }
}

fn head_of(store: &Store) -> Option<Sum> {
    store.head().unwrap().records
}

fn ground_of(name: &str) -> Ground {
    grounds().into_iter().find(|ground| ground.name == name).unwrap()
}

#[test]
fn a_board_that_was_moved_is_only_read() {
    for ground in grounds() {
        let place = ground.name;
        let (mut store, mut other) = (ground.open(), ground.open());
        rich(&mut store);
        store.mark_moved(Some("elsewhere")).unwrap();
        let late = Batch { expect: 2, upserts: vec![change("CHG9", "{}")], ..Batch::default() };
        for store in [&mut store, &mut other] {
            let refused = store.commit(&late).unwrap_err();
            assert!(refused.to_string().contains("it was moved to elsewhere"), "{place}: {refused}");
        }
        let in_mode = |mode| ground.open_with(&OpenOptions { mode, ..options() });
        for mode in [Mode::Make, Mode::Write] {
            let refused = in_mode(mode).map(drop).unwrap_err();
            assert!(matches!(refused.fault, Fault::Moved(_)), "{place}: {refused}");
        }
        let read = in_mode(Mode::Read).unwrap();
        assert_eq!(
            (read.head().unwrap().seq, read.moved().unwrap().as_deref()),
            (2, Some("elsewhere")),
            "{place}"
        );
        in_mode(Mode::Move).unwrap().mark_moved(None).unwrap();
        assert_eq!(committed(other.commit(&late).unwrap()).seq, 3, "{place}");
    }
}

#[test]
fn many_records_at_once_are_counted_and_summed_as_one_by_one() {
    for (place, _ground, mut store) in places() {
        let many = |text: &str| (0..1_500).map(|n| change(&format!("CHG{n:05}"), text)).collect::<Vec<_>>();
        let twice = [many("1"), vec![change("CHG00000", "2"), change("CHG00000", "2")]].concat();
        let done = committed(store.commit(&Batch { upserts: twice, ..Batch::default() }).unwrap());
        assert_eq!((done.added, done.changed, done.unchanged), (1_500, 1, 1), "{place}");
        let again = Batch { expect: 1, upserts: many("1"), ..Batch::default() };
        let done = committed(store.commit(&again).unwrap());
        assert_eq!((done.added, done.changed, done.unchanged), (0, 1, 1_499), "{place}");
        let mut rows = Rows::default();
        let head = store.all_records(|row| rows.take(&row)).unwrap();
        assert_eq!((rows.count(), rows.fault(head.records)), (1_500, None), "{place}");
        let mut under = Vec::new();
        let said = |id: &str| Upsert { kind: "comment", ..change(id, "{}") };
        let ids = ["CHG1#2", "CHG1#10", "CHG1", "CHG1$", "CHG10#1", "chg1#1"];
        let batch = Batch { expect: 2, upserts: ids.map(said).to_vec(), ..Batch::default() };
        store.commit(&batch).unwrap();
        store.under("comment", "CHG1", |row| under.push(row.id)).unwrap();
        // Byte by byte, whatever language the database sorts in.
        assert_eq!(under, ["CHG1#10", "CHG1#2"], "{place}");
        let mut all = Vec::new();
        store.records("comment", |row| all.push(row.id)).unwrap();
        assert_eq!(all, ["CHG1", "CHG1#10", "CHG1#2", "CHG1$", "CHG10#1", "chg1#1"], "{place}");
    }
}

#[test]
fn the_start_cache_answers_only_whole_and_to_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let cache = store.start_cache().unwrap();
    assert_eq!(cache.load(b"key"), None);
    cache.save(b"key", b"a blob of some length").unwrap();
    assert_eq!(cache.load(b"key").unwrap(), b"a blob of some length");
    assert_eq!(cache.load(b"yek"), None);
    let path = dir.path().join("board.db.start");
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(cache.load(b"key"), None, "byte {at} flipped");
        std::fs::write(&path, &whole[..at]).unwrap();
        assert_eq!(cache.load(b"key"), None, "cut at {at}");
    }
}

#[test]
fn board_and_helpers_are_for_the_owner_or_the_group_never_for_all() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (shared, file, folder) in [(false, 0o600, 0o700), (true, 0o660, 0o770)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/board.db");
        let options = OpenOptions { shared, ..options() };
        let mut store = Store::open(&Location::File(path.clone()), &options).unwrap();
        store.commit(&Batch { upserts: vec![change("CHG1", "{}")], ..Batch::default() }).unwrap();
        let _lead = store.try_lead().unwrap().unwrap();
        for name in ["board.db", "board.db-wal", "board.db-shm", "board.db.lock"] {
            assert_eq!(mode(&path.with_file_name(name)), file, "{name}, shared: {shared}");
        }
        assert_eq!(mode(path.parent().unwrap()) & !0o022, folder & !0o022, "shared: {shared}");
    }
}
