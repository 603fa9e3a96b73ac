//! The loop of a local hub: one thing after the other, each one commit and one snapshot.
//!
//! What others wrote is read in `follow`, what is published is made in `publish`, and unsent text is kept in `drafts`.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant as Moment},
};

use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Options,
    agreed::{AGREE, Clocks},
    answer::ground,
    commit::{Sent, answered_before, may_move, reaction},
    counted::Counted,
    derived::Index,
    farewell,
    group::Inbox,
    handing::UnderWay,
    import, notices,
    others::Others,
    outbox::{Outbox, Own},
    problem,
    proof::Proof,
    reading::Reading,
    sources::Sources,
    tokens,
};
use crate::{
    hub::Request,
    ledger::Who,
    model::{Id, Instant, hook::LOGIN},
    projection::Live,
    rules::risk::History,
    store::{self, Batch, Head, Lead, Seq, Store, Watch},
    wire::{Actor, Command, Known, Problem, ProblemKind, Receipt, Snapshot},
};

/// How long requests may go before what else waits: time, sources, other processes.
const TIME: Duration = Duration::from_millis(100);

/// How often it is looked, while nothing happens, whether this process's clock was set, and who else serves the board.
const LOOK: Duration = Duration::from_secs(30);

/// Everything a local hub holds.
pub struct Server {
    pub(super) store: Store,
    /// Set before the board is read, so that no commit falls between; the loop takes it.
    watch: Option<Watch>,
    pub(super) options: Options,
    pub(super) sources: Sources,
    /// What is to be written to sources.
    pub(super) outbox: Outbox,
    /// Which of it sessions of people asked for, and what these say they sent.
    pub(super) own: Own,
    /// Messages that are being handed over.
    pub(super) handing: UnderWay,
    pub(super) live: Live,
    pub(super) head: Head,
    pub(super) publish: watch::Sender<Arc<Snapshot>>,
    /// The time of the history that is lived through.
    pub(super) past: Option<Instant>,
    /// Held by the one process that pulls, pushes and reacts to time.
    pub(super) lead: Option<Lead>,
    /// The sequence the cache was written at.
    pub(super) cached: Option<Seq>,
    /// Where the board was moved, so that this one is only read.
    pub(super) moved: Option<String>,
    /// Since when what others write cannot be read, and why: nothing is written until it can.
    pub(super) stuck: Option<(Instant, Problem)>,
    /// Whether the record holds.
    pub(super) proof: Proof,
    /// What commits have left about time.
    pub(super) clocks: Clocks,
    /// Seconds by which this process's clock is off, as it was last looked at.
    pub(super) off: Option<i64>,
    /// The first frame came from an opening, or there will be one for the next.
    pub(super) opened: bool,
    /// This process committed something.
    pub(super) wrote: bool,
    /// Other services of this board.
    pub(super) others: Others,
    /// Long questions that are answered beside the loop.
    pub(super) reading: Reading,
    /// The index of the board that is left beside it while it is open.
    pub(super) index: Index,
    /// Numbers that were counted before.
    pub(super) counted: Counted,
    /// Only a part of the board was read: that which answers about one item, or about what waits.
    pub(super) part: Option<ReadPart>,
}

/// The part of a board that was read, where it was not read whole.
pub(super) struct ReadPart {
    /// What it answers about; none where that is all that waits.
    pub item: Option<Id>,
    /// A meeting had it before it: who is in the chair of its round is asked of the whole.
    pub met: bool,
    /// How all changes of the board ended.
    pub outcomes: History,
}

impl Server {
    /// Loads the board and publishes its first snapshots; `shown` is called after each.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn open(
        store: Store,
        mut options: Options,
        publish: watch::Sender<Arc<Snapshot>>,
        mut shown: impl FnMut(),
    ) -> Result<Self, Problem> {
        let watch = options.follow.then(|| store.watch());
        let head = store.head().map_err(problem)?;
        if let Some(own) = store.is_own().map_err(problem)? {
            options.identity.owns_board = own;
        }
        // What was moved is shown as it was, and nothing is done to it.
        let moved = store.moved().map_err(problem)?;
        options.read_only |= moved.is_some();
        let sources = Sources::new(std::mem::take(&mut options.sources));
        let shared = options.shared;
        let live = Live::default();
        let mut server = Self {
            store,
            watch,
            options,
            sources,
            outbox: Outbox::of_board(shared),
            own: Own::default(),
            handing: UnderWay::default(),
            live,
            head,
            publish,
            past: None,
            lead: None,
            cached: None,
            moved,
            stuck: None,
            proof: Proof::default(),
            clocks: Clocks::default(),
            off: None,
            opened: false,
            wrote: false,
            others: Others::default(),
            reading: Reading::default(),
            index: Index::default(),
            counted: Counted::default(),
            part: None,
        };
        if let Some(opening) = server.read_opening() {
            server.opened = true;
            server.show(opening);
            shown();
        }
        if let Some(snapshot) = server.read_cache() {
            server.cached = Some(snapshot.seq);
            server.show(snapshot);
            shown();
        }
        if !server.read_part() {
            server.reload()?;
        }
        let known = server.publish.borrow().conflicts.rows().clone();
        Arc::make_mut(&mut server.live.ledger).expect(known);
        server.live_through_history()?;
        server.settle();
        shown();
        Ok(server)
    }

    /// Works until closed, or until the last handle is gone.
    pub async fn serve(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut watch = self.watch.take();
        let mut turn = self.await_lead();
        let (mut waiting, mut served) = (Inbox::default(), Moment::now());
        let mut look = tokio::time::Instant::now() + LOOK;
        self.announce();
        loop {
            if self.lead.as_ref().is_some_and(|lead| !lead.holds()) {
                tracing::warn!("this process leads no more");
                self.lead = None;
                turn = self.await_lead();
            }
            let clock = self.options.clock.clone();
            let (due, index) = (self.next_due(), self.index_due());
            let ahead = self.counted.due().filter(|_| self.options.follow);
            if served.elapsed() >= TIME {
                served = Moment::now();
                // What else waits has its turn, however many ask.
                tokio::select! { biased;
                    () = stirring(&mut watch) => self.follow(),
                    ended = self.sources.next() => self.ended(ended),
                    handed = self.handing.next() => self.handed(handed),
                    ended = self.reading.next() => self.read(ended),
                    () = clock.reach(due) => self.react(),
                    () = std::future::ready(()) => {}
                }
                continue;
            }
            // Requests first, because a person waits for each; then what others wrote, so that time reacts to all of it.
            tokio::select! { biased;
                request = waiting.recv(&mut inbox) => match request {
                    None => break,
                    Some(Request::Close { reply }) => {
                        self.end_reading().await;
                        self.leave_cache();
                        let sources = std::mem::take(&mut self.sources);
                        // Closed before it is answered: who asked may copy the file at once.
                        self.close();
                        let _ = reply.send(Ok(()));
                        return sources.close().await;
                    }
                    Some(request @ Request::Submit { .. }) => {
                        self.submit_with_waiting(request, &mut waiting, &mut inbox);
                    }
                    Some(request) => self.take(request),
                },
                () = farewell::ending() => break,
                () = stirring(&mut watch) => self.follow(),
                lead = arrival(&mut turn) => {
                    self.lead = Some(lead);
                    self.react();
                }
                ended = self.sources.next() => self.ended(ended),
                handed = self.handing.next() => self.handed(handed),
                ended = self.reading.next() => self.read(ended),
                told = self.counted.next() => self.counted_ahead(told),
                () = moment(self.proof.due()) => self.prove_again(),
                () = moment(index) => self.renew_index(),
                () = moment(ahead) => self.count_ahead(),
                () = clock.reach(due) => self.react(),
                () = tokio::time::sleep_until(look), if self.options.follow => {
                    look += LOOK;
                    self.look_at_clock();
                    self.look_at_index();
                    self.announce();
                }
            }
        }
        self.last(waiting, inbox);
        self.end_reading().await;
        self.leave_cache();
        let sources = std::mem::take(&mut self.sources);
        // The board first: it waits for no system.
        self.close();
        sources.close().await;
    }

    /// Says so where this process's clock is another one than it was, and waits by it for what is due: who sleeps until a time
    /// does not notice that it was set.
    fn look_at_clock(&mut self) {
        let off = self.judge().off;
        if off.is_some() != self.off.is_some()
            || off.zip(self.off).is_some_and(|(a, b)| (a - b).abs() > AGREE)
        {
            self.settle();
        }
    }

    /// Answers what was accepted before the end.
    fn last(&mut self, mut waiting: Inbox, mut inbox: mpsc::Receiver<Request>) {
        inbox.close();
        while let Some(request) = waiting.at_once(&mut inbox) {
            match request {
                Request::Submit { .. } => self.submit_with_waiting(request, &mut waiting, &mut inbox),
                request => self.take(request),
            }
        }
    }

    /// Closes the store.
    fn close(mut self) {
        if self.stuck.is_none() {
            self.renounce();
        }
        if !self.options.follow {
            let derived = if self.wrote { self.derived(Self::leave_opening) } else { None };
            // The process ends with its one command: what the board took of memory is not given back piece by piece.
            std::mem::forget(std::mem::take(&mut self.live));
            std::mem::forget(self.publish.borrow().clone());
            return self.close_and_leave(derived);
        }
        self.index.end();
        let derived = self.derived(|_| ());
        self.close_and_leave(derived);
    }

    /// When time alone changes something: on the board, or for the sources of who leads.
    fn next_due(&self) -> Option<Instant> {
        if !self.options.follow {
            return None;
        }
        let now = self.options.clock.now();
        let leads = self.leads() && self.proof.broken().is_none();
        let pull = self.sources.due().filter(|_| leads);
        let push = self.outbox.next_due(now);
        // What time brings to the board comes by the board's time, not by a clock that is ahead of it or behind.
        let ahead = self.off.map_or(0, |_| now - self.now());
        let due = self.live.next_due().map(|due| due.plus(ahead));
        let tell = [self.next_handing(self.now()), self.handing.look].into_iter().flatten().min();
        let tell = tell.filter(|_| leads).map(|due| due.plus(ahead));
        [due, pull, push, tell, self.sources.turns_old(now)].into_iter().flatten().min()
    }

    /// Whether this process alone pulls, pushes and reacts to time.
    pub(super) fn leads(&self) -> bool {
        self.lead.as_ref().is_some_and(Lead::holds)
    }

    /// Takes the lead or gets in line for it. Who only reads or only asks once does not.
    fn await_lead(&mut self) -> Option<oneshot::Receiver<Lead>> {
        if self.options.read_only || !self.options.follow {
            return None;
        }
        match self.store.wait_lead() {
            Ok(turn) => Some(turn),
            Err(error) => {
                tracing::error!(%error, "this process will not pull, push or react to time");
                None
            }
        }
    }

    pub(super) fn take(&mut self, request: Request) {
        self.counted.stir();
        if !self.is_answered_by_part(&request)
            && let Err(error) = self.read_whole()
        {
            // Nothing is answered by a part that may not know it: who asked sees that the hub is gone.
            return tracing::error!(%error, "the board cannot be read whole");
        }
        // A face that no longer waits for its answer is no fault.
        match request {
            Request::Submit { id, actor, command, reply } => {
                let _ = reply.send(self.submit(id, &actor, &command));
            }
            Request::Ask { actor, question, reply } => self.asked(actor, question, reply),
            #[cfg(test)]
            Request::HoldUp { actor, until, reply } => self.held(actor, until, reply),
            Request::Sync { actor, source, accept, reply } => {
                match self.refuse_read_only().and_then(|()| self.refuse_broken()) {
                    Ok(()) => {
                        let now = self.options.clock.now();
                        self.sources.pull_now(source.as_ref(), accept.then_some(actor), now, reply);
                    }
                    Err(refused) => drop(reply.send(Err(refused))),
                }
            }
            Request::Retry { actor: _, source, reply } => {
                self.outbox.retry(source.as_ref());
                let _ = reply.send(Ok(()));
            }
            Request::Claim { actor, claim, reply } => self.claim(&actor, claim, reply),
            Request::Report { actor, report, reply } => self.report(actor, report, reply),
            // Who holds the board sends by itself, with its sources.
            Request::SendOwn { source: _, reply } => drop(reply.send(Ok(()))),
            Request::Deliver { reply } => self.deliver(reply),
            Request::Cancel => {
                self.sources.cancel(self.options.clock.now());
                self.settle();
            }
            Request::Draft { actor, item, text } => self.keep_draft(&actor, &item, &text),
            Request::Drafts { actor, reply } => {
                let _ = reply.send(self.drafts(&actor));
            }
            // A board inside the program is never out of reach.
            Request::Hold { reply, .. } => {
                let refused = "nothing waits on a board that this program holds itself";
                let _ = reply.send(Err(Problem::new(ProblemKind::Invalid, refused)));
            }
            Request::LetGo { .. } => {}
            Request::Held { reply, .. } => drop(reply.send(Ok(Vec::new()))),
            Request::Restore { actor, export, reply } => {
                let _ = reply.send(self.restore(&actor, *export));
            }
            Request::Known { reply } => drop(reply.send(Ok(None))),
            Request::Backup { actor, name, reply } => self.back_up(&actor, &name, reply),
            Request::Settings { admins, sources, post } => {
                self.options.admins = admins;
                self.options.post = post;
                self.renew_sources(sources);
                self.settle();
                self.announce();
            }
            Request::Import { id, actor, name, bytes, how, dry_run, reply } => {
                let _ = reply.send(self.import(id, &actor, (name, &bytes, &how), dry_run));
            }
            Request::Rows { only, reply } => {
                let _ = reply.send(Ok(self.rows(&only)));
            }
            Request::Token { id, reply } => drop(reply.send(self.token(&id))),
            Request::TokensUsed { used } => self.tokens_used(&used),
            Request::Standing { reply } => drop(reply.send(self.standing())),
            Request::Witness { event, reply } => drop(reply.send(self.witness(*event))),
            Request::Close { reply } => {
                let _ = reply.send(Ok(()));
            }
        }
    }

    pub(super) fn refuse_read_only(&self) -> Result<(), Problem> {
        if self.options.read_only {
            return Err(Problem::new(ProblemKind::NotAllowed, "this board is open read-only")
                .hint("open it without --read-only and --at"));
        }
        Ok(())
    }

    /// What cannot be followed is not written to: nobody knows what that would be added to.
    pub(super) fn refuse_stuck(&self) -> Result<(), Problem> {
        self.stuck.as_ref().map_or(Ok(()), |(_, why)| Err(why.clone()))
    }

    /// What this hub knows of who asks beside the person.
    pub(super) fn who(&self, actor: Actor) -> Who {
        let named =
            actor.known == Known::Verified && self.options.admins.iter().any(|login| *login == *actor.login);
        // A hook is no person; only the service itself makes such a login.
        let hook = actor.person.is_none() && actor.login.starts_with(LOGIN);
        let pipeline = hook || self.is_pipeline(&actor);
        Who { admin: self.options.identity.rules() || named, pipeline, ..Who::person(actor) }
    }

    pub(super) fn submit(
        &mut self,
        id: [u8; 16],
        actor: &Actor,
        command: &Command,
    ) -> Result<Receipt, Problem> {
        self.refuse_read_only()?;
        self.follow();
        self.refuse_broken()?;
        self.refuse_ended(actor)?;
        self.refuse_channels(command, actor)?;
        let now = self.now();
        let sent = Sent::new(id, actor, command, now);
        if let Some(before) = sent.before(&self.store)? {
            return answered_before(before);
        }
        let salt = store::random().map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("this computer gives no random bytes: {error}"))
        })?;
        let said = match command {
            Command::Signed { signed, .. } => signed.statement(),
            _ => None,
        };
        let about = said.as_ref().and_then(|said| self.live.ledger.fold().round(&said.item));
        let ground = about.map(|round| ground(&self.store, round.opened)).transpose()?;
        let who = Who { salt: Some(salt), ground, ..self.who(actor.clone()) };
        let done = thread::scope(|scope| {
            if sent.is_long() {
                // Where no thread can be had it is hashed when it is needed.
                let _beside = thread::Builder::new().spawn_scoped(scope, || drop(sent.key()));
            }
            self.commit(|tx, beside| {
                may_move(tx.ledger(), beside.sources, command)?;
                tx.recall(import::comments(command, beside.store)?);
                tx.decide(command, &who)?;
                beside.outbox.may_give_up(tx.ledger(), command)?;
                let token = tokens::act(beside.store, command, actor, now)?;
                let preferences = notices::wanted(command, actor)?;
                Ok(Batch { command: Some(sent.key()?), token, preferences, ..Batch::default() })
            })
        });
        self.settle();
        if self.options.follow {
            self.send_due();
            self.hand_over(false);
        }
        done
    }

    /// Does what happened before anybody looked, each at its time, and closes what was due in between.
    fn live_through_history(&mut self) -> Result<(), Problem> {
        for past in std::mem::take(&mut self.options.history) {
            self.pass_to(past.at)?;
            let who = Who { admin: past.actor.known == Known::System, ..Who::person(past.actor) };
            self.commit(|tx, _| {
                tx.decide(&past.command, &who)?;
                Ok(Batch::default())
            })?;
        }
        if self.past.take().is_some() {
            self.pass_to(self.options.clock.now())?;
            self.past = None;
        }
        Ok(())
    }

    /// Lets time pass: every deadline until then is recorded when it is due.
    fn pass_to(&mut self, at: Instant) -> Result<(), Problem> {
        while let Some(due) =
            self.live.ledger.fold().deadlines.get_min().map(|(due, _)| *due).filter(|due| *due <= at)
        {
            self.past = Some(due);
            self.commit(reaction)?;
            if self.live.ledger.fold().deadlines.get_min().is_some_and(|(next, _)| *next == due) {
                break;
            }
        }
        self.past = Some(at);
        Ok(())
    }

    /// The time of what is being decided.
    pub(super) fn now(&self) -> Instant {
        self.judge().at
    }

    /// Time passed, or the lead came: what is due is done by who leads, seen by everybody.
    fn react(&mut self) {
        if self.leads() && self.proof.broken().is_none() {
            self.sources.pull_due(self.options.clock.now());
            let done = self.commit(reaction);
            // It stays due and is tried again with the next minute.
            if let Err(error) = done {
                tracing::error!(%error, "what is due could not be recorded");
            }
        }
        self.settle();
        if self.options.follow {
            self.send_due();
            self.hand_over(false);
        }
    }
}

/// That moment; never where there is none.
async fn moment(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Other processes may have written; never where nobody watches.
async fn stirring(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.wait_change().await,
        None => std::future::pending().await,
    }
}

/// The lead once it comes; never where nobody stands in line, or after it came.
async fn arrival(turn: &mut Option<oneshot::Receiver<Lead>>) -> Lead {
    let lead = match turn {
        Some(waiting) => waiting.await.ok(),
        None => None,
    };
    // Gone with the thread that waited: then this process never leads.
    *turn = None;
    match lead {
        Some(lead) => lead,
        None => std::future::pending().await,
    }
}
