//! The door of the socket: how many connections one user holds at once, and how long one may take to be read.

use std::{
    collections::HashMap,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{UnixListener, UnixStream, unix::SocketAddr},
    time::Sleep,
};

use crate::wire::{Problem, ProblemKind};

/// Connections of one user at once.
const EACH: usize = 32;
/// How long what was written may lie unread before the connection is ended.
const UNREAD: Duration = Duration::from_secs(30);
/// How long nothing is accepted after that failed: there are no descriptors, or no memory.
const REST: Duration = Duration::from_millis(200);

type Open = Arc<Mutex<HashMap<Option<u32>, usize>>>;

/// A socket that lets so many in of each user.
pub struct Gate {
    listener: UnixListener,
    open: Open,
}

impl Gate {
    pub fn new(listener: UnixListener) -> Self {
        Self { listener, open: Open::default() }
    }
}

/// A connection, counted while it lasts.
pub struct Held {
    stream: UnixStream,
    uid: Option<u32>,
    pid: Option<i32>,
    open: Open,
    unread: Option<Pin<Box<Sleep>>>,
}

impl Held {
    /// The connection, where its user may have one more; else it is told and ended.
    fn new(stream: UnixStream, open: &Open) -> Option<Self> {
        let cred = stream.peer_cred().ok();
        let (uid, pid) = (cred.map(|cred| cred.uid()), cred.and_then(|cred| cred.pid()));
        {
            let mut held = open.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(uid).or_default();
            if *count < EACH {
                *count += 1;
                drop(held);
                return Some(Self { stream, uid, pid, open: Arc::clone(open), unread: None });
            }
        }
        // Who does not read it has lost nothing but the reason.
        let _unread = stream.try_write(too_many().as_bytes());
        None
    }

    /// The user at the other end, by the kernel's word.
    pub fn uid(&self) -> Option<u32> {
        self.uid
    }

    /// The process at the other end as it connected, by the kernel's word.
    pub fn pid(&self) -> Option<i32> {
        self.pid
    }

    /// What was written lies unread: ready with an error once that has lasted too long.
    fn unread(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let unread = self.unread.get_or_insert_with(|| Box::pin(tokio::time::sleep(UNREAD)));
        ready!(unread.as_mut().poll(cx));
        Poll::Ready(io::Error::from(io::ErrorKind::TimedOut))
    }
}

fn too_many() -> String {
    let problem = Problem::new(
        ProblemKind::Unreachable,
        format!("your user has {EACH} connections to this board, and no more are let in"),
    )
    .hint("end other sessions of yours, and try again");
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let head =
        "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nConnection: close";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.uid) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.uid);
            }
        }
    }
}

impl Listener for Gate {
    type Io = Held;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Held, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    if let Some(held) = Held::new(stream, &self.open) {
                        return (held, from);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "nobody is let in");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            Poll::Ready(done) => {
                self.unread = None;
                Poll::Ready(done)
            }
            Poll::Pending => self.unread(cx).map(Err),
        }
    }

    // Without this each piece is copied into a buffer of the connection.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, pieces) {
            Poll::Ready(done) => {
                self.unread = None;
                Poll::Ready(done)
            }
            Poll::Pending => self.unread(cx).map(Err),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
