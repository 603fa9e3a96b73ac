//! The SSH agent of who sits here: it signs votes, and their key never leaves it (ledger § Signed votes).
//!
//! Two messages of its protocol are enough: which keys it holds, and sign this. A key on a token may want a touch, and a
//! key that was added with `-c` a yes, so it is given a minute.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use crate::{
    ledger::{
        decide::ToSign,
        signed::{self, Signed},
    },
    wire::{Problem, ProblemKind},
};

/// How long an agent may take: somebody has to touch a token, or to say yes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const LONGEST: usize = 256 * 1024;

const ASK_KEYS: u8 = 11;
const KEYS: u8 = 12;
const SIGN: u8 = 13;
const SIGNATURE: u8 = 14;

/// Has a statement signed by a key of its author, through the agent that listens on this socket.
///
/// # Errors
/// When no agent answers, it holds none of their keys, or it does not sign.
pub fn sign(socket: Option<&Path>, what: &ToSign) -> Result<Signed, Problem> {
    let person = &what.statement.person;
    if what.keys.is_empty() {
        return Err(refused(format!("no key of {person} is on this board")).hint(
            "an admin adds it: `keys` of the person in a board file, one public key each as in ~/.ssh/id_ed25519.pub",
        ));
    }
    let socket = socket.ok_or_else(|| {
        refused("no SSH agent runs here to sign with".to_owned())
            .hint("start one (eval $(ssh-agent); ssh-add), or log in with agent forwarding")
    })?;
    let failed = |error: std::io::Error| {
        Problem::new(
            ProblemKind::Unreachable,
            format!("the SSH agent at {} does not answer: {error}", socket.display()),
        )
        .hint("`ssh-add -l` says whether it works")
    };
    let mut agent = UnixStream::connect(socket).map_err(failed)?;
    agent.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    agent.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    let held = keys(&ask(&mut agent, &[ASK_KEYS]).map_err(failed)?);
    let key = held.iter().find(|key| signed::is_one_of(key, &what.keys)).ok_or_else(|| {
        refused(format!("the SSH agent holds {} keys, and none of them is one of {person}'s", held.len()))
            .hint("add it with ssh-add; `ssh-add -l` lists those it holds")
    })?;
    let text = what.statement.text();
    let unsigned = |why: String| refused(format!("the vote could not be signed: {why}"));
    let message = signed::message(signed::NAMESPACE, &text).map_err(|why| unsigned(why.to_string()))?;
    let mut request = vec![SIGN];
    put(&mut request, key);
    put(&mut request, &message);
    request.extend(0_u32.to_be_bytes());
    let answer = ask(&mut agent, &request).map_err(failed)?;
    let signature = match answer.split_first() {
        Some((&SIGNATURE, mut rest)) => take(&mut rest).map(<[u8]>::to_vec),
        _ => None,
    };
    let signature = signature.ok_or_else(|| unsigned("the agent refused, or nobody said yes".to_owned()))?;
    Signed::of(signed::NAMESPACE, &text, key, &signature).map_err(|why| unsigned(why.to_string()))
}

fn refused(title: String) -> Problem {
    Problem::new(ProblemKind::NotAllowed, title)
}

/// One message and its answer, each behind its length.
fn ask(agent: &mut UnixStream, message: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut framed = Vec::new();
    put(&mut framed, message);
    agent.write_all(&framed)?;
    let mut length = [0; 4];
    agent.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(std::io::Error::other("its answer is too long"));
    }
    let mut answer = vec![0; length];
    agent.read_exact(&mut answer)?;
    Ok(answer)
}

/// The keys of an answer, each as its public blob.
fn keys(answer: &[u8]) -> Vec<Vec<u8>> {
    let Some((&KEYS, rest)) = answer.split_first() else { return Vec::new() };
    let Some(mut rest) = rest.get(4..) else { return Vec::new() };
    let mut found = Vec::new();
    while let (Some(key), Some(_comment)) = (take(&mut rest), take(&mut rest)) {
        found.push(key.to_vec());
    }
    found
}

fn put(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(text);
}

/// The next text of a message; `None` at its end, or where it is cut off.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (text, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(text)
}
