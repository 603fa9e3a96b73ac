//! Lists by number, and ids in order, as they lie in one piece: a board of 100,000 activities is read in milliseconds.

use serde::{Deserialize, Serialize};

use crate::model::Id;

/// For each number below a count, numbers in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lists {
    ends: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    /// The lists of these pairs, each pair once; `None` where there are more than can be counted.
    pub fn of(count: usize, mut pairs: Vec<(u32, u32)>) -> Option<Self> {
        pairs.sort_unstable();
        pairs.dedup();
        let mut lists = Self { ends: Vec::with_capacity(count), all: Vec::with_capacity(pairs.len()) };
        let mut pairs = pairs.into_iter().peekable();
        for number in 0..u32::try_from(count).ok()? {
            while let Some((_, value)) = pairs.next_if(|(of, _)| *of == number) {
                lists.all.push(value);
            }
            lists.ends.push(u32::try_from(lists.all.len()).ok()?);
        }
        pairs.next().is_none().then_some(lists)
    }

    /// The list of a number; empty where there is none.
    pub fn get(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let from = number.checked_sub(1).map_or(0, end);
        self.all.get(from..end(number)).unwrap_or_default()
    }
}

/// Ids in order, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    ends: Vec<u32>,
    text: String,
}

impl Ids {
    /// These ids, which come in order; `None` where there is more than can be counted.
    pub fn of<'a>(ids: impl Iterator<Item = &'a Id>) -> Option<Self> {
        let mut all = Self::default();
        for id in ids {
            all.text.push_str(id.as_str());
            all.ends.push(u32::try_from(all.text.len()).ok()?);
        }
        Some(all)
    }

    fn text(&self, number: usize) -> Option<&str> {
        let end = |at: usize| self.ends.get(at).map(|end| *end as usize);
        let from = number.checked_sub(1).map_or(Some(0), end)?;
        self.text.get(from..end(number)?)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = Id> {
        (0..self.ends.len()).filter_map(|number| Id::new(self.text(number)?).ok())
    }

    /// The id with a number.
    pub fn get(&self, number: u32) -> Option<Id> {
        Id::new(self.text(number as usize)?).ok()
    }

    /// The number of an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        let (mut from, mut to) = (0, self.ends.len());
        while from < to {
            let middle = from.midpoint(to);
            let text = self.text(middle)?;
            if text < id {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        (self.text(from)? == id).then(|| u32::try_from(from).ok()).flatten()
    }

    /// Whether one of them ends like that, without regard to case; yes where that takes more than ASCII to say.
    pub fn any_ends_with(&self, tail: &str) -> bool {
        if !tail.is_ascii() || !self.text.is_ascii() {
            return true;
        }
        let ends = |text: &str| {
            let from = text.len().checked_sub(tail.len());
            from.and_then(|from| text.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
        };
        (0..self.ends.len()).filter_map(|number| self.text(number)).any(ends)
    }
}
