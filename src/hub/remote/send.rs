//! Requests of a face, each sent to the service and answered with its words.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use reqwest::{Method, RequestBuilder, Response, header};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::{mpsc, watch};

use super::{At, Credential, Errand, Options, over_network};
use crate::{
    config::ExposeSecret,
    hub::{
        Only, Reply, Request,
        held::{self, Shelf},
        imported,
        local::cache,
        protocol::{
            self, Backup, Claim, Claimed, Draft, KEY, LAYOUT, MEETING, MeDocument, OPENING_FIRST, POSITION,
            Report, Reported, SESSION, Sync, VERSION, path,
        },
        unsent::Unsent,
    },
    model::{Id, Line},
    wire::{Actor, Answer, Command, MeetingCommand, Problem, ProblemKind, Question, Receipt, Snapshot},
};

/// How long a request may take, once it is sent.
const PATIENCE: Duration = Duration::from_secs(120);

/// A service that is gone is seen to be by all that follows it within this time.
const NOTICED: Duration = Duration::from_secs(1);

/// The connection to the service.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// What every address begins with; over a socket the name of the host is nobody's.
    base: String,
    credential: Credential,
    /// What this session calls itself.
    session: String,
    /// The meeting that its person is in, as far as the service has taken that.
    meeting: Arc<Mutex<Option<Id>>>,
}

impl Client {
    /// A client of this service.
    ///
    /// # Errors
    /// When none can be made, or the further certificates cannot be read.
    pub fn new(options: &Options) -> Result<Self, Problem> {
        crate::source::http::tls_provider();
        let (builder, base) = match &options.at {
            At::Socket(socket) => (
                // The kernel vouches for the other end: no certificate of this machine is read, or needed.
                reqwest::Client::builder().unix_socket(socket.as_path()).no_proxy().tls_certs_only([]),
                "http://quorate".to_owned(),
            ),
            At::Url(url) => (over_network(url, options.ca.as_deref())?, url.clone()),
        };
        let http = builder.build().map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("no connection can be made: {error}"))
        })?;
        let session = crate::store::random::<16>().map(|bytes| hex(&bytes)).map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("this computer gives no random bytes: {error}"))
        })?;
        let (credential, meeting) = (options.credential.clone(), Arc::default());
        Ok(Self { http, base, credential, session, meeting })
    }

    fn meeting(&self) -> MutexGuard<'_, Option<Id>> {
        self.meeting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request in the name of who runs this.
    async fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Problem> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        Ok(match self.credential.bearer().await? {
            Some(bearer) => request.bearer_auth(bearer.expose_secret()),
            None => request,
        })
    }

    /// The publications from now on: those since a position, where there is one, and before them what the first screen shows,
    /// where that is asked for and not kept as what is named.
    ///
    /// # Errors
    /// When the service cannot be reached, or says no.
    pub async fn stream(&self, since: Option<&str>, opening: Option<&str>) -> Result<Response, Failed> {
        // A login that holds no longer is told as the service would tell it.
        let request = self.request(Method::GET, path::STREAM).await;
        let request = request.map_err(|problem| Failed { problem, answered: true })?;
        let mut request = request.header(VERSION, env!("CARGO_PKG_VERSION")).header(SESSION, &self.session);
        if let Some(layout) = cache::layout() {
            request = request.header(LAYOUT, layout);
        }
        if let Some(meeting) = self.meeting().as_ref() {
            request = request.header(MEETING, meeting.as_str());
        }
        if let Some(kept) = opening {
            request = request.header(OPENING_FIRST, kept);
        }
        if let Some(position) = since {
            request = request.header(POSITION, position);
        }
        accepted(request.send().await).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        to: &str,
        key: Option<[u8; 16]>,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        self.tried(to, key, body).await.map_err(|failed| failed.problem)
    }

    async fn tried<T: DeserializeOwned>(
        &self,
        to: &str,
        key: Option<[u8; 16]>,
        body: &impl Serialize,
    ) -> Result<T, Failed> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Problem::new(ProblemKind::Invalid, format!("this cannot be sent: {error}")))
            .map_err(Failed::surely)?;
        let mut request = self.request(Method::POST, to).await.map_err(Failed::surely)?.body(body);
        // Sources are read as long as their own bounds say, and a board is copied as long as it is large.
        if ![path::SYNC, path::BACKUP].contains(&to) {
            request = request.timeout(PATIENCE);
        }
        request = request.header(header::CONTENT_TYPE, "application/json");
        request = request.header(VERSION, env!("CARGO_PKG_VERSION"));
        if let Some(key) = key {
            request = request.header(KEY, hex(&key)).header(SESSION, &self.session);
        }
        read(accepted(request.send().await).await?).await
    }

    /// The board at this moment, with the rows that are asked for.
    ///
    /// # Errors
    /// When the service cannot be reached, or says no.
    pub async fn look(&self, options: &Options, only: &Only) -> Result<Arc<Snapshot>, Problem> {
        let seen: Snapshot = self.post(path::LOOK, None, only).await?;
        let place = format!("served at {}", options.at).into();
        let read_only = options.read_only || seen.read_only;
        Ok(Arc::new(Snapshot { place, read_only, served: true, accounts: options.accounts(), ..seen }))
    }

    async fn submit(&self, id: [u8; 16], command: &Command) -> Result<Receipt, Problem> {
        let mut done = self.tried(path::COMMANDS, Some(id), command).await;
        if let Err(Failed { answered: false, .. }) = &done {
            // Under its key it is not done twice, and is answered as it would have been. Who is not reached now keeps the doubt.
            let again = self.tried(path::COMMANDS, Some(id), command).await;
            done = if matches!(again, Err(Failed { answered: false, .. })) { done } else { again };
        }
        let receipt: Receipt = done.map_err(|failed| failed.problem)?;
        if let Command::Meeting { meeting, act } = command {
            if matches!(act, MeetingCommand::StillHere) {
                *self.meeting() = Some(meeting.clone());
            } else if matches!(act, MeetingCommand::Leave { person: None }) {
                *self.meeting() = None;
            }
        }
        Ok(receipt)
    }

    async fn drafts(&self) -> Result<Vec<(Id, String)>, Problem> {
        let request = self.request(Method::GET, path::DRAFTS).await?.timeout(PATIENCE);
        sent(request).await
    }

    async fn known(&self) -> Result<MeDocument, Problem> {
        let request = self.request(Method::GET, path::ME).await?.timeout(PATIENCE);
        sent(request).await
    }

    /// Takes a write, to send it here.
    ///
    /// # Errors
    /// When it is not given out now, or the service cannot be reached.
    pub async fn claim(&self, claim: &Claim) -> Result<Claimed, Problem> {
        match self.tried(path::CLAIM, None, claim).await {
            // Under what this try calls itself it is answered as it was.
            Err(Failed { answered: false, .. }) => self.post(path::CLAIM, None, claim).await,
            done => done.map_err(|failed| failed.problem),
        }
    }

    /// Says how a write ended.
    ///
    /// # Errors
    /// When the service does not hear it, or says no.
    pub async fn report(&self, report: &Report) -> Result<Reported, Failed> {
        self.tried(path::REPORT, None, report).await
    }

    async fn ask(&self, question: &Question) -> Result<Answer, Problem> {
        self.post(path::ASK, None, question).await
    }
}

/// Why a request came to nothing.
#[derive(Debug)]
pub struct Failed {
    pub problem: Problem,
    /// The service said so; otherwise it was not reached, or its answer got lost.
    pub answered: bool,
}

impl Failed {
    fn surely(problem: Problem) -> Self {
        Self { problem, answered: true }
    }

    fn lost(error: &reqwest::Error) -> Self {
        Self { problem: unreachable(error), answered: false }
    }
}

async fn accepted(sent: reqwest::Result<Response>) -> Result<Response, Failed> {
    let response = sent.map_err(|error| Failed::lost(&error))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let problem = response.json().await;
    Err(Failed::surely(problem.unwrap_or_else(|_| {
        Problem::new(ProblemKind::Unreachable, format!("the service of the board answered {status}"))
    })))
}

async fn sent<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Problem> {
    let answer = accepted(request.send().await).await.map_err(|failed| failed.problem)?;
    read(answer).await.map_err(|failed| failed.problem)
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failed> {
    let body = response.bytes().await.map_err(|error| Failed::lost(&error))?;
    serde_json::from_slice(&body).map_err(|error| {
        let title = format!("the answer of the service cannot be read: {error}");
        let hint = "use the version that serves the board";
        Failed::surely(Problem::new(ProblemKind::Unreachable, title).hint(hint))
    })
}

fn unreachable(error: &reqwest::Error) -> Problem {
    let why = if error.is_timeout() { "it did not answer in time" } else { "it cannot be reached" };
    tracing::warn!(%error, "service");
    if error.is_connect() && !error.is_timeout() {
        // The innermost reason says which: nobody listens, no such host, a certificate that is not trusted.
        let cause = crate::source::http::told(error);
        return Problem::new(ProblemKind::Unreachable, format!("the service of the board: {why}: {cause}"))
            .hint("ask whoever runs it; `ca` under [remote] names further certificates to trust");
    }
    Problem::new(ProblemKind::Unreachable, format!("the service of the board: {why}"))
        .hint("what was sent may or may not have been recorded: look before you send it again")
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Sends every request of the faces, several at once, until the last handle is gone or it is closed: gives who waits for that,
/// and what is still under way.
pub async fn send(
    options: &Options,
    client: &Client,
    own: &mpsc::UnboundedSender<Errand>,
    publish: &watch::Sender<Arc<Snapshot>>,
    mut inbox: mpsc::Receiver<Request>,
) -> (Option<Reply<()>>, impl Future<Output = ()>) {
    let mut under_way = FuturesUnordered::new();
    let closing = loop {
        tokio::select! {
            request = inbox.recv() => match request {
                None => break None,
                Some(Request::Close { reply }) => {
                    // What came before has at least begun: what is written down at once, is.
                    while let Poll::Ready(Some(())) = futures::poll!(under_way.next()) {}
                    break Some(reply);
                }
                Some(request) => under_way.push(one(options, client, own, publish, request)),
            },
            Some(()) = under_way.next() => {}
        }
    };
    (closing, async move { while under_way.next().await.is_some() {} })
}

/// Hands over what a file holds, and notes with the receipt what was made of it.
async fn import(
    options: &Options,
    client: &Client,
    publish: &watch::Sender<Arc<Snapshot>>,
    (id, name, read): ([u8; 16], Line, imported::Read),
) -> Result<Receipt, Problem> {
    let (command, notes) = read.command(name);
    let done = seen(options, publish, client.submit(id, &command).await).await;
    done.map(|receipt| notes.onto(receipt))
}

/// The newest publication, once more has come than what the first screen shows.
async fn whole(publish: &watch::Sender<Arc<Snapshot>>) -> Result<Arc<Snapshot>, Problem> {
    let mut shown = publish.subscribe();
    let seen = shown.wait_for(|snapshot| snapshot.opening.is_none() || snapshot.stuck.is_some()).await;
    match seen.map(|seen| Arc::clone(&seen)) {
        Ok(seen) if seen.opening.is_none() => Ok(seen),
        Ok(_) | Err(_) => Err(Problem::new(ProblemKind::Unreachable, "cut off before the board was there")
            .hint("ask again once it is")),
    }
}

/// The board as far as it is known here, or as it is now where nothing is followed; without any of its items then.
async fn board(
    options: &Options,
    client: &Client,
    publish: &watch::Sender<Arc<Snapshot>>,
) -> Result<Arc<Snapshot>, Problem> {
    if options.follow {
        return whole(publish).await;
    }
    client.look(options, &Only::Items(Vec::new())).await
}

async fn one(
    options: &Options,
    client: &Client,
    own: &mpsc::UnboundedSender<Errand>,
    publish: &watch::Sender<Arc<Snapshot>>,
    request: Request,
) {
    let writes = || {
        if options.read_only {
            return Err(Problem::new(ProblemKind::NotAllowed, "this board is open read-only")
                .hint("open it without --read-only and --at"));
        }
        Ok(())
    };
    // A face that no longer waits for its answer is no fault.
    match request {
        Request::Submit { id, actor: _, command, reply } => {
            let done = match writes() {
                Ok(()) => client.submit(id, &command).await,
                Err(refused) => Err(refused),
            };
            let _ = reply.send(seen(options, publish, done).await);
        }
        Request::Ask { actor: _, question, reply } => drop(reply.send(client.ask(&question).await)),
        Request::Sync { actor: _, source, accept, reply } => {
            let body = Sync { source, accept };
            let _ = reply.send(client.post(path::SYNC, None, &body).await);
        }
        Request::Retry { actor: _, source, reply } => {
            let _ = reply.send(client.post(path::RETRY, None, &source).await);
        }
        Request::SendOwn { source, reply } => match board(options, client, publish).await {
            // Answered by who sends them; who is gone answers nobody.
            Ok(seen) => drop(own.send(Errand { seen, source, reply })),
            Err(problem) => drop(reply.send(Err(problem))),
        },
        // Sessions ask for them by themselves, see `own`.
        Request::Claim { .. } | Request::Report { .. } => {}
        // A publication has all of them.
        Request::Rows { only: _, reply } if options.follow => drop(reply.send(whole(publish).await)),
        Request::Rows { only, reply } => drop(reply.send(client.look(options, &only).await)),
        // Reads of sources are the service's.
        Request::Cancel => {}
        Request::Draft { actor, item, text } => {
            put_aside(client, aside(options, publish, &actor).as_ref(), Draft { item, text }).await;
        }
        Request::Drafts { actor, reply } => {
            let aside = aside(options, publish, &actor);
            let _ = reply.send(drafts(client, aside.as_ref()).await);
        }
        Request::Hold { actor, held, reply } => {
            let kept = match shelf(options, &actor) {
                Some(shelf) => shelf.keep(&held).map_err(|error| error.to_string()),
                None => Err("there is no state directory".to_owned()),
            };
            let _ = reply.send(kept.map_err(|why| Problem::new(ProblemKind::Invalid, why)));
        }
        Request::LetGo { key } => {
            if let Some(directory) = &options.unsent
                && let Err(error) = held::let_go(directory, key)
            {
                // It goes out once more under its key, which is answered as before.
                tracing::warn!(%error, "what was queued is still kept");
            }
        }
        Request::Held { actor, reply } => {
            let _ = reply.send(Ok(shelf(options, &actor).map(|shelf| shelf.all()).unwrap_or_default()));
        }
        Request::Known { reply } => drop(reply.send(client.known().await.map(Some))),
        Request::Backup { actor: _, name, reply } => {
            let _ = reply.send(client.post(path::BACKUP, None, &Backup { name }).await);
        }
        // Whoever serves hands messages over by itself, and says here when its channels have answered.
        Request::Deliver { reply } => {
            // What is queued is handed over whether this is answered or not.
            if let Err(problem) = client.post::<()>(path::DELIVER, None, &()).await {
                tracing::warn!(%problem, "the answers of channels are not waited for");
            }
            let _ = reply.send(Ok(()));
        }
        // Its settings are read where it runs.
        Request::Settings { .. } => {}
        Request::Restore { reply, .. } => {
            let refused = "a served board is restored where it is kept";
            let hint = "stop the service, and restore with --db FILE as its user";
            let _ = reply.send(Err(Problem::new(ProblemKind::NotAllowed, refused).hint(hint)));
        }
        Request::Import { id, actor: _, name, bytes, how, dry_run, reply } => {
            let read = {
                let rules = Arc::clone(&publish.borrow().rules);
                imported::read(&name, &bytes, &how, &rules)
            };
            let done = match read {
                Err(problem) => Err(problem),
                Ok(read) if dry_run => {
                    client.ask(&Question::Export { log: false }).await.and_then(|board| read.preview(board))
                }
                Ok(read) => match writes() {
                    Ok(()) => import(options, client, publish, (id, name, read)).await,
                    Err(refused) => Err(refused),
                },
            };
            let _ = reply.send(done);
        }
        // Who serves checks requests, not who sends them.
        Request::Token { id: _, reply } => drop(reply.send(Ok(None))),
        Request::TokensUsed { used: _ } => {}
        // Who keeps the record signs it.
        Request::Standing { .. } | Request::Witness { .. } => {}
        #[cfg(test)]
        Request::HoldUp { .. } => {}
        Request::Close { reply } => drop(reply.send(Ok(()))),
    }
}

/// Where unsent text of who acts is kept while the service cannot be reached.
fn aside<'a>(
    options: &'a Options,
    publish: &watch::Sender<Arc<Snapshot>>,
    actor: &'a Actor,
) -> Option<Unsent<'a>> {
    let lineage = &publish.borrow().lineage;
    let board = format!("{}#{lineage}", options.at).into();
    Some(Unsent { directory: options.unsent.as_deref()?, board, person: author(actor) })
}

/// Where commands of who acts wait for the board that is served there.
fn shelf<'a>(options: &'a Options, actor: &'a Actor) -> Option<Shelf<'a>> {
    let board = options.at.to_string();
    Some(Shelf { directory: options.unsent.as_deref()?, board, person: author(actor) })
}

/// Whose texts these are: the person's, or the login's where it maps to nobody.
fn author(actor: &Actor) -> &str {
    actor.person.as_ref().map_or(actor.login.as_str(), Id::as_str)
}

fn keep(aside: Option<&Unsent<'_>>, item: &Id, text: &str) {
    if let Some(aside) = aside
        && let Err(error) = aside.keep(item.as_str(), text)
    {
        tracing::warn!(%error, "a draft is not kept");
    }
}

/// Keeps a draft, first here: the service may be gone, and this program before it is back.
async fn put_aside(client: &Client, aside: Option<&Unsent<'_>>, draft: Draft) {
    keep(aside, &draft.item, &draft.text);
    match client.post::<()>(path::DRAFTS, None, &draft).await {
        Ok(()) => taken(aside, &draft),
        Err(error) => tracing::warn!(%error, "the service does not keep a draft"),
    }
}

/// The service keeps it: what was written since stays.
fn taken(aside: Option<&Unsent<'_>>, draft: &Draft) {
    let is = |(item, text): &(String, String)| *item == *draft.item.as_str() && *text == draft.text;
    if aside.is_some_and(|aside| aside.all().iter().any(is)) {
        keep(aside, &draft.item, "");
    }
}

/// What the service keeps, and what was written here while it could not be reached, which is newer.
async fn drafts(client: &Client, aside: Option<&Unsent<'_>>) -> Result<Vec<(Id, String)>, Problem> {
    let here = aside.map(Unsent::all).unwrap_or_default();
    let here: BTreeMap<Id, String> =
        here.into_iter().filter_map(|(item, text)| Some((Id::new(&item).ok()?, text))).collect();
    let there = match client.drafts().await {
        Ok(there) => there,
        Err(_) if !here.is_empty() => return Ok(here.into_iter().collect()),
        Err(problem) => return Err(problem),
    };
    for (item, text) in &here {
        let draft = Draft { item: item.clone(), text: text.clone() };
        if client.post::<()>(path::DRAFTS, None, &draft).await.is_ok() {
            taken(aside, &draft);
        }
    }
    let mut all: BTreeMap<Id, String> = there.into_iter().collect();
    all.extend(here);
    Ok(all.into_iter().collect())
}

/// What was done is shown before it is answered, as the hub inside the program has it; and that the service is gone before
/// it is said of one request.
async fn seen(
    options: &Options,
    publish: &watch::Sender<Arc<Snapshot>>,
    done: Result<Receipt, Problem>,
) -> Result<Receipt, Problem> {
    if !options.follow {
        return done;
    }
    let mut shown = publish.subscribe();
    match &done {
        Ok(receipt) => {
            let there = shown.wait_for(|snapshot| snapshot.seq >= receipt.seq);
            let _late = tokio::time::timeout(Duration::from_secs(protocol::HEARTBEAT), there).await;
        }
        Err(problem) if problem.kind == ProblemKind::Unreachable => {
            let gone = shown.wait_for(|snapshot| snapshot.stuck.is_some());
            let _still_there = tokio::time::timeout(NOTICED, gone).await;
        }
        Err(_) => {}
    }
    done
}
