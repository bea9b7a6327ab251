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
        page.close();
        assert page.is_closed;
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
