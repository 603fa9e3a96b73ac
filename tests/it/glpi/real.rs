//! The suite against a real GLPI that somebody runs: `QUORATE_GLPI` is its address (its REST API takes logins with
//! passwords), `QUORATE_GLPI_LOGINS` a file of `name password` lines: `glpi`, who may do everything, `cab-bot` for the
//! board, `chair` and `member`.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::shown;
use crate::{
    real::{Got, ask, told},
    world::*,
};

pub struct Real {
    fake: Fake,
    url: String,
    logins: BTreeMap<String, String>,
}

impl Real {
    /// One request in a session of its own.
    fn answer_to(&self, who: &str, method: &str, path: &str, input: Option<&Value>) -> Got {
        let basic = format!("Basic {}", STANDARD.encode(format!("{who}:{}", self.logins[who])));
        let base = format!("{}/apirest.php", self.url);
        let opened =
            ask("GET", &format!("{base}/initSession"), &[("authorization", &basic)], None).ok().json();
        let session = ("session-token", opened["session_token"].as_str().unwrap());
        let body = input.map(|input| json!({ "input": input }).to_string());
        let json = ("content-type", "application/json");
        let got = ask(method, &format!("{base}/{path}"), &[session, json], body.as_deref());
        ask("GET", &format!("{base}/killSession"), &[session], None);
        got
    }

    fn call(&self, who: &str, method: &str, path: &str, input: Option<&Value>) -> Value {
        self.answer_to(who, method, path, input).ok().json()
    }

    fn get(&self, path: &str) -> Value {
        self.call("glpi", "GET", path, None)
    }

    fn number_of(&self, who: &str) -> u64 {
        self.call(who, "GET", "getFullSession", None)["session"]["glpiID"].as_u64().unwrap()
    }

    fn raised(&self, status: i64) -> String {
        let input = json!({ "name": "A change of a test", "content": "<p>why</p>", "status": status });
        self.call("glpi", "POST", "Change", Some(&input))["id"].to_string()
    }

    /// A change in approval that asks these.
    fn asking(&self, whom: &[&str]) -> String {
        let native = self.raised(10);
        for who in whom {
            let user = self.number_of(who);
            // As version 10 names whom it asks, and as 11 does.
            let input = json!({ "changes_id": native.parse::<u64>().unwrap(), "users_id_validate": user,
                "itemtype_target": "User", "items_id_target": user });
            self.call("glpi", "POST", "ChangeValidation", Some(&input));
        }
        native
    }

    fn validation(&self, native: &str, who: &str) -> Option<(u64, i64)> {
        let user = self.number_of(who);
        let all = self.get(&format!("Change/{native}/ChangeValidation"));
        let one = all.as_array().unwrap().iter().find(|row| row["users_id_validate"] == user)?;
        Some((one["id"].as_u64()?, one["status"].as_i64()?))
    }
}

impl Faked for Real {
    fn fake(&self) -> &Fake {
        &self.fake
    }
}

impl World for Real {
    const KIND: SourceKind = SourceKind::Glpi;

    fn start() -> Self {
        let url = told("QUORATE_GLPI");
        let logins = std::fs::read_to_string(told("QUORATE_GLPI_LOGINS")).unwrap();
        let pair = |line: &str| line.split_once(' ').map(|(name, word)| (name.to_owned(), word.to_owned()));
        let world = Self { fake: Fake::before(&url), logins: logins.lines().filter_map(pair).collect(), url };
        for _ in world.changes().len()..12 {
            world.raised(9);
        }
        // What hangs on changes is read of those that are still to be decided or done.
        world.bring(world.changes().first().unwrap(), "9");
        world
    }

    fn setup(&self) -> Setup {
        let mut setup = setup("glpi", &self.fake.url, password("cab-bot", &self.logins["cab-bot"]));
        let told = self.call("cab-bot", "GET", "getFullSession", None)["session"]["glpi_currenttime"].take();
        let there =
            chrono::NaiveDateTime::parse_from_str(told.as_str().unwrap(), "%Y-%m-%d %H:%M:%S").unwrap();
        let near = |zone: &&str| {
            let here = Zone::named(zone).unwrap().local(quorate::model::Instant::from_secs(now()));
            (there - here).num_minutes().abs() < 10
        };
        let zone = ["UTC", "Asia/Kolkata", "Europe/Paris", "Europe/Berlin"].into_iter().find(near);
        setup.zone = Zone::named(zone.unwrap_or_else(|| panic!("in which zone is it {there} now?"))).unwrap();
        setup.options.insert("page_size".into(), "5".into());
        setup.http.timeout = std::time::Duration::from_secs(20);
        setup
    }

    fn chair(&self) -> Person {
        Person { login: password("chair", &self.logins["chair"]), names: &["chair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let all = self.get("Change?range=0-9999");
        all.as_array().unwrap().iter().map(|one| one["id"].to_string()).collect()
    }

    fn create(&self) -> String {
        self.raised(9)
    }

    fn edit(&self, native: &str, title: &str) {
        self.call("glpi", "PUT", &format!("Change/{native}"), Some(&json!({ "name": title })));
    }

    fn delete(&self, native: &str) -> bool {
        self.call("glpi", "DELETE", &format!("Change/{native}"), None);
        true
    }

    fn run(&self) -> Option<Run> {
        Some(Run {
            options: &[("started", "12"), ("ended", "8")],
            ready: self.raised(7),
            statuses: ["12", "8"],
            refused: (self.raised(10), "77", "GLPI has no status"),
        })
    }

    fn hold(&self) -> Option<Hold> {
        Some(Hold {
            options: [("held", "Pending"), ("thawed", "accepted")],
            waits: [(); 3].map(|()| self.raised(7)),
            statuses: ["4", "7", "12"],
            refused: None,
        })
    }

    fn bring(&self, native: &str, status: &str) {
        let input = json!({ "status": status.parse::<i64>().unwrap() });
        self.call("glpi", "PUT", &format!("Change/{native}"), Some(&input));
        assert_eq!(self.status(native), status);
    }

    fn status(&self, native: &str) -> String {
        self.get(&format!("Change/{native}"))["status"].to_string()
    }

    fn votable(&self) -> Option<String> {
        Some(self.asking(&["chair", "member"]))
    }

    fn not_mine(&self) -> Option<String> {
        Some(self.asking(&["member"]))
    }

    fn decided_elsewhere(&self, native: &str) {
        let (validation, _) = self.validation(native, "chair").unwrap();
        let input = json!({ "status": 4, "comment_validation": "no" });
        self.call("chair", "PUT", &format!("ChangeValidation/{validation}"), Some(&input));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        Some(match self.validation(native, "chair")?.1 {
            2 => ApprovalAnswer::Requested,
            3 => ApprovalAnswer::Approved,
            4 => ApprovalAnswer::Rejected,
            _ => ApprovalAnswer::Unknown,
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let all = self.get(&format!("Change/{native}/ITILFollowup"));
        let texts = all.as_array().unwrap().iter().map(|one| one["content"].as_str().unwrap());
        let plain = |html: String| if html.contains("[quorate ") { shown(&html) } else { html };
        texts.map(|text| plain(markup::decoded(text))).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let input = json!({ "itemtype": "Change", "items_id": native.parse::<u64>().unwrap(), "content": format!("<p>{text}</p>") });
        self.call("member", "POST", "ITILFollowup", Some(&input));
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/apirest.php/Change"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!([]))
    }
}

crate::conforms!(
    Real,
    Reply::json(201, &json!({ "id": 1, "message": "" })),
    ignore = "needs a real GLPI: QUORATE_GLPI"
);
