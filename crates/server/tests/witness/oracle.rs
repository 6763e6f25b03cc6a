//! Requests and cosignatures held against what others made of the same specifications.

use ring::signature::{ED25519, UnparsedPublicKey};
use sayso_core::digest::Digest;
use tlog_tiles::{Hash, HashReader};

use super::support::{Log, ORIGIN, add, body, witness};

/// A cosignature/v1 key as `signed_note` asks for one, written after the specification and not after our code.
struct Cosigner {
    name: String,
    public: Vec<u8>,
}

impl signed_note::Verifier for Cosigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        signed_note::key_id(&self.name, &[&[4], self.public.as_slice()].concat())
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else {
            return false;
        };
        let head = format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time));
        let message = [head.as_bytes(), text].concat();
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(&message, signature)
            .is_ok()
    }
}

/// The tree that `tlog_tiles` builds over the leaves of a [`Log`].
struct Theirs(Vec<Hash>);

impl HashReader for Theirs {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|at| self.0[*at as usize]).collect())
    }
}

impl Theirs {
    fn new(size: u64) -> Self {
        let mut tree = Self(Vec::new());
        for index in 0..size {
            let hashes = tlog_tiles::stored_hashes(index, &index.to_be_bytes(), &tree).unwrap();
            tree.0.extend(hashes);
        }
        tree
    }
}

#[tokio::test]
async fn others_tools_make_requests_that_are_cosigned_and_read_the_cosignatures() {
    let log = Log::new(ORIGIN, 70);
    let theirs = Theirs::new(70);
    let (witness, _folder) = witness("witness.example/w1", &[&log]);
    let vkey = witness.verifier_key();
    let cosigner = || Cosigner {
        name: vkey.name.clone(),
        public: vkey.public.to_vec(),
    };
    let by_log = signed_note::StandardVerifier::new(&log.key.to_string()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(by_log), Box::new(cosigner())]);
    let mut old = 0;
    for size in [1, 2, 5, 33, 64, 70] {
        let proof = match old {
            0 => Vec::new(),
            _ => tlog_tiles::prove_tree(size, old, &theirs).unwrap(),
        };
        let proof: Vec<_> = proof.iter().map(|hash| Digest(hash.0)).collect();
        let root = tlog_tiles::tree_hash(size, &theirs).unwrap();
        let text = tlog_tiles::Checkpoint::new(ORIGIN, size, root, "").unwrap();
        let note = log.sign(std::str::from_utf8(&text.to_bytes()).unwrap());
        let reply = add(&witness, body(old, &proof, &note)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);

        // As the protocol suggests: put the answer below the checkpoint and read the whole as a note.
        let whole = signed_note::Note::from_bytes((note + &reply.text).as_bytes()).unwrap();
        let (verified, unverified) = whole.verify(&known).unwrap();
        assert_eq!((verified.len(), unverified.len()), (2, 0));
        assert_eq!(verified[1].name(), "witness.example/w1");
        old = size;
    }
}
