//! Who sends a request: read from `Authorization: Bearer …` or else from the session cookie.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{User, session_token};
use crate::app::App;
use crate::problem::Problem;

/// The user of a valid session; anybody else is answered 401.
pub(crate) struct SignedIn(pub Arc<User>);

/// The user of a valid session, or nobody.
pub(crate) struct MaybeSignedIn(pub Option<Arc<User>>);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Some(token) = session_token(&parts.headers) else {
            return Err(Problem::SignIn(
                "sign in first: send the session cookie or `Authorization: Bearer <token>`",
            ));
        };
        match app.accounts.who(token) {
            Some(user) => Ok(Self(user)),
            None => Err(Problem::SignIn(
                "the session is unknown or has ended; sign in again",
            )),
        }
    }
}

impl FromRequestParts<Arc<App>> for MaybeSignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(
            session_token(&parts.headers).and_then(|token| app.accounts.who(token)),
        ))
    }
}
