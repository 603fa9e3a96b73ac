//! Who sent a delivery, proved on its raw bytes in constant time.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac::{HMAC_SHA256, Key, verify};
use subtle::ConstantTimeEq;

use super::{HookKind, Raw};
use crate::model::{Instant, time::MINUTE};

/// Seconds by which the time of a signed delivery may be off.
const OFF: i64 = 5 * MINUTE;

/// Why a delivery is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forged(pub &'static str);

/// Proves a delivery under the secret of its hook: GitHub by `X-Hub-Signature-256`; GitLab by its signing token (over id, time and
/// body) or its secret token; others by `X-Quorate-Signature-256`, made as GitHub makes its own.
///
/// # Errors
/// Why it is not believed.
pub fn prove(kind: HookKind, secret: &str, raw: Raw<'_>, now: Instant) -> Result<(), Forged> {
    if secret.is_empty() {
        return Err(Forged("this hook has no secret"));
    }
    match kind {
        HookKind::Github => digest(raw.header("x-hub-signature-256"), secret, raw.body),
        HookKind::Cloudevents => digest(raw.header("x-quorate-signature-256"), secret, raw.body),
        HookKind::Gitlab => match raw.header("webhook-signature") {
            Some(said) => signed(said, secret, raw, now),
            None => {
                let token =
                    raw.header("x-gitlab-token").ok_or(Forged("it has neither signature nor token"))?;
                let same = bool::from(token.as_bytes().ct_eq(secret.as_bytes()));
                if same { Ok(()) } else { Err(Forged("its token is another one")) }
            }
        },
    }
}

/// `sha256=` and the HMAC of the body in hexadecimal.
fn digest(said: Option<&str>, secret: &str, body: &[u8]) -> Result<(), Forged> {
    let said = said.ok_or(Forged("it has no signature"))?;
    let mac = said.strip_prefix("sha256=").and_then(bytes).ok_or(Forged("its signature cannot be read"))?;
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    verify(&key, body, &mac).map_err(|_| Forged("its signature is not of this body under this secret"))
}

/// `v1,` and the HMAC of `ID.TIME.BODY` in base64; one of several is enough, as secrets are changed.
fn signed(said: &str, secret: &str, raw: Raw<'_>, now: Instant) -> Result<(), Forged> {
    let id = raw.header("webhook-id").ok_or(Forged("it has no webhook-id"))?;
    let at = raw.header("webhook-timestamp").ok_or(Forged("it has no webhook-timestamp"))?;
    let secs: i64 = at.parse().map_err(|_| Forged("its webhook-timestamp cannot be read"))?;
    if (now.secs().saturating_sub(secs)).abs() > OFF {
        return Err(Forged("it was signed more than 5 minutes from now"));
    }
    let bytes = secret.strip_prefix("whsec_").and_then(|secret| STANDARD.decode(secret).ok());
    let key = Key::new(HMAC_SHA256, &bytes.unwrap_or_else(|| secret.as_bytes().to_vec()));
    let mut message = format!("{id}.{at}.").into_bytes();
    message.extend_from_slice(raw.body);
    let macs = said.split_whitespace().filter_map(|one| one.strip_prefix("v1,"));
    let mut macs = macs.filter_map(|mac| STANDARD.decode(mac).ok());
    let good = macs.any(|mac| verify(&key, &message, &mac).is_ok());
    if good { Ok(()) } else { Err(Forged("its signature is not of this body under this secret")) }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
