//! Writes that only a session of their person sends, on a board that a service holds: given out for a time, to nobody else,
//! and done once it is read there.

use super::{scripted::Scripted, *};
use crate::{
    hub::protocol::{Claim, Claimed, Report, Reported},
    model::{BoardFile, SourceId, Vote},
    source::Pushed,
    wire::{WriteRow, WriteState},
};

struct World {
    dir: tempfile::TempDir,
    system: Scripted,
    hand: Hand,
    clock: Clock,
    hub: Hub,
}

fn person(name: &str, known: Known) -> Actor {
    Actor { person: Some(id(name)), login: Line::new(name), via: None, known }
}

fn claim(write: &str, name: char) -> Claim {
    Claim { write: write.to_owned(), claim: name.to_string().repeat(32), mark: 1, secs: 60 }
}

impl World {
    /// A served board on which ana's vote waits to be written.
    async fn with_a_vote() -> (Self, String) {
        let dir = tempfile::tempdir().unwrap();
        let (hand, clock) = Hand::at(noon());
        let identity = Identity { login: "ana".into(), owns_board: true, claimed: None, verified: false };
        let path = board(&dir);
        let hub = open(Options::file(&path, clock.clone(), identity)).await.unwrap();
        let people = r#"{"version":1,"people":[{"id":"root","login":"root","admin":true},{"id":"ana","login":"ana"},{"id":"bo","login":"bo"},{"id":"cy","login":"cy"}],
            "boards":[{"id":"cab","seats":[{"person":"ana","role":"chair"},{"person":"bo"},{"person":"cy"}]}]}"#;
        let file: BoardFile = serde_json::from_str(people).unwrap();
        let command = Command::Import {
            from: Line::new("people"),
            source: SourceId::board(),
            file: Box::new(file),
            given: None,
        };
        scripted::submit(&hub, command).await.unwrap();
        close(&hub).await;
        let system = Scripted::new("sys:1", "Patch", "undo");
        let served = Identity { login: "service".into(), ..Identity::default() };
        let sources = vec![system.configured(false)];
        let hub = open(Options { sources, shared: true, ..Options::file(path, clock.clone(), served) })
            .await
            .unwrap();
        until(&hub, "a round is open", |s| s.open_tally(&id("sys:1")).is_some()).await;
        let world = Self { dir, system, hand, clock, hub };
        world
            .act(|revision| Command::Vote {
                item: id("sys:1"),
                revision,
                vote: Vote::Approve,
                comment: None,
                on_behalf: None,
            })
            .await;
        let row = world.row();
        assert!(
            row.own && row.state == WriteState::Queued && row.words.contains("waits for a session"),
            "{row:?}"
        );
        let write = row.id.to_string();
        (world, write)
    }

    async fn act(&self, command: impl FnOnce(crate::model::Revision) -> Command) {
        let revision = self.hub.snapshot.borrow().open_tally(&id("sys:1")).unwrap().revision;
        let (actor, number) = (person("ana", Known::Verified), crate::store::random().unwrap());
        let command = Box::new(command(revision));
        ask(&self.hub, |reply| Request::Submit { id: number, actor, command, reply }).await.unwrap();
    }

    fn row(&self) -> WriteRow {
        let snapshot = self.hub.snapshot.borrow();
        snapshot.writes.last().unwrap().clone()
    }

    async fn claim(&self, actor: Actor, claim: Claim) -> Result<Claimed, Problem> {
        ask(&self.hub, |reply| Request::Claim { actor, claim, reply }).await
    }

    async fn report(
        &self,
        actor: Actor,
        write: &str,
        name: char,
        pushed: Pushed,
    ) -> Result<Reported, Problem> {
        let report = Box::new(Report { write: write.to_owned(), claim: name.to_string().repeat(32), pushed });
        ask(&self.hub, |reply| Request::Report { actor, report, reply }).await
    }

    fn arrives(&self, write: &str) {
        self.system.system().there.push(write.to_owned());
    }

    async fn recorded(&self) -> Vec<Actor> {
        let question = Question::Log { filter: LogFilter { limit: 100, ..LogFilter::default() } };
        let actor = asking();
        match ask(&self.hub, |reply| Request::Ask { actor, question, reply }).await.unwrap() {
            Answer::Log(page) => {
                let pushed = page.entries.iter().filter(|entry| matches!(entry.event, Event::Pushed { .. }));
                pushed.map(|entry| entry.by.clone()).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

fn accepted() -> Pushed {
    Pushed::Accepted(Line::new("as I say"))
}

#[tokio::test]
async fn a_vote_is_given_to_one_session_of_its_person_and_done_when_it_is_read_there() {
    let (world, write) = World::with_a_vote().await;
    let ana = || person("ana", Known::Verified);
    for (row, actor, words) in [
        ("somebody else", person("bo", Known::Verified), "ana's own"),
        ("nobody verified it", person("ana", Known::Claimed), "not known who you are"),
    ] {
        let refused = world.claim(actor, claim(&write, 'a')).await.unwrap_err();
        assert!(
            refused.kind == ProblemKind::NotAllowed && refused.title.contains(words),
            "{row}: {refused:?}"
        );
    }
    let given = world.claim(ana(), claim(&write, 'a')).await.unwrap();
    assert_eq!((given.write.person, given.secs), (Some(id("ana")), 60));
    assert_eq!(world.row().state, WriteState::Sending);
    // An answer that got lost is given again; another session gets nothing.
    assert_eq!(world.claim(ana(), claim(&write, 'a')).await.unwrap().secs, 60);
    let refused = world.claim(ana(), claim(&write, 'b')).await.unwrap_err();
    assert!(refused.title.contains("another session of yours"), "{refused:?}");
    for (row, actor, name) in
        [("somebody else", person("bo", Known::Verified), 'a'), ("another try", ana(), 'b')]
    {
        assert!(world.report(actor, &write, name, accepted()).await.is_err(), "{row}");
    }
    world.arrives(&write);
    let told = world.report(ana(), &write, 'a', accepted()).await.unwrap();
    assert_eq!(
        (told.state, told.words.as_str()),
        (WriteState::Accepted, "approval 1"),
        "as the board reads it"
    );
    // Said again, because the answer got lost: nothing more.
    assert_eq!(world.report(ana(), &write, 'a', accepted()).await.unwrap().state, WriteState::Accepted);
    assert_eq!(world.recorded().await, [ana()]);
}

#[tokio::test]
async fn what_is_not_there_is_not_believed() {
    let (world, write) = World::with_a_vote().await;
    let ana = || person("ana", Known::Verified);
    world.claim(ana(), claim(&write, 'a')).await.unwrap();
    let told = world.report(ana(), &write, 'a', accepted()).await.unwrap();
    assert!(told.state == WriteState::Queued && told.words.contains("url of your settings"), "{told:?}");
    assert_eq!(world.recorded().await, []);
}

#[tokio::test]
async fn a_session_that_falls_silent_is_looked_after() {
    for arrived in [true, false] {
        let (world, write) = World::with_a_vote().await;
        let ana = || person("ana", Known::Verified);
        world.claim(ana(), claim(&write, 'a')).await.unwrap();
        if arrived {
            world.arrives(&write);
        }
        world.hand.set(noon().plus(61));
        if arrived {
            until(&world.hub, "it is found", |s| s.writes.is_empty()).await;
            assert_eq!(world.recorded().await.len(), 1);
            continue;
        }
        let waits = |s: &Snapshot| s.writes.iter().any(|row| row.state == WriteState::Queued);
        until(&world.hub, "it waits again", waits).await;
        assert!(world.row().words.contains("fell silent"), "{:?}", world.row());
        assert_eq!(world.claim(ana(), claim(&write, 'b')).await.unwrap().write.id, write);
    }
}

#[tokio::test]
async fn what_was_withdrawn_while_a_session_had_it_is_not_sent_again() {
    let (world, write) = World::with_a_vote().await;
    world.claim(person("ana", Known::Verified), claim(&write, 'a')).await.unwrap();
    world.act(|_| Command::Withdraw { item: id("sys:1") }).await;
    assert_eq!(world.row().state, WriteState::Sending, "it may be there already");
    world.hand.set(noon().plus(61));
    let void = |s: &Snapshot| s.writes.iter().any(|row| row.state == WriteState::Refused);
    until(&world.hub, "it is void", void).await;
    assert!(world.row().words.contains("withdrawn"), "{:?}", world.row());
}

#[tokio::test]
async fn a_vote_on_what_changed_there_is_not_given_out() {
    let (world, write) = World::with_a_vote().await;
    world.system.system().plan = "pray".into();
    let refused = world.claim(person("ana", Known::Verified), claim(&write, 'a')).await.unwrap_err();
    assert!(refused.title.contains("changed there since you voted"), "{refused:?}");
    let held = |s: &Snapshot| s.writes.iter().any(|row| row.state == WriteState::Held);
    until(&world.hub, "it is kept back", held).await;
}

#[tokio::test]
async fn a_credential_that_was_refused_is_not_tried_again_before_its_time_and_another_is() {
    let (world, write) = World::with_a_vote().await;
    let ana = || person("ana", Known::Verified);
    world.claim(ana(), claim(&write, 'a')).await.unwrap();
    let barred = Pushed::Barred { words: Line::new("refuses the credentials"), by: 1 };
    assert_eq!(world.report(ana(), &write, 'a', barred).await.unwrap().state, WriteState::Queued);
    assert!(world.claim(ana(), claim(&write, 'b')).await.unwrap_err().title.contains("tried again in"));
    world.claim(ana(), Claim { mark: 2, ..claim(&write, 'b') }).await.unwrap();
}

impl World {
    async fn gives_up(&self, name: &str, write: &str, reason: Option<&str>) -> Result<Receipt, Problem> {
        let command = Command::GiveUp {
            item: id("sys:1"),
            write: Line::new(write),
            source: SourceId::new("sys"),
            person: id("ana"),
            reason: reason.map(Prose::new),
        };
        self.submit(name, command).await
    }

    async fn submit(&self, name: &str, command: Command) -> Result<Receipt, Problem> {
        let (actor, number) = (person(name, Known::Verified), crate::store::random().unwrap());
        ask(&self.hub, |reply| Request::Submit { id: number, actor, command: Box::new(command), reply }).await
    }

    async fn votes(&self, vote: Vote) {
        self.act(|revision| Command::Vote {
            item: id("sys:1"),
            revision,
            vote,
            comment: None,
            on_behalf: None,
        })
        .await;
    }

    /// The same board by a service whose settings name this source, or none.
    async fn served_anew(&mut self, named: bool) {
        close(&self.hub).await;
        let served = Identity { login: "service".into(), ..Identity::default() };
        let sources = if named { vec![self.system.configured(false)] } else { Vec::new() };
        let (path, clock) = (board(&self.dir), self.clock.clone());
        self.hub =
            open(Options { sources, shared: true, ..Options::file(path, clock, served) }).await.unwrap();
        until(&self.hub, "the board is there", |s| !s.writes.is_empty()).await;
    }
}

#[tokio::test]
async fn a_vote_that_waits_is_given_up_by_its_person_or_by_an_admin_who_says_why() {
    let rows = [
        ("ana", None, "given up by ana; never written there"),
        ("root", Some("gone"), "given up by root: gone; never"),
    ];
    for (who, reason, words) in rows {
        let (world, write) = World::with_a_vote().await;
        let refused = world.gives_up("bo", &write, Some("x")).await.unwrap_err();
        assert!(
            refused.kind == ProblemKind::NotAllowed
                && refused.title.contains("only ana or an admin gives up"),
            "{refused:?}"
        );
        let unexplained = world.gives_up("root", &write, Some(" ")).await.unwrap_err();
        assert!(unexplained.title.contains("given up for a reason, and none is said"), "{unexplained:?}");
        assert_eq!(world.row().state, WriteState::Queued);
        world.gives_up(who, &write, reason).await.unwrap();
        let row = world.row();
        assert!(row.state == WriteState::Refused && row.words.contains(words), "{row:?}");
        // Nobody has it any more, and it counts.
        let refused = world.claim(person("ana", Known::Verified), claim(&write, 'a')).await.unwrap_err();
        assert!(refused.title.contains("it is through: given up"), "{refused:?}");
        assert_eq!(world.hub.snapshot.borrow().open_tally(&id("sys:1")).unwrap().yes, 1);
        let again = world.gives_up("ana", &write, None).await.unwrap_err();
        assert!(again.kind == ProblemKind::Changed && again.title.contains("it waits no more"), "{again:?}");
        assert_eq!(world.recorded().await, [], "nothing was written");
        // Said anew it is written anew.
        world.votes(Vote::Approve).await;
        let writes = world.hub.snapshot.borrow().writes.clone();
        assert!(writes.iter().any(|row| row.state == WriteState::Queued), "{writes:?}");
    }
}

#[tokio::test]
async fn what_a_session_has_in_hand_is_not_given_up() {
    let (world, write) = World::with_a_vote().await;
    world.claim(person("ana", Known::Verified), claim(&write, 'a')).await.unwrap();
    for who in ["ana", "root"] {
        let refused = world.gives_up(who, &write, Some("gone")).await.unwrap_err();
        assert!(
            refused.kind == ProblemKind::Changed && refused.title.contains("a session of ana sends it"),
            "{refused:?}"
        );
    }
    let refused = world.gives_up("ana", "nothing", None).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotFound, "{refused:?}");
    world.arrives(&write);
    world.report(person("ana", Known::Verified), &write, 'a', accepted()).await.unwrap();
    let refused = world.gives_up("ana", &write, None).await.unwrap_err();
    assert!(refused.title.contains("it is written there"), "{refused:?}");
}

/// Also where the source is configured no more: what is taken back is not sent should it come again.
#[tokio::test]
async fn what_its_person_said_otherwise_since_is_not_sent_wherever_it_was_to_go() {
    for named in [true, false] {
        for what in ["withdrawn", "abstained", "given up"] {
            let (mut world, write) = World::with_a_vote().await;
            if !named {
                world.served_anew(false).await;
                assert_eq!(world.row().state, WriteState::Queued);
            }
            match what {
                "withdrawn" => world.act(|_| Command::Withdraw { item: id("sys:1") }).await,
                "abstained" => world.votes(Vote::Abstain).await,
                _ => drop(world.gives_up("ana", &write, None).await.unwrap()),
            }
            if !named {
                world.served_anew(true).await;
            }
            let row = world.row();
            assert!(row.id.as_str() == write && row.state == WriteState::Refused, "{what}, {named}: {row:?}");
            assert!(world.claim(person("ana", Known::Verified), claim(&write, 'a')).await.is_err(), "{what}");
        }
    }
}
