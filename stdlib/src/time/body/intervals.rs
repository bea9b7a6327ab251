//! The gaps between several points in time, for claims about things that should happen at a steady pace.

use jiff::Timestamp;

/// How far apart several moments are, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    /// How many moments there were.
    pub count: usize,
    /// From each moment to the next, in the order of time.
    pub gaps: Vec<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub avg: Option<f64>,
}

/// Puts the moments in order and measures; fewer than two have no gaps, and then neither average nor extremes.
pub fn intervals(moments: &[Timestamp]) -> Intervals {
    let mut moments = moments.to_vec();
    moments.sort_unstable();
    let gaps: Vec<f64> = moments
        .windows(2)
        .map(|pair| pair[1].duration_since(pair[0]).as_secs_f64())
        .collect();
    let avg = (!gaps.is_empty()).then(|| gaps.iter().sum::<f64>() / gaps.len() as f64);
    Intervals {
        count: moments.len(),
        min: gaps.iter().copied().reduce(f64::min),
        max: gaps.iter().copied().reduce(f64::max),
        avg,
        gaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(texts: &[&str]) -> Vec<Timestamp> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    #[test]
    fn a21_gap_statistics_of_a_steady_timer() {
        let moments = at(&[
            "2026-01-05T10:00:10Z",
            "2026-01-05T10:00:00Z",
            "2026-01-05T10:00:04.5Z",
        ]);
        let seen = intervals(&moments);
        assert_eq!(seen.gaps, [4.5, 5.5]);
        assert_eq!(
            (seen.count, seen.min, seen.max, seen.avg),
            (3, Some(4.5), Some(5.5), Some(5.0))
        );
    }

    #[test]
    fn a21_one_moment_has_no_pace() {
        for moments in [at(&[]), at(&["2026-01-05T10:00:00Z"])] {
            let seen = intervals(&moments);
            assert_eq!(
                (seen.gaps.len(), seen.min, seen.max, seen.avg),
                (0, None, None, None)
            );
        }
    }
}
