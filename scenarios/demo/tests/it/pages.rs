//! The pages, as a browser without JavaScript sees them.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use scenario_demo::{ADA_EMAIL, ADA_PASSWORD};
use serde_json::json;

use crate::site::{Site, header};

async fn text(site: &Site, path: &str) -> String {
    let page = site.get(path).await;
    assert_eq!(page.status(), 200, "{path}");
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    page.text().await.expect("text")
}

#[tokio::test]
async fn signing_in_leads_to_the_dashboard_and_out_again() {
    let site = Site::new().await;
    let refused = site.get("/dashboard").await;
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "location")),
        (303, "/login?next=/dashboard")
    );
    let form = text(&site, "/login").await;
    assert!(
        form.contains("<label for=\"email\">E-mail</label>")
            && form.contains("<label for=\"password\">Password</label>")
    );
    let sent = site
        .request(Method::POST, "/login")
        .form(&[("email", ADA_EMAIL), ("password", ADA_PASSWORD)]);
    let sent = sent.send().await.expect("an answer");
    assert_eq!(
        (sent.status().as_u16(), header(&sent, "location")),
        (303, "/dashboard")
    );
    let cookie = sent.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .split(';')
        .next()
        .expect("a pair")
        .to_owned();
    assert!(
        text(&site, "/dashboard")
            .await
            .contains("Welcome, <strong>Ada Lovelace</strong>")
    );
    assert_eq!(
        site.get("/login").await.status(),
        303,
        "whoever is signed in needs no form"
    );
    let out = site
        .request(Method::POST, "/logout")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (out.status().as_u16(), header(&out, "location")),
        (303, "/login")
    );
    let old = site
        .request(Method::GET, "/dashboard")
        .header("cookie", cookie)
        .send()
        .await
        .expect("an answer");
    assert_eq!(old.status(), 303, "the old cookie is refused");
}

#[tokio::test]
async fn a_wrong_password_shows_an_alert_and_keeps_the_address() {
    let site = Site::new().await;
    let sent = site.request(Method::POST, "/login").form(&[
        ("email", "\"><script>"),
        ("password", "x"),
        ("next", "//evil"),
    ]);
    let sent = sent.send().await.expect("an answer");
    assert_eq!(sent.status(), 401);
    let page = sent.text().await.expect("text");
    assert!(
        page.contains("role=\"alert\">E-mail or password is wrong."),
        "{page}"
    );
    assert!(
        page.contains("value=\"&quot;&gt;&lt;script&gt;\"")
            && page.contains("name=\"next\" value=\"/dashboard\""),
        "{page}"
    );
}

#[tokio::test]
async fn the_start_page_lists_tasks_and_starts_them_without_a_script() {
    let site = Site::new().await;
    assert!(
        text(&site, "/")
            .await
            .contains("<button id=\"start\" type=\"submit\">Start</button>")
    );
    let form = [
        ("kind", "<i>x</i>"),
        ("seconds", "60"),
        ("rows", "5"),
        ("fail", "true"),
    ];
    let sent = site
        .request(Method::POST, "/tasks")
        .header("accept", "text/html,*/*")
        .form(&form)
        .send()
        .await;
    let sent = sent.expect("an answer");
    assert_eq!(
        (sent.status().as_u16(), header(&sent, "location")),
        (303, "/")
    );
    let page = text(&site, "/").await;
    assert!(page.contains("<li class=\"task\" id=\"task-1\" data-testid=\"task\" data-id=\"1\" data-state=\"PENDING\">"), "{page}");
    assert!(
        page.contains("<span class=\"state\">PENDING</span>")
            && page.contains("&lt;i&gt;x&lt;/i&gt;"),
        "{page}"
    );
}

#[tokio::test]
async fn the_chat_shows_what_was_said_before() {
    let site = Site::new().await;
    site.get("/chat").await;
    site.post("/api/chat", json!({ "text": "hello <b>" })).await;
    let page = text(&site, "/chat").await;
    assert!(
        page.contains("data-testid=\"reply\">You said “hello &lt;b&gt;”."),
        "{page}"
    );
    assert!(page.contains("<label for=\"message\" class=\"hidden\">Message</label>"));
}

#[tokio::test]
async fn files_are_uploaded_and_listed() {
    let site = Site::new().await;
    let send = |form: Form| site.request(Method::POST, "/files").multipart(form).send();
    let part = Part::bytes(&b"abc"[..]).file_name("<x>.txt");
    assert_eq!(
        send(Form::new().part("file", part))
            .await
            .expect("an answer")
            .status(),
        303
    );
    assert!(
        text(&site, "/files")
            .await
            .contains("<a href=\"/api/files/1\" download>&lt;x&gt;.txt</a>")
    );
    let none = send(Form::new().part("file", Part::bytes(&b""[..]).file_name("")))
        .await
        .expect("an answer");
    assert_eq!(none.status(), 422);
    assert!(none.text().await.expect("text").contains("role=\"alert\""));
}

#[tokio::test]
async fn assets_are_served_and_nothing_comes_from_outside() {
    let site = Site::new().await;
    for (path, kind) in [
        ("/assets/style.css", "text/css"),
        ("/assets/tasks.js", "text/javascript"),
        ("/assets/chat.js", "text/javascript"),
        ("/favicon.ico", "image/svg+xml"),
    ] {
        let asset = site.get(path).await;
        assert_eq!(
            (asset.status().as_u16(), header(&asset, "content-type")),
            (200, kind)
        );
    }
    for path in ["/", "/login", "/chat", "/files"] {
        let page = text(&site, path).await;
        assert!(
            !page.contains("src=\"http") && !page.contains("href=\"http") && !page.contains("{{"),
            "{path}"
        );
    }
}
