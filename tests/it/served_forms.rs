//! Forms on a board that is served: who acts is who the kernel says, and what one person prefers is theirs alone.

use crate::{
    pty::{Pty, Start},
    served::{Service, can_be_others},
};

/// The terminal of another user of this machine.
fn terminal(service: &Service, login: &str) -> Pty {
    let who = format!("--reuid {login} --regid {login} --clear-groups");
    let pty = Start::program("/usr/bin/setpriv", &who)
        .arg(&service.file("quorate"))
        .env("QUORATE_HUB", &service.hub())
        .env("HOME", &service.file("run"))
        .size(120, 36)
        .spawn();
    pty.wait_text("Swap a disk");
    pty
}

#[test]
fn an_admin_gives_a_seat_and_a_member_is_told_who_may() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(crate::served::BOARD, "[serve]\nadmins = [\"sys\"]\n");
    let mut member = terminal(&service, "bin");
    // The board is asked while the list is there: it says so, and stays where it is.
    member.keys("U").wait_text("Which seat?");
    member.wait_text("only an admin");
    member.keys("Enter").wait_for("the list stays", |screen| screen.contains("Which seat?"));
    assert!(!service.run("seats").ok().contains("dan"));

    let mut admin = terminal(&service, "sys");
    admin.keys("U").wait_text("Which seat?");
    admin.keys("Enter").wait_text("Who votes here? A new seat");
    admin.type_text("dan").wait_text("nobody here yet");
    admin.keys("Down Down Down Down Down Down").type_text("games").wait_text("new on the board: dan");
    admin.keys("Ctrl-s").wait_text("send it");
    admin.keys("y").wait_for("the seat is given", |screen| {
        !screen.contains("A new seat") && screen.contains("dan (voting)")
    });
    assert_eq!(service.by("games", "whoami --json").json()["person"], "dan");
    assert!(service.run("seats").ok().contains("dan"));
}

#[test]
fn what_a_member_prefers_is_seen_by_nobody_else() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(crate::served::BOARD, "");
    let mut bob = terminal(&service, "bin");
    bob.keys("Alt-p").wait_text("terminal calls");
    // What is wrong is said once: beside its part where it fits, else below.
    bob.keys("Down Down Down").type_text("Nowhere/Town");
    let wrong = bob.wait_text("is no time zone");
    assert_eq!(wrong.text().matches("is no time zone").count(), 1, "{}", wrong.text());
    bob.keys("Ctrl-u").type_text("Asia/Tokyo");
    bob.keys("Ctrl-s").wait_text("send it");
    bob.keys("y").wait_text("your preferences are kept");
    bob.keys("Alt-p").wait_text("Asia/Tokyo");

    let mut cat = terminal(&service, "sys");
    let seen = cat.keys("Alt-p").wait_text("terminal calls");
    assert!(!seen.contains("Asia/Tokyo"), "{}", seen.text());
    assert!(!service.run("audit log").ok().contains("Tokyo"), "it is no event");
}
