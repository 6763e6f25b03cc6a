//! What the links in mails do: confirm what a mail was sent for, or shut what it names.

use sayso_core::address::about;
use sayso_core::cookie::Letter as ChoiceLetter;
use sayso_core::decision::Action;
use sayso_core::digest::{Digest, decode_array, sha256};
use sayso_core::policy::LegalBasis;
use sayso_core::receipt::Via;
use sayso_core::record::Status;
use sayso_core::wire::UnsignedDecision;
use sayso_ledger::address::{AddressChange, AddressOutcome, Profile, Token, TokenKind};
use sayso_ledger::receipt::{Append, Outcome};
use serde::{Deserialize, Serialize};

use super::{decision, record};
use crate::admit;
use crate::problem::{Code, Refusal};
use crate::site::Site;

/// What a token in a mail is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// The form's decision.
    pub(super) decision: String,
    /// The salt that the address is named under, in base64url.
    pub(super) salt: String,
    /// The layer that was shown.
    pub(super) layer: String,
    /// The purposes, with the revisions that were shown.
    pub(super) purposes: Vec<(String, u32)>,
    /// The language.
    pub(super) language: String,
    /// The jurisdiction.
    pub(super) jurisdiction: String,
    /// What was entered beside the address.
    #[serde(default)]
    pub(super) first_name: String,
    #[serde(default)]
    pub(super) last_name: String,
    #[serde(default)]
    pub(super) company: String,
    #[serde(default)]
    pub(super) topics: Vec<String>,
}

/// What a page may show of a token before it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    token: Token,
    about: About,
    hash: Digest,
}

/// What became of using a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It counts, now or already.
    Done,
    /// The link is too old.
    Spent,
}

/// Looks up a token that was presented.
pub async fn present(
    site: &Site,
    token: &str,
    kind: TokenKind,
) -> Result<Option<Presented>, Refusal> {
    // A token is 32 bytes; whatever else is asked for does not reach the database.
    if decode_array::<32>(token).is_none() {
        return Ok(None);
    }
    let hash = sha256(token.as_bytes());
    let Some(token) = site
        .ledger
        .token(hash)
        .await?
        .filter(|token| token.kind == kind)
    else {
        return Ok(None);
    };
    let about = serde_json::from_str(&token.body)
        .map_err(|_| Refusal::new(Code::Unavailable, "what this link is about cannot be read"))?;
    Ok(Some(Presented { token, about, hash }))
}

impl Presented {
    /// The language that the mail was written in.
    pub fn language(&self) -> &str {
        &self.about.language
    }

    /// The jurisdiction that the mail was written under.
    pub fn jurisdiction(&self) -> &str {
        &self.about.jurisdiction
    }

    /// The address.
    pub fn email(&self) -> &str {
        &self.token.email
    }

    /// Whether it can still be confirmed.
    pub fn is_open(&self, now: u64) -> bool {
        self.token.used.is_none() && self.token.expires > now
    }
}

/// Confirms what a token was mailed for.
pub async fn confirm(site: &Site, presented: &Presented) -> Result<Used, Refusal> {
    let about = &presented.about;
    if !presented.is_open(site.clock.now()) {
        // Pressed twice: the first time counted.
        let counted = presented.token.used.is_some() && all_given(site, presented).await?;
        return Ok(if counted { Used::Done } else { Used::Spent });
    }
    let mut choices = Vec::new();
    let mut statuses = Vec::new();
    for (id, revision) in &about.purposes {
        // A purpose that the site has given up since needs no answer any more.
        let Some(purpose) = site.config.purpose(id) else {
            continue;
        };
        let (letter, status) = match purpose.basis {
            LegalBasis::Consent => (ChoiceLetter::Given, Status::Given),
            _ => (ChoiceLetter::NotNeeded, Status::Acknowledged),
        };
        choices.push((id.clone(), *revision, letter));
        statuses.push((id.clone(), *revision, status));
    }
    if choices.is_empty() {
        return Ok(Used::Spent);
    }
    let salt = salt_of(about)?;
    let decision = decision(
        site,
        about.decision.clone(),
        Action::Confirm,
        &about.layer,
        &choices,
    );
    let receipt = witness(site, &decision, Via::Link, &salt, presented.email())?;
    let change = AddressChange {
        email: presented.email().to_owned(),
        receipt,
        salt,
        statuses,
        profile: Some(Profile {
            first_name: about.first_name.clone(),
            last_name: about.last_name.clone(),
            company: about.company.clone(),
            language: about.language.clone(),
            topics: about.topics.clone(),
        }),
        tokens: Vec::new(),
        mail: Vec::new(),
        redeem: Some(presented.hash),
        now: site.clock.now(),
    };
    match record(site, change).await? {
        AddressOutcome::Recorded(Outcome::New(_) | Outcome::Same(_)) => Ok(Used::Done),
        AddressOutcome::Recorded(Outcome::Conflict | Outcome::Erased)
        | AddressOutcome::TokenSpent => Ok(Used::Spent),
    }
}

/// Shuts what a token names. Any number of times, and whatever its age: it can only shut.
pub async fn unsubscribe(site: &Site, presented: &Presented, via: Via) -> Result<(), Refusal> {
    let about = &presented.about;
    let address = site.ledger.address(presented.email().to_owned()).await?;
    let mut choices = Vec::new();
    let mut statuses = Vec::new();
    for (id, revision) in &about.purposes {
        let Some(purpose) = site.config.purpose(id) else {
            continue;
        };
        let (letter, status) = match purpose.basis {
            LegalBasis::Consent => (ChoiceLetter::Withdrawn, Status::Withdrawn),
            _ => (ChoiceLetter::Objected, Status::Objected),
        };
        let standing = address
            .iter()
            .flat_map(|a| &a.subscriptions)
            .find(|s| s.purpose == *id)
            .map(|s| s.status);
        if standing != Some(status) {
            choices.push((id.clone(), *revision, letter));
            statuses.push((id.clone(), *revision, status));
        }
    }
    if choices.is_empty() {
        return Ok(());
    }
    let salt = salt_of(about)?;
    let decision = decision(
        site,
        admit::fresh_id(site),
        Action::Unsubscribe,
        &about.layer,
        &choices,
    );
    let receipt = witness(site, &decision, via, &salt, presented.email())?;
    let change = AddressChange {
        email: presented.email().to_owned(),
        receipt,
        salt,
        statuses,
        profile: None,
        tokens: Vec::new(),
        mail: Vec::new(),
        redeem: None,
        now: site.clock.now(),
    };
    record(site, change).await?;
    Ok(())
}

async fn all_given(site: &Site, presented: &Presented) -> Result<bool, Refusal> {
    let address = site.ledger.address(presented.email().to_owned()).await?;
    let open = |id: &str| {
        address
            .iter()
            .flat_map(|a| &a.subscriptions)
            .any(|s| s.purpose == id && matches!(s.status, Status::Given | Status::Acknowledged))
    };
    Ok(presented.about.purposes.iter().all(|(id, _)| open(id)))
}

fn witness(
    site: &Site,
    decision: &UnsignedDecision,
    via: Via,
    salt: &[u8; 32],
    email: &str,
) -> Result<Append, Refusal> {
    admit::witnessed(site, decision, via, Some(about(salt, email).to_string()))
}

fn salt_of(about: &About) -> Result<[u8; 32], Refusal> {
    decode_array(&about.salt)
        .ok_or_else(|| Refusal::new(Code::Unavailable, "what this link is about cannot be read"))
}
