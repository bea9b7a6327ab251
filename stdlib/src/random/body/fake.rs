//! Believable made-up values. E-mail addresses are at `example.com`, which belongs to nobody (RFC 2606).

use rand::RngExt;

use super::random::Random;
use super::words::{FIRST_NAMES, LAST_NAMES, WORDS};

impl Random {
    pub fn first_name(&mut self) -> &'static str {
        self.one_of(FIRST_NAMES)
    }

    pub fn last_name(&mut self) -> &'static str {
        self.one_of(LAST_NAMES)
    }

    /// First and last name.
    pub fn name(&mut self) -> String {
        format!("{} {}", self.first_name(), self.last_name())
    }

    /// An address that is unlikely to come twice: `ada.turing.8f3k2m@example.com`.
    pub fn email(&mut self) -> String {
        let (first, last) = (
            self.first_name().to_lowercase(),
            self.last_name().to_lowercase(),
        );
        // The length is fixed and small, so there is always such a string.
        let tail = self.string(6).unwrap_or_default();
        format!("{first}.{last}.{tail}@example.com")
    }

    pub fn word(&mut self) -> &'static str {
        self.one_of(WORDS)
    }

    /// Six to twelve words, with a capital letter and a full stop.
    pub fn sentence(&mut self) -> String {
        let count = self.rng.random_range(6..=12);
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        let text = words.join(" ");
        format!("{}{}.", text[..1].to_uppercase(), &text[1..])
    }

    fn one_of(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.rng.random_range(0..list.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Seed;
    use super::*;

    #[test]
    fn made_up_values_look_like_what_they_are() {
        let mut random = Random::new(Seed(3));
        for _ in 0..200 {
            assert_eq!(random.name().split(' ').count(), 2);
            let email = random.email();
            assert!(
                email.ends_with("@example.com") && email.is_ascii() && !email.contains(' '),
                "{email}"
            );
            let sentence = random.sentence();
            assert!(
                (6..=12).contains(&sentence.split(' ').count()) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert!(
                sentence.starts_with(|c: char| c.is_ascii_uppercase()),
                "{sentence}"
            );
        }
    }

    #[test]
    fn the_lists_hold_plain_words_once_each() {
        for list in [FIRST_NAMES, LAST_NAMES, WORDS] {
            let mut seen = list.to_vec();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), list.len());
            assert!(
                list.iter()
                    .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic()))
            );
        }
    }
}
