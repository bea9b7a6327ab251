//! Small scripts against a small server: what the names promise, and how bad news reads.

mod accounts;
mod clients;
mod waiting;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use axum::{Json, Router};
use rhai::Dynamic;
use serde_json::{Value, json};

use super::is_client;
use crate::host::fake::{Fake, Ran, runtime};
use crate::host::loading::Loading;
use crate::host::record::{Record, StepOutcome};
use crate::host::script::{Meaning, explain, snapshot};
use crate::host::sources::Sources;
use crate::language::Language;

/// The server of all tests here: it keeps nothing but counters.
fn site() -> &'static str {
    static SITE: OnceLock<String> = OnceLock::new();
    SITE.get_or_init(|| {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(async move { axum::serve(listener, routes()).await });
            format!("http://{address}")
        })
    })
}

fn routes() -> Router {
    Router::new()
        .route(
            "/health",
            get(|| async { Json(json!({ "database": "up" })) }),
        )
        .route("/anything", any(anything))
        .route("/anything/{*rest}", any(anything))
        .route("/status/{code}", any(status))
        .route("/empty", get(|| async { "" }))
        .route(
            "/html",
            get(|| async { ([(header::CONTENT_TYPE, "text/html")], "<html>oops</html>") }),
        )
        .route("/login/{user}", get(login))
        .route(
            "/to",
            get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/health")]) }),
        )
        .route("/flaky/{times}", get(flaky))
        .route(
            "/slow",
            get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }),
        )
        .route("/bytes", get(|| async { vec![1_u8, 2, 3] }))
        .route("/graphql", post(graphql))
        .route(
            "/token",
            post(|| async { Json(json!({ "access_token": "tok-abcdef", "expires_in": 60 })) }),
        )
}

/// Tells what it got.
async fn anything(request: Request) -> Json<Value> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").into()))
        .collect();
    Json(json!({
        "method": parts.method.as_str(),
        "uri": parts.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

async fn status(Path(code): Path<u16>) -> impl IntoResponse {
    let status = StatusCode::from_u16(code).expect("a status");
    (status, Json(json!({ "error": "as asked" })))
}

async fn login(Path(user): Path<String>) -> impl IntoResponse {
    [(header::SET_COOKIE, format!("user={user}; Path=/; HttpOnly"))]
}

/// Answers 404 until it was asked often enough. The counter is the server's, so each test takes its own number.
async fn flaky(Path(times): Path<u32>) -> impl IntoResponse {
    static COUNTS: [AtomicU32; 10] = [const { AtomicU32::new(0) }; 10];
    let count = &COUNTS[times as usize % 10];
    match count.fetch_add(1, Ordering::SeqCst) {
        asked if asked < times => StatusCode::NOT_FOUND.into_response(),
        _ => Json(json!({ "state": "SUCCESS" })).into_response(),
    }
}

async fn graphql(headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    assert_eq!(headers["content-type"], "application/json");
    if body["query"]
        .as_str()
        .is_some_and(|query| query.contains("broken"))
    {
        let errors = json!([{ "message": "no field broken" }, { "message": "sorry" }]);
        return Json(json!({ "data": null, "errors": errors }));
    }
    Json(json!({ "data": { "got": body } }))
}

fn run(script: &str) -> Ran {
    Fake::new().base_url(site()).run(script)
}

fn passes(script: &str) {
    run(script).passes();
}

fn error(script: &str) -> String {
    run(script).error().replace(site(), "SITE")
}

#[test]
fn every_verb_is_a_function() {
    passes(
        r#"
        for verb in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
            assert http.request(verb, "/anything").json.method == verb;
        }
        assert http.get("/anything").json.method == "GET";
        assert http.post("/anything").json.method == "POST";
        assert http.put("/anything").json.method == "PUT";
        assert http.patch("/anything").json.method == "PATCH";
        assert http.delete("/anything").json.method == "DELETE";
        assert http.options("/anything").json.method == "OPTIONS";
        assert http.head("/anything").text == "";
        "#,
    );
}

#[test]
fn options_shape_the_request() {
    passes(
        r#"
        let told = http.post("/anything", #{
            headers: #{ "X-Team": "red", "X-N": 3 },
            query: #{ page: 2, tag: ["a", "b"], none: () },
            json: #{ kind: "export" },
            auth: ["ada", "pw"],
        }).json;
        assert told.uri == "/anything?page=2&tag=a&tag=b";
        assert told.headers["x-team"] == "red";
        assert told.headers["x-n"] == "3";
        assert told.headers.authorization == "Basic YWRhOnB3";
        assert told.body == `{"kind":"export"}`;
        assert http.put("/anything", #{ form: #{ a: "x y" } }).json.body == "a=x+y";
        assert http.put("/anything", #{ body: "raw" }).json.body == "raw";
        let bytes = blob(3, 65);
        assert http.put("/anything", #{ body: bytes }).json.body == "AAA";
        "#,
    );
}

#[test]
fn a_response_answers_all_questions() {
    passes(
        r#"
        let res = http.get("/health");
        assert res.status == 200;
        assert res.ok;
        assert res.headers["content-type"] == "application/json";
        assert res.header("Content-Type") == "application/json";
        assert res.header("x-none") == ();
        assert res.text == `{"database":"up"}`;
        assert res.json.database == "up";
        assert res.url.ends_with("/health");
        assert res.elapsed > 0.0 && res.elapsed < 20.0;
        assert res.timings.total >= res.timings.first_byte;
        assert res.timings.tls == ();
        assert res.redirects == [];
        assert res.attempts.len == 1;
        assert res.attempts[0].status == 200;
        assert res.curl.starts_with("curl http://127.0.0.1:");
        assert res.size == 17 && res.raw_size == 17;
        assert res.version == "HTTP/1.1";
        assert res.saved_to == ();
        assert http.get("/bytes").bytes.len == 3;
        "#,
    );
}

#[test]
fn an_unknown_option_is_refused_with_its_neighbour() {
    let slip = error("http.get(\"/health\", #{ heders: #{} })");
    assert!(
        slip.starts_with("`http.get` has no option `heders`\n  --> test.rhai:1:6"),
        "{slip}"
    );
    assert!(slip.ends_with("hint: did you mean `headers`?"), "{slip}");
    for (script, message) in [
        (
            "http.get(\"/\", #{ timeout: 5 })",
            "must be a duration in quotes",
        ),
        (
            "http.get(\"/\", #{ timeout: #{ conect: \"1s\" } })",
            "did you mean `connect`?",
        ),
        (
            "http.get(\"/\", #{ retry: \"often\" })",
            "a number of retries or a map",
        ),
        (
            "http.get(\"/\", #{ retry: #{ on: [\"sometimes\"] } })",
            "a status such as 503",
        ),
        ("http.get(\"/\", #{ max_body: \"many\" })", "a size such as"),
        ("http.get(\"/\", #{ auth: \"x\" })", "option `auth` must be"),
        (
            "http.post(\"/\", #{ json: 1, body: \"x\" })",
            "has both `json` and `body`",
        ),
        ("http.post(\"/\", #{ body: 5 })", "must be text or bytes"),
        (
            "http.client(#{ key: \"k.pem\" })",
            "a `key` without a `cert`",
        ),
        (
            "http.client(#{ http_version: \"3\" })",
            "must be \"1.1\" or \"2\"",
        ),
        (
            "http.client(#{ resolve: #{ a: \"b\" } })",
            "must be an IP address",
        ),
        (
            "http.client(#{ timout: \"1s\" })",
            "did you mean `timeout`?",
        ),
        ("http.get(\"x y\")", "blank or control character"),
    ] {
        let error = error(script);
        assert!(error.contains(message), "{script}: {error}");
    }
}

#[test]
fn a_relative_url_without_a_base_url_says_so() {
    let ran = Fake::new().run("http.get(\"/tasks\")");
    let error = ran.error();
    assert!(
        error.starts_with("GET /tasks: bad URL `/tasks`: a relative URL needs a base URL"),
        "{error}"
    );
    assert!(
        error.contains("hint: did you forget `base_url`?"),
        "{error}"
    );
}

#[test]
fn redirects_and_retries_are_there_on_request_and_visible() {
    passes(
        r#"
        assert http.get("/to").status == 302;
        let res = http.get("/to", #{ redirects: 1 });
        assert res.status == 200 && res.redirects.len == 1 && res.redirects[0].ends_with("/health");
        let res = http.get("/flaky/2", #{ retry: #{ times: 3, on: 404, backoff: "1ms" } });
        assert res.ok;
        assert res.attempts.len == 3;
        assert res.attempts[0].status == 404;
        assert res.attempts[1].why == "retry after 1ms: status 404";
        "#,
    );
}

#[test]
fn a_body_can_be_saved_to_the_directory_of_the_scenario() {
    let directory = tempfile::tempdir().expect("a directory");
    let work = directory.path().join("work");
    let path = work.clone();
    let ran = Fake::new()
        .base_url(site())
        .world(move |world| world.run_dir = path)
        .run("let res = http.get(\"/bytes\", #{ save_to: \"b.bin\" }); res.saved_to");
    let saved = ran.value().into_string().expect("a path");
    assert_eq!(saved, work.join("b.bin").to_string_lossy());
    assert_eq!(std::fs::read(saved).expect("the file"), [1, 2, 3]);
}

#[test]
fn graphql_fails_on_errors_unless_allowed() {
    passes(
        r#"
        let res = http.graphql("/graphql", "query A { a }", #{ variables: #{ id: 7 }, operation: "A" });
        assert res.data.got.variables.id == 7;
        assert res.data.got.operationName == "A";
        let res = http.graphql("/graphql", "{ broken }", #{ allow_errors: true });
        assert res.json.errors.len == 2;
        "#,
    );
    let error = error("http.graphql(\"/graphql\", \"{ broken }\")");
    assert!(
        error.starts_with("the query failed: no field broken (and 1 more)"),
        "{error}"
    );
    assert!(self::error("http.get(\"/health\").data").starts_with("the response has no `data`"));
}

#[test]
fn files_to_send_are_found_beside_the_script() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("a.txt"), "hello").expect("a file");
    let path = directory.path().to_owned();
    let ran = Fake::new()
        .base_url(site())
        .world(move |world| world.project = path)
        .run(
            r#"
            assert http.put("/anything", #{ file: "a.txt" }).json.body == "hello";
            let told = http.post("/anything", #{ multipart: #{ doc: #{ file: "a.txt" }, n: 1 } }).json;
            assert told.body.contains("filename=\"a.txt\"") && told.body.contains("hello");
            "#,
        );
    ran.passes();
}
