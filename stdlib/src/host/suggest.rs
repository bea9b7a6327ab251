//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_lower = wrong.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != wrong)
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&wrong_lower, &lower);
            let related = (lower.len() > 3 && wrong_lower.starts_with(&lower))
                || (wrong_lower.len() > 3 && lower.starts_with(&wrong_lower));
            (if related { distance.min(2) } else { distance }, candidate)
        })
        .filter(|(distance, candidate)| {
            let lengths = [candidate.chars().count(), wrong.chars().count()];
            // One letter is near any other: guessing would be silly.
            let [shorter, longer] = [lengths[0].min(lengths[1]), lengths[0].max(lengths[1])];
            shorter > 1 && *distance <= (longer / 3).clamp(1, 3)
        })
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// `did you mean "x"?`, or the whole list when it is short, or nothing.
pub fn hint<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(name) = nearest(wrong, candidates.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let mut all: Vec<&str> = candidates.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    (!all.is_empty() && all.len() <= 24).then(|| format!("known are: {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest("timout", ["timeout", "every"]), Some("timeout"));
        assert_eq!(nearest("hedaers", ["headers", "query"]), Some("headers"));
        assert_eq!(nearest("statusCode", ["status", "url"]), Some("status"));
        assert_eq!(nearest("zebra", ["timeout", "every"]), None);
        assert_eq!(nearest("x", ["y", "id"]), None);
        assert_eq!(nearest("ib", ["i", "id"]), Some("id"));
    }

    #[test]
    fn without_a_near_one_a_short_list_is_given() {
        assert_eq!(
            hint("zebra", ["b", "a"]).as_deref(),
            Some("known are: a, b")
        );
    }
}
