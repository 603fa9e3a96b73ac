//! The open terminal as the sender: whoever has the board before them, with an account in their settings, does nothing more
//! than vote.

use super::*;
use crate::pty::{Pty, Start};

impl<W: World> Board<W> {
    /// A terminal of ann on the page of the change; `mine` are her settings, where she has any.
    fn terminal(&self, mine: Option<&str>) -> Pty {
        let daemon = "--reuid=daemon --regid=daemon --clear-groups";
        let mut start = Start::program("/usr/bin/setpriv", daemon).arg(&self.service.file("quorate"));
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
