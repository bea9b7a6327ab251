//! What works for us inside pages: one object `toolkit` in a world of its own, put there when a document is first asked.
//! Each of its functions takes one JSON value and gives one back, at once or as a promise.

/// Its parts, in the order in which they are evaluated. Each adds functions to the object `toolkit`.
const PARTS: &[&str] = &[
    include_str!("toolkit/base.js"),
    include_str!("toolkit/text.js"),
    include_str!("toolkit/tree.js"),
    include_str!("toolkit/visible.js"),
    include_str!("toolkit/roles.js"),
    include_str!("toolkit/states.js"),
    include_str!("toolkit/name.js"),
    include_str!("toolkit/css.js"),
    include_str!("toolkit/find.js"),
    include_str!("toolkit/explain.js"),
    include_str!("toolkit/propose.js"),
    include_str!("toolkit/poll.js"),
    include_str!("toolkit/rest.js"),
    include_str!("toolkit/hit.js"),
    include_str!("toolkit/guard.js"),
    include_str!("toolkit/fill.js"),
    include_str!("toolkit/prepare.js"),
    include_str!("toolkit/expect.js"),
    include_str!("toolkit/query.js"),
    include_str!("toolkit/aria.js"),
    include_str!("toolkit/aria_match.js"),
    include_str!("toolkit/snapshot.js"),
    include_str!("toolkit/picture.js"),
    include_str!("toolkit/accessibility.js"),
    include_str!("toolkit/toolkit.js"),
];

/// The world it lives in: pages see nothing of it, it sees their documents.
pub const SANDBOX: &str = "scenario";

/// What is answered where it is missing.
pub const MISSING: &str = "?";

/// Calls one of its functions; says so where it is missing.
pub const CALL: &str = "(name, args) => { const kit = globalThis.toolkit; if (!kit) return '?'; \
    const got = kit[name](JSON.parse(args)); const told = (value) => JSON.stringify(value === undefined ? null : value); \
    return got instanceof Promise ? got.then(told) : told(got); }";

/// Like [`CALL`], for functions that give back an element (or nothing) of the page.
pub const FIND: &str = "(name, args) => { const kit = globalThis.toolkit; return kit ? kit[name](JSON.parse(args)) : '?'; }";

/// Like [`CALL`], past the driver, where a world is known by a number that another one may have by now: only that of the frame
/// `at` answers.
pub const CALL_AT: &str = "(at, name, args) => { const kit = globalThis.toolkit; if (kit?.at !== at) return '?'; \
    const got = kit[name](JSON.parse(args)); const told = (value) => JSON.stringify(value === undefined ? null : value); \
    return got instanceof Promise ? got.then(told) : told(got); }";

/// Like [`CALL_AT`], where it is missing: puts it there first, unless the page went on and the world is that of another document.
pub fn equipping_at(is_main: bool) -> String {
    format!(
        "(at, name, args) => {{ if ((self === top) !== {is_main}) return '?'; {}\nglobalThis.toolkit.at = at;\n\
         return ({CALL_AT})(at, name, args); }}",
        equip()
    )
}

/// Puts it into every document from its beginning.
pub fn preload() -> String {
    format!("() => {{ {} }}", equip())
}

/// Like `call`, which is [`CALL`] or [`FIND`], where it is missing: puts it there first.
pub fn equipping(call: &str) -> String {
    format!(
        "(name, args) => {{ {}\nreturn ({call})(name, args); }}",
        equip()
    )
}

/// A function that runs `script` beside a toolkit of its own, of which it can use every part.
pub fn beside(script: &str) -> String {
    let parts = PARTS.join("\n");
    format!("() => {{ const toolkit = {{}}; {parts}\n{script}\n}}")
}

fn equip() -> String {
    let parts = PARTS.join("\n");
    format!(
        "if (!globalThis.toolkit) {{ const toolkit = {{}}; {parts}\nglobalThis.toolkit = toolkit; }}"
    )
}
