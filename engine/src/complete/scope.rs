//! Which names of the text are visible at a place. Works on tokens: blocks end with their brackets.

use super::around::{Call, call_around};
use super::text::Script;
use std::ops::Range;

/// A name declared in the text.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// The index of its token.
    pub name: usize,
    pub what: What,
}

/// How a name was declared.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// `let` or `const`, with the tokens of its value.
    Value(Range<usize>),
    /// A parameter, its number, and the call that its closure is given to.
    Parameter(usize, Option<Call>),
    /// What a loop or a `catch` gives.
    Given,
    /// The alias of an import, with the path if it is written out.
    Module(Option<String>),
    Function(Function),
}

/// A function of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub name: usize,
    pub parameters: Vec<usize>,
    pub is_private: bool,
}

/// A stretch between brackets.
struct Block {
    /// How many names there were before.
    from: usize,
    /// It is the body of a function, which sees nothing around it.
    is_function: bool,
}

/// Every name the token at `at` may use, the innermost last; imports and functions are visible everywhere.
pub(super) fn visible(script: &Script<'_>, at: usize) -> Vec<Binding> {
    let mut names: Vec<Binding> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut pending: Vec<Binding> = Vec::new();
    let mut pending_function = false;
    for index in 0..at.min(script.tokens.len()) {
        let token = &script.tokens[index];
        let nesting = token.nesting();
        let goes_on = token.text.starts_with('}') && token.text.ends_with("${");
        if (nesting < 0 || goes_on)
            && let Some(block) = blocks.pop()
        {
            names.truncate(block.from);
        }
        if nesting > 0 || goes_on {
            let is_body = token.is("{");
            blocks.push(Block {
                from: names.len(),
                is_function: is_body && std::mem::take(&mut pending_function),
            });
            if is_body {
                names.append(&mut pending);
            }
        }
        if script.opens_closure(index) {
            let bindings = closure(script, index);
            let close = index + 1 + 2 * bindings.len();
            let has_block = token.is("|") && script.is(close.max(index + 2), "{");
            if has_block {
                pending = bindings;
            } else {
                names.extend(bindings);
            }
            continue;
        }
        match script.word(index) {
            "let" | "const" => names.extend(declared(script, index, at)),
            "for" => pending = given(script, index, "in"),
            "catch" => pending = given(script, index, "{"),
            "import" => names.extend(imported(script, index)),
            "fn" => {
                if let Some(function) = function(script, index) {
                    pending = parameters(&function);
                    pending_function = true;
                }
            }
            _ => {}
        }
    }
    let inside = blocks.iter().rev().find(|block| block.is_function);
    if let Some(function) = inside {
        let mut index = 0;
        names.retain(|name| {
            index += 1;
            index > function.from || matches!(name.what, What::Module(_))
        });
    }
    let mut all: Vec<Binding> = functions(script)
        .into_iter()
        .map(|function| Binding {
            name: function.name,
            what: What::Function(function),
        })
        .collect();
    all.extend(names);
    all
}

/// The name as the token at `at` sees it.
pub(super) fn find(script: &Script<'_>, name: &str, at: usize) -> Option<Binding> {
    let all = visible(script, at).into_iter().rev();
    all.into_iter()
        .find(|binding| script.word(binding.name) == name)
}

/// Every `fn` of the text.
pub(super) fn functions(script: &Script<'_>) -> Vec<Function> {
    let all = 0..script.tokens.len();
    all.filter(|at| script.word(*at) == "fn")
        .filter_map(|at| function(script, at))
        .collect()
}

fn function(script: &Script<'_>, at: usize) -> Option<Function> {
    let mut name = at + 1;
    if script.is(name + 1, ".") {
        name += 2;
    }
    if !script.is_word(name) || !script.is(name + 1, "(") {
        return None;
    }
    let close = script.closing(name + 1);
    Some(Function {
        name,
        parameters: (name + 2..close).filter(|at| script.is_word(*at)).collect(),
        is_private: at > 0 && script.word(at - 1) == "private",
    })
}

fn parameters(function: &Function) -> Vec<Binding> {
    let parameters = function.parameters.iter().enumerate();
    parameters
        .map(|(number, name)| Binding {
            name: *name,
            what: What::Parameter(number, None),
        })
        .collect()
}

/// The parameters of the closure whose `|` is at `at`.
fn closure(script: &Script<'_>, at: usize) -> Vec<Binding> {
    if script.is(at, "||") {
        return Vec::new();
    }
    let call = call_around(script, at);
    let mut found = Vec::new();
    let mut index = at + 1;
    while script.is_word(index) {
        found.push(Binding {
            name: index,
            what: What::Parameter(found.len(), call),
        });
        if !script.is(index + 1, ",") {
            break;
        }
        index += 2;
    }
    found
}

/// `let name = value;`, unless the place is within the value: a variable is not visible there.
fn declared(script: &Script<'_>, at: usize, place: usize) -> Option<Binding> {
    if !script.is_word(at + 1) {
        return None;
    }
    let value = if script.is(at + 2, "=") {
        at + 3..script.end(at + 3)
    } else {
        at + 2..at + 2
    };
    (value.end < place || value.is_empty()).then_some(Binding {
        name: at + 1,
        what: What::Value(value),
    })
}

/// The words between `at` and a word or symbol that ends the declaration.
fn given(script: &Script<'_>, at: usize, end: &str) -> Vec<Binding> {
    let ahead = at + 1..script.tokens.len().min(at + 7);
    ahead
        .take_while(|index| script.tokens[*index].text != end)
        .filter(|index| script.is_word(*index))
        .map(|name| Binding {
            name,
            what: What::Given,
        })
        .collect()
}

/// `import "path" as name`.
fn imported(script: &Script<'_>, at: usize) -> Option<Binding> {
    let end = script.end(at + 1);
    let word = (at + 1..end).find(|index| script.word(*index) == "as")?;
    let is_plain = word == at + 2;
    script.is_word(word + 1).then(|| Binding {
        name: word + 1,
        what: What::Module(
            script
                .quoted(at + 1)
                .filter(|_| is_plain)
                .map(str::to_owned),
        ),
    })
}
