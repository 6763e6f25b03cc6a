//! Visitors who sign: real P-256 keys, receipts as a browser makes them, each with ids of its own.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sayso_core::crypto::EcJwk;
use sayso_core::decision::{self, Action, Decision, Surface};
use sayso_core::digest::{Digest, encode, sha256};
use sayso_core::id::uuid_v7;
use sayso_core::jws::Compact;
use sayso_core::policy::{LegalBasis, Model};
use sayso_core::receipt::{self, Details, Payload};

/// The demo's device purposes, answered with a yes.
const CHOICES: &str = "analytics:g1.fw4~necessary:n1";

/// What the site shows, as receipts name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    notice: String,
    layer: String,
    controller: String,
    jurisdiction: String,
}

impl Shown {
    /// The path of the module that `sayso.js` loads later.
    pub fn late(script: &str) -> Result<&str> {
        let start = script
            .find("a/late.")
            .context("sayso.js loads nothing later")?;
        let path = &script[start..];
        let end = path.find(".js").context("an open string")?;
        Ok(&path[..end + 3])
    }

    /// Reads what the gate was told out of `sayso.js` and the module that it loads later.
    pub fn read(scripts: &str) -> Result<Self> {
        let find = |name: &str| -> Result<String> {
            let found = scripts.match_indices(name).find_map(|(at, _)| {
                let rest = &scripts[at + name.len()..];
                let rest = rest.strip_prefix('"').unwrap_or(rest).strip_prefix(':')?;
                let quote = rest.chars().next().filter(|c| "\"`'".contains(*c))?;
                rest[1..].split_once(quote).map(|(text, _)| text)
            });
            let found = found.with_context(|| format!("the gate's scripts name no {name}"))?;
            Ok(found.to_owned())
        };
        let shown = Self {
            notice: find("notice")?,
            layer: find("layer")?,
            controller: find("controller")?,
            jurisdiction: find("jurisdiction")?,
        };
        if Digest::parse(&shown.notice).is_none() || Digest::parse(&shown.layer).is_none() {
            bail!("the gate's scripts name {shown:?}, which are not digests");
        }
        Ok(shown)
    }
}

/// A signed receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its id.
    pub id: String,
    /// What names its content.
    pub hash: Digest,
    /// The compact JWS.
    pub jws: String,
}

/// Signs receipts of many visitors. Keys are used again in turn, ids never.
pub struct Mint {
    keys: Vec<(EcdsaKeyPair, EcJwk, String)>,
    shown: Shown,
    seed: u64,
    next: u64,
    random: SystemRandom,
}

impl Mint {
    /// A mint of so many visitors. Mints of different seeds make different ids.
    pub fn new(shown: Shown, keys: usize, seed: u64) -> Result<Self> {
        let random = SystemRandom::new();
        let key = |_| {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
            let pair =
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                    .map_err(|_| ring::error::Unspecified)?;
            let point = pair.public_key().as_ref();
            let jwk = EcJwk::new(&encode(&point[1..33]), &encode(&point[33..]));
            let subject = jwk.thumbprint().to_string();
            Ok((pair, jwk, subject))
        };
        let keys = (0..keys)
            .map(key)
            .collect::<std::result::Result<_, ring::error::Unspecified>>()
            .map_err(|_| anyhow::anyhow!("no key could be made"))?;
        Ok(Self {
            keys,
            shown,
            seed,
            next: 0,
            random,
        })
    }

    fn id(&self, word: &str, time: u64) -> String {
        let seed = format!("{} {} {word}", self.seed, self.next);
        let mut random = [0; 10];
        random.copy_from_slice(&sha256(seed.as_bytes()).0[..10]);
        uuid_v7(time, random)
    }

    /// A receipt like no other, of a decision made at `time` (milliseconds since 1970).
    pub fn receipt(&mut self, time: u64) -> Result<Signed> {
        let (id, input) = self.unsigned(time)?;
        let (pair, ..) = &self.keys[self.turn()];
        let signature = pair
            .sign(&self.random, input.as_bytes())
            .map_err(|_| anyhow::anyhow!("a receipt could not be signed"))?;
        let jws = Compact::assemble(&input, signature.as_ref().try_into()?);
        self.next += 1;
        Ok(Signed {
            id,
            hash: sha256(input.as_bytes()),
            jws,
        })
    }

    /// The same with 64 bytes of noise in the signature's place: for filling a ledger directly, which looks at no
    /// signature.
    pub fn filler(&mut self, time: u64) -> Result<String> {
        let (_, input) = self.unsigned(time)?;
        let mut noise = [0; 64];
        for (half, word) in noise.chunks_exact_mut(32).zip(["r", "s"]) {
            half.copy_from_slice(&sha256(format!("{word} {input}").as_bytes()).0);
        }
        self.next += 1;
        Ok(Compact::assemble(&input, &noise))
    }

    /// Whose turn it is.
    fn turn(&self) -> usize {
        (self.next % self.keys.len() as u64) as usize
    }

    /// The next receipt's id, and what is to be signed.
    fn unsigned(&self, time: u64) -> Result<(String, String)> {
        let (_, jwk, subject) = &self.keys[self.turn()];
        let decision = Decision {
            v: decision::VERSION,
            id: self.id("decision", time),
            time,
            surface: Surface::Banner,
            action: Action::GiveAll,
            language: "en".to_owned(),
            jurisdiction: self.shown.jurisdiction.clone(),
            model: Model::OptIn,
            controller: self.shown.controller.clone(),
            notice: self.shown.notice.clone(),
            layer: self.shown.layer.clone(),
            in_view: true,
            signals: Vec::new(),
            choices: CHOICES.to_owned(),
            delivered: false,
        };
        let details = Details {
            id: self.id("receipt", time),
            site: crate::site::ID.to_owned(),
            subject: Some(subject.clone()),
            ..Details::default()
        };
        let id = details.id.clone();
        let basis = HashMap::from([
            ("analytics", LegalBasis::Consent),
            ("necessary", LegalBasis::LegitimateInterest),
        ]);
        let payload = Payload::new(&decision, details, |id| basis.get(id).copied())?;
        Ok((id, receipt::signing_input(jwk, &payload)))
    }

    /// Many of them.
    pub fn receipts(&mut self, count: usize, time: u64) -> Result<Vec<Signed>> {
        (0..count).map(|_| self.receipt(time)).collect()
    }
}

/// The same content under the other signature that every ECDSA signature implies (s becomes n - s): still valid.
pub fn alter(jws: &str) -> Result<String> {
    /// The order of P-256.
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let (input, signature) = jws.rsplit_once('.').context("no JWS")?;
    let mut signature: [u8; 64] =
        sayso_core::digest::decode_array(signature).context("no signature of 64 bytes")?;
    let mut borrow = 0i16;
    for at in (0..32).rev() {
        let mut digit = i16::from(N[at]) - i16::from(signature[32 + at]) - borrow;
        borrow = i16::from(digit < 0);
        digit += borrow * 256;
        signature[32 + at] = u8::try_from(digit)?;
    }
    Ok(Compact::assemble(input, &signature))
}

#[cfg(test)]
mod tests {
    use sayso_core::receipt::Parsed;
    use sayso_server::crypto::RingVerifier;

    use super::*;

    fn mint() -> Mint {
        let script = format!(
            r#"{{"notice":"{}","layer":"{}","controller":"larkspur-eu","jurisdiction":"EU"}}"#,
            sha256(b"notice"),
            sha256(b"layer")
        );
        Mint::new(Shown::read(&script).expect("it reads"), 2, 1).expect("a mint")
    }

    #[test]
    fn every_receipt_holds_and_none_is_like_another() {
        let receipts = mint().receipts(5, 1_763_766_000_000).expect("signed");
        for receipt in &receipts {
            let verified = Parsed::read(&receipt.jws)
                .expect("it reads")
                .verify(&RingVerifier)
                .expect("it verifies");
            assert_eq!(verified.receipt_hash(), receipt.hash);
            assert_eq!(verified.payload().id, receipt.id);
        }
        let ids: std::collections::BTreeSet<_> = receipts.iter().map(|r| &r.id).collect();
        assert_eq!(ids.len(), receipts.len());
    }

    #[test]
    fn an_altered_signature_still_holds() {
        let receipt = mint().receipt(1_763_766_000_000).expect("signed");
        let altered = alter(&receipt.jws).expect("altered");
        assert_ne!(altered, receipt.jws);
        let verified = Parsed::read(&altered)
            .expect("it reads")
            .verify(&RingVerifier)
            .expect("it verifies");
        assert_eq!(verified.receipt_hash(), receipt.hash);
        assert_eq!(alter(&altered).expect("altered back"), receipt.jws);
    }
}
