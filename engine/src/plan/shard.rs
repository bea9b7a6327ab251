//! Which of n machines runs what. Every scenario goes to exactly one, those that need each other to the same one, and
//! the machines get about equally much to do.
//!
//! Each machine computes the whole division alone, so it must depend on nothing in which machines differ: not on what
//! they lack, nor on an order drawn at random, nor on their own history.

use crate::model::ScenarioId;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// The kth of n parts, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub k: u32,
    pub n: u32,
}

/// One scenario to be put somewhere: the id it is weighed by and sorted by, and the positions of those it needs.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    pub id: &'a ScenarioId,
    /// What past durations are known under.
    pub known_as: &'a ScenarioId,
    pub needs: &'a [usize],
}

/// The part, from 1 to `n`, of each item. The heaviest group goes first, to whoever has least to do.
pub fn divide(items: &[Item<'_>], n: u32, durations: &BTreeMap<ScenarioId, Duration>) -> Vec<u32> {
    let usual = usual(items, durations);
    let weight = |item: &Item<'_>| {
        let past = durations.get(item.known_as).copied().unwrap_or(usual);
        past.as_micros().max(1)
    };
    let mut groups = groups(items);
    for group in &mut groups {
        group.sort_by_key(|at| items[*at].id);
    }
    groups.sort_by_cached_key(|group| {
        let sum: u128 = group.iter().map(|at| weight(&items[*at])).sum();
        (Reverse(sum), items[group[0]].id.clone())
    });
    // Parts beyond the number of groups stay empty, however many are asked for.
    let used = groups.len().min(n as usize).max(1);
    let mut loads = vec![(0_u128, 0_usize); used];
    let mut parts = vec![1; items.len()];
    for group in groups {
        let lightest = (0..loads.len()).min_by_key(|part| (loads[*part], *part));
        let part = lightest.unwrap_or(0);
        for at in group {
            loads[part].0 += weight(&items[at]);
            loads[part].1 += 1;
            parts[at] = part as u32 + 1;
        }
    }
    parts
}

/// What a scenario never seen before is taken to last: the mean of the others.
fn usual(items: &[Item<'_>], durations: &BTreeMap<ScenarioId, Duration>) -> Duration {
    let known: Vec<Duration> = items
        .iter()
        .filter_map(|item| durations.get(item.known_as).copied())
        .collect();
    match u32::try_from(known.len()) {
        Ok(count @ 1..) => known.iter().sum::<Duration>() / count,
        _ => Duration::from_secs(1),
    }
}

/// Items that hang together by needs.
fn groups(items: &[Item<'_>]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..items.len()).collect();
    fn find(leader: &mut [usize], mut at: usize) -> usize {
        while leader[at] != at {
            leader[at] = leader[leader[at]];
            at = leader[at];
        }
        at
    }
    for (at, item) in items.iter().enumerate() {
        for need in item.needs {
            let (a, b) = (find(&mut leader, at), find(&mut leader, *need));
            leader[a.max(b)] = a.min(b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..items.len() {
        groups.entry(find(&mut leader, at)).or_default().push(at);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(count: usize) -> Vec<ScenarioId> {
        (0..count)
            .map(|n| ScenarioId::new("a.rhai", &format!("s{n:02}")))
            .collect()
    }

    fn items<'a>(ids: &'a [ScenarioId], needs: &'a [Vec<usize>]) -> Vec<Item<'a>> {
        ids.iter()
            .zip(needs)
            .map(|(id, needs)| Item {
                id,
                known_as: id,
                needs,
            })
            .collect()
    }

    #[test]
    fn long_scenarios_are_spread() {
        let ids = ids(4);
        let needs = vec![Vec::new(); 4];
        let durations = ids
            .iter()
            .cloned()
            .zip([8, 1, 1, 5].map(Duration::from_secs))
            .collect();
        assert_eq!(divide(&items(&ids, &needs), 2, &durations), [1, 2, 2, 2]);
    }

    #[test]
    fn without_history_the_parts_are_even() {
        let ids = ids(7);
        let needs = vec![Vec::new(); 7];
        let parts = divide(&items(&ids, &needs), 3, &BTreeMap::new());
        assert_eq!(parts, [1, 2, 3, 1, 2, 3, 1]);
        assert_eq!(divide(&items(&ids, &needs), 1, &BTreeMap::new()), [1; 7]);
    }

    proptest! {
        #[test]
        fn every_scenario_is_in_one_part_with_those_it_needs(
            count in 1..30_usize,
            n in 1..6_u32,
            edges in prop::collection::vec((0..30_usize, 0..30_usize), 0..15),
            times in prop::collection::vec(prop::option::of(0..500_u64), 30),
        ) {
            let ids = ids(count);
            let mut needs = vec![Vec::new(); count];
            for (a, b) in edges {
                needs[a % count].push(b % count);
            }
            let durations: BTreeMap<ScenarioId, Duration> = ids
                .iter()
                .cloned()
                .zip(times)
                .filter_map(|(id, time)| Some((id, Duration::from_millis(time?))))
                .collect();
            let parts = divide(&items(&ids, &needs), n, &durations);
            prop_assert_eq!(parts.len(), count);
            prop_assert!(parts.iter().all(|part| (1..=n).contains(part)));
            for (at, needed) in needs.iter().enumerate() {
                for need in needed {
                    prop_assert_eq!(parts[at], parts[*need]);
                }
            }
            prop_assert_eq!(&parts, &divide(&items(&ids, &needs), n, &durations));

            // The same division whatever order the scenarios come in.
            let reversed_ids: Vec<ScenarioId> = ids.iter().rev().cloned().collect();
            let flipped = |needed: &Vec<usize>| needed.iter().map(|at| count - 1 - at).collect();
            let reversed_needs: Vec<Vec<usize>> = needs.iter().rev().map(flipped).collect();
            let mut reversed = divide(&items(&reversed_ids, &reversed_needs), n, &durations);
            reversed.reverse();
            prop_assert_eq!(parts, reversed);
        }

        #[test]
        fn no_part_is_heavier_than_another_by_more_than_one_scenario(
            times in prop::collection::vec(1..1000_u64, 1..40),
            n in 1..6_usize,
        ) {
            let ids = ids(times.len());
            let needs = vec![Vec::new(); times.len()];
            let durations = ids.iter().cloned().zip(times.iter().copied().map(Duration::from_millis)).collect();
            let parts = divide(&items(&ids, &needs), n as u32, &durations);
            let mut loads = vec![0; n];
            for (part, time) in parts.iter().zip(&times) {
                loads[*part as usize - 1] += time;
            }
            let spread = loads.iter().max().unwrap() - loads.iter().min().unwrap();
            prop_assert!(spread <= *times.iter().max().unwrap());
        }
    }
}
