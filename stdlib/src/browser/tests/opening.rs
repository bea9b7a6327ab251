//! Pages are opened, looked at and gone.

use super::*;

const PAGES: &[(&str, &str)] = &[
    (
        "/",
        "<!doctype html><title>Home</title><h1>Welcome</h1><a href=/next>next</a>",
    ),
    (
        "/next",
        "<!doctype html><title>Next</title><p id=p>there</p>",
    ),
];

#[test]
fn o18_a_page_is_opened_looked_at_and_asked() {
    let ran = against(serve(PAGES)).run(
        r#"
        let page = browser.open("/");
        assert page.title == "Home";
        assert page.url.ends_with("/");
        assert page.content.contains("<h1>Welcome</h1>");
        page.visit("/next");
        assert page.title == "Next";
        let id = page.evaluate("document.querySelector('p').id");
        assert id == "p";
        assert page.evaluate("return window.missing") == ();
        assert page.evaluate("(a, b) => a + b", [1, 2]) == 3;
        page.back();
        assert page.title == "Home";
        page.forward();
        assert page.url.ends_with("/next");
        page.reload();
        assert page.screenshot().len > 100;
        assert `${page}`.starts_with("page http://") && `${[page]}`.ends_with("/next]");
        page.close();
        assert page.is_closed && `${page}`.starts_with("closed page http://");
        "#,
    );
    ran.passes();
    assert_eq!(
        ran.steps()[..2],
        ["browser: open /", "browser: visit /next"]
    );
}

#[test]
fn pages_of_two_phases_share_a_browser_and_nothing_else() {
    let address = serve(PAGES);
    let world = world(address);
    let script = r#"
        let page = browser.open("/");
        assert page.evaluate("document.cookie") == "";
        page.evaluate("document.cookie = 'a=1'; localStorage.b = 2");
        assert page.evaluate("document.cookie") == "a=1";
    "#;
    Fake::new()
        .timeout(Duration::from_secs(120))
        .run_in(&world, script)
        .passes();
    Fake::new()
        .timeout(Duration::from_secs(120))
        .finish_in(&world, script)
        .passes();
}

#[test]
fn a_page_is_opened_only_as_far_as_it_is_asked() {
    use axum::response::Html;
    // Its picture never comes: it is there, and never loaded.
    let html = "<!doctype html><title>Slow</title><img src=/never>";
    let app = axum::Router::new()
        .route("/", axum::routing::get(move || async move { Html(html) }))
        .route("/never", axum::routing::get(std::future::pending::<()>));
    let world = world(serve_app(app));
    let run = |script: &str| {
        Fake::new()
            .timeout(Duration::from_secs(120))
            .run_in(&world, script)
    };
    run(r#"
        let usual = browser.open("/", #{ wait_until: "domcontentloaded" });
        assert usual.title == "Slow";
        usual.evaluate("document.cookie = 'a=1'");
        // How a page arrives is no reason for a context of its own; how it looks is.
        let beside = browser.open("/", #{ wait_until: "commit", timeout: "1m" });
        assert beside.evaluate("document.cookie") == "a=1";
        let apart = browser.open("/", #{ wait_until: "commit", locale: "fr-FR" });
        assert apart.evaluate("document.cookie") == "";
        let again = apart.context.open("/", #{ wait_until: "domcontentloaded" });
        assert again.title == "Slow";
    "#)
    .passes();
    for open in ["browser", "browser.new_context()"] {
        let ran = run(&format!("{open}.open(\"/\", #{{ timeout: \"300ms\" }});"));
        assert!(ran.error().contains("within 300ms"), "{}", ran.error());
        let ran = run(&format!("{open}.open(\"/\", #{{ wait_until: \"idle\" }});"));
        assert!(
            ran.error().contains("`idle` is no state of a page"),
            "{}",
            ran.error()
        );
    }
    let slip = run("browser.open(\"/\", #{ timeot: \"1s\" });");
    assert!(slip.error().contains("`timeout`"), "{}", slip.error());
    Fake::new().finish_in(&world, "1").passes();
}
