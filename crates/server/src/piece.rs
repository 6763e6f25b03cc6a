//! The web pieces that every site shares: the gate, the two WebAssembly modules and their glue, built beforehand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../target/web/"]
#[allow_missing = true]
struct Embedded;

/// The pieces by name, with their compressed forms (`.br`, `.gz`) where these were built.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

/// The pieces a site cannot be without.
pub const NEEDED: [&str; 13] = [
    "gate.js",
    "late.js",
    "snippet.js",
    "ahead.js",
    "inline.js",
    "dev.js",
    "settle.js",
    "settle_bg.wasm",
    "app.js",
    "app_bg.wasm",
    "verify_page.js",
    "verify.js",
    "verify_bg.wasm",
];

/// Pieces that are not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the web pieces are not complete (missing: {}); run: cargo xtask dist", .0.join(", "))]
pub struct MissingPieces(pub Vec<String>);

impl Pieces {
    /// What was built into this binary (debug builds read it from `target/web/` each time).
    pub fn embedded() -> Self {
        let files = Embedded::iter()
            .filter_map(|name| Some((name.to_string(), Embedded::get(&name)?.data)))
            .collect();
        Self { files }
    }

    /// Pieces given one by one.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|(name, bytes)| (name, Cow::Owned(bytes)))
                .collect(),
        }
    }

    /// A piece's bytes.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(AsRef::as_ref)
    }

    /// The names of all pieces, without their compressed forms.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"))
    }

    /// Says which needed pieces are missing.
    pub fn complete(&self) -> Result<(), MissingPieces> {
        let missing: Vec<_> = NEEDED
            .iter()
            .filter(|name| self.get(name).is_none())
            .map(|name| (*name).to_owned())
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(MissingPieces(missing))
        }
    }
}
