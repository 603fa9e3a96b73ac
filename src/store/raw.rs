//! A board's bytes as they lie on the disk, past SQLite and what it keeps in memory.
//!
//! Read are the page that names lineage and sequence, in the file and in the write-ahead log beside it (formats:
//! sqlite.org/fileformat2.html, sections 1.5, 1.6, 2.1 and 4.1). What does not read is `None`: SQLite has the last word.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

/// What a SQLite file begins with.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The page of the table `meta`: migrations make it first, and the schema is page 1.
const META_PAGE: u32 = 2;

/// What the table `meta` says on one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meta {
    pub lineage: String,
    /// The lineage before a restore renewed it.
    pub before: Option<String>,
    pub seq: u64,
}

/// What a write-ahead log begins with and how long it is: it gets shorter only when it begins anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogStart {
    pub salt: [u8; 8],
    pub len: u64,
}

/// The first and the last `meta` that a log has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged {
    pub first: Meta,
    pub last: Meta,
}

pub(super) fn be_u16(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2)?.try_into().ok().map(|two| usize::from(u16::from_be_bytes(two)))
}

pub(super) fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// Bytes per page, by the header of a file.
pub(super) fn page_size(header: &[u8]) -> Option<u64> {
    match be_u16(header, 16)? {
        1 => Some(65_536),
        size => u64::try_from(size).ok().filter(|size| *size >= 512),
    }
}

/// How many bytes the file says it has; `None` where it does not say so reliably.
pub(super) fn claimed_len(header: &[u8]) -> Option<u64> {
    let pages = be_u32(header, 28).filter(|_| be_u32(header, 24) == be_u32(header, 92))?;
    Some(u64::from(pages) * page_size(header)?)
}

/// What the file itself says of lineage and sequence, which is what was last carried over from the log.
pub(super) fn meta(file: &File) -> Option<Meta> {
    let mut header = [0; 100];
    file.read_exact_at(&mut header, 0).ok()?;
    let size = page_size(&header)?;
    let mut page = vec![0; usize::try_from(size).ok()?];
    file.read_exact_at(&mut page, u64::from(META_PAGE - 1) * size).ok()?;
    read_meta(&page)
}

/// Salt and length of a log; `None` while nothing was written to it.
pub(super) fn log_start(log: &File) -> io::Result<Option<LogStart>> {
    let mut header = [0; 32];
    match log.read_exact_at(&mut header, 0) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let salt = header.get(16..24).and_then(|salt| salt.try_into().ok());
    let known = be_u32(&header, 0).is_some_and(|magic| magic & !1 == 0x377f_0682);
    Ok(salt.filter(|_| known).map(|salt| LogStart { salt, len: log.metadata().map_or(0, |meta| meta.len()) }))
}

/// What the log at a path has committed; `None` where it holds nothing that counts. Only the heads of frames are read.
pub(super) fn logged(path: &Path) -> io::Result<Option<Logged>> {
    let log = File::open(path)?;
    let Some(LogStart { salt, len }) = log_start(&log)? else { return Ok(None) };
    let mut header = [0; 32];
    log.read_exact_at(&mut header, 0)?;
    let Some(size) = be_u32(&header, 8).map(u64::from).filter(|size| (512..=65_536).contains(size)) else {
        return Ok(None);
    };
    let (mut first, mut last, mut seen, mut at) = (None, None, None, 32);
    while at + 24 + size <= len {
        let mut frame = [0; 24];
        log.read_exact_at(&mut frame, at)?;
        if frame[8..16] != salt {
            break;
        }
        if be_u32(&frame, 0) == Some(META_PAGE) {
            seen = Some(at + 24);
        }
        // The last frame of a commit says how long the board is after it.
        if be_u32(&frame, 4) != Some(0) {
            first = first.or(seen);
            last = seen;
        }
        at += 24 + size;
    }
    let read = |at: Option<u64>| {
        let mut page = vec![0; usize::try_from(size).ok()?];
        log.read_exact_at(&mut page, at?).ok()?;
        read_meta(&page)
    };
    Ok(read(first).zip(read(last)).map(|(first, last)| Logged { first, last }))
}

/// Reads the rows of `meta` from a leaf page of an index b-tree.
fn read_meta(page: &[u8]) -> Option<Meta> {
    if page.first() != Some(&0x0a) {
        return None;
    }
    let (mut lineage, mut before, mut seq) = (None, None, None);
    for cell in 0..be_u16(page, 3)? {
        let (key, value) = row(page, be_u16(page, 8 + 2 * cell)?)?;
        match key {
            "lineage" => lineage = Some(value.to_owned()),
            "lineage_before" => before = Some(value.to_owned()),
            "seq" => seq = value.parse().ok(),
            _ => {}
        }
    }
    Some(Meta { lineage: lineage?, before, seq: seq? })
}

/// A row of two texts.
fn row(page: &[u8], at: usize) -> Option<(&str, &str)> {
    let (_, at) = varint(page, at)?;
    let (header, types) = varint(page, at)?;
    let (key, next) = varint(page, types)?;
    let (value, _) = varint(page, next)?;
    // Odd numbers from 13 are texts.
    let len = |kind: usize| (kind >= 13 && kind % 2 == 1).then(|| (kind - 13) / 2);
    let (start, key) = (at.checked_add(header)?, len(key)?);
    let text = |from: usize, len: usize| std::str::from_utf8(page.get(from..from.checked_add(len)?)?).ok();
    Some((text(start, key)?, text(start + key, len(value)?)?))
}

/// A number of up to two bytes, which is all that short rows have, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = usize::from(*bytes.get(at)?);
    if first < 0x80 {
        return Some((first, at + 1));
    }
    let second = usize::from(*bytes.get(at + 1)?);
    (second < 0x80).then_some((((first & 0x7f) << 7) | second, at + 2))
}
