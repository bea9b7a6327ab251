//! `:help`: commands, and the documentation of the standard library.

use super::command::COMMANDS;
use super::markdown;
use super::show::Look;
use crate::complete::{book, doc_of};
use crate::report::fit;
use scenario_stdlib::host::suggest;

/// All commands, one a line. `is_guest`: a script stands still, and can be gone on with.
pub fn commands(look: &Look, is_guest: bool) -> String {
    let shown: Vec<_> = COMMANDS
        .iter()
        .filter(|row| is_guest || !["continue", "retry", "skip"].contains(&row.name))
        .filter(|row| !is_guest || !["quit", "run"].contains(&row.name))
        .collect();
    let head = |row: &&super::command::Row| format!(":{} {}", row.name, row.takes);
    let wide = shown.iter().map(|row| head(row).len()).max().unwrap_or(0);
    let narrow = look.columns < wide + 30;
    let lines = shown.iter().map(|row| {
        let (head, blanks) = (head(row), wide + 2);
        let name = look.palette.note(head.trim_end());
        if narrow {
            let mut help = String::new();
            markdown::wrap(row.help, look.columns.saturating_sub(2), &mut help);
            format!("{name}\n  {}\n", help.trim_end().replace('\n', "\n  "))
        } else {
            let pad = " ".repeat(blanks.saturating_sub(fit::width(head.trim_end())));
            format!("{name}{pad}{}\n", row.help)
        }
    });
    let mut text: String = lines.collect();
    text.push('\n');
    let rest = "Anything else is a statement, as in a script. Tab completes, Ctrl-C cancels, an open \
                bracket goes on in the next line.";
    markdown::wrap(rest, look.columns, &mut text);
    text.trim_end().to_owned()
}

/// What there is to say about a name.
pub fn of(name: &str, look: &Look) -> Result<String, String> {
    let bare = name.trim_start_matches(':');
    if let Some(row) = COMMANDS
        .iter()
        .find(|row| row.name == bare && name.starts_with(':'))
    {
        return Ok(format!(":{} {}\n  {}", row.name, row.takes, row.help));
    }
    if let Some(found) = doc_of(book(), name) {
        return Ok(markdown::show(&found, look));
    }
    let book = book();
    let mut names: Vec<String> = book.all().map(|entry| entry.name.clone()).collect();
    names.extend(book.globals.iter().map(|global| global.name.to_owned()));
    for global in &book.globals {
        let members = book.members(&global.kind);
        names.extend(members.map(|entry| format!("{}.{}", global.name, entry.name)));
    }
    names.sort();
    names.dedup();
    let hint = match suggest::nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `:help {near}`?"),
        None => "Tab behind `:help ` lists what there is".into(),
    };
    Err(format!("there is nothing called `{name}`; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::super::show::tests::look;
    use super::*;

    #[test]
    fn a_name_is_explained_with_signature_and_example() {
        let text = of("http.get", &look(80)).unwrap();
        assert!(text.contains("Http.get(url: text"), "{text}");
        assert!(text.contains("http.get("), "{text}");
        assert!(of("wait_until", &look(40)).unwrap().lines().count() > 5);
        assert!(
            of("http", &look(80))
                .unwrap()
                .contains("Options of a request")
        );
    }

    #[test]
    fn a_slip_is_met_with_a_suggestion() {
        assert!(
            of("http.gett", &look(80))
                .unwrap_err()
                .contains("`:help http.get`")
        );
    }

    #[test]
    fn the_list_of_commands_fits_forty_columns() {
        let text = commands(&look(40), false);
        let wide = text.lines().filter(|line| fit::width(line) > 80).count();
        assert!(wide <= 1, "{text}");
    }
}
