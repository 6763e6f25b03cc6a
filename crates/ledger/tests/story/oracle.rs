//! The tree as somebody else reads the same specification.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sayso_core::digest::Digest;
use sayso_core::log::{Entry, tree};
use sayso_ledger::Ledger;

/// The same entries in ct-merkle's tree.
#[derive(Default)]
pub(crate) struct Oracle {
    tree: MemoryBackedTree<sha2_next::Sha256, Vec<u8>>,
    roots: Vec<Digest>,
}

pub(crate) fn flat(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

impl Oracle {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut oracle = Self {
            roots: vec![tree::empty_root()],
            ..Self::default()
        };
        for entry in entries {
            oracle.tree.push(entry.to_bytes().to_vec());
            let root = oracle.tree.root();
            oracle
                .roots
                .push(Digest(root.as_bytes()[..].try_into().expect("32 bytes")));
        }
        oracle
    }

    pub(crate) fn size(&self) -> u64 {
        self.roots.len() as u64 - 1
    }

    pub(crate) fn root(&self, size: u64) -> Digest {
        self.roots[usize::try_from(size).expect("small")]
    }

    /// The bytes of an inclusion proof at the whole size.
    pub(crate) fn inclusion(&self, index: u64) -> Vec<u8> {
        let index = usize::try_from(index).expect("small");
        self.tree.prove_inclusion(index).as_bytes().to_vec()
    }

    /// The bytes of a consistency proof to the whole size.
    pub(crate) fn consistency(&self, old: u64) -> Vec<u8> {
        let additions = usize::try_from(self.size() - old).expect("small");
        self.tree.prove_consistency(additions).as_bytes().to_vec()
    }
}

/// All entries of a ledger, and that its head and a few proofs are those of the oracle.
pub(crate) async fn agrees(ledger: &dyn Ledger) -> Vec<Entry> {
    let mut entries = Vec::new();
    loop {
        let from = entries.len() as u64;
        let page = ledger.scan(from, 700).await.expect("it reads");
        if page.is_empty() {
            break;
        }
        for record in page {
            assert_eq!(
                record.index,
                entries.len() as u64,
                "in order, without a gap"
            );
            entries.push(record.entry);
        }
    }
    let oracle = Oracle::of(&entries);
    let head = ledger.head().await.expect("it reads");
    assert_eq!(
        (head.size, head.root),
        (oracle.size(), oracle.root(head.size))
    );
    for index in (0..head.size).step_by(7) {
        let proof = ledger
            .inclusion(index, None)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(flat(&proof.hashes), oracle.inclusion(index));
        assert_eq!(
            (proof.index, proof.size, proof.root),
            (index, head.size, head.root)
        );
    }
    entries
}
