//! The mail channel against a real mail server, Exim of Debian: over STARTTLS and TLS it takes, refuses, tells to come back and
//! is slow; what arrived is read by Python's email package.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use super::{home, sent};
use crate::program::Ran;

/// The directory of the server, which `.ci/servers` starts.
fn server() -> PathBuf {
    PathBuf::from(std::env::var("QUORATE_SMTP").expect("QUORATE_SMTP names the directory of the mail server"))
}

/// Settings of a channel to it; `tls` is the word of the settings.
fn settings(tls: &str, more: &str) -> String {
    let (name, port) = if tls == "tls" { ("EXIM_TLS_PORT", "18465") } else { ("EXIM_PORT", "18525") };
    let port = std::env::var(name).unwrap_or_else(|_| port.to_owned());
    let ca = server().join("ca.pem");
    format!(
        "[channels.mail]\nkind = \"mail\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nca = \"{}\"\n\
         timeout = \"4s\"\nfrom = \"Change board <changes@example.com>\"\ncalendar = true\n{more}\n",
        ca.display()
    )
}

/// The mails of somebody, each as Python's email package reads it: headers, text, and the kinds and contents of its parts.
fn mails(user: &str) -> Vec<Value> {
    const READ: &str = r#"
import email, email.policy, json, sys
all = []
for name in sys.argv[1:]:
    mail = email.message_from_binary_file(open(name, "rb"), policy=email.policy.default)
    parts = [{"kind": part.get_content_type(), "text": part.get_content() if part.get_content_maintype() == "text" else ""}
             for part in mail.walk() if not part.is_multipart()]
    defects = [str(defect) for part in mail.walk() for defect in part.defects]
    all.append({"headers": {key.lower(): str(value) for key, value in mail.items()}, "parts": parts, "defects": defects})
print(json.dumps(all))
"#;
    let dir = server().join("mail").join(user).join("new");
    let files = fs::read_dir(&dir).map(|files| files.flatten().map(|file| file.path()).collect());
    let mut files: Vec<PathBuf> = files.unwrap_or_default();
    files.sort();
    let read = Ran::of(Command::new("python3").args(["-c", READ]).args(files));
    read.json().as_array().unwrap().clone()
}

/// Waits until somebody has so many more mails than before; the server delivers what it took in its own time.
fn arrived(user: &str, many: usize) -> Vec<Value> {
    let mut found = Vec::new();
    crate::network::wait("mail", || {
        found = mails(user);
        found.len() >= many
    });
    found
}

#[test]
#[ignore = "needs a real mail server: .ci/servers"]
fn a_mail_arrives_as_it_was_written() {
    for (round, tls) in ["starttls", "tls"].into_iter().enumerate() {
        let before = mails("night").len();
        let home =
            home("mail", &["shops@example.com", "Night shift <night@example.com>"], &settings(tls, ""));
        let line = sent(&home);
        let channel = &line["sent"][0]["channels"][0];
        assert_eq!(channel["state"], "accepted", "{tls}: {line}");
        assert!(channel["words"].as_str().unwrap().contains("250 OK id="), "the words of the server: {line}");
        let mail = arrived("night", before + 1).pop().unwrap();
        let header = |name: &str| mail["headers"][name].as_str().unwrap_or_default().to_owned();
        assert_eq!(mail["defects"], serde_json::json!([]), "{mail}");
        assert_eq!(header("subject"), "Planned: New tills (CHG1)");
        assert_eq!(header("from"), "Change board <changes@example.com>");
        assert!(header("to").contains("Night shift <night@example.com>"), "{mail}");
        assert!(header("references").contains("CHG1.shops@") && header("message-id").contains("CHG1.shops@"));
        let told = &mail["parts"][0];
        assert_eq!(told["kind"], "text/plain");
        assert!(told["text"].as_str().unwrap().contains("Questions: Bob Ray"), "{told}");
        let calendar = &mail["parts"][1];
        assert_eq!(calendar["kind"], "text/calendar", "{round}: {mail}");
        assert!(calendar["text"].as_str().unwrap().contains("METHOD:PUBLISH"), "{calendar}");
        assert_eq!(sent(&home)["due"], Value::Null, "nothing twice");
    }
}

#[test]
#[ignore = "needs a real mail server: .ci/servers"]
fn what_the_server_says_is_told_apart() {
    for (row, to, state, told, words) in [
        ("nobody", vec!["nobody@example.com"], "given_up", false, "no such user here"),
        ("elsewhere", vec!["a@elsewhere.example"], "given_up", false, "no such user here"),
        (
            "one of two",
            vec!["shops@example.com", "nobody@example.com"],
            "accepted",
            true,
            "not to nobody@example.com",
        ),
        ("busy", vec!["busy@example.com"], "waiting", false, "come back later"),
        // It answers after six seconds, and four are waited.
        ("slow", vec!["slow@example.com"], "waiting", false, "did not answer within 4 s"),
    ] {
        let line = sent(&home("mail", &to, &settings("starttls", "")));
        let channel = &line["sent"][0]["channels"][0];
        assert_eq!(channel["state"], state, "{row}: {line}");
        assert!(channel["words"].as_str().unwrap().contains(words), "{row}: {line}");
        assert_eq!(!line["heard"].is_null(), told, "{row}: {line}");
    }
    let patient = settings("starttls", "").replace("\"4s\"", "\"20s\"");
    let line = sent(&home("mail", &["slow@example.com"], &patient));
    assert_eq!(line["sent"][0]["channels"][0]["state"], "accepted", "who waits is told: {line}");
}

#[test]
#[ignore = "needs a real mail server: .ci/servers"]
fn who_cannot_be_trusted_is_sent_nothing() {
    let before = mails("shops").len();
    let known = settings("starttls", "");
    let stranger = known.lines().filter(|line| !line.starts_with("ca =")).collect::<Vec<_>>().join("\n");
    for (row, settings, words) in [
        ("an authority that nobody here knows", stranger, ""),
        // The server takes no mail in the clear.
        ("no encryption", known.replace("\"starttls\"", "\"none\""), "wants encryption"),
    ] {
        let line = sent(&home("mail", &["shops@example.com"], &settings));
        assert_eq!(line["heard"], Value::Null, "{row}: {line}");
        assert!(line["sent"][0]["channels"][0]["words"].as_str().unwrap().contains(words), "{row}: {line}");
    }
    assert_eq!(mails("shops").len(), before);
}
