//! Sorting with a comparer that may fail or contradict itself. Knows no Rhai.

use std::cmp::Ordering;

/// Sorts stably, and stops at the first error of the comparer; then `items` is as it was.
///
/// A merge sort of our own, because the library's sort cannot stop early and may panic when a comparer contradicts
/// itself, as `|a, b| a < b` does for equal elements.
pub(super) fn sort<T: Clone, E>(
    items: &mut [T],
    compare: &mut impl FnMut(&T, &T) -> Result<Ordering, E>,
) -> Result<(), E> {
    let sorted = merged(items, compare)?;
    items.clone_from_slice(&sorted);
    Ok(())
}

fn merged<T: Clone, E>(
    items: &[T],
    compare: &mut impl FnMut(&T, &T) -> Result<Ordering, E>,
) -> Result<Vec<T>, E> {
    if items.len() <= 1 {
        return Ok(items.to_vec());
    }
    let (left, right) = items.split_at(items.len() / 2);
    let (left, right) = (merged(left, compare)?, merged(right, compare)?);
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    let mut out = Vec::with_capacity(items.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(a, b)?.is_gt() {
            right.next()
        } else {
            left.next()
        };
        out.extend(next);
    }
    out.extend(left);
    out.extend(right);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_error_stops_and_leaves_the_items_alone() {
        let mut items = vec![3, 1, 2];
        let mut calls = 0;
        let result = sort(&mut items, &mut |_, _| {
            calls += 1;
            if calls == 2 {
                Err("no")
            } else {
                Ok(Ordering::Greater)
            }
        });
        assert_eq!((result, calls, items), (Err("no"), 2, vec![3, 1, 2]));
    }

    proptest! {
        #[test]
        fn it_sorts_as_the_library_does(items: Vec<(u8, u8)>) {
            let (mut ours, mut theirs) = (items.clone(), items);
            sort::<_, ()>(&mut ours, &mut |a, b| Ok(a.0.cmp(&b.0))).unwrap();
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn a_comparer_that_contradicts_itself_loses_nothing(items: Vec<u8>, answers: Vec<bool>) {
            let mut sorted = items.clone();
            let mut answers = answers.into_iter().cycle();
            sort::<_, ()>(&mut sorted, &mut |_, _| {
                Ok(if answers.next().unwrap_or(true) { Ordering::Greater } else { Ordering::Less })
            })
            .unwrap();
            let (mut a, mut b) = (items, sorted);
            a.sort_unstable();
            b.sort_unstable();
            prop_assert_eq!(a, b);
        }
    }
}
