//! The fields of a change or an incident that a column can fill.

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    #[default]
    Change,
    Incident,
}

impl Subject {
    /// With its article, for messages.
    #[must_use]
    pub const fn one(self) -> &'static str {
        match self {
            Self::Change => "a change",
            Self::Incident => "an incident",
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A word of a fixed set.
    Word,
    /// Several names, joined over the rows of a record.
    List,
    Time,
    Number,
}

macro_rules! fields {
    ($($variant:ident = $name:literal, $shape:ident;)+) => {
        /// A field of a change or an incident.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Field { $($variant),+ }

        impl Field {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in a map, which is its name in the board file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            #[must_use]
            pub fn shape(self) -> Shape {
                match self { $(Self::$variant => Shape::$shape),+ }
            }
        }
    };
}

fields! {
    Title = "title", Text;
    Description = "description", Text;
    Reason = "reason", Text;
    Kind = "kind", Word;
    State = "state", Word;
    Risk = "risk", Word;
    Impact = "impact", Word;
    Approval = "approval", Word;
    Outcome = "outcome", Word;
    Requester = "requester", Text;
    Owner = "owner", Text;
    Group = "group", Text;
    Presenter = "presenter", Text;
    Stakeholders = "stakeholders", List;
    Services = "services", List;
    Environment = "environment", Text;
    PlannedStart = "planned_start", Time;
    PlannedEnd = "planned_end", Time;
    ActualStart = "actual_start", Time;
    ActualEnd = "actual_end", Time;
    OutageStart = "outage_start", Time;
    OutageEnd = "outage_end", Time;
    SubmittedAt = "submitted_at", Time;
    MovedAt = "moved_at", Time;
    UpdatedAt = "updated_at", Time;
    ImplementationPlan = "implementation_plan", Text;
    TestPlan = "test_plan", Text;
    RollbackPlan = "rollback_plan", Text;
    RollbackMinutes = "rollback_minutes", Number;
    CommunicationPlan = "communication_plan", Text;
    SuccessCheck = "success_check", Text;
    After = "after", List;
    Release = "release", Text;
    Template = "template", Text;
    Incidents = "incidents", List;
    Fixes = "fixes", List;
    Url = "url", Text;
    Severity = "severity", Word;
    Opened = "opened", Time;
    Restored = "restored", Time;
    CausedBy = "caused_by", List;
    FixedBy = "fixed_by", List;
}

impl Field {
    /// The field of a change's record that it is, or is part of.
    #[must_use]
    pub fn record(self) -> &'static str {
        if matches!(self, Self::OutageStart | Self::OutageEnd) { "outage" } else { self.name() }
    }

    /// The fields of records of a kind.
    pub fn all(subject: Subject) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |field| field.belongs(subject))
    }

    /// The field of a name in a map.
    #[must_use]
    pub fn of(name: &str, subject: Subject) -> Option<Self> {
        Self::all(subject).find(|field| field.name() == name)
    }

    fn belongs(self, subject: Subject) -> bool {
        let own =
            matches!(self, Self::Severity | Self::Opened | Self::Restored | Self::CausedBy | Self::FixedBy);
        let both = matches!(self, Self::Title | Self::State | Self::Services | Self::Environment | Self::Url);
        match subject {
            Subject::Change => !own,
            Subject::Incident => own || both,
        }
    }
}
