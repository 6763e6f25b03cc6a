//! What a server has promised: every receipt that it acknowledged, with the answer it gave.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use sayso_core::crypto::Jwks;
use sayso_core::digest::Digest;
use sayso_core::verify::Countersigned;
use sayso_core::wire;

use crate::http::{Answer, Connection, post};
use crate::receipt::Signed;

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Acknowledged.
    Kept,
    /// Refused for now, with what it asked for: 429 or 503.
    Later {
        /// The status.
        status: u16,
        /// The seconds of `Retry-After`.
        after: Option<u64>,
    },
    /// No answer: it may have been carried out or not.
    Unknown,
}

/// What a server has promised.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    receipts: BTreeMap<u64, (Digest, Countersigned)>,
}

impl Acknowledged {
    /// How many receipts.
    pub fn len(&self) -> usize {
        self.receipts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.receipts.is_empty()
    }

    /// The receipts by their place in the log.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Digest, &Countersigned)> {
        self.receipts
            .iter()
            .map(|(index, (hash, file))| (*index, *hash, file))
    }

    /// Takes in what others were promised.
    pub fn extend(&mut self, other: Self) -> Result<()> {
        for (index, (hash, file)) in other.receipts {
            self.note(index, hash, file)?;
        }
        Ok(())
    }

    fn note(&mut self, index: u64, hash: Digest, file: Countersigned) -> Result<()> {
        if let Some((known, before)) = self.receipts.get(&index) {
            ensure!(*known == hash, "index {index} was given to two receipts");
            ensure!(
                before.countersignature == file.countersignature && before.salt == file.salt,
                "index {index} was acknowledged twice with different answers"
            );
        }
        self.receipts.insert(index, (hash, file));
        Ok(())
    }

    /// Posts receipts together and notes what was acknowledged. An answer that promises less or other than a kept
    /// receipt, and a refusal for good, are errors.
    pub async fn post(&mut self, connection: &mut Connection, sent: &[&Signed]) -> Result<Fate> {
        let texts: Vec<&str> = sent.iter().map(|receipt| receipt.jws.as_str()).collect();
        let Ok(answer) = connection.exchange(&post(&texts)).await else {
            return Ok(Fate::Unknown);
        };
        self.read(&answer, sent)
    }

    /// Reads an answer.
    pub fn read(&mut self, answer: &Answer<'_>, sent: &[&Signed]) -> Result<Fate> {
        if matches!(answer.status, 429 | 503) {
            return Ok(Fate::Later {
                status: answer.status,
                after: answer.retry_after,
            });
        }
        let text = String::from_utf8_lossy(answer.body);
        ensure!(answer.status == 200, "refused: {} {text}", answer.status);
        let response: wire::Response =
            serde_json::from_slice(answer.body).with_context(|| format!("reading {text}"))?;
        ensure!(
            response.results.len() == sent.len(),
            "{} results for {} receipts",
            response.results.len(),
            sent.len()
        );
        for (result, receipt) in response.results.into_iter().zip(sent) {
            let file = result
                .countersigned
                .with_context(|| format!("not countersigned: {:?}", result.problem))?;
            self.note(index_of(&file)?, receipt.hash, file)?;
        }
        Ok(Fate::Kept)
    }

    /// Checks every answer offline, as a visitor would, with nothing but the published keys.
    pub fn verify(&self, keys: &Jwks) -> Result<()> {
        for (index, (hash, file)) in &self.receipts {
            let found = crate::kept::verify(file, keys)
                .with_context(|| format!("the answer for index {index}"))?;
            ensure!(
                found == (*index, *hash),
                "the answer for index {index} is of another"
            );
        }
        Ok(())
    }
}

/// The index that a countersignature states.
fn index_of(file: &Countersigned) -> Result<u64> {
    let payload = file
        .countersignature
        .split('.')
        .nth(1)
        .and_then(sayso_core::digest::decode)
        .context("a countersignature that is no JWS")?;
    let statement: serde_json::Value = serde_json::from_slice(&payload)?;
    statement["index"]
        .as_u64()
        .context("a countersignature without an index")
}
