//! What all clients of data stores and brokers share: addresses, limits of time, connections that end with their
//! phase, and how one call becomes a step, evidence or bad news. Knows no particular server.
//!
//! | file | question |
//! |---|---|
//! | `address` | which server does a URL of a script mean? |
//! | `connect` | why did no connection come about? |
//! | `session` | which connection does a call use, and when does it end? |
//! | `value` | what comes from a server or goes to it? |
//! | `error` | what went wrong, and whose fault is it? |
//! | `options` | what do the options of every `connect` mean? |
//! | `script` | how does a script value become one of ours, and back? |
//! | `message` | how is a message of a broker waited for? |
//! | `perform` | how does one call become a step of the account? |
//! | `tls` | whom do we trust? |

pub mod address;
pub mod connect;
pub mod error;
pub mod message;
pub mod options;
pub mod perform;
pub mod script;
#[cfg(test)]
pub mod servers;
pub mod session;
pub mod tls;
pub mod value;

pub use address::{Address, Service};
pub use error::ClientError;
pub use options::Common;
pub use session::{Connector, Session};
pub use value::Value;
