use crate::host::failure::Kind;
use crate::host::fake::{Fake, ends, starts};
use crate::host::record::{Level, Record};
use serde_json::json;

fn outside() -> Fake {
    Fake::new().world(|world| {
        world.env.insert("GREETING".into(), "hello".into());
        world.env.insert("NOTHING".into(), String::new());
        world
            .env
            .insert("ADA_PASSWORD".into(), "s3cr3t-value".into());
        world.vars.insert("rows".into(), json!(20));
        world.vars.insert("tag".into(), json!("v1"));
    })
}

fn error(script: &str) -> String {
    outside().run(script).error().to_owned()
}

#[test]
fn variables_of_the_environment_are_text() {
    outside()
        .run("assert env(\"GREETING\") == \"hello\"; assert env(\"NOTHING\") == \"\";")
        .passes();
    outside()
        .run("assert env(\"PORT\", \"8080\") == \"8080\"; assert env(\"PORT\", ()) == ();")
        .passes();
}

#[test]
fn a_missing_variable_is_a_usage_error() {
    assert_eq!(
        error("env(\"PORT\")"),
        "environment variable `PORT` is not set\n  --> test.rhai:1:1\n   |\n 1 | env(\"PORT\")\n   | ^^^\n  \
         hint: set it: --env PORT=…, an env file or the shell; or give a default: env(\"PORT\", \"…\")"
    );
    ends(
        &error("env(\"GREETINGS\")"),
        "hint: did you mean `GREETING`?",
    );
    assert_eq!(outside().run("env(\"X\")").bad_news[0].kind, Kind::Usage);
}

#[test]
fn a_default_that_is_no_text_is_refused_even_when_the_variable_is_set() {
    let text = error("env(\"GREETING\", 8080)");
    assert!(
        text.starts_with(
            "the default of `env` must be text or (), because the environment holds text"
        ),
        "{text}"
    );
    assert!(text.contains("got: 8080 (an integer)"), "{text}");
}

#[test]
fn a_secret_is_masked_and_kept_by_reference() {
    let ran = outside().run("let p = secret(\"ADA_PASSWORD\"); state.p = p; assert p.len == 12;");
    ran.passes();
    assert_eq!(ran.state["p"], json!({"$secret": "ADA_PASSWORD"}));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "from-a-file\r\n").unwrap();
    let with_file = |path: &str| {
        let path = path.to_owned();
        Fake::new().world(|world| {
            world.project = dir.path().to_owned();
            world.env.insert("KEY".into(), String::new());
            world.env.insert("KEY_FILE".into(), path);
        })
    };
    let ran = with_file("key")
        .run("assert secret(\"KEY\") == \"from-a-file\"; state.k = secret(\"KEY\");");
    ran.passes();
    assert_eq!(ran.state["k"], json!({"$secret": "KEY"}));
    // A later phase reads it anew.
    with_file("key")
        .state(json!({"k": {"$secret": "KEY"}}))
        .run("assert state.k == \"from-a-file\";")
        .passes();
    let text = with_file("nowhere")
        .run("secret(\"KEY\")")
        .error()
        .to_owned();
    assert!(
        text.starts_with("secret `KEY` cannot be read: No such file"),
        "{text}"
    );
    assert!(text.contains("/nowhere, named by `KEY_FILE`"), "{text}");
    let text = with_file(".").run("secret(\"KEY\")").error().to_owned();
    assert!(
        text.starts_with("secret `KEY` cannot be read: it is no file"),
        "{text}"
    );
    std::fs::write(dir.path().join("empty"), "\n").unwrap();
    let text = with_file("empty").run("secret(\"KEY\")").error().to_owned();
    assert!(
        text.starts_with("secret `KEY` is empty: the file /"),
        "{text}"
    );
}

#[test]
fn a_missing_secret_says_where_it_was_looked_for() {
    assert_eq!(
        error("secret(\"TOKEN\")"),
        "secret `TOKEN` is not set\n  --> test.rhai:1:1\n   |\n 1 | secret(\"TOKEN\")\n   | ^^^^^^\n  \
         looked in: the environment variables `TOKEN` and `TOKEN_FILE`, both not set\n  \
         hint: set TOKEN in the environment, or TOKEN_FILE to a file that holds it"
    );
    ends(
        &error("secret(\"ADA_PASWORD\")"),
        "hint: did you mean `ADA_PASSWORD`?",
    );
    starts(
        &error("secret(\"NOTHING\")"),
        "secret `NOTHING` is empty: the environment variable `NOTHING` holds nothing",
    );
}

#[test]
fn a_masked_token_is_given_back_and_refused_on_state() {
    outside()
        .run("let t = mask(\"token-12345\", \"session\"); assert t == \"token-12345\";")
        .passes();
    let text = error("state.t = mask(\"token-12345\");");
    assert!(text.starts_with("state.t holds a masked value"), "{text}");
    starts(&error("mask(1234)"), "`mask` takes text\n");
}

#[test]
fn what_is_too_short_to_mask_is_told() {
    let ran = outside()
        .world(|world| {
            world.env.insert("PIN".into(), "123".into());
        })
        .run("mask(\"abc\"); secret(\"PIN\"); secret(\"PIN\");");
    ran.passes();
    let warnings: Vec<&str> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Log {
                level: Level::Warn,
                text,
                ..
            } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        warnings,
        [
            "a value named `value` is too short to be masked: reports show it",
            "secret `PIN` is too short to be masked: reports show it",
        ]
    );
}

#[test]
fn variables_are_found_by_name_also_in_functions_and_closures() {
    outside()
        .run(
            "fn rows() { vars.rows } assert rows() == 20; assert [1].map(|n| vars.rows) == [20];
             assert vars[\"rows\"] == 20; assert vars.get(\"cols\") == (); assert vars.get(\"cols\", 3) == 3;
             assert \"rows\" in vars; assert \"cols\" !in vars; assert vars.keys() == [\"rows\", \"tag\"];
             assert vars.tag == \"v1\";",
        )
        .passes();
    Fake::new().run("assert vars.get(\"tag\") == ();").passes();
}

#[test]
fn a_missing_or_written_variable_is_an_error() {
    let text = error("vars.cols");
    assert!(text.starts_with("there is no variable `cols`\n"), "{text}");
    assert!(
        text.ends_with(
            "hint: set it: --var cols=…; or use vars.get(\"cols\") if it may be missing"
        ),
        "{text}"
    );
    ends(&error("vars.row"), "hint: did you mean `vars.rows`?");
    starts(&error("vars.rows = 3"), "`vars` cannot be changed\n");
    starts(&error("run.id = 3"), "`run` cannot be changed\n");
    starts(
        Fake::new().run("vars.tag").error(),
        "there is no variable `tag`",
    );
}

#[test]
fn o17_the_run_tells_about_itself() {
    let ran = outside()
        .base_url("http://127.0.0.1:1")
        .world(|world| world.seed = u64::MAX)
        .run(
            "assert run.id == \"r-test\"; assert run.profile == \"default\"; assert run.dir != \"\";
             assert run.base_url == \"http://127.0.0.1:1\"; assert run.seed == \"18446744073709551615\";
             assert run.program.starts_with(\"/\");
             let f = || run.id; assert f.call() == run.id;",
        );
    ran.passes();
    ends(&error("run.profil"), "hint: did you mean `profile`?");
    starts(&error("run.tag"), "`run` has no property `tag`\n");
    starts(&error("run.base_url"), "no base URL is configured\n");
    outside()
        .run("assert run.get(\"base_url\") == ();")
        .passes();
}

#[test]
fn all_of_it_works_while_a_file_is_loaded() {
    let value = outside()
        .load("[env(\"GREETING\"), vars.rows, run.id, secret(\"ADA_PASSWORD\").len, mask(\"token-1\")]")
        .unwrap();
    assert_eq!(
        value.to_string(),
        r#"["hello", 20, "r-test", 12, "token-1"]"#
    );
    let text = outside().load("env(\"NOPE\")").unwrap_err();
    assert!(
        text.starts_with("environment variable `NOPE` is not set\n  --> test.rhai:1:1"),
        "{text}"
    );
}
