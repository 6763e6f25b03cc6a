//! What a store of receipts promises, whichever database keeps it.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;

use sayso_core::digest::Digest;
use sayso_core::log::Entry;

use crate::address::{Address, AddressChange, AddressOutcome, Token};
use crate::document::{Document, DocumentKind};
use crate::erasure::{Erased, Erasure, Retention};
use crate::error::LedgerError;
use crate::log::{Head, Inclusion, Published};
use crate::mail::{Delivery, QueuedMail};
use crate::receipt::{Append, Outcome, Stored};
use crate::record::Record;
use crate::watch::Watcher;

/// An answer that comes later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// A site's ledger.
///
/// Every method that writes answers only after the write is on stable storage; an error means that nothing was stored,
/// except that a store which dies between commit and answer may have stored it: asking again gives the same answer.
/// Writes are put in one order, and receipts get the indexes 0..n-1 without a gap.
pub trait Ledger: Send + Sync {
    /// The log's origin, such as `larkspur.example/sayso`: given at its first start and the same ever after.
    fn log(&self) -> &str;

    /// Appends receipts, all or none, and says for each, in order, what became of it.
    fn append(&self, receipts: Vec<Append>) -> Answer<'_, Vec<Outcome>>;

    /// Puts a change of the site's keys into the log, as its JSON, and gives its index.
    fn key_event(&self, event: String, salt: [u8; 32], now: u64) -> Answer<'_, u64>;

    /// How many entries the log has: receipts, erased ones among them, tombstones and key events.
    fn size(&self) -> Answer<'_, u64>;

    /// The receipt at this index.
    fn by_index(&self, index: u64) -> Answer<'_, Option<Stored>>;

    /// The receipt with this `receipt_hash`.
    fn by_hash(&self, hash: Digest) -> Answer<'_, Option<Stored>>;

    /// The receipts of one decision, oldest first: at most one recorded by the server, any number signed.
    fn by_decision(&self, decision: String) -> Answer<'_, Vec<Stored>>;

    /// Every entry from this index on with what is kept of it, at most `limit` of them and never more than a page.
    fn scan(&self, from: u64, limit: u32) -> Answer<'_, Vec<Record>>;

    /// The same without proofs, which are most of what a page costs: whoever reads the whole log and builds its tree again
    /// has no use for them. The `inclusion` of each receipt is left empty.
    fn scan_unproved(&self, from: u64, limit: u32) -> Answer<'_, Vec<Record>>;

    /// The log's size and root.
    fn head(&self) -> Answer<'_, Head>;

    /// That the entry at this index stands in the tree of a size, or of the present size. None if there is no such entry
    /// or size.
    fn inclusion(&self, index: u64, size: Option<u64>) -> Answer<'_, Option<Inclusion>>;

    /// That the tree of size `new` extends that of size `old` (RFC 6962 section 2.1.2). None if there are no such sizes.
    fn consistency(&self, old: u64, new: u64) -> Answer<'_, Option<Vec<Digest>>>;

    /// Complete nodes of the tree: level 0 are the entries' leaf hashes. None if one of them does not exist yet, or if more
    /// are asked for than two tiles hold.
    fn nodes(&self, level: u8, range: Range<u64>) -> Answer<'_, Option<Vec<Digest>>>;

    /// Entries as they are hashed. None if one of them does not exist yet, or if more are asked for than two tiles hold.
    fn entries(&self, range: Range<u64>) -> Answer<'_, Option<Vec<Entry>>>;

    /// Keeps a checkpoint as the newest that others have seen. Refused as damaged if its root is not the tree's, or if it
    /// is smaller than the one before.
    fn publish_checkpoint(&self, published: Published) -> Answer<'_, ()>;

    /// The newest checkpoint that others have seen.
    fn published(&self) -> Answer<'_, Option<Published>>;

    /// The checkpoints kept, oldest first: the last of each day, and the newest.
    fn checkpoints(&self) -> Answer<'_, Vec<Published>>;

    /// Forgets receipts, and answers when nothing of them is readable in any file of the ledger. An error after the
    /// erasure itself was stored says so; the same order again completes it.
    fn erase(&self, erasure: Erasure) -> Answer<'_, Erased>;

    /// Takes one step in forgetting what the rules of keeping no longer allow, expired tokens among it.
    fn retain(&self, rules: Retention, now: u64) -> Answer<'_, Erased>;

    /// Whether this normalised address was erased and has not been confirmed by its owner since: an import must pass it by.
    fn suppressed(&self, email: String) -> Answer<'_, bool>;

    /// Keeps documents for ever. One already kept is left as it is.
    fn publish(&self, documents: Vec<Document>) -> Answer<'_, ()>;

    /// A document by its digest.
    fn document(&self, kind: DocumentKind, digest: Digest) -> Answer<'_, Option<Document>>;

    /// Every document of a kind, oldest first.
    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>>;

    /// Records a decision about an address with everything that follows from it, all or nothing.
    fn record(&self, change: AddressChange) -> Answer<'_, AddressOutcome>;

    /// What is kept about a normalised address.
    fn address(&self, email: String) -> Answer<'_, Option<Address>>;

    /// A token by the SHA-256 of its text.
    fn token(&self, hash: Digest) -> Answer<'_, Option<Token>>;

    /// Mail that is due, oldest first.
    fn due_mail(&self, now: u64, limit: u32) -> Answer<'_, Vec<QueuedMail>>;

    /// Says what became of a queued mail.
    fn delivered(&self, id: i64, delivery: Delivery) -> Answer<'_, ()>;

    /// How many mails wait to be handed over, due or not.
    fn waiting_mail(&self) -> Answer<'_, u64>;

    /// How many writes wait for their turn.
    fn waiting(&self) -> u64;

    /// Tells this watcher of every transaction from now on, and nobody else any more.
    fn watch(&self, watcher: Arc<dyn Watcher>);

    /// Whether it can be written and read at this moment; writes nothing.
    fn ready(&self) -> Answer<'_, ()>;
}
