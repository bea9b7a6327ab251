//! What is asked of a context: its device, place, language, network. Plain data; read from option maps in `face::options`.

use serde_json::{Value, json};

/// How a context differs from the usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContextOptions {
    pub device: Device,
    pub locale: Option<String>,
    pub timezone: Option<String>,
    pub geolocation: Option<Geolocation>,
    pub color_scheme: Option<String>,
    pub reduced_motion: bool,
    pub offline: bool,
    pub user_agent: Option<String>,
    pub headers: Vec<(String, String)>,
    /// Granted to every page.
    pub permissions: Vec<String>,
    /// Certificates are not looked at.
    pub insecure: bool,
    /// For servers that ask.
    pub auth: Option<(String, String)>,
    pub storage: Option<Value>,
    pub block_service_workers: bool,
    /// The bodies of responses are kept.
    pub bodies: bool,
    /// Requests to these hosts are not made.
    pub block: Vec<String>,
    /// A person uses it, who answers dialogs themselves.
    pub by_hand: bool,
}

/// A place on earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geolocation {
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy: f64,
}

/// The screen a page is seen on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    pub width: u32,
    pub height: u32,
    pub scale: f64,
    pub touch: bool,
}

impl Default for Device {
    fn default() -> Self {
        Self::screen(1280, 720)
    }
}

/// Names for sizes that everybody means by them.
pub const DEVICES: &[(&str, Device)] = &[
    ("DESKTOP", Device::screen(1920, 1080)),
    ("LAPTOP", Device::screen(1280, 720)),
    ("TABLET", Device::held(1024, 768)),
    ("MOBILE", Device::held(320, 480)),
];

impl Device {
    const fn screen(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            scale: 1.0,
            touch: false,
        }
    }

    const fn held(width: u32, height: u32) -> Self {
        Self {
            touch: true,
            ..Self::screen(width, height)
        }
    }

    /// `1280x720`, or the name of a device.
    pub fn parse(text: &str) -> Option<Self> {
        let named = DEVICES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        if let Some((_, device)) = named {
            return Some(*device);
        }
        let (width, height) = text.split_once(['x', '×'])?;
        let side = |text: &str| {
            text.trim()
                .parse()
                .ok()
                .filter(|side| (1..=16_384).contains(side))
        };
        Some(Self::screen(side(width)?, side(height)?))
    }
}

impl ContextOptions {
    /// The commands that make the context `id` so, for all pages it will have. In any order.
    pub fn commands(&self, id: &str) -> Vec<(&'static str, Value)> {
        let all = json!([id]);
        let device = self.device;
        let mut viewport = json!({
            "viewport": { "width": device.width, "height": device.height },
            "userContexts": all,
        });
        if (device.scale - 1.0).abs() > f64::EPSILON {
            viewport["devicePixelRatio"] = device.scale.into();
        }
        let mut commands = vec![("browsingContext.setViewport", viewport)];
        let mut ask = |command, mut params: Value| {
            params["userContexts"] = all.clone();
            commands.push((command, params));
        };
        if device.touch {
            ask("emulation.setTouchOverride", json!({ "maxTouchPoints": 5 }));
        }
        if let Some(locale) = &self.locale {
            ask("emulation.setLocaleOverride", json!({ "locale": locale }));
        }
        if let Some(timezone) = &self.timezone {
            ask(
                "emulation.setTimezoneOverride",
                json!({ "timezone": timezone }),
            );
        }
        if let Some(place) = self.geolocation {
            let coordinates = json!({
                "latitude": place.latitude,
                "longitude": place.longitude,
                "accuracy": place.accuracy,
            });
            ask(
                "emulation.setGeolocationOverride",
                json!({ "coordinates": coordinates }),
            );
        }
        if let Some(agent) = &self.user_agent {
            ask(
                "emulation.setUserAgentOverride",
                json!({ "userAgent": agent }),
            );
        }
        if self.offline {
            ask("emulation.setNetworkConditions", offline(true));
        }
        if !self.headers.is_empty() {
            ask("network.setExtraHeaders", extra_headers(&self.headers));
        }
        commands
    }

    /// Whether requests have to be held to be looked at.
    pub fn intercepts(&self) -> bool {
        !self.block.is_empty() || self.auth.is_some()
    }
}

/// Without network, or with it.
pub fn offline(is_offline: bool) -> Value {
    match is_offline {
        true => json!({ "networkConditions": { "type": "offline" } }),
        false => json!({ "networkConditions": null }),
    }
}

pub fn extra_headers(headers: &[(String, String)]) -> Value {
    let header = |(name, value): &(String, String)| json!({ "name": name, "value": { "type": "string", "value": value } });
    json!({ "headers": headers.iter().map(header).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o12_devices_have_the_sizes_everybody_means() {
        let size = |name| Device::parse(name).map(|device| (device.width, device.height));
        assert_eq!(size("DESKTOP"), Some((1920, 1080)));
        assert_eq!(size("tablet"), Some((1024, 768)));
        assert_eq!(size("MOBILE"), Some((320, 480)));
        assert_eq!(size("800x600"), Some((800, 600)));
        assert_eq!(size("0x600"), None);
        assert_eq!(size("WATCH"), None);
    }

    #[test]
    fn only_what_differs_is_asked_for() {
        let commands = |options: ContextOptions| -> Vec<&str> {
            options
                .commands("c")
                .into_iter()
                .map(|(name, _)| name)
                .collect()
        };
        assert_eq!(
            commands(ContextOptions::default()),
            ["browsingContext.setViewport"]
        );
        let german = ContextOptions {
            locale: Some("de-DE".into()),
            offline: true,
            ..ContextOptions::default()
        };
        assert_eq!(
            commands(german),
            [
                "browsingContext.setViewport",
                "emulation.setLocaleOverride",
                "emulation.setNetworkConditions"
            ]
        );
    }
}
