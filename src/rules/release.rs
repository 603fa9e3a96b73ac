//! Releases as plans: whether one is ready, where it is in its life, what fits into it (release § Plan).
//!
//! Pure: the ledger gathers what is known, and these say what follows.

pub mod bundle;
pub mod lifecycle;
pub mod moving;
pub mod readiness;
