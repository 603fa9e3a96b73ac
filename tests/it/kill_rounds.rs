//! Services, the database and clients are killed at random points while fifty people vote, round after round. Long, and so not run
//! by itself: `QUORATE_ROUNDS=200 cargo test --test it kill_rounds -- --ignored --nocapture`.
//!
//! A round is an item on which everybody votes; in each at least one of what serves it is killed once so many votes, drawn by
//! chance, are acknowledged. QUORATE_SEED repeats a run's draws. QUORATE_TEST_POSTGRES names a database for the second test, and
//! QUORATE_TEST_POSTGRES_KILL a program that kills that server and starts it again (`.ci/postgres` has both).

mod host;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    process::{Command, Stdio},
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use quorate::ledger::log;
use serde_json::{Value, json};

use self::host::{Host, TOKENS, USERS, item};
use crate::{replicas, served::can_be_others};

/// Numbers that differ from run to run; the seed is said, so that the draws of a run that fails are known.
pub struct Chance(u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|said| said.parse().ok()).unwrap_or(otherwise)
}

/// What everybody votes: so that a vote that is doubled, lost or somebody else's shows in the counts.
fn word(voter: usize, round: usize) -> &'static str {
    if (voter + round).is_multiple_of(2) { "approve" } else { "abstain" }
}

/// A state of the board as a client was shown it.
struct Shown {
    events: u64,
    head: String,
    /// The counts of the tallies that came with it: yes and abstentions.
    tallies: Vec<(String, u64, u64)>,
}

/// What is known of a run while it lasts.
struct Run {
    host: Host,
    revisions: Vec<Value>,
    /// Votes of this round that were acknowledged.
    acknowledged: Mutex<usize>,
    one_more: Condvar,
    unanswered: AtomicUsize,
    clients_killed: AtomicUsize,
    /// The events of acknowledged votes of users of this machine, and how often each of them tried.
    receipts: Mutex<Vec<(String, &'static str, Vec<u64>)>>,
    tries: Mutex<BTreeMap<(String, &'static str), usize>>,
    shown: Mutex<Vec<Shown>>,
    watching: Mutex<Option<TcpStream>>,
    over: AtomicBool,
}

impl Run {
    fn acknowledge(&self) {
        *self.acknowledged.lock().unwrap() += 1;
        self.one_more.notify_all();
    }

    /// The vote of somebody with a token: the same under the same key until it is answered.
    fn by_token(&self, who: usize, round: usize, chance: &mut Chance) {
        let vote = json!({"do": "vote", "item": item(round), "revision": self.revisions[round],
            "vote": word(who, round), "comment": null, "on_behalf": null});
        let key = (round * 1000 + who) as u64;
        loop {
            match self.host.send(chance, who, key, &vote) {
                Some(answer) if answer.status == 200 => break,
                Some(answer) => {
                    assert!(matches!(answer.status, 0 | 409 | 429 | 503), "p{who} {round}: {answer:?}");
                    self.unanswered.fetch_add(1, Ordering::Relaxed);
                    self.host.give_way();
                }
                None => drop(self.clients_killed.fetch_add(1, Ordering::Relaxed)),
            }
        }
        self.acknowledge();
    }

    /// The vote of a user of this machine by a verb, which is killed now and then: voted again until one is acknowledged.
    fn by_verb(&self, user: usize, round: usize, chance: &mut Chance) {
        let (_, uid, person) = USERS[user];
        let arguments = ["--json", "vote", &item(round), word(TOKENS + user, round)];
        loop {
            *self.tries.lock().unwrap().entry((item(round), person)).or_default() += 1;
            let mut command = self.host.verb(uid, chance, &arguments);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            if chance.below(3) == 0 {
                let (from, spins) = (Instant::now(), chance.below(200_000));
                while from.elapsed().as_micros() < u128::from(spins) && child.try_wait().unwrap().is_none() {
                    thread::yield_now();
                }
                self.clients_killed.fetch_add(usize::from(child.kill().is_ok()), Ordering::Relaxed);
            }
            let ended = child.wait_with_output().unwrap();
            match ended.status.code() {
                Some(0) => {
                    let receipt: Value = serde_json::from_slice(&ended.stdout).unwrap();
                    let events = receipt["events"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
                    self.receipts.lock().unwrap().push((item(round), person, events.collect()));
                    break;
                }
                Some(3) => {
                    self.unanswered.fetch_add(1, Ordering::Relaxed);
                    self.host.give_way();
                }
                None => {}
                Some(other) => {
                    panic!("{person} {round}: {other}: {}", String::from_utf8_lossy(&ended.stderr))
                }
            }
        }
        self.acknowledge();
    }

    /// Follows the board as a client does, at one service after the other as they are killed, and notes each state it is shown.
    fn watch(&self, mut chance: Chance) {
        while !self.over.load(Ordering::SeqCst) {
            let (_, port) = self.host.any(&mut chance);
            let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            *self.watching.lock().unwrap() = Some(stream.try_clone().unwrap());
            if self.over.load(Ordering::SeqCst) {
                break;
            }
            // However it ends, it is begun anew.
            let _ended = self.follow(stream, chance.below(TOKENS as u64) as usize);
        }
    }

    fn follow(&self, mut stream: TcpStream, who: usize) -> io::Result<()> {
        write!(
            stream,
            "GET /v1/stream HTTP/1.0\r\nAuthorization: Bearer {}\r\nQuorate-Version: {}\r\n\r\n",
            self.host.tokens[who],
            env!("CARGO_PKG_VERSION")
        )?;
        let mut stream = io::BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        if !head.starts_with(b"HTTP/1.0 200") && !head.starts_with(b"HTTP/1.1 200") {
            self.host.give_way();
            return Ok(());
        }
        loop {
            let mut length = [0; 4];
            stream.read_exact(&mut length)?;
            let mut frame = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut frame)?;
            if frame.is_empty() {
                continue;
            }
            let frame: Value = serde_json::from_slice(&frame).unwrap();
            let Some(told) = frame.get("reset").or_else(|| frame.get("more")) else { continue };
            let tallies = told["tallies"]["set"].as_array().unwrap().iter().map(|row| {
                let count = |word: &str| row[1][word].as_u64().unwrap();
                (row[0].as_str().unwrap().to_owned(), count("yes"), count("abstain"))
            });
            self.shown.lock().unwrap().push(Shown {
                events: told["rest"]["events"].as_u64().unwrap(),
                head: told["rest"]["head"].as_str().unwrap().to_owned(),
                tallies: tallies.collect(),
            });
        }
    }

    /// Kills something once so many votes of the round are there, and brings it back.
    fn kill_something(&self, chance: &mut Chance, killed: &mut BTreeMap<&'static str, usize>) {
        let enough = chance.below((TOKENS + USERS.len()) as u64) as usize;
        let acknowledged = self.acknowledged.lock().unwrap();
        drop(self.one_more.wait_while(acknowledged, |so_far| *so_far < enough).unwrap());
        let database = std::env::var("QUORATE_TEST_POSTGRES_KILL").ok().filter(|_| self.host.count() > 1);
        let mut note = |what| *killed.entry(what).or_default() += 1;
        match (chance.below(4), database) {
            (0, Some(program)) => {
                let ran = Command::new("sh").args(["-c", &program]).output().unwrap();
                assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
                note("the database");
            }
            (1, _) => {
                (0..self.host.count()).for_each(|n| self.host.kill(n));
                (0..self.host.count()).for_each(|n| self.host.bring_up(n));
                note("every service at once");
            }
            _ => {
                let n = chance.below(self.host.count() as u64) as usize;
                self.host.kill(n);
                self.host.bring_up(n);
                note("one service");
            }
        }
    }
}

fn run(database: Option<String>) {
    let (rounds, seed) =
        (number("QUORATE_ROUNDS", 20) as usize, number("QUORATE_SEED", u64::from(std::process::id())));
    let chance = |n: usize| Chance(((seed << 20) | (n as u64 + 1)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    println!("{rounds} rounds of {} people, QUORATE_SEED={seed}", TOKENS + USERS.len());
    let host = Host::start(rounds, database);
    let revisions = (0..rounds)
        .map(|n| host.get(n % TOKENS, &format!("/v1/tally/{}", item(n))).json()["revision"].clone())
        .collect();
    let run = Run {
        host,
        revisions,
        acknowledged: Mutex::default(),
        one_more: Condvar::new(),
        unanswered: AtomicUsize::new(0),
        clients_killed: AtomicUsize::new(0),
        receipts: Mutex::default(),
        tries: Mutex::default(),
        shown: Mutex::default(),
        watching: Mutex::default(),
        over: AtomicBool::new(false),
    };
    let mut killed = BTreeMap::new();
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| run.watch(chance(999_999)));
        for round in 0..rounds {
            *run.acknowledged.lock().unwrap() = 0;
            thread::scope(|scope| {
                let run = &run;
                for who in 0..TOKENS {
                    scope.spawn(move || run.by_token(who, round, &mut chance(round * 100 + who)));
                }
                for user in 0..USERS.len() {
                    scope.spawn(move || run.by_verb(user, round, &mut chance(round * 100 + TOKENS + user)));
                }
                run.kill_something(&mut chance(round * 100 + 99), &mut killed);
            });
        }
        run.over.store(true, Ordering::SeqCst);
        if let Some(stream) = run.watching.lock().unwrap().take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    println!(
        "killed: {killed:?}; clients: {:?}; answers that did not come: {:?}; {:.0?}",
        run.clients_killed,
        run.unanswered,
        begun.elapsed()
    );
    assert_eq!(killed.values().sum::<usize>(), rounds);
    check(&run, rounds);
}

/// What is so of the record after all that.
fn check(run: &Run, rounds: usize) {
    let proof = run.host.on_the_board("audit verify --json").json();
    let broken = ["broken", "records_broken", "signature_broken", "head_broken"].map(|part| &proof[part]);
    assert_eq!(broken, [&Value::Null; 4], "{proof}");
    let exported = run.host.on_the_board("audit export").ok();
    let chain = log::import(&exported).unwrap();
    let mut votes: BTreeMap<(String, String), Vec<(u64, String)>> = BTreeMap::new();
    for line in exported.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let event = &entry["event"];
        if event["type"] == "voted" {
            let said = |value: &Value| value.as_str().unwrap().to_owned();
            assert_eq!(
                (&entry["by"]["known"], &entry["by"]["person"]),
                (&"verified".into(), &event["person"]),
                "{entry}"
            );
            let cast = votes.entry((said(&event["item"]), said(&event["person"]))).or_default();
            cast.push((entry["n"].as_u64().unwrap(), said(&event["vote"])));
        }
    }
    let mut again = 0;
    for round in 0..rounds {
        for voter in 0..TOKENS + USERS.len() {
            let person =
                if voter < TOKENS { format!("p{voter}") } else { USERS[voter - TOKENS].2.to_owned() };
            let cast = votes.get(&(item(round), person.clone())).map_or(&[][..], Vec::as_slice);
            assert!(cast.iter().all(|(_, vote)| vote == word(voter, round)), "{round} {person}: {cast:?}");
            // Under its key a vote is there once. Who was killed before they heard, and votes again, is there as often at most.
            let tries = if voter < TOKENS {
                1
            } else {
                run.tries.lock().unwrap()[&(item(round), USERS[voter - TOKENS].2)]
            };
            assert!((1..=tries).contains(&cast.len()), "{round} {person}: {cast:?} of {tries}");
            again += cast.len() - 1;
        }
    }
    let mut receipted = BTreeSet::new();
    for (item, person, events) in run.receipts.lock().unwrap().iter() {
        let cast = &votes[&(item.clone(), (*person).to_owned())];
        let own: Vec<u64> = events.iter().copied().filter(|n| cast.iter().any(|(at, _)| at == n)).collect();
        // A vote that says what the one before it said is acknowledged, and is no second event.
        assert!(
            own.len() == 1 || (events.is_empty() && !cast.is_empty()),
            "{item} {person}: {events:?}, {cast:?}"
        );
        assert!(own.iter().all(|n| receipted.insert(*n)), "{item} {person}: one event, two receipts");
    }
    let mut first: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
    for ((item, _), cast) in &votes {
        first.entry(item).or_default().push((cast[0].0, &cast[0].1));
    }
    let shown = run.shown.lock().unwrap();
    let mut counts = 0;
    for state in shown.iter() {
        let hash = chain.get(state.events as usize - 1).map(|sealed| log::hex(&sealed.hash));
        assert_eq!(
            hash.as_ref(),
            Some(&state.head),
            "a client was shown event {} of another log",
            state.events
        );
        for (item, yes, abstain) in &state.tallies {
            let until = |word: &str| {
                let firsts = first.get(item.as_str()).into_iter().flatten();
                firsts.filter(|(n, said)| *n <= state.events && *said == word).count() as u64
            };
            let is = (until("approve"), until("abstain"));
            assert_eq!((*yes, *abstain), is, "{item} as a client was shown it at event {}", state.events);
            counts += 1;
        }
    }
    assert!(shown.len() > rounds, "the client followed");
    println!(
        "{} votes, each there; {again} cast twice by who was not answered; {} states shown with {counts} tallies, each of them was so; {} events",
        rounds * (TOKENS + USERS.len()),
        shown.len(),
        chain.len()
    );
}

#[test]
#[ignore = "takes minutes; see the head of the file"]
fn every_acknowledged_vote_is_there_once_whatever_is_killed() {
    if can_be_others() {
        run(None);
    }
}

#[test]
#[ignore = "takes minutes; see the head of the file"]
fn every_acknowledged_vote_is_there_once_whichever_replica_or_database_is_killed() {
    if can_be_others()
        && let Some(database) = replicas::address()
    {
        run(Some(database));
    }
}
