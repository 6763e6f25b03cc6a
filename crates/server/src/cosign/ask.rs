//! One conversation with one witness: from what it cosigned last to this checkpoint.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use base64ct::{Base64, Encoding};
use sayso_core::config::WitnessConfig;
use sayso_core::digest::Digest;
use sayso_core::log::note::{Note, Signature, VerifierKey};
use sayso_core::log::{cosignature, tree as hashing};
use sayso_ledger::log::Head;

use super::client::{Client, Reply};
use super::missing::{Accusation, Contradiction, Missing};
use super::tree::{self, Tree};
use crate::crypto::RingVerifier;

/// How often a witness may name another size before it is left alone until the next checkpoint.
const ROUNDS: usize = 3;
/// The media type of a size in a conflict.
const SIZE: &str = "text/x.tlog.size";

/// A witness and what it is known to have cosigned.
#[derive(Debug)]
pub(super) struct Witness {
    address: String,
    key: VerifierKey,
    last: AtomicU64,
}

impl Witness {
    pub(super) fn new(config: &WitnessConfig) -> Self {
        Self {
            address: format!("{}/add-checkpoint", config.url),
            key: config.key.clone(),
            last: AtomicU64::new(0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.key.name
    }

    /// Asks for the cosignature of a checkpoint; its line and its time.
    pub(super) async fn ask<T: Tree + ?Sized>(
        &self,
        client: &Client,
        tree: &T,
        note: &Note,
        head: Head,
    ) -> Result<(Signature, u64), Missing> {
        // What another process heard of it, this one does not know: then it says so itself.
        let mut old = self.last.load(Ordering::Relaxed).min(head.size);
        for _ in 0..ROUNDS {
            let proof = match old {
                0 => Vec::new(),
                _ => tree
                    .consistency(old, head.size)
                    .await?
                    .ok_or(Missing::Damaged(old))?,
            };
            let reply = client
                .post(&self.address, request(old, &proof, note))
                .await?;
            match reply.status {
                StatusCode::OK => {
                    let cosigned = self.cosignature(&reply.body, note)?;
                    self.last.fetch_max(head.size, Ordering::Relaxed);
                    return Ok(cosigned);
                }
                StatusCode::CONFLICT => old = self.conflict(&reply, tree, old, head).await?,
                StatusCode::UNPROCESSABLE_ENTITY => {
                    return Err(self.inconsistent(tree, old, head, &proof).await);
                }
                StatusCode::NOT_FOUND => return Err(Missing::LogUnknown),
                StatusCode::FORBIDDEN => return Err(Missing::KeyUnknown),
                other => return Err(Missing::Status(other.as_u16())),
            }
        }
        Err(Missing::Nonsense("it names one size after another"))
    }

    /// The line by this witness's key, if it signs this very text.
    fn cosignature(&self, body: &str, note: &Note) -> Result<(Signature, u64), Missing> {
        let lines = body.lines().filter_map(|line| Signature::parse(line).ok());
        lines
            .take(16)
            .find_map(|line| {
                let alone = Note {
                    text: note.text.clone(),
                    signatures: vec![line],
                };
                let time = cosignature::time_of(&alone, &self.key, &RingVerifier)?;
                Some((alone.signatures.into_iter().next()?, time))
            })
            .ok_or(Missing::BadCosignature)
    }

    /// The size that the witness says to start from.
    async fn conflict<T: Tree + ?Sized>(
        &self,
        reply: &Reply,
        tree: &T,
        old: u64,
        head: Head,
    ) -> Result<u64, Missing> {
        if reply.media != SIZE {
            return Err(Missing::Nonsense("a conflict without a size"));
        }
        let size = reply.body.strip_suffix('\n').and_then(decimal);
        let cosigned = size.ok_or(Missing::Nonsense("a conflict without a size"))?;
        if cosigned > head.size {
            // Another process of ours may have gone ahead; only a tree that never had so many entries is accused.
            return Err(if tree.head().await?.size >= cosigned {
                Missing::Ahead
            } else {
                self.accuse(cosigned, head, Contradiction::Shrunk)
            });
        }
        if cosigned != old {
            return Ok(cosigned);
        }
        Err(if old == head.size {
            self.accuse(cosigned, head, Contradiction::Replaced)
        } else {
            Missing::Nonsense("a conflict over the size that it named itself")
        })
    }

    /// The witness refuses our proof. If it holds for our own tree, then the witness cosigned another.
    async fn inconsistent<T: Tree + ?Sized>(
        &self,
        tree: &T,
        old: u64,
        head: Head,
        proof: &[Digest],
    ) -> Missing {
        if old == 0 {
            return Missing::Nonsense("it refuses an empty proof from an empty tree");
        }
        match tree::root(tree, old).await {
            Ok(Some(root))
                if hashing::verify_consistency(old, head.size, &root, &head.root, proof) =>
            {
                self.accuse(old, head, Contradiction::Diverged)
            }
            Ok(_) => Missing::Damaged(old),
            Err(error) => Missing::Ledger(error),
        }
    }

    fn accuse(&self, cosigned: u64, head: Head, how: Contradiction) -> Missing {
        Missing::Accused(Accusation {
            witness: self.name().to_owned(),
            cosigned,
            asked: head.size,
            how,
        })
    }
}

/// The body of a request.
fn request(old: u64, proof: &[Digest], note: &Note) -> String {
    let mut body = format!("old {old}\n");
    for hash in proof {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "{}", Base64::encode_string(&hash.0));
    }
    let _ = write!(body, "\n{note}");
    body
}

fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    canonical.then(|| text.parse().ok()).flatten()
}
