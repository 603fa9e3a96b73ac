//! One question from a part of the board: it is read where that can be told, and what the part does not know is read whole.

use super::*;
use crate::{model::SourceId, wire::Command};

fn one(dir: &tempfile::TempDir, about: &str) -> Options {
    let about = Some(about.to_owned());
    Options { about, follow: false, cache: false, read_only: true, ..options(&board(dir)) }
}

/// The server of a single command.
fn server(options: Options) -> serve::Server {
    let (publish, _) = watch::channel(Arc::new(Snapshot::empty(noon())));
    let store = Store::open(&options.location, &OpenOptions::default()).unwrap();
    serve::Server::open(store, options, publish, || ()).unwrap()
}

/// A board of three changes, of which two are on one service.
async fn imported(dir: &tempfile::TempDir) {
    let file = serde_json::json!({"version": 1, "services": [{"id": "s1"}, {"id": "s2"}], "people": [{"id": "root", "login": "ana"}],
        "changes": [
            {"id": "A", "state": "scheduled", "services": ["s1"], "planned_start": "2026-11-25T11:00:00Z", "planned_end": "2026-11-25T13:00:00Z"},
            {"id": "B", "state": "scheduled", "services": ["s1"], "planned_start": "2026-11-25T11:00:00Z", "planned_end": "2026-11-25T13:00:00Z"},
            {"id": "C", "state": "scheduled", "services": ["s2"], "planned_start": "2027-11-25T11:00:00Z", "planned_end": "2027-11-25T13:00:00Z"}]});
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

fn changes(server: &serve::Server) -> usize {
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
    for question in
        [gate("A"), Question::Detail { id: id("A") }, gate("C"), Question::Releases, Question::Delegations]
    {
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
