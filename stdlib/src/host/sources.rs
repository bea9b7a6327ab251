//! The text of every script loaded, so that an error can draw its line.

use super::location::Location;
use rhai::Position;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// Script texts by the name their AST carries. Cheap to clone; clones share.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    inner: Arc<RwLock<HashMap<String, Arc<str>>>>,
}

impl Sources {
    /// Remembers the text of `file`.
    pub fn add(&self, file: &str, text: impl Into<Arc<str>>) {
        let mut inner = self.inner.write().unwrap_or_else(|e| e.into_inner());
        inner.insert(file.to_owned(), text.into());
    }

    /// The text of `file`, if it was loaded.
    pub fn get(&self, file: &str) -> Option<Arc<str>> {
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        inner.get(file).cloned()
    }

    /// Whether any text is such.
    pub fn any(&self, mut is_such: impl FnMut(&str) -> bool) -> bool {
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        inner.values().any(|text| is_such(text))
    }

    /// The text from `place` on, as much of it as a call may take.
    pub fn behind(&self, place: &Location) -> Option<String> {
        const REACH: usize = 4096;
        let text = self.get(&place.file)?;
        let mut lines = text
            .split_inclusive('\n')
            .skip((place.line as usize).checked_sub(1)?);
        let first = lines
            .next()?
            .chars()
            .skip((place.column as usize).checked_sub(1)?);
        Some(
            first
                .chain(lines.flat_map(str::chars))
                .take(REACH)
                .collect(),
        )
    }

    /// A line as a place that can be drawn: `site` is `file:line`, as steps are told.
    pub fn line(&self, site: &str) -> Option<Location> {
        let (file, line) = site.rsplit_once(':')?;
        let line: u32 = line.parse().ok()?;
        let source = self.get(file)?;
        let text = source.lines().nth(line.checked_sub(1)? as usize)?;
        let indent = text.chars().take_while(|c| c.is_whitespace()).count() as u32;
        let width = text.trim().chars().count() as u32;
        Some(Location::in_source(file, &source, line, indent + 1).with_width(width))
    }

    /// A Rhai position as a place that can be drawn; `None` when Rhai does not know it.
    pub fn locate(&self, file: Option<&str>, position: Position) -> Option<Location> {
        let file = file?;
        let line = position.line()? as u32;
        let column = position.position().unwrap_or(1).max(1) as u32;
        let text = self.get(file).unwrap_or_else(|| "".into());
        Some(Location::in_source(file, &text, line, column))
    }
}
