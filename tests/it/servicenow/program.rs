//! The program itself against ServiceNow: a change that is moved there, and a refresh token over many runs.

use super::{dates, *};
use crate::program::{Home, Ran};

const BOARD: &str = r#"{ "version": 1, "people": [ {"id": "chair", "email": "m.ortiz@example.com"}, {"id": "lind"} ],
  "boards": [ {"id": "cab", "seats": [ {"person": "chair", "role": "chair"}, {"person": "lind"} ]} ] }"#;

struct Program(Home, Vec<(&'static str, &'static str)>);

impl Program {
    /// With the board above, and everything there read once.
    fn new(world: &Snow, more: &str, secrets: &[(&'static str, &'static str)]) -> Self {
        let home = Home::new();
        let head =
            format!("[sources.snow]\nkind = \"servicenow\"\nrate = 0\nurl = \"{}\"\n", world.fake().url);
        home.file("snow.toml", &format!("{head}secret_env = \"SNOW\"\n{more}"));
        home.file("board.json", BOARD);
        let program = Self(home, secrets.to_vec());
        program.run("import board.json").ok();
        program.run("sync").ok();
        program
    }

    fn run(&self, arguments: &str) -> Ran {
        let mut command = self.0.command();
        command.args(["--config", self.0.path().join("snow.toml").to_str().unwrap()]);
        command.envs(self.1.iter().copied());
        Ran::of(command.args(arguments.split_whitespace()))
    }

    fn start(&self) -> String {
        let shown = self.run("show snow:CHG0001 --json").json();
        shown["record"]["planned_start"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_change_is_moved_there_and_the_board_follows() {
    let world = dates::planned(|_| ());
    let more = "user = \"quorate\"\nme = { user = \"m.ortiz\", secret_env = \"SNOW_ME\" }";
    let program = Program::new(&world, more, &[("SNOW", "pw-q"), ("SNOW_ME", "pw-m")]);
    let go = format!("--as chair move snow:CHG0001 --start {}", dates::START);
    assert!(program.run(&go).ok().contains("in snow; the board follows"));
    assert_eq!(program.start(), dates::WAS, "nothing moves until ServiceNow says so");
    let said = program.run("--as chair sync").ok();
    assert!(!said.contains("planned dates"), "it is through: {said}");
    program.run("sync").ok();
    assert_eq!(program.start(), dates::START);
    let author = world.state()["sys_journal_field"][0]["sys_created_by"].0.clone();
    assert_eq!(author, "m.ortiz", "as the person");
    let log = program.run("audit log").ok();
    assert!(
        log.contains("asked its source to move it") && log.contains("snow accepted planned dates"),
        "{log}"
    );
}

#[test]
fn where_the_settings_say_no_it_is_said_before_anything_is_recorded() {
    let world = dates::planned(|_| ());
    let more = "user = \"quorate\"\noptions = { dates = \"no\" }";
    let program = Program::new(&world, more, &[("SNOW", "pw-q")]);
    let refused = program.run(&format!("--as chair move snow:CHG0001 --start {}", dates::START)).fails(4);
    for words in ["belongs to snow", "options.dates = \"no\"", "change it in snow; the board follows"] {
        assert!(refused.contains(words), "{refused}");
    }
    assert!(!program.run("audit log").ok().contains("to move it"), "nothing is recorded");
    assert!(program.run("doctor").out.contains("planned dates stay here"));
}

#[test]
fn a_refresh_token_that_is_replaced_serves_run_after_run() {
    let world = Snow::start();
    let mut state = world.state();
    state.get_mut("oauth_entity").unwrap()[0].insert("rotate".into(), Default::default());
    drop(state);
    let more = "options = { auth = \"oauth\", client_id = \"c-1\" }";
    let program = Program::new(&world, more, &[("SNOW", "cs-1 again-quorate")]);
    program.run("sync").ok();
    program.run("sync").ok();
    assert_eq!(world.state()["oauth_refresh"].len(), 3, "one for each run that read");
    assert_eq!(program.0.path().join(".local/state/quorate/tokens").read_dir().unwrap().count(), 2);
}
