//! By whose login somebody became the user they are: the kernel keeps the user who logged in (`loginuid`) through su and sudo, and
//! an act that comes so says it.
//!
//! What is read is of the process that the kernel names as the other end of the socket. It may be gone by then and another one
//! bear its number: what belongs to another user is not believed, and nothing is told then. So the word can be missing; it names
//! nobody who had nothing to do with the user.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use crate::model::Line;

/// Nobody logged in: a service, or a kernel that keeps no such thing.
const UNSET: u32 = u32::MAX;

/// The login by which the user of a process came, where that is another one.
pub fn came_as(pid: i32, uid: u32) -> Option<Line> {
    let login = login_of(Path::new("/proc"), pid, uid)?;
    let user = uzers::get_user_by_uid(login);
    Some(user.map_or_else(|| Line::new(&login.to_string()), |user| Line::new(&user.name().to_string_lossy())))
}

/// The number of the user who logged in, where it is another one than whose the process is.
fn login_of(proc: &Path, pid: i32, uid: u32) -> Option<u32> {
    let process = proc.join(pid.to_string());
    let login = fs::read_to_string(process.join("loginuid")).ok()?.trim().parse().ok()?;
    let owner = fs::metadata(&process).ok()?.uid();
    (login != UNSET && login != uid && owner == uid).then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_users_login_of_ones_own_process_is_told() {
        let proc = tempfile::tempdir().unwrap();
        let own = rustix::process::getuid().as_raw();
        for (pid, text, uid, want) in [
            (1, Some("4294967295"), own, None),
            (2, Some("1234\n"), own, Some(1234)),
            (3, Some("rubbish"), own, None),
            (4, None, own, None),
            // The number of the process is another user's by now.
            (5, Some("1234"), own + 1, None),
        ] {
            let process = proc.path().join(pid.to_string());
            fs::create_dir(&process).unwrap();
            if let Some(text) = text {
                fs::write(process.join("loginuid"), text).unwrap();
            }
            assert_eq!(login_of(proc.path(), pid, uid), want, "{pid}");
        }
        let text = own.to_string();
        fs::create_dir(proc.path().join("6")).unwrap();
        fs::write(proc.path().join("6/loginuid"), text).unwrap();
        assert_eq!(login_of(proc.path(), 6, own), None);
    }
}
