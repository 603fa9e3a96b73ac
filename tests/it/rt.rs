//! Request Tracker: the suite against a strict fake, and against a real one that `.ci/servers` boots.

pub mod strict;

use crate::{
    real::{ask, told},
    world::*,
};

pub struct Rt {
    fake: Fake,
    url: String,
    tokens: Vec<(String, String)>,
}

impl Rt {
    pub fn token(&self, name: &str) -> &str {
        &self.tokens.iter().find(|(known, _)| known == name).unwrap().1
    }

    pub fn call(&self, who: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
        let token = format!("token {}", self.token(who));
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = body.map(ToString::to_string);
        ask(method, &format!("{}/REST/2.0/{path}", self.url), &headers, body.as_deref()).ok().json()
    }

    pub fn raise(&self, kind: &str) -> String {
        let body = json!({ "Queue": "Change", "Subject": format!("A {kind} change of a test"), "Content": "why",
            "ContentType": "text/plain", "CustomFields": { "Change Type": kind, "Risk": "Low" } });
        let made = self.call("implementer", "POST", "ticket", Some(&body));
        made["id"].as_str().map_or_else(|| made["id"].to_string(), str::to_owned)
    }

    /// Tickets by TicketSQL, all pages.
    fn found(&self, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 1.. {
            let query = query.replace(' ', "%20").replace('\'', "%27");
            let path = format!(
                "tickets?query={query}&fields=Status,Owner,Subject&per_page=100&page={page}&orderby=id"
            );
            let answer = self.call("root", "GET", &path, None);
            all.extend(answer["items"].as_array().unwrap().iter().cloned());
            if answer["pages"].as_u64().is_none_or(|pages| pages <= page) {
                return all;
            }
        }
        unreachable!()
    }

    fn approval(&self, native: &str, who: &str) -> Option<(String, String)> {
        let found = self.found(&format!("DependedOnBy = {native} AND Type = 'approval'"));
        let own = found.iter().find(|ticket| ticket["Owner"]["id"] == who)?;
        Some((own["id"].as_str()?.to_owned(), own["Status"].as_str()?.to_owned()))
    }
}

impl Faked for Rt {
    fn fake(&self) -> &Fake {
        &self.fake
    }
}

impl World for Rt {
    const KIND: SourceKind = SourceKind::RequestTracker;

    fn start() -> Self {
        let url = told("QUORATE_RT");
        let tokens = std::fs::read_to_string(told("QUORATE_RT_TOKENS")).unwrap();
        let pair = |line: &str| line.split_once(' ').map(|(name, token)| (name.to_owned(), token.to_owned()));
        Self { fake: Fake::before(&url), tokens: tokens.lines().filter_map(pair).collect(), url }
    }

    fn setup(&self) -> Setup {
        let login = bearer(self.token("root"));
        let mut setup = setup("rt", &self.fake.url, login);
        setup.select = Some("Change".into());
        setup.options.insert("page_size".into(), "5".into());
        setup.http.timeout = std::time::Duration::from_secs(20);
        setup
    }

    fn lean(&self) -> Setup {
        let mut setup = self.setup();
        setup.options.insert("comments".into(), "no".into());
        setup
    }

    fn chair(&self) -> Person {
        Person { login: bearer(self.token("chair")), names: &["chair", "chair@cab.test"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let found = self.found("Queue = 'Change'");
        found.iter().map(|ticket| ticket["id"].as_str().unwrap().to_owned()).collect()
    }

    fn create(&self) -> String {
        self.raise("Standard")
    }

    fn edit(&self, native: &str, title: &str) {
        self.call("root", "PUT", &format!("ticket/{native}"), Some(&json!({ "Subject": title })));
    }

    fn delete(&self, native: &str) -> bool {
        let ticket = format!("ticket/{native}");
        self.call("root", "PUT", &ticket, Some(&json!({ "Status": "deleted" })));
        // What it answers differs by version and lies besides.
        assert_eq!(self.call("root", "GET", &ticket, None)["Status"], "deleted");
        true
    }

    fn run(&self) -> Option<Run> {
        let [ready, refused] = [(); 2].map(|()| self.raise("Standard"));
        Some(Run {
            options: &[("started", "open"), ("ended", "resolved")],
            ready,
            statuses: ["open", "resolved"],
            // Answered with 200.
            refused: (refused, "working", "isn't a valid status"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        Some(Hold {
            options: [("held", "stalled"), ("thawed", "new")],
            waits: [(); 3].map(|()| self.raise("Standard")),
            statuses: ["stalled", "new", "open"],
            refused: None,
        })
    }

    fn bring(&self, native: &str, status: &str) {
        self.call("root", "PUT", &format!("ticket/{native}"), Some(&json!({ "Status": status })));
        assert_eq!(self.status(native), status);
    }

    fn status(&self, native: &str) -> String {
        self.call("root", "GET", &format!("ticket/{native}"), None)["Status"].as_str().unwrap().to_owned()
    }

    fn votable(&self) -> Option<String> {
        Some(self.raise("Normal"))
    }

    fn not_mine(&self) -> Option<String> {
        let change = self.raise("Standard");
        let body = json!({ "Queue": "___Approvals", "Type": "approval", "Subject": "only the member", "Owner": "member",
            "Content": "decide", "ContentType": "text/plain", "DependedOnBy": [change.parse::<u64>().unwrap()] });
        self.call("root", "POST", "ticket", Some(&body));
        assert!(self.approval(&change, "member").is_some(), "the world asks somebody else");
        Some(change)
    }

    fn decided_elsewhere(&self, native: &str) {
        let (approval, _) = self.approval(native, "chair").unwrap();
        self.call("chair", "PUT", &format!("ticket/{approval}"), Some(&json!({ "Status": "rejected" })));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        let (_, status) = self.approval(native, "chair")?;
        Some(match status.as_str() {
            "resolved" => ApprovalAnswer::Approved,
            "rejected" => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Requested,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let path = format!("ticket/{native}/history?fields=Type,_hyperlinks&per_page=100");
        let history = self.call("root", "GET", &path, None);
        let mut notes = Vec::new();
        for item in history["items"].as_array().unwrap() {
            if !matches!(item["Type"].as_str(), Some("Comment" | "Correspond")) {
                continue;
            }
            for link in item["_hyperlinks"].as_array().unwrap().iter().filter(|l| l["ref"] == "attachment") {
                let number = link["_url"].as_str().unwrap().rsplit('/').next().unwrap();
                let part = self.call("root", "GET", &format!("attachment/{number}"), None);
                notes.push(decoded(part["Content"].as_str().unwrap()));
            }
        }
        notes
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let body = json!({ "Content": text, "ContentType": "text/html" });
        self.call("member", "POST", &format!("ticket/{native}/comment"), Some(&body));
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/tickets")
            && asked.param("query").is_some_and(|query| query.starts_with("Queue = 'Change'"))
    }

    fn nothing(&self) -> Reply {
        Reply::json(
            200,
            &json!({ "count": 0, "total": 0, "page": 1, "pages": 0, "per_page": 10, "items": [] }),
        )
    }
}

fn decoded(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let compact: String = text.split_whitespace().collect();
    String::from_utf8(STANDARD.decode(compact).unwrap()).unwrap()
}

mod real {
    crate::conforms!(
        super::Rt,
        crate::fake::Reply::json(201, &serde_json::json!(["Comments added"])),
        ignore = "needs a real Request Tracker: .ci/servers"
    );
}
