use crate::host::failure::Kind;
use crate::host::fake::{Fake, Ran, ends, starts};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

fn in_dir(dir: &TempDir) -> Fake {
    Fake::new().world(|world| {
        world.run_dir = dir.path().join("own");
        world.project = dir.path().join("scripts");
    })
}

fn run(script: &str) -> (TempDir, Ran) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("scripts")).unwrap();
    fs::write(dir.path().join("scripts/users.csv"), "id\n1\n").unwrap();
    fs::write(dir.path().join("outside.txt"), "outside").unwrap();
    let ran = in_dir(&dir).run(script);
    (dir, ran)
}

fn error(script: &str) -> String {
    run(script).1.error().to_owned()
}

#[test]
fn text_bytes_and_json_are_written_and_read() {
    let (dir, ran) = run(
        "let path = write_file(\"a/b.txt\", \"text\"); assert path == work_dir() + \"/a/b.txt\";
         assert read_file(\"a/b.txt\") == \"text\"; assert read_file(path) == \"text\";
         write_file(\"c.json\", #{ n: [1] }); assert parse_json(read_file(\"c.json\")).n == [1];
         write_file(\"d\", blob(2, 255)); assert read_bytes(\"d\") == blob(2, 255);
         write_file(\"a/b.txt\", \"new\"); assert read_file(\"a/b.txt\") == \"new\";
         assert file_exists(\"d\") && file_exists(\"a\") && !file_exists(\"e\");
         assert list_files(\"**/*\") == [\"a/b.txt\", \"c.json\", \"d\"]; assert list_files(\"no/*\") == [];",
    );
    ran.passes();
    assert_eq!(ran.steps()[0], "file: write a/b.txt");
    assert_eq!(
        fs::read_to_string(dir.path().join("own/c.json")).unwrap(),
        "{\n  \"n\": [\n    1\n  ]\n}\n"
    );
}

#[cfg(unix)]
#[test]
fn the_own_directory_is_made_on_need_and_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, ran) = run("log(1)");
    ran.passes();
    assert!(!dir.path().join("own").exists());
    let (dir, ran) = run("write_file(\"x/y\", \"\")");
    ran.passes();
    for folder in ["own", "own/x"] {
        let mode = fs::metadata(dir.path().join(folder))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
}

#[test]
fn files_beside_the_script_are_read_but_not_written() {
    let (dir, ran) = run(
        "assert read_file(\"users.csv\") == \"id\\n1\\n\"; write_file(\"users.csv\", \"mine\");
         assert read_file(\"users.csv\") == \"mine\";",
    );
    ran.passes();
    let theirs = fs::read_to_string(dir.path().join("scripts/users.csv")).unwrap();
    assert_eq!(theirs, "id\n1\n");
}

#[test]
fn no_path_leads_out() {
    for call in [
        "write_file(\"../outside.txt\", \"x\")",
        "write_file(\"/tmp/scenario-outside\", \"x\")",
        "write_file(\"a/../../outside.txt\", \"x\")",
        "read_file(\"../outside.txt\")",
        "read_file(\"/etc/hostname\")",
        "file_exists(\"../outside.txt\")",
        "list_files(\"../*\")",
        "list_files(\"/etc/*\")",
    ] {
        let text = error(call);
        assert!(
            text.contains("leads out of the scenario's own directory\n"),
            "{call}: {text}"
        );
    }
    let text = error("write_file(\"../x\", \"\")");
    assert!(text.contains("because: it goes up with `..`"), "{text}");
    assert!(text.contains("allowed: below /"), "{text}");
    assert!(
        text.ends_with(
            "hint: use a relative path without `..`, or one that work_dir() or temp_dir() gave"
        ),
        "{text}"
    );
    starts(&error("write_file(\"\", \"\")"), "a path is missing\n");
}

#[cfg(unix)]
#[test]
fn no_link_leads_out() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("own");
    fs::create_dir_all(&own).unwrap();
    fs::write(dir.path().join("outside.txt"), "outside").unwrap();
    std::os::unix::fs::symlink(dir.path(), own.join("up")).unwrap();
    std::os::unix::fs::symlink("../outside.txt", own.join("link")).unwrap();
    for call in [
        "write_file(\"link\", \"x\")",
        "write_file(\"up/new\", \"x\")",
        "list_files(\"up/*\")",
    ] {
        let text = in_dir(&dir).run(call).error().to_owned();
        assert!(
            text.contains("a symbolic link leads elsewhere"),
            "{call}: {text}"
        );
    }
    in_dir(&dir)
        .run("assert list_files(\"**/*\") == [];")
        .passes();
    assert_eq!(
        fs::read_to_string(dir.path().join("outside.txt")).unwrap(),
        "outside"
    );
}

#[test]
fn what_is_missing_or_no_text_is_a_usage_error() {
    let text = error("write_file(\"notes.txt\", \"\"); read_file(\"notse.txt\")");
    assert!(text.starts_with("there is no file `notse.txt`\n"), "{text}");
    assert!(
        text.contains("looked in: /") && text.contains("/scripts"),
        "{text}"
    );
    assert!(text.ends_with("hint: did you mean `notes.txt`?"), "{text}");
    ends(
        &error("read_file(\"zebra\")"),
        "hint: ask file_exists(path) first if it may be missing",
    );
    let text = error("write_file(\"d\", blob(2, 255)); read_file(\"d\")");
    assert!(
        text.starts_with("`d` is not text: byte 0 is not UTF-8\n"),
        "{text}"
    );
    assert!(
        text.ends_with("hint: read it with read_bytes(path)"),
        "{text}"
    );
    starts(&error("read_file(\".\")"), "`.` is a directory\n");
    assert!(
        error("write_file(\"a/b\", \"\"); write_file(\"a\", \"\")")
            .starts_with("`a` is a directory\n")
    );
    starts(
        &error("write_file(\"a\", 5)"),
        "an integer cannot be written to a file\n",
    );
    starts(
        &error("write_file(\"a\", [|| 1])"),
        "a[0] is a closure, which is not JSON\n",
    );
    starts(&error("list_files(\"a***\")"), "`a***` is no pattern: ");
}

#[test]
fn a_file_in_the_way_is_a_fault() {
    let (_dir, ran) = run("write_file(\"a\", \"\"); write_file(\"a/b\", \"\");");
    assert!(
        ran.error().starts_with("cannot make the directory `/"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Fault);
}

#[test]
fn a_temporary_directory_ends_with_the_phase_unless_it_is_kept() {
    let (dir, ran) = run(
        "state.a = temp_dir(); state.b = temp_dir(#{ prefix: \"export\", keep: true });
         assert state.a != temp_dir(); write_file(state.a + \"/x/y\", \"1\"); write_file(state.b + \"/z\", \"2\");",
    );
    ran.passes();
    let path = |name: &str| std::path::PathBuf::from(ran.state[name].as_str().unwrap());
    assert!(!path("a").exists());
    assert!(path("b").join("z").exists() && path("b").starts_with(dir.path().join("own/tmp")));
    assert!(ran.state["b"].as_str().unwrap().contains("/export-"));
}

#[test]
fn a_temporary_directory_ends_also_after_a_failure() {
    let (dir, ran) = run("write_file(temp_dir() + \"/x\", \"\"); assert 1 == 2;");
    assert_eq!(ran.bad_news.len(), 1);
    assert_eq!(fs::read_dir(dir.path().join("own/tmp")).unwrap().count(), 0);
}

#[test]
fn options_of_temp_dir_are_checked() {
    ends(
        &error("temp_dir(#{ prefx: \"a\" })"),
        "hint: did you mean `prefix`?",
    );
    let text = error("temp_dir(#{ prefix: \"../a\" })");
    assert!(
        text.starts_with("option `prefix` of `temp_dir` must be a plain name\n"),
        "{text}"
    );
    assert!(text.contains("got: \"../a\""), "{text}");
}

#[test]
fn files_are_refused_while_a_file_is_loaded() {
    for name in [
        "work_dir()",
        "temp_dir()",
        "write_file(\"a\", \"\")",
        "read_file(\"a\")",
        "file_exists(\"a\")",
    ] {
        let text = Fake::new().load(name).unwrap_err();
        assert!(
            text.contains("acts, and loading a file only declares"),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_way_does_not_hang() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("own")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(dir.path().join("own/pipe"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    for call in ["read_file(\"pipe\")", "write_file(\"pipe\", \"x\")"] {
        let ran = in_dir(&dir).timeout(Duration::from_secs(5)).run(call);
        assert!(
            ran.error().starts_with("`pipe` is no regular file\n"),
            "{}",
            ran.error()
        );
    }
}
