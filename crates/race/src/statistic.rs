//! Medians and their bounds, by order statistics: exact for any distribution, and the same at every reading. And the
//! middle of paired comparisons, by signed ranks, which asks more of the figures and bounds them closer.

use serde::Serialize;

/// How sure a bound is.
const CONFIDENCE: f64 = 0.95;

/// A median with the interval that holds it in 95 of 100 runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Median {
    /// The middle of what was measured.
    pub(crate) median: f64,
    /// The lower bound; the smallest figure where there are too few for a bound.
    pub(crate) low: f64,
    /// The upper bound, likewise.
    pub(crate) high: f64,
    /// How many figures.
    pub(crate) count: usize,
}

/// The median of some figures; nothing of none.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> Option<Median> {
    let mut sorted: Vec<f64> = figures.into_iter().filter(|one| one.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len();
    if count == 0 {
        return None;
    }
    let outside = outside(count);
    Some(Median {
        median: middle(&sorted),
        low: sorted[outside],
        high: sorted[count - 1 - outside],
        count,
    })
}

/// The middle of figures in order, of which there is one at least.
fn middle(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// Whether so many figures bound a median at all: with fewer the true one lies outside of all of them too often.
pub(crate) fn bounds(count: usize) -> bool {
    count > 0 && 2.0 * 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX)) <= 1.0 - CONFIDENCE
}

/// How many figures at each end lie outside the interval. The true median falls below the k-th of n figures with the
/// probability that fewer than k of n tosses of a coin are heads.
fn outside(count: usize) -> usize {
    let mut term = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut below = term;
    let mut outside = 0;
    for heads in 1..=count / 2 {
        term *= (count - heads + 1) as f64 / heads as f64;
        below += term;
        if 2.0 * below > 1.0 - CONFIDENCE {
            break;
        }
        outside = heads;
    }
    outside
}

/// How many times one of a pair the other is, in the middle of all pairs: [`differences`] on a logarithmic scale.
pub(crate) fn paired(ratios: impl IntoIterator<Item = f64>) -> Option<Median> {
    let logs = differences(ratios.into_iter().map(f64::ln))?;
    Some(Median {
        median: logs.median.exp(),
        low: logs.low.exp(),
        high: logs.high.exp(),
        count: logs.count,
    })
}

/// What one of a pair is more than the other, in the middle of all pairs: the estimate of Hodges and Lehmann, the median
/// of all means of two, with the exact bounds of Wilcoxon's signed ranks. Exact where pairs differ as often by so much to
/// one side as to the other; it then takes two thirds of the pairs that a median takes.
pub(crate) fn differences(figures: impl IntoIterator<Item = f64>) -> Option<Median> {
    let figures: Vec<f64> = figures.into_iter().filter(|one| one.is_finite()).collect();
    let mut means = Vec::new();
    for (at, one) in figures.iter().enumerate() {
        means.extend(
            figures[at..]
                .iter()
                .map(|other| f64::midpoint(*one, *other)),
        );
    }
    if means.is_empty() {
        return None;
    }
    means.sort_by(f64::total_cmp);
    let outside = outside_ranks(figures.len());
    Some(Median {
        median: middle(&means),
        low: means[outside],
        high: means[means.len() - 1 - outside],
        count: figures.len(),
    })
}

/// How many means at each end lie outside the interval: the sum of the ranks of those above the true middle is below the
/// k-th with the probability that a sum over 1 to n, each rank in it or not by the toss of a coin, is.
fn outside_ranks(count: usize) -> usize {
    let mut chance = vec![0.0; count * (count + 1) / 2 + 1];
    chance[0] = 1.0;
    for rank in 1..=count {
        for sum in (0..chance.len()).rev() {
            let with = if sum >= rank { chance[sum - rank] } else { 0.0 };
            chance[sum] = f64::midpoint(chance[sum], with);
        }
    }
    let mut below = 0.0;
    let inside = chance.iter().take_while(|one| {
        below += **one;
        2.0 * below <= 1.0 - CONFIDENCE
    });
    inside.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: u32) -> Median {
        median((1..=count).rev().map(f64::from)).expect("figures")
    }

    #[test]
    fn the_middle_of_odd_and_even_counts() {
        assert_eq!(of(5).median, 3.0);
        assert_eq!(of(4).median, 2.5);
        assert_eq!(of(1).median, 1.0);
        assert_eq!(median([]), None);
        assert_eq!(median([f64::NAN]), None);
    }

    /// Ranks as tables of the sign test give them.
    #[test]
    fn bounds_are_those_of_the_tables() {
        for (count, low, high) in [
            (6, 1.0, 6.0),
            (9, 2.0, 8.0),
            (15, 4.0, 12.0),
            (20, 6.0, 15.0),
            (25, 8.0, 18.0),
            (100, 40.0, 61.0),
        ] {
            let found = of(count);
            assert_eq!((found.low, found.high), (low, high), "{count}");
        }
    }

    /// Critical values as tables of the signed-rank test give them: so many sums are too rare.
    #[test]
    fn bounds_of_pairs_are_those_of_the_tables() {
        for (count, critical) in [(6, 0), (10, 8), (15, 25), (20, 52), (25, 89), (30, 137)] {
            assert_eq!(outside_ranks(count), critical + 1, "{count}");
        }
        assert_eq!(outside_ranks(5), 0, "too few for any");
    }

    #[test]
    fn pairs_that_agree_bound_what_they_agree_on() {
        let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
        let same = paired([0.8; 15]).expect("pairs");
        assert!(near(same.median, 0.8) && near(same.low, 0.8) && near(same.high, 0.8));
        let around = paired((0..15).map(|n| 0.8 * 1.01_f64.powi(n - 7))).expect("pairs");
        assert!(near(around.median, 0.8), "{around:?}");
        assert!(near(around.low * around.high, 0.64), "{around:?}");
        assert_eq!(paired([]), None);
        assert_eq!(paired([0.0, f64::NAN]), None, "no ratio at all");
    }

    #[test]
    fn few_figures_bound_nothing() {
        assert!(!bounds(0));
        assert!(!bounds(5));
        assert!(bounds(6));
        let few = of(3);
        assert_eq!((few.low, few.high), (1.0, 3.0), "all of them");
    }

    #[test]
    fn one_wild_figure_moves_neither_median_nor_bound() {
        let calm = median((1..=15).map(f64::from)).expect("figures");
        let wild = (1..=15).map(|n| if n == 15 { 9e9 } else { f64::from(n) });
        assert_eq!(median(wild), Some(calm));
    }
}
