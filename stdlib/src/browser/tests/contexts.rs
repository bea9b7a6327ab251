//! What is isolated, and how it is set up.

use super::*;
use crate::browser::pool::Pool;
use axum::extract::Request;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use std::time::Instant;

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
        // Time goes on where it is, also in documents that come later.
        page.reload();
        assert page.evaluate("new Date().toISOString()") == "2026-12-24T18:02:00.000Z";
        page.set_clock("2027-01-01T00:00:00Z");
        page.advance_clock("1h");
        page.evaluate("() => { const frame = document.createElement('iframe'); frame.srcdoc = '<p>in'; document.body.append(frame) }");
        expect(page.frame_locator("iframe").locator("p")).to_have_text("in");
        page.advance_clock("1h");
        assert page.frame_locator("iframe").locator("p").evaluate("() => new Date().toISOString()") == "2027-01-01T02:00:00.000Z";
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

#[test]
fn o12_what_is_held_in_the_hand_has_a_screen_of_its_size() {
    let ran = against(mirror()).run(
        r#"
        let page = browser.open("/", #{ viewport: #{ width: 400, height: 300 }, scale: 2, touch: true, reduced_motion: true });
        expect(page.evaluate("[innerWidth, innerHeight, devicePixelRatio, screen.width, screen.height]")).to_equal([400, 300, 2, 400, 300]);
        expect(page.evaluate("['(pointer: coarse)', '(hover: none)', '(prefers-reduced-motion: reduce)'].map((it) => matchMedia(it).matches)")).to_equal([true, true, true]);
        "#,
    );
    ran.passes();
}

#[test]
fn o12_what_a_context_was_opened_with_is_changed_later() {
    let ran = against(mirror()).run(
        r#"
        let page = browser.open("about:blank", #{
            offline: true, headers: #{ "x-team": "blue" }, permissions: ["geolocation"], geolocation: #{ latitude: 1, longitude: 2 },
        });
        try { page.visit("/headers") } catch {}
        page.context.set_offline(false);
        page.visit("/headers");
        expect(page).to_have_title(regex("^blue "));
        page.context.set_extra_headers(#{ "x-team": "red" });
        page.reload();
        expect(page).to_have_title(regex("^red "));
        let ask = "new Promise((done) => navigator.geolocation.getCurrentPosition((it) => done([it.coords.latitude, it.coords.longitude])))";
        expect(page.evaluate(ask)).to_equal([1, 2]);
        page.context.set_geolocation(52.5, 13);
        expect(page.evaluate(ask)).to_equal([52.5, 13]);
        page.context.add_cookie(#{ name: "a", value: "1", same_site: "Lax", expires: 4102444800 });
        page.context.add_cookie(#{ name: "b", value: "2" });
        page.context.clear_cookies("a");
        assert page.context.cookies().map(|it| it.name) == ["b"];
        page.context.clear_cookies();
        assert page.context.cookies().is_empty();
        "#,
    );
    assert!(ran.result.is_ok(), "{}", ran.error());
    let text = ran.bad_news[0].render();
    assert!(
        text.contains("ERR_INTERNET_DISCONNECTED") && text.contains("set_offline"),
        "{text}"
    );
}

#[test]
fn o12_values_that_no_browser_takes_are_slips_of_the_script() {
    let slips = [
        ("locale: `not a locale`", "Invalid locale"),
        (
            "timezone: `Mars/Olympus`",
            "Invalid timezone \"Mars/Olympus\"",
        ),
        ("geolocation: #{ latitude: 400, longitude: 0 }", "latitude"),
        ("scale: 0", "devicePixelRatio"),
        (
            "storage_state: `ada.json`",
            "`storage_state` is no storage state",
        ),
        (
            "storage_state: #{ cookie: [] }",
            "`storage_state` is no storage state",
        ),
        ("color_scheme: `drak`", "`drak` is no `color_scheme`"),
        (
            "auth: #{ user: `ada` }",
            "`auth` needs `user` and `password`",
        ),
    ];
    let mut script = String::new();
    for (slip, _) in slips {
        script.push_str(&format!(
            "try {{ browser.open(`/`, #{{ {slip} }}) }} catch {{}}\n"
        ));
    }
    script.push_str("try { browser.open(`data:text/html,<a href=http://x>x</a>`); browser.open(`htp://x`) } catch {}\ntry { browser.open(`/`).pdf(#{ scale: 9 }) } catch {}\n");
    let ran = against(mirror()).run(&script);
    let wanted = slips.iter().map(|(_, told)| *told);
    let wanted: Vec<&str> = wanted
        .chain([
            "browsers load nothing from `htp://`",
            "the browser takes no such value",
        ])
        .collect();
    assert_eq!(ran.bad_news.len(), wanted.len(), "{:?}", ran.bad_news);
    for (news, told) in ran.bad_news.iter().zip(wanted) {
        assert!(news.message.contains(told), "{told}: {news}");
        assert_eq!(news.kind, crate::host::failure::Kind::Usage, "{news}");
    }
}

#[test]
fn a_wrong_password_is_asked_for_once_and_then_refused() {
    let wrong = |request: Request| async move {
        let given = request.headers().get("authorization");
        match given.is_some_and(|given| given == "Basic YWRhOng=") {
            true => Html("<title>in</title>").into_response(),
            false => (
                axum::http::StatusCode::UNAUTHORIZED,
                [("www-authenticate", "Basic realm=\"x\"")],
            )
                .into_response(),
        }
    };
    let ran = against(serve_app(axum::Router::new().fallback(wrong))).run(
        r#"
        assert browser.open("/", #{ auth: #{ user: "ada", password: "x" } }).title == "in";
        let page = browser.open("/", #{ auth: #{ user: "ada", password: "guessed" } });
        assert page.requests.map(|it| it.status).find(|it| it == 401) == 401;
        assert browser.open("/").requests[0].status == 401;
        "#,
    );
    ran.passes();
}

#[test]
fn service_workers_answer_nothing_where_they_are_off() {
    const WORKER: &str = "addEventListener('activate', (event) => event.waitUntil(clients.claim())); \
        addEventListener('fetch', (event) => { if (event.request.url.endsWith('/api')) event.respondWith(new Response('worker')) })";
    let script = || async { ([("content-type", "text/javascript")], WORKER) };
    let page = "<script>window.ready = navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)\
        .then(() => navigator.serviceWorker.controller || new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done)))</script>";
    let app = axum::Router::new()
        .route("/", get(move || async move { Html(page) }))
        .route("/worker.js", get(script))
        .route("/api", get(|| async { "server" }));
    let ran = against(serve_app(app)).run(
        r#"
        let ask = "ready.then(() => fetch('/api')).then((it) => it.text())";
        assert browser.open("/").evaluate(ask) == "worker";
        let page = browser.open("/", #{ block_service_workers: true });
        assert page.evaluate("fetch('/api').then((it) => it.text())") == "server";
        let other = page.wait_for_popup(|page| page.evaluate("() => { open('/') }"));
        assert other.evaluate("fetch('/api').then((it) => it.text())") == "server";
        "#,
    );
    ran.passes();
}

#[test]
fn a_page_of_its_own_is_ready_before_it_is_asked_for_and_like_any_other() {
    let world = world(mirror());
    let run = |script| {
        let fake = Fake::new().timeout(Duration::from_secs(120));
        fake.run_in(&world, script)
    };
    let several = r#"
        for n in 0..2 {
            let context = browser.new_context();
            context.open("/").evaluate("document.cookie = 'left=behind'");
            context.close();
        }
    "#;
    run(several).passes();
    let host = world.shared.get::<Pool>().any().expect("a browser");
    let is_ready = || {
        let end = Instant::now() + Duration::from_secs(30);
        while host.spare().ready() == 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        host.opened()
    };
    assert_eq!(is_ready(), 3, "two were asked for, and one is ready");

    let taken = r#"
        let context = browser.new_context();
        assert context.pages == [] && context.cookies() == [];
        let page = context.open("/");
        assert page.title == "Home" && page.evaluate("document.cookie") == "";
        assert page.evaluate("[innerWidth, innerHeight, document.hasFocus()]") == [1280, 720, true];
        assert context.pages.len == 1;
        assert context.open("/headers").title.starts_with("none ");
        assert context.pages.len == 2;
    "#;
    run(taken).passes();
    assert_eq!(
        is_ready(),
        4,
        "the one that was ready was taken, and followed by another"
    );

    let another = r#"assert browser.open("/", #{ locale: "de-DE" }).evaluate("navigator.language") == "de-DE";"#;
    run(another).passes();
    assert_eq!(
        is_ready(),
        5,
        "one that differs is made, and what is ready stays"
    );

    let in_a_hurry = r#"
        for n in 0..8 {
            let context = browser.new_context();
            context.open("about:blank");
            context.close();
        }
    "#;
    let keeps_more = || {
        run(in_a_hurry).passes();
        let end = Instant::now() + Duration::from_secs(3);
        while host.spare().ready() < 2 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        host.spare().ready() >= 2
    };
    // On a machine that stalls, the last of a row may be there in time.
    assert!(
        (0..5).any(|_| keeps_more()),
        "where one comes too late, more are kept"
    );
    Fake::new().finish_in(&world, "1").passes();
    assert_eq!(host.spare().ready(), 0, "it outlived the run");
}
