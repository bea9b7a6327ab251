//! Which contexts belong to an attempt, and when do they end: with its phase.

use super::super::context::Context;
use super::super::error::TabError;
use super::super::flags::Launch;
use super::super::options::{ContextOptions, Device};
use super::super::pool;
use super::super::tab::Until;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::suggest;
use std::sync::Arc;
use std::time::Duration;

/// The context that pages of an attempt are in unless they ask for another.
#[derive(Default)]
struct Usual(tokio::sync::Mutex<Option<Arc<Context>>>);

/// The usual context of the attempt, opened on first need; another one when its browser has gone.
pub async fn usual(attempt: &Attempt) -> Result<Arc<Context>, Failure> {
    let usual = attempt.locals().get::<Usual>();
    let mut place = usual.0.lock().await;
    if let Some(context) = place.as_ref().filter(|context| context.is_usable()) {
        return Ok(context.clone());
    }
    let context = open(attempt, defaults(attempt)?, None).await?;
    *place = Some(context.clone());
    Ok(context)
}

/// What the settings say of every context.
pub fn defaults(attempt: &Attempt) -> Result<ContextOptions, Failure> {
    let mut options = ContextOptions::default();
    if let Some(viewport) = &attempt.world().browsing.viewport {
        options.device = Device::parse(viewport).ok_or_else(|| {
            Failure::usage(format!("`{viewport}` is no viewport"))
                .hint("write it like 1280x720, or DESKTOP, LAPTOP, TABLET or MOBILE")
        })?;
    }
    Ok(options)
}

/// A context of its own, in a browser of its own if `launch` says which.
pub async fn open(
    attempt: &Attempt,
    options: ContextOptions,
    launch: Option<Launch>,
) -> Result<Arc<Context>, Failure> {
    let lease = match launch {
        Some(launch) => pool::dedicated(attempt, &launch).await?,
        None => pool::lease(attempt).await?,
    };
    let opened = Context::open(lease, options.clone()).await;
    let context = match opened {
        // A browser may go between two scenarios: nothing was done in it yet.
        Err(TabError::Gone(_)) => Context::open(pool::lease(attempt).await?, options).await?,
        other => other?,
    };
    let ending = context.clone();
    attempt.on_end(Cleanup {
        title: "close the pages".into(),
        run: Box::new(move |attempt| {
            let closed = attempt.block_on(ending.close());
            // When there is no time left, it goes with its browser.
            if closed.is_err() {
                ending.host().give_up_on();
            }
            Ok(())
        }),
    });
    Ok(context)
}

/// How long pages may take.
pub fn patience(attempt: &Attempt) -> Duration {
    attempt.world().scaled(attempt.world().wait_timeout)
}

/// How far a page has to come, and how long that may take.
pub struct Arrival {
    pub until: Until,
    pub limit: Duration,
}

impl Arrival {
    /// Where nothing else is said.
    pub fn usual(attempt: &Attempt) -> Self {
        Self {
            until: Until::Load,
            limit: patience(attempt),
        }
    }
}

/// The options that an [`Arrival`] is read of.
pub const ARRIVAL: [&str; 2] = ["wait_until", "timeout"];

/// `wait_until` and `timeout` of whatever loads a page.
pub fn arrival(attempt: &Attempt, options: &mut Options) -> Result<Arrival, Failure> {
    let usual = Arrival::usual(attempt);
    let until = options.text("wait_until")?;
    let limit = options.duration("timeout")?;
    Ok(Arrival {
        until: until.map_or(Ok(usual.until), |text| self::until(&text))?,
        limit: limit.map_or(usual.limit, |limit| attempt.world().scaled(limit)),
    })
}

/// `wait_until` of an option map, as a script writes it.
pub fn until(text: &str) -> Result<Until, Failure> {
    Until::parse(text).ok_or_else(|| {
        Failure::usage(format!("`{text}` is no state of a page"))
            .hint("known are: commit, domcontentloaded, load, networkidle")
    })
}

/// What stands before `://` in addresses that browsers load.
const WITH_HOSTS: &[&str] = &["http", "https", "view-source"];

fn unknown_scheme(scheme: &str) -> Failure {
    let mut failure = Failure::usage(format!("browsers load nothing from `{scheme}://`"));
    failure.hint = suggest::hint(scheme, ["http", "https", "file"]);
    failure
}

/// What a script means by an address: relative ones start from the base URL.
pub fn address(attempt: &Attempt, url: &str) -> Result<String, Failure> {
    const SCHEMES: &[&str] = &[
        "about:",
        "data:",
        "blob:",
        "file:",
        "chrome:",
        "javascript:",
    ];
    let has_scheme = url.contains("://") || SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    if has_scheme {
        let scheme = url.split(':').next().unwrap_or_default();
        let is_known = SCHEMES.contains(&&*format!("{scheme}:")) || WITH_HOSTS.contains(&scheme);
        return match is_known {
            true => Ok(url.to_owned()),
            false => Err(unknown_scheme(scheme)),
        };
    }
    let Some(base) = &attempt.world().base_url else {
        return Err(Failure::usage(format!("`{url}` is no whole address"))
            .hint("write it with http://, or set `base_url` in scenario.toml or with --base-url"));
    };
    let base = base.trim_end_matches('/');
    Ok(format!("{base}/{}", url.trim_start_matches('/')))
}
