//! Requests are seen, answered and kept.

use super::*;
use axum::response::Html;
use axum::routing::get;

fn shop() -> SocketAddr {
    let page = "<!doctype html><title>Shop</title><script>\
        const load = (url, options) => fetch(url, options).then((it) => it.text(), (error) => 'failed');</script>";
    let app = axum::Router::new()
        .route("/", get(move || async move { Html(page) }))
        .route(
            "/api/items",
            get(|| async { axum::Json(serde_json::json!([{ "name": "mug" }])) }),
        )
        .route(
            "/api/echo",
            get(|headers: axum::http::HeaderMap| async move {
                headers
                    .get("x-extra")
                    .and_then(|it| it.to_str().ok())
                    .unwrap_or("none")
                    .to_owned()
            }),
        )
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }),
        );
    serve_app(app)
}

#[test]
fn a_route_answers_changes_aborts_and_lets_pass() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/");
        assert page.evaluate("load('/api/items')").contains("mug");
        page.route("/api/items", #{ json: [#{ name: "cup" }] });
        assert page.evaluate("load('/api/items')") == "[{\"name\":\"cup\"}]";
        assert page.unroute("/api/items");
        assert page.evaluate("load('/api/items')").contains("mug");

        page.route("**/api/echo", |request| #{ change: #{ headers: #{ "x-extra": request.method } } });
        assert page.evaluate("load('/api/echo')") == "GET";
        page.route("**/api/*", |request| if request.url.ends_with("items") { "abort" });
        assert page.evaluate("load('/api/items')") == "failed";
        "#,
    );
    ran.passes();
}

#[test]
fn a_route_that_fails_fails_the_scenario_and_not_the_page() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/");
        page.route("/api/items", |request| request.nothing);
        assert page.evaluate("load('/api/items')") == "failed";
        "#,
    );
    assert!(
        ran.bad_news
            .iter()
            .any(|news| news.message.contains("nothing")),
        "{:?}",
        ran.bad_news
    );
}

#[test]
fn a_response_is_waited_for_with_its_body() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/", #{ bodies: true });
        let items = page.wait_for_response("/api/items", |page| page.evaluate("() => { load('/api/items') }"));
        assert items.status == 200;
        assert items.json[0].name == "mug";
        assert items.headers["content-type"] == "application/json";
        assert page.requests.find(|it| it.url.ends_with("/api/items")).status == 200;
        page.save_har("shop.har");
        "#,
    );
    ran.passes();
    assert!(ran.records.iter().any(|record| matches!(
        record,
        crate::host::record::Record::Attached { name, .. } if name == "shop.har"
    )));
}

#[test]
fn a_response_is_told_from_others_of_its_address_by_method_and_status() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/");
        page.route("/api/items", |request| #{ status: if request.method == "POST" { 201 } else { 200 }, json: request.method });
        let both = "() => { fetch('/api/items').then(() => fetch('/api/items', { method: 'POST' })) }";
        let made = page.wait_for_response("/api/items", #{ method: "post" }, |page| page.evaluate(both));
        assert made.json == "POST";
        let made = page.wait_for_response("/api/items", #{ status: 201, timeout: "20s" }, |page| page.evaluate(both));
        assert made.method == "POST";
        page.wait_for_response("/api/items", #{ verb: "POST" }, |page| ());
        "#,
    );
    let told: Vec<_> = ran.bad_news.iter().map(|news| news.render()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("`verb`") && told[0].contains("method, status, timeout"),
        "{told:?}"
    );
}

#[test]
fn a_host_that_is_blocked_is_not_talked_to() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/", #{ block: ["tracker.example"] });
        assert page.evaluate("load('http://tracker.example/x')") == "failed";
        assert page.evaluate("load('/api/items')").contains("mug");
        "#,
    );
    ran.passes();
}

#[test]
fn a_visit_that_the_page_comes_between_is_made_again() {
    let late = |title: &'static str| {
        move || async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Html(format!("<!doctype html><title>{title}</title>"))
        }
    };
    let goes_on = || async { Html("<script>location = '/own'</script>") };
    let app = axum::Router::new()
        .route(
            "/",
            get(|| async { Html("<!doctype html><title>Home</title>") }),
        )
        .route("/own", get(late("Own")))
        .route("/target", get(late("Target")))
        .route("/goes-on", get(goes_on))
        .route(
            "/nothing",
            get(|| async { axum::http::StatusCode::NO_CONTENT }),
        )
        .route(
            "/file",
            get(|| async {
                (
                    [("content-disposition", "attachment; filename=\"a.txt\"")],
                    "tea",
                )
            }),
        );
    let address = serve_app(app);
    let ran = against(address).run(
        r#"
        let page = browser.open("/");
        page.evaluate("() => { setTimeout(() => { location.href = '/own' }, 100) }");
        page.visit("/target");
        assert page.title == "Target";
        page.evaluate("() => { location.href = '/own' }");
        page.visit("/target");
        assert page.title == "Target";
        // One that goes on by itself is let go on.
        page.visit("/goes-on");
        expect(page).to_have_title("Own");
        try { page.visit("/file") } catch {}
        page.visit("/nothing");
        "#,
    );
    let told = |at: usize| ran.bad_news[at].render();
    assert!(
        told(0).starts_with(&format!(
            "http://{address}/file cannot be loaded: it is a download"
        )),
        "{}",
        told(0)
    );
    assert!(
        told(1).starts_with(&format!(
            "http://{address}/nothing cannot be loaded: net::ERR_ABORTED"
        )),
        "{}",
        told(1)
    );
    assert!(
        told(1).contains("the server sent no page, such as 204"),
        "{}",
        told(1)
    );
}

#[test]
fn a_page_that_never_comes_is_told_of() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/");
        page.visit("/slow", #{ timeout: "300ms" });
        "#,
    );
    assert!(
        ran.error().contains("/slow did not load"),
        "{}",
        ran.error()
    );
    assert!(ran.error().contains("within 300ms"), "{}", ran.error());
}

#[test]
fn what_was_sent_is_known_and_can_be_changed() {
    let echo = axum::Router::new()
        .route(
            "/",
            get(|| async { Html("<!doctype html><title>Echo</title>") }),
        )
        .route("/echo", axum::routing::post(|body: String| async { body }));
    let ran = against(serve_app(echo)).run(
        r#"
        let page = browser.open("/");
        let send = "(body) => fetch('/echo', { method: 'POST', headers: { 'content-type': 'text/x' }, body }).then((it) => it.text())";
        let answer = page.wait_for_response("/echo", |page| page.evaluate(send, ["tea"]));
        assert answer.request_body == "tea" && answer.text == "tea";
        assert page.requests[0].request_body == () && page.requests[page.requests.len - 1].request_body == "tea";
        page.route("/echo", |request| #{ change: #{ body: request.body + " and rum" } });
        assert page.evaluate(send, ["tea"]) == "tea and rum";
        page.save_har("echo.har");
        "#,
    );
    ran.passes();
}

#[test]
fn a_page_is_printed() {
    let ran = against(shop()).run(
        r#"
        let page = browser.open("/");
        assert page.pdf().as_string().starts_with("%PDF-");
        assert page.pdf(#{ landscape: true, background: true, scale: 0.5, pages: ["1"] }).len() > 100;
        "#,
    );
    ran.passes();
}
