//! The calls of `http` and of clients made from it.

use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use serde_json::json;

use super::super::body::{Payload, Request};
use super::answer::Answer;
use super::cookies::Cookies;
use super::perform::perform;
use super::request::{self, Places, Read};
use super::session::{Http as Value, Limits};
use super::{description, perform};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::loading::Loading;
use crate::host::options::Options;
use crate::host::script::{self, Raise};

#[export_module]
pub mod http {
    pub type Http = Value;

    /// Sends a GET request and gives back the response, whatever its status. A relative URL is appended to the base
    /// URL. Fails when no response comes: refused, reset, silent for longer than the timeout (30s).
    ///
    /// ```rhai
    /// let res = http.get("/health");
    /// assert res.status == 200;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "GET", url, Map::new())
    }

    /// Sends a GET request with options: `headers`, `query`, `auth`, `timeout`, `redirects`, `retry`, `max_body`,
    /// `save_to`.
    ///
    /// ```rhai
    /// let res = http.get("/anything", #{ query: #{ page: 2, tag: ["a", "b"] }, headers: #{ "X-Team": "red" } });
    /// assert res.ok;
    /// ```
    #[rhai_fn(name = "get", return_raw, pure)]
    pub fn get_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "GET", url, options)
    }

    /// Sends a POST request without a body.
    ///
    /// ```rhai
    /// assert http.post("/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn post(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "POST", url, Map::new())
    }

    /// Sends a POST request with options: those of `get`, and one body of `json`, `form`, `multipart`, `body` (text
    /// or bytes) and `file` (a path).
    ///
    /// ```rhai
    /// let res = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.1 } });
    /// assert res.ok;
    /// assert res.json.id != ();
    /// ```
    #[rhai_fn(name = "post", return_raw, pure)]
    pub fn post_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "POST", url, options)
    }

    /// Sends a PUT request without a body.
    ///
    /// ```rhai
    /// assert http.put("/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn put(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "PUT", url, Map::new())
    }

    /// Sends a PUT request with the options of `post`.
    ///
    /// ```rhai
    /// assert http.put("/anything", #{ body: "plain text" }).ok;
    /// ```
    #[rhai_fn(name = "put", return_raw, pure)]
    pub fn put_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "PUT", url, options)
    }

    /// Sends a PATCH request without a body.
    ///
    /// ```rhai
    /// assert http.patch("/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn patch(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "PATCH", url, Map::new())
    }

    /// Sends a PATCH request with the options of `post`.
    ///
    /// ```rhai
    /// assert http.patch("/anything", #{ json: #{ name: "new" } }).ok;
    /// ```
    #[rhai_fn(name = "patch", return_raw, pure)]
    pub fn patch_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "PATCH", url, options)
    }

    /// Sends a DELETE request.
    ///
    /// ```rhai
    /// assert http.delete("/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn delete(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "DELETE", url, Map::new())
    }

    /// Sends a DELETE request with the options of `post`.
    ///
    /// ```rhai
    /// assert http.delete("/anything", #{ query: #{ force: true } }).ok;
    /// ```
    #[rhai_fn(name = "delete", return_raw, pure)]
    pub fn delete_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "DELETE", url, options)
    }

    /// Sends a HEAD request; the response has headers and no body.
    ///
    /// ```rhai
    /// assert http.head("/health").text == "";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn head(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "HEAD", url, Map::new())
    }

    /// Sends a HEAD request with the options of `get`.
    ///
    /// ```rhai
    /// assert http.head("/health", #{ timeout: "2s" }).ok;
    /// ```
    #[rhai_fn(name = "head", return_raw, pure)]
    pub fn head_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "HEAD", url, options)
    }

    /// Sends an OPTIONS request.
    ///
    /// ```rhai
    /// assert http.options("/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn options(ctx: NativeCallContext, http: &mut Http, url: &str) -> Result<Answer, Raise> {
        verb(&ctx, http, "OPTIONS", url, Map::new())
    }

    /// Sends an OPTIONS request with the options of `post`.
    ///
    /// ```rhai
    /// assert http.options("/anything", #{ headers: #{ Origin: "http://localhost" } }).ok;
    /// ```
    #[rhai_fn(name = "options", return_raw, pure)]
    pub fn options_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, "OPTIONS", url, options)
    }

    /// Sends a request with any method.
    ///
    /// ```rhai
    /// assert http.request("PUT", "/anything").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn request(
        ctx: NativeCallContext,
        http: &mut Http,
        method: &str,
        url: &str,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, method, url, Map::new())
    }

    /// Sends a request with any method and the options of `post`.
    ///
    /// ```rhai
    /// assert http.request("POST", "/anything", #{ form: #{ a: 1, b: "two" } }).ok;
    /// ```
    #[rhai_fn(name = "request", return_raw, pure)]
    pub fn request_with(
        ctx: NativeCallContext,
        http: &mut Http,
        method: &str,
        url: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        verb(&ctx, http, method, url, options)
    }

    /// Sends a GraphQL query and fails when the answer has `errors`; the result is in `.data`.
    ///
    /// ```rhai
    /// let res = http.graphql("/graphql", "{ tasks { id state } }");
    /// assert type_of(res.data.tasks) == "array";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn graphql(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        query: &str,
    ) -> Result<Answer, Raise> {
        ask(&ctx, http, url, query, Map::new())
    }

    /// Like `graphql(url, query)` with options: `variables`, `operation` (which of several to run), `allow_errors`
    /// (leave `errors` to the script), and those of `get`.
    ///
    /// ```rhai
    /// let res = http.graphql("/graphql", "query ($id: ID!) { task(id: $id) { id } }", #{
    ///     variables: #{ id: "no-such-task" },
    ///     allow_errors: true,
    /// });
    /// assert res.status == 200;
    /// ```
    #[rhai_fn(name = "graphql", return_raw, pure)]
    pub fn graphql_with(
        ctx: NativeCallContext,
        http: &mut Http,
        url: &str,
        query: &str,
        options: Map,
    ) -> Result<Answer, Raise> {
        ask(&ctx, http, url, query, options)
    }

    /// Describes a client with cookies of its own, alike in all else to the one it is asked of.
    ///
    /// ```rhai
    /// let bob = http.client();
    /// assert bob.get("/health").ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn client(ctx: NativeCallContext, http: &mut Http) -> Result<Http, Raise> {
        describe(&ctx, http, Map::new())
    }

    /// Describes a client: `base_url`, `headers`, `query`, `auth`, `cookies` (keep them or not), `timeout`, `redirects`,
    /// `retry`, `max_body`, `compressed`, `ca`, `cert`, `key`, `insecure`, `http_version`, `proxy`, `unix_socket`,
    /// `resolve`. What is not given is as in the client it is asked of. It may be made at the top of a file: its cookies
    /// begin anew with every phase.
    ///
    /// ```rhai
    /// let api = http.client(#{ base_url: "/anything", headers: #{ "X-Team": "red" }, timeout: "5s", redirects: 3 });
    /// assert api.get("/colours").ok;
    /// ```
    #[rhai_fn(name = "client", return_raw, pure)]
    pub fn client_with(
        ctx: NativeCallContext,
        http: &mut Http,
        options: Map,
    ) -> Result<Http, Raise> {
        describe(&ctx, http, options)
    }

    /// The cookies of this client, to look into and to change.
    ///
    /// ```rhai
    /// http.cookies.set("theme", "dark");
    /// assert http.cookies.get("theme").value == "dark";
    /// ```
    #[rhai_fn(get = "cookies", return_raw, pure)]
    pub fn get_cookies(ctx: NativeCallContext, http: &mut Http) -> Result<Cookies, Raise> {
        let attempt = script::attempt_for(&ctx, "http.cookies")?;
        http.client(&attempt)
            .map(Cookies)
            .map_err(|error| script::fail(&ctx, &attempt, perform::bad_news(None, &error)))
    }

    /// The client in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(http: &mut Http) -> String {
        match &http.0.spec.base_url {
            Some(base) => format!("http.client({base})"),
            None if http.0.is_custom => "http.client".to_owned(),
            None => "http".to_owned(),
        }
    }
}

fn verb(
    ctx: &NativeCallContext,
    http: &Value,
    method: &str,
    url: &str,
    options: Map,
) -> Result<Answer, Raise> {
    let owner = format!("http.{}", ctx.fn_name());
    let attempt = script::attempt_for(ctx, &owner)?;
    let places = places(&attempt, http);
    let read = request::read(&owner, method, url, options, &places)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    perform(ctx, &attempt, http, timed(&attempt, http, read))
}

/// Relative paths of a request start at the script, those it writes at the scenario's own directory.
fn places<'a>(attempt: &'a Attempt, http: &'a Value) -> Places<'a> {
    let identity = attempt.identity();
    Places {
        script: match http.0.is_custom {
            true => &http.0.directory,
            false => &identity.script_dir,
        },
        work: &identity.work_dir,
    }
}

fn timed(attempt: &Attempt, http: &Value, read: Read) -> Request {
    let mut request = read.request;
    if read.limits != Limits::default() {
        let limits = read.limits.over(http.0.limits);
        request.timeouts = Some(limits.timeouts(attempt.world()));
    }
    request
}

fn ask(
    ctx: &NativeCallContext,
    http: &Value,
    url: &str,
    query: &str,
    options: Map,
) -> Result<Answer, Raise> {
    let attempt = script::attempt_for(ctx, "http.graphql")?;
    let (read, allow_errors) = question(&attempt, http, url, query, options)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let answer = perform(ctx, &attempt, http, timed(&attempt, http, read))?;
    let json: serde_json::Value = answer.parsed(ctx, &attempt)?;
    let errors = json.get("errors").filter(|errors| !errors.is_null());
    match errors {
        Some(errors) if !allow_errors => {
            let failure = Failure::product(Code::Traffic, graphql_message(errors))
                .detail("errors", errors.to_string())
                .hint("`allow_errors: true` leaves them to the script, in `.json.errors`");
            Err(script::fail(ctx, &attempt, failure))
        }
        _ => Ok(answer),
    }
}

fn question(
    attempt: &Attempt,
    http: &Value,
    url: &str,
    query: &str,
    options: Map,
) -> Result<(Read, bool), Failure> {
    let mut request = Request::new("POST", url);
    let mut options = Options::new("http.graphql", options);
    let limits = request::common(&mut options, &mut request, &places(attempt, http))?;
    let mut body = json!({ "query": query });
    if let Some(variables) = options.json("variables")? {
        body["variables"] = variables;
    }
    if let Some(operation) = options.text("operation")? {
        body["operationName"] = operation.into();
    }
    let allow_errors = options.flag("allow_errors")?.unwrap_or(false);
    options.finish()?;
    request.payload = Payload::Json(body.to_string());
    Ok((Read { request, limits }, allow_errors))
}

fn graphql_message(errors: &serde_json::Value) -> String {
    let first = errors
        .get(0)
        .and_then(|error| error.get("message")?.as_str());
    let first = first.unwrap_or("an error without a message");
    let more = match errors.as_array().map_or(0, Vec::len) {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!("the query failed: {first}{more}")
}

fn describe(ctx: &NativeCallContext, parent: &Value, options: Map) -> Result<Value, Raise> {
    let directory = match (script::try_attempt(ctx), Loading::of(ctx)) {
        (Some(attempt), _) => attempt.identity().script_dir.clone(),
        (None, Some(loading)) => loading.script_dir,
        (None, None) => Default::default(),
    };
    description::read(options, &parent.0, &directory)
        .map(|description| Value(description.into()))
        .map_err(|failure| script::usage(ctx, failure))
}

/// What the name `http` stands for.
pub fn standard() -> Dynamic {
    Dynamic::from(Value::standard())
}
