//! How a broker is reached, and what its messages are in a script. Knows no Rhai.

use std::time::Duration;

use crate::client::address::Scheme;
use crate::client::connect::{connecting, innermost};
use crate::client::error::Refusal;
use crate::client::message::parts;
use crate::client::{Address, ClientError, Common, Connector, Service, Value};
use crate::http::body::TlsSpec;
use lapin::message::Delivery;
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Error, ErrorKind,
    ExchangeKind,
};
use tokio::net::TcpStream;
use tokio::time::Instant;

pub const SERVICE: Service = Service {
    name: "amqp",
    schemes: &[
        Scheme {
            name: "amqp",
            port: 5672,
            tls: false,
        },
        Scheme {
            name: "amqps",
            port: 5671,
            tls: true,
        },
    ],
    example: "amqp://user:password@127.0.0.1:5672/vhost",
};

/// How often an empty queue is looked at while waiting.
const LOOK: Duration = Duration::from_millis(20);

/// A broker and who we are to it.
#[derive(Clone)]
pub struct Target {
    pub address: Address,
    pub common: Common,
    /// The URL as the driver takes it.
    pub url: String,
}

/// A connection, and the channel that is open on it; an error closes a channel.
pub struct Link {
    connection: Connection,
    channel: Option<Channel>,
    server: String,
}

impl Connector for Target {
    type Link = Link;

    fn server(&self) -> String {
        self.address.server()
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        let address = &self.address;
        if self.common.tls != TlsSpec::default() {
            return Err(ClientError::usage(
                "`amqp.connect` trusts the authorities of the machine only",
            )
            .hinting("leave out `ca`, `cert`, `key` and `insecure`"));
        }
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
            let properties =
                ConnectionProperties::default().with_connection_name("scenario".into());
            let connection = Connection::connect(&self.url, properties)
                .await
                .map_err(|error| match error.kind() {
                    ErrorKind::ProtocolError(said) => {
                        let text = plain(said.get_message().as_str());
                        match said.get_id() {
                            403 | 530 => ClientError::Denied {
                                server: address.server(),
                                reason: text,
                                hint: Some("check user, password and vhost of the address".into()),
                            },
                            _ => unreachable(text),
                        }
                    }
                    _ => unreachable(innermost(&error)),
                })?;
            Ok(Link {
                connection,
                channel: None,
                server: address.server(),
            })
        })
        .await
    }

    fn is_alive(&self, link: &Link) -> bool {
        link.connection.status().connected()
    }
}

/// "NOT_FOUND - no queue 'x' in vhost '/'" without the word that is the code.
fn plain(text: &str) -> String {
    text.split_once(" - ")
        .map_or(text, |(_, text)| text)
        .to_owned()
}

impl Link {
    async fn channel(&mut self) -> Result<Channel, ClientError> {
        if let Some(channel) = self
            .channel
            .as_ref()
            .filter(|channel| channel.status().connected())
        {
            return Ok(channel.clone());
        }
        let channel = self
            .connection
            .create_channel()
            .await
            .map_err(|error| self.trouble(&error))?;
        let confirmed = channel
            .confirm_select(ConfirmSelectOptions::default())
            .await;
        confirmed.map_err(|error| self.trouble(&error))?;
        self.channel = Some(channel.clone());
        Ok(channel)
    }

    fn trouble(&self, error: &Error) -> ClientError {
        match error.kind() {
            ErrorKind::ProtocolError(said) => ClientError::Refused(Box::new(Refusal {
                message: format!("amqp: {}", plain(said.get_message().as_str())),
                hint: match said.get_id() {
                    404 => Some("declare_queue(name) makes a queue, declare_exchange(name, type) an exchange".into()),
                    406 => Some("it was declared otherwise before: delete it, or declare it alike".into()),
                    _ => None,
                },
                ..Refusal::default()
            })),
            _ => ClientError::Lost {
                server: self.server.clone(),
                reason: innermost(error),
            },
        }
    }

    pub async fn declare_queue(&mut self, name: &str, durable: bool) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let options = QueueDeclareOptions {
            durable,
            ..QueueDeclareOptions::default()
        };
        let queue = channel
            .queue_declare(name.into(), options, FieldTable::default())
            .await;
        let queue = queue.map_err(|error| self.trouble(&error))?;
        Ok(Value::Text(queue.name().as_str().to_owned()))
    }

    pub async fn declare_exchange(
        &mut self,
        name: &str,
        kind: &str,
        durable: bool,
    ) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let kind = match kind {
            "direct" => ExchangeKind::Direct,
            "fanout" => ExchangeKind::Fanout,
            "topic" => ExchangeKind::Topic,
            "headers" => ExchangeKind::Headers,
            other => {
                return Err(
                    ClientError::usage(format!("`{other}` is no type of an exchange"))
                        .hinting("known are: direct, fanout, topic, headers"),
                );
            }
        };
        let options = ExchangeDeclareOptions {
            durable,
            ..ExchangeDeclareOptions::default()
        };
        let done = channel
            .exchange_declare(name.into(), kind, options, FieldTable::default())
            .await;
        done.map(|()| Value::Null)
            .map_err(|error| self.trouble(&error))
    }

    pub async fn bind(
        &mut self,
        queue: &str,
        exchange: &str,
        key: &str,
    ) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let options = QueueBindOptions::default();
        let done = channel
            .queue_bind(
                queue.into(),
                exchange.into(),
                key.into(),
                options,
                FieldTable::default(),
            )
            .await;
        done.map(|()| Value::Null)
            .map_err(|error| self.trouble(&error))
    }

    /// Sends a message and waits until the broker has it. One that no queue takes is bad news.
    pub async fn publish(
        &mut self,
        exchange: &str,
        key: &str,
        message: Outgoing,
    ) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let mut headers = FieldTable::default();
        for (name, value) in message.headers {
            headers.insert(name.into(), AMQPValue::LongString(value.into()));
        }
        let mut properties = BasicProperties::default()
            .with_headers(headers)
            .with_content_type(message.media.into());
        if message.persistent {
            properties = properties.with_delivery_mode(2);
        }
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let sent = channel
            .basic_publish(
                exchange.into(),
                key.into(),
                options,
                &message.payload,
                properties,
            )
            .await;
        let confirmed = sent
            .map_err(|error| self.trouble(&error))?
            .await
            .map_err(|error| self.trouble(&error))?;
        match confirmed {
            Confirmation::Ack(None) | Confirmation::NotRequested => Ok(Value::Null),
            Confirmation::Ack(Some(_)) => {
                let to = match exchange {
                    "" => format!("there is no queue `{key}`"),
                    exchange => {
                        format!("no queue of the exchange `{exchange}` takes the key `{key}`")
                    }
                };
                Err(
                    ClientError::refused(format!("amqp: {to}: the message came back")).hinting(
                        match exchange {
                            "" => "declare_queue(name) makes it",
                            _ => "bind(queue, exchange, key) lets a queue take it",
                        },
                    ),
                )
            }
            Confirmation::Nack(_) => Err(ClientError::refused(
                "amqp: the broker did not take the message",
            )),
        }
    }

    /// Takes the next message of a queue, waiting for at most `limit`.
    pub async fn take(
        &mut self,
        queue: &str,
        limit: Duration,
    ) -> Result<Option<Value>, ClientError> {
        let end = Instant::now() + limit;
        loop {
            let channel = self.channel().await?;
            let got = channel
                .basic_get(queue.into(), BasicGetOptions { no_ack: true })
                .await;
            match got.map_err(|error| self.trouble(&error))? {
                Some(message) => return Ok(Some(incoming(message.delivery))),
                None if Instant::now() >= end => return Ok(None),
                None => {
                    tokio::time::sleep(LOOK.min(end.saturating_duration_since(Instant::now())))
                        .await
                }
            }
        }
    }

    /// How many messages lie in a queue.
    pub async fn count(&mut self, queue: &str) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let found = channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await;
        found
            .map(|queue| Value::Int(queue.message_count().into()))
            .map_err(|error| self.trouble(&error))
    }

    pub async fn purge(&mut self, queue: &str) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let gone = channel
            .queue_purge(queue.into(), QueuePurgeOptions::default())
            .await;
        gone.map(|count| Value::Int(count.into()))
            .map_err(|error| self.trouble(&error))
    }

    pub async fn delete_queue(&mut self, queue: &str) -> Result<Value, ClientError> {
        let channel = self.channel().await?;
        let gone = channel
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await;
        gone.map(|count| Value::Int(count.into()))
            .map_err(|error| self.trouble(&error))
    }
}

/// A message to send.
pub struct Outgoing {
    pub payload: Vec<u8>,
    pub headers: Vec<(String, String)>,
    pub media: String,
    pub persistent: bool,
}

fn incoming(delivery: Delivery) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut entries = vec![
        ("exchange".into(), text(delivery.exchange.as_str())),
        ("routing_key".into(), text(delivery.routing_key.as_str())),
    ];
    let properties = delivery.properties;
    entries.extend(parts(delivery.data));
    let headers = properties.headers().clone().unwrap_or_default();
    let headers = headers
        .into_iter()
        .map(|(name, value)| (name.as_str().to_owned(), header(value.clone())));
    entries.push(("headers".into(), Value::Map(headers.collect())));
    let named = |name: Option<&str>| name.map_or(Value::Null, text);
    entries.push((
        "content_type".into(),
        named(properties.content_type().as_ref().map(|name| name.as_str())),
    ));
    entries.push((
        "reply_to".into(),
        named(properties.reply_to().as_ref().map(|name| name.as_str())),
    ));
    entries.push((
        "correlation_id".into(),
        named(
            properties
                .correlation_id()
                .as_ref()
                .map(|name| name.as_str()),
        ),
    ));
    Value::Map(entries)
}

fn header(value: AMQPValue) -> Value {
    match value {
        AMQPValue::Boolean(flag) => Value::Bool(flag),
        AMQPValue::ShortShortInt(number) => Value::Int(number.into()),
        AMQPValue::ShortInt(number) => Value::Int(number.into()),
        AMQPValue::LongInt(number) => Value::Int(number.into()),
        AMQPValue::LongLongInt(number) => Value::Int(number),
        AMQPValue::Double(number) => Value::Float(number),
        AMQPValue::LongString(text) => Value::from_bytes(text.as_bytes().to_vec()),
        AMQPValue::ShortString(text) => Value::Text(text.as_str().to_owned()),
        AMQPValue::Void => Value::Null,
        other => Value::Text(format!("{other:?}")),
    }
}
