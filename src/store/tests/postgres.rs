//! What only a database can do to a board: end connections, let leases run out, be written by a newer program.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::*;

/// Runs statements in the schema of a board, past the store.
fn by_hand(ground: &Ground, sql: &str) {
    let Location::Postgres(address) = &ground.location else { unreachable!("a database") };
    crate::store::postgres::by_hand(address, sql);
}

/// Stands between a store and its database, and cuts when it is told to.
struct Between {
    port: u16,
    /// So many bytes still pass to the database before everything is cut; never where it is `usize::MAX`.
    left: Arc<AtomicUsize>,
    /// Whether answers pass.
    answers: Arc<AtomicUsize>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    fn to(database: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (left, answers) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(1)));
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let (mine, passing, kept) = (Arc::clone(&left), Arc::clone(&answers), Arc::clone(&open));
        thread::spawn(move || {
            for client in listener.incoming().map_while(std::result::Result::ok) {
                let server = TcpStream::connect(&database).unwrap();
                kept.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let (left, passing) = (Arc::clone(&mine), Arc::clone(&passing));
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || pass(from, to, Some(&left), None));
                thread::spawn(move || pass(server, client, None, Some(&passing)));
            }
        });
        Self { port, left, answers, open }
    }

    /// Ends every connection there is.
    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: Option<&AtomicUsize>, answers: Option<&AtomicUsize>) {
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some(left) = left
            && left.load(Ordering::SeqCst) != usize::MAX
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(n)).is_err()
        {
            left.store(usize::MAX, Ordering::SeqCst);
            break;
        }
        if answers.is_some_and(|answers| answers.load(Ordering::SeqCst) == 0) {
            answers.unwrap().store(1, Ordering::SeqCst);
            break;
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// The same board through something that can be cut.
fn through(ground: &Ground) -> (Between, Store) {
    let Location::Postgres(address) = &ground.location else { unreachable!("a database") };
    let text = address.to_string();
    let host = text
        .split(['@', '/'])
        .find(|part| part.contains(':') && !part.starts_with("postgres"))
        .unwrap()
        .to_owned();
    let between = Between::to(host.clone());
    let address = Address::parse(&text.replace(&host, &format!("127.0.0.1:{}", between.port))).unwrap();
    let options = OpenOptions { patience: std::time::Duration::from_secs(5), ..OpenOptions::default() };
    let store = Store::open(&Location::Postgres(address), &options).unwrap();
    (between, store)
}

fn vote(n: u8, head: &Head) -> Batch {
    Batch {
        expect: head.seq,
        events: vec![event(n, head.hash)],
        upserts: vec![change("CHG1", &n.to_string())],
        command: Some(CommandKey { author: "ann".to_owned(), id: [n; 16], digest: [n; 32], at: 0 }),
        receipt: vec![n],
        ..Batch::default()
    }
}

#[test]
fn a_commit_whose_connection_breaks_at_any_byte_is_done_exactly_once() {
    let Some(ground) = database() else { return };
    let (between, mut store) = through(&ground);
    // Everything that a commit sends is some thousand bytes: cut after each hundred of them.
    for n in 1..=40_u8 {
        let head = store.head().unwrap();
        between.left.store(usize::from(n) * 100, Ordering::SeqCst);
        assert_eq!(
            committed(store.commit(&vote(n, &head)).unwrap()).seq,
            u64::from(n),
            "cut after {n}00 bytes"
        );
        between.left.store(usize::MAX, Ordering::SeqCst);
        assert_eq!(store.head().unwrap().events, u64::from(n), "cut after {n}00 bytes");
    }
}

#[test]
fn a_commit_whose_confirmation_never_arrives_is_found_by_its_name() {
    let Some(ground) = database() else { return };
    let (between, mut store) = through(&ground);
    for n in 1..=30_u8 {
        let head = store.head().unwrap();
        // Some answers pass, then none: the last one kept back is now and then that to the commit itself.
        let (answers, wait) = (Arc::clone(&between.answers), u64::from(n) * 150);
        let cutting = thread::spawn(move || {
            let until = std::time::Instant::now() + std::time::Duration::from_micros(wait);
            while std::time::Instant::now() < until {
                std::hint::spin_loop();
            }
            answers.store(0, Ordering::SeqCst);
        });
        assert_eq!(committed(store.commit(&vote(n, &head)).unwrap()).seq, u64::from(n), "round {n}");
        cutting.join().unwrap();
        between.answers.store(1, Ordering::SeqCst);
        assert_eq!(store.head().unwrap().events, u64::from(n), "round {n}");
        between.cut();
    }
}

#[test]
fn a_database_that_is_gone_is_said_and_found_again() {
    let Some(ground) = database() else { return };
    let (between, store) = through(&ground);
    store.head().unwrap();
    between.cut();
    // On a new connection, without a word.
    assert_eq!(store.head().unwrap().seq, 0);
    let nobody = Address::parse("postgres://cab@127.0.0.1:1/board").unwrap();
    let error = Store::open(&Location::Postgres(nobody), &options()).map(drop).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "cannot open the board postgres://cab@127.0.0.1:1/board: the database cannot be reached"
        ),
        "{error}"
    );
}

#[test]
fn a_lease_ends_by_the_databases_clock_and_fences_who_held_it() {
    let Some(ground) = database() else { return };
    let (mut a, b) = (ground.open(), ground.open());
    let lead = a.try_lead().unwrap().unwrap();
    let led = |expect| Batch {
        expect,
        leads: true,
        upserts: vec![change("CHG1", &expect.to_string())],
        ..Batch::default()
    };
    assert_eq!(committed(a.commit(&led(0)).unwrap()).seq, 1);
    // It ran out there, and this process has not heard of it yet.
    by_hand(&ground, "UPDATE lease SET until = '-infinity'");
    let other = b.try_lead().unwrap().expect("it is free");
    assert!(lead.holds(), "by its own clock it still leads");
    assert!(matches!(a.commit(&led(1)).unwrap_err().fault, Fault::NotLeading));
    // What people do is no matter of the lead.
    assert_eq!(committed(a.commit(&Batch { leads: false, ..led(1) }).unwrap()).seq, 2);
    drop((lead, other));
    assert!(a.try_lead().unwrap().is_some(), "the one who lost it gave nothing back that was another's");
}

/// A holder that died just after the database's clock was set back would lead until that time comes again.
#[test]
fn a_lease_from_before_the_databases_clock_was_set_back_is_nobodys() {
    let Some(ground) = database() else { return };
    let (mut a, b) = (ground.open(), ground.open());
    let lead = a.try_lead().unwrap().unwrap();
    assert!(b.try_lead().unwrap().is_none(), "it is held");
    by_hand(&ground, "UPDATE lease SET until = until + interval '1 hour'");
    let other = b.try_lead().unwrap().expect("nobody holds it for an hour");
    let led = Batch { leads: true, upserts: vec![change("CHG1", "1")], ..Batch::default() };
    assert!(matches!(a.commit(&led).unwrap_err().fault, Fault::NotLeading), "who held it is fenced off");
    drop((lead, other));
}

#[test]
fn a_schema_without_a_board_and_one_of_a_newer_program_are_refused() {
    let Some(ground) = database() else { return };
    let in_mode = |mode| ground.open_with(&OpenOptions { mode, ..options() });
    for mode in [Mode::Read, Mode::Write] {
        let error = in_mode(mode).map(drop).unwrap_err();
        assert!(matches!(error.fault, Fault::NoBoard), "{error}");
    }
    let mut writer = ground.open();
    let reader = in_mode(Mode::Read).unwrap();
    assert_eq!(reader.head().unwrap(), writer.head().unwrap());
    by_hand(&ground, "UPDATE head SET format = 99");
    let late = writer.commit(&Batch { upserts: vec![change("CHG1", "1")], ..Batch::default() }).unwrap_err();
    assert!(late.to_string().contains("a newer quorate wrote it (format 99"), "{late}");
    let error = ground.open_with(&options()).map(drop).unwrap_err().to_string();
    assert!(error.contains("a newer quorate wrote it (format 99"), "{error}");
}

#[test]
fn the_time_is_the_databases() {
    let Some(ground) = database() else { return };
    let store = ground.open();
    let first = store.time().expect("a database has a clock");
    let then = store.time().unwrap();
    assert!(first <= then && then - first < 5_000 && first > 1_700_000_000_000, "{first} {then}");
    assert_eq!(Store::memory().unwrap().time(), None);
}
