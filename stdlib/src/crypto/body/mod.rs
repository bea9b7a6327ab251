//! Digests, encodings and tokens as plain functions over bytes. Nothing here is verified or kept secret.

mod base58;
mod digest;
mod encode;
mod jwt;
mod sign;

pub use base58::{base58_decode, base58_encode};
pub use digest::{Hash, hash, hmac};
pub use encode::{
    base64_decode, base64_encode, base64url_decode, base64url_encode, hex_decode, hex_encode,
    url_decode, url_encode,
};
pub use jwt::{Jwt, jwt_decode};
pub use sign::{ed25519_public_key, ed25519_sign, ed25519_verify};
