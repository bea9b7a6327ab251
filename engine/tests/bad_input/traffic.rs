//! Systems under test that cannot be talked to, or answer what nobody can use. All of these are failures of the product.

use super::common::{Closed, Tls};
use super::{Project, run};
use insta::assert_snapshot;

#[test]
fn a_host_that_refuses() {
    let closed = Closed::new();
    let script = format!("http.get(\"{}/health\");", closed.url());
    assert_snapshot!(run(&script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET http://127.0.0.1:[port]/health
      failure: GET http://127.0.0.1:[port]/health: connection to 127.0.0.1:[port] refused
        --> a.rhai:1:6
         |
       1 | http.get("http://127.0.0.1:[port]/health");
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/health
          < failed after [time]: connection to 127.0.0.1:[port] refused
          again: curl http://127.0.0.1:[port]/health
        hint: is the service started, and is this its port?

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn a_host_nobody_knows() {
    let story = run("http.get(\"http://nowhere.invalid/\");")
        .exits(1)
        .story();
    // What the system's resolver adds differs from machine to machine.
    assert!(
        story.contains(
            "failure: GET http://nowhere.invalid/: cannot resolve the host name `nowhere.invalid`"
        ),
        "{story}"
    );
    assert!(
        story.contains("hint: is the name spelled right?"),
        "{story}"
    );
}

#[test]
fn a_certificate_nobody_trusts() {
    let server = Tls::new();
    let script = format!("http.get(\"{}/\");", server.url());
    assert_snapshot!(run(&script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET https://localhost:[port]/
      failure: GET https://localhost:[port]/: no TLS connection to localhost:[port]: its certificate is signed by an unknown issuer
        --> a.rhai:1:6
         |
       1 | http.get("https://localhost:[port]/");
         |      ^^^
        last exchange:
          GET https://localhost:[port]/
          < failed after [time]: no TLS connection to localhost:[port]: its certificate is signed by an unknown issuer
          again: curl https://localhost:[port]/
        hint: `ca: "file.pem"` trusts the authority of a test system; `insecure: true` trusts anybody

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn a_certificate_that_is_trusted_on_purpose() {
    let server = Tls::new();
    let script = format!(
        "let api = http.client(#{{ base_url: \"{}\", ca: \"ca.pem\" }});\nassert api.get(\"/\").text == \"ok\";",
        server.url()
    );
    Project::script(&script)
        .file("ca.pem", &server.certificate)
        .run(&["run", "a.rhai"])
        .passes();
}

#[test]
fn a_certificate_for_another_name() {
    let server = Tls::new();
    let script = format!(
        "let api = http.client(#{{ base_url: \"{}\", ca: \"ca.pem\" }});\napi.get(\"/\");",
        server.url().replace("localhost", "127.0.0.1")
    );
    let project = Project::script(&script).file("ca.pem", &server.certificate);
    assert_snapshot!(project.run(&["run", "a.rhai"]).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /
      failure: GET https://127.0.0.1:[port]/: no TLS connection to 127.0.0.1:[port]: its certificate is for `localhost`, not for `127.0.0.1`
        --> a.rhai:2:5
         |
       2 | api.get("/");
         |     ^^^
        last exchange:
          GET https://127.0.0.1:[port]/
          < failed after [time]: no TLS connection to 127.0.0.1:[port]: its certificate is for `localhost`, not for `127.0.0.1`
          again: curl --cacert [project]/ca.pem https://127.0.0.1:[port]/
        hint: use the name in the URL that the certificate is for; `resolve: #{ "name": "127.0.0.1" }` tells where it is

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn a_body_that_is_not_json() {
    assert_snapshot!(run("let page = http.get(\"/not-json?as=html\");\nassert page.json.id == 7;").exits(1).story(), @r"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: GET http://127.0.0.1:[port]/not-json?as=html: the response is not JSON: expected value at line 1 column 1 (status 200, content-type application/json); it starts: <html><body><h1>502 Bad Gateway</h1></body></html>
        --> a.rhai:2:13
         |
       2 | assert page.json.id == 7;
         |             ^^^^
        last exchange:
          GET http://127.0.0.1:[port]/not-json?as=html
          < 200 OK in [time], 50 bytes
          < content-type: application/json
          < content-length: 50
          < date: [date]
          < <html><body><h1>502 Bad Gateway</h1></body></html>
          again: curl 'http://127.0.0.1:[port]/not-json?as=html'
        hint: `.text` has the body as it came

    1 scenario: 1 failed, 1 assertion, [time]
    ");
}

#[test]
fn a_body_that_is_cut_short() {
    assert_snapshot!(run("assert http.get(\"/not-json\").json.id == 7;").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: GET http://127.0.0.1:[port]/not-json: the response is not JSON: EOF while parsing a value at line 1 column 31 (status 200, content-type application/json); it starts: {"status": "ok", "rows": [1, 2,
        --> a.rhai:1:30
         |
       1 | assert http.get("/not-json").json.id == 7;
         |                              ^^^^
        last exchange:
          GET http://127.0.0.1:[port]/not-json
          < 200 OK in [time], 31 bytes
          < content-type: application/json
          < content-length: 31
          < date: [date]
          < {"status": "ok", "rows": [1, 2,
          again: curl http://127.0.0.1:[port]/not-json
        hint: `.text` has the body as it came

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn an_answer_that_breaks_off() {
    assert_snapshot!(run("http.get(\"/truncated\");").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /truncated
      failure: GET http://127.0.0.1:[port]/truncated: the body ended early: 100 of 1000 bytes had arrived
        --> a.rhai:1:6
         |
       1 | http.get("/truncated");
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/truncated
          < 200 OK
          < failed after [time]: the body ended early: 100 of 1000 bytes had arrived
          < content-type: text/plain
          < content-length: 1000
          < date: [date]
          again: curl http://127.0.0.1:[port]/truncated

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn a_server_that_hangs_up() {
    assert_snapshot!(run("http.get(\"/hang-up\");").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /hang-up
      failure: GET http://127.0.0.1:[port]/hang-up: 127.0.0.1:[port] closed the connection without a response
        --> a.rhai:1:6
         |
       1 | http.get("/hang-up");
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/hang-up
          < failed after [time]: 127.0.0.1:[port] closed the connection without a response
          again: curl http://127.0.0.1:[port]/hang-up
        hint: did the service crash? its log may tell

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn an_enormous_body_is_announced() {
    assert_snapshot!(run("http.get(\"/bytes/1000000000000\");").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /bytes/1000000000000
      failure: GET http://127.0.0.1:[port]/bytes/1000000000000: the body is announced as 931.3 GiB, more than the 64 MiB allowed
        --> a.rhai:1:6
         |
       1 | http.get("/bytes/1000000000000");
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/bytes/1000000000000
          < 200 OK
          < failed after [time]: the body is announced as 931.3 GiB, more than the 64 MiB allowed
          < content-type: application/octet-stream
          < content-length: 1000000000000
          < date: [date]
          again: curl http://127.0.0.1:[port]/bytes/1000000000000
        hint: `max_body: "1 GiB"` raises the limit; `save_to: "file"` streams the body to a file instead

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn an_enormous_body_that_was_not_announced() {
    // Compressed, it is small; unpacked, it is more than allowed.
    assert_snapshot!(run("http.get(\"/slow-body?count=100&every_ms=1\", #{ max_body: 100 });").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /slow-body?count=100&every_ms=1
      failure: GET http://127.0.0.1:[port]/slow-body?count=100&every_ms=1: the body grows beyond the 100 bytes allowed
        --> a.rhai:1:6
         |
       1 | http.get("/slow-body?count=100&every_ms=1", #{ max_body: 100 });
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/slow-body?count=100&every_ms=1
          < 200 OK
          < failed after [time]: the body grows beyond the 100 bytes allowed
          < content-type: text/plain; charset=utf-8
          < transfer-encoding: chunked
          < date: [date]
          again: curl 'http://127.0.0.1:[port]/slow-body?count=100&every_ms=1'
        hint: `max_body: "1 GiB"` raises the limit; `save_to: "file"` streams the body to a file instead

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn redirects_that_never_end() {
    assert_snapshot!(run("http.get(\"/redirect-loop\", #{ redirects: 3 });").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /redirect-loop
      failure: GET http://127.0.0.1:[port]/redirect-loop: more than 3 redirects, going in a circle: http://127.0.0.1:[port]/redirect-loop -> /redirect-loop -> /redirect-loop -> /redirect-loop -> /redirect-loop
        --> a.rhai:1:6
         |
       1 | http.get("/redirect-loop", #{ redirects: 3 });
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/redirect-loop -> 302 Found in [time]
          GET http://127.0.0.1:[port]/redirect-loop  (redirect) -> 302 Found in [time]
          GET http://127.0.0.1:[port]/redirect-loop  (redirect) -> 302 Found in [time]
          GET http://127.0.0.1:[port]/redirect-loop  (redirect)
          < 302 Found
          < failed after [time]: more than 3 redirects, going in a circle: http://127.0.0.1:[port]/redirect-loop -> /redirect-loop -> /redirect-loop -> /r…
          < location: /redirect-loop
          < content-length: 0
          < date: [date]
          again: curl http://127.0.0.1:[port]/redirect-loop
        hint: `redirects: n` on the request allows more

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}

#[test]
fn a_server_that_is_silent() {
    assert_snapshot!(run("http.get(\"/delay/60000\", #{ timeout: \"100ms\" });").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET /delay/60000
      failure: GET http://127.0.0.1:[port]/delay/60000: timed out after [time] while waiting for the first byte of the response
        --> a.rhai:1:6
         |
       1 | http.get("/delay/60000", #{ timeout: "100ms" });
         |      ^^^
        last exchange:
          GET http://127.0.0.1:[port]/delay/60000
          < failed after [time]: timed out after [time] while waiting for the first byte of the response
          again: curl http://127.0.0.1:[port]/delay/60000
        hint: `timeout` sets this limit; for work that takes long, poll with `wait_until`

    1 scenario: 1 failed, 0 assertions, [time]
    "#);
}
