//! Small scripts against a small server: what the names promise, and how bad news reads.

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
fn a_missing_json_body_is_told_with_the_exchange() {
    let error = error("http.get(\"/html\").json");
    assert!(
        error.starts_with("GET SITE/html: the response is not JSON: expected value"),
        "{error}"
    );
    assert!(error.contains("content-type text/html"), "{error}");
    assert!(error.contains("it starts: <html>oops</html>"), "{error}");
    assert!(error.contains("last exchange"), "{error}");
    assert!(error.contains("again: curl SITE/html"), "{error}");
    let empty = self::error("http.get(\"/empty\").json");
    assert!(empty.contains("its body is empty"), "{empty}");
}

#[test]
fn a_failed_claim_shows_the_last_exchange() {
    let error =
        error("let res = http.post(\"/status/422\", #{ json: #{ a: 1 } });\nassert res.ok;");
    for line in [
        "POST SITE/status/422",
        "> content-type: application/json",
        "> {\"a\":1}",
        "< 422 Unprocessable Entity in ",
        "< {\"error\":\"as asked\"}",
        "again: curl -H 'content-type: application/json' --data-raw '{\"a\":1}' SITE/status/422",
    ] {
        assert!(error.contains(line), "{line}\n---\n{error}");
    }
}

#[test]
fn every_exchange_is_a_step_with_its_account() {
    let ran = run("http.get(\"/health\"); http.get(\"/status/500\");");
    assert_eq!(ran.steps(), ["http: GET /health", "http: GET /status/500"]);
    let accounts: Vec<&Value> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::StepEnded { data, outcome, .. } => {
                assert_eq!(*outcome, StepOutcome::Passed);
                Some(data)
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        (&accounts[0]["status"], &accounts[0]["method"]),
        (&json!(200), &json!("GET"))
    );
    assert!(
        accounts[0].get("hops").is_none(),
        "what went well is told briefly"
    );
    assert_eq!(
        accounts[1]["hops"][0]["response"]["body"],
        "{\"error\":\"as asked\"}"
    );
}

#[test]
fn a_refused_connection_is_a_failure_of_the_system() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let ran = Fake::new().base_url(&url).run("http.get(\"/\")");
    assert_eq!(ran.bad_news[0].kind, crate::host::failure::Kind::Failure);
    assert!(
        ran.error()
            .starts_with(&format!("GET {url}/: connection to ")),
        "{}",
        ran.error()
    );
}

#[test]
fn a11_two_clients_have_two_jars_and_http_its_own() {
    passes(
        r#"
        let ada = http.client();
        let bob = http.client();
        ada.get("/login/ada");
        bob.get("/login/bob");
        assert ada.get("/anything").json.headers.cookie == "user=ada";
        assert bob.get("/anything").json.headers.cookie == "user=bob";
        assert http.get("/anything").json.headers.get("cookie") == ();
        assert ada.cookies.get("user").http_only;
        assert http.get("/login/eve").cookies.user.value == "eve";
        "#,
    );
}

#[test]
fn cookies_can_be_set_listed_carried_over_and_cleared() {
    passes(
        r#"
        http.cookies.set("theme", "dark");
        http.cookies.set("deep", "1", #{ path: "/anything", secure: false });
        assert http.get("/anything").json.headers.cookie == "deep=1; theme=dark";
        state.cookies = http.cookies.list();
        http.cookies.clear();
        assert http.cookies.list() == [];
        http.cookies.load(state.cookies);
        assert http.cookies.get("theme").value == "dark";
        assert http.cookies.remove("theme") && !http.cookies.remove("theme");
        assert `${http.cookies}` == "cookies [deep]";
        "#,
    );
    assert!(error("http.cookies.set(\"a b\", \"1\")").starts_with("`a b` is no cookie name"));
    assert!(error("http.cookies.load([1])").starts_with("this is not what list() gives"));
    let none = error("http.client(#{ cookies: false }).cookies.list()");
    assert!(none.starts_with("this client keeps no cookies"), "{none}");
}

#[test]
fn a_client_has_settings_of_its_own_and_its_children_too() {
    passes(
        r#"
        let api = http.client(#{ base_url: "/anything", headers: #{ "X-A": "1" }, query: #{ k: "v" } });
        let told = api.get("/x").json;
        assert told.uri == "/anything/x?k=v";
        assert told.headers["x-a"] == "1";
        let child = api.client(#{ headers: #{ "x-a": "2", "X-B": "3" } });
        let told = child.get("/y").json;
        assert told.uri == "/anything/y?k=v";
        assert told.headers["x-a"] == "2" && told.headers["x-b"] == "3";
        assert `${http} ${api}` == "http http.client(/anything)";
        "#,
    );
}

#[test]
fn configured_headers_go_with_every_request_and_can_be_overridden() {
    let ran = Fake::new()
        .base_url(site())
        .world(|world| {
            world.http_headers.insert("X-Run".into(), "r1".into());
            world
                .http_headers
                .insert("x-own".into(), "configured".into());
        })
        .run(
            r#"
            let api = http.client(#{ headers: #{ "X-Own": "mine" } });
            let told = api.get("/anything").json.headers;
            assert told["x-run"] == "r1" && told["x-own"] == "mine";
            "#,
        );
    ran.passes();
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
fn a_token_is_fetched_and_hidden() {
    let ran = run(r#"
        let api = http.client(#{ auth: #{ oauth2: #{
            token_url: "/token", client_id: "me", client_secret: "s3cret-value",
        } } });
        api.get("/anything").json.headers.authorization
        "#);
    assert_eq!(
        ran.value().into_string().expect("text"),
        "Bearer tok-abcdef"
    );
}

#[test]
fn o5_while_waiting_trouble_means_not_yet() {
    let ran = run(r#"
        let task = wait_until("10s", || {
            let task = http.get("/flaky/5").json;
            if task.state == "SUCCESS" { task }
        });
        assert task.state == "SUCCESS";
        "#);
    ran.passes();
    assert_eq!(
        ran.steps().len(),
        1,
        "polls are no steps: {:?}",
        ran.steps()
    );
}

#[test]
fn o7_a_closed_port_is_waited_for_and_named_in_the_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let ran = Fake::new()
        .base_url(&url)
        .run("wait_until(\"100ms\", || http.get(\"/health\").status == 200)");
    assert!(ran.error().contains("refused"), "{}", ran.error());
}

#[test]
fn a_slip_in_an_option_is_not_waited_out() {
    let error = error("wait_until(\"20s\", || http.get(\"/health\", #{ heders: 1 }).ok)");
    assert!(error.contains("has no option `heders`"), "{error}");
}

#[test]
fn a_missing_property_after_a_good_answer_is_a_slip() {
    let error = error("wait_until(\"20s\", || http.get(\"/health\").json.dtabase == \"up\")");
    assert!(error.contains("there is no property `dtabase`"), "{error}");
}

#[test]
fn a_request_ends_at_its_own_limit_and_at_the_deadline_of_the_phase() {
    let error = error("http.get(\"/slow\", #{ timeout: \"30ms\" })");
    assert!(
        error.contains("timed out after 30ms while waiting for the first byte"),
        "{error}"
    );
    let ran = Fake::new()
        .base_url(site())
        .timeout(Duration::from_millis(100))
        .run("http.get(\"/slow\")");
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
    let account = ran.records.iter().find_map(|record| match record {
        Record::StepEnded { data, .. } => Some(data.clone()),
        _ => None,
    });
    assert_eq!(
        account.expect("a step")["method"],
        "GET",
        "the account tells what was cut off"
    );
}

#[test]
fn time_scale_stretches_the_limits_of_requests() {
    let ran = Fake::new()
        .base_url(site())
        .world(|world| world.time_scale = 0.001)
        .run("http.get(\"/slow\", #{ timeout: \"30s\" })");
    assert!(
        ran.error().contains("timed out after 30ms"),
        "{}",
        ran.error()
    );
}

#[test]
fn a_secret_is_hidden_even_where_text_is_cut_or_quoted() {
    let secret = "it's \"quite\" secret";
    let ran = Fake::new()
        .base_url(site())
        .world(|world| world.masker.add_secret("PASSWORD", secret))
        .state(json!({ "password": secret, "padding": "x".repeat(490) }))
        .run(
            r#"
            let res = http.request("POST", "/status/422", #{
                headers: #{ "X-Password": state.password },
                body: `${state.padding}${state.password}`,
            });
            assert res.ok, `see ${res.curl}`;
            "#,
        );
    let told = serde_json::to_string(&ran.records).expect("JSON");
    for text in [ran.error(), &told] {
        for part in ["quite", "it's", "it'\\''s"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("[masked:PASSWORD]"), "{text}");
    }
}

#[test]
fn what_lacks_a_base_url_says_so() {
    let error = |script: &str| Fake::new().run(script).error().to_owned();
    let cookie = error("http.cookies.set(\"a\", \"1\")");
    assert!(cookie.starts_with("a cookie belongs to a site"), "{cookie}");
    Fake::new()
        .run("http.cookies.set(\"a\", \"1\", #{ url: \"http://localhost\" })")
        .passes();
    let client = error("http.client(#{ base_url: \"/api\" }).get(\"/x\")");
    assert!(
        client.contains("bad URL `/api`: a base URL that is a path belongs to"),
        "{client}"
    );
}

#[test]
fn loading_may_describe_a_client_but_not_use_one() {
    let sources = Sources::default();
    let resolver = Arc::new(rhai::module_resolvers::DummyModuleResolver::new());
    let language = Arc::new(Language::new(&[], resolver, sources.clone()));
    let loading = Loading {
        world: Arc::default(),
        extensions: Arc::default(),
        script_dir: "/scripts".into(),
    };
    let engine = language.bare_engine(Dynamic::from(loading));
    let eval = |script: &str| engine.eval::<Dynamic>(script);
    let client = eval("http.client(#{ ca: \"ca.pem\" })").expect("only a description");
    assert!(is_client(&client));
    assert!(snapshot(&client).is_ok(), "a phase may capture it");
    let refused = |script| match explain(&eval(script).expect_err("it acts"), None, &sources) {
        Meaning::News(failure) => failure.render(),
        Meaning::Stopped(stop) => panic!("{stop:?}"),
    };
    let get = refused("http.get(\"/\")");
    assert!(
        get.starts_with("`http.get` acts, and loading a file only declares"),
        "{get}"
    );
    let cookies = refused("http.client().cookies.list()");
    assert!(cookies.starts_with("`http.cookies` acts"), "{cookies}");
    let slip = refused("http.client(#{ haeders: #{} })");
    assert!(slip.contains("did you mean `headers`?"), "{slip}");
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
