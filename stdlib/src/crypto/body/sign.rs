//! Ed25519 signatures (RFC 8032).

use super::super::error::CryptoError;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// The length of a secret key.
const SECRET: usize = 32;

fn pair(secret: &[u8]) -> Result<Ed25519KeyPair, CryptoError> {
    // Files of other tools hold the secret followed by the public key.
    let seed = match secret.len() {
        64 => &secret[..SECRET],
        _ => secret,
    };
    let length = secret.len();
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| CryptoError::Key { length })
}

/// The public key of a secret one.
pub fn ed25519_public_key(secret: &[u8]) -> Result<Vec<u8>, CryptoError> {
    Ok(pair(secret)?.public_key().as_ref().to_vec())
}

/// The signature of `data`, 64 bytes.
pub fn ed25519_sign(secret: &[u8], data: &[u8]) -> Result<Vec<u8>, CryptoError> {
    Ok(pair(secret)?.sign(data).as_ref().to_vec())
}

/// Whether `signature` is that of `data`, made with the secret key that belongs to `public`.
pub fn ed25519_verify(public: &[u8], data: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(data, signature)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::body::{hex_decode, hex_encode};

    #[test]
    fn p27_the_second_test_vector_of_rfc_8032() {
        let secret =
            hex_decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let public = ed25519_public_key(&secret).unwrap();
        assert_eq!(
            hex_encode(&public),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = ed25519_sign(&secret, &[0x72]).unwrap();
        assert_eq!(
            hex_encode(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(ed25519_verify(&public, &[0x72], &signature));
        assert!(!ed25519_verify(&public, &[0x73], &signature));
        assert!(!ed25519_verify(&public, &[0x72], &signature[1..]));
        let whole = [secret, public].concat();
        assert_eq!(ed25519_sign(&whole, &[0x72]).unwrap(), signature);
        assert!(ed25519_sign(&[1; 31], &[]).is_err());
    }
}
