//! Requests to real servers, as a test makes them behind the board's back.
#![allow(dead_code, reason = "each system uses its part")]

use serde_json::Value;

/// An answer: status and body.
pub struct Got {
    pub status: u16,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// # Panics
    /// When the server said no.
    pub fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        self
    }
}

/// One request.
pub fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Got {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut request = client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let answer = request.send().await.unwrap();
        Got { status: answer.status().as_u16(), text: answer.text().await.unwrap() }
    })
}

/// What the script that boots real servers tells by an environment variable.
pub fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: .ci/servers sets it"))
}
