//! Option maps with strictly checked keys: a slip is a usage error at once, never a silent default.

use super::duration::{self, DurationError};
use super::failure::Failure;
use super::{json, suggest};
use rhai::{Dynamic, FnPtr, ImmutableString, Map};
use std::time::Duration;

/// An option map while it is being read. Ask for every known key, then call [`Options::finish`].
pub struct Options {
    owner: String,
    map: Map,
    known: Vec<&'static str>,
}

type Read<T> = Result<Option<T>, Failure>;

impl Options {
    /// The options of `owner`, which is named in messages: `http.get`.
    pub fn new(owner: impl Into<String>, map: Map) -> Self {
        Self {
            owner: owner.into(),
            map,
            known: Vec::new(),
        }
    }

    /// The raw value of `key`; `()` counts as not given.
    pub fn take(&mut self, key: &'static str) -> Option<Dynamic> {
        self.known.push(key);
        self.map
            .remove(key)
            .map(Dynamic::flatten)
            .filter(|value| !value.is_unit())
    }

    fn wrong(&self, key: &str, expected: &str, got: &Dynamic) -> Failure {
        Failure::usage(format!(
            "option `{key}` of `{}` must be {expected}",
            self.owner
        ))
        .detail(
            "got",
            format!("{} ({})", json::show(got, 80), json::type_in_words(got)),
        )
    }

    /// Text.
    pub fn text(&mut self, key: &'static str) -> Read<String> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        match value.read_lock::<ImmutableString>() {
            Some(text) => Ok(Some(text.to_string())),
            None => Err(self.wrong(key, "a string", &value)),
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Read<bool> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        value
            .as_bool()
            .map(Some)
            .map_err(|_| self.wrong(key, "true or false", &value))
    }

    /// A whole number within `range`.
    pub fn int(&mut self, key: &'static str, range: std::ops::RangeInclusive<i64>) -> Read<i64> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        match value.as_int() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (low, high) = range.into_inner();
                let expected = if high == i64::MAX {
                    format!("a whole number, at least {low}")
                } else {
                    format!("a whole number from {low} to {high}")
                };
                Err(self.wrong(key, &expected, &value))
            }
        }
    }

    /// A number, whole or not.
    pub fn number(&mut self, key: &'static str) -> Read<f64> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let number = value
            .as_float()
            .or_else(|_| value.as_int().map(|i| i as f64));
        number
            .map(Some)
            .map_err(|_| self.wrong(key, "a number", &value))
    }

    /// A duration, written as text.
    pub fn duration(&mut self, key: &'static str) -> Read<Duration> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        match value.read_lock::<ImmutableString>() {
            Some(text) => duration::parse(&text).map(Some).map_err(|error| {
                Failure::usage(format!("option `{key}` of `{}`: {error}", self.owner))
                    .hint(DurationError::HINT)
            }),
            None => Err(self
                .wrong(key, "a duration in quotes", &value)
                .hint(DurationError::HINT)),
        }
    }

    /// One string or a list of strings.
    pub fn texts(&mut self, key: &'static str) -> Read<Vec<String>> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        if let Some(text) = value.read_lock::<ImmutableString>() {
            return Ok(Some(vec![text.to_string()]));
        }
        let texts = value.read_lock::<rhai::Array>().and_then(|items| {
            let text = |item: &Dynamic| {
                Some(
                    item.flatten_clone()
                        .into_immutable_string()
                        .ok()?
                        .to_string(),
                )
            };
            items.iter().map(text).collect::<Option<Vec<_>>>()
        });
        texts
            .map(Some)
            .ok_or_else(|| self.wrong(key, "a string or a list of strings", &value))
    }

    /// A map.
    pub fn map(&mut self, key: &'static str) -> Read<Map> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let map = value.read_lock::<Map>().map(|map| map.clone());
        map.map(Some)
            .ok_or_else(|| self.wrong(key, "a map #{ … }", &value))
    }

    /// A value of a type of ours, if it is one; anything else is left for another question.
    pub fn of_type<T: Clone + Send + Sync + 'static>(&mut self, key: &'static str) -> Option<T> {
        let value = self.map.get(key)?.flatten_clone().try_cast::<T>()?;
        self.take(key);
        Some(value)
    }

    /// A closure.
    pub fn closure(&mut self, key: &'static str) -> Read<FnPtr> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let closure = value.read_lock::<FnPtr>().map(|f| f.clone());
        closure
            .map(Some)
            .ok_or_else(|| self.wrong(key, "a closure", &value))
    }

    /// Any JSON value.
    pub fn json(&mut self, key: &'static str) -> Read<serde_json::Value> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        json::to_json(&value, key)
            .map(Some)
            .map_err(|error| Failure::usage(format!("option `{key}` of `{}`: {error}", self.owner)))
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<(), Failure> {
        let Some(wrong) = self.map.keys().next() else {
            return Ok(());
        };
        let mut failure = Failure::usage(format!("`{}` has no option `{wrong}`", self.owner));
        failure.hint = suggest::hint(wrong, self.known.iter().copied());
        Err(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(entries: &[(&str, Dynamic)]) -> Options {
        let map = entries
            .iter()
            .map(|(k, v)| ((*k).into(), v.clone()))
            .collect();
        Options::new("http.get", map)
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_neighbour() {
        let mut o = options(&[("timout", "1s".into())]);
        assert_eq!(o.duration("timeout").unwrap(), None);
        let failure = o.finish().unwrap_err();
        assert_eq!(
            failure.render(),
            "`http.get` has no option `timout`\n  hint: did you mean `timeout`?"
        );
    }

    #[test]
    fn a_wrong_type_shows_what_was_given() {
        let failure = options(&[("timeout", 5_i64.into())])
            .duration("timeout")
            .unwrap_err();
        assert!(failure.render().starts_with(
            "option `timeout` of `http.get` must be a duration in quotes\n  got: 5 (an integer)"
        ));
        let failure = options(&[("n", 11_i64.into())])
            .int("n", 1..=10)
            .unwrap_err();
        assert!(failure.message.ends_with("a whole number from 1 to 10"));
    }

    #[test]
    fn unit_counts_as_not_given() {
        let mut o = options(&[("timeout", Dynamic::UNIT)]);
        assert_eq!(o.duration("timeout").unwrap(), None);
        o.finish().unwrap();
    }
}
