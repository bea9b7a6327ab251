//! HTTP as it happens in real life, on demand: every status, slowness, redirects, broken bodies, limits. Each
//! file holds one family; what they remember (counts per key) is in [`Oddities`].

mod cache;
mod compressed;
mod echo;
mod redirect;
mod streams;
mod unreliable;

use std::sync::Arc;

use axum::Router;

use crate::app::App;
pub(crate) use unreliable::Oddities;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(echo::routes())
        .merge(redirect::routes())
        .merge(unreliable::routes())
        .merge(streams::routes())
        .merge(compressed::routes())
        .merge(cache::routes())
}
