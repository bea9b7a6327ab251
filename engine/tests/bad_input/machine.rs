//! A machine that does not play along: full disks, stores of a newer program, places that cannot be written.

use super::Project;
use super::common::Ran;
use insta::assert_snapshot;
use std::process::Command;

/// `unshare` with these flags, as root or in a user namespace of its own. None where neither may do what is `tried`.
fn apart(flags: &[&str], tried: &[&str]) -> Option<Command> {
    let rights = [&[][..], &["--map-root-user"]];
    let commands = rights.map(|rights| {
        move || {
            let mut command = Command::new("unshare");
            command.args(rights).args(flags);
            command
        }
    });
    let mut may = commands.iter().filter(|command| {
        let output = command().args(tried).output();
        output.is_ok_and(|output| output.status.success())
    });
    may.next().map(|command| command())
}

/// With a file system of its own, which may be mounted.
fn with_mounts() -> Option<Command> {
    apart(&["--mount"], &["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
}

/// A run of `project` that sees a file system of its own, small and soon full, below `.scenario`.
fn in_a_small_store(project: &Project, args: &[&str]) -> Option<Ran> {
    let mounted = "mount -t tmpfs -o size=400k tmpfs .scenario && exec \"$0\" \"$@\"";
    std::fs::create_dir_all(project.path(".scenario")).expect("a directory");
    let mut command = with_mounts()?;
    command
        .args(["sh", "-c", mounted, env!("CARGO_BIN_EXE_scenario")])
        .args(args);
    Some(project.spawn(command).end())
}

/// A run of `project` that may write files of some hundred kilobytes only.
fn with_small_files(project: &Project, args: &[&str]) -> Ran {
    let limited = "trap '' XFSZ; ulimit -f 300; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", limited, env!("CARGO_BIN_EXE_scenario")])
        .args(args);
    project.spawn(command).end()
}

/// Records more than a megabyte that cannot be packed well, then passes.
const TALKATIVE: &str = "\
for i in 0..300 { log(noise(150)); }
assert true;
fn noise(times) { let out = \"\"; for i in 0..times { out += uuid(); } out }";

#[test]
fn a_full_disk_is_told_once_and_the_run_is_a_fault() {
    let project = Project::script(TALKATIVE);
    let ran = match in_a_small_store(&project, &["run", "a.rhai"]) {
        Some(ran) => ran.says("there is no space left for the store"),
        None => with_small_files(&project, &["run", "a.rhai"]),
    };
    let ran = ran.exits(3);
    assert_eq!(
        ran.stderr
            .matches("fault: the run is not recorded whole")
            .count(),
        1,
        "{}",
        ran.stderr
    );
    // What was learnt about the product is still told.
    assert!(
        ran.stdout.contains("1 scenario: 1 passed"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_file_that_may_not_grow_is_a_fault() {
    let project = Project::script(TALKATIVE);
    let ran = with_small_files(&project, &["run", "a.rhai"]).exits(3);
    assert_snapshot!(ran.complaints(), @"
    warning: the run is no longer recorded: input or output failed for [project]/.scenario/store.db: disk I/O error
    fault: the run is not recorded whole: see the warning above
    ");
}

#[test]
fn a_store_from_a_newer_version_is_left_alone() {
    let project = Project::script("assert true;");
    project.run(&["run", "a.rhai"]).passes();
    let store = rusqlite::Connection::open(project.path(".scenario/store.db")).expect("a store");
    store
        .pragma_update(None, "user_version", 9_999)
        .expect("written");
    drop(store);
    let before = std::fs::read(project.path(".scenario/store.db")).expect("a store");
    let ran = project
        .run(&["run", "a.rhai"])
        .exits(3)
        .says("1 scenario: 1 passed");
    assert_snapshot!(ran.complaints(), @"
    warning: the run is no longer recorded: the store [project]/.scenario/store.db is of version 9999, but this program knows versions up to 3
    fault: the run is not recorded whole: see the warning above
    ");
    assert_snapshot!(project.run(&["show"]).whole(), @r"
    exit 2
    --- stderr
    error: the store [project]/.scenario/store.db is of version 9999, but this program knows versions up to 3
      hint: update `scenario`, or use another store directory
    ");
    assert!(before == std::fs::read(project.path(".scenario/store.db")).expect("a store"));
}

#[test]
fn a_store_from_an_older_version_is_brought_up_to_date_with_all_it_holds() {
    let project = Project::script("assert true;");
    project.run(&["run", "a.rhai"]).passes();
    let path = project.path(".scenario/store.db");
    let store = rusqlite::Connection::open(&path).expect("a store");
    // The first version had no signals, packed nothing, and kept account of phases.
    store
        .execute_batch(
            "DROP TABLE signals; ALTER TABLE events DROP COLUMN packed;
             CREATE TABLE phases (run TEXT PRIMARY KEY); PRAGMA user_version = 1;",
        )
        .expect("made older");
    drop(store);
    let shown = project.run(&["show"]).passes();
    shown.says("1 scenario: 1 passed");
    let ran = project.run(&["run", "a.rhai"]).passes();
    assert_snapshot!(ran.complaints(), @"");
    assert_eq!(project.run(&["runs"]).passes().times("1 passed"), 2);
    let store = rusqlite::Connection::open(&path).expect("a store");
    let version: i64 = store
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .expect("a version");
    assert_eq!(version, 3);
}

#[test]
fn a_store_that_is_no_store_is_left_alone() {
    let project =
        Project::script("assert true;").file(".scenario/store.db", "shopping list: milk, eggs");
    let ran = project
        .run(&["run", "a.rhai"])
        .exits(3)
        .says("1 scenario: 1 passed");
    assert_snapshot!(ran.complaints(), @"
    warning: the run is no longer recorded: [project]/.scenario/store.db is not a store of runs
    fault: the run is not recorded whole: see the warning above
    ");
    assert_eq!(
        project.read(".scenario/store.db"),
        "shopping list: milk, eggs"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_runs() {
    let project =
        Project::script("assert true;").file("reports", "a file where a folder should be");
    assert_snapshot!(project.run(&["run", "--reporter", "junit=reports/junit.xml", "a.rhai"]).whole(), @r"
    exit 3
    --- stderr
    error: reporter `junit` cannot write [project]/reports/junit.xml: File exists (os error 17)
    ");
}

#[test]
fn a_report_whose_disk_is_full_turns_the_run_into_a_fault() {
    let project = Project::script("assert true;");
    let ran = project.run(&[
        "run",
        "--reporter",
        "terminal",
        "--reporter",
        "tap=/dev/full",
        "a.rhai",
    ]);
    assert_snapshot!(ran.exits(3).story(), @r"
    exit 3

    PASS   a.rhai  a  [time]

    1 scenario: 1 passed, 1 assertion, [time]
    --- stderr
    fault: reporter `tap` stopped working: cannot write /dev/full: No space left on device (os error 28)
      the run and the other reporters go on
    ");
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let project = Project::script(
        "for i in 0..200 { log(`line ${i}`); }\nwrite_file(\"done\", \"yes\");\nassert true;",
    );
    let mut command = Command::new("sh");
    let piped = "{ \"$0\" run -v a.rhai; echo $? > code; } | head -n 1";
    command.args(["-c", piped, env!("CARGO_BIN_EXE_scenario")]);
    project.spawn(command).end();
    assert_eq!(project.read("code").trim(), "0");
}

/// Where there is little space: a run that is well, a run whose service fills it, and what is known of both afterwards.
const FULL: &str = r#"
eval "$1" || exit 77
well=$("$0" run well.rhai | sed -n 's/^scenario .*, run //p')
"$0" run full.rhai -v --reporter terminal --reporter junit=junit.xml
echo "code $?"
"$0" show "$well" --color never; echo "shown $?"
"#;

#[test]
fn row_9_a_disk_that_is_full_is_told_services_end_and_earlier_results_stay_readable() {
    let project = Project::bare()
        .file("scenario.toml", "")
        .file("well.rhai", "assert true;")
        .file(
            "full.rhai",
            r#"scenario("fills it", || {
                let job = spawn_service("flood", #{ cmd: "while :; do head -c 65536 /dev/urandom; done", ready: "running" });
                write_file("pid", job.pid.to_string());
                log(`pid ${job.pid}`);
                // Once nothing can be written any more.
                let more = work_dir() + "/more";
                wait_until("60s", || exec(`head -c 65536 /dev/zero >> ${more}`, #{ may_fail: true }).code != 0);
                let words = "lorem";
                words.pad(2_000, " ipsum dolor sit amet");
                for n in 0..200 { log(`${n} ${words}`); }
                assert job.is_running, "a full disk holds up no service";
            });"#,
        );
    std::fs::create_dir_all(project.path(".scenario")).expect("a directory");
    // Where nobody may mount, no file may grow.
    let (mut command, confined) = match with_mounts() {
        Some(command) => (command, "mount -t tmpfs -o size=8m tmpfs .scenario"),
        None => (Command::new("env"), "trap '' XFSZ; ulimit -f 300"),
    };
    command.args(["sh", "-c", FULL, env!("CARGO_BIN_EXE_scenario"), confined]);
    let ran = project.spawn(command).end();
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("code 3\n"), "{said}");
    let words = ["No space left on device", "no space left", "disk I/O error"];
    assert!(words.iter().any(|word| said.contains(word)), "{said}");
    assert!(
        said.contains("PASS   well.rhai") && said.contains("shown 0"),
        "{said}"
    );
    // Written whole or not at all.
    if let Ok(junit) = std::fs::read_to_string(project.path("junit.xml")) {
        assert!(junit.trim_end().ends_with("</testsuites>"), "{junit}");
    }
    let (_, pid) = said.split_once("pid ").expect("it was started");
    let pid = pid.split_whitespace().next().expect("a number");
    assert!(!std::path::Path::new("/proc").join(pid).exists(), "{pid}");
}

#[test]
fn in_a_container_the_session_and_the_group_are_of_outside() {
    let project = Project::script("assert exec(\"true\").ok;");
    let flags = ["--pid", "--fork", "--mount-proc"];
    // Where nobody may leave the namespace, this is most likely such a container.
    let mut command = apart(&flags, &["true"]).unwrap_or_else(|| Command::new("env"));
    command.args([env!("CARGO_BIN_EXE_scenario"), "run", "a.rhai"]);
    project.spawn(command).end().passes().says("1 passed");
}
