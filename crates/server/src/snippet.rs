//! What a site pastes into its pages: scripts inline and by address, with the CSP sources that allow the inline ones.

use base64ct::Encoding as _;
use sayso_core::digest::sha256;

/// How the gate comes into a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// The snippet inline, then the gate without holding up the page. The ordinary form.
    #[default]
    Async,
    /// The gate alone, by one tag that the page waits for. The simple form.
    Sync,
    /// The whole gate inline: the banner comes with the page itself. The fastest form, and safe in a cached page.
    Inline,
}

/// What a site pastes into its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The inline script's source expression for `script-src`, such as `'sha256-…'`; none where nothing is inline.
    pub csp: Option<String>,
    /// The tags, ready to paste.
    pub html: String,
}

impl Snippet {
    /// The snippet and the gate behind it; `base` is a path such as `/sayso` or a whole address.
    pub fn async_form(text: &str, base: &str, language: &str, nonce: Option<&str>) -> Self {
        let mut snippet = Self::inline(text, nonce);
        snippet.html += &format!(
            "<script async{} src=\"{base}/sayso.js?lang={language}\"></script>\n",
            attribute(nonce)
        );
        snippet
    }

    /// The gate alone.
    pub fn sync_form(base: &str, language: &str, nonce: Option<&str>) -> Self {
        Self {
            csp: None,
            html: format!(
                "<script{} src=\"{base}/sayso.js?lang={language}\"></script>\n",
                attribute(nonce)
            ),
        }
    }

    /// One inline script, as the page's first.
    pub fn inline(text: &str, nonce: Option<&str>) -> Self {
        let text = text.trim();
        let hash = base64ct::Base64::encode_string(&sha256(text.as_bytes()).0);
        Self {
            csp: Some(format!("'sha256-{hash}'")),
            html: format!("<script{}>{text}</script>\n", attribute(nonce)),
        }
    }
}

fn attribute(nonce: Option<&str>) -> String {
    nonce.map_or(String::new(), |nonce| format!(" nonce=\"{nonce}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_the_text_between_the_tags() {
        let snippet = Snippet::async_form("alert('Hello, world.');\n", "/sayso", "de", None);
        // The example of the CSP specification.
        let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert_eq!(snippet.csp.as_deref(), Some(hash));
        assert_eq!(
            snippet.html,
            "<script>alert('Hello, world.');</script>\n\
             <script async src=\"/sayso/sayso.js?lang=de\"></script>\n"
        );
    }

    #[test]
    fn a_nonce_stands_on_every_tag() {
        let nonce = Some("{{ nonce }}");
        let both = Snippet::async_form("1", "/sayso", "de", nonce).html;
        assert_eq!(both.matches("nonce=\"{{ nonce }}\"").count(), 2, "{both}");
        let one = Snippet::sync_form("/sayso", "de", nonce);
        assert_eq!(one.csp, None);
        assert_eq!(
            one.html,
            "<script nonce=\"{{ nonce }}\" src=\"/sayso/sayso.js?lang=de\"></script>\n"
        );
    }
}
