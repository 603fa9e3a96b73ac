//! The open terminal as the sender: whoever has the board before them, with an account in their settings, does nothing more
//! than vote.

use super::*;
use crate::pty::{Pty, Start};

impl<W: World> Board<W> {
    /// A terminal of ann on the page of the change; `mine` are her settings, where she has any.
    pub(super) fn terminal(&self, mine: Option<&str>) -> Pty {
        self.terminal_of("daemon", mine)
    }

    /// A terminal of another user of this machine.
    fn terminal_of(&self, login: &str, mine: Option<&str>) -> Pty {
        let who = format!("--reuid={login} --regid={login} --clear-groups");
        let mut start = Start::program("/usr/bin/setpriv", &who).arg(&self.service.file("quorate"));
        if let Some(mine) = mine {
            start = start.arg("--config").arg(mine);
        }
        let secret = account(&self.world.chair().login).1;
        let start = start.env("QUORATE_HUB", &self.service.hub()).env("MINE", &secret);
        start.size(120, 36).spawn()
    }
}

/// Votes for what is selected, and waits until that is done.
fn votes(terminal: &mut Pty) {
    terminal.keys("v").wait_text("asks for a reason");
    terminal.keys("a").wait_text("send APPROVE");
    terminal.keys("y");
    let cast = |row: &String| row.trim_start().starts_with("Y snow:");
    terminal.wait_for("the vote is in", |screen| screen.rows().iter().any(cast));
}

#[test]
fn an_open_terminal_writes_the_vote_that_is_cast_in_it() {
    if !can_be_others() {
        return;
    }
    let board = Board::<Snow>::start("servicenow");
    let before = board.sent();
    let settings = board.mine("servicenow", 20);
    let mut terminal = board.terminal(Some(&settings));
    terminal.wait_text("to vote");
    votes(&mut terminal);
    board.until("it is through", |board| board.state() == "accepted");
    assert_eq!(board.world.answer(&board.native), Some(ApprovalAnswer::Approved));
    assert_eq!(board.sent(), before + 1, "sent once");
    let screen = terminal.screen();
    assert!(!screen.contains("for your account"), "nothing waits: {}", screen.text());
    terminal.keys("q");
    assert!(terminal.wait_exit().success());
}

/// A vote that waits since before is told of where no account is named, and goes by itself where one is: once, although two
/// terminals of its person are open and a third session asks for it.
#[test]
fn a_vote_that_waited_goes_once_a_terminal_with_the_account_is_open() {
    if !can_be_others() {
        return;
    }
    let board = Board::<Snow>::start("servicenow");
    let before = board.sent();
    board.vote("yes");
    let without = board.terminal(None);
    without.wait_text("1 vote waits for your account");
    assert_eq!((board.state().as_str(), board.sent()), ("queued", before));
    let settings = board.mine("servicenow", 20);
    let terminals = [(); 2].map(|()| board.terminal(Some(&settings)));
    board.with_account("daemon", &settings, "sync");
    board.until("it is through", |board| board.state() == "accepted");
    assert_eq!(board.sent(), before + 1, "sent once");
    // The one without an account hears of it as anybody does.
    without.wait_for("nothing waits", |screen| !screen.contains("for your account"));
    drop(terminals);
}

#[test]
fn a_vote_that_waits_is_given_up_in_a_terminal_by_who_may() {
    if !can_be_others() {
        return;
    }
    let board = Board::<Snow>::start("servicenow");
    board.vote("yes");
    let mut other = board.terminal_of("bin", None);
    other.wait_text("to vote");
    other.keys("Alt-w").wait_text("only ann or an admin gives up the vote of ann");
    let mut admin = board.terminal_of("mail", None);
    admin.wait_text("1 vote waits for its person");
    admin.keys("Alt-w").wait_text("Give up writing the vote of ann on");
    admin.keys("Enter").wait_text("reason");
    assert!(!admin.screen().contains("send it"), "a reason is needed: {}", admin.screen().text());
    admin.keys("Esc");
    let mut terminal = board.terminal(None);
    terminal.wait_text("1 vote waits for your account");
    // The cursor is on what waits for a vote of hers; this one is above it.
    terminal.keys("k Enter").wait_text("[Plans 0]");
    terminal.keys("Shift-Tab").wait_text("vote yes of ann: queued since");
    terminal.keys("Alt-w").wait_text("A reason may be left out");
    terminal.keys("Enter").wait_text("send it");
    terminal.keys("y");
    terminal.wait_for("nothing waits", |screen| !screen.contains("for your account"));
    admin.wait_for("nothing waits", |screen| !screen.contains("for its person"));
    let row = board.writes().pop().unwrap();
    assert_eq!(
        (&row["state"], &row["words"]),
        (&"refused".into(), &"given up by ann; never written there".into())
    );
}
