//! In which order scenarios start: by tier, and within a tier as declared, long ones first, or at random. What is
//! needed comes before what needs it.

use crate::model::{Declared, ScenarioId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The order within a tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Declared,
    /// Long ones first, so that none is left over at the end; those never seen before come before all.
    LongestFirst,
    /// The same seed gives the same order.
    Shuffled(u64),
}

/// The tier of a scenario by its tags: `tier1` is 1; without one it comes last.
pub fn tier(tags: &[String]) -> u32 {
    let tiers = tags
        .iter()
        .filter_map(|tag| tag.strip_prefix("tier")?.parse().ok());
    tiers.min().unwrap_or(u32::MAX)
}

/// Puts positions into `declared` in order. `needs` are positions too.
pub fn arrange(
    chosen: &[usize],
    declared: &[Arc<Declared>],
    needs: &[Vec<usize>],
    order: Order,
    durations: &BTreeMap<ScenarioId, Duration>,
) -> Vec<usize> {
    let mut sorted = chosen.to_vec();
    match order {
        Order::Declared => {}
        Order::Shuffled(seed) => shuffle(&mut sorted, seed),
        Order::LongestFirst => {
            let past = |at: &usize| durations.get(&declared[*at].id).copied();
            sorted.sort_by_key(|at| std::cmp::Reverse(past(at).unwrap_or(Duration::MAX)));
        }
    }
    sorted.sort_by_key(|at| tier(&declared[*at].terms.tags));
    needed_first(&sorted, needs)
}

/// Keeps the order but for what has to move up because something earlier needs it.
fn needed_first(sorted: &[usize], needs: &[Vec<usize>]) -> Vec<usize> {
    let mut open = vec![false; needs.len()];
    for at in sorted {
        open[*at] = true;
    }
    let mut placed = Vec::with_capacity(sorted.len());
    for &start in sorted {
        // A path of positions, each with the number of its needs already followed; chains may be long.
        let mut path = Vec::new();
        if std::mem::take(&mut open[start]) {
            path.push((start, 0));
        }
        while let Some((at, followed)) = path.last_mut() {
            match needs[*at].get(*followed) {
                Some(&need) => {
                    *followed += 1;
                    if std::mem::take(&mut open[need]) {
                        path.push((need, 0));
                    }
                }
                None => {
                    placed.push(*at);
                    path.pop();
                }
            }
        }
    }
    placed
}

/// Fisher-Yates over SplitMix64: written out, so that a seed gives the same order in every version of this program.
fn shuffle(items: &mut [usize], seed: u64) {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for last in (1..items.len()).rev() {
        let range = last as u128 + 1;
        let pick = ((u128::from(next()) * range) >> 64) as usize;
        items.swap(last, pick);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{scenario, shared};
    use super::*;
    use proptest::prelude::*;

    fn tagged(name: &str, tags: &[&str]) -> Declared {
        let mut declared = scenario("a.rhai", name, 1);
        declared.terms_mut().tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        declared
    }

    fn names(
        declared: &[Declared],
        needs: &[Vec<usize>],
        order: Order,
        past: &[(&str, u64)],
    ) -> Vec<String> {
        let durations = past
            .iter()
            .map(|(name, secs)| (ScenarioId::new("a.rhai", name), Duration::from_secs(*secs)))
            .collect();
        let all: Vec<usize> = (0..declared.len()).collect();
        arrange(&all, &shared(declared), needs, order, &durations)
            .into_iter()
            .map(|at| declared[at].id.name().to_owned())
            .collect()
    }

    #[test]
    fn a17_tiers_come_in_order_and_the_rest_last() {
        let declared = [
            tagged("c", &["tier3"]),
            tagged("none", &["tierless"]),
            tagged("b", &["slow", "tier2"]),
            tagged("a1", &["tier1"]),
            tagged("a2", &["tier1"]),
        ];
        let needs = vec![Vec::new(); 5];
        assert_eq!(
            names(&declared, &needs, Order::Declared, &[]),
            ["a1", "a2", "b", "c", "none"]
        );
        let shuffled = names(&declared, &needs, Order::Shuffled(3), &[]);
        assert_eq!(shuffled[2..], ["b", "c", "none"]);
    }

    #[test]
    fn long_ones_first_and_unknown_ones_before_them() {
        let declared = ["short", "new", "long"].map(|name| tagged(name, &[]));
        let needs = vec![Vec::new(); 3];
        let past = [("short", 1), ("long", 9)];
        assert_eq!(
            names(&declared, &needs, Order::LongestFirst, &past),
            ["new", "long", "short"]
        );
    }

    #[test]
    fn what_is_needed_moves_up() {
        let declared = [
            tagged("x", &["tier1"]),
            tagged("seed", &[]),
            tagged("y", &[]),
        ];
        let needs = vec![vec![1], vec![], vec![]];
        assert_eq!(
            names(&declared, &needs, Order::Declared, &[]),
            ["seed", "x", "y"]
        );
    }

    #[test]
    fn c39_a_seed_gives_its_order_for_ever() {
        let declared: Vec<Declared> = ('a'..='h').map(|c| tagged(&c.to_string(), &[])).collect();
        let needs = vec![Vec::new(); declared.len()];
        let order = |seed| names(&declared, &needs, Order::Shuffled(seed), &[]).concat();
        assert_eq!(order(42), order(42));
        assert_ne!(order(42), order(43));
        assert_ne!(order(42), "abcdefgh");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_needs_come_first(seed in any::<u64>(), edges in prop::collection::vec((0..12_usize, 0..12_usize), 0..20)) {
            let declared: Vec<Declared> =
                (0..12).map(|n| tagged(&n.to_string(), &[["tier1", "tier2", "x"][n % 3]])).collect();
            let mut needs = vec![Vec::new(); 12];
            for (a, b) in edges {
                // Only downwards, so that there is no circle.
                if a > b {
                    needs[a].push(b);
                }
            }
            let all: Vec<usize> = (0..12).collect();
            let placed = arrange(&all, &shared(&declared), &needs, Order::Shuffled(seed), &BTreeMap::new());
            let mut sorted = placed.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, all);
            for (position, at) in placed.iter().enumerate() {
                for need in &needs[*at] {
                    prop_assert!(placed[..position].contains(need));
                }
            }
        }
    }
}
