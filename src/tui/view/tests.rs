//! What the screens look like: the pictures of the design, drawn from the story.

use crate::tui::{app::Driver, fixture::story};

#[test]
#[ignore = "prints the screens, for looking at them"]
fn look() {
    let size = std::env::var("LOOK_SIZE").unwrap_or_else(|_| "80x24".to_owned());
    let keys = std::env::var("LOOK_KEYS").unwrap_or_default();
    let (width, height) = size.split_once('x').unwrap();
    let mut driver = Driver::new(story(), width.parse().unwrap(), height.parse().unwrap());
    driver.keys(&keys).rest();
    let screen = driver.screen();
    std::fs::write(std::env::var("LOOK_OUT").unwrap_or_else(|_| "/tmp/look.txt".to_owned()), screen).unwrap();
}
