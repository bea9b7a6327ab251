//! What arrives at the server.

use super::*;
use axum::body::Bytes;
use axum::extract::{Multipart, Request as Incoming};
use axum::routing::{any, post};

/// A server that tells what it got: request line, headers in order, body.
async fn mirror() -> String {
    async fn tell(request: Incoming) -> String {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        let mut told = format!("{} {}\n", parts.method, parts.uri);
        for (name, value) in &parts.headers {
            told.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("?")));
        }
        told.push_str(&String::from_utf8_lossy(&body));
        told
    }
    serve(Router::new().fallback(any(tell))).await
}

async fn told(spec: ClientSpec, request: Request) -> String {
    send(&client(spec), request)
        .await
        .expect("an answer")
        .text()
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_asked_for() {
    let base = mirror().await;
    let host = base.trim_start_matches("http://").to_owned();
    let told = told(based(&base), Request::new("GET", "/x")).await;
    let expected = format!(
        "GET /x\naccept: */*\nuser-agent: scenario/{}\nhost: {host}\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(told, expected);
}

#[tokio::test]
async fn any_verb_works() {
    let base = mirror().await;
    for verb in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "M-SEARCH",
    ] {
        let told = told(based(&base), Request::new(verb, "/")).await;
        assert!(told.starts_with(&format!("{verb} /\n")), "{told}");
    }
    let head = send(&client(based(&base)), Request::new("HEAD", "/")).await;
    let head = head.expect("an answer");
    assert_eq!((head.status, head.bytes().len()), (200, 0));
}

#[tokio::test]
async fn a_verb_with_a_blank_is_refused() {
    let error = send(
        &client(ClientSpec::default()),
        Request::new("GE T", "http://h/"),
    )
    .await;
    let error = error.expect_err("no such verb");
    assert_eq!(
        error.to_string(),
        "GE T http://h/: bad method `GE T`: a method is a word such as GET or PURGE"
    );
}

#[tokio::test]
async fn client_and_request_add_up() {
    let base = mirror().await;
    let spec = ClientSpec {
        headers: vec![
            ("X-Team".into(), Some("red".into())),
            ("X-Both".into(), Some("client".into())),
        ],
        query: vec![("key".into(), QueryValue::from("k"))],
        auth: Auth::Bearer("client".into()),
        ..based(&base)
    };
    let request = Request {
        headers: vec![
            ("x-both".into(), Some("request".into())),
            ("user-agent".into(), None),
        ],
        query: vec![("n".into(), QueryValue::Integer(1))],
        auth: Some(Auth::Basic {
            user: "ada".into(),
            password: "pw".into(),
        }),
        ..Request::new("GET", "/x")
    };
    let told = told(spec, request).await;
    assert!(told.starts_with("GET /x?key=k&n=1\n"), "{told}");
    assert!(told.contains("x-team: red\n") && told.contains("x-both: request\n"));
    assert!(told.contains("authorization: Basic YWRhOnB3\n"), "{told}");
    assert!(
        !told.contains("user-agent") && !told.contains("Bearer"),
        "{told}"
    );
}

#[tokio::test]
async fn credentials_in_a_url_become_a_header() {
    let base = mirror().await.replace("http://", "http://ada:pw@");
    let told = told(
        ClientSpec::default(),
        Request::new("GET", format!("{base}/x")),
    )
    .await;
    assert!(told.contains("authorization: Basic YWRhOnB3\n"), "{told}");
}

#[tokio::test]
async fn bodies_bring_their_type_and_length() {
    let base = mirror().await;
    let cases = [
        (Payload::Json("{}".into()), "application/json", "{}"),
        (
            Payload::Form(vec![("a".into(), QueryValue::from("1 2"))]),
            "application/x-www-form-urlencoded",
            "a=1+2",
        ),
        (
            Payload::Text("hey".into()),
            "text/plain; charset=utf-8",
            "hey",
        ),
    ];
    for (payload, content_type, body) in cases {
        let request = Request {
            payload,
            ..Request::new("POST", "/")
        };
        let told = told(based(&base), request).await;
        assert!(
            told.contains(&format!("content-type: {content_type}\n")),
            "{told}"
        );
        assert!(
            told.contains(&format!("content-length: {}\n", body.len())),
            "{told}"
        );
        assert!(told.ends_with(&format!("\n{body}")), "{told}");
    }
}

#[tokio::test]
async fn a_content_type_of_the_script_wins() {
    let request = Request {
        payload: Payload::Json("{}".into()),
        headers: vec![(
            "Content-Type".into(),
            Some("application/vnd.api+json".into()),
        )],
        ..Request::new("PATCH", "/")
    };
    let told = told(based(&mirror().await), request).await;
    assert!(
        told.contains("content-type: application/vnd.api+json\n"),
        "{told}"
    );
    assert!(!told.contains("content-type: application/json"), "{told}");
}

#[tokio::test]
async fn a_file_is_streamed_with_its_length() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("data.csv");
    std::fs::write(&path, "a,b\n1,2\n").expect("a file");
    let request = Request {
        payload: Payload::File(path),
        ..Request::new("PUT", "/")
    };
    let told = told(based(&mirror().await), request).await;
    assert!(told.contains("content-type: text/csv\n") && told.contains("content-length: 8\n"));
    assert!(
        !told.contains("transfer-encoding") && told.ends_with("a,b\n1,2\n"),
        "{told}"
    );
}

#[tokio::test]
async fn a_multipart_form_carries_fields_bytes_and_files() {
    async fn list(mut form: Multipart) -> String {
        let mut told = String::new();
        while let Some(field) = form.next_field().await.expect("a part") {
            told.push_str(&format!(
                "{}|{:?}|{:?}|",
                field.name().unwrap_or_default(),
                field.file_name(),
                field.content_type()
            ));
            let bytes: Bytes = field.bytes().await.expect("its content");
            told.push_str(&String::from_utf8_lossy(&bytes));
            told.push('\n');
        }
        told
    }
    let base = serve(Router::new().route("/", post(list))).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("photo.png");
    std::fs::write(&path, "PNG").expect("a file");
    let part = |name: &str, content| Part {
        name: name.into(),
        content,
        file_name: None,
        content_type: None,
    };
    let request = Request {
        payload: Payload::Multipart(vec![
            part("title", PartContent::Text("a \"b\" ü".into())),
            Part {
                file_name: Some("x.bin".into()),
                content_type: Some("application/x-thing".into()),
                ..part("raw", PartContent::Bytes(Bytes::from_static(b"xyz")))
            },
            part("photo", PartContent::File(path)),
        ]),
        ..Request::new("POST", "/")
    };
    assert_eq!(
        told(based(&base), request).await,
        "title|None|None|a \"b\" ü\n\
         raw|Some(\"x.bin\")|Some(\"application/x-thing\")|xyz\n\
         photo|Some(\"photo.png\")|Some(\"image/png\")|PNG\n"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_never_sent() {
    let request = Request {
        payload: Payload::File("/nowhere/x".into()),
        ..Request::new("PUT", "http://127.0.0.1:9/")
    };
    let error = send(&client(ClientSpec::default()), request).await;
    let error = error.expect_err("no file").error;
    assert_eq!(error.kind(), crate::host::failure::Kind::Usage);
}

#[test]
fn what_a_request_needs_while_it_is_under_way_is_small() {
    let client = client(ClientSpec::default());
    let (request, recorder) = (Request::new("GET", "http://h/"), Recorder::new());
    let room = size_of_val(&client.send(&request, &recorder));
    // It was 10,000 bytes, moved with each request, as long as futures that are handed on took their room once more.
    assert!(room < 5000, "{room} bytes");
}
