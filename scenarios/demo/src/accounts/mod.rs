//! Who is there and who is signed in: registration, sessions by cookie or bearer token, OAuth2 client
//! credentials and HTTP basic. A session has one secret, which serves as cookie and as bearer token alike.

mod oauth;
mod routes;
mod store;
mod who;

pub(crate) use routes::{expired_cookie, routes, session_cookie, session_token};
pub(crate) use store::{Accounts, User};
pub(crate) use who::{MaybeSignedIn, SignedIn};

/// The e-mail address of the account that always exists.
pub const ADA_EMAIL: &str = "ada@example.com";
/// Ada's password.
pub const ADA_PASSWORD: &str = "lovelace";
/// The OAuth2 client that always exists.
pub const CLIENT_ID: &str = "demo-client";
/// The secret of the OAuth2 client.
pub const CLIENT_SECRET: &str = "demo-secret";
