//! Who is connected to one replica is in the meeting on every other, and stays there when that replica is killed and they come
//! back to another one.

use super::{Shared, first_of};
use crate::{
    network::wait,
    pty::{Pty, Start},
};

/// A terminal of one of the people, at a port.
fn terminal(shared: &Shared, who: usize, port: u16) -> Pty {
    let start = Start::quorate("").env("QUORATE_HUB", &format!("http://127.0.0.1:{port}"));
    let terminal = start.env("QUORATE_TOKEN", &shared.tokens[who]).size(120, 40).spawn();
    terminal.wait_text("[1 Board]");
    terminal
}

/// What was recorded of somebody's presence, in order: `true` for here.
fn record(shared: &Shared, person: &str) -> Vec<bool> {
    let log = shared.run("audit log --limit 2000 --json").json();
    let acts = log.as_array().unwrap().iter().map(|entry| (entry["n"].as_u64(), &entry["event"]["act"]));
    let mut seen: Vec<_> = acts
        .filter(|(_, act)| act["person"] == person)
        .filter_map(|(n, act)| match act["type"].as_str() {
            Some("arrived") => Some((n, true)),
            Some("left") => Some((n, false)),
            _ => None,
        })
        .collect();
    seen.sort_unstable();
    seen.into_iter().map(|(_, here)| here).collect()
}

#[test]
fn who_is_connected_to_one_replica_is_present_on_the_other() {
    let Some(mut shared) = Shared::with("[serve]\ngone_after = 3\n", &["a", "b"]) else { return };
    let [a, b] = [shared.replicas[0].port, shared.replicas[1].port];
    let either = first_of(vec![a, b]);
    shared.run("meeting new cab --as p0").ok();
    shared.run("meeting start --as p0").ok();
    let mut chair = terminal(&shared, 0, b);
    chair.keys("6").wait_text("· running");
    let mut stays = terminal(&shared, 1, either);
    stays.keys("F").wait_text("· running");
    chair.wait_text("2 of 20 here");
    let mut goes = terminal(&shared, 2, a);
    goes.keys("F").wait_text("· running");
    chair.wait_text("3 of 20 here");
    stays.wait_text("3 of 20 here");
    // Lost at one, gone at both.
    goes.kill();
    chair.wait_text("2 of 20 here");
    assert_eq!(record(&shared, "p2"), [true, false]);
    // A replica is killed: who comes to the other in time says so there, and has not left.
    let before = record(&shared, "p1");
    let mut killed = shared.replicas.remove(0);
    killed.child.kill().unwrap();
    wait("they are known to the other replica", || record(&shared, "p1").len() > before.len());
    assert_eq!(record(&shared, "p1"), [before.as_slice(), &[true]].concat());
    assert!(chair.screen().contains("2 of 20 here"), "{}", chair.screen().text());
    stays.wait_for("connected again", |screen| !screen.contains("cut off"));
    // And the other one notices when they are lost.
    stays.kill();
    chair.wait_text("1 of 20 here");
    assert_eq!(record(&shared, "p1").last(), Some(&false));
}
