//! Messages as JSON over HTTPS: shaped for Slack, for Teams, or plain and signed by the rules of Standard Webhooks.

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::future::LocalBoxFuture;
use reqwest::{Client, StatusCode, header};
use ring::hmac;
use serde_json::{Value, json};

use super::{Channel, Content, Delivered, Parcel, Secret};
use crate::{
    config::{ExposeSecret, SecretString},
    model::{Audience, Line, Person},
    source::http::tls_provider,
};

/// For whom a message is shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Slack,
    Teams,
    Plain,
}

/// An address that takes messages.
pub struct Webhook {
    pub shape: Shape,
    /// Of a plain one; of the others the secret is the address.
    pub url: Option<String>,
    pub secret: Option<Secret>,
    pub ca: Option<PathBuf>,
    pub timeout: Duration,
    /// What it is called instead of its address.
    pub name: String,
}

/// What one delivery needs.
struct Way {
    shape: Shape,
    url: Option<String>,
    secret: Option<Secret>,
    ca: Option<PathBuf>,
    timeout: Duration,
}

impl Webhook {
    /// An address without its query; that of Slack and Teams is a secret.
    fn shown(&self) -> Line {
        let shown = self.url.as_deref().and_then(|url| url.split(['?', '#']).next());
        Line::new(shown.unwrap_or(&self.name))
    }
}

impl Channel for Webhook {
    fn to(&self, _: &Audience) -> Result<Vec<Line>, Line> {
        Ok(vec![self.shown()])
    }

    fn to_person(&self, _: &Person) -> Result<Vec<Line>, Line> {
        // One address for everybody: who is told stands in what is sent.
        Ok(vec![self.shown()])
    }

    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered> {
        let way = Way {
            shape: self.shape,
            url: self.url.clone(),
            secret: self.secret.clone(),
            ca: self.ca.clone(),
            timeout: self.timeout,
        };
        Box::pin(async move { way.deliver(&parcel).await.unwrap_or_else(|refused| refused) })
    }
}

/// Nobody was told, and it is tried again.
fn later(words: String) -> Delivered {
    Delivered::Refused { words: Line::new(&words), for_good: false }
}

impl Way {
    /// # Errors
    /// What was refused before anything left.
    async fn deliver(self, parcel: &Parcel) -> Result<Delivered, Delivered> {
        let secret = match self.secret {
            Some(secret) => Some(secret.fetch().await.map_err(later)?),
            None => None,
        };
        let address = match (&self.url, &secret) {
            (Some(url), _) => url.clone(),
            (None, Some(address)) => checked(address).map_err(later)?,
            (None, None) => return Err(later("its address is not known".to_owned())),
        };
        let client = client(self.ca, self.timeout).map_err(later)?;
        let body = body(self.shape, parcel).to_string();
        let mut request = client.post(address).header(header::CONTENT_TYPE, "application/json");
        if self.shape == Shape::Plain {
            let id = format!("{}.{}", parcel.thread, parcel.number);
            let at = parcel.now.secs().to_string();
            if let Some(key) = &secret {
                request = request.header("webhook-signature", signature(key, &id, &at, &body));
            }
            request = request.header("webhook-id", id).header("webhook-timestamp", at);
        }
        Ok(match request.body(body).send().await {
            // An address may be a secret, and so its path.
            Err(error) if error.is_connect() || error.is_builder() => {
                later(format!("it could not be reached: {}", crate::source::http::told(&error.without_url())))
            }
            Err(error) => {
                let why = crate::source::http::told(&error.without_url());
                Delivered::Unclear(Line::new(&format!("no answer came: {why}")))
            }
            Ok(response) => judged(response.status()),
        })
    }
}

/// What a status means for a message.
fn judged(status: StatusCode) -> Delivered {
    let words = Line::new(&format!("HTTP {}", status.as_u16()));
    match status.as_u16() {
        200..300 => Delivered::Accepted(words),
        // It is as it is: sending it again brings the same answer.
        400 | 410 | 413 | 422 => Delivered::Refused { words, for_good: true },
        300..500 | 503 => Delivered::Refused { words, for_good: false },
        _ => Delivered::Unclear(words),
    }
}

/// The address that a secret is; plain HTTP only to this machine.
fn checked(address: &SecretString) -> Result<String, String> {
    let address = address.expose_secret().trim();
    if crate::config::is_safe_address(address) {
        return Ok(address.to_owned());
    }
    Err("its secret is no address that begins with https://".to_owned())
}

fn client(ca: Option<PathBuf>, timeout: Duration) -> Result<Client, String> {
    tls_provider();
    let mut builder = Client::builder()
        .user_agent(concat!("quorate/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(file) = ca {
        let broken = |why: String| format!("ca {}: {why}", file.display());
        let pem = std::fs::read(&file).map_err(|error| broken(error.to_string()))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| broken(error.to_string()))?;
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| crate::source::http::told(&error))
}

/// `v1,` and the HMAC-SHA256 over id, time and body in base64.
fn signature(secret: &SecretString, id: &str, at: &str, body: &str) -> String {
    let secret = secret.expose_secret().trim();
    let decoded = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let key = hmac::Key::new(hmac::HMAC_SHA256, decoded.as_deref().unwrap_or(secret.as_bytes()));
    let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

fn body(shape: Shape, parcel: &Parcel) -> Value {
    let (subject, text) = parcel.parts();
    // A channel of many says for whom it is.
    let whose = |subject: &str| match &parcel.content {
        Content::Item { .. } => subject.to_owned(),
        Content::Person { person, .. } => format!("{person}: {subject}"),
    };
    match shape {
        Shape::Slack => {
            // What Slack reads as its own markup.
            let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            json!({"text": format!("*{}*\n{}", plain(&whose(subject)), plain(text))})
        }
        Shape::Teams => json!({"type": "message", "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    {"type": "TextBlock", "text": whose(subject), "weight": "Bolder", "wrap": true},
                    // A single line break is none there.
                    {"type": "TextBlock", "text": text.replace('\n', "\n\n"), "wrap": true},
                ],
            },
        }]}),
        Shape::Plain => {
            let id = format!("{}.{}", parcel.thread, parcel.number);
            match &parcel.content {
                Content::Item { item, message } => {
                    json!({"id": id, "item": item, "message": message, "subject": subject, "text": text})
                }
                Content::Person { person, notices } => {
                    json!({"id": id, "person": person, "notices": notices, "subject": subject, "text": text})
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        // The example of the specification.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_status_says_whether_it_was_taken() {
        let of = |status: u16| judged(StatusCode::from_u16(status).unwrap());
        assert!(matches!(of(204), Delivered::Accepted(_)));
        for status in [302, 401, 404, 429, 503] {
            assert!(matches!(of(status), Delivered::Refused { for_good: false, .. }), "{status}");
        }
        assert!(matches!(of(400), Delivered::Refused { for_good: true, .. }));
        for status in [500, 502, 504] {
            assert!(matches!(of(status), Delivered::Unclear(_)), "{status}");
        }
    }
}
