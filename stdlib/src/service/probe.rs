//! One look at whether a service answers. Each gives what it saw in a few words when the answer is *not yet*.

use super::spec::Statuses;
use crate::http::body::{Client, ClientSpec, Recorder, Request, Transports};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A single look may take so long; a service that hangs is looked at anew.
pub const LOOK: Duration = Duration::from_secs(2);

/// What a look showed.
pub type Seen = Result<(), String>;

/// Pauses between looks: short while a refusal costs nothing, longer when each look is work for the service.
#[derive(Clone, Debug)]
pub struct Pauses {
    next: Duration,
    longest: Duration,
}

const FIRST: Duration = Duration::from_millis(2);
/// What costs the service nothing is asked so often that its answer is seen within ten milliseconds.
const CHEAP: Duration = Duration::from_millis(4);
const DEAR: Duration = Duration::from_millis(50);

impl Pauses {
    /// For looks that cost the service nothing, such as a refused connection.
    pub fn cheap() -> Self {
        Self {
            next: FIRST,
            longest: CHEAP,
        }
    }

    /// For looks that start a process or are answered by the service.
    pub fn dear() -> Self {
        Self {
            next: FIRST,
            longest: DEAR,
        }
    }

    /// From now on looks cost something.
    pub fn grow(&mut self) {
        self.longest = DEAR;
    }

    pub fn take(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.mul_f64(1.5).min(self.longest);
        pause
    }
}

/// Whether somebody accepts connections.
pub async fn tcp(port: u16) -> Seen {
    connect(port).await.map(drop)
}

async fn connect(port: u16) -> Result<TcpStream, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| in_words(&error))?;
    // A port of the range for outgoing connections can be connected to itself, with nobody there.
    match (stream.local_addr(), stream.peer_addr()) {
        (Ok(local), Ok(peer)) if local == peer => Err("connection refused".into()),
        _ => Ok(stream),
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::ConnectionReset => "connection reset".into(),
        io::ErrorKind::TimedOut => "no answer to the connection".into(),
        _ => error.to_string(),
    }
}

/// What an HTTP look showed: whether anybody answered matters for how often to look again.
#[derive(Debug)]
pub struct NotYet {
    pub seen: String,
    pub answered: bool,
}

/// Whether a GET answers with one of the statuses. Plain HTTP takes a connection of its own; a service that keeps
/// connections open must not have one more because it was looked at.
pub async fn http(url: &url::Url, statuses: &Statuses) -> Result<(), NotYet> {
    let silent = |seen: String| NotYet {
        seen,
        answered: false,
    };
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    let status = match (url.scheme(), url.port_or_known_default()) {
        ("http", Some(port)) if is_local => plain(url, port).await.map_err(silent)?,
        _ => general(url).await.map_err(silent)?,
    };
    if statuses.accept(status) {
        return Ok(());
    }
    Err(NotYet {
        seen: format!("status {status}"),
        answered: true,
    })
}

async fn plain(url: &url::Url, port: u16) -> Result<u16, String> {
    let mut stream = connect(port).await?;
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}:{port}\r\nAccept: */*\r\nUser-Agent: scenario\r\nConnection: close\r\n\r\n",
        url.host_str().unwrap_or("127.0.0.1"),
    );
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let mut chunk = [0; 1024];
        loop {
            let read = stream.read(&mut chunk).await?;
            answer.extend_from_slice(&chunk[..read]);
            if read == 0 || answer.contains(&b'\n') || answer.len() > 8192 {
                return Ok(answer);
            }
        }
    };
    let answer = exchange
        .await
        .map_err(|error: io::Error| in_words(&error))?;
    let line = String::from_utf8_lossy(&answer);
    let line = line.lines().next().unwrap_or("");
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
    match (status, line) {
        (Some(status), _) => Ok(status),
        (None, "") => Err("an empty answer".into()),
        (None, line) => Err(format!("no HTTP: {}", crate::host::json::cut(line, 60))),
    }
}

/// Whatever is not plain HTTP on this machine; whose certificate it is does not matter for being up.
async fn general(url: &url::Url) -> Result<u16, String> {
    let mut spec = ClientSpec {
        cookies: false,
        ..ClientSpec::default()
    };
    spec.tls.insecure = true;
    spec.timeouts.total = Some(LOOK);
    let client = Client::new(Arc::new(spec), Arc::new(Transports::default()))
        .map_err(|error| error.to_string())?;
    let request = Request::new("GET", url.as_str());
    match client.send(&request, &Recorder::new()).await {
        Ok(response) => Ok(response.status),
        Err(error) => Err(error.error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn run<T>(future: impl Future<Output = T>) -> T {
        crate::host::fake::runtime().block_on(future)
    }

    /// Answers one connection with these bytes.
    fn answering(answer: &'static [u8]) -> url::Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/health?x=1", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /health?x=1 HTTP/1.1\r\n"));
            stream.write_all(answer).unwrap();
        });
        url.parse().unwrap()
    }

    #[test]
    fn c6_a_status_decides() {
        run(http(
            &answering(b"HTTP/1.1 204 No Content\r\n\r\n"),
            &Statuses::Good,
        ))
        .unwrap();
        let url = answering(b"HTTP/1.0 503 Busy\r\n\r\n");
        let not_yet = run(http(&url, &Statuses::Good)).unwrap_err();
        assert_eq!(
            (not_yet.seen.as_str(), not_yet.answered),
            ("status 503", true)
        );
        let url = answering(b"HTTP/1.1 401 No\r\n\r\n");
        run(http(&url, &Statuses::These(vec![200, 401]))).unwrap();
    }

    #[test]
    fn what_is_no_http_says_so() {
        let seen = |answer| {
            run(http(&answering(answer), &Statuses::Good))
                .unwrap_err()
                .seen
        };
        assert_eq!(seen(b"+OK ready\r\n"), "no HTTP: +OK ready");
        assert_eq!(seen(b""), "an empty answer");
    }

    #[test]
    fn a_port_without_a_listener_refuses() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        assert_eq!(run(tcp(port)).unwrap_err(), "connection refused");
    }

    #[test]
    fn c6_looks_are_never_more_than_ten_milliseconds_apart_while_nobody_answers() {
        let mut pauses = Pauses::cheap();
        let taken: Vec<u128> = (0..50).map(|_| pauses.take().as_millis()).collect();
        assert_eq!(taken[0], 2);
        assert!(taken.iter().all(|pause| *pause < 10));
        pauses.grow();
        assert_eq!((0..20).map(|_| pauses.take()).max(), Some(DEAR));
    }
}
