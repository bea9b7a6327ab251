//! The way to a page past the driver: what it must not lose, and what is done where it ends.

use super::*;
use crate::browser::pool::Pool;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use std::sync::OnceLock;

const COUNTER: &str = "<!doctype html><title>Counter</title><button onclick='out.value = ++n'>more</button>\
    <output id=out>0</output><script>n = 0</script>";

/// A server that can cut the straight way to the browsers of a world.
fn cutting(world: &'static OnceLock<Arc<World>>) -> SocketAddr {
    let cut = move || async move {
        let host = world
            .get()
            .and_then(|world| world.shared.get::<Pool>().any());
        host.is_some_and(|host| host.cut_devtools()).to_string()
    };
    let app = Router::new()
        .route("/", get(|| async { Html(COUNTER) }))
        .route("/cut", get(cut));
    serve_app(app)
}

#[test]
fn a_page_whose_straight_way_ends_is_reached_through_the_driver() {
    static WORLD: OnceLock<Arc<World>> = OnceLock::new();
    let world = WORLD.get_or_init(|| world(cutting(&WORLD)));
    let script = r##"
        let page = browser.open("/");
        let more = page.get_by_role("button", "more");
        more.click();
        assert page.evaluate("fetch('/cut').then((answer) => answer.text())") == "true";
        more.click();
        expect(page.locator("#out")).to_have_text("2");
        // Nor is there one for the pages to come.
        let other = browser.open("/");
        other.get_by_role("button", "more").dblclick();
        expect(other.locator("#out")).to_have_text("2");
        page.keyboard.press("Tab");
        page.mouse.move(3, 3);
        more.click();
        expect(page.locator("#out")).to_have_text("3");
    "##;
    Fake::new()
        .timeout(Duration::from_secs(120))
        .run_in(world, script)
        .passes();
    Fake::new().finish_in(world, "1").passes();
}

#[test]
fn what_an_action_led_to_is_known_right_behind_it() {
    let address = serve(&[(
        "/",
        "<!doctype html><button>go</button><script>let n = 0; document.querySelector('button').onclick = () => {\
         n++; console.log(`press ${n}`); history.pushState(null, '', `/at/${n}`); }</script>",
    )]);
    let ran = against(address).run(
        r#"
        let page = browser.open("/");
        let button = page.get_by_role("button");
        for n in 1..=20 {
            button.click();
            // Whichever is read first.
            if n % 2 == 0 { assert page.console.len == n; }
            assert page.url.ends_with(`/at/${n}`);
            assert page.console.len == n;
        }
        "#,
    );
    ran.passes();
}

/// Each press goes to the same address under the other name of this machine, which is another site and another process.
const SWAP: &str = "<!doctype html><p></p><button>swap</button><script>document.querySelector('p').textContent = location.hostname;\
    document.querySelector('button').onclick = () => { location.hostname = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost' };\
    </script>";

#[test]
fn a_page_is_followed_from_process_to_process() {
    let ran = against(serve(&[("/", SWAP)])).run(
        r#"
        let page = browser.open("/");
        for n in 0..8 {
            page.get_by_role("button", "swap").click();
            expect(page.locator("p")).to_have_text(if n % 2 == 0 { "localhost" } else { "127.0.0.1" });
        }
        page.back();
        expect(page.locator("p")).to_have_text("localhost");
        "#,
    );
    ran.passes();
}

/// A page with two frames, the second of another site, both with a button that counts and one that goes to the other site.
const FRAMES: &str = "<!doctype html><iframe id=near src=/></iframe><iframe id=far></iframe><script>\
    document.querySelector('#far').src = `http://localhost:${location.port}/`</script>";

#[test]
fn frames_of_other_processes_are_reached_as_well() {
    let pages = [("/", SWAP), ("/frames", FRAMES)];
    let ran = against(serve(Box::leak(Box::new(pages)))).run(
        r##"
        let page = browser.open("/frames");
        for n in 0..3 {
            for id in ["near", "far"] {
                let frame = page.frame_locator(`#${id}`);
                let before = frame.locator("p").text_content();
                frame.get_by_role("button", "swap").click();
                expect(frame.locator("p")).to_have_text(if before == "localhost" { "127.0.0.1" } else { "localhost" });
            }
        }
        "##,
    );
    ran.passes();
}

#[test]
fn a_dialog_in_the_midst_of_a_press_is_answered() {
    let address = serve(&[(
        "/",
        "<!doctype html><button onclick=\"this.textContent = confirm('sure?') ? 'yes' : 'no'\">ask</button>",
    )]);
    let ran = against(address).run(
        r#"
        let page = browser.open("/");
        let button = page.get_by_role("button");
        let asked = page.wait_for_dialog(|page| button.click());
        assert asked.message == "sure?";
        expect(button).to_have_text("no");
        page.answer_dialogs(#{ accept: true });
        button.click();
        expect(button).to_have_text("yes");
        "#,
    );
    ran.passes();
}
