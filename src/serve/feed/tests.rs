use super::*;
use crate::{
    hub::{Clock, local},
    model::{Instant, Line},
    wire::{Command, Known},
};

fn noon() -> Instant {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

async fn hub() -> Hub {
    let identity =
        local::Identity { login: "ana".to_owned(), owns_board: true, ..local::Identity::default() };
    let options = local::Options { identity, ..local::Options::memory(Clock::Fixed(noon())) };
    local::open(options).await.unwrap()
}

async fn comment(hub: &Hub, number: u8) {
    let actor = Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed };
    let file = format!(r#"{{"version":1,"changes":[{{"id":"C{number}","title":"number {number}"}}]}}"#);
    let command = Command::Import {
        from: Line::new("x.json"),
        source: crate::model::SourceId::board(),
        given: None,
        file: Box::new(serde_json::from_str(&file).unwrap()),
    };
    let (reply, answer) = oneshot::channel();
    let request = Request::Submit { id: [number; 16], actor, command: Box::new(command), reply };
    hub.requests.send(request).await.unwrap();
    answer.await.unwrap().unwrap();
}

/// What a client has that reads these frames after those.
fn read(known: Snapshot, frames: &[Bytes]) -> Snapshot {
    frames.iter().fold(known, |known, frame| match serde_json::from_slice(&frame[4..]).unwrap() {
        Frame::Reset(publication) => publication.onto(&Snapshot::empty(noon())),
        Frame::More(publication) => publication.onto(&known),
        Frame::Own(_) => known,
    })
}

fn titles(board: &Snapshot) -> Vec<String> {
    board.activities.values().map(|row| row.title.to_string()).collect()
}

#[tokio::test]
async fn differences_are_written_down_once_and_add_up_from_wherever_a_reader_is() {
    let hub = hub().await;
    let feed = Feed::start(hub.clone());
    let (first, same) = (feed.since(None, false).await, feed.since(None, false).await);
    assert_eq!(first.frames[0].as_ptr(), same.frames[0].as_ptr(), "the board is written down once");
    let mut newest = feed.newest();
    for number in 1..=3 {
        comment(&hub, number).await;
    }
    let mut seen = read(Snapshot::empty(noon()), &first.frames);
    let mut at = first.number;
    while titles(&seen).len() < 3 {
        newest.changed().await.unwrap();
        let here = Position { start: feed.start_number(), number: at };
        let (mine, others) = (feed.since(Some(here), false).await, feed.since(Some(here), false).await);
        let same = mine.frames.iter().zip(&others.frames).all(|(a, b)| a.as_ptr() == b.as_ptr());
        assert!(same, "the same bytes for everybody");
        seen = read(seen, &mine.frames);
        at = mine.number;
    }
    assert_eq!(titles(&seen), ["number 1", "number 2", "number 3"]);
    // Who is behind gets what is newer; whose place is not known, or of another start, gets everything.
    let late = feed.since(Some(Position { start: feed.start_number(), number: first.number }), false).await;
    assert_eq!(titles(&read(read(Snapshot::empty(noon()), &first.frames), &late.frames)), titles(&seen));
    for other in [
        None,
        Some(Position { start: feed.start_number().wrapping_add(1), number: at }),
        Some(Position { start: feed.start_number(), number: at + 7 }),
    ] {
        let all = feed.since(other, false).await;
        assert_eq!(titles(&read(Snapshot::empty(noon()), &all.frames)), titles(&seen), "{other:?}");
    }
}

#[tokio::test]
async fn differences_are_kept_ten_minutes() {
    let hub = hub().await;
    let board = Arc::clone(&hub.snapshot.borrow());
    let mut state = State {
        board: Arc::clone(&board),
        number: 1,
        kept: VecDeque::new(),
        own: HashMap::new(),
        anything_own: false,
    };
    let now = Moment::now();
    state.take(Arc::clone(&board), now);
    state.take(Arc::clone(&board), now + KEPT);
    assert!(state.since(1).is_some_and(|news| news.frames.len() == 2));
    state.take(board, now + KEPT + Duration::from_secs(1));
    assert!(state.since(1).is_none(), "what is older is read from the whole");
    assert!(state.since(2).is_some() && state.since(4).is_some_and(|news| news.frames.is_empty()));
    assert!(state.since(5).is_none(), "nobody is ahead");
}

#[tokio::test]
async fn a_client_of_this_build_is_sent_the_same_board_in_its_layout() {
    let hub = hub().await;
    let feed = Feed::start(hub.clone());
    for number in 1..=3 {
        comment(&hub, number).await;
    }
    let mut newest = feed.newest();
    while titles(&feed.0.state().board).len() < 3 {
        newest.changed().await.unwrap();
    }
    // Both of one publication: the next may come between the two questions.
    let (json, own) = loop {
        let (json, own) = (feed.since(None, false).await, feed.since(None, true).await);
        if json.number == own.number {
            break (json, own);
        }
    };
    assert_eq!(own.frames.len(), 1);
    let bytes = &own.frames[0];
    let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let (blob, rest) = bytes[4..].split_at(length);
    assert_eq!(blob[0], COMPACT);
    let board = cache::read(&blob[1..]).unwrap();
    let Frame::More(more) = serde_json::from_slice(&rest[4..]).unwrap() else { panic!("no rest") };
    let whole = |board: &Snapshot| serde_json::to_value(board).unwrap();
    let as_json = read(Snapshot::empty(noon()), &json.frames);
    assert_eq!(whole(&more.onto(&board)), whole(&as_json));
    assert_eq!(titles(&as_json), ["number 1", "number 2", "number 3"]);
}
