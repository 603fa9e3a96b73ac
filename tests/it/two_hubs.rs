//! Acting verbs on a board that is served and on one that is a file: the same words, the same codes, and the same JSON byte
//! for byte. One board twice, the same acts on both, one after the other.

use std::{fs, time::Duration};

use crate::{
    program::{BIN, Home, Ran},
    pty::{Screen, Start},
    served::{Service, can_be_others, without_now},
};

/// A board on which one person is nearly everything, so that acts do something.
const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann", "login": "root", "admin": true}, {"id": "bob", "login": "bin"}, {"id": "cat", "login": "sys"},
      {"id": "dan"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
    "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
    "settings": {"allow_override": true},
    "services": [{"id": "web"}, {"id": "db-1", "depends_on": ["web"]}],
    "releases": [{"id": "REL1", "name": "Payments 2", "version": "2.0.0", "state": "planning", "manager": "dan",
      "services": ["web"], "phases": [{"id": "p1", "name": "First", "services": ["web"], "start": "2031-02-01T20:00:00Z",
      "end": "2031-02-01T22:00:00Z", "rollback_minutes": 20, "criteria": ["tests are green"]}]}],
    "changes": [
      {"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"], "owner": "dan",
       "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"},
      {"id": "CHG2", "title": "Renew a certificate", "state": "authorize", "risk": "low", "services": ["web"],
       "rollback_plan": "the old one", "planned_start": "2031-01-02T21:00:00Z", "planned_end": "2031-01-02T22:00:00Z"},
      {"id": "CHG3", "title": "Move a rack", "state": "authorize", "risk": "low", "services": ["web"],
       "rollback_plan": "move it back", "planned_start": "2031-01-02T21:30:00Z", "planned_end": "2031-01-02T23:00:00Z"},
      {"id": "CHG4", "title": "Patch", "state": "authorize", "risk": "low", "services": ["db-1"], "requester": "x@example.org",
       "rollback_plan": "take it back", "planned_start": "2031-01-08T21:30:00Z", "planned_end": "2031-01-08T23:00:00Z"},
      {"id": "CHG5", "title": "Stop the fire", "kind": "emergency", "state": "authorize", "risk": "high", "services": ["db-1"],
       "rollback_plan": "none", "planned_start": "2031-01-09T21:30:00Z", "planned_end": "2031-01-09T23:00:00Z"}]}"#;

/// What is done, in this order; FILE is a board file with one more service, TERMS those of a template.
const ACTS: &[&str] = &[
    "comment CHG1 -m hm",
    "comment NOPE -m hm",
    "vote CHG1 yes -m fine",
    "vote CHG1 reaffirm",
    "own-votes give-up CHG1",
    "own-votes give-up CHG1 --of bob -m gone",
    "vote CHG1 withdraw",
    "vote CHG1 no",
    "vote CHG1 no -m late",
    "vote CHG1 yes --revision 000000",
    "vote CHG1 yes --for bob",
    "vote CHG1 no --for bob --otherwise -m late",
    "vote CHG1 confirm",
    "recuse CHG2 -m mine",
    "recuse CHG2 -m mine",
    "clear CHG1 bob -m known",
    "ask CHG1 -m why",
    "question CHG1 -m when",
    "answer CHG1 1 -m then",
    "answer CHG1 7 -m then",
    "defer CHG2 -m later",
    "open CHG2 --again",
    "open CHG1",
    "vote CHG1 yes",
    "close CHG1",
    "close CHG1",
    "condition CHG1 --owner bob -m first",
    "condition CHG1 --met 1",
    "override CHG3 approve --second bob -m must",
    "override CHG3 --confirm",
    "ack C1 CHG2 CHG3 -m accepted --until 2031-01-03",
    "ack C1 CHG2 CHG3 --undo",
    "ack C99 CHG2 -m accepted",
    "delegate --board cab --from bob --to cat --start 2031-01-01 --end 2031-01-02",
    "delegate --to nobody --start 2031-01-01 --end 2031-01-02",
    "move CHG2 --start 2031-01-05T21:00:00Z",
    "move REL1/p1 --start 2031-02-02T20:00:00Z",
    "change new --set title=Mine --set risk=low --set services=web --set planned_start=2031-03-01T20:00:00Z --dry-run",
    "change new MINE1 --set title=Mine --set risk=low --set services=web --set planned_start=2031-03-01T20:00:00Z",
    "change edit MINE1 --set title=Other",
    "change edit CHG1 --set title=Other",
    "change edit MINE1 --set colour=red",
    "window new W1 --set name=Night --set kind=freeze --set start=2031-04-01T20:00:00Z --set end=2031-04-02T02:00:00Z",
    "service new mail --set tier=2",
    "person new eve --set name=Eve",
    "release new REL2 --set name=Next --set version=3",
    "release edit REL2 --set title=Next",
    "release edit REL2 --set version=3.1",
    "release state REL2 build",
    "release state REL2 closed",
    "release bundle REL2 MINE1 --dry-run",
    "release bundle REL2 MINE1",
    "release unbundle REL2 MINE1",
    "release move REL2 --by 2h",
    "release submit REL2",
    "release edit REL2 --set services=[\"web\"]",
    "release state REL2 build",
    "release go REL1/p1 -m ready",
    "release no-go REL1/p1 -m not",
    "template propose TERMS",
    "template propose --from CHG1",
    "template suspend NOPE -m broken",
    "template resubmit swap -m mended",
    "template suspend swap -m broken",
    "template retire swap -m over",
    "standard swap --set planned_start=2031-05-01T20:00:00Z",
    "report CHG2 --start",
    "report CHG2 --finish --outcome successful",
    "run step CHG1",
    "run start REL1/p1 -m urgent",
    "run criterion REL1/p1 1 --not-met",
    "run start CHG1 -m urgent",
    "run step CHG1",
    "run hold CHG1 -m smoke",
    "run resume CHG1 -m fine",
    "run back CHG1 -m worse",
    "run end CHG1 --outcome backed_out",
    "run restored CHG1",
    "run criterion REL1/p1 1",
    "run go REL1/p1 -m yes",
    "review CHG1 --failed -m broke",
    "incident new INC1 --set title=Down --set services=web",
    "incident restore INC1",
    "break-glass CHG5 --incident INC1 --agreed bob --channel phone -m burns",
    "freeze --service web --until 2031-02-01T00:00:00Z -m year-end --preview",
    "freeze --service web --until 2031-02-01T00:00:00Z -m year-end",
    "thaw NOPE -m over",
    "seats add zed --board cab --login games",
    "seats add zed --board nowhere",
    "seats remove zed --board cab",
    "meeting new cab",
    "meeting pull CHG2 -m discuss",
    "meeting start",
    "meeting here bob",
    "meeting next",
    "meeting pause",
    "meeting next",
    "meeting resume",
    "meeting roll-call CHG2 bob=yes cat=abstain",
    "meeting end",
    "minutes --issue",
    "minutes --amend more",
    "action -m look --owner bob --due 2031-01-09 --item CHG1",
    "action --close 1",
    "action --list",
    "away bob --start 2031-01-01 --end 2031-01-02",
    "comms CHG2 --send",
    "import FILE",
    "import FILE --dry-run",
    "sync",
    "sync nowhere",
    "token revoke aaaaaaaa",
    "tally CHG1",
    "pending",
];

/// Verbs under *Decide*, *Meet* and *Run* that only look.
const LOOKS: &[&str] = &["wall", "room", "night", "rollback", "runsheet", "schedule"];

const TERMS: &str = r#"{"id": "swap", "name": "Swap a disk", "locked": ["services", "rollback_plan"],
    "fields": {"services": ["db-1"], "rollback_plan": "back"}}"#;

/// What is done is answered with the same bytes, whoever holds the board.
#[test]
fn a_served_board_takes_acts_as_the_file_does() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "[serve]\nsign_heads = 0\n");
    let own = Home::new();
    own.file("board.json", BOARD);
    own.run("--db board.db import board.json").ok();
    let more =
        own.file("more.json", r#"{"version": 1, "services": [{"id": "one-more"}]}"#).display().to_string();
    let terms = own.file("terms.json", TERMS).display().to_string();
    let mut done = 0;
    for act in ACTS {
        let act = act.replace("FILE", &more).replace("TERMS", &terms);
        let served = service.run(&format!("{act} --json"));
        let embedded = own.run(&format!("--db board.db {act} --json"));
        done += usize::from(embedded.code == 0);
        if std::env::var_os("QUORATE_SHOW").is_some() {
            println!("{act}: {} {}", embedded.code, embedded.err.lines().next().unwrap_or_default());
        }
        assert_eq!(plain(served), plain(embedded), "{act}");
    }
    let log = |ran: Ran| {
        let (_, out, _) = plain(ran);
        without_spans(&out)
    };
    let (served, embedded) = ("audit log --limit 1000 --json", "--db board.db audit log --limit 1000 --json");
    assert_eq!(log(service.run(served)), log(own.run(embedded)), "the records");
    // A token is drawn by chance, and its id with it.
    let made = |ran: Ran| ran.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let new = "token new --person bob --scope gate --json";
    assert_eq!(made(service.run(new)), made(own.run(&format!("--db board.db {new}"))));
    assert!(done * 3 > ACTS.len() * 2, "most acts do something: {done} of {}", ACTS.len());
}

/// All that differs by nature between the two: when each was run, how its author was known, and what is drawn by chance or
/// follows from these (hashes, names of meetings and freezes, tokens).
fn plain(ran: Ran) -> (i32, String, String) {
    let known = |text: &str| words(&without_now(text).replace("\"verified\"", "\"claimed\""));
    (ran.code, known(&ran.out), known(&ran.err))
}

/// A text whose words are plain.
fn words(text: &str) -> String {
    let of_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let (mut all, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(of_word) {
        let (before, from) = rest.split_at(at);
        let (found, after) = from.split_at(from.find(|c| !of_word(c)).unwrap_or(from.len()));
        all.push_str(before);
        all.push_str(&word(found));
        rest = after;
    }
    all + rest
}

/// A word without what is made of the moment or by chance.
fn word(word: &str) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let hex = |part: &str| part.len() >= 12 && part.chars().all(|c| c.is_ascii_hexdigit());
    match word {
        _ if word.starts_with("cab-20") && digits(word) == 12 => "MEETING".to_owned(),
        _ if word.starts_with("freeze-20") => "FREEZE".to_owned(),
        _ if word.starts_with("qrt_") => "TOKEN".to_owned(),
        // `1-` and the hash of a revision.
        _ => word.split('-').map(|part| if hex(part) { "HASH" } else { part }).collect::<Vec<_>>().join("-"),
    }
}

/// How long things took, and when a record was last touched, as far as the log tells them.
fn without_spans(log: &str) -> String {
    let entry = |line: &str| {
        let issued = line.contains(r#""type":"minutes_issued""#);
        let (start, _) = line.split_once(r#""minutes":{"#).filter(|_| issued).unwrap_or((line, ""));
        let token = start.contains(r#""field":"token""#);
        let (start, _) = start.split_once(r#""to":""#).filter(|_| token).unwrap_or((start, ""));
        let touched = r#"{"field":"updated_at","old":"","new":""}"#;
        start.replace(&format!("{touched},"), "").replace(&format!(",{touched}"), "")
    };
    log.lines().map(entry).collect::<Vec<_>>().join("\n")
}

/// A verb that acts is tried on both, or is said to look only.
#[test]
fn every_verb_that_acts_is_tried_on_both() {
    let help = Home::new().run("help").ok();
    let groups = help.split("\n\n").filter(|group| {
        ["Decide:", "Meet:", "Run:"].iter().any(|title| group.trim_start().starts_with(title))
    });
    let verbs =
        groups.flat_map(|group| group.lines().skip(1)).filter_map(|line| line.split_whitespace().next());
    let tried =
        |verb: &&str| ACTS.iter().any(|act| act.split(' ').next() == Some(verb)) || LOOKS.contains(verb);
    let left: Vec<&str> = verbs.filter(|verb| !tried(verb)).collect();
    assert!(left.is_empty(), "{left:?}: add acts to ACTS, or the verb to LOOKS");
}

/// A client of the service's build is sent the board in its layout, another one as JSON; both show the same.
#[test]
fn a_client_of_another_build_is_shown_the_same_board() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    // The same program with another time of making, by which builds are told apart.
    let other = service.file("other");
    fs::copy(BIN, &other).unwrap();
    let later = fs::metadata(BIN).unwrap().modified().unwrap() + Duration::from_secs(7);
    fs::File::options().write(true).open(&other).unwrap().set_modified(later).unwrap();
    let mut both = [service.file("quorate"), other].map(|program| {
        let mut terminal =
            Start::program(&program, "").env("QUORATE_HUB", &service.hub()).size(120, 36).spawn();
        terminal.wait_text("Swap a disk");
        terminal.keys("3").wait_text("[3 Queue");
        terminal
    });
    let board = |screen: &Screen| screen.rows()[1..].join("\n");
    let [one, two] = &mut both;
    let first = one.wait_quiet(Duration::from_millis(300));
    two.wait_for("the same board", |screen| board(screen) == board(&first));
    service.run("vote CHG2 yes").ok();
    one.wait_text("1-0-0/3");
    let voted = one.wait_quiet(Duration::from_millis(300));
    two.wait_for("the same board", |screen| board(screen) == board(&voted));
}
