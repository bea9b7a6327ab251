//! Every expectation, once where it holds and once where it does not.

use super::*;
use crate::host::failure::Kind;

const PAGE: &str = "<title>Shop</title><h1 id=h class='big red' style='color: rgb(1, 2, 3)'>Tea  and\n rum</h1>\
    <p hidden>gone</p><button>On</button><button disabled>Off</button>\
    <input id=name value=Ada aria-label=Name aria-description='As on the card'><input id=ro readonly value=x><input id=none>\
    <input type=checkbox id=yes checked><input type=checkbox id=no>\
    <select multiple id=sizes><option selected>S<option selected>M<option>L</select>\
    <ul><li>One</li><li>Two</li></ul><p id=far style='margin-top: 9999px'>Far</p>";

/// A claim that holds; the same with other words that does not; what the failure says.
const CLAIMS: &[(&str, &str, &str)] = &[
    (
        r##"expect(page.locator("#h")).to_be_visible(LIMIT)"##,
        r##"expect(page.locator("p[hidden]")).to_be_visible(LIMIT)"##,
        "hidden: it has display: none",
    ),
    (
        r##"expect(page.locator("p[hidden]")).to_be_hidden(LIMIT)"##,
        r##"expect(page.locator("#h")).to_be_hidden(LIMIT)"##,
        "received: visible",
    ),
    (
        r##"expect(page.locator("#missing")).to_be_hidden(LIMIT)"##,
        r##"expect(page.locator("#missing")).to_be_visible(LIMIT)"##,
        "no such element",
    ),
    (
        r##"expect(page.locator("p[hidden]")).to_be_attached(LIMIT)"##,
        r##"expect(page.locator("#missing")).to_be_attached(LIMIT)"##,
        "no such element",
    ),
    (
        r##"expect(page.get_by_role("button", "On")).to_be_enabled(LIMIT)"##,
        r##"expect(page.get_by_role("button", "Off")).to_be_enabled(LIMIT)"##,
        "received: disabled",
    ),
    (
        r##"expect(page.get_by_role("button", "Off")).to_be_disabled(LIMIT)"##,
        r##"expect(page.get_by_role("button", "On")).to_be_disabled(LIMIT)"##,
        "received: enabled",
    ),
    (
        r##"expect(page.locator("#name")).to_be_editable(LIMIT)"##,
        r##"expect(page.locator("#ro")).to_be_editable(LIMIT)"##,
        "received: read-only",
    ),
    (
        r##"expect(page.locator("#yes")).to_be_checked(LIMIT)"##,
        r##"expect(page.locator("#no")).to_be_checked(LIMIT)"##,
        "received: unchecked",
    ),
    (
        r##"expect(page.locator("#none")).to_be_empty(LIMIT)"##,
        r##"expect(page.locator("#name")).to_be_empty(LIMIT)"##,
        "Ada",
    ),
    (
        r##"expect(page.locator("#h")).to_be_in_viewport(LIMIT)"##,
        r##"expect(page.locator("#far")).to_be_in_viewport(LIMIT)"##,
        "0 % of it in the viewport",
    ),
    (
        r##"expect(page.locator("#h")).to_have_text("Tea and rum", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_text("Tea", LIMIT)"##,
        "received: \"Tea and rum\"",
    ),
    (
        r##"expect(page.locator("li")).to_have_text(["One", regex("^T")], LIMIT)"##,
        r##"expect(page.locator("li")).to_have_text(["One"], LIMIT)"##,
        "[\"One\",\"Two\"]",
    ),
    (
        r##"expect(page.locator("#h")).to_contain_text("and", LIMIT)"##,
        r##"expect(page.locator("#h")).to_contain_text("AND", LIMIT)"##,
        "expected: \"AND\"",
    ),
    (
        r##"expect(page.locator("#name")).to_have_value("Ada", LIMIT)"##,
        r##"expect(page.locator("#name")).to_have_value("Bob", LIMIT)"##,
        "received: \"Ada\"",
    ),
    (
        r##"expect(page.locator("#sizes")).to_have_values(["S", "M"], LIMIT)"##,
        r##"expect(page.locator("#sizes")).to_have_values(["S"], LIMIT)"##,
        "[\"S\",\"M\"]",
    ),
    (
        r##"expect(page.locator("#h")).to_have_attribute("class", "big red", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_attribute("class", "red", LIMIT)"##,
        "expected: class \"red\"",
    ),
    (
        r##"expect(page.locator("#h")).to_have_class("big red", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_class("big", LIMIT)"##,
        "\"big red\"",
    ),
    (
        r##"expect(page.locator("#h")).to_contain_class("red", LIMIT)"##,
        r##"expect(page.locator("#h")).to_contain_class("blue", LIMIT)"##,
        "\"big red\"",
    ),
    (
        r##"expect(page.locator("#h")).to_have_css("color", "rgb(1, 2, 3)", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_css("color", "red", LIMIT)"##,
        "\"rgb(1, 2, 3)\"",
    ),
    (
        r##"expect(page.locator("#h")).to_have_id("h", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_id("x", LIMIT)"##,
        "received: \"h\"",
    ),
    (
        r##"expect(page.locator("#h")).to_have_role("heading", LIMIT)"##,
        r##"expect(page.locator("#h")).to_have_role("link", LIMIT)"##,
        "\"heading\"",
    ),
    (
        r##"expect(page.locator("#name")).to_have_accessible_name("Name", LIMIT)"##,
        r##"expect(page.locator("#name")).to_have_accessible_name("E-mail", LIMIT)"##,
        "\"Name\"",
    ),
    (
        r##"expect(page.locator("#name")).to_have_accessible_description("As on the card", LIMIT)"##,
        r##"expect(page.locator("#name")).to_have_accessible_description("x", LIMIT)"##,
        "\"As on the card\"",
    ),
    (
        r##"expect(page.locator("li")).to_have_count(2, LIMIT)"##,
        r##"expect(page.locator("li")).to_have_count(3, LIMIT)"##,
        "received: 2",
    ),
    (
        r##"expect(page.locator("ul")).to_match_aria_snapshot("- listitem: /T.o/", LIMIT)"##,
        r##"expect(page.locator("ul")).to_match_aria_snapshot("- listitem: Three", LIMIT)"##,
        "- listitem: Two",
    ),
    (
        r##"expect(page).to_have_title("Shop", LIMIT)"##,
        r##"expect(page).to_have_title("Cart", LIMIT)"##,
        "received: \"Shop\"",
    ),
    (
        r##"expect(page).to_have_url("/shop?a=1", LIMIT)"##,
        r##"expect(page).to_have_url("/cart", LIMIT)"##,
        "/shop?a=1\"",
    ),
    (
        r##"expect(page).to_have_url("**/shop?a=1", LIMIT)"##,
        r##"expect(page).to_have_url("**/cart/**", LIMIT)"##,
        "expected: \"**/cart/**\"",
    ),
    (
        r##"expect(page).to_have_url("/sh*", LIMIT)"##,
        r##"expect(page).to_have_url("/*/shop", LIMIT)"##,
        "expected: \"/*/shop\"",
    ),
];

fn shop() -> SocketAddr {
    serve(Box::leak(Box::new([("/shop", PAGE)])))
}

/// Each claim with a limit that leaves no time for a second look.
fn limited(claim: &str) -> String {
    claim.replace("LIMIT", r#"#{ timeout: "1ms" }"#)
}

fn twin(claim: &str) -> String {
    limited(claim).replacen(").to_", ").not_to_", 1)
}

#[test]
fn g24_every_expectation_holds_where_it_should() {
    let mut script = "let page = browser.open(\"/shop?a=1\");\n".to_owned();
    for (holds, fails, _) in CLAIMS {
        // "/sh*" does not reach over the query.
        if !holds.contains("/sh*") {
            script.push_str(&format!("{};\n", limited(holds)));
        }
        // Of an element that is not there only its absence can be claimed.
        script.push_str(&format!("{};\n", twin(fails)));
    }
    against(shop()).run(&script).passes();
}

#[test]
fn g24_every_expectation_fails_where_it_should_and_says_what_it_saw() {
    let mut script = "let page = browser.open(\"/shop?a=1\");\n".to_owned();
    for (holds, fails, _) in CLAIMS {
        script.push_str(&format!("try {{ {} }} catch {{}}\n", limited(fails)));
        if !holds.contains("/sh*") {
            script.push_str(&format!("try {{ {} }} catch {{}}\n", twin(holds)));
        }
    }
    let ran = against(shop()).run(&script);
    let news: Vec<String> = ran.bad_news.iter().map(ToString::to_string).collect();
    let twins = CLAIMS
        .iter()
        .filter(|(holds, ..)| !holds.contains("/sh*"))
        .count();
    assert!(
        ran.bad_news.iter().all(|news| news.kind == Kind::Failure),
        "{}",
        news.join("\n")
    );
    assert_eq!(news.len(), CLAIMS.len() + twins, "{}", news.join("\n"));
    for (_, fails, told) in CLAIMS {
        let found = news.iter().find(|news| news.contains(&limited(fails)));
        assert!(
            found.is_some_and(|news| news.contains(told)),
            "{fails}: {found:?}"
        );
    }
}

#[test]
fn a_failed_expectation_shows_locator_expected_received_log_and_page() {
    let ran = against(shop()).run(
        r##"
        let page = browser.open("/shop");
        expect(page.get_by_role("heading")).to_have_text("Coffee", #{ timeout: "1ms" });
    "##,
    );
    let text = ran.bad_news[0].to_string();
    for part in [
        r#"expectation failed: `expect(page.get_by_role("heading")).to_have_text("Coffee", #{ timeout: "1ms" })`"#,
        r#"received "Tea and rum""#,
        r#"locator:  get_by_role("heading")"#,
        r#"expected: "Coffee""#,
        "element:  <h1 id=\"h\" class=\"big red\">Tea and rum</h1>",
        "call log:\n    - found <h1",
        "/shop",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn expectations_wait_and_never_take_what_was_for_what_is() {
    let pages: &[(&str, &str)] = &[("/", "<p>before</p>"), ("/next", "<p>elsewhere</p>")];
    against(serve(Box::leak(Box::new(pages.to_vec()))))
        .run(
            r##"
        let page = browser.open("/");
        page.evaluate("setTimeout(() => { document.querySelector('p').textContent = 'after' }, 300); 1");
        expect(page.locator("p")).to_have_text("after");
        page.evaluate("setTimeout(() => { document.querySelector('p').remove() }, 300); 1");
        expect(page.locator("p")).not_to_be_visible();
        expect(page.locator("p")).to_have_count(0);
        page.evaluate("setTimeout(() => { location = '/next' }, 100); 1");
        expect(page.locator("p")).to_have_text("elsewhere");
        wait_until(|| page.locator("p").count() == 1);
    "##,
        )
        .passes();
}

#[test]
fn a_failure_says_what_to_try_next() {
    let cases = [
        (
            "page.get_by_role(`button`, `Onn`).click(LIMIT)",
            "hint: did you mean `On`?",
        ),
        ("page.locator(`#cart li`).click(LIMIT)", "-aria.yml"),
        (
            "page.locator(`p[hidden]`).click(LIMIT)",
            "hint: what makes it appear?",
        ),
        (
            "page.locator(`#ro`).fill(`x`, LIMIT)",
            "hint: what makes it editable?",
        ),
        (
            "page.locator(`#sizes`).select_option(`XL`, LIMIT)",
            "hint: it may be loaded later",
        ),
        (
            "page.locator(`#h`).fill(`x`, LIMIT)",
            "locator: locator(\"#h\")",
        ),
        (
            "page.frame_locator(`#till`).get_by_role(`button`).click(LIMIT)",
            "there is no `locator(\"#till\")` on the page",
        ),
        (
            "page.frame_locator(`#till`).get_by_role(`button`).click(LIMIT)",
            "frame of: frame_locator(locator(\"#till\")).get_by_role(\"button\")",
        ),
        (
            "page.frame_locator(`#till`).get_by_role(`button`).click(LIMIT)",
            "- no such frame",
        ),
        (
            "expect(page.frame_locator(`#till`).locator(`p`)).to_be_visible(LIMIT)",
            "received: no such frame",
        ),
        (
            "expect(page.locator(`#h`)).to_have_text(`Tea`, LIMIT)",
            "hint: `to_contain_text` claims a part of it",
        ),
        (
            "expect(page.locator(`#h`)).to_have_text(`Tea`, LIMIT)",
            "- \"Tea and rum\"",
        ),
        (
            "expect(page).to_have_url(`/shop`, LIMIT)",
            "hint: the query counts too",
        ),
        (
            "expect(page).to_match_aria_snapshot(`- heading \"Shop\"`, LIMIT)",
            "heading \"Tea and rum\"",
        ),
    ];
    let mut script = "let page = browser.open(\"/shop?a=1\");\n".to_owned();
    for (claim, _) in cases {
        script.push_str(&format!("try {{ {} }} catch {{}}\n", limited(claim)));
    }
    let ran = against(shop()).run(&script);
    assert_eq!(ran.bad_news.len(), cases.len(), "{:?}", ran.bad_news);
    for ((claim, told), news) in cases.iter().zip(&ran.bad_news) {
        let text = news.render();
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(told), "{claim}: {told}\n{text}");
    }
}

#[test]
fn passwords_are_never_told() {
    let ran = against(serve(&[("/", "<input type=password id=p value=hunter2>")])).run(
        r##"
        let page = browser.open("/");
        expect(page.locator("#p")).to_have_value("guess", #{ timeout: "1ms" });
    "##,
    );
    let text = ran.bad_news[0].to_string();
    assert!(text.contains("secret"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_page_object_is_a_plain_closure_over_locators() {
    against(serve(&[("/", "<label>Words <input></label><button onclick='document.title = document.querySelector(\"input\").value'>Find</button>")]))
        .run(r##"
        fn look_for(page, words) {
            page.get_by_label("Words").fill(words);
            page.get_by_role("button", "Find").click();
        }
        let page = browser.open("/");
        look_for(page, "tea");
        expect(page).to_have_title("tea");
    "##)
        .passes();
}
