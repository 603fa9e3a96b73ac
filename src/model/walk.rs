//! A text that was read once into a light tree, and types read from that: of what is wrong the path is known, and of what
//! nobody asked for as well.
//!
//! Whatever the format, there is one reader of each type, so that none is compiled for every format and wrapper.

mod deserializer; // serde's walk over it

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Unexpected, Visitor},
};
use serde_json::{Number, value::RawValue};

use deserializer::{Said, Track, Walk};

/// A value as it was read: its texts are lent by the source where they hold no escapes, its members stand in order.
#[derive(Debug, Clone)]
pub enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Map(Vec<(Cow<'a, str>, Self)>),
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

/// Where on a value it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    Start,
    /// At a member whose value was not looked at, such as one that is there twice.
    Member(String),
    /// After the last member: something is missing.
    End,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Astray {
    pub path: Vec<Step<'static>>,
    pub spot: Spot,
    /// What was found and what is expected, in serde's words.
    pub message: String,
}

/// What is read from a node, and the JSON pointers of the members that its type does not know.
pub type Read<T> = Result<(T, Vec<String>), Astray>;

/// Reads a type. `past_nulls`: a member that is null is as if it were not there.
///
/// # Errors
/// What is wrong first, and where.
pub fn read<'de, T: Deserialize<'de>>(node: &Node<'de>, past_nulls: bool) -> Read<T> {
    let mut track = Track { path: Vec::new(), spot: Spot::Start, past_nulls, unknown: Vec::new() };
    match T::deserialize(Walk { node, track: &mut track }) {
        Ok(value) => Ok((value, track.unknown)),
        Err(Said(message)) => {
            let path = track.path.into_iter().map(|step| match step {
                Step::Key(key) => Step::Key(Cow::Owned(key.into_owned())),
                Step::Index(index) => Step::Index(index),
            });
            Err(Astray { path: path.collect(), spot: track.spot, message })
        }
    }
}

/// A path as people write it: `steps[0].colour`; empty for the value itself.
#[must_use]
pub fn shown(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Index(index) => out.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
        }
    }
    out
}

/// A path as a JSON pointer: `/steps/0/colour`.
#[must_use]
pub fn pointer(path: &[Step<'_>]) -> String {
    let part = |step: &Step<'_>| match step {
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
    };
    path.iter().map(part).collect()
}

/// The offset in a text of JSON of where a reading of it went wrong; of the nearest value around where it is not found.
#[must_use]
pub fn offset(text: &str, astray: &Astray) -> usize {
    let mut value = text;
    for step in &astray.path {
        let inner = match step {
            Step::Key(key) => member(value, key),
            Step::Index(index) => serde_json::from_str::<Vec<&RawValue>>(value)
                .ok()
                .and_then(|items| items.get(*index).map(|raw| raw.get())),
        };
        match inner {
            Some(inner) => value = inner,
            None => break,
        }
    }
    let start = |value: &str| (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    match &astray.spot {
        Spot::Start => start(value),
        Spot::Member(key) => start(member(value, key).unwrap_or(value)),
        Spot::End => start(value) + value.len(),
    }
}

/// The last member of that name.
fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let Members(members) = serde_json::from_str(object).ok()?;
    members.into_iter().rev().find(|(name, _)| name.0 == key).map(|(_, raw)| raw.get())
}

/// The members of an object, their values unread.
struct Members<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// A name, lent by the text where it holds no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(Name<'de>, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect()
            }
        }
        d.deserialize_map(InOrder).map(Self)
    }
}

impl<'a> Node<'a> {
    /// Reads JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn of_json(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The names of its members, in order.
    pub fn names(&self) -> impl Iterator<Item = &Cow<'a, str>> {
        let members = if let Self::Map(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, _)| name)
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::Text(text) => Unexpected::Str(text),
            Self::List(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
            Self::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => Unexpected::Unsigned(number),
                (None, Some(number), _) => Unexpected::Signed(number),
                (None, None, number) => Unexpected::Float(number.unwrap_or(f64::NAN)),
            },
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Node<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Node<'de>, E> {
                Ok(Node::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
                Ok(Node::Bool(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
                Ok(Node::Number(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
                Ok(Node::Number(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
                Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
            }
            fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
                Ok(Node::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
                Ok(Node::Text(Cow::Borrowed(text)))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Node<'de>, S::Error> {
                std::iter::from_fn(|| seq.next_element().transpose())
                    .collect::<Result<_, _>>()
                    .map(Node::List)
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Node<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, Node<'de>>()? {
                    members.push((name.0, value));
                }
                Ok(Node::Map(members))
            }
        }
        d.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests;
