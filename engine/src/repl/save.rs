//! A scenario of what worked at the prompt. Pure: statements go in, the text of a file comes out.

use super::script::{constants, is_block, moved, name_of, split};
use super::session::Done;
use crate::source::check::{Kind, Token, tokens};
use crate::source::prompt::Sort;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is to be written.
pub struct Work<'a> {
    /// The file, relative to the project.
    pub file: &'a str,
    pub done: &'a [Done],
    /// The file whose functions were there, relative to the project, and its text.
    pub base: Option<&'a str>,
    pub base_text: &'a str,
    /// What imports at the prompt are relative to.
    pub folder: &'a str,
    /// Whether an import that stands in a folder leads to a file beside it, and not into a folder of modules.
    pub is_beside: &'a dyn Fn(&str, &str) -> bool,
}

/// What was written.
pub struct Written {
    pub text: String,
    pub statements: usize,
    pub phases: usize,
    /// What a person should know about it.
    pub remarks: Vec<String>,
}

/// The phase of statements that were given none.
const FIRST: &str = "run";

impl Work<'_> {
    fn moved(&self, definition: &str, folder: &str) -> String {
        let is_beside = |path: &str| (self.is_beside)(folder, path);
        moved(definition, folder, self.file, &is_beside)
    }
}

/// Writes the scenario.
pub fn write(work: &Work<'_>) -> Written {
    let mut top = Vec::new();
    let mut phases: Vec<(String, Vec<String>)> = Vec::new();
    let mut statements = 0;
    for done in work.done {
        let (definitions, rest) = split(&done.text);
        top.extend(
            definitions
                .into_iter()
                .map(|one| work.moved(&one, work.folder)),
        );
        let Some(line) = line(done, &rest) else {
            continue;
        };
        statements += usize::from(!line.starts_with("//"));
        let name = done.phase.as_deref().unwrap_or(FIRST);
        match phases.iter_mut().find(|(known, _)| known == name) {
            Some((_, lines)) => lines.push(line),
            None => phases.push((name.to_owned(), vec![line])),
        }
    }
    if phases.is_empty() {
        phases.push((FIRST.to_owned(), Vec::new()));
    }
    let crossing = crossing(&phases);
    for (_, lines) in &mut phases {
        for line in lines {
            *line = on_state(line, &crossing);
        }
    }
    let used = used_of_base(work, &top, &phases);
    let mut text = String::from("// Written by `scenario repl`.\n");
    let imports = |text: &&String| text.starts_with("import");
    let all: Vec<String> = dedup(used.into_iter().chain(top));
    for import in all.iter().filter(imports) {
        text.push_str(&format!("{import}\n"));
    }
    // Before the phases, which take them in as they are then.
    let constants = |text: &&String| text.starts_with("const");
    for constant in all.iter().filter(constants) {
        text.push_str(&format!("{constant}\n"));
    }
    text.push_str(&format!("\nscenario(\"{}\");\n", title(work.file)));
    for (name, lines) in &phases {
        text.push_str(&format!("\nphase({}, |state| {{\n", quoted(name)));
        for line in lines {
            text.push_str(&indent(line));
            text.push('\n');
        }
        text.push_str("});\n");
    }
    for definition in all.iter().filter(|text| !imports(text) && !constants(text)) {
        text.push_str(&format!("\n{definition}\n"));
    }
    let mut remarks = Vec::new();
    if !crossing.is_empty() {
        let names: Vec<&str> = crossing.iter().map(String::as_str).collect();
        remarks.push(format!(
            "what crosses from phase to phase is on the state now: {}",
            names.join(", ")
        ));
    }
    Written {
        text,
        statements,
        phases: phases.len(),
        remarks,
    }
}

/// A statement as it is written in a phase; nothing of what is only defined.
fn line(done: &Done, rest: &str) -> Option<String> {
    let text = rest.trim().trim_end_matches(';').trim();
    if text.is_empty() {
        return None;
    }
    let one_line = !text.contains('\n');
    Some(match done.sort {
        Sort::Definition => return None,
        Sort::Comparison if done.value == Some(true.into()) => format!("assert {text};"),
        Sort::Comparison | Sort::Look if one_line && names_something(text) => {
            let value = done.value.as_ref()?.to_string();
            let short: String = value.chars().take(60).collect();
            format!("// {text} is {short}")
        }
        Sort::Comparison | Sort::Look => return None,
        Sort::Action if is_block(text) => text.to_owned(),
        Sort::Action => format!("{text};"),
    })
}

/// Whether a look is at something that has a name.
fn names_something(text: &str) -> bool {
    tokens(text)
        .first()
        .is_some_and(|token| token.kind == Kind::Word)
}

/// Names that are declared in one phase and used in a later one.
fn crossing(phases: &[(String, Vec<String>)]) -> BTreeSet<String> {
    let mut declared: BTreeMap<String, usize> = BTreeMap::new();
    let mut crossing = BTreeSet::new();
    for (index, (_, lines)) in phases.iter().enumerate() {
        let all: Vec<Vec<Token<'_>>> = lines.iter().map(|line| tokens(line)).collect();
        for (name, by) in &declared {
            let is_used = all
                .iter()
                .any(|line| (0..line.len()).any(|at| names(line, at, name)));
            let is_own = all.iter().any(|line| declares(line, name));
            if *by < index && is_used && !is_own {
                crossing.insert(name.clone());
            }
        }
        for line in &all {
            for pair in line.windows(2) {
                if pair[0].is_word("let") || pair[0].is_word("const") {
                    declared.entry(pair[1].text.to_owned()).or_insert(index);
                }
            }
        }
    }
    crossing
}

fn declares(line: &[Token<'_>], name: &str) -> bool {
    let mut pairs = line.windows(2);
    pairs.any(|pair| (pair[0].is_word("let") || pair[0].is_word("const")) && pair[1].is_word(name))
}

/// Whether the token at `at` names this variable: no property, no key of a map.
fn names(line: &[Token<'_>], at: usize, name: &str) -> bool {
    let token = &line[at];
    let before = at.checked_sub(1).map(|at| &line[at]);
    let is_part = before.is_some_and(|token| token.is(".") || token.is("?.") || token.is("::"));
    let is_key = line.get(at + 1).is_some_and(|next| next.is(":"))
        && before.is_some_and(|token| token.is("#{") || token.is(","));
    token.is_word(name) && !is_part && !is_key
}

/// `line` with these variables on the state.
fn on_state(line: &str, crossing: &BTreeSet<String>) -> String {
    if crossing.is_empty() || line.starts_with("//") {
        return line.to_owned();
    }
    let all = tokens(line);
    let mut out = String::new();
    let mut from = 0;
    for at in 0..all.len() {
        let token = &all[at];
        let is_let = token.is_word("let") || token.is_word("const");
        if is_let
            && all
                .get(at + 1)
                .is_some_and(|next| crossing.contains(next.text))
        {
            out.push_str(&line[from..token.start]);
            from = all[at + 1].start;
        } else if crossing.iter().any(|name| names(&all, at, name)) {
            out.push_str(&line[from..token.start]);
            out.push_str("state.");
            from = token.start;
        }
    }
    out.push_str(&line[from..]);
    out
}

/// What the statements use of the file that was open, so that the new file stands alone.
fn used_of_base(work: &Work<'_>, top: &[String], phases: &[(String, Vec<String>)]) -> Vec<String> {
    let Some(base) = work.base else {
        return Vec::new();
    };
    let folder = Path::new(base).parent().unwrap_or(Path::new(""));
    let folder = folder.to_string_lossy();
    let (mut offered, rest) = split(work.base_text);
    offered.extend(constants(&rest));
    let lines = phases.iter().flat_map(|(_, lines)| lines);
    let mut words: BTreeSet<String> = BTreeSet::new();
    let mut look = |text: &str| {
        let all = tokens(text);
        words.extend(
            all.iter()
                .filter(|one| one.kind == Kind::Word)
                .map(|one| one.text.to_owned()),
        );
        words.clone()
    };
    let mut known = BTreeSet::new();
    for text in top.iter().chain(lines) {
        known = look(text);
    }
    let mut used: Vec<String> = Vec::new();
    loop {
        let next = offered.iter().find(|text| {
            !used.contains(text) && name_of(text).is_some_and(|name| known.contains(&name))
        });
        let Some(next) = next.cloned() else {
            let moved = used.iter().map(|text| work.moved(text, &folder));
            return moved.collect();
        };
        known = look(&next);
        used.push(next);
    }
}

fn dedup(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in all {
        // A function defined anew takes the place of the former.
        if let (Some(name), false) = (name_of(&text), text.starts_with("import")) {
            kept.retain(|known| {
                known.starts_with("import") || name_of(known).as_ref() != Some(&name)
            });
        }
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// `scenarios/log_in.rhai` is `log in`.
fn title(file: &str) -> String {
    let stem = Path::new(file)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    stem.replace(['_', '-', '"', '\\'], " ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Indented, unless a string goes over several lines.
fn indent(text: &str) -> String {
    let is_text = |token: &Token<'_>| token.text.contains('\n');
    if tokens(text).iter().any(is_text) {
        return format!("    {text}");
    }
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str, sort: Sort, phase: Option<&str>, value: Option<serde_json::Value>) -> Done {
        Done {
            text: text.into(),
            sort,
            value,
            phase: phase.map(str::to_owned),
        }
    }

    fn written(all: &[Done]) -> String {
        let work = Work {
            file: "scenarios/new_one.rhai",
            done: all,
            base: None,
            base_text: "",
            folder: "",
            is_beside: &|_, _| true,
        };
        write(&work).text
    }

    #[test]
    fn comparisons_become_claims_and_looks_become_comments() {
        let all = [
            done("let res = http.get(\"/health\")", Sort::Action, None, None),
            done("res.status", Sort::Look, None, Some(200.into())),
            done(
                "res.status == 200",
                Sort::Comparison,
                None,
                Some(true.into()),
            ),
            done(
                "res.ok == false",
                Sort::Comparison,
                None,
                Some(false.into()),
            ),
        ];
        insta::assert_snapshot!(written(&all));
    }

    #[test]
    fn what_crosses_phases_goes_on_the_state() {
        let all = [
            done(
                "let id = http.post(\"/tasks\").json.id;",
                Sort::Action,
                Some("prepare"),
                None,
            ),
            done("let once = id", Sort::Action, Some("prepare"), None),
            done(
                "http.get(`/tasks/${id}`, #{ query: #{ id: id } })",
                Sort::Action,
                Some("validate"),
                None,
            ),
        ];
        insta::assert_snapshot!(written(&all));
    }

    #[test]
    fn functions_and_imports_stand_at_the_top_level() {
        let all = [
            done(
                "import \"stacks/shop\" as shop;",
                Sort::Definition,
                None,
                None,
            ),
            done("fn double(x) { x * 2 }", Sort::Definition, None, None),
            done(
                "fn double(x) { x + x }\nlet four = double(2);",
                Sort::Action,
                None,
                None,
            ),
        ];
        insta::assert_snapshot!(written(&all));
    }

    #[test]
    fn the_file_that_was_open_gives_what_is_used_of_it() {
        let all = [done("let app = start()", Sort::Action, None, None)];
        let work = Work {
            file: "scenarios/new.rhai",
            done: &all,
            base: Some("scenarios/stacks/shop.rhai"),
            base_text: "import \"std/postgres\" as pg;\nimport \"parts\" as parts;\nconst PORT = 80;\nfn start() { parts::up(PORT) }\nfn other() { 1 }\n",
            folder: "scenarios/stacks",
            is_beside: &|_, path| path == "parts",
        };
        insta::assert_snapshot!(write(&work).text);
    }
}
