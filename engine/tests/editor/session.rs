//! What somebody sees who writes a scenario in an editor.

use crate::client::Editor;
use crate::common::Project;
use serde_json::{Value, json};

fn messages(found: &[Value]) -> Vec<String> {
    found
        .iter()
        .map(|one| {
            let start = &one["range"]["start"];
            let message = one["message"].as_str().unwrap();
            let first = message.lines().next().unwrap();
            format!("{}:{} {first}", start["line"], start["character"])
        })
        .collect()
}

#[test]
fn a_slip_is_underlined_while_it_is_typed_and_gone_when_it_is_mended() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file(
        "a.rhai",
        "let res = http.get(\"/health\");\nassert rse.status == 200;\nrse.ok;\n",
    );
    let found = editor.diagnostics("a.rhai");
    assert_eq!(
        messages(&found),
        ["1:7 unknown variable `rse`", "2:0 unknown variable `rse`"]
    );
    assert!(
        found[0]["message"]
            .as_str()
            .unwrap()
            .contains("hint: did you mean `res`?")
    );
    assert_eq!(
        found[0]["range"]["end"],
        json!({ "line": 1, "character": 10 })
    );
    editor.replace("a.rhai", (1, 7), (1, 10), "res");
    assert_eq!(
        messages(&editor.diagnostics("a.rhai")),
        ["2:0 unknown variable `rse`"]
    );
    editor.replace("a.rhai", (2, 0), (2, 7), "");
    assert_eq!(
        messages(&editor.diagnostics("a.rhai")),
        Vec::<String>::new()
    );
    editor.close();
}

#[test]
fn places_behind_wide_characters_are_right() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file("a.rhai", "let s = \"🙂ä\"; oops;");
    assert_eq!(
        messages(&editor.diagnostics("a.rhai"))[0],
        "0:15 unknown variable `oops`"
    );
}

#[test]
fn syntax_option_and_declaration_errors_are_found_too() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file("a.rhai", "let a = ;");
    assert_eq!(editor.diagnostics("a.rhai").len(), 1);
    editor.type_file(
        "b.rhai",
        "scenario(\"a\", #{ tagz: [] }, || { assert true });",
    );
    let found = editor.diagnostics("b.rhai");
    assert_eq!(messages(&found), ["0:0 `scenario` has no option `tagz`"]);
    editor.type_file("c.rhai", "loop { }\nscenario(\"a\", || { assert true });");
    let found = editor.diagnostics("c.rhai");
    assert!(messages(&found)[0].contains("took longer"), "{found:?}");
}

#[test]
fn an_import_sees_what_is_typed_in_the_module() {
    let project = Project::new().file("lib/shop.rhai", "fn buy(item) { item }\n");
    let mut editor = Editor::open(&project);
    let text = "import \"lib/shop\" as shop;\nassert shop::buy(1) == 1;\n";
    editor.type_file("a.rhai", text);
    assert_eq!(
        messages(&editor.diagnostics("a.rhai")),
        Vec::<String>::new()
    );
    editor.type_file("lib/shop.rhai", "fn buy(item, count) { item }\n");
    let uri = editor.uri("a.rhai");
    let seen = editor.until("diagnostics", |message| {
        message["params"]["uri"] == json!(uri)
            && message["params"]["diagnostics"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
    });
    let found = seen["params"]["diagnostics"].as_array().unwrap();
    assert_eq!(
        messages(found),
        ["1:13 `shop::buy` takes 2 arguments, not 1"]
    );
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": editor.uri("lib/shop.rhai") } }),
    );
    let uri = editor.uri("a.rhai");
    editor.until("the file on disk counts again", |message| {
        message["params"]["uri"] == json!(uri)
            && message["params"]["diagnostics"]
                .as_array()
                .is_some_and(Vec::is_empty)
    });
}

#[test]
fn completion_knows_primitives_methods_options_modules_and_names() {
    let project = Project::new().file("lib/shop.rhai", "// Buys one.\nfn buy(item) { item }\n");
    let mut editor = Editor::open(&project);
    let text =
        "import \"lib/shop\" as shop;\nlet answer = http.get(\"/\", #{  });\nanswer.;\nshop::;\nht";
    editor.type_file("a.rhai", text);
    let has = |labels: &[String], wanted: &[&str]| {
        for label in wanted {
            assert!(
                labels.iter().any(|known| known == label),
                "{label}: {labels:?}"
            );
        }
    };
    has(
        &editor.completions("a.rhai", 1, 30),
        &["headers", "timeout"],
    );
    has(
        &editor.completions("a.rhai", 2, 7),
        &["status", "json", "header"],
    );
    assert_eq!(editor.completions("a.rhai", 3, 6), ["buy"]);
    assert_eq!(editor.completions("a.rhai", 4, 2), ["http"]);
    let item = editor.at("textDocument/completion", "a.rhai", 3, 6)[0].clone();
    assert_eq!(item["textEdit"]["newText"], "buy($0)");
    assert_eq!(item["detail"], "buy(item)");
    assert_eq!(item["documentation"]["value"], "Buys one.");
}

#[test]
fn hover_and_signature_help_show_the_documentation() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file(
        "a.rhai",
        "let res = http.get(\"/health\", #{ timeout: \"1s\" });",
    );
    let told = editor.at("textDocument/hover", "a.rhai", 0, 16);
    let text = told["contents"]["value"].as_str().unwrap();
    assert!(text.contains("Http.get(url: text) -> Response"), "{text}");
    assert!(text.contains("Sends a GET request"), "{text}");
    assert_eq!(told["range"]["start"]["character"], 15);
    let told = editor.at("textDocument/hover", "a.rhai", 0, 35);
    assert!(
        told["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("option `timeout`")
    );
    let help = editor.at("textDocument/signatureHelp", "a.rhai", 0, 32);
    assert_eq!(help["activeParameter"], 1);
    let active = help["activeSignature"].as_u64().unwrap() as usize;
    assert_eq!(
        help["signatures"][active]["label"],
        "Http.get(url: text, options: map) -> Response"
    );
}

#[test]
fn a_definition_is_gone_to_in_the_file_and_in_modules() {
    let project = Project::new().file("lib/shop.rhai", "\nfn buy(item) { item }\n");
    let mut editor = Editor::open(&project);
    let text = "import \"lib/shop\" as shop;\nimport \"std/postgres\" as pg;\nfn one() { 1 }\nlet two = one();\nshop::buy(two);\npg::up();\n";
    editor.type_file("a.rhai", text);
    let mut place = |line, character| {
        let found = editor.at("textDocument/definition", "a.rhai", line, character);
        let first = found[0].clone();
        let uri = first["uri"].as_str().unwrap_or_default().to_owned();
        (uri, first["range"]["start"]["line"].clone())
    };
    let (uri, line) = place(3, 11);
    assert!(uri.ends_with("/a.rhai") && line == 2, "{uri} {line}");
    let (uri, line) = place(4, 11);
    assert!(uri.ends_with("/a.rhai") && line == 3, "{uri} {line}");
    let (uri, line) = place(4, 7);
    assert!(uri.ends_with("/lib/shop.rhai") && line == 1, "{uri} {line}");
    let (uri, line) = place(0, 12);
    assert!(uri.ends_with("/lib/shop.rhai") && line == 0, "{uri} {line}");
    let (uri, _) = place(1, 12);
    assert!(uri.ends_with("std/postgres.rhai"), "{uri}");
}

#[test]
fn the_outline_shows_scenarios_with_their_phases() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file(
        "a.rhai",
        "fn help() { 1 }\nscenario(\"buys\", [\n    phase(\"order\", || {}),\n    phase(\"pay\", || {}),\n]);\n",
    );
    let params = json!({ "textDocument": { "uri": editor.uri("a.rhai") } });
    let symbols = editor.ask("textDocument/documentSymbol", params);
    assert_eq!(symbols[0]["name"], "help");
    assert_eq!(symbols[1]["name"], "buys");
    assert_eq!(symbols[1]["children"][1]["name"], "pay");
    assert_eq!(
        symbols[1]["range"]["end"],
        json!({ "line": 4, "character": 2 })
    );
}

#[test]
fn a_lens_runs_a_scenario_and_its_result_stands_where_it_happened() {
    let text = "scenario(\"good\", || { assert 1 == 1; });\nscenario(\"bad\", || {\n    assert 1 == 2;\n});\n";
    let project = Project::new().file("a.rhai", text);
    let mut editor = Editor::open(&project);
    editor.type_file("a.rhai", text);
    assert_eq!(editor.diagnostics("a.rhai"), Vec::<Value>::new());
    let params = json!({ "textDocument": { "uri": editor.uri("a.rhai") } });
    let lenses = editor.ask("textDocument/codeLens", params.clone());
    assert_eq!(lenses.as_array().unwrap().len(), 2);
    let command = lenses[1]["command"].clone();
    assert_eq!(command["title"], "run");
    let run = json!({ "command": command["command"], "arguments": command["arguments"] });
    editor.ask("workspace/executeCommand", run);
    let uri = editor.uri("a.rhai");
    let seen = editor.until("the result", |message| {
        message["params"]["uri"] == json!(uri)
            && message["params"]["diagnostics"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
    });
    let found = seen["params"]["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["source"], "scenario run");
    assert_eq!(found[0]["range"]["start"]["line"], 2);
    assert!(
        found[0]["message"].as_str().unwrap().starts_with("bad: "),
        "{found:?}"
    );
    let told = editor.until("a word about it", |message| {
        message["method"] == "window/showMessage"
    });
    assert_eq!(
        told["params"]["message"],
        "a.rhai:2: exit 1, see the output"
    );
    let lenses = editor.ask("textDocument/codeLens", params);
    let titles: Vec<&str> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|lens| lens["command"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["run", "run · failed", "rerun failed"]);
    // What is edited is no longer what failed.
    editor.replace("a.rhai", (2, 0), (2, 18), "    assert 2 == 2;");
    assert_eq!(editor.diagnostics("a.rhai"), Vec::<Value>::new());
    editor.close();
}

#[test]
fn a_project_that_cannot_be_opened_is_said_and_opened_once_it_is_mended() {
    let project = Project::bare().file("scenario.toml", "nonsense = 1\n");
    let mut editor = Editor::open(&project);
    let told = editor.until("a word about it", |message| {
        message["method"] == "window/showMessage"
    });
    assert!(
        told["params"]["message"]
            .as_str()
            .unwrap()
            .contains("nonsense"),
        "{told}"
    );
    project.write("scenario.toml", "");
    let saved = json!({ "textDocument": { "uri": editor.uri("scenario.toml") } });
    editor.tell("textDocument/didSave", saved);
    editor.type_file("a.rhai", "oops;");
    let uri = editor.uri("a.rhai");
    editor.until("diagnostics", |message| {
        message["params"]["uri"] == json!(uri)
            && message["params"]["diagnostics"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
    });
}
