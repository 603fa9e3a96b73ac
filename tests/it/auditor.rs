//! The auditor's pack by the whole program: the demo's, loaded into a real board, recounted by a Python that knows nothing of it.

use std::{fs, path::Path, process};

use quorate::{
    demo,
    hub::{self, Clock, Request, local},
    ledger::log,
    model::{BoardFile, Id, Instant, Prose, Revision, SourceId},
    report::pack,
    source::board_file,
    wire::{
        Actor, Answer, Command, Export, InsightsAsked, Known, Mirror, PeriodAsked, Question, Vote,
        pack::{PackAsked, Packed},
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::program::{Home, Ran};

/// A home whose board is the demo's, as it was at an instant.
fn demo_board() -> Home {
    let now: Instant = "2026-11-30T12:00:00Z".parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let export: Export = runtime.block_on(async {
        let hub = local::open(hub::demo::options(now, Clock::Fixed(now), None)).await.unwrap();
        let (reply, answer) = tokio::sync::oneshot::channel();
        let actor = Actor {
            person: Id::new(demo::CHAIR).ok(),
            login: "demo".into(),
            known: Known::Claimed,
            via: None,
        };
        let question = Question::Export { log: true };
        hub.requests.send(Request::Ask { actor, question, reply }).await.unwrap();
        let Ok(Answer::Export(export)) = answer.await.unwrap() else { panic!("an export") };
        *export
    });
    let home = Home::new();
    home.file("demo.json", &board_file::write_with_log(&export.file, &export.log).unwrap());
    let ran = home.run("--db board.db import demo.json --with-log");
    assert_eq!(ran.code, 0, "{ran:?}");
    home
}

/// A pack of three months in a directory; the line that was printed with it.
fn packed(home: &Home, dir: &str, more: &str) -> String {
    let period = "--from 2026-10-01T00:00:00Z --to 2027-01-01T00:00:00Z";
    let ran = home.run(&format!("--db board.db audit pack {period} --out {dir} {more}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// Runs a line in a shell, in the directory of a pack.
fn run(dir: &Path, line: &str) -> Ran {
    Ran::of(process::Command::new("sh").args(["-c", line]).current_dir(dir))
}

/// Whether this machine can run the recipe.
fn python() -> bool {
    let there = process::Command::new("python3").arg("--version").output().is_ok();
    if !there {
        println!("skipped: this machine has no python3");
    }
    there
}

/// Numbers that look drawn and are the same every time.
pub fn drawn(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn a_pack_holds_and_a_byte_changed_anywhere_is_named() {
    if !python() {
        return;
    }
    let home = demo_board();
    let recipe = packed(&home, "pack", "--sample 25 --seed november");
    let dir = home.path().join("pack");
    let said = run(&dir, &recipe).ok();
    assert!(said.starts_with("every byte is as written; a chain of "), "{said}");
    let recounted: Vec<usize> =
        said.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [events, counted, closed, sample] = recounted[..] else { panic!("{said}") };
    assert!(events > 50 && counted == closed && closed > 0 && sample == 25, "{said}");
    let mut state = 7;
    for name in ["pack.md", "pack.json", "log.jsonl", "recount.py", "sums.json"] {
        let path = dir.join(name);
        let whole = fs::read(&path).unwrap();
        let mut places: Vec<usize> = (0..8).map(|_| drawn(&mut state) % whole.len()).collect();
        places.extend([0, whole.len() - 1]);
        for place in places {
            let mut bytes = whole.clone();
            bytes[place] ^= u8::try_from(drawn(&mut state) % 255 + 1).unwrap();
            fs::write(&path, &bytes).unwrap();
            let told = run(&dir, &recipe);
            let line = whole[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
            let want = match name {
                "recount.py" | "sums.json" => format!("{name}: it is not the one"),
                _ => format!("{name}: line {line} is not as it was written"),
            };
            assert_eq!((told.code, told.out.as_str()), (1, ""), "{name} at {place}: {told:?}");
            assert!(told.err.contains(&want), "{name} at {place}: {told:?}");
        }
        fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
        assert!(run(&dir, &recipe).fails(1).contains(name), "a line more in {name}");
        fs::remove_file(&path).unwrap();
        assert!(run(&dir, &recipe).fails(1).contains(name), "without {name}");
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(run(&dir, &recipe).ok(), said);
}

/// A pack as it lies in a directory, with its log changed by other hands and all hashes made anew.
fn forged(dir: &Path, to: &Path, change: impl Fn(&mut Value) -> bool) -> String {
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    let mut found = Packed {
        pack: serde_json::from_str(&read("pack.json")).unwrap(),
        log: read("log.jsonl").lines().map(str::to_owned).collect(),
    };
    let mut prev = found.pack.log.prev.clone();
    let mut changed = 0;
    for line in &mut found.log {
        let mut event: Value = serde_json::from_str(line).unwrap();
        changed += usize::from(changed == 0 && change(&mut event["event"]));
        event["prev"] = prev.into();
        *line = String::from_utf8(log::canonical(&event).unwrap()).unwrap();
        prev = match event["event"]["hash"].as_str().filter(|_| event["event"]["type"] == "vote_withheld") {
            Some(hash) => hash.to_owned(),
            None => log::hex(&Sha256::digest(&*line)),
        };
    }
    assert_eq!(changed, 1, "something was there to be forged");
    found.pack.log.head = prev;
    fs::create_dir_all(to).unwrap();
    let made = pack::files(&found).unwrap();
    made.files.iter().for_each(|(name, text)| fs::write(to.join(name), text).unwrap());
    made.recipe
}

/// Hashes prove what was written, and not that it was right: the votes are counted again.
#[test]
fn an_outcome_that_its_votes_do_not_make_is_named_though_every_hash_was_made_anew() {
    if !python() {
        return;
    }
    let home = demo_board();
    let seal = packed(&home, "pack", "");
    let dir = home.path().join("pack");
    let closes = |event: &Value| {
        event["type"] == "round_closed"
            && ["early", "everybody"].contains(&event["cause"].as_str().unwrap_or_default())
    };
    let turned = |event: &mut Value| {
        let fits = closes(event) && event["outcome"] == "approved";
        if fits {
            event["outcome"] = "rejected".into();
        }
        fits
    };
    let padded = |event: &mut Value| {
        let fits = closes(event);
        if fits {
            let yes = event["arithmetic"]["yes"].as_u64().unwrap();
            event["arithmetic"]["yes"] = (yes + 1).into();
        }
        fits
    };
    let swapped = |event: &mut Value| {
        let fits = event["type"] == "voted" && event["vote"] == "approve" && event["roll_call"] == false;
        if fits {
            event["vote"] = "reject".into();
        }
        fits
    };
    for (row, change, want) in [
        (
            "an outcome",
            &turned as &dyn Fn(&mut Value) -> bool,
            "it is rejected, and its votes make it approved",
        ),
        ("a count", &padded, "its votes are ["),
        ("a vote", &swapped, "its votes are ["),
    ] {
        let to = home.path().join(row.replace(' ', "-"));
        let recipe = forged(&dir, &to, change);
        let told = run(&to, &recipe).fails(1);
        assert!(told.contains("log.jsonl: event ") && told.contains(want), "{row}: {told}");
        assert!(
            run(&to, &seal).fails(1).contains("sums.json: it is not the one"),
            "{row}: the line that was kept knows"
        );
    }
}

/// Of several chairs the tie is broken by the one who is in the chair, and no other: the other vote makes another outcome.
#[test]
fn a_tie_goes_as_the_chair_voted_where_there_are_several() {
    if !python() {
        return;
    }
    for (row, first, second, want) in
        [("yes", "approve", "reject", "approved"), ("no", "reject", "approve", "rejected")]
    {
        let home = Home::new();
        let file = json!({"version": 1, "people": [{"id": "ann"}, {"id": "bob"}],
            "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob", "role": "chair"}]}],
            "policies": [{"id": "default", "board": "cab", "tie": "chair", "early_close": "off"}],
            "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "low", "services": ["db-1"],
                "rollback_plan": "back", "planned_start": "2090-03-01T10:00:00Z", "planned_end": "2090-03-01T11:00:00Z"}]});
        home.file("board.json", &file.to_string());
        home.run("--db board.db import board.json").ok();
        for said in [
            format!("--as ann vote CHG1 {first} -m x"),
            format!("--as bob vote CHG1 {second} -m x"),
            "--as ann close CHG1".to_owned(),
        ] {
            let ran = home.run(&format!("--db board.db {said}"));
            assert_eq!(ran.code, 0, "{said}: {ran:?}");
        }
        let ran = home
            .run("--db board.db audit pack --from 2020-01-01T00:00:00Z --to 2091-01-01T00:00:00Z --out pack");
        let dir = home.path().join("pack");
        assert!(run(&dir, &ran.out).ok().contains("1 of 1 closed rounds recounted"), "{row}");
        let turned = |event: &mut Value| {
            let closes = event["type"] == "round_closed";
            if closes {
                assert_eq!(event["outcome"], want, "{row}");
                event["outcome"] = (if want == "approved" { "rejected" } else { "approved" }).into();
            }
            closes
        };
        let to = home.path().join("forged");
        let recipe = forged(&dir, &to, turned);
        let told = run(&to, &recipe).fails(1);
        assert!(told.contains(&format!("its votes make it {want}")), "{row}: {told}");
    }
}

/// What is drawn follows from seed and ids alone, in a pack, in JSON and in anybody's hands.
#[test]
fn a_sample_is_drawn_again_by_anybody() {
    let home = demo_board();
    let ask = |more: &str| {
        let period = "--from 2026-10-01T00:00:00Z --to 2027-01-01T00:00:00Z";
        home.run(&format!("--db board.db audit pack {period} --json {more}")).json()
    };
    let ids = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let (one, other) = (ask("--seed a --sample 7"), ask("--seed b --sample 7"));
    for (pack, seed) in [(&one, "a"), (&other, "b")] {
        let mut all = ids(&pack["population"]["items"]);
        all.sort_by_key(|id| log::hex(&Sha256::digest(format!("{seed}|{id}"))));
        assert_eq!(ids(&pack["sample"]["items"]), all[..7]);
    }
    assert_ne!(ids(&one["sample"]["items"]), ids(&other["sample"]["items"]));
    let head = home.run("--db board.db audit verify --json").json()["head"].clone();
    assert_eq!(ask("")["sample"]["seed"], head, "nobody chose: the head of the record does");
    let counted: u64 = one["population"]["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["items"].as_u64().unwrap())
        .sum();
    let gone = one["tombstones"].as_array().unwrap().len();
    assert_eq!(
        usize::try_from(counted).unwrap() + gone,
        ids(&one["population"]["items"]).len(),
        "every item has its source"
    );
    assert_eq!(
        ask("--sample 100000")["sample"]["items"].as_array().unwrap().len(),
        ids(&one["population"]["items"]).len()
    );
}

/// A board with a secret vote, a roll call, a start against the gate, and somebody in two parts.
fn small() -> Home {
    let at = |minutes: i64| {
        (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
    };
    let home = Home::new();
    let file = json!({"version": 1,
        "people": [{"id": "ann", "name": "Ann"}, {"id": "bob"}, {"id": "cat"}, {"id": "dan"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
        "policies": [{"id": "sealed", "when": {"services": ["vault"]}, "board": "cab", "secret": true},
            {"id": "default", "board": "cab", "early_close": "off"}],
        "changes": [
            {"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "low", "requester": "dan", "owner": "dan",
             "services": ["db-1"], "planned_start": at(600), "planned_end": at(660), "submitted_at": at(-600)},
            {"id": "CHG2", "title": "Turn a key", "state": "authorize", "risk": "low", "services": ["vault"],
             "planned_start": at(700), "planned_end": at(760), "submitted_at": at(-600)},
            {"id": "CHG3", "title": "Nobody knows when", "state": "assess", "services": ["db-1"]}]});
    home.file("board.json", &file.to_string());
    home.run("--db board.db import board.json").ok();
    for (who, said) in [
        ("ann", "vote CHG1 approve"),
        ("ann", "vote CHG1 approve --for bob -m by_phone"),
        ("ann", "close CHG1"),
        ("bob", "vote CHG2 reject -m never"),
        ("bob", "incident new INC1 --set title=Slow --set services=db-1"),
        ("ann", "incident link INC1 CHG1 -m logs"),
        (
            "ann",
            "delegate --board cab --from cat --to dan --start 2090-01-01T00:00:00Z --end 2090-02-01T00:00:00Z",
        ),
    ] {
        let ran = home.run(&format!("--db board.db --as {who} {said}"));
        assert_eq!(ran.code, 0, "{said}: {ran:?}");
    }
    home
}

#[test]
fn what_stands_out_comes_first_and_secret_votes_stay_secret() {
    let home = small();
    let period = "--from 2020-01-01T00:00:00Z --to 2090-01-01T00:00:00Z";
    let pack = home.run(&format!("--db board.db audit pack {period} --json")).json();
    let kinds: Vec<&str> =
        pack["exceptions"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["roll_call"]);
    let sampled = |id: &str| {
        pack["sample"]["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone()
    };
    assert_eq!(sampled("CHG1")["coincide"], json!([{"person": "dan", "parts": ["requested", "did"]}]));
    assert_eq!(sampled("CHG1")["exceptions"], json!([pack["exceptions"][0]["n"]]));
    let rights: Vec<&str> =
        pack["rights"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert!(rights.iter().any(|what| what.contains("dan acts for cat")), "{rights:?}");
    let said: Vec<&str> =
        pack["incidents"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("INC1") && said[1].contains("INC1 is caused by CHG1"), "{said:?}");
    let source = &pack["population"]["sources"][0];
    assert_eq!(
        (&source["items"], &source["undated"], &source["decided_here"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(pack["log"]["withheld"], 1);
    let ran = home.run(&format!("--db board.db audit pack {period} --out pack"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let page = fs::read_to_string(home.path().join("pack/pack.md")).unwrap();
    let (exceptions, population) = (page.find("## Exceptions").unwrap(), page.find("## Population").unwrap());
    assert!(exceptions < population && page.contains("**Not apart:** dan requested and did it"), "{page}");
    for name in ["pack.md", "pack.json", "log.jsonl"] {
        let text = fs::read_to_string(home.path().join("pack").join(name)).unwrap();
        assert!(
            !text.contains("never\"") && !text.contains("\"vote\":\"reject\""),
            "{name} tells a secret vote"
        );
    }
    if python() {
        let said = run(&home.path().join("pack"), &ran.out).ok();
        assert!(said.contains("1 of 1 closed rounds recounted"), "{said}");
    }
    let again = home.run(&format!("--db board.db audit pack {period} --out pack")).fails(2);
    assert!(again.contains("holds a pack already"), "{again}");
    let turned = home.run("--db board.db audit pack --from 2026-02-01 --to 2026-01-01").fails(2);
    assert!(turned.contains("its end is not after its start"), "{turned}");
}

/// Ways to vote of which each board has some: rule, quorum, and what stands beside them.
const POLICIES: [&str; 10] = [
    r#"{"rule": "majority", "quorum": "1/2"}"#,
    r#"{"rule": "majority", "quorum": "1/3", "tie": "reject", "min_people": 1, "min_yes": 1}"#,
    r#"{"rule": "majority", "quorum": 1, "tie": "defer", "early_close": "both"}"#,
    r#"{"rule": "two_thirds", "quorum": "2/3"}"#,
    r#"{"rule": "3/5", "quorum": 2, "min_people": 3}"#,
    r#"{"rule": "any", "quorum": 1, "min_people": 1, "early_close": "both"}"#,
    r#"{"rule": "unanimous", "quorum": "1/4"}"#,
    r#"{"rule": "at_least 2", "quorum": 1, "early_close": "both"}"#,
    r#"{"rule": "majority", "mandatory": ["security"], "min_people": 1}"#,
    r#"{"rule": "majority", "veto": ["security", "DBA"], "early_close": "off", "tie": "chair"}"#,
];

/// A hub in memory on which people act at random: votes, withdrawals, recusals, roll calls, delegations, closings.
pub struct Random {
    runtime: tokio::runtime::Runtime,
    hub: hub::Hub,
    hand: hub::clock::Hand,
    minute: i64,
    sent: u128,
}

impl Random {
    pub fn new() -> Self {
        let (hand, clock) = hub::clock::Hand::at("2026-11-02T08:00:00Z".parse().unwrap());
        let options = local::Options {
            identity: local::Identity {
                owns_board: true,
                login: "ann".into(),
                claimed: None,
                verified: false,
            },
            ..local::Options::memory(clock)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let hub = runtime.block_on(local::open(options)).unwrap();
        Self { runtime, hub, hand, minute: 0, sent: 0 }
    }

    /// Does it in somebody's name, a minute later; whether it was done.
    pub fn act(&mut self, who: &str, command: Command) -> bool {
        (self.minute, self.sent) = (self.minute + 1, self.sent + 1);
        self.hand.set("2026-11-02T08:00:00Z".parse::<Instant>().unwrap().plus(60 * self.minute));
        let actor = Actor { person: Id::new(who).ok(), login: who.into(), known: Known::Claimed, via: None };
        let (reply, done) = tokio::sync::oneshot::channel();
        let id = self.sent.to_be_bytes();
        let request = Request::Submit { id, actor, command: Box::new(command), reply };
        self.runtime.block_on(async {
            self.hub.requests.send(request).await.unwrap();
            done.await.unwrap().is_ok()
        })
    }

    pub fn ask(&self, question: Question) -> Answer {
        let actor =
            Actor { person: Id::new("ann").ok(), login: "ann".into(), known: Known::Claimed, via: None };
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.runtime.block_on(async {
            self.hub.requests.send(Request::Ask { actor, question, reply }).await.unwrap();
            answer.await.unwrap().unwrap()
        })
    }

    pub fn revision(&self, item: &Id) -> Revision {
        let Answer::Change(detail) = self.ask(Question::Detail { id: item.clone() }) else {
            panic!("a change")
        };
        detail.revision
    }
}

/// What happens at random to one change.
fn happens(board: &mut Random, state: &mut u64, item: &Id, revision: Revision) {
    let people = ["ann", "bob", "cat", "dan", "eve", "fay", "gus"];
    let who = people[drawn(state) % people.len()];
    let vote = Vote::ALL[[0, 0, 0, 1, 1, 2][drawn(state) % 6]];
    let other = Id::new(people[drawn(state) % people.len()]).unwrap();
    // A rejection says why.
    let comment = (vote == Vote::Reject).then(|| Prose::new("no"));
    let cast =
        |on_behalf| Command::Vote { item: item.clone(), revision, vote, comment: comment.clone(), on_behalf };
    let now: Instant = "2026-11-02T08:00:00Z".parse::<Instant>().unwrap().plus(60 * board.minute);
    let command = match drawn(state) % 24 {
        0 => Command::Withdraw { item: item.clone() },
        1 => Command::Recuse { item: item.clone(), reason: None },
        2 | 3 => {
            board.act("ann", cast(Some(other)));
            return;
        }
        4 => Command::Delegate {
            board: Id::new("cab").unwrap(),
            from: Id::new(who).unwrap(),
            to: other,
            start: now,
            end: now.plus(60 * 40),
        },
        5 => {
            board.act("ann", Command::Close { item: item.clone() });
            return;
        }
        6 => {
            board.act("ann", Command::Open { item: item.clone() });
            return;
        }
        _ => cast(None),
    };
    board.act(who, command);
}

/// Two implementations of how a round is counted, over votes at random: ours, and that of the pack.
#[test]
fn the_recount_of_a_pack_agrees_with_the_board_however_people_voted() {
    if !python() {
        return;
    }
    let mut board = Random::new();
    let mut state = 11;
    let policies: Vec<Value> = POLICIES
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let mut policy: Value = serde_json::from_str(text).unwrap();
            policy["id"] = format!("p{at}").into();
            policy["when"] = json!({"groups": [format!("g{at}")]});
            policy["board"] = "cab".into();
            policy
        })
        .collect();
    let owners = ["bob", "eve", "zoe"];
    let changes: Vec<Value> = (0..60)
        .map(|n| {
            json!({"id": format!("CHG{n}"), "title": "x", "state": "authorize", "risk": "low", "services": [format!("s{n}")],
                "owner": owners[n % 3], "requester": "zoe", "group": format!("g{}", n % POLICIES.len()),
                "rollback_plan": "back", "planned_start": "2027-06-01T20:00:00Z", "planned_end": "2027-06-01T21:00:00Z"})
        })
        .collect();
    let people: Vec<Value> = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "zoe"]
        .iter()
        .map(|id| json!({"id": id, "admin": *id == "ann"}))
        .collect();
    let file = json!({"version": 1, "people": people, "policies": policies, "changes": changes,
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob", "role": "voting", "seat": "Security"},
            {"person": "cat", "role": "voting"}, {"person": "dan", "role": "voting", "seat": "dba"}, {"person": "eve", "role": "voting"},
            {"person": "fay", "role": "observer"}]}]});
    let file: BoardFile = serde_json::from_value(file).unwrap();
    let import =
        Command::Import { from: "test".into(), source: SourceId::board(), file: Box::new(file), given: None };
    assert!(board.act("ann", import));
    for n in 0..60 {
        let item = Id::new(&format!("CHG{n}")).unwrap();
        let revision = board.revision(&item);
        for _ in 0..10 {
            happens(&mut board, &mut state, &item, revision);
        }
        board.act("ann", Command::Close { item });
    }
    let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2028-01-01T00:00:00Z".parse().unwrap());
    let asked = PackAsked { from, to, sample: 200, seed: None };
    let Answer::Pack(packed) = board.ask(Question::Pack { asked }) else { panic!("a pack") };
    let made = pack::files(&packed).unwrap();
    let dir = tempfile::tempdir().unwrap();
    made.files.iter().for_each(|(name, text)| fs::write(dir.path().join(name), text).unwrap());
    let said = run(dir.path(), &made.recipe).ok();
    let numbers: Vec<usize> =
        said.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [_, counted, closed, _] = numbers[..] else { panic!("{said}") };
    assert!(closed >= 50 && counted == closed, "{said}");
    let outcomes = |word: &str| {
        let rooms = packed.pack.sample.items.iter().flat_map(|item| &item.decisions);
        rooms.filter(|room| room.outcome.word() == word).count()
    };
    let [yes, no, later] = ["approved", "rejected", "deferred"].map(outcomes);
    assert!(yes > 5 && no > 5 && later > 5, "all outcomes are met: {yes}, {no}, {later}");
    let period = PeriodAsked::Span { from: Some(from), to: Some(to) };
    let asked = InsightsAsked { period, by: None, only: None, rows: 0 };
    let Answer::Insights(insights) = board.ask(Question::Insights { asked }) else { panic!("numbers") };
    mirrored(&packed.log, &insights.mirror);
}

/// The mirror again, from the events alone, in SQL: rounds decided, unchanged, how long they waited, what objections there were.
fn mirrored(log: &[String], mirror: &Mirror) {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE log (n INTEGER, entry TEXT)").unwrap();
    for (n, line) in log.iter().enumerate() {
        db.execute("INSERT INTO log VALUES (?, ?)", rusqlite::params![i64::try_from(n).unwrap(), line])
            .unwrap();
    }
    db.execute_batch(
        "CREATE VIEW event AS SELECT n, unixepoch(entry ->> '$.at') AS at, entry ->> '$.event.type' AS type,
           entry ->> '$.event.item' AS item, entry ->> '$.event.round' AS round, entry ->> '$.event.revision' AS revision,
           entry ->> '$.event.outcome' AS outcome, entry ->> '$.event.person' AS person, entry ->> '$.event.vote' AS vote FROM log;
         CREATE TABLE decided AS SELECT closed.n, closed.item, closed.round, closed.revision, closed.outcome,
           closed.at - opened.at AS secs FROM event closed JOIN event opened ON opened.type = 'round_opened'
           AND opened.item = closed.item AND opened.round = closed.round
           WHERE closed.type = 'round_closed' AND closed.outcome IN ('approved', 'rejected');
         CREATE TABLE first AS SELECT item, revision FROM event WHERE type = 'round_opened' AND round = 1;
         CREATE TABLE standing AS SELECT item, round, person, vote FROM event said
           WHERE type = 'voted' AND NOT EXISTS (SELECT 1 FROM event later WHERE later.item = said.item AND later.n > said.n
             AND later.person = said.person AND ((later.round = said.round AND later.type IN ('voted', 'withdrawn'))
             OR later.type = 'recused'));",
    )
    .unwrap();
    let ask = |sql: &str| db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).unwrap().unwrap_or(-1);
    let told = |number: u64| i64::try_from(number).unwrap();
    assert_eq!(told(mirror.decided), ask("SELECT COUNT(*) FROM decided"));
    assert_eq!(told(mirror.unchanged.whole), ask("SELECT COUNT(*) FROM decided WHERE outcome = 'approved'"));
    let same = "SELECT COUNT(*) FROM decided JOIN first USING (item) WHERE outcome = 'approved' AND decided.revision = first.revision";
    assert_eq!(told(mirror.unchanged.part), ask(same));
    let wait = mirror.wait.unwrap();
    assert_eq!(told(wait.count), ask("SELECT COUNT(secs) FROM decided"));
    assert_eq!(wait.mean, ask("SELECT SUM(secs) / COUNT(*) FROM decided"));
    let nth = |of: i64| ask(&format!("SELECT secs FROM decided ORDER BY secs LIMIT 1 OFFSET {of}"));
    let n = told(wait.count);
    assert_eq!(wait.median, (nth((n - 1) / 2) + nth(n / 2)) / 2);
    assert_eq!(wait.p85, nth((85 * n + 99) / 100 - 1));
    // Of rounds without one before them every rejection that stood is an objection.
    let least = "SELECT COUNT(*) FROM decided JOIN standing USING (item, round) WHERE outcome = 'approved' AND vote = 'reject'";
    assert!(told(mirror.came_true.whole) >= ask(least), "{} objections", mirror.came_true.whole);
}
