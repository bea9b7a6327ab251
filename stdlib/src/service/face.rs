//! The names scripts use.

use super::error::ServiceError;
use super::lease::{Lease, Office};
use super::options::Reader;
use super::place;
use super::registry;
use super::running::Service as Running;
use super::spec::{EnvLayer, Spec};
use super::start::{self, Setting, Unstarted};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::scope::Extent;
use crate::host::script::{self, Deferred, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

#[export_module]
pub mod service {
    /// Starts a program, waits until it is ready, and gives back a handle. It lives to the end of the scenario, whatever
    /// happens, and is found in later phases by `service(name)`. When it ends by itself, the scenario fails with its last
    /// lines. Options: `cmd` (required), `env`, `cwd`, `ports`, `url`, `files`, `values`, `ready`, `timeout` (30s), `stop`,
    /// `grace` (5s), `restart`, `needs`, `scope`, `ignore_exit`, `keep`, `templates`, `show_env`.
    ///
    /// ```rhai
    /// let web = spawn_service("web", #{
    ///     cmd: ["python3", "-m", "http.server", "{{ port }}", "--bind", "127.0.0.1"],
    ///     ports: ["web"],
    ///     files: #{ "hello.txt": "served on {{ port }}" },
    ///     ready: #{ http: "/" },
    /// });
    /// assert http.get(web.url + "/hello.txt").text == `served on ${web.port}`;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn spawn_service(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
    ) -> Result<Running, Raise> {
        let attempt = script::attempt(&ctx)?;
        spawn(&ctx, &attempt, name, options)
    }

    /// The service of that name which is running: of this scenario, else of its file, else of the run. A service of a
    /// stack is found by its own name too, or as `"stack/service"`; one that was kept (`keep: true`) while its scenario was
    /// parked is found in the process that goes on.
    ///
    /// ```rhai
    /// spawn_service("worker", #{ cmd: "echo working; exec sleep 60" });
    /// assert service("worker").is_running;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn service(ctx: NativeCallContext, name: &str) -> Result<Running, Raise> {
        let attempt = script::attempt(&ctx)?;
        let service = registry::find(&attempt, name).map_err(|error| match error {
            Unstarted::Stopped(stop) => script::stop(stop, ctx.call_position()),
            Unstarted::Failed(failure) => script::fail(&ctx, &attempt, *failure),
            Unstarted::Aborted => unreachable!("it has no neighbours"),
        })?;
        service.used_by(&attempt);
        Ok(service)
    }

    /// A port of this machine that nobody else is given until the scenario ends: neither another scenario, nor another
    /// run. Free for TCP and UDP.
    ///
    /// ```rhai
    /// let port = free_port();
    /// assert port > 1024;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn free_port(ctx: NativeCallContext) -> Result<i64, Raise> {
        lease(&ctx, None)
    }

    /// Like `free_port()`, from a range.
    ///
    /// ```rhai
    /// let port = free_port("20000-20999");
    /// assert port >= 20000 && port <= 20999;
    /// ```
    #[rhai_fn(name = "free_port", return_raw)]
    pub fn free_port_of(ctx: NativeCallContext, range: &str) -> Result<i64, Raise> {
        lease(&ctx, Some(range))
    }
}

/// The ports of `free_port`, held to the end of their owner.
#[derive(Default)]
struct Leases(Mutex<Vec<Lease>>);

fn lease(ctx: &NativeCallContext, range: Option<&str>) -> Result<i64, Raise> {
    let attempt = script::attempt(ctx)?;
    let take = || {
        let who = "free_port";
        let (low, high) = match range {
            Some(text) => super::options::port_range("the range of `free_port`", text)?,
            None => (0, 0),
        };
        let lessee = format!("free_port() of {}", attempt.identity().scenario);
        let office = Office::of_user(&lessee)?;
        let lease = match range {
            Some(_) => office.one_of(who, low, high)?,
            None => office.any(who)?,
        };
        Ok::<Lease, Failure>(lease)
    };
    let lease = take().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let port = lease.port();
    let leases = attempt.scope(Extent::Scenario).locals().get::<Leases>();
    leases
        .0
        .lock()
        .unwrap_or_else(|e| e.into_inner())
        .push(lease);
    Ok(i64::from(port))
}

fn spawn(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    name: &str,
    options: Map,
) -> Result<Running, Raise> {
    let reader = Reader {
        keep: &|closure| Deferred::keep_beside(ctx, closure),
        folder: crate::data::folder(ctx),
        in_stack: false,
    };
    let spec = reader
        .read(name, options)
        .map_err(|failure| script::fail(ctx, attempt, failure))?;
    attempt.step("service", name, script::call_site(ctx), |step| {
        let began = begin(attempt, &spec, &reader);
        match began {
            Ok((service, is_new)) => {
                step.data = service.account();
                if !is_new {
                    step.data["shared"] = true.into();
                }
                Ok(service)
            }
            Err(Unstarted::Stopped(stop)) => Err(script::stop(stop, ctx.call_position())),
            Err(Unstarted::Failed(failure)) => Err(script::fail(ctx, attempt, *failure)),
            Err(Unstarted::Aborted) => unreachable!("it has no neighbours"),
        }
    })
}

/// Starts the service, or takes the one that others started.
fn begin(
    attempt: &Attempt,
    spec: &Spec,
    reader: &Reader<'_>,
) -> Result<(Running, bool), Unstarted> {
    for need in &spec.needs {
        registry::find(attempt, need)?;
    }
    let scope = attempt.scope(spec.extent);
    let registry = registry::of(attempt, spec.extent);
    let is_shared = spec.extent != Extent::Scenario;
    let (service, is_new) = registry.get_or_start(attempt, &spec.name, is_shared, || {
        let map = || {
            let others = registry::all(attempt).into_iter();
            let map: Map = others
                .map(|(name, service)| (name.into(), Dynamic::from(service)))
                .collect();
            map.into()
        };
        let others = || {
            let others = registry::all(attempt).into_iter();
            others.map(|(_, service)| service.facts()).collect()
        };
        let setting = Setting {
            attempt,
            parent: place::of_extent(attempt, spec.extent).join("services"),
            folder: reader.folder.clone(),
            stack_env: EnvLayer::new(),
            others: &others,
            map: &map,
            abort: CancellationToken::new(),
            more: Vec::new(),
        };
        let service = start::start(&setting, spec, |service| Dynamic::from(service.clone()))?;
        registry::end_with(&scope, &attempt.identity().phase, &service);
        Ok(service)
    })?;
    if !is_new && !is_shared {
        return Err(ServiceError::Running {
            name: spec.name.clone(),
            pid: service.facts().pid.unwrap_or_default(),
        }
        .into());
    }
    service.used_by(attempt);
    Ok((service, is_new))
}
