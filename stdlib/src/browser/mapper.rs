//! Chromium's driver speaks BiDi in a page of the browser. That page writes every message down in itself, for people who look
//! at it, and lays out and paints what it wrote: a third of all the work there is. Here it loses the place where it writes.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// Where it writes.
const TAKE_AWAY: &str = "document.getElementById('logs')?.remove()";
/// How its page is called.
const TITLE: &str = "BiDi-CDP Mapper";

/// Quiets the page of the browser whose DevTools answer at `debugger`. Where that cannot be done, all works as well, but slower.
pub async fn quiet(client: &reqwest::Client, debugger: &str) -> Option<()> {
    let list = client.get(format!("http://{debugger}/json/list"));
    let list = list.send().await.ok()?.bytes().await.ok()?;
    let pages: Vec<Value> = serde_json::from_slice(&list).ok()?;
    let is_its = |page: &&Value| {
        page["title"]
            .as_str()
            .is_some_and(|title| title.contains(TITLE))
    };
    let address = pages.iter().find(is_its)?["webSocketDebuggerUrl"].as_str()?;
    let (mut socket, _) = connect_async(address).await.ok()?;
    let asked =
        json!({ "id": 1, "method": "Runtime.evaluate", "params": { "expression": TAKE_AWAY } });
    socket.send(Message::text(asked.to_string())).await.ok()?;
    socket.next().await?.ok()?;
    socket.close(None).await.ok()
}
