//! Base58, as Bitcoin and its kin write bytes: no `0`, `O`, `I` and `l`.

use super::super::error::CryptoError;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Bytes as text. Takes time by the square of their number, as the encoding does.
pub fn base58_encode(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = convert(&bytes[zeros..], 256, 58);
    let ones = std::iter::repeat_n(ALPHABET[0], zeros);
    let rest = digits.into_iter().map(|digit| ALPHABET[usize::from(digit)]);
    ones.chain(rest).map(char::from).collect()
}

/// The bytes a text stands for.
pub fn base58_decode(text: &str) -> Result<Vec<u8>, CryptoError> {
    let digit = |(place, byte): (usize, u8)| {
        let found = ALPHABET.iter().position(|known| *known == byte);
        found
            .map(|digit| digit as u8)
            .ok_or_else(|| CryptoError::Encoding {
                encoding: "base58",
                reason: format!("character {} is none of it", place + 1),
            })
    };
    let digits: Vec<u8> = text
        .bytes()
        .enumerate()
        .map(digit)
        .collect::<Result<_, _>>()?;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut bytes = vec![0; zeros];
    bytes.extend(convert(&digits[zeros..], 58, 256));
    Ok(bytes)
}

/// A number from one base to another, the highest digit first.
fn convert(digits: &[u8], from: u32, to: u32) -> Vec<u8> {
    // The lowest digit first.
    let mut out: Vec<u8> = Vec::new();
    for digit in digits {
        let mut carry = u32::from(*digit);
        for place in &mut out {
            carry += u32::from(*place) * from;
            *place = (carry % to) as u8;
            carry /= to;
        }
        while carry > 0 {
            out.push((carry % to) as u8);
            carry /= to;
        }
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p27_texts_of_the_standard_and_back() {
        let cases: [(&[u8], &str); 5] = [
            (b"", ""),
            (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
            (
                b"The quick brown fox jumps over the lazy dog.",
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
            ),
            (&[0, 0, 0x28, 0x7f, 0xb4, 0xcd], "11233QC4"),
            (&[0, 0], "11"),
        ];
        for (bytes, text) in cases {
            assert_eq!(base58_encode(bytes), text);
            assert_eq!(base58_decode(text).unwrap(), bytes);
        }
        let error = base58_decode("2NE0").unwrap_err();
        assert_eq!(error.to_string(), "not base58: character 4 is none of it");
    }
}
