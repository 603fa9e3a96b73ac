//! Words to who started the service (systemd, or what speaks as it does): that people can come, that settings are read again,
//! that it ends. A datagram to the address in NOTIFY_SOCKET; where there is none nobody waits.

use std::{
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

use rustix::time::{ClockId, clock_gettime};

/// People can come.
pub fn ready(said: &str) {
    tell(&format!("READY=1\nSTATUS={said}\n"));
}

/// The settings are read again; [`ready`] ends that.
pub fn reloading() {
    let now = clock_gettime(ClockId::Monotonic);
    let micros = now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1_000);
    tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}\n"));
}

/// The service ends.
pub fn stopping() {
    tell("STOPPING=1\n");
}

fn tell(words: &str) {
    let Some(to) = std::env::var_os("NOTIFY_SOCKET").filter(|to| !to.is_empty()) else { return };
    if let Err(error) = send(&to, words) {
        tracing::warn!(%error, "who started the service is not told");
    }
}

/// An address that begins with `@` is no file.
fn send(to: &OsStr, words: &str) -> io::Result<()> {
    let address = match to.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(to)?,
    };
    UnixDatagram::unbound()?.send_to_addr(words.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_arrive_at_files_and_at_names() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("quorate-test-{}", std::process::id());
        let abstract_one = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        for (listener, to) in [
            (UnixDatagram::bind(&path).unwrap(), path.clone().into_os_string()),
            (UnixDatagram::bind_addr(&abstract_one).unwrap(), format!("@{name}").into()),
        ] {
            send(&to, "READY=1\n").unwrap();
            let mut bytes = [0; 64];
            let read = listener.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..read], b"READY=1\n", "{}", to.display());
        }
        assert!(send(OsStr::new("/nonexistent/notify"), "READY=1\n").is_err());
    }
}
