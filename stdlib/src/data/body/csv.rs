//! CSV files with a header: an array with one map for each row. Fields stay strings; only the script knows better.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::read::Source;
use crate::data::error::DataError;

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// The character between fields.
    pub delimiter: u8,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',' }
    }
}

impl CsvOptions {
    /// A delimiter as a script writes it: one character, or `\t`.
    pub fn delimited_by(text: &str) -> Result<Self, DataError> {
        match text.as_bytes() {
            [delimiter] if !delimiter.is_ascii_alphanumeric() && !b"\"\r\n".contains(delimiter) => {
                Ok(Self {
                    delimiter: *delimiter,
                })
            }
            _ => Err(DataError::Delimiter(text.escape_debug().to_string())),
        }
    }
}

/// Parses the rows below the header. Empty lines are skipped, as are the spaces around names in the header.
pub fn parse_csv(source: &Source, options: CsvOptions) -> Result<Value, DataError> {
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(options.delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(source.text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(record) => record.map_err(|error| broken(source, &error))?,
        None => {
            return Err(DataError::NoHeader {
                file: source.file.clone(),
            });
        }
    };
    let names = names(source, &header)?;
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| broken(source, &error))?;
        if record.len() != names.len() {
            return Err(DataError::Ragged {
                file: source.file.clone(),
                line: line_of(source, &record),
                row: rows.len() + 1,
                seen: record.len(),
                wanted: names.len(),
            });
        }
        let row: Map<String, Value> = names
            .iter()
            .zip(&record)
            .map(|(name, field)| (name.clone(), Value::from(field)))
            .collect();
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

fn names(source: &Source, header: &::csv::StringRecord) -> Result<Vec<String>, DataError> {
    let line = line_of(source, header);
    let mut known = BTreeSet::new();
    let mut names = Vec::new();
    for (at, name) in header.iter().map(str::trim).enumerate() {
        if name.is_empty() {
            return Err(DataError::UnnamedColumn {
                file: source.file.clone(),
                line,
                column: at + 1,
            });
        }
        if !known.insert(name) {
            return Err(DataError::SameColumn {
                file: source.file.clone(),
                line,
                name: name.to_string(),
            });
        }
        names.push(name.to_string());
    }
    Ok(names)
}

/// The line a record begins on. The parser counts from where it looked for the record, before empty lines.
fn line_of(source: &Source, record: &::csv::StringRecord) -> u64 {
    let Some(position) = record.position() else {
        return 1;
    };
    let rest = source
        .text
        .as_bytes()
        .get(position.byte() as usize..)
        .unwrap_or_default();
    let skipped = rest
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|byte| **byte == b'\n');
    position.line() + skipped.count() as u64
}

fn broken(source: &Source, error: &::csv::Error) -> DataError {
    DataError::Whole {
        file: source.file.clone(),
        reason: format!("not CSV: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn source(text: &str) -> Source {
        Source {
            file: "users.csv".to_string(),
            text: text.to_string(),
        }
    }

    fn parse(text: &str) -> Result<Value, DataError> {
        parse_csv(&source(text), CsvOptions::default())
    }

    fn told(text: &str) -> String {
        parse(text).expect_err("broken").to_string()
    }

    #[test]
    fn rows_are_maps_of_strings() {
        assert_eq!(
            parse("name, age\r\nAda,007\r\n\"Bob, \"\"B\"\"\",\"two\nlines\"\r\n"),
            Ok(json!([{"name": "Ada", "age": "007"}, {"name": "Bob, \"B\"", "age": "two\nlines"}]))
        );
        assert_eq!(parse("name\n"), Ok(json!([])));
    }

    #[test]
    fn a_ragged_row_is_named_by_line() {
        assert_eq!(
            told("name,age\nAda,36\n\n\"Bob\nB\",5,x\n"),
            "users.csv:4: row 2 has 3 fields, the header has 2"
        );
        let error = parse("name,age\nAda;36\n").expect_err("ragged");
        assert!(
            error.hint().expect("a hint").contains("delimiter"),
            "{error}"
        );
    }

    #[test]
    fn a_header_without_names_is_an_error() {
        assert_eq!(told(""), "users.csv: the header is missing");
        assert_eq!(told("name,,age\n"), "users.csv:1: column 2 has no name");
        assert_eq!(
            told("\nname,name\n"),
            "users.csv:2: two columns are called `name`"
        );
    }

    #[test]
    fn another_delimiter_is_one_character() {
        let options = CsvOptions::delimited_by(";").expect("a delimiter");
        assert_eq!(
            parse_csv(&source("a;b\n1;2,3\n"), options),
            Ok(json!([{"a": "1", "b": "2,3"}]))
        );
        assert!(CsvOptions::delimited_by("\t").is_ok());
        for wrong in ["", ";;", "é", "\n", "a", "\""] {
            assert!(CsvOptions::delimited_by(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn quoted_fields_come_back_as_they_were(fields in prop::collection::vec("(?s).{0,20}", 1..5)) {
            let header: Vec<String> = (0..fields.len()).map(|at| format!("c{at}")).collect();
            let quoted: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            let rows = parse(&format!("{}\n{}\n", header.join(","), quoted.join(","))).unwrap();
            for (name, field) in header.iter().zip(&fields) {
                prop_assert_eq!(&rows[0][name], field);
            }
        }
    }
}
