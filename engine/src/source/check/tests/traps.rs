//! What the language would let pass.

use super::short;

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
            "1:15 the closure of `scenario` has at most 1 parameter, not 2 | write `|| …` or `|x| …`",
            "1:47 the closure of `ready` of `phase` has at most 1 parameter, not 2 | write `|| …` or `|x| …`",
        ]
    );
    assert_eq!(
        short(
            "step(\"a\", |x| 1); defer(|x| 1); never(\"1s\", |x| 1); wait_until(#{}, |x| 1); fixture(\"f\", |x| 1); parallel([|| 1, |x| 1]);"
        ),
        [
            "1:11 the closure of `step` has no parameters, not 1 | write `|| …`: it sees the variables around it",
            "1:25 the closure of `defer` has no parameters, not 1 | write `|| …`: it sees the variables around it",
            "1:45 the closure of `never` has no parameters, not 1 | write `|| …`: it sees the variables around it",
            "1:69 the closure of `wait_until` has no parameters, not 1 | write `|| …`: it sees the variables around it",
            "1:90 the closure of `fixture` has no parameters, not 1 | write `|| …`: it sees the variables around it",
            "1:114 the closure of `parallel` has no parameters, not 1 | write `|| …`: it sees the variables around it",
        ]
    );
    assert_eq!(
        short(
            "let n = 1; fn body(a, b) {} phase(\"a\", body); let f = |x| x + n; step(\"b\", f); step(\"c\", || n);"
        ),
        [
            "1:40 the closure of `phase` has at most 1 parameter, not 2 | write `|| …` or `|x| …`",
            "1:76 the closure of `step` has no parameters, not 1 | write `|| …`: it sees the variables around it",
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
fn a_comment_that_swallows_the_rest_is_reported() {
    assert_eq!(
        short("log(1);\n/* todo\nassert 1 == 2;"),
        [
            "2:1 this comment is never closed: the rest of the file is part of it | close it with `*/`"
        ]
    );
    assert_eq!(short("/* fine /* nested */ */ log(1); \"/*\";"), [""; 0]);
}

#[test]
fn a_new_text_that_nobody_keeps_is_told() {
    assert_eq!(
        short(
            "let text = \" a \"; text.trim(); log(text.trim().replace(\"a\", \"b\")); text.replace(\"a\", \"b\"); log(1);"
        ),
        [
            "1:24 `trim` makes a new text, and this one is thrown away | keep it: `text = text.trim(…)`",
            "1:73 `replace` makes a new text, and this one is thrown away | keep it: `text = text.replace(…)`",
        ]
    );
}
