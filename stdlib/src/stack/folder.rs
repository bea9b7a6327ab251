//! The directory of a stack: one folder a service, `state.json` and `env`; and whether it stays.

use super::description::Description;
use super::exports;
use super::up::Up;
use crate::host::attempt::Attempt;
use crate::host::world::Keeping;
use crate::service::running::Service;
use crate::service::{ServiceError, make_dirs, of_extent};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The directory of one stack.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes a new directory, closed to others. One that is to outlive the run lies outside of what the run removes.
    pub fn make(attempt: &Attempt, description: &Description) -> Result<Self, ServiceError> {
        let world = attempt.world();
        let stays = description.keep || description.keep_on_failure == Some(true);
        let parent = match &description.dir {
            Some(dir) => world.project.join(dir),
            None if stays => world.run_dir.join("stacks"),
            None => of_extent(attempt, description.extent).join("stacks"),
        };
        let parent = std::path::absolute(&parent).unwrap_or(parent);
        make_dirs(&parent)?;
        let mut name = description.name.clone();
        let is_shared_place = description.dir.is_some() || stays;
        loop {
            if is_shared_place {
                let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
                let random = uuid::Uuid::new_v4().simple().to_string();
                name = format!("{}-{now}-{}", description.name, &random[..8]);
            }
            let path = parent.join(&name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let random = uuid::Uuid::new_v4().simple().to_string();
                    name = format!("{}-{}", description.name, &random[..8]);
                }
                Err(error) => return Err(failed("make the directory", &path, error)),
            }
        }
    }

    /// One that another process has made.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays when the stack is down.
    pub fn is_kept(&self, attempt: &Attempt, description: &Description, failed: bool) -> bool {
        let world = attempt.world().keep_dirs;
        if description.keep || world == Keeping::Always {
            return true;
        }
        failed && description.keep_on_failure.unwrap_or(world.keeps(true))
    }

    /// Writes `state.json` and `env`, each whole or not at all.
    pub fn write(
        &self,
        attempt: &Attempt,
        up: &Up,
        state: &str,
        stopped: &[(String, SystemTime)],
    ) -> Result<(), ServiceError> {
        let mut all = services_state(up.services(), stopped);
        all["name"] = up.name().into();
        all["state"] = state.into();
        all["run"] = attempt.world().run_id.as_str().into();
        all["scenario"] = attempt.identity().scenario.as_str().into();
        all["host_pid"] = std::process::id().into();
        all["exports"] = json!(up.exports());
        all["dir"] = self.path.to_string_lossy().into_owned().into();
        self.replace("state.json", &format!("{all:#}\n"))?;
        self.replace("env", &exports::lines(up.exports()))
    }

    fn replace(&self, name: &str, text: &str) -> Result<(), ServiceError> {
        let new = self.path.join(format!(".{name}.new"));
        let path = self.path.join(name);
        let write = || {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)?;
            file.write_all(text.as_bytes())?;
            std::fs::rename(&new, &path)
        };
        write().map_err(|error| failed("write", &path, error))
    }
}

fn failed(what: &'static str, path: &Path, error: io::Error) -> ServiceError {
    ServiceError::Io {
        what,
        path: path.to_owned(),
        error,
    }
}

fn time(at: SystemTime) -> Value {
    Timestamp::try_from(at).map_or(Value::Null, |at| at.to_string().into())
}

/// How each service is, and the order of their starts and ends.
pub fn services_state(services: &[Service], stopped: &[(String, SystemTime)]) -> Value {
    let of_one = |service: &Service| {
        let facts = service.facts();
        let (started, ready_after, ended) = service.times();
        let ports: serde_json::Map<String, Value> = facts
            .ports
            .iter()
            .map(|(name, port)| (name.clone(), (*port).into()))
            .collect();
        let one = json!({
            "pid": facts.pid,
            "state": service.life().word(),
            "url": facts.url,
            "ports": ports,
            "values": facts.values,
            "dir": facts.dir,
            "log": service.logs().iter().map(|log| log.path(crate::guard::Stream::Stdout).to_owned()).collect::<Vec<_>>(),
            "started_at": time(started),
            "ready_after_ms": ready_after.map(|after| after.as_millis() as u64),
            "ended_at": ended.map(time),
            "exit_code": service.exit().map(|exit| exit.code()),
        });
        (service.name().to_owned(), one)
    };
    let all: serde_json::Map<String, Value> = services.iter().map(of_one).collect();
    let ready: Vec<&str> = services.iter().map(Service::name).collect();
    let ended: Vec<Value> = stopped
        .iter()
        .map(|(name, at)| json!({ "service": name, "at": time(*at) }))
        .collect();
    json!({ "services": all, "started": ready, "stopped": ended })
}
