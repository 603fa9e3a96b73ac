//! Who may do what (rules § Rights), cell by cell, over TCP by a token: what is refused is refused with its reason.

use serde_json::{Value, json};

use super::Service;

#[test]
fn every_cell_of_the_rights_over_the_wire() {
    let service = Service::plain();
    // observer, seat, chair, tied to CHG1, admin, pipeline
    let people = [
        "--person eve",
        "--person bob",
        "--person ann",
        "--person olga",
        "--person dan",
        "--person robot --role pipeline --scope see,report",
    ];
    let tokens = people.map(|person| service.token(person));
    let revision = service.get(&tokens[2], "/v1/tally/CHG1").json()["revision"].clone();
    let later = "2031-06-01T00:00:00Z";
    let on = |command: &str, more: Value| {
        let mut body = json!({"do": command, "item": "CHG1"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let rows = [
        (on("comment", json!({"text": "x"})), "yyyyyn"),
        (
            on("vote", json!({"revision": revision, "vote": "approve", "comment": null, "on_behalf": null})),
            "nyynnn",
        ),
        (on("withdraw", json!({})), "nyynnn"),
        (
            on("vote", json!({"revision": revision, "vote": "approve", "comment": null, "on_behalf": "cat"})),
            "nnynnn",
        ),
        (on("report", json!({"started": null, "finished": null, "outcome": null})), "nnyyyy"),
        (on("condition", json!({"text": "x", "owner": "bob"})), "nnynnn"),
        (on("ask", json!({"question": "x"})), "nnynnn"),
        (on("open", json!({})), "nnynnn"),
        (on("defer", json!({"reason": "x"})), "nnynnn"),
        (on("close", json!({})), "nnynnn"),
        (on("move", json!({"start": later})), "nnyyyn"),
        (on("review", json!({"successful": true, "text": "x"})), "nyynnn"),
        (
            json!({"do": "delegate", "board": "cab", "from": "cat", "to": "bob", "start": "2031-05-01T00:00:00Z", "end": later}),
            "nnynyn",
        ),
        (
            json!({"do": "delegate", "board": "cab", "from": "bob", "to": "cat", "start": "2031-05-01T00:00:00Z", "end": later}),
            "nyynyn",
        ),
        (on("give_up", json!({"write": "x", "source": "snow", "person": "bob", "reason": "x"})), "nynnyn"),
        (json!({"do": "freeze", "scope": {"services": ["db-1"]}, "until": later, "reason": "x"}), "nnynnn"),
        (json!({"do": "seat", "board": "cab", "people": []}), "nnnnyn"),
        (json!({"do": "import", "from": "f", "source": "board", "file": {"version": 1}}), "nnnnyn"),
        (
            json!({"do": "make_token", "token": {"id": "aaaaaaaa", "sha256": "0".repeat(64), "person": "ann", "grants": ["see"], "expires": null}}),
            "nnnnyn",
        ),
        (json!({"do": "revoke_token", "id": "aaaaaaab", "person": "ann"}), "nnnnyn"),
    ];
    let mut key = 0u32;
    for (body, want) in rows {
        let mut said = Vec::new();
        let allowed: String = tokens
            .iter()
            .map(|token| {
                key += 1;
                let headers = format!("Authorization: Bearer {token}\r\nIdempotency-Key: {key:032x}\r\n");
                let answer = service.request("POST", "/v1/commands", &headers, &body.to_string());
                assert!(!matches!(answer.status, 0 | 401 | 500 | 503), "{body}: {answer:?}");
                let unread = answer.body.contains("cannot be read");
                assert!(!unread, "{body}: {answer:?}");
                let refused = answer.status == 403;
                assert!(
                    !refused || answer.json()["title"].as_str().is_some_and(|title| !title.is_empty()),
                    "{answer:?}"
                );
                said.push(answer.body);
                if refused { 'n' } else { 'y' }
            })
            .collect();
        assert_eq!(allowed, want, "{body}: {said:#?}");
    }
}
