//! Files that are no board, places that cannot be written: a clear message, and the file as it was.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use rusqlite::Connection;

use super::*;

/// Makes something at the path that is no board we can use.
type Spoil = fn(&Path);

fn board(path: &Path, sql: &str) {
    drop(open_at(path).unwrap());
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn foreign(path: &Path) {
    Connection::open(path)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url); PRAGMA user_version = 1")
        .unwrap();
}

fn truncated(path: &Path) {
    board(path, "");
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..64]).unwrap();
}

fn shredded(path: &Path) {
    board(path, "");
    let mut bytes = fs::read(path).unwrap();
    bytes[100..4096].fill(0xff);
    fs::write(path, bytes).unwrap();
}

/// The newer program has not tidied up after itself: its version stands in the write-ahead log only.
fn newer_in_the_wal(path: &Path) {
    let store = open_at(path).unwrap();
    let other = Connection::open(path).unwrap();
    other.execute_batch("PRAGMA user_version = 99").unwrap();
    let copy: Vec<(PathBuf, Vec<u8>)> = ["board.db", "board.db-wal"]
        .map(|name| (path.with_file_name(name), fs::read(path.with_file_name(name)).unwrap()))
        .into();
    drop((store, other));
    for (path, bytes) in copy {
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn what_is_no_board_is_refused_and_left_as_it_was() {
    let rows: [(&str, Spoil, &str); 8] = [
        (
            "a text",
            |p| fs::write(p, "dear diary\n".repeat(20)).unwrap(),
            "not a board of quorate (no SQLite file)",
        ),
        ("one byte", |p| fs::write(p, "S").unwrap(), "not a board of quorate (no SQLite file)"),
        ("another program's", foreign, "not a board of quorate (another program's database)"),
        (
            "too new",
            |p| board(p, "PRAGMA user_version = 99"),
            "a newer quorate wrote it (format 99, this program knows",
        ),
        ("too new, in the log", newer_in_the_wal, "a newer quorate wrote it (format 99"),
        ("cut in the header", truncated, "the file is damaged (its header is cut off)"),
        ("first page overwritten", shredded, "the file is damaged"),
        ("a directory", |p| fs::create_dir(p).unwrap(), "it is a directory; name a file with --db"),
    ];
    for (row, spoil, message) in rows {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.db");
        spoil(&path);
        let contents = || [path.clone(), path.with_file_name("board.db-wal")].map(|p| fs::read(p).ok());
        let before = contents();
        let error = open_at(&path).map(drop).expect_err(row).to_string();
        assert!(error.starts_with(&format!("cannot open the board {}: ", path.display())), "{row}: {error}");
        assert!(error.contains(message), "{row}: {error}");
        assert_eq!(contents(), before, "{row}: touched");
    }
}

#[test]
fn a_damaged_page_is_named_when_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut store = open_at(&path).unwrap();
    let upserts = (0..500).map(|n| change(&format!("CHG{n}"), &"x".repeat(100))).collect();
    store.commit(&Batch { upserts, ..Batch::default() }).unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let from = bytes.len() / 2 / 4096 * 4096;
    bytes[from..from + 3 * 4096].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let store = open_at(&path).unwrap();
    let error = store.since(0, drop).unwrap_err();
    assert!(matches!(error.fault, Fault::Corrupt(_)), "{error}");
    assert!(error.to_string().contains("restore the last export"), "{error}");
    assert_ne!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_full_disk_loses_the_batch_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    store.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap();
    let Store::Sqlite(sqlite) = &store else { unreachable!("a file") };
    let limit = |pages: i64| {
        sqlite
            .db
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    limit(1);
    let big = Batch {
        expect: 1,
        command: Some(CommandKey { author: "ann".to_owned(), id: [1; 16], digest: [1; 32], at: 0 }),
        events: vec![event(1, [0; 32])],
        upserts: vec![change("CHG1", "2"), change("CHG2", &"x".repeat(1 << 20))],
        ..Batch::default()
    };
    let error = store.commit(&big).unwrap_err();
    assert!(matches!(error.fault, Fault::DiskFull), "{error}");
    assert!(error.to_string().contains("the disk is full; free some space"), "{error}");
    assert_eq!(names(&store, 0), ["1:CHG1"]);
    assert_eq!(store.detail("change", "CHG1").unwrap().unwrap().json, b"1");
    let Store::Sqlite(sqlite) = &store else { unreachable!("a file") };
    sqlite.db.query_row("PRAGMA max_page_count = 1000000", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(committed(store.commit(&big).unwrap()).seq, 2);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_board_kept_locked_says_so_and_works_again_after() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    let other = Connection::open(store.path().unwrap()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let batch = Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() };
    let error = store.commit(&batch).unwrap_err();
    assert!(matches!(error.fault, Fault::Locked), "{error}");
    assert!(error.to_string().contains("another program keeps it locked"), "{error}");
    // Reading goes on meanwhile.
    assert_eq!(store.head().unwrap().seq, 0);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(committed(store.commit(&batch).unwrap()).seq, 1);
}

#[test]
fn a_board_locked_whole_cannot_be_opened_yet() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    drop(open_at(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let error = open_at(&path).unwrap_err();
    assert!(matches!(error.fault, Fault::Locked), "{error}");
    drop(other);
    open_at(&path).unwrap();
}

#[test]
fn a_write_to_a_store_turned_read_only_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    let Store::Sqlite(sqlite) = &store else { unreachable!("a file") };
    sqlite.db.execute_batch("PRAGMA query_only = ON").unwrap();
    let error = store.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap_err();
    assert!(matches!(error.fault, Fault::ReadOnly), "{error}");
    assert_eq!(store.head().unwrap().seq, 0);
}

/// Where the places of [`permissions_decide_for_those_they_bind`] are, for its second self.
const PLACES: &str = "QUORATE_TEST_PLACES";

/// Permissions do not bind root, so root runs this test again as nobody.
#[test]
fn permissions_decide_for_those_they_bind() {
    if let Ok(dir) = std::env::var(PLACES) {
        return places_without_permission(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let (kept, sealed, closed) =
        (dir.path().join("kept"), dir.path().join("sealed"), dir.path().join("closed"));
    for place in [&kept, &sealed, &closed] {
        drop(open_at(&place.join("board.db")).unwrap());
    }
    fs::create_dir(dir.path().join("empty")).unwrap();
    let nobody = rustix::process::geteuid().is_root().then_some(65534);
    if nobody.is_some() {
        // Owned by nobody, so that only the mode decides.
        for place in [&kept, &sealed, &closed] {
            std::os::unix::fs::chown(place, nobody, nobody).unwrap();
            std::os::unix::fs::chown(place.join("board.db"), nobody, nobody).unwrap();
        }
    }
    chmod(dir.path(), 0o755);
    chmod(&kept.join("board.db"), 0o444);
    chmod(&closed.join("board.db"), 0o000);
    chmod(&sealed, 0o555);
    chmod(&dir.path().join("empty"), 0o555);
    let before: Vec<_> = [&kept, &sealed].map(|p| fs::read(p.join("board.db")).unwrap()).into();
    if let Some(uid) = nobody {
        use std::os::unix::process::CommandExt;
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::faults::permissions_decide_for_those_they_bind"])
            .env(PLACES, dir.path())
            .current_dir("/")
            .uid(uid)
            .output()
            .unwrap();
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    } else {
        places_without_permission(dir.path());
    }
    assert_eq!(before, [&kept, &sealed].map(|p| fs::read(p.join("board.db")).unwrap()));
    chmod(&sealed, 0o755);
    chmod(&dir.path().join("empty"), 0o755);
}

fn places_without_permission(dir: &Path) {
    let rows = [
        ("a read-only file", "kept/board.db", "is read-only; make it writable"),
        ("a file nobody may read", "closed/board.db", "permission denied; ask its owner"),
        ("a sealed directory", "sealed/board.db", "its directory is read-only; make it writable"),
        ("no board in a sealed directory", "empty/board.db", "permission denied"),
        ("no directory in a sealed directory", "empty/new/board.db", "permission denied"),
        ("below a file", "kept/board.db/board.db", "neither a file nor can it become one"),
    ];
    for (row, path, message) in rows {
        let path = dir.join(path);
        // Opening or the first write, whichever notices.
        let error = open_at(&path)
            .and_then(|mut s| s.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }))
            .map(drop)
            .expect_err(row)
            .to_string();
        assert!(error.contains(message) && error.contains(&*path.to_string_lossy()), "{row}: {error}");
    }
}

#[test]
fn a_board_of_the_first_format_gets_its_hashes_and_can_be_read_where_nothing_can_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut store = open_at(&path).unwrap();
    let upserts = vec![change("CHG1", "1"), change("CHG2", "2")];
    store.commit(&Batch { upserts, ..Batch::default() }).unwrap();
    drop(store);
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE tokens; DROP TABLE preferences; ALTER TABLE records DROP COLUMN hash; DELETE FROM meta WHERE key = 'records'; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let sound = |store: &Store| {
        let mut rows = Rows::default();
        let head = store.all_records(|row| rows.take(&row)).unwrap();
        assert_eq!((rows.count(), rows.fault(head.records)), (2, None));
    };
    let whole = fs::read(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let real = fs::canonicalize(&path).unwrap();
    let held = place::Held::open(&real).unwrap();
    let sealed = sealed::open(&path, &real, held, options().patience).unwrap();
    sound(&Store::Sqlite(sealed));
    assert_eq!(fs::read(&path).unwrap(), whole, "what is only read stays as it was");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    sound(&open_at(&path).unwrap());
    // As it was before its format was changed, it lies beside.
    let copy = Connection::open(dir.path().join("board.db.format-1")).unwrap();
    let facts: (i64, i64) = copy
        .query_row(
            "SELECT user_version, (SELECT count(*) FROM records) FROM pragma_user_version",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(facts, (1, 2));
}

#[test]
fn a_copy_is_a_board_of_its_own_and_nothing_is_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    store.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap();
    let reader = Store::open(
        &Location::File(store.path().unwrap().to_owned()),
        &OpenOptions { mode: Mode::Read, ..options() },
    )
    .unwrap();
    let to = dir.path().join("copy.db");
    let copied = reader.backup(&to).unwrap();
    assert_eq!((copied.seq, copied.events), (1, 0));
    // Who only reads reads only, as before.
    let Store::Sqlite(sqlite) = &reader else { unreachable!("a file") };
    assert!(sqlite.db.execute("DELETE FROM records", []).is_err());
    store.commit(&Batch { expect: 1, upserts: vec![change("CHG2", "2")], ..Batch::default() }).unwrap();
    let copy = open_at(&to).unwrap();
    let (ours, theirs) = (store.head().unwrap(), copy.head().unwrap());
    assert_eq!((ours.seq, theirs.seq), (2, 1));
    assert_ne!(ours.lineage, theirs.lineage);
    assert!(matches!(store.backup(&to), Err(StoreError { fault: Fault::Taken, .. })));
    assert!(store.backup(&dir.path().join("none/copy.db")).is_err());
}

#[test]
fn a_sum_of_records_is_that_of_the_rows_whatever_came_and_went() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    let mut seed = 7_u64;
    for expect in 0..60 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let id = format!("CHG{}", (seed >> 33) % 5);
        let batch = if (seed >> 40).is_multiple_of(3) {
            Batch { tombstones: vec![Tombstone { kind: "change", id }], ..Batch::default() }
        } else {
            let json = ((seed >> 50) % 3).to_string();
            Batch { upserts: vec![change(&id, &json), change("CHG9", &json)], ..Batch::default() }
        };
        let at = store.head().unwrap().seq;
        store.commit(&Batch { expect: at, ..batch }).unwrap();
        let mut rows = Rows::default();
        let head = store.all_records(|row| rows.take(&row)).unwrap();
        assert_eq!(rows.fault(head.records), None, "after commit {expect}");
    }
}

#[test]
fn a_board_that_a_newer_program_took_over_is_no_longer_written_by_this_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.db");
    let mut store = open_at(&path).unwrap();
    store.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap();
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let late = Batch { expect: 1, upserts: vec![change("CHG1", "2")], ..Batch::default() };
    let error = store.commit(&late).unwrap_err();
    assert!(matches!(error.fault, Fault::TooNew { found: 99, .. }), "{error}");
    assert_eq!(store.detail("change", "CHG1").unwrap().unwrap().json, b"1");
}
