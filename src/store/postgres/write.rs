//! The write side on PostgreSQL: one transaction that locks `head`, compares, stamps and writes; and what becomes of it when the
//! connection breaks.

use std::{collections::HashSet, io, time::Instant};

use super::{
    Postgres, Tried, Trouble, big, count, get, gone,
    link::{Link, hash},
    read,
};
use crate::store::{
    Batch, Committed, Fault, Lineage, NewEvent, Outcome, RECEIPTS_KEPT, Result, Seq, StoreError, TokenAct,
    Tombstone, Upsert, chance::random, digest, open::lineage_of, sum::Sum,
};

const SAVE: &str = "save to the board";
/// How many records one statement writes.
const LOT: usize = 256;
/// So many commits are remembered by their names.
const NAMES: u64 = 1_000;

/// How far an attempt came.
enum Came {
    /// To its end, or to nothing that is to be written.
    Through(Outcome),
    /// To where the database was told to commit and did not answer.
    Unsure(Committed),
}

impl Postgres {
    pub(in crate::store) fn commit(&mut self, batch: &Batch) -> Result<Outcome> {
        self.may_write(SAVE)?;
        let named = self.named.clone();
        let failed = |fault: Fault| StoreError::new(SAVE, &named, fault);
        let chance = |error: getrandom::Error| failed(Fault::Io(io::Error::other(error.to_string())));
        let name = random::<16>().map_err(chance)?;
        let until = Instant::now() + self.patience;
        loop {
            let tried = self.connected().and_then(|()| match &*self.link.borrow() {
                Some(link) => self.attempt(link, batch, &name),
                None => Err(Trouble::Lost("it is not connected".to_owned())),
            });
            match tried {
                Ok(Came::Through(outcome)) => {
                    if let Outcome::Committed(done) = &outcome
                        && done.seq > batch.expect
                    {
                        self.seen.borrow_mut().1 = done.seq;
                    }
                    return Ok(outcome);
                }
                Ok(Came::Unsure(done)) => {
                    *self.link.borrow_mut() = None;
                    if self.was_done(&name, &failed)? {
                        self.seen.borrow_mut().1 = done.seq;
                        return Ok(Outcome::Committed(done));
                    }
                }
                Err(trouble) => self.after(trouble, until).map_err(failed)?,
            }
        }
    }

    /// Whether the commit of this name is there. Its transaction held the lock on `head`: who has that now sees its end.
    fn was_done(&self, name: &[u8; 16], failed: &impl Fn(Fault) -> StoreError) -> Result<bool> {
        let looked = self.run(SAVE, |link| {
            link.batch("BEGIN")?;
            link.query("SELECT seq FROM head FOR UPDATE", &[])?;
            let found = link.first("SELECT seq FROM commits WHERE name = $1", &[&name.as_slice()])?;
            link.batch("ROLLBACK")?;
            Ok(found.is_some())
        });
        looked.map_err(|error| match error.fault {
            Fault::Unreachable(why) => failed(Fault::Unanswered(why)),
            other => failed(other),
        })
    }

    fn attempt(&self, link: &Link, batch: &Batch, name: &[u8; 16]) -> Tried<Came> {
        link.batch("BEGIN")?;
        let written = self.write(link, batch, name);
        match written {
            Ok(Outcome::Committed(done)) if done.seq > batch.expect => match link.batch("COMMIT") {
                Ok(()) => Ok(Came::Through(Outcome::Committed(done))),
                Err(Trouble::Lost(why)) => {
                    tracing::warn!(
                        why,
                        "the connection to the database was lost while it was told to commit"
                    );
                    Ok(Came::Unsure(done))
                }
                Err(other) => Err(other),
            },
            Ok(other) => {
                link.batch("ROLLBACK")?;
                Ok(Came::Through(other))
            }
            Err(Trouble::Lost(why)) => Err(Trouble::Lost(why)),
            Err(trouble) if link.undo() => Err(trouble),
            Err(trouble) => Err(Trouble::Lost(trouble.fault().to_string())),
        }
    }

    fn write(&self, link: &Link, batch: &Batch, name: &[u8; 16]) -> Tried<Outcome> {
        let head = link
            .first("SELECT lineage, seq, records, format, moved FROM head FOR UPDATE", &[])?
            .ok_or_else(gone)?;
        super::open::known(get(&head, 3)?)?;
        if let Some(to) = get::<Option<String>>(&head, 4)? {
            return Err(Fault::Moved(to).into());
        }
        let keys: Vec<_> = batch.command.iter().chain(batch.also.iter().map(|(key, _)| key)).collect();
        if !keys.is_empty()
            && let Some(before) = read::answered(link, &keys)?
        {
            return Ok(before);
        }
        let at = count(&head, 1)?;
        let lineage: String = get(&head, 0)?;
        if at != batch.expect
            || batch.lineage.as_ref().is_some_and(|known| *known != Lineage(lineage.clone()))
        {
            return Ok(Outcome::Moved(at));
        }
        if batch.leads {
            self.lease.prove(link)?;
        }
        let seq = at + 1;
        let mut done = Committed { seq, ..Committed::default() };
        let mut sum = get::<Option<&str>>(&head, 2)?.and_then(Sum::read).unwrap_or_default();
        upsert(link, seq, &batch.upserts, &mut done, &mut sum)?;
        bury(link, seq, &batch.tombstones, &mut done, &mut sum)?;
        done.events = append(link, seq, &batch.events)?;
        beside(link, seq, batch)?;
        let touched = done.added + done.changed + done.deleted + batch.events.len() + batch.outbox.len();
        if touched + batch.cursors.len() + keys.len() == 0 && !batch.renew_lineage {
            return Ok(Outcome::Committed(Committed { seq: at, ..done }));
        }
        receipts(link, seq, batch)?;
        let lineage = if batch.renew_lineage { lineage_of().map_err(Fault::Io)? } else { lineage };
        let sum = (batch.upserts.len() + batch.tombstones.len() > 0).then(|| sum.hex());
        link.execute(
            "UPDATE head SET seq = $1, lineage = $2, records = coalesce($3, records), note = coalesce($4, note)",
            &[&big(seq), &lineage, &sum, &batch.note],
        )?;
        link.execute("INSERT INTO commits (seq, name) VALUES ($1, $2)", &[&big(seq), &name.as_slice()])?;
        link.execute("DELETE FROM commits WHERE seq <= $1", &[&big(seq.saturating_sub(NAMES))])?;
        link.query(
            "SELECT pg_notify($1, $2)",
            &[&super::listen::channel(&self.address.schema), &seq.to_string()],
        )?;
        Ok(Outcome::Committed(done))
    }
}

/// Adds and replaces records, keeping the sum of their hashes, a lot at a time; what says the same as before stays.
fn upsert(link: &Link, seq: Seq, rows: &[Upsert], done: &mut Committed, sum: &mut Sum) -> Tried<()> {
    let mut rest = rows;
    while !rest.is_empty() {
        // The same record twice is written twice, one after the other.
        let mut known = HashSet::new();
        let fresh = rest.iter().take(LOT).take_while(|row| known.insert((row.kind, row.id.as_str()))).count();
        let (lot, later) = rest.split_at(fresh.max(1));
        upsert_lot(link, seq, lot, done, sum)?;
        rest = later;
    }
    Ok(())
}

fn upsert_lot(link: &Link, seq: Seq, rows: &[Upsert], done: &mut Committed, sum: &mut Sum) -> Tried<()> {
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let json =
            row.json.bytes().map_err(|why| Fault::Io(io::Error::other(format!("{}: {why}", row.id))))?;
        let hash = digest::of(row.kind, &row.id, &row.source, seq, false, &json);
        made.push((row, json, hash));
    }
    let kinds: Vec<&str> = made.iter().map(|(row, ..)| row.kind).collect();
    let ids: Vec<&str> = made.iter().map(|(row, ..)| row.id.as_str()).collect();
    let sources: Vec<&str> = made.iter().map(|(row, ..)| row.source.as_str()).collect();
    let jsons: Vec<&[u8]> = made.iter().map(|(_, json, _)| &**json).collect();
    let find = "SELECT n.at, r.hash, r.json <> n.json OR r.deleted OR r.source <> n.source
                FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) WITH ORDINALITY AS n (kind, id, source, json, at)
                JOIN records r ON r.kind = n.kind COLLATE \"C\" AND r.id = n.id COLLATE \"C\"";
    let mut write = vec![true; made.len()];
    for row in link.query(find, &[&kinds, &ids, &sources, &jsons])? {
        let at = usize::try_from(count(&row, 0)?).unwrap_or(0).saturating_sub(1);
        let differs: bool = get(&row, 2)?;
        if differs {
            done.changed += 1;
            if get::<Option<&[u8]>>(&row, 1)?.is_some() {
                sum.subtract(&hash(&row, 1)?);
            }
        } else {
            done.unchanged += 1;
        }
        // Known, so not added.
        done.added = done.added.wrapping_sub(1);
        if let Some(write) = write.get_mut(at) {
            *write = differs;
        }
    }
    done.added = done.added.wrapping_add(made.len());
    let picked: Vec<usize> = (0..made.len()).filter(|at| write.get(*at) == Some(&true)).collect();
    let hashes: Vec<&[u8]> = made.iter().map(|(.., hash)| hash.as_slice()).collect();
    picked.iter().filter_map(|at| made.get(*at)).for_each(|(.., hash)| sum.add(hash));
    let put = "INSERT INTO records (kind, id, source, seq, deleted, json, hash)
               SELECT n.kind, n.id, n.source, $6, false, n.json, n.hash
               FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[]) AS n (kind, id, source, json, hash)
               ON CONFLICT (kind, id) DO UPDATE SET source = excluded.source, seq = excluded.seq, deleted = false,
                   json = excluded.json, hash = excluded.hash";
    if picked.is_empty() {
        return Ok(());
    }
    let of = |all: &[&str]| -> Vec<String> {
        picked.iter().filter_map(|at| all.get(*at)).map(|s| (*s).to_owned()).collect()
    };
    let bytes = |all: &[&[u8]]| -> Vec<Vec<u8>> {
        picked.iter().filter_map(|at| all.get(*at)).map(|s| s.to_vec()).collect()
    };
    let values = (of(&kinds), of(&ids), of(&sources), bytes(&jsons), bytes(&hashes));
    link.execute(put, &[&values.0, &values.1, &values.2, &values.3, &values.4, &big(seq)])?;
    Ok(())
}

fn bury(link: &Link, seq: Seq, rows: &[Tombstone], done: &mut Committed, sum: &mut Sum) -> Tried<()> {
    for row in rows {
        let find = "SELECT source, json, hash FROM records WHERE kind = $1 AND id = $2 AND NOT deleted";
        let Some(known) = link.first(find, &[&row.kind, &row.id])? else { continue };
        let hash_now = digest::of(row.kind, &row.id, get(&known, 0)?, seq, true, get(&known, 1)?);
        let bury = "UPDATE records SET deleted = true, seq = $3, hash = $4 WHERE kind = $1 AND id = $2";
        link.execute(bury, &[&row.kind, &row.id, &big(seq), &hash_now.as_slice()])?;
        done.deleted += 1;
        if get::<Option<&[u8]>>(&known, 2)?.is_some() {
            sum.subtract(&hash(&known, 2)?);
        }
        sum.add(&hash_now);
    }
    Ok(())
}

/// Appends to the chain; each event must name the hash of the one before it.
fn append(link: &Link, seq: Seq, events: &[NewEvent]) -> Tried<std::ops::Range<u64>> {
    let (last, mut head) = read::log_end(link)?;
    let mut number = last;
    for event in events {
        number += 1;
        if event.prev != head {
            return Err(Fault::BrokenChain { number }.into());
        }
        head = event.hash;
    }
    if !events.is_empty() {
        let numbers: Vec<i64> = (last + 1..=number).map(big).collect();
        let ats: Vec<i64> = events.iter().map(|event| event.at).collect();
        let bytes: Vec<&[u8]> = events.iter().map(|event| event.bytes.as_slice()).collect();
        let hashes: Vec<&[u8]> = events.iter().map(|event| event.hash.as_slice()).collect();
        let prevs: Vec<&[u8]> = events.iter().map(|event| event.prev.as_slice()).collect();
        link.execute(
            "INSERT INTO events (number, seq, at, bytes, hash, prev)
             SELECT n.number, $6, n.at, n.bytes, n.hash, n.prev
             FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) AS n (number, at, bytes, hash, prev)",
            &[&numbers, &ats, &bytes, &hashes, &prevs, &big(seq)],
        )?;
    }
    Ok(last + 1..number + 1)
}

/// Outbox, cursors, tokens and preferences.
fn beside(link: &Link, seq: Seq, batch: &Batch) -> Tried<()> {
    for row in &batch.outbox {
        link.execute(
            "INSERT INTO outbox (id, seq, source, state, attempts, next_at, json) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, source = excluded.source, state = excluded.state,
                 attempts = excluded.attempts, next_at = excluded.next_at, json = excluded.json",
            &[&row.id, &big(seq), &row.source, &row.state.as_str(), &i64::from(row.attempts), &row.next_at, &row.json],
        )?;
    }
    for row in &batch.cursors {
        link.execute(
            "INSERT INTO cursors (source, seq, json) VALUES ($1, $2, $3)
             ON CONFLICT (source) DO UPDATE SET seq = excluded.seq, json = excluded.json",
            &[&row.source, &big(seq), &row.json],
        )?;
    }
    match &batch.token {
        None => {}
        // A name that is taken is a fault: its secret would change hands.
        Some(TokenAct::Made { id, sha256, json }) => {
            let sql = "INSERT INTO tokens (id, sha256, json) VALUES ($1, $2, $3)";
            link.execute(sql, &[id, &sha256.as_slice(), json])?;
        }
        Some(TokenAct::Revoked { id, at }) => {
            link.execute("UPDATE tokens SET revoked = coalesce(revoked, $2) WHERE id = $1", &[id, at])?;
        }
    }
    if let Some((person, json)) = &batch.preferences {
        link.execute(
            "INSERT INTO preferences (person, json) VALUES ($1, $2)
             ON CONFLICT (person) DO UPDATE SET json = excluded.json",
            &[person, json],
        )?;
    }
    Ok(())
}

fn receipts(link: &Link, seq: Seq, batch: &Batch) -> Tried<()> {
    let first = batch.command.iter().map(|key| (key, &batch.receipt));
    let all: Vec<_> = first.chain(batch.also.iter().map(|(key, receipt)| (key, receipt))).collect();
    let Some(newest) = all.iter().map(|(key, _)| key.at).max() else { return Ok(()) };
    link.execute("DELETE FROM receipts WHERE at < $1", &[&newest.saturating_sub(RECEIPTS_KEPT)])?;
    let authors: Vec<&str> = all.iter().map(|(key, _)| key.author.as_str()).collect();
    let ids: Vec<&[u8]> = all.iter().map(|(key, _)| key.id.as_slice()).collect();
    let digests: Vec<&[u8]> = all.iter().map(|(key, _)| key.digest.as_slice()).collect();
    let ats: Vec<i64> = all.iter().map(|(key, _)| key.at).collect();
    let bodies: Vec<&[u8]> = all.iter().map(|(_, body)| body.as_slice()).collect();
    link.execute(
        "INSERT INTO receipts (author, command_id, digest, at, seq, body)
         SELECT n.author, n.id, n.digest, n.at, $6, n.body
         FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[]) AS n (author, id, digest, at, body)",
        &[&authors, &ids, &digests, &ats, &bodies, &big(seq)],
    )?;
    Ok(())
}
