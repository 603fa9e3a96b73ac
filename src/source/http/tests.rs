use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::*;

fn client() -> Http {
    Http::new(HttpOptions {
        timeout: Duration::from_millis(1500),
        max_body: 1000,
        ..HttpOptions::by(WallClock::new(|| model::Instant::from_secs(1_795_428_000)))
    })
    .unwrap()
}

async fn served(template: ResponseTemplate) -> (MockServer, String) {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/feed")).respond_with(template).mount(&server).await;
    let address = format!("{}/feed?token=hush", server.uri());
    (server, address)
}

async fn error_of(template: ResponseTemplate) -> HttpError {
    let (_server, address) = served(template).await;
    client().get(&address, &Login::Nobody, &Validators::default()).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_is_fetched_once_and_then_asked_for_by_its_validators() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(header("if-none-match", "\"a\""))
        .respond_with(ResponseTemplate::new(304))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).insert_header("etag", "\"a\"").set_body_string("hello"))
        .mount(&server)
        .await;
    let http = client();
    let Got::Body { bytes, validators, .. } =
        http.get(&server.uri(), &Login::Nobody, &Validators::default()).await.unwrap()
    else {
        panic!("a body")
    };
    assert_eq!(bytes, b"hello");
    assert!(matches!(http.get(&server.uri(), &Login::Nobody, &validators).await.unwrap(), Got::Unchanged));
}

#[tokio::test]
async fn every_failure_has_its_name_and_none_tells_the_query() {
    let cases: Vec<(&str, ResponseTemplate, fn(&HttpError) -> bool)> = vec![
        ("401", ResponseTemplate::new(401), |e| matches!(e, HttpError::Refused { .. })),
        ("403", ResponseTemplate::new(403), |e| matches!(e, HttpError::Refused { .. })),
        ("404", ResponseTemplate::new(404), |e| matches!(e, HttpError::Missing { .. })),
        ("500", ResponseTemplate::new(500), |e| matches!(e, HttpError::Status { status: 500, .. })),
        ("429 in seconds", ResponseTemplate::new(429).insert_header("retry-after", "7"), |e| {
            e.retry_after() == Some(7)
        }),
        (
            "503 with a date",
            ResponseTemplate::new(503)
                .insert_header("date", "Mon, 23 Nov 2026 10:00:00 GMT")
                .insert_header("retry-after", "Mon, 23 Nov 2026 10:02:00 GMT"),
            |e| e.retry_after() == Some(120),
        ),
        ("too large", ResponseTemplate::new(200).set_body_string("x".repeat(1001)), |e| {
            matches!(e, HttpError::TooLarge { limit: 1000, .. })
        }),
        ("slow", ResponseTemplate::new(200).set_delay(Duration::from_secs(20)), |e| {
            matches!(e, HttpError::Slow { .. })
        }),
        (
            "elsewhere",
            ResponseTemplate::new(302).insert_header("location", "http://other.example.com/x?k=hush"),
            |e| matches!(e, HttpError::Status { status: 302, .. }),
        ),
    ];
    for (name, template, right) in cases {
        let error = error_of(template).await;
        assert!(right(&error), "{name}: {error:?}");
        assert!(!error.to_string().contains("hush"), "{name}: {error}");
    }
    let nobody = client()
        .get("http://127.0.0.1:1/feed?token=hush", &Login::Nobody, &Validators::default())
        .await
        .unwrap_err();
    assert!(
        matches!(nobody, HttpError::Unreachable { .. }) && !nobody.to_string().contains("hush"),
        "{nobody}"
    );
    let address =
        client().get("ftp://ana:hush@x/y", &Login::Nobody, &Validators::default()).await.unwrap_err();
    assert!(matches!(address, HttpError::Address(_)) && !address.to_string().contains("hush"), "{address}");
}

#[tokio::test]
async fn credentials_are_sent_and_stay_on_their_host() {
    let other = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200)).mount(&other).await;
    let server = MockServer::start().await;
    Mock::given(header("authorization", "Bearer hush"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", format!("{}/stolen", other.uri())))
        .mount(&server)
        .await;
    let login = Login::Bearer(SecretString::from("hush".to_owned()));
    let error = client().get(&server.uri(), &login, &Validators::default()).await.unwrap_err();
    assert!(error.to_string().contains("another host"), "{error}");
    assert!(other.received_requests().await.unwrap().is_empty(), "the other host was never asked");
}

/// What was asked of a server, as the paths of the requests it saw.
async fn paths(server: &MockServer) -> Vec<String> {
    let seen = server.received_requests().await.unwrap_or_default();
    seen.iter().map(|request| request.url.path().to_owned()).collect()
}

#[tokio::test]
async fn what_is_asked_for_ahead_is_used_once_and_only_for_that() {
    let ana = Login::Bearer("one".to_owned().into());
    let bo = Login::Bearer("two".to_owned().into());
    // name; what is asked for ahead, by whom; what is read then; requests seen in all
    let cases = [
        ("the same", "/a", &ana, ["/a"].as_slice(), ["/a"].as_slice()),
        ("once only", "/a", &ana, &["/a", "/a"], &["/a", "/a"]),
        ("another page", "/a", &ana, &["/b"], &["/a", "/b"]),
        ("another account", "/a", &bo, &["/a"], &["/a", "/a"]),
    ];
    for (name, ahead, by, read, want) in cases {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let http = client();
        http.prefetch(Call::get(format!("{}{ahead}", server.uri())), by).await;
        // It is on its way before anybody reads it.
        while paths(&server).await.is_empty() {
            tokio::task::yield_now().await;
        }
        for path in read {
            http.read(Call::get(format!("{}{path}", server.uri())), &ana).await.unwrap();
        }
        assert_eq!(paths(&server).await, want, "{name}");
    }
}

#[tokio::test]
async fn what_fails_ahead_counts_as_the_first_try() {
    // status of the first answer; whether reading fails; requests seen
    for (status, fails, seen) in [(500, false, 2), (401, true, 1), (404, true, 1)] {
        let server = MockServer::start().await;
        let first = ResponseTemplate::new(status);
        Mock::given(method("GET")).respond_with(first).up_to_n_times(1).mount(&server).await;
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let (http, call) = (client(), Call::get(format!("{}/a", server.uri())));
        http.prefetch(call.clone(), &Login::Nobody).await;
        let read = http.read(call, &Login::Nobody).await;
        assert_eq!((read.is_err(), paths(&server).await.len()), (fails, seen), "{status}: {read:?}");
    }
}

/// Answers every request alike.
async fn always(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(template).mount(&server).await;
    server
}

#[tokio::test]
async fn a_server_that_always_asks_for_patience_is_asked_three_times_at_most() {
    let busy = |status: u16, after: &str| ResponseTemplate::new(status).insert_header("retry-after", after);
    // name; every answer; the seconds that an answer may take; requests seen
    for (row, template, timeout, seen) in [
        ("at once", busy(429, "0"), 30, 3),
        ("at once, and the service is down", busy(503, "0"), 30, 3),
        ("in a second", busy(429, "1"), 30, 3),
        ("in a second, and there are not two", busy(429, "1"), 2, 2),
        ("in a moment that is over", busy(503, "Mon, 23 Nov 2020 10:00:00 GMT"), 30, 3),
        ("later than is waited for here", busy(429, "6"), 30, 1),
        ("without a word", ResponseTemplate::new(429), 30, 3),
        ("broken", ResponseTemplate::new(500), 30, 3),
        ("refused", ResponseTemplate::new(401), 30, 1),
    ] {
        let server = always(template).await;
        let timeout = Duration::from_secs(timeout);
        let http = Http::new(HttpOptions {
            timeout,
            ..HttpOptions::by(WallClock::new(|| model::Instant::from_secs(1_795_428_000)))
        })
        .unwrap();
        let began = Instant::now();
        let read = http.read(Call::get(server.uri()), &Login::Nobody).await;
        assert_eq!((read.is_err(), paths(&server).await.len()), (true, seen), "{row}");
        assert!(began.elapsed() < timeout, "{row}: {:?}", began.elapsed());
    }
}

#[test]
fn the_next_try_waits_as_asked_and_never_after_the_last() {
    let ms = Duration::from_millis;
    // name; our own wait; seconds asked for; what is left of the time; the wait
    for (row, ours, asked, left, want) in [
        ("ours", Some(ms(200)), None, 30_000, Some(ms(200))),
        ("no wait asked for", Some(ms(200)), Some(0), 30_000, Some(ms(200))),
        ("longer than ours", Some(ms(200)), Some(5), 30_000, Some(ms(5_000))),
        ("too long", Some(ms(200)), Some(6), 30_000, None),
        ("the last try", None, None, 30_000, None),
        ("the last try, and at once", None, Some(0), 30_000, None),
        ("the last try, and soon", None, Some(5), 30_000, None),
        ("after the time is over", Some(ms(200)), Some(3), 3_000, None),
        ("the time is over", Some(ms(200)), None, 0, None),
    ] {
        assert_eq!(next_wait(ours, asked, ms(left)), want, "{row}");
    }
}
