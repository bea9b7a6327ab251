//! SQLite, in a file or in memory. Its calls block, so they run on threads that may.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::link::{Complaint, Outcome, Trouble, counted};
use super::scan;
use crate::client::{ClientError, Value};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{Value as Native, ValueRef};
use rusqlite::{Batch, Connection, Error, InterruptHandle, OpenFlags, Statement};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Memory,
    File {
        path: PathBuf,
        may_create: bool,
        read_only: bool,
    },
}

impl Place {
    /// As messages call it.
    pub fn show(&self) -> String {
        match self {
            Self::Memory => "sqlite in memory".into(),
            Self::File { path, .. } => format!("sqlite at {}", path.display()),
        }
    }
}

/// A connection. Clones are the same one: what is in memory lives as long as any of them.
#[derive(Clone)]
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    interrupt: Arc<InterruptHandle>,
}

/// Opens the database.
pub fn open(place: &Place, busy: Duration) -> Result<Sqlite, ClientError> {
    let opened = match place {
        Place::Memory => Connection::open_in_memory(),
        Place::File {
            path,
            may_create,
            read_only,
        } => {
            if !may_create && !path.exists() {
                return Err(ClientError::Unreachable {
                    server: place.show(),
                    reason: "there is no such file".into(),
                    hint: Some("the option `create: true` makes a new database".into()),
                });
            }
            let access = match (read_only, may_create) {
                (true, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
                (false, true) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                (false, false) => OpenFlags::SQLITE_OPEN_READ_WRITE,
            };
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        }
    };
    let unreachable = |error: Error| ClientError::Unreachable {
        server: place.show(),
        reason: said(&error).message,
        hint: None,
    };
    let connection = opened.map_err(unreachable)?;
    connection.busy_timeout(busy).map_err(unreachable)?;
    // A file that is no database is noticed at the first read only.
    connection
        .query_row("select count(*) from sqlite_master", [], |_| Ok(()))
        .map_err(unreachable)?;
    Ok(Sqlite {
        interrupt: Arc::new(connection.get_interrupt_handle()),
        connection: Arc::new(Mutex::new(connection)),
    })
}

/// Stops a statement nobody waits for any more.
struct Stopper(Option<Arc<InterruptHandle>>);

impl Drop for Stopper {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.interrupt();
        }
    }
}

impl Sqlite {
    /// Runs one statement, or several without parameters.
    pub async fn run(&self, text: String, values: Vec<Value>) -> Result<Outcome, Trouble> {
        let mut stopper = Stopper(Some(self.interrupt.clone()));
        let connection = self.connection.clone();
        let done = tokio::task::spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            run(&connection, &text, &values)
        })
        .await;
        stopper.0 = None;
        done.unwrap_or_else(|error| {
            Err(ClientError::Fault(format!("sqlite stopped: {error}")).into())
        })
    }

    /// Undoes what a transaction did, where nothing can be waited for.
    pub fn roll_back(&self) {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("rollback");
        }
    }
}

fn run(connection: &Connection, text: &str, values: &[Value]) -> Result<Outcome, Trouble> {
    let trouble = |error: Error| Trouble::Said(Box::new(said(&error)));
    if values.is_empty() && scan::is_script(text) {
        let mut outcome = Outcome::default();
        let mut batch = Batch::new(connection, text);
        while let Some(mut statement) = batch.next().map_err(trouble)? {
            let before = outcome.affected;
            outcome = step(connection, &mut statement)?;
            outcome.affected += before;
        }
        return Ok(outcome);
    }
    let mut statement = connection.prepare(text).map_err(trouble)?;
    counted(statement.parameter_count(), values.len())?;
    for place in 1..=statement.parameter_count() {
        // `$2` is a name for SQLite; it means the second value everywhere else.
        let named = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$')?.parse().ok());
        let at: usize = named.unwrap_or(place);
        let Some(value) = at.checked_sub(1).and_then(|at| values.get(at)) else {
            return Err(ClientError::usage(format!("there is no parameter ${at}")).into());
        };
        statement
            .raw_bind_parameter(place, native(value))
            .map_err(trouble)?;
    }
    step(connection, &mut statement)
}

fn step(connection: &Connection, statement: &mut Statement<'_>) -> Result<Outcome, Trouble> {
    let trouble = |error: Error| Trouble::Said(Box::new(said(&error)));
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let before = connection.total_changes();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(trouble)? {
        let values = (0..columns.len()).map(|at| row.get_ref(at).map(value));
        found.push(values.collect::<Result<_, _>>().map_err(trouble)?);
    }
    drop(rows);
    let changed = match connection.total_changes() == before {
        true => 0,
        false => connection.changes(),
    };
    Ok(Outcome {
        affected: if columns.is_empty() {
            changed
        } else {
            changed.max(found.len() as u64)
        },
        columns,
        rows: found,
        last_id: None,
    })
}

fn native(value: &Value) -> Native {
    match value {
        Value::Null => Native::Null,
        Value::Bool(flag) => Native::Integer((*flag).into()),
        Value::Int(number) => Native::Integer(*number),
        Value::Float(number) => Native::Real(*number),
        Value::Text(text) => Native::Text(text.clone()),
        Value::Bytes(bytes) => Native::Blob(bytes.clone()),
        Value::Time(time) => Native::Text(time.to_string()),
        Value::List(_) | Value::Map(_) => Native::Text(value.to_json().to_string()),
    }
}

fn value(native: ValueRef<'_>) -> Value {
    match native {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(text) => Value::from_bytes(text.to_vec()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn said(error: &Error) -> Complaint {
    let (message, code, offset) = match error {
        Error::SqlInputError {
            error,
            msg,
            sql,
            offset,
        } => {
            let before = usize::try_from(*offset).ok().and_then(|end| sql.get(..end));
            (
                msg.clone(),
                Some(*error),
                before.map(|text| text.chars().count()),
            )
        }
        Error::SqliteFailure(error, message) => (
            message.clone().unwrap_or_else(|| error.to_string()),
            Some(*error),
            None,
        ),
        other => (other.to_string(), None, None),
    };
    let extended = code.map(|error| error.extended_code).unwrap_or(1);
    Complaint {
        missing_table: message.strip_prefix("no such table: ").map(str::to_owned),
        is_syntax: message.contains("syntax error") || message.contains("incomplete input"),
        is_foreign_key: extended == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
        code: if extended == 1 {
            String::new()
        } else {
            extended.to_string()
        },
        message,
        offset,
        ..Complaint::default()
    }
}
