//! The board as the verbs hold it: a hub, who acts, and the snapshot of this moment.

use std::{
    cell::OnceCell,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{runtime::Runtime, sync::oneshot};

use super::{
    context::Context,
    faces::{Left, Opening, Start},
    found::{credential, found},
    glance::Glance,
    interrupt, say,
    sources::{self, Pull},
    verb,
};
use crate::{
    config::{ZoneChoice, nearest},
    errors::Stop,
    hub::{Clock, Hub, Only, Reply, Request, demo, local, remote, signing},
    model::Id,
    store::{self, Mode},
    wire::{Actor, Answer, Command, Names, Problem, ProblemKind, Question, Receipt, Snapshot, Tally},
    words::doubt,
};

/// An open board.
pub struct Board {
    runtime: Runtime,
    hub: Hub,
    glance: Glance,
    whole: OnceCell<Arc<Snapshot>>,
    names: OnceCell<Arc<Names>>,
    actor: Actor,
}

impl Context<'_> {
    /// The file of the embedded board: `--db`, then the settings, then the usual place.
    pub fn board_path(&self) -> Option<PathBuf> {
        let set = || self.loaded.as_ref().ok().and_then(|loaded| loaded.settings.board.db.clone());
        let usual = || self.paths.as_ref().map(|paths| paths.board.clone());
        self.global.db.clone().or_else(set).or_else(usual)
    }

    /// Where the embedded board lies, with the password of its database where the settings name one.
    pub fn location(&self) -> Result<store::Location, Stop> {
        let path = self.board_path().ok_or_else(|| {
            Stop::invalid(
                "there is no home directory to keep a board in",
                "name a file with --db or QUORATE_DB",
            )
        })?;
        self.located(&path)
    }

    /// What is meant by a place: a file, or an address with its password.
    pub fn located(&self, place: &Path) -> Result<store::Location, Stop> {
        let location = store::Location::named(place)
            .map_err(|why| Stop::invalid(why, "the README shows how a board lies in a database"))?;
        let store::Location::Postgres(address) = location else { return Ok(location) };
        let password = self.settings()?.board.password(crate::config::system);
        let password = password.map_err(|error| {
            Stop::invalid(format!("[board]: {error}"), "`quorate config show` says where it is set")
        })?;
        Ok(store::Location::Postgres(match password {
            Some(password) => address.with_password(password),
            None => address,
        }))
    }

    /// Where the embedded board lies, if there is one; whether a database has one, only it can say.
    pub fn location_if_any(&self) -> Option<store::Location> {
        let location = self.location().ok()?;
        let there = match &location {
            store::Location::File(path) => path.exists(),
            store::Location::Memory => false,
            store::Location::Postgres(_) => true,
        };
        there.then_some(location)
    }

    /// The place of the embedded board for people; never the password of somebody who wrote it into an address.
    pub fn board_shown(&self) -> Option<String> {
        self.board_path().map(|path| shown(&path))
    }

    /// Who acts, where somebody was named: `--as`, then the settings.
    pub fn claimed(&self) -> Result<Option<Id>, Stop> {
        match &self.global.person {
            Some(name) => {
                let id = Id::new(name)
                    .map_err(|error| Stop::invalid(format!("--as: {error}"), "name a person"))?;
                Ok(Some(id))
            }
            None => Ok(self.settings()?.me.person.clone()),
        }
    }
}

impl Board {
    /// Opens the embedded board; [`Mode::Read`] for questions.
    pub(super) fn open(context: &Context<'_>, mode: Mode, pull: Pull) -> Result<Self, Stop> {
        let mode = if context.global.read_only || context.at.is_some() { Mode::Read } else { mode };
        match remote(context, mode)? {
            Some(there) => Self::open_served(there),
            None => Self::open_with(options(context, mode, pull)?),
        }
    }

    /// Opens the board for one question about this, of which a part may be all that is read.
    pub(super) fn open_about(context: &Context<'_>, about: local::About) -> Result<Self, Stop> {
        match remote(context, Mode::Read)? {
            Some(there) => Self::open_served(there),
            None => {
                let options = options(context, Mode::Read, Pull::Never)?;
                Self::open_with(local::Options { about: Some(about), ..options })
            }
        }
    }

    /// Opens the embedded board for questions, or an empty one in memory where there is none yet.
    pub(super) fn open_if_any(context: &Context<'_>) -> Result<Self, Stop> {
        if let Some(there) = remote(context, Mode::Read)? {
            return Self::open_served(there);
        }
        let mut options = options(context, Mode::Read, Pull::Never)?;
        if nothing_there(&options) {
            options.location = store::Location::Memory;
        }
        Self::open_with(options)
    }

    /// Opens the board to look at it for a while: what others do to it is published here. Nothing is written.
    pub(super) fn open_following(context: &Context<'_>) -> Result<Self, Stop> {
        match remote(context, Mode::Read)? {
            Some(there) => {
                let runtime = runtime()?;
                let hub = runtime.block_on(remote::open(remote::Options {
                    opening: false,
                    follow: true,
                    ..there
                }))?;
                let snapshot = hub.snapshot.borrow().clone();
                let actor = remote::actor(&snapshot);
                Ok(Self::of(runtime, hub, snapshot, actor))
            }
            None => {
                Self::embedded(local::Options { follow: true, ..options(context, Mode::Read, Pull::Never)? })
            }
        }
    }

    fn of(runtime: Runtime, hub: Hub, snapshot: Arc<Snapshot>, actor: Actor) -> Self {
        let (whole, names) = (OnceCell::new(), OnceCell::new());
        Self { runtime, hub, glance: Glance(snapshot), whole, names, actor }
    }

    /// Opens the board that a service holds: who acts is what it says.
    fn open_served(options: remote::Options) -> Result<Self, Stop> {
        let acts = !options.read_only;
        let runtime = runtime()?;
        let options = remote::Options { follow: false, ..options };
        let hub = runtime.block_on(remote::open(options))?;
        let snapshot = hub.snapshot.borrow().clone();
        let actor = remote::actor(&snapshot);
        told(&snapshot, acts);
        Ok(Self::of(runtime, hub, snapshot, actor))
    }

    fn open_with(options: local::Options) -> Result<Self, Stop> {
        Self::embedded(local::Options { follow: false, ..options })
    }

    fn embedded(options: local::Options) -> Result<Self, Stop> {
        let options = local::Options { cache: false, rows: false, ..options };
        let acts = !options.read_only;
        let identity = options.identity.clone();
        let runtime = runtime()?;
        let hub = runtime.block_on(local::open(options))?;
        interrupt::watch();
        let snapshot = hub.snapshot.borrow().clone();
        known(&identity, &snapshot)?;
        let actor = identity.actor(&snapshot.people);
        told(&snapshot, acts);
        Ok(Self::of(runtime, hub, snapshot, actor))
    }

    /// Opens the demo in the terminal UI.
    pub(super) fn open_demo(context: &mut Context<'_>, night: bool) -> Result<(), Stop> {
        let opening = if night { crate::demo::opening_night } else { crate::demo::opening };
        let now = context.at.unwrap_or_else(|| opening(Clock::System.now()));
        let lived = if night { demo::night } else { demo::options };
        let mut options = lived(now, Clock::starting(now), context.claimed()?);
        options.read_only = context.global.read_only;
        let mut settings = context.settings()?.clone();
        if settings.ui.zone == ZoneChoice::Auto {
            // The company lives in one zone, whatever this machine's is.
            settings.ui.zone = crate::calendar::Zone::named(crate::demo::ZONE.name())
                .map_or(ZoneChoice::Auto, ZoneChoice::Named);
        }
        let start = Start {
            hub: Opening::Embedded(Box::new(options)),
            settings: &settings,
            themes: context.paths.as_ref().map(|paths| paths.themes.as_path()),
            looked: None,
            read_only: context.global.read_only.then(|| "started with --read-only".to_owned()),
            at: None,
            wall: None,
        };
        (context.faces.open)(start).map(|_| ())
    }

    /// Opens the embedded board in the terminal UI.
    pub(super) fn open_ui(context: &mut Context<'_>) -> Result<(), Stop> {
        loop {
            match Self::open_ui_once(context)? {
                Left::Quit => return Ok(()),
                Left::Demo => return Self::open_demo(context, false),
                Left::Connect => {
                    verb::source::connect(context)?;
                    context.load();
                }
            }
        }
    }

    fn open_ui_once(context: &Context<'_>) -> Result<Left, Stop> {
        let read_only = match (context.global.read_only, context.at) {
            (true, _) => Some("started with --read-only".to_owned()),
            (false, Some(_)) => Some("started with --at".to_owned()),
            (false, None) => None,
        };
        let mode = if read_only.is_some() { Mode::Read } else { Mode::Make };
        let start = Start {
            hub: opening(context, mode, Pull::Background)?,
            settings: context.settings()?,
            themes: context.paths.as_ref().map(|paths| paths.themes.as_path()),
            looked: context.paths.as_ref().map(|paths| paths.looked.as_path()),
            read_only,
            at: context.at,
            wall: None,
        };
        (context.faces.open)(start)
    }

    /// Opens the meeting or the night on the whole screen; nothing is written and no source is read.
    pub(super) fn open_wall(context: &mut Context<'_>, shows: crate::config::WallShows) -> Result<(), Stop> {
        let start = Start {
            hub: opening(context, Mode::Read, Pull::Never)?,
            settings: context.settings()?,
            themes: context.paths.as_ref().map(|paths| paths.themes.as_path()),
            looked: None,
            read_only: Some("this is the wall".to_owned()),
            at: context.at,
            wall: Some(shows),
        };
        (context.faces.open)(start).map(|_| ())
    }

    /// Takes the newest snapshot.
    pub fn refresh(&mut self) -> Result<(), Stop> {
        self.glance = Glance(self.rows_of(&[])?);
        (self.whole, self.names) = (OnceCell::new(), OnceCell::new());
        Ok(())
    }

    /// What the board says of itself, without its rows.
    #[must_use]
    pub fn glance(&self) -> &Glance {
        &self.glance
    }

    /// The board with the rows of all changes and releases, which are drawn when this is first asked for.
    pub fn whole(&self) -> Result<&Arc<Snapshot>, Stop> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole);
        }
        let whole = self.send(|reply| Request::Rows { only: Only::All, reply })?;
        Ok(self.whole.get_or_init(|| whole))
    }

    /// The board with the rows of these items alone.
    pub fn rows_of(&self, items: &[Id]) -> Result<Arc<Snapshot>, Stop> {
        self.send(|reply| Request::Rows { only: Only::Items(items.to_vec()), reply })
    }

    /// The board with the rows of what waits for somebody.
    pub fn waiting(&self) -> Result<Arc<Snapshot>, Stop> {
        self.send(|reply| Request::Rows { only: Only::Waiting, reply })
    }

    /// The newest round of an item.
    pub fn tally(&self, item: &Id) -> Result<Option<Arc<Tally>>, Stop> {
        Ok(self.rows_of(std::slice::from_ref(item))?.tallies.get(item).cloned())
    }

    /// Whether there is somebody who could vote.
    pub fn somebody_votes(&self) -> Result<bool, Stop> {
        match self.glance.somebody_votes() {
            Some(said) => Ok(said),
            None => Ok(!self.names()?.people.is_empty()),
        }
    }

    /// The ids of all that has one.
    pub fn names(&self) -> Result<Arc<Names>, Stop> {
        if let Some(names) = self.names.get() {
            return Ok(Arc::clone(names));
        }
        let Answer::Names(names) = self.ask(Question::Names)? else { return Err(verb::odd_answer()) };
        Ok(Arc::clone(self.names.get_or_init(|| Arc::new(*names))))
    }

    /// Whether nothing was put on it yet.
    pub fn is_empty(&self) -> Result<bool, Stop> {
        let names = self.names()?;
        Ok(names.changes.is_empty() && names.releases.is_empty() && names.windows.is_empty())
    }

    /// Asks the hub.
    pub fn ask(&self, question: Question) -> Result<Answer, Stop> {
        let actor = self.actor.clone();
        self.send(|reply| Request::Ask { actor, question, reply })
    }

    /// Asks the board to do something in the name of who acts.
    pub fn submit(&self, command: Command) -> Result<Receipt, Stop> {
        self.submit_signed(command, false)
    }

    /// The same; a vote is signed where it must be, or where that is asked for.
    pub fn submit_signed(&self, command: Command, sign: bool) -> Result<Receipt, Stop> {
        let command = self.runtime.block_on(signing::signed(&self.hub, &self.actor, command, sign))?;
        let id = store::random().map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("no random numbers from the system: {error}"))
        })?;
        let (actor, command) = (self.actor.clone(), Box::new(command));
        self.send(|reply| Request::Submit { id, actor, command, reply })
    }

    /// Sends a request and waits for its answer.
    pub fn send<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, Stop> {
        let gone =
            || Problem::new(ProblemKind::Unreachable, "the hub has gone").hint("try again; see the log");
        let (reply, answer) = oneshot::channel();
        let request = request(reply);
        self.runtime.block_on(async {
            self.hub.requests.send(request).await.map_err(|_| gone())?;
            Ok(answer.await.map_err(|_| gone())??)
        })
    }

    /// Takes all that was published so far as known.
    pub fn caught_up(&mut self) {
        self.hub.snapshot.mark_unchanged();
    }

    /// Waits until something new is published, at most so many seconds.
    pub fn wait(&mut self, secs: i64) {
        let most = Duration::from_secs(u64::try_from(secs).unwrap_or_default());
        let changed = async { tokio::time::timeout(most, self.hub.snapshot.changed()).await };
        // That the time is over is no failure; a hub that has gone says so when it is asked.
        let _either = self.runtime.block_on(changed);
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// Says what is wrong with the board or with this computer's clock.
fn told(snapshot: &Snapshot, acts: bool) {
    if let Some(broken) = &snapshot.broken {
        say::note(&format!("{}; {}", doubt::broken(broken), doubt::broken_hint(broken)));
    }
    if let Some(said) = snapshot.clock.map(doubt::clock).filter(|_| acts) {
        say::note(&said);
    }
}

/// Whether there is no board yet where it would be.
fn nothing_there(options: &local::Options) -> bool {
    match &options.location {
        store::Location::File(path) => path.symlink_metadata().is_err(),
        store::Location::Memory => true,
        location @ store::Location::Postgres(_) => {
            matches!(store::Store::open(location, &options.store), Err(error) if matches!(error.fault, store::Fault::NoBoard))
        }
    }
}

/// A place as people may read it.
pub(super) fn shown(path: &Path) -> String {
    match store::Location::named(path) {
        Ok(location) => place(&location),
        Err(_) => "an address that cannot be used".to_owned(),
    }
}

/// The name of a place.
pub(super) fn place(location: &store::Location) -> String {
    match location {
        store::Location::File(path) => path.display().to_string(),
        store::Location::Memory => "a board in memory".to_owned(),
        store::Location::Postgres(address) => address.to_string(),
    }
}

/// The service that holds the board of this run, where one does.
fn remote(context: &Context<'_>, mode: Mode) -> Result<Option<remote::Options>, Stop> {
    let Some(at) = found(context)?.at else { return Ok(None) };
    if context.global.person.is_some() {
        return Err(Stop::invalid(
            "--as is not for a served board: you are who this machine or your token says you are",
            "leave --as out; in the chair, `vote --for` enters what others say",
        ));
    }
    if context.at.is_some() {
        return Err(Stop::invalid(
            "--at is not for a served board: its time is the service's",
            "leave --at out, or ask about a file of your own with --db",
        ));
    }
    let credential = credential(context, &at)?;
    let remote = context.settings()?.remote.clone();
    let paths = crate::config::Paths::find();
    Ok(Some(remote::Options {
        at,
        ca: remote.ca,
        credential,
        clock: Clock::System,
        read_only: mode == Mode::Read,
        unsent: paths.as_ref().map(|paths| paths.unsent.clone()),
        own: sources::own(context)?,
        cache: paths.map(|paths| paths.cache).filter(|_| remote.cache.0),
        opening: true,
        follow: true,
    }))
}

/// Only waits for the hub, at most for a time, so it needs no files of its own.
fn runtime() -> Result<Runtime, Stop> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Problem::new(ProblemKind::Unreachable, format!("cannot start: {error}")).into())
}

/// How the hub of this board is opened, whosever it is.
fn opening(context: &Context<'_>, mode: Mode, pull: Pull) -> Result<Opening, Stop> {
    Ok(match remote(context, mode)? {
        Some(there) => Opening::Served(there),
        None => Opening::Embedded(Box::new(options(context, mode, pull)?)),
    })
}

/// How the hub of the embedded board is opened.
pub(super) fn options(context: &Context<'_>, mode: Mode, pull: Pull) -> Result<local::Options, Stop> {
    let location = context.location()?;
    let clock = context.at.map_or(Clock::System, Clock::Fixed);
    let identity = local::Identity {
        login: login(),
        owns_board: matches!(&location, store::Location::File(path) if owns(path)),
        claimed: context.claimed()?,
        verified: false,
    };
    let shared = context.settings()?.board.share_group;
    let store = store::OpenOptions { mode, shared, ..Default::default() };
    let read_only = mode == Mode::Read;
    let sources = sources::configured(context, pull)?;
    let unsent = crate::config::Paths::find().map(|paths| paths.unsent);
    let options = local::Options { location, identity, cache: true, ..local::Options::memory(clock) };
    let post = super::post::configured(context.settings()?, context.paths.as_ref())?;
    Ok(local::Options { store, read_only, sources, unsent, post, ..options })
}

/// The operating-system user's login, by the kernel's word; the number where it has no name.
pub(super) fn login() -> String {
    let uid = uzers::get_current_uid();
    uzers::get_user_by_uid(uid)
        .map_or_else(|| uid.to_string(), |user| user.name().to_string_lossy().into_owned())
}

/// Whether the board's file is this user's, or will be because it is not there yet.
fn owns(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |facts| facts.uid() == uzers::get_current_uid())
}

/// Refuses a claim to be somebody the board does not know.
fn known(identity: &local::Identity, snapshot: &Snapshot) -> Result<(), Stop> {
    let Some(claimed) = &identity.claimed else { return Ok(()) };
    if snapshot.people.contains_key(claimed) {
        return Ok(());
    }
    let near = nearest(claimed.as_str(), snapshot.people.keys().map(Id::as_str));
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => "people come with `quorate import`".to_owned(),
    };
    Err(Stop::invalid(format!("the board knows no person {claimed}"), hint))
}
