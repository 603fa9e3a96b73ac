//! Files that go away, come back as others, or are read where nothing can be written.

use std::{fs, path::PathBuf};

use super::*;

fn name(path: &Path, suffix: &str) -> PathBuf {
    path.with_file_name(format!("board.db{suffix}"))
}

fn one(expect: Seq, json: &str) -> Batch {
    Batch { expect, upserts: vec![change("CHG1", json)], ..Batch::default() }
}

fn in_mode(path: &Path, mode: Mode) -> super::Result<Store> {
    Store::open(&Location::File(path.to_owned()), &OpenOptions { mode, ..options() })
}

/// Spoils the board at a path while it is open. The other path holds another board, at rest.
type Spoil = fn(&Path, &Path);

#[test]
fn a_commit_that_nobody_would_find_is_refused_and_stays_refused() {
    let rows: [(&str, Spoil, &str); 14] = [
        (
            "removed",
            |p, _| ["", "-wal", "-shm"].iter().for_each(|s| fs::remove_file(name(p, s)).unwrap()),
            "not there any more",
        ),
        ("its file alone removed", |p, _| fs::remove_file(p).unwrap(), "not there any more"),
        (
            "its log removed",
            |p, _| fs::remove_file(name(p, "-wal")).unwrap(),
            "board.db-wal beside it was removed",
        ),
        (
            "its shared file removed",
            |p, _| fs::remove_file(name(p, "-shm")).unwrap(),
            "board.db-shm beside it was removed",
        ),
        (
            "a copy put in its place",
            |p, _| {
                fs::copy(p, name(p, ".bak")).unwrap();
                fs::rename(name(p, ".bak"), p).unwrap();
            },
            "another file lies there now",
        ),
        (
            "another board put in its place",
            |p, other| fs::rename(other, p).unwrap(),
            "another file lies there now",
        ),
        (
            "another board copied into it",
            |p, other| assert!(fs::copy(other, p).unwrap() > 0),
            "another board was copied into it",
        ),
        (
            "its log replaced",
            |p, _| {
                fs::copy(name(p, "-wal"), name(p, ".log")).unwrap();
                fs::rename(name(p, ".log"), name(p, "-wal")).unwrap();
            },
            "board.db-wal beside it was replaced",
        ),
        (
            "its log cut to nothing",
            |p, _| fs::write(name(p, "-wal"), "").unwrap(),
            "board.db-wal was cut short",
        ),
        (
            "its log cut by a page",
            |p, _| {
                let log = fs::File::options().write(true).open(name(p, "-wal")).unwrap();
                log.set_len(log.metadata().unwrap().len() - 4096).unwrap();
            },
            "board.db-wal was cut short",
        ),
        (
            "cut to nothing",
            |p, _| fs::File::options().write(true).open(p).unwrap().set_len(0).unwrap(),
            "it was cut short",
        ),
        (
            "cut in half",
            |p, _| {
                let file = fs::File::options().write(true).open(p).unwrap();
                file.set_len(file.metadata().unwrap().len() / 2).unwrap();
            },
            "it was cut short",
        ),
        ("overwritten", |p, _| fs::write(p, vec![b'x'; 1 << 20]).unwrap(), "no SQLite file any more"),
        (
            "its directory moved",
            |p, _| {
                let dir = p.parent().unwrap();
                fs::rename(dir, dir.with_file_name("moved")).unwrap();
            },
            "not there any more",
        ),
    ];
    for (row, spoil, words) in rows {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("here/board.db");
        let other = dir.path().join("other.db");
        committed(open_at(&other).unwrap().commit(&one(0, "other")).unwrap());
        committed(open_at(&path).unwrap().commit(&one(0, "before")).unwrap());
        let mut store = open_at(&path).unwrap();
        committed(store.commit(&one(1, "while open")).unwrap());
        assert!(!store.changed_elsewhere().unwrap(), "{row}");
        spoil(&path, &other);
        for _ in 0..2 {
            let error = store.commit(&one(2, "lost")).unwrap_err().to_string();
            assert!(error.contains(words), "{row}: {error}");
        }
        let error = store.changed_elsewhere().unwrap_err().to_string();
        assert!(error.contains(words), "{row}: {error}");
        let draft = store.save_draft("ana", "CHG1", "text").unwrap_err().to_string();
        assert!(draft.contains(words), "{row}: {draft}");
    }
}

#[test]
fn an_older_copy_of_the_same_board_copied_into_it_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    committed(open_at(&path).unwrap().commit(&one(0, "1")).unwrap());
    let old = fs::read(&path).unwrap();
    committed(open_at(&path).unwrap().commit(&one(1, "2")).unwrap());
    let mut store = open_at(&path).unwrap();
    fs::write(&path, old).unwrap();
    let error = store.commit(&one(2, "3")).unwrap_err().to_string();
    assert!(error.contains("an older copy of the board was copied into it"), "{error}");
}

#[test]
fn who_goes_while_another_board_lies_there_leaves_that_one_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut first = open_at(&path).unwrap();
    committed(first.commit(&one(0, "first")).unwrap());
    ["", "-wal", "-shm"].iter().for_each(|s| fs::remove_file(name(&path, s)).unwrap());
    let mut second = open_at(&path).unwrap();
    committed(second.commit(&one(0, "second")).unwrap());
    drop(first);
    committed(second.commit(&one(1, "second again")).unwrap());
    let fresh = open_at(&path).unwrap();
    assert_eq!(fresh.detail("change", "CHG1").unwrap().unwrap().json, b"second again");
}

#[test]
fn what_was_acknowledged_before_the_log_was_removed_is_carried_over_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut store = open_at(&path).unwrap();
    committed(store.commit(&one(0, "acknowledged")).unwrap());
    ["-wal", "-shm"].iter().for_each(|s| fs::remove_file(name(&path, s)).unwrap());
    store.commit(&one(1, "refused")).unwrap_err();
    drop(store);
    assert_eq!(open_at(&path).unwrap().detail("change", "CHG1").unwrap().unwrap().json, b"acknowledged");
}

#[test]
fn the_last_one_leaves_one_file_that_is_the_board() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let (mut a, b) = (open_at(&path).unwrap(), open_at(&path).unwrap());
    committed(a.commit(&one(0, "1")).unwrap());
    drop(a);
    assert!(name(&path, "-wal").exists(), "somebody still works");
    drop(b);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left, ["board.db"]);
    let copy = dir.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_eq!(names(&open_at(&copy).unwrap(), 0), ["1:CHG1"]);
}

#[test]
fn only_who_may_make_a_board_makes_one() {
    for mode in [Mode::Write, Mode::Read] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/typo.db");
        let error = in_mode(&path, mode).unwrap_err();
        assert!(matches!(error.fault, Fault::Missing), "{error}");
        assert!(!path.parent().unwrap().exists(), "nothing is left behind");
        std::os::unix::fs::symlink("nowhere.db", dir.path().join("link.db")).unwrap();
        for mode in [mode, Mode::Make] {
            let error = in_mode(&dir.path().join("link.db"), mode).unwrap_err().to_string();
            assert!(error.contains("a link to nowhere.db, which is not there"), "{error}");
        }
        fs::write(dir.path().join("empty.db"), "").unwrap();
        for mode in [mode, Mode::Make] {
            let error = in_mode(&dir.path().join("empty.db"), mode).unwrap_err().to_string();
            assert!(error.contains("it is empty"), "{error}");
        }
        assert_eq!(fs::metadata(dir.path().join("empty.db")).unwrap().len(), 0);
    }
}

#[test]
fn a_link_leads_to_the_one_board_and_what_lies_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("board.db"), dir.path().join("elsewhere/link.db"));
    fs::create_dir(link.parent().unwrap()).unwrap();
    let mut store = open_at(&path).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let mut linked = open_at(&link).unwrap();
    committed(store.commit(&one(0, "1")).unwrap());
    assert!(linked.changed_elsewhere().unwrap());
    let _lead = linked.try_lead().unwrap().unwrap();
    assert!(store.try_lead().unwrap().is_none(), "one lead, whatever the board is called");
    committed(linked.commit(&one(1, "2")).unwrap());
    fs::remove_file(&link).unwrap();
    assert!(linked.commit(&one(2, "3")).unwrap_err().to_string().contains("not there any more"));
}

/// A board with so many commits carried over, and so many more in its log, as bytes.
fn state(carried: u64, logged: u64) -> (Vec<u8>, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut seq = 0;
    let mut add = |store: &mut Store, n: u64| {
        for _ in 0..n {
            seq = committed(store.commit(&one(seq, &seq.to_string())).unwrap()).seq;
        }
    };
    add(&mut open_at(&path).unwrap(), carried);
    let mut store = open_at(&path).unwrap();
    add(&mut store, logged);
    (fs::read(&path).unwrap(), fs::read(name(&path, "-wal")).unwrap())
}

#[test]
fn a_log_that_does_not_belong_to_the_board_is_refused_and_both_are_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut states = Vec::new();
    // One board at five moments: 1 and 2 carried over, 3 and 4 logged; then all carried over and 5 logged.
    let mut store = open_at(&path).unwrap();
    for seq in 0..2 {
        committed(store.commit(&one(seq, &format!("x{seq}"))).unwrap());
    }
    drop(store);
    states.push((fs::read(&path).unwrap(), Vec::new()));
    let mut store = open_at(&path).unwrap();
    for seq in 2..4 {
        committed(store.commit(&one(seq, &format!("y{seq}"))).unwrap());
    }
    states.push((fs::read(&path).unwrap(), fs::read(name(&path, "-wal")).unwrap()));
    drop(store);
    let mut store = open_at(&path).unwrap();
    committed(store.commit(&one(4, "z")).unwrap());
    states.push((fs::read(&path).unwrap(), fs::read(name(&path, "-wal")).unwrap()));
    drop(store);
    let end = fs::read(&path).unwrap();
    let foreign = state(2, 1).1;
    let rows = [
        ("its own", &states[1].0, &states[1].1, Ok(4)),
        ("its own, carried over already", &states[2].0, &states[1].1, Ok(4)),
        ("nothing in it", &end, &Vec::new(), Ok(5)),
        ("of another board", &states[0].0, &foreign, Err("belongs to another board")),
        ("older than the board", &end, &states[1].1, Err("is older than the board")),
        ("of a later state", &states[0].0, &states[2].1, Err("does not follow the board")),
    ];
    for (row, board, log, want) in rows {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.db");
        fs::write(&path, board).unwrap();
        fs::write(name(&path, "-wal"), log).unwrap();
        match (open_at(&path), want) {
            (Ok(store), Ok(seq)) => assert_eq!(store.head().unwrap().seq, seq, "{row}"),
            (Err(error), Err(words)) => {
                assert!(error.to_string().contains(words), "{row}: {error}");
                assert_eq!(&fs::read(&path).unwrap(), board, "{row}");
                assert_eq!(&fs::read(name(&path, "-wal")).unwrap(), log, "{row}");
            }
            (found, _) => panic!("{row}: {found:?}"),
        }
    }
    let alone = tempfile::tempdir().unwrap();
    fs::write(alone.path().join("board.db-wal"), &foreign).unwrap();
    let error = open(&alone.path().join("board.db")).to_string();
    assert!(error.contains("is the log of a board that is not there"), "{error}");
    fn open(path: &Path) -> StoreError {
        open_at(path).unwrap_err()
    }
}

#[test]
fn a_restore_may_be_cut_off_before_it_is_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut store = open_at(&path).unwrap();
    committed(store.commit(&Batch { renew_lineage: true, ..one(0, "restored") }).unwrap());
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for suffix in ["", "-wal"] {
        fs::copy(name(&path, suffix), copy.join(format!("board.db{suffix}"))).unwrap();
    }
    let again = open_at(&copy.join("board.db")).unwrap();
    assert_eq!(
        (names(&again, 0), again.head().unwrap().lineage),
        (vec!["1:CHG1".to_owned()], store.head().unwrap().lineage)
    );
}

#[test]
fn a_board_that_cannot_be_written_is_read_with_and_without_its_log() {
    // Permissions do not bind root; an immutable copy and the copy beside a log are what it takes then, too.
    let (board, log) = state(2, 3);
    for (row, log, seq) in [("without a log", None, 2), ("with a log", Some(&log), 5)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a 100% odd?name#.db");
        fs::write(&path, &board).unwrap();
        if let Some(log) = log {
            fs::write(dir.path().join("a 100% odd?name#.db-wal"), log).unwrap();
        }
        let held = super::super::place::Held::open(&path).unwrap();
        let sealed = super::super::sealed::open(&path, &path, held, options().patience).unwrap();
        let mut store = Store::Sqlite(sealed);
        assert_eq!(store.head().unwrap().seq, seq, "{row}");
        assert!(!store.changed_elsewhere().unwrap(), "{row}");
        let error = store.commit(&one(seq, "no")).unwrap_err();
        assert!(matches!(error.fault, Fault::ReadOnly), "{row}: {error}");
        store.save_draft("ana", "CHG1", "no").unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), board, "{row}");
        if log.is_none() {
            fs::write(&path, b"changed").unwrap();
            assert!(store.changed_elsewhere().is_err(), "what is read is not what lies there");
        }
    }
}
