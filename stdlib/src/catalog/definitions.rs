//! Everything a script can say as definition files (`.d.rhai`), which tools for Rhai read: the same text for the same
//! program, so that a project may commit it.

use super::{Book, Entry, Form};
use std::fmt::Write;

/// A definition file: its path and its text.
pub type File = (String, String);

/// The definitions of the primitives in one file, and one file for each module of `modules` (name, text).
pub fn definitions(book: &Book, modules: &[(&str, &str)]) -> Vec<File> {
    let mut files = vec![("scenario.d.rhai".to_owned(), primitives(book))];
    for (name, text) in modules {
        files.push((format!("std/{name}.d.rhai"), module(name, text)));
    }
    files
}

fn primitives(book: &Book) -> String {
    let mut out = String::from("module static;\n");
    let mut primitive = "";
    for (name, entry) in &book.entries {
        if *name != primitive {
            primitive = name;
            let _ = write!(out, "\n// {name}\n");
            for global in book
                .globals
                .iter()
                .filter(|global| global.primitive == *name)
            {
                let _ = write!(out, "\nlet {}: {};\n", global.name, kind(&global.kind));
            }
        }
        out.push('\n');
        comment(&mut out, &entry.docs);
        let options = book.options(entry);
        if !options.is_empty() {
            comment(&mut out, "\nOptions:");
            for option in options {
                let docs = option.docs.replace("\n\n", ". ");
                let docs = if docs.is_empty() {
                    String::new()
                } else {
                    format!(": {docs}")
                };
                comment(&mut out, &format!("- `{}`{docs}", option.name));
            }
        }
        let _ = writeln!(out, "{}", signature(entry));
    }
    out
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("/// {line}").trim_end());
    }
}

fn signature(entry: &Entry) -> String {
    let receiver = (!entry.receiver.is_empty()).then(|| format!("this: {}", kind(&entry.receiver)));
    let params = entry.params.iter();
    let params = params.map(|param| format!("{}: {}", param.name, kind(&param.kind)));
    let params: Vec<String> = receiver.into_iter().chain(params).collect();
    let get = match entry.form {
        Form::Property => "get ",
        Form::Function | Form::Method => "",
    };
    let returns = match entry.returns.as_str() {
        "" => "()",
        word => kind(word),
    };
    format!(
        "fn {get}{}({}) -> {returns};",
        entry.name,
        params.join(", ")
    )
}

/// A type in the words of Rhai.
fn kind(word: &str) -> &str {
    match word {
        "text" => "String",
        "list" => "Array",
        "map" => "Map",
        "integer" => "int",
        "number" => "float",
        "bytes" => "Blob",
        "closure" => "FnPtr",
        "value" => "?",
        other => other,
    }
}

/// What a module written in Rhai exports, as far as its lines tell.
fn module(name: &str, text: &str) -> String {
    let mut out = format!("module {name};\n");
    let mut comments: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("//") {
            comments.push(comment.trim_start_matches('/').trim_start());
            continue;
        }
        let head = line
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once(')'));
        if let Some((head, _)) = head
            && let Some((name, params)) = head.split_once('(')
        {
            out.push('\n');
            comment(&mut out, &comments.join("\n"));
            let params: Vec<String> = params
                .split(',')
                .map(str::trim)
                .filter(|param| !param.is_empty())
                .map(|param| format!("{param}: ?"))
                .collect();
            let _ = writeln!(out, "fn {name}({}) -> ?;", params.join(", "));
        } else if let Some(rest) = line.strip_prefix("export const ") {
            let name = rest.split([' ', '=']).next().unwrap_or(rest);
            out.push('\n');
            comment(&mut out, &comments.join("\n"));
            let _ = writeln!(out, "const {name}: ?;");
        }
        comments.clear();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn all() -> Vec<File> {
        definitions(&Book::new(&[]), crate::MODULES)
    }

    #[test]
    fn every_line_is_a_definition_or_a_comment() {
        // The grammar of rhai's own `Definitions`, as far as we write it.
        let name = r"[A-Za-z_]\w*";
        let kind = format!(r"(\?|\(\)|{name})");
        let param = format!("{name}: {kind}");
        let line = Regex::new(&format!(
            r"^(module {name};|//.*|let {param};|const {param};|fn (get )?{name}\(({param}(, {param})*)?\) -> {kind};)?$"
        ))
        .unwrap();
        for (file, text) in all() {
            for (index, text) in text.lines().enumerate() {
                assert!(line.is_match(text), "{file}:{}: {text}", index + 1);
            }
        }
    }

    #[test]
    fn signatures_docs_and_options_are_there() {
        let files = all();
        let text = &files[0].1;
        assert!(text.contains("let http: Http;"));
        assert!(text.contains("fn get(this: Http, url: String, options: Map) -> Response;"));
        assert!(text.contains("fn get status(this: Response) -> int;"));
        assert!(text.contains("/// Sends a GET request"));
        assert!(text.contains("/// - `max_body`: the largest body to accept"));
        let (_, postgres) = files
            .iter()
            .find(|(file, _)| file == "std/postgres.d.rhai")
            .unwrap();
        assert!(postgres.contains("\nfn "), "{postgres}");
    }

    #[test]
    fn the_same_program_writes_the_same() {
        assert_eq!(all(), all());
    }
}
