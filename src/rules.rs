//! What the board computes: facts, conflicts, approval, gate, risk, slots, authority. Pure: time is given, nothing is read.

pub mod approval;
pub mod authority;
