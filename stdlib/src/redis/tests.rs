use crate::client::servers::{Server, free_port};
use crate::host::fake::Fake;

#[test]
fn redis_keys_lists_hashes_sets_and_errors() {
    let mut server = Server::redis();
    let port = server.port;
    let url = format!("redis://:lovelace@127.0.0.1:{port}/2");
    let run =
        |script: &str| Fake::new().run(&format!("let r = redis.connect(\"{url}\"); {script}"));
    let ran = run(r#"
        assert r.get("a") == ();
        r.set("a", "é");
        assert r.get("a") == "é" && r.exists("a") && !r.exists("b");
        r.set("n", 41);
        assert r.incr("n") == 42 && r.incr("n", 8) == 50;
        r.set("m", #{ a: [1, ()] });
        assert r.get("m") == `{"a":[1,null]}`;
        r.set("bin", base64_decode_bytes("/wA="));
        assert r.get("bin").len == 2;
        assert r.ttl("a") == () && r.expire("a", "1m") && !r.expire("none", "1m");
        assert r.ttl("a") > 50.0 && r.ttl("a") <= 60.0;
        r.set("gone", 1, #{ expire: "20ms" });
        wait_until("5s", || r.get("gone") == ());
        assert r.keys("*") == ["a", "bin", "m", "n"];
        assert r.del("a") == 1 && r.del(["bin", "m", "x"]) == 2;
        assert r.rpush("l", ["b", "c"]) == 2 && r.lpush("l", "a") == 3;
        assert r.lrange("l") == ["a", "b", "c"] && r.lrange("l", -1, -1) == ["c"];
        r.hset("h", "name", "Ada");
        r.hset("h", #{ age: 36, none: "" });
        assert r.hget("h", "name") == "Ada" && r.hget("h", "x") == ();
        assert r.hgetall("h") == #{ name: "Ada", age: "36", none: "" };
        assert r.sadd("s", ["y", "x", "y"]) == 2 && r.smembers("s") == ["x", "y"];
        assert r.publish("news", "hello") == 0;
        assert r.command(["ZADD", "z", 10, "Ada"]) == 1 && r.command(["ZSCORE", "z", "Ada"]) == "10";
        r.flush();
        assert r.keys("*") == [];
        r.set("left", 1);
    "#);
    let steps = ran.passes().steps();
    assert_eq!(
        &steps[..3],
        [
            &format!("redis: connect to redis at 127.0.0.1:{port}"),
            "redis: GET a",
            "redis: SET a é"
        ]
    );
    // Another database of the same server.
    Fake::new()
        .run(&format!(
            "assert redis.connect(\"redis://:lovelace@127.0.0.1:{port}\").keys(\"*\") == [];"
        ))
        .passes();
    let error = |script: &str| run(script).told().replace(&port.to_string(), "PORT");
    assert_eq!(
        error("r.rpush(\"l\", 1); r.get(\"l\")"),
        "redis: WRONGTYPE Operation against a key holding the wrong kind of value\n  command: GET l\n  hint: redis.command([\"TYPE\", key]) tells what the key holds"
    );
    assert_eq!(
        error("r.command([\"FLY\"])"),
        "redis: unknown command 'FLY', with args beginning with:\n  command: FLY"
    );
    assert_eq!(error("r.command([])"), "`command` got an empty list");
    assert_eq!(
        error("r.set(\"a\", || 1)"),
        "the value is a closure, which no server keeps\n  hint: give plain data: texts, numbers, bytes, times, arrays, maps"
    );
    assert_eq!(
        error("r.set(\"a\", 1, #{ expires: \"1s\" })"),
        "`redis.set` has no option `expires`\n  hint: did you mean `expire`?"
    );
    assert_eq!(
        error("let slow = redis.connect(r_url(), #{ timeout: \"50ms\" }); slow.command([\"BLPOP\", \"q\", 0]) ".replace("r_url()", &format!("\"{url}\"")).as_str()),
        "redis at 127.0.0.1:PORT gave no answer within 50ms\n  hint: is it busy, or locked by another? the option `timeout` sets the limit"
    );
    let connect = |url: &str| {
        Fake::new()
            .run(&format!("redis.connect(\"{url}\")"))
            .told()
            .replace(&port.to_string(), "PORT")
    };
    assert_eq!(
        connect(&format!("redis://:babbage1@127.0.0.1:{port}")),
        "redis at 127.0.0.1:PORT refused the login: invalid username-password pair or user is disabled.\n  hint: redis://user:password@host:6379/0, or redis://:password@host"
    );
    assert_eq!(
        connect(&format!("redis://127.0.0.1:{port}")),
        "redis at 127.0.0.1:PORT refused the login: Authentication required.\n  hint: redis://user:password@host:6379/0, or redis://:password@host"
    );
    assert_eq!(
        connect(&format!("redis://:lovelace@127.0.0.1:{port}/99")),
        "redis at 127.0.0.1:PORT refused the connection: DB index is out of range"
    );
    assert_eq!(
        connect(&format!("redis://127.0.0.1:{port}/shop")),
        "`shop` is no number of a redis database\n  hint: redis://127.0.0.1:6379/0"
    );
    // A server without TLS waits for a line that never comes.
    let ran = Fake::new().run(&format!(
        "redis.connect(\"rediss://127.0.0.1:{port}\", #{{ connect_timeout: \"200ms\" }})"
    ));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to redis at 127.0.0.1:PORT: no answer within 200ms\n  hint: the port is open: is it redis that listens there?"
    );
    // A poll goes on over a restart.
    let ran = std::thread::scope(|scope| {
        let url = &url;
        let going = scope.spawn(move || {
            Fake::new().run(&format!(
                "let r = redis.connect(\"{url}\"); r.set(\"up\", 1); wait_until(#{{ timeout: \"30s\", every: \"10ms\" }}, || !r.exists(\"up\"))"
            ))
        });
        std::thread::sleep(std::time::Duration::from_millis(300));
        server.restart();
        going.join().expect("a thread")
    });
    ran.passes();
}

#[test]
fn p26_redis_that_is_not_there_is_told_at_once() {
    let port = free_port();
    let ran = Fake::new().run(&format!("redis.connect(\"redis://127.0.0.1:{port}\")"));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to redis at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    let ran = Fake::new().run("redis.connect(\"http://127.0.0.1\")");
    assert_eq!(
        ran.told(),
        "bad address `http://127.0.0.1`: `http` is no scheme of redis\n  hint: known are: redis, rediss"
    );
    let text = Fake::new()
        .load("redis.connect(\"redis://127.0.0.1\")")
        .unwrap_err();
    assert!(
        text.starts_with("`redis.connect` acts, and loading a file only declares"),
        "{text}"
    );
}
