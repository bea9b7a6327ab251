//! What a URL and the options of `sql.connect` mean.

use std::sync::Arc;

use super::super::body::{Target, Wanted};
use super::Db;
use crate::client::perform::{Answered, Call, perform};
use crate::client::session::end_with_phase;
use crate::client::{Common, Connector, Session};
use crate::files;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::{Map, NativeCallContext};

pub(super) fn connect(ctx: &NativeCallContext, url: &str, options: Map) -> Result<Db, Raise> {
    let attempt = script::attempt_for(ctx, "sql.connect")?;
    let target =
        target(&attempt, url, options).map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = target.limit();
    let title = format!("connect to {}", target.server());
    let session = Session::new(target, limit, attempt.runtime().clone());
    let call = Call {
        kind: "sql",
        title,
        asked: serde_json::Map::new(),
    };
    perform(ctx, &attempt, call, session.open(), |()| {
        Answered::default()
    })?;
    let session = Arc::new(session);
    end_with_phase(&attempt, &session);
    Ok(Db(session))
}

fn target(attempt: &Attempt, url: &str, options: Map) -> Result<Target, Failure> {
    let mut options = Options::new("sql.connect", options);
    let common = Common::read(&mut options, attempt)?;
    let create = options.flag("create")?;
    options.finish()?;
    let wanted = Wanted::parse(url)?;
    if create.is_some() && !matches!(wanted, Wanted::File { .. }) {
        return Err(Failure::usage(
            "option `create` of `sql.connect` is for files of sqlite only",
        ));
    }
    Ok(match wanted {
        Wanted::Memory => Target::memory(common),
        Wanted::Server(database, address) => {
            address.hide_password(&attempt.world().masker);
            Target::server(database, address, common)
        }
        Wanted::File {
            path,
            may_create,
            read_only,
        } => {
            let may_create = create.unwrap_or(may_create);
            let found = match path.starts_with('/') {
                true => Some(path.clone().into()),
                false => files::body::locate(attempt, &path)?,
            };
            let place = match found {
                Some(place) => place,
                None => files::body::work_dir(attempt)?.join(&path),
            };
            Target::file(place, may_create, read_only, common)
        }
    })
}
