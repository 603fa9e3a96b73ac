//! Standard changes by keys: what is listed, a change from a template, and what people decide about one.

use serde_json::json;

use super::{commands, desk};
use crate::{
    tui::fixture::{at, id},
    wire::{AlsoReported, Command, TemplateCommand},
};

#[test]
fn templates_say_how_they_stand_and_what_could_be_one() {
    let mut driver = desk();
    let screen = driver.keys("T").screen();
    for said in [
        "tmpl-cert",
        "approved until 2027-06-30 · 12 changes",
        "tmpl-dns",
        "CHG0029871, made from it",
        "Rotate the logs of web-03",
        "1 change went well in 180 days and none failed, on application",
    ] {
        assert!(screen.contains(said), "{said}\n{screen}");
    }
    let screen = driver.keys("j c").screen();
    assert!(screen.contains("tmpl-dns is suspended"), "nothing is made from it: {screen}");
    let screen = driver.keys("b").screen();
    assert!(!screen.contains("Put tmpl-dns before the board again"), "its round is open: {screen}");
    assert_eq!(commands(&driver), []);
}

#[test]
fn a_change_is_made_from_a_template_once_all_it_asks_for_is_there() {
    let mut driver = desk();
    let screen = driver.keys("T c").screen();
    assert!(screen.contains("Standard change: Renew a certificate"), "{screen}");
    assert!(screen.contains("locked lb-01, ep-7") && screen.contains("Put the old one back."), "{screen}");
    let screen = driver.keys("Ctrl-s").screen();
    assert!(screen.contains("tmpl-cert asks for start"), "{screen}");
    driver
        .type_text("2026-11-25 20:00")
        .keys("Enter")
        .type_text("2026-11-25 21:00")
        .keys("Enter")
        .type_text("j.lind")
        .keys("Ctrl-s");
    assert_eq!(commands(&driver), [], "it is shown once more first: {}", driver.screen());
    driver.keys("y");
    let fields = json!({"planned_start": at(2, "20:00"), "planned_end": at(2, "21:00"), "owner": "j.lind"});
    let sent = Command::Standard {
        template: id("tmpl-cert"),
        id: None,
        fields: fields.as_object().unwrap().clone(),
        also: AlsoReported::default(),
    };
    assert_eq!(commands(&driver), [sent]);
}

/// A field that the template fills in, and a person empties, is taken away: what is on screen is what is sent.
#[test]
fn what_is_emptied_is_not_as_the_template_has_it() {
    let mut driver = desk();
    driver
        .keys("T c")
        .type_text("2026-11-25 20:00")
        .keys("Enter")
        .type_text("2026-11-25 21:00")
        .keys("Enter");
    driver.type_text("j.lind").keys("Enter Enter");
    for _ in "production".chars() {
        driver.keys("Backspace");
    }
    driver.keys("Ctrl-s");
    let screen = driver.screen();
    assert!(!screen.contains("production") && screen.contains("locked lb-01, ep-7"), "{screen}");
    driver.keys("y");
    let sent = commands(&driver);
    let [Command::Standard { fields, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(fields.get("environment"), Some(&serde_json::Value::Null), "{fields:?}");
}

#[test]
fn a_template_is_suspended_with_a_reason_and_a_suggestion_proposed() {
    let mut driver = desk();
    driver.keys("T s Enter");
    assert!(driver.screen().contains("a reason is needed"), "{}", driver.screen());
    driver.type_text("the vendor changed it").keys("Enter y");
    let sent = commands(&driver);
    let [Command::Template { template, act: TemplateCommand::Suspend { reason } }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((template.as_str(), reason.as_str()), ("tmpl-cert", "the vendor changed it"));

    let mut driver = desk();
    driver.keys("T j j p");
    assert!(driver.screen().contains("Propose a standard change"), "{}", driver.screen());
    driver.type_text("90").keys("Enter");
    assert_eq!(commands(&driver), []);
    driver.keys("y");
    let sent = commands(&driver);
    let [Command::Template { act: TemplateCommand::Propose { terms }, .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(terms.review_days, Some(90));
    assert!(terms.fields.contains_key("services"), "its plan is that of the change: {terms:?}");
}
