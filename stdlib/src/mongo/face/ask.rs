//! How a call becomes a step.

use super::super::body::{Link, SERVICE, Target};
use super::{Collection, Documents};
use crate::client::perform::{Answered, Call, perform};
use crate::client::script::from_script;
use crate::client::session::end_with_phase;
use crate::client::{Address, ClientError, Common, Connector, Session, Value};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::{Dynamic, Map, NativeCallContext};
use std::sync::Arc;

pub(super) fn connect(
    ctx: &NativeCallContext,
    url: &str,
    options: Map,
) -> Result<Documents, Raise> {
    let attempt = script::attempt_for(ctx, "mongo.connect")?;
    let read = || -> Result<Target, Failure> {
        let mut options = Options::new("mongo.connect", options);
        let common = Common::read(&mut options, &attempt)?;
        let database = options.text("database")?;
        options.finish()?;
        let address = Address::parse(url, &SERVICE)?;
        address.hide_password(&attempt.world().masker);
        let named = Some(address.path.clone()).filter(|name| !name.is_empty());
        let database = database.or(named).unwrap_or_else(|| "test".into());
        Ok(Target {
            address,
            common,
            database,
        })
    };
    let target = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let call = Call {
        kind: "mongo",
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
    Ok(Documents(session))
}

/// Does `work` on the connection as one step: `what` is the verb with the collection, `given` what goes with it.
pub(super) fn ask(
    ctx: &NativeCallContext,
    db: &Documents,
    what: &str,
    given: &[(&str, &Value)],
    work: impl AsyncFnOnce(&mut Link) -> Result<Value, ClientError>,
) -> Result<Value, Raise> {
    let attempt = script::attempt_for(ctx, &format!("mongo.{}", ctx.fn_name()))?;
    let shown: Vec<String> = given
        .iter()
        .map(|(_, value)| json::cut(&value.account().to_string(), 60))
        .collect();
    let call = Call {
        kind: "mongo",
        title: format!("{what} {}", shown.join(" ")).trim_end().to_owned(),
        asked: given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.account()))
            .collect(),
    };
    let tell = |value: &Value| {
        let account = value.account();
        let answered = match value {
            Value::List(items) => Answered::default().with("documents", items.len()),
            _ => Answered::default(),
        };
        let shown = json::cut(&account.to_string(), 2000);
        answered.with("answer", account).showing(shown)
    };
    perform(ctx, &attempt, call, db.0.call(work), tell)
}

/// A script value, or usage.
pub(super) fn read(ctx: &NativeCallContext, value: &Dynamic, name: &str) -> Result<Value, Raise> {
    from_script(value, name).map_err(|failure| script::usage(ctx, failure))
}

impl Collection {
    pub(super) fn db(&self) -> &Documents {
        &self.db
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn of(db: &Documents, name: &str) -> Self {
        Self {
            db: db.clone(),
            name: name.to_owned(),
        }
    }
}
