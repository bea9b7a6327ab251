//! The names scripts use.

use super::body::{Link, SERVICE, Target};
use crate::client::address::hide;
use crate::client::perform::{Answered, Call, perform};
use crate::client::script::{content, to_script};
use crate::client::session::end_with_phase;
use crate::client::{Address, ClientError, Common, Connector, Session, Value};
use crate::files;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use rusty_s3::UrlStyle;
use std::sync::Arc;
use std::time::Duration;

/// The value behind the name `s3`.
#[derive(Debug, Clone, Copy)]
pub struct S3;

/// What `s3.connect` gives: a store, and the bucket that is meant.
#[derive(Clone)]
pub struct Bucket {
    session: Arc<Session<Target>>,
    name: Option<String>,
}

#[export_module]
pub mod s3 {
    /// Connects to an object store: `endpoint`, `access_key`, `secret_key`, and optionally `bucket`, `region` (`"us-east-1"`),
    /// `path_style` (`true`; `false` puts the bucket into the host name), `timeout` of one call (30s), `connect_timeout` (5s), and
    /// `ca`, `insecure` as in `http.client`. Fails when nobody is there, or does not know us. Ends with the phase.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{
    ///     endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET"),
    /// });
    /// store.put("hello.txt", "hello");
    /// assert store.get("hello.txt") == "hello";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn connect(ctx: NativeCallContext, s3: &mut S3, options: Map) -> Result<Bucket, Raise> {
        let _ = s3;
        open(&ctx, options)
    }

    /// The same store with another bucket in mind.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// assert store.bucket("uploads").list() == [];
    /// ```
    #[rhai_fn(pure)]
    pub fn bucket(store: &mut Bucket, name: &str) -> Bucket {
        Bucket {
            session: store.session.clone(),
            name: Some(name.to_owned()),
        }
    }

    /// Makes the bucket; one of ours that is there already is fine.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// store.create_bucket();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn create_bucket(ctx: NativeCallContext, store: &mut Bucket) -> Result<(), Raise> {
        let name = named(&ctx, store)?;
        let title = format!("create bucket {name}");
        ask(&ctx, store, title, async |link| {
            link.create_bucket(&name).await.map(|()| Value::Null)
        })
        .map(|_| ())
    }

    /// Stores text or bytes, or a map or list as JSON, under a key.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// store.put("orders/1.json", #{ id: 1 });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn put(
        ctx: NativeCallContext,
        store: &mut Bucket,
        key: &str,
        value: Dynamic,
    ) -> Result<(), Raise> {
        store_value(&ctx, store, key, &value, Map::new())
    }

    /// Like `put(key, content)` with the option `content_type`.
    #[rhai_fn(name = "put", return_raw, pure)]
    pub fn put_with(
        ctx: NativeCallContext,
        store: &mut Bucket,
        key: &str,
        value: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        store_value(&ctx, store, key, &value, options)
    }

    /// Stores the content of a file, looked for in the scenario's own directory, then beside the script.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// store.put_file("avatar.png", "fixtures/ada.png");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn put_file(
        ctx: NativeCallContext,
        store: &mut Bucket,
        key: &str,
        path: &str,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "s3.put_file")?;
        let bytes = files::body::read(&attempt, path)
            .map_err(|error| script::fail(&ctx, &attempt, error.into()))?;
        let media = mime_guess::from_path(path)
            .first_or_octet_stream()
            .to_string();
        send(&ctx, store, key, bytes, media)
    }

    /// The content of an object: text, or bytes where it is no text. Fails when there is none.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// wait_until("10s", || store.get("report.csv").contains("total"));
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, store: &mut Bucket, key: &str) -> Result<Dynamic, Raise> {
        let name = named(&ctx, store)?;
        let title = format!("get {name}/{key}");
        ask(&ctx, store, title, async |link| {
            link.get(&name, key).await.map(Value::from_bytes)
        })
        .map(to_script)
    }

    /// Every object: a list of maps with `key`, `size`, `etag` and `modified`.
    #[rhai_fn(name = "list", return_raw, pure)]
    pub fn list_all(ctx: NativeCallContext, store: &mut Bucket) -> Result<Dynamic, Raise> {
        listing(&ctx, store, "")
    }

    /// The objects whose keys begin with `prefix`.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// assert store.list("orders/").map(|object| object.key) == ["orders/1.json"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn list(
        ctx: NativeCallContext,
        store: &mut Bucket,
        prefix: &str,
    ) -> Result<Dynamic, Raise> {
        listing(&ctx, store, prefix)
    }

    /// Removes an object; one that is not there is fine.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// store.delete("orders/1.json");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn delete(ctx: NativeCallContext, store: &mut Bucket, key: &str) -> Result<(), Raise> {
        let name = named(&ctx, store)?;
        let title = format!("delete {name}/{key}");
        ask(&ctx, store, title, async |link| {
            link.delete(&name, key).await.map(|()| Value::Null)
        })
        .map(|_| ())
    }

    /// Whether there is an object.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// wait_until("10s", || store.exists("thumbnails/ada.png"));
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn exists(ctx: NativeCallContext, store: &mut Bucket, key: &str) -> Result<bool, Raise> {
        Ok(looked_at(&ctx, store, key)? != Value::Null)
    }

    /// What is known of an object without its content: a map with `key`, `size`, `etag`, `content_type` and `modified`; `()` when
    /// there is none.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// assert store.head("avatar.png").content_type == "image/png";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn head(ctx: NativeCallContext, store: &mut Bucket, key: &str) -> Result<Dynamic, Raise> {
        looked_at(&ctx, store, key).map(to_script)
    }

    /// A URL with which anybody can get the object for an hour.
    #[rhai_fn(name = "presign", return_raw, pure)]
    pub fn presign_plain(
        ctx: NativeCallContext,
        store: &mut Bucket,
        key: &str,
    ) -> Result<Dynamic, Raise> {
        signed(&ctx, store, key, Map::new())
    }

    /// Like `presign(key)` with options: `method` (`"GET"` or `"PUT"`) and `expires`.
    ///
    /// ```rhai,no_run
    /// let store = s3.connect(#{ endpoint: "http://127.0.0.1:9000", bucket: "uploads", access_key: "minio", secret_key: secret("S3_SECRET") });
    /// let url = store.presign("upload.bin", #{ method: "PUT", expires: "5m" });
    /// assert http.put(url, #{ body: "data" }).ok;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn presign(
        ctx: NativeCallContext,
        store: &mut Bucket,
        key: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        signed(&ctx, store, key, options)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai,no_run
    /// s3.connect(#{ endpoint: "http://127.0.0.1:9000", access_key: "minio", secret_key: secret("S3_SECRET") }).close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(store: &mut Bucket) {
        store.session.close();
    }

    /// The store in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(store: &mut Bucket) -> String {
        store.session.connector.server()
    }
}

fn open(ctx: &NativeCallContext, options: Map) -> Result<Bucket, Raise> {
    let attempt = script::attempt_for(ctx, "s3.connect")?;
    let target =
        target(&attempt, options).map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let call = Call {
        kind: "s3",
        title: format!("connect to {}", target.server()),
        asked: serde_json::Map::new(),
    };
    let (limit, name) = (target.common.timeout, target.bucket.clone());
    let session = Session::new(target, limit, attempt.runtime().clone());
    perform(ctx, &attempt, call, session.open(), |()| {
        Answered::default()
    })?;
    let session = Arc::new(session);
    end_with_phase(&attempt, &session);
    Ok(Bucket { session, name })
}

fn target(attempt: &Attempt, options: Map) -> Result<Target, Failure> {
    let mut options = Options::new("s3.connect", options);
    let common = Common::read(&mut options, attempt)?;
    let endpoint = options.text("endpoint")?;
    let access_key = options.text("access_key")?;
    let secret_key = options.text("secret_key")?;
    let region = options
        .text("region")?
        .unwrap_or_else(|| "us-east-1".into());
    let bucket = options.text("bucket")?;
    let path_style = options.flag("path_style")?.unwrap_or(true);
    options.finish()?;
    let needed = |value: Option<String>, name: &str| {
        value.ok_or_else(|| {
            Failure::usage(format!("`s3.connect` needs the option `{name}`"))
                .hint("s3.connect(#{ endpoint: \"http://127.0.0.1:9000\", bucket: \"…\", access_key: \"…\", secret_key: secret(\"…\") })")
        })
    };
    let endpoint = needed(endpoint, "endpoint")?;
    let address = Address::parse(&endpoint, &SERVICE)?;
    let access_key = needed(access_key, "access_key")?;
    let secret_key = needed(secret_key, "secret_key")?;
    hide(&attempt.world().masker, "s3", &secret_key, &[&access_key]);
    Ok(Target {
        endpoint: endpoint
            .parse()
            .map_err(|error| Failure::usage(format!("bad address `{endpoint}`: {error}")))?,
        address,
        region,
        access_key,
        secret_key,
        style: if path_style {
            UrlStyle::Path
        } else {
            UrlStyle::VirtualHost
        },
        bucket,
        common,
    })
}

fn named(ctx: &NativeCallContext, store: &Bucket) -> Result<String, Raise> {
    store.name.clone().ok_or_else(|| {
        let failure = Failure::usage("which bucket is meant?")
            .hint("give `bucket` to s3.connect, or say store.bucket(\"…\")");
        script::usage(ctx, failure)
    })
}

fn ask(
    ctx: &NativeCallContext,
    store: &Bucket,
    title: String,
    work: impl AsyncFnOnce(&mut Link) -> Result<Value, ClientError>,
) -> Result<Value, Raise> {
    let attempt = script::attempt_for(ctx, &format!("s3.{}", ctx.fn_name()))?;
    let call = Call {
        kind: "s3",
        title,
        asked: serde_json::Map::new(),
    };
    let tell = |value: &Value| {
        let account = value.account();
        let answered = match value {
            Value::List(items) => Answered::default().with("objects", items.len()),
            Value::Text(text) => Answered::default().with("bytes", text.len()),
            Value::Bytes(bytes) => Answered::default().with("bytes", bytes.len()),
            _ => Answered::default(),
        };
        answered.showing(json::cut(&account.to_string(), 2000))
    };
    perform(ctx, &attempt, call, store.session.call(work), tell)
}

fn store_value(
    ctx: &NativeCallContext,
    store: &Bucket,
    key: &str,
    value: &Dynamic,
    options: Map,
) -> Result<(), Raise> {
    let read = || {
        let mut options = Options::new("s3.put", options);
        let media = options.text("content_type")?;
        options.finish()?;
        let guessed = || {
            mime_guess::from_path(key)
                .first_or_octet_stream()
                .to_string()
        };
        Ok((
            content(value, "the content")?,
            media.unwrap_or_else(guessed),
        ))
    };
    let (bytes, media) = read().map_err(|failure| script::usage(ctx, failure))?;
    send(ctx, store, key, bytes, media)
}

fn send(
    ctx: &NativeCallContext,
    store: &Bucket,
    key: &str,
    bytes: Vec<u8>,
    media: String,
) -> Result<(), Raise> {
    let name = named(ctx, store)?;
    let title = format!("put {name}/{key} ({} bytes)", bytes.len());
    ask(ctx, store, title, async |link| {
        link.put(&name, key, bytes, &media)
            .await
            .map(|()| Value::Null)
    })
    .map(|_| ())
}

fn listing(ctx: &NativeCallContext, store: &Bucket, prefix: &str) -> Result<Dynamic, Raise> {
    let name = named(ctx, store)?;
    let title = format!("list {name}/{prefix}");
    ask(ctx, store, title, async |link| {
        link.list(&name, prefix).await.map(Value::List)
    })
    .map(to_script)
}

fn looked_at(ctx: &NativeCallContext, store: &Bucket, key: &str) -> Result<Value, Raise> {
    let name = named(ctx, store)?;
    let title = format!("head {name}/{key}");
    ask(ctx, store, title, async |link| {
        Ok(link.head(&name, key).await?.unwrap_or(Value::Null))
    })
}

fn signed(
    ctx: &NativeCallContext,
    store: &Bucket,
    key: &str,
    options: Map,
) -> Result<Dynamic, Raise> {
    let name = named(ctx, store)?;
    let read = || {
        let mut options = Options::new("s3.presign", options);
        let method = options.text("method")?.unwrap_or_else(|| "GET".into());
        let expires = options
            .duration("expires")?
            .unwrap_or(Duration::from_secs(3600));
        options.finish()?;
        Ok((method, expires))
    };
    let (method, expires) = read().map_err(|failure: Failure| script::usage(ctx, failure))?;
    let title = format!("presign {method} {name}/{key}");
    let url = ask(ctx, store, title, async |link| {
        link.presign(&name, key, &method, expires).map(Value::Text)
    })?;
    Ok(to_script(url))
}
