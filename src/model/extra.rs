//! Fields of a record that quorate does not know, kept as they were.
//!
//! Most records have one or two or none, and a board has a hundred thousand records: hence a sorted list.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::text::Line;

/// Unknown fields by name, in order of name.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Vec<(Line, Value)>);

impl Extra {
    /// Whether a source said nothing that the model has no field for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a field that the model does not know; `None` where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// Puts a field in, or in the place of the one with its name.
    pub fn insert(&mut self, name: impl Into<Line>, value: Value) {
        let name = name.into();
        match self.place(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.place(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Keeps the values that pass; the others are gone.
    pub fn retain(&mut self, keep: impl Fn(&Value) -> bool) {
        self.0.retain(|(_, value)| keep(value));
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: Into<Line>> FromIterator<(N, Value)> for Extra {
    fn from_iter<T: IntoIterator<Item = (N, Value)>>(fields: T) -> Self {
        let mut extra = Self::default();
        fields.into_iter().for_each(|(name, value)| extra.insert(name, value));
        extra.0.shrink_to_fit();
        extra
    }
}

impl std::ops::Index<&str> for Extra {
    type Output = Value;
    /// The field of a name; null where there is none, as in JSON.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::<String, Value>::deserialize(d)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_lie_by_name_each_once() {
        let mut extra: Extra = [("b", json!(1)), ("a", json!("x")), ("b", json!(2))].into_iter().collect();
        assert_eq!(serde_json::to_string(&extra).unwrap(), r#"{"a":"x","b":2}"#);
        assert_eq!(serde_json::from_str::<Extra>(r#"{"b":2,"a":"x"}"#).unwrap(), extra);
        extra.insert("a", Value::Null);
        extra.retain(|value| !value.is_null());
        assert_eq!((extra.get("a"), &extra["b"], &extra["c"]), (None, &json!(2), &Value::Null));
    }
}
