//! Requests in polls, and their limits of time.

use super::*;

#[test]
fn o5_while_waiting_trouble_means_not_yet() {
    let ran = run(r#"
        let task = wait_until("10s", || {
            let task = http.get("/flaky/5").json;
            if task.state == "SUCCESS" { task }
        });
        assert task.state == "SUCCESS";
        "#);
    ran.passes();
    assert_eq!(
        ran.steps().len(),
        1,
        "polls are no steps: {:?}",
        ran.steps()
    );
}

#[test]
fn o7_a_closed_port_is_waited_for_and_named_in_the_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let ran = Fake::new()
        .base_url(&url)
        .run("wait_until(\"100ms\", || http.get(\"/health\").status == 200)");
    assert!(ran.error().contains("refused"), "{}", ran.error());
}

#[test]
fn a_slip_in_an_option_is_not_waited_out() {
    let error = error("wait_until(\"20s\", || http.get(\"/health\", #{ heders: 1 }).ok)");
    assert!(error.contains("has no option `heders`"), "{error}");
}

#[test]
fn a_missing_property_after_a_good_answer_is_a_slip() {
    let error = error("wait_until(\"20s\", || http.get(\"/health\").json.dtabase == \"up\")");
    assert!(error.contains("there is no property `dtabase`"), "{error}");
}

#[test]
fn a_request_ends_at_its_own_limit_and_at_the_deadline_of_the_phase() {
    let error = error("http.get(\"/slow\", #{ timeout: \"30ms\" })");
    assert!(
        error.contains("timed out after 30ms while waiting for the first byte"),
        "{error}"
    );
    let ran = Fake::new()
        .base_url(site())
        .timeout(Duration::from_millis(100))
        .run("http.get(\"/slow\")");
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
    assert_eq!(
        ran.shown()[0]["method"],
        "GET",
        "the account tells what was cut off"
    );
}

#[test]
fn time_scale_stretches_the_limits_of_requests() {
    let ran = Fake::new()
        .base_url(site())
        .world(|world| world.time_scale = 0.001)
        .run("http.get(\"/slow\", #{ timeout: \"30s\" })");
    assert!(
        ran.error().contains("timed out after 30ms"),
        "{}",
        ran.error()
    );
}
