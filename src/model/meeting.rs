//! Meetings as a board plans them: when they recur, what comes before them, in which order and for how long.
//!
//! A plan is part of the board's settings. When one meets is `calendar`'s work; what is on its agenda is the ledger's.

use serde::{Deserialize, Serialize};

use super::{
    change::Risk,
    condition::Condition,
    id::Id,
    quorum::{Fraction, Quorum},
    text::Line,
    window::Wall,
    word::vocabulary,
};

vocabulary! {
    /// The parts of an agenda, in the order in which they are taken unless the plan says otherwise.
    Section, "agenda section" {
        Reviews = "reviews", Conflicts = "conflicts", HighRisk = "high_risk", Normal = "normal", Consent = "consent",
        Listed = "listed",
    }
}

/// Whether a board meets by the calendar, or at once when something burns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeetingKind {
    #[default]
    Regular,
    Emergency,
}

/// Minutes an item is given, by its treated risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ItemMinutes {
    /// Minutes for the review of a change.
    pub review: u32,
    /// Minutes for an item of low risk.
    pub low: u32,
    /// Minutes for an item of moderate risk.
    pub moderate: u32,
    /// Minutes for an item of high risk.
    pub high: u32,
    /// Minutes for an item of very high risk.
    pub very_high: u32,
    /// The whole consent block together.
    pub consent: u32,
}

/// A meeting of a board as it is planned, once for all its occurrences (`settings.meetings`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MeetingPlan {
    pub id: Id,
    #[serde(default)]
    pub name: Line,
    /// The board that meets; absent: the first board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<Id>,
    #[serde(default)]
    pub kind: MeetingKind,
    /// The first occurrence; absent: it is convened when it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Wall>,
    /// When the plan ends; none goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Wall>,
    /// IANA name; absent: the board's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Line>,
    /// The value of an RFC 5545 RRULE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rrule: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exdates: Vec<Wall>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rdates: Vec<Wall>,
    /// Which items of the board come before this meeting; empty: all.
    #[serde(default)]
    pub when: Condition,
    /// The order of the parts; what it leaves out follows in the usual order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Section>,
    #[serde(default)]
    pub minutes: ItemMinutes,
    /// What opens for a vote later than so many hours before the meeting waits in the late lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off_hours: Option<u32>,
    /// Whether low-risk items without conflicts are decided together.
    #[serde(default = "yes")]
    pub consent: bool,
    /// Whether items approved by template are listed, not discussed.
    #[serde(default = "yes")]
    pub list_preapproved: bool,
    /// How many of the board's people must be there.
    #[serde(default = "one_half")]
    pub quorum: Quorum,
    /// For how long the chair stays theirs without an act of the chair.
    #[serde(default = "five")]
    pub lease_minutes: u32,
    /// How long a vote stays open that an emergency meeting is convened for.
    #[serde(default = "thirty")]
    pub deadline_minutes: u32,
}

fn yes() -> bool {
    true
}
fn one_half() -> Quorum {
    Quorum::Share(Fraction { num: 1, den: 2 })
}
fn five() -> u32 {
    5
}
fn thirty() -> u32 {
    30
}

impl Default for ItemMinutes {
    fn default() -> Self {
        Self { review: 3, low: 2, moderate: 4, high: 8, very_high: 12, consent: 3 }
    }
}

impl ItemMinutes {
    /// Minutes for an item of this part and treated risk; the consent block counts once, for its first item.
    #[must_use]
    pub fn of(&self, section: Section, risk: Risk) -> u32 {
        match section {
            Section::Reviews => self.review,
            Section::Listed | Section::Consent => 0,
            Section::Conflicts | Section::HighRisk | Section::Normal | Section::Unknown => {
                match risk.treated() {
                    Risk::Low => self.low,
                    Risk::Moderate => self.moderate,
                    Risk::High | Risk::Unknown => self.high,
                    Risk::VeryHigh => self.very_high,
                }
            }
        }
    }
}

impl MeetingPlan {
    /// A plan with nothing but its id: the first board, convened when it is needed.
    #[must_use]
    pub fn bare(id: Id, kind: MeetingKind) -> Self {
        Self {
            id,
            name: Line::default(),
            board: None,
            kind,
            start: None,
            end: None,
            zone: None,
            rrule: None,
            exdates: Vec::new(),
            rdates: Vec::new(),
            when: Condition::default(),
            order: Vec::new(),
            minutes: ItemMinutes::default(),
            cut_off_hours: None,
            consent: true,
            list_preapproved: true,
            quorum: one_half(),
            lease_minutes: five(),
            deadline_minutes: thirty(),
        }
    }

    /// What it is called on screen: its name, else its id.
    #[must_use]
    pub fn title(&self) -> Line {
        if self.name.is_empty() { Line::new(self.id.as_str()) } else { self.name.clone() }
    }

    /// The place of a part on the agenda.
    #[must_use]
    pub fn place(&self, section: Section) -> usize {
        let rest = Section::IN_ORDER.iter().filter(|part| !self.order.contains(part));
        self.order.iter().chain(rest).position(|part| *part == section).unwrap_or(usize::MAX)
    }
}

impl Section {
    /// The sections in the order in which a meeting works through them.
    pub const IN_ORDER: [Self; 6] =
        [Self::Reviews, Self::Conflicts, Self::HighRisk, Self::Normal, Self::Consent, Self::Listed];

    /// Whether its items are discussed one by one.
    #[must_use]
    pub fn is_discussed(self) -> bool {
        match self {
            Self::Reviews | Self::Conflicts | Self::HighRisk | Self::Normal | Self::Unknown => true,
            Self::Consent | Self::Listed => false,
        }
    }

    /// Its head on screen and in minutes.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Reviews => "Reviews, failures and emergencies",
            Self::Conflicts => "Conflicts",
            Self::HighRisk => "High risk",
            Self::Normal => "Normal",
            Self::Consent => "By consent",
            Self::Listed => "Pre-approved, not discussed",
            Self::Unknown => "Others",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_with_its_defaults() {
        let plan: MeetingPlan = serde_json::from_str(r#"{"id":"cab"}"#).unwrap();
        assert_eq!(plan, MeetingPlan::bare("cab".parse().unwrap(), MeetingKind::Regular));
        assert_eq!((plan.title().as_str(), plan.quorum), ("cab", one_half()));
        assert!(serde_json::from_str::<MeetingPlan>(r#"{"id":"cab","minuts":{}}"#).is_err());
    }

    #[test]
    fn the_order_of_the_parts() {
        let mut plan = MeetingPlan::bare("cab".parse().unwrap(), MeetingKind::Regular);
        assert!(plan.place(Section::Reviews) < plan.place(Section::Conflicts));
        assert!(plan.place(Section::Normal) < plan.place(Section::Consent));
        plan.order = vec![Section::Consent];
        assert!(plan.place(Section::Consent) < plan.place(Section::Reviews), "the plan may say otherwise");
        assert!(plan.place(Section::Reviews) < plan.place(Section::Listed), "what it leaves out follows");
    }

    #[test]
    fn minutes_by_risk() {
        let minutes = ItemMinutes::default();
        let cases = [
            (Section::Reviews, Risk::High, 3),
            (Section::Normal, Risk::Low, 2),
            (Section::Conflicts, Risk::Unknown, 8),
            (Section::HighRisk, Risk::VeryHigh, 12),
            (Section::Consent, Risk::Low, 0),
        ];
        for (section, risk, want) in cases {
            assert_eq!(minutes.of(section, risk), want, "{section:?} {risk:?}");
        }
    }
}
