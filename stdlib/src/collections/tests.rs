use crate::host::fake::Fake;

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn an_error_in_a_comparer_is_not_swallowed() {
    let text = error("let l = [3, 1, 2]; l.sort(|a, b| { assert a == b; 0 });");
    assert!(text.starts_with("assertion failed: `a == b`"), "{text}");
    let text = error("let l = [3, 1, 2]; l.sort_by(|a, b| a.size - b.size);");
    assert!(!text.is_empty());
    let text = error("let l = [3, 1]; l.sort(|a, b| \"x\");");
    assert!(
        text.starts_with(
            "the closure of `sort` must give back a number or true or false, not a string"
        ),
        "{text}"
    );
}

#[test]
fn numbers_and_bools_order() {
    Fake::new()
        .run(
            r#"
            let l = [3, 1, 2, 1]; l.sort(|a, b| a - b); assert l == [1, 1, 2, 3];
            l.sort_by(|a, b| a > b); assert l == [3, 2, 1, 1];
            let f = [0.5, 0.25]; f.sort(|a, b| a - b); assert f == [0.25, 0.5];
            let p = [2, 1]; p.sort(); assert p == [1, 2];
            let sorted = []; sorted.sort(|a, b| fail("never called"));
            "#,
        )
        .passes();
}

#[test]
fn a_missing_key_has_a_value_when_one_is_named() {
    Fake::new()
        .run("let m = #{ a: () }; assert m.get(\"a\", 1) == (); assert m.get(\"b\", 1) == 1; assert m.get(\"b\") == ();")
        .passes();
}

#[test]
fn an_answer_that_is_no_bool_is_a_usage_error() {
    for (call, name) in [
        ("filter(|x| x.error)", "filter"),
        ("some(|x| x.error)", "some"),
        ("all(|x| x.error)", "all"),
        ("find(|x| x.error)", "find"),
        ("index_of(|x| x.error)", "index_of"),
        ("dedup(|a, b| a.error)", "dedup"),
    ] {
        let text = error(&format!(
            "[#{{ error: \"a\" }}, #{{ error: \"b\" }}].{call};"
        ));
        let told = format!("the closure of `{name}` must give back true or false, not a string");
        assert!(text.starts_with(&told), "{text}");
    }
    assert!(error("[1, 2].dedup(|a, b| fail(\"no\"));").starts_with("no"));
    assert!(error("[1, 2].order(|a, b| fail(\"no\"));").starts_with("no"));
}

#[test]
fn closures_may_take_the_index_or_this() {
    Fake::new()
        .run(
            r#"
            let l = [5, 6, 7];
            assert l.filter(|n, i| i > 0) == [6, 7];
            assert l.find(|n| n == 6) == 6 && l.find(|n| n == 9) == ();
            assert l.index_of(|n| n == 7) == 2 && l.index_of(|n| n == 9) == -1 && l.index_of(6) == 1;
            assert l.some(|n| n == 5) && !l.some(|n| n == 1) && l.all(|n| n > 4) && !l.all(|n| n > 5);
            assert l.filter(|| this > 6) == [7];
            assert [].all(|n| false) && ![].some(|n| true);
            "#,
        )
        .passes();
}
