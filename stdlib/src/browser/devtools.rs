//! The DevTools of a browser on this machine, asked past its driver. The driver speaks BiDi in a page of the browser, and every
//! message to a page goes through that page: 3 ms and twice the work of what takes half a millisecond here.

use super::socket::{Answer, Socket};
use serde_json::Value;

/// A connection to them.
#[derive(Debug)]
pub struct DevTools {
    socket: Socket,
}

impl DevTools {
    /// Those that answer at `address`; `None` where they do not.
    pub async fn connect(client: &reqwest::Client, address: &str) -> Option<Self> {
        let version = client.get(format!("http://{address}/json/version"));
        let version = version.send().await.ok()?.bytes().await.ok()?;
        let version: Value = serde_json::from_slice(&version).ok()?;
        let url = version["webSocketDebuggerUrl"].as_str()?;
        let socket = Socket::connect(url).await.ok()?;
        Some(Self { socket })
    }

    /// Sends a command to the browser, or to a session of one of its pages; sent at once.
    pub fn send(
        &self,
        session: Option<&str>,
        command: &str,
        params: Value,
    ) -> impl Future<Output = Answer> + use<> {
        self.socket.send_to(session, command, params)
    }

    /// Ends the connection, as when the browser hangs up; tells whether something came from it.
    #[cfg(test)]
    pub fn cut(&self) -> bool {
        self.socket.cut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_nobody_answers_there_are_none() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let client = super::super::launch::client(std::time::Duration::from_secs(60)).unwrap();
        assert!(DevTools::connect(&client, &address).await.is_none());
    }
}
