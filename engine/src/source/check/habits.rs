//! What people who come from other languages write, and what to write here. Pure data.

/// Unknown variables with a known meaning elsewhere.
const VARIABLES: &[(&str, &str)] = &[
    ("None", "nothing is `()`"),
    ("NULL", "nothing is `()`"),
    ("undefined", "nothing is `()`"),
    ("True", "write `true`"),
    ("False", "write `false`"),
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
];

fn find(table: &[(&str, &'static str)], name: &str) -> Option<String> {
    let (_, hint) = table.iter().find(|(word, _)| *word == name)?;
    Some((*hint).to_owned())
}

pub(super) fn variable(name: &str) -> Option<String> {
    find(VARIABLES, name)
}

pub(super) fn function(name: &str) -> Option<String> {
    find(FUNCTIONS, name)
}

pub(super) fn method(name: &str) -> Option<String> {
    find(METHODS, name)
}
