//! Which client of this attempt stands behind `http` or a client a script made.
//!
//! A script value is only a description and may be captured at load; jar and token begin with the attempt.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use super::super::body::{
    Auth, Checked, Client, ClientSpec, HttpError, Mask, Request, Timeouts, Transports,
};
use crate::host::attempt::Attempt;
use crate::host::world::World;

/// `http`, or what `http.client(…)` gives.
#[derive(Debug, Clone)]
pub struct Http(pub(super) Arc<Description>);

/// What a client is, as far as the script says; the rest comes from the run.
#[derive(Debug, Default)]
pub(super) struct Description {
    /// Whether a script made it, rather than being `http` itself.
    pub(super) is_custom: bool,
    pub(super) spec: ClientSpec,
    pub(super) limits: Limits,
    /// Directory relative paths start from.
    pub(super) directory: PathBuf,
    /// What it came to in the run that used it last: the same for all of its attempts.
    pub(super) checked: Mutex<Option<(Weak<World>, Arc<Checked>)>>,
}

/// Time limits as a script gave them; what is absent comes from further out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) connect: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
    pub(super) idle: Option<Duration>,
    pub(super) total: Option<Duration>,
}

impl Limits {
    /// These limits, and those of `outer` where there are none.
    pub(super) fn over(self, outer: Self) -> Self {
        Self {
            connect: self.connect.or(outer.connect),
            first_byte: self.first_byte.or(outer.first_byte),
            idle: self.idle.or(outer.idle),
            total: self.total.or(outer.total),
        }
    }

    /// What they come to in this run, on this machine.
    pub(super) fn timeouts(self, world: &World) -> Timeouts {
        let default = Timeouts::default();
        let scaled = |limit: Option<Duration>| limit.map(|limit| world.scaled(limit));
        Timeouts {
            connect: scaled(self.connect.or(default.connect)),
            first_byte: scaled(self.first_byte),
            idle: scaled(self.idle),
            total: scaled(self.total.or(Some(world.http_timeout))),
        }
    }
}

/// The clients an attempt has used so far, each with its description: one or two, so a list is the quickest map.
#[derive(Default)]
struct Sessions(Mutex<Vec<(Arc<Description>, Arc<Client>)>>);

impl Http {
    /// The value behind the name `http`: the same description for everybody, since it says nothing.
    pub(super) fn standard() -> Self {
        static STANDARD: OnceLock<Arc<Description>> = OnceLock::new();
        Self(STANDARD.get_or_init(Arc::default).clone())
    }

    /// The client of this attempt for the description, made when it is used for the first time.
    pub(super) fn client(&self, attempt: &Attempt) -> Result<Arc<Client>, HttpError> {
        let sessions = attempt.locals().get::<Sessions>();
        let mut sessions = sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = sessions.iter().find(|(of, _)| Arc::ptr_eq(of, &self.0)) {
            return Ok(client.clone());
        }
        let hiding = attempt.world().clone();
        let mask = Mask::new(move |text| match hiding.masker.mask(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        });
        let client = Arc::new(Client::of(self.checked(attempt.world())?).masking(mask));
        sessions.push((self.0.clone(), client.clone()));
        Ok(client)
    }

    /// Whether a header is given by the client or the request.
    pub(super) fn has_header(&self, name: &str, request: &Request) -> bool {
        let mut given = self.0.spec.headers.iter().chain(&request.headers);
        given.any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The description as it is in this run, checked once for all attempts.
    fn checked(&self, world: &Arc<World>) -> Result<Arc<Checked>, HttpError> {
        let kept = &self.0.checked;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, checked)) = kept.as_ref()
            && of.as_ptr() == Arc::as_ptr(world)
        {
            return Ok(checked.clone());
        }
        let spec = self.spec(world)?;
        if let Auth::OAuth2(oauth) = &spec.auth {
            world.masker.add("client_secret", &oauth.client_secret);
        }
        let transports = world.shared.get::<Transports>();
        let checked = Arc::new(Checked::new(Arc::new(spec), transports)?);
        *kept = Some((Arc::downgrade(world), checked.clone()));
        Ok(checked)
    }

    /// The description with everything filled in that the run decides.
    fn spec(&self, world: &World) -> Result<ClientSpec, HttpError> {
        let mut spec = self.0.spec.clone();
        spec.base_url = match (spec.base_url.take(), &world.base_url) {
            (None, base) if spec.unix_socket.is_none() => base.clone(),
            // A client for a part of the site: `base_url: "/api/v1"`.
            (Some(path), Some(base)) if path.starts_with('/') => {
                Some(format!("{}{path}", base.trim_end_matches('/')))
            }
            (Some(path), None) if path.starts_with('/') => {
                return Err(HttpError::BadUrl {
                    given: path,
                    reason: "a base URL that is a path belongs to the base URL of the run, and none is configured".to_owned(),
                    hint: Some("set it with --base-url or in scenario.toml, or write the whole URL".to_owned()),
                });
            }
            (own, _) => own,
        };
        let configured = world
            .http_headers
            .iter()
            .filter(|(name, _)| {
                // A later mention would add to it instead of replacing it.
                let is_same = |(own, _): &(String, Option<String>)| own.eq_ignore_ascii_case(name);
                !spec.headers.iter().any(is_same)
            })
            .map(|(name, value)| (name.clone(), Some(value.clone())))
            .collect::<Vec<_>>();
        spec.headers.splice(0..0, configured);
        spec.timeouts = self.0.limits.timeouts(world);
        Ok(spec)
    }
}
