//! A row in the making: numbers instead of ids, so that finding a hundred thousand of them is cheap.

use super::Detail;
use crate::model::{Id, RuleId, Severity, Span};

/// One side of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Row(u32),
    Release(u32),
    /// By its place among the windows, which are in order of id.
    Window(u32),
}

/// What to print as the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    None,
    /// All services both rows have in common.
    Shared(u32, u32),
    /// These services as this row spells them, in order of name.
    Services(u32, Vec<u32>),
    /// Down along `depends_on` from a service of the first (or of a freeze, without a row) to one of the second.
    Down {
        from: (Option<u32>, u32),
        to: (u32, u32),
    },
    /// Ids, in order.
    Ids(Vec<Id>),
}

/// A row in the making; sides in any order.
#[derive(Debug, Clone)]
pub struct Hit {
    pub rule: RuleId,
    pub severity: Severity,
    pub sides: (Side, Option<Side>),
    /// Where both are at once; none where the rule is not about time.
    pub span: Option<Span>,
    /// Minutes of the overlap, or of what is missing, as the rule says.
    pub minutes: i64,
    pub path: Path,
    pub detail: Detail,
}
