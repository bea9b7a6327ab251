//! What all other scenarios rely on is looked at before them. Such a scenario is needed by all, without being named.

use crate::model::Declared;
use std::sync::Arc;

/// Has every scenario need the prechecks. Gives back the positions of these, and of what they need themselves.
pub fn put_ahead(declared: &[Arc<Declared>], needs: &mut [Vec<usize>]) -> Vec<usize> {
    let prechecks: Vec<usize> = (0..declared.len())
        .filter(|at| declared[*at].terms.precheck)
        .collect();
    if prechecks.is_empty() {
        return prechecks;
    }
    let mut is_ahead = vec![false; declared.len()];
    let mut queue = prechecks.clone();
    while let Some(at) = queue.pop() {
        if !std::mem::replace(&mut is_ahead[at], true) {
            queue.extend(&needs[at]);
        }
    }
    for (at, needs) in needs.iter_mut().enumerate() {
        if !is_ahead[at] {
            needs.extend(&prechecks);
            needs.sort_unstable();
            needs.dedup();
        }
    }
    (0..declared.len()).filter(|at| is_ahead[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{scenario, shared};
    use super::*;

    #[test]
    fn a15_all_need_a_precheck_but_what_it_needs_itself() {
        let mut declared = ["seed", "one", "health", "two"].map(|name| scenario("a.rhai", name, 1));
        declared[2].terms_mut().precheck = true;
        let mut needs = vec![vec![], vec![0], vec![0], vec![]];
        assert_eq!(put_ahead(&shared(&declared), &mut needs), [0, 2]);
        assert_eq!(needs, [vec![], vec![0, 2], vec![0], vec![2]]);
        declared[2].terms_mut().precheck = false;
        let before = needs.clone();
        assert!(put_ahead(&shared(&declared), &mut needs).is_empty());
        assert_eq!(needs, before);
    }
}
