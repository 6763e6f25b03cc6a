//! Things that can be broken on purpose, and mended again, while the site runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that is broken; the default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// What becomes of requests for `.wasm` files.
    pub wasm: WasmFault,
    /// What becomes of everything under `/sayso`.
    pub upstream: UpstreamFault,
    /// The upstream hears of a receipt, but its *answer* is held back as long as this is true.
    pub hold_receipts: bool,
    /// Response headers of pages, set over the site's own; `{nonce}` becomes the page's nonce.
    pub headers: BTreeMap<String, String>,
}

/// What becomes of requests for `.wasm` files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WasmFault {
    /// They are answered.
    #[default]
    None,
    /// 404.
    Missing,
    /// No answer until this changes.
    Stalled,
}

/// What becomes of everything under `/sayso`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpstreamFault {
    /// It is handed on.
    #[default]
    None,
    /// 502 at once, as when nothing listens.
    Down,
    /// 503 at once with `Retry-After`, as when it is overloaded.
    Busy,
    /// No answer until this changes; the upstream hears nothing before.
    Stalled,
    /// As `Down`, but only for `POST`: scripts and wasm still load.
    DownForPosts,
}
