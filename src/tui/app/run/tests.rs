//! The whole loop on a screen in memory: keys from a stream, a hub that does what the test says, time as it passes.
//!
//! Everything waits for a frame; nothing sleeps.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use futures::stream;
use ratatui::{
    backend::{ClearType, TestBackend, WindowSize},
    layout::{Position, Size},
};
use tokio::sync::{Notify, mpsc};

use super::*;
use crate::{
    calendar::Zone,
    tui::{
        app::{Options, Recorder, Zones},
        fixture::{self, story},
        input::{Key, Keymap},
    },
    wire::{Command, Known},
};

/// A screen in memory that the test can look at while the loop owns its terminal.
#[derive(Clone)]
struct Shown {
    backend: Rc<RefCell<TestBackend>>,
    drawn: Rc<Notify>,
}

type Infallible = core::convert::Infallible;

impl Backend for Shown {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a ratatui::buffer::Cell)>,
    {
        self.backend.borrow_mut().draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.borrow_mut().hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.borrow_mut().show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.backend.borrow_mut().get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.backend.borrow_mut().set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.backend.borrow_mut().clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Infallible> {
        self.backend.borrow_mut().clear_region(clear_type)
    }

    fn size(&self) -> Result<Size, Infallible> {
        self.backend.borrow().size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.backend.borrow_mut().window_size()
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.drawn.notify_waiters();
        self.drawn.notify_one();
        self.backend.borrow_mut().flush()
    }
}

/// What the test holds: the other ends of everything the loop has.
struct Stage {
    screen: Shown,
    keys: Option<mpsc::UnboundedSender<io::Result<Event>>>,
    board: Option<watch::Sender<Arc<Snapshot>>>,
    requests: mpsc::Receiver<Request>,
    shutdown: watch::Sender<bool>,
    recorder: Recorder,
    /// How often a stream of input was made.
    streams: Rc<Cell<u32>>,
}

const LIMIT: Duration = Duration::from_secs(20);

impl Stage {
    async fn wait(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contains(text)).await
    }

    async fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let screen = || fixture::text(self.screen.backend.borrow().buffer());
        let seen = async {
            // A dialog that sends something takes no key yet while the hint bar names none.
            let settled = |screen: &str| screen.lines().last().is_none_or(|row| row.trim() != "? help");
            while !(wanted(&screen()) && settled(&screen())) {
                self.screen.drawn.notified().await;
            }
        };
        assert!(tokio::time::timeout(LIMIT, seen).await.is_ok(), "waited for {what}:\n{}", screen());
        screen()
    }

    fn send(&self, event: Event) {
        self.keys.as_ref().unwrap().send(Ok(event)).unwrap();
    }

    fn keys(&self, keys: &str) {
        for key in keys.split(' ') {
            let key: Key = key.parse().unwrap();
            self.send(Event::Key(key.event()));
        }
    }

    /// The next command; questions before it are answered from the story.
    async fn command(&mut self) -> (Command, crate::hub::Reply<Receipt>) {
        loop {
            let request = tokio::time::timeout(LIMIT, self.requests.recv()).await.unwrap().unwrap();
            match request {
                Request::Submit { command, reply, .. } => return (*command, reply),
                Request::Ask { question, reply, .. } => {
                    let none = || Problem::new(ProblemKind::NotFound, "the story has no answer to that");
                    let _ = reply.send(fixture::answer(&question).ok_or_else(none));
                }
                Request::Drafts { reply, .. } => {
                    let _ = reply.send(Ok(Vec::new()));
                }
                _ => {}
            }
        }
    }
}

/// Runs the loop on the story beside a script, and says how the loop ended.
fn play(script: impl AsyncFnOnce(&mut Stage)) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (keys, input) = mpsc::unbounded_channel();
        let (board, snapshot) = watch::channel(Arc::new(story()));
        let (send, requests) = mpsc::channel(64);
        let (shutdown, ended) = watch::channel(false);
        let (_continue, continued) = watch::channel(0);
        let backend = Rc::new(RefCell::new(TestBackend::new(100, 30)));
        let screen = Shown { backend, drawn: Rc::new(Notify::new()) };
        let recorder = Recorder::default();
        let streams = Rc::new(Cell::new(0));
        let mut terminal = Terminal::new(screen.clone()).unwrap();
        let options = Options {
            look: fixture::LOOK,
            theme: None,
            asked_background: false,
            keymap: Keymap::default(),
            zones: Zones::new(fixture::zone(), None, Zone::named("UTC").unwrap()),
            read_only: None,
            size: Size { width: 100, height: 30 },
            wall: None,
            session: [7; 16],
            calendar: crate::config::CalendarSettings::default(),
        };
        let at = At { now: fixture::now(), moment: Moment::now() };
        let mut state = State::new(options, Arc::new(story()), at);
        let mut outside = Outside::Recorded(recorder.clone());
        // Every stream reads on where the one before it was dropped, as those of a terminal do.
        let input = Rc::new(RefCell::new(input));
        let made = Rc::clone(&streams);
        let drive = Drive {
            input: move || {
                made.set(made.get() + 1);
                let input = Rc::clone(&input);
                stream::poll_fn(move |context| input.borrow_mut().poll_recv(context))
            },
            shutdown: ended,
            continued,
            outside: &mut outside,
            author: Box::new(|_| Actor {
                person: Some(fixture::id("m.ortiz")),
                login: Line::new("mortiz"),
                via: None,
                known: Known::Claimed,
            }),
            clock: Box::new(fixture::now),
            frozen: true,
        };
        let hub = Hub { snapshot, requests: send };
        let mut stage =
            Stage { screen, keys: Some(keys), board: Some(board), requests, shutdown, recorder, streams };
        let (ended, ()) = tokio::join!(run(&mut terminal, &mut state, hub, drive), script(&mut stage));
        ended.unwrap()
    })
}

#[test]
fn keys_come_from_the_stream_and_frames_go_to_the_backend() {
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.keys("3");
        stage.wait("[3 Queue 7]").await;
        // What hangs beside the list comes by itself once the selection rests.
        let (command, _) = {
            stage.keys("j v a");
            stage.wait("send APPROVE").await;
            stage.keys("y");
            stage.command().await
        };
        assert!(
            matches!(&command, Command::Vote { item, .. } if item.as_str() == "CHG0030042"),
            "{command:?}"
        );
        stage.keys("q");
    });
    assert_eq!(ended, Ended::Quit);
}

#[test]
fn keys_typed_at_once_act_each_on_what_the_one_before_shows() {
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.keys("2 V");
        stage.wait("Timeline").await;
        stage.keys("V V V 1 2 V");
        stage.wait("Week 48 · lanes").await;
        stage.keys("Ctrl-c");
    });
    assert_eq!(ended, Ended::Quit);
}

#[test]
fn nothing_is_shown_as_done_before_the_hub_says_so() {
    play(async |stage| {
        stage.keys("3 c");
        stage.wait("Comment on CHG0030066").await;
        stage.send(Event::Paste("Looks fine.\nTwo lines.".to_owned()));
        stage.wait("Two lines.").await;
        stage.keys("Ctrl-s");
        let (command, reply) = stage.command().await;
        assert!(
            matches!(&command, Command::Comment { text, .. } if text.as_str() == "Looks fine.\nTwo lines.")
        );
        assert!(!stage.wait("sending").await.contains("Done"));
        let receipt = Receipt { seq: 9_999, events: vec![1], said: "comment on CHG0030066".to_owned() };
        reply.send(Ok(receipt)).unwrap();
        stage.wait("Done: comment on CHG0030066").await;
        stage.keys("Ctrl-c");
    });
}

#[test]
fn a_refusal_stays_until_esc() {
    play(async |stage| {
        stage.keys("3 c x Ctrl-s");
        let (_, reply) = stage.command().await;
        let problem = Problem::new(ProblemKind::Changed, "CHG0030066 changed").hint("look again");
        reply.send(Err(problem)).unwrap();
        stage.wait("Error: CHG0030066 changed; look again").await;
        stage.keys("Esc");
        stage.wait_for("no toast", |screen| !screen.contains("Error")).await;
        stage.keys("q");
    });
}

#[test]
fn what_the_hub_publishes_is_drawn_and_its_end_is_said() {
    play(async |stage| {
        stage.wait("3 to vote").await;
        let mut newer = story();
        newer.tallies.clear();
        newer.seq += 1;
        stage.board.as_ref().unwrap().send(Arc::new(newer)).unwrap();
        stage
            .wait_for("no votes", |screen| screen.contains("0 to vote") || !screen.contains("3 to vote"))
            .await;
        stage.board = None;
        stage.wait("the board does not answer any more").await;
        stage.keys("q");
    });
}

#[test]
fn the_editor_has_the_terminal_alone_and_its_text_comes_back() {
    play(async |stage| {
        stage.recorder.editor_writes("from the editor");
        stage.keys("3 c");
        stage.wait("Comment on").await;
        assert_eq!(stage.streams.get(), 1);
        stage.keys("d r a f t Ctrl-e");
        stage.wait("from the editor").await;
        assert_eq!(stage.recorder.all(), ["edit draft"]);
        stage.keys("Ctrl-s");
        let (command, _) = stage.command().await;
        assert!(matches!(&command, Command::Comment { text, .. } if text.as_str() == "from the editor"));
        assert_eq!(stage.streams.get(), 2, "the stream was dropped while the editor ran");
        stage.keys("Ctrl-z");
        stage.keys("Ctrl-c");
    });
}

#[test]
fn the_end_of_the_terminal_ends_it_before_anything_that_waits() {
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.keys = None;
    });
    assert_eq!(ended, Ended::Shutdown);
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.shutdown.send(true).unwrap();
        stage.keys("q");
    });
    assert_eq!(ended, Ended::Shutdown, "a dying terminal is not starved by input");
}

#[test]
fn a_draft_read_late_is_not_written_over() {
    play(async |stage| {
        stage.keys("3 c");
        stage.wait("Comment on CHG0030066").await;
        let drafts = loop {
            if let Request::Drafts { reply, .. } = stage.requests.recv().await.unwrap() {
                break reply;
            }
        };
        drafts.send(Ok(vec![(fixture::id("CHG0030066"), "of yesterday".to_owned())])).unwrap();
        stage.wait("of yesterday").await;
        stage.keys("Ctrl-c");
    });
}

#[test]
fn a_file_that_is_slow_to_read_leaves_the_screen_to_its_user() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.json");
    // Nobody writes to it yet: whoever reads it waits.
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.keys("i");
        stage.wait("Import a file").await;
        stage.send(Event::Paste(path.display().to_string()));
        stage.keys("Enter");
        stage.wait("reading it; nothing is written yet").await;
        stage.keys("Esc");
        stage.wait("says what it would change").await;
        stage.keys("Esc");
        stage.wait_for("no dialog", |screen| !screen.contains("Import a file")).await;
        stage.keys("3");
        stage.wait("[3 Queue").await;
        stage.keys("i");
        stage.wait("Import a file").await;
        stage.send(Event::Paste(path.display().to_string()));
        stage.keys("Enter");
        stage.wait("reading it; nothing is written yet").await;
        // The reader that was given up is still there: each of them gets the whole file, or nothing of it.
        let writer = path.clone();
        std::thread::spawn(move || std::fs::write(writer, "{}"));
        let asked = async {
            while !matches!(stage.requests.recv().await.unwrap(), Request::Import { dry_run: true, .. }) {}
        };
        tokio::time::timeout(LIMIT, asked).await.expect("the file is handed on");
        stage.keys("Ctrl-c");
    });
    assert_eq!(ended, Ended::Quit);
}

#[test]
fn what_is_imported_is_what_was_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("board.json");
    std::fs::write(&path, "first").unwrap();
    let ended = play(async |stage| {
        stage.wait("[1 Board]").await;
        stage.keys("i");
        stage.wait("Import a file").await;
        stage.send(Event::Paste(path.display().to_string()));
        stage.keys("Enter");
        let Request::Import { bytes, reply, .. } = import(stage).await else { unreachable!() };
        assert_eq!(bytes, b"first");
        // Somebody writes the file anew while its author looks at what it would change.
        std::fs::write(&path, "second").unwrap();
        reply.send(Ok(Receipt { seq: 0, events: Vec::new(), said: "1 to add".to_owned() })).unwrap();
        stage.wait("1 to add").await;
        stage.keys("y");
        let Request::Import { bytes, dry_run, .. } = import(stage).await else { unreachable!() };
        assert_eq!((bytes.as_slice(), dry_run), (b"first".as_slice(), false));
        stage.keys("Ctrl-c");
    });
    assert_eq!(ended, Ended::Quit);
}

/// The next file that is handed to the hub.
async fn import(stage: &mut Stage) -> Request {
    let next = async {
        loop {
            let request = stage.requests.recv().await.unwrap();
            if matches!(request, Request::Import { .. }) {
                return request;
            }
        }
    };
    tokio::time::timeout(LIMIT, next).await.expect("a file is handed on")
}
