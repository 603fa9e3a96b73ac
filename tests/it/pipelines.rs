//! The examples of pipelines, with their shell steps run for real: against a board that is served, with a token of a pipeline.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Child, Command},
};

use serde_json::{Value, json};

use crate::program::{BIN, Home, serving};

fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

const CHANGES: [&str; 4] = ["CHG1", "CHG2", "CHG3", "CHG4"];

fn board() -> Value {
    let change = |id: &&str| {
        json!({"id": id, "title": id, "state": "authorize", "risk": "low", "owner": "bob", "services": [id], "rollback_plan": "x",
            "planned_start": at(-10), "planned_end": at(180), "steps": [{"text": "Deploy", "minutes": 5}, {"text": "Watch", "minutes": 5}]})
    };
    json!({"version": 1, "people": [{"id": "ann", "admin": true}, {"id": "bob"}, {"id": "ci"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "changes": CHANGES.iter().map(change).collect::<Vec<_>>()})
}

/// A served board on which all may go but the last, and the environment of a runner.
struct Runner {
    home: Home,
    child: Child,
    url: String,
    token: String,
}

impl Runner {
    fn start() -> Self {
        let home = Home::new();
        home.file("board.json", &board().to_string());
        home.run("--db board.db import board.json").ok();
        for change in &CHANGES[..3] {
            home.run(&format!("--db board.db --as ann vote {change} approve"));
            home.run(&format!("--db board.db --as ann close {change}"));
        }
        let made = home
            .run("--db board.db token new --json --person ci --role pipeline --scope see,gate,report")
            .json();
        let token = made["token"].as_str().unwrap().to_owned();
        let mut command = home.command();
        command.args(["--db", "board.db", "serve", "--socket", "q.sock", "--listen", "127.0.0.1:0"]);
        let (child, said) = serving(&mut command);
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
        fs::create_dir(home.path().join("bin")).unwrap();
        std::os::unix::fs::symlink(BIN, home.path().join("bin/quorate")).unwrap();
        let runner = Self { home, child, url, token };
        runner.deploys(true);
        runner
    }

    /// Whether the deployment itself works.
    fn deploys(&self, works: bool) {
        let path =
            self.home.file("deploy.sh", if works { "#!/bin/sh\nexit 0\n" } else { "#!/bin/sh\nexit 7\n" });
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a step as runners do, which stop at the first command that fails.
    fn step(&self, change: &str, script: &str, more: &[(&str, &str)]) -> std::process::Output {
        let path = format!("{}:/usr/bin:/bin", self.home.path().join("bin").display());
        let mut command = Command::new("/bin/sh");
        command.env_clear().current_dir(self.home.path()).args(["-ec", script]);
        command.env("PATH", path).env("HOME", self.home.path()).env("CHANGE", change).env("TZ", "UTC");
        command.env("QUORATE_HUB", &self.url).env("QUORATE_TOKEN", &self.token);
        command.envs(more.iter().copied()).output().unwrap()
    }

    fn run_of(&self, change: &str) -> Value {
        self.home.run(&format!("--db board.db run {change} --json")).json()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn example(name: &str) -> String {
    fs::read_to_string(format!("{}/tests/fixtures/pipelines/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The lines that are indented deeper than the line with this end, for each such line.
fn blocks(text: &str, end: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines.iter().enumerate().filter(|(_, line)| line.trim_end().ends_with(end));
    let block = |(at, line): (usize, &&str)| {
        let inside = lines[at + 1..].iter().take_while(|other| indent(other) > indent(line));
        inside.map(|other| other.trim()).collect::<Vec<_>>().join("\n")
    };
    begins.map(block).collect()
}

#[track_caller]
fn fine(output: &std::process::Output) {
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn github_actions() {
    let runner = Runner::start();
    let steps = blocks(&example("github-actions.yml"), "run: |");
    assert_eq!(steps.len(), 3);
    fine(&runner.step("CHG1", &steps[0], &[("GITHUB_RUN_ID", "77"), ("GITHUB_RUN_ATTEMPT", "1")]));
    runner.deploys(false);
    assert_eq!(runner.step("CHG1", &steps[1], &[]).status.code(), Some(7));
    fine(&runner.step("CHG1", &steps[2], &[("GITHUB_RUN_ID", "77")]));
    let run = runner.run_of("CHG1");
    assert_eq!(run["state"], "held", "the pipeline's failure holds the run: {run}");
}

#[test]
fn gitlab_ci() {
    let runner = Runner::start();
    let example = example("gitlab-ci.yml");
    let (script, after) = (&blocks(&example, " script:")[0], &blocks(&example, "after_script:")[0]);
    let plain =
        |block: &str| block.lines().map(|line| line.trim_start_matches("- ")).collect::<Vec<_>>().join("\n");
    fine(&runner.step("CHG2", &plain(script), &[("CI_JOB_ID", "9")]));
    fine(&runner.step("CHG2", &plain(after), &[("CI_JOB_ID", "9"), ("CI_JOB_STATUS", "success")]));
    let run = runner.run_of("CHG2");
    assert_eq!((&run["state"], &run["steps"][0]["state"]), (&json!("running"), &json!("done")), "{run}");
    let record = runner.home.run("--db board.db audit log --json --limit 3").ok();
    assert!(record.contains("job 9"), "{record}");
}

#[test]
fn jenkins() {
    let runner = Runner::start();
    let steps = blocks(&example("Jenkinsfile"), "sh '''");
    assert_eq!(steps.len(), 2);
    fine(&runner.step("CHG3", steps[0].trim_end_matches("'''"), &[("BUILD_TAG", "jenkins-1")]));
    assert_eq!(runner.run_of("CHG3")["steps"][0]["state"], "done");
}

/// What may not go is not deployed: the sync does not begin.
#[test]
fn argo_cd() {
    let runner = Runner::start();
    let steps = blocks(&example("argocd-presync.yaml"), "- |");
    assert_eq!(steps.len(), 1);
    let refused = runner.step("CHG4", &steps[0].replace("--wait 2h", "--wait 1s"), &[("HOSTNAME", "pod")]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stdout).contains("not approved"), "{refused:?}");
    assert_eq!(runner.run_of("CHG4")["state"], "waiting");
    fine(&runner.step("CHG3", &steps[0], &[("HOSTNAME", "pod")]));
    assert_eq!(runner.run_of("CHG3")["state"], "running");
}
