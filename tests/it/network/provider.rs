//! A provider of OpenID Connect over real HTTP, stricter than most: it signs with keys it publishes, wants codes typed, polls no
//! faster than it says, and takes each refresh token once.

use std::{
    collections::HashMap,
    process::Command,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use serde_json::{Value, json};

pub const CODE: &str = "BDFG-HJKL";

pub struct Provider {
    pub url: String,
    state: Arc<Mutex<Inner>>,
}

struct Inner {
    url: String,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    /// Names under which the keys are published.
    kids: [String; 2],
    /// How often the keys were asked for.
    asked: usize,
    /// Who typed the code.
    typed: Option<String>,
    interval: Duration,
    polled: Option<Instant>,
    slowed: usize,
    refresh: HashMap<String, String>,
    granted: usize,
    /// Seconds that an identity is good for.
    lasts: i64,
}

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}

type Known = State<Arc<Mutex<Inner>>>;

impl Provider {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // Of one version as PKCS #8, of another as PKCS #1.
        let mut openssl = Command::new("openssl");
        let der = openssl.args(["genpkey", "-algorithm", "RSA", "-outform", "DER"]).output().unwrap().stdout;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let inner = Inner {
            url: url.clone(),
            rsa: RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap(),
            kids: ["rsa-1".to_owned(), "ec-1".to_owned()],
            asked: 0,
            typed: None,
            interval: Duration::from_secs(1),
            polled: None,
            slowed: 0,
            refresh: HashMap::new(),
            granted: 0,
            lasts: 300,
        };
        let state = Arc::new(Mutex::new(inner));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/jwks", get(jwks))
            .route("/device", post(device))
            .route("/revoke", post(revoke))
            .route("/token", post(token))
            .with_state(Arc::clone(&state));
        std::thread::spawn(move || runtime.block_on(async move { axum::serve(listener, app).await }));
        Self { url, state }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap()
    }

    /// Somebody types the code.
    pub fn type_code(&self, subject: &str) {
        self.inner().typed = Some(subject.to_owned());
    }

    pub fn lasting(&self, seconds: i64) {
        self.inner().lasts = seconds;
    }

    /// No refresh token is good any more.
    pub fn forget(&self) {
        self.inner().refresh.clear();
    }

    pub fn granted(&self) -> usize {
        self.inner().granted
    }

    /// How many logins can be renewed.
    pub fn renewals(&self) -> usize {
        self.inner().refresh.len()
    }

    pub fn slowed(&self) -> usize {
        self.inner().slowed
    }

    /// How often the keys were asked for.
    pub fn asked(&self) -> usize {
        self.inner().asked
    }

    /// Publishes the keys under new names.
    pub fn rename_keys(&self) {
        self.inner().kids = ["rsa-2".to_owned(), "ec-2".to_owned()];
    }

    /// What an identity says, of this subject from now on.
    pub fn payload(&self, subject: &str, lasts: i64) -> Value {
        json!({"iss": self.url, "sub": subject, "aud": "quorate", "iat": now(), "exp": now() + lasts})
    }

    pub fn rs256(&self, kid: &str, payload: &Value) -> String {
        self.inner().rs256(kid, payload)
    }

    pub fn es256(&self, kid: &str, payload: &Value) -> String {
        let signed = format!("{}.{}", encoded(&json!({"alg": "ES256", "kid": kid})), encoded(payload));
        let signature = self.inner().ec.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Signed with the public key, as if it were the secret of an HMAC.
    pub fn hs256(&self, kid: &str, payload: &Value) -> String {
        let signed = format!("{}.{}", encoded(&json!({"alg": "HS256", "kid": kid})), encoded(payload));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.inner().rsa.public_key().as_ref());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())))
    }

    pub fn unsigned(payload: &Value) -> String {
        format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(payload))
    }
}

impl Inner {
    fn rs256(&self, kid: &str, payload: &Value) -> String {
        let signed = format!("{}.{}", encoded(&json!({"alg": "RS256", "kid": kid})), encoded(payload));
        let mut signature = vec![0; self.rsa.public().modulus_len()];
        self.rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn grant(&mut self, subject: &str) -> Response {
        let payload = json!({"iss": self.url, "sub": subject, "aud": "quorate", "iat": now(), "exp": now() + self.lasts});
        self.granted += 1;
        let refresh = format!("refresh-{}", self.granted);
        self.refresh.insert(refresh.clone(), subject.to_owned());
        let id_token = self.rs256(&self.kids[0].clone(), &payload);
        Json(json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": self.lasts,
            "id_token": id_token, "refresh_token": refresh}))
        .into_response()
    }
}

async fn discover(State(state): Known) -> Json<Value> {
    let url = state.lock().unwrap().url.clone();
    Json(json!({"issuer": url, "jwks_uri": format!("{url}/jwks"), "token_endpoint": format!("{url}/token"),
        "device_authorization_endpoint": format!("{url}/device"), "revocation_endpoint": format!("{url}/revoke")}))
}

async fn jwks(State(state): Known) -> Json<Value> {
    let mut state = state.lock().unwrap();
    state.asked += 1;
    let public: RsaPublicKeyComponents<Vec<u8>> = state.rsa.public().into();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = state.ec.public_key().as_ref();
    Json(json!({"keys": [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": state.kids[0], "n": number(&public.n), "e": number(&public.e)},
        {"kty": "EC", "crv": "P-256", "kid": state.kids[1], "x": number(&point[1..33]), "y": number(&point[33..])},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}]}))
}

async fn device(State(state): Known, Form(form): Form<HashMap<String, String>>) -> Response {
    let scopes = form.get("scope").map(String::as_str).unwrap_or_default();
    if form.get("client_id").map(String::as_str) != Some("quorate") {
        return refused("invalid_client");
    }
    if !scopes.split(' ').any(|scope| scope == "openid") {
        return refused("invalid_scope");
    }
    let url = state.lock().unwrap().url.clone();
    Json(json!({"device_code": "device-1", "user_code": CODE, "verification_uri": format!("{url}/activate"),
        "expires_in": 120, "interval": 1}))
    .into_response()
}

/// Takes a refresh token back (RFC 7009): a token that is not known is as good as taken back.
async fn revoke(State(state): Known, Form(form): Form<HashMap<String, String>>) -> Response {
    if form.get("client_id").map(String::as_str) != Some("quorate") {
        return refused("invalid_client");
    }
    let token = form.get("token").map(String::as_str).unwrap_or_default();
    state.lock().unwrap().refresh.remove(token);
    Json(json!({})).into_response()
}

async fn token(State(state): Known, Form(form): Form<HashMap<String, String>>) -> Response {
    let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let mut state = state.lock().unwrap();
    if of("client_id") != "quorate" {
        return refused("invalid_client");
    }
    match of("grant_type") {
        "refresh_token" => match state.refresh.remove(of("refresh_token")) {
            Some(subject) => state.grant(&subject),
            None => {
                // One that was used before: somebody has a copy, so none of them is good any more.
                state.refresh.clear();
                refused("invalid_grant")
            }
        },
        "urn:ietf:params:oauth:grant-type:device_code" if of("device_code") == "device-1" => {
            let soon = state.polled.is_some_and(|at| at.elapsed() < state.interval);
            state.polled = Some(Instant::now());
            if soon {
                state.interval += Duration::from_secs(5);
                state.slowed += 1;
                return refused("slow_down");
            }
            match state.typed.take() {
                Some(subject) if subject == "no" => refused("access_denied"),
                Some(subject) => state.grant(&subject),
                None => refused("authorization_pending"),
            }
        }
        _ => refused("unsupported_grant_type"),
    }
}
