//! What a site pastes into its pages: the inline snippet with its CSP hash, and the script tag.

use base64ct::Encoding as _;
use sayso_core::digest::sha256;

use crate::piece::Pieces;

/// What a site pastes into its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The inline script's text.
    pub text: String,
    /// Its source expression for `script-src`, such as `'sha256-…'`.
    pub csp: String,
    /// Both tags, ready to paste.
    pub html: String,
}

impl Snippet {
    /// The snippet for a service at `base`, which is a path such as `/sayso` or a whole address.
    pub fn new(pieces: &Pieces, base: &str, language: &str) -> Self {
        let text = String::from_utf8_lossy(pieces.get("snippet.js").unwrap_or_default())
            .trim()
            .to_owned();
        let csp = format!(
            "'sha256-{}'",
            base64ct::Base64::encode_string(&sha256(text.as_bytes()).0)
        );
        let html = format!(
            "<script>{text}</script>\n<script async src=\"{base}/sayso.js?lang={language}\"></script>\n"
        );
        Self { text, csp, html }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_the_text_between_the_tags() {
        let pieces = Pieces::new([(
            "snippet.js".to_owned(),
            b"alert('Hello, world.');\n".to_vec(),
        )]);
        let snippet = Snippet::new(&pieces, "/sayso", "de");
        // The example of the CSP specification.
        assert_eq!(
            snippet.csp,
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
        assert!(
            snippet
                .html
                .contains("<script>alert('Hello, world.');</script>")
        );
        assert!(snippet.html.contains("src=\"/sayso/sayso.js?lang=de\""));
    }
}
