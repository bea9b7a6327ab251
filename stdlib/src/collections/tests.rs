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
        text.starts_with("the comparer of `sort` must give back a number or a bool, not a string"),
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
