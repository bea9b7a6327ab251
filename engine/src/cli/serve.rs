//! `scenario report RUN --serve`: the page of a run, which keeps up while the run goes on. On the loopback interface only,
//! and only for pages that were asked for by that name: what a run holds is not for other sites.

use super::exit::Exit;
use super::tell::{Done, Trouble, say};
use super::{output, stored};
use crate::config::Settings;
use crate::model::{RunId, ScenarioId};
use crate::report::html::live::Live;
use crate::store::{Home, Life, Store};
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use scenario_stdlib::host::failure::Failure;
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};

/// The run that is shown.
struct Shown {
    store: Store,
    run: RunId,
    live: Live,
}

type Shared = Arc<Mutex<Shown>>;

/// Serves the run until Ctrl-C.
pub fn main(settings: &Settings, run: &str, port: u16) -> Done {
    let store =
        Store::open_existing(&Home::new(&settings.project.store)).map_err(stored::trouble)?;
    let run = store.find(run).map_err(stored::trouble)?;
    let run_dir = settings.project.store.join("runs").join(&run.0);
    let mut shown = Shown {
        live: Live::new(&output::options(settings, &run_dir)),
        store,
        run,
    };
    shown.catch_up()?;
    let shared = Arc::new(Mutex::new(shown));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(serve(shared, port))
}

async fn serve(shared: Shared, port: u16) -> Done {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| {
            Failure::fault(format!("cannot listen on 127.0.0.1:{port}: {error}"))
                .hint("choose another with --port, or let it choose: --port 0")
        })?;
    let address = listener.local_addr()?;
    let app = Router::new()
        .route("/", get(page))
        .route("/overview", get(overview))
        .route("/detail", get(detail))
        .route("/shared", get(shared_log))
        .route("/file", get(file))
        .layer(middleware::from_fn(only_from_here))
        .with_state(shared);
    say(format_args!("http://{address}/"));
    eprintln!("Ctrl-C ends it.");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served?,
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Ok(Exit::Passed)
}

impl Shown {
    /// Reads what was stored since.
    fn catch_up(&mut self) -> Result<(), Trouble> {
        for event in self.store.events_after(&self.run, self.live.seq) {
            self.live.on(&event.map_err(stored::trouble)?);
        }
        let life = self.store.summary(&self.run).map_err(stored::trouble)?.life;
        self.live.view.set_live(matches!(life, Life::Running(_)));
        Ok(())
    }
}

/// Another site may lead a browser here under a name of its own.
async fn only_from_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost") {
        return (StatusCode::FORBIDDEN, "this page is for this machine only").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let set = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Looks at the run as it stands now.
fn now<T>(shared: &Shared, look: impl FnOnce(&mut Live) -> T) -> Result<T, Response> {
    let mut shown = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if shown.catch_up().is_err() {
        let text = "the run can no longer be read";
        return Err((StatusCode::INTERNAL_SERVER_ERROR, text).into_response());
    }
    Ok(look(&mut shown.live))
}

fn of_type(media_type: &'static str, body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body.into()).into_response()
}

async fn page(State(shared): State<Shared>) -> Response {
    match now(&shared, |live| live.page()) {
        Ok(page) => of_type("text/html;charset=utf-8", page),
        Err(response) => response,
    }
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn overview(State(shared): State<Shared>, Query(After { after }): Query<After>) -> Response {
    let told = now(&shared, |live| {
        // A run that was killed tells no more, and yet there is news of it.
        let is_new = live.seq != after || !live.view.is_live;
        is_new.then(|| live.overview())
    });
    match told {
        Ok(Some(json)) => of_type("application/json", json),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(response) => response,
    }
}

#[derive(Deserialize)]
struct Wanted {
    scenario: String,
}

async fn detail(
    State(shared): State<Shared>,
    Query(Wanted { scenario }): Query<Wanted>,
) -> Response {
    let missing = || {
        (
            StatusCode::NOT_FOUND,
            "there is no such scenario in this run",
        )
            .into_response()
    };
    match now(&shared, |live| live.detail(&ScenarioId(scenario.into()))) {
        Ok(Ok(Some(json))) => of_type("application/json", json),
        Ok(_) => missing(),
        Err(response) => response,
    }
}

#[derive(Deserialize)]
struct Numbered {
    log: usize,
}

async fn shared_log(
    State(shared): State<Shared>,
    Query(Numbered { log }): Query<Numbered>,
) -> Response {
    match now(&shared, |live| live.shared(log)) {
        Ok(Some(json)) => of_type("application/json", json),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(response) => response,
    }
}

#[derive(Deserialize)]
struct Path {
    path: String,
}

async fn file(State(shared): State<Shared>, Query(Path { path }): Query<Path>) -> Response {
    match now(&shared, |live| live.file(&path)) {
        Ok(Some((bytes, media_type))) => {
            let mut response = of_type(media_type, bytes);
            let policy = HeaderValue::from_static("default-src 'none'; sandbox");
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(response) => response,
    }
}
