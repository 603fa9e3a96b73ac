//! Who votes here: asked where nobody does, answered by a verb, a table of people or a form; and who acts for whom.

use crate::{
    program::Home,
    pty::{Pty, Start},
};

const CHANGES: &str = r#"{"version": 1, "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize",
    "risk": "moderate", "services": ["db-1"], "rollback_plan": "put the old one back",
    "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

fn without_seats() -> Home {
    let home = Home::new();
    home.file("changes.json", CHANGES);
    home.run("import changes.json").ok();
    home
}

#[test]
fn a_board_without_seats_asks_who_votes_wherever_one_meets_it() {
    let home = without_seats();
    let ask = "who votes here? nobody has a seat yet";
    for command in ["pending", "seats"] {
        let ran = home.run(command);
        assert!(
            ran.code == 0 && ran.err.contains(ask) && ran.err.contains("quorate seats add"),
            "{command}: {ran:?}"
        );
    }
    let doctor = home.run("doctor");
    assert!(doctor.out.contains("seats: note: ") && doctor.out.contains(ask), "{doctor:?}");
    let refused = home.run("vote CHG1 yes").fails(4);
    assert!(refused.contains("quorate seats add"), "{refused}");
    home.run("seats add ann --name Ann --login ann").ok();
    for command in ["pending", "doctor"] {
        let ran = home.run(command);
        assert!(!(ran.out.clone() + &ran.err).contains(ask), "{command}: {ran:?}");
    }
}

/// The first has the chair, who comes later votes; a round on which nobody could vote begins anew in the same commit.
#[test]
fn seats_are_given_and_taken_by_a_verb() {
    let home = without_seats();
    let said = home.run("seats add ann bob --board cab").ok();
    assert!(said.contains("on cab: ann (chair), bob (voting)"), "{said}");
    home.run("seats add cat --role observer --name Cat").ok();
    home.run("seats add bob --seat security").ok();
    let seats = home.run("seats --json").json();
    let shown: Vec<String> = seats[0]["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            format!(
                "{} {} {}",
                s["person"].as_str().unwrap(),
                s["role"].as_str().unwrap(),
                s["seat"].as_str().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(shown, ["ann chair ", "bob voting ", "cat observer ", "bob voting security"]);
    let tally = home.run("tally CHG1 --json").json();
    assert_eq!(tally["electorate"].as_array().unwrap().len(), 2, "{tally}");
    home.run("--as ann vote CHG1 yes").ok();
    assert!(home.run("--as cat vote CHG1 yes").fails(4).contains("quorate seats"));
    home.run("seats remove bob").ok();
    assert!(home.run("seats remove bob").fails(2).contains("bob holds no seat on cab"));
    assert!(
        home.run("--as ann seats add eve").fails(4).contains("only an admin"),
        "a seat is an admin's to give"
    );
    assert!(home.run("seats add eve dan --login x").fails(2).contains("one by one"));
}

/// A table of people is known by its header, adds seats and takes none.
#[test]
fn a_table_of_people_gives_seats() {
    let home = without_seats();
    home.run("seats add zoe --board changes").ok();
    home.file(
        "people.csv",
        "Login,Full name,E-mail,Role,Seat,Floor\nmortiz,Maya Ortiz,m.ortiz@example.com,Chair,,2\n\
         svarga,Sam Varga,s@example.com,member,security,3\nobs,Oz,o@example.com,king,,1\n",
    );
    let dry = home.run("import people.csv --dry-run");
    assert!(
        dry.err.contains("mortiz · Maya Ortiz · chair on changes") && dry.err.contains("not used: Floor"),
        "{dry:?}"
    );
    assert!(
        dry.out.contains("people: 3 added") && dry.out.contains("in: svarga, voting, security"),
        "{dry:?}"
    );
    let ran = home.run("import people.csv");
    assert!(ran.code == 0 && ran.err.contains("\"king\" is no role"), "{ran:?}");
    let seats = home.run("seats").ok();
    assert_eq!(seats, "changes\n  zoe, chair\n  mortiz, chair\n  svarga, voting, security\n");
    assert!(
        home.run("seats add ivy --role observer").ok().contains("`quorate open CHG1 --again`"),
        "a vote keeps its seats"
    );
    home.run("seats remove ivy").ok();
    home.run("--as zoe open CHG1 --again").ok();
    home.run("--as svarga vote CHG1 abstain").ok();
    home.file("again.csv", "login,email\nmortiz,maya@example.com\n");
    assert_eq!(home.run("import again.csv").code, 0);
    let board = home.run("export").json();
    let maya = board["people"].as_array().unwrap().iter().find(|p| p["id"] == "mortiz").unwrap();
    assert_eq!((&maya["name"], &maya["email"]), (&"Maya Ortiz".into(), &"maya@example.com".into()));
    assert_eq!(home.run("seats").ok(), seats, "who is not named keeps the seat");
}

#[test]
fn delegations_are_listed_and_revoked() {
    let home = without_seats();
    home.run("seats add ann bob").ok();
    home.run("seats add cat --role observer").ok();
    let none = home.run("delegations");
    assert!(none.code == 0 && none.err.contains("quorate delegate"), "{none:?}");
    home.run("--as ann delegate --to cat --start 2026-01-01T00:00:00Z --end 2032-01-01T00:00:00Z").ok();
    let listed = home.run("delegations").ok();
    assert!(listed.contains("cab: cat acts for ann") && listed.contains("(now)"), "{listed}");
    let row = &home.run("delegations --json").json()[0];
    assert_eq!((&row["from"], &row["to"], &row["state"]), (&"ann".into(), &"cat".into(), &"in_force".into()));
    assert!(home.run("--as bob delegations revoke ann").fails(4).contains("only the chair or an admin"));
    let said = home.run("--as ann delegations revoke").ok();
    assert!(said.contains("cat no longer acts for ann on cab"), "{said}");
    assert_eq!(home.run("delegations --json").json(), serde_json::json!([]));
    assert!(home.run("--as ann delegations revoke").fails(2).contains("no seat of ann is delegated"));
    assert!(home.run("audit verify").ok().contains("every hash holds"));
    // One that a board file brought ends as well.
    home.file(
        "ruled.json",
        r#"{"boards": [{"id": "cab", "delegations": [{"from": "ann", "to": "cat", "start": "2026-01-01T00:00:00Z", "end": "2032-01-01T00:00:00Z"}]}]}"#,
    );
    home.run("import ruled.json").ok();
    assert_eq!(home.run("delegations --json").json()[0]["state"], "in_force");
    home.run("--as ann delegations revoke --to cat").ok();
    assert_eq!(home.run("delegations --json").json(), serde_json::json!([]));
}

/// The same on screen: the queue asks, a form answers.
#[test]
fn a_form_gives_a_seat() {
    let home = without_seats();
    let db = home.path().join(".local/share/quorate/board.db").display().to_string();
    let mut pty: Pty = Start::quorate("--db").arg(&db).size(120, 40).spawn();
    pty.wait_text("Who votes here?");
    pty.keys("U").wait_text("Now nobody has a seat yet");
    pty.type_text("ann").keys("Enter Enter Enter Enter").type_text("Ann Lee");
    pty.wait_text("1 person votes on cab");
    pty.wait_text("new on the board: ann");
    // Half of it is a draft, whatever ends the program.
    pty.keys("Esc");
    pty.keys("U").wait_text("Ann Lee");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.keys("y");
    pty.wait_for("the seat is there", |screen| {
        !screen.contains("Who votes here?") && screen.contains("ann (chair)")
    });
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    assert_eq!(home.run("seats").ok(), "cab\n  ann, chair\n");
}

/// A seat is handed over, renamed and taken away where it stands in the list; the record tells what differs each time.
#[test]
fn a_seat_is_changed_on_screen_and_by_a_verb() {
    let home = without_seats();
    home.run("seats add ann bob cat").ok();
    let db = home.path().join(".local/share/quorate/board.db").display().to_string();
    let mut pty: Pty = Start::quorate("--as ann --db").arg(&db).size(80, 24).spawn();
    pty.wait_text("? help");
    // Whoever may not is told so in the list, and stays there.
    pty.keys("Alt-c").wait_text("who votes here, on which board");
    pty.keys("G Enter").wait_text("only an admin");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    let mut pty: Pty = Start::quorate("--db").arg(&db).size(80, 24).spawn();
    pty.wait_text("? help");
    pty.keys("U").wait_text("Which seat?");
    pty.wait_text("bob: voting");
    pty.keys("j j Enter").wait_text("Seat of bob on cab");
    pty.keys("Enter Space").wait_text("in: bob, observer, out: bob, voting");
    pty.keys("Left Enter").type_text("security").wait_text("no policy asks for a seat security");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.keys("y").wait_text("bob (voting for security)");
    pty.keys("U").wait_text("bob: voting, security");
    pty.keys("j Enter").wait_text("Seat of ann on cab");
    pty.keys("Down Down Down Space").wait_text("nobody is in the chair of cab");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.keys("y").wait_text("ann no longer holds the seat without a name");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    assert_eq!(home.run("seats").ok(), "cab\n  bob, voting, security\n  cat, voting\n");
    // The verb does the same.
    let said = home.run("seats edit bob --seat security --to dan --role chair").ok();
    assert!(said.contains("on cab: dan (chair for security); new on the board: dan"), "{said}");
    assert!(home.run("seats edit bob").fails(2).contains("bob does not hold a seat without a name on cab"));
    assert!(home.run("seats edit cat --rename network").ok().contains("cat (voting for network)"));
    let twice = home.run("seats edit cat --seat network --to dan --rename security").fails(2);
    assert!(twice.contains("dan holds the seat security on cab already"), "{twice}");
    assert!(home.run("seats edit cat --seat network").fails(2).contains("the seats of cab are so already"));
    home.run("seats add dan --seat network").ok();
    home.run("seats remove dan --seat network").ok();
    assert_eq!(home.run("seats").ok(), "cab\n  dan, chair, security\n  cat, voting, network\n");
    let log = home.run("audit log").ok();
    assert!(log.contains("in: dan, chair, security, out: bob, voting, security"), "{log}");
    assert!(home.run("audit verify").ok().contains("every hash holds"));
}

/// Whom the systems asked for approval can be seated in one go, by the names those give them.
#[test]
fn those_whom_systems_ask_are_given_seats() {
    let home = Home::new();
    let asked = |at: u32, item: &str, who: &str| {
        format!(r#"{{"id": "{item}#{at}", "item": "{item}", "approver": "{who}", "answer": "requested"}}"#)
    };
    let asked =
        [asked(1, "CHG1", "bob"), asked(2, "CHG1", "Jane Doe"), asked(1, "CHG2", "Jane Doe")].join(", ");
    let changes = CHANGES.replace("\"changes\": [", "\"changes\": [{\"id\": \"CHG2\", \"title\": \"x\"}, ");
    let file = changes.trim_end_matches('}').to_owned() + &format!(", \"approvals\": [{asked}]}}");
    home.file("changes.json", &file);
    home.run("import changes.json").ok();
    let said = home.run("seats").err;
    assert!(said.contains("Jane Doe (2), bob (1)") && said.contains("seats add --asked"), "{said}");
    let refused = home.run("seats add").fails(2);
    assert!(refused.contains("name people, or --asked"), "{refused}");
    let said = home.run("seats add ann --asked").ok();
    assert!(said.contains("on cab: ann (chair), Jane Doe (voting), bob (voting)"), "{said}");
    let tally = home.run("tally CHG1 --json").json();
    assert_eq!(tally["electorate"].as_array().unwrap().len(), 3, "{tally}");
}
