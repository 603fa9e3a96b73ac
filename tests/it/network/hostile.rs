//! Callers who mean no good, over real TCP: what each is answered, and that everybody else is served meanwhile.

use std::{
    io::{Read, Write},
    time::Duration,
};

use super::{Answer, Service, wait};

#[test]
fn what_is_no_request_of_anybody_is_refused() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    let bearer = format!("Authorization: Bearer {ann}\r\n");
    let forged =
        "X-Forwarded-User: ann\r\nX-Remote-User: ann\r\nX-Forwarded-For: 127.0.0.1\r\nX-Auth-Person: dan\r\n";
    let basic = "Authorization: Basic YW5uOmFubg==\r\n";
    let twice = format!("{bearer}{bearer}");
    let ask = r#"{"ask":"names"}"#;
    let many: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "x".repeat(64 << 10));
    let long = "a".repeat(64 << 10);
    let over = " ".repeat((1 << 20) + 1);
    for (row, method, path, headers, body, status) in [
        ("nobody", "POST", "/v1/ask", "", ask, 401),
        ("forged headers", "POST", "/v1/ask", forged, ask, 401),
        ("a password", "POST", "/v1/ask", basic, ask, 401),
        ("two credentials", "POST", "/v1/ask", twice.as_str(), ask, 401),
        ("an empty credential", "POST", "/v1/ask", "Authorization: Bearer \r\n", ask, 401),
        ("no words", "POST", "/v1/ask", "Authorization: Bearer \u{1}\r\n", ask, 400),
        ("a token in the address", "POST", &format!("/v1/ask?access_token={ann}"), "", ask, 401),
        ("known", "POST", "/v1/ask", bearer.as_str(), ask, 200),
        ("another method", "PUT", "/v1/ask", bearer.as_str(), ask, 405),
        ("a path around", "POST", "/v1/../v1/ask", bearer.as_str(), ask, 404),
        ("an encoded path", "POST", "/v1/%2e%2e/v1/ask", bearer.as_str(), ask, 404),
        ("another host's address", "POST", "http://elsewhere/v1/ask", bearer.as_str(), ask, 200),
        ("a file", "GET", "/etc/passwd", bearer.as_str(), "", 404),
        ("no question", "POST", "/v1/ask", bearer.as_str(), "[]", 400),
        ("too long a question", "POST", "/v1/ask", bearer.as_str(), over.as_str(), 413),
        ("many headers", "POST", "/v1/ask", many.as_str(), ask, 431),
        ("a large header", "POST", "/v1/ask", large.as_str(), ask, 431),
        ("a long path", "GET", long.as_str(), "", "", 400),
        (
            "no key",
            "POST",
            "/v1/commands",
            bearer.as_str(),
            r#"{"do":"comment","item":"CHG1","text":"x"}"#,
            400,
        ),
    ] {
        let answer = service.request(method, path, headers, body);
        let fits = answer.status == status
            || (status == 431 && answer.status == 400)
            || (row == "a long path" && answer.status >= 400);
        assert!(fits, "{row}: want {status}, {answer:?}");
        if answer.status == 401 {
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"quorate\""), "{row}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{row}");
            assert!(!answer.body.contains("CHG1"), "{row}");
        }
    }
    // A length that is none, and two lengths that differ: nothing of it is taken for the next request.
    for (row, text) in [
        ("rubbish", "\u{1}\u{2}\u{3}\r\n\r\n".to_owned()),
        ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned()),
        (
            "two lengths",
            format!(
                "POST /v1/ask HTTP/1.1\r\nHost: b\r\n{bearer}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"
            ),
        ),
        (
            "a length of words",
            format!("POST /v1/ask HTTP/1.1\r\nHost: b\r\n{bearer}Content-Length: many\r\n\r\nabc"),
        ),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
    ] {
        let answer = Answer::read(&service.raw(text.as_bytes()));
        assert!(matches!(answer.status, 400 | 505 | 0), "{row}: {answer:?}");
    }
    // One good request, and rubbish in the same breath: the first is answered, and the connection ends.
    let text = format!(
        "POST /v1/ask HTTP/1.1\r\nHost: b\r\n{bearer}Content-Length: {}\r\n\r\n{ask}\u{1}rubbish\r\n\r\n",
        ask.len()
    );
    let said = service.raw(text.as_bytes());
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("CHG1"), "{said}");
    assert_eq!(said.matches("HTTP/1.1").count(), 2, "{said}");
    assert!(said.contains("HTTP/1.1 400"), "{said}");
}

/// Connections that never say anything, or slowly, take nobody else's place, and are ended.
#[test]
fn connections_without_an_end_keep_nobody_out() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    let mut member = service.connect();
    let ask = r#"{"ask":"names"}"#;
    let request = format!(
        "POST /v1/ask HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {ann}\r\nContent-Length: {}\r\n\r\n{ask}",
        ask.len()
    );
    let mut answered = || {
        member.write_all(request.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let read = member.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..read]).starts_with("HTTP/1.1 200")
    };
    assert!(answered());
    // As many as an address may have that nobody knows; of one more nothing is read.
    let silent: Vec<_> = (0..80).map(|_| service.connect()).collect();
    let refused = |stream: &std::net::TcpStream| {
        let mut stream = stream;
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        matches!(stream.read(&mut [0; 1]), Ok(0)) || {
            let error = stream.read(&mut [0; 1]).err().map(|error| error.kind());
            error == Some(std::io::ErrorKind::ConnectionReset)
        }
    };
    wait("the ones too many to be ended", || silent.iter().rev().take(16).all(refused));
    assert!(!refused(&silent[0]), "those within the limit may still say something");
    assert!(answered(), "who is known is served meanwhile");
    drop(silent);
    // Headers that never end: the connection is ended after 15 s.
    let mut slow = service.connect();
    slow.write_all(b"GET /v1/ask HTTP/1.1\r\nHost: b\r\nX-Slow: ").unwrap();
    let mut half = service.connect();
    half.write_all(
        format!(
            "POST /v1/ask HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {ann}\r\nContent-Length: 100\r\n\r\n{{"
        )
        .as_bytes(),
    )
    .unwrap();
    assert!(answered());
    for (row, stream) in [("headers", &mut slow), ("body", &mut half)] {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{row}: {answer}");
    }
}

/// Wrong tokens slow the connection they come by, and no other; the name of a token cannot be locked by who guesses.
#[test]
fn guesses_slow_who_guesses() {
    let service = Service::plain();
    let ann = service.token("--person ann");
    let name = ann.split('_').nth(1).unwrap();
    let guess = format!("qrt_{name}_{}", "0".repeat(64));
    let request =
        |token: &str| format!("GET /v1/drafts HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n\r\n");
    let mut guessing = service.connect();
    let began = std::time::Instant::now();
    let mut answers = String::new();
    for _ in 0..4 {
        guessing.write_all(request(&guess).as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let read = guessing.read(&mut buffer).unwrap();
        answers.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert_eq!(answers.matches("HTTP/1.1 401").count(), 4, "{answers}");
    assert!(began.elapsed() >= Duration::from_millis(200 + 400 + 800 + 1600), "{:?}", began.elapsed());
    let began = std::time::Instant::now();
    assert_eq!(service.get(&ann, "/v1/drafts").status, 200);
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[test]
fn somebody_who_floods_is_told_to_wait_and_nobody_else_is() {
    let service = Service::plain();
    let (ann, bob) = (service.token("--person ann"), service.token("--person bob"));
    let mut flooding = service.connect();
    let request = format!("GET /v1/drafts HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {ann}\r\n\r\n");
    let mut reading = flooding.try_clone().unwrap();
    let sent = std::thread::spawn(move || {
        for _ in 0..600 {
            if flooding.write_all(request.as_bytes()).is_err() {
                break;
            }
        }
        let _ = flooding.shutdown(std::net::Shutdown::Write);
    });
    let mut answers = String::new();
    let _ = reading.read_to_string(&mut answers);
    sent.join().unwrap();
    let (fine, slow) = (answers.matches("HTTP/1.1 200").count(), answers.matches("HTTP/1.1 429").count());
    assert!(fine >= 200 && slow > 0, "{fine} answered, {slow} told to wait");
    assert!(answers.to_lowercase().contains("retry-after: 1"));
    assert_eq!(service.get(&bob, "/v1/drafts").status, 200);
}
