//! A token as it is written: `qrt_NAME_SECRET`. The name may be shown; the secret is 256 bits of chance, and whoever is to
//! recognise it keeps its SHA-256 alone.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::{
    config::{ExposeSecret, SecretString},
    hub::protocol::path,
    model::{Shows, TokenId},
    store,
    wire::{Problem, ProblemKind},
};

const BEGIN: &str = "qrt_";
/// The address of a calendar ends like the file that it is.
const CALENDAR: &str = ".ics";
/// Letters and digits that nobody takes for another: a power of two of them, so that each is as likely.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A token that was never there before.
pub struct Minted {
    pub id: TokenId,
    /// As its holder keeps it.
    pub token: SecretString,
    /// Of the secret, in hex.
    pub sha256: String,
}

/// Draws a token.
///
/// # Errors
/// When the system has no random numbers.
pub fn mint() -> Result<Minted, Problem> {
    let name: [u8; TokenId::LENGTH] = drawn()?;
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter));
    let id: String = name.iter().filter_map(letter).collect();
    let id: TokenId = id.parse().map_err(|why: String| Problem::new(ProblemKind::Unreachable, why))?;
    let secret = hex(&drawn::<32>()?);
    let sha256 = hex(&sha256(&secret));
    Ok(Minted { token: SecretString::from(format!("{BEGIN}{id}_{secret}")), id, sha256 })
}

/// Name and SHA-256 of the secret of what somebody shows as a token; `None` where it is none.
#[must_use]
pub fn read(shown: &str) -> Option<(TokenId, [u8; 32])> {
    let (id, secret) = shown.strip_prefix(BEGIN)?.split_once('_')?;
    (secret.len() == 64).then_some(())?;
    Some((id.parse().ok()?, sha256(secret)))
}

/// The path of the address that a token stands in, as its holder keeps it: `/f/NAME_SECRET.ics` of a calendar, `/p/NAME_SECRET`
/// of the page.
#[must_use]
pub fn address(minted: &Minted, shows: &Shows) -> SecretString {
    let shown = minted.token.expose_secret().trim_start_matches(BEGIN);
    let (place, end) = if shows.is_calendar() { (path::FEED, CALENDAR) } else { (path::PAGE, "") };
    SecretString::from(format!("{place}/{shown}{end}"))
}

/// Name and SHA-256 of the secret of what stands in an address behind `/f/` or `/p/`; `None` where it is none.
#[must_use]
pub fn read_address(text: &str) -> Option<(TokenId, [u8; 32])> {
    read(&format!("{BEGIN}{}", text.strip_suffix(CALENDAR).unwrap_or(text)))
}

fn sha256(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn drawn<const N: usize>() -> Result<[u8; N], Problem> {
    store::random().map_err(|error| {
        Problem::new(ProblemKind::Unreachable, format!("no random numbers from the system: {error}"))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn what_was_drawn_is_recognised_and_nothing_near_it() {
        let (one, other) = (mint().unwrap(), mint().unwrap());
        assert!(one.id != other.id && one.sha256 != other.sha256);
        let token = one.token.expose_secret();
        let (id, sha256) = read(token).unwrap();
        assert_eq!((&id, hex(&sha256)), (&one.id, one.sha256.clone()));
        assert!(!one.sha256.contains(&token[13..]), "what is kept is not the secret");
        let near = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
        assert_ne!(hex(&read(&near).unwrap().1), one.sha256);
        for (row, shown) in [
            ("empty", ""),
            ("no secret", "qrt_abcdefgh"),
            ("short secret", "qrt_abcdefgh_00"),
            ("other beginning", &token.replace("qrt", "qrx")),
            ("name in capitals", &token.to_uppercase()),
            ("space behind", &format!("{token} ")),
        ] {
            assert_eq!(read(shown), None, "{row}");
        }
    }
}
