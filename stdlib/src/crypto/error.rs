//! The ways an encoded text can be broken.

use thiserror::Error;

/// A text that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CryptoError {
    #[error("not {encoding}: {reason}")]
    Encoding {
        encoding: &'static str,
        reason: String,
    },
    #[error("the decoded bytes are not UTF-8 text ({0} bytes)")]
    NotText(usize),
    #[error("not a JWT: it has {0} parts separated by dots instead of 3")]
    JwtParts(usize),
    #[error("not a JWT: the {part} is {reason}")]
    JwtPart { part: &'static str, reason: String },
    #[error("no Ed25519 key: it has {length} bytes instead of 32")]
    Key { length: usize },
    #[error("unknown hash `{name}`")]
    UnknownHash {
        name: String,
        nearest: Option<&'static str>,
    },
}

impl CryptoError {
    /// The next move, where there is one to suggest.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotText(_) => Some("ask for the bytes instead".to_string()),
            Self::JwtParts(5) => {
                Some("five parts make an encrypted token (JWE), which cannot be read".to_string())
            }
            Self::UnknownHash {
                nearest: Some(name),
                ..
            } => Some(format!("did you mean `{name}`?")),
            Self::UnknownHash { nearest: None, .. } => Some(format!(
                "the hashes are {}",
                super::body::Hash::NAMES.join(", ")
            )),
            Self::Encoding { .. } | Self::Key { .. } | Self::JwtParts(_) | Self::JwtPart { .. } => {
                None
            }
        }
    }
}
