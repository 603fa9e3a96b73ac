//! Messages by mail: one connection and one mail each, step by step, so that what was taken is told apart from what was not.

use std::{path::PathBuf, time::Duration};

use futures::future::LocalBoxFuture;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Response,
    },
};

use super::{Channel, Delivered, Parcel, Secret};
use crate::{
    config::{ExposeSecret, MailTls},
    model::{Audience, Line, Person},
    source::http::tls_provider,
};

/// A mail server that takes mail from this machine.
#[derive(Clone)]
pub struct Mailer {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub from: String,
    /// Whom mail goes to where an audience names nobody.
    pub to: Vec<Line>,
    /// Brings a calendar file along.
    pub calendar: bool,
    pub ca: Option<PathBuf>,
    pub timeout: Duration,
    pub login: Option<(String, Secret)>,
}

impl Channel for Mailer {
    fn to(&self, audience: &Audience) -> Result<Vec<Line>, Line> {
        let to = if audience.to.is_empty() { &self.to } else { &audience.to };
        if to.is_empty() {
            let words = format!(
                "nobody is named to write to: `to` of the audience {} or of the channel",
                audience.id
            );
            return Err(Line::new(&words));
        }
        Ok(to.clone())
    }

    fn to_person(&self, person: &Person) -> Result<Vec<Line>, Line> {
        let email = person.email.as_ref().filter(|email| !email.is_empty());
        email.map(|email| vec![email.clone()]).ok_or_else(|| {
            Line::new(&format!(
                "the board knows no mail address of {}: an admin adds it (person edit)",
                person.id
            ))
        })
    }

    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered> {
        let mailer = self.clone();
        Box::pin(async move {
            let patience = mailer.timeout;
            let mut handed = false;
            // A server that is slow is given up; what it may have taken by then counts as told.
            match tokio::time::timeout(patience, mailer.deliver(&parcel, &mut handed)).await {
                Ok(Ok(delivered) | Err(delivered)) => delivered,
                Err(_) if handed => {
                    Delivered::Unclear(Line::new(&format!("no answer came within {} s", patience.as_secs())))
                }
                Err(_) => later(format!("it did not answer within {} s", patience.as_secs())),
            }
        })
    }
}

/// Nobody was told, and it is tried again.
fn later(words: impl ToString) -> Delivered {
    Delivered::Refused { words: Line::new(&words.to_string()), for_good: false }
}

/// The words of a server, of what it refused.
fn refused(error: &Error) -> Delivered {
    Delivered::Refused { words: Line::new(&error.to_string()), for_good: error.is_permanent() }
}

impl Mailer {
    /// `handed` becomes true just before the first byte of the mail leaves.
    ///
    /// # Errors
    /// What was refused before that.
    async fn deliver(self, parcel: &Parcel, handed: &mut bool) -> Result<Delivered, Delivered> {
        let (mail, envelope) = self.mail(parcel).map_err(later)?;
        let mut connection = self.connect().await?;
        connection.command(Mail::new(envelope.from().cloned(), Vec::new())).await.map_err(|e| refused(&e))?;
        let mut taken = 0;
        let mut refusals: Vec<String> = Vec::new();
        let mut last = None;
        for address in envelope.to() {
            match connection.command(Rcpt::new(address.clone(), Vec::new())).await {
                Ok(_) => taken += 1,
                Err(error) if error.is_permanent() || error.is_transient() => {
                    refusals.push(format!("not to {address}: {error}"));
                    last = Some(refused(&error));
                }
                Err(error) => return Err(later(error)),
            }
        }
        if let Some(nobody) = last.filter(|_| taken == 0) {
            connection.abort().await;
            return Err(nobody);
        }
        connection.command(Data).await.map_err(|e| refused(&e))?;
        *handed = true;
        let answer = connection.message(&mail.formatted()).await;
        let delivered = match answer {
            Ok(response) => accepted(&response, &refusals),
            Err(error) if error.is_permanent() || error.is_transient() => refused(&error),
            Err(error) => Delivered::Unclear(Line::new(&format!("no answer came: {error}"))),
        };
        // It was taken: how the connection ends says nothing about it.
        let _ = connection.quit().await;
        Ok(delivered)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Delivered> {
        tls_provider();
        let hello = ClientId::default();
        let server = (self.host.as_str(), self.port);
        let wrapped = match self.tls {
            MailTls::Tls => Some(self.trusted().map_err(later)?),
            MailTls::Starttls | MailTls::None => None,
        };
        let connected =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &hello, wrapped, None).await;
        let mut connection = connected.map_err(|error| later(format!("{}: {error}", self.host)))?;
        if self.tls == MailTls::Starttls {
            // A server that cannot is sent nothing.
            let trusted = self.trusted().map_err(later)?;
            connection.starttls(trusted, &hello).await.map_err(later)?;
        }
        if let Some((user, secret)) = &self.login {
            let password = secret.clone().fetch().await.map_err(later)?;
            let credentials = Credentials::new(user.clone(), password.expose_secret().trim_end().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &credentials).await.map_err(|error| {
                // Never the words of the dialogue, which may repeat what was said.
                let status = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
                later(format!("{} refuses the credentials{status}", self.host))
            })?;
        }
        Ok(connection)
    }

    fn trusted(&self) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.ca {
            let broken = |why: String| format!("ca {}: {why}", file.display());
            let pem = std::fs::read(file).map_err(|error| broken(error.to_string()))?;
            builder = builder.add_root_certificate(
                Certificate::from_pem(&pem).map_err(|error| broken(error.to_string()))?,
            );
        }
        builder.build_rustls().map_err(|error| error.to_string())
    }

    /// The mail as it is sent, with those it goes to.
    fn mail(&self, parcel: &Parcel) -> Result<(Message, Envelope), String> {
        let mailbox = |text: &str| {
            text.parse::<Mailbox>().map_err(|error| format!("{text} is no mail address: {error}"))
        };
        let from = mailbox(&self.from)?;
        let mut to: Vec<Address> = Vec::new();
        let (subject, text) = parcel.parts();
        // One thread in a mail program for everything about the item.
        let thread = format!("<{}>", parcel.thread.replace(|c: char| c.is_whitespace(), "_"));
        let mut builder = Message::builder()
            .from(from.clone())
            .subject(subject)
            .message_id(Some(format!("<{}.{}", parcel.number, thread.trim_start_matches('<'))))
            .references(thread)
            .date(std::time::UNIX_EPOCH + Duration::from_secs(parcel.now.secs().unsigned_abs()));
        for address in &parcel.to {
            let address = mailbox(address)?;
            to.push(address.email.clone());
            builder = builder.to(address);
        }
        let plain = SinglePart::plain(text.to_owned());
        let calendar = parcel.calendar().filter(|_| self.calendar);
        let kind = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH");
        let mail = match calendar.zip(kind.ok()) {
            Some((calendar, kind)) => {
                let attached = Attachment::new("invite.ics".to_owned()).body(calendar, kind);
                builder.multipart(MultiPart::mixed().singlepart(plain).singlepart(attached))
            }
            None => builder.singlepart(plain),
        };
        let envelope = Envelope::new(Some(from.email), to).map_err(|error| error.to_string())?;
        Ok((mail.map_err(|error| error.to_string())?, envelope))
    }
}

fn accepted(response: &Response, refusals: &[String]) -> Delivered {
    let words: Vec<&str> = response.message().collect();
    let words = format!("{} {}", response.code(), words.join(" "));
    let words = if refusals.is_empty() { words } else { format!("{words}; {}", refusals.join("; ")) };
    Delivered::Accepted(Line::new(&words))
}
