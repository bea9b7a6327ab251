//! How commands reach Redis, and what comes back. Knows no Rhai.

use crate::client::address::Scheme;
use crate::client::connect::{connecting, innermost};
use crate::client::error::Refusal;
use crate::client::{Address, ClientError, Common, Connector, Service, Value, tls};
use crate::host::failure::Detail;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisConnectionInfo, RedisError, Value as Native};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub const SERVICE: Service = Service {
    name: "redis",
    schemes: &[
        Scheme {
            name: "redis",
            port: 6379,
            tls: false,
        },
        Scheme {
            name: "rediss",
            port: 6379,
            tls: true,
        },
    ],
    example: "redis://127.0.0.1:6379/0",
};

/// A server and the database on it.
#[derive(Clone)]
pub struct Target {
    pub address: Address,
    pub common: Common,
}

/// A connection.
pub struct Link {
    connection: MultiplexedConnection,
    driver: tokio::task::JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connector for Target {
    type Link = Link;

    fn server(&self) -> String {
        self.address.server()
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        let address = &self.address;
        let database = match address.path.as_str() {
            "" => 0,
            number => number.parse::<u32>().map_err(|_| {
                ClientError::usage(format!("`{number}` is no number of a redis database"))
                    .hinting(SERVICE.example)
            })?,
        };
        connecting(address, self.common.connect_timeout, async {
            let mut link = self.dial().await?;
            link.greet(address, database).await?;
            Ok(link)
        })
        .await
    }

    fn is_alive(&self, link: &Link) -> bool {
        !link.driver.is_finished()
    }
}

impl Target {
    fn unreachable(&self, reason: String) -> ClientError {
        ClientError::Unreachable {
            server: self.address.server(),
            reason,
            hint: None,
        }
    }

    async fn dial(&self) -> Result<Link, ClientError> {
        let host = self.address.host.clone();
        let stream = TcpStream::connect((host.as_str(), self.address.port))
            .await
            .map_err(|error| self.unreachable(error.to_string()))?;
        let _ = stream.set_nodelay(true);
        if !self.address.tls {
            return self.over(stream).await;
        }
        let connector = TlsConnector::from(Arc::new(tls::config(&self.common.tls)?));
        let name =
            ServerName::try_from(host).map_err(|error| self.unreachable(error.to_string()))?;
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(|error| self.unreachable(format!("no TLS: {}", innermost(&error))))?;
        self.over(stream).await
    }

    async fn over(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<Link, ClientError> {
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let info = RedisConnectionInfo::default().set_skip_set_lib_name();
        let (connection, driver) = MultiplexedConnection::new_with_config(&info, stream, config)
            .await
            .map_err(|error| self.unreachable(innermost(&error)))?;
        Ok(Link {
            connection,
            driver: tokio::spawn(driver),
        })
    }
}

/// One command: its words.
pub type Words = Vec<Vec<u8>>;

/// A command as a person writes it.
pub fn show(words: &Words) -> String {
    let one = |word: &Vec<u8>| match std::str::from_utf8(word) {
        Ok("") => "\"\"".to_owned(),
        Ok(text) if text.contains(char::is_whitespace) => format!("{text:?}"),
        Ok(text) => text.to_owned(),
        Err(_) => format!("({} bytes)", word.len()),
    };
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

impl Link {
    /// Says who we are and which database is meant.
    async fn greet(&mut self, address: &Address, database: u32) -> Result<(), ClientError> {
        let denied = |reason: &str| ClientError::Denied {
            server: address.server(),
            reason: reason.to_owned(),
            hint: Some("redis://user:password@host:6379/0, or redis://:password@host".into()),
        };
        let mut commands: Vec<Vec<String>> = Vec::new();
        if let Some(password) = &address.password {
            let mut words = vec!["AUTH".to_owned()];
            words.extend(address.user.clone());
            words.push(password.clone());
            commands.push(words);
        }
        if database > 0 {
            commands.push(vec!["SELECT".into(), database.to_string()]);
        }
        commands.push(vec!["PING".into()]);
        for words in commands {
            let words = words.into_iter().map(String::into_bytes).collect();
            match self.send(&words).await {
                Ok(_) => {}
                Err(error) if error.is_io_error() => {
                    return Err(ClientError::Unreachable {
                        server: address.server(),
                        reason: innermost(&error),
                        hint: None,
                    });
                }
                Err(error) => {
                    let (code, text) = said(&error);
                    return Err(match code.as_str() {
                        "WRONGPASS" | "NOAUTH" | "NOPERM" => denied(&text),
                        _ if words_begin(&words, "AUTH") => denied(&text),
                        _ => ClientError::refused(format!(
                            "{} refused the connection: {text}",
                            address.server()
                        )),
                    });
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, words: &Words) -> Result<Native, RedisError> {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word.as_slice());
        }
        command.query_async(&mut self.connection).await
    }

    /// Does a command.
    pub async fn run(&mut self, server: &str, words: &Words) -> Result<Value, ClientError> {
        match self.send(words).await {
            Ok(native) => value(native),
            Err(error) if error.is_io_error() || error.is_connection_dropped() => {
                Err(ClientError::Lost {
                    server: server.to_owned(),
                    reason: innermost(&error),
                })
            }
            Err(error) => {
                let (code, text) = said(&error);
                Err(ClientError::Refused(Box::new(Refusal {
                    message: format!("redis: {}", format!("{code} {text}").trim()),
                    details: vec![Detail {
                        label: "command".into(),
                        text: crate::host::json::cut(&show(words), 500),
                    }],
                    hint: match code.as_str() {
                        "WRONGTYPE" => {
                            Some("redis.command([\"TYPE\", key]) tells what the key holds".into())
                        }
                        _ => None,
                    },
                    is_final: text.starts_with("unknown command")
                        || text.starts_with("wrong number of arguments"),
                })))
            }
        }
    }
}

fn words_begin(words: &Words, name: &str) -> bool {
    words.first().is_some_and(|word| word == name.as_bytes())
}

/// The code of an error and what it says. `ERR` is the code of what has none.
fn said(error: &RedisError) -> (String, String) {
    let code = error.code().unwrap_or_default();
    let detail = error
        .detail()
        .map_or_else(|| error.to_string(), str::to_owned);
    let code = if code == "ERR" { "" } else { code };
    (code.to_owned(), detail)
}

fn value(native: Native) -> Result<Value, ClientError> {
    let list = |items: Vec<Native>| {
        items
            .into_iter()
            .map(value)
            .collect::<Result<_, _>>()
            .map(Value::List)
    };
    Ok(match native {
        Native::Nil => Value::Null,
        Native::Int(number) => Value::Int(number),
        Native::BulkString(bytes) => Value::from_bytes(bytes),
        Native::SimpleString(text) => Value::Text(text),
        Native::Okay => Value::Text("OK".into()),
        Native::Array(items) | Native::Set(items) => return list(items),
        Native::Double(number) => Value::Float(number),
        Native::Boolean(flag) => Value::Bool(flag),
        Native::VerbatimString { text, .. } => Value::Text(text),
        Native::Map(entries) => {
            let entries = entries
                .into_iter()
                .map(|(key, item)| Ok((name(value(key)?), value(item)?)));
            Value::Map(entries.collect::<Result<_, ClientError>>()?)
        }
        Native::Attribute { data, .. } => return value(*data),
        Native::ServerError(error) => return Err(ClientError::refused(format!("redis: {error}"))),
        other => Value::Text(format!("{other:?}")),
    })
}

/// A value as the name of an entry.
pub fn name(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        other => other.to_json().to_string(),
    }
}
