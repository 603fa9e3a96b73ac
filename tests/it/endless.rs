//! Lists that are read to their end within one answer of ours, on servers where they have none: every adapter gives up,
//! or says that more is there than it reads. iTop, Redmine and calendars have no such lists: what hangs on a record comes
//! with it, whole.

use crate::{rt::strict, world::*};

/// More pages than any list is read by.
const FAR: usize = 600;

/// A list: its name, which requests ask for a page of it, and the page of a number, which promises a next one.
type List = (&'static str, fn(&Asked) -> bool, fn(usize) -> Reply);

/// Reads on a server where such a list does not end, and again where it does.
fn gives_up<W: World>((name, asks, page): List) {
    for repeats in [false, true] {
        let world = W::start();
        for number in 0..FAR {
            world.fake().fault(asks, Fault::Instead(page(if repeats { 7 } else { number })));
        }
        let mut reader = Reader::of(&world);
        let read = reader.read();
        let asked = world.fake().seen().iter().filter(|one| asks(one)).count();
        assert!(asked > 1, "{name}: the list is asked for, and its next page: {asked}");
        assert!(asked < FAR && world.fake().faults_left() > 0, "{name}: it goes on for ever");
        match &read {
            Err(error) => assert!(error.message.len() > 20, "{name}: {error}"),
            Ok(()) => assert!(!reader.warnings.is_empty(), "{name}: what is not read is said"),
        }
        world.fake().no_more_faults();
        let mut reader = Reader::of(&world);
        reader.read().unwrap_or_else(|error| panic!("{name}, once it ends: {error}"));
        assert_eq!(reader.natives(), world.changes(), "{name}, once it ends");
    }
}

fn ends(asked: &Asked, path: &str) -> bool {
    !asked.is_write() && asked.path.ends_with(path)
}

/// So many rows of a page, each by its number.
fn rows(page: usize, size: usize, row: impl Fn(usize) -> Value) -> Vec<Value> {
    (page * size..(page + 1) * size).map(row).collect()
}

fn linked(body: &Value) -> Reply {
    Reply::json(200, body).header("link", "<https://elsewhere.invalid/?page=2>; rel=\"next\"")
}

#[test]
fn freshservice_gives_up() {
    for list in [
        (
            "notes",
            (|a| ends(a, "/notes")) as fn(&Asked) -> bool,
            (|n| {
                let note = |id: usize| json!({ "id": id, "user_id": 70, "body_text": "talk", "created_at": ago(60) });
                linked(&json!({ "notes": rows(n, 2, note) }))
            }) as fn(usize) -> Reply,
        ),
        (
            "approvals",
            |a| ends(a, "/approvals"),
            |n| linked(&json!({ "approvals": rows(n, 2, |id| json!({ "id": id, "approver_name": "x" })) })),
        ),
        (
            "agents",
            |a| ends(a, "/agents"),
            |n| {
                linked(
                    &json!({ "agents": rows(n, 2, |id| json!({ "id": id + 1000, "email": format!("{id}@x") })) }),
                )
            },
        ),
    ] {
        gives_up::<crate::freshservice::Fresh>(list);
    }
}

#[test]
fn request_tracker_gives_up() {
    for list in [
        (
            "approvals",
            (|a| ends(a, "/tickets") && a.param("query").is_some_and(|query| query.contains("DependedOnBy")))
                as fn(&Asked) -> bool,
            (|n| {
                Reply::json(
                    200,
                    &json!({ "items": rows(n, 2, |id| json!({ "id": (id + 100).to_string() })) }),
                )
            }) as fn(usize) -> Reply,
        ),
        (
            "messages",
            |a| ends(a, "/history"),
            |n| {
                let other = |id: usize| json!({ "id": id.to_string(), "Type": "Set", "Created": ago(60) });
                Reply::json(200, &json!({ "items": rows(n, 100, other) }))
            },
        ),
    ] {
        gives_up::<strict::Strict>(list);
    }
}

#[test]
fn servicenow_gives_up() {
    let asks: fn(&Asked) -> bool = |a| ends(a, "/table/task_ci");
    let page: fn(usize) -> Reply = |n| {
        let row = |id: usize| json!({ "sys_id": format!("{id:032x}"), "task": "x", "ci_item": "y" });
        linked(&json!({ "result": rows(n, 2, row) }))
    };
    gives_up::<crate::servicenow::Snow>(("services", asks, page));
}

#[test]
fn servicedesk_plus_gives_up() {
    fn page(key: &str, n: usize) -> Reply {
        let status = json!([{ "status_code": 2000, "status": "success" }]);
        let found = rows(n, 2, |id| json!({ "id": id.to_string() }));
        Reply::json(
            200,
            &json!({ key: found, "list_info": { "has_more_rows": true }, "response_status": status }),
        )
    }
    for list in [
        (
            "levels",
            (|a| ends(a, "/approval_levels")) as fn(&Asked) -> bool,
            (|n| page("approval_levels", n)) as fn(usize) -> Reply,
        ),
        ("notes", |a| ends(a, "/notes"), |n| page("notes", n)),
    ] {
        gives_up::<crate::servicedesk_plus::Plus>(list);
    }
}

#[test]
fn jira_gives_up() {
    for list in [
        (
            "approvals",
            (|a| ends(a, "/approval")) as fn(&Asked) -> bool,
            (|n| {
                let step =
                    |id: usize| json!({ "id": id.to_string(), "finalDecision": "pending", "approvers": [] });
                Reply::json(200, &json!({ "values": rows(n, 2, step), "isLastPage": false }))
            }) as fn(usize) -> Reply,
        ),
        (
            "comments",
            |a| ends(a, "/comment"),
            |n| {
                let comments = rows(n, 2, |id| json!({ "id": id.to_string(), "body": "x" }));
                Reply::json(200, &json!({ "comments": comments, "total": 1_000_000 }))
            },
        ),
    ] {
        gives_up::<crate::jira::Jira<false>>(list);
        gives_up::<crate::jira::Jira<true>>(list);
    }
}

#[test]
fn motadata_gives_up() {
    let asks: fn(&Asked) -> bool = |a| a.path.ends_with("/conversation/search/byqual");
    let page: fn(usize) -> Reply = |n| {
        let talk =
            |id: usize| json!({ "id": id + 1, "details": "talk", "createdTime": 1_795_000_000_000_u64 });
        Reply::json(200, &json!({ "objectList": rows(n, 4, talk), "totalCount": 1_000_000 }))
    };
    gives_up::<crate::motadata::Motadata>(("conversations", asks, page));
}

#[test]
fn glpi_gives_up() {
    let asks: fn(&Asked) -> bool = |a| ends(a, "/ITILFollowup") && a.path.contains("/Change/");
    let page: fn(usize) -> Reply = |n| Reply::json(206, &json!(rows(n, 1000, |id| json!({ "id": id }))));
    gives_up::<crate::glpi::Glpi<10>>(("followups", asks, page));
}

#[test]
fn forges_give_up() {
    let page: fn(usize) -> Reply = |n| linked(&json!(rows(n, 100, |id| json!({ "id": id, "body": "talk" }))));
    let asks: fn(&Asked) -> bool = |a| ends(a, "/comments");
    gives_up::<crate::github::Github>(("comments", asks, page));
    let asks: fn(&Asked) -> bool = |a| ends(a, "/notes");
    gives_up::<crate::gitlab::Gitlab>(("notes", asks, page));
}
