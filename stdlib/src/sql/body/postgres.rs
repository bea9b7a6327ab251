//! PostgreSQL, through its extended protocol; several statements at once through the simple one.

use std::collections::HashMap;
use std::time::Duration;

use super::link::{Complaint, Outcome, Trouble, counted};
use super::pg_decode::{Raw, decode};
use super::pg_encode::{Echo, Param};
use super::scan;
use crate::client::connect::{connecting, innermost};
use crate::client::{Address, ClientError, Value, tls};
use crate::http::body::TlsSpec;
use futures_util::TryStreamExt;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{ErrorPosition, SqlState};
use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{Client, Config, Error, Row, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection.
pub struct Postgres {
    client: Client,
    tls: MakeRustlsConnect,
    server: String,
    /// A statement is under way: who lets go of the connection then tells the server to stop.
    is_busy: bool,
}

/// Whether and how to meet TLS.
fn ssl(address: &mut Address, spec: &TlsSpec) -> Result<(SslMode, TlsSpec), ClientError> {
    let asked = *spec != TlsSpec::default();
    let verifying = spec.clone();
    let trusting = TlsSpec {
        insecure: true,
        ..spec.clone()
    };
    Ok(match address.take("sslmode").as_deref() {
        None if asked => (SslMode::Require, verifying),
        // Encryption nobody asked for proves nobody's name; libpq does the same.
        None | Some("prefer" | "allow") => (SslMode::Prefer, trusting),
        Some("disable") => (SslMode::Disable, trusting),
        Some("require" | "verify-ca" | "verify-full") => (SslMode::Require, verifying),
        Some(other) => {
            return Err(ClientError::usage(format!("`{other}` is no sslmode"))
                .hinting("known are: disable, prefer, require, verify-full"));
        }
    })
}

/// Connects.
pub async fn connect(
    address: &Address,
    spec: &TlsSpec,
    limit: Duration,
) -> Result<Postgres, ClientError> {
    let mut address = address.clone();
    let (mode, spec) = ssl(&mut address, spec)?;
    address.take("host");
    let application = address.take("application_name");
    let options = address.take("options");
    if let Some((unknown, _)) = address.query.first() {
        return Err(ClientError::usage(format!(
            "the address has an unknown parameter `{unknown}`"
        ))
        .hinting("known are: sslmode, application_name, options, host"));
    }
    let mut config = Config::new();
    config
        .host(&address.host)
        .port(address.port)
        .ssl_mode(mode)
        .application_name(application.as_deref().unwrap_or("scenario"));
    if let Some(options) = &options {
        config.options(options);
    }
    if let Some(user) = &address.user {
        config.user(user);
    }
    if let Some(password) = &address.password {
        config.password(password);
    }
    if !address.path.is_empty() {
        config.dbname(&address.path);
    }
    let tls = MakeRustlsConnect::new(tls::config(&spec)?);
    let connecting_to = async {
        config
            .connect(tls.clone())
            .await
            .map_err(|error| refused(&address, &error))
    };
    let (client, connection) = connecting(&address, limit, connecting_to).await?;
    // Ends by itself when the client is dropped.
    tokio::spawn(connection);
    Ok(Postgres {
        client,
        tls,
        server: address.server(),
        is_busy: false,
    })
}

fn refused(address: &Address, error: &Error) -> ClientError {
    let server = address.server();
    let Some(said) = error.as_db_error() else {
        let text = innermost(error);
        // The one configuration error a good address can have.
        if text.contains("password missing") {
            return ClientError::Denied {
                server,
                reason: "it wants a password, and the address has none".into(),
                hint: Some("postgres://user:password@host/database".into()),
            };
        }
        return ClientError::Unreachable {
            server,
            reason: text,
            hint: None,
        };
    };
    let reason = said.message().to_owned();
    let hint = said.hint().map(str::to_owned);
    match *said.code() {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            ClientError::Denied {
                server,
                reason,
                hint: hint.or(Some("check user and password of the address".into())),
            }
        }
        _ => ClientError::refused(format!("{server} refused the connection: {reason}"))
            .hinting(hint.unwrap_or_else(|| "check the address".into())),
    }
}

impl Postgres {
    pub fn is_alive(&self) -> bool {
        !self.client.is_closed()
    }

    /// Runs one statement, or several without parameters.
    pub async fn run(
        &mut self,
        text: &str,
        values: &[Value],
        is_record: bool,
    ) -> Result<Outcome, Trouble> {
        self.is_busy = true;
        let result = match scan::is_script(text) && values.is_empty() {
            true => self.script(text).await,
            false => self.one(text, values, is_record).await,
        };
        self.is_busy = false;
        result
    }

    async fn script(&self, text: &str) -> Result<Outcome, Trouble> {
        let messages = self
            .client
            .simple_query(text)
            .await
            .map_err(|error| self.trouble(&error))?;
        let affected = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        });
        Ok(Outcome {
            affected: affected.sum(),
            ..Outcome::default()
        })
    }

    async fn one(&self, text: &str, values: &[Value], is_record: bool) -> Result<Outcome, Trouble> {
        let statement = self
            .client
            .prepare(text)
            .await
            .map_err(|error| self.trouble(&error))?;
        counted(statement.params().len(), values.len())?;
        let params = values.iter().map(|value| Param { value, is_record });
        let params: Vec<_> = params.collect();
        let stream = self
            .client
            .query_raw(&statement, &params)
            .await
            .map_err(|error| self.trouble(&error))?;
        let mut stream = std::pin::pin!(stream);
        let mut found: Vec<Row> = Vec::new();
        while let Some(row) = stream
            .try_next()
            .await
            .map_err(|error| self.trouble(&error))?
        {
            found.push(row);
        }
        let affected = stream.rows_affected().unwrap_or(0);
        let types: Vec<Type> = statement
            .columns()
            .iter()
            .map(|column| column.type_().clone())
            .collect();
        let mut shown = HashMap::new();
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let mut values = Vec::with_capacity(types.len());
            for (at, ty) in types.iter().enumerate() {
                let raw = row
                    .try_get::<_, Option<Raw<'_>>>(at)
                    .map_err(|error| self.trouble(&error))?;
                values.push(match raw {
                    None => Value::Null,
                    Some(Raw(raw)) => match decode(ty, raw) {
                        Some(value) => value,
                        None => self.as_text(ty, raw, &mut shown).await?,
                    },
                });
            }
            rows.push(values);
        }
        Ok(Outcome {
            columns: statement
                .columns()
                .iter()
                .map(|column| column.name().to_owned())
                .collect(),
            rows,
            affected,
            last_id: None,
        })
    }

    /// A value of a type we do not know, as the server writes it: it is sent back and cast.
    async fn as_text(
        &self,
        ty: &Type,
        raw: &[u8],
        shown: &mut HashMap<(u32, Vec<u8>), Value>,
    ) -> Result<Value, Trouble> {
        if matches!(ty.kind(), Kind::Pseudo) {
            return Ok(Value::Bytes(raw.to_vec()));
        }
        let key = (ty.oid(), raw.to_vec());
        if let Some(known) = shown.get(&key) {
            return Ok(known.clone());
        }
        let rows = self
            .client
            .query_typed("select $1::text", &[(&Echo(raw), ty.clone())])
            .await
            .map_err(|error| self.trouble(&error))?;
        let text = rows
            .first()
            .and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten());
        let value = text.map_or(Value::Null, Value::Text);
        shown.insert(key, value.clone());
        Ok(value)
    }

    fn trouble(&self, error: &Error) -> Trouble {
        let Some(said) = error.as_db_error() else {
            return Trouble::Other(ClientError::Lost {
                server: self.server.clone(),
                reason: innermost(error),
            });
        };
        let code = said.code();
        let is_gone = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
        ];
        if is_gone.contains(code) {
            return Trouble::Other(ClientError::Lost {
                server: self.server.clone(),
                reason: said.message().to_owned(),
            });
        }
        let missing = (*code == SqlState::UNDEFINED_TABLE).then(|| {
            said.message()
                .split('"')
                .nth(1)
                .unwrap_or_default()
                .to_owned()
        });
        Trouble::Said(Box::new(Complaint {
            message: said.message().to_owned(),
            code: code.code().to_owned(),
            offset: match said.position() {
                Some(ErrorPosition::Original(at)) => Some((*at as usize).saturating_sub(1)),
                _ => None,
            },
            detail: said.detail().map(str::to_owned),
            hint: said.hint().map(str::to_owned),
            missing_table: missing,
            is_syntax: *code == SqlState::SYNTAX_ERROR,
            is_foreign_key: *code == SqlState::FOREIGN_KEY_VIOLATION,
        }))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.is_busy
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let token = self.client.cancel_token();
            let tls = self.tls.clone();
            runtime.spawn(async move { token.cancel_query(tls).await });
        }
    }
}
