//! The sum of the hashes of all rows: what a row that was taken out or slipped in shows in.

use std::fmt::Write as _;

/// The hashes of all rows, added up in any order: one row replaced costs one subtraction and one addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum([u64; 4]);

impl Sum {
    fn each(&mut self, hash: &[u8; 32], step: impl Fn(u64, u64) -> u64) {
        for (lane, bytes) in self.0.iter_mut().zip(hash.as_chunks::<8>().0) {
            *lane = step(*lane, u64::from_be_bytes(*bytes));
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        for (lane, more) in self.0.iter_mut().zip(other.0) {
            *lane = lane.wrapping_add(more);
        }
    }

    pub fn add(&mut self, hash: &[u8; 32]) {
        self.each(hash, u64::wrapping_add);
    }

    pub(super) fn subtract(&mut self, hash: &[u8; 32]) {
        self.each(hash, u64::wrapping_sub);
    }

    pub(super) fn hex(self) -> String {
        self.0.iter().fold(String::new(), |mut text, lane| {
            let _ = write!(text, "{lane:016x}");
            text
        })
    }

    pub(super) fn read(hex: &str) -> Option<Self> {
        let mut lanes = [0; 4];
        if hex.len() != 64 {
            return None;
        }
        for (at, lane) in lanes.iter_mut().enumerate() {
            *lane = u64::from_str_radix(hex.get(at * 16..at * 16 + 16)?, 16).ok()?;
        }
        Some(Self(lanes))
    }
}
