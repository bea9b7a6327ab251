//! Bad luck: a clear cause soon, nothing left, and the next one goes on with a fresh browser.

use super::*;
use crate::browser::pool::Pool;
use std::time::Instant;

const PAGES: &[(&str, &str)] = &[
    ("/", "<!doctype html><title>Home</title>"),
    (
        "/busy",
        "<script>onload = () => setTimeout(() => { for (;;); }, 0)</script>",
    ),
    ("/loop", "<button onclick='for (;;);'>Go</button>"),
    // The next document is there by the time this one is free again.
    (
        "/way",
        "<button onpointerup='location = \"/slow\"; for (const end = Date.now() + 500; Date.now() < end;);'>Go</button>",
    ),
    (
        "/slow",
        "<title>Slow</title><script>for (const end = Date.now() + 9000; Date.now() < end;);</script>There",
    ),
    (
        "/alerts",
        "<script>setTimeout(() => { for (;;) alert('again'); }, 0)</script>",
    ),
    (
        "/lines",
        "<script>for (let i = 0; i < 10000; i++) console.log('line ' + i)</script>",
    ),
];

/// Far below the limits of tests, far above what a loaded machine needs.
const SOON: Duration = Duration::from_secs(25);

fn run_in(world: &Arc<World>, script: &str) -> crate::host::fake::Ran {
    Fake::new()
        .timeout(Duration::from_secs(120))
        .run_in(world, script)
}

/// The processes of the one browser of a world: its driver and itself.
fn pids(world: &World) -> (i32, i32) {
    let host = world.shared.get::<Pool>().any().expect("a browser");
    let (driver, browser) = host.pids();
    (driver.expect("a driver"), browser.expect("a browser"))
}

fn kill(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it is there");
}

fn is_there(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_killed_browser_or_driver_is_told_of_and_replaced() {
    let world = world(serve(PAGES));
    run_in(&world, "browser.open(\"/\");").passes();
    for which in ["driver", "browser"] {
        let (driver, browser) = pids(&world);
        let victim = if which == "driver" { driver } else { browser };
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            kill(victim);
        });
        let began = Instant::now();
        let ran = run_in(
            &world,
            "let page = browser.open(\"/\"); page.evaluate(\"new Promise(() => {})\");",
        );
        killer.join().expect("it killed");
        assert!(
            ran.error().contains("the browser is gone"),
            "{which}: {}",
            ran.error()
        );
        assert!(began.elapsed() < SOON, "{which}: {:?}", began.elapsed());
        assert_eq!(ran.bad_news[0].kind, crate::host::failure::Kind::Fault);
        // A fresh one does the next work.
        run_in(&world, "assert browser.open(\"/\").title == \"Home\";").passes();
        let end = Instant::now() + SOON;
        while is_there(driver) || is_there(browser) {
            assert!(Instant::now() < end, "{which}: something is left of it");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let (driver, browser) = pids(&world);
    Fake::new().finish_in(&world, "1").passes();
    assert!(
        !is_there(driver) && !is_there(browser),
        "it outlived the run"
    );
}

#[test]
fn a_page_that_crashes_hangs_or_drowns_takes_no_other_with_it() {
    let world = world(serve(PAGES));
    for (script, cause) in [
        ("page.visit(\"chrome://crash\"); page.title", "crash"),
        (
            "page.visit(\"/busy\"); page.title",
            "the page does not respond",
        ),
        (
            "page.visit(\"/loop\"); page.get_by_role(\"button\").click()",
            "the page does not respond",
        ),
        ("page.evaluate(\"for (;;);\")", "the page does not respond"),
        (
            "page.evaluate(\"new Promise((resolve) => setTimeout(() => { for (;;); }, 1000))\")",
            "the page does not respond",
        ),
        (
            "page.locator(\"body\").evaluate(\"(body) => { for (;;); }\")",
            "the page does not respond",
        ),
        (
            "page.wait_for_function(\"() => { for (;;); }\")",
            "the page does not respond",
        ),
        (
            "page.visit(\"/alerts\"); wait_until(|| page.title == \"never\")",
            "one dialog after another",
        ),
    ] {
        let began = Instant::now();
        let whole = format!("let page = browser.open(\"/\"); {script}");
        let ran = run_in(&world, &whole);
        assert!(ran.error().contains(cause), "{script}: {}", ran.error());
        assert!(began.elapsed() < SOON, "{script}: {:?}", began.elapsed());
        run_in(&world, "assert browser.open(\"/\").title == \"Home\";").passes();
    }
    Fake::new().finish_in(&world, "1").passes();
}

#[test]
fn a_click_is_done_however_long_the_page_behind_it_is_busy() {
    let world = world(serve(PAGES));
    let script = r#"
        let page = browser.open("/way");
        page.get_by_role("button").click();
        sleep("7s");
        expect(page).to_have_title("Slow");
        expect(page.locator("body")).to_contain_text("There");"#;
    run_in(&world, script).passes();
    Fake::new().finish_in(&world, "1").passes();
}

/// As long as this keeps the page busy, nothing else in it is answered: longer than that is taken for a loop.
const LONG: &str =
    "() => { const end = Date.now() + 6000; while (Date.now() < end); return 'done' }";

#[test]
fn a_script_may_wait_as_it_likes_and_compute_for_as_long_as_it_says() {
    let world = world(serve(PAGES));
    run_in(
        &world,
        "let page = browser.open(\"/\");
         let late = \"new Promise((resolve) => setTimeout(resolve, 6000, 'done'))\";
         assert page.evaluate(late) == \"done\";",
    )
    .passes();
    let given = |options: &str| {
        format!(
            "let page = browser.open(\"/\");
             assert page.evaluate(\"{LONG}\", []{options}) == \"done\";
             assert page.locator(\"body\").evaluate(\"{LONG}\", []{options}) == \"done\";"
        )
    };
    run_in(&world, &given(", #{ timeout: \"1m\" }")).passes();
    let ran = run_in(&world, &given(""));
    assert!(
        ran.error().contains("evaluate(source, [], #{ timeout:"),
        "{}",
        ran.error()
    );
    // It is interrupted: the page goes on.
    let ran = run_in(
        &world,
        "let page = browser.open(\"/\"); try { page.evaluate(\"for (;;);\") } catch {} assert page.title == \"Home\";",
    );
    assert!(ran.result.is_ok(), "{}", ran.error());
    let never =
        "browser.open(\"/\").evaluate(\"new Promise(() => {})\", [], #{ timeout: \"200ms\" });";
    let ran = run_in(&world, never);
    assert!(
        ran.error()
            .contains("the script gave nothing back within 200ms"),
        "{}",
        ran.error()
    );
    let slip = run_in(
        &world,
        "browser.open(\"/\").evaluate(\"1\", [], #{ timeot: \"1s\" });",
    );
    assert!(slip.error().contains("`timeout`"), "{}", slip.error());
    Fake::new().finish_in(&world, "1").passes();
}

#[test]
fn ten_thousand_lines_of_console_are_only_lines() {
    let ran = against(serve(PAGES)).run(
        r#"
        let page = browser.open("/lines");
        wait_until(|| !page.console.is_empty() && page.console[page.console.len - 1].text == "line 9999");
        let last = [];
        for number in 8_000..10_000 { last.push(`line ${number}`); }
        assert page.console.map(|line| line.text) == last;
        "#,
    );
    ran.passes();
}

#[test]
fn an_address_where_nobody_is_says_so() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("it")
        .port();
    let ran = against(serve(PAGES)).run(&format!("browser.open(\"http://127.0.0.1:{port}/\");"));
    assert!(
        ran.error().contains("ERR_CONNECTION_REFUSED"),
        "{}",
        ran.error()
    );
    assert!(ran.error().contains("is it running"), "{}", ran.error());
}

#[test]
fn without_a_browser_the_way_to_get_one_is_told() {
    let ran = against(serve(PAGES))
        .world(|world| {
            world
                .env
                .insert("CHROMEDRIVER".into(), "/nowhere/chromedriver".into());
        })
        .run("browser.open(\"/\");");
    assert!(
        ran.error()
            .starts_with("there is no program /nowhere/chromedriver, which `CHROMEDRIVER`"),
        "{}",
        ran.error()
    );
}
