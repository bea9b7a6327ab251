//! Ports that nobody else on this machine is given while they are leased: a lock file a port, shared by all processes of
//! this user. The lock is held by a descriptor, so it ends with the process, whatever happens to it.

use super::error::ServiceError;
use super::holder;
use crate::machine::{self, LockFile};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpSocket;

/// Where ports are looked for unless the script says: below what the kernel gives to outgoing connections, and above
/// those of well-known servers.
const USUAL: (u16, u16) = (20_000, 32_767);

/// One port; free again when this is dropped.
#[derive(Debug)]
pub struct Lease {
    port: u16,
    _lock: LockFile,
}

impl Lease {
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Where leases are taken out.
#[derive(Clone, Debug)]
pub struct Office {
    dir: PathBuf,
    /// Shown to whoever finds a port leased.
    lessee: String,
}

/// Why a port was not given.
enum Refusal {
    Leased(String),
    Taken,
}

impl Office {
    /// The office of this user on this machine; `lessee` says who asks.
    pub fn of_user(lessee: &str) -> Result<Self, ServiceError> {
        let folder = machine::folder().ok_or(ServiceError::NoOffice)?;
        Ok(Self::at(&folder.join("ports"), lessee))
    }

    /// An office in a directory of its own.
    pub fn at(dir: &Path, lessee: &str) -> Self {
        Self {
            dir: dir.to_owned(),
            lessee: format!("{lessee} (pid {})", std::process::id()),
        }
    }

    /// Any free port.
    pub fn any(&self, service: &str) -> Result<Lease, ServiceError> {
        self.one_of(service, USUAL.0, USUAL.1)
    }

    /// A free port from `low` to `high`.
    pub fn one_of(&self, service: &str, low: u16, high: u16) -> Result<Lease, ServiceError> {
        let count = u32::from(high) + 1 - u32::from(low);
        let first = scattered() % count;
        let mut taken = None;
        for step in 0..count {
            let port = low + ((first + step) % count) as u16;
            match self.take(port)? {
                Ok(lease) => return Ok(lease),
                Err(Refusal::Taken) => taken = taken.or(Some(port)),
                Err(Refusal::Leased(_)) => {}
            }
        }
        Err(ServiceError::NoneFree {
            service: service.to_owned(),
            low,
            high,
            holder: taken.and_then(|port| Some((port, holder::of(port)?))),
        })
    }

    /// This port and no other.
    pub fn exactly(&self, service: &str, port: u16) -> Result<Lease, ServiceError> {
        let service = service.to_owned();
        match self.take(port)? {
            Ok(lease) => Ok(lease),
            Err(Refusal::Leased(lessee)) => Err(ServiceError::Leased {
                service,
                port,
                lessee,
            }),
            Err(Refusal::Taken) => Err(ServiceError::Taken {
                service,
                port,
                holder: holder::of(port),
            }),
        }
    }

    /// A port that a service which lives on has already; `None` if somebody else leased it meanwhile.
    pub fn again(&self, port: u16) -> Option<Lease> {
        let path = self.dir.join(port.to_string());
        let taken = LockFile::take(&path, &self.lessee).ok()?;
        taken.ok().map(|lock| Lease { port, _lock: lock })
    }

    fn take(&self, port: u16) -> Result<Result<Lease, Refusal>, ServiceError> {
        let path = self.dir.join(port.to_string());
        let taken = LockFile::take(&path, &self.lessee).map_err(|error| ServiceError::Io {
            what: "lock",
            path: path.clone(),
            error,
        })?;
        Ok(match taken {
            Err(lessee) => Err(Refusal::Leased(lessee)),
            Ok(_) if !is_free(port) => Err(Refusal::Taken),
            Ok(lock) => Ok(Lease { port, _lock: lock }),
        })
    }
}

/// A place to begin that differs between processes and calls, so that many rarely ask for the same port.
fn scattered() -> u32 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let mixed = std::process::id()
        .wrapping_mul(2_654_435_761)
        .wrapping_add(call.wrapping_mul(97));
    mixed >> 3
}

/// Whether nobody holds the port, for TCP and UDP, on any address. Nothing listens while it is found out.
pub fn is_free(port: u16) -> bool {
    let any4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let any6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let tcp = |socket: io::Result<TcpSocket>, address| match socket {
        Ok(socket) => {
            // As servers do: connections that linger after their server do not hold its port.
            let _ = socket.set_reuseaddr(true);
            is_bound(socket.bind(address))
        }
        // Without this family of addresses nobody can hold one.
        Err(_) => true,
    };
    tcp(TcpSocket::new_v4(), any4)
        && tcp(TcpSocket::new_v6(), any6)
        && is_bound(UdpSocket::bind(any4).map(drop))
}

/// Bound, or refused for a reason that is not another holder.
fn is_bound(bound: io::Result<()>) -> bool {
    !matches!(bound, Err(error) if error.kind() == io::ErrorKind::AddrInUse)
}

/// The names of the lock files in use, for a look at the office.
pub fn leased_ports(dir: &Path) -> Vec<u16> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| LockFile::is_held(&entry.path()))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
