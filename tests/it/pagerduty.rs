//! PagerDuty as its schema says it is: pages of a hundred and no page beyond ten thousand rows, ranges of half a year, a
//! month where no end is named, parameters that are known or refused, and a budget that is told.

use quorate::model::{Instant, Line, Window};

use crate::world::*;

#[derive(Default)]
pub struct Account {
    incidents: Vec<Value>,
    services: Vec<Value>,
    windows: Vec<Value>,
}

pub type Pagerduty = Served<Account>;

const KEY: &str = "u+Pager-key";

fn no(status: u16, code: u64, message: &str, errors: &[&str]) -> Reply {
    Reply::json(status, &json!({ "error": { "code": code, "message": message, "errors": errors } }))
}

fn service(id: &str) -> Value {
    json!({ "id": id, "type": "service_reference", "summary": format!("{id} service"),
        "html_url": format!("https://x.pagerduty.com/service-directory/{id}") })
}

/// One that began so many seconds ago and goes on.
fn incident(id: &str, number: u64, seconds: i64, more: Value) -> Value {
    let mut made = json!({ "id": id, "type": "incident", "summary": format!("[#{number}] Broken {number}"),
        "html_url": format!("https://x.pagerduty.com/incidents/{id}"), "incident_number": number,
        "title": format!("Broken {number}"), "created_at": ago(seconds), "updated_at": ago(seconds), "status": "triggered",
        "service": service("PSHOP"), "last_status_change_at": ago(seconds), "resolved_at": null, "resolve_reason": null,
        "priority": null, "urgency": "high", "teams": [{ "id": "PTEAM", "type": "team_reference", "summary": "Ops" }] });
    overwrite(&mut made, more);
    made
}

/// And one that ended so many seconds ago.
fn over(id: &str, number: u64, seconds: i64, ended: i64, more: Value) -> Value {
    let mut made = incident(
        id,
        number,
        seconds,
        json!({ "status": "resolved", "resolved_at": ago(ended),
        "last_status_change_at": ago(ended), "updated_at": ago(ended) }),
    );
    overwrite(&mut made, more);
    made
}

fn window(id: &str, from: i64, more: Value) -> Value {
    let mut made = json!({ "id": id, "type": "maintenance_window", "summary": "Patching", "description": "Patching",
        "start_time": ago(from), "end_time": ago(from - 3600), "services": [service("PSHOP")], "teams": [] });
    overwrite(&mut made, more);
    made
}

fn all(asked: &Asked, name: &str) -> Vec<String> {
    asked.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

/// A page of a list, with what its parameters may be.
fn page(asked: &Asked, key: &str, mut list: Vec<&Value>, known: &[&str]) -> Reply {
    let invalid = |why: &str| no(400, 2001, "Invalid Input Provided", &[why]);
    let paging = ["limit", "offset", "total", "time_zone", "team_ids[]"];
    if let Some((name, _)) = asked
        .query
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()) && !paging.contains(&name.as_str()))
    {
        return invalid(&format!("{name} is no parameter."));
    }
    let number = |name: &str, stock: usize| asked.param(name).map_or(Some(stock), |text| text.parse().ok());
    let (Some(limit), Some(offset)) = (number("limit", 25), number("offset", 0)) else {
        return invalid("Limit and offset must be numbers.");
    };
    if limit == 0 || limit > 100 {
        return invalid("Limit must be between 1 and 100.");
    }
    if limit + offset > 10_000 {
        return invalid("Offset must be an integer less than or equal to 10000 when added to limit.");
    }
    let teams = all(asked, "team_ids[]");
    let of = |row: &Value| {
        row["teams"]
            .as_array()
            .is_some_and(|own| own.iter().any(|team| teams.iter().any(|id| team["id"] == **id)))
    };
    list.retain(|row| teams.is_empty() || of(row));
    let rows: Vec<&Value> = list.iter().copied().skip(offset).take(limit).collect();
    let more = offset + rows.len() < list.len();
    Reply::json(200, &json!({ key: rows, "limit": limit, "offset": offset, "more": more, "total": null }))
        .header("ratelimit-limit", "960")
        .header("ratelimit-remaining", "900")
        .header("ratelimit-reset", "50")
}

fn of_services(asked: &Asked, row: &Value) -> bool {
    let ids = all(asked, "service_ids[]");
    let own = row["services"].as_array().map_or_else(|| vec![row["service"].clone()], Clone::clone);
    ids.is_empty() || own.iter().any(|service| ids.iter().any(|id| service["id"] == **id))
}

fn at<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

fn incidents(account: &Account, asked: &Asked) -> Reply {
    let invalid = |why: &str| no(400, 2001, "Invalid Input Provided", &[why]);
    let everything = asked.param("date_range") == Some("all");
    let time =
        |name: &str| asked.param(name).map(|text| text.parse::<Instant>().map_err(|_| text.to_owned()));
    let (since, until) = match (time("since").transpose(), time("until").transpose()) {
        (Ok(since), Ok(until)) => (since, until),
        (Err(text), _) | (_, Err(text)) => return invalid(&format!("{text} is no date.")),
    };
    let month = 30 * 86_400;
    let until = until.unwrap_or_else(|| since.map_or(Instant::from_secs(now()), |since| since.plus(month)));
    let since = since.unwrap_or_else(|| until.plus(-month));
    if !everything && until - since > 180 * 86_400 {
        return invalid("The date range must be less than 6 months.");
    }
    let statuses = all(asked, "statuses[]");
    if statuses.iter().any(|status| !["triggered", "acknowledged", "resolved"].contains(&status.as_str())) {
        return invalid("Statuses is invalid.");
    }
    let mut found: Vec<&Value> = account.incidents.iter().collect();
    found.retain(|row| {
        let began: Instant = at(row, "created_at").parse().unwrap();
        let fits = statuses.is_empty() || statuses.iter().any(|status| status == at(row, "status"));
        fits && of_services(asked, row) && (everything || (began >= since && began < until))
    });
    let (field, order) =
        asked.param("sort_by").unwrap_or("created_at").split_once(':').unwrap_or(("created_at", "asc"));
    if !["incident_number", "created_at", "resolved_at", "urgency"].contains(&field)
        || !["asc", "desc"].contains(&order)
    {
        return invalid("Sort by is invalid.");
    }
    found.sort_by_key(|row| (at(row, field), at(row, "id")));
    if order == "desc" {
        found.reverse();
    }
    page(
        asked,
        "incidents",
        found,
        &["date_range", "since", "until", "statuses[]", "service_ids[]", "sort_by"],
    )
}

fn windows(account: &Account, asked: &Asked) -> Reply {
    let mut found: Vec<&Value> = account.windows.iter().collect();
    let over = |row: &&Value| row["end_time"].as_str().unwrap() < ago(0).as_str();
    match asked.param("filter").unwrap_or("all") {
        "past" => found.retain(over),
        "open" => found.retain(|row| !over(row)),
        "all" => {}
        other => return no(400, 2001, "Invalid Input Provided", &[&format!("Filter {other} is invalid.")]),
    }
    found.retain(|row| of_services(asked, row));
    page(asked, "maintenance_windows", found, &["filter", "service_ids[]"])
}

fn answer(account: &mut Account, asked: &Asked) -> Reply {
    if asked.header("accept") != Some("application/vnd.pagerduty+json;version=2") {
        return no(406, 2000, "Not Acceptable", &[]);
    }
    if asked.header("authorization") != Some(&format!("Token token={KEY}")) {
        return no(401, 2006, "You are not authorized to access this resource.", &[]);
    }
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["incidents"]) => incidents(account, asked),
        ("GET", ["incidents", id]) => match account.incidents.iter().find(|row| row["id"] == **id) {
            Some(row) => Reply::json(200, &json!({ "incident": row })),
            None => no(404, 2100, "Not Found", &[]),
        },
        ("GET", ["services"]) => {
            page(asked, "services", account.services.iter().collect(), &["sort_by", "query", "name"])
        }
        ("GET", ["maintenance_windows"]) => windows(account, asked),
        ("GET", _) => no(404, 2100, "Not Found", &[]),
        _ => no(403, 2010, "Access Denied", &["The key is read-only."]),
    }
}

impl World for Pagerduty {
    const KIND: SourceKind = SourceKind::Pagerduty;

    fn start() -> Self {
        let day = 86_400;
        let mut incidents: Vec<Value> = (1..=7)
            .map(|at: u64| {
                incident(&format!("PI{at}"), at, day + 100 - i64::try_from(at).unwrap(), json!({}))
            })
            .collect();
        incidents.extend((8..=12).map(|at: u64| {
            let began = day * i64::try_from(at).unwrap();
            over(&format!("PI{at:02}"), at, began, began - 600, json!({}))
        }));
        let services = ["PSHOP", "PDB", "PLB"].map(|id| {
            json!({ "id": id, "name": format!("{id} service"), "type": "service",
            "teams": [{ "id": "PTEAM" }] })
        });
        let windows = vec![window("PW1", -3600, json!({})), window("PW2", 40 * day, json!({}))];
        Self::new(Account { incidents, services: services.to_vec(), windows }, answer)
    }

    fn setup(&self) -> Setup {
        self.paged("pager", bearer(KEY), 2)
    }

    fn chair(&self) -> Person {
        Person { login: bearer("none"), names: &["chair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        self.state().incidents.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        self.state().incidents.push(incident("PI99", 99, 0, json!({})));
        "PI99".to_owned()
    }

    fn edit(&self, native: &str, title: &str) {
        self.set(native, json!({ "title": title, "updated_at": ago(0), "incident_number": null }));
    }

    fn delete(&self, native: &str) -> bool {
        self.state().incidents.retain(|row| row["id"] != native);
        true
    }

    fn notes(&self, _native: &str) -> Vec<String> {
        Vec::new()
    }

    fn say(&self, _native: &str, _text: &str) -> Option<()> {
        None
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/incidents"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "incidents": [], "limit": 2, "offset": 0, "more": false, "total": null }))
    }
}

impl Pagerduty {
    fn set(&self, native: &str, fields: Value) {
        let mut account = self.state();
        overwrite(account.incidents.iter_mut().find(|row| row["id"] == native).unwrap(), fields);
    }

    /// One with these incidents and no others.
    fn of(incidents: Vec<Value>) -> Self {
        Self::having(|account| account.incidents = incidents)
    }

    /// The settings with these options over them.
    fn with(&self, options: &[(&str, &str)]) -> Setup {
        let mut setup = self.setup();
        setup.options.extend(options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        setup
    }
}

// The chair has no credential there, and cannot have one.
mod conforming {
    use super::*;
    use crate::conformance;

    /// The suite of what is only read.
    #[test]
    fn it_does_what_every_adapter_does() {
        conformance::reads_everything::<Pagerduty>();
        conformance::reads_what_moved::<Pagerduty>();
        conformance::pages_under_change::<Pagerduty>();
        conformance::finds_what_is_gone::<Pagerduty>();
        conformance::refuses_bad_credentials::<Pagerduty>();
        conformance::doubts_odd_answers::<Pagerduty>();
    }

    #[test]
    fn faults_are_survived() {
        conformance::survives_faults::<Pagerduty>();
    }

    #[test]
    fn nothing_is_written_and_it_is_said_why() {
        let world = Pagerduty::start();
        let mut reader = Reader::of(&world);
        let able = reader.source.capabilities();
        world.fake().forget();
        for what in [
            What::Vote { approve: true, comment: None },
            What::Comment { text: Prose::new("x") },
            What::Progress { text: Prose::new("x"), point: quorate::source::Point::Started },
        ] {
            let write = reader.write(&world, "PI1", 1, what);
            assert_eq!(reader.push(&write), Pushed::Refused(Line::new(able.votes.unwrap_err())));
        }
        assert!(world.fake().seen().is_empty());
    }
}

#[test]
fn incidents_are_read_with_their_service_and_how_bad_they_are() {
    let day = 86_400;
    let world = Pagerduty::of(vec![
        incident("P1", 1, 400 * day, json!({ "status": "acknowledged", "priority": { "summary": "P2" } })),
        incident("P2", 2, 60, json!({ "urgency": "low", "service": { "id": "PX" } })),
        over("P3", 3, 7200, 3600, json!({ "priority": { "name": "SEV-1", "summary": null } })),
        over(
            "P4",
            4,
            7200,
            3600,
            json!({ "resolve_reason": { "type": "merge_resolve_reason", "incident": { "id": "P3" } } }),
        ),
        over("P5", 5, 200 * day, 199 * day, json!({})),
        over(
            "P6",
            6,
            100 * day,
            99 * day,
            json!({ "resolved_at": null, "priority": { "summary": "Business down" } }),
        ),
        // Opened again: it goes on, whatever stayed there.
        incident("P7", 7, 7200, json!({ "resolved_at": ago(3600), "status": "exploding" })),
    ]);
    // Statuses may become more: one that nobody knows goes on, and is asked for by no question of ours.
    world.set("P7", json!({ "status": "triggered" }));
    let mut setup = world.setup();
    setup.words.severity.insert("business down".into(), "critical".into());
    let reader = Reader::round(setup, SourceKind::Pagerduty);
    let at = |seconds: i64| ago(seconds);
    let line = |id: &str, words: &str, from: i64, to: Option<i64>, service: &str| {
        let to = to.map(at).unwrap_or_default();
        format!("pager:{id} {words} {}..{to} by  mended  on [{service:?}]", at(from))
    };
    let want = [
        line("P1", "open (acknowledged) high", 400 * day, None, "PSHOP service"),
        line("P2", "open (triggered) low", 60, None, "PX"),
        line("P3", "restored (resolved) critical", 7200, Some(3600), "PSHOP service"),
        line("P4", "cancelled (merged) high", 7200, Some(3600), "PSHOP service"),
        line("P6", "restored (resolved) critical", 100 * day, Some(99 * day), "PSHOP service"),
        line("P7", "open (triggered) high", 7200, None, "PSHOP service"),
    ];
    let told = reader.incidents();
    let close = |(told, want): (&String, &String)| without_seconds(told) == without_seconds(want);
    assert!(told.len() == want.len() && told.iter().zip(&want).all(close), "{told:#?}\n{want:#?}");
    assert_eq!(reader.title("P1"), "[#1] Broken 1");
    assert_eq!(reader.incident("P1").url.as_deref(), Some("https://x.pagerduty.com/incidents/P1"));
}

/// The clock goes on between the making of a record and its check: times are compared without their last two digits.
fn without_seconds(line: &str) -> String {
    let parts: Vec<&str> = line.split('Z').collect();
    parts.iter().map(|part| &part[..part.len().saturating_sub(if part.len() > 3 { 3 } else { 0 })]).collect()
}

/// One that ended is asked for by its end, whenever it began; a round where nothing moves takes few requests.
#[test]
fn what_ended_comes_with_the_next_round_and_a_quiet_one_is_cheap() {
    let world = Pagerduty::start();
    world.state().incidents.push(incident("POLD", 70, 700 * 86_400, json!({})));
    let mut reader = Reader::round(world.with(&[("page_size", "100")]), SourceKind::Pagerduty);
    assert!(reader.incidents().iter().any(|line| line.starts_with("pager:POLD open")));
    for native in ["POLD", "PI3"] {
        world.set(native, json!({ "status": "resolved", "resolved_at": ago(0), "updated_at": ago(0) }));
    }
    world.fake().forget();
    reader.read().unwrap();
    let told = reader.incidents();
    let is = |start: &str| told.iter().any(|line| line.starts_with(start));
    assert!(is("pager:POLD restored") && is("pager:PI3 restored") && is("pager:PI4 open"), "{told:#?}");
    assert_eq!(reader.warnings, Vec::<String>::new());
    let asked: Vec<String> = world.fake().seen().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(
        asked,
        ["/services", "/maintenance_windows", "/incidents", "/incidents"],
        "four requests in all"
    );
}

/// A storm of one second, and one longer than a page, is read whole, and no page is asked for that does not exist.
#[test]
fn a_storm_of_incidents_is_read_whole() {
    // name; incidents; seconds between two of them; rows of a page
    for (row, count, apart, size) in [
        ("one second", 31, 0, "7"),
        ("one a second", 31, 1, "7"),
        ("two at a time", 30, 1, "2"),
        ("more than a page of a hundred", 250, 60, "100"),
    ] {
        let made = |at: i64| {
            let began = 40 * 86_400 - at * apart;
            over(&format!("PS{at:04}"), u64::try_from(at).unwrap() + 1, began, began - 30, json!({}))
        };
        let world = Pagerduty::of((0..count).map(made).collect());
        let mut reader =
            Reader::new(world.with(&[("page_size", size), ("windows", "no")]), SourceKind::Pagerduty);
        reader.read().unwrap_or_else(|error| panic!("{row}: {error}"));
        assert_eq!(reader.natives(), world.changes(), "{row}");
        assert_eq!(reader.warnings, Vec::<String>::new(), "{row}");
    }
}

/// More go on than it lists: that is said, and what could be done; nothing is taken for the whole.
#[test]
fn more_incidents_than_it_lists_are_an_error_and_no_shorter_list() {
    let made = |at: i64| incident(&format!("PS{at:05}"), 1, 86_400 - at, json!({}));
    let world = Pagerduty::of((0..10_001).map(made).collect());
    let mut reader =
        Reader::new(world.with(&[("page_size", "100"), ("windows", "no")]), SourceKind::Pagerduty);
    let error = reader.read().unwrap_err().to_string();
    assert!(error.contains("no more than 10000 incidents") && error.contains("services or teams"), "{error}");
}

#[test]
fn windows_are_of_their_services_and_past_ones_stay() {
    let hour = 3600;
    let world = Pagerduty::having(|account| {
        account.windows.extend([
            window("PW3", -hour, json!({ "services": [service("PDB"), service("PLB")], "description": null, "start_time": "2026-03-07T22:00:00-05:00",
                "end_time": "2099-03-08T02:00:00+02:00" })),
            window("PW4", -hour, json!({ "services": [] })),
            window("PW5", -hour, json!({ "start_time": "soon" })),
        ]);
    });
    let mut reader = Reader::round(world.setup(), SourceKind::Pagerduty);
    let read = |reader: &Reader| -> Vec<String> {
        let line = |record: &Record| {
            let Record::Window(window) = record else { panic!("{record:?}") };
            let Window { id, kind, name, scope, start, end, .. } = &**window;
            let id = id.to_string();
            match id.as_str() {
                "pager:PW3" => format!("{id} {} {name} {start} {end} {:?}", kind.value, scope.services),
                _ => format!("{id} {} {name} {:?}", kind.value, scope.services),
            }
        };
        reader.of_kind(RecordKind::Window).into_iter().map(line).collect()
    };
    let want = [
        "pager:PW1 maintenance Patching [\"PSHOP service\"]",
        "pager:PW2 maintenance Patching [\"PSHOP service\"]",
        "pager:PW3 maintenance Patching 2026-03-08T03:00:00Z 2099-03-08T00:00:00Z [\"PDB service\", \"PLB service\"]",
    ];
    assert_eq!(read(&reader), want);
    let faults: Vec<String> = reader
        .faults
        .iter()
        .map(|fault| format!("{} {}", fault.record.as_ref().unwrap(), fault.message))
        .collect();
    assert_eq!(
        faults,
        [
            "pager:PW4 it names no service: the window was left out",
            "pager:PW5 it does not say from when to when it is: the window was left out"
        ],
        "each once, though it stands on two pages"
    );
    reader.read().unwrap();
    assert_eq!(read(&reader), want, "the next round reads those alone that are not over");
}

/// Teams and services of the options, and none beside.
#[test]
fn only_what_the_options_name_is_read() {
    let world = Pagerduty::start();
    world.set("PI1", json!({ "service": service("PDB"), "teams": [] }));
    world.set("PI2", json!({ "service": service("PDB") }));
    let of = |options: &[(&str, &str)]| {
        let reader = Reader::round(world.with(options), SourceKind::Pagerduty);
        let names = |kind| reader.of_kind(kind).len();
        (reader.natives().len(), names(RecordKind::Service), names(RecordKind::Window))
    };
    assert_eq!(of(&[]), (12, 3, 2));
    assert_eq!(of(&[("services", "PDB, PLB")]), (2, 2, 0));
    assert_eq!(of(&[("services", "PDB"), ("teams", "PTEAM")]), (1, 1, 0));
    assert_eq!(of(&[("windows", "no")]), (12, 3, 0));
    for (options, key, why) in [
        (("services", "My shop"), "options.services", "is a name"),
        (("auth", "basic"), "options.auth", "must be one of key, oauth"),
        (("page_size", "101"), "options.page_size", "from 1 to 100"),
        (("api", "x"), "options.api", "is no option"),
    ] {
        let error =
            quorate::source::system::build(SourceKind::Pagerduty, world.with(&[options])).err().unwrap();
        assert!(error.to_string().contains(key) && error.to_string().contains(why), "{error}");
    }
    let told = |setup: Setup| {
        quorate::source::system::build(SourceKind::Pagerduty, setup).err().unwrap().to_string()
    };
    assert!(told(Setup { select: Some("x".into()), ..world.setup() }).contains("select must be left out"));
    assert!(told(Setup { me: Some(bearer("x")), ..world.setup() }).contains("me must be left out"));
    assert!(told(Setup { login: password("a", "b"), ..world.setup() }).contains("a key has no user"));
}

/// It says when its budget is full again, and what is wrong in its own words; the key is in none of them.
#[test]
fn patience_and_refusals_are_told_as_it_tells_them() {
    let world = Pagerduty::start();
    for (reply, want, after) in [
        (
            no(429, 2020, "Rate Limit Exceeded", &[])
                .header("ratelimit-remaining", "0")
                .header("ratelimit-reset", "40"),
            "429",
            Some(40),
        ),
        (
            no(402, 2010, "Account does not have the abilities to perform the action.", &["teams"]),
            "does not have the abilities",
            None,
        ),
        (no(400, 2001, "Invalid Input Provided", &["Team_ids is invalid."]), "Team_ids is invalid", None),
    ] {
        world.fake().no_more_faults();
        world.fake().fault(Pagerduty::page, Fault::Instead(reply));
        let mut reader = Reader::of(&world);
        let error = reader.read().unwrap_err();
        assert!(error.message.contains(want) && !error.message.contains(KEY), "{error}");
        assert_eq!(error.retry_after, after, "{error}");
    }
}
