//! Opening a board in PostgreSQL: whether the schema is one, making it where there is none, and bringing it up to date.

use super::{
    Tried, gone,
    link::{Link, get},
};
use crate::store::{Fault, Mode, Sum, open::lineage_of};

/// Numbered from 1; `head.format` says how many a board has seen. Each new vocabulary of the log has one of its own.
const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/postgres/0001_board.sql"),
    include_str!("../migrations/postgres/0002_preferences.sql"),
    include_str!("../migrations/postgres/0003_replicas.sql"),
    include_str!("../migrations/postgres/0004_vocabulary_of_replicas.sql"),
];

/// The newest format this program reads.
pub(super) fn newest() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// Refuses a board that a newer program brought up to date.
pub(super) fn known(format: i32) -> Tried<()> {
    if format > newest() {
        return Err(Fault::TooNew { found: format.into(), known: newest().into() }.into());
    }
    Ok(())
}

/// The format of the board in the schema; `None` where there is none.
fn format(link: &Link, schema: &str) -> Tried<Option<i32>> {
    let there = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'head'";
    let row = link.first(there, &[&schema])?.ok_or_else(gone)?;
    if get::<i64>(&row, 0)? == 0 {
        return Ok(None);
    }
    // By its whole name, whatever the connection looks in.
    let row = link.first(&format!("SELECT format FROM {schema}.head"), &[])?.ok_or_else(gone)?;
    get(&row, 0).map(Some)
}

/// Whether the schema holds a board that may be used so; one is made where the mode says so.
pub(super) fn prepare(link: &Link, schema: &str, mode: Mode) -> Tried<()> {
    match format(link, schema)? {
        Some(format) => known(format)?,
        None if mode != Mode::Make => return Err(Fault::NoBoard.into()),
        None => {}
    }
    if format(link, schema)? == Some(newest()) {
        return not_moved(link, mode);
    }
    if mode == Mode::Read {
        return Err(Fault::Database(
            "it is of an older format, which is brought up to date when it is opened to be written"
                .to_owned(),
        )
        .into());
    }
    bring_up(link, schema)?;
    not_moved(link, mode)
}

fn bring_up(link: &Link, schema: &str) -> Tried<()> {
    link.batch("BEGIN")?;
    // Two who make a board at once: one of them waits here and finds it made.
    link.batch("SELECT pg_advisory_xact_lock(5857108736837)")?;
    let from = format(link, schema)?;
    if from.is_none() {
        link.batch(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
    }
    let done = usize::try_from(from.unwrap_or(0)).unwrap_or(0);
    for sql in MIGRATIONS.iter().skip(done) {
        link.batch(sql)?;
    }
    match from {
        None => {
            let lineage = lineage_of().map_err(Fault::Io)?;
            link.execute(
                "INSERT INTO head (format, lineage, seq, records) VALUES ($1, $2, 0, $3)",
                &[&newest(), &lineage, &Sum::default().hex()],
            )?;
        }
        Some(_) => drop(link.execute("UPDATE head SET format = $1", &[&newest()])?),
    }
    link.batch("COMMIT")
}

/// Refuses a board that was moved elsewhere: it can only be read.
fn not_moved(link: &Link, mode: Mode) -> Tried<()> {
    if matches!(mode, Mode::Read | Mode::Move) {
        return Ok(());
    }
    let row = link.first("SELECT moved FROM head", &[])?.ok_or_else(gone)?;
    match get::<Option<String>>(&row, 0)? {
        Some(to) => Err(Fault::Moved(to).into()),
        None => Ok(()),
    }
}
