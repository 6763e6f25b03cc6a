//! What was shown, kept by its digest, so that it can be shown again years later.

use sayso_core::digest::Digest;

/// What kind of text a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A notice: the site's whole text, all purposes, one language.
    Notice,
    /// A layer: the exact bytes sent for one surface.
    Layer,
}

impl DocumentKind {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Layer => "layer",
        }
    }
}

/// A text that was shown. Never changed and never removed: receipts name it by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Notice or layer.
    pub kind: DocumentKind,
    /// SHA-256 of `body`.
    pub digest: Digest,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// Its media type.
    pub media: String,
    /// What a receipt recorded by the server copies from it, as the server's own JSON.
    pub about: String,
    /// When it was first published, in milliseconds since 1970.
    pub published: u64,
}
