//! Which receipts an export holds.

use sayso_core::policy::PurposeId;
use sayso_core::receipt::Kind;
use sayso_core::record::Status;
use serde::{Deserialize, Serialize};

use crate::kept::Kept;

/// What a receipt must be to be exported; what is absent asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// Received at this time or later, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Received before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Answers this purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeId>,
    /// Gives this status: to the purpose asked for, or to any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Names the notice of this digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Was asked in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Was asked under this jurisdiction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// Was signed by a visitor, or recorded by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// Who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The key of a visitor's browser.
    Visitor,
    /// The server's witness key.
    Server,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a receipt is asked for.
    pub fn takes(&self, kept: &Kept) -> bool {
        let payload = &kept.payload;
        let received = kept.stored.received;
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        self.from.is_none_or(|from| received >= from)
            && self.to.is_none_or(|to| received < to)
            && is(&self.notice, &payload.notice)
            && is(&self.language, &payload.language)
            && is(&self.jurisdiction, &payload.jurisdiction)
            && self.by.is_none_or(|by| by == By::of(kept.kind))
            && self.answered(kept)
    }

    fn answered(&self, kept: &Kept) -> bool {
        if self.purpose.is_none() && self.status.is_none() {
            return true;
        }
        kept.payload.purposes.iter().any(|answer| {
            self.purpose.as_ref().is_none_or(|id| *id == answer.id)
                && self.status.is_none_or(|status| status == answer.status)
        })
    }
}

impl By {
    /// Who signed a receipt of this kind.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Signed => Self::Visitor,
            Kind::Witnessed => Self::Server,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Server => "server",
        }
    }
}
