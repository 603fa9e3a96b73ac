//! Whole numbers without bound: products of many fractions stay exact.

use std::cmp::Ordering;

/// A natural number, least significant digit first, no leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Big(Vec<u32>);

impl From<u64> for Big {
    fn from(number: u64) -> Self {
        Self(vec![low(number), low(number >> 32)]).trimmed()
    }
}

/// The lowest 32 bits.
fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

impl Big {
    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn digit(&self, at: usize) -> u64 {
        self.0.get(at).copied().map_or(0, u64::from)
    }

    pub fn times(&self, by: u64) -> Self {
        self.product(&Self::from(by))
    }

    pub fn product(&self, other: &Self) -> Self {
        let mut digits = vec![0_u32; self.0.len() + other.0.len()];
        for (i, x) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (digit, y) in digits.iter_mut().skip(i).zip(other.0.iter().map(|y| u64::from(*y)).chain([0]))
            {
                let sum = u64::from(*x) * y + u64::from(*digit) + carry;
                *digit = low(sum);
                carry = sum >> 32;
            }
        }
        Self(digits).trimmed()
    }

    pub fn plus(&self, other: &Self) -> Self {
        let mut carry = 0;
        let digits = (0..=self.0.len().max(other.0.len())).map(|at| {
            let sum = self.digit(at) + other.digit(at) + carry;
            carry = sum >> 32;
            low(sum)
        });
        Self(digits.collect()).trimmed()
    }

    /// What is left; nothing where `other` is larger.
    pub fn minus(&self, other: &Self) -> Self {
        if self.compare(other) == Ordering::Less {
            return Self(Vec::new());
        }
        let mut borrow = 0;
        let digits = (0..self.0.len()).map(|at| {
            let (have, take) = (self.digit(at), other.digit(at) + borrow);
            borrow = u64::from(have < take);
            low(have + (borrow << 32) - take)
        });
        Self(digits.collect()).trimmed()
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// The largest `q` with `q / units` not above `self / whole`; 0 where there is no whole.
    pub fn share_of(&self, whole: &Self, units: u64) -> u64 {
        if whole.0.is_empty() {
            return 0;
        }
        let target = self.times(units);
        let (mut at_least, mut above) = (0, units + 1);
        while above - at_least > 1 {
            let middle = at_least + (above - at_least) / 2;
            match whole.times(middle).compare(&target) {
                Ordering::Greater => above = middle,
                Ordering::Less | Ordering::Equal => at_least = middle,
            }
        }
        at_least
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn big(number: u128) -> Big {
        let high = u64::try_from(number >> 64).unwrap();
        let shift = Big::from(u64::MAX).plus(&Big::from(1));
        Big::from(high)
            .product(&shift)
            .plus(&Big::from(u64::try_from(number & u128::from(u64::MAX)).unwrap()))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arithmetic(a in any::<u64>(), b in any::<u64>(), c in 1..u64::MAX) {
            let (x, y) = (u128::from(a), u128::from(b));
            prop_assert_eq!(Big::from(a).times(b), big(x * y));
            prop_assert_eq!(Big::from(a).plus(&Big::from(b)), big(x + y));
            prop_assert_eq!(Big::from(a).minus(&Big::from(b)), big(x.saturating_sub(y)));
            let part = a.min(c);
            prop_assert_eq!(u128::from(Big::from(part).share_of(&Big::from(c), 1000)), u128::from(part) * 1000 / u128::from(c));
        }
    }
}
