//! Redmine: the suite against a strict fake and against a real one, and what its fields become.

mod traps;

use std::sync::atomic::{AtomicUsize, Ordering};

use quorate::{
    model::{Change, Id, Instant, Release, Vocabulary as _},
    source::system,
};

use crate::{
    real::{ask, told},
    world::*,
};

/// A Redmine as 5.0.4 was seen to answer.
pub type Strict = Served<State>;

#[derive(Default)]
pub struct State {
    issues: BTreeMap<u64, Value>,
    journals: BTreeMap<u64, Vec<Value>>,
    versions: Vec<Value>,
    next: u64,
    /// Before 5.0, which tells no allowed statuses.
    is_old: bool,
}

/// The statuses there are; from *CAB review* the workflow leads to *Approved* and *Rejected*, from *Approved* through the
/// work or to a hold and back, from others nowhere.
const STATUSES: [(u64, &str, bool); 7] = [
    (1, "New", false),
    (7, "CAB review", false),
    (8, "Approved", false),
    (9, "Rejected", true),
    (10, "In Progress", false),
    (11, "Resolved", false),
    (12, "On hold", false),
];
/// From, to.
const WORKFLOW: [(u64, u64); 6] = [(7, 8), (7, 9), (8, 10), (10, 11), (8, 12), (12, 8)];

fn allowed(status: &Value) -> Vec<Value> {
    let from = status["id"].as_u64();
    let own = |id: u64| Some(id) == from || from.is_some_and(|from| WORKFLOW.contains(&(from, id)));
    let all = STATUSES.into_iter().filter(|(id, ..)| own(*id));
    all.map(|(id, name, closed)| json!({ "id": id, "name": name, "is_closed": closed })).collect()
}

fn stamp() -> String {
    ago(0)
}

impl State {
    pub fn raise(&mut self, more: &Value) -> u64 {
        self.next += 1;
        let mut issue = json!({ "id": self.next, "project": { "id": 1, "name": "Change" }, "tracker": { "id": 4, "name": "Change" },
            "status": { "id": 7, "name": "CAB review", "is_closed": false }, "priority": { "id": 2, "name": "Normal" },
            "author": { "id": 7, "name": "Implementer Tester" }, "subject": format!("Change {}", self.next),
            "description": "why", "start_date": null, "due_date": null, "custom_fields": [], "relations": [],
            "created_on": stamp(), "updated_on": stamp(), "closed_on": null });
        for (name, value) in more.as_object().unwrap() {
            issue[name] = value.clone();
        }
        self.issues.insert(self.next, issue);
        self.next
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        let json = |status: u16, body: &Value| Reply::json(status, body);
        let writer = match asked.header("x-redmine-api-key") {
            Some("chair-key") => "Chair Tester",
            Some("source-key") => "Board Tester",
            _ => return Reply::empty(401).header("www-authenticate", "Basic realm=\"Redmine API\""),
        };
        let path = asked.path.trim_start_matches('/').trim_end_matches(".json").to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", ["issues"]) => self.list(asked),
            ("GET", ["projects", "change"]) => json(
                200,
                &json!({ "project": { "id": 1, "trackers": [{ "id": 4, "name": "Change" }, { "id": 5, "name": "Bug" }] } }),
            ),
            ("GET", ["projects", "change", "versions"]) => {
                json(200, &json!({ "versions": self.versions, "total_count": self.versions.len() }))
            }
            ("GET", ["issue_statuses"]) => {
                let all =
                    STATUSES.map(|(id, name, closed)| json!({ "id": id, "name": name, "is_closed": closed }));
                json(200, &json!({ "issue_statuses": all }))
            }
            ("GET", ["issues", number]) => {
                match number.parse().ok().and_then(|n: u64| self.issues.get(&n).map(|i| (n, i))) {
                    Some((number, issue)) => {
                        let mut issue = issue.clone();
                        let include = asked.param("include").unwrap_or_default();
                        if include.contains("journals") {
                            issue["journals"] =
                                json!(self.journals.get(&number).cloned().unwrap_or_default());
                        }
                        if include.contains("allowed_statuses") && !self.is_old {
                            issue["allowed_statuses"] = json!(allowed(&issue["status"]));
                        }
                        json(200, &json!({ "issue": issue }))
                    }
                    None => Reply::empty(404),
                }
            }
            ("PUT", ["issues", number]) => {
                let Some(number) = number.parse().ok().filter(|n| self.issues.contains_key(n)) else {
                    return Reply::empty(404);
                };
                // Anything else than JSON is no issue to Redmine, and no error either.
                if asked.header("content-type") == Some("application/json") {
                    self.set_status(number, &asked.json()["issue"]);
                    self.note(number, writer, &asked.json()["issue"]);
                }
                Reply::empty(204)
            }
            _ => Reply::empty(404),
        }
    }

    fn list(&self, asked: &Asked) -> Reply {
        for (name, _) in &asked.query {
            let known = [
                "project_id",
                "status_id",
                "issue_id",
                "sort",
                "include",
                "limit",
                "updated_on",
                "tracker_id",
            ];
            assert!(known.contains(&name.as_str()), "{name} means nothing to Redmine");
        }
        if asked.param("project_id") != Some("change") {
            return Reply::empty(404);
        }
        let since = asked.param("updated_on").map(|text| text.strip_prefix(">=").unwrap_or(text).to_owned());
        if since.as_ref().is_some_and(|text| !text.ends_with('Z') || text.parse::<Instant>().is_err()) {
            return Reply::json(422, &json!({ "errors": ["Updated is invalid"] }));
        }
        let from: u64 = asked
            .param("issue_id")
            .and_then(|text| text.strip_prefix(">="))
            .map_or(0, |n| n.parse().unwrap());
        let limit: usize = asked.param("limit").map_or(25, |n| n.parse().unwrap()).min(100);
        let tracker = asked.param("tracker_id");
        let fits = |issue: &&Value| {
            (asked.param("status_id") == Some("*") || issue["status"]["is_closed"] == false)
                && issue["id"].as_u64().unwrap() >= from
                && since.as_deref().is_none_or(|since| issue["updated_on"].as_str().unwrap() >= since)
                && tracker.is_none_or(|id| issue["tracker"]["id"] == id.parse::<u64>().unwrap())
        };
        let mut found: Vec<Value> = self.issues.values().filter(fits).cloned().collect();
        if asked.param("sort") != Some("id:asc") {
            found.reverse();
        }
        let total = found.len();
        found.truncate(limit);
        Reply::json(200, &json!({ "issues": found, "total_count": total, "offset": 0, "limit": limit }))
    }

    /// One that the workflow forbids is ignored in silence.
    fn set_status(&mut self, number: u64, issue: &Value) {
        let Some(wanted) = issue["status_id"].as_u64() else { return };
        let own = self.issues.get_mut(&number).unwrap();
        if let Some(status) = allowed(&own["status"]).into_iter().find(|status| status["id"] == wanted) {
            own["status"] = status;
        }
    }

    fn note(&mut self, number: u64, writer: &str, issue: &Value) {
        let Some(notes) = issue["notes"].as_str() else { return };
        self.next += 1;
        let journal = json!({ "id": self.next, "user": { "id": 5, "name": writer }, "notes": notes, "created_on": stamp(),
            "private_notes": issue["private_notes"].as_bool().unwrap_or(false), "details": [] });
        self.journals.entry(number).or_default().push(journal);
        self.issues.get_mut(&number).unwrap()["updated_on"] = json!(stamp());
    }
}

impl Strict {
    pub fn with(&self, what: impl FnOnce(&mut State)) {
        what(&mut self.state());
    }
}

impl World for Strict {
    const KIND: SourceKind = SourceKind::Redmine;

    fn start() -> Self {
        let mut state = State::default();
        for _ in 0..7 {
            state.raise(&json!({}));
        }
        state.raise(&json!({ "status": { "id": 5, "name": "Closed", "is_closed": true } }));
        Self::new(state, State::answer)
    }

    fn setup(&self) -> Setup {
        Setup { select: Some("change".into()), ..self.paged("redmine", bearer("source-key"), 3) }
    }

    fn chair(&self) -> Person {
        Person { login: bearer("chair-key"), names: &["Chair Tester"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        self.state().issues.keys().map(u64::to_string).collect()
    }

    fn create(&self) -> String {
        self.state().raise(&json!({})).to_string()
    }

    fn edit(&self, native: &str, title: &str) {
        let mut state = self.state();
        let issue = state.issues.get_mut(&native.parse().unwrap()).unwrap();
        issue["subject"] = json!(title);
        issue["updated_on"] = json!(stamp());
    }

    fn delete(&self, native: &str) -> bool {
        self.state().issues.remove(&native.parse().unwrap()).is_some()
    }

    fn run(&self) -> Option<Run> {
        let ready =
            self.state().raise(&json!({ "status": { "id": 8, "name": "Approved", "is_closed": false } }));
        Some(Run {
            options: &[("started", "In progress"), ("ended", "Resolved")],
            ready: ready.to_string(),
            statuses: ["In Progress", "Resolved"],
            refused: ("1".into(), "In progress", "allows only CAB review, Approved, Rejected"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        let approved = || json!({ "status": { "id": 8, "name": "Approved", "is_closed": false } });
        let waits = [(); 3].map(|()| self.state().raise(&approved()).to_string());
        Some(Hold {
            options: [("held", "on hold"), ("thawed", "Approved")],
            waits,
            statuses: ["On hold", "Approved", "In Progress"],
            refused: Some(("1".into(), "allows only CAB review, Approved, Rejected")),
        })
    }

    fn bring(&self, native: &str, status: &str) {
        let (id, name, closed) = STATUSES.into_iter().find(|(_, name, _)| *name == status).unwrap();
        let mut state = self.state();
        let issue = state.issues.get_mut(&native.parse().unwrap()).unwrap();
        issue["status"] = json!({ "id": id, "name": name, "is_closed": closed });
    }

    fn status(&self, native: &str) -> String {
        let state = self.state();
        state.issues[&native.parse().unwrap()]["status"]["name"].as_str().unwrap().to_owned()
    }

    fn not_mine(&self) -> Option<String> {
        Some("1".into())
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let state = self.state();
        let journals = state.journals.get(&native.parse().unwrap()).cloned().unwrap_or_default();
        journals.iter().map(|journal| journal["notes"].as_str().unwrap().to_owned()).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.state().note(native.parse().unwrap(), "Member Tester", &json!({ "notes": text }));
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/issues.json"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "issues": [], "total_count": 0, "offset": 0, "limit": 3 }))
    }
}

/// A project of its own on a real Redmine.
struct Redmine {
    fake: Fake,
    url: String,
    keys: BTreeMap<String, String>,
    project: String,
}

impl Redmine {
    fn call(&self, who: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
        let headers = [("x-redmine-api-key", self.keys[who].as_str()), ("content-type", "application/json")];
        let body = body.map(Value::to_string);
        let got = ask(method, &format!("{}/{path}", self.url), &headers, body.as_deref()).ok();
        if got.text.trim().is_empty() { Value::Null } else { got.json() }
    }

    /// A change that waits for the board.
    fn raise(&self) -> String {
        let issue = json!({ "issue": { "project_id": self.project, "tracker_id": self.seeded("tracker"), "subject": "A change of a test",
            "description": "*bold* & <b>not html</b>", "start_date": "2026-12-24", "due_date": "2026-12-24" } });
        let number = self.call("implementer", "POST", "issues.json", Some(&issue))["issue"]["id"].to_string();
        let review = json!({ "issue": { "status_id": self.seeded("review") } });
        self.call("implementer", "PUT", &format!("issues/{number}.json"), Some(&review));
        number
    }

    /// A number that the seed tells: a tracker or a status.
    fn seeded(&self, name: &str) -> u64 {
        let line = &self.keys["ids"];
        let at = line.split([' ', ',']).find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap();
        at.parse().unwrap()
    }

    fn own(keys: BTreeMap<String, String>, url: String) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let project = format!("t{}-{number}", std::process::id());
        let own = Self { fake: Fake::before(&url), url, keys, project };
        let tracker = own.seeded("tracker");
        let body = json!({ "project": { "name": own.project, "identifier": own.project, "is_public": false,
            "tracker_ids": [tracker], "enabled_module_names": ["issue_tracking"] } });
        own.call("admin", "POST", "projects.json", Some(&body));
        let members = own.call("admin", "GET", "projects/change/memberships.json", None);
        for member in members["memberships"].as_array().unwrap() {
            let roles: Vec<&Value> =
                member["roles"].as_array().unwrap().iter().map(|role| &role["id"]).collect();
            let body = json!({ "membership": { "user_id": member["user"]["id"], "role_ids": roles } });
            own.call("admin", "POST", &format!("projects/{}/memberships.json", own.project), Some(&body));
        }
        own
    }
}

impl Faked for Redmine {
    fn fake(&self) -> &Fake {
        &self.fake
    }
}

impl World for Redmine {
    const KIND: SourceKind = SourceKind::Redmine;

    fn start() -> Self {
        let keys = std::fs::read_to_string(told("QUORATE_REDMINE_KEYS")).unwrap();
        let pair = |line: &str| line.split_once(' ').map(|(name, key)| (name.to_owned(), key.to_owned()));
        let own = Self::own(keys.lines().filter_map(pair).collect(), told("QUORATE_REDMINE"));
        let raised: Vec<String> = (0..7).map(|_| own.raise()).collect();
        // One that is closed, and not the one that tests begin with.
        let closed = raised.iter().max().unwrap();
        let body = json!({ "issue": { "status_id": own.seeded("rejected") } });
        own.call("chair", "PUT", &format!("issues/{closed}.json"), Some(&body));
        own
    }

    fn setup(&self) -> Setup {
        let mut setup = setup("redmine", &self.fake.url, bearer(&self.keys["member"]));
        setup.select = Some(self.project.clone());
        setup.options.insert("page_size".into(), "3".into());
        setup.http.timeout = std::time::Duration::from_secs(20);
        setup
    }

    fn chair(&self) -> Person {
        Person { login: bearer(&self.keys["chair"]), names: &["Chair Tester"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let path = format!("issues.json?project_id={}&status_id=*&limit=100", self.project);
        let all = self.call("admin", "GET", &path, None);
        all["issues"].as_array().unwrap().iter().map(|issue| issue["id"].to_string()).collect()
    }

    fn create(&self) -> String {
        self.raise()
    }

    fn edit(&self, native: &str, title: &str) {
        let body = json!({ "issue": { "subject": title } });
        self.call("admin", "PUT", &format!("issues/{native}.json"), Some(&body));
    }

    fn delete(&self, native: &str) -> bool {
        self.call("admin", "DELETE", &format!("issues/{native}.json"), None);
        true
    }

    fn run(&self) -> Option<Run> {
        let ready = self.raise();
        self.bring(&ready, "Approved");
        Some(Run {
            options: &[("started", "in progress"), ("ended", "Implemented")],
            ready,
            statuses: ["In Progress", "Implemented"],
            refused: (self.raise(), "In Progress", "allows only"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        let waits = [(); 3].map(|()| self.raise());
        waits.iter().for_each(|native| self.bring(native, "Approved"));
        Some(Hold {
            options: [("held", "On hold"), ("thawed", "Approved")],
            waits,
            statuses: ["On hold", "Approved", "In Progress"],
            refused: Some((self.raise(), "allows only")),
        })
    }

    /// An administrator may do what the workflow lets nobody else do.
    fn bring(&self, native: &str, status: &str) {
        let id = ["approved", "rejected", "progress", "hold"]
            .into_iter()
            .zip(["Approved", "Rejected", "In Progress", "On hold"])
            .find(|(_, name)| *name == status)
            .map(|(seeded, _)| self.seeded(seeded));
        let body = json!({ "issue": { "status_id": id.unwrap() } });
        self.call("admin", "PUT", &format!("issues/{native}.json"), Some(&body));
        assert_eq!(self.status(native), status);
    }

    fn status(&self, native: &str) -> String {
        let issue = self.call("admin", "GET", &format!("issues/{native}.json"), None);
        issue["issue"]["status"]["name"].as_str().unwrap().to_owned()
    }

    fn votable(&self) -> Option<String> {
        None
    }

    fn not_mine(&self) -> Option<String> {
        self.changes().into_iter().next()
    }

    fn decided_elsewhere(&self, _native: &str) {}

    fn answer(&self, _native: &str) -> Option<ApprovalAnswer> {
        None
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let issue = self.call("admin", "GET", &format!("issues/{native}.json?include=journals"), None);
        let journals = issue["issue"]["journals"].as_array().unwrap().clone();
        let notes = journals.iter().filter_map(|journal| journal["notes"].as_str());
        notes.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let body = json!({ "issue": { "notes": text } });
        self.call("member", "PUT", &format!("issues/{native}.json"), Some(&body));
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/issues.json"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "issues": [], "total_count": 0, "offset": 0, "limit": 3 }))
    }
}

mod fake {
    crate::conforms!(super::Strict, crate::fake::Reply::empty(204));
}

mod real {
    use super::*;

    crate::conforms!(
        super::Redmine,
        crate::fake::Reply::empty(204),
        ignore = "needs a real Redmine: .ci/servers"
    );

    /// The seeded project as a chair sees it: custom fields, versions, relations, dates.
    #[test]
    #[ignore = "needs a real Redmine: .ci/servers"]
    fn what_redmine_says_becomes_records() {
        let world = Redmine::start();
        let mut setup = world.setup();
        setup.select = Some("change".into());
        setup.options.insert("page_size".into(), "10".into());
        setup.options.insert("tracker".into(), "Change".into());
        let mut reader = Reader::new(setup, SourceKind::Redmine);
        reader.read().unwrap();
        assert!(reader.faults.is_empty() && reader.warnings.is_empty(), "{:?}", reader.faults);
        assert_eq!(reader.known.keys().filter(|(kind, _)| *kind == RecordKind::Release).count(), 1);
        let change = change(&reader, "1");
        assert_eq!(change.title.as_str(), "Change 1: upgrade node 1");
        assert_eq!((change.kind.value.word(), change.risk.value.word()), ("normal", "high"));
        assert_eq!((change.state.value.word(), change.state.raw()), ("authorize", Some("CAB review")));
        assert_eq!(change.planned_start.unwrap().to_string(), "2026-12-24T16:30:00Z");
        let services: Vec<&str> = change.services.iter().map(|name| name.as_str()).collect();
        assert_eq!(services, ["svc-a", "svc-common"]);
        assert_eq!(change.release.unwrap().as_str(), "redmine:version-1");
        assert_eq!(change.requester.unwrap().as_str(), "Implementer Tester");
        assert!(change.description.contains("bold & <b>not html</b>"), "{}", change.description.as_str());
    }

    /// A decision moves the status where the workflow of the account lets it, and says so where not.
    #[test]
    #[ignore = "needs a real Redmine: .ci/servers"]
    fn a_decision_moves_the_status_or_says_why_not() {
        let world = Redmine::start();
        let status = |native: &str| {
            let issue = world.call("admin", "GET", &format!("issues/{native}.json"), None);
            issue["issue"]["status"]["name"].as_str().unwrap().to_owned()
        };
        let [approved, rejected, forbidden] = [world.raise(), world.raise(), world.raise()];
        let mut setup = world.setup();
        setup.options.insert("approved".into(), "approved".into());
        setup.options.insert("rejected".into(), "Rejected".into());
        let mut source = system::build(SourceKind::Redmine, setup.clone()).unwrap();
        for (native, yes, want) in [(&approved, true, "Approved"), (&rejected, false, "Rejected")] {
            let pushed = crate::conformance::run(source.push(&decision(native, Some(yes))));
            let quorate::source::Pushed::Accepted(words) = pushed else { panic!("{pushed:?}") };
            assert!(words.contains("status"), "{words}");
            assert_eq!(status(native), want);
            // Once more, as after a lost answer: nothing is written twice.
            let again = crate::conformance::run(source.push(&decision(native, Some(yes))));
            assert!(matches!(again, quorate::source::Pushed::Accepted(_)), "{again:?}");
            assert_eq!(world.notes(native).len(), 1);
        }
        // The implementer may note, and may not approve.
        let implementer = Setup { login: bearer(&world.keys["implementer"]), ..setup };
        let mut source = system::build(SourceKind::Redmine, implementer).unwrap();
        let pushed = crate::conformance::run(source.push(&decision(&forbidden, Some(true))));
        let quorate::source::Pushed::Refused(words) = pushed else { panic!("{pushed:?}") };
        assert!(words.contains("the note is there") && words.contains("workflow"), "{words}");
        assert_eq!((status(&forbidden).as_str(), world.notes(&forbidden).len()), ("CAB review", 1));
    }

    /// A private note, written by one's own account; and one without the right to.
    #[test]
    #[ignore = "needs a real Redmine: .ci/servers"]
    fn notes_are_private_where_asked_and_refused_without_the_right() {
        let world = Redmine::start();
        let native = world.changes().into_iter().next().unwrap();
        let mut setup = Setup { me: Some(world.chair().login), ..world.setup() };
        setup.options.insert("notes".into(), "private".into());
        let write = |number: u64| quorate::source::Write {
            id: format!("{number:016x}"),
            item: Id::new(&format!("redmine:{native}")).unwrap(),
            what: quorate::source::What::Comment { text: quorate::model::Prose::new("for the board") },
            person: Some(Id::constant("chair")),
            own: true,
            name: quorate::model::Line::new("C. Hair"),
            known_as: Vec::new(),
            revision: None,
            at: Instant::from_secs(1_795_000_000),
        };
        let mut source = system::build(SourceKind::Redmine, setup.clone()).unwrap();
        let pushed = crate::conformance::run(source.push(&write(1)));
        assert!(matches!(pushed, quorate::source::Pushed::Accepted(_)), "{pushed:?}");
        let issue = world.call("admin", "GET", &format!("issues/{native}.json?include=journals"), None);
        // Other tests write on this issue too: the newest note is ours.
        let newest = issue["issue"]["journals"].as_array().and_then(|journals| journals.last());
        assert_eq!(newest.unwrap()["private_notes"], true, "{issue}");
        let reader = Setup { me: Some(bearer(&world.keys["reader"])), ..setup };
        let mut source = system::build(SourceKind::Redmine, reader).unwrap();
        let pushed = crate::conformance::run(source.push(&write(2)));
        let quorate::source::Pushed::Refused(words) = pushed else { panic!("{pushed:?}") };
        assert!(words.contains("right to add notes"), "{words}");
    }
}

/// What the board decided about an issue.
fn decision(native: &str, approved: Option<bool>) -> quorate::source::Write {
    quorate::source::Write {
        id: format!("{:016x}", 0xdec1 + native.parse::<u64>().unwrap()),
        item: Id::new(&format!("redmine:{native}")).unwrap(),
        what: quorate::source::What::Decision {
            text: quorate::model::Prose::new("The board decided."),
            approved,
        },
        person: None,
        own: false,
        name: quorate::model::Line::default(),
        known_as: Vec::new(),
        revision: None,
        at: Instant::from_secs(1_795_000_000),
    }
}

fn change(reader: &Reader, native: &str) -> Change {
    let id = Id::new(&format!("redmine:{native}")).unwrap();
    match reader.known.get(&(RecordKind::Change, id)).map(|stored| &stored.record) {
        Some(Record::Change(change)) => (**change).clone(),
        other => panic!("{native}: {other:?}"),
    }
}
