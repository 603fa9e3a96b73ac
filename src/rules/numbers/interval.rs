//! Intervals of 95 %: of a share (Wilson), of the difference of two (Newcombe), of a count (exact Poisson); and how likely chance
//! alone makes a share (exact, without returning what is drawn).

use serde::{Deserialize, Serialize};

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Both ends, of shares between 0 and 1 or of counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// The lower end, in the unit of the number itself.
    pub low: f64,
    /// The upper end, in the unit of the number itself.
    pub high: f64,
}

/// One share less another, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// The first share without the second, between -1 and 1.
    pub difference: f64,
    /// The lower end, in the unit of the number itself.
    pub low: f64,
    /// The upper end, in the unit of the number itself.
    pub high: f64,
}

impl Difference {
    /// Whether its interval does not hold zero.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }

    /// How far the nearer end is from zero; 0 where it holds it.
    #[must_use]
    pub fn least(&self) -> f64 {
        if self.is_clear() { self.low.abs().min(self.high.abs()) } else { 0.0 }
    }
}

/// A whole number as a floating one; counts here are far below where that loses anything.
#[must_use]
pub fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A share; none of nothing.
#[must_use]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// Wilson's interval of `part` of `whole`; none of nothing.
#[must_use]
pub fn wilson(part: u64, whole: u64) -> Option<Interval> {
    let (n, p) = (float(whole), share(part, whole)?);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let reach = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // None and all are ends that no root reaches by itself.
    let low = if part == 0 { 0.0 } else { (middle - reach).max(0.0) };
    let high = if part >= whole { 1.0 } else { (middle + reach).min(1.0) };
    Some(Interval { low, high })
}

/// Newcombe's interval of the first share less the second, from their Wilson intervals; none where either is of nothing.
#[must_use]
pub fn newcombe(one: (u64, u64), other: (u64, u64)) -> Option<Difference> {
    let (p, q) = (share(one.0, one.1)?, share(other.0, other.1)?);
    let (i, j) = (wilson(one.0, one.1)?, wilson(other.0, other.1)?);
    let low = p - q - ((p - i.low).powi(2) + (j.high - q).powi(2)).sqrt();
    let high = p - q + ((i.high - p).powi(2) + (q - j.low).powi(2)).sqrt();
    Some(Difference { difference: p - q, low, high })
}

/// How likely `whole` rows drawn from all hold at least `part` of those that count (at most, unless `more`), each row being as
/// likely as any other: the exact tail of Fisher's test.
#[must_use]
pub fn drawn((part, whole): (u64, u64), (all_part, all_whole): (u64, u64), more: bool) -> f64 {
    if whole > all_whole || all_part > all_whole {
        return 1.0;
    }
    // Counted by those that do not count, "at most" is "at least".
    let (part, all_part) =
        if more { (part, all_part) } else { (whole - part.min(whole), all_whole - all_part) };
    let most = whole.min(all_part);
    let least = (whole + all_part).saturating_sub(all_whole);
    if part <= least {
        return 1.0;
    }
    if part > most {
        return 0.0;
    }
    let choose = |n: u64, k: u64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let first =
        choose(all_part, part) + choose(all_whole - all_part, whole - part) - choose(all_whole, whole);
    let (mut term, mut sum) = (first.exp(), 0.0);
    for k in part..=most {
        sum += term;
        // Each follows from the one before; past the largest they only fall.
        let next = float(all_part - k) * float(whole - k);
        let rest = float(k + 1) * float((all_whole + k + 1).saturating_sub(all_part + whole).max(1));
        let falls = next < rest;
        term *= next / rest;
        if falls && term < sum * 1e-15 {
            break;
        }
    }
    sum.min(1.0)
}

/// The logarithm of a factorial, by Stirling's series beyond the first few.
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|k| float(k).ln()).sum();
    }
    let x = float(n);
    let series = (1.0 - (1.0 / 30.0 - 1.0 / (105.0 * x * x)) / (x * x)) / (12.0 * x);
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + series
}

/// The exact interval of the mean of a Poisson count.
#[must_use]
pub fn poisson(count: u64) -> Interval {
    let k = float(count);
    let far = k + 10.0 * (k + 1.0).sqrt() + 10.0;
    // At most `count - 1` is likely where the mean is low, at most `count` is unlikely where it is high.
    let low = if count == 0 { 0.0 } else { root(far, |mean| 1.0 - at_most(count - 1, mean) < 0.025) };
    let high = root(far, |mean| at_most(count, mean) > 0.025);
    Interval { low, high }
}

/// The probability of at most so many.
fn at_most(count: u64, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    // Beyond that the first term is nothing: count in logarithms from the largest one.
    if term == 0.0 {
        return normal(count, mean);
    }
    for k in 1..=count {
        term *= mean / float(k);
        sum += term;
    }
    sum.min(1.0)
}

/// For means above 700, where the normal distribution is near enough to tell the ends of an interval.
fn normal(count: u64, mean: f64) -> f64 {
    let z = (float(count) + 0.5 - mean) / mean.sqrt();
    // A logistic curve that is within 0.0002 of the normal one.
    1.0 / (1.0 + (-(1.5976 * z + 0.070_565_992 * z.powi(3))).exp())
}

/// Where a condition that holds near zero stops to hold.
fn root(far: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, far);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    /// The values of statsmodels 0.14, `proportion_confint(k, n, method="wilson")`.
    #[test]
    fn wilson_is_that_of_a_statistics_library() {
        for (k, n, low, high) in [
            (5, 51, 0.042_608_073_107_618_59, 0.209_782_346_810_808_65),
            (44, 51, 0.742_783_077_424_183_3, 0.931_888_982_649_451_2),
            (0, 10, 0.0, 0.277_532_799_862_889_26),
            (10, 10, 0.722_467_200_137_110_6, 1.0),
            (1, 24, 0.007_393_456_165_505_796, 0.202_418_064_786_559_47),
            (3, 9, 0.120_583_818_386_911, 0.645_797_864_419_603_9),
            (1, 1, 0.206_549_314_377_237_4, 1.0),
            (206, 18_000, 0.009_991_507_372_143_05, 0.013_105_866_583_955_596),
        ] {
            let found = wilson(k, n).unwrap();
            assert!(near(found.low, low) && near(found.high, high), "{k} of {n}: {found:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    /// The values of statsmodels, `confint_proportions_2indep(…, method="newcomb", compare="diff")`.
    #[test]
    fn newcombe_is_that_of_a_statistics_library() {
        for (one, other, low, high, clear) in [
            ((3, 9), (2, 42), 0.046_081_401_881_353_68, 0.600_073_442_944_458_5, true),
            ((4, 38), (1, 13), -0.235_642_509_488_507_12, 0.178_351_019_726_327_75, false),
            ((0, 10), (0, 20), -0.161_125_158_052_819_4, 0.277_532_799_862_889_26, false),
            ((56, 70), (48, 80), 0.052_431_472_402_364_98, 0.333_872_654_036_906_14, true),
            ((10, 10), (0, 20), 0.679_086_037_141_914_5, 1.0, true),
        ] {
            let found = newcombe(one, other).unwrap();
            assert!(near(found.low, low) && near(found.high, high), "{one:?} {other:?}: {found:?}");
            assert_eq!(found.is_clear(), clear, "{one:?} {other:?}");
            let turned = newcombe(other, one).unwrap();
            assert!(near(turned.low, -high) && near(turned.high, -low), "the other way round");
        }
        assert_eq!(newcombe((0, 0), (1, 2)), None);
    }

    /// By another way: each number of hits counted out in exact fractions of all ways to draw.
    #[test]
    fn chance_is_that_of_counting_every_way_to_draw() {
        let choose =
            |n: u64, k: u64| (0..k).fold(1_u128, |ways, at| ways * u128::from(n - at) / u128::from(at + 1));
        let exact = |k: u64| f64::from(u32::try_from(k).unwrap());
        for (all_part, all_whole) in
            [(0_u64, 12_u64), (1, 12), (5, 24), (12, 24), (23, 24), (24, 24), (7, 40)]
        {
            for whole in 0..=all_whole {
                for part in 0..=whole.min(all_part) {
                    let ways = |from: u64, to: u64| -> u128 {
                        let fits = |k: &u64| *k <= all_part && whole - k <= all_whole - all_part;
                        (from..=to.min(whole))
                            .filter(fits)
                            .map(|k| choose(all_part, k) * choose(all_whole - all_part, whole - k))
                            .sum()
                    };
                    let permille = |ways: u128| {
                        exact(u64::try_from(ways * 1_000_000_000 / choose(all_whole, whole)).unwrap()) / 1e9
                    };
                    for (more, want) in
                        [(true, permille(ways(part, whole))), (false, permille(ways(0, part)))]
                    {
                        let found = drawn((part, whole), (all_part, all_whole), more);
                        let close = (found - want).abs() < 3e-9;
                        assert!(
                            close,
                            "{part} of {whole} in {all_part} of {all_whole}, {more}: {found} {want}"
                        );
                    }
                }
            }
        }
    }

    /// The values of whole-number binomials: `hypergeom.sf(k - 1, N, K, n)` and `hypergeom.cdf(k, N, K, n)`.
    #[test]
    fn chance_of_many_rows_is_that_of_whole_numbers() {
        for (one, all, more, want) in [
            ((1, 5), (12, 5_508), true, 0.010_849_807_560_745_16),
            ((7, 318), (12, 5_508), true, 1.234_587_997_327_536_8e-6),
            ((5, 5_188), (12, 5_508), false, 1.288_365_949_534_330_9e-6),
            ((700, 9_000), (800, 12_000), true, 1.199_938_326_924_757_4e-19),
            ((90, 2_000), (800, 12_000), false, 5.573_761_585_723_511e-6),
            ((20, 60), (8_000, 100_000), true, 2.026_451_868_934_314e-8),
        ] {
            let found = drawn(one, all, more);
            assert!((found / want - 1.0).abs() < 1e-8, "{one:?} of {all:?}: {found}");
        }
    }

    /// The values of scipy: `chi2.ppf(.025, 2k) / 2` and `chi2.ppf(.975, 2k + 2) / 2`.
    #[test]
    fn poisson_is_that_of_a_statistics_library() {
        for (k, low, high) in [
            (0, 0.0, 3.688_879_454_113_935_4),
            (1, 0.025_317_807_984_289_876, 5.571_643_390_938_898),
            (3, 0.618_672_122_895_601_4, 8.767_273_069_742_323),
            (10, 4.795_388_696_132_433_5, 18.390_356_042_017_78),
            (100, 81.363_991_250_923_14, 121.626_793_792_426_38),
        ] {
            let found = poisson(k);
            let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
            assert!(close(found.low, low) && close(found.high, high), "{k}: {found:?}");
        }
    }
}
