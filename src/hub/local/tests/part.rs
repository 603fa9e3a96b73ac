//! One question from a part of the board: it is read where that can be told, and what the part does not know is read whole.

use super::*;
use crate::{model::SourceId, wire::Command};

pub(super) fn one(dir: &tempfile::TempDir, about: &str) -> Options {
    asks(dir, About::Item(about.to_owned()))
}

fn asks(dir: &tempfile::TempDir, about: About) -> Options {
    let about = Some(about);
    Options { about, follow: false, cache: false, read_only: true, ..options(&board(dir)) }
}

/// The server of a single command.
pub(super) fn server(options: Options) -> serve::Server {
    let (publish, _) = watch::channel(Arc::new(Snapshot::empty(noon())));
    let reads = OpenOptions { mode: crate::store::Mode::Read, ..OpenOptions::default() };
    let store = Store::open(&options.location, &reads).unwrap();
    serve::Server::open(store, options, publish, || ()).unwrap()
}

/// A board of three changes, of which two are on one service.
pub(super) async fn imported(dir: &tempfile::TempDir) {
    let file = serde_json::json!({"version": 1, "services": [{"id": "s1"}, {"id": "s2"}], "people": [{"id": "root", "login": "ana"}, {"id": "k.wu"}],
        "boards": [{"id": "cab", "seats": [{"person": "root", "role": "chair"}, {"person": "k.wu"}]}],
        "changes": [
            {"id": "A", "state": "scheduled", "services": ["s1"], "planned_start": "2026-11-25T11:00:00Z", "planned_end": "2026-11-25T13:00:00Z"},
            {"id": "B", "state": "scheduled", "services": ["s1"], "planned_start": "2026-11-25T11:00:00Z", "planned_end": "2026-11-25T13:00:00Z"},
            {"id": "C", "state": "authorize", "services": ["s2"], "planned_start": "2027-11-25T11:00:00Z", "planned_end": "2027-11-25T13:00:00Z"}]});
    let command = Command::Import {
        from: "file".into(),
        source: SourceId::board(),
        file: Box::new(serde_json::from_value(file).unwrap()),
        given: None,
    };
    let owner = Identity { login: "ana".to_owned(), owns_board: true, claimed: None, verified: false };
    let hub =
        open(Options { identity: owner, follow: false, cache: false, ..options(&board(dir)) }).await.unwrap();
    ask(&hub, |reply| Request::Submit { id: [1; 16], actor: asking(), command: Box::new(command), reply })
        .await
        .unwrap();
    close(&hub).await;
}

pub(super) fn changes(server: &serve::Server) -> usize {
    server.live.ledger.facts().changes().len()
}

#[tokio::test]
async fn a_part_is_read_where_the_index_is_of_the_board_as_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    imported(&dir).await;
    let index = dir.path().join("board.db.derived");
    assert!(index.is_file());
    for (about, read) in [("A", 2), ("C", 1), (" B ", 2), ("a", 3), ("nobody", 3)] {
        assert_eq!(changes(&server(one(&dir, about))), read, "{about}");
    }
    // Nobody wrote, but the file is another one.
    let (path, copy) = (board(&dir), dir.path().join("copy"));
    std::fs::copy(&path, &copy).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    assert_eq!(changes(&server(one(&dir, "C"))), 3);
}

#[tokio::test]
async fn what_a_part_does_not_know_is_asked_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    imported(&dir).await;
    let gate = |id: &str| Question::Gate { id: self::id(id), at: None, rollback: false, nonce: None };
    let detail = |id: &str| Question::Detail { id: self::id(id) };
    let explain = |id: &str| Question::ExplainActivity { id: self::id(id) };
    for question in [
        gate("A"),
        detail("A"),
        explain("A"),
        gate("C"),
        detail("C"),
        explain("C"),
        Question::Releases,
        Question::Delegations,
    ] {
        let (from_part, whole) = (
            open(one(&dir, "C")).await.unwrap(),
            open(Options { about: None, ..one(&dir, "C") }).await.unwrap(),
        );
        let mut answers = Vec::new();
        for hub in [&from_part, &whole] {
            let question = question.clone();
            answers.push(format!(
                "{:?}",
                ask(hub, |reply| Request::Ask { actor: asking(), question, reply }).await
            ));
            let rows = ask(hub, |reply| Request::Rows { only: crate::hub::Only::All, reply }).await.unwrap();
            answers.push(format!("{:?}", rows.activities));
            close(hub).await;
        }
        assert_eq!(answers[..2], answers[2..], "{question:?}");
    }
}

/// What a request is answered, and how many changes were read for it.
async fn answered<T>(
    options: Options,
    request: impl FnOnce(super::super::super::Reply<T>) -> Request,
) -> (usize, T) {
    let mut server = server(options);
    let (reply, answer) = oneshot::channel();
    let request = request(reply);
    if !server.is_answered_by_part(&request) {
        server.read_whole().unwrap();
    }
    let read = changes(&server);
    server.take(request);
    (read, answer.await.unwrap().unwrap())
}

#[tokio::test]
async fn a_page_and_what_waits_are_answered_by_a_part() {
    let dir = tempfile::tempdir().unwrap();
    imported(&dir).await;
    let rows = |about| async {
        answered(about, |reply| Request::Rows { only: crate::hub::Only::Waiting, reply }).await
    };
    let from_part = rows(asks(&dir, About::Waiting)).await;
    let whole = rows(Options { about: None, ..one(&dir, "A") }).await;
    assert_eq!(
        (from_part.0, whole.0),
        (2, 3),
        "with the first of all, so that no board is taken for an empty one"
    );
    let said = |snapshot: &Snapshot| {
        let waits = snapshot.activities.keys().cloned().collect::<Vec<_>>();
        (waits, format!("{:?} {:?}", snapshot.tallies, snapshot.me))
    };
    assert_eq!(said(&from_part.1), said(&whole.1));
    assert_eq!(said(&whole.1).0, [id("C")]);
    let page = |about| async {
        let question = Question::Detail { id: id("C") };
        answered(about, |reply| Request::Ask { actor: asking(), question, reply }).await
    };
    let (from_part, whole) =
        (page(one(&dir, "C")).await, page(Options { about: None, ..one(&dir, "C") }).await);
    assert_eq!((from_part.0, whole.0), (1, 3));
    assert_eq!(format!("{:?}", from_part.1), format!("{:?}", whole.1));
}
