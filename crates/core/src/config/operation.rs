//! How a site's service is run, as declared: its log and witnesses, how long things are kept, limits, where mail goes.
//! Nothing here is shown to visitors, so none of it enters a notice.

use std::fmt;

use crate::log::note::VerifierKey;

/// How often the log publishes a checkpoint, and whose cosignatures it asks for: `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// The witnesses, each with a name, a key and an address of its own.
    pub witnesses: Vec<WitnessConfig>,
    /// How many of them must cosign a checkpoint before it is published. 0: none must, what comes is added.
    pub quorum: usize,
    /// Seconds between two checkpoints, at least 1.
    pub interval: u32,
}

/// A witness of the site's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessConfig {
    /// The submission prefix, without a slash at its end: `https://witness.example`. Plain http only on loopback hosts.
    pub url: String,
    /// Its key, of the algorithm [`Cosignature`](crate::log::note::Algorithm::Cosignature).
    pub key: VerifierKey,
}

/// For how many days things are kept, counted from when they were received: `[keep]`. `None`: without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Receipts signed by a visitor's key.
    pub signed_days: Option<u32>,
    /// Receipts that the server recorded itself.
    pub witnessed_days: Option<u32>,
    /// What is kept about an address.
    pub address_days: Option<u32>,
}

/// What one network may ask for: `[limits]`. `None`: without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests that write, a minute.
    pub per_network: Option<u32>,
    /// How many of them may come at once before the rate counts.
    pub burst: u32,
    /// Decisions about an address, a minute: each may send a mail.
    pub addresses_per_network: Option<u32>,
}

/// Where a site's mail is handed over: `smtp://…` or `smtps://…`. It may hold a password, so it is shown without one.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

/// Five years: the longest that claims about a consent commonly take to expire, and a little.
const FIVE_YEARS: u32 = 1826;

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            witnesses: Vec::new(),
            quorum: 0,
            interval: 1,
        }
    }
}

impl LogConfig {
    /// The witnesses' keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.witnesses.iter().map(|witness| &witness.key)
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            signed_days: Some(FIVE_YEARS),
            witnessed_days: Some(FIVE_YEARS),
            address_days: None,
        }
    }
}

impl Default for Limits {
    /// Generous, since a whole office may share one address: ten writes a second for each network.
    fn default() -> Self {
        Self {
            per_network: Some(600),
            burst: 200,
            addresses_per_network: Some(20),
        }
    }
}

impl SmtpUrl {
    /// Takes an address that begins with `smtp://` or `smtps://` and names a host.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text
            .strip_prefix("smtp://")
            .or_else(|| text.strip_prefix("smtps://"))?;
        let authority = rest.split(['/', '?']).next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        (clean && !host.is_empty() && !host.starts_with(':')).then(|| Self(text.to_owned()))
    }

    /// The whole address, password included: for connecting, never for showing.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("smtp", ""));
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, query) = rest.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => write!(f, "{scheme}://…@{host}{query}"),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}
