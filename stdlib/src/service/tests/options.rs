//! What a slip in the options says. Nothing starts.

use super::{House, only_failure, service_news};

/// The message without the drawn place.
fn refused(options: &str) -> String {
    let ran = House::new().run(&format!("spawn_service(\"api\", #{{ {options} }})"));
    assert!(service_news(&ran).is_empty(), "{options}");
    let text = only_failure(&ran);
    let is_frame = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("-->") || line.starts_with('|') || line.starts_with("1 |")
    };
    text.lines()
        .filter(|line| !is_frame(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn p9_every_slip_is_told_with_the_next_move() {
    let cases = [
        (
            "",
            "service `api` has no option `cmd`\n  hint: cmd: [\"program\", \"argument\"], or a line for the shell: cmd: \"a | b\"",
        ),
        (
            "cmd: \"x\", prots: [\"web\"]",
            "`spawn_service` has no option `prots`\n  hint: did you mean `ports`?",
        ),
        (
            "cmd: []",
            "`cmd` of service `api` must be a list such as [\"program\", \"argument\"], or a line for the shell\n  got: [] (an array)",
        ),
        (
            "cmd: 5",
            "`cmd` of service `api` must be a list such as [\"program\", \"argument\"], or a line for the shell\n  got: 5 (an integer)",
        ),
        (
            "cmd: \"x\", ports: #{ web: \"9000-8000\" }",
            "port `web` of service `api`: `9000-8000` is no range of ports\n  hint: write it like \"8000-8100\", lowest first, from 1 to 65535; 0 means any free port",
        ),
        (
            "cmd: \"x\", ports: #{ web: 70000 }",
            "port `web` of service `api`: `70000` is no range of ports\n  hint: write it like \"8000-8100\", lowest first, from 1 to 65535; 0 means any free port",
        ),
        (
            "cmd: \"x\", ports: [1]",
            "`ports` of service `api` must be a list of names such as [\"web\"], or a map such as #{ web: \"8000-8100\" }\n  got: [1] (an array)",
        ),
        (
            "cmd: \"x\", ports: #{ web: #{ from_log: \"port\" } }",
            "port `web` of service `api`: `port` has no group for the number\n  hint: put the number in brackets: `listening on .*:(\\d+)`",
        ),
        (
            "cmd: \"x\", ports: #{ web: #{ from_log: \"(\" } }",
            "port `web` of service `api`: `(` is no regular expression: unclosed group",
        ),
        (
            "cmd: \"x\", ready: \"helth\"",
            "`ready` of service `api` must be #{ http: \"/health\" }, #{ tcp: \"web\" }, #{ log: \"…\" }, #{ command: […] }, #{ file: \"…\" }, #{ exit: 0 }, a closure, a list of these, or one of \"/health\", \"tcp\", \"running\" and \"completed\"\n  got: \"helth\" (a string)",
        ),
        (
            "cmd: \"x\", ports: [\"web\"], ready: #{ htpp: \"/\" }",
            "`api.ready` has no option `htpp`\n  hint: did you mean `http`?",
        ),
        (
            "cmd: \"x\", ports: [\"web\"], ready: #{ http: \"health\" }",
            "`http` in `ready` of service `api` must be a path such as \"/health\", or a whole URL\n  got: \"health\" (a string)",
        ),
        (
            "cmd: \"x\", ports: [\"web\"], ready: #{ http: \"/\", status: 1000 }",
            "`status` in `ready` of service `api` must be a status such as 200, or a list of them\n  got: 1000 (an integer)",
        ),
        (
            "cmd: \"x\", ready: \"/health\"",
            "`ready` of service `api` needs a port, and the service has none\n  hint: it has none: give it some with `ports: [\"web\"]`",
        ),
        (
            "cmd: \"x\", ports: [\"web\"], ready: \"tcp:admin\"",
            "`ready` of service `api` names the port `admin`, and there is none of that name\n  hint: its ports are: web",
        ),
        (
            "cmd: \"x\", env: #{ A: [] }",
            "A in `env` of service `api` must be a text, a number or a bool, or () to remove it\n  got: [] (an array)",
        ),
        (
            "cmd: \"x\", files: #{ \"../a\": \"x\" }",
            "file `../a` of service `api` leads out of its directory: it goes up with `..`\n  hint: it is relative to the service's private directory",
        ),
        (
            "cmd: \"x\", files: #{ \"a\": #{ template: \"gone\" } }",
            "file `a` of service `api`: no such file: gone\n  hint: the path is relative to the folder of the script",
        ),
        (
            "cmd: \"x\", files: #{ \"a\": #{ template: \"a\", text: \"b\" } }",
            "file `a` of service `api` must be made from one of `template`, `copy` and `text`\n  got: {\"template\":\"a\",\"text\":\"b\"} (a map)",
        ),
        (
            "cmd: \"x\", restart: \"sometimes\"",
            "`restart` of service `api` must be \"never\", \"on-failure\" or \"always\"\n  got: \"sometimes\" (a string)",
        ),
        (
            "cmd: \"x\", scope: \"world\"",
            "option `scope` of `spawn_service` must be \"scenario\", \"file\" or \"run\"\n  got: \"world\"",
        ),
        (
            "cmd: \"x\", needs: \"db\"",
            "there is no service `db`\n  hint: nothing was started yet: spawn_service(…) or stack(…).up()",
        ),
        (
            "cmd: \"x\", stop: \"NOSUCH\"",
            "service `api`: `NOSUCH` is no signal\n  hint: names are those of `kill -l`: TERM, INT, HUP, USR1, …",
        ),
        (
            "cmd: \"x\", env: #{ A: \"{{ B }}\", B: \"{{ A }}\" }",
            "variable `A` needs itself: A -> B -> A\n  hint: let one of them stand on its own",
        ),
        (
            "cmd: \"x\", ports: [\"web\"], env: #{ A: \"{{ port.wbe }}\" }",
            "variable `A`: there is no `port.wbe`\n  hint: did you mean `web`?",
        ),
        (
            "cmd: \"x {{ port }}\"",
            "`cmd` of service `api`: there is no `port`",
        ),
    ];
    for (options, expected) in cases {
        let got = refused(options);
        let same = got == expected || (!expected.contains("hint") && got.starts_with(expected));
        assert!(same, "{options}\n  expected {expected}\n  got      {got}");
    }
}

#[test]
fn c25_a_template_that_is_missing_or_broken_stops_everything_before_a_process() {
    let house = House::new().file("b.in", "a = {{ port }\n");
    let ran = house.run("spawn_service(\"api\", #{ cmd: \"touch $SCENARIO_PROJECT_DIR/ran\", files: #{ b: #{ template: \"b.in\" } } })");
    let text = only_failure(&ran);
    assert!(
        text.starts_with("file `b` of service `api`: line 1: "),
        "{text}"
    );
    assert!(service_news(&ran).is_empty());
}

#[test]
fn a_command_that_is_not_there_names_the_nearest() {
    let ran = House::new().run("spawn_service(\"api\", #{ cmd: [\"pyton3\", \"x\"] })");
    let text = only_failure(&ran);
    assert!(
        text.starts_with("service `api`: there is no program `pyton3`\n"),
        "{text}"
    );
    assert!(text.ends_with("hint: did you mean `python3`?"), "{text}");
    let ran = House::new().run("spawn_service(\"api\", #{ cmd: [\"./gone\"] })");
    let text = only_failure(&ran);
    assert!(
        text.starts_with("service `api`: there is no program `./gone`\n"),
        "{text}"
    );
}

#[test]
fn a_name_is_checked_and_taken_once() {
    let ran = House::new().run("spawn_service(\"a/b\", #{ cmd: \"x\" })");
    assert!(only_failure(&ran).starts_with("`a/b` is no name for a service\n"));
    let ran = House::new().run(
        "let a = spawn_service(\"a\", #{ cmd: \"exec sleep 60\" }); spawn_service(\"a\", #{ cmd: \"exec sleep 60\" })",
    );
    let text = only_failure(&ran);
    assert!(
        text.starts_with("a service `a` is already running (pid "),
        "{text}"
    );
    assert!(text.contains("hint: service(\"a\") finds it"), "{text}");
    House::new()
        .run("let a = spawn_service(\"a\", #{ cmd: \"exec sleep 60\" }); a.stop(); let b = spawn_service(\"a\", #{ cmd: \"exec sleep 60\" }); assert a.dir != b.dir;")
        .passes();
}
