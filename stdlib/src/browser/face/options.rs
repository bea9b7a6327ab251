//! What do the options of a context mean?

use super::super::flags::Launch;
use super::super::options::{ContextOptions, Device, Geolocation};
use super::session::{self, Arrival};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use rhai::Map;

/// What a script wants of a context.
pub struct Wanted {
    pub context: ContextOptions,
    /// A browser of its own.
    pub launch: Option<Launch>,
}

/// Permissions by the names browsers have for them.
const PERMISSIONS: &[&str] = &[
    "geolocation",
    "notifications",
    "clipboard-read",
    "clipboard-write",
    "camera",
    "microphone",
    "midi",
    "background-sync",
    "persistent-storage",
    "storage-access",
];

/// Reads the options of `owner`.
pub fn read(owner: &str, given: Map, attempt: &Attempt) -> Result<Wanted, Failure> {
    let mut options = Options::new(owner, given);
    let wanted = of_context(&mut options, attempt)?;
    options.finish()?;
    Ok(wanted)
}

/// Reads the options of `browser.open`: those of a context, and how its page arrives. With only the latter there is no context
/// to be had of its own.
pub fn of_open(given: Map, attempt: &Attempt) -> Result<(Option<Wanted>, Arrival), Failure> {
    let is_own = given
        .keys()
        .any(|key| !session::ARRIVAL.contains(&key.as_str()));
    let mut options = Options::new("browser.open", given);
    let arrival = session::arrival(attempt, &mut options)?;
    let wanted = of_context(&mut options, attempt)?;
    options.finish()?;
    Ok((is_own.then_some(wanted), arrival))
}

fn of_context(options: &mut Options, attempt: &Attempt) -> Result<Wanted, Failure> {
    let mut wanted = session::defaults(attempt)?;
    if let Some(device) = device(options)? {
        wanted.device = device;
    }
    wanted.locale = options.text("locale")?;
    wanted.timezone = options.text("timezone")?;
    wanted.geolocation = geolocation(options)?;
    wanted.color_scheme = one_of(options, "color_scheme", &["light", "dark", "no-preference"])?;
    wanted.reduced_motion = options.flag("reduced_motion")?.unwrap_or(false);
    wanted.offline = options.flag("offline")?.unwrap_or(false);
    wanted.user_agent = options.text("user_agent")?;
    wanted.headers = pairs(options, "headers")?;
    wanted.permissions = options.texts("permissions")?.unwrap_or_default();
    wanted.insecure = options.flag("insecure")?.unwrap_or(false);
    wanted.auth = auth(options)?;
    wanted.storage = storage(options)?;
    wanted.block_service_workers = options.flag("block_service_workers")?.unwrap_or(false);
    wanted.bodies = options.flag("bodies")?.unwrap_or(false);
    wanted.block = options.texts("block")?.unwrap_or_default();
    let launch = launch(options, attempt)?;
    if let Some(wrong) = wanted
        .permissions
        .iter()
        .find(|name| !PERMISSIONS.contains(&name.as_str()))
    {
        let mut failure = Failure::usage(format!("there is no permission `{wrong}`"));
        failure.hint = crate::host::suggest::hint(wrong, PERMISSIONS.iter().copied());
        return Err(failure);
    }
    Ok(Wanted {
        context: wanted,
        launch,
    })
}

/// `viewport` (text, or a map of width and height), `device`, `touch`, `scale`.
fn device(options: &mut Options) -> Result<Option<Device>, Failure> {
    let wrong = |text: &str| {
        Failure::usage(format!("`{text}` is no viewport"))
            .hint("write it like \"1280x720\" or #{ width: 1280, height: 720 }, or DESKTOP, LAPTOP, TABLET, MOBILE")
    };
    let named = options.text("device")?;
    let mut device = named
        .map(|name| Device::parse(&name).ok_or_else(|| wrong(&name)))
        .transpose()?;
    if let Some(given) = options.take("viewport") {
        let size = match given.read_lock::<Map>() {
            Some(map) => {
                let mut size = Options::new("viewport", map.clone());
                let width = size.int("width", 1..=16_384)?.unwrap_or(1280);
                let height = size.int("height", 1..=16_384)?.unwrap_or(720);
                size.finish()?;
                Device::parse(&format!("{width}x{height}"))
            }
            None => Device::parse(&given.to_string()),
        };
        let size = size.ok_or_else(|| wrong(&json::show(&given, 60)))?;
        device = Some(match device {
            Some(named) => Device {
                width: size.width,
                height: size.height,
                ..named
            },
            None => size,
        });
    }
    if let Some(touch) = options.flag("touch")? {
        device.get_or_insert_default().touch = touch;
    }
    if let Some(scale) = options.number("scale")? {
        device.get_or_insert_default().scale = scale;
    }
    Ok(device)
}

/// What `storage_state()` gave: anything else would be left out silently.
fn storage(options: &mut Options) -> Result<Option<serde_json::Value>, Failure> {
    let Some(state) = options.json("storage_state")? else {
        return Ok(None);
    };
    match state["cookies"].is_array() && state["origins"].is_object() {
        true => Ok(Some(state)),
        false => Err(Failure::usage("`storage_state` is no storage state")
            .detail("got", json::cut(&state.to_string(), 80))
            .hint("it is what page.context.storage_state() gave, or read_json(\"…\") of that: #{ cookies: […], origins: #{ … } }")),
    }
}

fn geolocation(options: &mut Options) -> Result<Option<Geolocation>, Failure> {
    let Some(map) = options.map("geolocation")? else {
        return Ok(None);
    };
    let mut place = Options::new("geolocation", map);
    let (latitude, longitude) = (place.number("latitude")?, place.number("longitude")?);
    let accuracy = place.number("accuracy")?.unwrap_or(1.0);
    place.finish()?;
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => Ok(Some(Geolocation {
            latitude,
            longitude,
            accuracy,
        })),
        _ => Err(Failure::usage("a place needs `latitude` and `longitude`")),
    }
}

fn auth(options: &mut Options) -> Result<Option<(String, String)>, Failure> {
    let Some(map) = options.map("auth")? else {
        return Ok(None);
    };
    let mut auth = Options::new("auth", map);
    let (user, password) = (auth.text("user")?, auth.text("password")?);
    auth.finish()?;
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some((user, password))),
        _ => Err(Failure::usage("`auth` needs `user` and `password`")),
    }
}

/// A browser of its own, if one of these options asks for what a shared one cannot have.
fn launch(options: &mut Options, attempt: &Attempt) -> Result<Option<Launch>, Failure> {
    let dedicated = options.flag("dedicated")?.unwrap_or(false);
    let args = options.texts("args")?;
    let prefs = options.map("prefs")?;
    let proxy = options.text("proxy")?;
    if !dedicated && args.is_none() && prefs.is_none() && proxy.is_none() {
        return Ok(None);
    }
    let prefs = match json::to_json(&prefs.unwrap_or_default().into(), "prefs")
        .map_err(|error| Failure::usage(error.to_string()))?
    {
        serde_json::Value::Object(prefs) => prefs,
        _ => serde_json::Map::new(),
    };
    let browsing = &attempt.world().browsing;
    let common = browsing.args.iter().cloned();
    Ok(Some(Launch {
        headed: browsing.headed,
        args: common.chain(args.unwrap_or_default()).collect(),
        prefs,
        proxy,
    }))
}

fn pairs(options: &mut Options, key: &'static str) -> Result<Vec<(String, String)>, Failure> {
    let map = options.map(key)?.unwrap_or_default();
    let pairs = map
        .into_iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    Ok(pairs.collect())
}

fn one_of(
    options: &mut Options,
    key: &'static str,
    known: &'static [&'static str],
) -> Result<Option<String>, Failure> {
    let Some(text) = options.text(key)? else {
        return Ok(None);
    };
    match known.contains(&text.as_str()) {
        true => Ok(Some(text)),
        false => {
            let mut failure = Failure::usage(format!("`{text}` is no `{key}`"));
            failure.hint = crate::host::suggest::hint(&text, known.iter().copied());
            Err(failure)
        }
    }
}
