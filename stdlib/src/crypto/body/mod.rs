//! Digests, encodings and tokens as plain functions over bytes. Nothing here is verified or kept secret.

mod digest;
mod encode;
mod jwt;

pub use digest::{Hash, hash, hmac};
pub use encode::{
    base64_decode, base64_encode, base64url_decode, base64url_encode, hex_decode, hex_encode,
    url_decode, url_encode,
};
pub use jwt::{Jwt, jwt_decode};
