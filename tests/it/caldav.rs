//! Calendars over CalDAV: the same tests against a strict fake and against a real Radicale, and the traps of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use quorate::{
    config::SourceKind,
    model::{Record, RecordKind, Vocabulary as _, WindowKind},
    source::{
        PullError,
        http::Login,
        ics::FeedKind,
        system::{self, Setup},
    },
};

use crate::{
    conformance::{Reader, faults, wrong},
    fake::{Asked, Fake, Fault, Reply},
    real::{ask, told},
    world::setup,
};

/// A server with one calendar that can be filled.
pub trait Calendar {
    fn start() -> Self;
    fn fake(&self) -> &Fake;
    fn setup(&self) -> Setup;
    fn put(&self, name: &str, event: &str);
    fn remove(&self, name: &str);
}

fn basic(user: &str) -> Login {
    Login::Basic { user: user.into(), password: format!("{user}-pw-1").into() }
}

pub fn event(uid: &str, summary: &str, lines: &str) -> String {
    let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n";
    format!(
        "{head}UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{lines}SUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

const DAY: &str = "DTSTART;VALUE=DATE:20261220\r\nDTEND;VALUE=DATE:20270104\r\n";
const HOUR: &str = "DTSTART:20261201T180000Z\r\nDURATION:PT2H30M\r\n";

/// Three calendars' worth of trouble: whole days, a series with an exception, folded and escaped text.
fn fill<C: Calendar>(calendar: &C) {
    calendar.put("freeze", &event("freeze@t", "Year end freeze\\, été", DAY));
    calendar.put("window", &event("window@t", "Maintenance of the wall", HOUR));
    let weekly = "DTSTART;TZID=America/New_York:20261005T220000\r\nDTEND;TZID=America/New_York:20261006T020000\r\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=12\r\nEXDATE;TZID=America/New_York:20261207T220000\r\n";
    calendar.put("weekly", &event("weekly@t", "Maintenance every Monday", weekly));
    calendar.put("release", &event("release@t", "Release 2026.12", HOUR));
}

fn names(reader: &Reader) -> BTreeSet<String> {
    let name = |record: &Record| match record {
        Record::Window(window) => format!("{}: {}", window.kind.value.word(), window.name),
        Record::Release(release) => format!("release: {}", release.name),
        other => panic!("a calendar has no {:?}", other.kind()),
    };
    reader.known.values().map(|stored| name(&stored.record)).collect()
}

fn all() -> BTreeSet<String> {
    let names = [
        "freeze: Year end freeze, été",
        "maintenance: Maintenance of the wall",
        "maintenance: Maintenance every Monday",
        "release: Release 2026.12",
    ];
    names.map(str::to_owned).into()
}

fn reader<C: Calendar>(calendar: &C) -> Reader {
    Reader::new(calendar.setup(), SourceKind::Caldav)
}

/// What was asked since the last time: method and path.
fn asked(fake: &Fake) -> Vec<String> {
    let asked = fake.seen().iter().map(|asked| asked.method.to_string()).collect();
    fake.forget();
    asked
}

fn reads_events<C: Calendar>() {
    let calendar = C::start();
    fill(&calendar);
    let mut reader = reader(&calendar);
    reader.read().unwrap();
    assert_eq!(names(&reader), all());
    assert!(
        reader.faults.is_empty() && reader.warnings.is_empty(),
        "{:?} {:?}",
        reader.faults,
        reader.warnings
    );
    let able = reader.source.capabilities();
    assert!(able.votes.is_err() && able.comments.is_err() && able.dates.is_err());
    for (kind, id) in reader.known.keys() {
        assert!(id.as_str().starts_with("cal:"), "{kind:?} {id}");
    }
}

fn reads_what_moved<C: Calendar>() {
    let calendar = C::start();
    fill(&calendar);
    let mut reader = reader(&calendar);
    reader.read().unwrap();
    asked(calendar.fake());
    reader.read().unwrap();
    assert_eq!(asked(calendar.fake()), ["PROPFIND"], "as it was: the tag alone is asked for");
    calendar.put("window", &event("window@t", "Maintenance moved", HOUR));
    calendar.put("new", &event("new@t", "Freeze for the audit", DAY));
    calendar.remove("release");
    reader.read().unwrap();
    let got = names(&reader);
    assert!(
        got.contains("maintenance: Maintenance moved") && got.contains("freeze: Freeze for the audit"),
        "{got:?}"
    );
    assert!(!got.iter().any(|name| name.contains("2026.12") || name.contains("wall")), "{got:?}");
    // Other settings read what was read anew.
    let mut soft = Setup { windows: "freeze".parse::<FeedKind>().ok(), hard: false, ..calendar.setup() };
    soft.id = quorate::model::SourceId::new("cal");
    let before = std::mem::replace(&mut reader.source, system::build(SourceKind::Caldav, soft).unwrap());
    drop(before);
    reader.read().unwrap();
    let soft = reader.known.values().all(|stored| match &stored.record {
        Record::Window(window) => !window.hard && window.kind.value == WindowKind::Freeze,
        _ => false,
    });
    assert!(soft, "{:?}", names(&reader));
}

fn refuses_bad_credentials<C: Calendar>() {
    let calendar = C::start();
    fill(&calendar);
    for login in [wrong(calendar.setup().login), basic("outsider"), Login::Nobody] {
        let row = format!("{login:?}");
        let mut reader = Reader::new(Setup { login, ..calendar.setup() }, SourceKind::Caldav);
        let error = reader.read().unwrap_err();
        assert!(error.message.contains("credential") && error.message.contains("cal:"), "{row}: {error}");
        assert!(!error.message.contains("wrong") && !error.message.contains("-pw-"), "{row}: {error}");
    }
}

fn survives_faults<C: Calendar>() {
    for step in ["PROPFIND", "REPORT"] {
        for (row, faults, fails) in faults() {
            if row == "a page again" {
                continue;
            }
            let calendar = C::start();
            fill(&calendar);
            let mut reader = reader(&calendar);
            reader.read().unwrap();
            calendar.put("new", &event("new@t", "Freeze for the audit", DAY));
            for fault in faults {
                calendar.fake().fault(move |asked| asked.method == step, fault);
            }
            let first = reader.read();
            assert_eq!(first.is_err(), fails, "{step}, {row}: {first:?}");
            if let Err(PullError { message, .. }) = first {
                assert!(message.starts_with("cal: ") && message.len() > 20, "{step}, {row}: {message}");
                assert_eq!(names(&reader), all(), "{step}, {row}: what was known stays");
            }
            calendar.fake().no_more_faults();
            reader.read().unwrap();
            assert_eq!(names(&reader).len(), 5, "{step}, {row}");
        }
    }
}

fn doubts_an_empty_calendar<C: Calendar>() {
    let calendar = C::start();
    fill(&calendar);
    let mut reader = reader(&calendar);
    reader.read().unwrap();
    for name in ["freeze", "window", "weekly", "release"] {
        calendar.remove(name);
    }
    for _ in 0..2 {
        reader.warnings.clear();
        reader.read().unwrap();
        assert!(reader.warnings.iter().any(|words| words.contains("not believed")), "{:?}", reader.warnings);
        assert_eq!(names(&reader), all(), "what was known stays");
    }
    reader.read().unwrap();
    assert_eq!(names(&reader), BTreeSet::new(), "three rounds agree");
    reader.warnings.clear();
    calendar.fake().fault(|_| true, Fault::Skewed(600));
    reader.read().unwrap();
    assert!(reader.warnings.iter().any(|words| words.contains("clock")), "{:?}", reader.warnings);
}

fn names_the_calendars_of_a_home<C: Calendar>() {
    let calendar = C::start();
    let mut setup = calendar.setup();
    let (home, name) = setup.address.rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    setup.address = home;
    let error = Reader::new(setup, SourceKind::Caldav).read().unwrap_err();
    assert!(error.message.contains("no calendar") && error.message.contains(&name), "{error}");
    let mut setup = calendar.setup();
    setup.address.push_str("-nowhere");
    let error = Reader::new(setup, SourceKind::Caldav).read().unwrap_err();
    assert!(error.message.contains("not there") || error.message.contains("nothing"), "{error}");
}

/// A calendar server that is strict about what it is asked.
pub struct Server {
    fake: Fake,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    events: BTreeMap<String, String>,
    version: usize,
    /// What the server does differently from Radicale.
    odd: Odd,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Odd {
    #[default]
    No,
    /// No tag of the collection.
    NoTag,
    /// Plain web server: only GET.
    NoDav,
    /// Lists only a part.
    Cut,
}

const PATH: &str = "/chair/freeze/";

impl Server {
    fn odd(self, odd: Odd) -> Self {
        self.state.lock().unwrap().odd = odd;
        self
    }
}

impl State {
    fn answer(&self, asked: &Asked) -> Reply {
        let allowed =
            asked.header("authorization").is_some_and(|sent| sent == "Basic Y2hhaXI6Y2hhaXItcHctMQ==");
        if !allowed {
            let known =
                asked.header("authorization").is_some_and(|sent| sent.starts_with("Basic b3V0c2lkZXI6"));
            return Reply::empty(if known { 403 } else { 401 });
        }
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let is_xml = asked.header("content-type").is_some_and(|kind| kind.contains("xml"));
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", PATH) => {
                let all: String = self.events.values().map(String::as_str).collect();
                let all =
                    if all.is_empty() { event("none", "x", "").replace("VEVENT", "VTODO") } else { all };
                Reply::new(200, "text/calendar", all).header("etag", format!("\"{}\"", self.version))
            }
            _ if self.odd == Odd::NoDav => Reply::empty(405),
            ("PROPFIND" | "REPORT", _) if !is_xml || roxmltree::Document::parse(&body).is_err() => {
                Reply::empty(400)
            }
            ("PROPFIND", PATH) => self.multistatus(&self.properties(asked.header("depth") == Some("1"))),
            ("PROPFIND", "/chair/") => {
                let own = "<d:response><d:href>/chair/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
                let below =
                    if asked.header("depth") == Some("1") { self.properties(false) } else { String::new() };
                self.multistatus(&format!("{own}{below}"))
            }
            ("REPORT", PATH) if asked.header("depth") == Some("1") && body.contains("calendar-data") => {
                self.multistatus(&self.report())
            }
            ("REPORT", PATH) => Reply::empty(400),
            _ => Reply::empty(404),
        }
    }

    fn multistatus(&self, inner: &str) -> Reply {
        let spaces = "xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:s=\"http://calendarserver.org/ns/\"";
        Reply::new(207, "application/xml", format!("<d:multistatus {spaces}>{inner}</d:multistatus>"))
    }

    fn properties(&self, deep: bool) -> String {
        let tag = if self.odd == Odd::NoTag {
            String::new()
        } else {
            format!("<s:getctag>{}</s:getctag>", self.version)
        };
        let mut text = format!(
            "<d:response><d:href>{PATH}</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype>{tag}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        );
        for (name, event) in self.events.iter().filter(|_| deep) {
            let _ = write!(
                text,
                "<d:response><d:href>{PATH}{name}.ics</d:href><d:propstat><d:prop><d:getetag>\"{}\"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>",
                event.len()
            );
        }
        text
    }

    fn report(&self) -> String {
        let mut text = String::new();
        for (name, event) in &self.events {
            let _ = write!(
                text,
                "<d:response><d:href>{PATH}{name}.ics</d:href><d:propstat><d:prop><c:calendar-data><![CDATA[{event}]]></c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
            );
            if self.odd == Odd::Cut {
                return format!(
                    "{text}<d:response><d:href>{PATH}</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>"
                );
            }
        }
        text
    }
}

impl Calendar for Server {
    fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        Self { fake: Fake::answering(move |asked| shared.lock().unwrap().answer(asked)), state }
    }

    fn fake(&self) -> &Fake {
        &self.fake
    }

    fn setup(&self) -> Setup {
        setup("cal", &format!("{}{}", self.fake.url, PATH.trim_end_matches('/')), basic("chair"))
    }

    fn put(&self, name: &str, event: &str) {
        let mut state = self.state.lock().unwrap();
        state.events.insert(name.into(), event.into());
        state.version += 1;
    }

    fn remove(&self, name: &str) {
        let mut state = self.state.lock().unwrap();
        state.events.remove(name).unwrap();
        state.version += 1;
    }
}

/// A calendar of its own on a real Radicale.
pub struct Radicale {
    fake: Fake,
    url: String,
}

impl Radicale {
    fn call(&self, method: &str, path: &str, kind: &str, body: &str) {
        let headers = [("authorization", "Basic Y2hhaXI6Y2hhaXItcHctMQ=="), ("content-type", kind)];
        ask(method, &format!("{}/{path}", self.url), &headers, Some(body)).ok();
    }
}

impl Calendar for Radicale {
    fn start() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let seeded = told("QUORATE_CALDAV");
        let home = seeded.trim_end_matches('/').rsplit_once('/').unwrap().0;
        let server = reqwest::Url::parse(home).unwrap();
        let name = format!("t{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = format!("{}/{name}", server.path());
        let own = Self {
            fake: Fake::before(&server.origin().ascii_serialization()),
            url: format!("{}{path}", server.origin().ascii_serialization()),
        };
        let text = r#"<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>Test</D:displayname></D:prop></D:set></C:mkcalendar>"#;
        own.call("MKCALENDAR", "", "application/xml", text);
        own
    }

    fn fake(&self) -> &Fake {
        &self.fake
    }

    fn setup(&self) -> Setup {
        let path = reqwest::Url::parse(&self.url).unwrap().path().to_owned();
        setup("cal", &format!("{}{path}", self.fake.url), basic("chair"))
    }

    fn put(&self, name: &str, event: &str) {
        self.call("PUT", &format!("{name}.ics"), "text/calendar; charset=utf-8", event);
    }

    fn remove(&self, name: &str) {
        self.call("DELETE", &format!("{name}.ics"), "text/plain", "");
    }
}

macro_rules! calendars {
    ($calendar:ty $(, ignore = $why:literal)?) => {
        calendars!(@ $calendar, [$($why)?], events_become_records: reads_events);
        calendars!(@ $calendar, [$($why)?], only_a_calendar_that_moved_is_read: reads_what_moved);
        calendars!(@ $calendar, [$($why)?], bad_credentials_are_refused_and_not_told: refuses_bad_credentials);
        calendars!(@ $calendar, [$($why)?], faults_are_survived: survives_faults);
        calendars!(@ $calendar, [$($why)?], an_empty_calendar_is_doubted: doubts_an_empty_calendar);
        calendars!(@ $calendar, [$($why)?], a_home_says_which_calendars_it_has: names_the_calendars_of_a_home);
    };
    (@ $calendar:ty, [$($why:literal)?], $name:ident: $test:ident) => {
        #[test]
        $(#[ignore = $why])?
        fn $name() {
            super::$test::<$calendar>();
        }
    };
}

mod fake {
    calendars!(super::Server);
}

mod real {
    calendars!(super::Radicale, ignore = "needs a real Radicale: .ci/servers");

    /// The seeded calendar, by the account that may only look: overrides, folded lines, floating times, an alarm.
    #[test]
    #[ignore = "needs a real Radicale: .ci/servers"]
    fn what_radicale_makes_of_events_is_read() {
        let url = super::told("QUORATE_CALDAV");
        let mut setup = super::setup("cal", url.trim_end_matches('/'), super::basic("reader"));
        setup.zone = "Asia/Kolkata".parse().unwrap();
        let mut reader = super::Reader::new(setup, super::SourceKind::Caldav);
        reader.read().unwrap();
        let names = super::names(&reader);
        for want in [
            "freeze: Year end freeze, all of EMEA; no exceptions – été",
            "maintenance: Weekly maintenance window",
            "maintenance: Weekly maintenance window (moved)",
            "freeze: Month end close",
            "event: Firewall change",
            "meeting: CAB meeting (floating time)",
        ] {
            assert!(names.contains(want), "{want} of {names:?}");
        }
        assert_eq!(names.len(), 6, "{names:?}");
        assert!(reader.faults.is_empty(), "{:?}", reader.faults);
    }
}

#[test]
fn a_server_without_tags_is_compared_by_those_of_its_resources() {
    let server = Server::start().odd(Odd::NoTag);
    fill(&server);
    let mut reader = reader(&server);
    reader.read().unwrap();
    assert_eq!(asked(server.fake()), ["PROPFIND", "PROPFIND", "REPORT"]);
    reader.read().unwrap();
    assert_eq!(asked(server.fake()), ["PROPFIND", "PROPFIND"]);
    server.put("window", &event("window@t", "Maintenance, much longer", HOUR));
    reader.read().unwrap();
    assert!(names(&reader).iter().any(|name| name.contains("much longer")), "{:?}", names(&reader));
}

#[test]
fn an_address_without_webdav_is_fetched_and_compared_by_us() {
    let server = Server::start().odd(Odd::NoDav);
    fill(&server);
    let mut reader = reader(&server);
    reader.read().unwrap();
    assert_eq!(names(&reader), all());
    assert_eq!(asked(server.fake()), ["PROPFIND", "GET"]);
    let before = reader.known.len();
    server
        .fake()
        .fault(|asked| asked.method == "GET", Fault::Instead(Reply::new(200, "text/html", "<html>log in")));
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("web page"), "{error}");
    reader.read().unwrap();
    assert_eq!(reader.known.len(), before, "the same document again");
}

#[test]
fn half_a_calendar_is_none() {
    let server = Server::start().odd(Odd::Cut);
    fill(&server);
    let mut reader = reader(&server);
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("more events than it lists") && reader.known.is_empty(), "{error}");
}

#[test]
fn a_broken_resource_is_named_and_hides_no_other() {
    let server = Server::start();
    fill(&server);
    server.put("bad", "this is no calendar \u{1b}[31m");
    server.put("worse", &event("worse@t", "no start", ""));
    let mut reader = reader(&server);
    reader.read().unwrap();
    assert_eq!(names(&reader), all());
    for name in ["bad.ics", "worse.ics"] {
        assert!(reader.faults.iter().any(|fault| fault.place.contains(name)), "{name}: {:?}", reader.faults);
    }
    assert!(reader.known.keys().all(|(kind, _)| matches!(kind, RecordKind::Window | RecordKind::Release)));
}
