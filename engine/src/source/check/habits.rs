//! What people who come from other languages write, and what to write here. Pure data.

/// Unknown variables with a known meaning elsewhere.
const VARIABLES: &[(&str, &str)] = &[
    ("None", "nothing is `()`"),
    ("NULL", "nothing is `()`"),
    ("undefined", "nothing is `()`"),
    ("True", "write `true`"),
    ("False", "write `false`"),
    ("pass", "leave the block empty: `{ }`"),
    ("self", "the receiver of a method is `this`"),
    ("console", "write `log(…)`"),
    (
        "JSON",
        "`parse_json(text)` reads JSON, `value.to_json()` writes it",
    ),
    ("Math", "numbers have methods: `x.floor()`, `x.sqrt()`"),
];

/// Unknown functions with a known meaning elsewhere.
const FUNCTIONS: &[(&str, &str)] = &[
    ("require", "write `import \"path\" as name;`"),
    ("fetch", "write `http.get(url)`"),
    (
        "setTimeout",
        "write `sleep(\"1s\")`, or better `wait_until(|| …)`",
    ),
    ("assert_eq", "write `assert a == b`"),
    ("assert_ne", "write `assert a != b`"),
    ("assertEquals", "write `assert a == b`"),
    ("assertTrue", "write `assert a`"),
    ("describe", "write `scenario(\"name\", || { … })`"),
    ("test", "write `scenario(\"name\", || { … })`"),
    ("it", "write `step(\"name\", || { … })`"),
    ("typeof", "write `type_of(x)`"),
    ("println", "write `log(…)`"),
    (
        "printf",
        "write `log(…)` with a string in back-ticks: `` `${x}` ``",
    ),
    ("format", "write a string in back-ticks: `` `${x}` ``"),
    ("str", "write `x.to_string()`"),
    ("String", "write `x.to_string()`"),
    ("int", "write `parse_int(text)` or `x.to_int()`"),
    ("float", "write `parse_float(text)` or `x.to_float()`"),
];

/// Unknown methods with a known meaning elsewhere.
const METHODS: &[(&str, &str)] = &[
    ("length", "write `x.len()`"),
    ("includes", "write `x.contains(y)` or `y in x`"),
    ("forEach", "write `for item in list { … }`"),
    ("strip", "write `text.trim()`"),
    ("lower", "write `text.to_lower()`"),
    ("upper", "write `text.to_upper()`"),
    ("concat", "write `a + b`"),
    ("goto", "a page is opened with `page.visit(url)`"),
    ("replaceAll", "write `text.replace(old, new)`"),
    ("toUpperCase", "write `text.to_upper()`"),
    ("toLowerCase", "write `text.to_lower()`"),
    ("toString", "write `x.to_string()`"),
];

/// Words a script does not parse with.
const WORDS: &[(&str, &str)] = &[
    ("and", "write `a && b`"),
    ("or", "write `a || b`"),
    ("not", "write `!a`"),
    ("elif", "write `else if`"),
    ("def", "write `fn name(a, b) { … }`"),
    ("func", "write `fn name(a, b) { … }`"),
    (
        "function",
        "write `fn name(a, b) { … }`, or `|a, b| { … }` for a closure",
    ),
    ("lambda", "write `|x| …`"),
    ("async", "scripts wait by themselves: leave it out"),
    ("await", "scripts wait by themselves: leave it out"),
    ("null", "nothing is `()`"),
    ("nil", "nothing is `()`"),
    ("void", "nothing is `()`"),
    ("var", "declare with `let` or `const`"),
    (
        "new",
        "there are no classes: make a map, as in `#{ a: 1 }`; `throw \"why\"` throws",
    ),
    ("match", "write `switch x { 1 => …, _ => … }`"),
    ("case", "write `switch x { 1 => …, _ => … }`"),
    ("is", "compare with `==`, ask for a type with `type_of(x)`"),
    ("instanceof", "ask for a type with `type_of(x)`"),
    ("typeof", "write `type_of(x)`"),
    ("type_of", "write `type_of(x)`"),
    ("print", "write `print(x)`, or `log(x)`"),
    ("raise", "write `throw \"why\"`, or `fail(\"why\")`"),
    ("except", "write `try { … } catch (error) { … }`"),
    ("unless", "write `if !x { … }`"),
    ("delete", "write `map.remove(\"key\")`"),
    ("del", "write `map.remove(\"key\")`"),
    ("of", "write `for x in list { … }`"),
    (
        "spawn",
        "`parallel([|| …])` runs closures side by side, `spawn_service` starts processes",
    ),
    ("goto", "a page is opened with `page.visit(url)`"),
];

/// Symbols a script does not parse with.
const SYMBOLS: &[(&str, &str)] = &[
    (
        "===",
        "write `==`: values of different types are never equal",
    ),
    ("!==", "write `!=`"),
    ("=>", "a closure is written `|x| …`"),
    (
        "->",
        "functions and closures declare no types; `switch` has `=>`",
    ),
    (":=", "declare with `let x = 1`"),
    ("++", "write `x += 1`"),
    ("--", "write `x -= 1`"),
    ("?", "write `if a { b } else { c }`"),
    ("...", "list the values one by one, or pass the list"),
    ("#", "comments begin with `//`"),
    (
        "@",
        "there are no decorators: options stand in a map, `#{ … }`",
    ),
    ("$", "only `${…}` in a string in back-ticks inserts a value"),
    ("~", "bits are flipped with `x ^ -1`"),
];

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let (_, hint) = table.iter().find(|(word, _)| *word == name)?;
    Some(hint)
}

pub(super) fn variable(name: &str) -> Option<&'static str> {
    find(VARIABLES, name)
}

pub(super) fn function(name: &str) -> Option<&'static str> {
    find(FUNCTIONS, name)
}

pub(super) fn method(name: &str) -> Option<&'static str> {
    find(METHODS, name)
}

pub(super) fn word(name: &str) -> Option<&'static str> {
    find(WORDS, name)
}

pub(super) fn symbol(text: &str) -> Option<&'static str> {
    find(SYMBOLS, text)
}
