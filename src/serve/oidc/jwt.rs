//! What a provider signed (RFC 7515, 7519): only with algorithms that are listed here, only by a key that is of the kind the
//! algorithm wants, and only for this board, from this issuer, at this time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use crate::model::Instant;

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 60;
/// Bytes of a token.
const LONGEST: usize = 16 << 10;

/// Why a token is not taken; never holds any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("it is none")]
    Shape,
    #[error("its algorithm is not taken here")]
    Algorithm,
    #[error("it asks for what is not understood here")]
    Critical,
    #[error("it is signed by no key of its issuer")]
    NoKey,
    #[error("its signature does not hold")]
    Signature,
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it is over")]
    Over,
    #[error("it does not hold yet")]
    NotYet,
    #[error("it names nobody")]
    Subject,
}

/// How tokens are signed: what is listed is taken, `none` and HMAC are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    fn of(word: &str) -> Option<Self> {
        match word {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// The keys of an issuer.
#[derive(Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The one algorithm it is for, where it says so.
    only: Option<String>,
    public: Public,
}

#[derive(Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key as it is published (RFC 7517).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Those that can be used here; keys of other kinds, and for other ends, are left out.
    #[must_use]
    pub fn read(keys: &[Value]) -> Self {
        Self(keys.iter().filter_map(Key::read).collect())
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        let jwk = Jwk::deserialize(key).ok()?;
        if jwk.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Public::Rsa { n: bytes(&jwk.n)?, e: bytes(&jwk.e)? },
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
                (x.len() == 32 && y.len() == 32).then_some(())?;
                Public::P256([&[4][..], &x, &y].concat())
            }
            ("OKP", Some("Ed25519")) => Public::Ed25519(bytes(&jwk.x)?),
            _ => return None,
        };
        Some(Self { id: jwk.kid, only: jwk.alg, public })
    }

    /// Whether this key can be the one that a header names.
    fn fits(&self, header: &Header, algorithm: Algorithm) -> bool {
        let kind = match (&self.public, algorithm) {
            (Public::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
            | (Public::P256(_), Algorithm::Es256)
            | (Public::Ed25519(_), Algorithm::EdDsa) => true,
            (Public::Rsa { .. } | Public::P256(_) | Public::Ed25519(_), _) => false,
        };
        let named = header.kid.is_none() || header.kid == self.id;
        kind && named && self.only.as_ref().is_none_or(|only| *only == header.alg)
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.public {
            Public::Rsa { n, e } => {
                let by = if algorithm == Algorithm::Ps256 {
                    &RSA_PSS_2048_8192_SHA256
                } else {
                    &RSA_PKCS1_2048_8192_SHA256
                };
                // A leading nought is no part of the number.
                let n: &[u8] = n.strip_prefix(&[0]).unwrap_or(n);
                RsaPublicKeyComponents { n, e }.verify(by, message, signature)
            }
            Public::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Public::Ed25519(point) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature),
        };
        verified.is_ok()
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Payload {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Value>,
    azp: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
}

/// What a token must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    /// The name of this board at its provider.
    pub audience: &'a str,
    pub now: Instant,
}

/// What is believed of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub subject: String,
    pub until: Instant,
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Wrong> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Wrong::Shape)?;
    serde_json::from_slice(&bytes).map_err(|_| Wrong::Shape)
}

/// Header, payload, and signature of a token.
fn parts(token: &str) -> Result<[&str; 3], Wrong> {
    let parts: Vec<&str> = token.split('.').collect();
    match <[&str; 3]>::try_from(parts) {
        Ok(parts) if token.len() <= LONGEST => Ok(parts),
        Ok(_) | Err(_) => Err(Wrong::Shape),
    }
}

/// Who says to have signed a token; nothing is believed yet.
///
/// # Errors
/// When it is no token.
pub fn issuer(token: &str) -> Result<String, Wrong> {
    let [_, payload, _] = parts(token)?;
    json::<Payload>(payload)?.iss.ok_or(Wrong::Issuer)
}

/// Whom a token names, when its issuer signed it, for this board, and it holds now.
///
/// # Errors
/// When any of that is not so.
pub fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Wrong> {
    let [first, second, third] = parts(token)?;
    let header: Header = json(first)?;
    let algorithm = Algorithm::of(&header.alg).ok_or(Wrong::Algorithm)?;
    if header.crit.is_some() {
        return Err(Wrong::Critical);
    }
    let signature = URL_SAFE_NO_PAD.decode(third).map_err(|_| Wrong::Shape)?;
    let signed = token.get(..first.len() + 1 + second.len()).ok_or(Wrong::Shape)?.as_bytes();
    let mut fitting = keys.0.iter().filter(|key| key.fits(&header, algorithm)).peekable();
    if fitting.peek().is_none() {
        return Err(Wrong::NoKey);
    }
    if !fitting.any(|key| key.verifies(algorithm, signed, &signature)) {
        return Err(Wrong::Signature);
    }
    claims(json(second)?, expected)
}

fn claims(payload: Payload, expected: &Expected<'_>) -> Result<Claims, Wrong> {
    let Payload { iss, sub, aud, azp, exp, nbf, iat } = payload;
    if iss.as_deref() != Some(expected.issuer) {
        return Err(Wrong::Issuer);
    }
    let (ours, others) = match &aud {
        Some(Value::String(one)) => (one == expected.audience, false),
        Some(Value::Array(many)) => (many.iter().any(|one| one == expected.audience), many.len() > 1),
        _ => (false, false),
    };
    // A token for several says which of them it was given to.
    let given = azp.as_deref().map_or(!others, |azp| azp == expected.audience);
    if !ours || !given {
        return Err(Wrong::Audience);
    }
    let now = expected.now;
    let until = exp.and_then(instant).ok_or(Wrong::Over)?;
    if now >= until.plus(LEEWAY) {
        return Err(Wrong::Over);
    }
    for from in [nbf, iat].into_iter().flatten() {
        if instant(from).is_none_or(|from| now.plus(LEEWAY) < from) {
            return Err(Wrong::NotYet);
        }
    }
    let subject = sub.filter(|subject| !subject.is_empty()).ok_or(Wrong::Subject)?;
    Ok(Claims { subject, until })
}

/// Seconds since 1970, which may have a fraction.
fn instant(secs: f64) -> Option<Instant> {
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is refused before")]
    (secs.is_finite() && secs.abs() < 1e12).then(|| Instant::from_secs(secs as i64))
}

#[cfg(test)]
mod tests {
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
    };
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_900_000_000;

    fn encoded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    struct Signer(EcdsaKeyPair);

    impl Signer {
        fn new() -> Self {
            let pkcs8 =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &SystemRandom::new()).unwrap())
        }

        fn key(&self) -> Value {
            let point = self.0.public_key().as_ref();
            let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
            json!({"kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "x": x, "y": y})
        }

        fn token(&self, header: &Value, payload: &Value) -> String {
            let signed = format!("{}.{}", encoded(header), encoded(payload));
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn good() -> Value {
        json!({"iss": "https://login", "sub": "s1", "aud": "board", "exp": NOW + 300, "iat": NOW})
    }

    fn said(token: &str, keys: &[Value]) -> Result<Claims, Wrong> {
        let now = Instant::from_secs(NOW);
        verify(token, &Keys::read(keys), &Expected { issuer: "https://login", audience: "board", now })
    }

    #[test]
    fn a_token_is_taken_only_as_it_must_be() {
        let signer = Signer::new();
        let with = |changes: Value| {
            let mut payload = good();
            for (name, value) in changes.as_object().unwrap() {
                payload[name] = value.clone();
            }
            payload
        };
        for (row, changes, want) in [
            ("good", json!({}), None),
            ("of another issuer", json!({"iss": "https://login/"}), Some(Wrong::Issuer)),
            ("for another", json!({"aud": "other"}), Some(Wrong::Audience)),
            ("for nobody", json!({"aud": null}), Some(Wrong::Audience)),
            ("in a list", json!({"aud": ["board"]}), None),
            (
                "for two, given to another",
                json!({"aud": ["board", "other"], "azp": "other"}),
                Some(Wrong::Audience),
            ),
            ("for two, given to nobody", json!({"aud": ["board", "other"]}), Some(Wrong::Audience)),
            ("for two, given to us", json!({"aud": ["board", "other"], "azp": "board"}), None),
            ("over within leeway", json!({"exp": NOW - 59}), None),
            ("over", json!({"exp": NOW - 60}), Some(Wrong::Over)),
            ("without an end", json!({"exp": null}), Some(Wrong::Over)),
            ("with an end that is no number", json!({"exp": 1e300}), Some(Wrong::Over)),
            ("not yet within leeway", json!({"nbf": NOW + 60}), None),
            ("not yet", json!({"nbf": NOW + 61}), Some(Wrong::NotYet)),
            ("made tomorrow", json!({"iat": NOW + 86_400}), Some(Wrong::NotYet)),
            ("of nobody", json!({"sub": ""}), Some(Wrong::Subject)),
            ("without a subject", json!({"sub": null}), Some(Wrong::Subject)),
        ] {
            let token = signer.token(&json!({"alg": "ES256", "kid": "one"}), &with(changes));
            assert_eq!(said(&token, &[signer.key()]).err(), want, "{row}");
        }
    }

    #[test]
    fn the_header_chooses_nothing_that_weakens() {
        let signer = Signer::new();
        let public = signer.key();
        for (row, header, want) in [
            ("none", json!({"alg": "none"}), Wrong::Algorithm),
            ("None", json!({"alg": "None"}), Wrong::Algorithm),
            // The public key taken as the secret of an HMAC.
            ("hmac", json!({"alg": "HS256", "kid": "one"}), Wrong::Algorithm),
            ("another kind of key", json!({"alg": "RS256", "kid": "one"}), Wrong::NoKey),
            ("another key", json!({"alg": "ES256", "kid": "two"}), Wrong::NoKey),
            (
                "critical",
                json!({"alg": "ES256", "kid": "one", "crit": ["b64"], "b64": false}),
                Wrong::Critical,
            ),
            ("a key of its own", json!({"alg": "ES256", "kid": "new", "jwk": public}), Wrong::NoKey),
            (
                "a key from elsewhere",
                json!({"alg": "ES256", "kid": "new", "jku": "https://evil"}),
                Wrong::NoKey,
            ),
        ] {
            let token = signer.token(&header, &good());
            assert_eq!(said(&token, &[signer.key()]), Err(want), "{row}");
        }
        let header = json!({"alg": "ES256", "kid": "one"});
        let token = signer.token(&header, &good());
        let body = token.split('.').nth(1).unwrap().to_owned();
        let forged = token.replace(
            &body,
            &encoded(&json!({"iss": "https://login", "sub": "s2", "aud": "board", "exp": NOW + 9})),
        );
        let unsigned = token.rsplit_once('.').unwrap().0;
        for (row, token, want) in [
            ("changed", forged.as_str(), Wrong::Signature),
            ("unsigned", &format!("{unsigned}."), Wrong::Signature),
            ("of two parts", unsigned, Wrong::Shape),
            ("of four parts", &format!("{token}.x"), Wrong::Shape),
            ("padded", &format!("{token}="), Wrong::Shape),
            ("empty", "", Wrong::Shape),
            ("long", &"a.b.c".repeat(10_000), Wrong::Shape),
        ] {
            assert_eq!(said(token, &[signer.key()]), Err(want), "{row}");
        }
        let other = Signer::new();
        assert_eq!(said(&token, &[other.key()]), Err(Wrong::Signature));
        // A key for encryption, or for one other algorithm, signs nothing here.
        for (name, value) in [("use", "enc"), ("alg", "ES384")] {
            let mut key = signer.key();
            key[name] = value.into();
            assert_eq!(said(&token, &[key]), Err(Wrong::NoKey), "{name}");
        }
    }

    #[test]
    fn keys_of_edwards_curve_sign_too() {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let signed = format!("{}.{}", encoded(&json!({"alg": "EdDSA"})), encoded(&good()));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes())));
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        assert_eq!(said(&token, &[key]).unwrap().subject, "s1");
    }
}
