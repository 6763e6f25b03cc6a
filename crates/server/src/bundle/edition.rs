//! What is shown in one language under one jurisdiction's rules, and the `sayso.js` that shows it.

use std::collections::BTreeMap;

use sayso_core::config::SiteConfig;
use sayso_core::digest::{Digest, sha256};
use sayso_core::gate::{Files, FirstLayer};
use sayso_core::view::View;

use super::brief::brief;
use super::file::{File, JAVASCRIPT, short};
use super::literal::{bare, literal};
use super::tree::Tree;
use super::{BundleError, css, embed, json};
use crate::locale;

/// Tells V8 to compile every function at once, off the main thread where it can, rather than each when it is first
/// called: nearly all of them are, on every page view. It counts at the very beginning alone, and is a comment to others.
/// See <https://v8.dev/blog/explicit-compile-hints>.
const COMPILE_HINT: &str = "//# allFunctionsCalledOnLoad";

/// What is shown in one language under one jurisdiction's rules.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The language.
    pub language: String,
    /// The jurisdiction.
    pub jurisdiction: String,
    /// Everything shown, with the words of the server's own pages and mails.
    pub view: View,
    /// The view as browsers get it.
    pub view_bytes: Vec<u8>,
    /// Digest of `view_bytes`: the layer of everything but the banner.
    pub view_digest: Digest,
    /// The banner as it is sent, with its style; none where the app draws it.
    pub layer_bytes: Option<Vec<u8>>,
    /// Digest of the banner's layer.
    pub layer_digest: Digest,
    /// `sayso.js`.
    pub script: File,
    /// The same for a browser that sends Global Privacy Control, where a purpose follows it: some send the header alone.
    pub signalled: Option<File>,
}

impl Edition {
    /// `sayso.js` as it may stand inline in a page, for a service at `base` in place of the site's own base path.
    pub fn inline(&self, own: &str, base: &str) -> String {
        let member = |base: &str| format!("base:{}", embed(&literal(&base)));
        // The base stands in it once, as a member of the configuration.
        String::from_utf8_lossy(&self.script.body).replacen(&member(own), &member(base), 1)
    }
}

/// Makes one.
pub(super) struct Maker<'a> {
    pub(super) config: &'a SiteConfig,
    pub(super) notice_digest: Digest,
    pub(super) gate: &'a str,
    pub(super) late: &'a str,
    pub(super) vendors: Option<&'a str>,
    pub(super) language: &'a str,
    pub(super) jurisdiction: &'a str,
}

impl Maker<'_> {
    /// Puts it together, and files what it loads later.
    pub(super) fn edition(
        &self,
        words: &locale::Words,
        modules: &Files,
        files: &mut BTreeMap<String, File>,
    ) -> Result<Edition, BundleError> {
        let Self {
            config,
            notice_digest,
            language,
            jurisdiction,
            ..
        } = *self;
        let view = config.view(language, jurisdiction, notice_digest, words.clone());
        let sent = View {
            texts: locale::for_browsers(words).into_iter().collect(),
            ..view.clone()
        };
        let view_bytes = json(&sent).into_bytes();
        let view_digest = View::digest(&view_bytes);
        let view_path = format!("a/view.{language}.{}.json", short(view_digest));
        files.insert(
            view_path.clone(),
            File::plain(view_bytes.clone(), "application/json"),
        );
        let modules = Files {
            view: view_path,
            ..modules.clone()
        };

        let layer = self.layer(&view)?;
        let layer_bytes = layer
            .as_ref()
            .map(|(tree, css)| format!("{}\n{css}", json(tree)).into_bytes());
        let layer_digest = layer_bytes.as_deref().map_or(view_digest, sha256);
        let texts = ["wait", "once", "always"]
            .into_iter()
            .filter_map(|key| {
                Some((
                    key.to_owned(),
                    words.get(&format!("placeholder-{key}"))?.clone(),
                ))
            })
            .collect();
        let gate = config.gate(
            language,
            jurisdiction,
            notice_digest,
            layer_digest,
            modules,
            texts,
        );
        let (tree, css) = match &layer {
            Some((tree, css)) => (embed(&literal(tree)), embed(&literal(css))),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let late = format!(
            "{}\nexport const config={};",
            self.late,
            embed(&bare(&gate))
        );
        let late = File::plain(late.into_bytes(), JAVASCRIPT);
        let late_path = format!("a/late.{language}.{}.js", short(sha256(&late.body)));
        files.insert(late_path.clone(), late);
        let vendors = self
            .vendors
            .map_or(String::new(), |told| format!(",{told}"));
        let script = |signalled| {
            let brief = embed(&brief(&gate, &late_path, signalled));
            let text = format!(
                "{COMPILE_HINT}\n({})({brief},{tree},{css}{vendors});",
                self.gate
            );
            File::plain(text.into_bytes(), JAVASCRIPT)
        };
        let follows = gate.purposes.iter().any(|purpose| purpose.gpc);
        Ok(Edition {
            language: language.to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            view,
            view_bytes,
            view_digest,
            layer_bytes,
            layer_digest,
            script: script(false),
            signalled: follows.then(|| script(true)),
        })
    }

    /// The banner as tree and style sheet, unless the app draws it.
    fn layer(&self, view: &View) -> Result<Option<(Tree, String)>, BundleError> {
        if self.config.first_layer == FirstLayer::App {
            return Ok(None);
        }
        let tree =
            Tree::from_html(&sayso_app::render::first_layer_html(view)).map_err(|source| {
                BundleError::Tree {
                    language: self.language.to_owned(),
                    source,
                }
            })?;
        Ok(Some((tree, css::minify(sayso_app::style::FIRST_LAYER))))
    }
}
