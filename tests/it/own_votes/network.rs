//! The same from elsewhere: over TLS, by tokens, whose people are no users of the machine that keeps the board.

use super::*;
use crate::network::{Service, wait};

#[test]
fn a_vote_over_tls_goes_with_the_account_of_the_tokens_person() {
    let world = Snow::start();
    let native = world.votable().unwrap();
    let secrets = tempfile::tempdir().unwrap();
    let service = Service::secured(&board(&world), &of_service(&world, "servicenow", secrets.path()));
    let [ann, bob] =
        ["ann", "bob"].map(|person| service.token(&format!("--person {person} --scope see,act")));
    let looks = service.token("--person ann --scope see");
    let robot = service.token("--person ann --role pipeline --scope see,report");
    let id = format!("{}:{native}", world.lean().id);
    wait("the change is read", || service.by(&bob, &format!("show {id}")).code == 0);
    let before = sent(&world);
    service.by(&ann, &format!("vote {id} yes")).ok();
    let row = || {
        let shown = service.by(&bob, &format!("show {id} --json")).json();
        shown["writes"].as_array().unwrap().last().unwrap().clone()
    };
    assert_eq!((&row()["state"], &row()["person"]), (&"queued".into(), &"ann".into()));
    let settings = "[remote]\nca = \"ca.pem\"\n".to_owned() + &of_ann(&world, "servicenow", 20);
    service.home.file("mine.toml", &settings);
    let sync = |token: &str| {
        let mut command = service.home.command();
        command.args(["--config", "mine.toml", "sync"]);
        command.env("QUORATE_HUB", &service.url).env("QUORATE_TOKEN", token);
        command.env("HOME", service.home.path().join("elsewhere"));
        command.env("MINE", account(&world.chair().login).1);
        Ran::of(&mut command)
    };
    // Somebody else's token takes nothing, whatever account stands beside it; nor does one of hers that is for looking,
    // nor a machine's.
    for token in [&bob, &looks, &robot] {
        sync(token);
        assert_eq!((row()["state"].as_str(), sent(&world)), (Some("queued"), before));
    }
    assert_eq!(sync(&ann).code, 0);
    wait("it is through", || row()["state"] == "accepted");
    assert_eq!(world.answer(&native), Some(ApprovalAnswer::Approved));
    assert_eq!(sent(&world), before + 1, "sent once");
    // On the record it is ann's, by her token; the account's secret never came here.
    let log = service.by(&bob, "audit log --json").json();
    let told = log.as_array().unwrap().iter().find(|entry| entry.to_string().contains("\"pushed\""));
    let told = told.expect("it is on the record");
    let name = ann.split('_').nth(1).unwrap();
    assert_eq!((&told["by"]["person"], &told["by"]["known"]), (&"ann".into(), &"verified".into()), "{told}");
    assert_eq!(told["by"]["login"], format!("token {name}"), "{told}");
    let secret = account(&world.chair().login).1;
    let kept = fs::read(service.home.path().join("board.db")).unwrap();
    assert!(!kept.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret is kept");
}

/// Who takes, reports or gives up a vote of somebody else is refused with the reason.
#[test]
fn only_its_person_takes_reports_and_gives_up_a_vote_by_token() {
    let world = Snow::start();
    let native = world.votable().unwrap();
    let secrets = tempfile::tempdir().unwrap();
    let service = Service::of(&board(&world), &of_service(&world, "servicenow", secrets.path()));
    let [ann, bob, dan] =
        ["ann", "bob", "dan"].map(|person| service.token(&format!("--person {person} --scope see,act")));
    let looks = service.token("--person ann --scope see");
    let robot = service.token("--person ann --role pipeline --scope see,report");
    let id = format!("{}:{native}", world.lean().id);
    wait("the change is read", || service.by(&bob, &format!("show {id}")).code == 0);
    service.by(&ann, &format!("vote {id} yes")).ok();
    let row = service.by(&bob, "own-votes --json").json()[0].clone();
    let claim = "0123456789abcdef0123456789abcdef";
    let asked = json!({ "write": row["id"], "claim": claim, "mark": 7, "secs": 60 });
    let told = json!({ "write": row["id"], "claim": claim, "pushed": { "accepted": "approval 1" } });
    let given = |reason: Value| {
        json!({ "do": "give_up", "item": id, "write": row["id"], "source": row["source"], "person": "ann",
            "reason": reason })
    };
    let mut key = 0u32;
    let mut post = |token: &str, path: &str, body: &Value| {
        key += 1;
        let headers = format!("Authorization: Bearer {token}\r\nIdempotency-Key: {key:032x}\r\n");
        let answer = service.request("POST", path, &headers, &body.to_string());
        (answer.status, answer.body)
    };
    let (claims, reports, commands) = ("/v1/writes/claim", "/v1/writes/report", "/v1/commands");
    let others = "ann's own";
    let gives = "only ann or an admin gives up their vote";
    for (token, path, body, status, words) in [
        (&bob, claims, &asked, 403, others),
        (&dan, claims, &asked, 403, others),
        (&looks, claims, &asked, 403, "is for see, and this needs act"),
        (&robot, claims, &asked, 403, "and this needs act"),
        (&bob, reports, &told, 403, others),
        (&dan, reports, &told, 403, others),
        (&looks, reports, &told, 403, "is for see, and this needs act"),
        (&robot, reports, &told, 403, "and this needs act"),
        (&ann, reports, &told, 409, "another session of yours took that write since"),
        (&bob, commands, &given(json!("x")), 403, gives),
        (&looks, commands, &given(json!(null)), 403, "is for see, and this needs act"),
        (&robot, commands, &given(json!("x")), 403, "and this needs act"),
        (&dan, commands, &given(json!(null)), 400, "given up for a reason, and none is said"),
    ] {
        let (got, said) = post(token, path, body);
        assert!(got == status && said.contains(words), "{path} {body}: {got} {said}");
    }
    assert_eq!(service.by(&bob, "own-votes --json").json()[0]["state"], "queued");
    let (got, said) = post(&dan, commands, &given(json!("gone")));
    assert!(got == 200 && said.contains("the vote of ann on"), "{got} {said}");
    let (got, said) = post(&ann, claims, &asked);
    assert!(got == 409 && said.contains("it is through: given up by dan: gone"), "{got} {said}");
}
