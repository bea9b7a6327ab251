//! The calls of `sql` and of its connections.

use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};

use super::super::body::Outcome;
use super::ask::{ask, insert_records};
use super::transact::transact;
use super::{Db as Connection, Sql as Value, connect, seed};
use crate::client::script::to_script;
use crate::client::{ClientError, Connector};
use crate::host::script::{self, Raise};

#[export_module]
pub mod sql {
    pub type Sql = Value;
    pub type Db = Connection;

    /// Connects to a database: `postgres://user:password@host/name`, `mysql://…`, `sqlite:path` or `sqlite::memory:`. Fails
    /// within 5 seconds when nobody is there. The connection ends with the phase; one that was lost is made again at the
    /// next call.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// assert db.value("select 1 + 1") == 2;
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_plain(ctx: NativeCallContext, sql: &mut Sql, url: &str) -> Result<Db, Raise> {
        let _ = sql;
        connect::connect(&ctx, url, Map::new())
    }

    /// Like `connect(url)` with options: `timeout` of one call (30s), `connect_timeout` (5s), `create: true` for a new file of
    /// SQLite, and `ca`, `cert`, `key`, `insecure` as in `http.client`.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite:orders.db", #{ create: true, timeout: "5s" });
    /// db.execute("create table orders (id integer primary key)");
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_with(
        ctx: NativeCallContext,
        sql: &mut Sql,
        url: &str,
        options: Map,
    ) -> Result<Db, Raise> {
        let _ = sql;
        connect::connect(&ctx, url, options)
    }

    /// The rows of a statement: a list of maps.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// assert db.query("select 1 as a, 'x' as b") == [#{ a: 1, b: "x" }];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn query(ctx: NativeCallContext, db: &mut Db, statement: &str) -> Result<Array, Raise> {
        rows(&ctx, db, statement, None)
    }

    /// Like `query(statement)` with parameters: a list for places as the database writes them (`$1` in PostgreSQL, `?` in MySQL,
    /// both in SQLite), or a map for names (`:id`), which work with every database.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// assert db.query("select $1 as a, $2 as b", [1, "x"])[0].b == "x";
    /// assert db.query("select :a as a", #{ a: 2 })[0].a == 2;
    /// ```
    #[rhai_fn(name = "query", return_raw, pure)]
    pub fn query_with(
        ctx: NativeCallContext,
        db: &mut Db,
        statement: &str,
        params: Dynamic,
    ) -> Result<Array, Raise> {
        rows(&ctx, db, statement, Some(params))
    }

    /// The one row of a statement, as a map; none or several fail.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// let row = db.query_one("select 1 as a, 'x' as b");
    /// assert row.b == "x";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn query_one(
        ctx: NativeCallContext,
        db: &mut Db,
        statement: &str,
    ) -> Result<Dynamic, Raise> {
        ask(&ctx, db, "query_one", statement, None, one_row).map(to_script)
    }

    /// Like `query_one(statement)` with parameters.
    #[rhai_fn(name = "query_one", return_raw, pure)]
    pub fn query_one_with(
        ctx: NativeCallContext,
        db: &mut Db,
        statement: &str,
        params: Dynamic,
    ) -> Result<Dynamic, Raise> {
        ask(&ctx, db, "query_one", statement, Some(params), one_row).map(to_script)
    }

    /// The one value of a statement that gives one row with one column.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// wait_until("5s", || db.value("select count(*) from sqlite_master") == 0);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn value(ctx: NativeCallContext, db: &mut Db, statement: &str) -> Result<Dynamic, Raise> {
        ask(&ctx, db, "value", statement, None, one_value).map(to_script)
    }

    /// Like `value(statement)` with parameters.
    #[rhai_fn(name = "value", return_raw, pure)]
    pub fn value_with(
        ctx: NativeCallContext,
        db: &mut Db,
        statement: &str,
        params: Dynamic,
    ) -> Result<Dynamic, Raise> {
        ask(&ctx, db, "value", statement, Some(params), one_value).map(to_script)
    }

    /// Runs a statement, or several divided by `;`, and gives back how many rows it changed.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table t (a int); insert into t values (1), (2)");
    /// assert db.execute("delete from t") == 2;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn execute(ctx: NativeCallContext, db: &mut Db, statement: &str) -> Result<i64, Raise> {
        ask(&ctx, db, "execute", statement, None, affected)
    }

    /// Like `execute(statement)` with parameters; one statement only.
    #[rhai_fn(name = "execute", return_raw, pure)]
    pub fn execute_with(
        ctx: NativeCallContext,
        db: &mut Db,
        statement: &str,
        params: Dynamic,
    ) -> Result<i64, Raise> {
        ask(&ctx, db, "execute", statement, Some(params), affected)
    }

    /// Inserts a row and gives it back as it is now, with its key and defaults. (MySQL gives back what was given and
    /// `last_insert_id`.)
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table users (id integer primary key, name text, role text default 'guest')");
    /// let ada = db.insert("users", #{ name: "Ada" });
    /// assert ada == #{ id: 1, name: "Ada", role: "guest" };
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn insert(
        ctx: NativeCallContext,
        db: &mut Db,
        table: &str,
        record: Map,
    ) -> Result<Dynamic, Raise> {
        let mut rows = insert_records(&ctx, db, table, vec![record])?;
        Ok(rows.pop().map_or(Dynamic::UNIT, to_script))
    }

    /// Inserts a list of records and gives back the list of rows.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table users (id integer primary key, name text)");
    /// assert db.insert("users", [#{ name: "Ada" }, #{ name: "Bob" }]).len == 2;
    /// ```
    #[rhai_fn(name = "insert", return_raw, pure)]
    pub fn insert_many(
        ctx: NativeCallContext,
        db: &mut Db,
        table: &str,
        records: Array,
    ) -> Result<Array, Raise> {
        let maps = records.into_iter().map(|record| {
            let what = crate::host::json::type_in_words(&record);
            record.flatten().try_cast::<Map>().ok_or(what)
        });
        let maps = maps.collect::<Result<Vec<Map>, String>>().map_err(|what| {
            let error = ClientError::usage(format!("`db.insert` takes maps, not {what}"));
            script::usage(&ctx, error.into())
        })?;
        let rows = insert_records(&ctx, db, table, maps)?;
        Ok(rows.into_iter().map(to_script).collect())
    }

    /// Runs the closure in a transaction: committed at its end, rolled back when it fails. The closure gets the
    /// connection; use that one, not the one outside.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table t (a int)");
    /// db.transaction(|tx| {
    ///     tx.execute("insert into t values (1)");
    ///     tx.execute("insert into t values (2)");
    /// });
    /// assert db.value("select sum(a) from t") == 3;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn transaction(ctx: NativeCallContext, db: &mut Db, body: FnPtr) -> Result<Dynamic, Raise> {
        let attempt = script::attempt_for(&ctx, "db.transaction")?;
        attempt.step("sql", "transaction", script::call_site(&ctx), |_| {
            transact(&ctx, &attempt, db, |tx| {
                body.call_within_context(&ctx, (tx.clone(),))
            })
        })
    }

    /// Loads a file or a folder of files into tables named after them, in one transaction: JSON, YAML or CSV. Gives back
    /// how many rows each table got. Tables that depend on each other are filled in the order their foreign keys allow.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table users (id int, name text)");
    /// let path = write_file("seed/users.csv", "id,name\n1,Ada\n2,Bob\n");
    /// assert db.load(path) == #{ users: 2 };
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn load(ctx: NativeCallContext, db: &mut Db, path: &str) -> Result<Map, Raise> {
        seed::fill(&ctx, db, path, Map::new())
    }

    /// Like `load(path)` with options: `required` (the least number of rows of each table in the end), `after_load` (a closure
    /// that gets the connection, within the transaction), `add` (fields for every record), `replace: true` (empties the tables first), and `cleanup: true` (deletes
    /// what was loaded, and nothing else, at the end of the scenario).
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.execute("create table users (id integer primary key, name text)");
    /// let path = write_file("seed/users.json", [#{ name: "Ada" }, #{ name: "Bob" }]);
    /// db.load(path, #{
    ///     required: #{ users: 2 },
    ///     after_load: |db| db.execute("update users set name = upper(name)"),
    /// });
    /// assert db.value("select name from users where id = 1") == "ADA";
    /// ```
    #[rhai_fn(name = "load", return_raw, pure)]
    pub fn load_with(
        ctx: NativeCallContext,
        db: &mut Db,
        path: &str,
        options: Map,
    ) -> Result<Map, Raise> {
        seed::fill(&ctx, db, path, options)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai
    /// let db = sql.connect("sqlite::memory:");
    /// db.close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(db: &mut Db) {
        db.0.close();
    }

    /// The database in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(db: &mut Db) -> String {
        db.0.connector.server()
    }
}

fn rows(
    ctx: &NativeCallContext,
    db: &Connection,
    text: &str,
    params: Option<Dynamic>,
) -> Result<Array, Raise> {
    let rows = ask(ctx, db, "query", text, params, |outcome| Ok(outcome.maps()))?;
    Ok(rows.into_iter().map(to_script).collect())
}

fn one_row(outcome: Outcome) -> Result<crate::client::Value, ClientError> {
    let mut maps = outcome.maps();
    match (maps.pop(), maps.len()) {
        (Some(row), 0) => Ok(row),
        (row, more) => {
            let got = if row.is_none() {
                "none".to_owned()
            } else {
                (more + 1).to_string()
            };
            Err(ClientError::Unmet {
                message: format!("expected one row, got {got}"),
                hint: None,
            })
        }
    }
}

fn one_value(outcome: Outcome) -> Result<crate::client::Value, ClientError> {
    match (outcome.columns.len(), outcome.rows.len()) {
        (1, 1) => {
            let first = outcome.rows.into_iter().flatten().next();
            Ok(first.unwrap_or(crate::client::Value::Null))
        }
        (0, _) => {
            Err(ClientError::usage("the statement gives no rows").hinting("use db.execute(…)"))
        }
        (1, rows) => Err(ClientError::Unmet {
            message: format!(
                "expected one row, got {}",
                if rows == 0 {
                    "none".to_owned()
                } else {
                    rows.to_string()
                }
            ),
            hint: None,
        }),
        (columns, _) => Err(ClientError::usage(format!(
            "expected one column, got {columns}: {}",
            outcome.columns.join(", ")
        ))
        .hinting("use db.query_one(…) for a whole row")),
    }
}

fn affected(outcome: Outcome) -> Result<i64, ClientError> {
    Ok(i64::try_from(outcome.affected).unwrap_or(i64::MAX))
}
