//! `quorate serve`: this board for everybody on this machine.

use std::path::PathBuf;

use crate::{
    cli::{Context, board::served},
    errors::Stop,
    hub::protocol::SOCKET,
};

/// Serve the board to everybody on this machine; who acts is what the kernel says of them
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Listen here; the settings or /run/quorate/quorate.sock where left out
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    socket: Option<PathBuf>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let set = context.settings()?.serve.socket.clone();
        let socket = self.socket.or(set).unwrap_or_else(|| PathBuf::from(SOCKET));
        let socket = std::path::absolute(&socket)
            .map_err(|error| Stop::invalid(format!("--socket: {error}"), "name a path"))?;
        served(context, socket)
    }
}
