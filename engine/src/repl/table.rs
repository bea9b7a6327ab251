//! A list of maps as a table, where every cell is short enough.

use super::show::Look;
use crate::report::{clean, fit};
use serde_json::Value;

/// Rows shown; of more the first ones say enough.
const ROWS: usize = 50;

/// A column is not made narrower than this.
const NARROWEST: usize = 8;

/// The table of a list of maps; `None` if it is none, or would not fit.
pub fn show(value: &Value, look: &Look) -> Option<String> {
    let rows = value.as_array().filter(|rows| !rows.is_empty())?;
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        let row = row.as_object()?;
        if row.is_empty() || row.values().any(|cell| cell.is_array() || cell.is_object()) {
            return None;
        }
        for name in row.keys() {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .take(ROWS)
        .map(|row| names.iter().map(|name| cell(&row[name])).collect())
        .collect();
    let is_number: Vec<bool> = names
        .iter()
        .map(|name| {
            rows.iter()
                .all(|row| row[name].is_number() || row[name].is_null())
        })
        .collect();
    let mut widths: Vec<usize> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let widest = cells.iter().map(|row| fit::width(&row[at])).max();
            fit::width(name).max(widest.unwrap_or(0))
        })
        .collect();
    shrink(&mut widths, look.columns)?;
    let line = |cells: &[String], paint: &dyn Fn(String) -> String| {
        let cells = cells.iter().zip(&widths).zip(&is_number);
        let cells: Vec<String> = cells
            .map(|((cell, width), is_number)| {
                let cell = fit::fit(cell, *width);
                paint(match is_number {
                    true => fit::right(&cell, *width),
                    false => fit::pad(&cell, *width),
                })
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let header: Vec<String> = names.iter().map(|name| clean::name(name)).collect();
    let mut lines = vec![line(&header, &|cell| look.palette.strong(cell))];
    lines.extend(cells.iter().map(|row| line(row, &|cell| cell)));
    if rows.len() > ROWS {
        let more = format!("… {} more rows", rows.len() - ROWS);
        lines.push(look.palette.dim(more));
    }
    Some(lines.join("\n"))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => clean::short(text, 60),
        other => other.to_string(),
    }
}

/// Takes room from the widest columns until all fit.
fn shrink(widths: &mut [usize], columns: usize) -> Option<()> {
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        let widest = widths
            .iter_mut()
            .max()
            .filter(|width| **width > NARROWEST)?;
        *widest -= 1;
    }
    Some(())
}
