//! Actions on pages that make it hard.

use super::locators::with_fragment;
use super::*;

/// Opens an empty page and runs each fragment's script on it.
pub fn run(cases: &[(&str, &str)]) -> crate::host::fake::Ran {
    let mut script = r#"let page = browser.open("data:text/html,<title>t</title>");"#.to_owned();
    for (html, check) in cases {
        script.push_str(&with_fragment(html, check));
    }
    against(serve(&[])).run(&script)
}

#[test]
fn actions_wait_until_the_element_is_ready() {
    run(&[
        // Comes late.
        ("<p id=out></p>", r##"
            page.evaluate("setTimeout(() => { document.body.innerHTML = `<button onclick='document.title = 1'>Late</button>` }, 200)");
            page.get_by_role("button", "Late").click();
            expect(page).to_have_title("1");
        "##),
        // Enabled late.
        ("<button disabled onclick='document.title = 2'>Go</button>", r##"
            page.evaluate("setTimeout(() => { document.querySelector('button').disabled = false }, 200)");
            page.get_by_role("button").click();
            expect(page).to_have_title("2");
        "##),
        // Covered for a while.
        ("<button onclick='document.title = 3'>Go</button><div id=veil style='position:fixed;inset:0'></div>", r##"
            page.evaluate("setTimeout(() => { document.querySelector('#veil').remove() }, 200)");
            page.get_by_role("button").click();
            expect(page).to_have_title("3");
        "##),
        // Moves for a while.
        ("<style>@keyframes m { to { margin-left: 300px } } button { animation: m .3s linear forwards }</style><button onclick='document.title = 4'>Go</button>", r##"
            page.get_by_role("button").click();
            expect(page).to_have_title("4");
        "##),
        // Replaced again and again, by equals. A press that begins on one and ends on the next is heard by the list alone.
        ("<ul onclick='document.title = 5'></ul>", r##"
            page.evaluate("let n = 0; const again = () => { document.querySelector('ul').innerHTML = `<li><button>Go</button></li>`; if (n++ < 20) setTimeout(again, 10) }; again()");
            page.get_by_role("button").click();
            expect(page).to_have_title("5");
        "##),
        // Far outside of the viewport.
        ("<div style='height: 5000px'></div><button onclick='document.title = 6'>Go</button>", r##"
            page.get_by_role("button").click();
            expect(page).to_have_title("6");
        "##),
        // Behind a fixed header when scrolled the first way.
        ("<div style='position:fixed;top:0;left:0;right:0;height:400px;background:red'></div><div style='height:2000px'></div><button onclick='document.title = 7'>Go</button><div style='height:2000px'></div>", r##"
            page.get_by_role("button").click();
            expect(page).to_have_title("7");
        "##),
        // In an open shadow root.
        ("<div><template shadowrootmode=open><button onclick='document.title = 8'>Go</button></template></div>", r##"
            page.get_by_role("button").click();
            expect(page).to_have_title("8");
        "##),
    ]).passes();
}

#[test]
fn what_cannot_be_done_says_why() {
    let cases = [
        (
            "<button>Go</button><div class=veil style='position:fixed;inset:0'><b>Wait</b></div>",
            r#"page.get_by_role("button").click(LIMIT)"#,
            "covered by: <b>Wait</b> from <div class=\"veil\">…</div>",
        ),
        (
            "<button style='visibility:hidden'>Go</button>",
            r#"page.locator("button").click(LIMIT)"#,
            "is hidden and stayed so for 300ms: its visibility is hidden",
        ),
        (
            "<div style='display:none'><button>Go</button></div>",
            r#"page.locator("button").click(LIMIT)"#,
            "<div>…</div> around it has display: none",
        ),
        (
            "<button disabled>Go</button>",
            r#"page.locator("button").click(LIMIT)"#,
            "is disabled and stayed so",
        ),
        (
            "<input readonly>",
            r#"page.locator("input").fill("x", LIMIT)"#,
            "cannot be edited and stayed so",
        ),
        (
            "<style>@keyframes m { to { margin-left: 300px } } button { animation: m 1s linear infinite }</style><button>Go</button>",
            r#"page.locator("button").click(LIMIT)"#,
            "did not stop moving",
        ),
        (
            "<div style='position:absolute;left:-900px'><button>Go</button></div>",
            r#"page.locator("button").click(LIMIT)"#,
            "is outside of the viewport and cannot be scrolled into it",
        ),
        (
            "<x-box style='display:block;height:20px'><template shadowrootmode=closed><button>Go</button></template></x-box>",
            r#"page.get_by_role("button").click(LIMIT)"#,
            "it may be in a closed shadow root",
        ),
        (
            "<iframe srcdoc='<button>Go</button>'></iframe>",
            r#"page.get_by_role("button").click(LIMIT)"#,
            "page.frame_locator(",
        ),
        (
            "<input type=checkbox onclick='event.preventDefault()'>",
            r#"page.get_by_role("checkbox").check(LIMIT)"#,
            "was pressed and stayed unchecked for 300ms",
        ),
        (
            "<p style='pointer-events:none'><button>Go</button></p>",
            r#"page.get_by_role("button").click(LIMIT)"#,
            "since its style says `pointer-events: none`",
        ),
        (
            "<iframe src='http://127.0.0.1:1/'></iframe>",
            r#"page.frame_locator("iframe").get_by_role("button").click(LIMIT)"#,
            "its document could not be loaded: `page.requests` tells why",
        ),
        (
            "<li>One<li>Two",
            r#"page.get_by_role("listitem").nth(2).click(LIMIT)"#,
            "before `.nth(…)` it means 2 elements",
        ),
        (
            "<select><option>One<option>Two</select>",
            r#"page.locator("select").select_option("Three", LIMIT)"#,
            "has no \"Three\"",
        ),
    ];
    let deeds = cases.map(|(html, deed, _)| {
        let limited = deed.replace("LIMIT", r#"#{ timeout: "300ms" }"#);
        (html, format!("try {{ {limited} }} catch {{}}"))
    });
    let ran = run(&deeds.each_ref().map(|(html, deed)| (*html, deed.as_str())));
    assert_eq!(ran.bad_news.len(), cases.len(), "{:?}", ran.bad_news);
    for ((html, _, told), news) in cases.iter().zip(&ran.bad_news) {
        let text = news.to_string();
        assert!(text.contains(told), "{html}: {text}");
        assert!(text.contains("call log:"), "{text}");
    }
}

#[test]
fn deeds_without_the_pointer_take_their_time_limit() {
    let deeds = [
        "fill(`x`, LIMIT)",
        "clear(LIMIT)",
        "press(`a`, LIMIT)",
        "type(`a`, LIMIT)",
        "focus(LIMIT)",
        "blur(LIMIT)",
        "scroll_into_view(LIMIT)",
        "set_input_files([], LIMIT)",
        "select_option(`a`, LIMIT)",
    ];
    let script: String = deeds
        .iter()
        .map(|deed| {
            let limited = deed.replace("LIMIT", r#"#{ timeout: "20ms" }"#);
            format!("try {{ page.locator(`#none`).{limited} }} catch {{}}\n")
        })
        .collect();
    let forced = r##"page.locator("input").fill("new", #{ force: true }); expect(page.locator("input")).to_have_value("new");"##;
    let ran = run(&[
        ("<p>nothing</p>", &script),
        ("<input readonly value=old>", forced),
    ]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    assert_eq!(ran.bad_news.len(), deeds.len());
    for news in &ran.bad_news {
        assert!(news.message.contains("there was none for 20ms"), "{news}");
    }
}

#[test]
fn a_script_about_an_element_waits_for_it() {
    let ran = run(&[(
        "<p>tea</p><p>rum</p>",
        r##"
        page.evaluate("setTimeout(() => { document.body.innerHTML += `<i>late</i>` }, 200); 1");
        assert page.locator("i").evaluate("async (it, more) => it.textContent + more", ["r"]) == "later";
        page.locator("p").evaluate("it => it.textContent");
    "##,
    )]);
    assert!(
        ran.error()
            .starts_with("`locator(\"p\")` means 2 elements, and `evaluate` needs one"),
        "{}",
        ran.error()
    );
}

#[test]
fn fields_are_filled_with_the_events_of_a_person() {
    run(&[("<input id=i value=old><textarea id=t>a</textarea><p id=c contenteditable>zz</p><input type=date id=d><input type=number id=n>\
            <input type=range id=r><input type=checkbox id=b><select id=s><option value=1>One<option value=2>Two</select><select id=m multiple><option>a<option>b<option>c</select>", r##"
        page.evaluate("window.heard = []; for (const type of ['input', 'change']) document.addEventListener(type, (event) => heard.push(`${type} ${event.target.id}`), true)");
        page.locator("#i").fill(`new "x" ü`);
        page.locator("#t").fill("one\ntwo");
        page.locator("#c").fill("edited");
        page.locator("#d").fill("2026-01-31");
        page.locator("#n").fill(12);
        page.locator("#r").fill("70");
        expect(page.locator("#i")).to_have_value(`new "x" ü`);
        expect(page.locator("#t")).to_have_value("one two");
        assert page.locator("#t").input_value() == "one\ntwo";
        expect(page.locator("#c")).to_have_text("edited");
        expect(page.locator("#d")).to_have_value("2026-01-31");
        expect(page.locator("#n")).to_have_value("12");
        expect(page.locator("#r")).to_have_value("70");
        page.locator("#i").clear();
        expect(page.locator("#i")).to_be_empty();
        page.locator("#i").type("aB1 ß");
        page.locator("#i").press("Control+A");
        page.locator("#i").press("x");
        expect(page.locator("#i")).to_have_value("x");
        assert page.locator("#s").select_option("Two") == ["2"];
        assert page.locator("#m").select_option(["a", #{ index: 2 }]) == ["a", "c"];
        expect(page.locator("#m")).to_have_values(["a", "c"]);
        page.locator("#b").check();
        page.locator("#b").check();
        expect(page.locator("#b")).to_be_checked();
        page.locator("#b").uncheck();
        expect(page.locator("#b")).not_to_be_checked();
        let heard = page.evaluate("heard");
        expect(heard).to_contain(["input i", "change i", "input t", "input c", "input d", "change d", "change s", "change m", "change b"]);
    "##)]).passes();
}

#[test]
fn frames_are_gone_into_also_across_origins() {
    let other = serve(&[(
        "/pay",
        "<button onclick='document.title = 1; this.textContent = \"Paid\"'>Pay</button><iframe srcdoc='<p>deep</p>'></iframe>",
    )]);
    let html = format!(
        "<div style='height:900px'></div><iframe name=pay style='border: 7px solid; padding: 5px' src='http://{other}/pay'></iframe>"
    );
    let html: &'static str = Box::leak(html.into_boxed_str());
    let pages: &'static [(&str, &str)] = Box::leak(Box::new([("/", html)]));
    // The same server by another name is another origin.
    let ran = against(serve(pages)).run(
        r#"
        let page = browser.open("/");
        let frame = page.frame_locator("iframe[name=pay]");
        frame.get_by_role("button", "Pay").click();
        expect(frame.get_by_role("button")).to_have_text("Paid");
        expect(frame.frame_locator("iframe").get_by_text("deep")).to_be_visible();
        expect(page.get_by_role("button")).to_have_count(0);
        "#,
    );
    ran.passes();
}

#[test]
fn what_has_no_box_of_its_own_is_pressed_where_its_content_is() {
    run(&[(
        "<button style='display:contents' onclick='document.title = `pressed`'><b>Go</b></button>",
        r##"
        page.get_by_role("button").click();
        expect(page).to_have_title("pressed");
    "##,
    )])
    .passes();
}

#[test]
fn files_are_given_to_a_page() {
    let ran = run(&[(
        "<label>Photos <input type=file multiple onchange='Promise.all([...this.files].map((file) => file.text())).then((texts) => { document.title = texts.join() })'></label>",
        r##"
        page.get_by_label("Photos").set_input_files([#{ name: "a.txt", content: "one" }, #{ name: "b.txt", content: "two" }]);
        expect(page).to_have_title("one,two");
        page.get_by_label("Photos").set_input_files([]);
        expect(page).to_have_title("");
        write_file("album/a.txt", "one");
        page.get_by_label("Photos").evaluate("(input) => { input.webkitdirectory = true }");
        page.get_by_label("Photos").set_input_files("album");
        expect(page).to_have_title("one");
        page.get_by_label("Photos").evaluate("(input) => { input.webkitdirectory = false }");
        page.get_by_label("Photos").set_input_files("album");
    "##,
    )]);
    assert!(
        ran.error().starts_with("`album` is a folder"),
        "{}",
        ran.error()
    );
}

#[test]
fn a_click_that_leads_to_another_page_is_done() {
    let pages: &[(&str, &str)] = &[
        ("/", "<a href=/next>Next</a>"),
        (
            "/next",
            "<script>setTimeout(() => location = '/last', 50)</script><h1>Next</h1>",
        ),
        ("/last", "<h1>Last</h1><input autofocus aria-label=Words>"),
    ];
    let ran = against(serve(Box::leak(Box::new(pages.to_vec())))).run(
        r#"
        let page = browser.open("/");
        page.get_by_role("link", "Next").click();
        expect(page.get_by_role("heading", "Last")).to_be_visible();
        expect(page).to_have_url("/last");
        expect(page.get_by_label("Words")).to_be_focused();
        page.keyboard.type("tea");
        expect(page.get_by_label("Words")).to_have_value("tea");
        "#,
    );
    ran.passes();
    let steps = ran.steps();
    assert!(
        steps.contains(&r#"browser: click get_by_role("link", "Next")"#.to_owned()),
        "{steps:?}"
    );
}
