//! The page at a secret address: what it shows, to whom, and that no text gets out of its place in it.

use serde_json::{Value, json};

use super::{Answer, Service, today};

/// What would run, load or send something where it is not written as text.
const EVIL: &str =
    "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'><a href=javascript:alert(1)>&lt;";

fn board() -> Value {
    let mut board: Value = serde_json::from_str(super::BOARD).unwrap();
    let today = today();
    let soon = |hour: u32| format!("{}T{hour:02}:00:00Z", today + chrono::Days::new(1));
    board["policies"][0]["secret"] = true.into();
    board["boards"][0]["name"] = format!("Board {EVIL}").into();
    board["settings"] = json!({"zone": "Europe/Madrid"});
    let changes = board["changes"].as_array_mut().unwrap();
    changes[0]["planned_start"] = soon(20).into();
    changes[0]["planned_end"] = soon(21).into();
    for field in ["title", "owner", "group", "description", "rollback_plan", "test_plan", "environment"] {
        changes[0][field] = EVIL.into();
    }
    changes[0]["services"] = json!(["db-1", EVIL]);
    changes[0]["url"] = "javascript:alert(1)".into();
    changes[1]["url"] = "https://itsm.example.com/CHG2?a=1&b=\"2\"".into();
    changes.push(
        json!({"id": "R/1 #ä", "title": "Odd id", "state": "authorize", "services": ["web"], "owner": "robot",
        "planned_start": soon(20), "planned_end": soon(21)}),
    );
    board["releases"] = json!([{"id": "REL1", "name": EVIL, "version": EVIL, "state": "planned", "contingency": EVIL,
        "phases": [{"id": "p1", "name": EVIL, "start": soon(8), "end": soon(9)}]}]);
    board["windows"] =
        json!([{"id": "mw", "kind": "freeze", "name": EVIL, "start": soon(1), "end": soon(2)}]);
    board
}

fn started() -> (Service, String) {
    let service = Service::of(&board().to_string(), "");
    let ann = service.token("--person ann");
    let made = service.by(&ann, "feed new --page --json").json();
    let address = made["address"].as_str().unwrap();
    let path = address.strip_prefix(&service.url).unwrap().to_owned();
    assert!(path.starts_with("/p/") && !path.ends_with(".ics"), "{path}");
    (service, path)
}

fn read(service: &Service, path: &str) -> Answer {
    service.request("GET", path, "", "")
}

/// The tags of a document, each as it is written.
fn tags(text: &str) -> Vec<&str> {
    text.split('<').skip(1).filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag).collect()
}

#[test]
fn no_text_gets_out_of_its_place() {
    let (service, path) = started();
    for (page, has) in [
        (path.clone(), "Next seven days"),
        (format!("{path}/calendar"), "week after"),
        (format!("{path}/calendar?from=not-a-day"), "week after"),
        (format!("{path}/item?id=CHG1"), "Rollback plan"),
        (format!("{path}/item?id=CHG2"), "In its source"),
        (format!("{path}/item?id=REL1"), "Contingency"),
        (format!("{path}/item?id=R%2F1%20%23%C3%A4"), "Odd id"),
    ] {
        let answer = read(&service, &page);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{page}"
        );
        assert!(answer.body.contains(has) && answer.body.ends_with("</html>"), "{page}: {answer:?}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("form-action 'none'"), "{policy}");
        let known = [
            "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "nav", "a",
            "p", "div", "main", "table", "thead", "tbody", "tr", "th", "td", "small", "span", "svg", "rect",
            "dl", "dt", "dd", "ul", "li", "footer",
        ];
        for tag in tags(&answer.body) {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(known.contains(&name), "{page}: <{tag}>");
            assert!(
                !tag.contains(" on") && !tag.contains(" style=") && !tag.contains("href=\"javascript"),
                "<{tag}>"
            );
        }
        for name in ["referrer-policy", "x-robots-tag", "x-frame-options", "x-content-type-options"] {
            assert!(answer.header(name).is_some(), "{page}: {name}");
        }
    }
    let answer = read(&service, &format!("{path}/item?id=CHG2"));
    assert!(
        answer
            .body
            .contains("href=\"https://itsm.example.com/CHG2?a=1&amp;b=&quot;2&quot;\" rel=\"noreferrer")
    );
}

#[test]
fn the_page_says_how_old_it_is() {
    let (service, path) = started();
    let body = read(&service, &path).body;
    assert!(body.contains("As of ") && body.contains("(Europe/Madrid)"), "{body}");
    assert!(body.contains("http-equiv=\"refresh\" content=\"60\""));
}

/// Whoever has the page sees what somebody without a seat sees: of a secret round that it goes on.
#[test]
fn no_secret_vote_and_no_draft_is_on_the_page() {
    let told = |vote: &str, draft: &str| {
        let (service, path) = started();
        let bob = service.token("--person bob");
        service.by(&bob, &format!("vote CHG1 {vote} -m because-{vote}")).ok();
        let body = format!(r#"{{"item":"CHG1","text":"{draft}"}}"#);
        service.request("POST", "/v1/drafts", &format!("Authorization: Bearer {bob}\r\n"), &body);
        ["", "/calendar", "/item?id=CHG1", "/item?id=CHG2"].map(|page| {
            let text = read(&service, &format!("{path}{page}")).body.replace(&path, "");
            // The moment at which it was drawn.
            let (before, after) = text.split_once("As of ").unwrap();
            let after = after.split_once("(Europe").unwrap().1;
            let time = |word: &&str| word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit());
            let words: Vec<&str> = after.split(' ').filter(|word| !time(word)).collect();
            format!("{before}{}", words.join(" "))
        })
    };
    let (yes, no) = (told("yes", "aaaa-unsent"), told("no", "bbbb-unsent"));
    for (one, other) in yes.iter().zip(&no) {
        assert!(!one.contains("unsent") && !one.contains("because"), "{one}");
        assert_eq!(one, other);
    }
    assert!(yes[2].contains("Round"), "{}", yes[2]);
}

#[test]
fn a_page_is_found_under_its_address_alone() {
    let (service, path) = started();
    let ann = service.token("--person ann");
    let feed = service.by(&ann, "feed new --json").json()["address"].as_str().unwrap().to_owned();
    let secret = feed.rsplit('/').next().unwrap().trim_end_matches(".ics");
    for (row, page) in [
        ("an address of a calendar", format!("/p/{secret}")),
        ("nobody's", format!("/p/aaaaaaaa_{}", "0".repeat(64))),
        ("an item that is not there", format!("{path}/item?id=CHG9")),
        ("an item without an id", format!("{path}/item")),
    ] {
        assert_eq!(read(&service, &page).status, 404, "{row}");
    }
    let name = path.trim_start_matches("/p/").split('_').next().unwrap();
    service.by(&ann, &format!("feed revoke {name}")).ok();
    for page in ["", "/calendar", "/item?id=CHG1"] {
        assert_eq!(read(&service, &format!("{path}{page}")).status, 404, "{page}");
    }
}
