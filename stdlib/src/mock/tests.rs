use crate::host::fake::{Fake, starts};
use crate::host::world::World;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn g25_canned_replies_latency_one_shot_errors_and_the_log_of_calls() {
    let ran = Fake::new().run(
        r#"
        let llm = mock_server("llm");
        llm.on("POST /v1/chat", #{ json: #{ reply: "hello" }, headers: #{ "x-model": "tiny" }, delay: "60ms" });
        llm.once("POST /v1/chat", #{ status: 500, text: "boom" });
        let failed = http.post(llm.url + "/v1/chat", #{ json: #{ text: "one" } });
        assert failed.status == 500 && failed.text == "boom";
        let res = http.post(llm.url + "/v1/chat?stream=0", #{ json: #{ text: "two" } });
        assert res.json.reply == "hello" && res.headers["x-model"] == "tiny";
        // The time is measured by the client and can only be longer.
        assert res.elapsed >= 0.06;
        let calls = llm.requests("POST /v1/chat");
        assert calls.len == 2 && calls[1].json.text == "two" && calls[1].query.stream == "0";
        assert calls[0].method == "POST" && calls[0].headers["content-type"] == "application/json";
        assert http.get(llm.url + "/else").status == 404;
        assert llm.unexpected.len == 1 && llm.unexpected[0].path == "/else";
        llm.reset();
        assert llm.requests == [] && http.post(llm.url + "/v1/chat").status == 404;
        "#,
    );
    let steps = ran.passes().steps();
    assert_eq!(steps[0], "mock: llm");
}

#[test]
fn g25_an_error_rate_hits_some_and_a_dropped_connection_is_no_answer() {
    let ran = Fake::new().run(
        r#"
        let api = mock_server();
        api.on("GET /some", #{ text: "ok", error_rate: 0.5 });
        let bad = 0;
        for n in 0..60 { if http.get(api.url + "/some").status == 500 { bad += 1; } }
        assert bad > 5 && bad < 55;
        api.on("GET /some", #{ text: "ok", error_rate: 1 });
        assert http.get(api.url + "/some").status == 500;
        api.on("GET /gone", #{ drop: true });
        http.get(api.url + "/gone");
        "#,
    );
    starts(&ran.told(), "GET http://127.0.0.1:");
    assert_eq!(ran.bad_news.len(), 1);
    assert_eq!(ran.assertions, 2);
}

#[test]
fn answers_come_in_turn_and_the_route_said_last_counts() {
    Fake::new()
        .run(
            r#"
            let api = mock_server("api", #{ answers: #{ "/**": "any", "GET /jobs/*": ["started", "done"] } });
            api.on("GET /jobs/7", #{ status: 418 });
            let get = |path| http.get(api.url + path);
            assert get.call("/jobs/1").text == "started" && get.call("/jobs/2").text == "done";
            assert get.call("/jobs/3").text == "done" && get.call("/jobs/7").status == 418;
            assert get.call("/jobs/1/2").text == "any";
            api.on("GET /jobs/7", "mended");
            assert get.call("/jobs/7").text == "mended";
            "#,
        )
        .passes();
}

#[test]
fn a_closure_answers_and_what_fails_in_it_fails_its_phase() {
    let ran = Fake::new().run(
        r#"
        let shop = mock_server();
        let price = 12.5;
        shop.on("POST /price", |request| {
            assert request.json.sku == "MUG-1", "the shop asks for another";
            #{ json: #{ price: price } }
        });
        assert http.post(shop.url + "/price", #{ json: #{ sku: "MUG-1" } }).json.price == 12.5;
        assert http.post(shop.url + "/price", #{ json: #{ sku: "CAP-2" } }).status == 500;
        "#,
    );
    starts(&ran.told(), "the shop asks for another");
    assert_eq!(ran.bad_news.len(), 1);
}

#[test]
fn it_is_the_same_in_a_later_phase_and_a_closure_of_a_former_one_answers_no_more() {
    let world = Arc::new(World::default());
    let first = Fake::new().run_in(
        &world,
        r#"
        let api = mock_server("api");
        api.on("GET /canned", "still there");
        api.on("GET /closure", |request| "here");
        assert http.get(api.url + "/closure").text == "here";
        api.url
        "#,
    );
    let url = first.passes().value().into_string().unwrap();
    let held = world.scopes.held(&crate::host::scope::Owner::Try {
        scenario: "test.rhai::test".into(),
        round: 0,
        try_number: 1,
    });
    assert_eq!(held, ["mock server `api`"]);
    let second = Fake::new().finish_in(
        &world,
        r#"
        let api = mock_server("api");
        assert http.get(api.url + "/canned").text == "still there";
        let gone = http.get(api.url + "/closure");
        assert gone.status == 503;
        assert gone.text == "the phase whose closure answers here for mock server `api` is over";
        assert api.requests.len == 3;
        api.url
        "#,
    );
    assert_eq!(second.passes().value().into_string().unwrap(), url);
    let ended = Fake::new().run(&format!("http.get(\"{url}/canned\")"));
    assert!(ended.told().contains("refused"), "{}", ended.told());
}

#[test]
fn a_webhook_is_waited_for_and_what_came_instead_is_told() {
    Fake::new()
        .run(
            r#"
            let hooks = mock_server("hooks");
            hooks.on("POST /**", #{ status: 204 });
            let both = parallel([
                || hooks.wait_for_request("POST /paid", "10s").json.order,
                || { for order in [7, 8] { http.post(hooks.url + "/paid", #{ json: #{ order: order } }); } },
            ]);
            assert both[0] == 7;
            assert hooks.wait_for_request("POST /paid").json.order == 8;
            "#,
        )
        .passes();
    let ran = Fake::new().timeout(Duration::from_secs(60)).run(
        r#"
        let hooks = mock_server("hooks");
        http.post(hooks.url + "/refused", #{ body: "no money" });
        hooks.wait_for_request("POST /paid", "50ms");
        "#,
    );
    assert_eq!(
        ran.told(),
        "no request POST /paid came to mock server `hooks` within 50ms\n  came: POST /refused no money"
    );
}

#[test]
fn what_is_no_answer_or_no_route_is_a_usage_error_with_a_next_move() {
    let told = |script: &str| {
        Fake::new()
            .run(&format!("let api = mock_server(\"api\"); {script}"))
            .told()
    };
    assert_eq!(
        told("api.on(\"GET /\", 7)"),
        "a request to mock server `api` can be answered with a map, a text, a list of them, or a closure\n  got: 7\n  hint: #{ status: 201, json: #{ id: 7 } }, or |request| #{ json: request.json }"
    );
    starts(
        &told("api.once(\"chat\", \"x\")"),
        "`chat` does not say which requests are meant",
    );
    starts(
        &told("api.on(\"/\", #{ statsu: 200 })"),
        "`an answer` has no option `statsu`\n  hint: did you mean `status`?",
    );
    starts(
        &told("api.on(\"/\", #{ text: \"a\", json: 1 })"),
        "an answer has one body: json and text were given",
    );
    starts(
        &told("mock_server(\"b\", #{ port: api.port })"),
        "mock server `b` cannot listen on port",
    );
}
