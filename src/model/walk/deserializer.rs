//! A node of a tree as serde's deserializer, which keeps the way to where it is and what nobody asked for.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};

use super::{Node, Spot, Step, pointer};

/// Why a type cannot be read, in serde's words.
#[derive(Debug)]
pub(super) struct Said(pub String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

impl de::Error for Said {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match found {
            Unexpected::Unit => Self(format!("invalid type: null, expected {expected}")),
            found => Self(format!("invalid type: {found}, expected {expected}")),
        }
    }
}

/// The way so far.
pub(super) struct Track<'n> {
    pub path: Vec<Step<'n>>,
    pub spot: Spot,
    pub past_nulls: bool,
    pub unknown: Vec<String>,
}

/// A node as a deserializer.
pub(super) struct Walk<'t, 'n, 'de> {
    pub node: &'n Node<'de>,
    pub track: &'t mut Track<'n>,
}

impl<'n, 'de> Walk<'_, 'n, 'de> {
    /// Reads what lies a step further; the path stays where it went wrong.
    fn further<S: DeserializeSeed<'de>>(
        track: &mut Track<'n>,
        (depth, step): (usize, Step<'n>),
        node: &'n Node<'de>,
        seed: S,
    ) -> Result<S::Value, Said> {
        track.path.truncate(depth);
        track.path.push(step);
        track.spot = Spot::Start;
        let value = seed.deserialize(Walk { node, track })?;
        track.path.truncate(depth);
        track.spot = Spot::End;
        Ok(value)
    }
}

impl<'n, 'de> Deserializer<'de> for Walk<'_, 'n, 'de> {
    type Error = Said;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
        let depth = self.track.path.len();
        match self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Node::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Node::Text(Cow::Owned(text)) => visitor.visit_str(text),
            Node::List(items) => {
                let mut list = Items { items, next: 0, depth, track: self.track };
                let value = visitor.visit_seq(&mut list)?;
                match list.next == items.len() {
                    true => Ok(value),
                    false => Err(de::Error::invalid_length(items.len(), &"fewer elements in array")),
                }
            }
            Node::Map(members) => {
                let mut map = Pairs { members: members.iter(), value: None, depth, track: self.track };
                visitor.visit_map(&mut map)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
        if matches!(self.node, Node::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Said> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Said> {
        match self.node {
            Node::Text(name) => visitor.visit_enum(Variant { name, inner: None, track: self.track }),
            Node::Map(members) => match members.as_slice() {
                [(name, inner)] => {
                    visitor.visit_enum(Variant { name, inner: Some(inner), track: self.track })
                }
                _ => Err(de::Error::invalid_value(Unexpected::Map, &"map with a single key")),
            },
            other => Err(de::Error::invalid_type(other.unexpected(), &"string or map")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
        self.track.unknown.push(pointer(&self.track.path));
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier
    }
}

struct Items<'t, 'n, 'de> {
    items: &'n [Node<'de>],
    next: usize,
    depth: usize,
    track: &'t mut Track<'n>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_, 'de> {
    type Error = Said;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Said> {
        let Some(node) = self.items.get(self.next) else { return Ok(None) };
        let step = Step::Index(self.next);
        self.next += 1;
        Walk::further(self.track, (self.depth, step), node, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

struct Pairs<'t, 'n, 'de> {
    members: std::slice::Iter<'n, (Cow<'de, str>, Node<'de>)>,
    value: Option<(&'n str, &'n Node<'de>)>,
    depth: usize,
    track: &'t mut Track<'n>,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_, 'de> {
    type Error = Said;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Said> {
        let past_nulls = self.track.past_nulls;
        let Some((name, node)) = self.members.find(|(_, node)| !(past_nulls && matches!(node, Node::Null)))
        else {
            self.track.spot = Spot::End;
            return Ok(None);
        };
        self.track.path.truncate(self.depth);
        match seed.deserialize(Key(name)) {
            Ok(key) => {
                self.value = Some((name, node));
                self.track.spot = Spot::Member(String::new());
                Ok(Some(key))
            }
            Err(said) => {
                self.track.path.push(Step::Key(Cow::Borrowed(name)));
                self.track.spot = Spot::Start;
                Err(said)
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Said> {
        let Some((name, node)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        Walk::further(self.track, (self.depth, Step::Key(Cow::Borrowed(name))), node, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

impl Drop for Pairs<'_, '_, '_> {
    /// Whoever stopped between a name and its value stumbled over that member.
    fn drop(&mut self) {
        if let Some((name, _)) = self.value.filter(|_| matches!(self.track.spot, Spot::Member(_))) {
            self.track.spot = Spot::Member(name.to_owned());
        }
    }
}

/// The name of a member as a deserializer: a text, or a number where one is asked for.
struct Key<'n, 'de>(&'n Cow<'de, str>);

macro_rules! numbers {
    ($($method:ident $visit:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Key<'_, 'de> {
    type Error = Said;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(text),
        }
    }

    numbers! {
        deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32 deserialize_u64 visit_u64
        deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32 deserialize_i64 visit_i64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Said> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Said> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Said> {
        let text: de::value::StrDeserializer<'_, Said> = self.0.as_ref().into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// A variant by its name, with what it holds.
struct Variant<'t, 'n, 'de> {
    name: &'n Cow<'de, str>,
    inner: Option<&'n Node<'de>>,
    track: &'t mut Track<'n>,
}

impl<'t, 'n, 'de> de::EnumAccess<'de> for Variant<'t, 'n, 'de> {
    type Error = Said;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Said> {
        Ok((seed.deserialize(Key(self.name))?, self))
    }
}

impl<'n, 'de> Variant<'_, 'n, 'de> {
    fn held<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Said> {
        let Some(node) = self.inner else {
            return Err(de::Error::invalid_type(Unexpected::UnitVariant, &"a variant that holds something"));
        };
        let depth = self.track.path.len();
        Walk::further(self.track, (depth, Step::Key(Cow::Borrowed(self.name))), node, seed)
    }
}

/// A visitor as a seed.
struct Seeded<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Seeded<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<V::Value, D::Error> {
        d.deserialize_any(self.0)
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Said;

    fn unit_variant(self) -> Result<(), Said> {
        match self.inner {
            None => Ok(()),
            Some(_) => self.held(std::marker::PhantomData),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Said> {
        self.held(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Said> {
        self.held(Seeded(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Said> {
        self.held(Seeded(visitor))
    }
}
