//! Whole meetings as scripts: the chair and the members are processes of their own on one file, one is killed in the
//! middle, and the minutes are compared with what was published.

use serde_json::Value;

use crate::{program::Home, pty::Start};

const BOARD: &str = include_str!("../fixtures/meeting.json");

fn board() -> Home {
    let home = Home::new();
    home.file("board.json", BOARD);
    assert_eq!(home.run("import board.json").code, 0);
    home
}

/// Runs a script: a person and what they type per line; `no` before it where it has to be refused.
#[track_caller]
fn play(home: &Home, script: &str) {
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (who, typed) = line.split_once(' ').unwrap();
        let typed = typed.trim();
        let (refused, typed) = typed.strip_prefix("no ").map_or((false, typed), |typed| (true, typed));
        let mut arguments = vec!["--as".to_owned(), who.to_owned()];
        // Everything after -m is one text.
        let (verbs, text) = typed.split_once(" -m ").map_or((typed, None), |(v, t)| (v, Some(t)));
        arguments.extend(verbs.split_whitespace().map(str::to_owned));
        arguments.extend(text.into_iter().flat_map(|text| ["-m".to_owned(), text.to_owned()]));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = home.args(&arguments);
        assert_eq!(ran.code != 0, refused, "{line}: {ran:?}");
    }
}

fn agenda(home: &Home) -> Value {
    home.run("--json meeting agenda").json()
}

/// Times, dates and hashes differ from run to run; everything else has to stay.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let words: Vec<String> = line.split(' ').map(word).collect();
        let line = words.join(" ");
        let line = if line.starts_with("- **Length:**") { "- **Length:** …".to_owned() } else { line };
        // Whether a second passed between two commands is not told apart.
        if line.starts_with("- **Discussed:**") {
            continue;
        }
        // Somebody who comes a second after the start costs the quorum that second.
        let line = match line.split_once(", met ") {
            Some((before, _)) if line.starts_with("- **Quorum:**") => format!("{before}, met …"),
            Some(_) | None => line,
        };
        // Minutes count who is there by the second: k.wu, who comes and goes within one, is not among the most.
        let line = match line.split_once("at most ") {
            Some((before, most)) if line.starts_with("- **Quorum:**") => {
                format!(
                    "{before}at most … {}",
                    most.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start()
                )
            }
            Some(_) | None => line,
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn word(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let bare = word.trim_end_matches([',', ':', ';']);
    let tail = &word[bare.len()..];
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let clock = bare.split_once(':').is_some_and(|(h, m)| digits(h) && digits(m) && m.len() == 2);
    let hash = bare.len() == 64 && bare.chars().all(|c| c.is_ascii_hexdigit());
    let date = |text: &str| text.len() == 10 && text.split('-').count() == 3 && text.split('-').all(digits);
    let year = digits(bare) && bare.len() == 4;
    let day = digits(bare) && bare.len() == 2;
    let said = if clock {
        "hh:mm".to_owned()
    } else if hash {
        "HASH".to_owned()
    } else if days.contains(&bare) || months.contains(&bare) || year || day {
        "…".to_owned()
    } else if date(bare) {
        "DATE".to_owned()
    } else if let Some(at) =
        bare.len().checked_sub(10).filter(|at| bare.is_char_boundary(*at) && date(&bare[*at..]))
    {
        format!("{}DATE", &bare[..at])
    } else {
        bare.to_owned()
    };
    said + tail
}

#[test]
fn a_whole_meeting_with_a_kill_in_the_middle() {
    let home = board();
    // Before: one has a question, one is away, one asks for an item.
    play(
        &home,
        "k.wu question CHG1 -m Who is on call that night?
         j.lind answer CHG1 1 -m I am, and k.moss
         r.diaz question CHG3 -m Where was the restore tried?
         m.ortiz meeting place CHG4 --before CHG1
         a.chen no meeting place CHG3 --before CHG1",
    );
    assert_eq!(agenda(&home)["phase"], "convened");
    play(
        &home,
        "a.chen no meeting start
         m.ortiz meeting start
         a.chen meeting here
         k.wu meeting here
         m.ortiz meeting here s.varga
         m.ortiz meeting next",
    );
    // The chair sits at a screen, and the screen dies.
    let mut screen = Start::quorate("--as").arg("m.ortiz").arg("--db").arg(&db(&home)).size(120, 40).spawn();
    screen.wait_text("Payments CAB");
    let before = agenda(&home);
    screen.kill();
    let after = agenda(&home);
    assert_eq!(
        (&before["clock"], &before["focus"]),
        (&after["clock"], &after["focus"]),
        "nothing lived in it"
    );
    assert_eq!(after["focus"], "CHG4");
    play(
        &home,
        "a.chen vote CHG4 approve
         k.wu vote CHG4 approve
         s.varga vote CHG4 approve
         m.ortiz vote CHG4 approve
         r.diaz vote CHG4 approve
         m.ortiz close CHG4
         m.ortiz condition CHG4 --owner j.lind -m Warn the night shift
         m.ortiz meeting next
         m.ortiz meeting roll-call CHG1 m.ortiz=yes s.varga=yes k.wu=no:no-rehearsal --yes
         m.ortiz close CHG1
         m.ortiz meeting next
         m.ortiz meeting presenter CHG2 --absent
         m.ortiz meeting skip
         m.ortiz meeting pause
         m.ortiz no meeting next
         m.ortiz meeting resume
         m.ortiz meeting next
         k.wu meeting gone
         s.varga recuse CHG2
         m.ortiz meeting defer CHG2 -m The vendor does not answer
         k.wu no meeting pull-out CHG1
         k.wu meeting pull-out CHG6
         m.ortiz meeting here r.diaz
         m.ortiz meeting consent
         m.ortiz action --owner j.lind --due 2031-01-05 --item CHG1 -m Rehearse on DC-2
         m.ortiz meeting end
         m.ortiz no meeting next",
    );
    let draft = home.run("minutes").ok();
    assert!(draft.contains("**Draft:** not issued"), "{draft}");
    play(
        &home,
        "k.wu no minutes --issue
         m.ortiz minutes --issue
         m.ortiz no minutes --issue",
    );
    home.args(&["--as", "k.wu", "minutes", "--amend", "I left before CHG2 was put off"]).ok();
    let issued = home.run("minutes").ok();
    insta::assert_snapshot!("minutes_of_a_whole_meeting", plain(&issued));
    let text = home.run("minutes --plain").ok();
    assert!(text.contains("Objection: k.wu: no-rehearsal") && !text.contains("**"), "{text}");
    replayed(&home, &issued);
}

fn db(home: &Home) -> String {
    home.path().join(".local/share/quorate/board.db").display().to_string()
}

/// The same log on another board gives the same minutes, byte for byte, and its head is the one they name.
fn replayed(home: &Home, issued: &str) {
    let minutes = home.run("--json minutes").json();
    let head = minutes["minutes"]["head"].as_str().unwrap();
    assert!(home.run(&format!("audit verify --head {head}")).ok().contains("holds"));
    let file = home.path().join("whole.json");
    std::fs::write(&file, home.run("export --with-log").ok()).unwrap();
    let other = Home::new();
    std::fs::copy(&file, other.path().join("whole.json")).unwrap();
    other.run("import --with-log whole.json").ok();
    assert_eq!(other.run("minutes").ok(), issued);
}

#[test]
fn the_room_as_it_was() {
    let home = board();
    play(
        &home,
        "m.ortiz vote CHG3 approve
         s.varga vote CHG3 approve
         a.chen vote CHG3 approve
         j.lind move CHG3 --start 2031-02-01T21:00:00Z",
    );
    let room = home.run("--json room CHG3").json();
    assert_eq!((&room["outcome"], &room["tally"]["yes"]), (&"approved".into(), &3.into()));
    assert_eq!(room["facts"]["planned_start"], "2031-01-08T21:00:00Z");
    assert_eq!(room["changed"][0]["field"], "planned_end");
    assert!(room["seen"]["engine"].as_str().is_some());
    assert!(home.run("room CHG3").ok().contains("Now: planned_start"));
    assert!(home.run("room CHG1").fails(2).contains("no closed round"));
}

#[test]
fn papers_for_the_weekend() {
    let home = board();
    let sheet = home.run("runsheet --from 2031-01-07T00:00:00Z --to 2031-01-09T00:00:00Z").ok();
    for said in ["CHG1 Swap core switch", "**On:** j.lind", "no-go: not approved", "turn back by"] {
        assert!(sheet.contains(said), "{said}: {sheet}");
    }
    assert!(!sheet.contains("CHG4"));
    let plan = home.run("schedule --from 2031-01-07T00:00:00Z --to 2031-01-10T00:00:00Z").ok();
    assert!(plan.contains("| CHG1 | Swap core switch | moderate | vote open | j.lind |"), "{plan}");
}

#[test]
fn an_emergency_without_an_answer() {
    let home = board();
    let glass = [
        "--as",
        "j.lind",
        "break-glass",
        "EMG1",
        "--incident",
        "INC7",
        "--agreed",
        "a.chen",
        "--channel",
        "phone",
    ];
    let said = home.args(&[&glass[..], &["-m", "checkout is down"]].concat()).ok();
    assert!(said.contains("work may start, ratification due"), "{said}");
    let tally = home.run("--json tally EMG1").json();
    assert_eq!((&tally["outcome"], &tally["round"]), (&"open".into(), &2.into()));
    play(
        &home,
        "x.out no freeze --until 2031-01-01T00:00:00Z -m stop
         m.ortiz freeze --service db-1 --until 2031-02-01T00:00:00Z -m data loss suspected
         m.ortiz no override CHG1 reject -m because",
    );
    let rows = home.run("--json conflicts").json();
    let frozen = rows.as_array().unwrap().iter().find(|row| row["rule"] == "C3").unwrap();
    assert_eq!((&frozen["a"], &frozen["severity"]), (&"CHG3".into(), &"block".into()));
}

#[test]
fn five_members_vote_at_once_and_nothing_is_lost() {
    let home = board();
    play(&home, "m.ortiz meeting start\n m.ortiz meeting focus CHG1");
    let members = ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz"];
    for who in members {
        home.run(&format!("--as {who} meeting here")).ok();
    }
    // Each may have to decide again once for each of the others, which is within the five tries of a hub.
    let vote = |who: &&str| {
        let mut vote = home.command();
        vote.args(["--as", who, "vote", "CHG1", "approve"]).stdout(std::process::Stdio::null());
        vote.spawn().unwrap()
    };
    let children: Vec<_> = members.iter().map(vote).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let tally = home.run("--json tally CHG1").json();
    assert_eq!((&tally["yes"], &tally["outcome"]), (&5.into(), &"open".into()), "nothing closes early");
    let row = agenda(&home);
    assert_eq!(row["quorum"], serde_json::json!({"need": 3, "have": 5, "met": true}));
    play(&home, "m.ortiz close CHG1\n m.ortiz meeting end");
    assert!(home.run("audit verify").ok().contains("every hash holds"));
}

#[test]
fn secret_votes_are_told_nowhere_before_the_round_closes() {
    let home = Home::new();
    let mut board: Value = serde_json::from_str(BOARD).unwrap();
    board["policies"][0]["secret"] = true.into();
    home.file("board.json", &board.to_string());
    assert_eq!(home.run("import board.json").code, 0);
    play(
        &home,
        "a.chen vote CHG1 approve
         k.wu vote CHG1 reject -m never rehearsed",
    );
    let tally = || home.run("--as x.out --json tally CHG1").json();
    let votes = |tally: &Value| -> Vec<Value> {
        tally["electorate"].as_array().unwrap().iter().map(|ballot| ballot["vote"].clone()).collect()
    };
    let open = tally();
    for count in ["yes", "no", "abstain", "if_closed_now"] {
        assert!(open[count].is_null(), "{count}: {open}");
    }
    assert!(votes(&open).iter().all(Value::is_null), "{open}");
    assert_eq!(open["quorum"]["have"], 2, "who has voted is known");
    for verb in [
        "tally CHG1",
        "show CHG1",
        "--json show CHG1",
        "meeting agenda",
        "--json meeting agenda",
        "audit log",
        "--json audit log",
        "pending",
        "--json pending",
        "changes",
        "minutes",
    ] {
        let said = home.run(&format!("--as x.out {verb}")).out;
        assert!(!said.contains("never rehearsed") && !said.contains("1–1"), "{verb}: {said}");
    }
    let said = home.run("--as x.out tally CHG1").out;
    assert!(
        said.contains("k.wu, voting: has voted") && said.contains("2 of 5 have voted, secretly"),
        "{said}"
    );
    let own = home.run("--as k.wu --json tally CHG1").json();
    assert!(votes(&own).contains(&"reject".into()), "everybody sees their own: {own}");
    play(&home, "r.diaz vote CHG1 approve\n m.ortiz close CHG1");
    let closed = tally();
    assert_eq!(
        (&closed["yes"], &closed["no"], &closed["outcome"]),
        (&2.into(), &1.into(), &"approved".into())
    );
    assert!(votes(&closed).contains(&"reject".into()));
    assert!(home.run("audit log").out.contains("never rehearsed"));
    // The hashes after a hidden vote were public all along: nobody could have tried the three votes against them.
    let log = home.run("--json audit log").json();
    let events = log["entries"].as_array().or(log.as_array()).unwrap();
    let salts: Vec<&str> = events.iter().filter_map(|entry| entry["event"]["salt"].as_str()).collect();
    assert_eq!(salts.len(), 3, "{log}");
    assert!(salts.iter().all(|salt| salt.len() == 32) && salts[0] != salts[1], "{salts:?}");
}
