//! Unknown names and wrong numbers of arguments.

use super::{problems, short};

#[test]
fn a_problem_is_drawn_with_place_caret_and_suggestion() {
    assert_eq!(
        problems("let status = 1;\nlog(`${statsu}`);"),
        "unknown variable `statsu`\n  --> s.rhai:2:8\n   |\n 2 | log(`${statsu}`);\n   |        ^^^^^^\n  hint: did you mean `status`?"
    );
}

#[test]
fn all_problems_come_at_once_in_order_and_none_twice() {
    assert_eq!(
        short("foo();\nbar;\nfoo();\nbar; foo(); foo();\nbaz();"),
        [
            "1:1 unknown function `foo` (lines 3, 4)",
            "2:1 unknown variable `bar` (line 4)",
            "5:1 unknown function `baz`",
        ]
    );
}

#[test]
fn blocks_end_their_variables() {
    assert_eq!(
        short("if true {\n  let inner = 1;\n  inner\n}\ninner;"),
        [
            "5:1 unknown variable `inner` | the one declared in line 2 is not visible here: it ends with its block"
        ]
    );
    assert_eq!(
        short("{ let a1 = 1; let a1 = a1; a1 } let b = 1; { let b = b; b } b;"),
        [""; 0]
    );
    assert_eq!(
        short("log(late); let late = 1;"),
        ["1:5 unknown variable `late` | it is declared only later, in line 1"]
    );
}

#[test]
fn every_way_to_declare_is_seen() {
    let fine = "
        for (item, index) in [1] { item + index }
        try { throw 1 } catch (why) { why }
        switch 1 { 1 => { let x = 1; x } 2 if true => (), 3..5 => 1, _ => 0 }
        let x = if true { let y = 1; y } else { 0 };
        let f = |a, b| a + b + x;
        let n = loop { break x; };
        do { x += 1; } while x < 3;
        export x as exported;
        fn double(v) { v * 2 }
        fn int.twice() { this * 2 }
        let p = double;
        double(x.twice()); p.call(1);
        f.call(1, 2); call(f, 1, 2); f.curry(1); curry(f, 1);
        is_def_var(\"q\"); is_def_fn(\"double\", 1); type_of(x); x.type_of(); is_shared(x);
        [1, 2].map(|i| i * x).filter(|i| i > 1).reduce(|sum, i| sum + i, 0);
        print(x); debug(x); let i = x in 1..3; i = !(x in 0..1); i = \"a\" in #{ a: 1 };
        let m = #{ greet: |who| `hello ${who}` }; m.greet(\"you\"); m[\"later\"] = || 1; m.later();
        x?.foo?.bar; m?[\"a\"]; x ?? 1; -x; +x; !true;
    ";
    assert_eq!(short(fine), [""; 0]);
    assert_eq!(
        short("for i in 0..1 {} i; try {} catch (e) {} e; |a| 1; a; switch q { _ => w }"),
        [
            "1:18 unknown variable `i` | the one declared in line 1 is not visible here: it ends with its block",
            "1:41 unknown variable `e`",
            "1:51 unknown variable `a`",
            "1:61 unknown variable `q`",
            "1:70 unknown variable `w`",
        ]
    );
}

#[test]
fn closures_see_what_is_around_them() {
    assert_eq!(
        short("let a = 1; let f = |x| { let g = |y| { let h = || a + x + y + http; h }; g };"),
        [""; 0]
    );
    assert_eq!(
        short("let f = || { |x| { || missing + x } };"),
        ["1:23 unknown variable `missing`"]
    );
    assert_eq!(
        short("fn user() {} let user = 1; let f = || user;"),
        [
            "1:39 `user` is the function here, not the variable: a closure does not capture a variable named like a function | give one of the two another name"
        ]
    );
}

#[test]
fn functions_see_only_constants_of_the_file() {
    let source = "const LIMIT = 1;\nlet count = 2;\nfn f(a) { LIMIT + count + a + global::LIMIT }\nfn g() { || count }";
    assert_eq!(
        short(source),
        [
            "3:11 unknown variable `LIMIT` | a function sees constants of the file only as `global::LIMIT`",
            "3:19 unknown variable `count` (line 4) | a function does not see variables of the file: pass `count` as a parameter, or declare it with `const` and write `global::count`",
        ]
    );
    assert_eq!(
        short("const LIMIT = 1; let count = 2; fn f() { global::count + global::LIMTI }"),
        [
            "1:50 unknown constant `global::count` | only constants are global: `const count = …`",
            "1:66 unknown constant `global::LIMTI` | did you mean `LIMIT`?",
        ]
    );
    assert_eq!(short("fn f() { whose + 1 } let whose = 1; f!();"), [""; 0]);
}

#[test]
fn words_of_other_languages_get_an_answer() {
    assert_eq!(
        short("None; console.log(1); undefined; describe(\"a\", || 1); [1].length(); state.a;"),
        [
            "1:1 unknown variable `None` | nothing is `()`",
            "1:7 unknown variable `console` | write `log(…)`",
            "1:23 unknown variable `undefined` | nothing is `()`",
            "1:34 unknown function `describe` | write `scenario(\"name\", || { … })`",
            "1:59 unknown method `length` | write `x.len()`",
            "1:69 unknown variable `state` | a phase gets it as its parameter: `|state| { … }`",
        ]
    );
}

#[test]
fn functions_are_known_by_name_and_number_of_arguments() {
    assert_eq!(
        short("fn twice(x) { x } twice(); twice(1, 2); twcie(1); phase(1); free_port(1); log2(1);"),
        [
            "1:19 `twice` takes 1 argument, not 0",
            "1:28 `twice` takes 1 argument, not 2",
            "1:41 unknown function `twcie` | did you mean `twice`?",
            "1:51 `phase` takes 2 or 3 arguments, not 1",
            "1:61 `free_port` takes no arguments, not 1",
            "1:75 unknown function `log2` | did you mean `log`?",
        ]
    );
    assert_eq!(
        short("fn int.twice() { this * 2 } twice(1); 1.twice(2);"),
        [
            "1:29 unknown function `twice` | it is a method: write `x.twice(…)`",
            "1:41 `twice` takes no arguments, not 1",
        ]
    );
    assert_eq!(
        short("let f = || 1; f(); http(1); secret; asert(1);"),
        [
            "1:15 unknown function `f` | a closure in a variable is called as `f.call(…)`",
            "1:20 unknown function `http` | `http` is no function: it has methods, as `http.…(…)`",
            "1:29 unknown variable `secret` | `secret` is a function: call it, as in `secret(…)`",
            "1:37 unknown function `asert` | did you mean `assert`?",
        ]
    );
}

#[test]
fn methods_are_known_whatever_the_receiver() {
    assert_eq!(
        short("http.gte(\"/\"); http.get(); \"a\".to_upper().slpit(); run.id.shout();"),
        [
            "1:6 unknown method `gte` | did you mean `get`?",
            "1:21 `get` takes 1 or 2 arguments, not 0",
            "1:43 unknown method `slpit` | did you mean `split`?",
            "1:59 unknown method `shout`",
        ]
    );
    // Any map may hold a closure under a name that is a key somewhere.
    assert_eq!(
        short("let app = #{ web: #{} }; app.web.reload = |x| x; app.web.reload(1, 2, 3);"),
        [""; 0]
    );
    assert_eq!(
        short("fn user(a) { this } 1.user(2); 1.user();"),
        [
            "1:34 `user` takes 1 argument, not 0 | the value before the dot is `this`, not an argument: write `user(x)`"
        ]
    );
}

#[test]
fn modules_are_looked_into() {
    assert_eq!(
        short(
            "import \"stacks/shop\" as shop; let a = shop::up(); shop::login(a, shop::NAME); a.refill(1); \"x\".shout();"
        ),
        [""; 0]
    );
    assert_eq!(
        short(
            "import \"stacks/shop\" as shop; shop::upp(); shop::login(1); shop::NAM; shop::up; shpo::up(); up(); shop::secret(); shop.up();"
        ),
        [
            "1:37 `shop` has no function `upp` | did you mean `up`?",
            "1:50 `shop::login` takes 2 arguments, not 1",
            "1:66 `shop` exports no `NAM` | did you mean `NAME`?",
            "1:77 `shop` exports no `up` | `shop::up` is a function: call it",
            "1:81 unknown module `shpo` | did you mean `shop`?",
            "1:93 unknown function `up` | it is a function of the module: write `shop::up(…)`",
            "1:105 `shop` has no function `secret` | known are: login, shout, up",
            "1:115 unknown variable `shop` | `shop` is a module: write `shop::…`",
            "1:120 unknown method `up`",
        ]
    );
    // Aliases end with their block; functions see those of the top level; what is computed is not known.
    assert_eq!(
        short("{ import \"stacks/shop\" as a; a::up(); } a::up();"),
        ["1:41 unknown module `a` | import it first: `import \"path\" as a;`"]
    );
    assert_eq!(
        short(
            "import \"stacks/shop\" as shop; fn f() { shop::up() } let p = \"x\"; import p as q; q::any(1); import \"gone\" as g; g::any();"
        ),
        [""; 0]
    );
    assert_eq!(
        short("http::get(1); fn f() {} global::f();"),
        [
            "1:1 unknown module `http` | `http` is no module: write `http.…`",
            "1:25 unknown module `global` | only constants of the file are reached through `global::`",
        ]
    );
}

#[test]
fn custom_syntax_is_walked_like_any_expression() {
    assert_eq!(
        short("assert foo == 1, `${bar}`; verify baz();"),
        [
            "1:8 unknown variable `foo`",
            "1:21 unknown variable `bar`",
            "1:35 unknown function `baz`"
        ]
    );
}

#[test]
fn the_deepest_script_there_can_be_is_walked_on_a_small_stack() {
    let shapes: &[(&str, &str, &str)] = &[
        ("(1 + ", "1", ")"),
        ("[", "1", "]"),
        ("#{ a: ", "1", " }"),
        ("f(", "1", ")"),
        ("-", "1", ""),
        ("|| { ", "missing", " }"),
        ("if true { ", "missing", " } else { }"),
        ("if true { } else ", "{ missing }", ""),
        ("phase(1, || ", "1", ")"),
        ("switch 1 { _ => ", "1", " }"),
        ("`${", "1", "}`"),
        ("x.", "y", ""),
        ("x[", "y", "]"),
        ("1 + ", "1", ""),
    ];
    for (before, middle, after) in shapes {
        let nested = |depth| format!("{}{middle}{}", before.repeat(depth), after.repeat(depth));
        let parses = |depth: &usize| super::engine().compile(nested(*depth)).is_ok();
        let deepest = (1..=256).rev().find(parses).unwrap();
        let source = nested(deepest);
        std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || short(&source))
            .unwrap()
            .join()
            .unwrap_or_else(|_| panic!("{before}{deepest}"));
    }
}
