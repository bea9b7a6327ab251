//! What a script meant by the arguments of `locator`, `get_by_…` and `filter`.

use super::part::{Chain, Filter, Part, Role, selector};
use super::{Locator, Wording};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::{json, suggest};
use rhai::{Dynamic, ImmutableString, Map};
use serde_json::Value;

/// The roles of ARIA that an element of a page may have.
pub const ROLES: &[&str] = &[
    "alert",
    "alertdialog",
    "application",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "deletion",
    "dialog",
    "directory",
    "document",
    "emphasis",
    "feed",
    "figure",
    "form",
    "generic",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "insertion",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "mark",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "note",
    "option",
    "paragraph",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "strong",
    "subscript",
    "superscript",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "time",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];

/// `get_by_role(role, name, options)`.
pub fn role(role: &str, name: Option<&Dynamic>, options: Map) -> Result<Part, Failure> {
    if !ROLES.contains(&role) {
        let mut failure = Failure::usage(format!("there is no role `{role}`"));
        failure.hint = suggest::hint(role, ROLES.iter().copied());
        return Err(failure);
    }
    let mut options = Options::new("get_by_role", options);
    let exact = options.flag("exact")?.unwrap_or(false);
    let named = options.take("name");
    let name = match name.or(named.as_ref()) {
        Some(name) => Some(Wording::read(name, "the name")?.exactly(exact)),
        None => None,
    };
    let include_hidden = options.flag("include_hidden")?.unwrap_or(false);
    let mut states = serde_json::Map::new();
    for state in ["checked", "disabled", "expanded", "pressed", "selected"] {
        if let Some(wanted) = options.flag(state)? {
            states.insert(state.into(), Value::Bool(wanted));
        }
    }
    if let Some(level) = options.int("level", 1..=99)? {
        states.insert("level".into(), level.into());
    }
    options.finish()?;
    Ok(Part::Role(Role {
        role: role.to_owned(),
        name,
        include_hidden,
        states,
    }))
}

/// The words of `get_by_text`, `get_by_label` and the like.
pub fn words(owner: &str, value: &Dynamic, options: Map) -> Result<Wording, Failure> {
    let mut options = Options::new(owner, options);
    let exact = options.flag("exact")?.unwrap_or(false);
    options.finish()?;
    Ok(Wording::read(value, &format!("the text of `{owner}`"))?.exactly(exact))
}

/// The argument of `locator`: a selector, or another locator to look for inside.
pub fn inner(value: &Dynamic) -> Result<(Option<Chain>, Option<Part>), Failure> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        if text.trim().is_empty() {
            return Err(
                Failure::usage("the selector is empty").hint("a CSS selector, an XPath, or text=…")
            );
        }
        return Ok((None, Some(selector(&text))));
    }
    match value.read_lock::<Locator>() {
        Some(locator) => Ok((Some(locator.chain.clone()), None)),
        None => Err(Failure::usage(format!(
            "`locator` takes a selector or a locator, not {}",
            json::type_in_words(value)
        ))),
    }
}

/// The options of `filter`.
pub fn filter(options: Map) -> Result<Filter, Failure> {
    let mut options = Options::new("filter", options);
    let filter = Filter {
        has: options
            .of_type::<Locator>("has")
            .map(|locator| locator.chain),
        has_not: options
            .of_type::<Locator>("has_not")
            .map(|locator| locator.chain),
        has_text: wording(&mut options, "has_text")?,
        has_not_text: wording(&mut options, "has_not_text")?,
        visible: options.flag("visible")?,
    };
    options.finish()?;
    if filter == Filter::default() {
        return Err(Failure::usage("`filter` filters by nothing")
            .hint("it takes has, has_not, has_text, has_not_text and visible"));
    }
    Ok(filter)
}

fn wording(options: &mut Options, key: &'static str) -> Result<Option<Wording>, Failure> {
    options
        .take(key)
        .map(|value| Wording::read(&value, &format!("option `{key}` of `filter`")))
        .transpose()
}

/// A call as the script wrote it: `get_by_role("button", "Save", #{ exact: true })`.
pub fn call(name: &str, args: &[&Dynamic]) -> String {
    let shown: Vec<String> = args
        .iter()
        .map(|arg| argument(arg))
        .filter(|arg| !arg.is_empty())
        .collect();
    format!("{name}({})", shown.join(", "))
}

fn argument(value: &Dynamic) -> String {
    if let Some(locator) = value.read_lock::<Locator>() {
        return locator.chain.show();
    }
    if let Some(pattern) = value.read_lock::<super::Pattern>() {
        return pattern.to_string();
    }
    if let Some(map) = value.read_lock::<Map>() {
        if map.is_empty() {
            return String::new();
        }
        let entries: Vec<String> = map
            .iter()
            .map(|(key, value)| format!("{key}: {}", argument(value)))
            .collect();
        return format!("#{{ {} }}", entries.join(", "));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return format!("{:?}", text.as_str());
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_is_none_is_refused_with_its_neighbour() {
        let failure = role("buton", None, Map::new()).unwrap_err();
        assert_eq!(
            failure.render(),
            "there is no role `buton`\n  hint: did you mean `button`?"
        );
    }

    #[test]
    fn a_call_is_shown_as_written() {
        let options: Map = [("exact".into(), Dynamic::TRUE)].into_iter().collect();
        let shown = call(
            "get_by_role",
            &[&"button".into(), &"Say \"hi\"".into(), &options.into()],
        );
        assert_eq!(
            shown,
            r#"get_by_role("button", "Say \"hi\"", #{ exact: true })"#
        );
        assert_eq!(call("last", &[]), "last()");
    }

    #[test]
    fn a_filter_by_nothing_is_a_slip() {
        assert_eq!(
            filter(Map::new()).unwrap_err().message,
            "`filter` filters by nothing"
        );
        let slip: Map = [("has_txt".into(), "x".into())].into_iter().collect();
        assert_eq!(
            filter(slip).unwrap_err().hint.as_deref(),
            Some("did you mean `has_text`?")
        );
    }
}
