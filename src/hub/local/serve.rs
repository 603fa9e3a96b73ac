//! The loop of a local hub: one thing after the other, each one commit and one snapshot.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Options,
    again::{LINE, PATIENCE, Patience},
    agreed::Clocks,
    farewell,
    live::Live,
    load,
    outbox::Outbox,
    problem,
    proof::{self, Proof, Seal},
    sync::Sync,
    unsent::Unsent,
};
use crate::{
    hub::Request,
    ledger::{Proposal, Who, event::SourceRead, log},
    model::{Id, Instant, RecordKind, pooled},
    store::{Batch, Entry, Head, Lead, Outcome, Seq, Store, Tombstone, Watch},
    wire::{Actor, Command, Known, Problem, ProblemKind, Receipt, Snapshot, SourceHealth},
};

/// Everything a local hub holds.
pub struct Server {
    pub(super) store: Store,
    /// Set before the board is read, so that no commit falls between; the loop takes it.
    watch: Option<Watch>,
    pub(super) options: Options,
    pub(super) sync: Sync,
    /// What is to be written to sources.
    pub(super) outbox: Outbox,
    pub(super) live: Live,
    pub(super) head: Head,
    pub(super) publish: watch::Sender<Arc<Snapshot>>,
    /// The time of the history that is lived through.
    pub(super) past: Option<Instant>,
    /// Held by the one process that pulls, pushes and reacts to time.
    pub(super) lead: Option<Lead>,
    /// The sequence the cache was written at.
    pub(super) cached: Option<Seq>,
    /// Since when what others write cannot be read, and why: nothing is written until it can.
    stuck: Option<(Instant, Problem)>,
    /// Whether the record holds.
    pub(super) proof: Proof,
    /// What commits have left about time.
    pub(super) clocks: Clocks,
    /// Seconds by which this process's clock is off, as it was last looked at.
    pub(super) off: Option<i64>,
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
        let sync = Sync::new(std::mem::take(&mut options.sources));
        let live = Live::default();
        let mut server = Self {
            store,
            watch,
            options,
            sync,
            outbox: Outbox::default(),
            live,
            head,
            publish,
            past: None,
            lead: None,
            cached: None,
            stuck: None,
            proof: Proof::default(),
            clocks: Clocks::default(),
            off: None,
        };
        if let Some(snapshot) = server.read_cache() {
            server.cached = Some(snapshot.seq);
            server.show(snapshot);
            shown();
        }
        server.reload()?;
        let known = server.publish.borrow().conflicts.rows().clone();
        server.live.ledger.expect(known);
        server.live_through_history()?;
        server.settle();
        shown();
        Ok(server)
    }

    /// Works until closed, or until the last handle is gone.
    pub async fn serve(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut watch = self.watch.take();
        let mut turn = self.await_lead();
        loop {
            let clock = self.options.clock.clone();
            let due = self.next_due();
            // Requests first, because a person waits for each; then what others wrote, so that time reacts to all of it.
            tokio::select! { biased;
                request = inbox.recv() => match request {
                    None => break,
                    Some(Request::Close { reply }) => {
                        self.leave_cache();
                        let sync = std::mem::take(&mut self.sync);
                        // Closed before it is answered: who asked may copy the file at once.
                        drop(self);
                        let _ = reply.send(Ok(()));
                        return sync.close().await;
                    }
                    Some(request) => self.take(request),
                },
                () = farewell::ending() => break,
                () = stirring(&mut watch) => self.follow(),
                lead = arrival(&mut turn) => {
                    self.lead = Some(lead);
                    self.react();
                }
                ended = self.sync.next() => self.ended(ended),
                () = moment(self.proof.due()) => self.prove_again(),
                () = clock.reach(due) => self.react(),
            }
        }
        self.leave_cache();
        let sync = std::mem::take(&mut self.sync);
        // The board first: it waits for no system.
        drop(self);
        sync.close().await;
    }

    /// When time alone changes something: on the board, or for the sources of who leads.
    fn next_due(&self) -> Option<Instant> {
        if !self.options.follow {
            return None;
        }
        let now = self.options.clock.now();
        let leads = self.lead.is_some() && self.proof.broken().is_none();
        let pull = self.sync.due().filter(|_| leads);
        let push = self.outbox.next_due(now);
        // What time brings to the board comes by the board's time, not by a clock that is ahead of it.
        let ahead = self.off.map_or(0, |_| now - self.now());
        let due = self.live.next_due().map(|due| due.plus(ahead.max(0)));
        [due, pull, push, self.sync.turns_old(now)].into_iter().flatten().min()
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

    fn take(&mut self, request: Request) {
        // A face that no longer waits for its answer is no fault.
        match request {
            Request::Submit { id, actor, command, reply } => {
                let _ = reply.send(self.submit(id, &actor, &command));
            }
            Request::Ask { question, reply } => {
                let _ = reply.send(self.answer(&question));
            }
            Request::Sync { source, reply } => {
                match self.refuse_read_only().and_then(|()| self.refuse_broken()) {
                    Ok(()) => {
                        let now = self.options.clock.now();
                        self.sync.pull_now(source.as_ref(), now, reply);
                    }
                    Err(refused) => drop(reply.send(Err(refused))),
                }
            }
            Request::Cancel => {
                self.sync.cancel(self.options.clock.now());
                self.settle();
            }
            Request::Draft { item, text } => self.keep_draft(&item, &text),
            Request::Drafts { reply } => {
                let _ = reply.send(self.drafts());
            }
            Request::Restore { actor: _, export, reply } => {
                let _ = reply.send(self.restore(*export));
            }
            Request::Import { id, actor, name, bytes, how, dry_run, reply } => {
                let _ = reply.send(self.import(id, &actor, (name, &bytes, &how), dry_run));
            }
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
    fn refuse_stuck(&self) -> Result<(), Problem> {
        self.stuck.as_ref().map_or(Ok(()), |(_, why)| Err(why.clone()))
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
        let admin = self.options.identity.rules();
        let who = Who { admin, salt: Some(id), ..Who::person(actor.clone()) };
        let done = self.commit(|server, now| {
            server.may_move(command)?;
            let proposal = server.live.ledger.decide(command, &who, now)?;
            Ok((proposal, Batch { command_id: Some(id), ..Batch::default() }))
        });
        self.settle();
        if self.options.follow {
            self.send_due();
        }
        done
    }

    /// A change of a source moves only where its source takes dates: what that can do, the ledger does not know.
    fn may_move(&self, command: &Command) -> Result<(), Problem> {
        let Command::Move { item, .. } = command else { return Ok(()) };
        let source = self.live.ledger.facts().source_of(RecordKind::Change, item);
        let Some(source) = source.filter(|source| !source.is_board()) else { return Ok(()) };
        let why = match self.sync.able(source) {
            Some((able, _)) => able.dates.err(),
            None => Some("no source of that name is configured here"),
        };
        why.map_or(Ok(()), |why| {
            let words = format!("{item} belongs to {source} and is not moved from here: {why}");
            Err(Problem::new(ProblemKind::NotAllowed, words)
                .hint(format!("change it in {source}; the board follows")))
        })
    }

    /// Commits what is proposed on the board as it stands, anew when somebody else was faster.
    pub(super) fn commit(
        &mut self,
        propose: impl Fn(&mut Self, Instant) -> Result<(Proposal, Batch), Problem>,
    ) -> Result<Receipt, Problem> {
        self.refuse_stuck()?;
        let mut patience = Patience::new();
        let mut turn = None;
        loop {
            self.refuse_broken()?;
            let judged = self.judge();
            let now = judged.at;
            self.live.ledger.set_clock_off(judged.off);
            let changes = self.live.ledger.refresh(now);
            self.live.changed(changes);
            let read = |health: SourceHealth| SourceRead { source: health.id, read_at: health.last_ok };
            self.live.ledger.set_sources_read(self.health().into_iter().map(read).collect());
            let (proposal, batch) = propose(self, now)?;
            if proposal.events.iter().any(|sealed| proof::concludes(&sealed.entry.event))
                && let Err(problem) = self.prove_first()
            {
                self.undo();
                return Err(problem);
            }
            let receipt = Receipt {
                seq: self.head.seq + 1,
                events: proposal.events.iter().map(|sealed| sealed.entry.n).collect(),
                said: proposal.said.clone(),
            };
            let posted = self.outbox.posted(&self.live.ledger, &self.sync, &proposal);
            let mut batch = batch;
            let clocks = judged.leave.unwrap_or_else(|| self.clocks.clone());
            batch.note = serde_json::to_string(&self.seal(clocks.clone())).ok();
            let rows = posted.iter().map(super::outbox::Posted::row).collect::<Result<Vec<_>, _>>();
            let filled = rows.and_then(|rows| {
                batch.outbox.extend(rows);
                self.fill(&proposal, &receipt, batch)
            });
            let outcome = filled.and_then(|b| self.store.commit(&b).map_err(problem));
            match outcome {
                Ok(Outcome::Committed(done)) => {
                    if done.seq > self.head.seq {
                        self.clocks = clocks;
                    }
                    self.keep(&proposal, done.seq);
                    posted.into_iter().for_each(|row| self.outbox.keep(row));
                    return Ok(Receipt { seq: done.seq, ..receipt });
                }
                Ok(Outcome::Moved(_)) => {
                    self.undo();
                    if !patience.again() {
                        return Err(Problem::new(
                            ProblemKind::Changed,
                            "the board kept changing while this was decided; nothing was recorded",
                        )
                        .hint("try again"));
                    }
                    if turn.is_none() {
                        turn = self.store.wait_turn(LINE);
                        patience = Patience::lasting(if turn.is_some() { LINE } else { PATIENCE });
                    }
                    self.catch_up()?;
                }
                Ok(Outcome::AlreadyDone(done)) => {
                    self.undo();
                    self.catch_up()?;
                    return read_receipt(&done.body);
                }
                Err(problem) => {
                    self.undo();
                    return Err(problem);
                }
            }
        }
    }

    /// The batch of a proposal.
    fn fill(&self, proposal: &Proposal, receipt: &Receipt, batch: Batch) -> Result<Batch, Problem> {
        let gone =
            |(kind, id): &(RecordKind, Id)| Tombstone { kind: kind.word(), id: id.as_str().to_owned() };
        let unwritable = |e: serde_json::Error| {
            Problem::new(ProblemKind::Unreachable, format!("the receipt of this cannot be written: {e}"))
        };
        Ok(Batch {
            expect: self.head.seq,
            lineage: Some(self.head.lineage.clone()),
            receipt: serde_json::to_vec(receipt).map_err(unwritable)?,
            events: proposal.events.iter().map(load::new_event).collect(),
            upserts: proposal.upserts.iter().map(load::upsert).collect::<Result<_, _>>()?,
            tombstones: proposal.tombstones.iter().map(gone).collect(),
            ..batch
        })
    }

    /// The proposal is on the board.
    fn keep(&mut self, proposal: &Proposal, seq: Seq) {
        let changes = self.live.ledger.keep();
        self.live.changed(changes);
        self.live.follow(&proposal.upserts, &proposal.tombstones);
        let log::Head { n, hash } = self.live.ledger.head();
        let newest = proposal.events.iter().map(|sealed| sealed.entry.at).max();
        self.proof.advance(log::Head { n, hash }, seq, newest);
        self.head = Head { seq, events: n, hash, ..self.head.clone() };
    }

    fn undo(&mut self) {
        let changes = self.live.ledger.undo();
        self.live.changed(changes);
    }

    /// Takes in what other processes wrote.
    fn follow(&mut self) {
        let read = self.store.changed_elsewhere().map_err(problem);
        // After a time in which nothing could be read, the board may stand anywhere.
        let behind = |changed: bool| changed || self.stuck.is_some();
        match read
            .map(behind)
            .and_then(|behind| if behind { self.catch_up().map(|()| true) } else { Ok(false) })
        {
            Ok(changed) => {
                if !changed {
                    return;
                }
                self.stuck = None;
                self.settle();
                if self.options.follow {
                    self.send_due();
                }
            }
            Err(error) => {
                tracing::error!(%error, "cannot follow the board");
                let since = self.stuck.take().map(|(since, _)| since);
                let told = since.is_some();
                let since = since.unwrap_or_else(|| self.options.clock.now());
                self.stuck = Some((since, error));
                if !told {
                    // What is known stays as it is, with its age.
                    let shown = self.publish.borrow().clone();
                    self.publish.send_replace(Arc::new(Snapshot { stuck: Some(since), ..(*shown).clone() }));
                }
            }
        }
    }

    /// Reads what was committed since; another lineage means everything.
    fn catch_up(&mut self) -> Result<(), Problem> {
        let head = self.store.head().map_err(problem)?;
        if head.lineage != self.head.lineage {
            return self.reload();
        }
        self.proof.touched(head.seq > self.head.seq);
        if head.seq < self.head.seq || head.events < self.head.events {
            // No commit takes anything back: the file was edited, and what is known stays on screen beside that.
            return self.prove().map(drop);
        }
        self.read_since(self.head.seq)
    }

    pub(super) fn reload(&mut self) -> Result<(), Problem> {
        self.live = Live::default();
        self.proof = Proof::default();
        self.outbox.clear();
        pooled(|| self.read_since(0))
    }

    fn read_since(&mut self, seq: Seq) -> Result<(), Problem> {
        let (live, sync, outbox) = (&mut self.live, &mut self.sync, &mut self.outbox);
        let proof = &mut self.proof;
        let head = self
            .store
            .since(seq, |entry| match entry {
                Entry::Record(row) => {
                    proof.take_record(&row);
                    live.take_record(load::record(&row));
                }
                Entry::Event(row) => {
                    let read = load::event(&row);
                    proof.take(&row, &read);
                    if let Ok(entry) = read {
                        live.take_event(entry);
                    }
                }
                Entry::Cursor(_, cursor) => sync.remember(&cursor),
                Entry::Outbox(_, row) => outbox.remember(&row),
            })
            .map_err(problem)?;
        live.taken(log::Head { n: head.events, hash: head.hash });
        self.proof.read_to(&self.store, &head, seq == 0)?;
        self.clocks = Seal::of(&head).unwrap_or_default().clocks;
        self.head = head;
        Ok(())
    }

    /// Does what happened before anybody looked, each at its time, and closes what was due in between.
    fn live_through_history(&mut self) -> Result<(), Problem> {
        for past in std::mem::take(&mut self.options.history) {
            self.pass_to(past.at)?;
            let who = Who { admin: past.actor.known == Known::System, ..Who::person(past.actor) };
            self.commit(|server, now| {
                Ok((server.live.ledger.decide(&past.command, &who, now)?, Batch::default()))
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
            self.commit(|server, now| Ok((server.live.ledger.react(now)?, Batch::default())))?;
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
        if self.lead.is_some() && self.proof.broken().is_none() {
            self.sync.pull_due(self.options.clock.now());
            let done = self.commit(|server, now| Ok((server.live.ledger.react(now)?, Batch::default())));
            // It stays due and is tried again with the next minute.
            if let Err(error) = done {
                tracing::error!(%error, "what is due could not be recorded");
            }
        }
        self.settle();
        if self.options.follow {
            self.send_due();
        }
    }

    /// How the sources are doing.
    pub(super) fn health(&self) -> Vec<SourceHealth> {
        let mut health = self.sync.health(self.options.clock.now());
        for source in &mut health {
            source.queued = self.outbox.queued(&source.id);
        }
        health
    }

    /// Derives what changed and publishes it.
    pub(super) fn settle(&mut self) {
        self.off = self.judge().off;
        let viewer = self.options.identity.me(self.live.people(), &[]).person;
        self.live.ledger.set_viewer(viewer);
        let changes = self.live.ledger.refresh(self.now());
        self.live.changed(changes);
        let mut snapshot = self.live.snapshot(&self.publish.borrow());
        snapshot.sources = Arc::new(self.health());
        snapshot.writes = Arc::new(self.outbox.shown());
        let faults = || self.sync.faults().chain(self.outbox.faults());
        if faults().next().is_some() {
            Arc::make_mut(&mut snapshot.faults).extend(faults().cloned());
        }
        self.show(snapshot);
    }

    /// Publishes a snapshot, completed by what only the hub knows.
    fn show(&self, mut snapshot: Snapshot) {
        snapshot.seq = self.head.seq;
        self.head.lineage.as_str().clone_into(&mut snapshot.lineage);
        snapshot.events = self.head.events;
        snapshot.head = log::hex(&self.head.hash).into();
        snapshot.me = self.options.identity.me(&snapshot.people, &snapshot.rules.boards);
        snapshot.read_only = self.options.read_only;
        snapshot.stuck = self.stuck.as_ref().map(|(since, _)| *since);
        snapshot.broken = self.proof.broken();
        snapshot.clock = self.off;
        snapshot.place = match self.store.path() {
            Some(path) => path.display().to_string().into(),
            None => "in memory, nothing is written".into(),
        };
        self.publish.send_replace(Arc::new(snapshot));
    }

    /// Whose drafts these are: the person's, or the login's where it maps to nobody.
    fn writer(&self) -> String {
        self.publish.borrow().me.name.to_string()
    }

    fn keep_draft(&mut self, item: &Id, text: &str) {
        let writer = self.writer();
        let kept = self.store.save_draft(&writer, item.as_str(), text);
        let Some(aside) = self.unsent(&writer) else {
            if let Err(error) = kept {
                tracing::warn!(%error, "the draft is lost");
            }
            return;
        };
        let aside = match &kept {
            // What the board has now is newer than what lies aside.
            Ok(()) => aside.keep(item.as_str(), ""),
            Err(_) => aside.keep(item.as_str(), text),
        };
        match (kept, aside) {
            (Ok(()), _) => {}
            (Err(error), Ok(())) => tracing::warn!(%error, "the draft is kept aside"),
            (Err(error), Err(also)) => tracing::warn!(%error, %also, "the draft is lost"),
        }
    }

    fn unsent<'a>(&'a self, person: &'a str) -> Option<Unsent<'a>> {
        let board = std::path::absolute(self.store.path()?).ok()?;
        Some(Unsent { directory: self.options.unsent.as_deref()?, board, person })
    }

    /// The person's drafts; what had to be kept aside while the board could not take it comes back to it.
    fn drafts(&mut self) -> Result<Vec<(Id, String)>, Problem> {
        let writer = self.writer();
        let aside = self.unsent(&writer).map(|unsent| unsent.all()).unwrap_or_default();
        let read = self.store.drafts(&writer).map_err(problem);
        let mut drafts: BTreeMap<String, String> = match read {
            Ok(drafts) => drafts.into_iter().collect(),
            Err(_) if !aside.is_empty() => BTreeMap::new(),
            Err(problem) => return Err(problem),
        };
        for (item, text) in aside {
            if self.store.save_draft(&writer, &item, &text).is_ok()
                && let Some(unsent) = self.unsent(&writer)
                && let Err(error) = unsent.keep(&item, "")
            {
                tracing::warn!(%error, "a draft that was kept aside stays there too");
            }
            drafts.insert(item, text);
        }
        Ok(drafts.into_iter().filter_map(|(item, text)| Some((Id::new(&item).ok()?, text))).collect())
    }
}

/// That moment; never where there is none.
async fn moment(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn read_receipt(body: &[u8]) -> Result<Receipt, Problem> {
    serde_json::from_slice(body).map_err(|e| {
        Problem::new(ProblemKind::Unreachable, format!("the receipt of this command cannot be read: {e}"))
    })
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
