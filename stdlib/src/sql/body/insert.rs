//! Records become rows.

use super::link::{Database, Link, Outcome, Params, Statement, Trouble};
use crate::client::{ClientError, Value};

/// A record: its columns and their values.
pub type Record = Vec<(String, Value)>;

/// Places in one statement at most; the least any database allows is 32,766.
const PLACES: usize = 8_000;

/// Inserts `records` and gives back the columns of the new rows that `returning` names: the rows as they are now.
pub async fn insert(
    link: &mut Link,
    table: &str,
    records: &[Record],
    returning: Option<&str>,
) -> Result<Outcome, ClientError> {
    match attempt(link, table, records, returning).await {
        Ok(outcome) => Ok(outcome),
        Err((statement, trouble)) => Err(link.explain(&statement, trouble).await),
    }
}

/// Like [`insert`], with the statement that failed and the complaint as it came.
pub async fn attempt(
    link: &mut Link,
    table: &str,
    records: &[Record],
    returning: Option<&str>,
) -> Result<Outcome, (Box<Statement>, Trouble)> {
    let mut whole = Outcome::default();
    let mut rest = records;
    while let Some(first) = rest.first() {
        // Records with the same columns go together.
        let alike = rest
            .iter()
            .take_while(|record| same_columns(first, record))
            .count();
        let most = match returning {
            // The key of each new row is known only one at a time.
            Some(_) if !can_return(link) => 1,
            _ => (PLACES / first.len().max(1)).max(1),
        };
        let (now, later) = rest.split_at(alike.min(most).max(1));
        rest = later;
        let statement = statement(link, table, now, returning);
        match link.attempt(&statement).await {
            Ok(outcome) => {
                whole.affected += outcome.affected;
                whole.last_id = outcome.last_id.or(whole.last_id);
                whole.columns = outcome.columns;
                whole.rows.extend(outcome.rows);
                if let (Some(id), true) = (
                    outcome.last_id,
                    returning.is_some() && whole.columns.is_empty(),
                ) {
                    whole.rows.push(vec![Value::from_unsigned(id)]);
                }
            }
            Err(trouble) => return Err((Box::new(statement), trouble)),
        }
    }
    Ok(whole)
}

/// Whether an insert can give back rows.
pub fn can_return(link: &Link) -> bool {
    match link {
        Link::Mysql(link) => link.returns_rows(),
        _ => true,
    }
}

fn same_columns(one: &Record, other: &Record) -> bool {
    !one.is_empty() && one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.0 == b.0)
}

fn statement(link: &Link, table: &str, records: &[Record], returning: Option<&str>) -> Statement {
    let database = link.database();
    let first = &records[0];
    let columns: Vec<String> = first
        .iter()
        .map(|(name, _)| {
            database
                .quote(&name.replace('.', "\u{0}"))
                .replace('\u{0}', ".")
        })
        .collect();
    let mut number = 0;
    let mut row = || {
        let places = first.iter().map(|_| {
            number += 1;
            database.place(number)
        });
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let values = match (first.is_empty(), database) {
        (true, Database::Mysql) => "() values ()".to_owned(),
        (true, _) => "default values".to_owned(),
        (false, _) => {
            let rows: Vec<String> = records.iter().map(|_| row()).collect();
            format!("({}) values {}", columns.join(", "), rows.join(", "))
        }
    };
    let returning = match returning {
        Some(columns) if can_return(link) => format!(" returning {columns}"),
        _ => String::new(),
    };
    let values_given = records.iter().flatten().map(|(_, value)| value.clone());
    Statement {
        text: format!("insert into {} {values}{returning}", database.quote(table)),
        params: Params::List(values_given.collect()),
        is_record: true,
    }
}
