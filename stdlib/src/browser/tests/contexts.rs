//! What is isolated, and how it is set up.

use super::*;
use axum::extract::Request;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

fn mirror() -> SocketAddr {
    let headers = |request: Request| async move {
        let header = |name: &str| {
            let value = request.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or("none")
                .to_owned()
        };
        Html(format!(
            "<title>{} {}</title>",
            header("x-team"),
            header("user-agent")
        ))
    };
    let guarded = |request: Request| async move {
        match request.headers().get("authorization") {
            Some(_) => Html("<title>in</title>").into_response(),
            None => (
                axum::http::StatusCode::UNAUTHORIZED,
                [("www-authenticate", "Basic realm=\"x\"")],
            )
                .into_response(),
        }
    };
    let app = axum::Router::new()
        .route(
            "/",
            get(|| async { Html("<!doctype html><title>Home</title>") }),
        )
        .route("/headers", get(headers))
        .route("/guarded", get(guarded));
    serve_app(app)
}

#[test]
fn o12_a_context_has_the_device_place_and_language_it_was_asked_for() {
    let ran = against(mirror()).run(
        r#"
        let page = browser.open("/headers", #{
            device: "MOBILE", locale: "de-DE", timezone: "Asia/Tokyo", color_scheme: "dark",
            geolocation: #{ latitude: 48.1, longitude: 11.6 }, permissions: ["geolocation"],
            user_agent: "tester/1", headers: #{ "x-team": "blue" },
        });
        assert page.title == "blue tester/1";
        assert page.evaluate("[innerWidth, innerHeight]") == [320, 480];
        assert page.evaluate("navigator.maxTouchPoints") > 0;
        assert page.evaluate("navigator.language") == "de-DE";
        assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Tokyo";
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
        let latitude = page.evaluate("new Promise((done) => navigator.geolocation.getCurrentPosition((it) => done(it.coords.latitude)))");
        assert latitude == 48.1;

        let desktop = browser.open("/headers", #{ viewport: "DESKTOP" });
        assert desktop.evaluate("[innerWidth, innerHeight]") == [1920, 1080];
        let plain = browser.open("/headers");
        assert plain.evaluate("[innerWidth, innerHeight]") == [1280, 720];
        assert plain.title.starts_with("none ");
        "#,
    );
    ran.passes();
}

#[test]
fn o12_a_slip_in_an_option_is_told() {
    let ran = against(mirror()).run(r#"browser.open("/", #{ localle: "de" });"#);
    assert!(
        ran.error().contains("did you mean `locale`?"),
        "{}",
        ran.error()
    );
    let ran = against(mirror()).run(r#"browser.open("/", #{ device: "WATCH" });"#);
    assert!(
        ran.error().contains("`WATCH` is no viewport"),
        "{}",
        ran.error()
    );
}

#[test]
fn people_are_apart_and_their_sessions_can_be_kept() {
    let ran = against(mirror()).run(
        r#"
        let ada = browser.new_context();
        let page = ada.open("/");
        page.evaluate("() => { document.cookie = 'who=ada'; localStorage.theme = 'dark' }");
        ada.add_cookie(#{ name: "sid", value: "42", http_only: true });
        assert browser.open("/").evaluate("document.cookie") == "";
        let names = ada.cookies().map(|it| it.name);
        assert names.len == 2;

        state.session = ada.storage_state();
        let again = browser.open("/", #{ storage_state: state.session });
        assert again.evaluate("document.cookie") == "who=ada";
        assert again.evaluate("localStorage.theme") == "dark";

        state.logins = 0;
        for i in 0..2 {
            let ben = browser.login_once("ben", |page| {
                state.logins += 1;
                page.visit("/");
                page.evaluate("() => { document.cookie = 'who=ben' }");
            });
            assert ben.open("/").evaluate("document.cookie") == "who=ben";
        }
        assert state.logins == 1;
        "#,
    );
    ran.passes();
}

#[test]
fn servers_that_ask_and_networks_that_go() {
    let ran = against(mirror()).run(
        r#"
        let page = browser.open("/guarded", #{ auth: #{ user: "ada", password: "x" } });
        assert page.title == "in";
        let page = browser.open("/");
        page.context.set_offline(true);
        let failed = false;
        let fetched = page.evaluate("fetch('/').then(() => 'there', () => 'gone')");
        assert fetched == "gone";
        page.context.set_offline(false);
        assert page.evaluate("fetch('/').then(() => 'there', () => 'gone')") == "there";
        page.set_clock("2026-12-24T18:00:00Z");
        assert page.evaluate("new Date().toISOString()") == "2026-12-24T18:00:00.000Z";
        page.evaluate("() => { setTimeout(() => { window.rang = true }, 60000) }");
        assert page.evaluate("window.rang") == ();
        page.advance_clock("2m");
        assert page.evaluate("window.rang");
        page.reload();
        assert page.evaluate("new Date().getUTCFullYear()") == 2026;
        "#,
    );
    ran.passes();
}

#[test]
fn a_browser_of_its_own_has_its_own_arguments() {
    let ran = against(mirror()).run(
        r#"
        let page = browser.open("/", #{ dedicated: true, args: ["--lang=fr"] });
        assert page.title == "Home";
        "#,
    );
    ran.passes();
}
