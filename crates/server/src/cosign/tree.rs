//! What cosigning needs of a ledger: its head, consistency proofs, and nodes to check itself with.

use sayso_core::digest::Digest;
use sayso_core::log::tree;
use sayso_ledger::log::Head;
use sayso_ledger::{Answer, Ledger, LedgerError};

/// A log's tree.
pub trait Tree: Send + Sync {
    /// Its head now.
    fn head(&self) -> Answer<'_, Head>;
    /// The proof that the tree of `new` leaves extends the one of `old`.
    fn consistency(&self, old: u64, new: u64) -> Answer<'_, Option<Vec<Digest>>>;
    /// A complete node.
    fn node(&self, level: u8, index: u64) -> Answer<'_, Option<Digest>>;
}

impl<L: Ledger + ?Sized> Tree for L {
    fn head(&self) -> Answer<'_, Head> {
        Ledger::head(self)
    }

    fn consistency(&self, old: u64, new: u64) -> Answer<'_, Option<Vec<Digest>>> {
        Ledger::consistency(self, old, new)
    }

    fn node(&self, level: u8, index: u64) -> Answer<'_, Option<Digest>> {
        let nodes = self.nodes(level, index..index + 1);
        Box::pin(async move { Ok(nodes.await?.and_then(|nodes| nodes.first().copied())) })
    }
}

/// The root that a tree had when it was smaller.
pub(super) async fn root<T: Tree + ?Sized>(
    tree: &T,
    size: u64,
) -> Result<Option<Digest>, LedgerError> {
    let mut begin = 0;
    let mut peaks = Vec::new();
    for level in (0..64).rev().filter(|level| size >> level & 1 == 1) {
        match tree.node(level, begin >> level).await? {
            Some(hash) => peaks.push(hash),
            None => return Ok(None),
        }
        begin += 1 << level;
    }
    let folded = peaks
        .into_iter()
        .rev()
        .reduce(|right, left| tree::node_hash(&left, &right));
    Ok(Some(folded.unwrap_or_else(tree::empty_root)))
}
