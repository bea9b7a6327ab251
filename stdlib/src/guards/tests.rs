use crate::host::fake::{Fake, starts};
use std::time::Duration;

fn error(script: &str) -> String {
    Fake::new()
        .timeout(Duration::from_secs(10))
        .run(script)
        .error()
        .to_owned()
}

fn passes(script: &str) {
    Fake::new().run(script).passes();
}

#[test]
fn padding_with_nothing_ends_with_a_sentence() {
    assert_eq!(
        error("\"x\".pad(10, \"\")"),
        "`pad` with nothing would never end\n  --> test.rhai:1:5\n   |\n 1 | \"x\".pad(10, \"\")\n   |     ^^^\n  \
         hint: give it a character or some text: text.pad(10, \" \")"
    );
    passes("let t = \"long enough\"; t.pad(3, \"\"); assert t == \"long enough\";");
}

#[test]
fn padding_pads() {
    passes(
        "let t = \"ä\"; t.pad(4, \"-+\"); assert t == \"ä-+-\"; t.pad(6, '.'); assert t == \"ä-+-..\"; t.pad(-1, 'x');
         let l = [1]; l.pad(3, \"a\"); assert l == [1, \"a\", \"a\"]; l.pad(1, 0); assert l.len == 3;
         let b = blob(1, 1); b.pad(2, 0x1ff); assert b == blob(1, 1) + blob(1, 255); assert blob(-3).len == 0;",
    );
}

#[test]
fn a_huge_length_is_refused() {
    for (script, rest) in [
        (
            "\"\".pad(9999999999, 'x')",
            "`pad` to 9999999999 characters is more than the 16777216 a script can have",
        ),
        (
            "\"\".pad(9999999999, \"x\")",
            "`pad` to 9999999999 characters",
        ),
        (
            "[].pad(9999999999, 0)",
            "`pad` to 9999999999 items is more than the 1048576",
        ),
        ("blob().pad(9999999999, 0)", "`pad` to 9999999999 bytes"),
        ("blob(9999999999)", "`blob` to 9999999999 bytes"),
        ("blob(9999999999, 1)", "`blob` to 9999999999 bytes"),
    ] {
        let text = error(script);
        assert!(text.starts_with(rest), "{script}: {text}");
    }
}

#[test]
fn tag_is_no_property_of_every_value() {
    starts(&error("5.tag"), "an integer has no property `tag`");
    starts(
        &error("let n = 5; n.tag = 1"),
        "`tag` of an integer cannot be set",
    );
    passes("let m = #{ tag: \"v1\" }; m.tag = 5; assert m.tag == 5;");
}
