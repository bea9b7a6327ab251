//! The frame around every page, and templates with `{{name}}` marks. Values are escaped unless they are HTML
//! that was rendered here.

use axum::response::Html;

use crate::accounts::User;

const FRAME: &str = include_str!("html/frame.html");

/// What goes into a mark.
pub(super) enum Value<'a> {
    Text(&'a str),
    /// Already escaped.
    Html(&'a str),
}

/// Fills the marks of a template; an unknown mark stays empty.
pub(super) fn fill(template: &str, values: &[(&str, Value<'_>)]) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        page.push_str(before);
        match values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
        {
            Some(Value::Text(text)) => escape_into(&mut page, text),
            Some(Value::Html(html)) => page.push_str(html),
            None => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escape_into(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

/// A whole page. `here` is the path of its entry in the navigation.
pub(super) fn page(title: &str, here: &str, user: Option<&User>, content: &str) -> Html<String> {
    let entries = [
        ("/", "Tasks"),
        ("/chat", "Chat"),
        ("/files", "Files"),
        ("/dashboard", "Dashboard"),
    ];
    let links: String = entries
        .iter()
        .map(|(path, name)| {
            let current = if *path == here {
                " aria-current=\"page\""
            } else {
                ""
            };
            format!("<a href=\"{path}\"{current}>{name}</a>")
        })
        .collect();
    let account = match user {
        Some(user) => fill(
            include_str!("html/signed_in.html"),
            &[("name", Value::Text(&user.name))],
        ),
        None => include_str!("html/signed_out.html").to_owned(),
    };
    Html(fill(
        FRAME,
        &[
            ("title", Value::Text(title)),
            ("links", Value::Html(&links)),
            ("account", Value::Html(&account)),
            ("content", Value::Html(content)),
        ],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_html_is_not() {
        let filled = fill(
            "<p title=\"{{a}}\">{{b}}{{c}}</p>",
            &[("a", Value::Text("\"'<&>")), ("b", Value::Html("<b>x</b>"))],
        );
        assert_eq!(filled, "<p title=\"&quot;&#39;&lt;&amp;&gt;\"><b>x</b></p>");
    }

    #[test]
    fn marks_inside_values_are_not_filled() {
        let filled = fill(
            "{{a}} {{b}}",
            &[("a", Value::Text("{{b}}")), ("b", Value::Text("secret"))],
        );
        assert_eq!(filled, "{{b}} secret");
    }

    #[test]
    fn an_open_mark_is_left_alone() {
        assert_eq!(fill("a {{b", &[]), "a {{b");
    }
}
