//! Opening a board: whether the file is one, making it when there is none, and bringing it up to date.
//!
//! Every refusal comes before the first write, so a file this program cannot use stays as it was.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{
    Result,
    error::{Fault, StoreError},
    sqlite::Sqlite,
};

const OPEN: &str = "open the board";

/// `QRTE` in ASCII, in the header of every board.
const APPLICATION_ID: i32 = 0x5152_5445;

/// Numbered from 1; a board's `user_version` says how many it has seen.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_board.sql")];

/// Where a board is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    File(PathBuf),
    /// Gone with the process (demo, tests).
    Memory,
}

/// How a board is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Lets the file's group read and write it (0660 instead of 0600).
    pub shared: bool,
    /// How long another writer is waited for.
    pub patience: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { shared: false, patience: Duration::from_secs(5) }
    }
}

pub(super) fn open(location: &Location, options: &OpenOptions) -> Result<Sqlite> {
    let path = match location {
        Location::Memory => None,
        Location::File(path) => Some(path.as_path()),
    };
    let shown = path.unwrap_or(Path::new(":memory:"));
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, shown, e.into());
    if let Some(path) = path {
        prepare_file(path, options.shared)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let mut db = match path {
        Some(path) => Connection::open_with_flags(path, flags),
        None => Connection::open_in_memory_with_flags(flags | OpenFlags::SQLITE_OPEN_CREATE),
    }
    .map_err(failed)?;
    // Until the file is known to be ours, closing it must not tidy away a write-ahead log that was there.
    let log = path.is_some_and(|p| beside(p, "-wal").exists());
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log).map_err(failed)?;
    db.busy_timeout(options.patience).map_err(failed)?;
    check_version(&db, shown)?;
    if path.is_some() && db.is_readonly("main").map_err(failed)? {
        return Err(StoreError::new(OPEN, shown, Fault::ReadOnly));
    }
    migrate(&mut db, shown)?;
    if path.is_some() {
        use_wal(&db, options.patience).map_err(failed)?;
    }
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failed)?;
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;",
    )
    .map_err(failed)?;
    db.set_prepared_statement_cache_capacity(32);
    Sqlite::new(db, path.map(Path::to_owned)).map_err(failed)
}

/// Makes directory and file with tight permissions, or looks at the file's header without SQLite touching it.
fn prepare_file(path: &Path, shared: bool) -> Result<()> {
    let failed = |e: io::Error| StoreError::io(OPEN, path, e);
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(StoreError::new(OPEN, path, Fault::IsDirectory)),
        Ok(meta) if !meta.is_file() => return Err(StoreError::new(OPEN, path, Fault::NotAFile)),
        Ok(meta) => {
            check_header(path)?;
            return if shared { share(path, &meta).map_err(failed) } else { Ok(()) };
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(failed(e)),
    }
    if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        let mode = if shared { 0o770 } else { 0o700 };
        fs::DirBuilder::new().recursive(true).mode(mode).create(dir).map_err(failed)?;
    }
    let mode = if shared { 0o660 } else { 0o600 };
    match fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        // Again, because the umask takes the group's bits away.
        Ok(file) => file.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(failed(e)),
    }
}

/// Opens an existing board of ours to its group.
fn share(path: &Path, meta: &fs::Metadata) -> io::Result<()> {
    let mine = meta.uid() == rustix::process::geteuid().as_raw();
    if mine && meta.mode() & 0o660 != 0o660 {
        for name in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm"), beside(path, ".lock")] {
            match fs::set_permissions(name, fs::Permissions::from_mode(0o660)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
    }
    Ok(())
}

/// `board.db` and `-wal` make `board.db-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Reads the first hundred bytes: a board bears our application id and a version we know.
fn check_header(path: &Path) -> Result<()> {
    // A creation or migration that was cut off: only SQLite can tell what the header will be.
    if beside(path, "-journal").exists() {
        return Ok(());
    }
    let mut header = Vec::with_capacity(100);
    File::open(path)
        .and_then(|f| f.take(100).read_to_end(&mut header))
        .map_err(|e| StoreError::io(OPEN, path, e))?;
    if header.is_empty() {
        return Ok(());
    }
    let refuse = |why: &str| Err(StoreError::new(OPEN, path, Fault::NotOurs(why.to_owned())));
    if !header.starts_with(b"SQLite format 3\0") {
        return refuse("no SQLite file");
    }
    let (Some(version), Some(id)) = (be_i32(&header, 60), be_i32(&header, 68)) else {
        return Err(StoreError::new(OPEN, path, Fault::Corrupt("its header is cut off".to_owned())));
    };
    if id != APPLICATION_ID {
        return refuse("another program's database");
    }
    known(version.into(), path)
}

fn be_i32(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes)
}

/// The newest format this program reads.
fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn known(version: i64, path: &Path) -> Result<()> {
    if version > newest() {
        return Err(StoreError::new(OPEN, path, Fault::TooNew { found: version, known: newest() }));
    }
    Ok(())
}

/// The same questions asked of SQLite, which also sees what is still in the write-ahead log.
fn check_version(db: &Connection, path: &Path) -> Result<i64> {
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, path, e.into());
    // One statement, so that nobody creates the board between the answers.
    let (version, id, tables): (i64, i64, i64) = db
        .query_row(
            "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_user_version, pragma_application_id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(failed)?;
    if id != i64::from(APPLICATION_ID) && (version, tables) != (0, 0) {
        return Err(StoreError::new(OPEN, path, Fault::NotOurs("another program's database".to_owned())));
    }
    known(version, path)?;
    Ok(version)
}

/// Runs the migrations the board has not seen, in one transaction.
fn migrate(db: &mut Connection, path: &Path) -> Result<()> {
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, path, e.into());
    if check_version(db, path)? == newest() {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have done it while this one waited for the lock.
    let from = check_version(&tx, path)?;
    for (version, sql) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > from) {
        tx.execute_batch(sql).map_err(failed)?;
        tx.pragma_update(None, "user_version", version).map_err(failed)?;
    }
    if from == 0 {
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        let lineage = new_lineage(path)?;
        tx.execute("INSERT INTO meta (key, value) VALUES ('lineage', ?1), ('seq', '0')", [lineage])
            .map_err(failed)?;
    }
    tx.commit().map_err(failed)
}

/// 16 random bytes in hex.
pub(super) fn new_lineage(path: &Path) -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| {
        StoreError::new("get random bytes for", path, Fault::Io(io::Error::other(e.to_string())))
    })?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Turns the write-ahead log on. SQLite does not wait for others here, so we do.
fn use_wal(db: &Connection, patience: Duration) -> rusqlite::Result<()> {
    let give_up = Instant::now() + patience;
    loop {
        match db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < give_up => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(e) => return Err(e),
            Ok(_) => return Ok(()),
        }
    }
}
