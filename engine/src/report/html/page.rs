//! The page around the data. Its policy lets nothing run but its own script, which is known by its hash.

use super::pack::Chunk;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const PAGE: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");

/// In this order: each uses those before it.
const SCRIPTS: [&str; 11] = [
    include_str!("page/util.js"),
    include_str!("page/data.js"),
    include_str!("page/address.js"),
    include_str!("page/list.js"),
    include_str!("page/overview.js"),
    include_str!("page/exchange.js"),
    include_str!("page/failure.js"),
    include_str!("page/steps.js"),
    include_str!("page/timeline.js"),
    include_str!("page/scenario.js"),
    include_str!("page/main.js"),
];

static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let all = SCRIPTS.concat();
    format!("(() => {{\n\"use strict\";\n{all}}})();")
});

/// A page with everything in it.
pub fn assemble(overview: &str, parts: &[Chunk], files: &[Chunk]) -> Vec<u8> {
    let size: usize = parts.iter().chain(files).map(|c| c.text.len() + 80).sum();
    let mut chunks = String::with_capacity(size);
    for (letter, list) in [('c', parts), ('f', files)] {
        for (number, chunk) in list.iter().enumerate() {
            let packed = if chunk.is_packed { " data-packed" } else { "" };
            chunks.push_str("<script type=\"application/octet-stream\" id=\"");
            chunks.push(letter);
            chunks.push_str(&format!("{number}\"{packed}>"));
            chunks.push_str(&chunk.text);
            chunks.push_str("</script>\n");
        }
    }
    fill(&policy(""), overview, &chunks)
}

/// A page that asks the one who served it for the rest.
pub fn assemble_live(overview: &str) -> Vec<u8> {
    fill(&policy("; connect-src 'self'"), overview, "")
}

/// What the page may do: run its own script, look like its own style, show pictures it made itself.
pub fn policy(more: &str) -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'{more}",
        hash(&SCRIPT),
        hash(STYLE)
    )
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn fill(policy: &str, overview: &str, chunks: &str) -> Vec<u8> {
    let harmless = harmless(overview);
    let pieces = [
        ("{{csp}}", policy),
        ("{{style}}", STYLE),
        ("{{overview}}", &harmless),
        ("{{chunks}}", chunks),
        ("{{script}}", &SCRIPT),
    ];
    let mut out =
        Vec::with_capacity(PAGE.len() + pieces.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = PAGE;
    // In the order in which they stand, so that no text of the run is looked through for them.
    for (name, text) in pieces {
        if let Some((before, after)) = rest.split_once(name) {
            out.extend(before.as_bytes());
            out.extend(text.as_bytes());
            rest = after;
        }
    }
    out.extend(rest.as_bytes());
    out
}

/// JSON that cannot end the element it stands in: the same value, with `<` written as an escape.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_run_ends_its_element() {
        let json = r#"{"a":"</script><img src=x onerror=alert(1)><!-- {{script}}"}"#;
        let page = String::from_utf8(assemble(json, &[], &[])).unwrap();
        assert!(!page.contains("<img"), "{page}");
        assert!(page.contains("\\u003c/script>\\u003cimg"));
        // What looks like a place to fill stays what it is.
        assert!(page.contains("\\u003c!-- {{script}}"));
    }

    #[test]
    fn the_script_is_the_one_the_policy_names_and_ends_where_it_should() {
        assert!(!SCRIPT.contains("</script"));
        assert!(!STYLE.contains("</style"));
        let page = String::from_utf8(assemble("{}", &[], &[])).unwrap();
        let (_, behind) = page.rsplit_once("<script>").unwrap();
        let (script, _) = behind.split_once("</script>").unwrap();
        assert!(page.contains(&hash(script)));
        assert!(!policy("").contains("unsafe"));
    }
}
