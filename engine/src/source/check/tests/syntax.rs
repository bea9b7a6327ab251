//! Scripts that do not parse.

use super::engine;
use crate::source::check::explain_parse_error;
use scenario_stdlib::host::failure::Failure;

fn explained(source: &str) -> Failure {
    let error = engine().compile(source).expect_err(source);
    explain_parse_error(source, &error, "s.rhai")
}

/// `line:column message | hint`.
fn short(source: &str) -> String {
    let failure = explained(source);
    let at = failure.location.unwrap();
    let hint = failure.hint.map(|hint| format!(" | {hint}"));
    format!(
        "{}:{} {}{}",
        at.line,
        at.column,
        failure.message,
        hint.unwrap_or_default()
    )
}

fn all(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(short(source), *expected, "{source}");
    }
}

#[test]
fn a_parse_error_is_drawn_like_any_other() {
    assert_eq!(
        explained("let res = 1;\nassert(res === 1, \"m\");").render(),
        "`===` has no meaning here\n  --> s.rhai:2:12\n   |\n 2 | assert(res === 1, \"m\");\n   |            ^^^\n  hint: write `==`: values of different types are never equal"
    );
}

#[test]
fn what_is_missing_is_missing_behind_the_line_before() {
    let semicolon = "a `;` is missing | statements end with `;`";
    all(&[
        ("let a = 1\nlet b = 2;", &format!("1:10 {semicolon}")),
        (
            "let a = b\n  .c()\n  .d()\nlet e = 1;",
            &format!("3:7 {semicolon}"),
        ),
        ("let a = `x\ny`\nlet e = 1;", &format!("2:3 {semicolon}")),
        ("a = 1 b = 2", &format!("1:7 {semicolon}")),
        ("foo(1 2);", "1:7 a `,` is missing"),
        ("let m = #{ a: 1\n b: 2 };", "1:16 a `,` is missing"),
        ("let l = [1 2];", "1:12 a `,` is missing"),
    ]);
}

#[test]
fn an_open_bracket_is_shown_where_it_opens() {
    all(&[
        (
            "phase(\"a\", || {\n    if x {\n        foo();\n});",
            "2:10 this `{` is never closed | add `}` before the `}` in line 4",
        ),
        (
            "phase(\"a\", || {\n    foo();\n};",
            "1:6 this `(` is never closed | add `)` before the `;` in line 3",
        ),
        (
            "phase(\"a\", || {\n    foo();\n",
            "1:15 this `{` is never closed | add `}` before the end of the file",
        ),
        (
            "let x = [1, 2, 3\nphase(\"x\", || 1);",
            "1:9 this `[` is never closed | add `]` before the `phase` in line 2",
        ),
        (
            "let m = #{ a: 1\nlet b = 2;",
            "1:9 this `#{` is never closed | add `}` before the `let` in line 2",
        ),
        ("foo();\n}", "2:1 this `}` closes nothing"),
        // The first error wins: the bracket is far behind it.
        (
            "let a = not b;\nfoo(1;",
            "1:9 `not` has no meaning here | write `!a`",
        ),
        (
            "let a = 1\nlet b = 2;\nfoo(1;",
            "1:10 a `;` is missing | statements end with `;`",
        ),
    ]);
}

#[test]
fn an_open_string_or_comment_is_shown_where_it_opens() {
    let text = "this string is not closed on its line | close it with `\"`; a string of several lines stands in back-ticks";
    all(&[
        ("let s = \"abc;\nlet t = 1;", &format!("1:9 {text}")),
        ("foo(\"a)", &format!("1:5 {text}")),
        (
            "let s = `abc;\nlet t = 1;",
            "1:9 this string is never closed | close it with a back-tick",
        ),
        (
            "let s = `abc ${x;",
            "1:9 this string is never closed | close it with a back-tick",
        ),
        (
            "foo(#\"a\");",
            "1:5 this raw string is never closed | close it with as many `#` as open it",
        ),
        (
            "foo(1 /* one;\n);",
            "1:7 this comment is never closed | close it with `*/`",
        ),
        (
            "foo(don't);",
            "1:8 this quote is never closed | a string stands in double quotes",
        ),
    ]);
}

#[test]
fn claims_take_no_brackets() {
    all(&[
        (
            "assert(x, \"m\");",
            "1:7 `assert` is a word, not a function: it takes no brackets | write `assert x, \"m\"`",
        ),
        (
            "verify(f(x).y == [1], `m ${x}`);",
            "1:7 `verify` is a word, not a function: it takes no brackets | write `verify f(x).y == [1], `m ${x}``",
        ),
        (
            "page.verify();",
            "1:6 `verify` is a word of the language and cannot be a method or property | read a property of this name as `[\"verify\"]`",
        ),
        (
            "res.assert;",
            "1:5 `assert` is a word of the language and cannot be a method or property | read a property of this name as `[\"assert\"]`",
        ),
    ]);
}

#[test]
fn reserved_words_come_with_a_way_around() {
    all(&[
        (
            "let x = json.default;",
            "1:14 `default` is a reserved word and cannot be a property | write `json[\"default\"]`",
        ),
        (
            "let x = f().new;",
            "1:13 `new` is a reserved word and cannot be a property | write `…[\"new\"]`",
        ),
        (
            "x.in;",
            "1:3 `in` is a reserved word and cannot be a property | write `x[\"in\"]`",
        ),
        (
            "page.goto(\"/\");",
            "1:6 `goto` is a reserved word and cannot be a method | a page is opened with `page.visit(url)`",
        ),
        (
            "page.with(1);",
            "1:6 `with` is a reserved word and cannot be a method | no method has this name",
        ),
        (
            "let m = #{ default: 1 };",
            "1:12 `default` is a reserved word and cannot be a key as it stands | put it in quotes: `\"default\": …`",
        ),
        (
            "let new = 1;",
            "1:5 `new` is a reserved word and cannot be a name | choose another name",
        ),
        (
            "let in = 1;",
            "1:5 `in` is a reserved word and cannot be a name | choose another name",
        ),
        (
            "fn match() {}",
            "1:4 `match` is a reserved word and cannot be a name | choose another name",
        ),
        (
            "let f = |shared| 1;",
            "1:10 `shared` is a reserved word and cannot be a name | choose another name",
        ),
    ]);
}

#[test]
fn assigning_is_not_comparing() {
    all(&[
        ("if x = 1 { }", "1:6 `=` assigns | compare with `==`"),
        ("while x = 1 { }", "1:9 `=` assigns | compare with `==`"),
        ("assert x = 1;", "1:10 `=` assigns | compare with `==`"),
        ("f() = 1;", "1:5 `=` assigns | compare with `==`"),
        (
            "const A = 1; A = 2;",
            "1:14 `A` is a constant | declare it with `let` to change it",
        ),
    ]);
}

#[test]
fn javascript_is_recognised() {
    let none = "has no meaning here";
    all(&[
        (
            "x === 1;",
            &format!("1:3 `===` {none} | write `==`: values of different types are never equal"),
        ),
        ("x !== 1;", &format!("1:3 `!==` {none} | write `!=`")),
        (
            "const f = () => 1;",
            &format!("1:14 `=>` {none} | a closure is written `|x| …`"),
        ),
        (
            "list.map(x => x);",
            &format!("1:12 `=>` {none} | a closure is written `|x| …`"),
        ),
        (
            "list.map((a, b) => a);",
            &format!("1:17 `=>` {none} | a closure is written `|a, b| …`"),
        ),
        (
            "const f = async () => 1;",
            &format!("1:11 `async` {none} | scripts wait by themselves: leave it out"),
        ),
        (
            "await foo();",
            &format!("1:1 `await` {none} | scripts wait by themselves: leave it out"),
        ),
        (
            "let x = null;",
            &format!("1:9 `null` {none} | nothing is `()`"),
        ),
        (
            "var x = 1;",
            &format!("1:1 `var` {none} | declare with `let` or `const`"),
        ),
        (
            "function f() { 1 }",
            &format!(
                "1:1 `function` {none} | write `fn name(a, b) {{ … }}`, or `|a, b| {{ … }}` for a closure"
            ),
        ),
        (
            "let m = { a: 1 };",
            "1:9 a map begins with `#{` | write `#{ a: 1 }`",
        ),
        (
            "foo({ \"a\": 1, b: 2 });",
            "1:5 a map begins with `#{` | write `#{ a: 1 }`",
        ),
        (
            "let s = 'abc';",
            "1:9 single quotes hold exactly one character | a string stands in double quotes: `\"abc\"`",
        ),
        (
            "let x = a ? b : c;",
            &format!("1:11 `?` {none} | write `if a {{ b }} else {{ c }}`"),
        ),
        ("x++;", &format!("1:2 `++` {none} | write `x += 1`")),
        (
            "for (let i = 0; i < 3; i++) { }",
            "1:5 a `for` takes no brackets here | write `for i in 0..10 { … }`",
        ),
        (
            "for (x in list) { }",
            "1:5 a `for` takes no brackets here | write `for x in list { … }`",
        ),
        (
            "for x of list { }",
            &format!("1:7 `of` {none} | write `for x in list {{ … }}`"),
        ),
        (
            "throw new Error(\"x\");",
            &format!(
                "1:7 `new` {none} | there are no classes: make a map, as in `#{{ a: 1 }}`; `throw \"why\"` throws"
            ),
        ),
        (
            "import { a } from \"x\";",
            "1:1 a module is imported as a whole | write `import \"path\" as name;` and then `name::…`",
        ),
        (
            "let { a } = c;",
            "1:5 a `let` declares one variable | write one `let` for each: `let a = c.a;`",
        ),
        (
            "let a, b;",
            "1:6 a `let` declares one variable | write one `let` for each: `let a = c.a;`",
        ),
        (
            "if (a) b;",
            "1:8 a block in braces is missing | braces are never left out: `if x { … } else { … }`",
        ),
        (
            "try { } catch e { }",
            "1:15 the variable of `catch` stands in brackets | write `catch (e) { … }`",
        ),
        (
            "let x: int = 1;",
            "1:6 variables have no types | write `let x = 1`",
        ),
        (
            "fn f(a: int) { }",
            "1:7 parameters have no types | write `fn f(a, b) { … }`",
        ),
        (
            "f(...list);",
            &format!("1:3 `...` {none} | list the values one by one, or pass the list"),
        ),
        (
            "export fn f() { }",
            "1:1 only variables are exported | leave `export` out: functions are exported unless they are `private`",
        ),
        (
            "switch x { case 1: 2 }",
            &format!("1:12 `case` {none} | write `switch x {{ 1 => …, _ => … }}`"),
        ),
    ]);
}

#[test]
fn python_is_recognised() {
    let none = "has no meaning here";
    all(&[
        (
            "if a and b { }",
            &format!("1:6 `and` {none} | write `a && b`"),
        ),
        (
            "if a or b { }",
            &format!("1:6 `or` {none} | write `a || b`"),
        ),
        ("let x = not a;", &format!("1:9 `not` {none} | write `!a`")),
        (
            "if x { } elif y { }",
            &format!("1:10 `elif` {none} | write `else if`"),
        ),
        (
            "if x:\n  foo();",
            "1:5 a block stands in braces | write `if x { … }`",
        ),
        (
            "def f():\n  foo()",
            &format!("1:1 `def` {none} | write `fn name(a, b) {{ … }}`"),
        ),
        (
            "x is None;",
            &format!("1:3 `is` {none} | compare with `==`, ask for a type with `type_of(x)`"),
        ),
        (
            "let s = f\"abc {x}\";",
            "1:9 a string has no prefix `f` | values are inserted in a string in back-ticks: `` `${x}` ``",
        ),
        (
            "let s = r\"abc\";",
            "1:9 a string has no prefix `r` | a raw string is written `#\"…\"#`",
        ),
        (
            "raise \"x\";",
            &format!("1:1 `raise` {none} | write `throw \"why\"`, or `fail(\"why\")`"),
        ),
        (
            "# note\nfoo();",
            &format!("1:1 `#` {none} | comments begin with `//`"),
        ),
        (
            "foo(a: 1);",
            "1:6 arguments have no names | give options as a map: `f(#{ a: 1 })`",
        ),
        (
            "foo(a = 1);",
            "1:7 arguments have no names | give options as a map: `f(#{ a: 1 })`; compare with `==`",
        ),
        (
            "fn f(a = 1) { }",
            "1:8 parameters have no default values | give the function a second form: `fn f() { f(1) }`",
        ),
    ]);
}

#[test]
fn the_rest_is_said_in_our_words() {
    all(&[
        (
            "\"a\\q\";",
            "1:3 `\\q` is no escape sequence | write a backslash as `\\\\`, or the whole string as `#\"…\"#`",
        ),
        ("let x = 0x;", "1:9 this is no number"),
        (
            "let 1x = 2;",
            "1:5 a name begins with a letter | choose another name",
        ),
        ("foo(,a);", "1:5 `,` is unexpected here"),
        (
            "let é = 1;",
            "1:5 `é` is unexpected here | names are made of the letters a to z, digits and `_`",
        ),
        (
            "let a =\u{a0}1;",
            "1:8 an invisible character (U+00A0) stands here | delete it; it may have come with pasted text",
        ),
        (
            "let a = \u{201c}x\u{201d};",
            "1:9 `\u{201c}` is no quotation mark of the language | write straight ones: `\"`",
        ),
        (
            "let a = \u{1b};",
            "1:9 a control character (U+001B) stands here | delete it",
        ),
        ("x.;", "1:3 the name of a property is missing"),
        (
            "break;",
            "1:1 `break` and `continue` belong in a loop | `return` leaves a function or closure",
        ),
        (
            "fn f { }",
            "1:6 the parameters of `f` are missing | a function without any is written `fn f() { … }`",
        ),
        ("fn f() 1", "1:8 the body of `f` is missing"),
        ("fn f(a, a) {}", "1:9 there are two parameters `a`"),
        (
            "fn f(a) {} fn f(b) {}",
            "1:12 a function `f` with 1 parameters exists already",
        ),
        (
            "if true { fn f() {} }",
            "1:11 functions are defined at the top level only | a closure can stand anywhere: `let f = |x| { … };`",
        ),
        (
            "{ export let x = 1; }",
            "1:3 `export` stands at the top level only",
        ),
        (
            "/// doc\nlet x = 1;",
            "1:1 a comment with `///` describes the function right below it | write `//`",
        ),
        (
            "let m = #{ a: 1, a: 2 };",
            "1:18 the key `a` is in this map already",
        ),
        ("try { }", "1:8 expected `catch` for the `try` statement"),
        (
            "let x = 1 +",
            "1:12 the script ends in the middle of a statement",
        ),
        (
            &format!("let x = {}1{};", "(".repeat(300), ")".repeat(300)),
            "1:136 this expression is nested too deeply | give parts of it a name with `let`",
        ),
    ]);
}

#[test]
fn syntax_of_our_own_speaks_for_itself() {
    let error =
        rhai::LexError::ImproperSymbol(",".into(), "only text may follow\nhint: write text".into());
    let failure = explain_parse_error("a, b", &error.into_err(rhai::Position::new(1, 2)), "s.rhai");
    assert_eq!(
        failure.render(),
        "only text may follow\n  --> s.rhai:1:2\n   |\n 1 | a, b\n   |  ^\n  hint: write text"
    );
}

#[test]
fn any_text_is_explained() {
    for source in [
        "", "\u{feff}", "}", "`${", "`${}`${", "(((((", "é", "\u{0}", "let", "x.", "'", "|", "||",
        "#{", "fn", "\"\\u", "1e", "::",
    ] {
        if let Err(error) = engine().compile(source) {
            explain_parse_error(source, &error, "s.rhai").render();
        }
    }
}
