//! A write-ahead log that was left beside a board: whether it belongs to it.
//!
//! SQLite takes over whatever log bears the right name. One of another board, or of an earlier or later state of this
//! one (a copy was put back without its log, or a log without its board), would mix the two for good.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use super::{
    error::Fault,
    open::beside,
    raw::{self, Logged, Meta},
};

/// Looks at the log beside a board, before SQLite does.
///
/// # Errors
/// When it does not belong to the board, or the board was cut short and no log makes up for it.
pub(super) fn check(board: &File, real: &Path) -> Result<(), Fault> {
    let path = beside(real, "-wal");
    let mut found = Ok(());
    // Others may be at work: what looks wrong once is looked at again.
    for _ in 0..3 {
        // The file first and last: what is carried over from the log meanwhile is then in one of the two answers.
        let before = raw::meta(board);
        let logged = match raw::logged(&path) {
            Ok(logged) => logged,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Fault::from(error)),
        };
        let after = raw::meta(board);
        found = match (&before, logged, &after) {
            (Some(before), Some(logged), Some(after)) => belongs(before, &logged, after, &path),
            (_, None, _) => whole(board),
            (None, _, _) | (_, _, None) => Ok(()),
        };
        if found.is_ok() {
            break;
        }
    }
    found
}

fn belongs(before: &Meta, logged: &Logged, after: &Meta, path: &Path) -> Result<(), Fault> {
    let path: PathBuf = path.to_owned();
    let refuse = |words: String| Err(Fault::ForeignLog(format!("{} {words}", path.display())));
    let last = &logged.last;
    if last.lineage != after.lineage && last.before.as_ref() != Some(&after.lineage) {
        return refuse("belongs to another board".to_owned());
    }
    if last.seq < before.seq {
        return refuse(format!(
            "is older than the board: it ends at {}, the board is at {}",
            last.seq, before.seq
        ));
    }
    if logged.first.seq > after.seq + 1 {
        return refuse(format!(
            "does not follow the board, which is at {}: what lies between until {} is missing",
            after.seq, logged.first.seq
        ));
    }
    Ok(())
}

/// A board without a log is as long as it says.
fn whole(board: &File) -> Result<(), Fault> {
    let mut header = [0; 100];
    let claimed = std::os::unix::fs::FileExt::read_exact_at(board, &mut header, 0)
        .ok()
        .and_then(|()| raw::claimed_len(&header));
    let len = board.metadata().map_err(Fault::from)?.len();
    match claimed {
        Some(claimed) if len < claimed => {
            Err(Fault::Corrupt(format!("it was cut short: {len} of {claimed} bytes are there")))
        }
        Some(_) | None => Ok(()),
    }
}
