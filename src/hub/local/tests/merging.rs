//! One change that two systems tell of: one item, and a vote goes to the system that takes it.

use super::{
    scripted::{Scripted, submit},
    *,
};
use crate::{
    model::{BoardFile, SourceId, Vote},
    source::What,
    wire::WriteState,
};

struct World {
    dir: tempfile::TempDir,
    original: Scripted,
    copy: Scripted,
}

/// `snow:CHG1` takes no votes; `jira:A`, which names it in its title, does.
async fn one_change_in_two(order: [usize; 2]) -> (Hub, World) {
    let dir = tempfile::tempdir().unwrap();
    let original = Scripted::new("snow:CHG1", "Swap a disk", "put it back");
    original.system().votes = Err("it takes none");
    let copy = Scripted::new("jira:A", "CHG1, as jira has it", "as there");
    let world = World { dir, original, copy };
    let sources = order.map(|at| [&world.original, &world.copy][at].configured(true)).into();
    let (_, clock) = Hand::at(noon());
    let options = |sources| {
        let identity = Identity { login: "ana".to_owned(), owns_board: true, claimed: None, verified: false };
        Options { sources, ..Options::file(board(&world.dir), clock.clone(), identity) }
    };
    let file: BoardFile = serde_json::from_str(
        r#"{"version":1,"people":[{"id":"ana","login":"ana"},{"id":"bo"},{"id":"cy"}],
        "boards":[{"id":"cab","seats":[{"person":"ana","role":"chair"},{"person":"bo"},{"person":"cy"}]}],
        "settings":{"merging":{"copies":[{"pattern":"CHG\\d+","from":"jira","to":"snow"}]}}}"#,
    )
    .unwrap();
    let file = Box::new(file);
    let hub = open(options(Vec::new())).await.unwrap();
    submit(&hub, Command::Import { from: Line::new("board"), source: SourceId::board(), file, given: None })
        .await
        .unwrap();
    close(&hub).await;
    let hub = open(options(sources)).await.unwrap();
    until(&hub, "one item with a round", |s| {
        s.sources.iter().all(|source| source.last_ok.is_some())
            && s.activities.len() == 1
            && s.open_tally(&id("snow:CHG1")).is_some()
            && s.open_tally(&id("jira:A")).is_none()
    })
    .await;
    (hub, world)
}

async fn vote(hub: &Hub) {
    let revision = hub.snapshot.borrow().open_tally(&id("snow:CHG1")).unwrap().revision;
    let item = id("snow:CHG1");
    submit(hub, Command::Vote { item, revision, vote: Vote::Approve, comment: None, on_behalf: None })
        .await
        .unwrap();
}

async fn page(hub: &Hub, item: &str) -> crate::wire::ChangeDetail {
    let question = Question::Detail { id: id(item) };
    match ask(hub, |reply| Request::Ask { actor: asking(), question, reply }).await.unwrap() {
        Answer::Change(detail) => *detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_vote_goes_to_the_system_that_takes_it_and_a_note_to_the_original() {
    for order in [[0, 1], [1, 0]] {
        let (hub, world) = one_change_in_two(order).await;
        vote(&hub).await;
        submit(&hub, Command::Comment { item: id("snow:CHG1"), text: "well".into() }).await.unwrap();
        let sent = || [&world.original, &world.copy].map(|system| system.sent().len());
        until(&hub, "both are through", |s| sent() == [1, 1] && s.writes.is_empty()).await;
        assert!(matches!(world.copy.sent()[..], [What::Vote { approve: true, .. }]));
        assert!(matches!(world.original.sent()[..], [What::Comment { .. }]));
        let ids = [&world.original, &world.copy].map(|one| one.system().sent[0].item.to_string());
        assert_eq!(ids, ["snow:CHG1", "jira:A"]);
        for item in ["snow:CHG1", "jira:A"] {
            let page = page(&hub, item).await;
            assert_eq!((page.change.id.as_str(), page.copies.as_slice()), ("snow:CHG1", &[id("jira:A")][..]));
            assert_eq!(page.writes.len(), 2, "{:?}", page.writes);
        }
    }
}

#[tokio::test]
async fn a_vote_is_held_when_the_copy_it_goes_to_has_moved() {
    let (hub, world) = one_change_in_two([0, 1]).await;
    world.copy.system().plan = "otherwise".into();
    vote(&hub).await;
    let held = until(&hub, "held", |s| s.writes.iter().any(|row| row.state == WriteState::Held)).await;
    assert!(held.writes[0].words.contains("changed there"), "{:?}", held.writes);
    assert!(world.copy.sent().is_empty() && world.original.sent().is_empty(), "nothing was sent");
}
