//! `quorate serve`: this board for everybody on this machine, and on others.

mod board; // a service's board and settings

use std::{net::SocketAddr, path::PathBuf};

use crate::{cli::Context, errors::Stop, hub::protocol::SOCKET, serve::Listen};

/// Serve the board to everybody on this machine, and on others with --listen; who acts is what the kernel or a token says
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Listen here; the settings or /run/quorate/quorate.sock where left out
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    socket: Option<PathBuf>,
    /// Listen on the network too
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The certificate of this host (PEM), its chain behind it; without one only loopback is listened on
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    cert: Option<PathBuf>,
    /// Its key (PEM), readable by the service alone
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    key: Option<PathBuf>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let set = context.settings()?.serve.socket.clone();
        let socket = self.socket.or(set).unwrap_or_else(|| PathBuf::from(SOCKET));
        let socket = std::path::absolute(&socket)
            .map_err(|error| Stop::invalid(format!("--socket: {error}"), "name a path"))?;
        let set = context.settings()?.serve.clone();
        let files = match (self.cert.or(set.cert), self.key.or(set.key)) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(Stop::invalid(
                    "a certificate and its key go together",
                    "name both --cert and --key",
                ));
            }
        };
        let balancers: Result<Vec<_>, _> = set.balancers.iter().map(|text| text.parse()).collect();
        let balancers = balancers.map_err(|why: String| {
            Stop::invalid(format!("serve.balancers: {why}"), "list those that speak the PROXY protocol")
        })?;
        let listen = self.listen.or(set.listen).map(|at| Listen { at, files, balancers });
        board::served(context, socket, listen)
    }
}
