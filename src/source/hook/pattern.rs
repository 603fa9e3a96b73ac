//! Patterns of the settings: what a delivery is about that does not say it by a field or a trailer of its own.
//!
//! Every pattern that fits says an id; it is for the ledger to find that exactly one of them is live.

use regex_lite::Regex;

use crate::{
    config::HookPattern,
    model::{Line, hook::HookFact},
};

/// A pattern that can be held against facts.
#[derive(Debug, Clone)]
pub struct Pattern {
    name: Line,
    workflow: Option<Regex>,
    environment: Option<Regex>,
    url: Option<Regex>,
    text: Option<Regex>,
    item: Option<Line>,
}

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, with its name.
    pub fn new(set: &HookPattern) -> Result<Self, String> {
        let name = set.name.trim();
        if name.is_empty() {
            return Err("a pattern has no name".to_owned());
        }
        let wrong = |why: &str| Err(format!("pattern {name:?}: {why}"));
        let text = match set.text.as_deref().map(Regex::new) {
            None => None,
            Some(Ok(text)) => Some(text),
            Some(Err(why)) => return wrong(&format!("text is no regular expression: {why}")),
        };
        if text.is_none() && set.item.is_none() {
            return wrong("it says neither item nor text, so it could name nothing");
        }
        if text.is_some() && set.item.is_some() {
            return wrong("it says item and text: only one of them can name what it is about");
        }
        if set.item.is_some() && set.workflow.is_none() && set.environment.is_none() && set.url.is_none() {
            return wrong(
                "it says no workflow, environment or url, so that everything would be about its item",
            );
        }
        Ok(Self {
            workflow: set.workflow.as_deref().and_then(glob),
            environment: set.environment.as_deref().and_then(glob),
            url: set.url.as_deref().and_then(glob),
            text,
            item: set.item.as_ref().map(|id| Line::new(id.as_str())),
            name: Line::new(name),
        })
    }

    /// What it says a fact is about; nothing where it does not fit.
    fn ids(&self, fact: &HookFact) -> Vec<Line> {
        let fits = |pattern: &Option<Regex>, told: Option<&Line>| match pattern {
            None => true,
            Some(pattern) => told.is_some_and(|told| pattern.is_match(told)),
        };
        let all = fits(&self.workflow, Some(&fact.workflow))
            && fits(&self.environment, fact.environment.as_ref())
            && fits(&self.url, fact.url.as_ref());
        if !all {
            return Vec::new();
        }
        let Some(text) = &self.text else { return self.item.iter().cloned().collect() };
        let in_one = |told: &Line| -> Vec<Line> {
            let found = text.captures_iter(told);
            let id = |one: regex_lite::Captures<'_>| {
                one.get(1).or_else(|| one.get(0)).map(|part| Line::new(part.as_str()))
            };
            found.filter_map(id).filter(|id| !id.is_empty()).collect()
        };
        fact.texts.iter().flat_map(in_one).collect()
    }
}

/// A text in which `*` stands for anything, whatever its case.
fn glob(text: &str) -> Option<Regex> {
    let escaped = regex_lite::escape(text.trim()).replace("\\*", ".*");
    Regex::new(&format!("(?is)^{escaped}$")).ok()
}

/// A fact with what the patterns say it is about. One that names something by a field of its own stays as it is.
#[must_use]
pub fn applied(patterns: &[Pattern], mut fact: HookFact) -> HookFact {
    if fact.named.is_some() {
        return fact;
    }
    let mut took: Vec<&str> = Vec::new();
    let mut ids: Vec<Line> = Vec::new();
    for pattern in patterns {
        let found = pattern.ids(&fact);
        if !found.is_empty() {
            took.push(pattern.name.as_str());
        }
        ids.extend(found);
    }
    ids.sort();
    ids.dedup();
    if took.is_empty() {
        return fact;
    }
    fact.pattern = Some(Line::new(&took.join(", ")));
    match <[Line; 1]>::try_from(ids) {
        Ok([one]) => fact.named = Some(one),
        Err(several) => fact.texts = several,
    }
    fact
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Id, hook::HookWord};

    fn fact(workflow: &str, environment: &str, url: &str, texts: &[&str]) -> HookFact {
        let line = |text: &str| (!text.is_empty()).then(|| Line::new(text));
        HookFact {
            word: HookWord::Started,
            at: None,
            workflow: Line::new(workflow),
            environment: line(environment),
            named: None,
            texts: texts.iter().map(|text| Line::new(text)).collect(),
            url: line(url),
            pattern: None,
        }
    }

    fn set(name: &str, given: [&str; 4], item: &str) -> HookPattern {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [workflow, environment, url, text] = given.map(some);
        HookPattern { name: name.to_owned(), workflow, environment, url, text, item: Id::new(item).ok() }
    }

    #[test]
    fn what_fits_names_its_item_and_what_fits_twice_names_both() {
        let patterns = [
            set("pay", ["Deploy *", "production", "", ""], "REL-4.2"),
            set("by address", ["", "", "https://ci.example.com/acme/pay/*", ""], "CHG42"),
            set("by key", ["", "", "", r"\b(?:ops|chg)[-_](\d+)\b"], ""),
            set("whole", ["lint", "", "", "CHG[0-9]+"], ""),
        ]
        .map(|set| Pattern::new(&set).unwrap());
        for (row, told, took, named, texts) in [
            (
                "by workflow and environment",
                fact("deploy pay", "Production", "", &["x"]),
                "pay",
                "REL-4.2",
                &["x"][..],
            ),
            ("another environment", fact("deploy pay", "staging", "", &["x"]), "", "", &["x"]),
            ("no environment is told", fact("deploy pay", "", "", &["x"]), "", "", &["x"]),
            (
                "by address",
                fact("build", "", "https://ci.example.com/acme/pay/9", &[]),
                "by address",
                "CHG42",
                &[],
            ),
            (
                "not the whole address",
                fact("build", "", "x https://ci.example.com/acme/pay/9", &[]),
                "",
                "",
                &[],
            ),
            ("a dot is a dot", fact("build", "", "https://ciXexample.com/acme/pay/9", &[]), "", "", &[]),
            (
                "a group in the title",
                fact("build", "", "", &["ops-17: pay", "main"]),
                "by key",
                "17",
                &["ops-17: pay", "main"],
            ),
            (
                "two ids of one pattern",
                fact("build", "", "", &["ops-17 chg_18"]),
                "by key",
                "",
                &["17", "18"],
            ),
            (
                "the same id twice",
                fact("build", "", "", &["ops-17", "ops-17"]),
                "by key",
                "17",
                &["ops-17", "ops-17"],
            ),
            ("the whole match", fact("LINT", "", "", &["CHG7"]), "whole", "CHG7", &["CHG7"]),
            (
                "two patterns",
                fact("deploy pay", "production", "", &["ops-17"]),
                "pay, by key",
                "",
                &["17", "REL-4.2"],
            ),
        ] {
            let got = applied(&patterns, told);
            let named_is = got.named.as_ref().map_or("", |line| line.as_str());
            let pattern = got.pattern.as_ref().map_or("", |line| line.as_str());
            let got_texts: Vec<&str> = got.texts.iter().map(|line| line.as_str()).collect();
            assert_eq!((pattern, named_is, &got_texts[..]), (took, named, texts), "{row}");
        }
        let own = HookFact { named: Some("CHG1".into()), ..fact("deploy pay", "production", "", &[]) };
        assert_eq!(applied(&patterns, own.clone()), own, "what it names itself goes before");
    }

    #[test]
    fn a_pattern_that_could_not_be_meant_is_refused_by_its_name() {
        for (given, item, want) in [
            (["", "", "", "("], "", "no regular expression"),
            (["deploy", "", "", ""], "", "neither item nor text"),
            (["", "", "", ""], "CHG1", "everything would be about its item"),
            (["deploy", "", "", "CHG1"], "CHG1", "only one of them"),
        ] {
            let why = Pattern::new(&set("mine", given, item)).unwrap_err();
            assert!(why.contains(want) && why.contains("mine"), "{why}");
        }
        assert!(Pattern::new(&set(" ", ["a", "", "", ""], "CHG1")).is_err());
    }
}
