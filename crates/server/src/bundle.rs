//! What one site hands out: `sayso.js` per language and jurisdiction, what it loads later, the views, the notice.
//!
//! Made once at start-up, and by `sayso build`, from the configuration, the locales and the web pieces. No tool is run:
//! texts are put together here.

mod brief;
pub mod cookies;
pub mod css;
mod dev;
mod edition;
mod file;
mod literal;
pub mod tree;
pub mod vendor;
mod write;

use std::collections::BTreeMap;

use sayso_app::pages::checking::Checker;
use sayso_core::config::SiteConfig;
use sayso_core::digest::{Digest, sha256};
use sayso_core::gate::Files;
use sayso_core::notice::Notice;

use crate::locale::Locales;
use crate::piece::{MissingPieces, Pieces};
pub use edition::Edition;
use edition::Maker;
pub use file::File;
use file::{JAVASCRIPT, hashed, short};
use tree::TreeError;

/// Why a site's files cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The web pieces were not built.
    #[error(transparent)]
    Pieces(#[from] MissingPieces),
    /// A piece is not text.
    #[error("the web piece {0} is not UTF-8; run: cargo xtask dist")]
    Encoding(String),
    /// A piece does not have the form that is relied on.
    #[error("the web piece {0} is not of this version; run: cargo xtask dist")]
    Piece(String),
    /// The first layer cannot be made by the gate.
    #[error("{language}: {source}")]
    Tree {
        /// The language it was rendered in.
        language: String,
        /// What is wrong.
        source: TreeError,
    },
    /// A file could not be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// What one site hands out.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The notice.
    pub notice: Notice,
    /// The notice's exact bytes.
    pub notice_bytes: Vec<u8>,
    /// Their digest.
    pub notice_digest: Digest,
    /// By language and jurisdiction.
    pub editions: BTreeMap<(String, String), Edition>,
    /// Content-hashed files by their path below the base, such as `a/settle.….js`.
    pub files: BTreeMap<String, File>,
    /// `snippet.js`.
    pub snippet: File,
    /// `sayso.dev.js`.
    pub dev: File,
    /// `gpc.json`: whether the site abides by Global Privacy Control.
    pub gpc: File,
    /// Path of the style sheet of the service's own pages.
    pub page_style: String,
    /// What the page that checks receipts loads, as paths; none where its pieces were not built.
    pub checker: Option<Checker>,
}

/// The pieces of the page that checks receipts.
const CHECKER: [&str; 3] = ["verify_page.js", "verify.js", "verify_bg.wasm"];

impl Bundle {
    /// Puts a site's files together.
    pub fn new(
        config: &SiteConfig,
        locales: &Locales,
        pieces: &Pieces,
    ) -> Result<Self, BundleError> {
        pieces.complete()?;
        let notice = config.notice();
        let notice_bytes = notice.to_bytes();
        let notice_digest = Notice::digest(&notice_bytes);
        let gate = function_of(pieces, "gate.js")?;
        let vendors = vendor::teller(config, pieces)?;
        let late = text_of(pieces, "late.js")?;
        let mut files = BTreeMap::new();
        let modules = Files {
            settle: hashed(&mut files, pieces, "settle.js"),
            settle_wasm: hashed(&mut files, pieces, "settle_bg.wasm"),
            app: hashed(&mut files, pieces, "app.js"),
            app_wasm: hashed(&mut files, pieces, "app_bg.wasm"),
            view: String::new(),
        };
        let mut editions = BTreeMap::new();
        for language in &config.languages {
            let words = locales.words(language);
            for jurisdiction in config.jurisdictions.keys() {
                let maker = Maker {
                    config,
                    notice_digest,
                    gate,
                    late,
                    vendors: vendors.as_deref(),
                    language,
                    jurisdiction,
                };
                let edition = maker.edition(&words, &modules, &mut files)?;
                editions.insert((language.clone(), jurisdiction.clone()), edition);
            }
        }
        let checker = CHECKER.iter().all(|name| pieces.get(name).is_some());
        let [page, glue, wasm] = CHECKER;
        let checker = checker.then(|| Checker {
            page: hashed(&mut files, pieces, page),
            glue: hashed(&mut files, pieces, glue),
            wasm: hashed(&mut files, pieces, wasm),
        });
        let snippet = File::plain(vendor::snippet(config, pieces)?.into_bytes(), JAVASCRIPT);
        let dev = File::plain(dev::script(config, pieces)?.into_bytes(), JAVASCRIPT);
        let style = css::minify(sayso_app::style::APP) + &css::minify(sayso_app::style::PAGE);
        let page_style = format!("a/page.{}.css", short(sha256(style.as_bytes())));
        files.insert(
            page_style.clone(),
            File::plain(style.into_bytes(), "text/css; charset=utf-8"),
        );
        Ok(Self {
            notice,
            notice_bytes,
            notice_digest,
            editions,
            files,
            snippet,
            dev,
            gpc: gpc(config),
            page_style,
            checker,
        })
    }

    /// The edition for a language and a jurisdiction as they were asked for; the site's defaults where it has none such.
    pub fn edition(
        &self,
        config: &SiteConfig,
        language: Option<&str>,
        jurisdiction: Option<&str>,
    ) -> &Edition {
        let language = language.map_or(config.default_language(), |wanted| {
            choose_language(config, wanted)
        });
        let jurisdiction = jurisdiction
            .filter(|wanted| config.jurisdictions.contains_key(*wanted))
            .unwrap_or(&config.default_jurisdiction);
        let key = (language.to_owned(), jurisdiction.to_owned());
        // Every pair of a declared language and a declared jurisdiction has an edition.
        &self.editions[&key]
    }
}

/// The declared language nearest to the one asked for: itself, its primary tag, one that shares it, else the default.
pub fn choose_language<'a>(config: &'a SiteConfig, wanted: &str) -> &'a str {
    let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let exact = config
        .languages
        .iter()
        .find(|language| language.eq_ignore_ascii_case(wanted));
    let near = || {
        config
            .languages
            .iter()
            .find(|language| primary(language) == primary(wanted))
    };
    exact
        .or_else(near)
        .map_or(config.default_language(), String::as_str)
}

/// A function expression, without what would break the call around it.
fn function_of<'a>(pieces: &'a Pieces, name: &str) -> Result<&'a str, BundleError> {
    Ok(text_of(pieces, name)?.trim().trim_end_matches(';'))
}

/// A piece that is text.
fn text_of<'a>(pieces: &'a Pieces, name: &str) -> Result<&'a str, BundleError> {
    let bytes = pieces.get(name).unwrap_or_default();
    std::str::from_utf8(bytes).map_err(|_| BundleError::Encoding(name.to_owned()))
}

/// What stands at `/.well-known/gpc.json`.
fn gpc(config: &SiteConfig) -> File {
    let follows = config.purposes.iter().any(|purpose| purpose.gpc);
    let text = json(&serde_json::json!({ "gpc": follows }));
    File::plain(text.into_bytes(), "application/json")
}

fn json(value: &impl serde::Serialize) -> String {
    // Strings, numbers and maps with string keys: serialising them has no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// JSON that may stand inside a script, also inside an HTML page: no `<`, no line separators of older JavaScript.
fn embed(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
