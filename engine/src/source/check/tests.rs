//! Small scripts and what is said about them.

use super::*;
use rhai::{Engine, OptimizationLevel, Scope};

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(256, 128);
    for word in ["assert", "verify"] {
        engine.register_custom_syntax_with_state_raw(
            word,
            |parsed, ahead, _| {
                Ok(match (parsed.len(), ahead) {
                    (1, _) => Some("$expr$".into()),
                    (2, ",") => Some(",".into()),
                    (3, _) => Some("$expr$".into()),
                    _ => None,
                })
            },
            false,
            |_, _, _| Ok(rhai::Dynamic::UNIT),
        );
    }
    engine
}

fn names() -> Names {
    let mut names = Names::from_engine(&engine());
    names.primitives = ["http", "browser", "run", "TERMINAL"]
        .map(String::from)
        .into();
    names.syntax = ["assert", "verify"].map(String::from).into();
    for (name, arities) in [
        ("scenario", &[2, 3][..]),
        ("phase", &[2, 3]),
        ("step", &[2]),
        ("defer", &[1]),
        ("never", &[2]),
        ("wait_until", &[1, 2]),
        ("give_up", &[1]),
        ("expect", &[1]),
        ("to_have_text", &[2]),
        ("to_have_url", &[2]),
        ("to_contain_text", &[2]),
        ("secret", &[1]),
        ("exec", &[1]),
        ("free_port", &[0]),
        ("unique", &[1]),
        ("load_csv", &[1]),
        ("parallel", &[1]),
        ("fixture", &[2, 3]),
        ("spawn_service", &[2]),
        ("stack", &[2]),
        ("log", &[1]),
        ("get", &[2, 3]),
        ("post", &[2, 3]),
        ("open", &[2]),
        ("locator", &[2]),
        ("get_by_label", &[2]),
        ("get_by_role", &[2, 3]),
        ("get_by_test_id", &[2]),
        ("fill", &[2]),
        ("click", &[1]),
        ("last", &[1]),
        ("press", &[2]),
        ("route", &[3]),
    ] {
        names.add(name, arities.iter().copied());
    }
    names
}

/// A module with `up(0)`, `login(2)`, `NAME`, a map with a closure and a typed method.
fn shop() -> Shared<Module> {
    let source = r#"
        export const NAME = "shop";
        fn up() { #{ refill: |n| n } }
        fn login(page, user) { page }
        fn string.shout() { this + "!" }
        private fn secret() {}
    "#;
    let engine = engine();
    let ast = engine.compile(source).unwrap();
    Module::eval_ast_as_new(Scope::new(), &ast, &engine)
        .unwrap()
        .into()
}

fn failures(source: &str) -> Vec<Failure> {
    let ast = engine().compile(source).unwrap();
    let shop = shop();
    let unit = Unit {
        file: "s.rhai",
        source,
        ast: &ast,
        imports: &|path| (path == "stacks/shop").then(|| shop.clone()),
    };
    check(&unit, &names())
}

/// The rendered problems of a script called `s.rhai`, one empty line between them.
fn problems(source: &str) -> String {
    let rendered: Vec<String> = failures(source).iter().map(Failure::render).collect();
    rendered.join("\n\n")
}

/// The messages alone, each with its line and hint.
fn short(source: &str) -> Vec<String> {
    failures(source)
        .into_iter()
        .map(|failure| {
            let at = failure.location.unwrap();
            let also = failure
                .details
                .first()
                .map(|also| format!(" ({})", also.text));
            let hint = failure.hint.map(|hint| format!(" | {hint}"));
            let (also, hint) = (also.unwrap_or_default(), hint.unwrap_or_default());
            format!("{}:{} {}{also}{hint}", at.line, at.column, failure.message)
        })
        .collect()
}

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
fn a_primitive_cannot_be_declared_in_any_way() {
    let source = "let http = 1;\nconst http = 1;\nfor http in [1] {}\nfor (a, http) in [1] {}\nfn f(a, http) {}\nlet g = |http| 1;\nlet h = |a, http| 1;\ntry {} catch (http) {}\nimport \"stacks/shop\" as http;\nfn http() {}";
    assert_eq!(
        short(source),
        [
            "1:5 `http` cannot be declared: it would still be the primitive (lines 2, 3, 4, 5, 6, 7, 8, 9, 10) | choose another name"
        ]
    );
    assert_eq!(
        short("let verify = 1; fn assert(x) {}"),
        [
            "1:5 `verify` cannot be declared: it is a word of the language | choose another name",
            "1:20 `assert` cannot be declared: it is a word of the language | choose another name",
        ]
    );
    assert_eq!(
        short("http = 1;"),
        ["1:1 `http` is a primitive and cannot be assigned"]
    );
    assert_eq!(short("let a = #{ http: 1 }; a.http; a.http = 2;"), [""; 0]);
}

#[test]
fn eval_and_exit_are_refused() {
    let exit = "`exit` is refused: it would end the run as passed | `return` leaves a function or closure, `skip(\"why\")` and `fail(\"why\")` end a scenario";
    let eval = "`eval` is refused: what it runs would hide from this check | write a function or a closure";
    assert_eq!(short("exit();"), [format!("1:1 {exit}")]);
    assert_eq!(short("let f = || { exit(1) };"), [format!("1:14 {exit}")]);
    assert_eq!(short("1.exit();"), [format!("1:3 {exit}")]);
    assert_eq!(short("Fn(\"exit\");"), [format!("1:4 {exit}")]);
    assert_eq!(short("eval(\"1\");"), [format!("1:1 {eval}")]);
    assert_eq!(
        short("let r = Fn(\"eval\").call(\"1\");"),
        [format!("1:12 {eval}")]
    );
    assert_eq!(short("fn exit() {} exit();"), [""; 0]);
    assert_eq!(short("Fn(\"foo\");"), ["1:4 unknown function `foo`"]);
}

#[test]
fn what_is_assigned_to_a_copy_would_be_lost() {
    let lost = |name: &str, taker: &str| {
        format!(
            "`{name}` is changed in a closure of `{taker}`, which works on a copy: the change would be lost"
        )
    };
    let state = "only `state` crosses phases: write";
    assert_eq!(
        short("let n = 0;\nphase(\"a\", |state| {\n  n = 1;\n});"),
        [format!("3:3 {} | {state} `state.n`", lost("n", "phase"))]
    );
    for change in [
        "n += 1",
        "n.a = 1",
        "n[0] = 1",
        "n.a.b[1] = 1",
        "n.push(1)",
        "n.a.push(1)",
        "step(\"x\", || { n = 1; })",
    ] {
        for taker in ["scenario", "phase", "stack", "spawn_service"] {
            let source =
                format!("let n = #{{}}; {taker}(\"a\", #{{ ready: || {{ {change}; }} }});");
            let found = short(&source);
            assert_eq!(found.len(), 1, "{source}");
            assert!(found[0].contains(&lost("n", taker)), "{source}: {found:?}");
        }
    }
    assert_eq!(
        short("let n = 0; parallel([|| n = 1, || { let n = 2; n = 3; }]);"),
        [format!(
            "1:25 {} | let the closure return it: `parallel` gives back what its closures return",
            lost("n", "parallel")
        )]
    );
    assert_eq!(
        short("let n = 0; scenario(\"s\", [phase(\"a\", || { n = 1; })]);"),
        [format!("1:43 {} | {state} `state.n`", lost("n", "phase"))]
    );
    assert_eq!(
        short("let n = 0; let body = || { n = 1; }; phase(\"a\", body);"),
        [format!("1:28 {} | {state} `state.n`", lost("n", "phase"))]
    );
    assert_eq!(
        short("fn declare(user) { let seen = false; scenario(user, || { seen = true; }); }"),
        [format!(
            "1:58 {} | {state} `state.seen`",
            lost("seen", "scenario")
        )]
    );
    assert_eq!(
        short(
            "let page = browser.open(\"/\"); let hits = 0; page.route(\"*\", |r| { hits += 1; });"
        ),
        [format!(
            "1:67 {} | only what the closure returns, and what it puts on `state`, leaves it",
            lost("hits", "route")
        )]
    );
}

#[test]
fn what_runs_at_once_may_assign() {
    assert_eq!(
        short(
            "let n = 0; step(\"a\", || { n = 1; }); wait_until(|| { n += 1; n > 3 }); [1].map(|x| { n += x; }); defer(|| { n = 0; });"
        ),
        [""; 0]
    );
    let inside = "phase(\"a\", |state| {
        let list = []; let page = browser.open(\"/\");
        step(\"b\", || { list.push(1); state.list = list; });
        parallel([|| { state.one = 1; page.title = 2; let own = []; own.push(1); }]);
    });";
    assert_eq!(short(inside), [""; 0]);
    assert_eq!(
        short("phase(\"a\", |state| { state = #{ id: 1 }; });"),
        [
            "1:22 `state` is only the name of the state here: what is assigned to it would be lost | set its properties, as in `state.id = …`, or return a map"
        ]
    );
}

#[test]
fn closures_have_the_parameters_they_are_given() {
    assert_eq!(
        short(
            "scenario(\"a\", |a, b| 1); phase(\"b\", #{ ready: |s, t| true, during: |s| true }, |s| 1);"
        ),
        [
            "1:15 the closure of `scenario` has at most 1 parameter, not 2",
            "1:47 the closure of `ready` of `phase` has at most 1 parameter, not 2",
        ]
    );
    assert_eq!(
        short(
            "step(\"a\", |x| 1); defer(|x| 1); never(\"1s\", |x| 1); wait_until(#{}, |x| 1); fixture(\"f\", |x| 1); parallel([|| 1, |x| 1]);"
        ),
        [
            "1:11 the closure of `step` has no parameters, not 1",
            "1:25 the closure of `defer` has no parameters, not 1",
            "1:45 the closure of `never` has no parameters, not 1",
            "1:69 the closure of `wait_until` has no parameters, not 1",
            "1:90 the closure of `fixture` has no parameters, not 1",
            "1:114 the closure of `parallel` has no parameters, not 1",
        ]
    );
    assert_eq!(
        short(
            "let n = 1; fn body(a, b) {} phase(\"a\", body); let f = |x| x + n; step(\"b\", f); step(\"c\", || n);"
        ),
        [
            "1:40 the closure of `phase` has at most 1 parameter, not 2",
            "1:76 the closure of `step` has no parameters, not 1",
        ]
    );
}

#[test]
fn a_comparison_nobody_looks_at_is_no_check() {
    let thrown = "this comparison is thrown away: it checks nothing";
    assert_eq!(
        short("let res = http.get(\"/\");\nres.status == 200;\nlog(1);"),
        [format!(
            "2:1 {thrown} | did you mean `assert res.status == 200`?"
        )]
    );
    for comparison in [
        "a == 1",
        "a != 1",
        "a < 1",
        "(a >= 1)",
        "1 in a",
        "!(a == 1)",
        "a && a.len() > 3",
        "`${a}` == \"x;y\"",
    ] {
        for around in [
            "@;",
            "if true { @ }",
            "for i in a { @ }",
            "try { @ } catch { }",
            "switch a { 1 => @, _ => {} }",
            "phase(\"a\", || { @ });",
            "scenario(\"a\", || @);",
            "step(\"a\", || { @; });",
            "defer(|| { @ });",
        ] {
            let source = format!("let a = []; {} log(1);", around.replace('@', comparison));
            let found = short(&source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert!(
                found[0].ends_with(&format!("{thrown} | did you mean `assert {comparison}`?")),
                "{source}: {found:?}"
            );
        }
    }
}

#[test]
fn a_comparison_that_is_a_value_is_fine() {
    for used in [
        "let b = a == 1;",
        "fn f(x) { x == 1 }",
        "let g = || { a == 1 };",
        "wait_until(|| a == 1);",
        "let s = step(\"a\", || a == 1);",
        "if a == 1 {}",
        "let c = if true { a == 1 } else { false };",
        "let d = switch a { _ => a == 1 };",
        "phase(\"a\", #{ ready: || a == 1 }, || 1);",
        "assert a == 1;",
        "let e = { log(1); a == 1 };",
        "a == 1 && log(1);",
        "while a == 1 {}",
        "return a == 1;",
    ] {
        assert_eq!(
            short(&format!("let a = 1; {used} log(1);")),
            [""; 0],
            "{used}"
        );
    }
}

#[test]
fn an_expect_without_a_matcher_is_no_check() {
    let nothing = "this `expect` checks nothing | say what is expected, as in `expect(x).to_be(1)`";
    assert_eq!(short("expect(1);"), [format!("1:1 {nothing}")]);
    assert_eq!(short("expect(1).not;"), [format!("1:1 {nothing}")]);
    assert_eq!(
        short("expect(1).to_have_text(\"a\"); expect(1).not.to_have_text(\"a\");"),
        [""; 0]
    );
}

#[test]
fn double_quotes_do_not_interpolate() {
    assert_eq!(
        short(
            "let id = 1; log(\"task ${id}\"); log(\"${ run.id }\"); log(\"${HOME}\"); log(#\"${id}\"#); log(`${id}`);"
        ),
        [
            "1:17 a string in double quotes does not insert `${id}` | write the string in back-ticks; for a literal `${` write `#\"…\"#`",
            "1:36 a string in double quotes does not insert `${run}` | write the string in back-ticks; for a literal `${` write `#\"…\"#`",
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
fn a_deep_script_is_walked_on_a_small_stack() {
    let deep = format!("let x = {}1{};", "(1 + ".repeat(60), ")".repeat(60));
    let nested = format!("{}missing{}", "if true { ".repeat(30), " }".repeat(30));
    let closures = format!("let f = {}missing{};", "|| { ".repeat(20), " }".repeat(20));
    for source in [deep, nested, closures] {
        std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || short(&source))
            .unwrap()
            .join()
            .unwrap();
    }
}

/// The scripts of the guide, as they are shown there.
const SHOWN: &[&str] = &[
    r##"
scenario("Export finishes", #{ tags: ["export", "two-phase"], retries: 1 });

phase("prepare", |state| {
    let res = http.post("/tasks", #{ json: #{ kind: "export", rows: 500 } });
    assert res.status == 202;
    state.task = res.json.id;                      // what crosses the gap is what you put on `state`
});

phase("validate", #{
    ready: |state| {                               // polled by the scheduler; no thread, browser or slot is held
        let task = http.get(`/tasks/${state.task}`).json;
        if task.state == "FAILURE" { give_up(`task ended in ${task.state}: ${task.error}`) }
        task.state == "SUCCESS"
    },
    every: "2s", within: "10m",
}, |state| {
    let page = browser.open("/");
    expect(page.locator(`#task-${state.task} .state`)).to_have_text("SUCCESS");
});
"##,
    r##"
import "stacks/shop" as shop;
scenario("A customer chats with support", #{ tags: ["journey", "smoke"], timeout: "2m" });

phase("journey", || {
    let app = shop::up();                          // PostgreSQL, Redis, object store and the app, in a private directory
    let page = browser.open(app.web.url);
    step("log in", || {
        page.get_by_label("E-mail").fill("ada@example.com");
        page.get_by_label("Password").fill(secret("ADA_PASSWORD"));
        page.get_by_role("button", "Sign in").click();
        expect(page).to_have_url("/dashboard");
    });
    step("chat", || {
        page.get_by_role("textbox", "Message").fill("hello");
        page.keyboard.press("Enter");
        expect(page.get_by_test_id("reply").last()).to_contain_text("hello");
    });
});
"##,
    r##"
scenario("Integration trial", [
    phase("compile", |state| {
        exec("make api");
        state.port = free_port();
        state.url = `http://127.0.0.1:${state.port}`;
        state.db = unique("trial");
        exec(["createdb", state.db]);
    }),
    phase("run api",   #{ needs: ["compile"], stop_when: #{ test: TERMINAL } }, |state| exec(["./api", "--port", state.port])),
    phase("api is up", #{ needs: #{ "run api": ["executing"] } }, |state| wait_until(|| http.get(state.url).status == 200)),
    phase("test",      #{ needs: ["api is up"] }, |state| { /* … */ }),
    phase("drop db",   #{ needs: #{ test: TERMINAL }, always: true }, |state| exec(["dropdb", state.db])),
]);
"##,
    r##"
let res = http.get("https://localhost:8443/health");
assert res.status == 200;
assert res.json.database == "up", "migrations must have run";
"##,
    "for user in load_csv(\"users.csv\") { scenario(`login as ${user.name}`, || { log(user); }) }",
];

#[test]
fn the_scripts_of_the_guide_raise_nothing() {
    for script in SHOWN {
        assert_eq!(problems(script), "");
    }
}
