//! Whatever a client says, the server goes on.

use crate::client::Editor;
use crate::common::Project;
use serde_json::{Value, json};

#[test]
fn frames_that_are_none_end_nothing() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    for bytes in [
        &b"Content-Length: 8\r\n\r\n{ broken"[..],
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"Content-Length: 6\r\n\r\n\xff\xfe\xfd\xfc\xfb\xfa",
        b"\r\n\r\n\r\n",
    ] {
        editor.send_raw(bytes);
        editor.is_well();
    }
    editor.close();
}

#[test]
fn messages_that_make_no_sense_are_answered_or_left() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    for (method, params) in [
        ("no/such/method", json!({})),
        ("textDocument/hover", json!({})),
        ("textDocument/hover", json!([1, 2])),
        ("textDocument/completion", json!({ "textDocument": 7 })),
        ("initialize", json!({ "capabilities": {} })),
    ] {
        let answer = editor.ask_for_all(method, params);
        assert!(answer["error"]["code"].is_i64(), "{method}: {answer}");
    }
    editor.send(&json!({ "id": 99_999, "result": "of nothing" }));
    editor.send(&json!({ "jsonrpc": "2.0", "id": "x", "error": 3 }));
    editor.tell("textDocument/didChange", json!({ "textDocument": "?" }));
    editor.tell("no/such/note", json!({}));
    editor.is_well();
    for command in [
        json!({ "command": "rm", "arguments": ["-rf"] }),
        json!({ "command": "scenario.run", "arguments": [{ "file": "--keep", "line": 1 }] }),
        json!({ "command": "scenario.run" }),
    ] {
        assert_eq!(editor.ask("workspace/executeCommand", command), Value::Null);
    }
    editor.is_well();
    editor.close();
}

#[test]
fn places_and_files_that_are_not_there_have_no_answer() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    editor.type_file("a.rhai", "http.");
    for method in [
        "textDocument/hover",
        "textDocument/completion",
        "textDocument/definition",
        "textDocument/signatureHelp",
    ] {
        editor.at(method, "a.rhai", 4_000_000_000, 4_000_000_000);
        editor.at(method, "a.rhai", 0, 9);
        assert_eq!(editor.at(method, "never_opened.rhai", 0, 0), Value::Null);
    }
    editor.replace("a.rhai", (9, 9), (3, 1), "x");
    editor.replace("never_opened.rhai", (0, 0), (0, 1), "x");
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": "untitled:Untitled-1" } }),
    );
    editor.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:Untitled-1", "languageId": "rhai", "version": 1, "text": "oops;" } }),
    );
    editor.until("diagnostics of a text without a file", |message| {
        message["params"]["uri"] == "untitled:Untitled-1"
    });
    editor.is_well();
    editor.close();
}

#[test]
fn texts_of_any_size_and_form_are_borne() {
    let project = Project::new();
    let mut editor = Editor::open(&project);
    let deep = format!("let a = {}1{};", "(".repeat(5_000), ")".repeat(5_000));
    let giant = "let a = 1;\n".repeat(400_000);
    for text in [
        deep.as_str(),
        giant.as_str(),
        "\u{0}\u{1}\u{feff}",
        "`${`${`${",
        "fn f() { f() }\nf();\nscenario(\"a\", || {});",
        "let a = [1]; a.len.len.len.len.;",
        "scenario(\"x\", #{ \"\": 1, }, ||",
    ] {
        editor.type_file("odd.rhai", text);
        editor.diagnostics("odd.rhai");
        editor.at("textDocument/completion", "odd.rhai", 0, 5);
        editor.at("textDocument/hover", "odd.rhai", 0, 4);
        let params = json!({ "textDocument": { "uri": editor.uri("odd.rhai") } });
        editor.ask("textDocument/codeLens", params);
    }
    editor.is_well();
    editor.close();
}

#[test]
fn a_client_that_is_gone_ends_the_server() {
    let project = Project::new();
    let mut child = project
        .command(&["lsp"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
