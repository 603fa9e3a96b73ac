//! A system with some changes in it: what the suite asks of every one, and those that are played from memory.
//!
//! Such a one has its state behind a lock, is asked over HTTP, and a test looks into it or changes it behind the
//! board's back. `use crate::world::*` brings what every such test begins with.
#![allow(dead_code, reason = "each system uses its part")]

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use quorate::{
    hub::Clock,
    model::SourceId,
    source::{Source, clock::WallClock, http::HttpOptions, system, words::Words},
};

#[allow(unused_imports, reason = "each system uses its part")]
pub use std::collections::{BTreeMap, BTreeSet};

#[allow(unused_imports, reason = "each system uses its part")]
pub use quorate::{
    calendar::Zone,
    config::SourceKind,
    model::{ApprovalAnswer, Prose, Record, RecordKind},
    source::{Pushed, What, Write, http::Login, markup, system::Setup},
};
#[allow(unused_imports, reason = "each system uses its part")]
pub use serde_json::{Value, json};

#[allow(unused_imports, reason = "each system uses its part")]
pub use crate::{
    conformance::Reader,
    fake::{Asked, Fake, Fault, Reply, basic, rendered},
};

/// Where faults can be put between the board and the system.
pub trait Faked {
    fn fake(&self) -> &Fake;
}

/// A system with some changes in it, on more than two pages.
pub trait World: Faked + Sized + 'static {
    const KIND: SourceKind;
    /// Five minutes, as this system tells when its budget is full again.
    const RESET: &'static str = "300";

    fn start() -> Self;
    /// The adapter with these settings.
    fn source(setup: Setup) -> Box<dyn Source> {
        system::build(Self::KIND, setup).unwrap()
    }
    /// As the adapter's README says, with the account of the source.
    fn setup(&self) -> Setup;
    /// The same, without what makes reading slow and is not looked at.
    fn lean(&self) -> Setup {
        self.setup()
    }
    /// The board member who votes in these tests.
    fn chair(&self) -> Person;
    /// Native ids of all changes that can be seen.
    fn changes(&self) -> BTreeSet<String>;
    fn create(&self) -> String;
    /// Gives a change another title.
    fn edit(&self, native: &str, title: &str);
    /// What such a change is then called here, where its title is made of more than that.
    fn titled(title: &str) -> String {
        title.to_owned()
    }
    /// Deletes a change; false where the system deletes nothing.
    fn delete(&self, native: &str) -> bool;
    /// A change with an approval that waits for the chair; none where the system takes no votes.
    fn votable(&self) -> Option<String> {
        None
    }
    /// A change whose only waiting approval is somebody else's.
    fn not_mine(&self) -> Option<String> {
        None
    }
    /// The chair's approval is answered behind our back.
    fn decided_elsewhere(&self, _native: &str) {}
    /// What the system really has as the chair's answer.
    fn answer(&self, _native: &str) -> Option<ApprovalAnswer> {
        None
    }
    /// The texts of the notes on a change, as a person sees them there.
    fn notes(&self, native: &str) -> Vec<String>;
    /// Somebody else writes a comment there, as text; `None` where comments cannot be read.
    fn say(&self, native: &str, text: &str) -> Option<()>;
    /// The statuses that a run brings there; none where a run is told as notes alone.
    fn run(&self) -> Option<Run> {
        None
    }
    /// The statuses of a hold there; none where nothing is put on hold by statuses.
    fn hold(&self) -> Option<Hold> {
        None
    }
    /// Somebody brings a change to a status there.
    fn bring(&self, native: &str, status: &str) {
        unreachable!("{native} to {status}: this world has no statuses");
    }
    /// The status of a change as people see it there.
    fn status(&self, native: &str) -> String {
        unreachable!("{native}: this world has no statuses")
    }
    /// Whether this request is the one that carries a vote or a note.
    fn writes(asked: &Asked) -> bool {
        asked.is_write()
    }
    /// Whether this request asks for a page of changes.
    fn page(asked: &Asked) -> bool;
    /// An empty page, as the system answers when nothing is found.
    fn nothing(&self) -> Reply;
}

/// The statuses that a run brings in a world.
pub struct Run {
    /// The options that name them; the account of the source writes.
    pub options: &'static [(&'static str, &'static str)],
    /// A change whose work may begin.
    pub ready: String,
    /// What it is called there after its start, and after its end.
    pub statuses: [&'static str; 2],
    /// A change, the status that its start would bring, and a part of the reason why the system does not let it.
    pub refused: (String, &'static str, &'static str),
}

/// The statuses of a hold in a world.
pub struct Hold {
    /// The options that name them: held, thawed.
    pub options: [(&'static str, &'static str); 2],
    /// Changes whose work has not begun.
    pub waits: [String; 3],
    /// What they are called there while they are held, after that, and once they are worked on.
    pub statuses: [&'static str; 3],
    /// A change that may not be put on hold from where it stands, and a part of the reason.
    pub refused: Option<(String, &'static str)>,
}

/// A credential, and what the system calls the one whose it is.
pub struct Person {
    pub login: Login,
    pub names: &'static [&'static str],
}

/// Settings every world begins with.
pub fn setup(id: &str, address: &str, login: Login) -> Setup {
    Setup {
        id: SourceId::new(id),
        address: address.to_owned(),
        login,
        me: None,
        http: HttpOptions {
            timeout: Duration::from_secs(3),
            max_body: 8 << 20,
            ..HttpOptions::by(WallClock::new(|| Clock::System.now()))
        },
        zone: Zone::UTC,
        zone_by_feed: false,
        select: None,
        options: BTreeMap::new(),
        fields: BTreeMap::new(),
        words: Words::default(),
        write: true,
        sweep: 86_400,
        windows: None,
        hard: true,
    }
}

pub fn bearer(secret: &str) -> Login {
    Login::Bearer(secret.to_owned().into())
}

pub fn password(user: &str, password: &str) -> Login {
    Login::Basic { user: user.to_owned(), password: password.to_owned().into() }
}

/// A system that is played from memory.
pub struct Served<S> {
    fake: Fake,
    state: Arc<Mutex<S>>,
}

impl<S: Send + 'static> Served<S> {
    pub fn new(state: S, answer: impl Fn(&mut S, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        Self { fake: Fake::answering(move |asked| answer(&mut shared.lock().unwrap(), asked)), state }
    }

    pub fn fake(&self) -> &Fake {
        &self.fake
    }

    /// What it has, to look into and to change.
    pub fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap()
    }

    /// The same, for a fault that changes it.
    pub fn shared(&self) -> Arc<Mutex<S>> {
        Arc::clone(&self.state)
    }

    /// The settings of a source of it, with pages so short that there are more than two.
    pub fn paged(&self, id: &str, login: Login, size: usize) -> Setup {
        let mut setup = setup(id, &self.fake.url, login);
        setup.options.insert("page_size".into(), size.to_string());
        setup
    }

    /// One that begins with something else in it.
    pub fn having(change: impl FnOnce(&mut S)) -> Self
    where
        Self: World,
    {
        let world = Self::start();
        change(&mut world.state());
        world
    }
}

impl<S> Faked for Served<S> {
    fn fake(&self) -> &Fake {
        &self.fake
    }
}

/// Writes these fields over those of a record.
pub fn overwrite(record: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else { panic!("{fields} has no fields") };
    record.as_object_mut().unwrap().extend(fields);
}

pub fn now() -> i64 {
    Clock::System.now().secs()
}

/// `2026-11-22T19:00:00Z`, so many seconds ago.
pub fn ago(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(now() - seconds, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
