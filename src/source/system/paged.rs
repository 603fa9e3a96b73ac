//! Short lists that are read to their end within one answer of ours: what is said about an item, what a page refers to.
//!
//! No server may keep that going: pages are bounded by their number and by the time an answer may take, and a page that
//! names nothing new is noticed. What was not read to its end is no list: it is an error, never a shorter one.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::Refusal;

/// Pages of one such list.
const MOST: usize = 100;

/// A list while it is read.
#[derive(Debug)]
pub struct Paged {
    what: String,
    seen: HashSet<String>,
    pages: usize,
    began: Instant,
    limit: Duration,
}

impl Paged {
    /// `what` it lists, for messages; `limit`: how long it may take in all.
    #[must_use]
    pub fn new(what: impl Into<String>, limit: Duration) -> Self {
        Self { what: what.into(), seen: HashSet::new(), pages: 0, began: Instant::now(), limit }
    }

    /// Takes a page after which another is to be asked for, by what its rows are called. An empty one is no repetition:
    /// rights may hide a whole page.
    ///
    /// # Errors
    /// Why no further page is asked for.
    pub fn go_on(&mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Result<(), Refusal> {
        self.pages += 1;
        let (known, mut rows) = (self.seen.len(), 0);
        for name in names {
            rows += 1;
            self.seen.insert(name.into());
        }
        let why = if rows > 0 && self.seen.len() == known {
            "the next page is the one before again: it does not heed which page it is asked for".to_owned()
        } else if self.pages >= MOST {
            format!("{MOST} pages were read and there is always a next one")
        } else if self.began.elapsed() >= self.limit {
            let seconds = self.limit.as_secs();
            format!("after {} pages {seconds} s were over; raise timeout, or ask its keeper", self.pages)
        } else {
            return Ok(());
        };
        Err(Refusal::Said(format!("{}: {why}; nothing of it was used", self.what)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_by_their_number_by_the_time_and_where_they_repeat() {
        let hour = Duration::from_secs(3600);
        // name; time left; what each page names, over and over; pages that are taken; the reason
        for (name, limit, names, want, why) in [
            ("repeats", hour, &[&["a", "b"][..]][..], 1, "the one before again"),
            ("repeats an earlier one", hour, &[&["a"], &["b"]], 2, "the one before again"),
            ("is empty for ever", hour, &[&[]], MOST - 1, "always a next one"),
            ("takes too long", Duration::ZERO, &[&["a"]], 0, "raise timeout"),
        ] {
            let mut paged = Paged::new("comments of 7", limit);
            let mut taken = 0;
            let error = names.iter().cycle().take(MOST + 1).find_map(|page| {
                let went = paged.go_on(page.iter().copied());
                taken += usize::from(went.is_ok());
                went.err()
            });
            let error = error.expect(name).to_string();
            assert!(
                taken == want && error.contains(why) && error.contains("comments of 7"),
                "{name}: {taken} {error}"
            );
        }
        let mut paged = Paged::new("many", hour);
        assert!((0..MOST - 1).all(|page| paged.go_on([page.to_string()]).is_ok()), "what ends is read");
    }
}
