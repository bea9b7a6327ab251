//! What the options of every `connect` mean.

use std::time::Duration;

use super::tls;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::http::body::TlsSpec;

/// Nobody waits longer for a server that is not there.
const CONNECT: Duration = Duration::from_secs(5);

/// For one call.
const CALL: Duration = Duration::from_secs(30);

/// The options all clients have.
#[derive(Debug, Clone)]
pub struct Common {
    pub connect_timeout: Duration,
    pub timeout: Duration,
    pub tls: TlsSpec,
}

impl Common {
    /// Reads `timeout`, `connect_timeout`, `ca`, `cert`, `key` and `insecure`.
    pub fn read(options: &mut Options, attempt: &Attempt) -> Result<Self, Failure> {
        let world = attempt.world();
        let connect = options.duration("connect_timeout")?;
        let call = options.duration("timeout")?;
        Ok(Self {
            connect_timeout: world.scaled(connect.unwrap_or(CONNECT)),
            timeout: world.scaled(call.unwrap_or(CALL)),
            tls: tls::read(options, &attempt.identity().script_dir)?,
        })
    }
}
