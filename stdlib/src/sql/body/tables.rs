//! Which tables and keys a database has.

use super::link::{Database, Link, Outcome, Params, Statement};
use crate::client::{ClientError, Value};
use crate::host::suggest;

/// The names of all tables and views one can name without a schema.
async fn names(link: &mut Link) -> Vec<String> {
    let text = match link.database() {
        Database::Postgres => {
            "select table_name::text from information_schema.tables where table_schema = any (current_schemas(false))"
        }
        Database::Mysql => {
            "select table_name from information_schema.tables where table_schema = database()"
        }
        Database::Sqlite => "select name from sqlite_master where type in ('table', 'view')",
    };
    // Within a broken transaction nobody answers; then there is no hint.
    match link.attempt(&Statement::new(text)).await {
        Ok(outcome) => first_texts(outcome),
        Err(_) => Vec::new(),
    }
}

fn first_texts(outcome: Outcome) -> Vec<String> {
    let first = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    outcome.rows.into_iter().filter_map(first).collect()
}

/// What to say about a table that is not there.
pub async fn near(link: &mut Link, missing: &str) -> Option<String> {
    let names = names(link).await;
    let missing = missing.rsplit('.').next().unwrap_or(missing);
    match names.is_empty() {
        true => None,
        false => suggest::hint(missing, names.iter().map(String::as_str)),
    }
}

/// The columns of the primary key of `table`.
pub async fn primary_key(link: &mut Link, table: &str) -> Result<Vec<String>, ClientError> {
    let name = table.rsplit('.').next().unwrap_or(table).to_owned();
    let (text, param) = match link.database() {
        Database::Postgres => (
            "select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) \
             where i.indrelid = to_regclass($1) and i.indisprimary order by a.attnum",
            Database::Postgres.quote(table),
        ),
        Database::Mysql => (
            "select column_name from information_schema.key_column_usage where table_schema = database() \
             and table_name = ? and constraint_name = 'PRIMARY' order by ordinal_position",
            name,
        ),
        Database::Sqlite => (
            "select name from pragma_table_info(?1) where pk > 0 order by pk",
            name,
        ),
    };
    let statement = Statement {
        text: text.into(),
        params: Params::List(vec![Value::Text(param)]),
        is_record: false,
    };
    link.run(&statement).await.map(first_texts)
}
