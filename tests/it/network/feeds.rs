//! Calendars at secret addresses: what stands in them, who makes them, and that nothing is found where there is nothing.

use serde_json::{Value, json};

use super::{Answer, Service, today};

/// Ann owns and asked for changes, bob manages a release; titles that want out of their line.
fn board() -> Value {
    let change = |id: &str, title: &str, owner: &str, day: u32| {
        json!({"id": id, "title": title, "state": "authorize", "risk": "low", "services": ["db-1"], "owner": owner,
            "rollback_plan": "the old one", "planned_start": soon(day, 21), "planned_end": soon(day, 22)})
    };
    let phase = |id: &str, day: u32| json!({"id": id, "name": id, "environment": "production", "start": soon(day, 8), "end": soon(day, 9)});
    json!({"version": 1,
        "people": [{"id": "ann", "name": "Ann Smith", "login": "asmith"}, {"id": "bob", "name": "Bob Smith"}, {"id": "eve"},
            {"id": "dan", "admin": true}, {"id": "robot"}],
        "boards": [{"id": "cab", "name": "Payments CAB", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
        "settings": {"zone": "Europe/Madrid", "meetings": [{"id": "weekly", "name": "Weekly CAB", "board": "cab",
            "start": soon(1, 12), "end": soon(1, 13)}]},
        "services": [{"id": "db-1", "aliases": ["postgres"]}, {"id": "web"}],
        "windows": [
            {"id": "mw", "kind": "maintenance", "name": "Nightly", "scope": {"services": ["postgres"]}, "start": soon(5, 20), "end": soon(5, 23)},
            {"id": "other", "kind": "maintenance", "name": "Elsewhere", "scope": {"services": ["web"]}, "start": soon(5, 20), "end": soon(5, 23)},
            {"id": "ff", "kind": "freeze", "name": "Year end", "start": soon(9, 0), "end": soon(10, 0)}],
        "releases": [{"id": "REL1", "name": "Shop", "version": "4.2", "manager": "bob", "state": "planned", "services": ["web"],
            "phases": [phase("p1", 6), phase("p2", 7)]}],
        "changes": [
            change("CHG1", "Swap\r\nEND:VEVENT\r\nBEGIN:VEVENT\u{202e}\u{7}; a, b\\c", "ANN", 3),
            change("CHG2", "Renew", "asmith", 4),
            change("CHG3", "Not hers", "eve", 4),
            {"id": "CHG4", "title": "Web", "state": "new", "services": ["web"], "owner": "eve", "release": "REL1",
             "planned_start": soon(6, 8), "planned_end": soon(6, 9)}]})
}

/// So many days from now, at this hour UTC.
fn soon(day: u32, hour: u32) -> String {
    let at = today() + chrono::Days::new(day.into());
    format!("{at}T{hour:02}:00:00Z")
}

fn started(settings: &str) -> Service {
    Service::of(&board().to_string(), settings)
}

/// The path of a new address of somebody.
fn made(service: &Service, token: &str, arguments: &str) -> String {
    let made = service.by(token, &format!("feed new --json {arguments}")).json();
    let address = made["address"].as_str().unwrap().to_owned();
    address.strip_prefix(&service.url).unwrap_or_else(|| panic!("{address}")).to_owned()
}

fn read(service: &Service, path: &str) -> Answer {
    service.request("GET", path, "", "")
}

/// The entries of a calendar, each with its unfolded lines.
fn entries(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    let text = answer.body.replace("\r\n ", "");
    let mut entries = Vec::new();
    for line in text.split("\r\n") {
        match line {
            "BEGIN:VEVENT" => entries.push(Vec::new()),
            line => {
                entries.last_mut().into_iter().for_each(|entry: &mut Vec<String>| entry.push(line.to_owned()))
            }
        }
    }
    entries
}

fn value<'a>(entry: &'a [String], name: &str) -> &'a str {
    let found = entry.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("no {name} in {entry:?}"))
}

/// The names of what a calendar has: what stands before the `@` of its ids.
fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = entries(answer)
        .iter()
        .map(|entry| value(entry, "UID").split(['@', '#']).next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn each_calendar_has_what_it_is_for() {
    let service = started("");
    let (ann, bob) = (service.token("--person ann"), service.token("--person bob"));
    let weekly = format!("weekly-{}", &soon(1, 12)[..10]);
    for (token, arguments, want) in [
        // By her id in other letters, and by her login; and the meetings of her board.
        (&ann, "", vec!["CHG1", "CHG2", &weekly]),
        (&bob, "", vec!["REL1/p1", "REL1/p2", &weekly]),
        // A freeze of everything concerns every service.
        (&ann, "--service db-1", vec!["CHG1", "CHG2", "CHG3", "ff", "mw"]),
        (&bob, "--release REL1", vec!["CHG4", "REL1/p1", "REL1/p2"]),
    ] {
        let answer = read(&service, &made(&service, token, arguments));
        assert_eq!(names(&answer), want, "{arguments}");
    }
    let answer = read(&service, &made(&service, &ann, ""));
    let entries = entries(&answer);
    let first = entries.iter().find(|entry| value(entry, "UID").starts_with("CHG1@")).unwrap();
    assert_eq!(value(first, "SUMMARY"), "CHG1 Swap END:VEVENT BEGIN:VEVENT\\; a\\, b\\\\c");
    assert_eq!(value(first, "STATUS"), "TENTATIVE", "nobody approved it");
    assert_eq!(value(first, "DTSTART").len(), "20310101T210000Z".len());
    assert!(answer.body.contains("NAME:Payments CAB · Ann Smith\r\n"), "{}", answer.body);
    for (name, want) in [
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(answer.header(name), Some(want));
    }
}

#[test]
fn an_entry_keeps_its_id_and_its_number_rises_when_it_moves() {
    let service = started("");
    let (ann, dan) = (service.token("--person ann"), service.token("--person dan"));
    let path = made(&service, &ann, "");
    let one = |answer: &Answer| {
        let entries = entries(answer);
        let entry = entries.iter().find(|entry| value(entry, "UID").starts_with("CHG1@")).unwrap();
        let of = |name: &str| value(entry, name).to_owned();
        (of("UID"), of("SEQUENCE").parse::<u64>().unwrap(), of("DTSTART"), of("STATUS"))
    };
    let first = read(&service, &path);
    let tag = first.header("etag").unwrap().to_owned();
    let known = format!("If-None-Match: {tag}\r\n");
    assert_eq!(service.request("GET", &path, &known, "").status, 304, "the same board is not sent again");
    // A comment is nothing of a calendar's.
    service.by(&ann, "comment CHG1 -m soon").ok();
    assert_eq!(service.request("GET", &path, &known, "").status, 304);
    let before = one(&first);
    let mut moved = board();
    moved["changes"][0]["planned_start"] = soon(3, 20).into();
    service.home.file("moved.json", &moved.to_string());
    service.by(&dan, "import moved.json").ok();
    let answer = service.request("GET", &path, &known, "");
    let after = one(&answer);
    assert_eq!((answer.status, &after.0), (200, &before.0));
    assert!(after.1 > before.1 && after.2 != before.2, "{before:?} {after:?}");
    moved["changes"][0]["state"] = "cancelled".into();
    service.home.file("moved.json", &moved.to_string());
    service.by(&dan, "import moved.json").ok();
    let off = one(&read(&service, &path));
    assert_eq!((off.0, off.3.as_str()), (before.0, "CANCELLED"), "what is called off stays and says so");
    assert!(off.1 > after.1);
}

/// What a source has deleted vanishes from the board, and not from the calendars that had it: there it is called off, under the
/// number of the commit that took it away, until the source has it again.
#[test]
fn what_a_source_deletes_is_called_off_in_calendars() {
    let item = |n: u32| {
        json!({"id": format!("T{n}"), "title": "There", "state": "scheduled", "risk": "low", "services": ["db-1"], "owner": "ann",
            "planned_start": soon(2, n), "planned_end": soon(2, n + 1)})
    };
    let release = json!({"id": "TREL", "name": "There", "manager": "ann", "state": "planned", "services": ["db-1"],
        "phases": [{"id": "p1", "environment": "production", "start": soon(2, 8), "end": soon(2, 9)}]});
    let window = json!({"id": "tw", "kind": "maintenance", "name": "There", "scope": {"services": ["db-1"]},
        "start": soon(2, 20), "end": soon(2, 23)});
    let all = json!({"version": 1, "changes": (1..=20).map(item).collect::<Vec<_>>(), "releases": [release], "windows": [window]});
    let home = crate::program::Home::new();
    home.file("there.json", &all.to_string());
    let settings = "[sources.there]\nkind = \"board_file\"\npath = \"there.json\"\n";
    let service = Service::of_board(home, &board().to_string(), settings, "");
    let (ann, dan) = (service.token("--person ann"), service.token("--person dan"));
    let (own, of_service) = (made(&service, &ann, ""), made(&service, &ann, "--service db-1"));
    let one = |path: &str, name: &str| {
        let answer = read(&service, path);
        let all = entries(&answer);
        let named = |entry: &&Vec<String>| {
            let unique = value(entry, "UID").split(['@', '#']).next().unwrap_or_default();
            unique == name || unique.ends_with(&format!(":{name}"))
        };
        let found: Vec<_> = all.iter().filter(named).collect();
        assert!(found.len() < 2, "{name} stands there twice: {found:?}");
        let of = |name: &str| found.first().map(|entry| value(entry, name).to_owned()).unwrap_or_default();
        let sequence = of("SEQUENCE").parse::<u64>().unwrap_or_default();
        (of("UID"), of("DTSTART"), of("STATUS"), sequence)
    };
    let gone =
        [(&own, "T5"), (&own, "TREL/p1"), (&of_service, "T5"), (&of_service, "TREL/p1"), (&of_service, "tw")];
    let stays = (&own, "T6");
    super::wait("the source to be read", || gone.iter().all(|(path, name)| !one(path, name).0.is_empty()));
    let before = gone.map(|(path, name)| one(path, name));
    let kept = one(stays.0, stays.1);
    let mut fewer = all.clone();
    fewer["changes"].as_array_mut().unwrap().remove(4);
    (fewer["releases"], fewer["windows"]) = (json!([]), json!([]));
    service.home.file("there.json", &fewer.to_string());
    service.by(&dan, "sync").ok();
    super::wait("the deletion", || one(&own, "T5").2 == "CANCELLED");
    for ((path, name), before) in gone.iter().zip(&before) {
        let after = one(path, name);
        assert_eq!((&after.0, &after.1, &*after.2), (&before.0, &before.1, "CANCELLED"), "{name}");
        assert!(after.3 > before.3, "{name}: {before:?} {after:?}");
    }
    assert_eq!(one(stays.0, stays.1), kept, "what is there still is told as before");
    let text = read(&service, &own).body.replace("\r\n ", "");
    assert!(text.contains("state: gone from its source"), "{text}");
    let off = one(&own, "T5").3;
    service.home.file("there.json", &all.to_string());
    service.by(&dan, "sync").ok();
    super::wait("it to be there again", || one(&own, "T5").2 != "CANCELLED");
    assert!(one(&own, "T5").3 > off, "there again, with a number higher than that of its end");
}

/// Without what differs from one answer to the next anyway.
fn alike(answer: &Answer) -> (u16, String, String) {
    let head = answer.head.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
    (answer.status, head.collect::<Vec<_>>().join("\n"), answer.body.clone())
}

#[test]
fn there_is_nothing_where_an_address_was_taken_back_as_where_none_ever_was() {
    let service = started("");
    let (ann, dan) = (service.token("--person ann"), service.token("--person dan"));
    let path = made(&service, &ann, "");
    let secret = path.trim_start_matches("/f/").trim_end_matches(".ics").to_owned();
    let (name, random) = secret.split_once('_').unwrap();
    assert_eq!(read(&service, &path).status, 200);
    let missing = alike(&read(&service, &format!("/f/aaaaaaaa_{}.ics", "0".repeat(64))));
    assert_eq!((missing.0, missing.2.as_str()), (404, "there is nothing at this address\n"));
    let credential = ann.trim_start_matches("qrt_").to_owned();
    for (row, other) in [
        ("wrong secret", format!("/f/{name}_{}.ics", "0".repeat(64))),
        ("no secret", format!("/f/{name}.ics")),
        ("nothing", "/f/.ics".to_owned()),
        ("a credential is no address", format!("/f/{credential}.ics")),
        ("not the page", format!("/p/{secret}")),
    ] {
        assert_eq!(alike(&read(&service, &other)), missing, "{row}");
    }
    // Nor is an address a credential.
    for token in [secret.clone(), format!("qrt_{secret}")] {
        assert_eq!(service.get(&token, "/v1/board").status, 401);
    }
    let listed = service.by(&ann, "feed list --json").json();
    assert_eq!((&listed[0]["id"], &listed[0]["shows"]["what"]), (&name.into(), &"mine".into()), "{listed}");
    assert!(
        service.by(&ann, "token list").out.contains("act")
            && !service.by(&ann, "token list").out.contains(name)
    );
    service.by(&dan, &format!("feed revoke {name}")).ok();
    assert_eq!(alike(&read(&service, &path)), missing, "taken back");
    // Whoever is nobody here any more shows nothing to anybody.
    let path = made(&service, &dan, "--person eve");
    assert_eq!(read(&service, &path).status, 200);
    let mut fewer = board();
    fewer["people"].as_array_mut().unwrap().retain(|person| person["id"] != "eve");
    service.home.file("fewer.json", &fewer.to_string());
    service.by(&dan, "import fewer.json").ok();
    let gone = service.by(&dan, "show eve").code != 0;
    assert!(!gone || alike(&read(&service, &path)) == missing);
    // The record names the address and who made it; the secret is nowhere.
    let log = service.by(&dan, "audit log --json").out;
    assert!(log.contains(name) && !log.contains(random), "{log}");
    let kept = std::fs::read(service.home.path().join("board.db")).unwrap();
    assert!(!kept.windows(random.len()).any(|bytes| bytes == random.as_bytes()));
}

#[test]
fn addresses_are_made_by_whom_they_are_for() {
    let service = started("");
    let [ann, eve, dan] = ["ann", "eve", "dan"].map(|who| service.token(&format!("--person {who}")));
    let robot = service.token("--person robot --role pipeline");
    let own = made(&service, &ann, "");
    let name = own.trim_start_matches("/f/").split('_').next().unwrap();
    for (row, token, arguments, code, words) in [
        ("an observer, for herself", &eve, "feed new".to_owned(), 0, ""),
        ("for somebody else", &eve, "feed new --person ann".to_owned(), 4, "addresses of others"),
        ("an admin, for anybody", &dan, "feed new --person ann".to_owned(), 0, ""),
        ("a machine", &robot, "feed new".to_owned(), 4, "act"),
        ("what is not there", &ann, "feed new --service nothing".to_owned(), 2, "nothing"),
        ("what is no service", &ann, "feed new --service CHG1".to_owned(), 2, "no service"),
        ("two at once", &ann, "feed new --service db-1 --page".to_owned(), 2, "cannot be used with"),
        ("what is somebody else's", &eve, format!("feed revoke {name}"), 2, "no address"),
        ("by the verb of tokens", &dan, format!("token revoke {name}"), 2, "no token"),
    ] {
        let ran = service.by(token, &arguments);
        assert!(ran.code == code && ran.err.contains(words), "{row}: {ran:?}");
    }
    // Who knows the name of another's address does not take it back by hand either.
    let revoke = json!({"do": "revoke_token", "id": name, "person": "ann", "address": true}).to_string();
    let headers = format!("Authorization: Bearer {eve}\r\nIdempotency-Key: {}\r\n", "ab".repeat(16));
    assert_eq!(service.request("POST", "/v1/commands", &headers, &revoke).status, 403);
    assert_eq!(read(&service, &own).status, 200);
}

#[test]
fn a_board_may_have_no_addresses() {
    let service = started("[serve]\nfeeds = false\n");
    let ann = service.token("--person ann");
    let ran = service.by(&ann, "feed new");
    assert!(ran.code == 4 && ran.err.contains("no secret addresses"), "{ran:?}");
    let made = service.home.run("--db board.db feed new --json --person ann").json();
    let path = made["address"].as_str().unwrap();
    assert!(path.starts_with("/f/"), "nobody said where the board is reached: {path}");
    assert_eq!(read(&service, path).status, 404);
}

#[test]
fn an_address_begins_where_the_board_is_reached() {
    let service = started("[serve]\nurl = \"https://board.example.com/\"\n");
    let ann = service.token("--person ann");
    let ran = service.by(&ann, "feed new");
    assert!(
        ran.out.starts_with("https://board.example.com/f/") && ran.out.trim().ends_with(".ics"),
        "{ran:?}"
    );
    assert!(ran.err.contains("shown once"), "{ran:?}");
}

/// Whoever asks without end is told to wait, and no other address is.
#[test]
fn one_address_that_is_asked_without_end_waits() {
    let service = started("");
    let ann = service.token("--person ann");
    let (busy, other) = (made(&service, &ann, ""), made(&service, &ann, "--service web"));
    let line = format!("GET {busy} HTTP/1.1\r\nHost: b\r\nIf-None-Match: *\r\n\r\n");
    let mut stream = service.connect();
    let mut reading = stream.try_clone().unwrap();
    let sent = std::thread::spawn(move || {
        use std::io::Write;
        let _ = (0..600).try_for_each(|_| stream.write_all(line.as_bytes()));
        let _ = stream.shutdown(std::net::Shutdown::Write);
    });
    let mut text = String::new();
    let _ = std::io::Read::read_to_string(&mut reading, &mut text);
    sent.join().unwrap();
    assert!(
        text.contains("HTTP/1.1 304") && text.contains("HTTP/1.1 429"),
        "{}",
        &text[..text.len().min(400)]
    );
    assert_eq!(read(&service, &other).status, 200);
}
