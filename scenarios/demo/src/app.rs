//! The state of one demo and the joining of all its areas into a router. Each area guards its own data with
//! short locks of its own; nothing here is held across an await.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::mpsc;

use crate::accounts::Accounts;
use crate::chat::Chat;
use crate::files::Files;
use crate::oddities::Oddities;
use crate::problem::Problem;
use crate::shop::Shop;
use crate::stats::Stats;
use crate::tasks::Tasks;
use crate::webhooks::{News, Webhooks};
use crate::{
    Options, accounts, admin, chat, files, graphql, index, oddities, pages, shop, tasks, webhooks,
};

/// The most a JSON or form body may have. Uploads have a limit of their own.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;

pub(crate) struct App {
    pub options: Options,
    pub accounts: Accounts,
    pub tasks: Tasks,
    pub chat: Chat,
    pub files: Files,
    pub shop: Shop,
    pub webhooks: Webhooks,
    pub oddities: Oddities,
    pub stats: Stats,
    database_down: AtomicBool,
}

pub(crate) type Shared = State<Arc<App>>;

impl App {
    pub fn new(options: Options) -> (Arc<Self>, mpsc::UnboundedReceiver<News>) {
        // Unbounded: news are small, and a request must never wait for the courier.
        let (sender, news) = mpsc::unbounded_channel();
        let app = Self {
            accounts: Accounts::new(),
            tasks: Tasks::new(options.task_queue),
            chat: Chat::new(options.chat_delay, options.seed),
            files: Files::new(),
            shop: Shop::new(),
            webhooks: Webhooks::new(sender),
            oddities: Oddities::new(),
            stats: Stats::new(),
            database_down: AtomicBool::new(false),
            options,
        };
        (Arc::new(app), news)
    }

    /// Back to the state after start. Open connections stay open and stay counted.
    pub fn reset(&self) {
        self.accounts.reset();
        self.tasks.reset();
        self.chat.reset();
        self.files.reset();
        self.shop.reset();
        self.webhooks.reset();
        self.oddities.reset();
        self.stats.reset();
        self.set_database_down(false);
    }

    pub fn set_database_down(&self, down: bool) {
        self.database_down.store(down, Ordering::Relaxed);
    }

    pub fn is_database_down(&self) -> bool {
        self.database_down.load(Ordering::Relaxed)
    }
}

pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/health", get(health))
        .merge(index::routes())
        .merge(accounts::routes())
        .merge(tasks::routes())
        .merge(chat::routes())
        .merge(shop::routes())
        .merge(webhooks::routes())
        .merge(oddities::routes())
        .merge(graphql::routes())
        .merge(pages::routes())
        .merge(admin::routes())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .merge(files::routes())
        .fallback(no_such_endpoint)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app.clone())
}

const UP: &str = concat!(
    r#"{"status":"ok","database":"up","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);
const DOWN: &str = concat!(
    r#"{"status":"degraded","database":"down","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

async fn health(State(app): Shared) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match app.is_database_down() {
        false => (json, UP).into_response(),
        true => (StatusCode::SERVICE_UNAVAILABLE, json, DOWN).into_response(),
    }
}

async fn no_such_endpoint(method: Method, uri: Uri) -> Problem {
    Problem::NoSuchEndpoint {
        method,
        path: uri.path().to_owned(),
    }
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::WrongMethod {
        method,
        path: uri.path().to_owned(),
    }
}
