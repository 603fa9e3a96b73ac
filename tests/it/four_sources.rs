//! Four systems, one picture: one calendar with the clashes between them, a plug that is pulled, votes that arrive.
//!
//! The program itself, over real HTTP: once against fakes, once with a real Request Tracker and a real Radicale.

use std::any::Any;

use quorate::model::ApprovalAnswer;
use serde_json::{Value, json};

use crate::{
    caldav::{Calendar, event},
    gitlab::Gitlab,
    program::{Home, Ran},
    servicenow::Snow,
    world::{Faked as _, World},
};

/// People and services as the systems call them, and what joins the names.
const BOARD: &str = r#"{ "version": 1,
  "people": [ {"id": "chair", "email": "m.ortiz@example.com", "aliases": ["c.hair", "m.ortiz", "chair@cab.test"]},
    {"id": "lind"}, {"id": "novak"} ],
  "boards": [ {"id": "cab", "seats": [ {"person": "chair", "role": "chair"}, {"person": "lind"}, {"person": "novak"} ]} ],
  "services": [ {"id": "payments", "aliases": ["acme/pay", "svc-pay"]} ] }"#;

/// A change in a system that is not the same in both tests.
struct Third {
    name: &'static str,
    settings: String,
    item: String,
    /// What it has as the chair's answer; none where it takes no votes.
    answer: Option<Box<dyn Fn() -> Option<ApprovalAnswer>>>,
    _plug: Box<dyn Any>,
}

/// When the changes are planned: one hour of tomorrow, far from the freeze, as these systems write it.
fn planned() -> [String; 2] {
    let day = (chrono::Utc::now() + chrono::TimeDelta::days(1)).date_naive();
    ["10:00:00", "11:00:00"].map(|time| format!("{day} {time}"))
}

/// A freeze around now.
fn freeze() -> String {
    let at = |hours| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%Y%m%dT%H%M%SZ");
    event("freeze@four", "Freeze of everything", &format!("DTSTART:{}\r\nDTEND:{}\r\n", at(-2), at(2)))
}

fn settings(snow: &Snow, git: &Gitlab, third: &Third, calendar: &str) -> String {
    format!(
        r#"
[sources.snow]
kind = "servicenow"
rate = 0
url = "{}"
user = "quorate"
secret_env = "SNOW"
me = {{ user = "m.ortiz", secret_env = "SNOW_ME" }}
options = {{ page_size = "2" }}
[sources.git]
kind = "gitlab"
rate = 0
url = "{}"
select = "acme/pay"
secret_env = "GIT"
me = {{ secret_env = "GIT_ME" }}
[sources.cal]
kind = "caldav"
rate = 0
url = "{calendar}"
user = "chair"
secret_env = "CAL"
windows = "freeze"
[sources.{}]
{}"#,
        snow.fake().url,
        git.fake().url,
        third.name,
        third.settings
    )
}

/// The program in a home of its own.
struct Program(Home, Vec<(String, String)>);

impl Program {
    fn run(&self, arguments: &str) -> Ran {
        let mut command = self.0.command();
        command.args(["--config", self.0.path().join("four.toml").to_str().unwrap()]);
        let secrets =
            [("SNOW", "pw-q"), ("SNOW_ME", "pw-m"), ("GIT", "glpat-board"), ("GIT_ME", "glpat-chair")];
        command.envs(secrets).env("CAL", "chair-pw-1").envs(self.1.iter().cloned());
        Ran::of(command.args(arguments.split_whitespace()))
    }

    fn rows(&self, arguments: &str) -> Vec<Value> {
        self.run(arguments).json().as_array().unwrap().clone()
    }

    fn ids(&self, arguments: &str) -> Vec<String> {
        self.rows(arguments).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The row of a rule between two activities, in whichever order they sort.
    #[track_caller]
    fn clash(&self, rule: &str, a: &str, b: &str) -> Value {
        let rows = self.rows("conflicts --json");
        let fits = |row: &&Value| {
            row["rule"] == rule
                && [&row["a"], &row["b"]].iter().all(|id| [a, b].contains(&id.as_str().unwrap()))
        };
        rows.iter().find(fits).unwrap_or_else(|| panic!("no {rule} of {a} and {b}: {rows:?}")).clone()
    }

    /// A vote of the chair, sent with the next look at the systems.
    #[track_caller]
    fn vote(&self, item: &str) {
        self.run(&format!("--as chair vote {item} approve")).ok();
        let said = self.run("--as chair sync");
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
        assert!(!said.out.contains("vote"), "every write is through: {}", said.out);
    }
}

fn one_picture(third: Third, calendar: &str, secrets: &[(&str, String)]) {
    let (snow, git) = (Snow::start(), Gitlab::start());
    let [start, end] = planned();
    snow.set("CHG0001", json!({ "start_date": start, "end_date": end, "cmdb_ci": ["ci1", "payments"] }));
    git.runs_since(126, 600);
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let program = Program(Home::new(), secrets);
    program.0.file("four.toml", &settings(&snow, &git, &third, calendar));
    program.0.file("board.json", BOARD);
    program.run("import board.json").ok();
    program.run("sync").ok();

    // One calendar, and clashes that no system sees alone.
    let [snows, deployment, running] = ["snow:CHG0001", "git:acme/pay:101", "git:acme/pay:126"];
    let shown = program.ids("changes --json");
    for id in [snows, running, &third.item] {
        assert!(shown.iter().any(|shown| shown == id), "{id} is not in {shown:?}");
    }
    let same = program.clash("C1", snows, &third.item);
    assert_eq!((&same["minutes"], &same["severity"]), (&json!(60), &json!("block")));
    let freeze = program.ids("windows --json").into_iter().find(|id| id.starts_with("cal:freeze")).unwrap();
    assert_eq!(program.clash("C3", running, &freeze)["severity"], "block");

    // A vote goes to each system that can take one, and is read back from there.
    for item in [snows, deployment, &third.item] {
        program.vote(item);
    }
    assert_eq!(snow.answer("CHG0001"), Some(ApprovalAnswer::Approved));
    assert_eq!(git.answer("acme/pay:101"), Some(ApprovalAnswer::Approved));
    let mut took = vec![snows, deployment];
    if let Some(answer) = &third.answer {
        assert_eq!(answer(), Some(ApprovalAnswer::Approved), "{}", third.name);
        took.push(&third.item);
    }
    program.run("sync").ok();
    for item in took {
        let detail = program.run(&format!("show {item} --json")).json();
        let approved =
            |asked: &Value| asked["answer"] == "approved" || asked["answer"]["value"] == "approved";
        assert!(
            detail["approvals"].as_array().unwrap().iter().any(approved),
            "{item}: {}",
            detail["approvals"]
        );
    }

    // One plug is pulled: its age is shown, and nothing is hidden.
    let before = (program.ids("changes --json"), program.rows("conflicts --json").len());
    drop(snow);
    let ran = program.run("sync --json");
    assert_eq!(ran.code, 3, "{ran:?}");
    let health: Value = serde_json::from_str(&ran.out).unwrap();
    for source in health.as_array().unwrap() {
        let down = source["id"] == "snow";
        assert_eq!(source["state"], if down { "down" } else { "fresh" }, "{source}");
        assert!(source["last_ok"].is_string() && source["down_since"].is_string() == down, "{source}");
    }
    assert_eq!((program.ids("changes --json"), program.rows("conflicts --json").len()), before);
    program.clash("C1", snows, &third.item);
}

/// The third system is Redmine, which takes no votes: the board keeps them, and nothing is sent there.
#[test]
fn four_systems_are_one_picture() {
    let redmine = crate::redmine::Strict::start();
    let [start, end] = planned();
    let field = |name: &str, value: &str| json!({ "id": 1, "name": name, "value": value });
    let fields =
        [field("Planned Start", &start), field("Planned End", &end), field("Affected Services", "svc-pay")];
    let mut number = 0;
    redmine.with(|state| number = state.raise(&json!({ "custom_fields": fields })));
    let calendar = crate::caldav::Server::start();
    calendar.put("freeze", &freeze());
    let url = calendar.setup().address;
    let settings = format!(
        "kind = \"redmine\"\nrate = 0\nurl = \"{}\"\nselect = \"change\"\nsecret_env = \"RED\"",
        redmine.fake().url
    );
    let third = Third {
        name: "red",
        settings,
        item: format!("red:{number}"),
        answer: None,
        _plug: Box::new(redmine),
    };
    one_picture(third, &url, &[("RED", "source-key".to_owned())]);
}

mod real {
    use super::*;
    use crate::rt::Rt;

    #[test]
    #[ignore = "needs a real Request Tracker and a real Radicale: .ci/servers"]
    fn four_systems_are_one_picture() {
        let tracker = Rt::start();
        let native = tracker.raise("Normal");
        let [start, end] = planned();
        // As the chair, whose zone there is UTC: times are read in the zone of who writes them.
        let fields = json!({ "CustomFields": { "Planned Start": start, "Planned End": end, "Affected Services": ["svc-pay"] } });
        tracker.call("chair", "PUT", &format!("ticket/{native}"), Some(&fields));
        let calendar = crate::caldav::Radicale::start();
        calendar.put("freeze", &freeze());
        let url = calendar.setup().address;
        let secrets =
            [("RT", tracker.token("root").to_owned()), ("RT_ME", tracker.token("chair").to_owned())];
        let settings = format!(
            "kind = \"request_tracker\"\nrate = 0\nurl = \"{}\"\nselect = \"Change\"\nsecret_env = \"RT\"\nme = {{ secret_env = \"RT_ME\" }}",
            tracker.fake().url
        );
        let item = format!("rt:{native}");
        let answer = move || tracker.answer(&native);
        let third = Third { name: "rt", settings, item, answer: Some(Box::new(answer)), _plug: Box::new(()) };
        one_picture(third, &url, &secrets);
    }
}
