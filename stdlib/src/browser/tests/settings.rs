//! Browsers that are not the usual one: somebody else's, with preferences, behind a proxy; and what pages are allowed to do.

use super::*;
use crate::host::browsing::Browsing;
use axum::response::Html;
use serde_json::json;

const PAGES: &[(&str, &str)] = &[(
    "/",
    "<!doctype html><title>Home</title><input id=from value=tea><input id=to>",
)];

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// What a WebDriver of somebody else is asked for on this machine.
fn asked_for() -> serde_json::Map<String, serde_json::Value> {
    let args = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"] });
    serde_json::Map::from_iter([
        ("browserName".to_owned(), json!("chrome")),
        ("goog:chromeOptions".to_owned(), args),
    ])
}

#[test]
fn somebody_elses_webdriver_is_used_by_its_address() {
    let port = free_port();
    let mut world = world(serve(PAGES));
    Arc::get_mut(&mut world).expect("alone").browsing = Browsing {
        url: Some(format!("http://127.0.0.1:{port}")),
        capabilities: asked_for(),
        ..Browsing::default()
    };
    let ran = Fake::new().timeout(Duration::from_secs(120)).finish_in(
        &world,
        &format!(
            r#"
            let driver = spawn_service("driver", #{{
                cmd: ["chromedriver", "--port={port}"], ready: #{{ log: "started successfully" }},
            }});
            let page = browser.open("/");
            page.locator("input").first().fill("rum");
            expect(page.locator("input").first()).to_have_value("rum");
            let ada = browser.new_context();
            ada.open("/").evaluate("() => {{ document.cookie = 'who=ada' }}");
            assert page.evaluate("document.cookie") == "";
            assert page.screenshot().len > 0;
            "#
        ),
    );
    ran.passes();
}

#[test]
fn a_webdriver_that_is_not_there_or_gives_no_session_is_told_of() {
    let at = |url: String| {
        move |world: &mut World| {
            world.browsing.url = Some(url);
        }
    };
    let url = format!("http://127.0.0.1:{}", free_port());
    let ran = against(serve(PAGES))
        .world(at(url.clone()))
        .run("browser.open(\"/\");");
    let told = ran.told();
    assert!(
        told.starts_with(&format!("no WebDriver answers at {url}: ")),
        "{told}"
    );
    assert!(
        told.ends_with("hint: is it up? `browser.url` or --browser-url names it"),
        "{told}"
    );

    let refuses = || async {
        let said = "no slot is free\nStacktrace:\n#0 0x5\n";
        let answer = json!({ "value": { "error": "session not created", "message": said, "stacktrace": "" } });
        (
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            axum::Json(answer),
        )
    };
    let url = format!(
        "http://{}",
        serve_app(axum::Router::new().fallback(refuses))
    );
    let ran = against(serve(PAGES))
        .world(at(url.clone()))
        .run("browser.open(\"/\");");
    assert_eq!(
        ran.told(),
        format!(
            "the WebDriver at {url} gives no session: no slot is free\n  \
             hint: `[browser.capabilities]` says what it is asked for"
        )
    );
}

#[test]
fn a_webdriver_that_names_an_address_where_nobody_speaks_bidi_is_told_of() {
    // One takes the connection and stays silent, as somebody else behind such an address may; at the other nobody is.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address").port();
    let nobody = free_port();
    for (port, reason) in [(silent, "no answer in 3s"), (nobody, "Connection refused")] {
        let opened = move || async move {
            let address = format!("ws://127.0.0.1:{port}/session/1");
            let capabilities = json!({ "browserName": "chrome", "webSocketUrl": address });
            axum::Json(json!({ "value": { "sessionId": "1", "capabilities": capabilities } }))
        };
        let driver = serve_app(axum::Router::new().fallback(opened));
        let ran = against(serve(PAGES))
            .world(move |world| {
                world.browsing.url = Some(format!("http://{driver}"));
                world.time_scale = 0.05;
            })
            .run("browser.open(\"/\");");
        let told = ran.told();
        let starts = format!(
            "the WebDriver says that BiDi is spoken at ws://127.0.0.1:{port}/session/1, where it is not: "
        );
        assert!(told.starts_with(&starts) && told.contains(reason), "{told}");
        assert!(told.contains("SE_NODE_GRID_URL"), "{told}");
    }
}

#[test]
fn preferences_are_those_of_the_whole_browser() {
    let address = serve(PAGES);
    let script = r#"
        let page = browser.open("/", #{ prefs: #{ "webkit.webprefs.default_font_size": 33 } });
        assert page.evaluate("getComputedStyle(document.body).fontSize") == "33px";
    "#;
    against(address).run(script).passes();
    let shell = "/usr/lib/chromium/chromium-headless-shell";
    let ran = against(address)
        .world(move |world| {
            world.env.insert("CHROME".into(), shell.into());
        })
        .run(script);
    assert_eq!(
        ran.told(),
        format!(
            "{shell} is only the shell of a browser, which knows no preferences\n  hint: `prefs` need the whole browser: \
             apt install chromium (Debian), or name it with CHROME"
        )
    );
}

#[test]
fn a_proxy_sees_all_that_a_page_asks_for() {
    let proxied =
        |uri: axum::http::Uri| async move { Html(format!("<title>by proxy: {uri}</title>")) };
    let proxy = serve_app(axum::Router::new().fallback(proxied));
    let ran = against(serve(PAGES)).run(&format!(
        r#"
        let page = browser.open("http://shop.example/tea", #{{ proxy: "http://{proxy}" }});
        assert page.title == "by proxy: http://shop.example/tea";
        page.visit("/");
        assert page.title.starts_with("by proxy: http://127.0.0.1");
        assert browser.open("/").title == "Home";
        "#
    ));
    ran.passes();
}

#[test]
fn pages_do_what_they_are_allowed_to() {
    let ran = against(serve(PAGES)).run(
        r##"
        let page = browser.open("/", #{ permissions: ["camera", "clipboard-read", "clipboard-write"] });
        let ask = "navigator.permissions.query({ name: 'camera' }).then((it) => it.state)";
        assert page.evaluate(ask) == "granted";
        assert browser.open("/").evaluate(ask) != "granted";
        let read = page.evaluate("navigator.clipboard.writeText('rum').then(() => navigator.clipboard.readText())");
        assert read == "rum";
        "##,
    );
    ran.passes();
    let ran = against(serve(PAGES)).run(r#"browser.open("/", #{ permissions: ["clipboard"] });"#);
    assert!(
        ran.error()
            .starts_with("there is no permission `clipboard`"),
        "{}",
        ran.error()
    );
}

#[test]
fn what_is_copied_on_a_page_is_pasted_on_it() {
    let ran = against(serve(PAGES)).run(
        r##"
        let page = browser.open("/");
        page.locator("#from").press("Control+A");
        page.locator("#from").press("Control+C");
        page.locator("#to").press("Control+V");
        expect(page.locator("#to")).to_have_value("tea");
        "##,
    );
    ran.passes();
}

#[test]
fn o12_the_viewport_is_changed_while_a_page_is_open() {
    let ran = against(serve(PAGES)).run(
        r#"
        let page = browser.open("/", #{ viewport: "800x600" });
        page.set_viewport(500, 400);
        assert page.evaluate("[innerWidth, innerHeight]") == [500, 400];
        page.set_viewport("TABLET");
        assert page.evaluate("[innerWidth, innerHeight]") == [1024, 768];
        page.set_viewport("WATCH");
        "#,
    );
    assert!(
        ran.error().starts_with("`WATCH` is no viewport"),
        "{}",
        ran.error()
    );
}

#[test]
fn a_browser_of_its_own_is_not_shared_and_ends_with_its_page() {
    let world = world(serve(PAGES));
    let ran = Fake::new().timeout(Duration::from_secs(120)).run_in(
        &world,
        r#"
        let page = browser.open("/", #{ dedicated: true, args: ["--user-agent=own/1"] });
        page.evaluate("navigator.userAgent")
        "#,
    );
    assert_eq!(ran.passes().value().to_string(), "own/1");
    let pool = world.shared.get::<crate::browser::pool::Pool>();
    assert!(pool.any().is_none(), "it is one of those that are shared");
    Fake::new().finish_in(&world, "1").passes();
}
