//! Real pages in a real browser. Each test runs in a process of its own, which starts its browser on first need.

mod actions;
mod claims;
mod contexts;
mod happenings;
mod locators;
mod misfortune;
mod obstacles;
mod opening;
mod pictures;
mod pointer;
mod requests;
mod settings;
mod straight;

use crate::host::fake::Fake;
use crate::host::world::World;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Pages of a test, by path; anything else is not there.
pub fn serve(pages: &'static [(&'static str, &'static str)]) -> SocketAddr {
    use axum::response::{Html, IntoResponse};
    let answer = move |uri: axum::http::Uri| async move {
        match pages.iter().find(|(path, _)| *path == uri.path()) {
            Some((_, html)) => Html(*html).into_response(),
            None => axum::http::StatusCode::NOT_FOUND.into_response(),
        }
    };
    serve_app(axum::Router::new().fallback(answer))
}

/// An application of a test.
pub fn serve_app(app: axum::Router) -> SocketAddr {
    let runtime = crate::host::fake::runtime();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    })
}

/// A script against a server, in a world with a browser.
pub fn against(address: SocketAddr) -> Fake {
    let run_dir = tempfile::tempdir().expect("a directory").keep();
    Fake::new()
        .world(|world| {
            world.env = std::env::vars().collect();
            world.run_dir = run_dir;
        })
        .base_url(format!("http://{address}"))
        .timeout(Duration::from_secs(120))
}

/// A world that several attempts share.
pub fn world(address: SocketAddr) -> Arc<World> {
    Arc::new(World {
        env: std::env::vars().collect(),
        run_dir: tempfile::tempdir().expect("a directory").keep(),
        base_url: Some(format!("http://{address}")),
        ..World::default()
    })
}
