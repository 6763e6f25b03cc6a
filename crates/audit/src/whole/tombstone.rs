//! What a tombstone says: which entries, when, and on whose word.

use serde::Deserialize;

/// A tombstone, read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tombstone {
    /// Always 1.
    v: u32,
    /// When, in milliseconds since 1970.
    pub(crate) time: u64,
    /// The entries erased.
    #[serde(rename = "receipts")]
    pub(crate) entries: Vec<u64>,
    /// How many addresses were forgotten.
    pub(crate) addresses: u64,
    /// On whose word.
    pub(crate) why: Why,
}

/// On whose word something was erased.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Why {
    /// The subject's; SHA-256 of the signed request.
    Request(String),
    /// A rule of keeping.
    Retention(String),
    /// The operator's, with a reason.
    Operator(String),
}

impl Tombstone {
    /// Reads a tombstone's text.
    pub(crate) fn read(body: &str) -> Result<Self, String> {
        let tombstone: Self = serde_json::from_str(body).map_err(|error| error.to_string())?;
        if tombstone.v == 1 {
            Ok(tombstone)
        } else {
            Err("`v` is not 1".to_owned())
        }
    }
}
