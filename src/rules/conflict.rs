//! The conflict rules (RULES §2).
