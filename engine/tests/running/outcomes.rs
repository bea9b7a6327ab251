//! What became of a scenario, and what the caller is told: failures, errors and usage are kept apart.

use super::{Project, run};
use insta::assert_snapshot;

const PASSES: &str = "scenario(\"passes\", || { assert true; });\n";
const FAILS: &str = "scenario(\"fails\", || { assert http.get(\"/status/500\").ok; });\n";
const ERRS: &str = "scenario(\"errs\", #{ timeout: \"100ms\" }, || { sleep(\"60s\"); });\n";
const MISUSES: &str = "scenario(\"misuses\", || { assert \"1\" == 1; });\n";

#[test]
fn c10_the_product_the_machine_and_the_script_have_an_exit_code_each() {
    for (parts, code) in [
        (&[PASSES][..], 0),
        (&[PASSES, FAILS], 1),
        (&[PASSES, ERRS], 3),
        (&[PASSES, FAILS, ERRS], 3),
        (&[PASSES, FAILS, ERRS, MISUSES], 2),
    ] {
        run(&parts.concat()).exits(code);
    }
}

#[test]
fn c10_each_is_told_by_its_own_word() {
    let ran = Project::script(&[PASSES, FAILS, ERRS, MISUSES].concat())
        .run(&["run", "-j", "1", "a.rhai"]);
    assert_snapshot!(ran.story(), @r#"
    exit 2

    PASS   a.rhai  passes  [time]
    FAIL   a.rhai  fails  [time]

      a.rhai::fails
      failure: assertion failed: `http.get("/status/500").ok`
        --> a.rhai:2:31
         |
       2 | scenario("fails", || { assert http.get("/status/500").ok; });
         |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^ is false
        last exchange:
          GET http://127.0.0.1:[port]/status/500
          < 500 Internal Server Error in [time], 47 bytes
          < content-type: application/json
          < content-length: 47
          < date: [date]
          < {"status":500,"reason":"Internal Server Error"}
          again: curl http://127.0.0.1:[port]/status/500

    ERROR  a.rhai  errs  [time]

      a.rhai::errs
      fault: scenario "errs" took longer than its timeout of [time]
        --> a.rhai:3:1
         |
       3 | scenario("errs", #{ timeout: "100ms" }, || { sleep("60s"); });
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        was in: sleep 1m 00s
        hint: raise it with the option `timeout`, or find out what it waits for

    ERROR  a.rhai  misuses  [time]

      a.rhai::misuses
      usage: a string and an integer cannot be compared with `==`
        --> a.rhai:4:33
         |
       4 | scenario("misuses", || { assert "1" == 1; });
         |                                 ^^^^^^^^
        left:  "1"
        right: 1
        hint: convert one side: parse_int(text), or value.to_string()

    ────────────────────────────────────────────────────────────────────────────────
    FAIL   fails
           assertion failed: `http.get("/status/500").ok`: is false
           a.rhai:2:31
           scenario run a.rhai::fails

    ERROR  errs
           scenario "errs" took longer than its timeout of [time]
           a.rhai:3:1
           scenario run a.rhai::errs

    ERROR  misuses
           a string and an integer cannot be compared with `==`
           a.rhai:4:33
           scenario run a.rhai::misuses

    4 scenarios: 1 passed, 1 failed, 2 errored, 3 assertions, [time]
    "#);
}

#[test]
fn o21_what_went_wrong_on_our_side_is_errored_and_never_failed() {
    let ran = Project::script(ERRS)
        .run(&["run", "--json", "a.rhai"])
        .exits(3);
    let ended: Vec<_> = ran
        .events()
        .into_iter()
        .filter(|e| e["event"] == "scenario_ended")
        .collect();
    assert_eq!(ended[0]["outcome"], "errored");
    let project = Project::script(ERRS);
    project
        .run(&["run", "--reporter", "junit=j.xml", "a.rhai"])
        .exits(3);
    let junit = project.read("j.xml");
    assert!(junit.contains("failures=\"0\" errors=\"1\""), "{junit}");
}

#[test]
fn nothing_to_run_is_never_green() {
    Project::new().run(&["run"]).exits(4);
    Project::script(PASSES)
        .run(&["run", "-k", "nothing like it", "a.rhai"])
        .exits(4);
}

#[test]
fn a_script_may_fail_in_its_own_words() {
    let script = "let state = http.get(\"/health\").json.status;\nif state != \"down\" { fail(`the service is ${state}`) }";
    assert_snapshot!(run(script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: the service is ok
        --> a.rhai:2:22
         |
       2 | if state != "down" { fail(`the service is ${state}`) }
         |                      ^^^^
        last exchange:
          GET http://127.0.0.1:[port]/health
          < 200 OK in [time], 49 bytes
          < content-type: application/json
          < content-length: 49
          < date: [date]
          < {"status":"ok","database":"up","version":"0.1.0"}
          again: curl http://127.0.0.1:[port]/health

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn soft_claims_are_all_told() {
    let script = "let me = http.get(\"/api/me\");\nverify me.status == 200;\nverify me.json.get(\"email\") == \"ada@example.com\", \"signed in as ada\";\nlog(\"went on\");";
    assert_snapshot!(run(script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      soft failure: assertion failed: `me.status == 200`
        --> a.rhai:2:8
         |
       2 | verify me.status == 200;
         |        ^^^^^^^^^^^^^^^^ is 401
        last exchange:
          GET http://127.0.0.1:[port]/api/me
          < 401 Unauthorized in [time], 110 bytes
          < content-type: application/json
          < www-authenticate: Bearer realm="demo"
          < content-length: 110
          < date: [date]
          < {"error":"unauthorized","message":"sign in first: send the session cookie or `Authorization: Bearer <token>`"}
          again: curl http://127.0.0.1:[port]/api/me

      soft failure: signed in as ada: assertion failed: `me.json.get("email") == "ada@example.com"`
        --> a.rhai:3:8
         |
       3 | verify me.json.get("email") == "ada@example.com", "signed in as ada";
         |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is ()
        last exchange: the same as above
        log:
     [time] went on

    1 scenario: 1 failed, 2 assertions, [time]
    "#);
}

#[test]
fn a20_a_failure_explains_itself() {
    let script = r##"
scenario("Order a rug");
phase("order", |state| {
    state.user = "ada";
    step("put it into the cart", || {
        let res = http.post("/api/items", #{ json: #{ sku: "RUG-1", name: "Rug", price: "cheap" } });
        log(`asked for ${res.json.error}`);
        attach("answer.json", res.json);
        expect(res.json).to_match(#{ sku: "RUG-1", price: "#number" });
    });
});
"##;
    assert_snapshot!(run(script).exits(1).story(), @r##"
    exit 1

    FAIL   a.rhai  Order a rug  [time]

      a.rhai::Order a rug › put it into the cart
      failure: expectation failed: `expect(res.json).to_match(#{ sku: "RUG-1", price: "#number" })`
        --> a.rhai:9:9
         |
       9 |         expect(res.json).to_match(#{ sku: "RUG-1", price: "#number" });
         |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 2 mismatches
        expected: at least {"price": "#number", "sku": "RUG-1"}
        received: {"error": "invalid", "fields": [{"field": "price", "message": "must be a number between 0 and 1000000"}], "message": "the request has 1 invalid field"}
        mismatches:
          $.price  missing, expected #number
          $.sku    missing, expected "RUG-1"
        last exchange:
          POST http://127.0.0.1:[port]/api/items
          > content-type: application/json
          > {"name":"Rug","price":"cheap","sku":"RUG-1"}
          < 422 Unprocessable Entity in [time], 143 bytes
          < content-type: application/json
          < content-length: 143
          < date: [date]
          < {"error":"invalid","message":"the request has 1 invalid field","fields":[{"field":"price","message":"must be a number between 0 and 1000000"}]}
          again: curl -H 'content-type: application/json' --data-raw '{"name":"Rug","price":"cheap","sku":"RUG-1"}' http://127.0.0.1:[port]/api/items
        steps:
          FAIL [time]  put it into the cart  a.rhai:5
          ok [time]    POST /api/items  a.rhai:6
        state:
          user = "ada"
        log:
     [time] asked for invalid
        kept: .scenario/runs/[run]/artifacts/a.rhai-Order-a-rug/answer.json (186 bytes)

    1 scenario: 1 failed, 1 assertion, [time]
    "##);
}

#[test]
fn p29_a_failure_is_cleaned_up_after_and_says_where_it_is_and_what_to_type_next() {
    let script = r#"
scenario("Order", [
    phase("prepare", |state| { state.id = 7; }),
    phase("ship", |state| {
        let job = spawn_service("worker", #{ cmd: "echo shipping; exec sleep 653" });
        log(`pid ${job.pid}`);
        defer("cancel the order", || log("cancelled"));
        assert state.id == 8, "the order is shipped";
    }),
]);
"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "-v", "a.rhai"]).exits(1);
    let ran = ran
        .says("the order is shipped")
        .says("--> a.rhai:8:16")
        .says("cancelled")
        .says("scenario run a.rhai::Order");
    let (_, pid) = ran.stdout.split_once("pid ").expect("it was started");
    let pid = pid.split_whitespace().next().expect("a number");
    assert!(!std::path::Path::new("/proc").join(pid).exists(), "{pid}");
    // And what passed is not done again.
    let again = project.run(&["resume", "latest", "--from", "ship", "--json"]);
    let begun = super::named(&again.exits(1), "attempt_started", "phase");
    assert_eq!(begun, ["ship", "clean-up"]);
}
