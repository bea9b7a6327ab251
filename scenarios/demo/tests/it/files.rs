//! Upload, download and generated bodies.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::site::{Site, body, header, refused_fields};

async fn upload(site: &Site, name: &str, content: &'static [u8]) -> serde_json::Value {
    let part = Part::bytes(content)
        .file_name(name.to_owned())
        .mime_str("text/html")
        .expect("a type");
    let form = Form::new().part("file", part).text("note", "for Ada");
    let answer = site
        .request(Method::POST, "/api/files")
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 201);
    body(answer).await
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let site = Site::new().await;
    let answer = upload(&site, "Größe \"1\".html", b"<b>bold</b>").await;
    assert_eq!(answer["fields"], json!({ "note": "for Ada" }));
    assert_eq!(
        (
            answer["files"][0]["id"].as_u64(),
            answer["files"][0]["size"].as_u64()
        ),
        (Some(1), Some(11))
    );
    let file = site.get("/api/files/1").await;
    assert_eq!(file.headers()["content-type"], "text/html");
    let disposition = file.headers()["content-disposition"]
        .to_str()
        .expect("text");
    assert!(
        disposition.starts_with(
            "attachment; filename=\"Gr__e _1_.html\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe"
        ),
        "{disposition}"
    );
    assert_eq!(file.text().await.expect("text"), "<b>bold</b>");
    assert_eq!(site.json("/api/files").await[0], answer["files"][0]);
    assert_eq!(site.delete("/api/files/1").await.status(), 204);
    assert_eq!(site.get("/api/files/1").await.status(), 404);
}

#[tokio::test]
async fn head_and_ranges_tell_and_give_parts() {
    let site = Site::new().await;
    upload(&site, "a.txt", b"0123456789").await;
    let head = site
        .request(Method::HEAD, "/api/files/1")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (
            header(&head, "content-length"),
            header(&head, "accept-ranges")
        ),
        ("10", "bytes")
    );
    assert_eq!(head.text().await.expect("text"), "");
    let part = |range: &'static str| {
        site.request(Method::GET, "/api/files/1")
            .header("range", range)
            .send()
    };
    let middle = part("bytes=2-4").await.expect("an answer");
    assert_eq!(middle.status(), 206);
    assert_eq!(middle.headers()["content-range"], "bytes 2-4/10");
    assert_eq!(middle.text().await.expect("text"), "234");
    let outside = part("bytes=10-").await.expect("an answer");
    assert_eq!(outside.status(), 416);
    assert_eq!(outside.headers()["content-range"], "bytes */10");
}

#[tokio::test]
async fn uploads_that_are_none_are_refused() {
    let site = Site::new().await;
    let empty = site
        .request(Method::POST, "/api/files")
        .multipart(Form::new().text("note", "x"))
        .send()
        .await;
    assert_eq!(refused_fields(empty.expect("an answer")).await, ["file"]);
    assert_eq!(
        site.post("/api/files", json!({ "file": "x" }))
            .await
            .status(),
        400
    );
    let broken = site
        .request(Method::POST, "/api/files")
        .header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(
        broken
            .body("--x\r\nnonsense")
            .send()
            .await
            .expect("an answer")
            .status(),
        400
    );
    assert_eq!(site.get("/api/files/1").await.status(), 404);
}

#[tokio::test]
async fn generated_bytes_have_their_length_and_pattern() {
    let site = Site::new().await;
    let answer = site.get("/bytes/1000003").await;
    assert_eq!(answer.content_length(), Some(1_000_003));
    let bytes = answer.bytes().await.expect("bytes");
    assert!(
        bytes.len() == 1_000_003
            && bytes
                .iter()
                .enumerate()
                .all(|(index, byte)| usize::from(*byte) == index % 251)
    );
    assert_eq!(
        site.get("/bytes/0")
            .await
            .bytes()
            .await
            .expect("bytes")
            .len(),
        0
    );
    assert_eq!(refused_fields(site.get("/bytes/many").await).await, ["n"]);
}

#[tokio::test]
async fn a_huge_body_is_not_held_in_memory() {
    let site = Site::new().await;
    let mut answer = site.get("/bytes/1000000000000").await;
    assert_eq!(answer.content_length(), Some(1_000_000_000_000));
    assert!(answer.chunk().await.expect("bytes").is_some());
}
