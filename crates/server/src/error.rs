//! Why the service cannot start. Each says what to do about it.

use sayso_core::config::ConfigError;
use sayso_ledger::LedgerError;
use sayso_ledger::error::OpenError;

use crate::admin::TokenError;
use crate::bundle::BundleError;
use crate::checkpoint::resume::ResumeError;
use crate::locale::LocaleError;
use crate::mail::MailError;
use crate::signer::KeyError;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No site is configured.
    #[error("no site found: there is no {folder}/*/sayso.toml")]
    NoSite {
        /// The folder that was looked through.
        folder: String,
    },
    /// No site of this id.
    #[error("there is no site {id:?} in {folder}")]
    UnknownSite {
        /// The id asked for.
        id: String,
        /// The folder that was looked through.
        folder: String,
    },
    /// A configuration has faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Config(Vec<ConfigError>),
    /// Two sites want the same requests.
    #[error(
        "{first} and {second} share the origin {origin} and the base path {base}; give one of them another base"
    )]
    Clash {
        /// One site's file.
        first: String,
        /// The other's.
        second: String,
        /// The origin.
        origin: String,
        /// The base path.
        base: String,
    },
    /// Two sites of one id.
    #[error(
        "{first} and {second} both have the id {id:?}; ids name a site's data, so each needs its own"
    )]
    SameId {
        /// One site's file.
        first: String,
        /// The other's.
        second: String,
        /// The id.
        id: String,
    },
    /// A file or folder cannot be read or made.
    #[error("{path}: {source}")]
    Folder {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A locale does not read.
    #[error(transparent)]
    Locale(#[from] LocaleError),
    /// The site's files cannot be made.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be opened.
    #[error(transparent)]
    Ledger(#[from] OpenError),
    /// The ledger is not what was published of it.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The database cannot be written.
    #[error(transparent)]
    Write(#[from] LedgerError),
    /// The mail target cannot be used.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The administrator's listener would be open to other machines.
    #[error(
        "--admin {address} can be reached from other machines; use 127.0.0.1, or add --admin-anywhere if a firewall stands before it"
    )]
    AdminAddress {
        /// The address.
        address: String,
    },
    /// The administrator's token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}
