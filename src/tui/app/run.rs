//! The loop: waits for one thing, lets the state take it and all that is ready with it, draws once.

use std::{
    collections::VecDeque, future::Future, io, path::PathBuf, pin::Pin, sync::Arc, task::Poll, time::Duration,
};

use crossterm::event::Event;
use futures::{Stream, StreamExt, stream::FuturesUnordered};
use ratatui::{Terminal, backend::Backend};
use tokio::{
    sync::{oneshot, watch},
    time::Instant as Moment,
};

use super::{At, Effect, Files, Message, Outside, Reply, State};
use crate::{
    hub::{How, Hub, Request, signing::signed},
    model::{Instant, Line, time::MINUTE},
    store,
    wire::{Actor, Problem, ProblemKind, Receipt, Snapshot},
};

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The user quit.
    Quit,
    /// The user asked for the demo in place of this board.
    Demo,
    /// The user asked to connect a system, and comes back.
    Connect,
    /// A signal, or the terminal has gone.
    Shutdown,
}

/// What the loop is driven by, beside the terminal and the hub.
pub struct Drive<'a, F> {
    /// Makes a stream of terminal events; it is dropped while the editor or the shell has the terminal.
    pub input: F,
    /// Becomes true when the program has to end.
    pub shutdown: watch::Receiver<bool>,
    /// Ticks when the program was stopped and continued by somebody else.
    pub continued: watch::Receiver<u64>,
    pub outside: &'a mut Outside,
    /// In whose name commands are submitted.
    pub author: Box<dyn Fn(&Snapshot) -> Actor>,
    /// What time it is.
    pub clock: Box<dyn Fn() -> Instant>,
    /// The clock stands still, so there is no minute to wait for.
    pub frozen: bool,
}

type Pending = FuturesUnordered<Pin<Box<dyn Future<Output = Message>>>>;

/// At most so many events are taken before a frame is drawn, so that a flood cannot keep the screen from changing.
const BURST: usize = 512;

/// How long a session waits for its last word to be heard.
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs until the user quits, the terminal goes or a signal comes; then says what is still to be said.
///
/// # Errors
/// When the terminal cannot be drawn to.
pub async fn run<B, S, F>(
    terminal: &mut Terminal<B>,
    state: &mut State,
    hub: Hub,
    mut drive: Drive<'_, F>,
) -> Result<Ended, B::Error>
where
    B: Backend,
    S: Stream<Item = io::Result<Event>> + Unpin,
    F: FnMut() -> S,
{
    let farewell = Hub { snapshot: hub.snapshot.clone(), requests: hub.requests.clone() };
    let ended = turn(terminal, state, hub, &mut drive).await;
    if let Some(last) = state.farewell().and_then(|effect| send(&farewell, effect, &drive.author)) {
        // A hub that is busy or gone does not keep anybody from leaving: the lease notices it later.
        let _ = tokio::time::timeout(FAREWELL, last).await;
    }
    ended
}

/// The loop itself.
async fn turn<B, S, F>(
    terminal: &mut Terminal<B>,
    state: &mut State,
    mut hub: Hub,
    drive: &mut Drive<'_, F>,
) -> Result<Ended, B::Error>
where
    B: Backend,
    S: Stream<Item = io::Result<Event>> + Unpin,
    F: FnMut() -> S,
{
    let mut pending = Pending::new();
    let who = (drive.author)(&hub.snapshot.borrow());
    pending.push(left(&hub, who));
    let mut input = Some((drive.input)());
    let mut hub_open = true;
    loop {
        if state.is_dirty() {
            terminal.draw(|frame| state.draw(frame))?;
        }
        let wake = next_wake(state, &drive.clock, drive.frozen);
        let stream = input.get_or_insert_with(&mut drive.input);
        // In this order: a dying terminal must not be starved by input, and a key is answered on the newest board.
        let message = tokio::select! {
            biased;
            ended = drive.shutdown.wait_for(|ended| *ended) => {
                let _ = ended;
                return Ok(Ended::Shutdown);
            }
            Ok(()) = drive.continued.changed() => {
                drive.outside.again();
                Message::Repaint
            }
            published = hub.snapshot.changed(), if hub_open => match published {
                Ok(()) => Message::Snapshot(newest(&mut hub)),
                Err(_) => { hub_open = false; Message::HubGone }
            },
            Some(message) = pending.next(), if !pending.is_empty() => message,
            event = stream.next() => match event {
                Some(Ok(event)) => Message::Input(event),
                // No more input can come: the terminal has gone.
                Some(Err(_)) | None => return Ok(Ended::Shutdown),
            },
            () = sleep(wake), if wake.is_some() => Message::Time,
        };
        let repaint = matches!(message, Message::Repaint);
        let mut effects = take(state, message, &drive.clock);
        // All that is ready now goes into the same frame.
        for _ in 0..BURST {
            if !effects.is_empty() || state.is_relaid() {
                break;
            }
            let Some(stream) = &mut input else { break };
            // Polled with this task's own waker: crossterm keeps the first waker it is given until that has been woken.
            let Poll::Ready(Some(Ok(event))) = futures::poll!(stream.next()) else { break };
            effects = take(state, Message::Input(event), &drive.clock);
        }
        if repaint {
            terminal.clear()?;
        }
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Quit => return Ok(Ended::Quit),
                Effect::Demo => return Ok(Ended::Demo),
                Effect::Connect => return Ok(Ended::Connect),
                Effect::Redraw => {
                    terminal.clear()?;
                    take(state, Message::Repaint, &drive.clock);
                }
                Effect::Suspend => {
                    input = None;
                    let result = drive.outside.suspend();
                    back(terminal, state, &drive.clock)?;
                    if let Err(why) = result {
                        take(state, Message::Said(Err(why)), &drive.clock);
                    }
                }
                Effect::Edit(text) => {
                    input = None;
                    let result = drive.outside.edit(&text);
                    back(terminal, state, &drive.clock)?;
                    effects.extend(take(state, Message::Edited(result), &drive.clock));
                }
                Effect::Copy(text) => {
                    let said = drive.outside.copy(&text);
                    take(state, Message::Said(said), &drive.clock);
                }
                Effect::Call(signal, text) => {
                    if let Err(why) = drive.outside.call(signal, &text) {
                        take(state, Message::Said(Err(why)), &drive.clock);
                    }
                }
                Effect::Write { path, bytes } => {
                    let said = drive.outside.write(path, &bytes);
                    take(state, Message::Said(said), &drive.clock);
                }
                Effect::Ask(..)
                | Effect::Submit(..)
                | Effect::Hold(..)
                | Effect::LetGo(_)
                | Effect::Import { .. }
                | Effect::Sync(_)
                | Effect::Draft { .. } => {
                    pending.extend(send(&hub, effect, &drive.author));
                }
            }
        }
    }
}

/// Lets the state take a message.
fn take(state: &mut State, message: Message, clock: &dyn Fn() -> Instant) -> Vec<Effect> {
    state.update(message, At { now: clock(), moment: Moment::now() })
}

/// The terminal is ours again, and shows whatever it shows.
fn back<B: Backend>(
    terminal: &mut Terminal<B>,
    state: &mut State,
    clock: &dyn Fn() -> Instant,
) -> Result<(), B::Error> {
    terminal.clear()?;
    take(state, Message::Repaint, clock);
    Ok(())
}

fn newest(hub: &mut Hub) -> Arc<Snapshot> {
    Arc::clone(&hub.snapshot.borrow_and_update())
}

/// When to wake if nothing happens: for a toast, a selection at rest, or the next minute.
fn next_wake(state: &mut State, clock: &dyn Fn() -> Instant, frozen: bool) -> Option<Moment> {
    let minute = (!frozen).then(|| {
        let left = MINUTE - clock().secs().rem_euclid(MINUTE);
        Moment::now() + Duration::from_secs(u64::try_from(left).unwrap_or(60))
    });
    [state.wake_at(), minute].into_iter().flatten().min()
}

async fn sleep(until: Option<Moment>) {
    if let Some(until) = until {
        tokio::time::sleep_until(until).await;
    }
}

/// Asks for what was written and not sent before, and for what could not be sent.
fn left(hub: &Hub, actor: Actor) -> Pin<Box<dyn Future<Output = Message>>> {
    let requests = hub.requests.clone();
    Box::pin(async move {
        let (reply, answer) = oneshot::channel();
        let _ = requests.send(Request::Held { actor: actor.clone(), reply }).await;
        let held = answer.await.ok().and_then(Result::ok).unwrap_or_default();
        let (reply, answer) = oneshot::channel();
        let _ = requests.send(Request::Drafts { actor, reply }).await;
        let drafts = answer.await.ok().and_then(Result::ok).unwrap_or_default();
        Message::Left { drafts, held }
    })
}

/// Sends a request to the hub; the future becomes its answer.
fn send(
    hub: &Hub,
    effect: Effect,
    author: &dyn Fn(&Snapshot) -> Actor,
) -> Option<Pin<Box<dyn Future<Output = Message>>>> {
    let requests = hub.requests.clone();
    match effect {
        Effect::Ask(ticket, question) => {
            let actor = author(&hub.snapshot.borrow());
            Some(Box::pin(async move {
                let (reply, answer) = oneshot::channel();
                let _ = requests.send(Request::Ask { actor, question, reply }).await;
                Message::Reply(ticket, Reply::of_answer(answer.await.unwrap_or_else(|_| Err(gone()))))
            }))
        }
        Effect::Submit(ticket, id, command) => {
            let actor = author(&hub.snapshot.borrow());
            let there = hub.clone();
            Some(Box::pin(async move {
                let (reply, answer) = oneshot::channel();
                let command = match signed(&there, &actor, command, false).await {
                    Ok(command) => Box::new(command),
                    Err(problem) => return Message::Reply(ticket, Reply::of_receipt(Err(problem))),
                };
                let _ = requests.send(Request::Submit { id, actor, command, reply }).await;
                Message::Reply(ticket, Reply::of_receipt(answer.await.unwrap_or_else(|_| Err(gone()))))
            }))
        }
        Effect::Import { ticket, path, map, told, zone, dry_run, read } => {
            let actor = author(&hub.snapshot.borrow());
            Some(Box::pin(async move {
                if crate::config::is_restricted() {
                    let refused =
                        Problem::new(ProblemKind::NotAllowed, "no files are read in a restricted run");
                    return Message::Reply(ticket, Reply::of_receipt(Err(refused)));
                }
                let (bytes, map) = match read.get() {
                    Some(read) => read.clone(),
                    None => match read_aside(path.clone(), map).await {
                        Ok(found) => read.get_or_init(|| found).clone(),
                        Err(problem) => return Message::Reply(ticket, Reply::of_receipt(Err(problem))),
                    },
                };
                let how =
                    Box::new(How { format: None, map, told, sheet: None, kind: None, board: None, zone });
                let Ok(id) = store::random() else {
                    return Message::Reply(ticket, Reply::of_receipt(Err(gone())));
                };
                let (reply, answer) = oneshot::channel();
                let name = Line::new(&path.file_name().unwrap_or_default().to_string_lossy());
                let _ = requests.send(Request::Import { id, actor, name, bytes, how, dry_run, reply }).await;
                Message::Reply(ticket, Reply::of_receipt(answer.await.unwrap_or_else(|_| Err(gone()))))
            }))
        }
        Effect::Sync(ticket) => {
            let actor = author(&hub.snapshot.borrow());
            Some(Box::pin(async move {
                let (reply, answer) = oneshot::channel();
                let _ = requests.send(Request::Sync { actor, source: None, accept: false, reply }).await;
                let read = answer.await.unwrap_or_else(|_| Err(gone()));
                let said = "the sources were read".to_owned();
                let receipt = read.map(|()| Receipt { seq: 0, events: Vec::new(), said });
                Message::Reply(ticket, Reply::of_receipt(receipt))
            }))
        }
        Effect::Hold(ticket, held) => {
            let actor = author(&hub.snapshot.borrow());
            let (reply, answer) = oneshot::channel();
            // At once: the next key may end this program.
            let _ = requests.try_send(Request::Hold { actor, held, reply });
            Some(Box::pin(async move {
                let kept = answer.await.unwrap_or_else(|_| Err(gone()));
                Message::Holding(ticket, kept.map_err(|problem| problem.title))
            }))
        }
        Effect::LetGo(key) => {
            // A full queue keeps the file: what it holds goes out once more under its key, and is answered as before.
            let _ = requests.try_send(Request::LetGo { key });
            None
        }
        Effect::Draft { item, text } => {
            let actor = author(&hub.snapshot.borrow());
            // Nobody waits for it: a full queue means that the hub is busy with more of the same.
            let _ = requests.try_send(Request::Draft { actor, item, text });
            None
        }
        _ => None,
    }
}

/// Reads on a thread of its own: a disk that has gone, or a pipe nobody writes to, keeps neither the screen nor the end
/// of the program waiting.
async fn read_aside(path: PathBuf, map: Option<PathBuf>) -> Result<Files, Problem> {
    let (tell, told) = oneshot::channel();
    let read = move || {
        let _ = tell.send(files(&path, map.as_deref()));
    };
    let thread = std::thread::Builder::new().name("import".to_owned()).spawn(read);
    thread.map_err(|error| {
        let title = format!("no thread to read the file in ({error})");
        Problem::new(ProblemKind::Unreachable, title).hint("nothing was imported; see `ulimit -u`")
    })?;
    told.await.unwrap_or_else(|_| Err(gone()))
}

fn files(path: &std::path::Path, map: Option<&std::path::Path>) -> Result<Files, Problem> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let read = |map: &std::path::Path| {
        let text = std::fs::read_to_string(map).map_err(|error| unreadable(map, &error))?;
        Ok((map.display().to_string(), text))
    };
    Ok((bytes, map.map(read).transpose()?))
}

fn unreadable(path: &std::path::Path, error: &io::Error) -> Problem {
    let title = format!("{} cannot be read: {error}", path.display());
    Problem::new(ProblemKind::Invalid, title).hint("nothing was imported; check its name")
}

fn gone() -> Problem {
    Problem::new(ProblemKind::Unreachable, "the board did not answer").hint("nothing was changed; try again")
}

#[cfg(test)]
mod tests;
