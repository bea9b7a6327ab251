//! How MongoDB is reached, and what documents are in a script. Knows no Rhai.

mod documents;
mod link;

pub use documents::{document, documents, filter, from_bson, id_text, update};
pub use link::{Link, SERVICE, Target};
