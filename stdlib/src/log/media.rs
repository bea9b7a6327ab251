//! Which media type a file has, judged by its name.

/// The media type of a file called `name`, if its extension tells.
pub fn of_name(name: &str) -> Option<&'static str> {
    // No registry knows this one.
    let extension = name.rsplit_once('.')?.1;
    if extension.eq_ignore_ascii_case("log") {
        return Some("text/plain");
    }
    mime_guess::from_ext(extension).first_raw()
}

/// Whether `text` can be a media type, with parameters or without.
pub fn is_plausible(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    let bare = text.split(';').next().unwrap_or_default().trim();
    let printable = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    text.len() <= 127
        && printable
        && bare
            .split_once('/')
            .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_in_any_case() {
        assert_eq!(of_name("shots/Page.PNG"), Some("image/png"));
        assert_eq!(of_name("README"), None);
        assert_eq!(of_name("a.unknown"), None);
    }

    #[test]
    fn what_cannot_be_a_media_type_is_told() {
        assert!(is_plausible("text/plain; charset=utf-8"));
        for wrong in [
            "",
            "png",
            "image/",
            "/png",
            "a/b/c",
            "text/plain\r\nX: 1",
            "te xt/plain",
        ] {
            assert!(!is_plausible(wrong), "{wrong}");
        }
    }
}
