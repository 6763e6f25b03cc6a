//! What a store of receipts promises, whichever database keeps it.

use std::future::Future;
use std::pin::Pin;

use sayso_core::digest::Digest;

use crate::address::{Address, AddressChange, AddressOutcome, Token};
use crate::document::{Document, DocumentKind};
use crate::error::LedgerError;
use crate::mail::{Delivery, QueuedMail};
use crate::receipt::{Append, Outcome, Stored};

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

    /// How many receipts there are.
    fn size(&self) -> Answer<'_, u64>;

    /// The receipt at this index.
    fn by_index(&self, index: u64) -> Answer<'_, Option<Stored>>;

    /// The receipt with this `receipt_hash`.
    fn by_hash(&self, hash: Digest) -> Answer<'_, Option<Stored>>;

    /// The receipts of one decision, oldest first: at most one recorded by the server, any number signed.
    fn by_decision(&self, decision: String) -> Answer<'_, Vec<Stored>>;

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

    /// Whether it can be written and read at this moment; writes nothing.
    fn ready(&self) -> Answer<'_, ()>;
}
