//! How NATS is reached, and what its messages are in a script. Knows no Rhai.

use std::time::Duration;

use crate::client::address::Scheme;
use crate::client::connect::{connecting, innermost};
use crate::client::message::parts;
use crate::client::{Address, ClientError, Common, Connector, Service, Value, tls};
use async_nats::connection::State;
use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, HeaderMap, Message, RequestErrorKind, Subscriber,
};
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

pub const SERVICE: Service = Service {
    name: "nats",
    schemes: &[
        Scheme {
            name: "nats",
            port: 4222,
            tls: false,
        },
        Scheme {
            name: "tls",
            port: 4222,
            tls: true,
        },
    ],
    example: "nats://user:password@127.0.0.1:4222",
};

/// A server and who we are to it.
#[derive(Clone)]
pub struct Target {
    pub address: Address,
    pub common: Common,
}

impl Connector for Target {
    type Link = Client;

    fn server(&self) -> String {
        self.address.server()
    }

    async fn connect(&self) -> Result<Client, ClientError> {
        let address = &self.address;
        let unreachable = |reason: String| ClientError::Unreachable {
            server: address.server(),
            reason,
            hint: None,
        };
        connecting(address, self.common.connect_timeout, async {
            // A refusal is told at once; the driver would wait and try again.
            drop(
                TcpStream::connect((address.host.as_str(), address.port))
                    .await
                    .map_err(|error| unreachable(error.to_string()))?,
            );
            let options = self.options()?;
            options
                .connect(address.endpoint())
                .await
                .map_err(|error| match error.kind() {
                    ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                        ClientError::Denied {
                            server: address.server(),
                            reason: "authorization violation".into(),
                            hint: Some("nats://user:password@host, or nats://token@host".into()),
                        }
                    }
                    _ => unreachable(innermost(&error)),
                })
        })
        .await
    }

    fn is_alive(&self, link: &Client) -> bool {
        link.connection_state() != State::Disconnected
    }
}

impl Target {
    fn options(&self) -> Result<ConnectOptions, ClientError> {
        let address = &self.address;
        let mut options = ConnectOptions::new()
            .name("scenario")
            .ignore_discovered_servers()
            .connection_timeout(self.common.connect_timeout)
            .max_reconnects(Some(1));
        options = match (&address.user, &address.password) {
            (Some(user), Some(password)) => {
                options.user_and_password(user.clone(), password.clone())
            }
            (Some(token), None) => options.token(token.clone()),
            _ => options,
        };
        if address.tls {
            options = options
                .require_tls(true)
                .tls_client_config(tls::config(&self.common.tls)?);
        }
        Ok(options)
    }
}

/// What went wrong with a call.
pub fn lost(server: &str, error: &dyn std::error::Error) -> ClientError {
    ClientError::Lost {
        server: server.to_owned(),
        reason: innermost(error),
    }
}

/// A subject or header that NATS does not allow.
pub fn checked(subject: &str) -> Result<&str, ClientError> {
    match subject.is_empty() || subject.contains(char::is_whitespace) {
        true => Err(ClientError::usage(format!("`{subject}` is no subject"))
            .hinting("subjects are words with dots between them: orders.created")),
        false => Ok(subject),
    }
}

/// Sends a message, and makes sure that it has left.
pub async fn publish(
    link: &Client,
    server: &str,
    subject: &str,
    headers: HeaderMap,
    payload: Vec<u8>,
) -> Result<(), ClientError> {
    let subject = checked(subject)?.to_owned();
    let sent = match headers.is_empty() {
        true => link.publish(subject, payload.into()).await,
        false => {
            link.publish_with_headers(subject, headers, payload.into())
                .await
        }
    };
    sent.map_err(|error| lost(server, &error))?;
    link.flush().await.map_err(|error| lost(server, &error))
}

/// Sends a message and waits for the answer to it.
pub async fn request(
    link: &Client,
    server: &str,
    subject: &str,
    payload: Vec<u8>,
    limit: Duration,
) -> Result<Value, ClientError> {
    let subject = checked(subject)?.to_owned();
    let request = async_nats::Request::new()
        .payload(payload.into())
        .timeout(Some(limit));
    let answer = link.send_request(subject.clone(), request).await;
    answer.map(message).map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => {
            ClientError::refused(format!("nats: nobody answers requests on `{subject}`"))
        }
        RequestErrorKind::TimedOut => ClientError::refused(format!(
            "nats: no answer to the request on `{subject}` within {}",
            crate::host::duration::show(limit)
        )),
        _ => lost(server, &error),
    })
}

/// Messages of a subject, kept from the moment it was made.
pub struct Inbox {
    subscriber: Mutex<Option<Subscriber>>,
    runtime: Handle,
}

impl Inbox {
    pub async fn open(
        link: &Client,
        server: &str,
        subject: &str,
        runtime: Handle,
    ) -> Result<Self, ClientError> {
        let subject = checked(subject)?.to_owned();
        let subscriber = link
            .subscribe(subject)
            .await
            .map_err(|error| lost(server, &error))?;
        // The server knows of it before the script goes on.
        link.flush().await.map_err(|error| lost(server, &error))?;
        Ok(Self {
            subscriber: Mutex::new(Some(subscriber)),
            runtime,
        })
    }

    /// The next message, if it comes in time.
    pub async fn next(&self, limit: Duration) -> Option<Value> {
        let mut subscriber = self.subscriber.lock().await;
        let next = subscriber.as_mut()?.next();
        tokio::time::timeout(limit, next)
            .await
            .ok()
            .flatten()
            .map(message)
    }
}

impl Drop for Inbox {
    /// The driver says good-bye from within the runtime.
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        self.subscriber.get_mut().take();
    }
}

fn message(message: Message) -> Value {
    let mut entries = vec![("subject".into(), Value::Text(message.subject.to_string()))];
    entries.extend(parts(message.payload.to_vec()));
    let headers = message.headers.unwrap_or_default();
    let headers = headers.iter().map(|(name, values)| {
        let values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
        (name.to_string(), Value::Text(values.join(", ")))
    });
    entries.push(("headers".into(), Value::Map(headers.collect())));
    entries.push((
        "reply".into(),
        message
            .reply
            .map_or(Value::Null, |reply| Value::Text(reply.to_string())),
    ));
    Value::Map(entries)
}
