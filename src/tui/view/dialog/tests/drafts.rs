//! What is half written, and left: there again when its dialog is opened.

use super::{commands, desk};
use crate::wire::Command;

/// Why something is done is a draft until it is sent: the dialog of the same act on the same item has it again, no other.
#[test]
fn a_reason_that_is_half_written_is_there_again() {
    let mut driver = desk();
    driver.keys("d f").type_text("the vendor is late").keys("Esc");
    driver.keys("d a");
    assert!(!driver.screen().contains("the vendor is late"), "{}", driver.screen());
    driver.keys("Esc");
    driver.keys("d f");
    assert!(driver.screen().contains("the vendor is late"), "{}", driver.screen());
    assert_eq!(commands(&driver), []);
    driver.keys("Enter").rest();
    driver.keys("y");
    let sent = commands(&driver);
    assert!(
        matches!(&sent[..], [Command::Defer { reason, .. }] if reason.as_str() == "the vendor is late"),
        "{sent:?}"
    );
    driver.keys("d f");
    assert!(!driver.screen().contains("the vendor is late"), "it is on its way: {}", driver.screen());
}
