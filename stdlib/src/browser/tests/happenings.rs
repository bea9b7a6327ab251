//! What pages bring about: pop-ups, dialogs, downloads, questions for files; and what can be waited for.

use super::*;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

const PAGE: &str = r##"<!doctype html><title>Yard</title>
    <a id=pop href=/other target=_blank>other</a><a id=file href=/file>file</a>
    <input type=file id=files><iframe src=/other></iframe>
    <script>
      console.log("hello", 42); console.error("bad");
      setTimeout(() => { window.ready = "now"; }, 300);
      document.querySelector("#files").onchange = (e) => { document.title = e.target.files[0].name; };
    </script>"##;

fn yard() -> SocketAddr {
    let download = || async {
        let disposition = (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"report.csv\"",
        );
        ([disposition], "a,b\n1,2\n").into_response()
    };
    let other = || async { Html("<!doctype html><title>Other</title>") };
    let app = axum::Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/other", get(other))
        .route("/file", get(download))
        .route(
            "/throws",
            get(|| async { Html("<script>throw new Error('boom')</script>") }),
        );
    serve_app(app)
}

#[test]
fn o19_a_function_of_the_page_is_waited_for_and_its_last_value_told() {
    let ran = against(yard()).run(
        r#"
        let page = browser.open("/");
        assert page.wait_for_function("return window.ready") == "now";
        page.wait_for_load_state("networkidle");
        page.wait_for_load_state("domcontentloaded");
        page.wait_for_function("window.never || 0", #{ timeout: "200ms" });
        "#,
    );
    let error = ran.error();
    assert!(
        error.starts_with("`window.never || 0` did not become true within 200ms"),
        "{error}"
    );
    assert!(error.contains("last value: 0"), "{error}");
}

#[test]
fn o22_a_failure_shows_the_page_as_it_was() {
    let ran = against(yard()).run(
        r#"
        let page = browser.open("/");
        page.wait_for_function("false", #{ timeout: "100ms" });
        "#,
    );
    let attached: Vec<String> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            crate::host::record::Record::Attached { name, .. } => Some(name.clone()),
            _ => None,
        })
        .collect();
    for wanted in ["screenshot.png", "dom.html"] {
        assert!(
            attached.iter().any(|name| name.ends_with(wanted)),
            "{attached:?}"
        );
    }
}

#[test]
fn pages_that_open_others_files_and_dialogs_are_waited_for() {
    let ran = against(yard()).run(
        r#"
        let page = browser.open("/");
        let other = page.wait_for_popup(|page| page.evaluate("() => { document.querySelector('#pop').click() }"));
        assert other.title == "Other";
        assert page.context.pages.len == 2;
        other.close();

        let report = page.wait_for_download(|page| page.evaluate("() => { document.querySelector('#file').click() }"));
        assert report.name == "report.csv";
        assert report.text() == "a,b\n1,2\n";

        assert page.evaluate("confirm('sure?')") == false;
        page.answer_dialogs(#{ accept: true, text: "Ada" });
        assert page.evaluate("prompt('name?')") == "Ada";
        let asked = page.wait_for_dialog(|page| page.evaluate("() => { setTimeout(() => alert('hey')) }"));
        assert asked.message == "hey" && asked.kind == "alert";

        write_file("chosen.txt", "x");
        let chosen = write_file("chosen.txt", "x");
        page.choose_files([chosen], |page| page.evaluate("() => { document.querySelector('#files').click() }"));
        assert page.title == "chosen.txt";
        page.choose_files(#{ name: "made.txt", content: "x" }, |page| page.evaluate("() => { document.querySelector('#files').click() }"));
        assert page.title == "made.txt";
        "#,
    );
    ran.passes();
}

#[test]
fn a_pop_up_of_the_same_origin_takes_over_its_first_window_and_is_used_like_any_page() {
    let pages: &[(&str, &str)] = &[
        ("/", "<!doctype html><title>Home</title>"),
        (
            "/shop",
            "<!doctype html><title>Shop</title><script>for (let n = 0; n < 3; n++) console.log('line ' + n)</script>\
             <button onclick='this.textContent = `Bought`; console.log(`bought`)'>Buy</button>",
        ),
    ];
    let ran = against(serve(Box::leak(Box::new(pages.to_vec())))).run(
        r#"
        let page = browser.open("/");
        for n in 0..3 {
            let shop = page.wait_for_popup(|page| page.evaluate("void open('/shop')"));
            assert shop.title == "Shop";
            shop.get_by_role("button", "Buy").click();
            expect(shop.get_by_role("button")).to_have_text("Bought");
            assert shop.evaluate("opener != null");
            assert shop.screenshot().len > 0;
            // Each line is there once, also those from before the pop-up was asked anything.
            wait_until(|| shop.console.len > 3);
            expect(shop.console.map(|line| line.text)).to_equal(["line 0", "line 1", "line 2", "bought"]);
            shop.close();
        }
        let blank = page.wait_for_popup(|page| page.evaluate("void open('about:blank')"));
        assert blank.evaluate("1 + 1") == 2;
        let written = page.wait_for_popup(|page| page.evaluate("() => { const w = open(''); w.document.write('<h1>Bill</h1>'); w.document.close(); }"));
        expect(written.get_by_role("heading")).to_have_text("Bill");
        "#,
    );
    ran.passes();
}

#[test]
fn a_frame_whose_first_window_is_taken_over_is_used_like_any_frame() {
    let pages: &[(&str, &str)] = &[
        (
            "/",
            "<!doctype html><body><script>const frame = document.createElement('iframe'); document.body.append(frame);\
             frame.contentWindow.mark = 1; frame.src = '/inner';</script>",
        ),
        (
            "/inner",
            "<button onclick='this.textContent = `Done`'>Do</button>",
        ),
    ];
    let ran = against(serve(Box::leak(Box::new(pages.to_vec())))).run(
        r#"
        let page = browser.open("/");
        let frame = page.frame_locator("iframe");
        frame.get_by_role("button", "Do").click();
        expect(frame.get_by_role("button")).to_have_text("Done");
        "#,
    );
    ran.passes();
}

#[test]
fn what_the_page_said_is_known() {
    let ran = against(yard()).run(
        r#"
        let page = browser.open("/");
        let lines = page.console;
        assert lines[0].text == "hello 42" && lines[0].level == "log";
        assert lines[1].level == "error";
        page.visit("/throws");
        wait_until(|| page.errors.len == 1);
        assert page.errors[0].text.contains("boom");
        "#,
    );
    ran.passes();
}

#[test]
fn g24_waits_are_within_the_time_of_the_script_and_told_with_the_next_move() {
    let waits = [
        (
            "page.wait_for_popup(|page| ())",
            "no pop-up opened within 1s",
            "page.context.pages",
        ),
        (
            "page.wait_for_download(|page| ())",
            "no download began within 1s",
            "start one",
        ),
        (
            "page.wait_for_dialog(|page| ())",
            "no dialog opened within 1s",
            "answered already",
        ),
        (
            "page.choose_files([], |page| ())",
            "the page did not ask for files within 1s",
            "set_input_files",
        ),
        (
            "page.wait_for_response(`/never`, |page| page.evaluate(`() => { fetch('/throws') }`))",
            "no response came from /never within 1s",
            "came instead: GET http://",
        ),
        (
            "page.wait_for_response(`/throws`, #{ method: `post`, status: 201, timeout: `1.5s` }, |page| page.evaluate(`() => { fetch('/throws') }`))",
            "no response came from POST /throws with status 201 within 1.5s",
            "/throws: 200",
        ),
        (
            "page.wait_for_download(#{ timeout: `500ms` }, |page| ())",
            "no download began within 500ms",
            "start one",
        ),
    ];
    let script: String = waits
        .iter()
        .map(|(wait, ..)| format!("try {{ {wait} }} catch {{}}\n"))
        .collect();
    let ran = against(yard())
        .world(|world| world.wait_timeout = Duration::from_secs(1))
        .run(&format!("let page = browser.open(`about:blank`);\npage.visit(`/`, #{{ timeout: `2m` }});\n{script}"));
    assert_eq!(ran.bad_news.len(), waits.len(), "{:?}", ran.bad_news);
    for ((_, told, hint), news) in waits.iter().zip(&ran.bad_news) {
        let text = news.render();
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.starts_with(told) && squeezed.contains(hint), "{text}");
    }
}

#[test]
fn a_page_that_is_not_to_be_left_says_so() {
    let ran = against(yard()).run(
        r##"
        let page = browser.open("/");
        // Pages may only ask those who have done something in them.
        page.keyboard.press("Tab");
        page.evaluate("addEventListener('beforeunload', (event) => event.preventDefault())");
        page.visit("/other");
        page.back();
        page.keyboard.press("Tab");
        page.evaluate("addEventListener('beforeunload', (event) => event.preventDefault())");
        page.answer_dialogs(#{ accept: false });
        page.visit("/other", #{ timeout: "1m" });
        "##,
    );
    let text = ran.error();
    assert!(
        text.contains("asks whether to leave it, and was told not to")
            && text.contains("hint: say yes with"),
        "{text}"
    );
}

#[test]
fn a_page_that_is_closed_says_so_and_what_was_wanted_of_it() {
    let ran = against(yard()).run(
        r##"
        let page = browser.open("/");
        page.close();
        try { page.locator("#pop").click() } catch {}
        try { expect(page.locator("#pop")).to_be_visible() } catch {}
        "##,
    );
    for (news, wanted) in ran.bad_news.iter().zip([
        "locator: locator(\"#pop\")",
        "expect(page.locator(\"#pop\")).to_be_visible()",
    ]) {
        let text = news.render();
        assert!(text.starts_with("the page is closed"), "{text}");
        assert!(
            text.contains(wanted) && text.contains("hint: a page ends with page.close()"),
            "{text}"
        );
    }
    assert_eq!(ran.bad_news.len(), 2);
}
