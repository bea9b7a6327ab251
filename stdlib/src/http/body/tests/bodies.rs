//! What comes back: bodies in memory and in files, packed and unpacked.

use super::*;
use axum::http::header::{CONTENT_ENCODING, HeaderName};
use axum::routing::get;
use std::io::Write;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

async fn serving(encoding: &'static str, body: Vec<u8>) -> String {
    let answer = move || async move { ([(CONTENT_ENCODING, encoding)], body) };
    serve(Router::new().route("/", get(answer))).await
}

#[tokio::test]
async fn a_packed_body_is_unpacked_and_says_so() {
    let text = "hello ".repeat(1000);
    let packed = gzip(text.as_bytes());
    let raw_size = packed.len() as u64;
    let base = serving("gzip", packed).await;
    let response = super::get(&base).await.expect("an answer");
    assert_eq!(response.text(), text);
    assert_eq!((response.raw_size, response.size), (raw_size, 6000));
    assert_eq!(response.header("content-encoding").as_deref(), Some("gzip"));
}

#[tokio::test]
async fn packing_is_asked_for_only_on_request() {
    let header = HeaderName::from_static("accept-encoding");
    let tell = move |headers: axum::http::HeaderMap| async move {
        let asked = headers.get(header).and_then(|value| value.to_str().ok());
        asked.unwrap_or("nothing").to_owned()
    };
    let base = serve(Router::new().route("/", get(tell))).await;
    assert_eq!(
        super::get(&base).await.expect("an answer").text(),
        "nothing"
    );
    let spec = ClientSpec {
        compressed: true,
        ..based(&base)
    };
    let response = send(&client(spec), Request::new("GET", "/")).await;
    assert_eq!(
        response.expect("an answer").text(),
        "gzip, br, zstd, deflate"
    );
}

#[tokio::test]
async fn a_head_of_a_packed_page_has_no_body_to_unpack() {
    let base = serving("gzip", gzip(b"x")).await;
    let request = Request::new("HEAD", &base);
    let response = send(&client(ClientSpec::default()), request).await;
    assert_eq!(response.expect("an answer").size, 0);
}

#[tokio::test]
async fn a_body_that_is_not_packed_as_it_says_is_a_failure() {
    let base = serving("gzip", b"plain text".to_vec()).await;
    let error = failing(&base).await;
    assert!(
        error
            .to_string()
            .starts_with("the body is not valid gzip: "),
        "{error}"
    );
    let base = serving("gzip", gzip(&[7; 10_000])[..30].to_vec()).await;
    let error = failing(&base).await;
    assert!(matches!(error, HttpError::BadEncoding { .. }), "{error}");
}

#[tokio::test]
async fn an_unknown_coding_is_left_to_the_script() {
    let base = serving("rot13", b"uryyb".to_vec()).await;
    assert_eq!(super::get(&base).await.expect("an answer").text(), "uryyb");
}

#[tokio::test]
async fn a_body_is_streamed_to_a_file() {
    let data: Vec<u8> = (0..3_000_000_u32).map(|number| number as u8).collect();
    let sent = data.clone();
    let base = serve(Router::new().route("/", get(move || async move { sent }))).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("big.bin");
    let request = Request {
        save_to: Some(path.clone()),
        ..Request::new("GET", &base)
    };
    let response = send(&client(ClientSpec::default()), request)
        .await
        .expect("an answer");
    assert_eq!(response.saved_to(), Some(path.as_path()));
    assert_eq!((response.size, response.bytes().len()), (3_000_000, 0));
    assert_eq!(std::fs::read(&path).expect("the file"), data);
    let json = response
        .json::<serde_json::Value>()
        .expect_err("not in memory")
        .to_string();
    assert!(json.contains("its body was saved to"), "{json}");
}

#[tokio::test]
async fn a_packed_body_reaches_its_file_unpacked() {
    let base = serving("gzip", gzip(&[7; 100_000])).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("data");
    let request = Request {
        save_to: Some(path.clone()),
        ..Request::new("GET", &base)
    };
    let response = send(&client(ClientSpec::default()), request)
        .await
        .expect("an answer");
    assert_eq!(response.size, 100_000);
    assert_eq!(std::fs::read(&path).expect("the file"), [7; 100_000]);
}

#[tokio::test]
async fn a_download_that_fails_or_is_dropped_leaves_no_file() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf";
        stream.write_all(head).await.expect("it is read");
        tokio::time::sleep(Duration::from_millis(100)).await;
    })
    .await;
    let directory = tempfile::tempdir().expect("a directory");
    let request = Request {
        save_to: Some(directory.path().join("data")),
        ..Request::new("GET", format!("http://{address}"))
    };
    let files = || {
        std::fs::read_dir(directory.path())
            .expect("a directory")
            .count()
    };
    let client = client(ClientSpec::default());
    let recorder = Recorder::new();
    let dropped = client.send(&request, &recorder);
    tokio::time::timeout(Duration::from_millis(50), dropped)
        .await
        .expect_err("it is still going on");
    assert_eq!(files(), 0);
    let error = client.send(&request, &recorder).await.expect_err("cut off");
    assert!(
        matches!(error.error, HttpError::Truncated { .. }),
        "{error}"
    );
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_told_before_anything_is_sent() {
    let request = Request {
        save_to: Some("/nowhere/at/all.bin".into()),
        ..Request::new("GET", "http://127.0.0.1:9/")
    };
    let error = send(&client(ClientSpec::default()), request).await;
    assert_eq!(
        error.expect_err("no directory").error.to_string(),
        "bad option `save_to`: there is no directory `/nowhere/at`"
    );
}
