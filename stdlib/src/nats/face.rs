//! The names scripts use.

use super::body::{self, Inbox, SERVICE, Target};
use crate::client::message::{Wait, limit, wait};
use crate::client::perform::{Answered, Call, perform, waited};
use crate::client::script::{content, to_script};
use crate::client::session::end_with_phase;
use crate::client::{Address, ClientError, Common, Connector, Session, Value};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use async_nats::{Client, HeaderMap};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use std::sync::Arc;
use std::time::Duration;

/// The value behind the name `nats`.
#[derive(Debug, Clone, Copy)]
pub struct Nats;

/// What `nats.connect` gives.
#[derive(Clone)]
pub struct Bus(Arc<Session<Target>>);

/// What `bus.subscribe` gives.
#[derive(Clone)]
pub struct Subscription {
    inbox: Arc<Inbox>,
    subject: String,
}

#[export_module]
pub mod nats {
    /// Connects to a NATS server: `nats://user:password@host:4222`, `nats://token@host`, or `tls://`. Fails within 5 seconds
    /// when nobody is there. The connection ends with the phase.
    ///
    /// ```rhai,no_run
    /// let bus = nats.connect("nats://127.0.0.1:4222");
    /// let created = bus.subscribe("orders.created");
    /// bus.publish("orders.new", #{ sku: "MUG-1" });
    /// assert created.wait_for_message("5s").json.sku == "MUG-1";
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_plain(ctx: NativeCallContext, nats: &mut Nats, url: &str) -> Result<Bus, Raise> {
        let _ = nats;
        open(&ctx, url, Map::new())
    }

    /// Like `connect(url)` with options: `timeout` of one call (30s), `connect_timeout` (5s), and `ca`, `cert`, `key`,
    /// `insecure` as in `http.client`.
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_with(
        ctx: NativeCallContext,
        nats: &mut Nats,
        url: &str,
        options: Map,
    ) -> Result<Bus, Raise> {
        let _ = nats;
        open(&ctx, url, options)
    }

    /// Sends a message: text, bytes, or a map or list as JSON.
    ///
    /// ```rhai,no_run
    /// let bus = nats.connect("nats://127.0.0.1");
    /// bus.publish("orders.new", #{ sku: "MUG-1" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn publish(
        ctx: NativeCallContext,
        bus: &mut Bus,
        subject: &str,
        message: Dynamic,
    ) -> Result<(), Raise> {
        send(&ctx, bus, subject, &message, Map::new())
    }

    /// Like `publish(subject, message)` with the option `headers`, a map.
    #[rhai_fn(name = "publish", return_raw, pure)]
    pub fn publish_with(
        ctx: NativeCallContext,
        bus: &mut Bus,
        subject: &str,
        message: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        send(&ctx, bus, subject, &message, options)
    }

    /// Sends a message and gives back the answer to it, which has to come within 30 seconds, or the time given last.
    ///
    /// ```rhai,no_run
    /// let bus = nats.connect("nats://127.0.0.1");
    /// assert bus.request("prices.get", "MUG-1", "2s").json.price == 12.5;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn request(
        ctx: NativeCallContext,
        bus: &mut Bus,
        subject: &str,
        message: Dynamic,
    ) -> Result<Dynamic, Raise> {
        ask(&ctx, bus, subject, &message, None)
    }

    /// Like `request(subject, message)` within a time.
    #[rhai_fn(name = "request", return_raw, pure)]
    pub fn request_within(
        ctx: NativeCallContext,
        bus: &mut Bus,
        subject: &str,
        message: Dynamic,
        within: &str,
    ) -> Result<Dynamic, Raise> {
        ask(&ctx, bus, subject, &message, Some(within))
    }

    /// Keeps the messages of a subject from now on; `*` stands for a word of it, `>` for all that follow. Subscribe before
    /// doing what they come from.
    ///
    /// ```rhai,no_run
    /// let orders = nats.connect("nats://127.0.0.1").subscribe("orders.>");
    /// let message = orders.wait_for_message("5s");
    /// log(`${message.subject}: ${message.data}`);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn subscribe(
        ctx: NativeCallContext,
        bus: &mut Bus,
        subject: &str,
    ) -> Result<Subscription, Raise> {
        let attempt = script::attempt_for(&ctx, "nats.subscribe")?;
        let server = bus.0.connector.server();
        let runtime = attempt.runtime().clone();
        let work = bus
            .0
            .call(async |link| Inbox::open(link, &server, subject, runtime).await);
        let inbox = perform(
            &ctx,
            &attempt,
            call(format!("subscribe to {subject}")),
            work,
            |_| Answered::default(),
        )?;
        Ok(Subscription {
            inbox: Arc::new(inbox),
            subject: subject.to_owned(),
        })
    }

    /// The next message, a map of `subject`, `data`, `json` (what `data` says, or `()`), `headers` and `reply`; fails when none comes
    /// within the default time of waits (30s).
    #[rhai_fn(name = "wait_for_message", return_raw, pure)]
    pub fn wait_plain(
        ctx: NativeCallContext,
        subscription: &mut Subscription,
    ) -> Result<Dynamic, Raise> {
        receive(&ctx, subscription, None, None)
    }

    /// The next message; fails when none comes in time.
    ///
    /// ```rhai,no_run
    /// let orders = nats.connect("nats://127.0.0.1").subscribe("orders.created");
    /// assert orders.wait_for_message("5s").json.sku == "MUG-1";
    /// ```
    #[rhai_fn(name = "wait_for_message", return_raw, pure)]
    pub fn wait_within(
        ctx: NativeCallContext,
        subscription: &mut Subscription,
        within: &str,
    ) -> Result<Dynamic, Raise> {
        receive(&ctx, subscription, Some(within), None)
    }

    /// The first message for which the closure is true; others are passed over.
    ///
    /// ```rhai,no_run
    /// let orders = nats.connect("nats://127.0.0.1").subscribe("orders.created");
    /// orders.wait_for_message("5s", |message| message.json.id == 7);
    /// ```
    #[rhai_fn(name = "wait_for_message", return_raw, pure)]
    pub fn wait_which(
        ctx: NativeCallContext,
        subscription: &mut Subscription,
        within: &str,
        which: FnPtr,
    ) -> Result<Dynamic, Raise> {
        receive(&ctx, subscription, Some(within), Some(&which))
    }

    /// The messages that have come and were not taken yet, without waiting.
    ///
    /// ```rhai,no_run
    /// let errors = nats.connect("nats://127.0.0.1").subscribe("errors.>");
    /// assert errors.messages() == [];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn messages(
        ctx: NativeCallContext,
        subscription: &mut Subscription,
    ) -> Result<Dynamic, Raise> {
        let attempt = script::attempt_for(&ctx, "subscription.messages")?;
        let inbox = subscription.inbox.clone();
        let work = async {
            let mut all = Vec::new();
            while let Some(message) = inbox.next(Duration::ZERO).await {
                all.push(message);
            }
            Ok(Value::List(all))
        };
        let tell = |value: &Value| {
            Answered::default()
                .with("answer", value.account())
                .showing(value.account().to_string())
        };
        let title = format!("messages on {}", subscription.subject);
        perform(&ctx, &attempt, call(title), work, tell).map(to_script)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai,no_run
    /// nats.connect("nats://127.0.0.1").close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(bus: &mut Bus) {
        bus.0.close();
    }

    /// The server in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(bus: &mut Bus) -> String {
        bus.0.connector.server()
    }

    /// The subscription in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show_subscription(subscription: &mut Subscription) -> String {
        format!("subscription to {}", subscription.subject)
    }
}

fn call(title: String) -> Call<'static> {
    Call {
        kind: "nats",
        title,
        asked: serde_json::Map::new(),
    }
}

fn open(ctx: &NativeCallContext, url: &str, options: Map) -> Result<Bus, Raise> {
    let attempt = script::attempt_for(ctx, "nats.connect")?;
    let read = || -> Result<Target, Failure> {
        let mut options = Options::new("nats.connect", options);
        let common = Common::read(&mut options, &attempt)?;
        options.finish()?;
        let address = Address::parse(url, &SERVICE)?;
        address.hide_password(&attempt.world().masker);
        if let (Some(token), None) = (&address.user, &address.password) {
            attempt.world().masker.add("nats token", token);
        }
        Ok(Target { address, common })
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
    Ok(Bus(session))
}

fn send(
    ctx: &NativeCallContext,
    bus: &Bus,
    subject: &str,
    message: &Dynamic,
    options: Map,
) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, "nats.publish")?;
    let read = || -> Result<(Vec<u8>, HeaderMap), Failure> {
        let mut options = Options::new("nats.publish", options);
        let given = options.map("headers")?.unwrap_or_default();
        options.finish()?;
        let mut headers = HeaderMap::new();
        for (name, value) in &given {
            headers.insert(name.as_str(), json::show(value, 1000).trim_matches('"'));
        }
        Ok((content(message, "the message")?, headers))
    };
    let (payload, headers) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let server = bus.0.connector.server();
    let title = format!("publish {} ({} bytes)", subject, payload.len());
    let work = bus.0.call(async |link: &mut Client| {
        body::publish(link, &server, subject, headers, payload).await
    });
    perform(ctx, &attempt, call(title), work, |()| Answered::default())
}

fn ask(
    ctx: &NativeCallContext,
    bus: &Bus,
    subject: &str,
    message: &Dynamic,
    within: Option<&str>,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt_for(ctx, "nats.request")?;
    let payload =
        content(message, "the message").map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = match within {
        Some(_) => limit(ctx, &attempt, within)?,
        None => bus.0.limit,
    };
    let server = bus.0.connector.server();
    let title = format!("request {subject}");
    let work = async {
        // Not held while waiting: who answers may do so over the same connection.
        let link = bus
            .0
            .call(async |link: &mut Client| Ok(link.clone()))
            .await?;
        body::request(&link, &server, subject, payload, limit).await
    };
    let tell = |value: &Value| {
        Answered::default()
            .with("answer", value.account())
            .showing(value.account().to_string())
    };
    perform(ctx, &attempt, call(title), work, tell).map(to_script)
}

fn receive(
    ctx: &NativeCallContext,
    subscription: &Subscription,
    within: Option<&str>,
    which: Option<&FnPtr>,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt_for(ctx, "subscription.wait_for_message")?;
    let what = Wait {
        kind: "nats",
        place: format!("`{}`", subscription.subject),
        limit: limit(ctx, &attempt, within)?,
        which,
    };
    let inbox = subscription.inbox.clone();
    wait(ctx, &attempt, &what, |left| {
        waited(ctx, &attempt, async {
            Ok::<_, ClientError>(inbox.next(left).await)
        })
    })
}
