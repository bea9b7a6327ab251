//! What begins with a colon at the prompt.

use super::common::Project;
use super::repl;

/// A project whose script stands in another folder than what it imports.
fn loading(script: &str) -> Project {
    Project::new()
        .file("lib/shop.rhai", "fn price(n) { n * 3 }\n")
        .file("scripts/one.rhai", script)
}

#[test]
fn a_script_is_loaded_with_its_functions_and_imports_and_saved_as_a_scenario() {
    let script = "import \"../lib/shop\" as shop;\n// What comes on top.\nfn total(n) {\n    shop::price(n) + 2\n}\nlet res = http.get(\"/health\"); // asked once\nassert res.status == 200;\nlet sum = [1, 2]\n    .map(|n| total(n))\n    .reduce(|all, n| all + n, 0);\nif sum > 1 { log(`sum ${sum}`) }\nsum\n";
    let project = loading(script);
    let input = ":load scripts/one.rhai\n[total(4), shop::price(5)]\n:vars\n:save scenarios/sum.rhai\n:reload\ntotal(1)\n";
    let ran = repl(&project, &[], input).passes();
    assert!(ran.stdout.starts_with("13\n[14, 15]\n"), "{}", ran.stdout);
    for told in ["sum ", "fn total(n)", "5 statements in 1 phase"] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    assert!(ran.stdout.ends_with("\n5\n"), "{}", ran.stdout);
    let text = project.read("scenarios/sum.rhai");
    for line in [
        "import \"../lib/shop\" as shop;",
        "    assert res.status == 200;",
        "        .map(|n| total(n))",
        "fn total(n) {\n    shop::price(n) + 2\n}",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    project.run(&["run", "scenarios/sum.rhai"]).passes();
}

#[test]
fn of_a_script_that_breaks_in_the_middle_stays_what_worked() {
    let script = "fn next(n) { n + 1 }\nlet first = 1;\nlet second = next(first);\nassert second == 3;\nlet third = 3;\n";
    let project = loading(script);
    let input = ":load scripts/one.rhai\n[first, second]\nthird\n:statements\n:save kept\n";
    let ran = repl(&project, &[], input).exits(1);
    assert!(
        ran.stderr.contains("--> scripts/one.rhai:4:8"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("unknown variable `third`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.starts_with("[1, 2]\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("  3  let second = next(first);\n"),
        "{}",
        ran.stdout
    );
    let text = project.read("kept.rhai");
    assert!(text.contains("let second = next(first);"), "{text}");
    assert!(!text.contains("third") && !text.contains("== 3"), "{text}");
    // Of one that is no script, nothing is done.
    let project = loading("let first = 1;\nlet = 2;\n");
    let ran = repl(&project, &[], ":load scripts/one.rhai\nfirst\n").exits(1);
    assert!(
        ran.stderr.contains("--> scripts/one.rhai:2:5"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("unknown variable `first`"),
        "{}",
        ran.stderr
    );
    // One that declares is for others.
    let project = loading("scenario(\"x\", || { assert true; });\n");
    repl(&project, &[], ":load scripts/one.rhai\n")
        .exits(1)
        .says("`:run scripts/one.rhai` runs it");
}

#[test]
fn what_is_saved_finds_the_modules_of_folders_and_nothing_makes_no_scenario() {
    let project = Project::new()
        .file(
            "scenario.toml",
            "base_url = \"demo:\"\nmodules = [\"lib\"]\n",
        )
        .file("lib/shop.rhai", "fn price(n) { n * 3 }\n");
    let input = "import \"shop\" as shop;\nlet cup = shop::price(2);\n:drop 3\n:phase \"pay it\"\ncup == 6\n:statements\n:save scenarios/cup.rhai\n";
    let ran = repl(&project, &[], input).exits(1);
    assert!(
        ran.stderr.contains("there is no statement of that number"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout
            .contains("phase pay it\n  3  cup == 6  (saved as an assert)"),
        "{}",
        ran.stdout
    );
    let text = project.read("scenarios/cup.rhai");
    assert!(text.contains("import \"shop\" as shop;"), "{text}");
    project
        .run(&["run", "scenarios/cup.rhai"])
        .passes()
        .says("1 passed");
    let ran = repl(&project, &[], "1 + 1\n:save empty\n").exits(1);
    assert!(ran.stderr.contains("nothing worked yet"), "{}", ran.stderr);
    assert!(!project.path("empty.rhai").exists());
}

#[test]
fn a_file_that_was_broken_since_leaves_everything_as_it_was() {
    let project = Project::new().file("shop.rhai", "fn price() { 3 }\nfn old() { 1 }\n");
    let write = |text: &str| {
        let shop = project.path("shop.rhai");
        format!(
            "exec([\"sh\", \"-c\", \"printf '%s' '{text}' > {}\"]);\n",
            shop.display()
        )
    };
    let input = [
        "fn mine() { price() }\nlet kept = [price()];\n",
        &write("fn price( {"),
        ":reload\n[price(), old(), mine()]\n",
        &write("fn price() { 5 }"),
        ":reload\n[price(), mine()]\nkept\nold()\n",
    ]
    .concat();
    let ran = repl(&project, &["shop.rhai"], &input).exits(1);
    assert!(
        ran.stdout
            .contains("everything stays as it was\n[3, 1, 3]\n"),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
    assert!(
        ran.stdout.ends_with("read shop.rhai anew\n[5, 5]\n[3]\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("--> shop.rhai:1:"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("unknown function `old`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn services_say_how_they_are_and_what_they_wrote() {
    let project = Project::new();
    let input = "let api = spawn_service(\"api\", #{ cmd: \"echo up; echo oh no >&2; exec sleep 60\", ready: #{ log: \"up\" } });\napi.wait_for_log(\"oh no\");\n:services\n:logs api\napi.stop();\n:services\n:logs\n:logs apo\n:vars\n";
    let ran = repl(&project, &[], input).exits(1);
    let told = &ran.stdout;
    assert!(told.contains("api  ready     pid "), "{told}");
    assert!(
        told.contains("\nup\n") && told.contains("\noh no\n"),
        "{told}"
    );
    assert!(told.contains("api  stopped "), "{told}");
    assert!(told.contains("\napi "), "{told}");
    assert!(ran.stderr.contains("name one service: :logs db"));
    assert!(ran.stderr.contains("`apo`"), "{}", ran.stderr);
    let ran = repl(
        &project,
        &[],
        ":services\n:timeout 5 parsecs\n:drop x\n:phase\n",
    )
    .exits(1);
    assert_eq!(ran.stdout, "no services were started here\n");
    assert!(ran.stderr.contains("say which: :drop 3"), "{}", ran.stderr);
}

#[test]
fn pages_are_listed_and_their_picture_is_taken() {
    let project = Project::new();
    let input = ":browser\nlet page = browser.open(\"/login\");\n:browser\n:browser shot login.png\n:browser shot nowhere/login.png\n:browser headed\n:browser headless\n:browser sideways\n";
    let ran = repl(&project, &[], input).exits(1);
    assert!(
        ran.stdout.contains("page  http://127.0.0.1:"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("from now on is in a window"));
    for told in [
        "no page is open here",
        "cannot write",
        "`:browser sideways` is nothing",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    let picture = std::fs::read(project.path("login.png")).expect("a picture");
    assert!(picture.starts_with(b"\x89PNG"));
}
