//! Rule C5 (window exceeded): the activity overlaps its maintenance windows, but no block of them contains it.

use super::{
    Detail, View,
    c04::{Inside, push},
    hit::Hit,
};
use crate::{model::RuleId, rules::facts::Row};

/// The row of one activity, if a service is exceeded.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    push(view, row, (RuleId::C5, Inside::Exceeded, Detail::Exceeded), hits);
}
