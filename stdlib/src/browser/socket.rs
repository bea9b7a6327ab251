//! A socket to a browser, of BiDi or of DevTools: commands out, answers and events in. Of our own, because that of thirtyfour lets
//! a second small message wait until the first is acknowledged, loses events when more than 1,024 are unread, and takes no answer
//! over 16 MiB.

use super::host::lock;
use crate::http::body::{TlsSpec, tls_config};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};

/// The largest message taken, such as the picture of a very long page.
const LARGEST: usize = 1 << 30;

/// Something that happened in the browser.
#[derive(Clone, Debug)]
pub struct Event {
    pub method: String,
    pub params: Value,
}

/// Events from the time of asking on, in order; none is lost.
pub type Events = mpsc::UnboundedReceiver<Event>;

/// Why there is no answer.
#[derive(Debug)]
pub enum SocketError {
    /// The browser did not do it: its error code, and what it says.
    Refused {
        error: String,
        message: String,
    },
    Closed,
}

pub type Answer = Result<Value, SocketError>;

/// The socket. Whatever is unanswered when it ends is answered with [`SocketError::Closed`].
#[derive(Debug)]
pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    shared: Arc<Mutex<Shared>>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct Shared {
    last_id: u64,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    listeners: Vec<mpsc::UnboundedSender<Event>>,
    is_closed: bool,
}

/// What comes: an answer if it has an id, else an event.
#[derive(Deserialize)]
struct Incoming {
    id: Option<u64>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<Trouble>,
    /// Of a BiDi error.
    #[serde(default)]
    message: String,
}

/// What an error is: BiDi has a word for it, DevTools a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Trouble {
    Word(String),
    Number { code: i64, message: String },
}

impl Socket {
    /// Connects to `url`, `ws:` or `wss:`. Must be awaited inside the runtime.
    pub async fn connect(url: &str) -> Result<Self, tungstenite::Error> {
        let connector = match url.starts_with("wss:") {
            true => {
                let config = tls_config(&TlsSpec::default());
                let config =
                    config.map_err(|error| tungstenite::Error::Io(std::io::Error::other(error)))?;
                Connector::Rustls(Arc::new(config))
            }
            false => Connector::Plain,
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let is_small_sent_at_once = true;
        let (socket, _) = connect_async_tls_with_config(
            url,
            Some(config),
            is_small_sent_at_once,
            Some(connector),
        )
        .await?;
        let (out, outgoing) = mpsc::unbounded_channel();
        let shared = Arc::<Mutex<Shared>>::default();
        let (sink, stream) = socket.split();
        let tasks = [
            tokio::spawn(write(sink, outgoing)),
            tokio::spawn(read(stream, shared.clone())),
        ];
        Ok(Self { out, shared, tasks })
    }

    /// Sends a command; sent before it is awaited for the first time, so that several go out in the order they are made in.
    pub fn send(&self, command: &str, params: Value) -> impl Future<Output = Answer> + use<> {
        self.send_to(None, command, params)
    }

    /// Sends a command to one session of those that DevTools have.
    pub fn send_to(
        &self,
        session: Option<&str>,
        command: &str,
        params: Value,
    ) -> impl Future<Output = Answer> + use<> {
        let (answer, awaited) = oneshot::channel();
        {
            let mut shared = lock(&self.shared);
            if !shared.is_closed {
                shared.last_id += 1;
                let id = shared.last_id;
                shared.waiting.insert(id, answer);
                let params = if params.is_null() {
                    Value::Object(Map::new())
                } else {
                    params
                };
                let mut message = json!({ "id": id, "method": command, "params": params });
                if let Some(session) = session {
                    message["sessionId"] = session.into();
                }
                let _ = self.out.send(Message::text(message.to_string()));
            }
        }
        async move { awaited.await.unwrap_or(Err(SocketError::Closed)) }
    }

    /// All that happens from now on.
    pub fn events(&self) -> Events {
        let (sender, events) = mpsc::unbounded_channel();
        lock(&self.shared).listeners.push(sender);
        events
    }

    /// Ends it, as when the other side hangs up; tells whether it was in use.
    #[cfg(test)]
    pub fn cut(&self) -> bool {
        self.tasks.iter().for_each(JoinHandle::abort);
        let mut shared = lock(&self.shared);
        let was_used = shared.last_id > 0;
        shared.close();
        was_used
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

type Web = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn write(
    mut sink: futures_util::stream::SplitSink<Web, Message>,
    mut outgoing: mpsc::UnboundedReceiver<Message>,
) {
    while let Some(message) = outgoing.recv().await {
        if sink.send(message).await.is_err() {
            break;
        }
    }
}

async fn read(mut stream: futures_util::stream::SplitStream<Web>, shared: Arc<Mutex<Shared>>) {
    while let Some(Ok(message)) = stream.next().await {
        if !message.is_text() && !message.is_binary() {
            continue;
        }
        if let Ok(incoming) = serde_json::from_slice(&message.into_data()) {
            lock(&shared).take(incoming);
        }
    }
    lock(&shared).close();
}

impl Shared {
    fn take(&mut self, incoming: Incoming) {
        let Some(id) = incoming.id else {
            if let Some(method) = incoming.method {
                let params = incoming.params;
                let event = Event { method, params };
                self.listeners
                    .retain(|listener| listener.send(event.clone()).is_ok());
            }
            return;
        };
        let answer = match incoming.error {
            None => Ok(incoming.result),
            Some(Trouble::Word(error)) => Err(SocketError::Refused {
                error,
                message: incoming.message,
            }),
            Some(Trouble::Number { code, message }) => Err(SocketError::Refused {
                error: code.to_string(),
                message,
            }),
        };
        if let Some(waiting) = self.waiting.remove(&id) {
            let _ = waiting.send(answer);
        }
    }

    /// Whoever waits or listens hears of it by the end of their channel.
    fn close(&mut self) {
        *self = Self {
            is_closed: true,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A browser that answers the second command first, tells more than anybody reads, and then hangs up.
    async fn odd(listener: TcpListener) {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let mut asked = Vec::new();
        for _ in 0..3 {
            let text = socket.next().await.unwrap().unwrap().into_data();
            asked.push(serde_json::from_slice::<Value>(&text).unwrap());
        }
        assert_eq!(asked[0]["method"], "a");
        assert_eq!(asked[1]["params"], json!({}));
        for number in 0..5_000 {
            let event = json!({ "type": "event", "method": "log", "params": number });
            socket.feed(Message::text(event.to_string())).await.unwrap();
        }
        for answer in [
            json!({ "type": "error", "id": asked[1]["id"], "error": "no such frame", "message": "gone" }),
            json!({ "type": "success", "id": asked[0]["id"], "result": "x".repeat(20 << 20) }),
        ] {
            socket
                .send(Message::text(answer.to_string()))
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn answers_find_their_commands_and_no_event_is_lost() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(odd(listener));
        let socket = Socket::connect(&url).await.unwrap();
        let mut events = socket.events();
        let [a, b, c] = ["a", "b", "c"].map(|command| socket.send(command, Value::Null));
        let refused = b.await.unwrap_err();
        assert!(matches!(refused, SocketError::Refused { error, .. } if error == "no such frame"));
        assert_eq!(
            a.await.unwrap().as_str().unwrap().len(),
            20 << 20,
            "larger than 16 MiB"
        );
        assert!(
            matches!(c.await, Err(SocketError::Closed)),
            "unanswered when it ended"
        );
        for number in 0..5_000 {
            assert_eq!(events.recv().await.unwrap().params, number);
        }
        assert!(events.recv().await.is_none());
        server.await.unwrap();
        assert!(matches!(
            socket.send("d", Value::Null).await,
            Err(SocketError::Closed)
        ));
    }
}
