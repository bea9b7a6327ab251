//! TLS settings from a description: whom to trust, who we are, which protocol to offer.
//!
//! The one place that names a cryptography provider: it is given to each configuration by hand, so nothing
//! depends on what else in the process set a default. Roots of the machine are loaded once, at the first
//! https request; a client for plain http is built without any.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
    WebPkiServerVerifier,
};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, NamedGroup, RootCertStore, SignatureScheme,
};

use super::error::HttpError;
use super::probe::Probe;
use super::spec::{HttpVersion, Pem, TlsSpec};

/// The content behind a [`TlsSpec`]. Two clients with equal material may share connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TlsMaterial {
    ca: Option<Named>,
    cert: Option<Named>,
    key: Option<Named>,
    insecure: bool,
}

/// PEM bytes and what to call them in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Named {
    pem: Arc<[u8]>,
    name: String,
}

/// Reads the files a description names.
pub(crate) fn load(spec: &TlsSpec) -> Result<TlsMaterial, HttpError> {
    let read = |pem: &Option<Pem>, role: &'static str| -> Result<Option<Named>, HttpError> {
        match pem {
            None => Ok(None),
            Some(Pem::Text(text)) => Ok(Some(Named {
                pem: text.as_bytes().into(),
                name: format!("`{role}`"),
            })),
            Some(Pem::File(path)) => read_file(path, role).map(Some),
        }
    };
    Ok(TlsMaterial {
        ca: read(&spec.ca, "ca")?,
        cert: read(&spec.cert, "cert")?,
        key: read(&spec.key, "key")?,
        insecure: spec.insecure,
    })
}

fn read_file(path: &PathBuf, role: &'static str) -> Result<Named, HttpError> {
    let pem = std::fs::read(path).map_err(|error| HttpError::FileMissing {
        path: path.clone(),
        role: match role {
            "ca" => "the `ca` to trust",
            "cert" => "our `cert`",
            _ => "our private `key`",
        },
        reason: error.to_string(),
    })?;
    Ok(Named {
        pem: pem.into(),
        name: format!("`{role}` ({})", path.display()),
    })
}

/// A configuration that trusts nobody, for clients that never meet TLS.
pub(crate) fn plain() -> Result<ClientConfig, HttpError> {
    Ok(builder()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// The configuration for `material`.
pub(crate) fn config(
    material: &TlsMaterial,
    version: HttpVersion,
) -> Result<ClientConfig, HttpError> {
    let verifier: Arc<dyn ServerCertVerifier> = match (&material.ca, material.insecure) {
        (_, true) => Arc::new(TrustAnybody(provider())),
        (Some(ca), false) => trust_only(ca)?,
        (None, false) => trust_machine()?,
    };
    let trusting = builder()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &material.cert {
        None => trusting.with_no_client_auth(),
        Some(cert) => {
            let chain = certificates(cert)?;
            let holder = material.key.as_ref().unwrap_or(cert);
            let key =
                PrivateKeyDer::from_pem_slice(&holder.pem).map_err(|error| HttpError::BadPem {
                    role: holder.name.clone(),
                    reason: format!("no private key in it ({error})"),
                })?;
            trusting
                .with_client_auth_cert(chain, key)
                .map_err(|error| HttpError::BadPem {
                    role: cert.name.clone(),
                    reason: format!("certificate and key do not go together ({error})"),
                })?
        }
    };
    config.alpn_protocols = match version {
        HttpVersion::Negotiated => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersion::Http1 => vec![b"http/1.1".to_vec()],
        HttpVersion::Http2 => vec![b"h2".to_vec()],
    };
    config.resumption = Resumption::store(Arc::new(NoSessions));
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    static RING: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    RING.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
        .clone()
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, HttpError> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::NoClient(error.to_string()))
}

fn certificates(named: &Named) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let bad = |reason: String| HttpError::BadPem {
        role: named.name.clone(),
        reason,
    };
    let chain = CertificateDer::pem_slice_iter(&named.pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| bad(error.to_string()))?;
    if chain.is_empty() {
        return Err(bad("no certificate in it".to_owned()));
    }
    Ok(chain)
}

fn trust_only(ca: &Named) -> Result<Arc<dyn ServerCertVerifier>, HttpError> {
    let bad = |reason: String| HttpError::BadPem {
        role: ca.name.clone(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| bad(error.to_string()))?;
    Ok(verifier)
}

fn trust_machine() -> Result<Arc<dyn ServerCertVerifier>, HttpError> {
    type Loaded = Result<Arc<rustls_platform_verifier::Verifier>, String>;
    static MACHINE: OnceLock<Loaded> = OnceLock::new();
    let loaded = MACHINE.get_or_init(|| {
        rustls_platform_verifier::Verifier::new(provider())
            .map(Arc::new)
            .map_err(|error| error.to_string())
    });
    match loaded {
        Ok(verifier) => Ok(verifier.clone()),
        Err(reason) => Err(HttpError::NoRoots(reason.clone())),
    }
}

/// Keeps no session: each connection shows its certificate, so a changed one is noticed. Being asked for a
/// hint is the first thing a handshake does, which is how its beginning is marked.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        if let Some(probe) = Probe::current() {
            probe.tls_starts();
        }
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// `insecure: true`. Signatures are still checked: the server must own the certificate it shows.
#[derive(Debug)]
struct TrustAnybody(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pem: &str) -> Option<Pem> {
        Some(Pem::Text(pem.to_owned()))
    }

    #[test]
    fn every_configuration_brings_its_own_provider() {
        // No process default is installed here, and none is needed.
        assert!(plain().is_ok());
        let insecure = TlsSpec {
            insecure: true,
            ..TlsSpec::default()
        };
        let material = load(&insecure).expect("nothing to read");
        assert!(config(&material, HttpVersion::Negotiated).is_ok());
    }

    #[test]
    fn a_missing_ca_file_is_named() {
        let spec = TlsSpec {
            ca: Some(Pem::File("/nowhere/ca.pem".into())),
            ..TlsSpec::default()
        };
        let error = load(&spec).expect_err("no such file").to_string();
        assert!(
            error.starts_with("cannot read `/nowhere/ca.pem` (the `ca` to trust)"),
            "{error}"
        );
    }

    #[test]
    fn a_ca_that_is_no_certificate_is_refused() {
        let spec = TlsSpec {
            ca: text("hello"),
            ..TlsSpec::default()
        };
        let material = load(&spec).expect("text needs no reading");
        let error = config(&material, HttpVersion::Http1).expect_err("no certificate");
        assert_eq!(
            error.to_string(),
            "`ca` holds no usable PEM: no certificate in it"
        );
    }

    #[test]
    fn a_certificate_needs_its_own_key() {
        let one = rcgen::generate_simple_self_signed(["a".to_owned()]).expect("a certificate");
        let other = rcgen::generate_simple_self_signed(["b".to_owned()]).expect("a certificate");
        let spec = |key: Option<Pem>| TlsSpec {
            cert: text(&one.cert.pem()),
            key,
            insecure: true,
            ..TlsSpec::default()
        };
        let error = |spec: TlsSpec| {
            let material = load(&spec).expect("text needs no reading");
            config(&material, HttpVersion::Http1)
                .expect_err("refused")
                .to_string()
        };
        assert!(error(spec(None)).contains("no private key in it"));
        let wrong = spec(text(&other.signing_key.serialize_pem()));
        assert!(error(wrong).contains("do not go together"));
    }
}
