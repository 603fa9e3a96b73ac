//! What is the trap of Request Tracker alone: bounds of messages, approvals of several, queues that are not there.

use quorate::model::Vocabulary as _;

use super::*;

fn votes(reader: &Reader, native: &str) -> BTreeMap<String, &'static str> {
    let asked = reader.asked(native).into_iter();
    asked.map(|one| (one.approver.to_string(), one.answer.value.word())).collect()
}

/// Whether a note is there can be told only as far as messages are read: one beyond that is not sent twice, and one
/// that cannot be beyond, because what is read goes further back than the write, is sent.
#[test]
fn a_note_beyond_the_bound_of_messages_is_never_sent_twice() {
    // name; messages there already, and how old they are; more of them after the note; what a second try comes to
    for (row, before, age, after, again) in [
        ("few", 3, 0, 5, "there"),
        ("as many as are read", 0, 0, 99, "there"),
        ("beyond, all at once", 3, 0, 130, "cannot tell"),
        ("many of yesterday", 150, 86_400, 0, "there"),
    ] {
        let world = Strict::start();
        let native = world.create();
        for _ in 0..before {
            world.say(&native, "talk");
        }
        world.state().age(Strict::id(&native), age);
        let mut reader = Reader::voting(&world);
        let write = reader.write(&world, &native, 4, What::Comment { text: Prose::new("fine by us") });
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{row}: {pushed:?}");
        for _ in 0..after {
            world.say(&native, "talk");
        }
        let there = world.said(&native);
        let pushed = reader.push(&write);
        match again {
            "there" => assert!(matches!(pushed, Pushed::Accepted(_)), "{row}: {pushed:?}"),
            _ => {
                let Pushed::Refused(words) = &pushed else { panic!("{row}: {pushed:?}") };
                assert!(words.contains("more messages than are read"), "{row}: {words}");
            }
        }
        assert_eq!(world.said(&native), there, "{row}: nothing is sent again");
    }
}

/// Who reads is told that there is more than is read.
#[test]
fn more_messages_than_are_read_are_told() {
    let world = Strict::start();
    let native = world.create();
    for _ in 0..120 {
        world.say(&native, "talk");
    }
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    assert!(
        reader.warnings.iter().any(|words| words.contains("the newest 100 messages")),
        "{:?}",
        reader.warnings
    );
}

#[test]
fn one_of_several_approvers_who_has_answered_is_no_approval() {
    let world = Strict::start();
    let number = world.state().raise("Normal", &["chair", "member", "third"]);
    let native = number.to_string();
    let mut reader = Reader::of(&world);
    // who answers; what the change says then; whether it may go
    for (who, stands, goes) in
        [("chair", "requested", false), ("member", "requested", false), ("third", "approved", true)]
    {
        {
            let mut desk = world.state();
            let own = desk.approval(number, who).unwrap().id;
            desk.set_status(own, "resolved", who);
        }
        reader.read().unwrap();
        let word = reader.change(&native).approval.as_ref().map(|word| word.value.word());
        assert_eq!(word, Some(stands), "{who}");
        assert_eq!(reader.there(&native).lets_go(), goes, "{who}: {:?}", reader.there(&native));
        let answered =
            votes(&reader, &native).into_iter().filter(|(_, answer)| *answer == "approved").count();
        assert!(answered >= 1 && (answered == 3) == goes, "{who}: {:?}", votes(&reader, &native));
    }
}

/// A change that somebody opened by hand, while one of two has not answered, is early and may not go.
#[test]
fn a_change_that_was_opened_before_all_answered_may_not_go() {
    let world = Strict::start();
    let number = world.state().raise("Normal", &["chair", "member"]);
    {
        let mut desk = world.state();
        let own = desk.approval(number, "chair").unwrap().id;
        desk.set_status(own, "resolved", "chair");
        desk.set_status(number, "open", "root");
    }
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    let native = number.to_string();
    assert!(!reader.there(&native).lets_go(), "{:?}", reader.there(&native));
    let want = [("chair".to_owned(), "approved"), ("member".to_owned(), "requested")];
    assert_eq!(votes(&reader, &native), BTreeMap::from(want));
}

/// A no of one ends the others: they are asked no more.
#[test]
fn a_rejection_ends_the_approvals_of_the_others() {
    let world = Strict::start();
    let number = world.state().raise("Normal", &["chair", "member"]);
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    {
        let mut desk = world.state();
        let own = desk.approval(number, "member").unwrap().id;
        desk.set_status(own, "rejected", "member");
    }
    reader.read().unwrap();
    let native = number.to_string();
    let word = reader.change(&native).approval.as_ref().map(|word| word.value.word());
    assert_eq!(word, Some("rejected"));
    let vote = reader.write(&world, &native, 5, What::Vote { approve: true, comment: None });
    let mut reader = Reader::voting(&world);
    let pushed = reader.push(&vote);
    assert!(!matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(
        world.state().approval(number, "chair").unwrap().status,
        "deleted",
        "nothing was turned round"
    );
}

/// An empty list is how RT says that a queue is not there.
#[test]
fn a_queue_that_is_not_there_is_no_empty_system() {
    let world = Strict::start();
    let error =
        Reader::new(Setup { select: Some("Chnge".into()), ..world.setup() }, SourceKind::RequestTracker)
            .read()
            .unwrap_err();
    assert!(error.message.contains("queue \"Chnge\" is not there"), "{error}");
}

/// Right of others: who may read only is refused in RT's own words, with either way to send a vote.
#[test]
fn a_vote_of_somebody_without_the_right_is_refused() {
    let world = Strict::start();
    let number = world.state().raise("Normal", &["reader"]);
    for comment in [None, Some(Prose::new("fine"))] {
        let me = Some(bearer("1-33-reader-secret"));
        let mut reader = Reader::new(Setup { me, ..world.setup() }, SourceKind::RequestTracker);
        let mut write = reader.write(&world, &number.to_string(), 6, What::Vote { approve: true, comment });
        write.known_as = vec!["reader".into()];
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Refused(_)), "{pushed:?}");
    }
    assert_eq!(world.state().approval(number, "reader").unwrap().status, "new");
}
