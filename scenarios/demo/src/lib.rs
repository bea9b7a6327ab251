//! A believable service to practise on and to test `scenario` with: accounts, background tasks, a chat,
//! files, a small shop, webhooks, and HTTP oddities on demand, with a web UI.
//!
//! It lives in memory only, starts in milliseconds and ends with [`Demo::stop`]. It knows nothing of Rhai, of
//! `scenario`, or of the command line: it is the system under test, and scripts meet it over HTTP alone.
//! `README.md` beside this crate lists every endpoint.

mod accounts;
mod admin;
mod app;
mod body;
mod chat;
mod digest;
mod files;
mod graphql;
mod index;
mod input;
mod oddities;
mod pages;
mod paging;
mod problem;
mod server;
mod shop;
mod stats;
mod tasks;
mod webhooks;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use accounts::{ADA_EMAIL, ADA_PASSWORD, CLIENT_ID, CLIENT_SECRET};

/// How the demo is to behave. `Options::default()` is a calm service on a free port of 127.0.0.1.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Seed of the random errors that `POST /admin/chat` can switch on, so that a run can be repeated.
    pub seed: u64,
    /// Added to every request before it is answered.
    pub latency: Duration,
    /// How long the chat's assistant thinks, until `POST /admin/chat` says otherwise.
    pub chat_delay: Duration,
    /// The longest time a new task stays `PENDING`; short tasks leave that state after a quarter of their time.
    pub task_queue: Duration,
    /// Pause before the first retry of a webhook; it doubles with every further one.
    pub webhook_backoff: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            latency: Duration::ZERO,
            chat_delay: Duration::from_millis(200),
            task_queue: Duration::from_millis(250),
            webhook_backoff: Duration::from_millis(200),
        }
    }
}

/// A running demo. Dropping it ends it as well, without waiting for its connections to be gone.
#[derive(Debug)]
pub struct Demo {
    /// The address it really listens on.
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    courier: JoinHandle<()>,
}

impl Demo {
    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Closes the port, every open connection and all background work, and returns when they are gone.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may already be gone with its runtime; then there is nobody left to tell.
            let _ = stop.send(());
        }
        self.courier.abort();
        let _ = (&mut self.courier).await;
        let _ = (&mut self.server).await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.server.abort();
        self.courier.abort();
    }
}

/// Starts the demo on the runtime of the caller. Fails only when the address cannot be listened on.
pub async fn serve(options: Options) -> io::Result<Demo> {
    let listener = server::bind(options.addr)?;
    let addr = listener.local_addr()?;
    let (app, news) = app::App::new(options);
    let (stop, stopped) = oneshot::channel();
    let courier = tokio::spawn(webhooks::courier::run(app.clone(), news));
    let server = tokio::spawn(server::run(listener, app, stopped));
    Ok(Demo {
        addr,
        stop: Some(stop),
        server,
        courier,
    })
}
