//! What somebody may not see does not leave the service, by any route: two boards on which the same was done, but for how one
//! person voted in a secret round, what they drafted and how they want to hear, answer everybody else with the same words.

use std::io::{Read, Write};

use super::Service;

/// Everything that can be asked by GET.
const ROUTES: [&str; 16] = [
    "/v1/board",
    "/v1/changes",
    "/v1/conflicts",
    "/v1/calendar?from=2031-01-01T00:00:00Z&to=2031-02-01T00:00:00Z",
    "/v1/calendar.ics?from=2031-01-01T00:00:00Z&to=2031-02-01T00:00:00Z",
    "/v1/items/CHG1",
    "/v1/items/CHG2",
    "/v1/tally/CHG1",
    "/v1/templates",
    "/v1/log",
    "/v1/log?text=approve",
    "/v1/log?text=reject",
    "/v1/gate/CHG1",
    "/v1/drafts",
    "/v1/me",
    "/metrics",
];

/// Verbs that ask for more of the board than a route does.
const VERBS: [&str; 10] = [
    "tally CHG1 --json",
    "show CHG1 --json",
    "explain CHG1",
    "pending --json",
    "seats --json",
    "audit log --json",
    "audit export",
    "export --with-log",
    "schedule --json",
    "notify --json",
];

/// What is chance or time and not what somebody did: hashes and keys, names of tokens, instants, lengths of texts.
fn plain(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.'))) {
        let (body, end) = match word.char_indices().last() {
            Some((at, last)) if !(last.is_ascii_alphanumeric() || matches!(last, '-' | ':' | '.')) => {
                (&word[..at], &word[at..])
            }
            _ => (word, ""),
        };
        let hex =
            body.len() >= 8 && body.chars().all(|c| c.is_ascii_alphanumeric() && !c.is_ascii_uppercase());
        let mixed = body.len() >= 20 && !body.starts_with("2031");
        let digits = body.chars().any(|c| c.is_ascii_digit());
        words.push_str(if (hex || mixed) && digits { "_" } else { body });
        words.push_str(end);
    }
    words
}

/// A service with a secret round in which bob voted so and wants to hear so, and what the others are told by each route.
fn told(vote: &str, draft: &str, hears: &str) -> Vec<(String, String)> {
    let board = super::BOARD.replace(r#""rule": "majority""#, r#""rule": "majority", "secret": true"#);
    let service = Service::of(&board, "");
    let bob = service.token("--person bob");
    service.by(&bob, &format!("vote CHG1 {vote} -m because")).ok();
    service.by(&bob, &format!("notify {hears}")).ok();
    let own = service.by(&bob, "notify --json").json();
    assert_ne!(own["preferences"]["quiet"], serde_json::Value::Null, "{own}");
    let body = format!(r#"{{"item":"CHG2","text":"{draft}"}}"#);
    let kept = service.request("POST", "/v1/drafts", &format!("Authorization: Bearer {bob}\r\n"), &body);
    assert_eq!(kept.status, 200, "{kept:?}");
    let own = service.get(&bob, "/v1/drafts").body;
    assert!(own.contains(draft), "{own}");
    let (mut told, mut names) = (Vec::new(), vec![name_of(&bob)]);
    for person in ["cat", "ann", "eve", "dan"] {
        let token = service.token(&format!("--person {person}"));
        names.push(name_of(&token));
        for route in ROUTES {
            let answer = service.get(&token, route);
            assert!(matches!(answer.status, 200 | 404), "{route}: {answer:?}");
            told.push((format!("{person} {route}"), answer.body));
        }
        for verb in VERBS {
            let ran = service.by(&token, verb);
            assert!(ran.code <= 1, "{verb}: {ran:?}");
            told.push((format!("{person} {verb}"), ran.out));
        }
        for accept in ["text/event-stream", "*/*"] {
            told.push((format!("{person} stream {accept}"), first_of_stream(&service, &token, accept)));
        }
    }
    // The name of a token is chance.
    for (_, text) in &mut told {
        *text = without_more(text);
        // How often the board was published is a matter of time: what comes close together goes out as one.
        for number in [r#"{"reset":{"number":"#, r#","seq":"#] {
            if let Some((before, after)) = text.split_once(number) {
                let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
                *text = format!("{before}{number}_{after}");
            }
        }
        // So is what a key makes of the same words.
        if let Some((before, _)) = text.split_once(r#","signature":{"#) {
            *text = before.to_owned();
        }
        *text = names.iter().fold(std::mem::take(text), |text, name| text.replace(name, "_"));
    }
    told
}

/// A stream without what was published after its beginning: whether that was before one looked is a matter of time. What it
/// tells is compared where it is the beginning.
fn without_more(text: &str) -> String {
    let mut pieces: Vec<&str> = Vec::new();
    for piece in text.split("\r\n") {
        if piece.contains(r#"{"more":{"#) {
            // The size of its chunk.
            pieces.pop();
        } else {
            pieces.push(piece);
        }
    }
    pieces.join("\r\n")
}

/// Where two texts part, with a few words before it: the whole of them would hide it.
fn difference(one: &str, other: &str) -> String {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
    format!("after {same} characters {:?} is {:?} there", part(one), part(other))
}

/// The name in `qrt_NAME_SECRET`.
fn name_of(token: &str) -> String {
    token.split('_').nth(1).unwrap().to_owned()
}

/// What a stream begins with, as far as it tells the board.
fn first_of_stream(service: &Service, token: &str, accept: &str) -> String {
    let mut stream = service.connect();
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET /v1/stream HTTP/1.1\r\nHost: b\r\nAccept: {accept}\r\nQuorate-Version: {version}\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (mut seen, mut piece) = (Vec::new(), [0; 1 << 16]);
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        // The whole of the first event, or of the first frame and of what is the reader's own.
        if text.contains("\"gone\":[]}\n\n") || text.contains("\"own\":") {
            return text.split_once("\r\n\r\n").unwrap().1.to_owned();
        }
        let read = stream.read(&mut piece).unwrap();
        assert_ne!(read, 0, "{text}");
        seen.extend_from_slice(&piece[..read]);
    }
}

#[test]
fn a_secret_vote_and_a_draft_are_told_to_nobody_by_any_route() {
    let (yes, no) = (
        told("yes", "aaaa-unsent-text", "--zone Pacific/Fiji --quiet 21:07-06:07 --terminal bell"),
        told("no", "bbbb-unsent-text", "--zone Asia/Tokyo --quiet 20:08-05:08 --off run"),
    );
    assert_eq!(yes.len(), no.len());
    for ((route, one), (_, other)) in yes.iter().zip(&no) {
        assert!(!one.contains("unsent-text"), "{route} tells a draft: {one}");
        assert!(!one.contains("Fiji"), "{route} tells a preference: {one}");
        let (one, other) = (plain(one), plain(other));
        assert!(one == other, "{route}: {}", difference(&one, &other));
    }
    // What is compared is what was voted on: everybody sees that bob has.
    let all: String = yes.iter().map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("bob") && all.contains("CHG1"));
}

#[test]
fn what_is_chance_is_left_out_and_nothing_else() {
    for (text, want) in [
        (r#"{"hash":"9f86d081884c7d65","vote":"approve"}"#, r#"{"hash":"_","vote":"approve"}"#),
        ("at 2026-11-30T08:00:00Z by bob", "at _ by bob"),
        ("planned 2031-01-01T21:00:00Z", "planned 2031-01-01T21:00:00Z"),
        ("yes 1, no 0", "yes 1, no 0"),
    ] {
        assert_eq!(plain(text), want);
    }
}
