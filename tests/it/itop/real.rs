//! The suite against a real iTop that somebody runs: `QUORATE_ITOP` is its address (with the ITIL module of changes),
//! `QUORATE_ITOP_LOGINS` a file of `name password` lines: `admin`, `bot`, `chair` and `member`, all of whom may use REST and
//! but for `bot` are linked to a person. `chair` and `member` are in a team; `bot` may read and modify changes.

use super::operation;
use crate::{
    real::{ask, told},
    world::*,
};

pub struct Real {
    fake: Fake,
    url: String,
    logins: BTreeMap<String, String>,
    /// The server's.
    zone: Zone,
}

impl Real {
    /// One operation of somebody; what it says.
    fn said(&self, who: &str, operation: &Value) -> Value {
        let fields = [
            ("version", "1.3"),
            ("auth_user", who),
            ("auth_pwd", &self.logins[who]),
            ("json_data", &operation.to_string()),
        ];
        let mut url = reqwest::Url::parse("http://x").unwrap();
        url.query_pairs_mut().extend_pairs(fields);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        ask("POST", &format!("{}/webservices/rest.php", self.url), &kind, url.query()).ok().json()
    }

    /// The objects of an operation that is done.
    fn done(&self, who: &str, operation: &Value) -> Vec<Value> {
        let answer = self.said(who, operation);
        assert_eq!(answer["code"], 0, "{operation}: {answer}");
        answer["objects"].as_object().map(|all| all.values().cloned().collect()).unwrap_or_default()
    }

    fn found(&self, who: &str, class: &str, oql: &str) -> Vec<Value> {
        let operation = json!({ "operation": "core/get", "class": class, "key": oql, "output_fields": "*+" });
        self.done(who, &operation)
    }

    fn fields(&self, native: &str) -> Value {
        self.found("admin", "Change", &format!("SELECT Change WHERE id = {native}")).remove(0)["fields"]
            .take()
    }

    /// The person somebody is.
    fn person(&self, who: &str) -> Value {
        let mut found = self.found(who, "Person", "SELECT Person WHERE id = :current_contact_id").remove(0);
        let mut fields = found["fields"].take();
        fields["id"] = found["key"].take();
        fields
    }

    /// Its own zone is told nowhere: the stamp of what moves now says it.
    fn zone_there(&self) -> Zone {
        let stamp = self.fields(&self.raised("RoutineChange"))["last_update"].take();
        let there =
            chrono::NaiveDateTime::parse_from_str(stamp.as_str().unwrap(), "%Y-%m-%d %H:%M:%S").unwrap();
        let near = |zone: &Zone| {
            (there - zone.local(quorate::model::Instant::from_secs(now()))).num_minutes().abs() < 10
        };
        let all =
            ["UTC", "Asia/Kolkata", "Europe/Paris", "Europe/Berlin"].map(|name| Zone::named(name).unwrap());
        all.into_iter().find(near).unwrap_or_else(|| panic!("in which zone is it {there} now?"))
    }

    fn update(&self, who: &str, native: &str, fields: &Value) {
        let operation = json!({ "operation": "core/update", "comment": "a test", "class": "Change", "key": native.parse::<u64>().unwrap(),
            "fields": fields, "output_fields": "id" });
        self.done(who, &operation);
    }

    fn go(&self, native: &str, stimulus: &str, fields: &Value) {
        let operation = json!({ "operation": "core/apply_stimulus", "comment": "a test", "class": "Change",
            "key": native.parse::<u64>().unwrap(), "stimulus": stimulus, "fields": fields, "output_fields": "status" });
        self.done("admin", &operation);
    }

    fn raised(&self, class: &str) -> String {
        let chair = self.person("chair");
        let fields = json!({ "org_id": chair["org_id"], "caller_id": chair["id"], "title": "A change of a test", "description": "<p>why</p>" });
        let operation = json!({ "operation": "core/create", "comment": "a test", "class": class, "fields": fields, "output_fields": "id" });
        self.done("admin", &operation)[0]["key"].as_str().unwrap().to_owned()
    }

    /// A change that waits for the decision of somebody; of a class that nobody approves, for its work.
    fn waiting(&self, class: &str, manager: &str) -> String {
        let native = self.raised(class);
        let (chair, manager) = (self.person("chair"), self.person(manager));
        let team = "SELECT Team AS t JOIN lnkPersonToTeam AS l ON l.team_id = t.id WHERE l.person_id = ";
        let team = self.found("admin", "Team", &format!("{team}{}", chair["id"].as_str().unwrap())).remove(0);
        let people = json!({ "team_id": team["key"], "supervisor_group_id": team["key"], "manager_group_id": team["key"],
            "agent_id": chair["id"], "supervisor_id": chair["id"], "manager_id": manager["id"] });
        if class == "NormalChange" {
            let mut groups = people.clone();
            overwrite(
                &mut groups,
                json!({ "acceptance_date": "2026-11-20 09:00:00", "acceptance_comment": "ok" }),
            );
            ["agent_id", "supervisor_id", "manager_id"]
                .iter()
                .for_each(|name| drop(groups.as_object_mut().unwrap().remove(*name)));
            self.go(&native, "ev_validate", &groups);
        }
        self.go(&native, "ev_assign", &people);
        let plan = json!({ "start_date": "2026-12-02 22:00:00", "end_date": "2026-12-02 23:30:00", "impact": "node 1 down",
            "outage": "yes", "fallback": "restore it" });
        self.go(&native, "ev_plan", &plan);
        native
    }
}

impl Faked for Real {
    fn fake(&self) -> &Fake {
        &self.fake
    }
}

impl World for Real {
    const KIND: SourceKind = SourceKind::Itop;

    fn start() -> Self {
        let url = told("QUORATE_ITOP");
        let logins = std::fs::read_to_string(told("QUORATE_ITOP_LOGINS")).unwrap();
        let pair = |line: &str| line.split_once(' ').map(|(name, word)| (name.to_owned(), word.to_owned()));
        let logins = logins.lines().filter_map(pair).collect();
        let mut world = Self { fake: Fake::before(&url), logins, url, zone: Zone::UTC };
        world.zone = world.zone_there();
        for _ in world.changes().len()..12 {
            world.raised("RoutineChange");
        }
        world
    }

    fn setup(&self) -> Setup {
        let mut setup = setup("itop", &self.fake.url, password("bot", &self.logins["bot"]));
        setup.zone = self.zone;
        setup.options.insert("votes".into(), "named".into());
        setup.options.insert("page_size".into(), "5".into());
        setup.http.timeout = std::time::Duration::from_secs(20);
        setup
    }

    fn chair(&self) -> Person {
        Person { login: password("chair", &self.logins["chair"]), names: &["chair", "chair@cab.test"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let operation = json!({ "operation": "core/get", "class": "Change", "key": "SELECT Change", "output_fields": "id" });
        self.done("admin", &operation).iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        self.raised("NormalChange")
    }

    fn edit(&self, native: &str, title: &str) {
        self.update("admin", native, &json!({ "title": title }));
    }

    fn delete(&self, native: &str) -> bool {
        let operation = json!({ "operation": "core/delete", "comment": "a test", "class": "Change", "key": native.parse::<u64>().unwrap(),
            "simulate": false });
        self.done("admin", &operation);
        true
    }

    fn run(&self) -> Option<Run> {
        Some(Run {
            options: &[("started", "implemented"), ("ended", "monitored")],
            ready: self.waiting("RoutineChange", "chair"),
            statuses: ["implemented", "monitored"],
            refused: (self.waiting("NormalChange", "chair"), "implemented", "allows nothing"),
        })
    }

    fn status(&self, native: &str) -> String {
        self.fields(native)["status"].as_str().unwrap().to_owned()
    }

    fn votable(&self) -> Option<String> {
        Some(self.waiting("NormalChange", "chair"))
    }

    fn not_mine(&self) -> Option<String> {
        Some(self.waiting("EmergencyChange", "member"))
    }

    fn decided_elsewhere(&self, native: &str) {
        self.go(native, "ev_notapprove", &json!({ "reason": "no" }));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        Some(match self.status(native).as_str() {
            "approved" => ApprovalAnswer::Approved,
            "notapproved" => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Requested,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let log = self.fields(native)["private_log"]["entries"].take();
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.update("member", native, &json!({ "private_log": text }));
        Some(())
    }

    fn writes(asked: &Asked) -> bool {
        operation(asked).is_some_and(|operation| operation["operation"] != "core/get")
    }

    fn page(asked: &Asked) -> bool {
        operation(asked)
            .is_some_and(|operation| operation["class"] == "Change" && operation["key"].is_string())
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "code": 0, "message": "Found: 0", "objects": null }))
    }
}

/// Words of any length go with a vote.
#[test]
#[ignore = "needs a real iTop: QUORATE_ITOP"]
fn a_vote_of_many_words_is_taken() {
    let world = Real::start();
    for approve in [true, false] {
        let native = world.waiting("NormalChange", "chair");
        let mut reader = Reader::voting(&world);
        let write = reader.vote(&world, &native, approve, &"long wörds 日本 ".repeat(80));
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
        assert_eq!(
            world.answer(&native),
            Some(if approve { ApprovalAnswer::Approved } else { ApprovalAnswer::Rejected })
        );
    }
}

crate::conforms!(
    Real,
    Reply::json(200, &json!({ "code": 0, "message": null, "objects": null })),
    ignore = "needs a real iTop: QUORATE_ITOP"
);
