//! What the three databases have in common: a statement goes in, rows or a complaint come out.

use super::{caret, mysql, named, postgres, sqlite, tables};
use crate::client::error::Refusal;
use crate::client::{ClientError, Value};
use crate::host::failure::Detail;

/// Which dialect is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Postgres,
    Mysql,
    Sqlite,
}

impl Database {
    /// As messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// A name, perhaps with its schema, as the dialect quotes it.
    pub fn quote(self, name: &str) -> String {
        let quote = if self == Self::Mysql { '`' } else { '"' };
        let one = |part: &str| {
            let doubled: String = part
                .chars()
                .flat_map(|c| std::iter::repeat_n(c, 1 + usize::from(c == quote)))
                .collect();
            format!("{quote}{doubled}{quote}")
        };
        name.split('.').map(one).collect::<Vec<_>>().join(".")
    }

    /// The parameter at `number`, counted from 1.
    pub fn place(self, number: usize) -> String {
        match self {
            Self::Postgres => format!("${number}"),
            Self::Sqlite => format!("?{number}"),
            Self::Mysql => "?".into(),
        }
    }
}

/// What stands for the places in a statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Params {
    #[default]
    None,
    List(Vec<Value>),
    Named(Vec<(String, Value)>),
}

/// What is asked of a database.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    pub text: String,
    pub params: Params,
    /// The values are those of a record: a text for a JSON column is a JSON string.
    pub is_record: bool,
}

impl Statement {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// In one line, for a title.
    pub fn title(&self) -> String {
        caret::in_one_line(&self.text, 80)
    }
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// Rows changed, or found.
    pub affected: u64,
    /// The key MySQL gave to a new row.
    pub last_id: Option<u64>,
}

impl Outcome {
    /// The rows as maps.
    pub fn maps(self) -> Vec<Value> {
        let columns = self.columns;
        let map = |row: Vec<Value>| Value::Map(columns.iter().cloned().zip(row).collect());
        self.rows.into_iter().map(map).collect()
    }
}

/// What a database said against a statement.
#[derive(Debug, Clone, Default)]
pub struct Complaint {
    pub message: String,
    pub code: String,
    /// Characters before the mistake.
    pub offset: Option<usize>,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// The table that is not there.
    pub missing_table: Option<String>,
    pub is_syntax: bool,
    /// A row names another that is not there, or is named by one that is.
    pub is_foreign_key: bool,
}

/// Why there is no outcome.
#[derive(Debug)]
pub enum Trouble {
    Said(Box<Complaint>),
    Other(ClientError),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        Self::Other(error)
    }
}

/// A connection to a database.
pub enum Link {
    Postgres(postgres::Postgres),
    Mysql(mysql::Mysql),
    Sqlite(sqlite::Sqlite),
}

impl Link {
    pub fn database(&self) -> Database {
        match self {
            Self::Postgres(_) => Database::Postgres,
            Self::Mysql(_) => Database::Mysql,
            Self::Sqlite(_) => Database::Sqlite,
        }
    }

    /// Does what `statement` says; a complaint is told with the place in it.
    pub async fn run(&mut self, statement: &Statement) -> Result<Outcome, ClientError> {
        match self.attempt(statement).await {
            Ok(outcome) => Ok(outcome),
            Err(trouble) => Err(self.explain(statement, trouble).await),
        }
    }

    /// Like [`Link::run`], with the complaint as it came.
    pub async fn attempt(&mut self, statement: &Statement) -> Result<Outcome, Trouble> {
        let (text, values) = self.bind(statement)?;
        let outcome = match self {
            Self::Postgres(link) => link.run(&text, &values, statement.is_record).await?,
            Self::Mysql(link) => link.run(&text, &values).await?,
            Self::Sqlite(link) => link.run(text, values).await?,
        };
        let mut columns: Vec<&String> = outcome.columns.iter().collect();
        columns.sort();
        if let Some(twice) = columns.windows(2).find(|pair| pair[0] == pair[1]) {
            let error = ClientError::usage(format!("two columns are called `{}`", twice[0]));
            return Err(error.hinting("give one another name: a.id as a_id").into());
        }
        Ok(outcome)
    }

    fn bind(&self, statement: &Statement) -> Result<(String, Vec<Value>), ClientError> {
        match &statement.params {
            Params::None => Ok((statement.text.clone(), Vec::new())),
            Params::List(values) => Ok((statement.text.clone(), values.clone())),
            Params::Named(values) => named::translate(&statement.text, values, self.database()),
        }
    }

    /// A complaint in the shape scripts see.
    pub async fn explain(&mut self, statement: &Statement, trouble: Trouble) -> ClientError {
        let complaint = match trouble {
            Trouble::Other(error) => return error,
            Trouble::Said(complaint) => *complaint,
        };
        let database = self.database();
        let hint = match (&complaint.hint, &complaint.missing_table) {
            (Some(hint), _) => Some(hint.clone()),
            (None, Some(missing)) => tables::near(self, missing).await,
            (None, None) => place_hint(database, statement, &complaint),
        };
        let text = match self.bind(statement) {
            Ok((text, _)) => text,
            Err(_) => statement.text.clone(),
        };
        let shown = match complaint.offset {
            Some(offset) => caret::point(&text, offset),
            None => crate::host::json::cut(text.trim(), 2000),
        };
        let mut details = vec![detail("statement", shown)];
        match &statement.params {
            Params::List(values) if !values.is_empty() => {
                let values = Value::List(values.clone());
                details.push(detail("parameters", values.account().to_string()));
            }
            Params::Named(values) => {
                let values = Value::Map(values.clone());
                details.push(detail("parameters", values.account().to_string()));
            }
            _ => {}
        }
        if let Some(text) = complaint.detail {
            details.push(detail("detail", text));
        }
        if !complaint.code.is_empty() {
            details.push(detail("code", complaint.code));
        }
        ClientError::Refused(Box::new(Refusal {
            message: format!("{}: {}", database.name(), complaint.message),
            details,
            hint,
            is_final: complaint.is_syntax,
        }))
    }
}

fn detail(label: &str, text: String) -> Detail {
    Detail {
        label: label.to_owned(),
        text,
    }
}

/// Parameters written as another database has them.
fn place_hint(database: Database, statement: &Statement, complaint: &Complaint) -> Option<String> {
    if !complaint.is_syntax || statement.params == Params::None {
        return None;
    }
    let wrong = if database == Database::Postgres {
        '?'
    } else {
        '$'
    };
    statement.text.contains(wrong).then(|| {
        let place = database.place(1);
        format!(
            "{} writes parameters as {place}; :name works everywhere",
            database.name()
        )
    })
}

/// Refuses a wrong number of parameters.
pub fn counted(wanted: usize, given: usize) -> Result<(), ClientError> {
    if wanted == given {
        return Ok(());
    }
    let were = match given {
        0 => "none was given".to_owned(),
        1 => "1 was given".to_owned(),
        many => format!("{many} were given"),
    };
    let plural = if wanted == 1 { "" } else { "s" };
    Err(ClientError::usage(format!(
        "the statement takes {wanted} parameter{plural}, and {were}"
    ))
    .hinting("db.query(\"select … where id = $1\", [id])"))
}
