//! The names scripts use.

use super::description::{Description, Stack as Declared};
use super::error::StackError;
use super::up::{self, Up};
use crate::host::attempt::Attempt;
use crate::host::loading::Loading;
use crate::host::script::{self, Deferred, Raise};
use crate::service::running::Service;
use crate::service::start::Unstarted;
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};
use std::sync::Arc;

#[export_module]
pub mod stack {
    pub type Stack = Declared;
    pub type RunningStack = Up;

    /// Describes services that belong together. Nothing starts before `.up()`, so a stack may be described at the top
    /// level of a file and exported by a module. Options: `services` (required): a map of names to the options of
    /// `spawn_service`, where `needs` says what must be ready before and `env`, `cmd`, `files` and `values` may be
    /// closures over what is up; `env` for all of them, `exports`, `scope`, `dir`, `keep`, `keep_on_failure`, `existing`.
    ///
    /// ```rhai
    /// let shop = stack("shop", #{ services: #{
    ///     db:  #{ cmd: ["python3", "-m", "http.server", "{{ port }}", "--bind", "127.0.0.1"], ports: ["db"] },
    ///     web: #{ cmd: ["python3", "-m", "http.server", "{{ port }}", "--bind", "127.0.0.1"], ports: ["web"],
    ///             needs: "db", env: |s| #{ DATABASE_URL: s.db.url } },
    /// } });
    /// let app = shop.up();
    /// assert http.get(app.web.url).status == 200;
    /// assert app.web.env.DATABASE_URL == app.db.url;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn stack(ctx: NativeCallContext, name: &str, options: Map) -> Result<Stack, Raise> {
        let folder = crate::data::folder(&ctx);
        let keep = |closure: &rhai::FnPtr| Deferred::keep(&ctx, closure);
        let description = Description::read(name, options, folder, &keep)
            .map_err(|failure| script::usage(&ctx, failure))?;
        let stack = Declared(Arc::new(description));
        if let Some(loading) = Loading::of(&ctx) {
            super::super::declared(&loading.extensions).add(stack.clone());
        }
        Ok(stack)
    }

    /// The stack of that name which is up: in this scenario, else in its file, else in the run.
    ///
    /// ```rhai
    /// stack("jobs", #{ services: #{ worker: #{ cmd: "exec sleep 60" } } }).up();
    /// assert stack("jobs").worker.is_running;
    /// ```
    #[rhai_fn(name = "stack", return_raw)]
    pub fn running(ctx: NativeCallContext, name: &str) -> Result<RunningStack, Raise> {
        let attempt = script::attempt(&ctx)?;
        let up =
            up::find(&attempt, name).map_err(|error| script::fail(&ctx, &attempt, error.into()))?;
        up.used_by(&attempt);
        Ok(up)
    }

    /// What it is called.
    #[rhai_fn(get = "name", pure)]
    pub fn name(stack: &mut Stack) -> String {
        stack.0.name.clone()
    }

    /// Starts its services, each as soon as those it needs are ready, and gives back a handle: `app.web` is the service
    /// `web`. What is up already is given back as it is. When one fails, the others are ended.
    ///
    /// ```rhai
    /// let app = stack("one", #{ services: #{ worker: #{ cmd: "exec sleep 60" } } }).up();
    /// assert app.services == ["worker"] && app.worker.is_running;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn up(ctx: NativeCallContext, stack: &mut Stack) -> Result<RunningStack, Raise> {
        let attempt = script::attempt(&ctx)?;
        raise_up(&ctx, &attempt, stack)
    }

    /// The service of that name: `app.web`, `app["web"]`.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn service_of(
        ctx: NativeCallContext,
        app: &mut RunningStack,
        name: &str,
    ) -> Result<Service, Raise> {
        app.service(name).cloned().ok_or_else(|| {
            let known = app
                .services()
                .iter()
                .map(|service| service.name().to_owned())
                .collect();
            let error = StackError::NoService {
                stack: app.name().to_owned(),
                service: name.to_owned(),
                known,
            };
            script::usage(&ctx, error.into())
        })
    }

    /// What it is called.
    #[rhai_fn(get = "name", pure)]
    pub fn name_of(app: &mut RunningStack) -> String {
        app.name().to_owned()
    }

    /// Its private directory, an absolute path: a folder for each service, `state.json`, and `env` for shells.
    #[rhai_fn(get = "dir", pure)]
    pub fn dir(app: &mut RunningStack) -> String {
        app.dir().to_string_lossy().into_owned()
    }

    /// Variables for whoever uses it: `WEB_URL`, `WEB_HOST`, `WEB_PORT` and so on for each service, what they published,
    /// and what the option `exports` says.
    #[rhai_fn(get = "env", pure)]
    pub fn env(app: &mut RunningStack) -> Map {
        let exports = app.exports().iter();
        exports
            .map(|(name, value)| (name.into(), value.as_str().into()))
            .collect()
    }

    /// The names of its services, in the order in which they became ready.
    #[rhai_fn(get = "services", pure)]
    pub fn services(app: &mut RunningStack) -> Array {
        let names = app
            .services()
            .iter()
            .map(|service| service.name().to_owned());
        names.map(Dynamic::from).collect()
    }

    /// How each service is, and when it started and ended; the same as in `state.json`.
    #[rhai_fn(get = "state", pure)]
    pub fn state(app: &mut RunningStack) -> Dynamic {
        crate::host::json::from_json(&app.state())
    }

    /// Ends its services in reverse order. At the end of its owner this happens by itself.
    ///
    /// ```rhai
    /// let app = stack("brief", #{ services: #{ worker: #{ cmd: "exec sleep 60" } } }).up();
    /// app.down();
    /// assert !app.worker.is_running;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn down(ctx: NativeCallContext, app: &mut RunningStack) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        if app.is_of_another() {
            let what = format!("stack `{}`", app.name());
            return Err(script::fail(
                &ctx,
                &attempt,
                StackError::NotOurs { what }.into(),
            ));
        }
        let title = format!("stop stack {}", app.name());
        attempt.step("stack", &title, script::call_site(&ctx), |_| {
            let failed = !attempt.bad_news().is_empty();
            app.end(&attempt, failed)
                .map_err(|failure| script::fail(&ctx, &attempt, failure))
        })
    }

    /// As shown in messages.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn shown(app: &mut RunningStack) -> String {
        format!("{app:?}")
    }
}

fn raise_up(ctx: &NativeCallContext, attempt: &Attempt, stack: &Declared) -> Result<Up, Raise> {
    attempt.step(
        "stack",
        &stack.0.name,
        script::call_site(ctx),
        |step| match up::bring_up(attempt, stack) {
            Ok((up, is_new)) => {
                step.data = up.state();
                step.data["dir"] = up.dir().to_string_lossy().into_owned().into();
                if !is_new {
                    step.data["shared"] = true.into();
                }
                if up.is_of_another() {
                    step.data["attached"] = true.into();
                }
                Ok(up)
            }
            Err(Unstarted::Stopped(stop)) => Err(script::stop(stop, ctx.call_position())),
            Err(Unstarted::Failed(failure)) => Err(script::fail(ctx, attempt, *failure)),
            Err(Unstarted::Aborted) => unreachable!("only a service is aborted"),
        },
    )
}
