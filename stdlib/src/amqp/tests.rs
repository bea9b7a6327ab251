use crate::client::servers::{Server, free_port};
use crate::host::fake::Fake;

#[test]
fn amqp_queues_messages_and_errors() {
    let server = Server::rabbitmq();
    let port = server.port;
    let url = format!("amqp://guest:guest@127.0.0.1:{port}/");
    let run =
        |script: &str| Fake::new().run(&format!("let broker = amqp.connect(\"{url}\"); {script}"));
    let ran = run(r#"
        assert broker.declare_queue("jobs") == "jobs";
        assert broker.get("jobs") == () && broker.count("jobs") == 0;
        broker.publish("jobs", #{ id: 7 }, #{ headers: #{ source: "test" } });
        broker.publish("jobs", "two", #{ persistent: true, content_type: "x/y" });
        broker.publish("jobs", base64_decode_bytes("/wA="));
        wait_until("5s", || broker.count("jobs") == 3);
        let first = broker.wait_for_message("jobs", "5s");
        assert first.json.id == 7 && first.headers.source == "test" && first.routing_key == "jobs" && first.exchange == "";
        assert first.content_type == "application/json";
        let raw = broker.wait_for_message("jobs", "5s", |message| message.data.len == 2);
        assert raw.json == () && broker.get("jobs") == ();
        broker.declare_exchange("events", "topic", #{ durable: true });
        broker.declare_queue("orders", #{ durable: true });
        broker.bind("orders", "events", "order.*");
        broker.publish("order.new", [1], #{ exchange: "events" });
        let order = broker.wait_for_message("orders", "5s");
        assert order.json == [1] && order.exchange == "events" && order.routing_key == "order.new";
        broker.publish("orders", "x");
        assert broker.purge("orders") == 1 && broker.delete_queue("orders") == 0;
    "#);
    let steps = ran.passes().steps();
    assert_eq!(
        &steps[..2],
        [
            &format!("amqp: connect to amqp at 127.0.0.1:{port}"),
            "amqp: declare queue jobs"
        ]
    );
    let error = |script: &str| run(script).told().replace(&port.to_string(), "PORT");
    assert_eq!(
        error("broker.get(\"none\")"),
        "amqp: no queue 'none' in vhost '/'\n  hint: declare_queue(name) makes a queue, declare_exchange(name, type) an exchange"
    );
    assert_eq!(
        error("broker.publish(\"none\", 1)"),
        "amqp: there is no queue `none`: the message came back\n  hint: declare_queue(name) makes it"
    );
    assert_eq!(
        error("broker.publish(\"bill.new\", 1, #{ exchange: \"events\" })"),
        "amqp: no queue of the exchange `events` takes the key `bill.new`: the message came back\n  hint: bind(queue, exchange, key) lets a queue take it"
    );
    assert_eq!(
        error("broker.wait_for_message(\"jobs\", \"50ms\")"),
        "no message on `jobs` within 50ms"
    );
    assert_eq!(
        error("broker.declare_exchange(\"x\", \"fan\")"),
        "`fan` is no type of an exchange\n  hint: known are: direct, fanout, topic, headers"
    );
    let other = error("broker.declare_queue(\"jobs\", #{ durable: true })");
    assert!(
        other.ends_with("hint: it was declared otherwise before: delete it, or declare it alike"),
        "{other}"
    );
    // An error closes its channel, and the next call has a new one.
    run("broker.declare_queue(\"left\"); try { broker.get(\"none\") } catch {} state.count = broker.count(\"left\")").state["count"].as_i64().expect("a count");
    let wrong = Fake::new().run(&format!(
        "amqp.connect(\"amqp://guest:babbage1@127.0.0.1:{port}\")"
    ));
    let text = wrong.told().replace(&port.to_string(), "PORT");
    assert!(
        text.starts_with("amqp at 127.0.0.1:PORT refused the login: "),
        "{text}"
    );
    let vhost = Fake::new().run(&format!(
        "amqp.connect(\"amqp://guest:guest@127.0.0.1:{port}/shop\")"
    ));
    let text = vhost.told().replace(&port.to_string(), "PORT");
    assert!(
        text.starts_with("amqp at 127.0.0.1:PORT refused the login: ") && text.contains("shop"),
        "{text}"
    );
}

#[test]
fn p26_a_broker_that_is_not_there_is_told_at_once() {
    let port = free_port();
    let ran = Fake::new().run(&format!("amqp.connect(\"amqp://127.0.0.1:{port}\")"));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to amqp at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    let ran = Fake::new().run("amqp.connect(\"rabbitmq://127.0.0.1\")");
    assert_eq!(
        ran.told(),
        "bad address `rabbitmq://127.0.0.1`: `rabbitmq` is no scheme of amqp\n  hint: known are: amqp, amqps"
    );
}
