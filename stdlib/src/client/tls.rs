//! Whom to trust and who we are, by the same options as `http`.

use std::path::Path;

use super::error::ClientError;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::http::body::{Pem, TlsSpec, tls_config};
use rustls::ClientConfig;

/// The options `ca`, `cert`, `key` and `insecure`; relative paths start from `directory`.
pub fn read(options: &mut Options, directory: &Path) -> Result<TlsSpec, Failure> {
    let pem = |given: Option<String>| {
        given.map(|given| match given.contains("-----BEGIN") {
            true => Pem::Text(given),
            false => Pem::File(directory.join(given)),
        })
    };
    Ok(TlsSpec {
        ca: pem(options.text("ca")?),
        cert: pem(options.text("cert")?),
        key: pem(options.text("key")?),
        insecure: options.flag("insecure")?.unwrap_or(false),
    })
}

/// The configuration for such options, without any protocol negotiated inside TLS.
pub fn config(spec: &TlsSpec) -> Result<ClientConfig, ClientError> {
    let mut config = tls_config(spec).map_err(|error| ClientError::usage(error.to_string()))?;
    config.alpn_protocols.clear();
    Ok(config)
}
