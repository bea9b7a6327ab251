//! The names scripts use.

use super::body::{Link, Outgoing, SERVICE, Target};
use crate::client::message::{Wait, limit, wait};
use crate::client::perform::{Answered, Call, perform, waited};
use crate::client::script::{content, to_script};
use crate::client::session::end_with_phase;
use crate::client::{Address, ClientError, Common, Connector, Session, Value};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use std::sync::Arc;
use std::time::Duration;

/// The value behind the name `amqp`.
#[derive(Debug, Clone, Copy)]
pub struct Amqp;

/// What `amqp.connect` gives.
#[derive(Clone)]
pub struct Broker(Arc<Session<Target>>);

#[export_module]
pub mod amqp {
    /// Connects to RabbitMQ, or another broker of AMQP 0.9.1: `amqp://user:password@host:5672/vhost`, or `amqps://`. Without a
    /// vhost it is `/`. Fails within 5 seconds when nobody is there. The connection ends with the phase.
    ///
    /// ```rhai,no_run
    /// let broker = amqp.connect("amqp://guest:guest@127.0.0.1:5672");
    /// broker.declare_queue("jobs");
    /// broker.publish("jobs", #{ id: 7 });
    /// assert broker.wait_for_message("jobs", "5s").json.id == 7;
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_plain(
        ctx: NativeCallContext,
        amqp: &mut Amqp,
        url: &str,
    ) -> Result<Broker, Raise> {
        let _ = amqp;
        open(&ctx, url, Map::new())
    }

    /// Like `connect(url)` with options: `timeout` of one call (30s) and `connect_timeout` (5s).
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_with(
        ctx: NativeCallContext,
        amqp: &mut Amqp,
        url: &str,
        options: Map,
    ) -> Result<Broker, Raise> {
        let _ = amqp;
        open(&ctx, url, options)
    }

    /// Makes a queue, unless it is there alike; gives back its name.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").declare_queue("jobs");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn declare_queue(
        ctx: NativeCallContext,
        broker: &mut Broker,
        name: &str,
    ) -> Result<Dynamic, Raise> {
        let title = format!("declare queue {name}");
        ask(&ctx, broker, title, async |link| {
            link.declare_queue(name, false).await
        })
        .map(to_script)
    }

    /// Like `declare_queue(name)` with the option `durable`: `true` lets it outlive the broker.
    #[rhai_fn(name = "declare_queue", return_raw, pure)]
    pub fn declare_queue_with(
        ctx: NativeCallContext,
        broker: &mut Broker,
        name: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        let durable = durable(&ctx, "amqp.declare_queue", options)?;
        let title = format!("declare queue {name}");
        ask(&ctx, broker, title, async |link| {
            link.declare_queue(name, durable).await
        })
        .map(to_script)
    }

    /// Makes an exchange of the type `direct`, `fanout`, `topic` or `headers`, unless it is there alike.
    ///
    /// ```rhai,no_run
    /// let broker = amqp.connect("amqp://127.0.0.1");
    /// broker.declare_exchange("events", "topic");
    /// broker.bind("jobs", "events", "order.*");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn declare_exchange(
        ctx: NativeCallContext,
        broker: &mut Broker,
        name: &str,
        kind: &str,
    ) -> Result<(), Raise> {
        let title = format!("declare exchange {name}");
        ask(&ctx, broker, title, async |link| {
            link.declare_exchange(name, kind, false).await
        })
        .map(|_| ())
    }

    /// Like `declare_exchange(name, type)` with the option `durable`.
    #[rhai_fn(name = "declare_exchange", return_raw, pure)]
    pub fn declare_exchange_with(
        ctx: NativeCallContext,
        broker: &mut Broker,
        name: &str,
        kind: &str,
        options: Map,
    ) -> Result<(), Raise> {
        let durable = durable(&ctx, "amqp.declare_exchange", options)?;
        let title = format!("declare exchange {name}");
        ask(&ctx, broker, title, async |link| {
            link.declare_exchange(name, kind, durable).await
        })
        .map(|_| ())
    }

    /// Lets a queue take what comes to an exchange with a routing key.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").bind("jobs", "events", "order.*");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn bind(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
        exchange: &str,
        key: &str,
    ) -> Result<(), Raise> {
        let title = format!("bind {queue} to {exchange} {key}");
        ask(&ctx, broker, title, async |link| {
            link.bind(queue, exchange, key).await
        })
        .map(|_| ())
    }

    /// Sends a message to a queue: text, bytes, or a map or list as JSON. Fails when there is no such queue.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").publish("jobs", #{ id: 7 });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn publish(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
        message: Dynamic,
    ) -> Result<(), Raise> {
        send(&ctx, broker, queue, &message, Map::new())
    }

    /// Like `publish(key, message)` with options: `exchange` (then the first argument is the routing key), `headers`,
    /// `content_type`, and `persistent`. Fails when no queue takes it.
    ///
    /// ```rhai,no_run
    /// let broker = amqp.connect("amqp://127.0.0.1");
    /// broker.publish("order.new", #{ id: 7 }, #{ exchange: "events", headers: #{ source: "test" } });
    /// ```
    #[rhai_fn(name = "publish", return_raw, pure)]
    pub fn publish_with(
        ctx: NativeCallContext,
        broker: &mut Broker,
        key: &str,
        message: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        send(&ctx, broker, key, &message, options)
    }

    /// Takes the next message off a queue, without waiting; `()` when there is none.
    ///
    /// ```rhai,no_run
    /// assert amqp.connect("amqp://127.0.0.1").get("jobs") == ();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, broker: &mut Broker, queue: &str) -> Result<Dynamic, Raise> {
        let title = format!("get from {queue}");
        let got = ask(&ctx, broker, title, async |link| {
            Ok(link
                .take(queue, Duration::ZERO)
                .await?
                .unwrap_or(Value::Null))
        })?;
        Ok(to_script(got))
    }

    /// Takes the next message off a queue: a map of `data`, `json` (what `data` says, or `()`), `headers`, `exchange`, `routing_key`,
    /// `content_type`, `reply_to` and `correlation_id`. Fails when none comes in time.
    ///
    /// ```rhai,no_run
    /// assert amqp.connect("amqp://127.0.0.1").wait_for_message("jobs", "5s").json.id == 7;
    /// ```
    #[rhai_fn(name = "wait_for_message", return_raw, pure)]
    pub fn wait_within(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
        within: &str,
    ) -> Result<Dynamic, Raise> {
        receive(&ctx, broker, queue, within, None)
    }

    /// Takes messages off a queue until the closure is true for one; those before it are gone.
    #[rhai_fn(name = "wait_for_message", return_raw, pure)]
    pub fn wait_which(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
        within: &str,
        which: FnPtr,
    ) -> Result<Dynamic, Raise> {
        receive(&ctx, broker, queue, within, Some(&which))
    }

    /// How many messages lie in a queue.
    ///
    /// ```rhai,no_run
    /// let broker = amqp.connect("amqp://127.0.0.1");
    /// wait_until("10s", || broker.count("jobs") == 0);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn count(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
    ) -> Result<Dynamic, Raise> {
        let title = format!("count {queue}");
        ask(&ctx, broker, title, async |link| link.count(queue).await).map(to_script)
    }

    /// Removes all messages of a queue; gives back how many there were.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").purge("jobs");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn purge(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
    ) -> Result<Dynamic, Raise> {
        let title = format!("purge {queue}");
        ask(&ctx, broker, title, async |link| link.purge(queue).await).map(to_script)
    }

    /// Removes a queue; gives back how many messages went with it.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").delete_queue("jobs");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn delete_queue(
        ctx: NativeCallContext,
        broker: &mut Broker,
        queue: &str,
    ) -> Result<Dynamic, Raise> {
        let title = format!("delete queue {queue}");
        ask(&ctx, broker, title, async |link| {
            link.delete_queue(queue).await
        })
        .map(to_script)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai,no_run
    /// amqp.connect("amqp://127.0.0.1").close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(broker: &mut Broker) {
        broker.0.close();
    }

    /// The broker in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(broker: &mut Broker) -> String {
        broker.0.connector.server()
    }
}

fn call(title: String) -> Call<'static> {
    Call {
        kind: "amqp",
        title,
        asked: serde_json::Map::new(),
    }
}

fn open(ctx: &NativeCallContext, url: &str, options: Map) -> Result<Broker, Raise> {
    let attempt = script::attempt_for(ctx, "amqp.connect")?;
    let read = || -> Result<Target, Failure> {
        let mut options = Options::new("amqp.connect", options);
        let common = Common::read(&mut options, &attempt)?;
        options.finish()?;
        let address = Address::parse(url, &SERVICE)?;
        address.hide_password(&attempt.world().masker);
        // To the driver, `host/` is the vhost without a name; people mean the default one.
        let url = match address.path.is_empty() {
            true => url.trim_end_matches('/').to_owned(),
            false => url.to_owned(),
        };
        Ok(Target {
            address,
            common,
            url,
        })
    };
    let target = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let title = format!("connect to {}", target.server());
    let limit = target.common.timeout;
    let session = Session::new(target, limit, attempt.runtime().clone());
    perform(ctx, &attempt, call(title), session.open(), |()| {
        Answered::default()
    })?;
    let session = Arc::new(session);
    end_with_phase(&attempt, &session);
    Ok(Broker(session))
}

fn durable(ctx: &NativeCallContext, owner: &str, options: Map) -> Result<bool, Raise> {
    let mut options = Options::new(owner, options);
    let durable = options
        .flag("durable")
        .and_then(|durable| options.finish().map(|()| durable));
    durable
        .map(|durable| durable.unwrap_or(false))
        .map_err(|failure| script::usage(ctx, failure))
}

fn ask(
    ctx: &NativeCallContext,
    broker: &Broker,
    title: String,
    work: impl AsyncFnOnce(&mut Link) -> Result<Value, ClientError>,
) -> Result<Value, Raise> {
    let attempt = script::attempt_for(ctx, &format!("amqp.{}", ctx.fn_name()))?;
    let tell = |value: &Value| match value {
        Value::Null => Answered::default(),
        value => {
            let account = value.account();
            Answered::default()
                .with("answer", account.clone())
                .showing(json::cut(&account.to_string(), 2000))
        }
    };
    perform(ctx, &attempt, call(title), broker.0.call(work), tell)
}

fn send(
    ctx: &NativeCallContext,
    broker: &Broker,
    key: &str,
    message: &Dynamic,
    options: Map,
) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, "amqp.publish")?;
    let read = || -> Result<(String, Outgoing), Failure> {
        let mut options = Options::new("amqp.publish", options);
        let exchange = options.text("exchange")?.unwrap_or_default();
        let headers = options.map("headers")?.unwrap_or_default();
        let media = options.text("content_type")?;
        let persistent = options.flag("persistent")?.unwrap_or(false);
        options.finish()?;
        let is_json = message.is_map() || message.is_array();
        let usual = if is_json {
            "application/json"
        } else {
            "text/plain"
        };
        let headers = headers.iter().map(|(name, value)| {
            (
                name.to_string(),
                json::show(value, 1000).trim_matches('"').to_owned(),
            )
        });
        let outgoing = Outgoing {
            payload: content(message, "the message")?,
            headers: headers.collect(),
            media: media.unwrap_or_else(|| usual.to_owned()),
            persistent,
        };
        Ok((exchange, outgoing))
    };
    let (exchange, outgoing) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let title = format!(
        "publish {exchange} {key} ({} bytes)",
        outgoing.payload.len()
    )
    .replace("  ", " ");
    ask(ctx, broker, title, async |link| {
        link.publish(&exchange, key, outgoing).await
    })
    .map(|_| ())
}

fn receive(
    ctx: &NativeCallContext,
    broker: &Broker,
    queue: &str,
    within: &str,
    which: Option<&FnPtr>,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt_for(ctx, "amqp.wait_for_message")?;
    let what = Wait {
        kind: "amqp",
        place: format!("`{queue}`"),
        limit: limit(ctx, &attempt, Some(within))?,
        which,
    };
    // In slices, so that others may use the connection in between, and the limit of a call is none of the wait.
    let slice = Duration::from_millis(50).min(broker.0.limit / 2);
    wait(ctx, &attempt, &what, |left| {
        let end = std::time::Instant::now() + left;
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            let work = broker
                .0
                .call(async |link| link.take(queue, left.min(slice)).await);
            match waited(ctx, &attempt, work)? {
                None if left > slice => {}
                done => return Ok(done),
            }
        }
    })
}
