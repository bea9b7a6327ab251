//! A connection to a server, and what it says when it will not do something.

use crate::client::address::Scheme;
use crate::client::connect::{connecting, innermost};
use crate::client::error::Refusal;
use crate::client::{Address, ClientError, Common, Connector, Service};
use crate::host::failure::Detail;
use crate::http::body::{Pem, TlsSpec};
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::{ClientOptions, Credential, ServerAddress, Tls, TlsOptions};
use mongodb::{Client, Collection, Database};
use tokio::net::TcpStream;

pub const SERVICE: Service = Service {
    name: "mongo",
    schemes: &[Scheme {
        name: "mongodb",
        port: 27017,
        tls: false,
    }],
    example: "mongodb://user:password@127.0.0.1:27017/shop",
};

/// A server and the database on it.
#[derive(Clone)]
pub struct Target {
    pub address: Address,
    pub common: Common,
    pub database: String,
}

/// A connection.
pub struct Link {
    client: Client,
    database: String,
    server: String,
}

impl Connector for Target {
    type Link = Link;

    fn server(&self) -> String {
        self.address.server()
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        let address = &self.address;
        connecting(address, self.common.connect_timeout, async {
            let unreachable = |reason: String| ClientError::Unreachable {
                server: address.server(),
                reason,
                hint: None,
            };
            // The driver would look for the server until its time is up, also where nobody listens.
            drop(
                TcpStream::connect((address.host.as_str(), address.port))
                    .await
                    .map_err(|error| unreachable(error.to_string()))?,
            );
            let client = Client::with_options(self.options()?)
                .map_err(|error| unreachable(innermost(&error)))?;
            let link = Link {
                client,
                database: self.database.clone(),
                server: address.server(),
            };
            match link.database().run_command(doc! { "ping": 1 }).await {
                Ok(_) => Ok(link),
                Err(error) => Err(match *error.kind {
                    ErrorKind::Authentication { .. } => denied(address, &error),
                    ErrorKind::Command(ref said) if matches!(said.code, 13 | 18) => {
                        denied(address, &error)
                    }
                    _ => unreachable(innermost(&error)),
                }),
            }
        })
        .await
    }
}

fn denied(address: &Address, error: &Error) -> ClientError {
    let reason = match &*error.kind {
        ErrorKind::Command(said) => said.message.clone(),
        _ => innermost(error),
    };
    ClientError::Denied {
        server: address.server(),
        reason: reason.trim_end_matches('.').to_owned(),
        hint: Some("check user and password of the address; `?authSource=` names the database that knows the user".into()),
    }
}

impl Target {
    fn options(&self) -> Result<ClientOptions, ClientError> {
        let mut address = self.address.clone();
        let source = address.take("authSource").unwrap_or_else(|| "admin".into());
        let replica_set = address.take("replicaSet");
        let direct = address.take("directConnection").map(|text| text == "true");
        let tls = address
            .take("tls")
            .or(address.take("ssl"))
            .map(|text| text == "true");
        if let Some((unknown, _)) = address.query.first() {
            return Err(ClientError::usage(format!(
                "the address has an unknown parameter `{unknown}`"
            ))
            .hinting("known are: authSource, replicaSet, directConnection, tls"));
        }
        let credential = address.user.clone().map(|user| {
            Credential::builder()
                .username(user)
                .password(address.password.clone())
                .source(source)
                .build()
        });
        let mut options = ClientOptions::default();
        options.hosts = vec![ServerAddress::Tcp {
            host: address.host.clone(),
            port: Some(address.port),
        }];
        options.app_name = Some("scenario".into());
        options.server_selection_timeout = Some(self.common.connect_timeout);
        options.connect_timeout = Some(self.common.connect_timeout);
        // A member of a replica set knows itself by a name that often means nothing here.
        options.direct_connection = direct.or(replica_set.is_none().then_some(true));
        options.repl_set_name = replica_set;
        options.credential = credential;
        options.retry_writes = Some(false);
        if tls == Some(true) || self.common.tls != TlsSpec::default() {
            options.tls = Some(Tls::Enabled(self.tls()?));
        }
        Ok(options)
    }

    fn tls(&self) -> Result<TlsOptions, ClientError> {
        let spec = &self.common.tls;
        let mut options = TlsOptions::default();
        options.allow_invalid_certificates = Some(spec.insecure);
        options.ca_file_path = match &spec.ca {
            None => None,
            Some(Pem::File(path)) => Some(path.clone()),
            Some(Pem::Text(_)) => {
                return Err(ClientError::usage(
                    "option `ca` of `mongo.connect` is the path of a file",
                ));
            }
        };
        Ok(options)
    }
}

impl Link {
    pub fn database(&self) -> Database {
        self.client.database(&self.database)
    }

    pub fn collection(&self, name: &str) -> Collection<Document> {
        self.database().collection(name)
    }

    /// What the driver says, in our words.
    pub fn trouble(&self, error: &Error) -> ClientError {
        let refused = |message: &str, code: String, is_final: bool| {
            ClientError::Refused(Box::new(Refusal {
                message: format!("mongo: {message}"),
                details: vec![Detail {
                    label: "code".into(),
                    text: code,
                }],
                hint: None,
                is_final,
            }))
        };
        match &*error.kind {
            ErrorKind::Command(said) => {
                // 2 BadValue, 9 FailedToParse, 59 CommandNotFound: asking again cannot help.
                let is_final = matches!(said.code, 2 | 9 | 59 | 40324);
                refused(
                    &said.message,
                    format!("{} {}", said.code, said.code_name)
                        .trim()
                        .to_owned(),
                    is_final,
                )
            }
            ErrorKind::Write(WriteFailure::WriteError(said)) => {
                refused(&said.message, said.code.to_string(), false)
            }
            ErrorKind::Write(WriteFailure::WriteConcernError(said)) => {
                refused(&said.message, said.code.to_string(), false)
            }
            ErrorKind::InsertMany(said) => match said.write_errors.as_deref() {
                Some([first, ..]) => refused(&first.message, first.code.to_string(), false),
                _ => ClientError::refused("mongo: the documents were not all written"),
            },
            ErrorKind::Io(_)
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::ServerSelection { .. } => ClientError::Lost {
                server: self.server.clone(),
                reason: innermost(error),
            },
            ErrorKind::InvalidArgument { message, .. } => ClientError::usage(message.clone()),
            other => ClientError::refused(format!("mongo: {other}")),
        }
    }
}
