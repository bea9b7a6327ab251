use super::{project, run_in};
use crate::client::servers::Server;

#[test]
fn mysql_types_parameters_seeds_and_errors() {
    let server = Server::mysql();
    let folder = project(&[(
        "seed/users.json",
        r#"[{"name": "Ada", "born": "1815-12-10"}, {"name": "Bob", "born": null}]"#,
    )]);
    let url = format!("mysql://ada:lovelace@127.0.0.1:{}/shop", server.port);
    let run = |script: &str| {
        run_in(
            folder.path(),
            &url,
            &format!("let db = sql.connect(url); {script}"),
        )
    };
    run(r#"
        db.execute(`create table users (id int auto_increment primary key, name varchar(20), born date, balance decimal(10,2) default 1.5,
            at datetime(3), data json, raw blob, ok bool, big bigint unsigned)`);
        assert db.load("seed", #{ required: #{ users: 2 } }) == #{ users: 2 };
        assert db.query("select name, born, balance from users order by id")
            == [#{ name: "Ada", born: "1815-12-10", balance: 1.5 }, #{ name: "Bob", born: (), balance: 1.5 }];
        let row = db.insert("users", #{ name: "Cyd", at: "2026-01-05 10:00:00.250", data: #{ a: [1] }, raw: "ab".to_blob(), ok: true, big: 5 });
        assert row.id == 3 && row.at == "2026-01-05T10:00:00.25" && row.ok == 1 && row.big == 5;
        assert row.raw.len == 2;
        let same = db.query_one("select * from users where id = ? and name = ?", [3, "Cyd"]);
        assert same.at == row.at && same.balance == 1.5 && same.raw.len == 2;
        assert db.value("select count(*) from users where name = :n or name = :n", #{ n: "Ada" }) == 1;
        assert db.execute("update users set name = 'Ada' where name = 'Ada'") == 1;
        assert db.value("select 18446744073709551615") == "18446744073709551615";
        assert db.execute("delete from users where id = 3; delete from users where id = 4") == 1;
        db.transaction(|tx| tx.execute("delete from users where name = :n", #{ n: "Bob" }));
        assert db.value("select count(*) from users") == 1;
    "#)
    .passes();
    let error = |script: &str| {
        let text = run(script).told();
        text.split("\n  last exchange")
            .next()
            .unwrap_or_default()
            .replace(&server.port.to_string(), "PORT")
    };
    assert_eq!(
        error("db.query(\"select * form users\")"),
        "mysql: syntax error near 'form users'\n  statement:\n    select * form users\n             ^\n  code: 1064 (42000)"
    );
    assert_eq!(
        error("db.query(\"select * from user\")"),
        "mysql: Table 'shop.user' doesn't exist\n  statement: select * from user\n  code:      1146 (42S02)\n  hint: did you mean `users`?"
    );
    assert_eq!(
        error("db.query(\"select ?, ?\", [1])"),
        "the statement takes 2 parameters, and 1 was given\n  hint: db.query(\"select … where id = $1\", [id])"
    );
    assert!(
        error("db.query(\"select $1\", [1])").contains("parameters"),
        "{}",
        error("db.query(\"select $1\", [1])")
    );
    let wrong = run_in(
        folder.path(),
        &url.replace("lovelace", "babbage"),
        "sql.connect(url)",
    );
    assert_eq!(
        wrong.told().replace(&server.port.to_string(), "PORT"),
        "mysql at 127.0.0.1:PORT refused the login: Access denied for user 'ada'@'localhost' (using password: YES)\n  hint: check user and password of the address"
    );
}
