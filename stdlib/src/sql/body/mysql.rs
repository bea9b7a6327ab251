//! MySQL and MariaDB. Statements with parameters are prepared; others go as text.

use std::time::Duration;

use super::link::{Complaint, Outcome, Trouble, counted};
use super::numeric;
use crate::client::connect::{connecting, innermost};
use crate::client::{Address, ClientError, Value};
use crate::http::body::{Pem, TlsSpec};
use mysql_async::consts::ColumnType;
use mysql_async::prelude::{Protocol, Queryable};
use mysql_async::{Column, Conn, Error, OptsBuilder, QueryResult, SslOpts, Value as Native};

/// The character set number that stands for none.
const BINARY: u16 = 63;

/// A connection.
pub struct Mysql {
    conn: Conn,
    server: String,
}

/// Connects.
pub async fn connect(
    address: &Address,
    spec: &TlsSpec,
    limit: Duration,
) -> Result<Mysql, ClientError> {
    if let Some((unknown, _)) = address.query.first() {
        return Err(ClientError::usage(format!(
            "the address has an unknown parameter `{unknown}`"
        ))
        .hinting("mysql://user:password@host:3306/database has none"));
    }
    let options = OptsBuilder::default()
        .ip_or_hostname(address.host.clone())
        .tcp_port(address.port)
        .user(address.user.clone())
        .pass(address.password.clone())
        .db_name(Some(address.path.clone()).filter(|name| !name.is_empty()))
        .prefer_socket(false)
        // As the others count: rows that were found, changed or not.
        .client_found_rows(true)
        .ssl_opts(ssl(spec));
    let connecting_to = async {
        Conn::new(options)
            .await
            .map_err(|error| refused(address, &error))
    };
    Ok(Mysql {
        conn: connecting(address, limit, connecting_to).await?,
        server: address.server(),
    })
}

fn ssl(spec: &TlsSpec) -> Option<SslOpts> {
    if *spec == TlsSpec::default() {
        return None;
    }
    let roots = spec.ca.iter().map(|ca| match ca {
        Pem::Text(text) => text.clone().into_bytes().into(),
        Pem::File(path) => path.clone().into(),
    });
    Some(
        SslOpts::default()
            .with_root_certs(roots.collect())
            .with_disable_built_in_roots(spec.ca.is_some())
            .with_danger_accept_invalid_certs(spec.insecure)
            .with_danger_skip_domain_validation(spec.insecure),
    )
}

fn refused(address: &Address, error: &Error) -> ClientError {
    let server = address.server();
    match error {
        Error::Server(said) if matches!(said.code, 1044 | 1045 | 1698) => ClientError::Denied {
            server,
            reason: said.message.clone(),
            hint: Some("check user and password of the address".into()),
        },
        Error::Server(said) => {
            ClientError::refused(format!("{server} refused the connection: {}", said.message))
                .hinting("check the address")
        }
        other => ClientError::Unreachable {
            server,
            reason: innermost(other),
            hint: None,
        },
    }
}

impl Mysql {
    pub fn is_alive(&self) -> bool {
        !self.conn.is_disconnected()
    }

    /// MariaDB can give back what was inserted.
    pub fn returns_rows(&self) -> bool {
        self.conn.server_version().0 >= 10
    }

    /// Runs one statement, or several without parameters.
    pub async fn run(&mut self, text: &str, values: &[Value]) -> Result<Outcome, Trouble> {
        let server = self.server.clone();
        let trouble = |error: Error| trouble(&server, text, &error);
        if values.is_empty() {
            let mut result = self.conn.query_iter(text).await.map_err(trouble)?;
            return collect(&mut result).await.map_err(trouble);
        }
        let statement = self.conn.prep(text).await.map_err(trouble)?;
        counted(usize::from(statement.num_params()), values.len())?;
        let params: Vec<Native> = values.iter().map(native).collect();
        let mut result = self
            .conn
            .exec_iter(&statement, params)
            .await
            .map_err(trouble)?;
        let outcome = collect(&mut result).await.map_err(trouble)?;
        drop(result);
        self.conn.close(statement).await.map_err(trouble)?;
        Ok(outcome)
    }
}

async fn collect<P: Protocol>(result: &mut QueryResult<'_, '_, P>) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    // Of several statements, the rows of the last one count, and the changes of all.
    loop {
        let columns = result.columns();
        let columns = columns.as_deref().unwrap_or_default();
        // Asked before the rows are read: reading goes on to the next statement.
        let affected = result.affected_rows();
        let last_id = result.last_insert_id();
        let mut rows = Vec::new();
        while let Some(row) = result.next().await? {
            let values = row.unwrap().into_iter().zip(columns);
            rows.push(
                values
                    .map(|(native, column)| value(native, column))
                    .collect::<Vec<_>>(),
            );
        }
        let affected = if columns.is_empty() {
            affected
        } else {
            rows.len() as u64
        };
        outcome = Outcome {
            affected: outcome.affected + affected,
            last_id: last_id.or(outcome.last_id),
            columns: columns
                .iter()
                .map(|column| column.name_str().into_owned())
                .collect(),
            rows,
        };
        if result.is_empty() {
            return Ok(outcome);
        }
    }
}

fn native(value: &Value) -> Native {
    match value {
        Value::Null => Native::NULL,
        Value::Bool(flag) => Native::Int((*flag).into()),
        Value::Int(number) => Native::Int(*number),
        Value::Float(number) => Native::Double(*number),
        Value::Text(text) => Native::Bytes(text.clone().into_bytes()),
        Value::Bytes(bytes) => Native::Bytes(bytes.clone()),
        // Its times have no zone; UTC is what it is asked to keep.
        Value::Time(time) => Native::Bytes(
            time.strftime("%Y-%m-%d %H:%M:%S%.6f")
                .to_string()
                .into_bytes(),
        ),
        Value::List(_) | Value::Map(_) => Native::Bytes(value.to_json().to_string().into_bytes()),
    }
}

fn value(native: Native, column: &Column) -> Value {
    use ColumnType as T;
    match native {
        Native::NULL => Value::Null,
        Native::Int(number) => Value::Int(number),
        Native::UInt(number) => Value::from_unsigned(number),
        Native::Float(number) => Value::Float(number.to_string().parse().unwrap_or_default()),
        Native::Double(number) => Value::Float(number),
        Native::Date(year, month, day, 0, 0, 0, 0)
            if column.column_type() == T::MYSQL_TYPE_DATE =>
        {
            Value::Text(format!("{year:04}-{month:02}-{day:02}"))
        }
        Native::Date(year, month, day, hour, minute, second, micros) => {
            let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
            Value::Text(format!("{whole}{}", fraction(micros)))
        }
        Native::Time(is_negative, days, hours, minutes, seconds, micros) => {
            let sign = if is_negative { "-" } else { "" };
            let hours = days * 24 + u32::from(hours);
            Value::Text(format!(
                "{sign}{hours:02}:{minutes:02}:{seconds:02}{}",
                fraction(micros)
            ))
        }
        Native::Bytes(bytes) => from_text(bytes, column),
    }
}

fn fraction(micros: u32) -> String {
    match micros {
        0 => String::new(),
        micros => format!(".{micros:06}").trim_end_matches('0').to_owned(),
    }
}

/// A value of the text protocol, or a text.
fn from_text(bytes: Vec<u8>, column: &Column) -> Value {
    use ColumnType as T;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Value::Bytes(error.into_bytes()),
    };
    match column.column_type() {
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR
        | T::MYSQL_TYPE_DECIMAL
        | T::MYSQL_TYPE_NEWDECIMAL => numeric::value(&text),
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => match text.parse() {
            Ok(number) => Value::Float(number),
            Err(_) => Value::Text(text),
        },
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP => {
            let iso = text.replacen(' ', "T", 1);
            match iso.split_once('.') {
                Some((whole, micros)) if micros.trim_end_matches('0').is_empty() => {
                    Value::Text(whole.to_owned())
                }
                Some((whole, micros)) => {
                    Value::Text(format!("{whole}.{}", micros.trim_end_matches('0')))
                }
                None => Value::Text(iso),
            }
        }
        T::MYSQL_TYPE_JSON => match serde_json::from_str(&text) {
            Ok(json) => Value::from_json(json),
            Err(_) => Value::Text(text),
        },
        T::MYSQL_TYPE_BIT => Value::Bytes(text.into_bytes()),
        T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB
            if column.character_set() == BINARY =>
        {
            Value::Bytes(text.into_bytes())
        }
        T::MYSQL_TYPE_STRING | T::MYSQL_TYPE_VAR_STRING if column.character_set() == BINARY => {
            Value::Bytes(text.into_bytes())
        }
        _ => Value::Text(text),
    }
}

fn trouble(server: &str, statement: &str, error: &Error) -> Trouble {
    let Error::Server(said) = error else {
        return Trouble::Other(ClientError::Lost {
            server: server.to_owned(),
            reason: innermost(error),
        });
    };
    // "…to use near 'form users' at line 1"
    let near = said
        .message
        .split_once(" near '")
        .and_then(|(_, rest)| rest.rsplit_once("' at line "));
    let offset = near.and_then(|(near, _)| {
        let at = match near.is_empty() {
            true => statement.trim_end().len(),
            false => statement.find(near)?,
        };
        Some(statement[..at].chars().count())
    });
    let message = match (said.code, near) {
        (1064, Some((near, _))) => {
            let near = near.lines().next().unwrap_or_default();
            match near.is_empty() {
                true => "syntax error at the end of the statement".to_owned(),
                false => format!("syntax error near '{}'", crate::host::json::cut(near, 80)),
            }
        }
        _ => said.message.clone(),
    };
    // "Table 'shop.usr' doesn't exist"
    let missing = (said.code == 1146).then(|| {
        let name = said.message.split('\'').nth(1).unwrap_or_default();
        name.rsplit('.').next().unwrap_or_default().to_owned()
    });
    Trouble::Said(Box::new(Complaint {
        message,
        code: format!("{} ({})", said.code, said.state),
        offset,
        missing_table: missing,
        is_syntax: said.code == 1064,
        is_foreign_key: matches!(said.code, 1216 | 1217 | 1451 | 1452),
        ..Complaint::default()
    }))
}
