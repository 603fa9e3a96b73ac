//! The board for programs: what `--json` prints, by GET, with tags, pages and the words of the command line.

use std::io::{Read, Write};

use serde_json::{Value, json};

use super::{Service, wait};

const SPAN: &str = "from=2031-01-01T00:00:00Z&to=2031-01-04T00:00:00Z";

/// The same shapes and the same values, whichever way they are asked for.
#[test]
fn programs_are_told_what_the_command_line_prints() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    service.by(&ann, "vote CHG1 yes -m fine").ok();
    let span = "--from 2031-01-01T00:00:00Z --to 2031-01-04T00:00:00Z";
    for (path, verb) in [
        ("/v1/changes".to_owned(), "changes --json".to_owned()),
        ("/v1/changes?filter=risk:low".to_owned(), "changes risk:low --json".to_owned()),
        (format!("/v1/calendar?{SPAN}"), format!("calendar {span} --json")),
        ("/v1/conflicts".to_owned(), "conflicts --json".to_owned()),
        ("/v1/tally/CHG1".to_owned(), "tally CHG1 --json".to_owned()),
        ("/v1/templates".to_owned(), "templates --json".to_owned()),
        ("/v1/items/CHG1".to_owned(), "show CHG1 --json".to_owned()),
        ("/v1/gate/CHG1".to_owned(), "gate CHG1 --json".to_owned()),
        ("/v1/log".to_owned(), "audit log --json".to_owned()),
    ] {
        let answer = service.get(&ann, &path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let verb = service.by(&ann, &verb);
        let printed: Value = serde_json::from_str(&verb.out).unwrap();
        assert_eq!(timeless(answer.json()), timeless(printed), "{path}");
    }
    let calendar = service.get(&ann, &format!("/v1/calendar.ics?{SPAN}"));
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert!(calendar.body.starts_with("BEGIN:VCALENDAR") && calendar.body.contains("CHG2"), "{calendar:?}");
    let board = service.get(&ann, "/v1/board").json();
    assert_eq!(
        (&board["person"], &board["changes"], &board["open"]),
        (&"ann".into(), &2.into(), &2.into()),
        "{board}"
    );
}

/// Without the moment at which it was asked.
fn timeless(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            if map.contains_key("verdict") {
                map.remove("at");
            }
            // What is signed says it too, and the signature is of that.
            if let Some(Value::String(signed)) = map.get_mut("signed") {
                *signed = timeless(serde_json::from_str(signed).unwrap()).to_string();
                map.remove("value");
            }
            map.values_mut().for_each(|value| *value = timeless(value.take()));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = timeless(value.take())),
        // A gate says in its reasons when it was asked.
        Value::String(text) => {
            if let Some((_, rest)) = text.split_once("Z is before the approved span") {
                *text = rest.to_owned();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    value
}

#[test]
fn what_somebody_has_is_not_sent_again() {
    let service = Service::plain();
    let (ann, bob) = (service.token("--person ann"), service.token("--person bob"));
    let first = service.get(&ann, "/v1/log");
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    assert_eq!(first.header("vary"), Some("Authorization, Accept"));
    let again = |token: &str, tag: &str| {
        let headers = format!("Authorization: Bearer {token}\r\nIf-None-Match: {tag}\r\n");
        service.request("GET", "/v1/log", &headers, "")
    };
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let answer = again(&ann, &known);
        assert_eq!((answer.status, answer.body.as_str()), (304, ""), "{known}: {answer:?}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(again(&bob, &tag).status, 200, "another person's answer is another answer");
    service.by(&bob, "comment CHG1 -m news").ok();
    assert_eq!(again(&ann, &tag).status, 200);
}

#[test]
fn lists_come_in_pages_and_faults_in_words() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    let first = service.get(&ann, "/v1/changes?limit=1");
    assert_eq!(first.json()[0]["id"], "CHG1");
    assert_eq!(first.header("link"), Some("<?after=CHG1>; rel=\"next\""));
    let second = service.get(&ann, "/v1/changes?limit=1&after=CHG1");
    assert_eq!((second.json()[0]["id"].as_str(), second.header("link")), (Some("CHG2"), None));
    for (path, status, want) in [
        ("/v1/changes?after=CHG9", 409, "not in the list any more"),
        ("/v1/changes?limit=many", 400, "limit"),
        ("/v1/changes?sort=up", 400, "sort"),
        ("/v1/changes?filter=colour:red", 400, "colour"),
        ("/v1/calendar?from=2031-01-02T00:00:00Z&to=2031-01-01T00:00:00Z", 400, "not after"),
        ("/v1/items/CHG9", 404, "there is no CHG9"),
        ("/v1/tally/CHG9", 404, "no round was ever opened"),
        ("/v1/gate/CHG9", 404, "CHG9"),
        ("/v1/items/..%2f..%2fetc", 404, ""),
    ] {
        let answer = service.get(&ann, path);
        let fits = answer.status == status || (path.contains("%2f") && answer.status == 400);
        assert!(fits && answer.body.contains(want), "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status, "{path}");
        assert!(problem["type"].as_str().unwrap().starts_with("urn:quorate:problem:"), "{path}");
    }
}

#[test]
fn a_key_answers_once_and_for_one_command_of_one_person() {
    let service = Service::plain();
    let (ann, bob) = (service.token("--person ann"), service.token("--person bob"));
    let send = |token: &str, text: &str| {
        let headers =
            format!("Authorization: Bearer {token}\r\nIdempotency-Key: 00112233445566778899aabbccddeeff\r\n");
        let body = json!({"do": "comment", "item": "CHG1", "text": text}).to_string();
        service.request("POST", "/v1/commands", &headers, &body)
    };
    let first = send(&ann, "by ann");
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(send(&ann, "by ann").body, first.body, "sent again, answered again, done once");
    let other = send(&ann, "other words");
    assert_eq!(other.status, 422, "{other:?}");
    assert!(other.body.contains("given to another command"), "{other:?}");
    // Another person's key is another key, and what is answered is theirs.
    let theirs = send(&bob, "by ann");
    assert!(theirs.status == 200 && theirs.body != first.body, "{theirs:?}");
    assert_eq!(service.get(&ann, "/v1/log?text=by%20ann").json().as_array().unwrap().len(), 2);
}

#[test]
fn anybody_may_ask_how_the_service_is_and_learns_nothing_else() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    service.by(&ann, "vote CHG1 yes").ok();
    for (path, want) in [("/healthz", "ok"), ("/readyz", "ready"), ("/metrics", "quorate_connections 1")] {
        let answer = service.request("GET", path, "", "");
        assert!(answer.status == 200 && answer.body.contains(want), "{path}: {answer:?}");
        for word in ["ann", "CHG1", "vote", "board.db", &ann] {
            assert!(!answer.body.contains(word), "{path} tells {word}: {answer:?}");
        }
    }
    let metrics = service.request("GET", "/metrics", "", "").body;
    assert!(metrics.contains("quorate_requests_total{status=\"200\"}"), "{metrics}");
}

#[test]
fn a_stream_tells_what_changed() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    let mut stream = service.connect();
    let request = format!(
        "GET /v1/stream HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\nAuthorization: Bearer {ann}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    let mut until = |what: &str| {
        let mut buffer = [0; 1 << 16];
        wait(what, || {
            if said.contains(what) {
                return true;
            }
            let read = stream.read(&mut buffer).unwrap();
            said.push_str(&String::from_utf8_lossy(&buffer[..read]));
            said.contains(what)
        });
        said.clone()
    };
    let first = until("\"id\":\"CHG2\"");
    assert!(first.to_lowercase().contains("x-accel-buffering: no"), "{first}");
    service.by(&ann, "vote CHG1 no -m because").ok();
    let then = until("\"no\":1");
    assert_eq!(
        then.matches("\"id\":\"CHG2\",\"title\"").count().max(1),
        1,
        "what did not change is not told again"
    );
}

/// What a token is for is held to, on every route.
#[test]
fn a_token_is_good_for_what_it_was_made_for() {
    let service = Service::plain();
    let of = |scope: &str| service.token(&format!("--person olga --scope {scope}"));
    let tokens = [of("see"), of("gate"), of("report"), of("act")];
    let report = json!({"do": "report", "item": "CHG1", "started": null, "finished": null, "outcome": null});
    let comment = json!({"do": "comment", "item": "CHG1", "text": "x"});
    // see, gate, report, act: which of them come past the door
    for (method, path, body, want) in [
        ("GET", "/v1/board", String::new(), "ynny"),
        ("GET", "/v1/changes", String::new(), "ynny"),
        ("GET", "/v1/log", String::new(), "ynny"),
        ("GET", "/v1/gate/CHG1", String::new(), "yyny"),
        ("POST", "/v1/ask", json!({"ask": "names"}).to_string(), "ynny"),
        (
            "POST",
            "/v1/ask",
            json!({"ask": "gate", "id": "CHG1", "at": null, "rollback": false}).to_string(),
            "yyny",
        ),
        ("POST", "/v1/commands", report.to_string(), "nnyy"),
        ("POST", "/v1/commands", comment.to_string(), "nnny"),
        ("GET", "/v1/drafts", String::new(), "ynny"),
        ("POST", "/v1/sync", json!({"source": null, "accept": false}).to_string(), "nnny"),
    ] {
        let past: String = tokens
            .iter()
            .map(|token| {
                let key = "Idempotency-Key: 00112233445566778899aabbccddee00\r\n";
                let headers = format!("Authorization: Bearer {token}\r\n{key}");
                let answer = service.request(method, path, &headers, &body);
                if answer.status == 403 && answer.body.contains("and this needs") { 'n' } else { 'y' }
            })
            .collect();
        assert_eq!(past, want, "{method} {path} {body}");
    }
}
