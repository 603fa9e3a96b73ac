//! Texts that occur again and again while many records are read are kept once.
//!
//! A service is named by thousands of changes, a change by all of its conflicts, and plans are copied word by word. A pool lasts for one reading and holds
//! nothing afterwards; without one every text is kept by itself.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    sync::Arc,
};

use foldhash::fast::RandomState;
use serde::{Deserialize, Deserializer, Serializer, de};

use super::reading;

/// A shared text behind one thin pointer: a record has dozens of them, most of them empty or shared.
pub(super) type Text = arcstr::ArcStr;

thread_local! {
    static POOL: RefCell<Option<HashSet<Text, RandomState>>> = const { RefCell::new(None) };
}

/// Runs `read`: ids and lines made meanwhile by this thread share their text with equal ones made before.
pub fn pooled<T>(read: impl FnOnce() -> T) -> T {
    /// Empties the pool, whatever way `read` ends.
    struct Emptied;
    impl Drop for Emptied {
        fn drop(&mut self) {
            POOL.take();
        }
    }
    let outermost = POOL.with_borrow_mut(|pool| {
        let outermost = pool.is_none();
        pool.get_or_insert_default();
        outermost
    });
    let _emptied = outermost.then(|| Emptied);
    read()
}

/// A text, shared where a pool is in use; an empty one always.
pub(super) fn share(text: &str) -> Text {
    if text.is_empty() {
        return Text::new();
    }
    POOL.with_borrow_mut(|pool| match pool {
        None => Text::from(text),
        Some(pool) => pool.get(text).cloned().unwrap_or_else(|| {
            let text = Text::from(text);
            pool.insert(text.clone());
            text
        }),
    })
}

thread_local! {
    static NUMBERS: RefCell<Numbers> = const { RefCell::new(Numbers::None) };
    /// Whether numbers are being read.
    static NUMBERED: Cell<bool> = const { Cell::new(false) };
}

/// What stands for texts while a binary form is written or read.
enum Numbers {
    None,
    Writing(HashMap<Text, u32>, Vec<Text>),
    Reading(Texts),
}

/// Takes the numbers back, whatever way a writing or reading ends.
struct Numbered;

impl Numbered {
    fn with(numbers: Numbers) -> Self {
        NUMBERED.set(matches!(numbers, Numbers::Reading(_)));
        NUMBERS.set(numbers);
        Self
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        NUMBERED.set(false);
        NUMBERS.set(Numbers::None);
    }
}

/// Runs `write`, in which every text of a binary form becomes a number; the texts come beside it, each once.
pub fn numbering<T>(write: impl FnOnce() -> T) -> (T, Vec<Text>) {
    let _numbered = Numbered::with(Numbers::Writing(HashMap::new(), Vec::new()));
    let written = write();
    match NUMBERS.replace(Numbers::None) {
        Numbers::Writing(_, texts) => (written, texts),
        Numbers::None | Numbers::Reading(_) => (written, Vec::new()),
    }
}

/// Texts that numbers stand for, cleaned as all texts are that come in. Threads may share them.
#[derive(Debug, Clone)]
pub struct Texts(Arc<[Text]>);

impl Texts {
    /// Texts that are clean already.
    pub(super) fn of_clean(texts: impl Iterator<Item = Text>) -> Self {
        Self(texts.collect())
    }
}

/// Runs `read`, in which numbers stand for these texts.
pub fn numbered<T>(texts: &Texts, read: impl FnOnce() -> T) -> T {
    let _numbered = Numbered::with(Numbers::Reading(texts.clone()));
    read()
}

/// Writes a text: as itself, or as its number in a binary form that numbers them.
pub(super) fn write<S: Serializer>(text: &Text, s: S) -> Result<S::Ok, S::Error> {
    if s.is_human_readable() {
        return s.serialize_str(text);
    }
    let number = NUMBERS.with_borrow_mut(|numbers| match numbers {
        Numbers::Writing(known, texts) => Some(*known.entry(text.clone()).or_insert_with(|| {
            texts.push(text.clone());
            u32::try_from(texts.len() - 1).unwrap_or(u32::MAX)
        })),
        Numbers::None | Numbers::Reading(_) => None,
    });
    match number {
        Some(number) => s.serialize_u32(number),
        None => s.serialize_str(text),
    }
}

/// Reads what [`write`] wrote.
pub(super) fn read<'de, D: Deserializer<'de>, T>(
    d: D,
    made: impl FnOnce(&str) -> Result<T, String>,
    kept: impl FnOnce(Text) -> T,
) -> Result<T, D::Error> {
    if d.is_human_readable() || !NUMBERED.get() {
        return reading::text(d, made);
    }
    let number = u32::deserialize(d)? as usize;
    let text = NUMBERS.with_borrow(|numbers| match numbers {
        Numbers::Reading(Texts(texts)) => texts.get(number).cloned(),
        Numbers::None | Numbers::Writing(..) => None,
    });
    text.map(kept).ok_or_else(|| de::Error::custom(format!("there is no text {number}")))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Id, Prose},
        *,
    };

    fn same(a: &Id, b: &Id) -> bool {
        std::ptr::eq(a.as_str(), b.as_str())
    }

    #[test]
    fn equal_texts_are_one_inside_and_apart_outside() {
        let id = || Id::new("CHG1").unwrap();
        let (a, b) = pooled(|| (id(), pooled(id)));
        assert!(same(&a, &b), "the inner reading belongs to the outer");
        assert!(!same(&id(), &id()) && !same(&a, &id()));
        assert!(std::panic::catch_unwind(|| pooled(|| panic!())).is_err());
        let plan = || Prose::new("Drain, load, check.");
        let (one, other) = pooled(|| (plan(), plan()));
        assert!(
            std::ptr::eq(one.as_str(), other.as_str()) && !std::ptr::eq(plan().as_str(), plan().as_str())
        );
        assert!(!same(&id(), &id()), "a reading that failed leaves no pool behind");
    }
}
