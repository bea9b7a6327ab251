//! What a browser adds to its requests by itself, and what a page loads beside what it is about.

/// Headers that say nothing about the request.
const ALWAYS: &[&str] = &["connection", "content-length", "host", "accept-encoding"];

/// Headers that a browser sends by itself.
const BROWSER: &[&str] = &[
    "accept",
    "accept-language",
    "cache-control",
    "dnt",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
];

/// Takes headers away that nobody chose: all a browser adds, if the request comes from one.
pub(super) fn of_browser(headers: &mut Vec<(String, String)>) {
    let is = |name: &str, list: &[&str]| list.iter().any(|known| name.eq_ignore_ascii_case(known));
    let is_own = |name: &str| {
        let name = name.to_lowercase();
        name.starts_with(':') || name.starts_with("sec-") || name.starts_with("if-")
    };
    let from_browser = headers.iter().any(|(name, _)| {
        let name = name.to_lowercase();
        name.starts_with("sec-fetch-") || name.starts_with("sec-ch-") || name.starts_with(':')
    });
    headers.retain(|(name, value)| {
        let plain_accept = name.eq_ignore_ascii_case("accept") && value == "*/*";
        let added = from_browser && (is(name, BROWSER) || is_own(name));
        !is(name, ALWAYS) && !plain_accept && !added
    });
}

/// Whether a request of a page is worth a scenario: data and pages are, their decoration is not.
pub(super) fn is_worth(method: &str, media: &str, kind: &str) -> bool {
    let decoration = [
        "image",
        "font",
        "stylesheet",
        "script",
        "media",
        "manifest",
        "ping",
        "preflight",
    ];
    if method.eq_ignore_ascii_case("OPTIONS") || decoration.contains(&kind) {
        return false;
    }
    let prefixes = ["image/", "font/", "audio/", "video/", "text/css"];
    let is_code = media.contains("javascript") || media.contains("wasm");
    !(prefixes.iter().any(|prefix| media.starts_with(prefix)) || is_code)
}
