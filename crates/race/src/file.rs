//! A file as it is served: compressed once, as well as Brotli can.

use std::io::Write;

use hyper::body::Bytes;

/// What a file is kept for: versions in their names, or at least versions that nobody changes during a run.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file in memory.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) body: Bytes,
    pub(crate) kind: &'static str,
    /// Its `Cache-Control`.
    pub(crate) keep: &'static str,
    pub(crate) compressed: bool,
}

impl File {
    /// A page: asked for again at every visit.
    pub(crate) fn page(html: &str) -> Self {
        Self {
            keep: "no-cache",
            ..Self::new("page.html", html.as_bytes())
        }
    }

    /// A file that stays.
    pub(crate) fn new(path: &str, bytes: &[u8]) -> Self {
        Self {
            body: Bytes::from(brotli(bytes)),
            kind: kind(path),
            keep: FOR_EVER,
            compressed: true,
        }
    }

    /// A file kept for as long as the server of the product says.
    pub(crate) fn kept(self, keep: &'static str) -> Self {
        Self { keep, ..self }
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 22);
    writer
        .write_all(bytes)
        .expect("a vector takes what it is given");
    drop(writer);
    compressed
}
