//! Decisions about an address: what a form, a mailed link or one click leads to.
//!
//! **Invariant:** whoever can type an address can shut for it at once and open nothing. What opens waits for the link
//! mailed to the address.

mod link;

use sayso_core::address::{about, normalise};
use sayso_core::cookie::{Choice, Letter as ChoiceLetter, format_choices};
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::{decode_array, encode, sha256};
use sayso_core::policy::{Channel, PurposeId};
use sayso_core::receipt::{Payload, Via};
use sayso_core::record::Status;
use sayso_core::wire::{AddressRequest, UnsignedDecision};
use sayso_ledger::address::{AddressChange, AddressOutcome, NewToken, Profile, TokenKind};
use sayso_ledger::mail::NewMail;
use sayso_ledger::receipt::Outcome;
use serde::Serialize;

use crate::admit;
use crate::mail::letter::{Letter, LetterKind};
use crate::problem::{Code, Refusal};
use crate::random::array;
use crate::site::Site;
use link::About;
pub use link::{Presented, Used, confirm, present, unsubscribe};

/// For how long a confirmation link works: two days.
const CONFIRM_FOR: u64 = 48 * 60 * 60 * 1000;
/// For how long an unsubscribe link is kept: ten years.
const UNSUBSCRIBE_FOR: u64 = 10 * 365 * 24 * 60 * 60 * 1000;
/// Longest name or company, in characters.
pub const MAX_NAME: usize = 100;

/// Records what a form about an address says.
pub async fn take(
    site: &Site,
    request: &AddressRequest,
    via: Via,
    origin: &str,
) -> Result<(String, Outcome), Refusal> {
    if request.v != 1 {
        return Err(malformed("`v` is not 1"));
    }
    let email = normalise(&request.email).map_err(|error| malformed(error.to_string()))?;
    let salt: [u8; 32] = decode_array(&request.salt)
        .ok_or_else(|| malformed("`salt` is not 32 bytes of base64url"))?;
    let profile = profile(site, request)?;
    let named = about(&salt, &email).to_string();
    let receipt = match (&request.receipt, &request.decision) {
        (Some(receipt), None) => admit::signed(site, receipt)?,
        (None, Some(decision)) => admit::witnessed(site, decision, via, Some(named.clone()))?,
        _ => return Err(malformed("send either a receipt or a decision")),
    };
    let payload = receipt.receipt.payload().clone();
    if payload.about.as_deref() != Some(named.as_str()) {
        return Err(malformed(
            "the receipt's `about` is not this address under this salt",
        ));
    }
    let statuses = statuses(site, &payload)?;
    let (tokens, mail) = follow_up(site, &payload, &statuses, &email, &salt, profile, origin);
    let id = payload.id.clone();
    let change = AddressChange {
        email,
        receipt,
        salt,
        statuses,
        profile: None,
        tokens,
        mail,
        redeem: None,
        now: site.clock.now(),
    };
    match record(site, change).await? {
        AddressOutcome::Recorded(outcome) => Ok((id, outcome)),
        // Only a change that redeems a token can find it spent.
        AddressOutcome::TokenSpent => Err(Refusal::new(
            Code::Unavailable,
            "the request could not be recorded",
        )),
    }
}

/// The decision that a form without JavaScript stands for: the newsletter, asked for now.
pub fn form_decision(site: &Site, layer: &str, purpose: &str, revision: u32) -> UnsignedDecision {
    let choices = [(purpose.to_owned(), revision, ChoiceLetter::Given)];
    let mut decision = decision(
        site,
        admit::fresh_id(site),
        Action::Subscribe,
        layer,
        &choices,
    );
    decision.surface = Surface::Form;
    decision.in_view = true;
    decision
}

async fn record(site: &Site, change: AddressChange) -> Result<AddressOutcome, Refusal> {
    let outcome = site.ledger.record(change).await?;
    if matches!(outcome, AddressOutcome::Recorded(Outcome::New(_))) {
        site.publication.grown.notify_one();
    }
    site.mail.notify_one();
    Ok(outcome)
}

fn profile(site: &Site, request: &AddressRequest) -> Result<Profile, Refusal> {
    let name = |what: &str, value: &Option<String>| {
        let value = value.as_deref().unwrap_or_default().trim();
        if value.chars().count() > MAX_NAME || value.chars().any(char::is_control) {
            return Err(malformed(format!(
                "`{what}` is longer than {MAX_NAME} characters, or not one line of text"
            )));
        }
        Ok(value.to_owned())
    };
    let known = |id: &String| {
        site.config
            .newsletter
            .iter()
            .any(|n| n.topics.iter().any(|(topic, _)| topic == id))
    };
    if let Some(stranger) = request.topics.iter().find(|id| !known(id)) {
        return Err(malformed(format!("there is no topic {stranger:?}")));
    }
    let mut topics = request.topics.clone();
    topics.sort();
    topics.dedup();
    Ok(Profile {
        first_name: name("first_name", &request.first_name)?,
        last_name: name("last_name", &request.last_name)?,
        company: name("company", &request.company)?,
        language: String::new(),
        topics,
    })
}

/// What a decision comes to for the address, purpose by purpose.
fn statuses(site: &Site, payload: &Payload) -> Result<Vec<(String, u32, Status)>, Refusal> {
    let notice = site.shown.notice(&payload.notice);
    let mut statuses = Vec::new();
    for answer in &payload.purposes {
        let facts = notice.and_then(|notice| notice.purposes.get(answer.id.as_str()));
        if facts.is_none_or(|facts| facts.channel != Channel::Address) {
            return Err(malformed(format!(
                "{} is not answered for an address",
                answer.id
            )));
        }
        let status = match answer.status {
            Status::Given | Status::Requested => Status::Requested,
            Status::Refused | Status::Withdrawn => Status::Withdrawn,
            Status::Objected => Status::Objected,
            Status::Acknowledged => Status::Acknowledged,
            Status::Unknown | Status::Deferred | Status::Expired => {
                return Err(malformed(format!(
                    "{:?} is no answer for an address",
                    answer.status
                )));
            }
        };
        statuses.push((answer.id.to_string(), answer.revision, status));
    }
    Ok(statuses)
}

/// The tokens and the mail that a decision leads to.
fn follow_up(
    site: &Site,
    payload: &Payload,
    statuses: &[(String, u32, Status)],
    email: &str,
    salt: &[u8; 32],
    profile: Profile,
    origin: &str,
) -> (Vec<NewToken>, Vec<NewMail>) {
    let now = site.clock.now();
    let mut tokens = Vec::new();
    let mut mail = Vec::new();
    for status in [Status::Requested, Status::Objected] {
        let purposes: Vec<(String, u32)> = statuses
            .iter()
            .filter(|s| s.2 == status)
            .map(|(id, revision, _)| (id.clone(), *revision))
            .collect();
        if purposes.is_empty() {
            continue;
        }
        let about = About {
            decision: payload.decision.clone(),
            salt: encode(salt),
            layer: payload.layer.clone(),
            purposes: purposes.clone(),
            language: payload.language.clone(),
            jurisdiction: payload.jurisdiction.clone(),
            first_name: profile.first_name.clone(),
            last_name: profile.last_name.clone(),
            company: profile.company.clone(),
            topics: profile.topics.clone(),
        };
        let mut issue = |kind, expires, about: &About| {
            let token = encode(&array::<32>(site.random.as_ref()));
            let body = json(about);
            tokens.push(NewToken {
                hash: sha256(token.as_bytes()),
                kind,
                expires,
                body,
            });
            token
        };
        let kind = if status == Status::Requested {
            let expires = now + CONFIRM_FOR;
            LetterKind::Confirm {
                token: issue(TokenKind::Confirm, expires, &about),
                expires,
            }
        } else {
            LetterKind::Objection
        };
        // The unsubscribe link in a mail needs nothing of what was entered beside the address.
        let bare = About {
            first_name: String::new(),
            last_name: String::new(),
            company: String::new(),
            topics: Vec::new(),
            ..about
        };
        let letter = Letter {
            kind,
            to: email.to_owned(),
            language: payload.language.clone(),
            jurisdiction: payload.jurisdiction.clone(),
            address: site.public_address(origin),
            unsubscribe: issue(TokenKind::Unsubscribe, now + UNSUBSCRIBE_FOR, &bare),
            purposes: purposes.into_iter().map(|(id, _)| id).collect(),
        };
        mail.push(NewMail {
            body: json(&letter),
        });
    }
    (tokens, mail)
}

fn decision(
    site: &Site,
    id: String,
    action: Action,
    layer: &str,
    choices: &[(String, u32, ChoiceLetter)],
) -> UnsignedDecision {
    let choice = |(id, revision, letter): &(String, u32, ChoiceLetter)| {
        let choice = Choice {
            letter: *letter,
            revision: *revision,
            day: None,
            services: Default::default(),
        };
        Some((PurposeId::new(id).ok()?, choice))
    };
    UnsignedDecision {
        id,
        time: site.clock.now(),
        surface: Surface::Page,
        action,
        layer: layer.to_owned(),
        in_view: false,
        signals: Vec::new(),
        choices: format_choices(&choices.iter().filter_map(choice).collect()),
    }
}

fn json(value: &impl Serialize) -> String {
    // Strings, numbers and lists: serialising them has no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(Code::Malformed, detail)
}
