//! A first sync of many records, page by page, from a server on loopback that makes them up; and the same pages alone.
//!
//! The issues are closed, so that nothing more is asked about them. Memory is that of the process at its peak: a page
//! of raw text and the records of one commit, whatever the number of records; it is printed beside the table.

use std::{collections::BTreeMap, time::Duration};

use quorate::{
    calendar::Zone,
    config::SourceKind,
    hub::Clock,
    model::{Instant, SourceId},
    source::{
        Pulled,
        clock::WallClock,
        http::{HttpOptions, Login},
        system::{self, Setup},
        words::Words,
    },
};
use serde_json::json;

const PAGE: u64 = 100;

/// One issue as Redmine tells it, about a kilobyte.
fn issue(number: u64) -> serde_json::Value {
    let day = format!("2026-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
    json!({
        "id": number, "project": { "id": 1, "name": "Change" }, "tracker": { "id": 4, "name": "Change" },
        "status": { "id": 5, "name": "Closed", "is_closed": true }, "priority": { "id": 2, "name": "Normal" },
        "author": { "id": 7, "name": format!("Person {}", number % 300) }, "subject": format!("Change {number}: upgrade node {}", number % 5000),
        "description": "*Upgrade* the node.\r\n\r\n* take it out\r\n* install\r\n* put it back\r\n".repeat(5),
        "start_date": day, "due_date": day, "created_on": format!("{day}T08:00:00Z"), "updated_on": format!("{day}T09:00:00Z"),
        "custom_fields": [{ "id": 1, "name": "Risk", "value": "Low" }, { "id": 2, "name": "Affected Services", "value": [format!("svc-{}", number % 5000)] }],
        "relations": [],
    })
}

/// A server with so many issues; its address.
fn server(count: u64) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let app = axum::Router::new().fallback(
                move |axum::extract::Query(query): axum::extract::Query<BTreeMap<String, String>>| async move {
                    let from = query.get("issue_id").and_then(|text| text.strip_prefix(">=")?.parse().ok());
                    let from: u64 = from.unwrap_or(1);
                    let issues: Vec<_> = (from..=count).take(PAGE as usize).map(issue).collect();
                    axum::Json(json!({ "issues": issues, "total_count": count - (from - 1).min(count), "offset": 0, "limit": PAGE }))
                },
            );
            axum::serve(listener, app).await.unwrap();
        });
    });
    format!("http://{}", told.recv().unwrap())
}

fn setup(address: &str) -> Setup {
    Setup {
        id: SourceId::new("many"),
        address: address.to_owned(),
        login: Login::Nobody,
        me: None,
        http: HttpOptions {
            timeout: Duration::from_secs(30),
            rate: 0,
            ..HttpOptions::by(WallClock::new(|| Clock::System.now()))
        },
        zone: Zone::UTC,
        zone_by_feed: false,
        select: Some("change".to_owned()),
        options: BTreeMap::from([("releases".to_owned(), "no".to_owned())]),
        fields: BTreeMap::new(),
        words: Words::default(),
        write: false,
        sweep: 86_400,
        windows: None,
        hard: true,
    }
}

/// Everything there is, pull by pull as the hub does; how many records came.
fn sync(runtime: &tokio::runtime::Runtime, address: &str) -> usize {
    let mut source = system::build(SourceKind::Redmine, setup(address)).unwrap();
    let (mut cursor, mut count) = (None::<Vec<u8>>, 0);
    loop {
        let pull =
            runtime.block_on(source.pull(cursor.as_deref(), Instant::from_secs(1_795_000_000))).unwrap();
        if let Pulled::Part { records, .. } = pull.what {
            count += records.len();
        }
        cursor = Some(pull.cursor);
        if pull.more.is_none() {
            return count;
        }
    }
}

/// A line of `/proc/self/status` in kB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

fn runtime() -> tokio::runtime::Runtime {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[divan::bench(args = [1_000, 100_000], sample_count = 1)]
fn first_sync(bencher: divan::Bencher<'_, '_>, count: u64) {
    let (address, runtime) = (server(count), runtime());
    bencher.bench_local(|| {
        // The peak is counted anew from here.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let before = memory("VmRSS");
        let found = sync(&runtime, &address);
        assert_eq!(found as u64, count);
        let grown = memory("VmHWM").saturating_sub(before);
        println!("first sync of {count}: {} MB more at the peak, the server included", grown / 1024);
    });
}

/// The same pages, read and thrown away.
#[divan::bench(args = [1_000, 100_000], sample_count = 1)]
fn first_sync_pages_alone(bencher: divan::Bencher<'_, '_>, count: u64) {
    let (address, runtime) = (server(count), runtime());
    let client = reqwest::Client::builder().build().unwrap();
    bencher.bench_local(|| {
        runtime.block_on(async {
            for from in (1..=count).step_by(PAGE as usize) {
                let page =
                    client.get(format!("{address}/issues.json?issue_id=%3E%3D{from}")).send().await.unwrap();
                divan::black_box(page.bytes().await.unwrap());
            }
        });
    });
}
