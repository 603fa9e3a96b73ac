//! Bodies as their senders document them, and who is believed.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::json;

use super::*;
use crate::model::hook::HookWord;

fn told(kind: HookKind, body: &Value) -> Result<HookFact, String> {
    let bytes = body.to_string();
    match read("ci", kind, Raw { headers: &[], body: bytes.as_bytes() }, &[])? {
        Read::Told(delivery) => Ok(delivery.fact),
        Read::Nothing(why) => Err(why),
    }
}

#[test]
fn what_bodies_say() {
    use HookKind::{Cloudevents, Github, Gitlab};
    use HookWord::{Failed, Finished, RolledBack, Started};
    let deployment = |state: &str| {
        json!({"deployment_status": {"state": state, "environment": "production", "updated_at": "2026-11-30T08:00:00Z"},
            "deployment": {"ref": "CHG42-fix", "task": "deploy", "payload": {}}})
    };
    let workflow = |status: &str, conclusion: Value| {
        json!({"workflow_run": {"name": "deploy", "status": status, "conclusion": conclusion, "display_title": "Ship CHG42",
            "run_started_at": "2026-11-30T08:00:00Z", "updated_at": "2026-11-30T08:09:00Z",
            "head_commit": {"message": "Ship it\n\nChange: CHG42\n"}}})
    };
    let lab = |status: &str| {
        json!({"object_kind": "pipeline", "object_attributes": {"status": status, "ref": "main", "created_at": "2026-11-30 08:00:00 UTC",
            "finished_at": "2026-11-30 09:09:00 +0100", "variables": [{"key": "CHANGE", "value": "CHG42"}]}})
    };
    let run = |predicate: &str, outcome: &str| {
        json!({"context": {"specversion": "0.5.1", "id": "1", "source": "/ci", "type": format!("dev.cdevents.pipelineRun.{predicate}.0.3.0"),
            "timestamp": "2026-11-30T08:00:00Z"}, "subject": {"id": "r1", "content": {"pipelineName": "deploy", "outcome": outcome}},
            "customData": {"change": "CHG42"}})
    };
    let service = |predicate: &str| {
        json!({"specversion": "1.0", "id": "1", "source": "/ci", "type": format!("dev.cdevents.service.{predicate}.0.1.0"), "time": "2026-11-30T08:00:00Z",
            "data": {"subject": {"id": "shop", "content": {"environment": {"id": "production"}}}, "customData": {"change": "CHG42"}}})
    };
    let cases: &[(&str, HookKind, Value, Result<HookWord, &str>)] = &[
        ("a deployment begins", Github, deployment("in_progress"), Ok(Started)),
        ("a deployment is there", Github, deployment("success"), Ok(Finished)),
        ("a deployment broke", Github, deployment("error"), Ok(Failed)),
        ("an older one is put aside", Github, deployment("inactive"), Err("inactive")),
        ("a run begins", Github, workflow("in_progress", Value::Null), Ok(Started)),
        ("a run is there", Github, workflow("completed", json!("success")), Ok(Finished)),
        ("a run was stopped", Github, workflow("completed", json!("cancelled")), Ok(Failed)),
        ("a run was skipped", Github, workflow("completed", json!("skipped")), Err("skipped")),
        ("a run waits", Github, workflow("queued", Value::Null), Err("queued")),
        ("neither", Github, json!({"zen": "x"}), Err("neither")),
        ("a pipeline begins", Gitlab, lab("running"), Ok(Started)),
        ("a pipeline is there", Gitlab, lab("success"), Ok(Finished)),
        ("a pipeline broke", Gitlab, lab("failed"), Ok(Failed)),
        ("a pipeline waits", Gitlab, lab("pending"), Err("pending")),
        ("a push", Gitlab, json!({"object_kind": "push"}), Err("push")),
        ("a run begins", Cloudevents, run("started", ""), Ok(Started)),
        ("a run is there", Cloudevents, run("finished", "success"), Ok(Finished)),
        ("a run broke", Cloudevents, run("finished", "error"), Ok(Failed)),
        ("a run ended somehow", Cloudevents, run("finished", ""), Err("without an outcome")),
        ("a service is there", Cloudevents, service("deployed"), Ok(Finished)),
        ("a service went back", Cloudevents, service("rolledback"), Ok(RolledBack)),
        ("a service is gone", Cloudevents, service("removed"), Err("removed")),
        ("of nobody", Cloudevents, json!({"context": {"type": "com.example.x"}}), Err("vocabulary")),
    ];
    for (name, kind, body, want) in cases {
        match (told(*kind, body), want) {
            (Ok(fact), Ok(word)) => {
                assert_eq!(fact.word, *word, "{name}");
                let at = fact.at.map(|at| at.to_string()).unwrap_or_default();
                assert!(at.starts_with("2026-11-30T08:0"), "{name}: {at}");
                let says = fact.named.iter().chain(&fact.texts).any(|text| text.contains("CHG42"));
                assert!(says, "{name}: {fact:?}");
            }
            (Err(why), Err(want)) => assert!(why.contains(want), "{name}: {why}"),
            (got, want) => panic!("{name}: {got:?}, not {want:?}"),
        }
        let bytes = body.to_string();
        if want.is_ok() {
            assert_eq!(guess(bytes.as_bytes()), Some(*kind), "{name}");
        }
    }
}

#[test]
fn trailers() {
    for (message, want) in [
        ("Ship\n\nChange: CHG1", Some("CHG1")),
        ("change:CHG1\nChange: CHG1", Some("CHG1")),
        ("Change: CHG1\nChange: CHG2", None),
        ("a change: of mind", None),
        ("Change:", None),
    ] {
        assert_eq!(trailer(message).as_ref().map(Line::as_str), want, "{message:?}");
    }
}

#[test]
fn who_is_believed() {
    use HookKind::{Cloudevents, Github, Gitlab};
    let (secret, body, now) = ("s3cret", b"{\"a\": 1}".as_slice(), Instant::from_secs(1_796_000_000));
    let mac = |secret: &[u8], message: &[u8]| sign(&Key::new(HMAC_SHA256, secret), message).as_ref().to_vec();
    let hub = format!("sha256={}", hex(&mac(secret.as_bytes(), body)));
    let other = format!("sha256={}", hex(&mac(b"other", body)));
    let v1 = |at: i64| {
        let message = [format!("m1.{at}.").as_bytes(), body].concat();
        let value = format!("v1,{}", STANDARD.encode(mac(secret.as_bytes(), &message)));
        vec![
            ("webhook-id", "m1".to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", value),
        ]
    };
    let mut moved = v1(now.secs());
    moved[0].1 = "m2".to_owned();
    let one = |name: &'static str, value: &str| vec![(name, value.to_owned())];
    let cases: &[(&str, HookKind, Vec<(&str, String)>, bool)] = &[
        ("GitHub", Github, one("x-hub-signature-256", &hub), true),
        ("under another secret", Github, one("x-hub-signature-256", &other), false),
        ("without one", Github, vec![], false),
        ("the old algorithm alone", Github, one("x-hub-signature", &hub), false),
        ("no hex", Github, one("x-hub-signature-256", "sha256=zz"), false),
        ("empty", Github, one("x-hub-signature-256", "sha256="), false),
        ("GitLab by token", Gitlab, one("x-gitlab-token", secret), true),
        ("by a beginning of the token", Gitlab, one("x-gitlab-token", "s3cre"), false),
        ("GitLab signed", Gitlab, v1(now.secs()), true),
        ("signed long ago", Gitlab, v1(now.secs() - 301), false),
        ("under another id", Gitlab, moved, false),
        ("CloudEvents", Cloudevents, one("x-quorate-signature-256", &hub), true),
        ("CloudEvents without", Cloudevents, vec![], false),
    ];
    for (name, kind, headers, want) in cases {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let raw = Raw { headers: &headers, body };
        assert_eq!(prove(*kind, secret, raw, now).is_ok(), *want, "{name}");
        assert!(prove(*kind, "", raw, now).is_err(), "{name}: no secret is no proof");
        let changed = Raw { headers: &headers, body: b"{\"a\": 2}" };
        let by_token = *name == "GitLab by token";
        assert_eq!(prove(*kind, secret, changed, now).is_ok(), by_token, "{name}: another body");
    }
}
