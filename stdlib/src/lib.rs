//! What a script can say. Each primitive is a folder with a row in [`PRIMITIVES`]; nothing here knows how
//! scenarios are scheduled, stored or shown.

pub mod catalog;
pub mod client;
pub mod host;
pub mod language;
pub mod machine;

pub mod amqp;
pub mod assert;
pub mod browser;
pub mod collections;
pub mod crypto;
pub mod data;
pub mod env;
pub mod exec;
pub mod expect;
pub mod files;
pub mod fixture;
pub mod flow;
pub mod guard;
pub mod guards;
pub mod http;
pub mod log;
pub mod mock;
pub mod mongo;
pub mod nats;
pub mod parallel;
pub mod random;
pub mod redis;
pub mod s3;
pub mod seed;
pub mod service;
pub mod signal;
pub mod sql;
pub mod stack;
pub mod state;
pub mod time;
pub mod unique;
pub mod wait;
mod words;

use rhai::{Dynamic, Engine, Module};

/// A name that is there without being declared, and how its value is made.
pub type Global = (&'static str, fn() -> Dynamic);

/// One primitive, as the language and the reference book see it.
pub struct Primitive {
    /// The name of its folder and of its guide page.
    pub name: &'static str,
    /// The guide page, in Markdown; its `rhai` examples are run by the tests.
    pub guide: &'static str,
    /// Adds its functions and types.
    pub register: fn(&mut Module),
    /// Names that are there without being declared.
    pub globals: &'static [Global],
    /// Adds syntax of its own.
    pub syntax: Option<fn(&mut Engine)>,
}

/// Every primitive: one row, one folder.
pub static PRIMITIVES: &[Primitive] = &[
    amqp::PRIMITIVE,
    assert::PRIMITIVE,
    browser::PRIMITIVE,
    collections::PRIMITIVE,
    crypto::PRIMITIVE,
    data::PRIMITIVE,
    env::PRIMITIVE,
    exec::PRIMITIVE,
    expect::PRIMITIVE,
    files::PRIMITIVE,
    fixture::PRIMITIVE,
    flow::PRIMITIVE,
    guards::PRIMITIVE,
    http::PRIMITIVE,
    log::PRIMITIVE,
    mock::PRIMITIVE,
    mongo::PRIMITIVE,
    nats::PRIMITIVE,
    parallel::PRIMITIVE,
    random::PRIMITIVE,
    signal::PRIMITIVE,
    service::PRIMITIVE,
    redis::PRIMITIVE,
    s3::PRIMITIVE,
    sql::PRIMITIVE,
    stack::PRIMITIVE,
    state::PRIMITIVE,
    time::PRIMITIVE,
    unique::PRIMITIVE,
    wait::PRIMITIVE,
];

/// Modules written in Rhai itself: `import "std/pages" as pages`.
pub static MODULES: &[(&str, &str)] = &[
    ("celery", include_str!("../rhai/celery.rhai")),
    ("docker", include_str!("../rhai/docker.rhai")),
    ("mongo", include_str!("../rhai/mongo.rhai")),
    ("nats", include_str!("../rhai/nats.rhai")),
    ("nginx", include_str!("../rhai/nginx.rhai")),
    ("pages", include_str!("../rhai/pages.rhai")),
    ("postgres", include_str!("../rhai/postgres.rhai")),
    ("python", include_str!("../rhai/python.rhai")),
    ("rabbitmq", include_str!("../rhai/rabbitmq.rhai")),
    ("redis", include_str!("../rhai/redis.rhai")),
    ("s3", include_str!("../rhai/s3.rhai")),
];

/// Host values that JSON has a text for.
static TEXTS: &[fn(&Dynamic) -> Option<String>] =
    &[|value| Some(value.read_lock::<time::Time>()?.to_string())];

/// Host values that a closure which runs later may capture: descriptions, nothing live.
static CAPTURABLE: &[fn(&Dynamic) -> bool] = &[
    env::is_description,
    http::is_client,
    random::is_source,
    signal::is_condition,
    stack::is_description,
    |value| value.is::<time::Time>(),
];
