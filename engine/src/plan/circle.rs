//! A circle in a graph of needs, shared by scenarios and phases.

/// The first circle among `0..count`, as it would be drawn: it ends with what it begins with, the earliest of them.
pub fn find<'a>(count: usize, needs: impl Fn(usize) -> &'a [usize]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        OnPath,
        Done,
    }
    let mut seen = vec![Seen::No; count];
    for start in 0..count {
        if seen[start] != Seen::No {
            continue;
        }
        // A path of nodes, each with the number of its needs already followed. Not recursive: chains may be long.
        let mut path = vec![(start, 0)];
        seen[start] = Seen::OnPath;
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let Some(&next) = needs(node).get(*followed) else {
                seen[node] = Seen::Done;
                path.pop();
                continue;
            };
            *followed += 1;
            match seen[next] {
                Seen::Done => {}
                Seen::No => {
                    seen[next] = Seen::OnPath;
                    path.push((next, 0));
                }
                Seen::OnPath => {
                    let nodes = path.iter().map(|(node, _)| *node);
                    let mut circle: Vec<usize> = nodes.skip_while(|node| *node != next).collect();
                    let earliest = (0..circle.len()).min_by_key(|at| circle[*at])?;
                    circle.rotate_left(earliest);
                    circle.push(circle[0]);
                    return Some(circle);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(needs: &[&[usize]]) -> Option<Vec<usize>> {
        find(needs.len(), |node| needs[node])
    }

    #[test]
    fn circles_begin_with_their_earliest_member() {
        assert_eq!(circle(&[&[1], &[2], &[]]), None);
        assert_eq!(circle(&[&[0]]), Some(vec![0, 0]));
        assert_eq!(circle(&[&[2], &[2], &[3], &[1]]), Some(vec![1, 2, 3, 1]));
        assert_eq!(circle(&[&[1, 2], &[2], &[]]), None, "two ways to one need");
    }

    #[test]
    fn a_long_chain_is_followed() {
        let needs: Vec<Vec<usize>> = (1..=100_000).map(|next| vec![next % 100_000]).collect();
        let found = find(needs.len(), |node| &needs[node]);
        assert_eq!(found.map(|circle| circle.len()), Some(100_001));
    }
}
