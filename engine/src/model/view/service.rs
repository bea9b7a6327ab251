//! A service as its scenario saw it: when it was started, ready, restarted and ended.

use jiff::Timestamp;
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::record::ServiceNews;

/// The life of a service within a try. It outlives the attempt that started it.
#[derive(Clone, Debug)]
pub struct ServiceView {
    pub name: String,
    /// The phase that started it.
    pub phase: String,
    /// In the order in which it was told.
    pub news: Vec<ServiceChange>,
}

/// Something that happened to a service.
#[derive(Clone, Debug)]
pub struct ServiceChange {
    pub at: Timestamp,
    pub what: ServiceNews,
    pub data: Details,
}
