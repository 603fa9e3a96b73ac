//! The cached start: the last snapshot as one blob, so that the first frame needs no derivation.
//!
//! Rows are postcard, in which a number stands for every text; the texts come first, the conflicts last. Records and rules, which speak JSON with unknown fields, are kept as JSON inside it. The opening is packed: it is read from a cold disk.

use std::{collections::HashSet, fmt, hash::Hash, os::unix::fs::MetadataExt, sync::Arc, thread};

use foldhash::fast::RandomState;
use imbl::OrdMap;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned},
};
use sha2::{Digest, Sha256};

use super::serve::Server;
use crate::{
    ledger::log,
    model::{
        Fault, Id, Instant, Line, Person, Service, Window,
        extra::Extra,
        pool::{Texts, numbered, numbering},
    },
    store::{Head, StartCache},
    wire::{ActivityRow, Conflicts, ItemRow, Me, Opening, Snapshot, SourceHealth, Tally},
};

/// What the blob must agree with to be of use: this very binary, the board's lineage and sequence. Who looks is no part of
/// it: the rows are everybody's.
#[must_use]
pub fn key(head: &Head) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(binary());
    hash.update(head.lineage.as_str());
    hash.update(head.seq.to_le_bytes());
    hash.update(head.hash);
    hash.finalize().to_vec()
}

/// Names the layout of rows of this very build: who says the same reads blobs as they are written here. None where the
/// program's file was replaced under it.
#[must_use]
pub fn layout() -> Option<String> {
    let there = std::env::current_exe().and_then(std::fs::metadata).is_ok();
    there.then(|| log::hex(&Sha256::digest(binary())))
}

/// A snapshot with what a blob holds, and nothing besides.
#[must_use]
pub fn held(snapshot: &Snapshot) -> Snapshot {
    Snapshot {
        meetings: Arc::default(),
        actions: Arc::default(),
        glass: Arc::default(),
        questions: Arc::default(),
        writes: Arc::default(),
        ..snapshot.clone()
    }
}

/// Another build may lay rows out otherwise: its size and time of making tell it apart.
fn binary() -> Vec<u8> {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let stamp = file.map_or((0, 0, 0), |meta| (meta.size(), meta.mtime(), meta.mtime_nsec()));
    format!("{} {stamp:?}", env!("CARGO_PKG_VERSION")).into_bytes()
}

/// The parts of a snapshot that are kept. Who looks and where is known without it.
#[derive(Serialize, Deserialize)]
struct Blob {
    seq: u64,
    lineage: String,
    now: Instant,
    #[serde(deserialize_with = "rows")]
    activities: OrdMap<Id, Arc<ActivityRow>>,
    releases: OrdMap<Id, Arc<ItemRow>>,
    tallies: OrdMap<Id, Arc<Tally>>,
    reviews_due: Arc<Vec<Id>>,
    faults: Arc<Vec<Fault>>,
    sources: Arc<Vec<SourceHealth>>,
    events: u64,
    head: Arc<str>,
    rules: Vec<u8>,
    windows: Vec<u8>,
    services: Vec<Kept>,
    people: Vec<u8>,
    opening: Option<Opening>,
}

/// A service, of which there are thousands: all but its unknown fields by the numbers of its texts.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: Id,
    name: Line,
    class: Option<Line>,
    tier: Option<u8>,
    depends_on: Vec<Line>,
    aliases: Vec<Line>,
    /// As JSON; empty where there are none.
    extra: Vec<u8>,
}

impl Kept {
    fn of(service: &Service) -> Result<Self, String> {
        let Service { id, name, class, tier, depends_on, aliases, extra } = service.clone();
        let extra = if extra.is_empty() { Vec::new() } else { json(&extra)? };
        Ok(Self { id, name, class, tier, depends_on, aliases, extra })
    }

    fn service(self) -> Option<Service> {
        let Self { id, name, class, tier, depends_on, aliases, extra } = self;
        let extra = match extra.is_empty() {
            true => Extra::default(),
            false => serde_json::from_slice(&extra).ok()?,
        };
        Some(Service { id, name, class, tier, depends_on, aliases, extra })
    }
}

/// The blob of a snapshot.
///
/// # Errors
/// When a part cannot be written down, which is a mistake in its type.
pub fn write(snapshot: &Snapshot) -> Result<Vec<u8>, String> {
    let blob = Blob {
        seq: snapshot.seq,
        lineage: snapshot.lineage.clone(),
        now: snapshot.now,
        activities: snapshot.activities.clone(),
        releases: snapshot.releases.clone(),
        tallies: snapshot.tallies.clone(),
        reviews_due: Arc::clone(&snapshot.reviews_due),
        faults: Arc::clone(&snapshot.faults),
        sources: Arc::clone(&snapshot.sources),
        events: snapshot.events,
        head: Arc::clone(&snapshot.head),
        rules: json(&snapshot.rules)?,
        windows: json(&snapshot.windows.values().collect::<Vec<_>>())?,
        services: snapshot.services.values().map(|service| Kept::of(service)).collect::<Result<_, _>>()?,
        people: json(&snapshot.people.values().collect::<Vec<_>>())?,
        opening: snapshot.opening,
    };
    let ((body, conflicts), texts) =
        numbering(|| (postcard::to_stdvec(&blob), postcard::to_stdvec(&snapshot.conflicts)));
    let parts = (texts, body.map_err(|e| e.to_string())?, conflicts.map_err(|e| e.to_string())?);
    postcard::to_stdvec(&parts).map_err(|e| e.to_string())
}

/// The snapshot of a blob, provisional; `None` when it does not read. The conflicts, which are as many as all else, are
/// read by a thread of their own where one can be had.
#[must_use]
pub fn read(blob: &[u8]) -> Option<Snapshot> {
    let (texts, body, conflicts): (Vec<&str>, &[u8], &[u8]) = postcard::from_bytes(blob).ok()?;
    let texts = Texts::new(texts);
    thread::scope(|scope| {
        let clashes = || numbered(&texts, || postcard::from_bytes::<Conflicts>(conflicts).ok());
        let beside = thread::Builder::new().name("start".to_owned()).spawn_scoped(scope, clashes);
        let rest = numbered(&texts, || whole(body))?;
        let conflicts = match beside {
            Ok(beside) => beside.join().ok()?,
            Err(_) => clashes(),
        };
        Some(Snapshot { conflicts: conflicts?, ..rest })
    })
}

/// An opening as it lies on a disk and goes over a wire.
///
/// # Errors
/// As [`write`].
pub fn write_packed(opening: &Snapshot) -> Result<Vec<u8>, String> {
    write(opening).map(|blob| compress_to_vec(&blob, FAST))
}

/// The snapshot of an opening, as it lies on the disk.
#[must_use]
pub fn read_packed(packed: &[u8]) -> Option<Snapshot> {
    read(&decompress_to_vec_with_limit(packed, LARGEST).ok()?)
}

fn whole(blob: &[u8]) -> Option<Snapshot> {
    let blob: Blob = postcard::from_bytes(blob).ok()?;
    Some(Snapshot {
        accounts: Arc::default(),
        served: false,
        seq: blob.seq,
        lineage: blob.lineage,
        now: blob.now,
        me: Me::default(),
        rules: Arc::new(serde_json::from_slice(&blob.rules).ok()?),
        activities: blob.activities,
        releases: blob.releases,
        windows: records(&blob.windows, |window: &Window| &window.id)?,
        services: services(blob.services)?,
        people: records(&blob.people, |person: &Person| &person.id)?,
        conflicts: Conflicts::default(),
        tallies: blob.tallies,
        reviews_due: blob.reviews_due,
        meetings: Arc::default(),
        actions: Arc::default(),
        glass: Arc::default(),
        questions: Arc::default(),
        faults: blob.faults,
        sources: blob.sources,
        writes: Arc::default(),
        events: blob.events,
        head: blob.head,
        read_only: false,
        place: Arc::from(""),
        provisional: true,
        opening: blob.opening,
        kept: false,
        stuck: None,
        refused: None,
        broken: None,
        clock: None,
    })
}

/// How an opening is packed, and how much of it unpacked is believed to be one, in bytes.
const FAST: u8 = 1;
const LARGEST: usize = 1 << 26;

impl Server {
    fn start_cache(&self) -> Option<StartCache> {
        self.store.start_cache().filter(|_| self.options.cache)
    }

    /// The snapshot of the last start, where it is of this very board.
    pub(super) fn read_cache(&self) -> Option<Snapshot> {
        read(&self.start_cache()?.load(&key(&self.head))?)
    }

    /// What the first screen shows, as the last start or the last command left it, where it is of this very board and now.
    pub(super) fn read_opening(&self) -> Option<Snapshot> {
        let packed = self.start_cache()?.opening().load(&key(&self.head))?;
        let snapshot = read_packed(&packed)?;
        snapshot.opening.is_some_and(|opening| opening.serves(self.options.clock.now())).then_some(snapshot)
    }

    /// Leaves what the first screen shows for the next start: of a board that was written to, or is followed.
    pub(super) fn leave_opening(&self) {
        if self.options.read_only || self.proof.broken().is_some() {
            return;
        }
        let Some(cache) = self.store.start_cache() else { return };
        let Some(part) = self.live.opening(&self.publish.borrow()) else { return };
        let written = write_packed(&part)
            .and_then(|blob| cache.opening().save(&key(&self.head), &blob).map_err(|e| e.to_string()));
        if let Err(error) = written {
            tracing::warn!(error, "no opening is kept");
        }
    }

    /// Leaves the snapshot for the next start; a failure costs that start some time and nothing else.
    pub(super) fn leave_cache(&mut self) {
        let whole = self.cached != Some(self.head.seq) && self.proof.broken().is_none();
        // One that was made long ago serves no more, though nothing was written since.
        if self.options.cache && (whole || !self.opened) {
            self.leave_opening();
        }
        let Some(cache) = self.start_cache().filter(|_| whole) else { return };
        // What everybody shares: the file holds no vote that is hidden from others.
        let shared =
            Snapshot { tallies: self.live.ledger.tallies().clone(), ..(**self.publish.borrow()).clone() };
        let written =
            write(&shared).and_then(|blob| cache.save(&key(&self.head), &blob).map_err(|e| e.to_string()));
        match written {
            Ok(()) => self.cached = Some(self.head.seq),
            Err(error) => tracing::warn!(error, "no start cache"),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|e| e.to_string())
}

/// Rows of activities. Many name the same services: their names are kept once.
fn rows<'de, D: Deserializer<'de>>(d: D) -> Result<OrdMap<Id, Arc<ActivityRow>>, D::Error> {
    d.deserialize_map(Rows)
}

struct Rows;

impl<'de> de::Visitor<'de> for Rows {
    type Value = OrdMap<Id, Arc<ActivityRow>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of activities by id")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let (mut names, mut ids) = (HashSet::default(), HashSet::default());
        let mut all = OrdMap::new();
        while let Some((id, mut row)) = rows.next_entry::<Id, ActivityRow>()? {
            row.services = once(&mut names, row.services);
            row.service_ids = once(&mut ids, row.service_ids);
            all.insert(id, Arc::new(row));
        }
        Ok(all)
    }
}

/// The list, or an equal one that was there before.
fn once<T: Eq + Hash>(known: &mut HashSet<Arc<[T]>, RandomState>, list: Arc<[T]>) -> Arc<[T]> {
    if let Some(known) = known.get(&list) {
        return Arc::clone(known);
    }
    known.insert(Arc::clone(&list));
    list
}

fn services(kept: Vec<Kept>) -> Option<OrdMap<Id, Arc<Service>>> {
    let one = |kept: Kept| kept.service().map(|service| (service.id.clone(), Arc::new(service)));
    kept.into_iter().map(one).collect()
}

fn records<T: DeserializeOwned>(json: &[u8], id: impl Fn(&T) -> &Id) -> Option<OrdMap<Id, Arc<T>>> {
    let records: Vec<T> = serde_json::from_slice(json).ok()?;
    Some(records.into_iter().map(|record| (id(&record).clone(), Arc::new(record))).collect())
}
