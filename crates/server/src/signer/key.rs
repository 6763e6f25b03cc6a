//! Key pairs ready to sign, each for the time that it signs in, and the public set that says so.

use aws_lc_rs::signature::Ed25519KeyPair;
use sayso_core::crypto::{Jwks, KeyRole, SiteJwk};
use sayso_core::jws::Compact;

use super::Rotating;
use super::line::{Generation, Line};

/// The keys that are rotated, as of one moment; swapped as a whole.
pub(super) struct Keys {
    pub(super) countersignature: Chain,
    pub(super) witness: Chain,
    pub(super) jwks: Jwks,
}

/// The keys of one use, newest first.
pub(super) struct Chain {
    pub(super) line: Line,
    pairs: Vec<Pair>,
}

/// A key that can sign.
pub(super) struct Pair {
    pair: Ed25519KeyPair,
    pub(super) kid: String,
    from: Option<u64>,
}

impl Keys {
    pub(super) fn new(countersignature: Line, witness: Line, log: &[u8; 32]) -> Option<Self> {
        let role = |line: &Line, role| line.0.iter().map(move |g| jwk(g, role)).collect::<Vec<_>>();
        let mut keys = role(&countersignature, KeyRole::Countersignature);
        keys.extend(role(&witness, KeyRole::Witness));
        keys.push(SiteJwk::new(log, KeyRole::Log));
        // Those in use first, whoever reads the set from the top.
        keys.sort_by_key(|key| key.until.is_some());
        Some(Self {
            countersignature: Chain::new(countersignature)?,
            witness: Chain::new(witness)?,
            jwks: Jwks { keys },
        })
    }

    pub(super) fn chain(&self, which: Rotating) -> &Chain {
        match which {
            Rotating::Countersignature => &self.countersignature,
            Rotating::Witness => &self.witness,
        }
    }
}

fn jwk(generation: &Generation, role: KeyRole) -> SiteJwk {
    SiteJwk {
        from: generation.from,
        until: generation.until,
        ..SiteJwk::new(&generation.public, role)
    }
}

impl Chain {
    fn new(line: Line) -> Option<Self> {
        let pairs = line
            .0
            .iter()
            .filter_map(|generation| Some((generation, generation.secret.as_ref()?)))
            .map(|(generation, secret)| {
                Some(Pair {
                    pair: Ed25519KeyPair::from_seed_unchecked(secret.as_slice()).ok()?,
                    kid: jwk(generation, KeyRole::Countersignature).kid,
                    from: generation.from,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        (!pairs.is_empty()).then_some(Self { line, pairs })
    }

    /// The key that signs for a moment, and the moment it can honestly sign for: that one, or, where the key of that
    /// time is no longer there, the first of the oldest that is.
    pub(super) fn at(&self, time: u64) -> (&Pair, u64) {
        let of_its_time = |pair: &&Pair| pair.from.is_none_or(|from| from <= time);
        match self.pairs.iter().find(of_its_time) {
            Some(pair) => (pair, time),
            // There is at least one, or there would be no chain.
            None => {
                let oldest = &self.pairs[self.pairs.len() - 1];
                (oldest, oldest.from.map_or(time, |from| from.max(time)))
            }
        }
    }
}

impl Pair {
    pub(super) fn sign(&self, signing_input: &str) -> String {
        let signature = sign(&self.pair, signing_input.as_bytes());
        Compact::assemble(signing_input, &signature)
    }
}

/// An Ed25519 signature: the same bytes every time.
pub(super) fn sign(pair: &Ed25519KeyPair, message: &[u8]) -> [u8; 64] {
    pair.sign(message)
        .as_ref()
        .try_into()
        .expect("an Ed25519 signature is 64 bytes")
}
