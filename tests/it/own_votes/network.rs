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
