//! With which arguments and capabilities do browser and driver start? Pure.

use super::find::{is_firefox, is_headless_shell};
use serde_json::{Map, Value, json};
use std::path::Path;

/// What a browser is started for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Launch {
    pub headed: bool,
    /// More arguments.
    pub args: Vec<String>,
    /// Preferences of its profile.
    pub prefs: Map<String, Value>,
    /// `http://host:port` of a proxy for all its traffic.
    pub proxy: Option<String>,
}

/// Nothing in the background: no network of its own, no first-run pages, no throttling of pages that are not in front.
const ALWAYS: &[&str] = &[
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-sync",
    "--disable-field-trial-config",
    "--disable-breakpad",
    "--disable-search-engine-choice-screen",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,GlobalMediaControls,\
     InterestFeedContentSuggestions,AutofillServerCommunication,CertificateTransparencyComponentUpdater,HttpsUpgrades,\
     HttpsFirstBalancedModeAutoEnable,LensOverlay,PaintHolding,DestroyProfileOnBrowserClose,RenderDocument,\
     AvoidUnnecessaryBeforeUnloadCheckSync,SpareRendererForSitePerProcess",
    "--disable-back-forward-cache",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-ipc-flooding-protection",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-hang-monitor",
    "--force-color-profile=srgb",
    "--mute-audio",
];

/// What a headless browser is told in addition.
const WITHOUT_WINDOWS: &[&str] = &["--hide-scrollbars", "--disable-gpu"];

/// What one with windows is told: they are large enough for the usual viewport.
const WITH_WINDOWS: &[&str] = &["--window-size=1300,890", "--hide-crash-restore-bubble"];

/// The arguments of the browser at `program`, with its profile in `profile`.
pub fn arguments(launch: &Launch, program: &Path, profile: &Path, machine: Machine) -> Vec<String> {
    let mut args: Vec<String> = ALWAYS.iter().map(|arg| (*arg).to_owned()).collect();
    let more = match launch.headed {
        true => WITH_WINDOWS,
        false => WITHOUT_WINDOWS,
    };
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    if !launch.headed && !is_headless_shell(program) {
        args.push("--headless=new".into());
    }
    if machine.is_root {
        args.push("--no-sandbox".into());
    }
    if machine.has_small_shared_memory {
        args.push("--disable-dev-shm-usage".into());
    }
    if let Some(proxy) = &launch.proxy {
        args.push(format!("--proxy-server={proxy}"));
        // Otherwise what is under test, mostly here, would go past it.
        args.push("--proxy-bypass-list=<-loopback>".into());
    }
    args.push(format!("--user-data-dir={}", profile.display()));
    args.extend(launch.args.iter().cloned());
    args
}

/// What of this machine the arguments depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    pub is_root: bool,
    pub has_small_shared_memory: bool,
}

impl Machine {
    /// This one.
    pub fn look() -> Self {
        const ENOUGH: u64 = 512 << 20;
        let shared = nix::sys::statvfs::statvfs("/dev/shm")
            .map(|found| found.blocks() * found.fragment_size());
        Self {
            is_root: nix::unistd::geteuid().is_root(),
            has_small_shared_memory: shared.unwrap_or(0) < ENOUGH,
        }
    }
}

/// What is asked of our own driver.
pub fn capabilities(launch: &Launch, program: &Path, args: Vec<String>) -> Map<String, Value> {
    if is_firefox(program) {
        return of_firefox(launch, program);
    }
    let mut options = json!({ "binary": program, "args": args });
    if !launch.prefs.is_empty() {
        options["prefs"] = launch.prefs.clone().into();
    }
    let mut asked = common();
    asked.insert("browserName".into(), "chrome".into());
    asked.insert("goog:chromeOptions".into(), options);
    asked
}

/// What is asked of Mozilla's driver, which makes a profile itself.
fn of_firefox(launch: &Launch, program: &Path) -> Map<String, Value> {
    let mut args = launch.args.clone();
    if !launch.headed {
        args.push("-headless".into());
    }
    let mut prefs = launch.prefs.clone();
    let mut asked = common();
    if let Some(proxy) = &launch.proxy {
        let host = proxy
            .split_once("://")
            .map_or(proxy.as_str(), |(_, host)| host);
        let host = host.trim_end_matches('/');
        let manual = json!({ "proxyType": "manual", "httpProxy": host, "sslProxy": host });
        asked.insert("proxy".into(), manual);
        prefs.insert(
            "network.proxy.allow_hijacking_localhost".into(),
            true.into(),
        );
    }
    let options = json!({ "binary": program, "args": args, "prefs": prefs });
    asked.insert("browserName".into(), "firefox".into());
    asked.insert("moz:firefoxOptions".into(), options);
    asked
}

/// What is asked of somebody else's WebDriver.
pub fn remote_capabilities(wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut asked = common();
    asked.extend(wanted.clone());
    asked
}

/// Dialogs are answered by us, by what the script said of them.
fn common() -> Map<String, Value> {
    let Value::Object(asked) = json!({
        "webSocketUrl": true,
        "unhandledPromptBehavior": { "default": "ignore" },
    }) else {
        unreachable!("a map is written above")
    };
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = "/usr/lib/chromium/chromium-headless-shell";

    #[test]
    fn o12_only_the_whole_browser_is_told_to_hide_its_windows() {
        let args = |headed, program: &str| {
            let launch = Launch {
                headed,
                ..Launch::default()
            };
            arguments(
                &launch,
                Path::new(program),
                Path::new("/p"),
                Machine::default(),
            )
        };
        let has = |args: Vec<String>| args.iter().any(|arg| arg.starts_with("--headless"));
        assert!(!has(args(false, SHELL)));
        assert!(has(args(false, "/usr/bin/chromium")));
        assert!(!has(args(true, "/usr/bin/chromium")));
    }

    #[test]
    fn firefox_is_asked_in_its_own_words() {
        let launch = Launch {
            proxy: Some("http://127.0.0.1:3128/".into()),
            ..Launch::default()
        };
        let asked = capabilities(&launch, Path::new("/usr/bin/firefox-esr"), Vec::new());
        assert_eq!(asked["browserName"], "firefox");
        assert_eq!(asked["moz:firefoxOptions"]["args"], json!(["-headless"]));
        assert_eq!(asked["proxy"]["httpProxy"], "127.0.0.1:3128");
        assert!(!asked.contains_key("goog:chromeOptions"));
    }

    #[test]
    fn all_traffic_goes_through_a_proxy_also_that_of_this_machine() {
        let launch = Launch {
            proxy: Some("http://127.0.0.1:3128".into()),
            ..Launch::default()
        };
        let machine = Machine {
            is_root: true,
            has_small_shared_memory: true,
        };
        let args = arguments(&launch, Path::new(SHELL), Path::new("/p"), machine);
        for wanted in [
            "--proxy-server=http://127.0.0.1:3128",
            "--proxy-bypass-list=<-loopback>",
            "--user-data-dir=/p",
            "--no-sandbox",
            "--disable-dev-shm-usage",
        ] {
            assert!(args.iter().any(|arg| arg == wanted), "{wanted}");
        }
    }
}
