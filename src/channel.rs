//! Where messages to audiences leave: the channels of the settings, and the templates of their texts (telling § Channels).
//!
//! What is sent to whom is decided by the ledger, and what is handed over when by the hub; here is only how. An answer tells
//! apart what the channel took, what it did not take, and what it may have taken.

pub mod file; // texts and calendar files on disk
pub mod mail;
pub mod webhook; // Slack, Teams, and plain signed JSON

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use futures::future::LocalBoxFuture;

use crate::{
    config::SecretString,
    model::{Audience, Id, Instant, Line, Message, Notice, Person, Prose, audience::PRINT},
    words::telling::Templates,
};

/// A way out.
pub trait Channel {
    /// To whom it goes, as far as that may be told: addresses, or a name. No secret.
    ///
    /// # Errors
    /// Why nothing can be handed over to this audience.
    fn to(&self, audience: &Audience) -> Result<Vec<Line>, Line>;

    /// To whom it goes where it reaches one person alone.
    ///
    /// # Errors
    /// Why nothing can be handed over to this person.
    fn to_person(&self, person: &Person) -> Result<Vec<Line>, Line> {
        Err(Line::new(&format!("it is for audiences, and reaches {} alone by no way", person.id)))
    }

    /// Hands a message over.
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered>;
}

/// A secret that is fetched when it is needed; fetching may run a program and wait for it.
#[derive(Clone)]
pub struct Secret(pub Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>);

impl Secret {
    /// Fetches it, without holding up the loop.
    ///
    /// # Errors
    /// Why it cannot be had; never with the secret.
    pub async fn fetch(self) -> Result<SecretString, String> {
        let fetched = tokio::task::spawn_blocking(move || (self.0)()).await;
        fetched.map_err(|error| error.to_string())?
    }
}

/// A message as it is handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// The same for every message about the item to the audience, and for no other.
    pub thread: String,
    /// The number of its event.
    pub number: u64,
    /// How many messages of the thread were told before.
    pub before: usize,
    pub content: Content,
    pub to: Vec<Line>,
    /// The first line is the subject.
    pub text: Prose,
    pub now: Instant,
}

/// What a message says, as programs read it.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// To an audience, of an item.
    Item { item: Id, message: Box<Message> },
    /// To a person, of what concerns them.
    Person { person: Id, notices: Vec<Notice> },
}

/// What became of a message that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    Accepted(Line),
    /// It was not taken, and nobody was told; `for_good` where trying again is of no use.
    Refused {
        words: Line,
        for_good: bool,
    },
    /// It may have been taken: it counts as told.
    Unclear(Line),
}

impl Parcel {
    /// Subject and text.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        let (subject, text) = self.text.split_once('\n').unwrap_or((&self.text, ""));
        (subject.trim(), text.trim())
    }
}

/// All channels of this machine, with the templates.
#[derive(Clone, Default)]
pub struct Post {
    pub templates: Templates,
    channels: BTreeMap<String, Arc<dyn Channel + Send + Sync>>,
    /// Names of those that people may choose for themselves.
    people: BTreeSet<String>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never an address or a credential.
        f.debug_set().entries(self.channels.keys()).finish()
    }
}

impl Post {
    /// No channels but the one that needs no setting.
    #[must_use]
    pub fn new(templates: Templates) -> Self {
        Self { templates, ..Self::default() }
    }

    /// Adds a channel by its name.
    pub fn add(&mut self, name: &str, channel: Arc<dyn Channel + Send + Sync>) {
        self.channels.insert(name.to_owned(), channel);
    }

    /// Lets people of the board choose a channel for what concerns them.
    pub fn open_to_people(&mut self, name: &str) {
        self.people.insert(name.to_owned());
    }

    /// The names of the channels that people may choose.
    pub fn for_people(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(String::as_str)
    }

    /// A channel that people may choose.
    ///
    /// # Errors
    /// When none of that name is configured here, or it is not for people.
    pub fn personal(&self, name: &Line) -> Result<Arc<dyn Channel + Send + Sync>, Line> {
        match self.channels.get(name.as_str()).filter(|_| self.people.contains(name.as_str())) {
            Some(channel) => Ok(Arc::clone(channel)),
            None => Err(Line::new(&format!(
                "no channel {name} is open to people where messages are handed over: [channels.{name}] with people = true"
            ))),
        }
    }

    /// The channel of a name.
    ///
    /// # Errors
    /// When none is configured here.
    pub fn channel(&self, name: &Line) -> Result<Arc<dyn Channel + Send + Sync>, Line> {
        match self.channels.get(name.as_str()) {
            Some(channel) => Ok(Arc::clone(channel)),
            None if name.as_str() == PRINT => Ok(Arc::new(Printed)),
            None => Err(Line::new(&format!(
                "no channel {name} is configured where messages are handed over: [channels.{name}]"
            ))),
        }
    }
}

/// Kept in the record alone: whoever sends it prints it.
struct Printed;

impl Channel for Printed {
    fn to(&self, _: &Audience) -> Result<Vec<Line>, Line> {
        Ok(Vec::new())
    }

    fn deliver(&self, _: Parcel) -> LocalBoxFuture<'static, Delivered> {
        Box::pin(async { Delivered::Accepted(Line::new("printed by who sent it")) })
    }
}
