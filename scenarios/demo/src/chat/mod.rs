//! A chat with a canned assistant, one conversation a person. `POST /admin/chat` makes it slow or faulty, as
//! real assistants are; `GET /admin/chat/calls` tells what it was asked.

mod assistant;
mod knobs;
mod routes;
mod store;

pub(crate) use routes::{identity, routes};
pub(crate) use store::{Chat, Exchange};
