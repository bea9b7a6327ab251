//! Which elements do locators mean? One page, many fragments.

use super::*;
use crate::host::failure::Kind;

/// A fragment, a locator, and the texts of the elements it means.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "<button>Save</button><button>Save all</button>",
        r#"page.get_by_role("button", "save")"#,
        &["Save", "Save all"],
    ),
    (
        "<button>Save</button><button>Save all</button>",
        r#"page.get_by_role("button", "Save", #{ exact: true })"#,
        &["Save"],
    ),
    (
        "<button>Save</button><button>Save all</button>",
        r#"page.get_by_role("button", regex("^save$", "i"))"#,
        &["Save"],
    ),
    (
        "<button hidden>x</button><button>y</button>",
        r#"page.get_by_role("button")"#,
        &["y"],
    ),
    (
        "<button hidden>x</button><button>y</button>",
        r#"page.get_by_role("button", #{ include_hidden: true })"#,
        &["x", "y"],
    ),
    (
        "<button hidden>Save <b>all</b></button><div hidden><label>Save <input type=button value=x></label></div>",
        r#"page.get_by_role("button", "save all", #{ include_hidden: true })"#,
        &["Save all"],
    ),
    (
        "<button disabled>x</button><fieldset disabled><button>y</button></fieldset><button>z</button>",
        r#"page.get_by_role("button", #{ disabled: false })"#,
        &["z"],
    ),
    (
        "<h1>a</h1><div role=heading aria-level=2>b</div>",
        r#"page.get_by_role("heading", #{ level: 2 })"#,
        &["b"],
    ),
    (
        "<a href=x>in</a><a>out</a>",
        r#"page.get_by_role("link")"#,
        &["in"],
    ),
    (
        "<ul role=none><li>a</li></ul><ul><li>b</li></ul>",
        r#"page.get_by_role("listitem")"#,
        &["b"],
    ),
    (
        "<a href=#><span>One</span><br>two</a>",
        r#"page.get_by_role("link", "one two")"#,
        &["Onetwo"],
    ),
    (
        "<span id=n>Close</span><button aria-labelledby=n>x</button>",
        r#"page.get_by_role("button", "Close")"#,
        &["x"],
    ),
    (
        "<div>Hello <span>world</span></div><p>hello World</p>",
        r#"page.get_by_text("world")"#,
        &["world", "hello World"],
    ),
    (
        "<div>Hello <span>world</span></div><p>hello World</p>",
        r#"page.get_by_text("hello  world")"#,
        &["Hello world", "hello World"],
    ),
    (
        "<div>Hello <span>world</span></div>",
        r#"page.get_by_text("world", #{ exact: true })"#,
        &["world"],
    ),
    (
        "<p>a<script>secret</script></p>",
        r#"page.get_by_text("secret")"#,
        &[],
    ),
    (
        "<label for=a>Name</label><textarea id=a>x</textarea><label>Nick <textarea>y</textarea></label>",
        r#"page.get_by_label("n")"#,
        &["x", "y"],
    ),
    (
        "<textarea aria-label=Name>x</textarea><textarea placeholder=Name>y</textarea>",
        r#"page.get_by_label("Name")"#,
        &["x"],
    ),
    (
        "<textarea aria-label=Name>x</textarea><textarea placeholder=Name>y</textarea>",
        r#"page.get_by_placeholder("name")"#,
        &["y"],
    ),
    (
        "<i data-testid=x>1</i><i data-testid=xy>2</i>",
        r#"page.get_by_test_id("x")"#,
        &["1"],
    ),
    (
        "<i title='To do'>1</i>",
        r#"page.get_by_title("to do")"#,
        &["1"],
    ),
    (
        "<ul><li>a <b>x</b></li><li>b <b>y</b></li><li>c</li></ul>",
        r#"page.get_by_role("listitem").filter(#{ has: page.locator("b") })"#,
        &["a x", "b y"],
    ),
    (
        "<ul><li>a <b>x</b></li><li>b <b>y</b></li><li>c</li></ul>",
        r#"page.get_by_role("listitem").filter(#{ has_not: page.locator("b") })"#,
        &["c"],
    ),
    (
        "<ul><li>a <b>x</b></li><li>b <b>y</b></li><li>c</li></ul>",
        r#"page.get_by_role("listitem").filter(#{ has_text: "B Y" })"#,
        &["b y"],
    ),
    (
        "<ul><li>a <b>x</b></li><li>b <b>y</b></li><li>c</li></ul>",
        r#"page.locator("li").filter(#{ has_not_text: regex("x|y") })"#,
        &["c"],
    ),
    (
        "<ul><li>a <b>x</b></li><li>b <b>y</b></li><li>c</li></ul>",
        r#"page.locator("li").locator("b").nth(1)"#,
        &["y"],
    ),
    (
        "<ul><li>a</li><li>b</li></ul>",
        r#"page.locator("li").last()"#,
        &["b"],
    ),
    (
        "<ul><li>a</li><li>b</li></ul>",
        r#"page.locator("li").nth(-2)"#,
        &["a"],
    ),
    (
        "<ul><li>a</li><li>b</li></ul>",
        r#"page.locator("li").nth(7)"#,
        &[],
    ),
    (
        "<b style='display:none'>x</b><b>y</b>",
        r#"page.locator("b").filter(#{ visible: true })"#,
        &["y"],
    ),
    (
        "<button title=t>a</button><button>b</button>",
        r#"page.get_by_role("button").and_(page.get_by_title("t"))"#,
        &["a"],
    ),
    (
        "<i title=t>a</i><p>b</p>",
        r#"page.locator("p").or_(page.get_by_title("t"))"#,
        &["a", "b"],
    ),
    (
        "<div><p>a</p><p>b</p></div><p>c</p>",
        r#"page.locator("//div/p[2]")"#,
        &["b"],
    ),
    (
        "<div><p>a</p><p>b</p></div><p>c</p>",
        r#"page.locator("div").locator("xpath=//p")"#,
        &["a", "b"],
    ),
    (
        "<div><p>a</p></div><p>c</p>",
        r#"page.locator("text=\"c\"")"#,
        &["c"],
    ),
    (
        "<div id=h><template shadowrootmode=open><p class=x>in <slot></slot></p><i>deep</i></template><b>slotted</b></div>",
        r##"page.locator("#h i")"##,
        &["deep"],
    ),
    (
        "<div id=h><template shadowrootmode=open><p>in <slot></slot></p></template><b>slotted</b></div>",
        r#"page.get_by_text("slotted")"#,
        &["slotted"],
    ),
    (
        "<div id=h><template shadowrootmode=open><button>deep</button></template></div>",
        r#"page.get_by_role("button", "deep")"#,
        &["deep"],
    ),
    (
        "<div id=h><template shadowrootmode=closed><button>deep</button></template></div>",
        r#"page.get_by_role("button")"#,
        &[],
    ),
    (
        "<table><tr><td>Ada<td><button>Delete</button><tr><td>Bob<td><button>Remove</button></table>",
        r#"page.get_by_role("row", "Bob").get_by_role("button")"#,
        &["Remove"],
    ),
];

/// A script that puts a fragment on the page and then does something.
pub fn with_fragment(html: &str, script: &str) -> String {
    format!(
        "page.evaluate(\"html => {{ document.body.setHTMLUnsafe(html); }}\", [{html:?}]);\n{script}\n"
    )
}

#[test]
fn o18_locators_mean_the_elements_a_person_would() {
    let mut script = r#"let page = browser.open("data:text/html,<title>t</title>");"#.to_owned();
    for (html, locator, texts) in CASES {
        let check =
            format!("expect({locator}.all_text_contents(), `{locator}`).to_equal({texts:?});");
        script.push_str(&with_fragment(html, &check));
    }
    against(serve(&[])).run(&script).passes();
}

#[test]
fn an_attribute_and_a_text_are_values_for_later_steps() {
    let script = with_fragment(
        "<table><tr data-id=17 id=r><td>Tea</td><td><input value=Ada></td></tr></table>",
        r##"
        let row = page.get_by_role("row", "Tea");
        let id = row.attr("data-id");
        assert id == "17";
        assert row.attr("missing") == ();
        assert row.locator("td").first().text_content() == "Tea";
        assert row.locator("input").input_value() == "Ada";
        assert page.locator("#r").get_by_role("cell").count() == 2;
        assert row.is_visible();
        assert page.locator("#none").is_hidden();
        assert row.bounding_box().width > 0;
        let cells = row.locator("td").all();
        assert cells.len == 2 && cells[0].inner_text() == "Tea";
        assert `${row.locator("td").last()}` == `get_by_role("row", "Tea").locator("td").last()`;
        assert row.locator("input").css_value("display") == "inline-block";
        assert row.locator("input").is_editable() && row.locator("input").is_enabled();
        let words = page.within("#r", |row| row.get_by_text("Tea").inner_text());
        assert words == "Tea";
        "##,
    );
    let open = r#"let page = browser.open("data:text/html,");"#;
    against(serve(&[]))
        .run(&format!("{open}\n{script}"))
        .passes();
}

#[test]
fn a_locator_that_means_two_elements_is_refused_with_one_for_each() {
    let ran = against(serve(&[(
        "/",
        "<button>Save</button><button>Save all</button>",
    )]))
    .run(r#"browser.open("/").get_by_role("button").click();"#);
    let error = ran.error();
    assert!(
        error.contains("`get_by_role(\"button\")` means 2 elements, and `click` needs one"),
        "{error}"
    );
    assert!(
        error.contains(
            r#"1) <button>Save</button>   is get_by_role("button", "Save", #{ exact: true })"#
        ),
        "{error}"
    );
    assert!(
        error.contains(r#"2) <button>Save all</button>   is get_by_role("button", "Save all")"#),
        "{error}"
    );
}

#[test]
fn a_locator_that_means_nothing_is_told_what_is_there() {
    let ran = against(serve(&[(
        "/",
        "<button>Sign in</button><button>Cancel</button>",
    )]))
    .run(r#"browser.open("/").get_by_role("button", "Sing in").click(#{ timeout: "50ms" });"#);
    let error = ran.error();
    assert!(
        error.contains("there is no `get_by_role(\"button\", \"Sing in\")` on the page"),
        "{error}"
    );
    assert!(
        error.contains("there are: \"Sign in\", \"Cancel\""),
        "{error}"
    );
    assert!(error.contains("did you mean `Sign in`?"), "{error}");
    assert!(error.contains("page:"), "{error}");
}

#[test]
fn slips_in_locators_are_usage_errors() {
    let slips = [
        (r#"page.get_by_role("buton")"#, "there is no role `buton`"),
        (
            r#"page.get_by_role("button", "x", #{ exakt: true })"#,
            "`get_by_role` has no option `exakt`",
        ),
        (
            r#"page.get_by_text(5)"#,
            "the text of `get_by_text` must be a string or regex(\"…\"), not an integer",
        ),
        (r#"page.locator("")"#, "the selector is empty"),
        (
            r#"page.locator("p").filter(#{})"#,
            "`filter` filters by nothing",
        ),
        (
            r#"page.locator("p[").click()"#,
            "\"p[\" is not a CSS selector",
        ),
        (
            r#"page.locator("main >> p").click()"#,
            "is not a CSS selector: look for each part inside the one before",
        ),
        (
            r#"page.locator("body").evaluate("(body) => { body.innerHTML = '<input type=date>' }"); page.locator("input").fill("24.12.2026")"#,
            "which takes one like 2026-12-24",
        ),
        (
            r#"page.get_by_text(regex("(")).click()"#,
            "the regular expression is not one",
        ),
        (
            r#"regex("a", "q")"#,
            "`q` is no flag of a regular expression",
        ),
        (
            r#"page.locator("body").press("Entr")"#,
            "there is no key `Entr`",
        ),
        (
            r#"page.locator("body").click(#{ buton: "left" })"#,
            "`click` has no option `buton`",
        ),
        (
            r#"page.locator("body").fill("x")"#,
            "is nothing to type into",
        ),
        (
            r#"page.locator("body").check()"#,
            "is no checkbox, radio button or switch",
        ),
        (
            r#"page.locator("body").set_input_files([])"#,
            "is no <input type=\"file\">",
        ),
    ];
    let mut script = r#"let page = browser.open("data:text/html,");"#.to_owned();
    for (slip, _) in slips {
        script.push_str(&format!("try {{ {slip} }} catch {{}}\n"));
    }
    let ran = against(serve(&[])).run(&script);
    assert_eq!(ran.bad_news.len(), slips.len(), "{:?}", ran.bad_news);
    for ((slip, told), news) in slips.iter().zip(&ran.bad_news) {
        assert!(news.message.contains(told), "{slip}: {news}");
        assert_eq!(news.kind, Kind::Usage, "{slip}: {news}");
    }
}
