//! The pictures of a board that is served: votes by whom the service knows, a board that is cut off, what is queued then.
//!
//! A service goes by the clock of its machine, so pictures are compared without digits and names of days and months.
//! `QUORATE_UPDATE=1 cargo test shots_served` makes them anew.

use std::fs;

use crate::{
    pty::{Pty, Start},
    served::{Service, can_be_others},
    shot,
    shots::{file, publish, settled, still},
};

const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "m.ortiz", "name": "Marta Ortiz", "login": "root"}, {"id": "k.wu", "name": "Ken Wu", "login": "bin"},
      {"id": "s.varga", "name": "Sara Varga", "login": "sys"}, {"id": "r.diaz", "name": "Rosa Diaz"}],
    "boards": [{"id": "payments", "seats": [{"person": "m.ortiz", "role": "chair"}, {"person": "k.wu"},
      {"person": "s.varga", "seat": "security"}]}],
    "policies": [{"id": "default", "board": "payments", "rule": "majority", "early_close": "off"}],
    "services": [{"id": "core-switch"}, {"id": "payments-db", "depends_on": ["core-switch"]}],
    "changes": [
      {"id": "CHG0040017", "title": "Replace the core switch in Madrid", "kind": "normal", "state": "authorize",
       "risk": "high", "owner": "r.diaz", "services": ["core-switch"],
       "implementation_plan": "Move the uplinks to the spare.\nReplace the switch.\nMove the uplinks back.",
       "rollback_plan": "The spare keeps the uplinks.", "test_plan": "Ping the gateways of each rack.",
       "planned_start": "2031-01-08T21:00:00Z", "planned_end": "2031-01-08T23:00:00Z"},
      {"id": "CHG0040018", "title": "Patch the payments database", "kind": "normal", "state": "authorize",
       "risk": "moderate", "owner": "r.diaz", "services": ["payments-db"], "rollback_plan": "Fail over to the replica.",
       "planned_start": "2031-01-08T22:00:00Z", "planned_end": "2031-01-09T00:00:00Z"},
      {"id": "CHG0040019", "title": "Renew the certificate of the gateway", "kind": "normal", "state": "authorize",
       "risk": "low", "owner": "r.diaz", "services": ["payments-db"], "rollback_plan": "The old one is good until March.",
       "planned_start": "2031-01-15T21:00:00Z", "planned_end": "2031-01-15T21:30:00Z"}]}"#;

/// A terminal of the chair.
fn terminal(service: &Service, (width, height): (u16, u16)) -> Pty {
    let start =
        Start::program(&service.file("quorate"), "").env("QUORATE_HUB", &service.hub()).env("TZ", "UTC");
    let start = start.env("XDG_STATE_HOME", &service.file("state")).env("COLORTERM", "truecolor");
    let mut terminal = start.size(width, height).spawn();
    terminal.wait_text("CHG0040017");
    terminal.keys("3").wait_text("[3 Queue");
    terminal
}

/// A picture without what a clock says.
fn undated(svg: &str) -> String {
    let names = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    names.split(' ').fold(still(svg), |svg, name| svg.replace(name, "---"))
}

/// Compares a screen with its picture, or makes it anew.
fn shown(name: &str, terminal: &Pty) {
    if std::env::var_os("QUORATE_UPDATE").is_some() {
        publish(name, &settled(terminal, shot::DARK));
        return;
    }
    let published = undated(&fs::read_to_string(file(&format!("{name}.svg"))).unwrap_or_default());
    let what = format!("{name} as published (QUORATE_UPDATE=1 makes it anew)");
    terminal.wait_for(&what, |screen| undated(&shot::svg(screen, shot::DARK)) == published);
}

#[test]
fn the_pictures_of_a_served_board_are_what_the_program_shows() {
    if !can_be_others() {
        return;
    }
    let mut service = Service::on(BOARD, "");
    service.by("bin", "vote CHG0040017 yes -m checked").ok();
    service.by("sys", "vote CHG0040017 no -m no-spare-in-Lisbon").ok();
    let wide = terminal(&service, (160, 50));
    wide.wait_for("who voted, and how that is known", |screen| {
        screen.text().matches("verified").count() >= 2
            && screen.contains("Clashes and rollback of CHG0040017")
    });
    shown("served-verified-160x50", &wide);
    drop(wide);
    let mut small = terminal(&service, (80, 24));
    small.wait_text("Tally CHG0040017");
    small.wait_quiet(std::time::Duration::from_millis(300));
    service.kill();
    small.wait_text("cut off since");
    shown("served-cut-off-80x24", &small);
    small.keys("v").wait_text("asks for a reason");
    small.keys("a").wait_text("send APPROVE");
    small.keys("y").wait_text("vote queued: you are asked for it");
    shown("served-queued-80x24", &small);
}
