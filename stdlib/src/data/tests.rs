use crate::host::failure::Kind;
use crate::host::fake::{Fake, Ran};

fn run(files: &[(&str, &str)], script: &str) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    Fake::new()
        .world(|world| world.project = folder.path().into())
        .run(script)
}

#[test]
fn files_beside_the_script_are_read() {
    let files = [
        ("a.json", r#"{"n": 1, "list": [1.5, null]}"#),
        ("a.yaml", "n: 1\nlist: [1.5, ~]\n"),
        ("a.csv", "\u{feff}name,age\nAda,036\n"),
        ("b.csv", "name;age\nAda;36\n"),
        ("a.txt", "\u{feff}hello\n"),
    ];
    run(
        &files,
        r#"
        expect(load_json("a.json")).to_equal(#{ n: 1, list: [1.5, ()] });
        expect(load_yaml("a.yaml")).to_equal(load_json("a.json"));
        expect(load_csv("a.csv")).to_equal([#{ name: "Ada", age: "036" }]);
        expect(load_csv("b.csv", #{ delimiter: ";" })).to_equal([#{ name: "Ada", age: "36" }]);
        expect(load_text("a.txt")).to_equal("hello\n");
        "#,
    )
    .passes();
}

#[test]
fn a_broken_file_is_usage_and_names_the_place() {
    let ran = run(
        &[("a.json", "{\n  b: 1\n}")],
        "let x = load_json(\"a.json\");",
    );
    assert_eq!(
        ran.error(),
        "a.json:2:3: not JSON: key must be a string\n  --> test.rhai:1:9\n   |\n 1 | let x = load_json(\"a.json\");\n   |         ^^^^^^^^^"
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
    let ran = run(&[("a.csv", "a,b\n1\n")], "load_csv(\"a.csv\")");
    assert!(
        ran.error()
            .starts_with("a.csv:2: row 1 has 1 fields, the header has 2"),
        "{}",
        ran.error()
    );
    let ran = run(&[("a.csv", "")], "load_csv(\"b.csv\")");
    assert!(
        ran.error().starts_with("no such file: b.csv"),
        "{}",
        ran.error()
    );
    let ran = run(&[], "load_csv(\"b.csv\", #{ delimeter: \";\" })");
    assert!(
        ran.error().contains("did you mean `delimiter`?"),
        "{}",
        ran.error()
    );
    let ran = run(&[], "load_csv(\"b.csv\", #{ delimiter: \"::\" })");
    assert!(
        ran.error()
            .starts_with("the delimiter is one ASCII character, not `::`"),
        "{}",
        ran.error()
    );
}
