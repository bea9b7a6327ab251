use super::{project, run_in};
use crate::host::failure::{Code, Kind};
use crate::host::fake::{Fake, Ran};
use std::time::Duration;

fn run(script: &str) -> Ran {
    let folder = project(&[]);
    run_in(
        folder.path(),
        "sqlite::memory:",
        &format!("let db = sql.connect(url); {script}"),
    )
}

fn error(script: &str) -> String {
    run(script).told()
}

#[test]
fn g26_rows_are_maps_and_values_have_their_types() {
    run(r#"
        db.execute("create table t (i integer, f real, s text, b blob, n text)");
        assert db.execute("insert into t values (?, ?, ?, ?, ?)", [1, 2.5, "é", "ab".to_blob(), ()]) == 1;
        let row = db.query_one("select * from t");
        assert row.i == 1 && row.f == 2.5 && row.s == "é" && row.n == ();
        assert row.b.len == 2;
        assert db.query("select i from t where i > 5") == [];
        assert db.value("select count(*) from t where s = :s", #{ s: "é" }) == 1;
        assert db.query("select $2 as b, $1 as a", [1, 2]) == [#{ a: 1, b: 2 }];
        assert db.execute("update t set i = 2; delete from t") == 2;
        let user = db.insert("t", #{ i: 7 });
        assert user.i == 7 && user.s == ();
        assert db.insert("t", [#{ i: 8 }, #{ i: 9 }, #{ s: "x" }]).len == 3;
        assert db.value("select count(*) from t") == 4;
    "#)
    .passes();
}

#[test]
fn transactions_commit_and_roll_back() {
    let ran = run(r#"
        db.execute("create table t (a int)");
        assert db.transaction(|tx| { tx.execute("insert into t values (1)"); 5 }) == 5;
        let seen = db;
        try {
            db.transaction(|tx| { tx.execute("insert into t values (2)"); throw "no" });
        } catch {}
        state.rows = db.value("select count(*) from t");
        db.transaction(|tx| { seen.execute("insert into t values (3)") });
    "#);
    assert_eq!(ran.state["rows"], 1);
    let last = ran.bad_news.last().expect("bad news");
    assert_eq!(last.message, "this connection is in a transaction");
    let nested = run("db.transaction(|tx| tx.transaction(|tx2| 1))");
    assert_eq!(nested.told(), "transactions cannot be nested");
}

#[test]
fn a_stopped_transaction_leaves_nothing_behind() {
    let folder = project(&[]);
    let script = r#"
        let db = sql.connect("sqlite:t.db", #{ create: true });
        db.execute("create table if not exists t (a int)");
        db.transaction(|tx| { tx.execute("insert into t values (1)"); sleep("1m") });
    "#;
    let world = |world: &mut crate::host::world::World| {
        world.project = folder.path().into();
        world.run_dir = folder.path().into();
    };
    let ran = Fake::new()
        .world(world)
        .timeout(Duration::from_millis(300))
        .run(script);
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
    Fake::new()
        .world(world)
        .run("assert sql.connect(\"sqlite:t.db\").value(\"select count(*) from t\") == 0;")
        .passes();
}

#[test]
fn a_statement_that_does_not_end_is_stopped() {
    let forever =
        "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";
    let ran = run(&format!(
        "let slow = sql.connect(url, #{{ timeout: \"100ms\" }}); slow.value(\"{forever}\")"
    ));
    assert_eq!(
        ran.told(),
        "sqlite in memory gave no answer within 100ms\n  hint: is it busy, or locked by another? the option `timeout` sets the limit"
    );
    let ran = Fake::new()
        .timeout(Duration::from_millis(200))
        .run(&format!(
            "sql.connect(\"sqlite::memory:\").value(\"{forever}\")"
        ));
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
}

#[test]
fn steps_tell_statement_parameters_and_rows() {
    let ran =
        run("db.query(\"select :a as a\", #{ a: 3 }); db.execute(\"create table t (a int)\")");
    assert_eq!(
        ran.passes().steps(),
        [
            "sql: connect to sqlite in memory",
            "sql: select :a as a",
            "sql: create table t (a int)"
        ]
    );
    let data = ran.shown();
    assert_eq!(data[1]["statement"], "select :a as a");
    assert_eq!(data[1]["params"]["a"], 3);
    assert_eq!(
        (&data[1]["rows"], &data[1]["first"][0]["a"]),
        (&1.into(), &3.into())
    );
    assert_eq!(data[2]["affected"], 0);
}

#[test]
fn the_last_statement_stands_below_a_claim_that_fails() {
    let text = run("assert db.value(\"select 2\") == 3;").bad_news[0].render();
    assert!(
        text.contains("last exchange:\n    sql: select 2\n    1 row\n    {\"2\":2}"),
        "{text}"
    );
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    run(r#"
        let polls = 0;
        wait_until(#{ timeout: "5s", every: "1ms" }, || {
            polls += 1;
            if polls == 3 { db.execute("create table jobs (state text)") }
            if polls == 5 { db.execute("insert into jobs values ('done')") }
            db.value("select state from jobs") == "done"
        });
        assert polls == 5;
    "#)
    .passes();
    // A syntax error never comes true.
    let ran = run("wait_until(\"20s\", || db.value(\"selec 1\") == 1)");
    assert!(
        ran.told()
            .starts_with("sqlite: near \"selec\": syntax error"),
        "{}",
        ran.told()
    );
}

#[test]
fn p26_a_syntax_error_has_a_caret() {
    assert_eq!(
        error("db.query(\"select *\\n  form users\")"),
        "sqlite: near \"form\": syntax error\n  statement:\n    select *\n      form users\n      ^"
    );
}

#[test]
fn a_missing_table_names_its_neighbours() {
    let made = "db.execute(\"create table users (a int)\");";
    assert_eq!(
        error(&format!("{made} db.query(\"select * from user\")")),
        "sqlite: no such table: user\n  statement: select * from user\n  hint: did you mean `users`?"
    );
    let ran = run(&format!("{made} db.query(\"select * from orders\")"));
    assert!(
        ran.told().ends_with("hint: known are: users"),
        "{}",
        ran.told()
    );
    assert_eq!(
        (ran.bad_news[0].kind, ran.bad_news[0].code),
        (Kind::Failure, Code::Traffic)
    );
}

#[test]
fn wrong_parameters_are_usage() {
    assert_eq!(
        error("db.query(\"select ?, ?\", [1])"),
        "the statement takes 2 parameters, and 1 was given\n  hint: db.query(\"select … where id = $1\", [id])"
    );
    assert_eq!(
        error("db.query(\"select ?\")"),
        "the statement takes 1 parameter, and none was given\n  hint: db.query(\"select … where id = $1\", [id])"
    );
    assert_eq!(
        error("db.query(\"select :id\", #{ ide: 1 })"),
        "the statement does not use the parameter `ide`\n  hint: did you mean `id`?"
    );
    assert_eq!(
        error("db.query(\"select ?\", 1)"),
        "parameters are a list or a map, not an integer\n  hint: db.query(\"select … where id = $1\", [id]), or … = :id with #{ id: id }"
    );
    assert_eq!(
        error("db.query(\"select ?\", [|| 1])"),
        "parameter 1 is a closure, which no server keeps\n  hint: give plain data: texts, numbers, bytes, times, arrays, maps"
    );
    assert_eq!(error("db.query(\" \")"), "the statement is empty");
    assert_eq!(
        error("db.query(\"select 1 as a, 2 as a\")"),
        "two columns are called `a`\n  hint: give one another name: a.id as a_id"
    );
    let ran = run("sql.connect(url, #{ timout: \"1s\" })");
    assert_eq!(
        ran.told(),
        "`sql.connect` has no option `timout`\n  hint: did you mean `timeout`?"
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
}

#[test]
fn another_number_of_rows_is_told() {
    let bare = |text: String| {
        text.split("\n  last exchange")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        bare(error("db.query_one(\"select 1 where 1 = 2\")")),
        "expected one row, got none"
    );
    assert_eq!(
        bare(error("db.query_one(\"select 1 union select 2\")")),
        "expected one row, got 2"
    );
    assert_eq!(
        bare(error("db.value(\"select 1 union select 2\")")),
        "expected one row, got 2"
    );
    assert_eq!(
        bare(error("db.value(\"select 1 as a, 2 as b\")")),
        "expected one column, got 2: a, b\n  hint: use db.query_one(…) for a whole row"
    );
    assert_eq!(
        bare(error("db.value(\"create table t (a int)\")")),
        "the statement gives no rows\n  hint: use db.execute(…)"
    );
}

#[test]
fn p26_a_file_that_is_not_there_or_no_database_is_told() {
    let folder = project(&[(
        "notes.db",
        "this is no database, but long enough to be read as one",
    )]);
    let ran = run_in(folder.path(), "sqlite:shop.db", "sql.connect(url)");
    let text = ran
        .told()
        .replace(&folder.path().display().to_string(), "DIR");
    assert_eq!(
        text,
        "cannot connect to sqlite at DIR/work/shop.db: there is no such file\n  hint: the option `create: true` makes a new database"
    );
    let ran = run_in(folder.path(), "sqlite:notes.db", "sql.connect(url)");
    assert!(
        ran.told().ends_with("notes.db: file is not a database"),
        "{}",
        ran.told()
    );
    run_in(
        folder.path(),
        "sqlite:new.db",
        "sql.connect(url, #{ create: true }).execute(\"create table t (a int)\")",
    )
    .passes();
    run_in(
        folder.path(),
        "sqlite:new.db",
        "assert sql.connect(url).query(\"select * from t\") == [];",
    )
    .passes();
    let ran = run_in(
        folder.path(),
        "sqlite:new.db?mode=ro",
        "sql.connect(url).execute(\"create table u (a int)\")",
    );
    assert!(
        ran.told()
            .starts_with("sqlite: attempt to write a readonly database"),
        "{}",
        ran.told()
    );
}

#[test]
fn a_connection_ends_with_its_phase_and_refuses_while_loading() {
    let ran = run("db.close(); db.query(\"select 1\")");
    assert_eq!(
        ran.told(),
        "the connection to sqlite in memory is closed\n  hint: connections end with their phase: connect again in this one"
    );
    let text = Fake::new()
        .load("sql.connect(\"sqlite::memory:\")")
        .unwrap_err();
    assert!(
        text.starts_with("`sql.connect` acts, and loading a file only declares"),
        "{text}"
    );
    run("defer(|| { assert db.value(\"select 1\") == 1 })").passes();
}

#[test]
fn p22_p24_files_become_rows_in_the_order_of_their_keys() {
    let folder = project(&[
        (
            "seed/a_orders.json",
            r#"[{"id": 1, "user_id": 2, "note": null}]"#,
        ),
        ("seed/users.csv", "id,name\n1,Ada\n2,Bob\n"),
    ]);
    let tables = r#"
        let db = sql.connect(url);
        db.execute(`create table users (id integer primary key, name text);
                    create table a_orders (id integer primary key, user_id int not null references users, note text)`);
    "#;
    run_in(
        folder.path(),
        "sqlite::memory:",
        &format!(
            r#"{tables}
        let loaded = db.load("seed", #{{
            required: #{{ users: 2 }},
            after_load: |db| db.execute("update a_orders set note = 'for ' || (select name from users where id = user_id)"),
        }});
        assert loaded == #{{ users: 2, a_orders: 1 }};
        assert db.value("select note from a_orders") == "for Bob";
        assert db.load("seed", #{{ replace: true }}).users == 2;
        "#
        ),
    )
    .passes();
    let ran = run_in(
        folder.path(),
        "sqlite::memory:",
        &format!("{tables} db.execute(\"insert into users values (2, 'x')\"); db.load(\"seed\")"),
    );
    assert!(
        ran.told()
            .starts_with("sqlite: UNIQUE constraint failed: users.id"),
        "{}",
        ran.told()
    );
}

#[test]
fn p23_required_counts_and_broken_files_are_told() {
    let folder = project(&[
        ("seed/users.json", r#"[{"id": 1}, {"id": 2}]"#),
        ("broken/users.json", "[{\"id\": 1},\n"),
    ]);
    let told = |script: &str| {
        let made = "let db = sql.connect(url); db.execute(\"create table users (id integer primary key)\");";
        run_in(
            folder.path(),
            "sqlite::memory:",
            &format!("{made} {script}"),
        )
        .told()
    };
    assert_eq!(
        told("db.load(\"seed\", #{ required: #{ users: 3 } })"),
        "table users has 2 rows, requires 3"
    );
    assert_eq!(
        told("db.load(\"seed\", #{ required: #{ user: 3 } })"),
        "`user` requires 3, and seed has no file for it\n  hint: did you mean `users`?"
    );
    assert_eq!(
        told("db.load(\"broken\")"),
        "broken/users.json:2:0: not JSON: EOF while parsing a value"
    );
    assert_eq!(
        told("db.load(\"seeds\")"),
        "no such file or folder: seeds\n  hint: did you mean `seed`?"
    );
    assert_eq!(
        told("db.load(\"seed\", #{ required: #{ users: \"3\" } })"),
        "option `required` of `db.load` has counts: #{ users: 3 }\n  got: users: \"3\""
    );
    let rolled_back = "try { db.load(\"seed\", #{ required: #{ users: 3 } }) } catch {} state.n = db.value(\"select count(*) from users\")";
    let made =
        "let db = sql.connect(url); db.execute(\"create table users (id integer primary key)\");";
    let ran = run_in(
        folder.path(),
        "sqlite::memory:",
        &format!("{made} {rolled_back}"),
    );
    assert_eq!(ran.state["n"], 0);
}

#[test]
fn p22_only_own_rows_are_deleted_at_the_end_of_the_scenario() {
    let folder = project(&[("seed/users.json", r#"[{"name": "Ada"}, {"name": "Bob"}]"#)]);
    let world = std::sync::Arc::new(crate::host::world::World {
        project: folder.path().into(),
        run_dir: folder.path().into(),
        ..crate::host::world::World::default()
    });
    Fake::new()
        .run_in(
            &world,
            r#"
            let db = sql.connect("sqlite:t.db", #{ create: true });
            db.execute("create table users (id integer primary key, name text); insert into users (name) values ('Old')");
            db.load("seed", #{ cleanup: true });
            db.execute("delete from users where name = 'Ada'; insert into users (name) values ('New')");
            "#,
        )
        .passes();
    let owner = crate::host::scope::Owner::Try {
        scenario: "test.rhai::test".into(),
        round: 0,
        try_number: 1,
    };
    let scope = world.scopes.close(&owner).expect("a scope");
    let cleanup = scope.next_cleanup().expect("a clean-up");
    assert_eq!(cleanup.title, "delete what was loaded into users");
    let host = Fake::new().identity(|_| {});
    host.end_in(&world, cleanup);
    Fake::new()
        .run_in(
            &world,
            "assert sql.connect(\"sqlite:t.db\").query(\"select name from users\") == [#{ name: \"Old\" }, #{ name: \"New\" }];",
        )
        .passes();
}
