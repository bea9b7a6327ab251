//! What to try when a claim is nearly right. Pure.

use serde_json::Value;

/// The next move for a claim that did not hold.
pub fn nearly(matcher: &str, expected: &Value, received: &str) -> Option<&'static str> {
    let wanted = expected["text"].as_str()?;
    let is_part = !wanted.is_empty() && received.contains(wanted);
    let is_other_case = wanted.to_lowercase() == received.to_lowercase();
    match matcher {
        "to_have_text" if is_part => Some("`to_contain_text` claims a part of it"),
        "to_have_class" if is_part => Some("`to_contain_class` claims one of them"),
        "to_have_url" if is_but_for_query(wanted, received) => {
            Some("the query counts too: a `**` at the end takes any")
        }
        "to_have_title" | "to_have_value" | "to_have_attribute" if is_part => {
            Some("`regex(\"…\")` claims a part of it")
        }
        "to_have_text" | "to_have_title" | "to_have_value" | "to_have_accessible_name"
            if is_other_case =>
        {
            Some("`#{ ignore_case: true }` does not mind the case")
        }
        "to_contain_text" if received.to_lowercase().contains(&wanted.to_lowercase()) => {
            Some("`#{ ignore_case: true }` does not mind the case")
        }
        "to_have_css" => Some("write it as browsers tell it: \"rgb(255, 0, 0)\", \"16px\""),
        _ => None,
    }
}

fn is_but_for_query(wanted: &str, received: &str) -> bool {
    let plain = received.split(['?', '#']).next().unwrap_or_default();
    plain != received && !wanted.contains('*') && plain.ends_with(wanted.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_claim_that_is_nearly_right_is_told_the_word_that_is() {
        for (matcher, wanted, received, word) in [
            (
                "to_have_text",
                "Tea",
                "Tea and rum",
                Some("to_contain_text"),
            ),
            ("to_have_text", "tea", "Tea", Some("ignore_case")),
            ("to_have_text", "Coffee", "Tea", None),
            ("to_have_text", "", "Tea", None),
            ("to_contain_text", "TEA", "Tea and rum", Some("ignore_case")),
            ("to_have_class", "big", "big red", Some("to_contain_class")),
            ("to_have_title", "Shop", "Shop: cart", Some("regex")),
            ("to_have_css", "red", "rgb(255, 0, 0)", Some("rgb")),
            (
                "to_have_url",
                "/login",
                "http://x/login?next=/",
                Some("query"),
            ),
            ("to_have_url", "/login", "http://x/cart?a=1", None),
        ] {
            let hint = nearly(matcher, &json!({ "text": wanted }), received);
            match word {
                Some(word) => assert!(hint.is_some_and(|hint| hint.contains(word)), "{hint:?}"),
                None => assert_eq!(hint, None),
            }
        }
        assert_eq!(
            nearly("to_have_text", &json!({ "regex": "T" }), "Tea"),
            None
        );
    }
}
