//! Which database a URL means, and how connections to it are made.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::link::{Database, Link};
use super::sqlite::{self, Place, Sqlite};
use super::{mysql, postgres};
use crate::client::address::{Scheme, without_password};
use crate::client::{Address, ClientError, Common, Connector, Service};
use crate::host::suggest;

const POSTGRES: Service = Service {
    name: "postgres",
    schemes: &[
        Scheme {
            name: "postgres",
            port: 5432,
            tls: false,
        },
        Scheme {
            name: "postgresql",
            port: 5432,
            tls: false,
        },
    ],
    example: "postgres://user:password@127.0.0.1:5432/shop",
};

const MYSQL: Service = Service {
    name: "mysql",
    schemes: &[
        Scheme {
            name: "mysql",
            port: 3306,
            tls: false,
        },
        Scheme {
            name: "mariadb",
            port: 3306,
            tls: false,
        },
    ],
    example: "mysql://user:password@127.0.0.1:3306/shop",
};

const SCHEMES: &[&str] = &["postgres", "postgresql", "mysql", "mariadb", "sqlite"];

/// What a URL asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Server(Database, Address),
    Memory,
    /// The path as it is written.
    File {
        path: String,
        may_create: bool,
        read_only: bool,
    },
}

impl Wanted {
    /// Reads a URL.
    pub fn parse(given: &str) -> Result<Self, ClientError> {
        let scheme = given.split(':').next().unwrap_or_default();
        match scheme {
            _ if !given.contains(':') => Err(wrong(given, "it does not begin with a scheme")
                .hinting("write it like \"postgres://user@127.0.0.1/shop\", \"mysql://…\", \"sqlite:shop.db\" or \"sqlite::memory:\"")),
            "postgres" | "postgresql" => {
                Address::parse(given, &POSTGRES).map(|address| Self::Server(Database::Postgres, address))
            }
            "mysql" | "mariadb" => {
                Address::parse(given, &MYSQL).map(|address| Self::Server(Database::Mysql, address))
            }
            "sqlite" => file(given),
            other => {
                let error = wrong(given, &format!("`{other}` is no scheme of a database"));
                Err(match suggest::hint(other, SCHEMES.iter().copied()) {
                    Some(hint) => error.hinting(hint),
                    None => error,
                })
            }
        }
    }
}

fn wrong(given: &str, reason: &str) -> ClientError {
    ClientError::BadAddress {
        given: without_password(given),
        reason: reason.to_owned(),
        hint: None,
    }
}

fn file(given: &str) -> Result<Wanted, ClientError> {
    let rest = given.trim_start_matches("sqlite:");
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, mode) = match rest.split_once("?mode=") {
        Some((path, mode)) => (path, Some(mode)),
        None => (rest, None),
    };
    if path == ":memory:" || path == "memory:" || path == "memory" {
        return Ok(Wanted::Memory);
    }
    if path.is_empty() {
        return Err(wrong(given, "it names no file")
            .hinting("write it like \"sqlite:shop.db\" or \"sqlite::memory:\""));
    }
    if let Some(other) = mode.filter(|mode| !matches!(*mode, "ro" | "rw" | "rwc")) {
        return Err(
            wrong(given, &format!("`{other}` is no mode")).hinting("known are: ro, rw, rwc")
        );
    }
    Ok(Wanted::File {
        path: path.to_owned(),
        may_create: mode == Some("rwc"),
        read_only: mode == Some("ro"),
    })
}

/// A database, ready to be connected to.
#[derive(Clone)]
pub struct Target(Arc<Inner>);

struct Inner {
    place: Where,
    common: Common,
    /// SQLite has one connection for good: another one in memory would be another database.
    kept: Mutex<Option<Sqlite>>,
}

enum Where {
    Server(Database, Address),
    Sqlite(Place),
}

impl Target {
    /// A database on a server.
    pub fn server(database: Database, address: Address, common: Common) -> Self {
        Self::new(Where::Server(database, address), common)
    }

    /// A database in memory.
    pub fn memory(common: Common) -> Self {
        Self::new(Where::Sqlite(Place::Memory), common)
    }

    /// A database in a file.
    pub fn file(path: PathBuf, may_create: bool, read_only: bool, common: Common) -> Self {
        let place = Place::File {
            path,
            may_create,
            read_only,
        };
        Self::new(Where::Sqlite(place), common)
    }

    fn new(place: Where, common: Common) -> Self {
        Self(Arc::new(Inner {
            place,
            common,
            kept: Mutex::default(),
        }))
    }

    /// Which dialect it speaks.
    pub fn database(&self) -> Database {
        match &self.0.place {
            Where::Server(database, _) => *database,
            Where::Sqlite(_) => Database::Sqlite,
        }
    }

    /// The limit for one call.
    pub fn limit(&self) -> Duration {
        self.0.common.timeout
    }

    /// Whether it is gone with its connection.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.0.place, Where::Sqlite(Place::Memory))
    }

    /// Undoes a transaction of a database whose connection stays, where nothing can be waited for.
    pub fn roll_back(&self) {
        if let Some(kept) = &*self.0.kept.lock().unwrap_or_else(PoisonError::into_inner) {
            kept.roll_back();
        }
    }
}

impl Connector for Target {
    type Link = Link;

    fn server(&self) -> String {
        match &self.0.place {
            Where::Server(_, address) => address.server(),
            Where::Sqlite(place) => place.show(),
        }
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        let common = &self.0.common;
        match &self.0.place {
            Where::Server(Database::Mysql, address) => {
                let link = mysql::connect(address, &common.tls, common.connect_timeout).await?;
                Ok(Link::Mysql(link))
            }
            Where::Server(_, address) => {
                let link = postgres::connect(address, &common.tls, common.connect_timeout).await?;
                Ok(Link::Postgres(link))
            }
            Where::Sqlite(place) => {
                let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
                let link = match kept.take() {
                    Some(link) => link,
                    None => sqlite::open(place, common.connect_timeout)?,
                };
                *kept = Some(link.clone());
                Ok(Link::Sqlite(link))
            }
        }
    }

    fn is_alive(&self, link: &Link) -> bool {
        match link {
            Link::Postgres(link) => link.is_alive(),
            Link::Mysql(link) => link.is_alive(),
            Link::Sqlite(_) => true,
        }
    }

    fn forget(&self) {
        self.0
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::failure::Failure;

    fn told(url: &str) -> String {
        Failure::from(Wanted::parse(url).expect_err("refused")).render()
    }

    #[test]
    fn a_url_says_which_database() {
        assert_eq!(Wanted::parse("sqlite::memory:"), Ok(Wanted::Memory));
        let file = |path: &str, may_create, read_only| Wanted::File {
            path: path.into(),
            may_create,
            read_only,
        };
        assert_eq!(
            Wanted::parse("sqlite:a/b.db"),
            Ok(file("a/b.db", false, false))
        );
        assert_eq!(
            Wanted::parse("sqlite:///a/b.db?mode=ro"),
            Ok(file("/a/b.db", false, true))
        );
        assert!(
            matches!(Wanted::parse("postgresql:///shop?host=/tmp"), Ok(Wanted::Server(Database::Postgres, a)) if a.host == "/tmp" && a.path == "shop")
        );
        assert!(
            matches!(Wanted::parse("mariadb://h/shop"), Ok(Wanted::Server(Database::Mysql, a)) if a.port == 3306)
        );
    }

    #[test]
    fn a_wrong_url_is_told_with_the_next_move() {
        assert_eq!(
            told("postgre://ada:lovelace@h/shop"),
            "bad address `postgre://ada@h/shop`: `postgre` is no scheme of a database\n  hint: did you mean `postgres`?"
        );
        assert_eq!(
            told("oracle://h/shop"),
            "bad address `oracle://h/shop`: `oracle` is no scheme of a database\n  hint: known are: mariadb, mysql, postgres, postgresql, sqlite"
        );
        assert!(told("shop.db").starts_with(
            "bad address `shop.db`: it does not begin with a scheme\n  hint: write it like"
        ));
        assert!(told("sqlite:").contains("it names no file"));
        assert!(told("sqlite:a?mode=x").contains("`x` is no mode\n  hint: known are: ro, rw, rwc"));
    }
}
