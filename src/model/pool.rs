//! Texts that occur again and again while many records are read are kept once.
//!
//! A service is named by thousands of changes, a change by all of its conflicts. A pool lasts for one reading and holds
//! nothing afterwards; without one every text is kept by itself.

use std::{cell::RefCell, collections::HashSet, sync::Arc};

thread_local! {
    static POOL: RefCell<Option<HashSet<Arc<str>>>> = const { RefCell::new(None) };
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

/// A text, shared where a pool is in use.
pub(super) fn share(text: &str) -> Arc<str> {
    POOL.with_borrow_mut(|pool| match pool {
        None => Arc::from(text),
        Some(pool) => pool.get(text).cloned().unwrap_or_else(|| {
            let text: Arc<str> = Arc::from(text);
            pool.insert(Arc::clone(&text));
            text
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::Id, *};

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
        assert!(!same(&id(), &id()), "a reading that failed leaves no pool behind");
    }
}
