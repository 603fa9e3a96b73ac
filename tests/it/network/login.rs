//! People whom a provider vouches for: logging in, staying logged in, logging out, and tokens that are not what they say.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use super::{
    Service,
    provider::{CODE, Provider, now},
};
use crate::{program::Ran, pty::Start};

fn settings(provider: &Provider) -> String {
    format!(
        "[[serve.issuers]]\nissuer = \"{}\"\nclient_id = \"quorate\"\npeople = {{ \"s-ann\" = \"ann\", \"s-bob\" = \"bob\" }}\n",
        provider.url
    )
}

/// Begins to log in, and returns once the code is shown.
fn begin(service: &Service) -> Child {
    let mut command = service.client("");
    command.args(["login", &service.url]).stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains(CODE) {
        assert_ne!(words.read_line(&mut said).unwrap(), 0, "it ended: {said}");
    }
    assert!(said.contains("/activate"), "{said}");
    std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
    child
}

fn ended(child: Child) -> (i32, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The file of the login.
fn kept(service: &Service) -> Vec<PathBuf> {
    let folder = service.home.path().join("elsewhere/.local/state/quorate/tokens");
    let files = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|end| end == "login")).collect()
}

#[test]
fn a_person_logs_in_stays_logged_in_and_logs_out() {
    let provider = Provider::start();
    let service = Service::with(&settings(&provider));
    let denied = begin(&service);
    provider.type_code("no");
    assert_eq!(ended(denied).0, 1);
    assert!(kept(&service).is_empty());
    let child = begin(&service);
    provider.type_code("s-ann");
    let (code, said) = ended(child);
    assert_eq!((code, said), (0, format!("logged in to {} as ann\n", service.url)));
    assert_eq!(provider.slowed(), 0, "it is asked no faster than it says");
    let file = kept(&service).remove(0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    service.by("", "vote CHG1 yes").ok();
    let log = service.by("", "audit log --json").ok();
    assert!(log.contains(&format!("s-ann of {}", provider.url)), "{log}");
    let me = service.by("", "whoami --json").json();
    assert_eq!((&me["person"], &me["known"]), (&"ann".into(), &"verified".into()), "{me}");
    // An identity that is about to end is renewed, and the refresh token that came with it is the next one's.
    let before = provider.granted();
    provider.lasting(30);
    rewrite(&file, |kept| {
        kept["id_token"] = Value::from(provider.rs256("rsa-1", &provider.payload("s-ann", 30)))
    });
    for _ in 0..3 {
        service.by("", "whoami").ok();
    }
    assert!(provider.granted() >= before + 3, "{}", provider.granted());
    assert!(!service.by("", "whoami --json").ok().contains("refresh-"));
    // Taken back at the provider: said, with what to do, and nothing falls back to another board.
    provider.forget();
    let said = service.by("", "changes").fails(4);
    assert!(said.contains("your login is over") && said.contains("quorate login"), "{said}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let said = service.by("", "changes").fails(2);
    assert!(said.contains("others can read it"), "{said}");
    let said = service.by("", &format!("logout {}", service.url)).ok();
    assert_eq!(said, format!("logged out of {}\n", service.url));
    assert!(kept(&service).is_empty());
    let said = service.by("", "changes").fails(2);
    assert!(said.contains("you have no token"), "{said}");
    // Who logs out is logged out at the provider too: what renews the login is good for nothing any more.
    let again = begin(&service);
    provider.type_code("s-ann");
    assert_eq!((ended(again).0, provider.renewals()), (0, 1));
    let me = service.by("", "whoami --json").json();
    assert!(me["until"].is_string() && me["grants"] == serde_json::json!(["act"]), "{me}");
    assert!(me["by"].as_str().unwrap().starts_with("s-ann of "), "{me}");
    service.by("", &format!("logout {}", service.url)).ok();
    assert_eq!((kept(&service).len(), provider.renewals()), (0, 0));
}

/// What is kept of the board for the next start is of who is logged in, and goes with the login.
#[test]
fn what_is_kept_of_the_board_goes_with_the_login() {
    let provider = Provider::start();
    let service = Service::with(&settings(&provider));
    let child = begin(&service);
    provider.type_code("s-ann");
    assert_eq!(ended(child).0, 0);
    let home = service.home.path().join("elsewhere");
    let openings = || {
        let files = fs::read_dir(home.join(".cache/quorate")).into_iter().flatten();
        let names = files.map(|file| file.unwrap().path());
        names.filter(|name| name.extension().is_some_and(|end| end == "opening")).count()
    };
    let ca = service.home.path().join("ca.pem").display().to_string();
    let desk = service.home.file("desk.toml", &format!("[remote]\nca = {ca:?}\n"));
    let start = Start::quorate("").arg("--config").arg(&desk.display().to_string());
    let mut terminal =
        start.env("HOME", &home.display().to_string()).env("QUORATE_HUB", &service.url).spawn();
    terminal.wait_text("Swap a disk");
    crate::kept::leave(&mut terminal);
    assert_eq!(openings(), 1);
    service.by("", &format!("logout {}", service.url)).ok();
    assert_eq!((openings(), kept(&service).len()), (0, 0));
}

fn rewrite(file: &PathBuf, change: impl FnOnce(&mut Value)) {
    let mut kept: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut kept);
    fs::write(file, kept.to_string()).unwrap();
}

#[test]
fn a_board_without_a_provider_says_so() {
    let service = Service::start();
    let mut command = service.client("");
    let said = Ran::of(command.args(["login", &service.url])).fails(2);
    assert!(said.contains("knows no such provider") && said.contains("token"), "{said}");
}

/// Each is signed by somebody, or says so, and only what is as it must be comes in.
#[test]
fn tokens_that_are_not_what_they_say_are_refused() {
    let provider = Provider::start();
    let service = Service::plain_with(&settings(&provider));
    let stranger = Provider::start();
    let good = |changes: Value| {
        let mut payload = provider.payload("s-ann", 300);
        for (name, value) in changes.as_object().unwrap() {
            payload[name] = value.clone();
        }
        payload
    };
    let plain = good(json!({}));
    for (row, token, status) in [
        ("RS256", provider.rs256("rsa-1", &plain), 200),
        ("ES256", provider.es256("ec-1", &plain), 200),
        ("alg none", Provider::unsigned(&plain), 401),
        ("a public key as a secret", provider.hs256("rsa-1", &plain), 401),
        ("another's key under this name", stranger.rs256("rsa-1", &plain), 401),
        ("the key of another algorithm", provider.es256("rsa-1", &plain), 401),
        ("for another", provider.rs256("rsa-1", &good(json!({"aud": "other"}))), 401),
        ("of another issuer", provider.rs256("rsa-1", &good(json!({"iss": stranger.url}))), 401),
        ("over", provider.rs256("rsa-1", &good(json!({"exp": now() - 120}))), 401),
        ("not yet", provider.rs256("rsa-1", &good(json!({"nbf": now() + 300}))), 401),
        ("somebody nobody knows", provider.rs256("rsa-1", &good(json!({"sub": "s-eve"}))), 401),
        ("a person's id as the subject", provider.rs256("rsa-1", &good(json!({"sub": "ann"}))), 401),
        ("rights of its own", provider.rs256("rsa-1", &good(json!({"admin": true, "sub": "s-bob"}))), 200),
    ] {
        let answer = service.get(&token, "/v1/me");
        assert_eq!(answer.status, status, "{row}: {answer:?}");
        if status == 200 {
            assert_eq!(answer.json()["admin"], false, "{row}");
        } else {
            let part = token.split('.').nth(1).unwrap();
            assert!(!answer.body.contains(part), "{row}: {answer:?}");
        }
    }
    // Names of keys that are not there move nobody to ask the provider again and again.
    let asked = provider.asked();
    for n in 0..20 {
        let answer = service.get(&provider.rs256(&format!("flood-{n}"), &plain), "/v1/me");
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert!(provider.asked() <= asked + 1, "{} after {asked}", provider.asked());
    // Who is known is served meanwhile.
    assert_eq!(service.get(&provider.rs256("rsa-1", &plain), "/v1/me").status, 200);
}

#[test]
fn keys_that_are_new_are_asked_for() {
    let provider = Provider::start();
    provider.rename_keys();
    let service = Service::plain_with(&settings(&provider));
    let token = provider.rs256("rsa-2", &provider.payload("s-ann", 300));
    assert_eq!(service.get(&token, "/v1/me").json()["person"], "ann");
    let asked = provider.asked();
    assert_eq!(service.get(&token, "/v1/me").status, 200);
    assert_eq!(provider.asked(), asked, "kept");
}

/// A stream is as long as what it was opened with.
#[test]
fn a_stream_ends_with_its_credential() {
    let provider = Provider::start();
    let service = Service::plain_with(&settings(&provider));
    let token = provider.rs256("rsa-1", &provider.payload("s-ann", 3));
    let mut stream = service.connect();
    let request = format!(
        "GET /v1/stream HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("event: board") && said.contains("event: refused"), "{said}");
    assert!(said.contains("holds no longer"), "{said}");
    // A token that is taken back ends it too.
    let bob = service.token("--person bob");
    let mut stream = service.connect();
    stream.write_all(request.replace(&token, &bob).as_bytes()).unwrap();
    let mut first = [0; 512];
    assert!(stream.read(&mut first).unwrap() > 0);
    let name = bob.split('_').nth(1).unwrap();
    service.home.run(&format!("--db board.db token revoke {name}")).ok();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("event: refused"), "{said}");
}
