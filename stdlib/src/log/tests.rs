use crate::host::fake::{Fake, Ran, ends, starts};
use crate::host::record::{Level, Record};
use std::fs;
use tempfile::TempDir;

fn run(dir: &TempDir, script: &str) -> Ran {
    Fake::new()
        .world(|world| {
            world.run_dir = dir.path().join("run");
            world.project = dir.path().join("scripts");
            world.masker.add("T", "token-12345");
        })
        .run(script)
}

fn error(script: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    run(&dir, script).error().to_owned()
}

/// `name media-type content` of everything attached.
fn attached(dir: &TempDir, ran: &Ran) -> Vec<String> {
    let show = |record: &Record| match record {
        Record::Attached {
            name,
            path,
            media_type,
            bytes,
            ..
        } => {
            let content = fs::read_to_string(dir.path().join("run").join(path)).unwrap();
            assert_eq!(*bytes, content.len() as u64);
            Some(format!("{name} {media_type} {content}"))
        }
        _ => None,
    };
    ran.records.iter().filter_map(show).collect()
}

fn logged(ran: &Ran) -> Vec<(Level, &str)> {
    let show = |record: &'_ Record| matches!(record, Record::Log { .. });
    ran.records
        .iter()
        .filter(|record| show(record))
        .map(|record| match record {
            Record::Log { level, text, .. } => (*level, text.as_str()),
            _ => unreachable!("filtered"),
        })
        .collect()
}

#[test]
fn any_value_is_logged() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "log(\"text\"); log(2); log(2.5); log(#{ a: [1, ()] }); log('c'); log(()); log(|| 1); print(\"p\");
         log(\"warn\", \"careful\"); log(\"debug\", [1]);",
    );
    ran.passes();
    let texts: Vec<&str> = logged(&ran).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        texts,
        [
            "text",
            "2",
            "2.5",
            r#"{"a":[1,null]}"#,
            r#""c""#,
            "()",
            "a closure",
            "p",
            "careful",
            "[1]"
        ]
    );
    assert_eq!(logged(&ran)[8].0, Level::Warn);
    assert_eq!(logged(&ran)[9].0, Level::Debug);
}

#[test]
fn a_long_line_is_cut_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(&dir, "let t = \"x\"; t.pad(20000, 'x'); log(t);");
    assert!(logged(&ran)[0].1.ends_with("… (4000 more characters)"));
}

#[test]
fn a_wrong_level_and_a_logarithm_are_usage_errors() {
    let text = error("log(\"warning\", \"x\")");
    assert!(text.starts_with("`warning` is no log level\n"), "{text}");
    assert!(text.ends_with("hint: did you mean `warn`?"), "{text}");
    ends(
        &error("log(\"loud\", 1)"),
        "hint: known are: debug, info, warn",
    );
    ends(
        &error("log(100.0, 10.0)"),
        "hint: the logarithm to base b is x.ln() / b.ln()",
    );
}

#[test]
fn nothing_is_logged_or_attached_while_a_file_is_loaded() {
    for (script, name) in [
        ("log(1)", "log"),
        ("log(1.5)", "log"),
        ("attach(\"a\", \"b\")", "attach"),
        ("attach_file(\"a\")", "attach_file"),
    ] {
        let text = Fake::new().load(script).unwrap_err();
        let expected = format!("`{name}` acts, and loading a file only declares");
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[test]
fn text_bytes_and_json_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "attach(\"a\", \"text\"); attach(\"b.html\", \"<p>\"); attach(\"c\", #{ n: 1 }); attach(\"d\", \"bin\".to_blob());
         attach(\"e.txt\", [1], #{ media_type: \"application/x-list\" });",
    );
    ran.passes();
    assert_eq!(
        attached(&dir, &ran),
        [
            "a text/plain text",
            "b.html text/html <p>",
            "c application/json {\n  \"n\": 1\n}\n",
            "d application/octet-stream bin",
            "e.txt application/x-list [\n  1\n]\n",
        ]
    );
}

#[test]
fn two_of_the_same_name_are_both_kept_and_no_name_escapes() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "attach(\"../x y.txt\", \"1\"); attach(\"../x y.txt\", \"2\");",
    );
    assert_eq!(
        attached(&dir, &ran),
        ["../x y.txt text/plain 1", "../x y.txt text/plain 2"]
    );
    let folder = dir.path().join("run/artifacts/test.rhai-test");
    assert!(folder.join("x-y.txt").exists());
    assert_eq!(fs::read_dir(folder).unwrap().count(), 2);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn secrets_are_masked_in_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "attach(\"a\", \"x token-12345 y\"); attach(\"b\", #{ t: \"token-12345\" });
         write_file(\"c.log\", \"one\\ntoken-12345\\n\"); attach_file(\"c.log\"); attach(\"token-12345\", \"d\");",
    );
    ran.passes();
    let all = attached(&dir, &ran).join("\n");
    assert_eq!(all.matches("[masked:T]").count(), 3, "{all}");
    assert!(
        dir.path()
            .join("run/artifacts/test.rhai-test/masked-T")
            .exists()
    );
}

#[test]
fn what_cannot_be_attached_is_refused() {
    let text = error("attach(\"a\", || 1)");
    assert!(text.starts_with("a closure cannot be attached\n"), "{text}");
    starts(&error("attach(\"a\", 5)"), "an integer cannot be attached");
    starts(
        &error("attach(\"a\", [|| 1])"),
        "a[0] is a closure, which is not JSON",
    );
    starts(&error("attach(\" \", \"x\")"), "an attachment needs a name");
    let text = error("attach(\"a\", \"b\", #{ mediatype: \"text/plain\" })");
    assert!(text.contains("did you mean `media_type`?"), "{text}");
    let text = error("attach(\"a\", \"b\", #{ media_type: \"png\" })");
    assert!(text.starts_with("`png` is no media type\n"), "{text}");
    assert!(
        text.ends_with("hint: write it like \"text/html\" or \"image/png\""),
        "{text}"
    );
}

#[test]
fn a_place_that_cannot_be_written_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("run")).unwrap();
    fs::write(dir.path().join("run/artifacts"), "in the way").unwrap();
    let ran = run(&dir, "attach(\"a\", \"b\")");
    assert!(
        ran.error().starts_with("cannot keep the attachment `a`: "),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, crate::host::failure::Kind::Fault);
}

#[test]
fn c31_files_are_collected_by_pattern() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "write_file(\"logs/b.log\", \"2\"); write_file(\"logs/a.log\", \"1\"); write_file(\"logs/c.txt\", \"3\");
         attach_file(\"logs/*.log\"); attach_file(work_dir() + \"/logs/c.txt\", #{ media_type: \"text/x-c\" });",
    );
    ran.passes();
    assert_eq!(
        attached(&dir, &ran),
        [
            "logs/a.log text/plain 1",
            "logs/b.log text/plain 2",
            "c.txt text/x-c 3"
        ]
    );
}

#[test]
fn c31_logs_are_collected_on_failure_and_with_always_on_success() {
    let story = "attach_file(\"f/*.log\", #{ when: \"failed\" }); attach_file(\"a/*.log\", #{ when: \"always\" });
                 write_file(\"f/x.log\", \"f\"); write_file(\"a/x.log\", \"a\");";
    let dir = tempfile::tempdir().unwrap();
    let ran = run(&dir, story);
    assert_eq!(attached(&dir, &ran), ["a/x.log text/plain a"]);
    let dir = tempfile::tempdir().unwrap();
    let ran = run(&dir, &format!("{story} assert 1 == 2;"));
    assert_eq!(
        attached(&dir, &ran),
        ["a/x.log text/plain a", "f/x.log text/plain f"]
    );
}

#[test]
fn files_beside_the_script_are_found_too() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("scripts")).unwrap();
    fs::write(dir.path().join("scripts/[1].json"), "{}").unwrap();
    let ran = run(&dir, "attach_file(\"[1].json\");");
    ran.passes();
    assert_eq!(attached(&dir, &ran), ["[1].json application/json {}"]);
}

#[test]
fn a_missing_file_is_an_error_and_a_pattern_without_match_a_warning() {
    let text = error("attach_file(\"app.log\")");
    assert!(
        text.starts_with("there is no file `app.log` to attach\n"),
        "{text}"
    );
    assert!(
        text.contains("looked in: ") && text.contains("/scripts"),
        "{text}"
    );
    let dir = tempfile::tempdir().unwrap();
    let ran = run(
        &dir,
        "attach_file(\"*.log\"); attach_file(\"app.log\", #{ when: \"always\" });",
    );
    ran.passes();
    assert_eq!(
        logged(&ran),
        [
            (Level::Warn, "nothing to attach: no file matches `*.log`"),
            (Level::Warn, "nothing to attach: no file matches `app.log`"),
        ]
    );
    starts(&error("attach_file(\"a***b\")"), "`a***b` is no pattern: ");
    starts(
        &error("attach_file(\"a***\", #{ when: \"failed\" })"),
        "`a***` is no pattern: ",
    );
    let text = error("attach_file(\"a\", #{ when: \"later\" })");
    assert!(
        text.starts_with(
            "option `when` of `attach_file` must be \"now\", \"failed\" or \"always\"\n"
        ),
        "{text}"
    );
}
