//! The names scripts use.

use super::answer::Answer;
use super::error::MockError;
use super::handler::Handler;
use super::log::Received;
use super::route::Route;
use super::rules::Reply;
use super::server::Mock;
use crate::client::message::limit;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::clock::Stop;
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use crate::host::options::Options;
use crate::host::pace;
use crate::host::scope::Extent;
use crate::host::script::{self, Deferred, Raise};
use crate::service::registry::{Lasting, Registry};
use crate::service::start::Unstarted;
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};
use std::collections::VecDeque;
use std::sync::Arc;

/// What it is called when nobody says.
const USUAL: &str = "mock";

/// How many of the requests that came are shown when the one that was waited for did not.
const SHOWN: usize = 5;

#[export_module]
pub mod mock {
    pub type MockServer = Mock;

    /// A server of the scenario's own on a free port of this machine, in place of somebody else's. It answers what `on` and
    /// `once` say, 404 to anything else, and remembers every request. It lives to the end of the scenario; asked for again,
    /// also in a later phase, it is the same.
    ///
    /// ```rhai
    /// let llm = mock_server();
    /// llm.on("POST /v1/chat", #{ json: #{ reply: "hello" } });
    /// let res = http.post(llm.url + "/v1/chat", #{ json: #{ text: "hi" } });
    /// assert res.json.reply == "hello";
    /// assert llm.requests("POST /v1/chat")[0].json.text == "hi";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn mock_server(ctx: NativeCallContext) -> Result<MockServer, Raise> {
        find_or_start(&ctx, USUAL, Map::new())
    }

    /// Like `mock_server()`, one of several: each name is a server.
    ///
    /// ```rhai
    /// let mail = mock_server("mail");
    /// let sms = mock_server("sms");
    /// assert mail.port != sms.port && mock_server("mail").port == mail.port;
    /// ```
    #[rhai_fn(name = "mock_server", return_raw)]
    pub fn mock_server_named(ctx: NativeCallContext, name: &str) -> Result<MockServer, Raise> {
        find_or_start(&ctx, name, Map::new())
    }

    /// Like `mock_server(name)` with options, which count when it is started: `port` and `answers`, a map of routes and what
    /// `on` takes.
    ///
    /// ```rhai
    /// let rates = mock_server("rates", #{ answers: #{ "GET /usd": "1.08", "GET /health": #{ status: 204 } } });
    /// assert http.get(rates.url + "/usd").text == "1.08";
    /// ```
    #[rhai_fn(name = "mock_server", return_raw)]
    pub fn mock_server_with(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
    ) -> Result<MockServer, Raise> {
        find_or_start(&ctx, name, options)
    }

    /// What it is called.
    #[rhai_fn(get = "name", pure)]
    pub fn name(mock: &mut MockServer) -> String {
        mock.name().to_owned()
    }

    /// Where it is: `http://127.0.0.1:PORT`.
    #[rhai_fn(get = "url", pure)]
    pub fn url(mock: &mut MockServer) -> String {
        mock.url()
    }

    /// Its port.
    #[rhai_fn(get = "port", pure)]
    pub fn port(mock: &mut MockServer) -> i64 {
        i64::from(mock.port())
    }

    /// Says how requests are answered from now on. The route is a method and a path, or a path for any method; `*` stands
    /// for one part of a path, `**` for the rest; of several that fit, the one said last counts. The answer is a map
    /// (`status` 200, `headers`, one of `json` `text` `bytes`, `delay`, `error_rate` from 0 to 1, `drop: true` closes the
    /// connection), a text, a list of these to be given in turn, of which the last stays, or a closure, which answers until
    /// its phase is over.
    ///
    /// ```rhai
    /// let api = mock_server();
    /// api.on("GET /jobs/*", [#{ json: #{ state: "STARTED" } }, #{ json: #{ state: "SUCCESS" } }]);
    /// api.on("POST /echo", |request| #{ status: 201, json: request.json });
    /// wait_until("5s", || http.get(api.url + "/jobs/7").json.state == "SUCCESS");
    /// assert http.post(api.url + "/echo", #{ json: #{ n: 1 } }).json.n == 1;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn on(
        ctx: NativeCallContext,
        mock: &mut MockServer,
        route: &str,
        answer: Dynamic,
    ) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        teach(&ctx, &attempt, mock, route, &answer)
            .map_err(|failure| script::fail(&ctx, &attempt, failure))
    }

    /// Says how the next request of a route is answered, before all that `on` says. Said several times, it counts for as many
    /// requests.
    ///
    /// ```rhai
    /// let llm = mock_server();
    /// llm.on("POST /v1/chat", "hello");
    /// llm.once("POST /v1/chat", #{ status: 503, text: "overloaded" });
    /// assert http.post(llm.url + "/v1/chat").status == 503;
    /// assert http.post(llm.url + "/v1/chat").status == 200;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn once(
        ctx: NativeCallContext,
        mock: &mut MockServer,
        route: &str,
        answer: Dynamic,
    ) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let said =
            parse(route).and_then(|route| Ok((route, reply(&ctx, &attempt, mock, &answer)?)));
        let (route, reply) = said.map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        mock.rules().once(route, reply);
        Ok(())
    }

    /// Every request so far, in order: maps of `method`, `path`, `query`, `headers` (names in small letters), `text` (or
    /// `bytes`, when it is no text), `json` (or `()`), and `expected`: whether an answer was said for it.
    #[rhai_fn(get = "requests", pure)]
    pub fn all_requests(mock: &mut MockServer) -> Array {
        listed(&mock.log().all(|_| true))
    }

    /// Every request of a route so far.
    ///
    /// ```rhai
    /// let api = mock_server();
    /// http.get(api.url + "/a?page=2");
    /// assert api.requests("GET /a").len == 1 && api.requests("POST /a") == [];
    /// assert api.requests[0].query.page == "2";
    /// ```
    #[rhai_fn(name = "requests", return_raw, pure)]
    pub fn requests_of(
        ctx: NativeCallContext,
        mock: &mut MockServer,
        route: &str,
    ) -> Result<Array, Raise> {
        let attempt = script::attempt(&ctx)?;
        let route = parse(route).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let meant = |request: &Received| route.matches(&request.method, &request.path);
        Ok(listed(&mock.log().all(meant)))
    }

    /// The requests that no answer was said for.
    ///
    /// ```rhai
    /// let api = mock_server();
    /// api.on("GET /health", "ok");
    /// http.get(api.url + "/health");
    /// assert api.unexpected == [];
    /// ```
    #[rhai_fn(get = "unexpected", pure)]
    pub fn unexpected(mock: &mut MockServer) -> Array {
        listed(&mock.log().all(|request| !request.is_expected))
    }

    /// The next request of a route, one that came before included; each is given once. Fails when none comes within the
    /// default time of waits (30s).
    #[rhai_fn(name = "wait_for_request", return_raw, pure)]
    pub fn wait_plain(
        ctx: NativeCallContext,
        mock: &mut MockServer,
        route: &str,
    ) -> Result<Dynamic, Raise> {
        wait(&ctx, mock, route, None)
    }

    /// Like `wait_for_request(route)` within a time: receives a webhook.
    ///
    /// ```rhai
    /// let hooks = mock_server("hooks");
    /// hooks.on("POST /paid", #{ status: 204 });
    /// http.post(hooks.url + "/paid", #{ json: #{ order: 7 } });     // what the system under test would do
    /// let hook = hooks.wait_for_request("POST /paid", "10s");
    /// assert hook.json.order == 7;
    /// ```
    #[rhai_fn(name = "wait_for_request", return_raw, pure)]
    pub fn wait_within(
        ctx: NativeCallContext,
        mock: &mut MockServer,
        route: &str,
        within: &str,
    ) -> Result<Dynamic, Raise> {
        wait(&ctx, mock, route, Some(within))
    }

    /// Forgets all answers and all requests.
    ///
    /// ```rhai
    /// let llm = mock_server();
    /// llm.reset();
    /// ```
    #[rhai_fn(pure)]
    pub fn reset(mock: &mut MockServer) {
        mock.rules().clear();
        mock.log().clear();
    }

    /// As shown in messages.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn shown(mock: &mut MockServer) -> String {
        format!("{mock:?}")
    }
}

impl Lasting for Mock {
    fn is_usable(&self) -> bool {
        self.is_running()
    }
}

fn parse(route: &str) -> Result<Route, Failure> {
    Ok(Route::parse(route)?)
}

fn listed(requests: &[Arc<Received>]) -> Array {
    requests.iter().map(|request| request.to_script()).collect()
}

/// The server of this name, started by the first who asks.
fn find_or_start(ctx: &NativeCallContext, name: &str, options: Map) -> Result<Mock, Raise> {
    let attempt = script::attempt_for(ctx, "mock_server")?;
    let read = (|| {
        let mut options = Options::new("mock_server", options);
        let port = options.int("port", 0..=65535)?.unwrap_or(0);
        let answers = options.map("answers")?.unwrap_or_default();
        options.finish()?;
        Ok((port as u16, answers))
    })();
    let (port, answers) = read.map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let scope = attempt.scope(Extent::Scenario);
    let servers = scope.locals().get::<Registry<Mock>>();
    let started = servers.get_or_start(&attempt, name, false, || {
        attempt.step("mock", name, script::call_site(ctx), |step| {
            let start = Mock::start(name, port, attempt.identity().seed);
            let mock = attempt.block_on(start).map_err(Unstarted::Stopped)??;
            step.data = serde_json::json!({ "url": mock.url() });
            let (held, ended) = (mock.clone(), mock.clone());
            scope.hold(&format!("mock server `{name}`"), move || held.is_running());
            scope.on_end_of(
                &attempt.identity().phase,
                Cleanup {
                    title: format!("stop mock server `{name}`"),
                    run: Box::new(move |attempt| {
                        // Out of time, it ends by itself a moment later.
                        drop(attempt.block_on(ended.stop()));
                        Ok(())
                    }),
                },
            );
            for (route, answer) in &answers {
                teach(ctx, &attempt, &mock, route, answer)?;
            }
            Ok(mock)
        })
    });
    match started {
        Ok((mock, _)) => Ok(mock),
        Err(Unstarted::Stopped(stop)) => Err(script::stop(stop, ctx.call_position())),
        Err(Unstarted::Failed(failure)) => Err(script::fail(ctx, &attempt, *failure)),
        Err(Unstarted::Aborted) => unreachable!("it has no neighbours"),
    }
}

fn teach(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    mock: &Mock,
    route: &str,
    answer: &Dynamic,
) -> Result<(), Failure> {
    let route = parse(route)?;
    let mut replies = VecDeque::new();
    match answer.flatten_clone().read_lock::<Array>() {
        Some(list) if !list.is_empty() => {
            for answer in list.iter() {
                replies.push_back(reply(ctx, attempt, mock, answer)?);
            }
        }
        _ => replies.push_back(reply(ctx, attempt, mock, answer)?),
    }
    mock.rules().on(route, replies);
    Ok(())
}

fn reply(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    mock: &Mock,
    answer: &Dynamic,
) -> Result<Reply, Failure> {
    let answer = answer.flatten_clone();
    if let Some(closure) = answer.read_lock::<FnPtr>() {
        let closure = Deferred::keep_beside(ctx, &closure)?;
        return Ok(Reply::Closure(Handler::new(mock.name(), closure, attempt)));
    }
    match Answer::read(&answer) {
        Some(answer) => Ok(Reply::Canned(answer?)),
        None => Err(MockError::NoAnswer {
            server: mock.name().to_owned(),
            got: crate::host::json::show(&answer, 80),
        }
        .into()),
    }
}

fn wait(
    ctx: &NativeCallContext,
    mock: &Mock,
    route: &str,
    within: Option<&str>,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt(ctx)?;
    let route = parse(route).map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = limit(ctx, &attempt, within)?;
    let title = format!("wait for {route} at {}", mock.name());
    attempt.step("mock", &title, script::call_site(ctx), |step| {
        let (depth, found) = attempt.limited(pace::now() + limit, |depth| {
            (depth, attempt.block_on(mock.next(&route)))
        });
        match found {
            Ok(request) => {
                step.data = serde_json::json!({ "request": request.line() });
                Ok(request.to_script())
            }
            Err(Stop::Limit(this)) if this == depth => {
                let text = format!(
                    "no request {route} came to mock server `{}` within {}",
                    mock.name(),
                    show(limit)
                );
                let mut failure = Failure::product(Code::WaitTimeout, text);
                let came = mock.log().all(|_| true);
                if came.is_empty() {
                    failure = failure.detail("came", "nothing at all");
                }
                for request in came.iter().rev().take(SHOWN).rev() {
                    failure = failure.detail("came", request.line());
                }
                Err(script::fail(ctx, &attempt, failure))
            }
            Err(stop) => Err(script::stop(stop, ctx.call_position())),
        }
    })
}
