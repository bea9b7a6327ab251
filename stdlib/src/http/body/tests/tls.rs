//! Certificates good and bad, ours and theirs.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

/// A certificate with its key, both as PEM.
#[derive(Clone)]
struct Issued {
    cert: String,
    key: String,
}

fn issue(authority: &Authority, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let cert = params.signed_by(&key, authority).expect("a certificate");
    Issued {
        cert: cert.pem(),
        key: key.serialize_pem(),
    }
}

/// A TLS server that says hello; with `clients` it demands a certificate signed by that authority.
async fn hello(issued: &Issued, clients: Option<&Authority>, alpn: &[&str]) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .expect("a verifier");
            builder.with_client_cert_verifier(verifier)
        }
    };
    let cert = CertificateDer::from_pem_slice(issued.cert.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("PEM");
    let mut config = builder.with_single_cert(vec![cert], key).expect("a pair");
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = raw(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    format!("https://localhost:{}", address.port())
}

fn trusting(authority: &Authority) -> ClientSpec {
    let mut spec = ClientSpec::default();
    spec.tls.ca = Some(Pem::Text(authority.pem()));
    spec
}

async fn trouble(spec: ClientSpec, url: &str) -> TlsTrouble {
    let error = send(&client(spec), Request::new("GET", url)).await;
    match error.expect_err("no trust").error {
        HttpError::Tls { trouble, .. } => trouble,
        other => panic!("trouble with TLS, not {other}"),
    }
}

#[tokio::test]
async fn a_named_authority_is_trusted() {
    let authority = authority();
    let url = hello(&issue(&authority, "localhost", |_| {}), None, &[]).await;
    let client = client(trusting(&authority));
    let response = send(&client, Request::new("GET", &url))
        .await
        .expect("trust");
    assert_eq!(response.text(), "hello");
    let timings = response.exchange.last().expect("a hop").timings();
    assert!(timings.tls.is_some() && timings.connect.is_some());
}

#[tokio::test]
async fn an_authority_may_be_named_by_file() {
    let authority = authority();
    let url = hello(&issue(&authority, "localhost", |_| {}), None, &[]).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ca.pem");
    std::fs::write(&path, authority.pem()).expect("a file");
    let mut spec = ClientSpec::default();
    spec.tls.ca = Some(Pem::File(path));
    let response = send(&client(spec), Request::new("GET", &url)).await;
    assert_eq!(response.expect("trust").status, 200);
}

#[tokio::test]
async fn an_unknown_issuer_is_refused_unless_insecure() {
    let url = hello(&issue(&authority(), "localhost", |_| {}), None, &[]).await;
    let other = authority();
    assert_eq!(
        trouble(trusting(&other), &url).await,
        TlsTrouble::UnknownIssuer
    );
    let mut insecure = ClientSpec::default();
    insecure.tls.insecure = true;
    let response = send(&client(insecure), Request::new("GET", &url)).await;
    assert_eq!(response.expect("anybody is trusted").text(), "hello");
}

#[tokio::test]
async fn the_machine_does_not_know_a_test_authority() {
    let url = hello(&issue(&authority(), "localhost", |_| {}), None, &[]).await;
    // A bare container has no authorities at all, which is a fault of the machine and not of the server.
    let error = failing(&url).await;
    let known = matches!(
        &error,
        HttpError::NoRoots(_)
            | HttpError::Tls {
                trouble: TlsTrouble::UnknownIssuer,
                ..
            }
    );
    assert!(known, "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("`ca: ")));
}

#[tokio::test]
async fn an_expired_certificate_tells_since_when() {
    let authority = authority();
    let issued = issue(&authority, "localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    });
    let url = hello(&issued, None, &[]).await;
    let TlsTrouble::Expired { ago } = trouble(trusting(&authority), &url).await else {
        panic!("it expired");
    };
    assert!(ago.contains('d'), "{ago}");
}

#[tokio::test]
async fn a_certificate_of_the_future_is_not_valid_yet() {
    let authority = authority();
    let issued = issue(&authority, "localhost", |params| {
        params.not_before = rcgen::date_time_ymd(4000, 1, 1);
        params.not_after = rcgen::date_time_ymd(4001, 1, 1);
    });
    let url = hello(&issued, None, &[]).await;
    assert_eq!(
        trouble(trusting(&authority), &url).await,
        TlsTrouble::NotYetValid
    );
}

#[tokio::test]
async fn a_wrong_name_shows_both() {
    let authority = authority();
    let url = hello(&issue(&authority, "api.test", |_| {}), None, &[]).await;
    assert_eq!(
        trouble(trusting(&authority), &url).await.to_string(),
        "its certificate is for `api.test`, not for `localhost`"
    );
}

#[tokio::test]
async fn a_name_can_be_given_an_address() {
    let authority = authority();
    let url = hello(&issue(&authority, "api.test", |_| {}), None, &[]).await;
    let mut spec = trusting(&authority);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    spec.resolve.insert("api.test".into(), vec![loopback]);
    let url = url.replace("localhost", "api.test");
    let response = send(&client(spec), Request::new("GET", &url)).await;
    assert_eq!(response.expect("trust").text(), "hello");
}

#[tokio::test]
async fn a_server_may_ask_who_we_are() {
    let authority = authority();
    let issued = issue(&authority, "localhost", |_| {});
    let url = hello(&issued, Some(&authority), &[]).await;
    let ours = issue(&authority, "me", |_| {});
    let mut spec = trusting(&authority);
    spec.tls.cert = Some(Pem::Text(ours.cert.clone()));
    spec.tls.key = Some(Pem::Text(ours.key.clone()));
    let response = send(&client(spec), Request::new("GET", &url)).await;
    assert_eq!(response.expect("we are known").text(), "hello");
    // Certificate and key in one document, as many tools write them.
    let mut spec = trusting(&authority);
    spec.tls.cert = Some(Pem::Text(format!("{}{}", ours.cert, ours.key)));
    let response = send(&client(spec), Request::new("GET", &url)).await;
    assert_eq!(response.expect("we are known").text(), "hello");
}

#[tokio::test]
async fn without_a_client_certificate_the_server_says_it_wants_one() {
    let authority = authority();
    let url = hello(
        &issue(&authority, "localhost", |_| {}),
        Some(&authority),
        &[],
    )
    .await;
    assert_eq!(
        trouble(trusting(&authority), &url).await,
        TlsTrouble::ClientCertificateMissing
    );
}

#[tokio::test]
async fn a_client_certificate_of_a_stranger_is_refused() {
    let authority = authority();
    let url = hello(
        &issue(&authority, "localhost", |_| {}),
        Some(&authority),
        &[],
    )
    .await;
    let stranger = issue(&self::authority(), "me", |_| {});
    let mut spec = trusting(&authority);
    spec.tls.cert = Some(Pem::Text(stranger.cert));
    spec.tls.key = Some(Pem::Text(stranger.key));
    assert!(matches!(
        trouble(spec, &url).await,
        TlsTrouble::ClientCertificateRefused(_)
    ));
}

#[tokio::test]
async fn a_plain_server_does_not_speak_tls() {
    let address = raw(|mut stream| async move {
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).await.expect("a handshake");
        let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(answer).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await;
    let url = format!("https://{address}");
    let mut spec = ClientSpec::default();
    spec.tls.insecure = true;
    assert_eq!(trouble(spec, &url).await, TlsTrouble::NotTls);
}

#[tokio::test]
async fn a_tls_server_asked_in_plain_is_not_http() {
    let authority = authority();
    let url = hello(&issue(&authority, "localhost", |_| {}), None, &[]).await;
    let error = failing(&url.replace("https:", "http:")).await;
    assert!(
        matches!(
            error,
            HttpError::Malformed { .. } | HttpError::Closed { .. } | HttpError::Reset { .. }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn http1_is_spoken_where_http2_is_not_wanted() {
    let authority = authority();
    let url = hello(
        &issue(&authority, "localhost", |_| {}),
        None,
        &["h2", "http/1.1"],
    )
    .await;
    let spec = ClientSpec {
        version: HttpVersion::Http1,
        ..trusting(&authority)
    };
    let response = send(&client(spec), Request::new("GET", &url)).await;
    assert_eq!(
        response.expect("http/1.1").version,
        reqwest::Version::HTTP_11
    );
}
