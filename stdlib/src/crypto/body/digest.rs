//! Digests of bytes, with and without a key, as lower-case hex digits.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::encode::hex_encode;
use crate::crypto::error::CryptoError;
use crate::host::suggest::nearest;

/// The hashes a script can ask for. MD5 and SHA-1 are here because APIs still use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    pub const NAMES: [&'static str; 4] = ["md5", "sha1", "sha256", "sha512"];

    /// The hash of a name, with or without a dash, in any case.
    pub fn named(name: &str) -> Result<Self, CryptoError> {
        match name.to_lowercase().replace('-', "").as_str() {
            "md5" => Ok(Self::Md5),
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            "sha512" => Ok(Self::Sha512),
            other => Err(CryptoError::UnknownHash {
                name: name.to_string(),
                nearest: nearest(other, Self::NAMES),
            }),
        }
    }
}

/// The digest in hex digits.
pub fn hash(hash: Hash, data: &[u8]) -> String {
    match hash {
        Hash::Md5 => hex_encode(&Md5::digest(data)),
        Hash::Sha1 => hex_encode(&Sha1::digest(data)),
        Hash::Sha256 => hex_encode(&Sha256::digest(data)),
        Hash::Sha512 => hex_encode(&Sha512::digest(data)),
    }
}

/// The keyed digest (RFC 2104) as bytes, since some signatures are written in base64.
pub fn hmac(hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    fn keyed<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
        // HMAC takes a key of any length, so the constructor cannot refuse one.
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
            return Vec::new();
        };
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    }
    match hash {
        Hash::Md5 => keyed::<Hmac<Md5>>(key, data),
        Hash::Sha1 => keyed::<Hmac<Sha1>>(key, data),
        Hash::Sha256 => keyed::<Hmac<Sha256>>(key, data),
        Hash::Sha512 => keyed::<Hmac<Sha512>>(key, data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_of_abc_are_the_published_ones() {
        for (name, digest) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "sha256",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "sha512",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            assert_eq!(
                hash(Hash::named(name).expect(name), b"abc"),
                digest,
                "{name}"
            );
        }
    }

    #[test]
    fn the_keyed_digests_are_those_of_rfc_4231_and_2202() {
        let data = b"what do ya want for nothing?";
        let hex = |hash| hex_encode(&hmac(hash, b"Jefe", data));
        assert_eq!(hex(Hash::Md5), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(hex(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            hex(Hash::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(hex(Hash::Sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
    }

    #[test]
    fn an_unknown_hash_gets_a_suggestion() {
        let error = Hash::named("sha265").expect_err("unknown");
        assert_eq!(error.to_string(), "unknown hash `sha265`");
        assert_eq!(error.hint().as_deref(), Some("did you mean `sha256`?"));
    }
}
