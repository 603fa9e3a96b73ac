//! Channels of messages over real sockets: a mail server and a webhook that take, refuse, are slow, or fail after they took.

mod real;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

use crate::{
    comms,
    fake::{Fake, Fault, Reply},
    network::Service,
    program::Home,
};

/// What a mail server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Takes,
    /// It knows the first of those it is written to, and no other.
    KnowsOne,
    KnowsNobody,
    Busy,
    RefusesTheMail,
    /// It takes the mail and ends without a word.
    TakesAndIsGone,
    /// It takes the connection and says nothing.
    Silent,
    WantsLogin,
}

/// A mail server on a port of its own, with the mails it took.
struct MailServer {
    port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A client that ends in the middle of a dialogue is no fault of the server's.
                thread::spawn(move || drop(talk(manner, &stream, &kept)));
            }
        });
        Self { port, mails }
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    fn settings(&self, more: &str) -> String {
        format!(
            "[channels.mail]\nkind = \"mail\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\ntimeout = \"2s\"\n\
             from = \"Change board <changes@example.com>\"\n{more}\n",
            self.port
        )
    }
}

fn talk(manner: Manner, stream: &TcpStream, mails: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (mut reader, mut out) = (BufReader::new(stream), stream);
    if manner == Manner::Silent {
        let mut line = String::new();
        // Until the client gives up.
        while reader.read_line(&mut line)? > 0 {}
        return Ok(());
    }
    out.write_all(b"220 mail.example.com ready\r\n")?;
    let (mut known, mut mail, mut authenticated) = (0, String::new(), false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let word = line.split([' ', ':']).next().unwrap_or_default().trim().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" if manner == Manner::WantsLogin => "250-mail.example.com\r\n250 AUTH PLAIN",
            "EHLO" => "250 mail.example.com",
            "AUTH" => {
                // NUL, user, NUL, password.
                authenticated = line.contains(&base64(b"\0changes\0tell-no-one"));
                if authenticated { "235 welcome" } else { "535 no" }
            }
            "MAIL" if manner == Manner::WantsLogin && !authenticated => "530 who are you",
            "MAIL" => {
                mail = line.clone();
                "250 ok"
            }
            "RCPT" if manner == Manner::KnowsNobody => "550 no such user",
            "RCPT" if manner == Manner::Busy => "451 come back later",
            "RCPT" => {
                known += 1;
                mail.push_str(&line);
                if manner == Manner::KnowsOne && known > 1 { "550 no such user" } else { "250 ok" }
            }
            "DATA" => {
                out.write_all(b"354 go ahead\r\n")?;
                loop {
                    let mut text = String::new();
                    if reader.read_line(&mut text)? == 0 || text == ".\r\n" {
                        break;
                    }
                    mail.push_str(&text);
                }
                if manner == Manner::RefusesTheMail {
                    out.write_all(b"554 not here\r\n")?;
                    continue;
                }
                mails.lock().unwrap().push(std::mem::take(&mut mail));
                if manner == Manner::TakesAndIsGone {
                    return Ok(());
                }
                "250 2.0.0 queued as 4711"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => "502 what",
        };
        out.write_all(answer.as_bytes())?;
        out.write_all(b"\r\n")?;
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |number: u32| char::from(DIGITS[usize::try_from(number & 63).unwrap()]);
    bytes
        .chunks(3)
        .map(|chunk| {
            let mut group = [0; 4];
            group[1..=chunk.len()].copy_from_slice(chunk);
            let number = u32::from_be_bytes(group);
            let all = [number >> 18, number >> 12, number >> 6, number].map(digit);
            let kept: String = all[..=chunk.len()].iter().collect();
            format!("{kept:=<4}")
        })
        .collect()
}

/// One audience by one channel.
fn audience(channel: &str, to: &[&str]) -> Value {
    json!([{"id": "shops", "name": "Shop managers", "zone": "Europe/Madrid", "channels": [channel], "to": to,
            "hears": {"services": ["shop"]}}])
}

/// A board with an approved change and these settings.
fn home(channel: &str, to: &[&str], settings: &str) -> Home {
    let home = comms::home(&audience(channel, to));
    home.file(".config/quorate/config.toml", settings);
    home
}

/// Sends what is due; what became of it.
fn sent(home: &Home) -> Value {
    let all = home.run("--db board.db --as bob comms CHG1 --send --json").json();
    all[0]["audiences"][0].clone()
}

/// Header and text of a mail with its lines as one, for what is looked for in it.
fn has(mail: &str, part: &str) -> bool {
    mail.replace("\r\n", "\n").replace("=\n", "").contains(part)
}

#[test]
fn a_mail_is_taken_once() {
    let server = MailServer::start(Manner::Takes);
    let home = home(
        "mail",
        &["shops@example.com", "Night <night@example.com>"],
        &server.settings("calendar = true"),
    );
    let line = sent(&home);
    let channel = &line["sent"][0]["channels"][0];
    assert_eq!(channel["state"], "accepted", "{line}");
    assert!(channel["words"].as_str().unwrap().contains("queued as 4711"), "{line}");
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    for part in [
        "RCPT TO:<shops@example.com>",
        "RCPT TO:<night@example.com>",
        "Subject: Planned: New tills (CHG1)",
        "From: \"Change board\" <changes@example.com>",
        "Message-ID: <",
        "References: <CHG1.shops@",
        "Questions: Bob Ray",
        "text/calendar",
    ] {
        assert!(has(&mails[0], part), "{part}: {}", mails[0]);
    }
    let again = sent(&home);
    assert_eq!((&again["due"], server.mails().len()), (&Value::Null, 1), "nothing twice: {again}");
}

#[test]
fn what_a_mail_server_does_is_told_apart() {
    let cases = [
        // Manner, state, told, mails, words.
        (Manner::KnowsNobody, "given_up", false, 0, "no such user"),
        (Manner::KnowsOne, "accepted", true, 1, "not to b@example.com"),
        (Manner::Busy, "waiting", false, 0, "come back later"),
        (Manner::RefusesTheMail, "given_up", false, 0, "not here"),
        (Manner::TakesAndIsGone, "not_confirmed", true, 1, "no answer"),
        (Manner::Silent, "waiting", false, 0, "did not answer within 2 s"),
        (Manner::WantsLogin, "given_up", false, 0, "who are you"),
    ];
    for (manner, state, told, mails, words) in cases {
        let server = MailServer::start(manner);
        let home = home("mail", &["a@example.com", "b@example.com"], &server.settings(""));
        let line = sent(&home);
        let channel = &line["sent"][0]["channels"][0];
        assert_eq!(channel["state"], state, "{manner:?}: {line}");
        assert!(channel["words"].as_str().unwrap().contains(words), "{manner:?}: {line}");
        assert_eq!((!line["heard"].is_null(), server.mails().len()), (told, mails), "{manner:?}: {line}");
        if told {
            assert_eq!(sent(&home)["due"], Value::Null, "{manner:?}");
            assert_eq!(server.mails().len(), mails, "nothing twice: {manner:?}");
        }
    }
}

/// Over a service too whoever sends is told what became of it; a channel that takes its time has not answered yet.
#[test]
fn who_sends_on_a_served_board_is_told_what_channels_answered() {
    for (manner, patience, words) in [
        (Manner::Takes, "2s", "queued as 4711"),
        (Manner::KnowsNobody, "2s", "given up"),
        (Manner::Silent, "60s", "not answered yet"),
    ] {
        let server = MailServer::start(manner);
        let settings = server.settings("").replace("\"2s\"", &format!("\"{patience}\""));
        let board = comms::board(&audience("mail", &["a@example.com"])).to_string();
        let service = Service::of(&board, &settings);
        service.by(&service.token("--person cat"), "vote CHG1 approve").ok();
        let bob = service.token("--person bob");
        let sent = service.by(&bob, "comms CHG1 --send");
        assert!(sent.code == 0 && sent.out.contains(words), "{manner:?}: {sent:?}");
    }
}

#[test]
fn nobody_listens_and_it_waits() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = MailServer { port, mails: Arc::default() };
    let line = sent(&home("mail", &["a@example.com"], &server.settings("")));
    assert_eq!(
        (&line["sent"][0]["channels"][0]["state"], &line["heard"]),
        (&json!("waiting"), &Value::Null),
        "{line}"
    );
}

#[test]
fn a_server_without_encryption_is_sent_nothing_where_it_is_asked_for() {
    let server = MailServer::start(Manner::Takes);
    let settings = server.settings("").replace("tls = \"none\"", "tls = \"starttls\"");
    let line = sent(&home("mail", &["a@example.com"], &settings));
    assert_eq!(line["sent"][0]["channels"][0]["state"], "waiting", "{line}");
    assert_eq!(server.mails(), Vec::<String>::new());
}

#[test]
fn the_password_is_fetched_when_it_is_needed_and_kept_nowhere() {
    let server = MailServer::start(Manner::WantsLogin);
    let home = home(
        "mail",
        &["a@example.com"],
        &server.settings("user = \"changes\"\nsecret_command = [\"printf\", \"tell-no-one\"]"),
    );
    let line = sent(&home);
    assert_eq!(line["sent"][0]["channels"][0]["state"], "accepted", "{line}");
    let log = home.run("--db board.db audit log --json").ok();
    assert!(!line.to_string().contains("tell-no-one") && !log.contains("tell-no-one"));
    let wrong = server.settings("user = \"changes\"\nsecret_command = [\"printf\", \"wrong-one\"]");
    let home = self::home("mail", &["a@example.com"], &wrong);
    let line = sent(&home);
    let words = line["sent"][0]["channels"][0]["words"].as_str().unwrap().to_owned();
    assert!(words.contains("refuses the credentials") && !words.contains("wrong-one"), "{line}");
}

#[test]
fn webhooks_are_shaped_and_signed() {
    let fake = Fake::answering(|_| Reply::empty(204));
    let settings = format!(
        "[channels.portal]\nkind = \"webhook\"\nurl = \"{0}/in?key=1\"\nsecret_env = \"PORTAL_KEY\"\n\
         [channels.slack]\nkind = \"slack\"\nsecret_command = [\"printf\", \"{0}/T0/secret-path\"]\n\
         [channels.teams]\nkind = \"teams\"\nsecret_command = [\"printf\", \"{0}/teams/secret-path\"]\n",
        fake.url
    );
    let board =
        json!([{"id": "shops", "channels": ["portal", "slack", "teams"], "hears": {"services": ["shop"]}}]);
    let home = comms::home(&board);
    home.file(".config/quorate/config.toml", &settings);
    let mut command = home.command();
    command
        .env("PORTAL_KEY", "sesame")
        .args(["--db", "board.db", "--as", "bob", "comms", "CHG1", "--send", "--json"]);
    let line = crate::program::Ran::of(&mut command).json()[0]["audiences"][0].clone();
    let states: Vec<&Value> =
        line["sent"][0]["channels"].as_array().unwrap().iter().map(|channel| &channel["state"]).collect();
    assert_eq!(states, ["accepted", "accepted", "accepted"], "{line}");
    let seen = fake.seen();
    let to = |path: &str| seen.iter().find(|asked| asked.path == path).unwrap();
    let portal = to("/in");
    assert_eq!(
        (&portal.json()["item"], &portal.json()["message"]["kind"]),
        (&json!("CHG1"), &json!("announcement"))
    );
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(portal.header(name).is_some(), "{name}");
    }
    assert!(
        to("/T0/secret-path").json()["text"].as_str().unwrap().starts_with("*Planned: New tills (CHG1)*\n")
    );
    let card = &to("/teams/secret-path").json()["attachments"][0]["content"];
    assert_eq!(card["body"][0]["text"], "Planned: New tills (CHG1)", "{card}");
    let said = format!("{line}{}", home.run("--db board.db audit log --json").ok());
    for secret in ["sesame", "secret-path", "key=1"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

#[test]
fn what_a_webhook_does_is_told_apart() {
    let cases = [
        ("busy", Fault::Instead(Reply::empty(503)), "waiting", false),
        (
            "moved",
            Fault::Instead(Reply::empty(302).header("location", "https://example.com/")),
            "waiting",
            false,
        ),
        ("malformed for it", Fault::Instead(Reply::empty(400)), "given_up", false),
        ("broke as it took it", Fault::Instead(Reply::empty(500)), "not_confirmed", true),
        ("gone after it took it", Fault::DoneThenCut, "not_confirmed", true),
    ];
    for (name, fault, state, told) in cases {
        let fake = Fake::answering(|_| Reply::empty(200));
        fake.fault(|_| true, fault);
        let settings =
            format!("[channels.portal]\nkind = \"webhook\"\nurl = \"{}/in\"\ntimeout = \"3s\"\n", fake.url);
        let home = home("portal", &[], &settings);
        let line = sent(&home);
        assert_eq!(line["sent"][0]["channels"][0]["state"], state, "{name}: {line}");
        assert_eq!(!line["heard"].is_null(), told, "{name}: {line}");
    }
}

#[test]
fn a_calendar_has_one_entry_that_grows_older() {
    let home = home("diary", &[], "[channels.diary]\nkind = \"calendar\"\npath = \"../../diary\"\n");
    std::fs::create_dir(home.path().join("diary")).unwrap();
    assert_eq!(sent(&home)["sent"][0]["channels"][0]["state"], "accepted");
    let read = || {
        let files: Vec<_> = std::fs::read_dir(home.path().join("diary")).unwrap().flatten().collect();
        assert_eq!(files.len(), 1, "{files:?}");
        std::fs::read_to_string(files[0].path()).unwrap().replace("\r\n ", "").replace("\r\n", "\n")
    };
    let line = |text: &str, name: &str| {
        text.lines().find(|line| line.starts_with(name)).map(str::to_owned).unwrap_or_default()
    };
    let first = read();
    assert_eq!(line(&first, "SEQUENCE"), "SEQUENCE:0", "{first}");
    home.run("--db board.db --as ann change edit CHG1 --set state=cancelled").ok();
    assert_eq!(sent(&home)["sent"][0]["kind"], "called_off");
    let second = read();
    assert_eq!(line(&second, "SEQUENCE"), "SEQUENCE:1", "{second}");
    assert_eq!(line(&second, "UID"), line(&first, "UID"));
    assert_eq!(line(&second, "STATUS"), "STATUS:CANCELLED", "{second}");
}
