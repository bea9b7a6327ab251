//! What a text declares, as an editor lists it: scenarios, their phases, functions. As far as the text tells: a name that
//! is computed is shown as it is written.

use super::scope;
use super::text::Script;
use crate::source::check::Kind;
use std::ops::Range;

/// Something that a text declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: ItemKind,
    pub name: String,
    /// All of it.
    pub span: Range<usize>,
    /// The word it begins with.
    pub word: Range<usize>,
    /// The phases of a scenario.
    pub children: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    Scenario,
    Phase,
    Stack,
    Function,
    /// The file itself, if it is a script that runs from top to bottom.
    Script,
}

/// Everything a text declares, in its order.
pub fn outline(text: &str) -> Vec<Item> {
    let script = Script::new(text);
    let mut items: Vec<Item> = Vec::new();
    for at in 0..script.tokens.len() {
        let Some(item) = declared(&script, at) else {
            continue;
        };
        let parent = items.iter_mut().find(|known| {
            known.kind == ItemKind::Scenario
                && item.kind == ItemKind::Phase
                && known.span.contains(&item.span.start)
        });
        match parent {
            Some(parent) => parent.children.push(item),
            None => items.push(item),
        }
    }
    let declares = |item: &Item| matches!(item.kind, ItemKind::Scenario | ItemKind::Phase);
    if !items.iter().any(declares)
        && let Some(first) = first_statement(&script)
    {
        let word = script.tokens[first].span();
        items.insert(
            0,
            Item {
                kind: ItemKind::Script,
                name: "script".into(),
                span: word.start..text.len(),
                word,
                children: Vec::new(),
            },
        );
    }
    items
}

fn declared(script: &Script<'_>, at: usize) -> Option<Item> {
    if script
        .before(at)
        .is_some_and(|token| token.is(".") || token.is("::"))
    {
        return None;
    }
    let kind = match script.word(at) {
        "scenario" => ItemKind::Scenario,
        "phase" | "manual" => ItemKind::Phase,
        "stack" => ItemKind::Stack,
        "fn" => ItemKind::Function,
        _ => return None,
    };
    let word = script.get(at)?.span();
    if kind == ItemKind::Function {
        let functions = scope::functions(script);
        let name = functions.iter().map(|f| f.name).find(|name| *name > at)?;
        let open = script.closing(name + 1) + 1;
        let end = script
            .get(script.closing(open))
            .map_or(script.text.len(), |t| t.end());
        return Some(Item {
            kind,
            name: script.word(name).to_owned(),
            span: word.start..end,
            word: script.get(name)?.span(),
            children: Vec::new(),
        });
    }
    if !script.is(at + 1, "(") {
        return None;
    }
    let name = script.get(at + 2)?;
    let name = match name.kind {
        Kind::Text => name.text.trim_matches('"').to_owned(),
        Kind::Template => {
            let end = script.get(script.closing(at + 2))?.end();
            script.text[name.start..end].trim_matches('`').to_owned()
        }
        // A stack by name alone is one that runs, and anything else is no declaration.
        _ => return None,
    };
    if kind == ItemKind::Stack && !script.is(at + 3, ",") {
        return None;
    }
    let close = script.closing(at + 1);
    let end = script
        .get(close)
        .map_or(script.text.len(), |token| token.end());
    Some(Item {
        kind,
        name: if name.is_empty() { "…".into() } else { name },
        span: word.start..end,
        word,
        children: Vec::new(),
    })
}

/// The first statement that does something, in a text which is no module.
fn first_statement(script: &Script<'_>) -> Option<usize> {
    let mut at = 0;
    while at < script.tokens.len() {
        match script.word(at) {
            "private" => at += 1,
            "fn" => {
                let parameters = (at..script.tokens.len()).find(|at| script.is(*at, "("))?;
                at = script.closing(script.closing(parameters) + 1) + 1;
            }
            "import" | "const" | "export" => at = script.end(at) + 1,
            _ if script.is(at, ";") => at += 1,
            _ => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let items = outline(text);
        items
            .iter()
            .flat_map(|item| {
                let children = item.children.iter();
                let children = children.map(|child| format!("  {:?} {}", child.kind, child.name));
                std::iter::once(format!("{:?} {}", item.kind, item.name)).chain(children)
            })
            .collect()
    }

    #[test]
    fn scenarios_hold_their_phases() {
        let text = "fn help(a) { a }\nscenario(\"buys\", [phase(\"a\", || {}), phase(\"b\", || {})]);\nfor u in [1] { scenario(`as ${u}`, || {}) }";
        assert_eq!(
            names(text),
            [
                "Function help",
                "Scenario buys",
                "  Phase a",
                "  Phase b",
                "Scenario as ${u}"
            ]
        );
    }

    #[test]
    fn phases_beside_their_scenario_stand_beside_it() {
        let text = "scenario(\"s\");\nphase(\"a\", |state| {});";
        assert_eq!(names(text), ["Scenario s", "Phase a"]);
    }

    #[test]
    fn a_plain_script_is_one_thing_and_a_module_is_none() {
        assert_eq!(
            names("import \"x\" as x;\nassert x::y() == 1;"),
            ["Script script"]
        );
        assert_eq!(names("const A = 1;\nfn f() { 1 }"), ["Function f"]);
    }

    #[test]
    fn an_unfinished_text_has_an_outline_too() {
        for text in [
            "scenario(",
            "scenario(\"",
            "phase(\"a\", ",
            "fn",
            "fn f(",
            "fn f() {",
            "stack(\"a\"",
        ] {
            outline(text);
        }
        assert_eq!(names("scenario(\"s\", || {"), ["Scenario s"]);
    }
}
