use super::{project, run_in};
use crate::client::servers::{Server, free_port};
use crate::host::fake::{Fake, Ran};
use std::time::Instant;

struct Database {
    server: Server,
    folder: tempfile::TempDir,
}

impl Database {
    fn new() -> Self {
        Self {
            server: Server::postgres(),
            folder: project(&[
                (
                    "seed/items.json",
                    r#"[{"id": 1, "order_id": 7, "tags": ["a", "b"], "extra": "dark"}]"#,
                ),
                (
                    "seed/orders.yaml",
                    "- {id: 7, placed: 2026-01-05T10:00:00Z, total: 12.50}\n",
                ),
            ]),
        }
    }

    fn url(&self) -> String {
        format!(
            "postgres://ada:lovelace@127.0.0.1:{}/postgres",
            self.server.port
        )
    }

    fn run(&self, script: &str) -> Ran {
        run_in(
            self.folder.path(),
            &self.url(),
            &format!("let db = sql.connect(url); {script}"),
        )
    }

    fn error(&self, script: &str) -> String {
        let text = self.run(script).told();
        let text = text.split("\n  last exchange").next().unwrap_or_default();
        text.replace(&self.server.port.to_string(), "PORT")
    }
}

#[test]
fn postgres_types_parameters_and_transactions() {
    let db = Database::new();
    db.run(r#"
        let row = db.query_one(`select true as b, 1::int2 as i2, 2::int4 as i4, 3::int8 as i8, 0.1::float4 as f4, 0.5::float8 as f8,
            12.50::numeric as n, 123456789012345678901234567890::numeric as long, 7::numeric as whole,
            'é'::text as t, 'x'::varchar as v, 'ab'::char(3) as c, null::int as nothing,
            '{"a": [1, null]}'::jsonb as jb, '[1]'::json as j,
            '6f1a2b3c-0000-4000-8000-000000000001'::uuid as u,
            '2026-01-05 10:00:00.5+01'::timestamptz as tz, '2026-01-05 10:00'::timestamp as ts, '2026-01-05'::date as d, '10:30'::time as ti,
            '\x01ff'::bytea as by, array[[1,2],[3,4]] as aa, array['a', null] as at, '{}'::int[] as empty`);
        assert row.b == true && row.i2 == 1 && row.i4 == 2 && row.i8 == 3;
        assert row.f4 == 0.1 && row.f8 == 0.5 && row.n == 12.5 && row.whole == 7;
        assert row.long == "123456789012345678901234567890";
        assert row.t == "é" && row.v == "x" && row.c == "ab " && row.nothing == ();
        assert row.jb == #{ a: [1, ()] } && row.j == [1];
        assert row.u == "6f1a2b3c-0000-4000-8000-000000000001";
        assert row.tz == "2026-01-05T09:00:00.5Z" && time(row.tz) == time("2026-01-05T09:00:00.5Z");
        assert row.ts == "2026-01-05T10:00:00" && row.d == "2026-01-05" && row.ti == "10:30:00";
        assert row.by.len == 2 && row.aa == [[1, 2], [3, 4]] && row.at == ["a", ()] && row.empty == [];
    "#).passes();
    // What is not known here is shown as the server writes it.
    db.run(r#"
        db.execute("create type mood as enum ('sad', 'ok'); create type pair as (a int, b text); create domain age as int check (value > 0)");
        let row = db.query_one(`select '1 day 2 hours'::interval as i, '10.0.0.1/8'::inet as ip, int4range(1, 5) as r, '12.34'::money as m,
            'ok'::mood as mood, row(1, 'x')::pair as pair, 5::age as age, array['sad'::mood] as moods, '(1,2)'::point as p,
            'infinity'::timestamptz as inf, row(1, 'a') as anonymous, array['1 day'::interval] as is, b'101' as bits`);
        assert row.i == "1 day 02:00:00" && row.ip == "10.0.0.1/8" && row.r == "[1,5)" && row.m == "$12.34";
        assert row.mood == "ok" && row.pair == #{ a: 1, b: "x" } && row.age == 5 && row.moods == ["sad"];
        assert row.p == "(1,2)" && row.inf == "infinity" && row["is"] == "{\"1 day\"}" && row.bits == "101";
        assert db.query("select pg_sleep(0)").len == 1;
    "#).passes();
    db.run(r#"
        db.execute("create table t (id serial primary key, u uuid, j jsonb, tags text[], at timestamptz, n numeric, b bytea, s smallint)");
        let id = uuid();
        let at = time("2026-01-05T10:00:00Z");
        db.execute("insert into t (u, j, tags, at, n, b, s) values ($1, $2, $3, $4, $5, $6, $7)",
            [id, #{ a: 1 }, ["x", "y \"z\"", ()], at, 1.25, "ab".to_blob(), 3]);
        let row = db.query_one("select * from t where u = :u and at = :at", #{ u: id, at: at });
        assert row.j == #{ a: 1 } && row.tags == ["x", "y \"z\"", ()] && row.n == 1.25 && row.s == 3 && row.at == "2026-01-05T10:00:00Z";
        assert db.execute("update t set s = 4") == 1;
        assert db.insert("t", #{ s: 9 }).id == 2;
        assert db.insert("t", [#{ s: 1 }, #{ s: 2 }])[1].id == 4;
        assert db.value("select count(*) from t where s = any($1)", [[1, 2]]) == 2;
        try { db.transaction(|tx| { tx.execute("delete from t"); throw "no" }) } catch {}
        state.left = db.value("select count(*) from t");
    "#);
    let ran = db.run("db.transaction(|tx| { tx.execute(\"delete from t where id > 1\") }); state.n = db.value(\"select count(*) from t\")");
    assert_eq!(ran.passes().state["n"], 1);
    // Two side by side.
    db.run(
        r#"
        let both = parallel([|| db.value("select 1 from pg_sleep(0.05)"), || db.value("select 2")]);
        assert both == [1, 2];
    "#,
    )
    .passes();
}

#[test]
fn postgres_tells_what_is_wrong() {
    let db = Database::new();
    assert_eq!(
        db.error("db.query(\"select *\\nform users\\nwhere a = :a\", #{ a: 1 })"),
        "postgres: syntax error at or near \"form\"\n  statement:\n    select *\n    form users\n    ^\n    where a = $1\n  parameters: {\"a\":1}\n  code:       42601"
    );
    assert_eq!(
        db.error("db.query(\"select * from user_s where id = ?\", [1])"),
        "postgres: syntax error at end of input\n  statement:\n    select * from user_s where id = ?\n                                     ^\n  parameters: [1]\n  code:       42601\n  hint: postgres writes parameters as $1; :name works everywhere"
    );
    assert_eq!(
        db.error("db.execute(\"create table users (id int primary key, name text)\"); db.query(\"select * from user_s\")"),
        "postgres: relation \"user_s\" does not exist\n  statement:\n    select * from user_s\n                  ^\n  code: 42P01\n  hint: did you mean `users`?"
    );
    let hint = db.error("db.query(\"select nam from users\")");
    assert!(
        hint.ends_with("hint: Perhaps you meant to reference the column \"users.name\"."),
        "{hint}"
    );
    assert_eq!(
        db.error("db.execute(\"insert into users values (1); insert into users values (1)\")"),
        "postgres: duplicate key value violates unique constraint \"users_pkey\"\n  statement: insert into users values (1); insert into users values (1)\n  detail:    Key (id)=(1) already exists.\n  code:      23505"
    );
    let wrong = db.error("db.query(\"select $1::int\", [\"abc\"])");
    assert!(
        wrong.starts_with("postgres: invalid input syntax for type integer: \"abc\""),
        "{wrong}"
    );
    assert_eq!(
        db.error("db.query(\"select $1::int, $2::int\", [1])"),
        "the statement takes 2 parameters, and 1 was given\n  hint: db.query(\"select … where id = $1\", [id])"
    );
    let port = db.server.port;
    let told_by = |url: String| {
        run_in(db.folder.path(), &url, "sql.connect(url)")
            .told()
            .replace(&port.to_string(), "PORT")
    };
    assert_eq!(
        told_by(format!(
            "postgres://ada:wrong-one@127.0.0.1:{port}/postgres"
        )),
        "postgres at 127.0.0.1:PORT refused the login: password authentication failed for user \"ada\"\n  hint: check user and password of the address"
    );
    assert_eq!(
        told_by(format!("postgres://ada@127.0.0.1:{port}/postgres")),
        "postgres at 127.0.0.1:PORT refused the login: it wants a password, and the address has none\n  hint: postgres://user:password@host/database"
    );
    assert_eq!(
        told_by(format!("postgres://ada:lovelace@127.0.0.1:{port}/shop")),
        "postgres at 127.0.0.1:PORT refused the connection: database \"shop\" does not exist\n  hint: check the address"
    );
    assert_eq!(
        told_by(format!(
            "postgres://ada:lovelace@127.0.0.1:{port}/shop?sslmode=maybe"
        )),
        "`maybe` is no sslmode\n  hint: known are: disable, prefer, require, verify-full"
    );
    let tls = told_by(format!(
        "postgres://ada:lovelace@127.0.0.1:{port}/postgres?sslmode=require"
    ));
    assert_eq!(
        tls,
        "cannot connect to postgres at 127.0.0.1:PORT: server does not support TLS"
    );
    // Passwords are hidden wherever something is shown.
    let ran = db.run("log(\"lovelace\")");
    let shown = format!("{:?}", ran.records);
    assert!(!shown.contains("lovelace@"), "{shown}");
}

#[test]
fn p26_nobody_there_is_told_at_once() {
    let port = free_port();
    let began = Instant::now();
    let ran = Fake::new().run(&format!(
        "sql.connect(\"postgres://ada:lovelace@127.0.0.1:{port}/shop\")"
    ));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to postgres at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    assert!(began.elapsed().as_secs() < 5);
    let ran = Fake::new().run("sql.connect(\"mysql://ada@nowhere.invalid/shop\")");
    assert_eq!(
        ran.told(),
        "cannot connect to mysql at nowhere.invalid:3306: the host name `nowhere.invalid` cannot be resolved\n  hint: is it spelled right?"
    );
    // A port where nobody answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let ran = Fake::new().run(&format!(
        "sql.connect(\"postgres://ada@127.0.0.1:{port}/shop\", #{{ connect_timeout: \"200ms\" }})"
    ));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to postgres at 127.0.0.1:PORT: no answer within 200ms\n  hint: the port is open: is it postgres that listens there?"
    );
}

#[test]
fn a_lost_connection_is_made_again_and_seeds_are_loaded() {
    let mut db = Database::new();
    db.run(r#"
        db.execute(`create table orders (id int primary key, placed timestamptz, total numeric(10,2));
            create table items (id int primary key, order_id int references orders, tags text[], extra jsonb)`);
        assert db.load("seed", #{ required: #{ items: 1, orders: 1 } }) == #{ items: 1, orders: 1 };
        let item = db.query_one("select i.*, o.total, o.placed from items i join orders o on o.id = i.order_id");
        assert item.tags == ["a", "b"] && item.extra == "dark" && item.total == 12.5 && item.placed == "2026-01-05T10:00:00Z";
        assert db.load("seed", #{ replace: true }).items == 1;
    "#).passes();
    // A poll goes on over a restart.
    let url = db.url();
    let folder = project(&[]);
    let path = folder.path().to_owned();
    let running = std::thread::spawn(move || {
        run_in(
            &path,
            &url,
            r#"
            let db = sql.connect(url);
            write_file("connected", "");
            wait_until(#{ timeout: "30s", every: "20ms" }, || db.value("select count(*) from ready") == 0);
        "#,
        )
    });
    let began = Instant::now();
    while !folder.path().join("work/connected").exists() {
        assert!(began.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    db.server.restart();
    run_in(
        folder.path(),
        &db.url(),
        "wait_until(\"20s\", || sql.connect(url).execute(\"create table ready (a int)\") == 0)",
    )
    .passes();
    running.join().expect("a thread").passes();
    // Outside of a poll it fails, saying so.
    let slow = db.error(
        "let slow = sql.connect(url, #{ timeout: \"100ms\" }); slow.query(\"select pg_sleep(20)\")",
    );
    assert!(
        slow.starts_with("postgres at 127.0.0.1:PORT gave no answer within 100ms"),
        "{slow}"
    );
    db.run("wait_until(\"5s\", || db.value(\"select count(*) from pg_stat_activity where query like '%pg_sleep(20)' and state = 'active'\") == 0)").passes();
}

#[test]
fn postgres_over_tls_is_verified() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let server = Server::postgres_with(Some((&certificate, &key)));
    let folder = project(&[("ca.pem", &certificate)]);
    let url = |more: &str| {
        format!(
            "postgres://ada:lovelace@127.0.0.1:{}/postgres{more}",
            server.port
        )
    };
    let is_encrypted = "value(\"select ssl from pg_stat_ssl where pid = pg_backend_pid()\")";
    let run = |more: &str, options: &str| {
        run_in(
            folder.path(),
            &url(more),
            &format!("state.ssl = sql.connect(url, #{{ {options} }}).{is_encrypted}"),
        )
    };
    assert_eq!(
        run("?sslmode=require", "ca: \"ca.pem\"").passes().state["ssl"],
        true
    );
    assert_eq!(run("", "ca: \"ca.pem\"").passes().state["ssl"], true);
    assert_eq!(
        run("?sslmode=require", "insecure: true").passes().state["ssl"],
        true
    );
    assert_eq!(run("", "").passes().state["ssl"], true);
    assert_eq!(run("?sslmode=disable", "").passes().state["ssl"], false);
    let refused = run("?sslmode=require", "")
        .told()
        .replace(&server.port.to_string(), "PORT");
    assert!(
        refused.starts_with("cannot connect to postgres at 127.0.0.1:PORT: ")
            && refused.contains("certificate"),
        "{refused}"
    );
}
