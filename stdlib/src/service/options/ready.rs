//! `ready: #{ http: "/health" }`, `#{ tcp: "web" }`, `#{ log: "ready" }`, `#{ command: […] }`, `#{ file: "ready" }`,
//! `#{ exit: 0 }`, a closure, or a list of these. Short: `"/health"`, `"tcp"`, `"running"`, `"completed"`.

use super::{of, ports, program, wrong};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::Deferred;
use crate::service::error::ServiceError;
use crate::service::spec::{Ready, Spec, Statuses};
use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map};

const EXPECTED: &str = "#{ http: \"/health\" }, #{ tcp: \"web\" }, #{ log: \"…\" }, #{ command: […] }, #{ file: \"…\" }, #{ exit: 0 }, \
                        a closure, a list of these, or one of \"/health\", \"tcp\", \"running\" and \"completed\"";

type Keep<'a> = &'a dyn Fn(&FnPtr) -> Result<Deferred, Failure>;

/// Reads the option `ready`.
pub fn read(service: &str, value: &Dynamic, keep: Keep<'_>) -> Result<Vec<Ready>, Failure> {
    if let Some(items) = value.read_lock::<Array>() {
        return items
            .iter()
            .map(|item| one(service, &item.flatten_clone(), keep))
            .collect();
    }
    Ok(vec![one(service, value, keep)?])
}

fn one(service: &str, value: &Dynamic, keep: Keep<'_>) -> Result<Ready, Failure> {
    let refuse = || wrong(of(service, "ready"), EXPECTED, value);
    if matches!(value.as_bool(), Ok(false)) {
        return Ok(Ready::Running);
    }
    if let Some(closure) = value.read_lock::<FnPtr>() {
        return Ok(Ready::Closure(keep(&closure)?));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return short(&text).ok_or_else(refuse);
    }
    let Some(map) = value.read_lock::<Map>() else {
        return Err(refuse());
    };
    let owner = of(service, "ready");
    let mut options = Options::new(format!("{service}.ready"), map.clone());
    let given: Vec<&str> = ["http", "tcp", "log", "command", "file", "exit"]
        .into_iter()
        .filter(|key| map.contains_key(*key))
        .collect();
    let ready = match given.as_slice() {
        ["http"] => {
            let url = options.text("http")?.unwrap_or_default();
            if !(url.starts_with('/') || url.contains("://")) {
                return Err(wrong(
                    format!("`http` in {owner}"),
                    "a path such as \"/health\", or a whole URL",
                    &url.into(),
                ));
            }
            Ready::Http {
                url,
                port: options.text("port")?,
                statuses: statuses(&owner, options.take("status"))?,
            }
        }
        ["tcp"] => {
            let value = options.take("tcp").unwrap_or(Dynamic::UNIT);
            let port = match value.as_bool() {
                Ok(true) => None,
                _ => Some(
                    value
                        .into_immutable_string()
                        .map_err(|_| refuse())?
                        .to_string(),
                ),
            };
            Ready::Tcp { port }
        }
        ["log"] => {
            let pattern = options.text("log")?.unwrap_or_default();
            Ready::Log(ports::regex(&owner, &pattern)?)
        }
        ["command"] => {
            let value = options.take("command").unwrap_or(Dynamic::UNIT);
            Ready::Command(program(service, "ready.command", &value)?)
        }
        ["file"] => Ready::File(options.text("file")?.unwrap_or_default()),
        ["exit"] => Ready::Exit(options.int("exit", 0..=255)?.unwrap_or(0) as i32),
        _ => {
            // An unknown key is told as such, with its neighbour.
            for key in [
                "http", "tcp", "log", "command", "file", "exit", "status", "port",
            ] {
                options.take(key);
            }
            options.finish()?;
            return Err(refuse());
        }
    };
    options.finish()?;
    Ok(ready)
}

fn short(text: &str) -> Option<Ready> {
    match text {
        "tcp" => Some(Ready::Tcp { port: None }),
        "running" => Some(Ready::Running),
        "completed" => Some(Ready::Exit(0)),
        path if path.starts_with('/') || path.contains("://") => Some(Ready::Http {
            url: path.to_owned(),
            port: None,
            statuses: Statuses::Good,
        }),
        text => text.strip_prefix("tcp:").map(|port| Ready::Tcp {
            port: Some(port.to_owned()),
        }),
    }
}

fn statuses(owner: &str, value: Option<Dynamic>) -> Result<Statuses, Failure> {
    let Some(value) = value else {
        return Ok(Statuses::Good);
    };
    let status = |value: &Dynamic| {
        let number = value.flatten_clone().as_int().ok()?;
        u16::try_from(number)
            .ok()
            .filter(|status| (100..=999).contains(status))
    };
    let list = match value.read_lock::<Array>() {
        Some(items) => items.iter().map(status).collect::<Option<Vec<u16>>>(),
        None => status(&value).map(|one| vec![one]),
    };
    match list {
        Some(list) if !list.is_empty() => Ok(Statuses::These(list)),
        _ => Err(wrong(
            format!("`status` in {owner}"),
            "a status such as 200, or a list of them",
            &value,
        )),
    }
}

/// Whether the ports that readiness needs are there.
pub fn check(spec: &Spec) -> Result<(), Failure> {
    for ready in spec.ready.iter().flatten() {
        let named = match ready {
            Ready::Http { url, port, .. } if url.starts_with('/') => port,
            Ready::Tcp { port } => port,
            _ => continue,
        };
        match named {
            None if spec.ports.is_empty() && spec.url.is_none() => {
                return Err(ServiceError::NoPort {
                    service: spec.name.clone(),
                }
                .into());
            }
            Some(port) if !spec.ports.iter().any(|wish| wish.name == *port) => {
                return Err(ServiceError::NoSuchPort {
                    service: spec.name.clone(),
                    port: port.clone(),
                    ports: spec.ports.iter().map(|wish| wish.name.clone()).collect(),
                }
                .into());
            }
            _ => {}
        }
    }
    Ok(())
}
