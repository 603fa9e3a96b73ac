//! Who is in a meeting of a served board: whoever is connected to it, for as long as they are.

use serde_json::Value;

use crate::{
    network::wait,
    pty::{Pty, Screen, Start},
    served::{Service, can_be_others},
};

/// The board of a meeting, whose chair is who runs the tests, and one member a user of this machine.
fn board() -> String {
    let mut board: Value = serde_json::from_str(include_str!("../fixtures/meeting.json")).unwrap();
    for person in board["people"].as_array_mut().unwrap() {
        match person["id"].as_str().unwrap() {
            "m.ortiz" => person["login"] = "root".into(),
            "s.varga" => person["login"] = "daemon".into(),
            "a.chen" => person["login"] = "bin".into(),
            _ => {}
        }
    }
    board.to_string()
}

fn terminal(service: &Service) -> Pty {
    Start::program(&service.file("quorate"), "").env("QUORATE_HUB", &service.hub()).size(120, 40).spawn()
}

/// A terminal of another user.
fn terminal_of(service: &Service, uid: u32) -> Pty {
    let start = Start::program("/usr/bin/setpriv", &format!("--reuid={uid} --regid={uid} --clear-groups"));
    start.arg(&service.file("quorate")).env("QUORATE_HUB", &service.hub()).size(120, 40).spawn()
}

/// What was recorded of somebody's presence, in order: `true` for here.
fn record(service: &Service, person: &str) -> Vec<bool> {
    let log = service.run("audit log --limit 2000 --json").json();
    let mut seen: Vec<(u64, bool)> = Vec::new();
    for entry in log.as_array().unwrap() {
        let act = &entry["event"]["act"];
        let here = match act["type"].as_str() {
            Some("arrived") => true,
            Some("left") => false,
            _ => continue,
        };
        if act["person"] == person {
            seen.push((entry["n"].as_u64().unwrap(), here));
        }
    }
    seen.sort_unstable();
    seen.into_iter().map(|(_, here)| here).collect()
}

fn focus(screen: &Screen) -> Option<String> {
    let row = screen.rows().into_iter().find(|row| row.starts_with("━ CHG"))?;
    row.split_whitespace().nth(1).map(str::to_owned)
}

#[test]
fn who_is_connected_is_present_and_a_chair_that_is_killed_goes_on_elsewhere() {
    if !can_be_others() {
        return;
    }
    let mut service = Service::on(&board(), "[serve]\ngone_after = 1\n");
    service.run("meeting new cab").ok();
    service.run("meeting start").ok();
    let mut chair = terminal(&service);
    chair.wait_text("[1 Board]");
    chair.keys("6");
    chair.wait_text("· running");
    let mut member = terminal_of(&service, 2);
    member.wait_text("[1 Board]");
    member.keys("F");
    member.wait_text("· running");
    chair.wait_text("2 of 5 here");
    let first = focus(&chair.keys("n").wait_for("an item", |screen| focus(screen).is_some())).unwrap();
    // Lost: the member is not here any more within the time of the settings, which is not that of the lease.
    member.kill();
    wait("the member has left", || record(&service, "a.chen") == [true, false]);
    chair.wait_text("1 of 5 here");
    // The chair's terminal is killed. They come again in another one, in the chair as before; nobody may take it meanwhile.
    chair.kill();
    wait("the chair has left", || record(&service, "m.ortiz").last() == Some(&false));
    let refused = service.by("daemon", "meeting chair").fails(4);
    assert!(refused.contains("m.ortiz holds the chair") && refused.contains("it lapses 20"), "{refused}");
    let mut elsewhere = terminal(&service);
    elsewhere.wait_text("[1 Board]");
    elsewhere.keys("6");
    elsewhere.wait_for("the same item", |screen| focus(screen).as_deref() == Some(first.as_str()));
    elsewhere.keys("n").wait_for("the next", |screen| focus(screen).is_some_and(|item| item != first));
    wait("the chair is here", || record(&service, "m.ortiz").last() == Some(&true));
    let before = record(&service, "m.ortiz");
    // The service is killed: who was here says so anew, and has not left in between.
    service.kill();
    service.start_again();
    wait("the session is known again", || record(&service, "m.ortiz").len() > before.len());
    assert_eq!(record(&service, "m.ortiz"), [before.as_slice(), &[true]].concat());
    assert!(elsewhere.wait_text("1 of 5 here").contains("· running"));
    elsewhere.kill();
    wait("the chair has left", || record(&service, "m.ortiz").last() == Some(&false));
}

/// A terminal that ends says so itself, and one that is only looked at is in no meeting.
#[test]
fn who_quits_has_left_at_once_and_who_looks_is_not_there() {
    let service = Service::on(&board(), "[serve]\ngone_after = 600\n");
    service.run("meeting new cab").ok();
    let mut looks = terminal(&service);
    looks.wait_text("[1 Board]");
    looks.keys("2");
    let mut chair = terminal(&service);
    service.run("meeting start").ok();
    chair.wait_text("[1 Board]");
    chair.keys("6");
    chair.wait_text("1 of 5 here");
    // Who started it by a verb is there by their word; their terminal says so as well.
    wait("the session is known", || record(&service, "m.ortiz") == [true, true]);
    chair.keys("q");
    assert!(chair.wait_exit().success());
    wait("the chair has left", || record(&service, "m.ortiz").last() == Some(&false));
    drop(looks);
}
