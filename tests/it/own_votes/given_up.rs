//! A vote that waits for its person's own account is given up: by that person, or by an admin who says why. It counts as
//! before, and is sent no more, whatever account comes later.

use super::*;

impl Board<Snow> {
    /// The service ends, and is there again with other settings.
    fn served_with(&mut self, settings: &str) {
        self.service.stop();
        self.service.home.file("serve.toml", settings);
        self.service.start_again();
    }

    /// Nothing goes to the system although ann's account is there now, and the record says so.
    fn stays_here(&self, by: &str, before: usize) {
        let settings = self.mine("servicenow", 20);
        self.with_account("daemon", &settings, "sync").ok();
        let row = self.writes().pop().unwrap();
        assert_eq!((&row["state"], &row["words"]), (&"refused".into(), &by.into()));
        assert_eq!((self.sent(), self.world.answer(&self.native)), (before, Some(ApprovalAnswer::Requested)));
        let log = self.by("sys", "audit log").ok();
        assert!(log.contains("gave up writing the vote of ann to snow"), "{log}");
        assert!(log.contains("it counts here and was never written there"), "{log}");
        assert!(self.by("sys", "audit verify").ok().contains("every hash holds"));
        assert_eq!(self.by("sys", "own-votes --json").json(), json!([]));
    }
}

#[test]
fn a_vote_that_waits_is_given_up_by_its_person() {
    if !can_be_others() {
        return;
    }
    let board = Board::<Snow>::start("servicenow");
    let before = board.sent();
    board.vote("yes");
    let give_up = format!("own-votes give-up {}", board.id);
    for login in ["daemon", "bin", "mail"] {
        let listed = board.by(login, "own-votes").out;
        assert!(listed.contains(&format!("{}: vote yes of ann to snow, since ", board.id)), "{listed}");
    }
    for login in ["mail", "bin"] {
        let doctor = board.by(login, "doctor").out;
        assert!(doctor.contains("1 vote of ann waits to be written to snow since"), "{login}: {doctor}");
    }
    let refused = board.by("bin", &format!("{give_up} --of ann -m no")).fails(4);
    assert!(refused.contains("only ann or an admin gives up their vote"), "{refused}");
    let refused = board.by("bin", &give_up).fails(2);
    assert!(refused.contains("no vote of bob on"), "{refused}");
    let refused = board.by("mail", &format!("{give_up} --of ann")).fails(2);
    assert!(refused.contains("given up for a reason, and none is said"), "{refused}");
    assert_eq!(board.state(), "queued");
    // Who has named an account is not told to.
    let settings = board.mine("servicenow", 20);
    let doctor = board.with_account("daemon", &settings, "doctor").out;
    assert!(
        doctor.contains("it is sent while quorate is open") && !doctor.contains("name no account"),
        "{doctor}"
    );
    let said = board.by("daemon", &give_up).ok();
    assert!(said.contains("is not written to snow; it counts here"), "{said}");
    let again = board.by("daemon", &give_up).fails(2);
    assert!(again.contains("no vote of ann on"), "{again}");
    assert_eq!(board.by("sys", &format!("tally {} --json", board.id)).json()["yes"], 1);
    board.stays_here("given up by ann; never written there", before);
}

#[test]
fn a_vote_to_a_source_that_is_configured_no_more_can_be_ended() {
    if !can_be_others() {
        return;
    }
    let mut board = Board::<Snow>::start("servicenow");
    let before = board.sent();
    board.vote("no -m late");
    let settings = of_service(&board.world, "servicenow", board._secrets.path());
    board.served_with("");
    let gone = "snow is no source of this board any more";
    for login in ["daemon", "mail"] {
        let doctor = board.by(login, "doctor").out;
        let line = doctor.lines().find(|line| line.contains("own votes")).unwrap_or_default();
        assert!(line.contains(gone) && line.contains("quorate own-votes"), "{login}: {doctor}");
    }
    let screen = board.terminal(None);
    screen.wait_text("1 vote cannot be written");
    let id = &board.id;
    board.by("mail", &format!("own-votes give-up {id} --of ann -m decommissioned")).ok();
    assert!(!board.by("daemon", "doctor").out.contains("own votes"));
    screen.wait_for("nothing waits", |screen| !screen.contains("cannot be written"));
    drop(screen);
    // It is not sent should the source come again.
    board.served_with(&settings);
    board.stays_here("given up by dan: decommissioned; never written there", before);
}
