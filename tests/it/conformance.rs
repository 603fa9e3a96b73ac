//! What every adapter must do, against a fake or a real server: one suite, a world per system.
//!
//! Over 600 lines: the list of what is asked of every adapter, read from one end to the other by who writes one.
#![allow(dead_code, reason = "each system uses its part")]

use std::collections::{BTreeMap, BTreeSet};

use quorate::{
    config::SourceKind,
    model::{
        ApprovalAnswer, ApprovalRequest, Id, Instant, Line, Prose, Record, RecordKind, Stored,
        Vocabulary as _,
    },
    rules::facts::{Facts, There},
    source::{
        Gone, Point, Pull, PullError, Pulled, Pushed, Source, What, Write,
        http::Login,
        system::{self, Setup},
    },
};

use crate::{
    fake::{Fault, Reply},
    world::{World, bearer},
};

fn now() -> Instant {
    Instant::from_secs(chrono::Utc::now().timestamp())
}

/// A source with what it has told so far.
pub struct Reader {
    pub source: Box<dyn Source>,
    cursor: Option<Vec<u8>>,
    pub known: BTreeMap<(RecordKind, Id), Stored>,
    pub warnings: Vec<String>,
    pub faults: Vec<quorate::model::Fault>,
}

impl Reader {
    pub fn new(setup: Setup, kind: SourceKind) -> Self {
        Self::reading(system::build(kind, setup).unwrap())
    }

    pub fn reading(source: Box<dyn Source>) -> Self {
        Self { source, cursor: None, known: BTreeMap::new(), warnings: Vec::new(), faults: Vec::new() }
    }

    pub fn of<W: World>(world: &W) -> Self {
        Self::reading(W::source(world.setup()))
    }

    pub fn voting<W: World>(world: &W) -> Self {
        Self::reading(W::source(Setup { me: Some(world.chair().login), ..world.setup() }))
    }

    /// One that has read a full round.
    pub fn round(setup: Setup, kind: SourceKind) -> Self {
        let mut reader = Self::new(setup, kind);
        reader.read().unwrap();
        reader
    }

    pub fn round_of<W: World>(world: &W) -> Self {
        Self::round(world.setup(), W::KIND)
    }

    /// One pull; whether more is there.
    pub fn pull(&mut self) -> Result<bool, PullError> {
        let Pull { what, cursor, more, warnings, .. } = run(self.source.pull(self.cursor.as_deref(), now()))?;
        self.cursor = Some(cursor);
        self.warnings.extend(warnings.iter().map(ToString::to_string));
        let (records, faults, gone) = match what {
            Pulled::Unchanged => return Ok(more.is_some()),
            Pulled::Part { records, faults, gone } => (records, faults, gone),
            Pulled::Whole { records, faults, .. } => {
                self.known.clear();
                (records, faults, Gone::Unsaid)
            }
        };
        self.faults.extend(faults);
        for stored in records {
            self.known.insert((stored.record.kind(), stored.record.id().clone()), stored);
        }
        match gone {
            Gone::Unsaid => {}
            Gone::Named(named) => named.iter().for_each(|key| drop(self.known.remove(key))),
            Gone::AllBut(kinds, there) => {
                self.known.retain(|(kind, id), _| !kinds.contains(kind) || there.contains(id));
            }
        }
        Ok(more.is_some())
    }

    /// Pulls to the end of the round.
    pub fn read(&mut self) -> Result<(), PullError> {
        for _ in 0..1000 {
            if !self.pull()? {
                return Ok(());
            }
        }
        panic!("the round has no end");
    }

    pub fn natives(&self) -> BTreeSet<String> {
        let prefix = format!("{}:", self.source.id());
        let of_it = self.known.keys().filter(|(kind, _)| *kind == self.about());
        of_it.map(|(_, id)| id.as_str().trim_start_matches(&prefix).to_owned()).collect()
    }

    /// What the suite is about: changes, and incidents where a system has none.
    fn about(&self) -> RecordKind {
        let reads = self.source.capabilities().reads;
        if reads.contains(&RecordKind::Change) { RecordKind::Change } else { RecordKind::Incident }
    }

    pub fn id(&self, native: &str) -> Id {
        Id::of_source(self.source.id().as_str(), &Id::new(native).unwrap())
    }

    /// The change of that native id.
    pub fn change(&self, native: &str) -> &quorate::model::Change {
        match self.known.get(&(RecordKind::Change, self.id(native))).map(|stored| &stored.record) {
            Some(Record::Change(change)) => change,
            _ => panic!("{native} is not known: {:?}", self.natives()),
        }
    }

    /// Every record of a kind, in the order of ids.
    pub fn of_kind(&self, kind: RecordKind) -> Vec<&Record> {
        self.known.values().map(|stored| &stored.record).filter(|record| record.kind() == kind).collect()
    }

    /// What the source's word of approval comes to by the rules, held against those it asks.
    pub fn there(&self, native: &str) -> There {
        let mut facts = Facts::default();
        facts.apply(self.known.values().cloned().collect(), Vec::new());
        facts.there(&self.id(native))
    }

    /// What is asked of people about a change, in the order of ids.
    pub fn asked(&self, native: &str) -> Vec<&ApprovalRequest> {
        let id = self.id(native);
        let all = self.known.values().filter_map(|stored| match &stored.record {
            Record::Approval(asked) => Some(asked),
            _ => None,
        });
        all.map(AsRef::as_ref).filter(|asked: &&ApprovalRequest| asked.item == id).collect()
    }

    pub fn title(&self, native: &str) -> String {
        match self.about() {
            RecordKind::Incident => self.incident(native).title.to_string(),
            _ => self.change(native).title.to_string(),
        }
    }

    /// The incident of that native id.
    pub fn incident(&self, native: &str) -> &quorate::model::Incident {
        match self.known.get(&(RecordKind::Incident, self.id(native))).map(|stored| &stored.record) {
            Some(Record::Incident(incident)) => incident,
            _ => panic!("{native} is no incident that is known: {:?}", self.known.keys()),
        }
    }

    /// Every incident in a line, in the order of ids.
    pub fn incidents(&self) -> Vec<String> {
        let line = |record: &Record| {
            let Record::Incident(one) = record else { panic!("{record:?}") };
            let at = |time: Option<Instant>| time.map(|at| at.to_string()).unwrap_or_default();
            let ids = |ids: &[Id]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            format!(
                "{} {} ({}) {} {}..{} by {} mended {} on {:?}",
                one.id,
                one.state.value.word(),
                one.state.as_given(),
                one.severity.value.word(),
                at(one.opened),
                at(one.restored),
                ids(&one.caused_by),
                ids(&one.fixed_by),
                one.services.iter().map(ToString::to_string).collect::<Vec<_>>()
            )
        };
        self.of_kind(RecordKind::Incident).into_iter().map(line).collect()
    }

    /// A vote of the chair with words.
    pub fn vote<W: World>(&self, world: &W, native: &str, approve: bool, words: &str) -> Write {
        self.write(world, native, 77, What::Vote { approve, comment: Some(Prose::new(words)) })
    }

    pub fn write<W: World>(&self, world: &W, native: &str, number: u64, what: What) -> Write {
        Write {
            // A real server keeps what earlier runs wrote.
            id: format!("{:08x}{number:08x}", chrono::Utc::now().timestamp_subsec_nanos()),
            item: self.id(native),
            what,
            person: Some(Id::constant("chair")),
            own: true,
            name: Line::new("C. Hair"),
            known_as: world.chair().names.iter().map(|name| Line::new(name)).collect(),
            revision: None,
            at: now(),
        }
    }

    pub fn push(&mut self, write: &Write) -> Pushed {
        run(self.source.push(write))
    }
}

/// Runs a future of a source to its end.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

/// A full round brings every change and every page once; nothing is asked for with a write.
pub fn reads_everything<W: World>() {
    let world = W::start();
    let mut reader = Reader::of(&world);
    reader.read().unwrap();
    assert_eq!(reader.natives(), world.changes());
    let pages = world.fake().seen().iter().filter(|asked| W::page(asked)).count();
    assert!(pages >= 3, "the world must have more than two pages, {pages} were asked for");
    for stored in reader.known.values() {
        let text = stored.record.json().unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains("\\u001b"), "{text}");
    }
}

/// What moved comes with the next round, and only that, but for the overlap.
pub fn reads_what_moved<W: World>() {
    let world = W::start();
    let mut reader = Reader::reading(W::source(world.lean()));
    reader.read().unwrap();
    let edited = world.changes().into_iter().next().unwrap();
    world.edit(&edited, "Edited behind the board");
    let created = world.create();
    reader.read().unwrap();
    assert_eq!(reader.title(&edited), W::titled("Edited behind the board"));
    assert!(reader.natives().contains(&created), "{created} was created");
    assert_eq!(reader.warnings, Vec::<String>::new());
}

/// A change that is edited or added while pages are read is not lost.
pub fn pages_under_change<W: World>() {
    let world = W::start();
    let before = world.changes();
    let mut reader = Reader::reading(W::source(world.lean()));
    // Between the first page and the second.
    world.fake().forget();
    let first = before.iter().next().unwrap().clone();
    let last = before.iter().next_back().unwrap().clone();
    reader.pull().unwrap();
    world.edit(&first, "Moved while pages were read");
    world.edit(&last, "Moved as well");
    let created = world.create();
    reader.read().unwrap();
    reader.read().unwrap();
    let all: BTreeSet<String> = before.into_iter().chain([created]).collect();
    assert_eq!(reader.natives(), all);
    assert_eq!(reader.title(&first), W::titled("Moved while pages were read"));
}

/// What was deleted is found by the next full round.
pub fn finds_what_is_gone<W: World>() {
    let world = W::start();
    let gone = world.create();
    let mut reader = Reader::reading(W::source(Setup { sweep: 0, ..world.lean() }));
    reader.read().unwrap();
    assert!(reader.natives().contains(&gone));
    if !world.delete(&gone) {
        return;
    }
    reader.read().unwrap();
    assert!(!reader.natives().contains(&gone), "{gone} was deleted");
    assert_eq!(reader.natives(), world.changes());
}

/// A vote becomes the chair's answer there; a second sending of it changes nothing.
pub fn votes_once<W: World>() {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    let able = reader.source.capabilities().votes;
    let Some(native) = world.votable() else {
        let why = able.expect_err("a system that takes votes has a votable change in its world");
        let native = world.changes().into_iter().next().unwrap();
        let write = reader.write(&world, &native, 1, What::Vote { approve: true, comment: None });
        assert_eq!(reader.push(&write), Pushed::Refused(Line::new(why)), "what cannot be done is said");
        return;
    };
    assert_eq!(able, Ok(()));
    let vote = What::Vote { approve: true, comment: Some(Prose::new("fine by me")) };
    let write = reader.write(&world, &native, 1, vote);
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(world.answer(&native), Some(ApprovalAnswer::Approved));
    world.fake().forget();
    let again = reader.push(&write);
    assert!(matches!(again, Pushed::Accepted(_)), "{again:?}");
    let sent = world.fake().seen().iter().filter(|asked| W::writes(asked)).count();
    assert_eq!(sent, 0, "a vote that is there is not sent again");
}

/// Somebody else's approval is never touched, and one that was answered meanwhile is not turned round.
pub fn votes_only_for_oneself<W: World>() {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    if let Some(native) = world.not_mine() {
        let vote = What::Vote { approve: true, comment: None };
        let write = reader.write(&world, &native, 2, vote);
        let pushed = reader.push(&write);
        match reader.source.capabilities().votes {
            Ok(()) => assert!(matches!(pushed, Pushed::Ours(_)), "kept here, and not refused: {pushed:?}"),
            Err(_) => assert!(matches!(pushed, Pushed::Refused(_)), "{pushed:?}"),
        }
        assert_ne!(world.answer(&native), Some(ApprovalAnswer::Approved));
    }
    if let Some(native) = world.votable() {
        world.decided_elsewhere(&native);
        let stands = world.answer(&native);
        let vote = What::Vote {
            approve: stands != Some(ApprovalAnswer::Approved),
            comment: Some(Prose::new("late")),
        };
        let write = reader.write(&world, &native, 3, vote);
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Refused(_)), "{pushed:?}");
        assert_eq!(world.answer(&native), stands, "an answer is not turned round");
        let mut stranger = Reader::of(&world);
        let pushed = stranger.push(&write);
        assert!(matches!(pushed, Pushed::Refused(_)), "without a credential of one's own: {pushed:?}");
    }
}

/// Votes with these tokens are refused, each for its reason, and none of the tokens is said: they all have `secret` in
/// them. A row: its name, the change, the token, words of the reason.
pub fn refuses_votes<W: World>(world: &W, approve: bool, secret: &str, rows: &[(&str, &str, &str, &str)]) {
    for (row, native, token, want) in rows {
        assert!(token.contains(secret), "{row}");
        let mut reader = Reader::reading(W::source(Setup { me: Some(bearer(token)), ..world.setup() }));
        let write = reader.vote(world, native, approve, "fine");
        let words = match reader.push(&write) {
            Pushed::Refused(words)
            | Pushed::Ours(words)
            | Pushed::Later { words, .. }
            | Pushed::Barred { words, .. } => words,
            other => panic!("{row}: {other:?}"),
        };
        assert!(words.contains(want), "{row}: {words}");
        assert!(!words.contains(secret), "{row}: {words}");
    }
}

/// A comment goes there and back as text, whatever is in it; ours is known again by its marker.
pub fn comments_both_ways<W: World>() {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    let native = world.changes().into_iter().next().unwrap();
    let hostile = "5 < 6 & \"quotes\" 'apostrophes' <b>not bold</b> %s ${x} {{y}} [z] ünïcödé 日本";
    let write = reader.write(&world, &native, 4, What::Comment { text: Prose::new(hostile) });
    if let Err(why) = reader.source.capabilities().comments {
        assert_eq!(reader.push(&write), Pushed::Refused(Line::new(why)));
        return;
    }
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    let notes = world.notes(&native);
    let ours: Vec<&String> = notes.iter().filter(|note| note.contains(&write.marker())).collect();
    assert_eq!(ours.len(), 1, "{notes:?}");
    assert!(ours[0].contains(hostile), "{:?}", ours[0]);
    let again = reader.push(&write);
    assert!(matches!(again, Pushed::Accepted(_)), "{again:?}");
    assert_eq!(world.notes(&native).len(), notes.len(), "sent once");
    let said = world.say(&native, "theirs \u{1b}[31mred\u{202e} <i>slanted</i>");
    reader.read().unwrap();
    let comments: Vec<&str> = reader
        .known
        .values()
        .filter_map(|stored| match &stored.record {
            Record::Comment(comment) if comment.item == reader.id(&native) => Some(comment.text.as_str()),
            _ => None,
        })
        .collect();
    assert!(comments.iter().all(|text| !text.contains("[quorate ")), "{comments:?}");
    if said.is_some() {
        assert!(comments.iter().any(|text| text.contains("theirs") && text.contains("red")), "{comments:?}");
        assert!(comments.iter().all(|text| !text.contains(['\u{1b}', '\u{202e}'])), "{comments:?}");
    }
}

/// A system whose planned dates are not written says why, and is asked nothing.
pub fn moves_dates_or_says_why<W: World>() {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    let native = world.changes().into_iter().next().unwrap();
    let (was, start) = (now(), now().plus(86_400));
    let write = reader.write(&world, &native, 8, What::Dates { was, start, end: None });
    let Err(why) = reader.source.capabilities().dates else { return };
    world.fake().forget();
    assert_eq!(reader.push(&write), Pushed::Refused(Line::new(why)));
    assert_eq!(world.fake().seen().len(), 0, "nothing is asked, nothing is sent");
    let shut = Reader::reading(W::source(Setup { write: false, ..world.setup() })).source.capabilities();
    assert!(shut.votes.is_err() && shut.comments.is_err() && shut.dates.is_err(), "{shut:?}");
}

/// A write whose answer was lost is found, not sent again.
pub fn sends_exactly_once<W: World>() {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    let native = world.votable().or_else(|| world.changes().into_iter().next()).unwrap();
    let what = match (reader.source.capabilities().comments, reader.source.capabilities().votes) {
        (Ok(()), _) => What::Comment { text: Prose::new("only once") },
        (Err(_), Ok(())) => What::Vote { approve: true, comment: None },
        (Err(_), Err(_)) => return,
    };
    let write = reader.write(&world, &native, 5, what);
    let marker = write.marker();
    world.fake().fault(W::writes, Fault::DoneThenCut);
    let first = reader.push(&write);
    assert!(matches!(first, Pushed::Accepted(_) | Pushed::Unknown(_)), "{first:?}");
    assert_eq!(world.fake().faults_left(), 0, "the fault was met");
    // Another process, which knows only that it may have been sent.
    let mut next = Reader::voting(&world);
    let second = next.push(&write);
    assert!(matches!(second, Pushed::Accepted(_)), "{second:?}");
    if matches!(write.what, What::Comment { .. }) {
        let found = world.notes(&native).iter().filter(|note| note.contains(&marker)).count();
        assert_eq!(found, 1, "sent exactly once");
    }
    // One that never arrived is sent by the next try.
    let lost = next.write(&world, &native, 6, What::Comment { text: Prose::new("lost at first") });
    if reader.source.capabilities().comments.is_ok() {
        world.fake().fault(W::writes, Fault::Cut);
        let cut = next.push(&lost);
        assert!(matches!(cut, Pushed::Unknown(_)), "{cut:?}");
        let sent = next.push(&lost);
        assert!(matches!(sent, Pushed::Accepted(_)), "{sent:?}");
    }
}

/// A run is told as a note, and its status follows it where the system has one: once, forward, and only where it lets.
pub fn follows_a_run<W: World>() {
    let world = W::start();
    let text = |text: &str, point: Point| What::Progress { text: Prose::new(text), point };
    let Some(run) = world.run() else {
        let mut reader = Reader::of(&world);
        let native = world.changes().into_iter().next().unwrap();
        let able = reader.source.capabilities();
        assert!(able.progress.is_err(), "statuses that are written have a world with a run");
        let write = reader.write(&world, &native, 31, text("started", Point::Started));
        match able.comments {
            Ok(()) => assert!(matches!(reader.push(&write), Pushed::Accepted(_))),
            Err(why) => assert_eq!(reader.push(&write), Pushed::Refused(Line::new(why))),
        }
        return;
    };
    let setup = |more: &[(&str, &str)]| {
        let mut setup = world.setup();
        let options = run.options.iter().chain(more);
        setup.options.extend(options.map(|(name, word)| ((*name).to_owned(), (*word).to_owned())));
        setup
    };
    let mut reader = Reader::reading(W::source(setup(&[])));
    assert_eq!(reader.source.capabilities().progress, Ok(()));
    let noted = |native: &str, write: &Write| {
        world.notes(native).iter().filter(|note| note.contains(&write.marker())).count()
    };
    let started = reader.write(&world, &run.ready, 31, text("Started 22:00.", Point::Started));
    let ended = reader.write(&world, &run.ready, 32, text("Ended 23:00.", Point::Ended));
    // The answer to the note is lost, then that to the status: nothing is done twice.
    for (write, status) in [(&started, run.statuses[0]), (&ended, run.statuses[1])] {
        world.fake().fault(W::writes, Fault::DoneThenCut);
        let first = reader.push(write);
        assert!(matches!(first, Pushed::Accepted(_) | Pushed::Unknown(_)), "{first:?}");
        let pushed = reader.push(write);
        let Pushed::Accepted(words) = &pushed else { panic!("{pushed:?}") };
        assert!(words.to_lowercase().contains(&status.to_lowercase()), "{words}");
        assert_eq!((world.status(&run.ready).as_str(), noted(&run.ready, write)), (status, 1));
        world.fake().forget();
        assert!(matches!(reader.push(write), Pushed::Accepted(_)));
        let sent = world.fake().seen().iter().filter(|asked| W::writes(asked)).count();
        assert_eq!(sent, 0, "what is there is not sent again");
    }
    // A start that comes late moves nothing back.
    let late = reader.write(&world, &run.ready, 33, text("Started 22:00.", Point::Started));
    assert!(matches!(reader.push(&late), Pushed::Accepted(_)));
    assert_eq!((world.status(&run.ready).as_str(), noted(&run.ready, &late)), (run.statuses[1], 1));
    // What the system does not let is said, and the note stands, once.
    let (native, wanted, why) = &run.refused;
    let before = world.status(native);
    let mut reader = Reader::reading(W::source(setup(&[("started", wanted)])));
    let refused = reader.write(&world, native, 34, text("Started 22:00.", Point::Started));
    for _ in 0..2 {
        let pushed = reader.push(&refused);
        let Pushed::Refused(words) = &pushed else { panic!("{pushed:?}") };
        assert!(words.contains("the note is there") && words.contains(why), "{words}");
        assert_eq!((world.status(native), noted(native, &refused)), (before.clone(), 1));
    }
}

/// A freeze puts a change on hold and lets go what it held: once each, never late, never what somebody else holds, and
/// never what is held no more.
pub fn holds_and_lets_go<W: World>() {
    let world = W::start();
    let Some(hold) = world.hold() else {
        let able = Reader::of(&world).source.capabilities();
        let by_flag = W::KIND == SourceKind::Servicenow;
        assert!(able.holds.is_err() || by_flag, "statuses of a hold have a world with one");
        return;
    };
    let with = |options: &[(&str, &str)]| {
        let mut setup = world.setup();
        setup.options.extend(options.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())));
        Reader::reading(W::source(setup))
    };
    for alone in &hold.options {
        assert!(with(&[*alone]).source.capabilities().holds.is_err(), "{} alone holds nothing", alone.0);
    }
    let mut reader = with(&hold.options);
    assert_eq!(reader.source.capabilities().holds, Ok(()));
    let [held, thawed, worked_on] = hold.statuses;
    let [first, second, third] = &hold.waits;
    let progress = |point: Point| What::Progress { text: Prose::new("A freeze of the board."), point };
    let until = |seconds: i64| progress(Point::Held { until: now().plus(seconds) });
    let let_go = |held: &Write| progress(Point::Thawed { hold: held.id.clone() });
    let noted = |native: &str| {
        world.notes(native).iter().filter(|note| note.contains("A freeze of the board.")).count()
    };
    let stands = |native: &str| (world.status(native), noted(native));
    let words = |pushed: Pushed| match pushed {
        Pushed::Accepted(words) | Pushed::Refused(words) => words.to_string(),
        other => panic!("{other:?}"),
    };
    // Late: nothing is written.
    let before = world.status(first);
    let late = reader.write(&world, first, 50, until(-60));
    assert!(words(reader.push(&late)).contains("the freeze is over"));
    assert_eq!(stands(first), (before, 0));
    // Held, with the answer to the note lost, then that to the status: nothing is done twice.
    let freeze = reader.write(&world, first, 51, until(3600));
    let thaw = reader.write(&world, first, 52, let_go(&freeze));
    for (write, status, notes) in [(&freeze, held, 1), (&thaw, thawed, 2)] {
        world.fake().fault(W::writes, Fault::DoneThenCut);
        let lost = reader.push(write);
        assert!(matches!(lost, Pushed::Accepted(_) | Pushed::Unknown(_)), "{lost:?}");
        world.fake().fault(W::writes, Fault::DoneThenCut);
        let lost = reader.push(write);
        assert!(matches!(lost, Pushed::Accepted(_) | Pushed::Unknown(_)), "{lost:?}");
        world.fake().no_more_faults();
        let pushed = reader.push(write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
        assert_eq!(stands(first), (status.to_owned(), notes));
        world.fake().forget();
        assert!(matches!(reader.push(write), Pushed::Accepted(_)));
        let sent = world.fake().seen().iter().filter(|asked| W::writes(asked)).count();
        assert_eq!(sent, 0, "what is there is not sent again");
        let seen = run(reader.source.look(&reader.id(first))).unwrap();
        let begun = |stored: &Stored| match &stored.record {
            Record::Change(change) => change.actual_start.is_some(),
            _ => false,
        };
        assert!(!seen.iter().any(begun), "a hold is no start of the work");
        if status == held {
            // Another freeze meanwhile holds nothing, so that its end lets nothing go.
            let other = reader.write(&world, first, 53, until(3600));
            assert!(words(reader.push(&other)).contains("not by quorate"));
            let end = reader.write(&world, first, 54, let_go(&other));
            assert!(words(reader.push(&end)).contains("left as it is"));
            assert_eq!(stands(first), (held.to_owned(), 1), "nothing was written of it");
        }
    }
    // What somebody else holds is neither held again nor let go.
    world.bring(second, held);
    let freeze = reader.write(&world, second, 55, until(3600));
    assert!(words(reader.push(&freeze)).contains("not by quorate"));
    let thaw = reader.write(&world, second, 56, let_go(&freeze));
    assert!(words(reader.push(&thaw)).contains("left as it is"));
    assert_eq!(stands(second), (held.to_owned(), 0));
    // What we held and somebody began all the same is not brought back by the end of the freeze.
    let freeze = reader.write(&world, third, 57, until(3600));
    assert!(matches!(reader.push(&freeze), Pushed::Accepted(_)));
    world.bring(third, worked_on);
    let thaw = reader.write(&world, third, 58, let_go(&freeze));
    assert!(words(reader.push(&thaw)).contains("held no more"));
    assert_eq!(stands(third), (worked_on.to_owned(), 1));
    // What the system does not let is said, and the note stands.
    if let Some((native, why)) = &hold.refused {
        let before = world.status(native);
        let freeze = reader.write(&world, native, 59, until(3600));
        let said = words(reader.push(&freeze));
        assert!(said.contains("the note is there") && said.contains(why), "{said}");
        assert_eq!(stands(native), (before, 1));
    }
}

/// A success that changed nothing is no success.
pub fn believes_no_success_code<W: World>(said: Reply) {
    let world = W::start();
    let mut reader = Reader::voting(&world);
    let native = world.votable().or_else(|| world.changes().into_iter().next()).unwrap();
    if reader.source.capabilities().comments.is_err() {
        return;
    }
    let write = reader.write(&world, &native, 7, What::Comment { text: Prose::new("swallowed") });
    world.fake().fault(W::writes, Fault::Instead(said));
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Refused(_)), "{pushed:?}");
}

/// The same account with another secret.
pub fn wrong(login: Login) -> Login {
    match login {
        Login::Basic { user, .. } => Login::Basic { user, password: "wrong".to_owned().into() },
        Login::Bearer(_) => Login::Bearer("wrong".to_owned().into()),
        Login::Header { name, .. } => Login::Header { name, value: "wrong".to_owned().into() },
        Login::Nobody => Login::Nobody,
    }
}

/// Wrong credentials are told apart from an empty system, and what was known stays.
pub fn refuses_bad_credentials<W: World>() {
    let world = W::start();
    let setup = world.setup();
    let mut reader = Reader::reading(W::source(Setup { login: wrong(setup.login.clone()), ..setup }));
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("credential"), "{error}");
    assert!(!error.message.contains("wrong"), "a secret is never said: {error}");
    assert!(reader.known.is_empty());
}

/// What goes wrong on the way, and whether the round fails by it.
pub fn faults() -> Vec<(&'static str, Vec<Fault>, bool)> {
    faults_of("300")
}

/// The same, of a system that tells five minutes in another way.
pub fn faults_of(reset: &str) -> Vec<(&'static str, Vec<Fault>, bool)> {
    let page = |status: u16| Fault::Instead(Reply::new(status, "text/plain", "no"));
    let json = |text: &str| Fault::Instead(Reply::new(200, "application/json", text));
    let busy = |name: &str, value: &str| {
        Fault::Instead(Reply::new(429, "text/plain", "slow down").header(name, value))
    };
    let login = "<!DOCTYPE html><title>Log in</title>";
    vec![
        ("401", vec![page(401)], true),
        ("403", vec![page(403)], true),
        ("404", vec![page(404)], true),
        ("409", vec![page(409)], true),
        ("429 in seconds, for long", vec![busy("retry-after", "120")], true),
        ("429 in seconds, for a moment", vec![busy("retry-after", "0")], false),
        ("429 by its reset", vec![busy("x-ratelimit-reset", reset)], true),
        ("429 with no word", vec![page(429)], false),
        ("500 once is asked again", vec![page(500)], false),
        ("500 for good", vec![page(500), page(500), page(500)], true),
        ("503 once", vec![page(503)], false),
        ("cut once", vec![Fault::Cut], false),
        ("cut for good", vec![Fault::Cut, Fault::Cut, Fault::Cut], true),
        ("truncated for good", vec![Fault::Truncated, Fault::Truncated, Fault::Truncated], true),
        ("no JSON", vec![json("{\"items\": [")], true),
        ("another shape", vec![json("42")], true),
        ("a login page", vec![Fault::Instead(Reply::new(200, "text/html", login))], true),
        ("a body without end", vec![Fault::Huge(9 << 20)], true),
        ("a page again", vec![Fault::Repeated], false),
    ]
}

/// Every fault is said, changes nothing, and is over when it is over.
pub fn survives_faults<W: World>() {
    let world = W::start();
    let all = world.changes();
    for (row, faults, fails) in faults_of(W::RESET) {
        world.fake().no_more_faults();
        let mut reader = Reader::reading(W::source(world.lean()));
        let pages = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        for (at, fault) in faults.into_iter().enumerate() {
            let counted = std::sync::Arc::clone(&pages);
            // From the second page on, so that something is known already.
            world.fake().fault(
                move |asked| {
                    W::page(asked)
                        && counted.fetch_add(usize::from(at == 0), std::sync::atomic::Ordering::Relaxed) > 0
                },
                fault,
            );
        }
        let first = reader.read();
        // A page that comes twice may be told by its key, or be no harm.
        if row != "a page again" {
            assert_eq!(first.is_err(), fails, "{row}: {first:?}");
        }
        if let Err(error) = first {
            assert!(error.message.len() > 20, "{row}: {error}");
        }
        world.fake().no_more_faults();
        // Where a page was repeated, the next full round has what was missed.
        reader.read().unwrap_or_else(|error| panic!("{row}: {error}"));
        if row == "a page again" {
            continue;
        }
        assert_eq!(reader.natives(), all, "{row}");
    }
}

/// An empty answer where records were known is not believed; a clock that is off is told.
pub fn doubts_odd_answers<W: World>() {
    let world = W::start();
    let mut reader = Reader::reading(W::source(Setup { sweep: 0, ..world.lean() }));
    reader.read().unwrap();
    let all = reader.natives();
    for _ in 0..4 {
        world.fake().fault(W::page, Fault::Instead(world.nothing()));
    }
    let read = reader.read();
    assert!(
        read.is_err() || reader.warnings.iter().any(|words| words.contains("not believed")),
        "{read:?} {:?}",
        reader.warnings
    );
    assert_eq!(reader.natives(), all, "what was known stays");
    world.fake().no_more_faults();
    world.fake().fault(|_| true, Fault::Skewed(600));
    reader.warnings.clear();
    reader.read().unwrap();
    assert!(reader.warnings.iter().any(|words| words.contains("clock")), "{:?}", reader.warnings);
}

/// Every test of the suite as one of its own; with a reason, ignored unless asked for, as those that need a real server.
#[macro_export]
macro_rules! conforms {
    ($world:ty, $swallowed:expr $(, ignore = $why:literal)?) => {
        $crate::conforms!(@ $world, [$($why)?], a_full_round_reads_everything: reads_everything());
        $crate::conforms!(@ $world, [$($why)?], the_next_round_reads_what_moved: reads_what_moved());
        $crate::conforms!(@ $world, [$($why)?], nothing_is_lost_while_pages_change: pages_under_change());
        $crate::conforms!(@ $world, [$($why)?], what_is_gone_is_found: finds_what_is_gone());
        $crate::conforms!(@ $world, [$($why)?], a_vote_is_sent_once_or_said_to_be_impossible: votes_once());
        $crate::conforms!(@ $world, [$($why)?], a_vote_is_only_ones_own: votes_only_for_oneself());
        $crate::conforms!(@ $world, [$($why)?], comments_go_both_ways: comments_both_ways());
        $crate::conforms!(@ $world, [$($why)?], planned_dates_are_moved_or_it_is_said_why_not: moves_dates_or_says_why());
        $crate::conforms!(@ $world, [$($why)?], a_status_follows_a_run_once_and_forward: follows_a_run());
        $crate::conforms!(@ $world, [$($why)?], a_freeze_holds_and_lets_go_only_what_it_held: holds_and_lets_go());
        $crate::conforms!(@ $world, [$($why)?], a_lost_answer_sends_nothing_twice: sends_exactly_once());
        $crate::conforms!(@ $world, [$($why)?], no_success_code_is_believed: believes_no_success_code($swallowed));
        $crate::conforms!(@ $world, [$($why)?], bad_credentials_are_refused_and_not_told: refuses_bad_credentials());
        $crate::conforms!(@ $world, [$($why)?], faults_are_survived: survives_faults());
        $crate::conforms!(@ $world, [$($why)?], odd_answers_are_doubted: doubts_odd_answers());
    };
    (@ $world:ty, [$($why:literal)?], $name:ident: $test:ident($($argument:expr)?)) => {
        #[test]
        $(#[ignore = $why])?
        fn $name() {
            $crate::conformance::$test::<$world>($($argument)?);
        }
    };
}
