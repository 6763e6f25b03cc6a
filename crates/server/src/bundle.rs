//! What one site hands out: `sayso.js` per language and jurisdiction, what it loads later, the views, the notice.
//!
//! Made once at start-up, and by `sayso build`, from the configuration, the locales and the web pieces. No tool is run:
//! texts are put together here.

pub mod cookies;
pub mod css;
mod dev;
mod literal;
pub mod tree;
pub mod vendor;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use sayso_app::pages::checking::Checker;
use sayso_core::config::SiteConfig;
use sayso_core::digest::{Digest, encode, sha256};
use sayso_core::gate::{Files, FirstLayer, GateConfig};
use sayso_core::notice::Notice;
use sayso_core::view::View;
use serde_json::Value;

use crate::locale::{self, Locales};
use crate::piece::{MissingPieces, Pieces};
use literal::{bare, literal};
use tree::{Tree, TreeError};

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

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

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

    /// The cookie tables for policy pages, one per language, by the names of their files.
    pub fn cookie_tables(&self, config: &SiteConfig) -> Vec<(String, File)> {
        let table = |language: &String| {
            let view = &self.edition(config, Some(language), None).view;
            let file = File::plain(
                cookies::table(view).into_bytes(),
                "text/html; charset=utf-8",
            );
            (format!("cookies.{language}.html"), file)
        };
        config.languages.iter().map(table).collect()
    }

    /// Writes the files of a site as a static host would serve them.
    pub fn write(
        &self,
        config: &SiteConfig,
        pieces: &Pieces,
        out: &Path,
    ) -> Result<Vec<String>, BundleError> {
        let mut written = Vec::new();
        let mut write = |name: &str, body: &[u8]| {
            let path = out.join(name);
            let folder = path.parent().unwrap_or(out);
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&path, body))
                .map_err(|source| BundleError::Write {
                    path: path.display().to_string(),
                    source,
                })?;
            written.push(name.to_owned());
            Ok::<(), BundleError>(())
        };
        write("sayso.js", &self.edition(config, None, None).script.body)?;
        for language in &config.languages {
            let edition = self.edition(config, Some(language), None);
            write(&format!("sayso.{language}.js"), &edition.script.body)?;
        }
        for (name, table) in self.cookie_tables(config) {
            write(&name, &table.body)?;
        }
        for (path, file) in &self.files {
            write(path, &file.body)?;
        }
        write("snippet.js", &self.snippet.body)?;
        write("sayso.dev.js", &self.dev.body)?;
        write("gpc.json", &self.gpc.body)?;
        for name in pieces.names().filter(|name| !is_part(name)) {
            write(name, pieces.get(name).unwrap_or_default())?;
        }
        Ok(written)
    }
}

/// Whether a piece is only ever put into another file.
fn is_part(name: &str) -> bool {
    ["gate.", "signal.", "snippet.", "dev.", "deny.", "tell."]
        .iter()
        .any(|part| name.starts_with(part))
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

struct Maker<'a> {
    config: &'a SiteConfig,
    notice_digest: Digest,
    gate: &'a str,
    late: &'a str,
    vendors: Option<&'a str>,
    language: &'a str,
    jurisdiction: &'a str,
}

impl Maker<'_> {
    fn edition(
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
            let text = format!("({})({brief},{tree},{css}{vendors});", self.gate);
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

impl File {
    fn plain(body: Vec<u8>, media: &'static str) -> Self {
        Self {
            body,
            media,
            brotli: None,
            gzip: None,
        }
    }

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

/// A function expression, without what would break the call around it.
fn function_of<'a>(pieces: &'a Pieces, name: &str) -> Result<&'a str, BundleError> {
    Ok(text_of(pieces, name)?.trim().trim_end_matches(';'))
}

/// A piece that is text.
fn text_of<'a>(pieces: &'a Pieces, name: &str) -> Result<&'a str, BundleError> {
    let bytes = pieces.get(name).unwrap_or_default();
    std::str::from_utf8(bytes).map_err(|_| BundleError::Encoding(name.to_owned()))
}

/// Files a piece under a name that changes with its content, and gives that name.
fn hashed(files: &mut BTreeMap<String, File>, pieces: &Pieces, name: &str) -> String {
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

/// The configuration as the gate itself needs it, as an expression; its second file carries the whole of it. What a
/// service leaves behind is one list of names here, or of how they begin: enough to know whether to look closer.
fn brief(gate: &GateConfig, late_path: &str, signalled: bool) -> String {
    const LATER: [&str; 9] = [
        "v",
        "site",
        "language",
        "jurisdiction",
        "controller",
        "notice",
        "firstLayer",
        "texts",
        "files",
    ];
    let mut value = serde_json::to_value(gate).unwrap_or_default();
    let drop = |value: &mut Value, names: &[&str]| {
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    drop(&mut value, &LATER);
    value["late"] = late_path.into();
    if signalled {
        value["gpc"] = true.into();
    }
    for purpose in value["purposes"].as_array_mut().into_iter().flatten() {
        drop(purpose, &["basis"]);
        let services = purpose.get_mut("services").and_then(Value::as_array_mut);
        for service in services.into_iter().flatten() {
            let left: Vec<String> = ["cookies", "storage"]
                .iter()
                .filter_map(|kind| service.get(kind)?.as_array())
                .flatten()
                .filter_map(|name| Some(name.as_str()?.replace('*', "")))
                .collect();
            drop(service, &["name", "provider", "cookies", "storage"]);
            if !left.is_empty() {
                service["left"] = left.into();
            }
        }
    }
    bare(&value)
}

/// What stands at `/.well-known/gpc.json`.
fn gpc(config: &SiteConfig) -> File {
    let follows = config.purposes.iter().any(|purpose| purpose.gpc);
    let text = json(&serde_json::json!({ "gpc": follows }));
    File::plain(text.into_bytes(), "application/json")
}

/// 96 bits of a digest: enough to name a file by.
fn short(digest: Digest) -> String {
    encode(&digest.0[..12])
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
