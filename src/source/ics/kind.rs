//! What an event is, by the words of its CATEGORIES and SUMMARY, and what it speaks of.

use std::str::FromStr;

use crate::model::{Line, Scope, WindowKind};

/// What the events of a feed are: windows of a kind, or releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    Window(WindowKind),
    /// A release with one phase; a recurring one is a release window.
    Release,
}

/// The words of a feed's `kind` in the configuration.
const WORDS: [(&str, FeedKind); 10] = [
    ("freeze", FeedKind::Window(WindowKind::Freeze)),
    ("blackout", FeedKind::Window(WindowKind::Freeze)),
    ("maintenance", FeedKind::Window(WindowKind::Maintenance)),
    ("release", FeedKind::Release),
    ("release_window", FeedKind::Window(WindowKind::Release)),
    ("event", FeedKind::Window(WindowKind::Event)),
    ("holiday", FeedKind::Window(WindowKind::Event)),
    ("meeting", FeedKind::Window(WindowKind::Meeting)),
    ("sprint", FeedKind::Window(WindowKind::Sprint)),
    ("unknown", FeedKind::Window(WindowKind::Unknown)),
];

/// The words that tell a kind, the strictest first: what could be two things is the one that forbids more.
const TELL: [(&str, FeedKind); 40] = [
    ("freeze", FeedKind::Window(WindowKind::Freeze)),
    ("blackout", FeedKind::Window(WindowKind::Freeze)),
    ("embargo", FeedKind::Window(WindowKind::Freeze)),
    ("moratorium", FeedKind::Window(WindowKind::Freeze)),
    ("no change", FeedKind::Window(WindowKind::Freeze)),
    ("no changes", FeedKind::Window(WindowKind::Freeze)),
    ("no deploy", FeedKind::Window(WindowKind::Freeze)),
    ("no deploys", FeedKind::Window(WindowKind::Freeze)),
    ("no deployment", FeedKind::Window(WindowKind::Freeze)),
    ("no deployments", FeedKind::Window(WindowKind::Freeze)),
    ("no release", FeedKind::Window(WindowKind::Freeze)),
    ("no releases", FeedKind::Window(WindowKind::Freeze)),
    ("frozen", FeedKind::Window(WindowKind::Freeze)),
    ("black out", FeedKind::Window(WindowKind::Freeze)),
    ("change ban", FeedKind::Window(WindowKind::Freeze)),
    ("change stop", FeedKind::Window(WindowKind::Freeze)),
    ("lockdown", FeedKind::Window(WindowKind::Freeze)),
    ("month end close", FeedKind::Window(WindowKind::Freeze)),
    ("month end closing", FeedKind::Window(WindowKind::Freeze)),
    ("quarter end close", FeedKind::Window(WindowKind::Freeze)),
    ("quarter end closing", FeedKind::Window(WindowKind::Freeze)),
    ("year end close", FeedKind::Window(WindowKind::Freeze)),
    ("year end closing", FeedKind::Window(WindowKind::Freeze)),
    ("period end close", FeedKind::Window(WindowKind::Freeze)),
    ("period close", FeedKind::Window(WindowKind::Freeze)),
    ("quarter close", FeedKind::Window(WindowKind::Freeze)),
    ("month close", FeedKind::Window(WindowKind::Freeze)),
    ("year close", FeedKind::Window(WindowKind::Freeze)),
    ("financial close", FeedKind::Window(WindowKind::Freeze)),
    ("fiscal close", FeedKind::Window(WindowKind::Freeze)),
    ("books close", FeedKind::Window(WindowKind::Freeze)),
    ("maintenance", FeedKind::Window(WindowKind::Maintenance)),
    ("change window", FeedKind::Window(WindowKind::Maintenance)),
    ("release window", FeedKind::Window(WindowKind::Release)),
    ("release", FeedKind::Release),
    ("go live", FeedKind::Release),
    ("sprint", FeedKind::Window(WindowKind::Sprint)),
    ("meeting", FeedKind::Window(WindowKind::Meeting)),
    ("holiday", FeedKind::Window(WindowKind::Event)),
    ("event", FeedKind::Window(WindowKind::Event)),
];

/// No such kind of feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no kind of feed: one of freeze, maintenance, release, release_window, event, meeting, sprint"
)]
pub struct FeedKindError(String);

impl FromStr for FeedKind {
    type Err = FeedKindError;
    fn from_str(word: &str) -> Result<Self, FeedKindError> {
        let plain = word.trim().to_lowercase().replace([' ', '-'], "_");
        let found = WORDS.iter().find(|(known, _)| *known == plain);
        found
            .map(|(_, kind)| *kind)
            .ok_or_else(|| FeedKindError(crate::model::text::clean_line(word).into_owned()))
    }
}

/// The kind that the words of an event tell. An event marked as not blocking is information, unless a category names it.
#[must_use]
pub fn of(categories: &[String], summary: &str, transparent: bool) -> Option<FeedKind> {
    let told = |texts: &[String]| {
        let found =
            TELL.iter().find(|(word, _)| texts.iter().any(|text| text.contains(&format!(" {word} "))));
        found.map(|(_, kind)| *kind)
    };
    let by_summary = || told(&[plain(summary)]).filter(|_| !transparent);
    told(&categories.iter().map(|category| plain(category)).collect::<Vec<_>>()).or_else(by_summary)
}

/// Whether the words call a freeze soft.
#[must_use]
pub fn is_soft(categories: &[String], summary: &str) -> bool {
    categories.iter().map(String::as_str).chain([summary]).any(|text| plain(text).contains(" soft "))
}

/// Words in lower case with single spaces around each.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    format!(" {} ", words.collect::<Vec<_>>().join(" "))
}

/// The scope that categories such as `svc:payments` name; a list they do not name is that of the feed.
#[must_use]
pub fn scope(categories: &[String], feed: &Scope) -> Scope {
    let named = |prefixes: &[&str], feed: &[Line]| {
        let of = |category: &String| {
            let (prefix, name) = category.split_once(':')?;
            let known = prefixes.iter().any(|known| prefix.trim().eq_ignore_ascii_case(known));
            Some(Line::new(name)).filter(|name| known && !name.is_empty())
        };
        let found: Vec<Line> = categories.iter().filter_map(of).collect();
        if found.is_empty() { feed.to_vec() } else { found }
    };
    Scope {
        services: named(&["svc", "service", "ci"], &feed.services),
        environments: named(&["env", "environment"], &feed.environments),
        groups: named(&["group", "team"], &feed.groups),
        kinds: named(&["kind"], &feed.kinds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_the_kind() {
        use FeedKind::{Release, Window};
        use WindowKind::{Event, Freeze, Maintenance, Meeting};
        let cases = [
            ("a category", vec!["FREEZE", "svc:billing"], "Quarter end", false, Some(Window(Freeze))),
            ("the strictest of several", vec!["Release", "no-change"], "x", false, Some(Window(Freeze))),
            (
                "a category before the summary",
                vec!["Maintenance"],
                "before the freeze",
                false,
                Some(Window(Maintenance)),
            ),
            ("the summary", vec![], "String freeze, 14:00", false, Some(Window(Freeze))),
            ("go-live", vec![], "Go-live of checkout", false, Some(Release)),
            ("a release window", vec!["Release window"], "", false, Some(Window(WindowKind::Release))),
            (
                "books that close forbid changes",
                vec![],
                "Month-end close, November",
                false,
                Some(Window(Freeze)),
            ),
            ("a month that ends does not", vec![], "Month end", false, None),
            ("not part of a word", vec![], "Antifreeze delivery", false, None),
            ("not blocking, told by the summary", vec![], "Code freeze", true, None),
            ("not blocking, told by a category", vec!["freeze"], "Code freeze", true, Some(Window(Freeze))),
            ("a meeting", vec!["MEETING"], "CAB", false, Some(Window(Meeting))),
            ("a holiday", vec!["Holiday"], "Boxing Day", true, Some(Window(Event))),
            ("nothing", vec!["Blue category"], "Lunch", false, None),
        ];
        for (name, categories, summary, transparent, want) in cases {
            let categories: Vec<String> = categories.into_iter().map(str::to_owned).collect();
            assert_eq!(of(&categories, summary, transparent), want, "{name}");
        }
    }

    #[test]
    fn a_feed_has_a_kind() {
        assert_eq!("Release-Window".parse(), Ok(FeedKind::Window(WindowKind::Release)));
        assert_eq!("blackout".parse(), Ok(FeedKind::Window(WindowKind::Freeze)));
        let error = "party".parse::<FeedKind>().unwrap_err().to_string();
        assert!(error.starts_with("\"party\" is no kind of feed: one of freeze"), "{error}");
    }

    #[test]
    fn categories_name_a_scope() {
        let feed = Scope {
            services: vec![Line::new("all-of-it")],
            groups: vec![Line::new("network")],
            ..Scope::default()
        };
        let given = ["FREEZE", "svc:billing", "SVC: payments ", "env:production", "svc:"].map(str::to_owned);
        let scope = scope(&given, &feed);
        assert_eq!(scope.services, [Line::new("billing"), Line::new("payments")]);
        assert_eq!(scope.environments, [Line::new("production")]);
        assert_eq!(scope.groups, feed.groups);
    }
}
