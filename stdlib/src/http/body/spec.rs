//! What a client is: its description, as plain values with their defaults.
//!
//! Nothing is checked here; `Client::new` does that. A description owns no connection and may be shared.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::request::QueryValue;

/// The description of a client. `ClientSpec::default()` is what `http.get(…)` uses.
#[derive(Debug, Clone)]
pub struct ClientSpec {
    /// What a relative URL is appended to.
    pub base_url: Option<String>,
    /// Sent with every request; a value of `None` takes a default header away.
    pub headers: Vec<(String, Option<String>)>,
    /// Added to the query of every request.
    pub query: Vec<(String, QueryValue)>,
    pub auth: Auth,
    /// Whether cookies are kept and sent back.
    pub cookies: bool,
    pub timeouts: Timeouts,
    /// How many redirects are followed; with 0 the script sees the 302 itself.
    pub redirects: u32,
    pub retry: RetrySpec,
    pub tls: TlsSpec,
    pub version: HttpVersion,
    pub proxy: ProxySpec,
    /// Talk to this socket whatever host the URL names.
    pub unix_socket: Option<PathBuf>,
    /// Addresses for host names, instead of asking the system.
    pub resolve: BTreeMap<String, Vec<SocketAddr>>,
    /// Whether to ask for compressed bodies. Bodies that come compressed are unpacked either way.
    pub compressed: bool,
    /// The largest body accepted into memory, before and after unpacking, in bytes.
    pub max_body: u64,
    /// The largest body accepted into a file, in bytes.
    pub max_file: u64,
}

impl Default for ClientSpec {
    fn default() -> Self {
        Self {
            base_url: None,
            headers: Vec::new(),
            query: Vec::new(),
            auth: Auth::None,
            cookies: true,
            timeouts: Timeouts::default(),
            redirects: 0,
            retry: RetrySpec::default(),
            tls: TlsSpec::default(),
            version: HttpVersion::Negotiated,
            proxy: ProxySpec::None,
            unix_socket: None,
            resolve: BTreeMap::new(),
            compressed: false,
            max_body: 64 << 20,
            max_file: 4 << 30,
        }
    }
}

/// How requests prove who sends them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Auth {
    #[default]
    None,
    Basic {
        user: String,
        password: String,
    },
    Bearer(String),
    OAuth2(Box<OAuth2>),
}

/// The OAuth 2 client-credentials grant (RFC 6749, section 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2 {
    pub token_url: String,
    pub client_id: String,
    pub client_secret: String,
    pub scope: Option<String>,
    /// Further form fields the server wants, such as `audience`.
    pub fields: Vec<(String, String)>,
    pub credentials: TokenCredentials,
}

/// Where the client id and secret go in the request for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCredentials {
    /// In the `Authorization` header, which every server must support.
    #[default]
    Header,
    /// In the form.
    Body,
}

/// Time limits by kind. `None` is no limit of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Resolving, connecting and the TLS handshake together.
    pub connect: Option<Duration>,
    /// From the connection being there to the first byte of the response.
    pub first_byte: Option<Duration>,
    /// Between two pieces of the body.
    pub idle: Option<Duration>,
    /// One try as a whole, redirects and body included.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            first_byte: None,
            idle: None,
            total: Some(Duration::from_secs(30)),
        }
    }
}

/// When a request is sent again. By default it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySpec {
    /// How often at most, after the first try.
    pub times: u32,
    pub on: Vec<RetryOn>,
    /// Methods that may be repeated; by default those that do no harm twice.
    pub methods: Vec<String>,
    /// Wait before the first retry; doubled for each further one.
    pub backoff: Duration,
    /// No single wait is longer. A server that asks for more (`Retry-After`) is taken at its word: no retry.
    pub max_wait: Duration,
}

impl Default for RetrySpec {
    fn default() -> Self {
        Self {
            times: 0,
            on: vec![
                RetryOn::Transport,
                RetryOn::Status(429),
                RetryOn::Status(502),
                RetryOn::Status(503),
                RetryOn::Status(504),
            ],
            methods: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
                .map(str::to_owned)
                .to_vec(),
            backoff: Duration::from_millis(200),
            max_wait: Duration::from_secs(30),
        }
    }
}

/// What makes a retry worth it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOn {
    /// Refused, reset, silent: no response came.
    Transport,
    Status(u16),
}

/// A PEM document: a file, or the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pem {
    File(PathBuf),
    Text(String),
}

/// Whom to trust and who we are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSpec {
    /// Certificate authorities to trust *instead of* those of the machine.
    pub ca: Option<Pem>,
    /// Our certificate chain, for servers that ask for one.
    pub cert: Option<Pem>,
    /// The private key of `cert`; looked for in `cert` itself when absent.
    pub key: Option<Pem>,
    /// Trust anybody.
    pub insecure: bool,
}

/// Which HTTP to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HttpVersion {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Negotiated,
    Http1,
    /// HTTP/2 without asking, also over plain TCP.
    Http2,
}

/// Through whom to talk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum ProxySpec {
    #[default]
    None,
    /// What the environment says (`HTTPS_PROXY`, `NO_PROXY`, …); never for loopback addresses.
    System,
    /// This one, for every host but those in `except` (names, `.suffixes`, addresses, networks).
    Url { url: String, except: Vec<String> },
}
