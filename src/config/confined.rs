//! Whether this run is restricted, and where the administrator's file for all clients of a machine lies.

use std::sync::OnceLock;

/// Which board people of this machine use, by its administrator.
pub const CLIENT: &str = "/etc/quorate/client.toml";

static RESTRICTED: OnceLock<()> = OnceLock::new();

/// From now on this process is restricted. There is no way back.
pub fn restrict() {
    let _already = RESTRICTED.set(());
}

/// Whether this process is restricted.
#[must_use]
pub fn is_restricted() -> bool {
    RESTRICTED.get().is_some()
}
