//! The names scripts use.

use super::body::{self, SERVICE, Target, Words};
use crate::client::perform::{Answered, Call, perform, perform_then};
use crate::client::script::{content, to_script};
use crate::client::session::end_with_phase;
use crate::client::{Address, ClientError, Common, Connector, Session, Value};
use crate::host::duration::{self, DurationError};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};
use std::sync::Arc;

/// The value behind the name `redis`.
#[derive(Debug, Clone, Copy)]
pub struct Redis;

/// What `redis.connect` gives.
#[derive(Clone)]
pub struct Store(Arc<Session<Target>>);

#[export_module]
pub mod redis {
    /// Connects to a Redis server: `redis://:password@host:6379/0`, or `rediss://` with TLS. Fails within 5 seconds when
    /// nobody is there. The connection ends with the phase; one that was lost is made again at the next call.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1:6379/0");
    /// cache.set("greeting", "hello");
    /// assert cache.get("greeting") == "hello";
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_plain(
        ctx: NativeCallContext,
        redis: &mut Redis,
        url: &str,
    ) -> Result<Store, Raise> {
        let _ = redis;
        open(&ctx, url, Map::new())
    }

    /// Like `connect(url)` with options: `timeout` of one call (30s), `connect_timeout` (5s), and `ca`, `cert`, `key`,
    /// `insecure` as in `http.client`.
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_with(
        ctx: NativeCallContext,
        redis: &mut Redis,
        url: &str,
        options: Map,
    ) -> Result<Store, Raise> {
        let _ = redis;
        open(&ctx, url, options)
    }

    /// The value of a key: text, or bytes where it is no text; `()` when there is none.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// wait_until("5s", || cache.get("job:7:state") == "done");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<Dynamic, Raise> {
        run(&ctx, store, vec![word("GET"), word(key)])
    }

    /// Sets a key to text, bytes or a number; a map or a list becomes JSON.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.set("user:1", #{ name: "Ada" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        value: Dynamic,
    ) -> Result<(), Raise> {
        let value = word_of(&ctx, &value, "the value")?;
        run(&ctx, store, vec![word("SET"), word(key), value]).map(|_| ())
    }

    /// Like `set(key, value)` with the option `expire`, a duration after which the key is gone.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.set("session", "abc", #{ expire: "30s" });
    /// ```
    #[rhai_fn(name = "set", return_raw, pure)]
    pub fn set_with(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        value: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        let mut words = vec![word("SET"), word(key), word_of(&ctx, &value, "the value")?];
        let mut options = Options::new("redis.set", options);
        let expire = options
            .duration("expire")
            .and_then(|expire| options.finish().map(|()| expire));
        if let Some(expire) = expire.map_err(|failure| script::usage(&ctx, failure))? {
            words.extend([word("PX"), word(&expire.as_millis().to_string())]);
        }
        run(&ctx, store, words).map(|_| ())
    }

    /// Removes a key, or each of a list; gives back how many there were.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.del(["a", "b"]) <= 2;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn del(ctx: NativeCallContext, store: &mut Store, keys: Dynamic) -> Result<Dynamic, Raise> {
        let mut words = vec![word("DEL")];
        words.extend(words_of(&ctx, &keys, "a key")?);
        run(&ctx, store, words)
    }

    /// Whether a key is there.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert !cache.exists("no such key");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn exists(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<bool, Raise> {
        number(&ctx, store, vec![word("EXISTS"), word(key)]).map(|count| count > 0)
    }

    /// Adds one to the number of a key; gives back the new one.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.incr("visits") >= 1;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn incr(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<i64, Raise> {
        number(&ctx, store, vec![word("INCR"), word(key)])
    }

    /// Adds to the number of a key.
    #[rhai_fn(name = "incr", return_raw, pure)]
    pub fn incr_by(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        by: i64,
    ) -> Result<i64, Raise> {
        number(
            &ctx,
            store,
            vec![word("INCRBY"), word(key), word(&by.to_string())],
        )
    }

    /// Lets a key be gone after a while; gives back whether it is there at all.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.expire("session", "10m");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn expire(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        after: &str,
    ) -> Result<bool, Raise> {
        let after = duration::parse(after).map_err(|error| {
            let failure = Failure::usage(error.to_string()).hint(DurationError::HINT);
            script::usage(&ctx, failure)
        })?;
        let millis = after.as_millis().to_string();
        number(&ctx, store, vec![word("PEXPIRE"), word(key), word(&millis)]).map(|set| set == 1)
    }

    /// Seconds until a key is gone; `()` when it never is, or is not there.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.ttl("session") <= 600.0;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn ttl(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<Dynamic, Raise> {
        let millis = number(&ctx, store, vec![word("PTTL"), word(key)])?;
        Ok(match millis {
            ..0 => Dynamic::UNIT,
            millis => (millis as f64 / 1000.0).into(),
        })
    }

    /// The keys that match a pattern such as `"user:*"`, sorted.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.keys("user:*") == [];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn keys(
        ctx: NativeCallContext,
        store: &mut Store,
        pattern: &str,
    ) -> Result<Dynamic, Raise> {
        run_then(&ctx, store, vec![word("KEYS"), word(pattern)], sorted).map(to_script)
    }

    /// Puts a value, or each of a list, in front of a list; gives back its new length.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.lpush("queue", ["a", "b"]);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn lpush(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        values: Dynamic,
    ) -> Result<i64, Raise> {
        let mut words = vec![word("LPUSH"), word(key)];
        words.extend(words_of(&ctx, &values, "a value")?);
        number(&ctx, store, words)
    }

    /// Puts a value, or each of a list, at the end of a list; gives back its new length.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.rpush("queue", "c");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn rpush(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        values: Dynamic,
    ) -> Result<i64, Raise> {
        let mut words = vec![word("RPUSH"), word(key)];
        words.extend(words_of(&ctx, &values, "a value")?);
        number(&ctx, store, words)
    }

    /// The values of a list.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.lrange("queue") == ["b", "a", "c"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn lrange(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<Dynamic, Raise> {
        run(
            &ctx,
            store,
            vec![word("LRANGE"), word(key), word("0"), word("-1")],
        )
    }

    /// The values of a list from one place to another, counted from 0; negative ones count from its end.
    #[rhai_fn(name = "lrange", return_raw, pure)]
    pub fn lrange_part(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        from: i64,
        to: i64,
    ) -> Result<Dynamic, Raise> {
        let words = vec![
            word("LRANGE"),
            word(key),
            word(&from.to_string()),
            word(&to.to_string()),
        ];
        run(&ctx, store, words)
    }

    /// Sets a field of a hash.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.hset("user:1", "name", "Ada");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn hset(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        field: &str,
        value: Dynamic,
    ) -> Result<(), Raise> {
        let value = word_of(&ctx, &value, "the value")?;
        run(
            &ctx,
            store,
            vec![word("HSET"), word(key), word(field), value],
        )
        .map(|_| ())
    }

    /// Sets all fields of a map.
    #[rhai_fn(name = "hset", return_raw, pure)]
    pub fn hset_map(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        fields: Map,
    ) -> Result<(), Raise> {
        let mut words = vec![word("HSET"), word(key)];
        for (field, value) in &fields {
            words.extend([word(field), word_of(&ctx, value, field)?]);
        }
        run(&ctx, store, words).map(|_| ())
    }

    /// A field of a hash; `()` when there is none.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.hget("user:1", "name") == "Ada";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn hget(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        field: &str,
    ) -> Result<Dynamic, Raise> {
        run(&ctx, store, vec![word("HGET"), word(key), word(field)])
    }

    /// A hash as a map; empty when there is none.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.hgetall("user:1").name == "Ada";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn hgetall(ctx: NativeCallContext, store: &mut Store, key: &str) -> Result<Dynamic, Raise> {
        run_then(&ctx, store, vec![word("HGETALL"), word(key)], pairs).map(to_script)
    }

    /// Adds a value, or each of a list, to a set; gives back how many are new.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.sadd("tags", ["red", "blue"]);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn sadd(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
        values: Dynamic,
    ) -> Result<i64, Raise> {
        let mut words = vec![word("SADD"), word(key)];
        words.extend(words_of(&ctx, &values, "a value")?);
        number(&ctx, store, words)
    }

    /// The values of a set, sorted.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.smembers("tags") == ["blue", "red"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn smembers(
        ctx: NativeCallContext,
        store: &mut Store,
        key: &str,
    ) -> Result<Dynamic, Raise> {
        run_then(&ctx, store, vec![word("SMEMBERS"), word(key)], sorted).map(to_script)
    }

    /// Sends a message to a channel; gives back how many got it.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// assert cache.publish("news", "hello") >= 0;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn publish(
        ctx: NativeCallContext,
        store: &mut Store,
        channel: &str,
        message: Dynamic,
    ) -> Result<i64, Raise> {
        let message = word_of(&ctx, &message, "the message")?;
        number(&ctx, store, vec![word("PUBLISH"), word(channel), message])
    }

    /// Removes every key of the database.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1/9");
    /// cache.flush();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn flush(ctx: NativeCallContext, store: &mut Store) -> Result<(), Raise> {
        run(&ctx, store, vec![word("FLUSHDB")]).map(|_| ())
    }

    /// Does any command, given as a list of its words.
    ///
    /// ```rhai,no_run
    /// let cache = redis.connect("redis://127.0.0.1");
    /// cache.command(["ZADD", "ranks", 10, "Ada"]);
    /// assert cache.command(["ZSCORE", "ranks", "Ada"]) == "10";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn command(
        ctx: NativeCallContext,
        store: &mut Store,
        words: Array,
    ) -> Result<Dynamic, Raise> {
        let words = words_of(&ctx, &words.into(), "a word")?;
        run(&ctx, store, words)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai,no_run
    /// redis.connect("redis://127.0.0.1").close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(store: &mut Store) {
        store.0.close();
    }

    /// The server in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(store: &mut Store) -> String {
        store.0.connector.server()
    }
}

fn open(ctx: &NativeCallContext, url: &str, options: Map) -> Result<Store, Raise> {
    let attempt = script::attempt_for(ctx, "redis.connect")?;
    let read = || -> Result<Target, Failure> {
        let mut options = Options::new("redis.connect", options);
        let common = Common::read(&mut options, &attempt)?;
        options.finish()?;
        let address = Address::parse(url, &SERVICE)?;
        address.hide_password(&attempt.world().masker);
        Ok(Target { address, common })
    };
    let target = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let call = Call {
        kind: "redis",
        title: format!("connect to {}", target.server()),
        asked: serde_json::Map::new(),
    };
    let limit = target.common.timeout;
    let session = Session::new(target, limit, attempt.runtime().clone());
    perform(ctx, &attempt, call, session.open(), |()| {
        Answered::default()
    })?;
    let session = Arc::new(session);
    end_with_phase(&attempt, &session);
    Ok(Store(session))
}

fn word(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn word_of(ctx: &NativeCallContext, value: &Dynamic, name: &str) -> Result<Vec<u8>, Raise> {
    content(value, name).map_err(|failure| script::usage(ctx, failure))
}

/// One value, or each of a list.
fn words_of(ctx: &NativeCallContext, values: &Dynamic, name: &str) -> Result<Words, Raise> {
    let values = values.flatten_clone();
    let words: Words = match values.read_lock::<Array>() {
        Some(list) => list
            .iter()
            .map(|value| word_of(ctx, value, name))
            .collect::<Result<_, _>>()?,
        None => vec![word_of(ctx, &values, name)?],
    };
    match words.is_empty() {
        true => Err(script::usage(
            ctx,
            Failure::usage(format!("`{}` got an empty list", ctx.fn_name())),
        )),
        false => Ok(words),
    }
}

fn run(ctx: &NativeCallContext, store: &Store, words: Words) -> Result<Dynamic, Raise> {
    run_then(ctx, store, words, Ok).map(to_script)
}

fn number(ctx: &NativeCallContext, store: &Store, words: Words) -> Result<i64, Raise> {
    run_then(ctx, store, words, |value| match value {
        Value::Int(number) => Ok(number),
        other => Err(ClientError::refused(format!(
            "redis: expected a number, got {}",
            other.in_words()
        ))),
    })
}

fn run_then<T>(
    ctx: &NativeCallContext,
    store: &Store,
    words: Words,
    wanted: impl FnOnce(Value) -> Result<T, ClientError>,
) -> Result<T, Raise> {
    let attempt = script::attempt_for(ctx, &format!("redis.{}", ctx.fn_name()))?;
    let shown = body::show(&words);
    let call = Call {
        kind: "redis",
        title: crate::host::json::cut(&shown, 80),
        asked: serde_json::Map::from_iter([(
            "command".to_owned(),
            crate::host::json::cut(&shown, 500).into(),
        )]),
    };
    let server = store.0.connector.server();
    let work = store.0.call(async |link| link.run(&server, &words).await);
    let tell = |value: &Value| {
        let account = value.account();
        Answered::default()
            .with("answer", account.clone())
            .showing(crate::host::json::cut(&account.to_string(), 2000))
    };
    perform_then(ctx, &attempt, call, work, tell, wanted)
}

fn sorted(value: Value) -> Result<Value, ClientError> {
    Ok(match value {
        Value::List(mut items) => {
            items.sort_by_key(|item| item.to_json().to_string());
            Value::List(items)
        }
        other => other,
    })
}

/// The flat list of the older protocol as a map.
fn pairs(value: Value) -> Result<Value, ClientError> {
    let Value::List(items) = value else {
        return Ok(value);
    };
    let mut items = items.into_iter();
    let mut entries = Vec::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        entries.push((body::name(key), value));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Value::Map(entries))
}
