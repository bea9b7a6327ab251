//! Which browser and which driver does this machine have? Looks at files only.

use super::error::BrowserError;
use crate::host::browsing::Browsing;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Programs {
    pub browser: PathBuf,
    pub driver: PathBuf,
}

impl Programs {
    /// Whether browser and driver have to be of one version.
    pub fn must_match(&self) -> bool {
        !is_firefox(&self.browser)
    }
}

/// Built without windows: a third of the work of the whole browser.
const HEADLESS: &[&str] = &[
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib64/chromium-browser/headless_shell",
    "chromium-headless-shell",
    "chrome-headless-shell",
];

/// Real files before the scripts that start them: a script that does not `exec` stays between us and the browser.
const WHOLE: &[&str] = &[
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/snap/bin/chromium",
];

/// Taken where there is nothing else.
const FIREFOX: &[&str] = &["firefox", "firefox-esr", "/snap/bin/firefox"];

const GECKODRIVERS: &[&str] = &["geckodriver", "/snap/bin/geckodriver"];

const DRIVERS: &[&str] = &[
    "chromedriver",
    "/usr/lib/chromium/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
    "/snap/bin/chromium.chromedriver",
];

/// The browser and the driver to start: those of the settings, of `CHROME` and `CHROMEDRIVER`, or of the usual places.
pub fn find(browsing: &Browsing, env: &BTreeMap<String, String>) -> Result<Programs, BrowserError> {
    let path = env.get("PATH").map_or("", String::as_str);
    let named = |setting: &Option<PathBuf>, variable: &'static str| {
        let given = env.get(variable).filter(|value| !value.is_empty());
        let given = setting.clone().or_else(|| given.map(PathBuf::from))?;
        Some(match is_program(&given) {
            true => Ok(given),
            false => Err(BrowserError::NotThere {
                path: given,
                variable,
            }),
        })
    };
    let browser = match named(&browsing.program, "CHROME") {
        Some(given) => given?,
        None => {
            let headless = HEADLESS.iter().filter(|_| !browsing.headed);
            let all = headless.chain(WHOLE).chain(FIREFOX);
            first(all, path).ok_or(BrowserError::NoBrowser)?
        }
    };
    let driver = match named(&browsing.driver, "CHROMEDRIVER") {
        Some(given) => given?,
        None if is_firefox(&browser) => {
            first(GECKODRIVERS.iter(), path).ok_or(BrowserError::NoGeckodriver)?
        }
        None => first(DRIVERS.iter(), path).ok_or(BrowserError::NoDriver)?,
    };
    Ok(Programs { browser, driver })
}

/// Whether it can do nothing but work without windows.
pub fn is_headless_shell(program: &Path) -> bool {
    let name = program.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.contains("headless-shell") || name.contains("headless_shell"))
}

/// Whether it, or its driver, is Mozilla's.
pub fn is_firefox(program: &Path) -> bool {
    let name = program.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.contains("firefox") || name.contains("geckodriver"))
}

/// What a program says of its own version; started for a moment.
pub fn version(program: &Path) -> Option<String> {
    let asked = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&asked.stdout);
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    text.split_whitespace().find(is_version).map(str::to_owned)
}

fn first<'a>(places: impl Iterator<Item = &'a &'static str>, path: &str) -> Option<PathBuf> {
    places
        .flat_map(|place| match place.starts_with('/') {
            true => vec![PathBuf::from(place)],
            false => std::env::split_paths(path)
                .map(|dir| dir.join(place))
                .collect(),
        })
        .find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(dir: &Path, name: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn g24_what_is_named_is_taken_and_must_be_there() {
        let dir = tempfile::tempdir().unwrap();
        let browser = program(dir.path(), "my-chrome");
        let driver = program(dir.path(), "chromedriver");
        let env = |chrome: &Path| {
            BTreeMap::from([
                ("PATH".to_owned(), dir.path().display().to_string()),
                ("CHROME".to_owned(), chrome.display().to_string()),
            ])
        };
        let found = find(&Browsing::default(), &env(&browser)).unwrap();
        assert_eq!(found, Programs { browser, driver });
        let error = find(&Browsing::default(), &env(&dir.path().join("none"))).unwrap_err();
        assert!(
            matches!(error, BrowserError::NotThere { variable, .. } if variable == "CHROME"),
            "{error}"
        );
    }

    #[test]
    fn firefox_is_driven_by_its_own_driver() {
        let dir = tempfile::tempdir().unwrap();
        let browser = program(dir.path(), "firefox-esr");
        program(dir.path(), "chromedriver");
        let env = BTreeMap::from([
            ("PATH".to_owned(), dir.path().display().to_string()),
            ("CHROME".to_owned(), browser.display().to_string()),
        ]);
        let error = find(&Browsing::default(), &env).unwrap_err();
        assert!(matches!(error, BrowserError::NoGeckodriver), "{error}");
        let driver = program(dir.path(), "geckodriver");
        let found = find(&Browsing::default(), &env).unwrap();
        assert_eq!(found, Programs { browser, driver });
    }

    #[test]
    fn a_headless_shell_is_known_by_its_name() {
        assert!(is_headless_shell(Path::new(HEADLESS[0])));
        assert!(!is_headless_shell(Path::new(WHOLE[0])));
    }
}
