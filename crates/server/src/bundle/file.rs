//! A file as it is handed out, and the name that changes with its content.

use std::collections::BTreeMap;
use std::io::Read;

use sayso_core::digest::{Digest, encode, sha256};

use crate::piece::Pieces;

/// The media type of scripts.
pub(super) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A file as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub body: Vec<u8>,
    /// Its media type.
    pub media: &'static str,
    /// Compressed beforehand with brotli.
    pub brotli: Option<Vec<u8>>,
    /// Compressed beforehand with gzip.
    pub gzip: Option<Vec<u8>>,
}

impl File {
    /// A file that is compressed when it is asked for, if at all.
    pub(super) fn plain(body: Vec<u8>, media: &'static str) -> Self {
        Self {
            body,
            media,
            brotli: None,
            gzip: None,
        }
    }

    /// A piece, with the forms that the build compressed beforehand.
    fn of(pieces: &Pieces, name: &str, media: &'static str) -> Self {
        let body = pieces.get(name).unwrap_or_default().to_vec();
        // A form left over from an earlier build would be served under the new build's name.
        let form = |suffix: &str, unpack: fn(&[u8]) -> Option<Vec<u8>>| {
            let packed = pieces.get(&format!("{name}{suffix}"))?;
            (unpack(packed)? == body).then(|| packed.to_vec())
        };
        Self {
            brotli: form(".br", unpack_brotli),
            gzip: form(".gz", unpack_gzip),
            body,
            media,
        }
    }
}

fn unpack_brotli(packed: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    brotli::BrotliDecompress(&mut &packed[..], &mut body).ok()?;
    Some(body)
}

fn unpack_gzip(packed: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut body)
        .ok()?;
    Some(body)
}

/// Files a piece under a name that changes with its content, and gives that name.
pub(super) fn hashed(files: &mut BTreeMap<String, File>, pieces: &Pieces, name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let media = if extension == "wasm" {
        "application/wasm"
    } else {
        JAVASCRIPT
    };
    let file = File::of(pieces, name, media);
    let path = format!("a/{stem}.{}.{extension}", short(sha256(&file.body)));
    files.insert(path.clone(), file);
    path
}

/// 96 bits of a digest: enough to name a file by.
pub(super) fn short(digest: Digest) -> String {
    encode(&digest.0[..12])
}
