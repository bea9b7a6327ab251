//! What is left of a secret where a text was cut: its beginning before the `…`, its end behind it. Whoever cuts a text,
//! here or in a page, leaves that mark. Pure.

use super::mask::SHORTEST;
use std::ops::Range;

/// The mark of a cut.
const MARK: &str = "…";

/// Between two cuts any part of a value may stand; shorter ones are words like any other.
const TELLING: usize = 16;

/// A value to look for, and what it is shown as.
type Needle = (String, String);

/// Where parts of values stand beside cuts, in order, each with what it is shown as. One that is shorter than a secret can be
/// is as good as none.
pub fn parts<'a>(text: &str, needles: &'a [Needle]) -> Vec<(Range<usize>, &'a str)> {
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    let mut from = 0;
    for (at, mark) in text.match_indices(MARK) {
        let before = &text[from..at];
        let is_between = from > 0;
        let (after, next) = (at + mark.len(), text[at + mark.len()..].find(MARK));
        let whole = longest(needles, |needle| {
            (is_between && before.len() >= TELLING && needle.contains(before))
                .then_some(before.len())
        });
        if let Some((length, shown)) = whole.or_else(|| beginning(before, needles)) {
            let start = at - length;
            // What ends behind the cut before may begin here, too.
            let taken = found.last().map_or(0, |(last, _)| last.end);
            match taken <= start {
                true => found.push((start..at, shown)),
                false => widen(&mut found, at),
            }
        }
        let behind = &text[after..next.map_or(text.len(), |next| after + next)];
        if let Some((length, shown)) = end(behind, needles) {
            found.push((after..after + length, shown));
        }
        from = after;
    }
    found
}

fn widen(found: &mut [(Range<usize>, &str)], to: usize) {
    if let Some((last, _)) = found.last_mut() {
        last.end = to;
    }
}

/// The longest beginning of a value that `text` ends with.
fn beginning<'a>(text: &str, needles: &'a [Needle]) -> Option<(usize, &'a str)> {
    let last = text.get(text.ceil_char_boundary(text.len().saturating_sub(SHORTEST))..)?;
    longest(needles, |needle| {
        // Nearly all texts end with no part of a value at all.
        if !needle.contains(last) {
            return None;
        }
        let ends = needle.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.rev().find(|end| text.ends_with(&needle[..*end]))
    })
}

/// The longest end of a value that `text` begins with.
fn end<'a>(text: &str, needles: &'a [Needle]) -> Option<(usize, &'a str)> {
    let first = &text[..text.floor_char_boundary(SHORTEST)];
    longest(needles, |needle| {
        if !needle.contains(first) {
            return None;
        }
        let mut starts = needle.char_indices().map(|(at, _)| at);
        let start = starts.find(|start| text.starts_with(&needle[*start..]))?;
        Some(needle.len() - start)
    })
}

/// The needle that says most, and how much.
fn longest(needles: &[Needle], part: impl Fn(&str) -> Option<usize>) -> Option<(usize, &str)> {
    let told = needles.iter().filter_map(|(needle, shown)| {
        let length = part(needle).filter(|length| *length >= SHORTEST)?;
        Some((length, shown.as_str()))
    });
    told.max_by_key(|(length, _)| *length)
}

#[cfg(test)]
mod tests {
    use crate::host::mask::Masker;

    fn masked(text: &str) -> String {
        let masker = Masker::default();
        masker.add("TOKEN", "tok-91c2/77ab");
        masker.add("WORD", "91c2");
        let shown = masker.mask(text).into_owned();
        assert_eq!(masker.touches(text), shown != text, "{text}");
        shown
    }

    #[test]
    fn the_beginning_of_a_secret_before_a_cut_is_hidden() {
        for text in [
            "<p>tok-91c2/77…</p>",
            "\"tok-91c2…\" and more",
            "tok-…",
            "at tok-91c2/77ab…",
            "x?t=tok-91c2%2F7… (3 more characters)",
        ] {
            let shown = masked(text);
            assert!(shown.contains("[masked:TOKEN]…"), "{text} -> {shown}");
            assert!(!shown.contains("tok-"), "{text} -> {shown}");
        }
    }

    #[test]
    fn its_end_behind_a_cut_is_hidden_too() {
        assert_eq!(
            masked("(5 more characters) …c2/77ab and tok"),
            "(5 more characters) …[masked:TOKEN] and tok"
        );
        assert_eq!(
            masked("…77ab tok-…91c2/77ab…"),
            "…[masked:TOKEN] [masked:TOKEN]…[masked:TOKEN]…"
        );
    }

    #[test]
    fn between_two_cuts_any_part_of_it_is() {
        let masker = Masker::default();
        masker.add(
            "LONG",
            &format!("{}0123456789abcdefgh{}", "x".repeat(30), "y".repeat(30)),
        );
        assert_eq!(masker.mask("a…0123456789abcdefgh…"), "a…[masked:LONG]…");
        assert_eq!(masker.mask("a…0123456789ab…"), "a…0123456789ab…");
        assert_eq!(masker.mask("0123456789abcdefgh…"), "0123456789abcdefgh…");
    }

    #[test]
    fn what_is_no_part_of_a_secret_is_left_alone() {
        for text in [
            "Loading…",
            "tok…",
            "…ab",
            "take a tok-en…",
            "tok-91 … and so on",
            "ünïcödé…ünïcödé…",
            "…",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
