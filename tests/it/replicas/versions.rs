//! Two ages of the program on one board: the newer one writes what the older one reads, and nothing else until that is gone.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use quorate::ledger::log::vocabulary::CURRENT;
use serde_json::{Value, json};

use super::{LONG, Shared, comment};
use crate::network::wait;

/// Runs statements in the schema of the board.
fn sql(shared: &Shared, statements: &str) {
    let (address, schema) = shared.db.split_once("?schema=").unwrap();
    let mut config: tokio_postgres::Config = address.parse().unwrap();
    if let Ok(password) = std::env::var("PGPASSWORD") {
        config.password(password);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        let carried = tokio::spawn(connection);
        client.batch_execute(&format!("SET search_path TO {schema}; {statements}")).await.unwrap();
        drop(client);
        carried.await.unwrap().unwrap();
    });
}

/// In which vocabularies the events of the log are written, from some event on.
fn written(shared: &Shared, after: usize) -> Vec<u64> {
    let log = shared.run("audit export").ok();
    let entries = log.lines().skip(after).map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.map(|entry| entry["v"].as_u64().unwrap()).collect()
}

fn new_change(id: &str) -> Value {
    json!({"do": "write", "kind": "change", "id": id, "new": true, "fields": {"title": "Made while another is older"}})
}

#[test]
fn what_an_older_replica_cannot_read_is_written_once_it_is_gone() {
    let Some(mut shared) = Shared::with("", &[]) else { return };
    let before = written(&shared, 0).len();
    // One of an age before, as it tells of itself; it goes on doing so.
    let older = u64::from(CURRENT - 1);
    sql(
        &shared,
        &format!(
            "INSERT INTO replica (id, name, sources, reads, seen)
             VALUES ('older', 'db1 (process 7)', '{{}}', {older}, clock_timestamp() + interval '1 hour')"
        ),
    );
    shared.replicas.push(shared.replica("newer"));
    let port = shared.replicas[0].port;
    // What both know goes on, in words of the older one.
    assert_eq!(shared.send(port, 1, 1, &shared.vote()).status, 200);
    assert_eq!(shared.send(port, 2, 2, &comment("said-2")).status, 200);
    let events = written(&shared, before);
    assert!(events.len() >= 2 && events.iter().all(|v| *v == older), "{events:?}");
    // What it does not know is refused, with who is in the way; by a verb on the database too.
    let refused = shared.send(port, 1, 3, &new_change("CHG8"));
    let said = "this cannot be put on the record yet: the replica db1 (process 7) serves this board too and cannot read it";
    assert_eq!((refused.status, &refused.json()["title"]), (403, &said.into()), "{refused:?}");
    let verb = shared.run("incident new INC1 --set title=Down --as p0");
    assert!(verb.code == 4 && verb.err.contains(said), "{verb:?}");
    assert_eq!(written(&shared, before).len(), events.len(), "nothing of it is on the record");
    // The others are told on the board.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    let (token, version) = (&shared.tokens[0], env!("CARGO_PKG_VERSION"));
    write!(
        stream,
        "GET /v1/stream HTTP/1.0\r\nAuthorization: Bearer {token}\r\nQuorate-Version: {version}\r\n\r\n"
    )
    .unwrap();
    let (mut text, mut piece) = (String::new(), [0; 65536]);
    while !text.contains(&format!("the replica db1 (process 7) reads vocabulary {older} of the log")) {
        let n = stream.read(&mut piece).unwrap();
        assert_ne!(n, 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    // It is upgraded: a verb sees that at once, the service with its next look.
    sql(&shared, &format!("UPDATE replica SET reads = {CURRENT} WHERE id = 'older'"));
    shared.run("incident new INC1 --set title=Down --as p0").ok();
    let mut key = 10;
    wait("the newer one writes all it knows", || {
        key += 1;
        shared.send(port, 1, key, &new_change("CHG8")).status == 200
    });
    assert_eq!(written(&shared, before).last(), Some(&u64::from(CURRENT)));
    shared.run("audit verify").ok();
}
