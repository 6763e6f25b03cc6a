//! A JWS in few bytes: known words by number, ids and digests as raw bytes. Whatever else stands in it is kept as it is,
//! so any JWS comes back exactly, in whatever order its members stand.

use sayso_core::crypto::EcJwk;
use sayso_core::digest::{self, Digest};
use sayso_core::jws::Compact;
use serde::Deserialize;

use super::Shelf;
use super::word::{WORDS, at_start};

/// The next byte stands for itself.
const RAW: u8 = 1;
/// A UUID in 16 bytes.
const UUID: u8 = 2;
/// A digest in 32 bytes.
const DIGEST: u8 = 3;
/// The digest of a document, by its number.
const DOCUMENT: u8 = 4;
/// The thumbprint of the key in the header.
const THUMBPRINT: u8 = 5;
/// A decimal number.
const NUMBER: u8 = 6;
/// Ends the header.
const END: u8 = 7;
/// From here on, words.
const WORD: u8 = 0x80;

/// Shorter numbers stand as they are.
const DIGITS: usize = 4;

/// Packs a JWS. `thumbprint` is that of the key in its header, if there is one.
pub(crate) fn pack(jws: &Compact, thumbprint: Option<Digest>, shelf: &Shelf) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend(jws.signature());
    squeeze(jws.header_bytes(), None, shelf, &mut out);
    out.push(END);
    squeeze(jws.payload_bytes(), thumbprint, shelf, &mut out);
    out
}

/// The JWS again. `document` gives a digest by its number.
pub(crate) fn unpack<E>(
    packed: &[u8],
    mut document: impl FnMut(u64) -> Result<Option<Digest>, E>,
) -> Result<Option<String>, E> {
    let Some((signature, mut rest)) = packed.split_at_checked(64) else {
        return Ok(None);
    };
    let Some(header) = expand(&mut rest, None, &mut document)? else {
        return Ok(None);
    };
    let Some(payload) = expand(&mut rest, thumbprint(&header), &mut document)? else {
        return Ok(None);
    };
    let [header, payload, signature] = [&header, &payload, signature].map(digest::encode);
    Ok(Some(format!("{header}.{payload}.{signature}")))
}

fn thumbprint(header: &[u8]) -> Option<Digest> {
    #[derive(Deserialize)]
    struct Header {
        jwk: EcJwk,
    }
    let header: Header = serde_json::from_slice(header).ok()?;
    Some(header.jwk.thumbprint())
}

fn squeeze(text: &[u8], thumbprint: Option<Digest>, shelf: &Shelf, out: &mut Vec<u8>) {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let quoted = at > 0 && text[at - 1] == b'"';
        if quoted && let Some(uuid) = uuid(rest) {
            out.push(UUID);
            out.extend(uuid);
            at += 36;
        } else if quoted && let Some(digest) = digest_at(rest) {
            match shelf.number(&digest) {
                _ if Some(digest) == thumbprint => out.push(THUMBPRINT),
                Some(number) => {
                    out.push(DOCUMENT);
                    put_number(number, out);
                }
                None => {
                    out.push(DIGEST);
                    out.extend(digest.0);
                }
            }
            at += 43;
        } else if let Some((place, word)) = at_start(rest) {
            out.push(WORD + place);
            at += word.len();
        } else if let Some((number, length)) = number(rest) {
            out.push(NUMBER);
            put_number(number, out);
            at += length;
        } else {
            let byte = rest[0];
            if !(b' '..WORD).contains(&byte) {
                out.push(RAW);
            }
            out.push(byte);
            at += 1;
        }
    }
}

/// Gives a text back, up to its end or to [`END`]. `None` if it is not of this form.
fn expand<E>(
    rest: &mut &[u8],
    thumbprint: Option<Digest>,
    document: &mut impl FnMut(u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Vec<u8>>, E> {
    let mut out = Vec::with_capacity(512);
    while let Some((&code, after)) = rest.split_first() {
        *rest = after;
        let digest = match code {
            END => break,
            RAW => {
                let Some(byte) = take::<1>(rest) else {
                    return Ok(None);
                };
                out.extend(byte);
                continue;
            }
            UUID => {
                let Some(bytes) = take(rest) else {
                    return Ok(None);
                };
                put_uuid(bytes, &mut out);
                continue;
            }
            NUMBER => {
                let Some(number) = take_number(rest) else {
                    return Ok(None);
                };
                out.extend(number.to_string().into_bytes());
                continue;
            }
            DIGEST => take(rest).map(Digest),
            THUMBPRINT => thumbprint,
            DOCUMENT => match take_number(rest) {
                Some(number) => document(number)?,
                None => None,
            },
            WORD.. => {
                let Some(word) = WORDS.get(usize::from(code - WORD)) else {
                    return Ok(None);
                };
                out.extend(word.as_bytes());
                continue;
            }
            literal => {
                out.push(literal);
                continue;
            }
        };
        let Some(digest) = digest else {
            return Ok(None);
        };
        out.extend(digest.to_string().into_bytes());
    }
    Ok(Some(out))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

fn digest_at(text: &[u8]) -> Option<Digest> {
    if text.get(43) != Some(&b'"') {
        return None;
    }
    Digest::parse(std::str::from_utf8(&text[..43]).ok()?)
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.get(36) != Some(&b'"') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = 0;
    for (at, byte) in text[..36].iter().enumerate() {
        let value = match byte {
            b'-' if matches!(at, 8 | 13 | 18 | 23) => continue,
            _ if matches!(at, 8 | 13 | 18 | 23) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        bytes[digits / 2] = bytes[digits / 2] << 4 | value;
        digits += 1;
    }
    Some(bytes)
}

fn put_uuid(bytes: [u8; 16], out: &mut Vec<u8>) {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.push(b"0123456789abcdef"[usize::from(byte >> 4)]);
        out.push(b"0123456789abcdef"[usize::from(byte & 15)]);
    }
}

/// A decimal number worth packing: it comes back as it is written.
fn number(text: &[u8]) -> Option<(u64, usize)> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length < DIGITS || text[0] == b'0' {
        return None;
    }
    let digits = std::str::from_utf8(&text[..length]).ok()?;
    Some((digits.parse().ok()?, length))
}

/// Seven bits to a byte, the lowest first.
fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let [byte] = take(rest)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use sayso_core::digest::{encode, sha256};

    use super::*;

    fn there_and_back(header: &[u8], payload: &[u8], shelf: &Shelf) -> usize {
        let jws = format!(
            "{}.{}.{}",
            encode(header),
            encode(payload),
            encode(&[7; 64])
        );
        let compact = Compact::parse(&jws).expect("it is a JWS");
        let packed = pack(&compact, thumbprint(header), shelf);
        let document = |number| Ok::<_, ()>((number == 9).then(|| sha256(b"notice")));
        assert_eq!(unpack(&packed, document), Ok(Some(jws)));
        packed.len()
    }

    #[test]
    fn every_vector_comes_back_exactly_and_small() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../vectors/receipt.json")).expect("JSON");
        for case in vectors["cases"].as_array().expect("cases") {
            let part = |name: &str| case[name].as_str().expect("a text").as_bytes().to_vec();
            let (header, payload) = (part("header"), part("payload"));
            let length = there_and_back(&header, &payload, &Shelf::default());
            assert!(length < 360, "{}: {length}", case["name"]);
        }
    }

    #[test]
    fn what_no_word_fits_comes_back_too() {
        let digest = sha256(b"x").to_string();
        for text in [
            "",
            "\u{1}\u{7}\u{7f}\u{80}ü漢\"",
            "0000 1234 01234 18446744073709551615 18446744073709551616 99999999999999999999999",
            "\"019AA880-bafb-7052-b2cc-9f043d3c9660\" \"019aa880-bafb-7052-b2cc-9f043d3c966\"",
            "\"019aa880-bafb-7052-b2cc-9f043d3c9660\"019aa880-bafb-7052-b2cc-9f043d3c9660",
            &format!("\"{digest}\"{digest}\"{digest}x\""),
            &format!("\"{}\"", "_".repeat(43)),
        ] {
            there_and_back(text.as_bytes(), text.as_bytes(), &Shelf::default());
        }
        there_and_back(&(0..=255).collect::<Vec<u8>>(), b"{}", &Shelf::default());
    }

    #[test]
    fn documents_are_named_by_number() {
        let mut shelf = Shelf::default();
        let payload = format!("{{\"notice\":\"{}\"}}", sha256(b"notice"));
        let raw = there_and_back(b"{}", payload.as_bytes(), &shelf);
        shelf.put(sha256(b"notice"), 9);
        assert_eq!(there_and_back(b"{}", payload.as_bytes(), &shelf), raw - 31);
    }

    #[test]
    fn what_is_cut_short_or_unknown_is_refused_without_a_panic() {
        let none = |_| Ok::<_, ()>(None);
        let mut packed = vec![0; 64];
        packed.extend([END, UUID, 1, 2]);
        assert_eq!(unpack(&packed, none), Ok(None));
        for code in 0..=255 {
            let mut packed = vec![0; 64];
            packed.push(code);
            let _ = unpack(&packed, none);
        }
        assert_eq!(unpack(&[0; 63], none), Ok(None));
    }
}
