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
    /// The whole gate inline, beside `sayso.js`: the banner comes with the page itself, and who has answered gets the file
    /// from the browser's cache. The fastest form, and safe in a cached page.
    Inline,
}

/// What a site pastes into its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The inline scripts' source expressions for `script-src`, such as `'sha256-…'`, with a space between; none where
    /// nothing is inline.
    pub csp: Option<String>,
    /// The tags, ready to paste.
    pub html: String,
}

impl Snippet {
    /// The snippet and the gate behind it; `base` is a path such as `/sayso` or a whole address.
    pub fn async_form(text: &str, base: &str, language: &str, nonce: Option<&str>) -> Self {
        Self {
            csp: Some(hash(text)),
            html: inline(text, "", nonce) + &external(" async", base, language, nonce),
        }
    }

    /// The gate alone.
    pub fn sync_form(base: &str, language: &str, nonce: Option<&str>) -> Self {
        Self {
            csp: None,
            html: external("", base, language, nonce),
        }
    }

    /// Three tags, as the page's first: `sayso.js`, which nothing waits for, the whole gate as a text that does not run,
    /// and `text`, which has it run where the file must not be waited for.
    pub fn inline_form(
        gate: &str,
        text: &str,
        base: &str,
        language: &str,
        nonce: Option<&str>,
    ) -> Self {
        Self {
            csp: Some(format!("{} {}", hash(gate), hash(text))),
            html: external(" async", base, language, nonce)
                + &inline(gate, " type=\"text/plain\" id=\"sayso-gate\"", nonce)
                + &inline(text, "", nonce),
        }
    }
}

fn inline(text: &str, attributes: &str, nonce: Option<&str>) -> String {
    let nonce = attribute(nonce);
    format!("<script{attributes}{nonce}>{}</script>\n", text.trim())
}

fn external(attributes: &str, base: &str, language: &str, nonce: Option<&str>) -> String {
    let nonce = attribute(nonce);
    format!("<script{attributes}{nonce} src=\"{base}/sayso.js?lang={language}\"></script>\n")
}

/// The source expression of what stands between the tags.
fn hash(text: &str) -> String {
    let digest = sha256(text.trim().as_bytes());
    format!("'sha256-{}'", base64ct::Base64::encode_string(&digest.0))
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
    fn of_the_inline_form_the_gate_does_not_run_by_itself() {
        let snippet = Snippet::inline_form("1;\n", "2;\n", "/sayso", "de", None);
        assert_eq!(
            snippet.html,
            "<script async src=\"/sayso/sayso.js?lang=de\"></script>\n\
             <script type=\"text/plain\" id=\"sayso-gate\">1;</script>\n\
             <script>2;</script>\n"
        );
        let csp = snippet.csp.unwrap_or_default();
        assert_eq!(csp, format!("{} {}", hash("1;"), hash("2;")));
    }

    #[test]
    fn a_nonce_stands_on_every_tag() {
        let nonce = Some("{{ nonce }}");
        let both = Snippet::async_form("1", "/sayso", "de", nonce).html;
        assert_eq!(both.matches("nonce=\"{{ nonce }}\"").count(), 2, "{both}");
        let one = Snippet::sync_form("/sayso", "de", nonce);
        assert_eq!(one.csp, None);
        let all = Snippet::inline_form("1", "2", "/sayso", "de", nonce).html;
        assert_eq!(all.matches("nonce=\"{{ nonce }}\"").count(), 3, "{all}");
        assert_eq!(
            one.html,
            "<script nonce=\"{{ nonce }}\" src=\"/sayso/sayso.js?lang=de\"></script>\n"
        );
    }
}
