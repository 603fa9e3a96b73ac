//! Chance: the one place where random bytes come from.

/// So many bytes that nobody can foretell.
///
/// # Errors
/// When the system has none.
#[expect(clippy::disallowed_methods, reason = "the one source of chance; everybody else asks here")]
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
