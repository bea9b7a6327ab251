//! Totals by tier, for suites that tag their scenarios `tier1`, `tier-2`, `tier:3`.

use crate::model::View;
use crate::model::view::Counts;
use std::collections::BTreeMap;

/// The tiers in order of their numbers, each as its tag is first written; empty when no scenario has one.
pub fn totals(view: &View) -> Vec<(String, Counts)> {
    let mut tiers: BTreeMap<u32, (String, Counts)> = BTreeMap::new();
    for scenario in &view.scenarios {
        for tag in scenario.declared.terms.tags.iter() {
            if let Some(number) = number(tag) {
                let (_, counts) = tiers
                    .entry(number)
                    .or_insert_with(|| (tag.clone(), Counts::default()));
                counts.add(scenario);
            }
        }
    }
    tiers.into_values().collect()
}

fn number(tag: &str) -> Option<u32> {
    let rest = tag.strip_prefix("tier")?;
    rest.trim_start_matches(['-', '_', ':', ' ']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a19_tags_that_number_a_tier() {
        assert_eq!(number("tier1"), Some(1));
        assert_eq!(number("tier-2"), Some(2));
        assert_eq!(number("tier:10"), Some(10));
        assert_eq!(number("tiers"), None);
        assert_eq!(number("frontier1"), None);
    }
}
