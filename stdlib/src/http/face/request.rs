//! What the options of one request mean.

use std::path::Path;

use bytes::Bytes;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

use super::super::body::{
    Auth, OAuth2, Payload, Request, RetryOn, RetrySpec, TokenCredentials, parse_size,
};
use super::session::Limits;
use super::values::{at, headers, pairs, parts, wrong};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::work_dir::WorkDir;

/// Where relative paths of a request start.
pub(super) struct Places<'a> {
    /// Files to send.
    pub(super) script: &'a Path,
    /// Files to save.
    pub(super) work: &'a WorkDir,
}

/// Options that are left when the body is taken care of.
pub(super) struct Read {
    pub(super) request: Request,
    pub(super) limits: Limits,
}

/// Reads all options but those of the body, which `payload` reads or `http.graphql` decides.
pub(super) fn common(
    options: &mut Options,
    request: &mut Request,
    places: &Places<'_>,
) -> Result<Limits, Failure> {
    if let Some(map) = options.map("headers")? {
        request.headers = headers(map)?;
    }
    if let Some(map) = options.map("query")? {
        request.query = pairs("query", map)?;
    }
    request.auth = auth(options)?;
    request.redirects = redirects(options)?;
    request.retry = retry(options)?;
    request.max_body = size(options, "max_body")?;
    if let Some(path) = options.text("save_to")? {
        let path = at(places.work, &path);
        let work: &Path = places.work;
        if path.starts_with(work) {
            // The scenario's own directory is made on first need.
            std::fs::create_dir_all(work).map_err(|error| {
                Failure::fault(format!(
                    "cannot make the directory {}: {error}",
                    work.display()
                ))
            })?;
        }
        request.save_to = Some(path);
    }
    limits(options)
}

/// The request that `method` and the options of the script describe.
pub(super) fn read(
    owner: &str,
    method: &str,
    url: &str,
    options: Map,
    places: &Places<'_>,
) -> Result<Read, Failure> {
    let mut request = Request::new(method, url);
    if options.is_empty() {
        return Ok(Read {
            request,
            limits: Limits::default(),
        });
    }
    let mut options = Options::new(owner, options);
    let limits = common(&mut options, &mut request, places)?;
    request.payload = payload(owner, &mut options, places)?;
    options.finish()?;
    Ok(Read { request, limits })
}

fn payload(owner: &str, options: &mut Options, places: &Places<'_>) -> Result<Payload, Failure> {
    let mut found: Vec<(&str, Payload)> = Vec::new();
    if let Some(json) = options.json("json")? {
        found.push(("json", Payload::Json(json.to_string())));
    }
    if let Some(form) = options.map("form")? {
        found.push(("form", Payload::Form(pairs("form field", form)?)));
    }
    if let Some(map) = options.map("multipart")? {
        found.push(("multipart", Payload::Multipart(parts(map, places.script)?)));
    }
    if let Some(body) = options.take("body") {
        let payload = if let Some(bytes) = body.read_lock::<Blob>() {
            Payload::Bytes(Bytes::copy_from_slice(&bytes))
        } else if let Some(text) = body.read_lock::<ImmutableString>() {
            Payload::Text(text.to_string())
        } else {
            let name = format!("option `body` of `{owner}`");
            return Err(wrong(&name, "text or bytes", &body).hint("use `json:` for maps and lists"));
        };
        found.push(("body", payload));
    }
    if let Some(path) = options.text("file")? {
        found.push(("file", Payload::File(at(places.script, &path))));
    }
    if let [(first, _), (second, _), ..] = found.as_slice() {
        return Err(Failure::usage(format!(
            "`{owner}` has both `{first}` and `{second}`, but a request has one body"
        )));
    }
    Ok(found.pop().map(|(_, payload)| payload).unwrap_or_default())
}

/// `timeout: "5s"`, or each kind on its own.
pub(super) fn limits(options: &mut Options) -> Result<Limits, Failure> {
    let Some(value) = options.take("timeout") else {
        return Ok(Limits::default());
    };
    let kinds = match value.read_lock::<Map>() {
        Some(map) => map.clone(),
        None => Map::from([("total".into(), value.clone())]),
    };
    let mut kinds = Options::new("timeout", kinds);
    let limits = Limits {
        connect: kinds.duration("connect")?,
        first_byte: kinds.duration("first_byte")?,
        idle: kinds.duration("idle")?,
        total: kinds.duration("total")?,
    };
    kinds.finish()?;
    Ok(limits)
}

pub(super) fn redirects(options: &mut Options) -> Result<Option<u32>, Failure> {
    let allowed = options.int("redirects", 0..=100)?;
    Ok(allowed.and_then(|allowed| u32::try_from(allowed).ok()))
}

/// A size: `"10 MiB"`, or a number of bytes.
pub(super) fn size(options: &mut Options, key: &'static str) -> Result<Option<u64>, Failure> {
    let Some(value) = options.take(key) else {
        return Ok(None);
    };
    let bytes = match value.read_lock::<ImmutableString>() {
        Some(text) => parse_size(&text),
        None => value
            .as_int()
            .ok()
            .and_then(|bytes| u64::try_from(bytes).ok()),
    };
    match bytes {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(wrong(
            &format!("option `{key}`"),
            "a size such as \"10 MiB\", or a number of bytes",
            &value,
        )),
    }
}

/// `retry: 3`, or a map.
pub(super) fn retry(options: &mut Options) -> Result<Option<RetrySpec>, Failure> {
    let Some(value) = options.take("retry") else {
        return Ok(None);
    };
    let map = match value.read_lock::<Map>() {
        Some(map) => map.clone(),
        None if value.is_int() => Map::from([("times".into(), value.clone())]),
        None => {
            return Err(wrong(
                "option `retry`",
                "a number of retries or a map such as #{ times: 3, on: [503] }",
                &value,
            ));
        }
    };
    let mut map = Options::new("retry", map);
    let mut retry = RetrySpec::default();
    let times = map.int("times", 0..=1000)?.unwrap_or(1);
    retry.times = u32::try_from(times).unwrap_or_default();
    if let Some(on) = map.take("on") {
        retry.on = retry_on(&on)?;
    }
    if let Some(methods) = map.texts("methods")? {
        retry.methods = methods;
    }
    retry.backoff = map.duration("backoff")?.unwrap_or(retry.backoff);
    retry.max_wait = map.duration("max_wait")?.unwrap_or(retry.max_wait);
    map.finish()?;
    Ok(Some(retry))
}

fn retry_on(value: &Dynamic) -> Result<Vec<RetryOn>, Failure> {
    let one = |item: &Dynamic| -> Result<RetryOn, Failure> {
        let item = item.flatten_clone();
        let status = item
            .as_int()
            .ok()
            .and_then(|status| u16::try_from(status).ok());
        let is_transport = item
            .read_lock::<ImmutableString>()
            .is_some_and(|text| text.as_str() == "transport");
        match status {
            Some(status) => Ok(RetryOn::Status(status)),
            None if is_transport => Ok(RetryOn::Transport),
            None => Err(wrong(
                "option `on` of `retry`",
                "a status such as 503, \"transport\", or a list of these",
                &item,
            )),
        }
    };
    match value.read_lock::<Array>() {
        Some(items) => items.iter().map(one).collect(),
        None => one(value).map(|only| vec![only]),
    }
}

/// `auth: ["user", "password"]`, `#{ user, password }`, `#{ bearer }`, `#{ oauth2: #{ … } }`, or `false` for none.
pub(super) fn auth(options: &mut Options) -> Result<Option<Auth>, Failure> {
    let Some(value) = options.take("auth") else {
        return Ok(None);
    };
    let bad = || {
        wrong(
            "option `auth`",
            "[user, password], #{ bearer: … }, #{ oauth2: #{ … } } or false",
            // Not shown: it may hold a password.
            &Dynamic::from("…"),
        )
    };
    if matches!(value.as_bool(), Ok(false)) {
        return Ok(Some(Auth::None));
    }
    if let Some(items) = value.read_lock::<Array>() {
        let texts: Vec<String> = items
            .iter()
            .filter_map(|item| item.flatten_clone().into_string().ok())
            .collect();
        return match <[String; 2]>::try_from(texts) {
            Ok([user, password]) if items.len() == 2 => Ok(Some(Auth::Basic { user, password })),
            _ => Err(bad()),
        };
    }
    let Some(map) = value.read_lock::<Map>() else {
        return Err(bad());
    };
    let mut map = Options::new("auth", map.clone());
    let user = map.text("user")?;
    let password = map.text("password")?;
    let bearer = map.text("bearer")?;
    let oauth = map.map("oauth2")?;
    map.finish()?;
    match (user, password, bearer, oauth) {
        (Some(user), password, None, None) => Ok(Some(Auth::Basic {
            user,
            password: password.unwrap_or_default(),
        })),
        (None, None, Some(token), None) => Ok(Some(Auth::Bearer(token))),
        (None, None, None, Some(map)) => {
            oauth2(map).map(|grant| Some(Auth::OAuth2(Box::new(grant))))
        }
        _ => Err(bad()),
    }
}

fn oauth2(map: Map) -> Result<OAuth2, Failure> {
    let mut map = Options::new("oauth2", map);
    let needed = |value: Option<String>, key: &str| {
        value.ok_or_else(|| Failure::usage(format!("`oauth2` needs `{key}`")))
    };
    let token_url = map.text("token_url")?;
    let client_id = map.text("client_id")?;
    let client_secret = map.text("client_secret")?;
    let scope = map.text("scope")?;
    let in_body = map.flag("in_body")?.unwrap_or(false);
    let fields = map.map("fields")?.unwrap_or_default();
    map.finish()?;
    let field = |(name, value): (_, Dynamic)| match value.clone().into_string() {
        Ok(text) => Ok((rhai::Identifier::to_string(&name), text)),
        Err(_) => Err(wrong(
            &format!("option `fields.{name}` of `oauth2`"),
            "a string",
            &value,
        )),
    };
    Ok(OAuth2 {
        token_url: needed(token_url, "token_url")?,
        client_id: needed(client_id, "client_id")?,
        client_secret: needed(client_secret, "client_secret")?,
        scope,
        fields: fields.into_iter().map(field).collect::<Result<_, _>>()?,
        credentials: match in_body {
            true => TokenCredentials::Body,
            false => TokenCredentials::Header,
        },
    })
}
