//! What this site has ever shown: the notices and layers that receipts may name, with what they say in short.

use std::collections::{BTreeMap, HashMap};

use sayso_core::config::SiteConfig;
use sayso_core::digest::{Digest, sha256};
use sayso_core::notice::Notice;
use sayso_core::policy::{Channel, Days, LegalBasis, Model};
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::{Ledger, LedgerError};
use serde::{Deserialize, Serialize};

use crate::bundle::{Bundle, Edition};

/// A notice in short: what a receipt that names it may say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeFacts {
    /// Per jurisdiction: model and controller.
    pub jurisdictions: BTreeMap<String, Rules>,
    /// The purposes by id.
    pub purposes: BTreeMap<String, PurposeFacts>,
    /// How long answers hold.
    pub days: Days,
}

/// A jurisdiction's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The consent model.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
}

/// A purpose in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeFacts {
    /// Its revision.
    pub revision: u32,
    /// Where it is answered.
    pub channel: Channel,
    /// The legal basis.
    pub basis: LegalBasis,
    /// Strictly necessary.
    pub necessary: bool,
    /// The services under it.
    pub services: Vec<String>,
}

/// A layer in short: what the server writes into a receipt of its own that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// The notice it belongs to.
    pub notice: Digest,
    /// Its language.
    pub language: String,
    /// Its jurisdiction.
    pub jurisdiction: String,
}

/// Everything this site has ever shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    notices: HashMap<Digest, NoticeFacts>,
    layers: HashMap<Digest, LayerFacts>,
}

impl Shown {
    /// Freezes what the site shows now, and reads what it showed before.
    pub async fn publish(
        ledger: &dyn Ledger,
        config: &SiteConfig,
        bundle: &Bundle,
        now: u64,
    ) -> Result<Self, LedgerError> {
        let mut documents = vec![Document {
            kind: DocumentKind::Notice,
            digest: bundle.notice_digest,
            body: bundle.notice_bytes.clone(),
            media: "application/json".to_owned(),
            about: json(&facts(config, &bundle.notice)),
            published: now,
        }];
        for edition in bundle.editions.values() {
            documents.extend(layers(bundle.notice_digest, edition, now));
        }
        ledger.publish(documents).await?;
        let mut shown = Self::default();
        for document in ledger.documents(DocumentKind::Notice).await? {
            shown.notices.insert(document.digest, read(&document)?);
        }
        for document in ledger.documents(DocumentKind::Layer).await? {
            shown.layers.insert(document.digest, read(&document)?);
        }
        Ok(shown)
    }

    /// A notice by the digest a receipt gives.
    pub fn notice(&self, digest: &str) -> Option<&NoticeFacts> {
        self.notices.get(&Digest::parse(digest)?)
    }

    /// A layer by the digest a receipt gives.
    pub fn layer(&self, digest: &str) -> Option<&LayerFacts> {
        self.layers.get(&Digest::parse(digest)?)
    }
}

fn layers(notice: Digest, edition: &Edition, now: u64) -> Vec<Document> {
    let facts = LayerFacts {
        notice,
        language: edition.language.clone(),
        jurisdiction: edition.jurisdiction.clone(),
    };
    let document = |body: &[u8], media: &str| Document {
        kind: DocumentKind::Layer,
        digest: sha256(body),
        body: body.to_vec(),
        media: media.to_owned(),
        about: json(&facts),
        published: now,
    };
    let mut documents = vec![document(&edition.view_bytes, "application/json")];
    documents.extend(
        edition
            .layer_bytes
            .as_deref()
            .map(|body| document(body, "text/plain; charset=utf-8")),
    );
    documents
}

fn facts(config: &SiteConfig, notice: &Notice) -> NoticeFacts {
    let rules = |(name, j): (&String, &sayso_core::notice::JurisdictionNotice)| {
        (
            name.clone(),
            Rules {
                model: j.model,
                controller: j.controller.clone(),
            },
        )
    };
    let purpose = |p: &sayso_core::notice::PurposeNotice| {
        let facts = PurposeFacts {
            revision: p.revision,
            channel: p.channel,
            basis: p.basis,
            necessary: p.necessary,
            services: p.services.iter().map(|s| s.id.to_string()).collect(),
        };
        (p.id.to_string(), facts)
    };
    NoticeFacts {
        jurisdictions: notice.jurisdictions.iter().map(rules).collect(),
        purposes: notice.purposes.iter().map(purpose).collect(),
        days: config.days,
    }
}

fn json(value: &impl Serialize) -> String {
    // Strings, numbers and maps with string keys: serialising them has no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(document: &Document) -> Result<T, LedgerError> {
    serde_json::from_str(&document.about)
        .map_err(|error| LedgerError::Damaged(format!("document {}: {error}", document.digest)))
}
