//! How much one caller may take of the service: connections and requests by person, and by address only until it is known
//! who comes. Nobody is shut out for what somebody else does.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::wire::{Problem, ProblemKind};

/// Connections of one address that have not said yet who they are.
const STRANGE: usize = 64;
/// Connections of one person at once.
const EACH: usize = 64;
/// Connections in all, where the process may open as many files.
const MOST: usize = 4096;
/// Requests of one person that may come at once, and how many a second after that.
const BURST: f64 = 200.0;
const RATE: f64 = 50.0;
/// Wrong credentials after which a connection is ended.
const WRONG: u32 = 8;

/// The books of a service.
#[derive(Debug, Default)]
pub struct Limits {
    inner: Mutex<Inner>,
    most: usize,
}

#[derive(Debug, Default)]
struct Inner {
    open: usize,
    /// Answers by their status.
    answered: BTreeMap<u16, u64>,
    strange: HashMap<IpAddr, usize>,
    /// Connections that have not said yet who they are, the oldest first; some have said so meanwhile, or are gone.
    waiting: VecDeque<Weak<Connection>>,
    people: HashMap<String, Bucket>,
    /// Connections by the person whose credential came first on them.
    held: HashMap<String, usize>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    /// Limits of a process that may open so many files.
    #[must_use]
    pub fn new(files: usize) -> Arc<Self> {
        Arc::new(Self { inner: Mutex::default(), most: MOST.min(files / 2) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection from this address; `None` where it has too many that nobody knows, or there are too many at all. Where
    /// the service is full, whoever has waited longest without saying who they are makes room.
    #[must_use]
    pub fn connect(self: &Arc<Self>, from: IpAddr) -> Option<Arc<Connection>> {
        // Let go of after the books are closed: the last holder of a connection writes into them.
        let mut passed = Vec::new();
        let mut inner = self.inner();
        let (full, spare) = (inner.open >= self.most, inner.open < self.most + self.most / 8);
        if full && !(spare && inner.make_room(&mut passed)) {
            return None;
        }
        let strange = inner.strange.entry(from).or_default();
        if *strange >= STRANGE {
            return None;
        }
        *strange += 1;
        inner.open += 1;
        let connection = Arc::new(Connection {
            limits: Arc::clone(self),
            from,
            known: OnceLock::new(),
            wrong: AtomicU32::new(0),
            end: Notify::new(),
        });
        // Those that are gone are no more than those that wait.
        if inner.waiting.len() > 2 * self.most {
            inner.waiting.retain(|waiting| waiting.strong_count() > 0);
        }
        inner.waiting.push_back(Arc::downgrade(&connection));
        Some(connection)
    }

    /// Counts an answer.
    pub fn answered(&self, status: u16) {
        *self.inner().answered.entry(status).or_default() += 1;
    }

    /// How many answers there were, by their status.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<u16, u64> {
        self.inner().answered.clone()
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.inner().open
    }

    /// Counts a request of somebody.
    ///
    /// # Errors
    /// When they send too many; the answer to it says when to come again.
    pub fn request(&self, who: &str, now: Instant) -> Result<(), Problem> {
        let mut inner = self.inner();
        if inner.people.len() > MOST {
            // Who has their whole burst left is as good as never seen.
            inner.people.retain(|_, bucket| bucket.now(now) < BURST);
        }
        let bucket = inner.people.entry(who.to_owned()).or_insert(Bucket { left: BURST, at: now });
        bucket.left = bucket.now(now);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Problem::new(ProblemKind::Unreachable, format!("{who} sends too many requests"))
                .hint("wait a second"));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

impl Bucket {
    fn now(&self, now: Instant) -> f64 {
        (self.left + now.saturating_duration_since(self.at).as_secs_f64() * RATE).min(BURST)
    }
}

/// One connection in the books, until it is dropped.
#[derive(Debug)]
pub struct Connection {
    limits: Arc<Limits>,
    from: IpAddr,
    known: OnceLock<String>,
    wrong: AtomicU32,
    end: Notify,
}

impl Connection {
    /// Somebody showed a credential that holds: they answer for this connection from now on, and the address no longer.
    ///
    /// # Errors
    /// When they have too many already.
    pub fn known(&self, who: &str) -> Result<(), Problem> {
        let mut inner = self.limits.inner();
        if self.known.get().is_some() {
            return Ok(());
        }
        let held = inner.held.get(who).copied().unwrap_or_default();
        if held >= EACH {
            let said = format!("{who} has {EACH} connections to this board, and no more are let in");
            return Err(Problem::new(ProblemKind::Unreachable, said)
                .hint("end other sessions of yours, and try again"));
        }
        inner.held.insert(who.to_owned(), held + 1);
        inner.less_strange(self.from);
        // Under the lock of the books: nobody else sets it meanwhile.
        let _first = self.known.set(who.to_owned());
        Ok(())
    }

    /// Resolves once it has to make room for others.
    pub async fn ended(&self) {
        self.end.notified().await;
    }

    /// A credential was wrong: how long the answer waits, and whether it is the last one.
    #[must_use]
    pub fn wrong(&self) -> (Duration, bool) {
        let times = self.wrong.fetch_add(1, Ordering::Relaxed) + 1;
        (Duration::from_millis(100 << times.min(5)), times >= WRONG)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut inner = self.limits.inner();
        inner.open = inner.open.saturating_sub(1);
        match self.known.get() {
            None => inner.less_strange(self.from),
            Some(who) => {
                if let Some(held) = inner.held.get_mut(who) {
                    *held -= 1;
                    if *held == 0 {
                        inner.held.remove(who);
                    }
                }
            }
        }
    }
}

impl Inner {
    /// Ends the connection that has waited longest without saying who it is; false where there is none.
    fn make_room(&mut self, passed: &mut Vec<Arc<Connection>>) -> bool {
        while let Some(oldest) = self.waiting.pop_front() {
            let Some(oldest) = oldest.upgrade() else { continue };
            let waits = oldest.known.get().is_none();
            if waits {
                oldest.end.notify_one();
            }
            passed.push(oldest);
            if waits {
                return true;
            }
        }
        false
    }

    fn less_strange(&mut self, from: IpAddr) {
        if let Some(strange) = self.strange.get_mut(&from) {
            *strange = strange.saturating_sub(1);
            if *strange == 0 {
                self.strange.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_of_one_address_do_not_keep_others_out() {
        let limits = Limits::new(1024);
        let (bad, good) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut held: Vec<_> = std::iter::from_fn(|| limits.connect(bad)).collect();
        assert_eq!((held.len(), limits.open()), (STRANGE, STRANGE));
        let member = limits.connect(good).unwrap();
        // Who is known takes no place among strangers.
        held[0].known("ann").unwrap();
        held[0].known("ann").unwrap();
        held.push(limits.connect(bad).unwrap());
        assert!(limits.connect(bad).is_none());
        drop((held, member));
        assert_eq!(limits.open(), 0);
        assert!(limits.inner().strange.is_empty());
    }

    #[test]
    fn one_person_holds_so_many_connections_wherever_from() {
        let limits = Limits::new(1024);
        let one = |last: usize| {
            let from = IpAddr::from([192, 0, 2, u8::try_from(last % 200).unwrap()]);
            limits.connect(from).unwrap()
        };
        let held: Vec<_> = (0..EACH).map(one).collect();
        held.iter().for_each(|connection| connection.known("ann").unwrap());
        let more = one(EACH);
        assert!(more.known("ann").unwrap_err().title.contains("no more are let in"));
        more.known("bob").unwrap();
        drop(held);
        one(1).known("ann").unwrap();
        drop(more);
        assert!(limits.inner().held.is_empty() && limits.inner().strange.is_empty());
    }

    #[test]
    fn a_process_with_few_files_takes_few_connections() {
        let limits = Limits::new(20);
        let held: Vec<_> =
            (0..=255).filter_map(|last| limits.connect(IpAddr::from([192, 0, 2, last]))).collect();
        // One more than ten, whose place the first has to give.
        assert_eq!(held.len(), 11);
    }

    #[tokio::test]
    async fn who_has_waited_longest_makes_room_and_who_is_known_does_not() {
        let limits = Limits::new(40);
        let mut held: Vec<_> =
            (0..20).map(|last| limits.connect(IpAddr::from([192, 0, 2, last])).unwrap()).collect();
        held[0].known("ann").unwrap();
        let ended = |one: &Arc<Connection>| {
            let ended = std::pin::pin!(one.ended());
            futures::FutureExt::now_or_never(ended).is_some()
        };
        held.push(limits.connect(IpAddr::from([198, 51, 100, 1])).unwrap());
        let told: Vec<usize> = (0..held.len()).filter(|at| ended(&held[*at])).collect();
        assert_eq!(told, [1], "the first of those whom nobody knows");
        held.remove(1);
        drop(held);
        assert_eq!((limits.open(), limits.inner().held.len()), (0, 0));
    }

    #[test]
    fn requests_are_counted_by_person() {
        let (limits, now) = (Limits::new(1024), Instant::now());
        let sent = (0..1000).take_while(|_| limits.request("ann", now).is_ok()).count();
        assert!((199..=200).contains(&sent), "{sent}");
        assert!(limits.request("bob", now).is_ok());
        let later = now + Duration::from_secs(1);
        let sent = (0..1000).take_while(|_| limits.request("ann", later).is_ok()).count();
        assert!((49..=50).contains(&sent), "{sent}");
    }

    #[test]
    fn wrong_credentials_slow_their_connection_and_end_it() {
        let limits = Limits::new(1024);
        let one = limits.connect(IpAddr::from([192, 0, 2, 1])).unwrap();
        let waits: Vec<_> = (0..8).map(|_| one.wrong()).collect();
        assert!(waits.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{waits:?}");
        assert_eq!(waits.iter().position(|(_, last)| *last), Some(7));
        let other = limits.connect(IpAddr::from([192, 0, 2, 1])).unwrap();
        assert_eq!(other.wrong().0, waits[0].0, "another connection of the same address is not slowed");
    }
}
