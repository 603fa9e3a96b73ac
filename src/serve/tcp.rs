//! The way in over the network: TLS, or plain HTTP where it does not leave this machine. A connection that does not get on
//! with its handshake, its headers or its body is ended; one that is cut off is noticed.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};

use super::{
    balancer::{self, Network},
    limits::{Connection, Limits},
    tls::Certificate,
};
use crate::wire::{Problem, ProblemKind};

/// How long the handshake of TLS may take, and the headers of a request.
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEADERS: Duration = Duration::from_secs(15);
/// Bytes of the headers of a request, and how many.
const HEADER_BYTES: usize = 32 << 10;
const HEADER_COUNT: usize = 64;
/// Milliseconds after which a client that acknowledges nothing is gone.
const UNACKNOWLEDGED: u32 = 30_000;
/// How long a client may be silent before the kernel asks whether it is there. Whoever is cut off without a word is gone after the
/// time above; where a sign of life is sent meanwhile the kernel asks no more, and counts from that: 45 seconds at most.
const SILENT: Duration = Duration::from_secs(5);
/// Connections that the kernel holds until they are taken, where it may hold so many.
const NOT_YET_TAKEN: u32 = 4096;
/// Connections of balancers that have not said yet for whom.
const UNREAD_HEADERS: usize = 256;
/// How often the files of the certificate are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Where and how the service listens on the network.
#[derive(Debug, Clone)]
pub struct Listen {
    pub at: SocketAddr,
    /// Certificate and key; without them plain HTTP, on loopback alone.
    pub files: Option<(PathBuf, PathBuf)>,
    /// Those that say for whom they connect.
    pub balancers: Vec<Network>,
}

/// A bound port, not yet listened on.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    balancers: Vec<Network>,
}

impl Listen {
    /// Takes the port.
    ///
    /// # Errors
    /// When it is taken, the certificate cannot be used, or what is said could be read on its way.
    pub fn bind(self) -> Result<Bound, Problem> {
        let Self { at, files, balancers } = self;
        if files.is_none() && !at.ip().is_loopback() {
            return Err(Problem::new(
                ProblemKind::Invalid,
                format!("{at} is reached over the network, where everybody could read votes and tokens"),
            )
            .hint(
                "name a certificate with --cert and --key, or listen on 127.0.0.1 behind what speaks TLS",
            ));
        }
        let certificate = files.map(|(cert, key)| Certificate::read(cert, key)).transpose()?.map(Arc::new);
        let listener = listen(at).map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("{at} cannot be listened on: {error}"))
                .hint("another service has it, or this user may not: name another port with --listen")
        })?;
        Ok(Bound { listener, certificate, balancers })
    }
}

impl Bound {
    /// Where it listens, as an address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        let at = self.listener.local_addr().map_or_else(|_| "?".to_owned(), |at| at.to_string());
        format!("{scheme}://{at}")
    }

    /// Takes connections until told to stop; those that are open finish the request they are at.
    pub async fn serve(self, app: Router, limits: Arc<Limits>, mut stop: watch::Receiver<bool>) {
        let Self { listener, certificate, balancers } = self;
        let headers = Arc::new(Semaphore::new(UNREAD_HEADERS));
        let watched = certificate.clone();
        let again = tokio::spawn(async move { renew(watched).await });
        loop {
            let taken = tokio::select! { biased;
                () = told(&mut stop) => break,
                taken = listener.accept() => taken,
            };
            match taken {
                Ok((stream, from)) => {
                    let from = from.ip().to_canonical();
                    let (app, certificate, stop) = (app.clone(), certificate.clone(), stop.clone());
                    if balancers.iter().any(|network| network.has(from)) {
                        // Too many that do not say for whom: dropped, as below.
                        let Ok(place) = Arc::clone(&headers).try_acquire_owned() else { continue };
                        let limits = Arc::clone(&limits);
                        tokio::spawn(async move {
                            let Some((stream, from)) = behind(stream, from).await else { return };
                            drop(place);
                            let Some(known) = limits.connect(from) else { return };
                            connection(stream, certificate, app, known, stop).await;
                        });
                        continue;
                    }
                    // Too many: the connection is dropped, which says so at once.
                    let Some(known) = limits.connect(from) else { continue };
                    tokio::spawn(connection(stream, certificate, app, known, stop));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not taken");
                    // Out of files: those that end make room.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        again.abort();
        while limits.open() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Takes the port, with room for all who come back at once after a cut: whoever finds none waits a second and longer.
fn listen(at: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(NOT_YET_TAKEN)
}

/// The connection that a balancer brings, with the address it comes from; none where it does not say.
async fn behind(mut stream: TcpStream, balancer: IpAddr) -> Option<(TcpStream, IpAddr)> {
    match timeout(balancer::PATIENCE, balancer::origin(&mut stream)).await {
        Ok(Ok(from)) => Some((stream, from.unwrap_or(balancer))),
        Ok(Err(error)) => {
            tracing::warn!(%balancer, %error, "a connection was not taken");
            None
        }
        Err(_) => {
            tracing::debug!(%balancer, "a balancer did not say for whom it connects");
            None
        }
    }
}

/// Reads the certificate again when its files change, or on SIGHUP.
async fn renew(certificate: Option<Arc<Certificate>>) {
    let Some(certificate) = certificate else { return };
    let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
    loop {
        let asked = async {
            match &mut told {
                Some(told) => drop(told.recv().await),
                None => std::future::pending().await,
            }
        };
        let in_any_case = timeout(LOOK, asked).await.is_ok();
        certificate.read_again(in_any_case);
    }
}

async fn connection(
    stream: TcpStream,
    certificate: Option<Arc<Certificate>>,
    app: Router,
    known: Arc<Connection>,
    stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    notice_a_cut(&stream);
    let room = Arc::clone(&known);
    let served = async move {
        match certificate {
            None => requests(stream, app, known, stop).await,
            Some(certificate) => match timeout(HANDSHAKE, certificate.acceptor().accept(stream)).await {
                Ok(Ok(stream)) => requests(stream, app, known, stop).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                Err(_) => tracing::debug!("a handshake took too long"),
            },
        }
    };
    tokio::select! {
        () = served => {}
        () = room.ended() => tracing::debug!("a connection made room for others"),
    }
}

/// Has the kernel notice that a client is gone; where it cannot, only what is written to them shows it.
fn notice_a_cut(stream: &TcpStream) {
    use rustix::net::sockopt;
    let _ = sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED);
    let _ = sockopt::set_tcp_keepidle(stream, SILENT);
    let _ = sockopt::set_tcp_keepintvl(stream, SILENT);
    let _ = sockopt::set_socket_keepalive(stream, true);
}

/// Resolves when the service is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _gone = stop.wait_for(|stop| *stop).await;
}

/// Answers the requests of one connection.
async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    app: Router,
    known: Arc<Connection>,
    mut stop: watch::Receiver<bool>,
) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&known));
        hyper::service::Service::call(&app, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_headers(HEADER_COUNT)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

#[cfg(test)]
mod tests {
    use rustix::net::sockopt;

    use super::*;

    #[tokio::test]
    async fn a_silent_client_is_asked_and_given_up_in_half_a_minute() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, accepted) = tokio::join!(client, listener.accept());
        let (_client, (stream, _)) = (client.unwrap(), accepted.unwrap());
        assert!(!sockopt::socket_keepalive(&stream).unwrap(), "nobody else does it");
        notice_a_cut(&stream);
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        let asked = sockopt::tcp_keepidle(&stream).unwrap() + sockopt::tcp_keepintvl(&stream).unwrap();
        let given_up = Duration::from_millis(sockopt::tcp_user_timeout(&stream).unwrap().into());
        assert!(asked < given_up && given_up <= Duration::from_secs(30), "{asked:?} {given_up:?}");
    }
}
