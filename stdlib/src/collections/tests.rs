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

#[test]
fn retaining_and_draining_part_arrays_and_maps() {
    Fake::new()
        .run(
            r#"
            let l = [1, 2, 3, 4]; assert l.retain(|n| n > 1) == [1]; assert l == [2, 3, 4];
            assert l.drain(|n, i| i == 0) == [2]; assert l == [3, 4]; assert l.drain(|| this == 4) == [4];
            let m = #{ a: 1, b: 2 }; assert m.filter(|k| this > 1) == #{ b: 2 }; assert m.filter(|k, v| k == "a") == #{ a: 1 };
            assert m.retain(|k, v| v > 1) == #{ a: 1 }; assert m == #{ b: 2 }; assert m.drain(|k| true) == #{ b: 2 }; assert m == #{};
            "#,
        )
        .passes();
}

#[test]
fn retaining_and_draining_want_a_bool_and_keep_what_was_there() {
    for call in [
        "l.retain(|x| x)",
        "l.drain(|x| x)",
        "m.filter(|k, v| v)",
        "m.retain(|k, v| v)",
        "m.drain(|k, v| v)",
    ] {
        let text = error(&format!("let l = [1]; let m = #{{ a: 1 }}; {call}"));
        assert!(
            text.contains("` must give back true or false, not an integer"),
            "{text}"
        );
    }
    Fake::new()
        .run("let l = [1, 2]; try { l.retain(|n| if n == 2 { throw 1 } else { false }); } catch { } assert l == [1, 2];")
        .passes();
}

#[test]
fn what_has_an_order_sorts_by_itself() {
    Fake::new()
        .run(
            r#"
            let l = [3, 1.5, 2]; l.sort(); assert l == [1.5, 2, 3]; l.sort_desc(); assert l == [3, 2, 1.5];
            assert ["b", "a"].order() == ["a", "b"]; assert ['a', 'b'].order_desc() == ['b', 'a'];
            let l = [true, false]; l.sort(); assert l == [false, true]; [].sort(); [#{}].sort();
            "#,
        )
        .passes();
    let text = error("[1, \"a\"].sort()");
    assert!(
        text.starts_with("an integer and a string have no order\n"),
        "{text}"
    );
    assert!(error("[#{}, #{}].order()").starts_with("a map and a map have no order\n"));
    assert!(error("[1.0, 0.0 / 0.0].sort()").contains("NaN"));
}

#[test]
fn every_value_that_is_json_has_its_text() {
    Fake::new()
        .run(
            r#"
            assert ["a", 1, 2.5, (), true].to_json() == `["a",1,2.5,null,true]`;
            assert "a\"b".to_json() == `"a\\"b"`; assert 7.to_json() == "7"; assert ().to_json() == "null";
            assert #{ a: [1] }.to_json() == `{"a":[1]}`;
            "#,
        )
        .passes();
    let text = error("[1, || 2].to_json()");
    assert!(text.starts_with("the value[1] is "), "{text}");
}

#[test]
fn an_endless_comparer_ends_at_the_deadline() {
    let ran = Fake::new()
        .timeout(std::time::Duration::from_millis(100))
        .run("[3, 1].sort(|a, b| { loop {} })");
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
}
