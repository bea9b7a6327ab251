use crate::client::servers::{Server, free_port};
use crate::host::fake::Fake;

#[test]
fn s3_objects_lists_signed_urls_and_errors() {
    let server = Server::s3();
    let port = server.port;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ada.png"), [0x89, b'P', 0xff]).expect("written");
    let run = |script: &str| {
        Fake::new()
            .world(|world| {
                world.project = folder.path().into();
                world.run_dir = folder.path().join("work");
            })
            .run(&format!(
                "let store = s3.connect(#{{ endpoint: \"http://127.0.0.1:{port}\", bucket: \"uploads\", access_key: \"ada\", secret_key: \"lovelace\" }}); {script}"
            ))
    };
    run(r#"
        wait_until("30s", || { store.create_bucket(); true });
        store.create_bucket();
        store.put("a/é b.txt", "hé");
        assert store.get("a/é b.txt") == "hé" && store.exists("a/é b.txt");
        store.put("a/1.json", #{ id: 1 });
        assert store.get("a/1.json") == `{"id":1}`;
        let head = store.head("a/1.json");
        assert head.size == 8 && head.content_type == "application/json" && head.etag.len == 32;
        store.put("raw", base64_decode_bytes("/wA="), #{ content_type: "x/y" });
        assert store.get("raw").len == 2 && store.head("raw").content_type == "x/y";
        store.put_file("ada.png", "ada.png");
        assert store.head("ada.png").content_type == "image/png" && store.get("ada.png").len == 3;
        assert store.list("a/").map(|object| object.key) == ["a/1.json", "a/é b.txt"];
        assert store.list().len == 4 && store.list("a/1")[0].size == 8;
        assert store.head("none") == () && !store.exists("none");
        let put = store.presign("signed.txt", #{ method: "PUT", expires: "1m" });
        assert http.put(put, #{ body: "from outside" }).ok;
        assert http.get(store.presign("signed.txt")).text == "from outside";
        store.delete("signed.txt");
        store.delete("signed.txt");
        assert !store.exists("signed.txt");
        let other = store.bucket("backups");
        other.create_bucket();
        assert other.list() == [];
    "#)
    .passes();
    let error = |script: &str| run(script).told().replace(&port.to_string(), "PORT");
    assert_eq!(
        error("store.get(\"none\")"),
        "s3: NoSuchKey The specified key does not exist.\n  request: get uploads/none\n  status:  404 Not Found"
    );
    assert_eq!(
        error("store.bucket(\"nowhere\").list()"),
        "s3: NoSuchBucket The specified bucket does not exist\n  request: list nowhere/\n  status:  404 Not Found\n  hint: store.create_bucket() makes it"
    );
    assert_eq!(
        error("store.presign(\"a\", #{ method: \"FLY\" })"),
        "`FLY` cannot be signed for\n  hint: known are: GET, PUT"
    );
    let connect = |more: &str| {
        let ran = Fake::new().run(&format!(
            "s3.connect(#{{ endpoint: \"http://127.0.0.1:{port}\", {more} }})"
        ));
        ran.told().replace(&port.to_string(), "PORT")
    };
    let wrong = connect("bucket: \"uploads\", access_key: \"ada\", secret_key: \"babbage1\"");
    assert!(
        wrong.starts_with("s3 at 127.0.0.1:PORT refused the login: SignatureDoesNotMatch")
            && wrong.ends_with("hint: check `access_key`, `secret_key` and `region`"),
        "{wrong}"
    );
    let unknown = connect("bucket: \"uploads\", access_key: \"bob\", secret_key: \"lovelace\"");
    assert!(
        unknown.starts_with("s3 at 127.0.0.1:PORT refused the login: InvalidAccessKeyId"),
        "{unknown}"
    );
    assert!(
        connect("bucket: \"a\", access_key: \"a\"")
            .starts_with("`s3.connect` needs the option `secret_key`\n  hint: s3.connect(")
    );
    let ran = run(
        "s3.connect(#{ endpoint: \"http://127.0.0.1:1\", access_key: \"a\", secret_key: \"b\" }).list()",
    );
    assert!(
        ran.told()
            .starts_with("cannot connect to s3 at 127.0.0.1:1: connection refused"),
        "{}",
        ran.told()
    );
}

#[test]
fn p26_an_object_store_that_is_not_there_is_told_at_once() {
    let port = free_port();
    let connect = |endpoint: &str| {
        let ran = Fake::new().run(&format!("s3.connect(#{{ endpoint: \"{endpoint}\", bucket: \"b\", access_key: \"ada\", secret_key: \"lovelace\" }})"));
        ran.told().replace(&port.to_string(), "PORT")
    };
    assert_eq!(
        connect(&format!("http://127.0.0.1:{port}")),
        "cannot connect to s3 at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    assert_eq!(
        connect("htp://127.0.0.1"),
        "bad address `htp://127.0.0.1`: `htp` is no scheme of s3\n  hint: did you mean `http`?"
    );
    assert_eq!(
        connect("127.0.0.1:9000"),
        "bad address `127.0.0.1:9000`: it does not begin with a scheme\n  hint: write it like \"http://127.0.0.1:9000\""
    );
}
