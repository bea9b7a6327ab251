//! Servers of the tests' own on this machine, for what the demo system does not do.

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// A port of this machine where nobody listens, and that nobody else is given for as long as this value lives.
pub struct Closed(tokio::net::TcpSocket);

impl Closed {
    pub fn new() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        // Bound but not listening: whoever connects is refused.
        socket
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("a port");
        Self(socket)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

/// A server for `localhost` whose certificate nobody has signed but itself. It ends with the test's process.
pub struct Tls {
    port: u16,
    /// The certificate as PEM.
    pub certificate: String,
}

impl Tls {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let issued = params.self_signed(&key).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let secret = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![issued.der().clone()], secret)
            .expect("a server");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Ok(connection) = ServerConnection::new(config.clone()) else {
                    return;
                };
                let mut tls = StreamOwned::new(connection, stream);
                // Whoever refuses the certificate hangs up here.
                if matches!(tls.read(&mut [0; 4096]), Ok(1..)) {
                    let _ = tls.write_all(
                        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
                    );
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                }
            }
        });
        Self {
            port,
            certificate: issued.pem(),
        }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}
