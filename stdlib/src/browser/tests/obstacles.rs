//! What is in the way of a script that does nothing wrong: drivers, certificates, pages that never rest. Each has its sentence.

use super::*;
use axum::body::Body;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A program that does what a shell script says.
fn program(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a directory").keep();
    let path = folder.join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("set");
    path.display().to_string()
}

/// What is told when a page is to be opened with these variables.
fn opened_with(variables: &[(&str, &str)]) -> String {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let ran = against(serve(&[]))
        .world(move |world| world.env.extend(variables))
        .run("browser.open(\"/\");");
    assert!(ran.result.is_err(), "it opened");
    assert_eq!(ran.bad_news[0].kind, crate::host::failure::Kind::Fault);
    ran.told()
}

#[test]
fn a_driver_of_another_version_is_told_with_both_versions() {
    let refuses = || async {
        let said = "session not created: This version of ChromeDriver only supports Chrome version 99\n\
                    Current browser version is 150.0.7871.181 with binary path /usr/bin/chromium\nStacktrace:\n#0 0x5\n";
        let answer = serde_json::json!({ "value": { "error": "session not created", "message": said, "stacktrace": "" } });
        (
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            axum::Json(answer),
        )
    };
    let address = serve_app(axum::Router::new().fallback(refuses));
    let driver = program(&format!(
        "echo ChromeDriver was started successfully on port {}.; exec sleep 600",
        address.port()
    ));
    let told = opened_with(&[("CHROMEDRIVER", &driver)]);
    assert_eq!(
        told,
        "browser and driver do not fit together: session not created: This version of ChromeDriver only supports Chrome \
         version 99; Current browser version is 150.0.7871.181 with binary path /usr/bin/chromium\n\
         \x20 hint: install both from the same source and in the same version",
    );
}

#[test]
fn a_driver_or_a_browser_that_does_not_come_up_is_told_with_its_last_words() {
    let driver = program("echo no space left on device >&2; exit 3");
    let told = opened_with(&[("CHROMEDRIVER", &driver)]);
    assert!(
        told.starts_with("the browser does not start: its driver"),
        "{told}"
    );
    assert!(told.contains("no space left on device"), "{told}");

    // Another go may find a port; none of five does.
    let driver =
        program("echo >> $0.log; echo 'bind() failed: Address already in use (98)' >&2; exit 1");
    let told = opened_with(&[("CHROMEDRIVER", &driver)]);
    assert!(told.contains("Address already in use"), "{told}");
    let goes = std::fs::read_to_string(format!("{driver}.log")).expect("it was started");
    assert_eq!(goes.lines().count(), 5);

    let browser = program("exit 1");
    let told = opened_with(&[("CHROME", &browser)]);
    assert!(
        told.starts_with("the browser does not start: session not created: "),
        "{told}"
    );
    assert!(told.contains("exited"), "{told}");
    assert!(!told.contains("Stacktrace"), "{told}");
}

#[test]
fn a_certificate_nobody_vouches_for_is_told_and_can_be_accepted() {
    let address = tls();
    let url = format!("https://localhost:{}/", address.port());
    let ran = against(address).run(&format!("browser.open(\"{url}\");"));
    assert_eq!(
        ran.told(),
        format!(
            "{url} cannot be loaded: net::ERR_CERT_AUTHORITY_INVALID\n\
\x20 hint: trust it with the option `insecure: true` of `browser.open` if that is meant"
        )
    );
    let ran = against(address).run(&format!(
        "assert browser.open(\"{url}\", #{{ insecure: true }}).title == \"Safe\";"
    ));
    ran.passes();
}

/// A server with a certificate of its own making.
fn tls() -> SocketAddr {
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("one");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a pair");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    crate::host::fake::runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    let page = "<title>Safe</title>";
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                        page.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        address
    })
}

const RESTLESS: &[(&str, &str)] = &[
    ("/", "<!doctype html><title>Home</title><h1>Home</h1>"),
    (
        "/again",
        "<!doctype html><title>Again</title><script>location.reload()</script>",
    ),
    (
        "/replaced",
        // Each frame, and also where frames do not come.
        "<!doctype html><p id=box></p><script>const replace = () => { box.innerHTML = '<button>Go</button>' }; \
         const again = () => { replace(); requestAnimationFrame(again) }; again(); setInterval(replace, 10)</script>",
    ),
];

#[test]
fn a_page_that_loads_itself_again_for_ever_keeps_nobody_waiting_for_ever() {
    let ran = against(serve(RESTLESS)).run(
        r#"
        let page = browser.open("/");
        try { page.visit("/again", #{ timeout: "1s" }) } catch {}
        page.get_by_role("button").click(#{ timeout: "500ms" });
        "#,
    );
    let told = ran.error();
    assert!(
        told.contains("`get_by_role(\"button\")`") || told.contains("went to another document"),
        "{told}"
    );
    // Another page of the same browser is as well as ever.
    let ran = against(serve(RESTLESS)).run(
        r#"
        let restless = browser.open("/");
        try { restless.visit("/again", #{ timeout: "500ms" }) } catch {}
        expect(browser.open("/").get_by_role("heading")).to_have_text("Home");
        "#,
    );
    assert!(ran.result.is_ok(), "{}", ran.error());
}

#[test]
fn an_element_that_is_taken_away_again_and_again_is_told_so() {
    let ran = against(serve(RESTLESS)).run(
        r#"
        let page = browser.open("/replaced");
        page.get_by_role("button").click(#{ timeout: "500ms" });
        "#,
    );
    assert!(
        ran.error()
            .contains("`get_by_role(\"button\")` was taken off the page again and again for 500ms"),
        "{}",
        ran.error()
    );
}

/// A server with a file of 96 MiB, and one that never ends.
fn store() -> SocketAddr {
    let file = |size: usize| async move {
        let chunk = axum::body::Bytes::from(vec![b'x'; 1 << 20]);
        let chunks = futures_util::stream::iter(
            (0..size).map(move |_| Ok::<_, std::io::Error>(chunk.clone())),
        );
        (
            [("content-disposition", "attachment; filename=\"huge.bin\"")],
            Body::from_stream(chunks),
        )
            .into_response()
    };
    let endless = || async {
        let chunks = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>("drop after drop ".repeat(256)), ()))
        });
        (
            [
                ("content-type", "application/octet-stream"),
                (
                    "content-disposition",
                    "attachment; filename=\"endless.bin\"",
                ),
            ],
            Body::from_stream(chunks),
        )
            .into_response()
    };
    let page =
        || async { Html("<a id=huge href=/huge>huge</a><a id=endless href=/endless>endless</a>") };
    serve_app(
        axum::Router::new()
            .route("/", get(page))
            .route("/huge", get(move || file(96)))
            .route("/endless", get(endless)),
    )
}

#[test]
fn a_huge_download_goes_to_a_file_and_ends_with_its_phase() {
    let world = world(store());
    let ran = Fake::new().timeout(Duration::from_secs(120)).run_in(
        &world,
        r##"
        let page = browser.open("/");
        let file = page.wait_for_download(|page| page.locator("#huge").click());
        assert file.name == "huge.bin";
        file.path
        "##,
    );
    let path = ran.passes().value().to_string();
    // With its phase, it has gone.
    assert!(!Path::new(&path).exists(), "{path}");
    Fake::new().finish_in(&world, "1").passes();
}

#[test]
fn a_download_that_does_not_end_is_named() {
    let ran = against(store())
        .world(|world| world.wait_timeout = Duration::from_secs(1))
        .run(
            r##"
            let page = browser.open("/");
            page.wait_for_download(|page| page.locator("#endless").click());
            "##,
        );
    assert!(
        ran.error()
            .starts_with("the download `endless.bin` was not complete within 1s"),
        "{}",
        ran.error()
    );
}

#[test]
fn an_action_waits_for_the_scripts_of_a_document_that_arrives_but_not_for_one_that_never_ends() {
    const NEXT: &str = "<form action=/lost><input name=said><button>Send</button></form><p></p><script src=/late.js></script>";
    const LATE: &str = "document.forms[0].onsubmit = (event) => { event.preventDefault(); \
                        document.querySelector('p').textContent = 'sent ' + document.forms[0].said.value };";
    let late = || async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        ([("content-type", "text/javascript")], LATE)
    };
    let endless = || async {
        let start =
            "<!doctype html><button onclick='this.textContent = \"Gone\"'>Go</button>".to_owned();
        let parts = futures_util::stream::iter([Ok::<_, std::io::Error>(start)]);
        let never = futures_util::stream::pending();
        let headers = [("content-type", "text/html")];
        (
            headers,
            Body::from_stream(futures_util::StreamExt::chain(parts, never)),
        )
            .into_response()
    };
    let app = axum::Router::new()
        .route(
            "/",
            get(|| async { Html("<a href=/next>Next</a> <a href=/endless>Endless</a>") }),
        )
        .route("/next", get(|| async { Html(NEXT) }))
        .route("/late.js", get(late))
        .route("/endless", get(endless));
    against(serve_app(app))
        .run(
            r#"
            let page = browser.open("/");
            page.get_by_text("Next").click();
            page.get_by_role("textbox").fill("hello");
            page.get_by_role("button").click();
            expect(page.locator("p")).to_have_text("sent hello");
            expect(page).to_have_url(regex("/next$"));

            let page = browser.open("/");
            page.get_by_text("Endless").click();
            page.get_by_role("button", "Go").click();
            expect(page.get_by_role("button")).to_have_text("Gone");
            "#,
        )
        .passes();
}
