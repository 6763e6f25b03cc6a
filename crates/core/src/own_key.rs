//! A compact JWS that carries the key it is signed with: what a receipt and a request to erase have in common.
//!
//! ES256, the public key in the header, and the payload names that key by its thumbprint.

use serde::Deserialize;

use crate::crypto::{EcJwk, Verifier};
use crate::digest::Digest;
use crate::jws::{self, Compact, JwsError};
use crate::receipt::TypeOnly;

/// The header's `alg`.
pub(crate) const ALG: &str = "ES256";

/// Such a JWS, its form and header read, and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnKey {
    pub(crate) jws: Compact,
    jwk: EcJwk,
}

/// Why a text is none, or why it is not to be believed.
pub(crate) enum Fault {
    /// The compact form or the header is broken.
    Jws(JwsError),
    /// Another `typ`.
    Type(String),
    /// Another `alg`.
    Algorithm(String),
    /// The `jwk` is not a P-256 key.
    Key,
    /// The signature does not hold.
    Signature,
    /// The key in the header is not the one that the payload names.
    Subject,
}

impl From<JwsError> for Fault {
    fn from(error: JwsError) -> Self {
        Self::Jws(error)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "typ")]
    _typ: String,
    #[serde(rename = "alg")]
    _alg: String,
    jwk: EcJwk,
}

/// What stands in a header as [`signing_input`] writes it, around the `typ` and the key's coordinates.
const BEFORE_TYP: &str = r#"{"typ":""#;
const BEFORE_X: &str = r#"","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":""#;
const BEFORE_Y: &str = r#"","y":""#;
const AFTER: &str = r#""}}"#;

/// The signing input: sign it with the key of `jwk`.
pub(crate) fn signing_input(typ: &str, jwk: &EcJwk, payload: &[u8]) -> String {
    let EcJwk { x, y, .. } = jwk;
    let header = format!(
        r#"{{"typ":"{typ}","alg":"{ALG}","jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#
    );
    jws::signing_input(header.as_bytes(), payload)
}

impl OwnKey {
    /// Reads the header.
    pub(crate) fn read(jws: Compact, typ: &str) -> Result<Self, Fault> {
        if let Some(jwk) = plain(jws.header_bytes(), typ) {
            return Ok(Self { jws, jwk });
        }
        // By what it says it is before anything else, so that a stranger's JWS is refused by that.
        let TypeOnly { typ: found, alg } = jws.header()?;
        let found = found.unwrap_or_default();
        if found != typ {
            return Err(Fault::Type(found));
        }
        let found = alg.unwrap_or_default();
        if found != ALG {
            return Err(Fault::Algorithm(found));
        }
        let Header { jwk, .. } = jws.header()?;
        Ok(Self { jws, jwk })
    }

    /// Checks the signature with the key in the header, and that this key is the one the payload names.
    pub(crate) fn verify(
        self,
        subject: Option<&str>,
        verifier: &impl Verifier,
    ) -> Result<Compact, Fault> {
        let point = self.jwk.point().ok_or(Fault::Key)?;
        let input = self.jws.signing_input().as_bytes();
        if !verifier.es256(&point, input, self.jws.signature()) {
            return Err(Fault::Signature);
        }
        let named = subject.and_then(Digest::parse);
        if named != Some(self.jwk.thumbprint()) {
            return Err(Fault::Subject);
        }
        Ok(self.jws)
    }
}

/// The key of a header that is, byte for byte, as we write it: it says what the JSON reader would find in it, at a
/// fraction of the cost, and almost every header there is has this form.
fn plain(header: &[u8], typ: &str) -> Option<EcJwk> {
    let rest = header.strip_prefix(BEFORE_TYP.as_bytes())?;
    let rest = rest.strip_prefix(typ.as_bytes())?;
    let (x, rest) = coordinate(rest.strip_prefix(BEFORE_X.as_bytes())?)?;
    let (y, rest) = coordinate(rest.strip_prefix(BEFORE_Y.as_bytes())?)?;
    (rest == AFTER.as_bytes()).then(|| EcJwk::new(x, y))
}

/// 43 letters of base64url and what follows them.
fn coordinate(text: &[u8]) -> Option<(&str, &[u8])> {
    let (text, rest) = text.split_at_checked(43)?;
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let text = text.iter().all(letter).then_some(text)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::encode;

    const TYP: &str = "consent-receipt+jws";

    fn jwk() -> EcJwk {
        EcJwk::new(&encode(&[0xfb; 32]), &encode(&[7; 32]))
    }

    fn assembled(header: &str) -> Compact {
        let input = jws::signing_input(header.as_bytes(), b"{}");
        Compact::parse(&Compact::assemble(&input, &[1; 64])).expect("a JWS")
    }

    fn header() -> String {
        let EcJwk { x, y, .. } = jwk();
        [BEFORE_TYP, TYP, BEFORE_X, &x, BEFORE_Y, &y, AFTER].concat()
    }

    #[test]
    fn a_header_as_we_write_it_says_the_same_both_ways() {
        let Header { jwk: found, .. } = serde_json::from_str(&header()).expect("JSON");
        assert_eq!(found, jwk());
        assert_eq!(plain(header().as_bytes(), TYP), Some(jwk()));
        let input = signing_input(TYP, &jwk(), b"{}");
        assert_eq!(input, jws::signing_input(header().as_bytes(), b"{}"));
    }

    #[test]
    fn any_other_spelling_is_left_to_the_json_reader() {
        let spaced = header().replace(r#","alg""#, r#", "alg""#);
        let escaped = header().replace("P-256", "P\\u002d256");
        let turned = {
            let EcJwk { x, y, .. } = jwk();
            format!(
                r#"{{"alg":"ES256","typ":"{TYP}","jwk":{{"crv":"P-256","kty":"EC","y":"{y}","x":"{x}"}}}}"#
            )
        };
        for header in [spaced, escaped, turned] {
            assert_eq!(plain(header.as_bytes(), TYP), None, "{header}");
            let read = OwnKey::read(assembled(&header), TYP);
            assert!(read.is_ok_and(|read| read.jwk == jwk()), "{header}");
        }
    }

    #[test]
    fn what_is_nearly_such_a_header_is_refused_as_before() {
        for (header, key_is_read) in [
            (header().replace(r#""}}"#, r#""}} "#), true),
            (header().replace(r#""}}"#, r#""}}}"#), false),
            (header().replace(r#""}}"#, r#"","y":""}}"#), false),
            (header().replace(r#""}}"#, r#"","d":"1"}}"#), false),
            (header().replace(r#""}}"#, r#""},"kid":"1"}"#), false),
            (header().replace(r#""typ""#, r#""typ":"x","typ""#), false),
            (header().replace("ES256", "ES384"), false),
            (header().replace("ES256", "none"), false),
            (header().replace(TYP, "consent-erasure+jws"), false),
        ] {
            assert_eq!(plain(header.as_bytes(), TYP), None, "{header}");
            let read = OwnKey::read(assembled(&header), TYP);
            assert_eq!(read.is_ok(), key_is_read, "{header}");
        }
    }
}
