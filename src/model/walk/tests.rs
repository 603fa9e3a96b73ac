//! What is read of a tree is what JSON itself reads, and what is wrong has its place.

use std::collections::BTreeMap;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Thing {
    name: String,
    note: Option<String>,
    count: u8,
    parts: Vec<Part>,
    by_number: BTreeMap<u32, Shape>,
    pair: (u8, u8),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Part {
    id: u32,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Point,
    Circle(f64),
    Box { wide: u8 },
}

#[test]
fn what_is_read_is_what_json_itself_reads() {
    for text in [
        r#"{}"#,
        r#"{"name":"a \"b\" \u00e9","note":null,"count":3,"parts":[{"id":1},{"id":4294967295}],"pair":[1,2]}"#,
        r#"{"by_number":{"7":"point","8":{"circle":2},"9":{"circle":-2.5},"10":{"box":{"wide":1}},"11":{"point":null}}}"#,
    ] {
        let (read, unknown) = super::read::<Thing>(&Node::of_json(text).unwrap(), false).unwrap();
        assert_eq!((read, unknown), (serde_json::from_str(text).unwrap(), vec![]), "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_by_its_path_its_line_and_the_words_json_has() {
    // text; path; line
    for (text, path, line) in [
        ("[\n1]", "[0]", 2),
        ("{\"count\":\n300}", "count", 2),
        ("{\"parts\":[{\"id\":1},\n{\n\"name\":2\n}]}", "parts[1]", 4),
        ("{\"parts\":[{\"id\":1},\n{\"id\":\n\"x\"}]}", "parts[1].id", 3),
        ("{\"name\":null}", "name", 1),
        ("{\"name\":\"a\",\n\"name\":\"b\"}", "", 2),
        ("{\"pair\":[1,\n2,3]}", "pair", 2),
        ("{\"by_number\":{\"x\":\"point\"}}", "by_number.x", 1),
        ("{\"by_number\":{\"1\":\"oval\"}}", "by_number.1", 1),
        ("{\"by_number\":{\"1\":\n{\"box\":\n{\"wide\":true}}}}", "by_number.1.box.wide", 3),
    ] {
        let wrong = super::read::<Thing>(&Node::of_json(text).unwrap(), false).expect_err(text);
        let at = 1 + text[..offset(text, &wrong)].matches('\n').count();
        assert_eq!((shown(&wrong.path).as_str(), at), (path, line), "{text}: {wrong:?}");
        let theirs = serde_json::from_str::<Thing>(text).expect_err(text).to_string();
        let same = theirs.starts_with(&wrong.message) || text.contains("pair") || text.contains("\"x\":");
        assert!(same, "{text}: {} and {theirs}", wrong.message);
    }
}

#[test]
fn what_nobody_asked_for_is_told_and_a_null_is_passed_over_where_it_may_be() {
    let text = r#"{"colour":1,"parts":[{"id":1,"a/b":{"x":1}}],"name":null,"shade":null}"#;
    let node = Node::of_json(text).unwrap();
    assert!(super::read::<Thing>(&node, false).is_err());
    let (_, unknown) = super::read::<Thing>(&node, true).unwrap();
    assert_eq!(unknown, ["/colour", "/parts/0/a~1b"]);
}
