//! The first lines: which program, which run, against what, with which seed.

use super::Look;
use crate::model::View;
use crate::report::{clean, fit};

/// The header, with an empty line behind it.
pub fn header(view: &View, look: &Look) -> String {
    let Some(run) = &view.run else {
        return String::new();
    };
    let selected = view.scenarios.len();
    let total = selected + view.not_selected.len();
    let scenarios = match (selected, total) {
        (1, 1) => "1 scenario".to_owned(),
        (selected, total) if selected == total => format!("{total} scenarios"),
        _ => format!("{selected} of {total} scenarios"),
    };
    let mut facts = vec![scenarios, format!("profile {}", clean::name(&run.profile))];
    if let Some(url) = &run.base_url {
        facts.push(format!("base URL {}", clean::name(url)));
    }
    facts.push(format!("seed {}", run.seed));
    facts.push(match run.jobs {
        1 => "1 job".into(),
        jobs => format!("{jobs} jobs"),
    });
    let first = format!(
        "scenario {}, run {}{}",
        clean::name(&run.program),
        look.palette.strong(clean::name(&run.run.0)),
        if view.resumed.is_some() {
            ", resumed"
        } else {
            ""
        }
    );
    let facts = fit::flow("", &facts, 0, look.width);
    let facts: Vec<String> = facts.lines().map(|line| look.palette.dim(line)).collect();
    format!("{first}\n{}\n\n", facts.join("\n"))
}
