use crate::client::servers::{Server, free_port};
use crate::host::fake::Fake;

#[test]
fn nats_messages_requests_and_errors() {
    let server = Server::nats();
    let port = server.port;
    let url = format!("nats://ada:lovelace@127.0.0.1:{port}");
    let run =
        |script: &str| Fake::new().run(&format!("let bus = nats.connect(\"{url}\"); {script}"));
    let ran = run(r#"
        let all = bus.subscribe("orders.>");
        let one = bus.subscribe("orders.*.done");
        bus.publish("orders.1", #{ id: 1 }, #{ headers: #{ kind: "new" } });
        bus.publish("orders.2.done", "two");
        bus.publish("orders.3.done", base64_decode_bytes("/wA="));
        let first = all.wait_for_message("5s");
        assert first.subject == "orders.1" && first.json.id == 1 && first.headers.kind == "new" && first.reply == ();
        assert one.wait_for_message("5s", |message| message.data == "two").json == ();
        let last = one.wait_for_message();
        assert last.subject == "orders.3.done" && last.data.len == 2;
        wait_until("5s", || { let rest = all.messages(); rest.len == 2 });
        assert all.messages() == [];
        // Somebody who answers.
        let questions = bus.subscribe("prices.get");
        let both = parallel([
            || bus.request("prices.get", "MUG-1", "5s").json.price,
            || {
                let question = questions.wait_for_message("5s");
                bus.publish(question.reply, #{ price: 12.5 });
                question.data
            },
        ]);
        assert both == [12.5, "MUG-1"];
    "#);
    let steps = ran.passes().steps();
    assert_eq!(
        &steps[..2],
        [
            &format!("nats: connect to nats at 127.0.0.1:{port}"),
            "nats: subscribe to orders.>"
        ]
    );
    let error = |script: &str| run(script).told().replace(&port.to_string(), "PORT");
    assert_eq!(
        error("bus.request(\"nobody\", 1, \"2s\")"),
        "nats: nobody answers requests on `nobody`"
    );
    assert_eq!(
        error(
            "bus.subscribe(\"slow\"); let s = bus.subscribe(\"slow\"); bus.request(\"slow\", 1, \"50ms\")"
        ),
        "nats: no answer to the request on `slow` within 50ms"
    );
    assert_eq!(
        error("bus.subscribe(\"a\").wait_for_message(\"30ms\")"),
        "no message on `a` within 30ms"
    );
    assert_eq!(
        error(
            "let s = bus.subscribe(\"a\"); bus.publish(\"a\", \"x\"); s.wait_for_message(\"200ms\", |m| m.data == \"y\")"
        ),
        "no message on `a` within 200ms\n  passed over:      1\n  the last of them: {\"subject\":\"a\",\"data\":\"x\",\"json\":null,\"headers\":{},\"reply\":null}"
    );
    assert_eq!(
        error("bus.publish(\"a b\", 1)"),
        "`a b` is no subject\n  hint: subjects are words with dots between them: orders.created"
    );
    let wrong = Fake::new().run(&format!(
        "nats.connect(\"nats://ada:babbage1@127.0.0.1:{port}\")"
    ));
    assert_eq!(
        wrong.told().replace(&port.to_string(), "PORT"),
        "nats at 127.0.0.1:PORT refused the login: authorization violation\n  hint: nats://user:password@host, or nats://token@host"
    );
}

#[test]
fn p26_nats_that_is_not_there_is_told_at_once() {
    let port = free_port();
    let ran = Fake::new().run(&format!("nats.connect(\"nats://127.0.0.1:{port}\")"));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to nats at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    let ran = Fake::new().run("nats.connect(\"nat://127.0.0.1\")");
    assert_eq!(
        ran.told(),
        "bad address `nat://127.0.0.1`: `nat` is no scheme of nats\n  hint: did you mean `nats`?"
    );
}
