//! Answers that are kept with their tags, for systems where asking whether something changed costs nothing of the budget.
//!
//! A tag stands for one address as one account sees it: only what the source's own login reads is asked for like this.
//! What is kept is lost with the process and is never more than a few megabytes; the answers used longest ago go first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Refusal, client::Client};
use crate::source::http::{Answer, Call, Login};

/// Bytes of bodies that one half of what is kept may have.
const HALF: usize = 4 << 20;

/// What one source keeps.
#[derive(Debug, Default)]
pub struct EtagCache(Mutex<Halves>);

/// Two halves: what is used comes into the young one; where that is full it becomes the old one, which is dropped.
#[derive(Debug, Default)]
struct Halves {
    young: HashMap<String, (String, Answer)>,
    old: HashMap<String, (String, Answer)>,
    /// Of the young half.
    bytes: usize,
}

impl EtagCache {
    /// Reads, with retries; what did not change is answered from what is kept.
    ///
    /// # Errors
    /// When no usable answer came.
    pub async fn read(&self, client: &Client, call: Call, login: &Login) -> Result<Answer, Refusal> {
        let key = format!("{} {:?}", call.address, call.query);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).take(&key);
        let call = match &known {
            Some((tag, _)) => call.header("if-none-match", tag.clone()),
            None => call,
        };
        let answer = client.read(call, login).await;
        let (kept, answer) = match (known, answer) {
            (Some((tag, before)), Ok(answer)) if answer.status == 304 => (Some(tag), before),
            (_, Ok(answer)) => (answer.header("etag").filter(|_| is_kept(&answer)), answer),
            (known, Err(refusal)) => {
                // It may be as it was when it can be had again.
                if let Some((tag, before)) = known {
                    self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, tag, before);
                }
                return Err(refusal);
            }
        };
        if let Some(tag) = kept {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, tag, answer.clone());
        }
        Ok(answer)
    }
}

/// Whether an answer is one to ask by again: a whole one, of a sane size.
fn is_kept(answer: &Answer) -> bool {
    let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    answer.status == 200 && is_json && answer.bytes.len() <= HALF / 4
}

impl Halves {
    fn take(&mut self, key: &str) -> Option<(String, Answer)> {
        if let Some(found) = self.young.remove(key) {
            self.bytes = self.bytes.saturating_sub(found.1.bytes.len());
            return Some(found);
        }
        self.old.remove(key)
    }

    fn put(&mut self, key: String, tag: String, answer: Answer) {
        if self.bytes + answer.bytes.len() > HALF {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += answer.bytes.len();
        self.young.insert(key, (tag, answer));
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let answer = |size: usize| Answer {
            status: 200,
            headers: HeaderMap::new(),
            bytes: vec![b' '; size],
            place: String::new(),
            heard: crate::model::Instant::from_secs(0),
        };
        let mut halves = Halves::default();
        for at in 0..100 {
            halves.put(format!("{at}"), "tag".into(), answer(HALF / 10));
            let used = halves.take("0").unwrap();
            halves.put("0".into(), used.0, used.1);
            let bytes =
                halves.young.values().chain(halves.old.values()).map(|(_, a)| a.bytes.len()).sum::<usize>();
            assert!(bytes <= 2 * HALF, "{bytes}");
        }
        assert!(halves.take("1").is_none() && halves.take("99").is_some());
        assert!(halves.take("99").is_none(), "it is taken out");
    }
}
