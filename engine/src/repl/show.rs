//! A value as a person wants to read it. Pure: the same value and the same columns give the same text.

use super::pretty;
use super::response;
use super::table;
use crate::report::{Palette, clean};
use rhai::{Dynamic, Engine};
use scenario_stdlib::host::failure::{Failure, Kind};
use scenario_stdlib::host::json;
use scenario_stdlib::host::world::World;
use scenario_stdlib::http;
use std::sync::Arc;

/// How things are shown.
#[derive(Clone)]
pub struct Look {
    pub palette: Palette,
    pub columns: usize,
    /// The most lines of one value.
    pub lines: usize,
    /// Knows what must not be shown.
    pub world: Arc<World>,
}

impl Look {
    /// `text` without secrets.
    pub fn masked(&self, text: &str) -> String {
        self.world.masker.mask(text).into_owned()
    }
}

/// A value; nothing for `()`.
pub fn value(value: &Dynamic, engine: &Engine, look: &Look) -> Option<String> {
    let value = &value.flatten_clone();
    if value.is_unit() {
        return None;
    }
    if let Some(news) = value.read_lock::<Failure>() {
        return Some(failure(&news, look));
    }
    if let Some(answer) = http::response_of(value) {
        return Some(cut(response::show(&answer, look), look));
    }
    let text = match json::to_json(value, "value") {
        Ok(json) => table::show(&json, look).unwrap_or_else(|| pretty::json(&json, look)),
        Err(_) => mixed(value, engine, look),
    };
    Some(cut(text, look))
}

/// What is not JSON through and through: each part in its own words.
fn mixed(value: &Dynamic, engine: &Engine, look: &Look) -> String {
    let part = |value: &Dynamic| match json::to_json(value, "value") {
        Ok(json) => pretty::compact(&json, look),
        Err(_) => words(value, engine),
    };
    if let Some(map) = value.read_lock::<rhai::Map>() {
        let lines = map.iter().map(|(key, value)| {
            let key = look.palette.note(clean::name(key));
            format!("  {key}: {}\n", part(value))
        });
        return format!("#{{\n{}}}", lines.collect::<String>());
    }
    if let Some(list) = value.read_lock::<rhai::Array>() {
        let lines = list.iter().map(|value| format!("  {}\n", part(value)));
        return format!("[\n{}]", lines.collect::<String>());
    }
    words(value, engine)
}

/// A host value as it tells itself, else its type.
pub fn words(value: &Dynamic, engine: &Engine) -> String {
    if value.is_fnptr() {
        return "a closure".into();
    }
    let told = engine.eval_fn_call::<rhai::ImmutableString>("to_string", None, (value.clone(),));
    match told {
        Ok(text) if !text.contains("::") => clean::block(&text, clean::BLOCK),
        _ => super::known::word(value, engine),
    }
}

/// A value in one line of at most `columns`, for lists.
pub fn line(value: &Dynamic, engine: &Engine, columns: usize) -> String {
    let value = &value.flatten_clone();
    let text = if let Some(answer) = http::response_of(value) {
        format!("{} {}", answer.status, answer.url)
    } else {
        match json::to_json(value, "value") {
            Ok(serde_json::Value::Null) => "()".into(),
            Ok(json) => json.to_string(),
            Err(_) => words(value, engine),
        }
    };
    clean::short(&text, columns.max(10))
}

/// Bad news with its place.
pub fn failure(news: &Failure, look: &Look) -> String {
    let text = clean::failure(news, look.columns.saturating_sub(8).max(20));
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let word = match news.kind {
        Kind::Failure => look.palette.bad("failed"),
        Kind::Fault => look.palette.fault("fault"),
        Kind::Usage => look.palette.bad("error"),
    };
    let mut out = format!("{word}: {}", look.palette.strong(first));
    for line in rest.lines() {
        out.push('\n');
        out.push_str(&frame(line, look));
    }
    out
}

/// A line of a frame, its gutter dim and its carets red.
fn frame(line: &str, look: &Look) -> String {
    let Some((gutter, rest)) = line.split_once('|') else {
        return match line.trim_start().strip_prefix("--> ") {
            Some(_) => look.palette.dim(line),
            None if line.trim_start().starts_with("hint: ") => look.palette.note(line),
            None => line.to_owned(),
        };
    };
    let is_gutter = gutter.chars().all(|c| c == ' ' || c.is_ascii_digit());
    if !is_gutter {
        return line.to_owned();
    }
    let gutter = look.palette.dim(format!("{gutter}|"));
    if rest.trim_start().starts_with('^') {
        return format!("{gutter}{}", look.palette.red(rest));
    }
    format!("{gutter}{rest}")
}

/// No more lines than anybody reads.
fn cut(text: String, look: &Look) -> String {
    let left = text.lines().count().saturating_sub(look.lines);
    if left == 0 {
        return text;
    }
    let lines: Vec<&str> = text.lines().take(look.lines).collect();
    let more = look.palette.dim(format!("… {left} more lines"));
    format!("{}\n{more}", lines.join("\n"))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use rhai::Map;

    /// Nothing configured, no colours.
    pub fn look(columns: usize) -> Look {
        Look {
            palette: Palette::new(false),
            columns,
            lines: 40,
            world: Arc::new(World::default()),
        }
    }

    fn shown(script: &str, columns: usize) -> String {
        let engine = Engine::new();
        let result: Dynamic = engine.eval(script).unwrap();
        value(&result, &engine, &look(columns)).unwrap_or_default()
    }

    #[test]
    fn values_are_told_as_json_in_as_many_lines_as_they_need() {
        assert_eq!(shown("1 + 1", 80), "2");
        assert_eq!(shown("()", 80), "");
        assert_eq!(shown("\"a\\nb\"", 80), "\"a\\nb\"");
        assert_eq!(
            shown("#{ a: 1, b: [true, ()] }", 80),
            "{ \"a\": 1, \"b\": [true, null] }"
        );
        assert_eq!(
            shown(
                "#{ name: \"Ada Lovelace\", roles: [\"admin\", \"author\"] }",
                40
            ),
            "{\n  \"name\": \"Ada Lovelace\",\n  \"roles\": [\"admin\", \"author\"]\n}"
        );
    }

    #[test]
    fn a_list_of_maps_is_a_table_where_it_fits() {
        let list = "[#{ id: 1, name: \"Ada\" }, #{ id: 20, name: \"Grace\", on: true }]";
        assert_eq!(shown(list, 80), "id  name   on\n 1  Ada\n20  Grace  true");
        assert!(shown("[#{ id: 1, text: #{ a: [1, 2] } }]", 80).starts_with('['));
    }

    #[test]
    fn what_is_no_json_is_told_in_its_own_words() {
        assert_eq!(shown("|x| x", 80), "a closure");
        assert_eq!(
            shown("#{ f: |x| x, n: 1 }", 80),
            "#{\n  f: a closure\n  n: 1\n}"
        );
    }

    #[test]
    fn too_much_is_cut() {
        let text = shown(
            "let l = []; for i in 0..100 { l.push([\"xxxxxxxxxxxxxxxxxxxx\", i]); } l",
            30,
        );
        assert!(text.ends_with("more lines"), "{text}");
        assert_eq!(text.lines().count(), 41);
    }

    #[test]
    fn host_text_cannot_move_the_cursor() {
        let engine = Engine::new();
        let mut map = Map::new();
        map.insert("a\u{1b}[2J".into(), "\u{1b}[31mred".into());
        let text = value(&map.into(), &engine, &look(80)).unwrap();
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}
