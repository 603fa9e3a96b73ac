//! A meeting of twenty items of the made-up company, run by keyboard: the chair, three members and the wall, each a real
//! session of its own on one board, to the minutes as they are issued.

use quorate::{
    demo::{self, Deed},
    hub::Clock,
    model::{Instant, time::HOUR},
};
use serde_json::{Value, json};

use crate::{
    golden,
    program::Home,
    pty::{Pty, Screen, Start},
};

const ITEMS: usize = 20;

/// The records and rules of the company around now, as one board file.
fn company() -> Value {
    let mut whole = json!({"version": 1});
    for act in demo::acts(Clock::System.now()) {
        let Deed::Records(file) = act.what else { continue };
        let Value::Object(parts) = serde_json::to_value(*file).unwrap() else { continue };
        for (name, part) in parts {
            match part {
                Value::Null => {}
                Value::Array(rows) if rows.iter().all(|row| row["id"].is_string()) => {
                    let known = whole.as_object_mut().unwrap().entry(name).or_insert_with(|| json!([]));
                    let known = known.as_array_mut().unwrap();
                    known.retain(|old| rows.iter().all(|row| row["id"] != old["id"]));
                    known.extend(rows);
                }
                other => whole[name] = other,
            }
        }
    }
    whole
}

fn planned(home: &Home) -> Vec<Value> {
    let agenda = home.run("--json meeting agenda").json();
    let rows = agenda["agenda"].as_array().unwrap();
    rows.iter().filter(|row| row["agenda"]["section"] != "listed").cloned().collect()
}

/// A board whose next meeting has twenty items: what waits in the demo, and as many planned changes put before it.
fn twenty() -> Home {
    let home = Home::new();
    let mut board = company();
    let import = |board: &Value| {
        home.file("board.json", &board.to_string());
        let ran = home.run("import board.json");
        assert_eq!(ran.code, 0, "{ran:?}");
    };
    for change in board["changes"].as_array_mut().unwrap() {
        if change["state"] == "authorize" {
            change["presenter"] = change["owner"].clone();
        }
    }
    import(&board);
    let missing = ITEMS - planned(&home).len();
    // A vote ends a day before the start it decides on: what starts sooner after the meeting is decided before it.
    let meets: Instant = home.run("--json meeting agenda").json()["start"].as_str().unwrap().parse().unwrap();
    let from = meets.plus(24 * HOUR).to_string();
    let changes = board["changes"].as_array_mut().unwrap().iter_mut();
    let to_come = changes.filter(|change| {
        change["state"] == "scheduled"
            && change["kind"] == "normal"
            && change["risk"] == "moderate"
            && change["planned_start"].as_str().is_some_and(|start| start > from.as_str())
    });
    for change in to_come.take(missing) {
        change["state"] = "authorize".into();
        change["approval"] = Value::Null;
        change["presenter"] = change["owner"].clone();
    }
    import(&board);
    home
}

fn open(home: &Home, who: &str, verb: &str, (width, height): (u16, u16)) -> Pty {
    let db = home.path().join(".local/share/quorate/board.db");
    let start = Start::quorate("--as").arg(who).arg("--db").arg(db.to_str().unwrap());
    verb.split_whitespace().fold(start, Start::arg).size(width, height).spawn()
}

/// The item whose pane is the one in focus.
fn focus(screen: &Screen) -> Option<String> {
    let row = screen.rows().into_iter().find(|row| row.starts_with("━ CHG"))?;
    row.split_whitespace().nth(1).map(str::to_owned)
}

struct Room {
    chair: Pty,
    members: Vec<(&'static str, Pty)>,
    done: usize,
}

impl Room {
    /// On to the next item; none when nothing is left to be discussed.
    fn next(&mut self, before: &str) -> String {
        self.chair.keys("n");
        let moved = |screen: &Screen| focus(screen).is_some_and(|item| item != before);
        focus(&self.chair.wait_for("the next item", moved)).unwrap()
    }

    fn is_done(&mut self) {
        self.done += 1;
        let said = format!("Agenda {} of {ITEMS} done", self.done);
        self.chair.wait_text(&said);
    }

    fn review(&mut self) {
        self.chair.keys("V");
        self.chair.wait_text("what was learnt");
        self.chair.type_text("yes").keys("Enter").type_text("The runbook was right").keys("Enter");
        self.chair.wait_text("send it");
        self.chair.keys("y");
        self.is_done();
    }

    /// Everybody who may votes yes at their own keyboard; the chair closes by `y`.
    fn vote(&mut self, item: &str, voters: &[&str]) {
        let mut yes = 0;
        for (who, member) in self.members.iter_mut().filter(|(who, _)| voters.contains(who)) {
            member.wait_for(&format!("{who} at {item}"), |screen| focus(screen).as_deref() == Some(item));
            member.keys("v");
            member.wait_text("v vote on");
            member.keys("a");
            member.wait_text("Vote: approve?");
            member.keys("y");
            yes += 1;
            self.chair.wait_text(&format!("{yes} yes · 0 no"));
        }
        self.close();
    }

    fn close(&mut self) {
        self.chair.keys("d");
        self.chair.wait_text("d chair of");
        self.chair.keys("c");
        self.chair.wait_text("DECIDE CLOSE");
        self.chair.keys("y");
        self.is_done();
    }

    fn postpone(&mut self) {
        self.chair.keys("D");
        self.chair.wait_text("━ Postpone ");
        self.chair.type_text("The vendor has not answered").keys("Enter");
        self.chair.wait_text("send it");
        self.chair.keys("y");
        self.is_done();
    }

    /// Yes of the first who is called, no of the second, nobody else there; read back, and entered.
    fn roll_call(&mut self) {
        self.chair.keys("R");
        self.chair.wait_text("━ Roll call ━");
        self.chair.keys("a a r").type_text("No rehearsal since March").keys("Enter Enter");
        self.chair.wait_text("enter these?");
        self.chair.keys("y");
        self.chair.wait_text("2 yes · 1 no");
        self.close();
    }
}

/// What the minutes of the meeting have to say, and what not.
fn told(minutes: &str) {
    for said in [
        "- **Issued:**",
        "- **Chair:** Maya Ortiz from",
        "- Maya Ortiz (m.ortiz), chair: ",
        "- **Absent:** Rosa Díaz (r.diaz)",
        // They come in one after the other, a second or two after the start.
        "3 of 5 needed, at most 4 present, met ",
        "1 deferred",
        "### 20. ",
        "- **Reason:** to cab-",
        "- **Roll call:** ",
        "- **Objection:** ",
        "No rehearsal since March",
        "- **Pulled out:** of the consent block by Kim Wu",
        "no objection received",
        "1. Rehearse the rollback on DC-2 (Johan Lind, due 2031-01-07, on CHG",
    ] {
        assert!(minutes.contains(said), "{said}\n{minutes}");
    }
    for said in ["not reached", "tie goes to", "### 21. "] {
        assert!(!minutes.contains(said), "{said}\n{minutes}");
    }
}

#[test]
fn twenty_items_by_keyboard_in_five_sessions() {
    let began = std::time::Instant::now();
    let home = twenty();
    let agenda = planned(&home);
    assert_eq!(agenda.len(), ITEMS, "{agenda:#?}");
    let section = |row: &Value| row["agenda"]["section"].as_str().unwrap().to_owned();
    let count = |wanted: &str| agenda.iter().filter(|row| section(row) == wanted).count();
    let (reviews, block) = (count("reviews"), count("consent"));
    assert!(reviews > 0 && block > 1, "{reviews} reviews, {block} by consent");

    let mut chair = open(&home, "m.ortiz", "", (160, 50));
    chair.wait_text("[1 Board]");
    chair.keys("6");
    chair.wait_text("S start");
    chair.keys("S");
    chair.wait_text("Start Payments CAB?");
    chair.keys("y");
    chair.wait_text("· running");
    let mut members = Vec::new();
    for (who, size) in [("a.chen", (80, 24)), ("s.varga", (80, 24)), ("k.wu", (120, 40))] {
        let mut member = open(&home, who, "", size);
        member.wait_text("[1 Board]");
        member.keys("F");
        member.wait_text("· running");
        members.push((who, member));
    }
    let mut wall = open(&home, "p.novak", "wall", (100, 30));
    chair.wait_text("4 of 5 here");
    let mut room = Room { chair, members, done: 0 };

    let mut item = String::new();
    let discussed: Vec<&Value> = agenda.iter().filter(|row| section(row) != "consent").collect();
    for (at, row) in discussed.iter().enumerate() {
        // Putting off goes on by itself.
        if at != reviews + 2 {
            room.next(&item);
        }
        item = row["agenda"]["item"].as_str().unwrap().to_owned();
        room.chair.wait_for(&item, |screen| focus(screen).as_ref() == Some(&item));
        wall.wait_text(&item);
        // Who is tied to it has no vote on it.
        let waiting = row["waiting"].as_array().unwrap();
        let voters: Vec<&str> = waiting.iter().map(|person| person[0].as_str().unwrap()).collect();
        match at.checked_sub(reviews) {
            None => room.review(),
            Some(1) => room.postpone(),
            Some(2) => room.roll_call(),
            Some(_) => room.vote(&item, &voters),
        }
    }
    room.chair.keys("T");
    room.chair.wait_text("━ Action about");
    room.chair.type_text("Rehearse the rollback on DC-2").keys("Enter");
    room.chair.type_text("j.lind").keys("Enter").type_text("2031-01-07").keys("Enter");
    room.chair.wait_text("send it");
    room.chair.keys("y");
    room.chair.wait_text("t actions");

    // One of the consent block is pulled out, and decided by itself; the rest together.
    let (who, member) = room.members.last_mut().unwrap();
    assert_eq!(*who, "k.wu");
    member.keys("G");
    member.wait_text("O pull out");
    member.keys("O");
    let out = agenda.last().unwrap()["agenda"]["item"].as_str().unwrap().to_owned();
    room.chair.wait_for("it to be pulled out", |screen| {
        screen.rows().iter().any(|row| row.contains(&out) && row.contains(" normal "))
    });
    room.chair.keys("C");
    room.chair.wait_text(&format!("Decide {} by consent?", block - 1));
    room.chair.keys("y");
    room.done += block - 2;
    room.is_done();
    item = room.next(&item);
    assert_eq!(item, out);
    room.members.last_mut().unwrap().1.keys("F");
    room.vote(&item, &["a.chen", "s.varga", "k.wu"]);

    // Who quits has left, and the quorum knows.
    let (_, mut gone) = room.members.pop().unwrap();
    gone.keys("Ctrl-c");
    gone.wait_exit();
    room.chair.wait_text("3 of 5 here");

    room.chair.keys("X");
    room.chair.wait_text("Everything on its agenda is done with");
    room.chair.keys("y");
    room.chair.wait_text("I issue minutes");
    room.chair.keys("I");
    room.chair.wait_text("Issue the minutes");
    room.chair.keys("y");
    room.chair.wait_text("minutes issued");
    wall.wait_text("everything was reached");
    for (_, member) in &mut room.members {
        member.wait_text("· ended");
    }
    told(&home.run("minutes").ok());
    assert!(home.run("audit verify").ok().contains("every hash holds"));
    golden::keep(&home.run("audit export").ok());
    for pty in room.members.iter_mut().map(|(_, member)| member).chain([&mut room.chair, &mut wall]) {
        pty.keys("Ctrl-c");
        pty.wait_exit();
    }
    assert!(began.elapsed().as_secs() < 600, "{:?}", began.elapsed());
}
