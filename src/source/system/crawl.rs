//! Rounds of pages as a source: a full one first, then what moved, now and then a full one again for what is gone.
//!
//! Pages are committed as they come and the cursor with them. Doubt is part of it: an empty answer where records were
//! known, far fewer than before, or records older than asked for are reported and not believed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant as Clock},
};

use super::{
    Account, Adapter, Listing, Page, Refusal, Row, Seen, Setup, Wanted,
    any::AnyAdapter,
    clocks,
    cursor::{Cursor, Round},
    push,
};
use crate::{
    model::{Fault, Id, Instant, Line, Record, SourceId, State, Stored},
    source::{
        Capabilities, Fewer, Gone, Mark, Pending, Progress, Pull, PullError, Pulled, Pushed, Source, Terms,
        Write, http::HttpError, shrunk::far_fewer,
    },
};

/// Seconds that an incremental round reads again: clocks differ, and stamps are often whole minutes.
const OVERLAP: i64 = 180;
/// One pull ends after so many records, or this long, and is committed.
const ENOUGH: usize = 1000;
const LONG_ENOUGH: Duration = Duration::from_secs(2);
/// Full rounds in a row that must agree before far fewer records are believed.
const SURE: u8 = 2;
/// Items asked for what is said about them in one round.
const OPEN: usize = 500;
/// Changes that are kept in mind as read for good.
const SETTLED: usize = 5000;
/// Pages in a row with nothing new after which a listing has no end: the system does not heed which page it is asked for.
const STALE: usize = 20;
/// Seconds between the server's clock and ours that are worth a word.
const SKEW: i64 = 60;

/// An adapter as a source.
pub struct Crawler<A: AnyAdapter + ?Sized = dyn AnyAdapter> {
    setup: Setup,
    adapter: Box<A>,
    /// Ids seen in the full round that this process began.
    seen: Seen,
    /// How many of them each listing brought.
    counts: BTreeMap<String, usize>,
    /// Whether `seen` is of the round under way.
    whole: bool,
    /// What this process read of the listing under way.
    listed: Listed,
    terms: Terms,
    /// The newest stamp that this process read.
    newest: Option<Instant>,
}

/// What came of a listing so far, by which one without an end is known.
#[derive(Default)]
struct Listed {
    ids: Seen,
    /// Pages in a row that named nothing new.
    stale: usize,
}

impl Listed {
    /// Takes a page; whether pages still bring something.
    fn goes_on(&mut self, rows: &[Row]) -> bool {
        let before = self.ids.len();
        self.ids.extend(rows.iter().map(|row| row.stored.record.id().clone()));
        self.stale = match self.ids.len() > before {
            true => 0,
            // An empty page has its end in what it names, not in what it repeats.
            false => self.stale + usize::from(!rows.is_empty()),
        };
        self.stale < STALE
    }
}

/// An adapter as a source: of every system the same code.
#[must_use]
pub fn source(setup: Setup, adapter: impl Adapter + 'static) -> Box<dyn Source> {
    Box::new(<Crawler>::new(setup, Box::new(adapter)))
}

impl<A: AnyAdapter + ?Sized> Crawler<A> {
    fn new(setup: Setup, adapter: Box<A>) -> Self {
        Self {
            setup,
            adapter,
            seen: Seen::new(),
            counts: BTreeMap::new(),
            whole: false,
            listed: Listed::default(),
            terms: Terms::default(),
            newest: None,
        }
    }

    fn fault(&self, refusal: &Refusal) -> PullError {
        let retry_after = match refusal {
            Refusal::Http(error) => error.retry_after(),
            Refusal::Said(_) | Refusal::NotAsked(_) | Refusal::OddPage(_) => None,
        };
        PullError { message: format!("{}: {refusal}", self.setup.id), retry_after }
    }

    async fn next_pull(&mut self, cursor: Option<&[u8]>, now: Instant) -> Result<Pull, PullError> {
        let mut cursor = Cursor::read(cursor);
        let listings = self.adapter.listings();
        let mut batch = Batch::default();
        // What a person says of the whole is said of a round that sees it whole.
        let goes_on = |_: &Round| self.whole || !self.terms.fewer;
        let mut round = match cursor.round.take().filter(goes_on) {
            Some(round) => round,
            None => self.begin(&cursor, now),
        };
        let began = Clock::now();
        while batch.records.len() < ENOUGH && began.elapsed() < LONG_ENOUGH {
            if let Some(listing) = listings.get(round.listing) {
                self.read_page(listing, &mut cursor, &mut round, &mut batch).await?;
                continue;
            }
            keep_open(&mut cursor, &mut round, &batch);
            let asking = match round.asking.take() {
                Some(asking) => asking,
                None => self.items_to_ask(&mut cursor, &round).await?,
            };
            let asking = round.asking.insert(asking);
            let Some(item) = asking.pop() else {
                return Ok(self.finish(cursor, &round, batch, now));
            };
            // An item that was to be asked about when this round began, and is not any more, has nothing to say.
            let Some(comments) = self.adapter.per_item() else { continue };
            let page = match comments.comments_and_approvals(&item).await {
                Ok(page) => page,
                // Deleted there: nothing more is asked about it, and the next full round says that it is gone.
                Err(Refusal::Http(HttpError::Missing { .. })) => {
                    cursor.open.remove(&item);
                    continue;
                }
                Err(refusal) => return Err(self.fault(&refusal)),
            };
            batch.add(page.rows.into_iter().map(|row| row.stored), page.faults);
        }
        keep_open(&mut cursor, &mut round, &batch);
        let progress = Progress { done: round.done, total: round.total };
        cursor.round = Some(round);
        Ok(batch.pull(&cursor, Gone::Unsaid, Some(progress)))
    }

    fn begin(&mut self, cursor: &Cursor, now: Instant) -> Round {
        let due = cursor.swept.is_none_or(|swept| now - swept >= self.setup.sweep);
        let full = cursor.since.is_none() || due || self.terms.fewer;
        self.seen.clear();
        self.listed = Listed::default();
        self.counts.clear();
        self.whole = full;
        Round {
            began: now.plus(self.skew()),
            full,
            listing: 0,
            page: None,
            done: 0,
            total: None,
            asking: None,
            moved: BTreeSet::new(),
            newest: None,
        }
    }

    /// Seconds by which the server's clock is ahead of ours, as far as it tells.
    fn skew(&self) -> i64 {
        self.adapter.http().and_then(super::Http::skew).unwrap_or(0)
    }

    /// From when on what moved is asked for; none where everything is.
    fn since(&self, listing: &Listing, cursor: &Cursor, round: &Round) -> Option<Instant> {
        let since = cursor.since.filter(|_| listing.incremental && !round.full)?;
        Some(match self.adapter.unsaid_zone() {
            Some(zone) => clocks::asked_since(zone, cursor, round, since, OVERLAP),
            None => since,
        })
    }

    async fn read_page(
        &mut self,
        listing: &Listing,
        cursor: &mut Cursor,
        round: &mut Round,
        batch: &mut Batch,
    ) -> Result<(), PullError> {
        let since = self.since(listing, cursor, round);
        let page = round.page.as_deref();
        let mut wanted = Wanted { listing, since, page, settled: &cursor.settled, again: false };
        let mut read = self.adapter.page(wanted).await;
        // A cache between may answer with what was asked before; that happens once.
        if let Err(Refusal::OddPage(_)) = read {
            wanted.again = true;
            read = self.adapter.page(wanted).await;
        }
        let Page { rows, faults, next, total } = read.map_err(|refusal| self.fault(&refusal))?;
        let goes_on = self.listed.goes_on(&rows);
        if next.is_none() || !goes_on {
            self.listed = Listed::default();
        }
        if next.is_some() && !goes_on {
            return Err(self.fault(&Refusal::Said(format!(
                "{STALE} pages of {} in a row name nothing new and there is always a next one: it does not heed which page it is asked for",
                listing.name
            ))));
        }
        if next.is_some() && next == round.page {
            return Err(self.fault(&Refusal::Said(format!(
                "the page of {} after {} is that page again; nothing of it was used",
                listing.name,
                round.page.as_deref().unwrap_or("the first")
            ))));
        }
        let old = since.map_or(0, |since| rows.iter().filter(|row| is_older(row, since)).count());
        round.done += rows.len();
        self.newest = rows.iter().filter_map(|row| row.updated).chain(self.newest).max();
        round.newest = rows.iter().filter_map(|row| row.updated).chain(round.newest).max();
        if self.adapter.unsaid_zone().is_some() {
            settle(cursor, round, &rows);
        }
        round.total = match (round.page.is_none(), total) {
            (true, Some(total)) => Some(round.done - rows.len() + total),
            _ => round.total,
        };
        if self.whole {
            *self.counts.entry(listing.name.to_owned()).or_default() += rows.len();
            self.seen.extend(rows.iter().map(|row| row.stored.record.id().clone()));
        }
        batch.add(rows.into_iter().map(|row| row.stored), faults);
        if old > 0 {
            // What came is true all the same, but it is not what was asked: nothing more of it is read.
            batch.warn(format!(
                "{}: {old} {} are older than asked for: the system ignores the question for what moved; the rest of them was not read",
                self.setup.id, listing.name
            ));
        }
        match next.filter(|_| old == 0) {
            Some(next) => round.page = Some(next),
            None => {
                round.listing += 1;
                round.page = None;
            }
        }
        Ok(())
    }

    /// The items to be asked for what is said about them.
    async fn items_to_ask(&mut self, cursor: &mut Cursor, round: &Round) -> Result<Vec<Id>, PullError> {
        let Some(comments) = self.adapter.per_item() else { return Ok(Vec::new()) };
        if !comments.asks_all_open() {
            return Ok(round.moved.iter().rev().take(OPEN).cloned().collect());
        }
        let marks = comments.marks(&cursor.open).await;
        let Some(marks) = marks.map_err(|refusal| self.fault(&refusal))? else {
            cursor.marks.clear();
            return Ok(cursor.open.iter().rev().take(OPEN).cloned().collect());
        };
        let stirs = |id: &Id| round.full || round.moved.contains(id) || marks.get(id) != cursor.marks.get(id);
        let asked: Vec<Id> = cursor.open.iter().rev().filter(|id| stirs(id)).take(OPEN).cloned().collect();
        cursor.marks.retain(|id, _| marks.contains_key(id));
        for id in &asked {
            if let Some(mark) = marks.get(id) {
                cursor.marks.insert(id.clone(), mark.clone());
            }
        }
        Ok(asked)
    }

    /// The round is through: what is gone, what is odd, and where the next one begins.
    fn finish(&mut self, mut cursor: Cursor, round: &Round, mut batch: Batch, now: Instant) -> Pull {
        let mut gone = Gone::Unsaid;
        if round.full {
            let lost = self.lost(&cursor);
            if !self.whole {
                // Another process began it: what it saw is not known here, so nothing is called gone.
            } else if let Some(first) = lost.first().filter(|_| !self.terms.fewer) {
                cursor.doubts += 1;
                batch.warn(first.doubt(&self.setup.id));
            } else {
                batch.fewer = lost;
                cursor.doubts = 0;
                cursor.known = self.seen.len();
                cursor.known_of = std::mem::take(&mut self.counts);
                let kinds = self.adapter.listings().iter().flat_map(|l| l.kinds.iter().copied()).collect();
                gone = Gone::AllBut(kinds, std::mem::take(&mut self.seen));
            }
            cursor.known = cursor.known.max(if self.whole { 0 } else { round.done });
            // What is in doubt is read whole again in the next round.
            if cursor.doubts == 0 {
                cursor.swept = Some(round.began);
            }
            self.whole = false;
        }
        if let Some(zone) = self.adapter.unsaid_zone() {
            let before = cursor.since.map(|since| since.plus(OVERLAP));
            clocks::learn(zone, &mut cursor, round.newest, before, now.plus(self.skew()));
            if let Some(off) = cursor.off {
                batch.warn(clocks::warning(&self.setup.id, zone, off));
            }
        }
        if round.full {
            cursor.notes.clear();
        }
        cursor.notes.extend(self.adapter.notes());
        cursor.notes.iter().for_each(|note| batch.warn(format!("{}: {note}", self.setup.id)));
        cursor.since = Some(round.began.plus(-OVERLAP));
        cursor.round = None;
        if let Some(skew) = self.adapter.http().and_then(super::Http::skew).filter(|skew| skew.abs() > SKEW) {
            let which = if skew > 0 { "ahead of" } else { "behind" };
            batch.warn(format!(
                "{}: its clock is {} s {which} ours; set both by NTP, or stamps and deadlines will look wrong",
                self.setup.id,
                skew.abs()
            ));
        }
        batch.pull(&cursor, gone, None)
    }

    /// What a full round lost and is not believed by itself; nothing where it is believed.
    fn lost(&self, cursor: &Cursor) -> Vec<Fewer> {
        // What came between two full rounds is known too, as far as it is still open.
        let (found, known) = (self.seen.len(), cursor.known.max(cursor.open.len()));
        // What a person says is lost is told, also where this round would have been believed by itself.
        let sure = found > 0 && cursor.doubts + 1 >= SURE && !self.terms.fewer;
        if (found == 0 && known > 0) || (far_fewer(found, known) && !sure) {
            return vec![Fewer { what: "records", before: known, after: found }];
        }
        if sure {
            return Vec::new();
        }
        // Windows that are all there say nothing about changes that are not.
        let counts = self.adapter.listings().into_iter().map(|listing| Fewer {
            what: listing.name,
            before: cursor.known_of.get(listing.name).copied().unwrap_or(0),
            after: self.counts.get(listing.name).copied().unwrap_or(0),
        });
        counts.filter(|lost| far_fewer(lost.after, lost.before)).collect()
    }
}

/// Keeps which changes were read so long after their stamp that nothing can have moved under it since.
fn settle(cursor: &mut Cursor, round: &Round, rows: &[Row]) {
    for row in rows {
        let Some(updated) = row.updated else { continue };
        let id = row.stored.record.id();
        if round.began - updated > OVERLAP {
            cursor.settled.insert(id.clone(), updated);
        } else {
            cursor.settled.remove(id);
        }
    }
    unsettle(cursor);
}

/// Forgets what no round will name again by itself: all but what is about as new as the newest, by a clock that may be
/// set back.
fn unsettle(cursor: &mut Cursor) {
    let newest = cursor.settled.values().max().copied();
    let edge = newest.max(cursor.newest).map(|newest| newest.plus(-OVERLAP - 3600));
    cursor.settled.retain(|_, updated| edge.is_none_or(|edge| *updated >= edge));
    // As many at once are of an import; they are read again rather than kept in mind.
    if cursor.settled.len() > SETTLED {
        cursor.settled.clear();
    }
}

/// Strictly before the asked instant and the overlap: no rounding explains that.
fn is_older(row: &Row, since: Instant) -> bool {
    row.updated.is_some_and(|updated| updated < since.plus(-OVERLAP))
}

/// Keeps the list of items that are still to be decided or done.
fn keep_open(cursor: &mut Cursor, round: &mut Round, batch: &Batch) {
    for stored in &batch.records {
        if let Record::Change(change) = &stored.record {
            let undecided = matches!(
                change.state.value,
                State::Assess | State::Authorize | State::Scheduled | State::Implement | State::Unknown
            );
            if undecided {
                cursor.open.insert(change.id.clone());
                if round.asking.is_none() {
                    round.moved.insert(change.id.clone());
                }
            } else {
                cursor.open.remove(&change.id);
            }
        }
    }
}

/// That something said about an item cannot be told from what else is said about it: all of that would be one record.
fn nameless(stored: &Stored) -> Option<Fault> {
    let (place, what, id, item) = match &stored.record {
        Record::Comment(comment) => ("comment", "a comment", &comment.id, &comment.item),
        Record::Approval(approval) => ("approval", "an approval", &approval.id, &approval.item),
        Record::Change(_)
        | Record::Release(_)
        | Record::Window(_)
        | Record::Service(_)
        | Record::Person(_)
        | Record::Incident(_) => return None,
    };
    (*id == item.under("")).then(|| Fault {
        source: stored.source.clone(),
        record: Some(item.clone()),
        place: place.to_owned(),
        message: format!("{what} of it has no id: it was left out"),
    })
}

/// What one pull gathers.
#[derive(Debug, Default)]
struct Batch {
    records: Vec<Stored>,
    faults: Vec<Fault>,
    warnings: Vec<Line>,
    fewer: Vec<Fewer>,
}

impl Batch {
    fn add(&mut self, records: impl Iterator<Item = Stored>, faults: Vec<Fault>) {
        for stored in records {
            match nameless(&stored) {
                Some(fault) => self.faults.push(fault),
                None => self.records.push(stored),
            }
        }
        // What stands on two pages that overlap is told once. Of what cannot be told apart, each is one of its own.
        for fault in faults {
            if fault.record.is_none() || !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }

    fn warn(&mut self, words: String) {
        tracing::warn!(words, "source");
        self.warnings.push(Line::new(&words));
    }

    fn pull(self, cursor: &Cursor, gone: Gone, more: Option<Progress>) -> Pull {
        let nothing = self.records.is_empty()
            && self.faults.is_empty()
            && matches!(gone, Gone::Unsaid)
            && more.is_none();
        let what = if nothing {
            Pulled::Unchanged
        } else {
            Pulled::Part { records: self.records, faults: self.faults, gone }
        };
        Pull { what, cursor: cursor.bytes(), more, warnings: self.warnings, fewer: self.fewer }
    }
}

impl<A: AnyAdapter + ?Sized> Source for Crawler<A> {
    fn id(&self) -> &SourceId {
        &self.setup.id
    }

    fn capabilities(&self) -> Capabilities {
        let able = self.adapter.capabilities();
        if self.setup.write {
            return able;
        }
        let why = "write = false in the settings of this source: nothing is written back";
        Capabilities::read_only(able.reads, why)
    }

    fn agree(&mut self, terms: Terms) {
        self.terms = terms;
    }

    fn pull<'a>(
        &'a mut self,
        cursor: Option<&'a [u8]>,
        now: Instant,
    ) -> Pending<'a, Result<Pull, PullError>> {
        Box::pin(self.next_pull(cursor, now))
    }

    fn look<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Vec<Stored>, PullError>> {
        Box::pin(async move {
            let found = self.adapter.item(item).await;
            found.map_err(|refusal| self.fault(&refusal))
        })
    }

    fn push<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Pushed> {
        Box::pin(push::push(&self.setup, &mut *self.adapter, write))
    }

    fn written<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<Line>, PullError>> {
        Box::pin(async move {
            let found = push::find(&mut *self.adapter, write).await;
            found.map(|place| place.map(|place| Line::new(&place))).map_err(|refusal| self.fault(&refusal))
        })
    }

    fn account<'a>(&'a mut self, own: bool) -> Pending<'a, Result<Option<Account>, PullError>> {
        Box::pin(async move {
            let login = if own { self.setup.me.clone() } else { Some(self.setup.login.clone()) };
            let (Some(who), Some(login)) = (self.adapter.who_am_i(), login) else { return Ok(None) };
            let told = who.account(&login, own).await;
            told.map(Some).map_err(|refusal| self.fault(&refusal))
        })
    }

    fn about_its_zone(&self, now: Instant) -> Option<Line> {
        let zone = self.adapter.unsaid_zone()?;
        let said = clocks::checked(&self.setup.id, zone, self.newest, now.plus(self.skew()));
        Some(Line::new(&said))
    }

    fn credential(&self, own: bool) -> Option<Mark> {
        Some(self.setup.credential(own))
    }

    fn holds(&self) -> bool {
        self.adapter.holds()
    }

    fn close<'a>(&'a mut self) -> Pending<'a, ()> {
        Box::pin(self.adapter.close())
    }
}

#[cfg(test)]
mod tests;
