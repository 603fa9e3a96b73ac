//! The conflict rules by their numbers, and how hard their rows are (rules § Clashes). What a rule says is in `rules`.

use std::cmp::Ordering;

use super::word::vocabulary;

/// A line for each rule: its number, as it is written everywhere, and the name it goes by on screen.
macro_rules! rule_ids {
    ($($id:ident = $word:literal, $name:literal;)+) => {
        vocabulary! {
            /// The conflict rules, by their number (rules § Clashes).
            RuleId, "conflict rule" { $($id = $word),+ }
        }

        impl RuleId {
            /// Every rule, in the order of their numbers.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$id),+];

            /// The name the rule goes by on screen.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)+
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

rule_ids! {
    C1 = "C1", "same CI";
    C2 = "C2", "dependent CI";
    C3 = "C3", "freeze hit";
    C4 = "C4", "window missed";
    C5 = "C5", "window exceeded";
    C6 = "C6", "release clash";
    C7 = "C7", "release against release";
    C8 = "C8", "outside its phase";
    C9 = "C9", "double-booked";
    C10 = "C10", "out of order";
    C11 = "C11", "over capacity";
    C12 = "C12", "short notice";
    C13 = "C13", "not yet approved";
    C14 = "C14", "rollback overruns";
    C15 = "C15", "cool-down";
    C16 = "C16", "not ready";
    C17 = "C17", "unauthorised";
    C18 = "C18", "overrunning";
    C19 = "C19", "outside its window";
    C20 = "C20", "past turning back";
}

vocabulary! {
    /// Severity of a conflict, ordered.
    Severity, "severity" { Info = "info", Warn = "warn", Block = "block" }
    also { Info = "note", Warn = "warning", Block = "blocking" }
}

impl RuleId {
    /// Rules sort as text: C1, C10, C11 … C18, C2 (rules § Clashes).
    #[must_use]
    pub fn by_text(self, other: Self) -> Ordering {
        self.text_rank().cmp(&other.text_rank())
    }

    /// A number by which rules sort as their words do; an unknown one comes last.
    #[must_use]
    pub const fn text_rank(self) -> u8 {
        let number = self as u8 + 1;
        match self {
            Self::Unknown => u8::MAX,
            _ if number < 10 => number * 11,
            _ => number / 10 * 11 + 1 + number % 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;

    #[test]
    fn rules_sort_as_their_words() {
        let mut ranked = RuleId::ALL;
        ranked.sort_by(|a, b| a.by_text(*b));
        let mut words: Vec<&str> = RuleId::ALL.iter().map(|rule| rule.word()).collect();
        words.sort_unstable();
        assert_eq!(ranked.map(|rule| rule.word()).to_vec(), words);
        assert!(ranked.iter().all(|rule| rule.text_rank() < RuleId::Unknown.text_rank()));
    }

    #[test]
    fn words_read_back() {
        for (rule, word) in RuleId::WORDS {
            assert_eq!((RuleId::of(word), *word), (Some(*rule), format!("{rule:?}").as_str()));
        }
    }
}
