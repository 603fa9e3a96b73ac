//! Opening a board: whether the file is one, making it when there is none, and bringing it up to date.
//!
//! Every refusal comes before the first write, so a file this program cannot use stays as it was.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use super::{
    Result,
    chance::random,
    copy,
    error::{Fault, StoreError},
    leftover,
    place::{Held, Place},
    raw::{MAGIC, be_u32},
    sealed,
    sqlite::{self, Kept, Sqlite},
    whole,
};

pub(super) const OPEN: &str = "open the board";
const MAKE: &str = "make the board";

/// `QRTE` in ASCII, in the header of every board.
const APPLICATION_ID: i32 = 0x5152_5445;

/// Numbered from 1; a board's `user_version` says how many it has seen. Each new vocabulary of the log has one of its own.
const MIGRATIONS: [Migration; 9] = [
    (include_str!("migrations/0001_board.sql"), None),
    (include_str!("migrations/0002_record_hashes.sql"), Some(sqlite::hash_records)),
    (include_str!("migrations/0003_vocabulary_2.sql"), None),
    (include_str!("migrations/0004_receipts_by_author.sql"), None),
    (include_str!("migrations/0005_tokens.sql"), None),
    (include_str!("migrations/0006_vocabulary_3.sql"), None),
    (include_str!("migrations/0007_vocabulary_4.sql"), None),
    (include_str!("migrations/0008_moved.sql"), None),
    (include_str!("migrations/0009_preferences.sql"), None),
];

/// Statements, and what SQL alone cannot do after them.
type Migration = (&'static str, Option<fn(&Transaction<'_>) -> rusqlite::Result<()>>);

/// Where a board is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    File(PathBuf),
    /// Gone with the process (demo, tests).
    Memory,
    /// A schema of a PostgreSQL database.
    Postgres(super::Address),
}

impl Location {
    /// What a person means: an address of PostgreSQL, else a file.
    ///
    /// # Errors
    /// When it is an address that cannot be used; the words hold no password.
    pub fn named(text: &Path) -> std::result::Result<Self, String> {
        match text.to_str().filter(|text| super::Address::is_one(text)) {
            Some(text) => super::Address::parse(text).map(Self::Postgres),
            None => Ok(Self::File(text.to_owned())),
        }
    }
}

/// What a board is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To write, making it where there is none.
    Make,
    /// To write to one that is there.
    Write,
    /// To move it elsewhere: to write to one that is there even where that was begun before.
    Move,
    /// To read one that is there, whether it can be written or not.
    Read,
}

/// How a board is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    pub mode: Mode,
    /// Lets the file's group read and write it (0660 instead of 0600).
    pub shared: bool,
    /// How long another writer is waited for.
    pub patience: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { mode: Mode::Make, shared: false, patience: Duration::from_secs(5) }
    }
}

pub(super) fn open(location: &Location, options: &OpenOptions) -> Result<Sqlite> {
    let Location::File(path) = location else { return in_memory(options) };
    let real = find(path, options)?;
    let failed = |fault: Fault| StoreError::new(OPEN, path, fault);
    let board = Held::open(&real).map_err(|e| StoreError::io(OPEN, path, e))?;
    {
        let file = board.file().map_err(|e| StoreError::io(OPEN, path, e))?;
        check_header(file, path, &real)?;
        leftover::check(file, &real).map_err(failed)?;
    }
    match connect(path, &real, options) {
        Ok((db, wal)) => {
            let place = Place::new(path, real, board, wal).map_err(|e| StoreError::io(OPEN, path, e))?;
            Sqlite::new(db, Kept::File(path.clone(), Box::new(place))).map_err(|e| failed(e.into()))
        }
        Err(StoreError { fault: Fault::ReadOnly | Fault::Permission | Fault::Other(_), .. })
            if options.mode == Mode::Read =>
        {
            sealed::open(path, &real, board, options.patience)
        }
        Err(error) => Err(error),
    }
}

fn in_memory(options: &OpenOptions) -> Result<Sqlite> {
    let shown = Path::new(":memory:");
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, shown, e.into());
    let mut db =
        Connection::open_in_memory_with_flags(FLAGS | OpenFlags::SQLITE_OPEN_CREATE).map_err(failed)?;
    migrate(&mut db, shown)?;
    settle(&db, options.mode).map_err(failed)?;
    Sqlite::new(db, Kept::Memory).map_err(failed)
}

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE
    .union(OpenFlags::SQLITE_OPEN_NO_MUTEX)
    .union(OpenFlags::SQLITE_OPEN_EXRESCODE);

/// A connection that can write, and whether it writes to a log beside the board.
fn connect(path: &Path, real: &Path, options: &OpenOptions) -> Result<(Connection, bool)> {
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, path, e.into());
    let mut db = Connection::open_with_flags(real, FLAGS).map_err(failed)?;
    // Until the file is known to be ours, closing it must not tidy away a write-ahead log that was there.
    let log = beside(real, "-wal").exists();
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log).map_err(failed)?;
    db.busy_timeout(options.patience).map_err(failed)?;
    check_version(&db, path)?;
    if db.is_readonly("main").map_err(failed)? {
        return Err(StoreError::new(OPEN, path, Fault::ReadOnly));
    }
    // What cannot be copied first is not changed: a program that fails half way, or is put back, finds its board.
    match check_version(&db, path)? {
        version if version == 0 || version == newest() => {}
        older => copy::before_migration(&db, &beside(real, &format!(".format-{older}")))?,
    }
    migrate(&mut db, path)?;
    not_moved(&db, path, options.mode)?;
    let wal = use_wal(&db, options.patience).map_err(failed)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failed)?;
    settle(&db, options.mode).map_err(failed)?;
    // Opens the log, if nothing before has.
    db.query_row("SELECT count(*) FROM meta", [], |row| row.get::<_, i64>(0)).map_err(failed)?;
    if wal {
        same_group(real).map_err(|e| StoreError::io(OPEN, path, e))?;
    }
    Ok((db, wal))
}

/// Refuses to write to a board that was moved elsewhere.
fn not_moved(db: &Connection, path: &Path, mode: Mode) -> Result<()> {
    match mode {
        Mode::Read | Mode::Move => Ok(()),
        Mode::Make | Mode::Write => match whole::moved(db) {
            Ok(None) => Ok(()),
            Ok(Some(to)) => Err(StoreError::new(OPEN, path, Fault::Moved(to))),
            Err(error) => Err(StoreError::new(OPEN, path, error.into())),
        },
    }
}

fn settle(db: &Connection, mode: Mode) -> rusqlite::Result<()> {
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;",
    )?;
    if mode == Mode::Read {
        db.execute_batch("PRAGMA query_only = ON")?;
    }
    db.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// The file of the board past every link, made where there is none and one is to be made.
fn find(path: &Path, options: &OpenOptions) -> Result<PathBuf> {
    let failed = |e: io::Error| StoreError::io(OPEN, path, e);
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(StoreError::new(OPEN, path, Fault::IsDirectory)),
        Ok(meta) if !meta.is_file() => return Err(StoreError::new(OPEN, path, Fault::NotAFile)),
        Ok(meta) => {
            if options.shared && options.mode != Mode::Read {
                share(path, &meta).map_err(failed)?;
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if let Ok(target) = fs::read_link(path) {
                return Err(StoreError::new(OPEN, path, Fault::Dangling(target)));
            }
            if options.mode != Mode::Make {
                return Err(StoreError::new(OPEN, path, Fault::Missing));
            }
            make(path, options.shared)?;
        }
        Err(e) => return Err(failed(e)),
    }
    fs::canonicalize(path).map_err(failed)
}

/// Makes a board under another name and gives it its own in one move, so that a board is never seen half made.
fn make(path: &Path, shared: bool) -> Result<()> {
    let failed = |e: io::Error| StoreError::io(MAKE, path, e);
    let directory = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_directory(directory, shared).map_err(failed)?;
    let log = beside(path, "-wal");
    if fs::metadata(&log).is_ok_and(|meta| meta.len() > 0) {
        let words = format!("{} is the log of a board that is not there", log.display());
        return Err(StoreError::new(MAKE, path, Fault::ForeignLog(words)));
    }
    let new = tempfile::Builder::new()
        .prefix(".quorate-")
        .suffix(".new")
        .tempfile_in(directory)
        .map_err(failed)?
        .into_temp_path();
    // By name and not at its making, because the umask takes the group's bits away.
    let mode = if shared { 0o660 } else { 0o600 };
    fs::set_permissions(&new, fs::Permissions::from_mode(mode)).map_err(failed)?;
    {
        let mut db =
            Connection::open_with_flags(&new, FLAGS).map_err(|e| StoreError::new(MAKE, path, e.into()))?;
        migrate(&mut db, path)?;
    }
    match new.persist_noclobber(path) {
        Ok(()) => File::open(directory).and_then(|dir| dir.sync_all()).map_err(failed),
        // Somebody else was faster: theirs it is.
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(failed(e.error)),
    }
}

/// Makes the directories of a board; those that are made are the group's too where the board is.
fn make_directory(directory: &Path, shared: bool) -> io::Result<()> {
    let missing: Vec<&Path> =
        directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    if shared {
        missing.iter().try_for_each(|made| fs::set_permissions(made, fs::Permissions::from_mode(0o770)))?;
    }
    Ok(())
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

/// What lies beside a board that its group may write belongs to that group, whoever made it.
fn same_group(real: &Path) -> io::Result<()> {
    let board = fs::metadata(real)?;
    if board.mode() & 0o020 == 0 {
        return Ok(());
    }
    for suffix in ["-wal", "-shm"] {
        let path = beside(real, suffix);
        let meta = fs::metadata(&path)?;
        let mine = meta.uid() == rustix::process::geteuid().as_raw();
        if mine && meta.gid() != board.gid() {
            // Refused to who is not of the group: then others of it cannot write either, and are told so.
            let _ = std::os::unix::fs::chown(&path, None, Some(board.gid()));
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
fn check_header(file: &File, path: &Path, real: &Path) -> Result<()> {
    // A migration that was cut off: only SQLite can tell what the header will be.
    if beside(real, "-journal").exists() {
        return Ok(());
    }
    let mut header = [0; 100];
    let len = file.metadata().map_err(|e| StoreError::io(OPEN, path, e))?.len();
    let header = &mut header[..usize::try_from(len).map_or(100, |len| len.min(100))];
    file.read_exact_at(header, 0).map_err(|e| StoreError::io(OPEN, path, e))?;
    let refuse = |why: &str| Err(StoreError::new(OPEN, path, Fault::NotOurs(why.to_owned())));
    if header.is_empty() {
        return refuse("it is empty: it was cut off, or never was one");
    }
    if !header.starts_with(MAGIC) {
        return refuse("no SQLite file");
    }
    let (Some(version), Some(id)) = (be_u32(header, 60), be_u32(header, 68)) else {
        return Err(StoreError::new(OPEN, path, Fault::Corrupt("its header is cut off".to_owned())));
    };
    if id != APPLICATION_ID.cast_unsigned() {
        return refuse("another program's database");
    }
    known(version.into(), path)
}

/// The newest format this program reads.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn known(version: i64, path: &Path) -> Result<()> {
    if version > newest() {
        return Err(StoreError::new(OPEN, path, Fault::TooNew { found: version, known: newest() }));
    }
    Ok(())
}

/// The same questions asked of SQLite, which also sees what is still in the write-ahead log.
pub(super) fn check_version(db: &Connection, path: &Path) -> Result<i64> {
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
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<()> {
    let failed = |e: rusqlite::Error| StoreError::new(OPEN, path, e.into());
    if check_version(db, path)? == newest() {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have done it while this one waited for the lock.
    let from = check_version(&tx, path)?;
    for (version, (sql, then)) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > from) {
        tx.execute_batch(sql).map_err(failed)?;
        then.map_or(Ok(()), |then| then(&tx)).map_err(failed)?;
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
    lineage_of().map_err(|e| StoreError::new("get random bytes for", path, Fault::Io(e)))
}

/// 16 random bytes in hex, wherever the board is.
pub(super) fn lineage_of() -> io::Result<String> {
    let bytes = random::<16>().map_err(|e| io::Error::other(e.to_string()))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Turns the write-ahead log on, and says whether the file system bears it. SQLite does not wait for others here, so we do.
fn use_wal(db: &Connection, patience: Duration) -> rusqlite::Result<bool> {
    let give_up = Instant::now() + patience;
    loop {
        match db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < give_up => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(e) => return Err(e),
            Ok(mode) => return Ok(mode == "wal"),
        }
    }
}
