//! `scenario new`: from a curl command, a HAR file or an OpenAPI description to a scenario that passes.

use crate::common::Project;

/// A demo system for commands that name whole addresses.
struct Demo {
    _process: crate::common::Running,
    url: String,
}

fn demo(project: &Project) -> Demo {
    let process = project.start(&["demo", "--port", "0"]);
    process.until("http://");
    let said = process.said();
    let url = said
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url.expect("an address").trim_end_matches('/').to_owned();
    Demo {
        _process: process,
        url,
    }
}

#[test]
fn a_curl_command_becomes_a_scenario_that_claims_what_came_back() {
    let project = Project::bare().file("scenario.toml", "");
    let demo = demo(&project);
    let address = format!("{}/tasks", demo.url);
    let ran = project.run(&[
        "new",
        "--",
        "curl",
        "-s",
        &address,
        "--json",
        r#"{"kind": "export", "seconds": 0.1}"#,
    ]);
    ran.passes();
    let script = project.read("scenarios/post_tasks.rhai");
    assert!(
        script.contains("json: #{ kind: \"export\", seconds: 0.1 }"),
        "{script}"
    );
    assert!(script.contains("assert res.status == 202;"), "{script}");
    assert!(script.contains("expect(res.json).to_match(#{"), "{script}");
    assert!(script.contains("id: \"#"), "{script}");
    assert!(!script.contains("attach("), "{script}");
    project.run(&["run", "scenarios/post_tasks.rhai"]).passes();
}

#[test]
fn a_secret_goes_to_the_run_and_not_into_the_file() {
    let project = Project::bare().file("scenario.toml", "");
    let demo = demo(&project);
    let address = format!("{}/basic-auth", demo.url);
    let ran = project.run(&[
        "new",
        "-o",
        "me.rhai",
        "--",
        "curl",
        "-u",
        "ada@example.com:lovelace",
        &address,
    ]);
    assert!(
        ran.stdout
            .contains("secret   API_PASSWORD stands for a value"),
        "{}",
        ran.stdout
    );
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("lovelace"));
    ran.passes();
    let script = project.read("me.rhai");
    assert!(
        script.contains("auth: [\"ada@example.com\", secret(\"API_PASSWORD\")]"),
        "{script}"
    );
    assert!(!script.contains("lovelace"));
    assert!(script.contains("authenticated: \"#bool\""), "{script}");
}

#[test]
fn a_red_answer_is_kept_red() {
    let project = Project::bare().file("scenario.toml", "");
    let demo = demo(&project);
    let address = format!("{}/api/me", demo.url);
    let ran = project.run(&["new", "-o", "me.rhai", "--", "curl", &address]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let script = project.read("me.rhai");
    assert!(script.contains("assert res.ok;"), "{script}");
    assert!(
        !script.contains("401") && !script.contains("attach("),
        "{script}"
    );
}

#[test]
fn a_har_file_becomes_a_scenario() {
    let project = Project::bare().file("scenario.toml", "");
    let demo = demo(&project);
    let har = serde_json::json!({ "log": { "entries": [
        { "request": { "method": "GET", "url": format!("{}/health", demo.url), "headers": [] },
          "response": { "status": 200, "content": { "mimeType": "application/json", "text": "{\"status\":\"ok\"}" } } },
    ] } });
    project.write("shop.har", har.to_string());
    project.run(&["new", "--har", "shop.har"]).passes();
    let script = project.read("scenarios/shop.rhai");
    assert!(script.contains("http.get("), "{script}");
}

#[test]
fn an_operation_of_an_openapi_description_becomes_a_scenario() {
    let project = Project::new();
    project.write(
        "api.yaml",
        "openapi: 3.1.0\npaths:\n  /health:\n    get:\n      operationId: health\n      responses: { '200': { content: { application/json: { schema: { type: object } } } } }\n",
    );
    project
        .run(&["new", "--openapi", "api.yaml", "--operation", "health"])
        .passes();
    let script = project.read("scenarios/health.rhai");
    assert!(script.contains("http.get(\"/health\")"), "{script}");
    assert!(script.contains("to_match(\"#object\")"), "{script}");
}

#[test]
fn without_a_run_the_file_is_written_and_checked() {
    let project = Project::bare().file("scenario.toml", "");
    let args = ["new", "--no-run", "--", "curl", "http://127.0.0.1:9/x"];
    project.run(&args).passes();
    let script = project.read("scenarios/get_x.rhai");
    assert!(script.contains("assert res.ok;"), "{script}");
    project.run(&args).passes();
    assert!(!project.read("scenarios/get_x_2.rhai").is_empty());
    let ran = project.run(&[
        "new",
        "--no-run",
        "-o",
        "scenarios/get_x.rhai",
        "--",
        "curl",
        "http://127.0.0.1:9/x",
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_read_is_said() {
    let project = Project::new();
    let cases: [(&[&str], &str); 4] = [
        (&["new"], "nothing says what the scenario is to do"),
        (&["new", "--", "wget", "x"], "does not begin with `curl`"),
        (&["new", "--har", "none.har"], "cannot read none.har"),
        (
            &["new", "--", "curl", "--frob", "x"],
            "`--frob` is not understood",
        ),
    ];
    for (args, told) in cases {
        let ran = project.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}
