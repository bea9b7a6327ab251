use crate::host::failure::Kind;
use crate::host::fake::{Fake, Ran, ends, starts};
use crate::host::record::{Level, Record};
use std::time::{Duration, Instant};

fn fake() -> Fake {
    Fake::new().world(|world| {
        let path = std::env::var("PATH").expect("there are programs");
        world.env.insert("PATH".into(), path);
        world.env.insert("GREETING".into(), "hello".into());
    })
}

fn run(script: &str) -> Ran {
    fake().run(script)
}

fn data(ran: &Ran) -> serde_json::Value {
    ran.shown().remove(0)
}

#[test]
fn a_line_for_the_shell_and_a_list_without_one() {
    run(r#"
        let out = exec("echo $GREETING $((1 + 1)) | cat; echo oops >&2");
        assert out.stdout == "hello 2\n" && out.stderr == "oops\n" && out.ok && out.code == 0;
        assert exec(["echo", "$GREETING", 1, 2.5, true]).stdout == "$GREETING 1 2.5 true\n";
    "#)
    .passes();
}

#[test]
fn environment_directory_and_input_are_those_of_the_options() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    fake()
        .world(|world| world.project = folder.path().to_owned())
        .run(
            r#"
            assert exec("pwd").lines[0].ends_with("/sub") == false;
            let out = exec("pwd; echo ${GREETING-none} $PORT; cat", #{
                cwd: "sub", env: #{ GREETING: (), PORT: 8080 }, stdin: "in\nput" });
            assert out.lines[0].ends_with("/sub");
            assert out.lines[1] == "none 8080";
            assert out.lines[3] == "put";
            "#,
        )
        .passes();
}

#[test]
fn the_account_keeps_what_was_run_and_said() {
    let ran = run(r#"exec("echo out; echo err >&2; exit 3", #{ may_fail: 3 });"#);
    assert_eq!(
        ran.passes().steps(),
        ["exec: echo out; echo err >&2; exit 3"]
    );
    let data = data(&ran);
    assert_eq!(data["argv"][2], "echo out; echo err >&2; exit 3");
    assert_eq!(
        (&data["code"], &data["stdout"]),
        (&3.into(), &"out\n".into())
    );
    assert!(data["micros"].as_u64().unwrap() > 0);
    assert_eq!(ran.assertions, 1);
}

#[test]
fn another_exit_code_fails_with_the_last_lines_of_standard_error() {
    let ran = run("exec(\"seq 100 >&2; echo kaputt >&2; exit 2\");");
    let text = ran.error();
    starts(
        text,
        "`seq 100 >&2; echo kaputt >&2; exit 2`: exit code 2 after ",
    );
    assert!(text.contains("stderr:\n    72\n    73\n"), "{text}");
    ends(text, "\n    100\n    kaputt");
    assert_eq!(ran.bad_news[0].kind, Kind::Failure);
    let ran = run("exec(\"kill -9 $$\");");
    starts(ran.error(), "`kill -9 $$`: killed by SIGKILL after ");
    let ran = run("exec(\"exit 4\", #{ may_fail: [1, 3] });");
    starts(ran.error(), "`exit 4`: exit code 4");
}

#[test]
fn a_program_that_is_not_there_is_the_scripts_mistake() {
    let ran = run("exec([\"ecko\", \"x\"]);");
    starts(ran.error(), "there is no program `ecko`\n");
    ends(ran.error(), "hint: did you mean `echo`?");
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
    let ran = run("exec(\"no-such-program-at-all\");");
    ends(
        ran.error(),
        "hint: 127 says that a program was not found: is it on PATH?",
    );
    assert!(ran.error().contains("not found"), "{}", ran.error());
    starts(run("exec([]);").error(), "a command needs a program");
}

#[test]
fn wrong_arguments_and_options_are_named() {
    let error = |script: &str| run(script).error().to_owned();
    starts(
        &error("exec([\"echo\", #{ a: 1 }]);"),
        "argument 1 of the command must be text or a number",
    );
    ends(
        &error("exec(\"x\", #{ timout: \"1s\" });"),
        "did you mean `timeout`?",
    );
    starts(
        &error("exec(\"x\", #{ may_fail: \"yes\" });"),
        "option `may_fail` of `exec` must be true, an exit code or a list of them",
    );
    starts(
        &error("exec(\"x\", #{ stdin: 7 });"),
        "option `stdin` of `exec` must be a string or bytes",
    );
    starts(
        &error("exec(\"x\", #{ env: #{ A: [] } });"),
        "the variable `A` of option `env` of `exec` must be text or a number",
    );
    starts(
        &error("exec(\"true\", #{ cwd: \"nowhere\" });"),
        "the directory ",
    );
    let text = Fake::new().load("exec(\"true\")").unwrap_err();
    starts(&text, "`exec` acts, and loading a file only declares");
}

#[test]
fn a_command_ends_with_its_time() {
    let began = Instant::now();
    let ran = run("exec(\"echo begun; sleep 60\", #{ timeout: \"100ms\" });");
    starts(
        ran.error(),
        "`echo begun; sleep 60` did not end within 100ms\n",
    );
    assert!(
        ran.error().contains("stdout:\n    begun"),
        "{}",
        ran.error()
    );
    let ran = fake()
        .timeout(Duration::from_millis(100))
        .run("exec(\"sleep 60\");");
    starts(ran.error(), "stopped: Deadline");
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[test]
fn c16_it_ends_with_its_process_and_not_with_its_pipes() {
    let began = Instant::now();
    let ran = run("state.left = exec(\"setsid sleep 999 & echo started\").left;");
    assert!(began.elapsed() < Duration::from_secs(60));
    let left = ran.passes().state["left"][0].as_str().unwrap().to_owned();
    starts(&left, "escaped, ended: pid ");
    ends(&left, "`sleep 999`");
    let warned = ran.records.iter().any(|record| {
        matches!(record, Record::Log { level: Level::Warn, text, .. } if text.contains("had left a process: escaped, ended"))
    });
    assert!(warned);
}

#[test]
fn in_a_poll_a_failing_command_means_not_yet() {
    let ran = run(r#"
        let n = 0;
        wait_until("20s", || { n += 1; exec(`test ${n} -gt 3`).ok });
        assert n == 4;
        let early = wait_until("20s", || exec("echo '{}'").json.get("x") == ());
    "#);
    let steps = ran.passes().steps();
    let are_waits = steps.iter().all(|step| step.starts_with("wait_until: "));
    assert!(are_waits && steps.len() == 2, "{steps:?}");
}

#[test]
fn json_and_its_absence() {
    run(r#"assert exec("echo '[1, {\"a\": 2}]'").json[1].a == 2;"#).passes();
    let ran = run("exec(\"echo hello\").json;");
    starts(ran.error(), "the output of `echo hello` is not JSON: ");
}

#[test]
fn hostile_output_is_text_all_the_same() {
    let ran = run(r#"
        let out = exec("printf 'a\\000b\\033[31m\\377c'");
        assert out.stdout.len == 10;
        assert exec("head -c 40000000 /dev/zero | tr '\\0' x").stdout.contains("bytes cut here]");
    "#);
    ran.passes();
}
