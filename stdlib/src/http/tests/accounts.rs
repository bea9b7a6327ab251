//! What failures and the account tell of an exchange.

use super::*;

#[test]
fn a_missing_json_body_is_told_with_the_exchange() {
    let error = error("http.get(\"/html\").json");
    assert!(
        error.starts_with("GET SITE/html: the response is not JSON: expected value"),
        "{error}"
    );
    assert!(error.contains("content-type text/html"), "{error}");
    assert!(error.contains("it starts: <html>oops</html>"), "{error}");
    assert!(error.contains("last exchange"), "{error}");
    assert!(error.contains("again: curl SITE/html"), "{error}");
    let empty = self::error("http.get(\"/empty\").json");
    assert!(empty.contains("its body is empty"), "{empty}");
}

#[test]
fn a_failed_claim_shows_the_last_exchange() {
    let error =
        error("let res = http.post(\"/status/422\", #{ json: #{ a: 1 } });\nassert res.ok;");
    for line in [
        "POST SITE/status/422",
        "> content-type: application/json",
        "> {\"a\":1}",
        "< 422 Unprocessable Entity in ",
        "< {\"error\":\"as asked\"}",
        "again: curl -H 'content-type: application/json' --data-raw '{\"a\":1}' SITE/status/422",
    ] {
        assert!(error.contains(line), "{line}\n---\n{error}");
    }
}

#[test]
fn every_exchange_is_a_step_with_its_account() {
    let ran = run("http.get(\"/health\"); http.get(\"/status/500\");");
    assert_eq!(ran.steps(), ["http: GET /health", "http: GET /status/500"]);
    for record in &ran.records {
        if let Record::StepEnded { end, .. } = record {
            assert_eq!(end.outcome, StepOutcome::Passed);
        }
    }
    let accounts = ran.shown();
    assert_eq!(
        (&accounts[0]["status"], &accounts[0]["method"]),
        (&json!(200), &json!("GET"))
    );
    assert!(
        accounts[0].get("hops").is_none(),
        "what went well is told briefly"
    );
    assert_eq!(
        accounts[1]["hops"][0]["response"]["body"],
        "{\"error\":\"as asked\"}"
    );
}

#[test]
fn a_refused_connection_is_a_failure_of_the_system() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let ran = Fake::new().base_url(&url).run("http.get(\"/\")");
    assert_eq!(ran.bad_news[0].kind, crate::host::failure::Kind::Failure);
    assert!(
        ran.error()
            .starts_with(&format!("GET {url}/: connection to ")),
        "{}",
        ran.error()
    );
}

#[test]
fn a_secret_is_hidden_even_where_text_is_cut_or_quoted() {
    let secret = "it's \"quite\" secret";
    let ran = Fake::new()
        .base_url(site())
        .world(|world| world.masker.add_secret("PASSWORD", secret))
        .state(json!({ "password": secret, "padding": "x".repeat(490) }))
        .run(
            r#"
            let res = http.request("POST", "/status/422", #{
                headers: #{ "X-Password": state.password },
                body: `${state.padding}${state.password}`,
            });
            assert res.ok, `see ${res.curl}`;
            "#,
        );
    let told = serde_json::to_string(&ran.records).expect("JSON");
    for text in [ran.error(), &told] {
        for part in ["quite", "it's", "it'\\''s"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("[masked:PASSWORD]"), "{text}");
    }
}
