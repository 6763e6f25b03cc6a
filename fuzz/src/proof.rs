//! The verifiers of inclusion and consistency: they accept exactly what the definition gives, and nothing else.

use sayso_core::digest::Digest;
use sayso_core::log::tree::{leaf_hash, node_hash, verify_consistency, verify_inclusion};

/// Largest tree tried.
const MOST: u64 = 40;

/// Size, index and claims from the first bytes; every further byte puts a hash into the proof: one that belongs there,
/// one from elsewhere in the tree, or one from nowhere.
pub fn check(data: &[u8]) {
    let [size, index, old, claimed, choices @ ..] = data else {
        return;
    };
    let size = u64::from(*size) % MOST + 1;
    let index = u64::from(*index) % (size + 2);
    let old = u64::from(*old) % (size + 2);
    let leaves: Vec<Digest> = (0..size).map(leaf).collect();
    let root = root(&leaves);

    let honest = if index < size {
        path(index, &leaves)
    } else {
        Vec::new()
    };
    let proof = composed(&honest, &leaves, choices);
    // The size that is claimed may be another than the tree's.
    let claimed_size = if claimed % 4 == 0 {
        u64::from(*claimed)
    } else {
        size
    };
    let accepted = verify_inclusion(&leaf(index), index, claimed_size, &proof, &root);
    let expected = claimed_size == size && index < size && proof == honest;
    if claimed_size == size {
        assert_eq!(accepted, expected, "inclusion of {index} in {size}");
    } else if accepted {
        // Another size can have the same path and root only if the leaf stands at the same place in it.
        assert!(proof == honest, "another path leads to the root");
    }
    assert!(!verify_inclusion(
        &leaf(size + 7),
        index,
        claimed_size,
        &proof,
        &root
    ));

    if old <= size {
        let honest = consistency(old, &leaves);
        let old_root = self::root(&leaves[..old as usize]);
        let proof = composed(&honest, &leaves, choices);
        let accepted = verify_consistency(old, size, &old_root, &root, &proof);
        assert_eq!(
            accepted,
            proof == honest,
            "consistency of {old} with {size}"
        );
        if old > 0 {
            let other = leaf(size + 9);
            assert!(!verify_consistency(old, size, &other, &root, &proof));
        }
    } else {
        assert!(!verify_consistency(old, size, &root, &root, &honest));
    }
}

fn leaf(index: u64) -> Digest {
    leaf_hash(&index.to_be_bytes())
}

/// The honest proof where nothing was chosen, else what the choices say.
fn composed(honest: &[Digest], leaves: &[Digest], choices: &[u8]) -> Vec<Digest> {
    if choices.is_empty() {
        return honest.to_vec();
    }
    let chosen = choices.iter().take(70).enumerate();
    chosen
        .map(|(at, choice)| match choice % 8 {
            0..=5 if at < honest.len() => honest[at],
            6 => {
                let end = usize::from(*choice) % leaves.len() + 1;
                root(&leaves[end / 2..end])
            }
            _ => leaf_hash(&[*choice, at as u8]),
        })
        .collect()
}

/// The definitions of RFC 6962 section 2.1, as they stand there.
fn split(leaves: &[Digest]) -> (&[Digest], &[Digest]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sayso_core::digest::sha256(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = split(leaves);
            node_hash(&root(left), &root(right))
        }
    }
}

fn path(index: u64, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = split(leaves);
    let middle = left.len() as u64;
    let (mut path, other) = if index < middle {
        (path(index, left), right)
    } else {
        (path(index - middle, right), left)
    };
    path.push(root(other));
    path
}

fn consistency(old: u64, leaves: &[Digest]) -> Vec<Digest> {
    if old == 0 || old == leaves.len() as u64 {
        return Vec::new();
    }
    subproof(old, leaves, true)
}

fn subproof(old: u64, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() as u64 {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = split(leaves);
    let middle = left.len() as u64;
    let (mut proof, other) = if old <= middle {
        (subproof(old, left, whole), right)
    } else {
        (subproof(old - middle, right, false), left)
    };
    proof.push(root(other));
    proof
}
