//! From what arrives to what may enter the ledger: receipts that visitors signed, and decisions that the server records.
//!
//! **Invariant:** nothing here opens anything. A decision is recorded as it was made, or refused.

use sayso_core::cookie::{Choice, Letter};
use sayso_core::decision::{self, Decision};
use sayso_core::id::uuid_v7;
use sayso_core::policy::{Channel, LegalBasis, Model};
use sayso_core::prompt::DAY;
use sayso_core::receipt::{self, Details, Payload, PayloadError, VerifiedReceipt, Via};
use sayso_core::record::Status;
use sayso_core::wire::UnsignedDecision;
use sayso_ledger::receipt::Append;

use crate::crypto::RingVerifier;
use crate::problem::{Code, Refusal};
use crate::random::array;
use crate::shown::{NoticeFacts, PurposeFacts};
use crate::site::Site;

/// A clock may be this far ahead, in milliseconds, before it is noted.
const AHEAD: u64 = 10 * 60 * 1000;
/// A decision may have waited this long in a browser before its age is noted.
const BEHIND: u64 = 400 * DAY * 1000;

/// A receipt that a visitor's key signed.
pub fn signed(site: &Site, text: &str) -> Result<Append, Refusal> {
    let parsed = receipt::Parsed::read(text)?;
    let payload = parsed.payload();
    if payload.site != site.config.id {
        let detail = format!(
            "the receipt is of the site {:?}, not of {:?}",
            payload.site, site.config.id
        );
        return Err(Refusal::new(Code::WrongSite, detail));
    }
    check(site, payload)?;
    let receipt = parsed.verify(&RingVerifier)?;
    Ok(append(site, receipt, site.clock.now()))
}

/// A decision that nothing in the browser could sign, recorded and signed by the server.
pub fn witnessed(
    site: &Site,
    unsigned: &UnsignedDecision,
    via: Via,
    about: Option<String>,
) -> Result<Append, Refusal> {
    let unknown = || {
        Refusal::new(
            Code::NoticeUnknown,
            format!("no layer {} was ever sent here", unsigned.layer),
        )
    };
    let layer = site.shown.layer(&unsigned.layer).ok_or_else(unknown)?;
    let notice_digest = layer.notice.to_string();
    let notice = site.shown.notice(&notice_digest).ok_or_else(unknown)?;
    let rules = notice
        .jurisdictions
        .get(&layer.jurisdiction)
        .ok_or_else(unknown)?;
    let decision = Decision {
        v: decision::VERSION,
        id: unsigned.id.clone(),
        time: unsigned.time,
        surface: unsigned.surface,
        action: unsigned.action,
        language: layer.language.clone(),
        jurisdiction: layer.jurisdiction.clone(),
        model: rules.model,
        controller: rules.controller.clone(),
        notice: notice_digest,
        layer: unsigned.layer.clone(),
        in_view: unsigned.in_view,
        signals: unsigned.signals.clone(),
        choices: unsigned.choices.clone(),
        delivered: false,
    };
    for (id, choice) in decision
        .choices()
        .map_err(|error| malformed(error.to_string()))?
    {
        let facts = purpose(notice, id.as_str(), choice.revision)?;
        check_choice(
            id.as_str(),
            &choice,
            facts,
            notice,
            rules.model,
            unsigned.time.max(site.clock.now()),
        )?;
    }
    // A yes for an address counts only once the mailed link is used.
    let requested = about.is_some() && via != Via::Link;
    let details = Details {
        id: fresh_id(site),
        site: site.config.id.clone(),
        subject: None,
        prev: None,
        about,
        via: Some(via),
    };
    let basis = |id: &str| notice.purposes.get(id).map(|facts| facts.basis);
    let mut payload = Payload::new(&decision, details, basis).map_err(|error| match error {
        PayloadError::Choices(error) => malformed(error.to_string()),
        PayloadError::Purpose(_) => Refusal::new(Code::RevisionUnknown, error.to_string()),
    })?;
    for answer in payload
        .purposes
        .iter_mut()
        .filter(|answer| requested && answer.status == Status::Given)
    {
        answer.status = Status::Requested;
    }
    let (receipt, received) = site.signer.witness(&payload, site.clock.now())?;
    Ok(append(site, receipt, received))
}

/// A fresh UUIDv7.
pub fn fresh_id(site: &Site) -> String {
    uuid_v7(site.clock.now(), array(site.random.as_ref()))
}

fn append(site: &Site, receipt: VerifiedReceipt, received: u64) -> Append {
    let payload = receipt.payload();
    let mut flags = Vec::new();
    if payload.time > received.saturating_add(AHEAD)
        || payload.time < received.saturating_sub(BEHIND)
    {
        flags.push("clock".to_owned());
    }
    let layer = site.shown.layer(&payload.layer);
    if layer.is_none_or(|layer| layer.notice.to_string() != payload.notice) {
        flags.push("layer".to_owned());
    }
    Append {
        salt: array(site.random.as_ref()),
        receipt,
        received,
        flags,
    }
}

/// Whether a payload says what its notice says.
fn check(site: &Site, payload: &Payload) -> Result<(), Refusal> {
    let Some(notice) = site.shown.notice(&payload.notice) else {
        let detail = format!("no notice {} was ever published here", payload.notice);
        return Err(Refusal::new(Code::NoticeUnknown, detail));
    };
    let rules = notice.jurisdictions.get(&payload.jurisdiction);
    if rules
        .is_none_or(|rules| rules.model != payload.model || rules.controller != payload.controller)
    {
        return Err(malformed(
            "jurisdiction, model and controller are not those of the notice",
        ));
    }
    for answer in &payload.purposes {
        let facts = purpose(notice, answer.id.as_str(), answer.revision)?;
        if facts.basis != answer.basis {
            return Err(malformed(format!(
                "the notice rests {} on another legal basis",
                answer.id
            )));
        }
        if let Some(stranger) = answer
            .services
            .keys()
            .find(|id| !facts.services.iter().any(|s| s == id.as_str()))
        {
            return Err(Refusal::new(
                Code::RevisionUnknown,
                format!("the notice has no service {stranger} there"),
            ));
        }
        if facts.necessary && answer.status != Status::Acknowledged {
            return Err(malformed(format!(
                "{} is necessary: it is acknowledged, not answered",
                answer.id
            )));
        }
    }
    Ok(())
}

fn purpose<'a>(
    notice: &'a NoticeFacts,
    id: &str,
    revision: u32,
) -> Result<&'a PurposeFacts, Refusal> {
    match notice.purposes.get(id) {
        Some(facts) if facts.revision == revision => Ok(facts),
        Some(facts) => Err(Refusal::new(
            Code::RevisionUnknown,
            format!(
                "the notice has revision {} of {id}, not {revision}",
                facts.revision
            ),
        )),
        None => Err(Refusal::new(
            Code::RevisionUnknown,
            format!("the notice has no purpose {id}"),
        )),
    }
}

/// Whether a choice is one that the policy lets a visitor make. `time` is in milliseconds since 1970.
fn check_choice(
    id: &str,
    choice: &Choice,
    facts: &PurposeFacts,
    notice: &NoticeFacts,
    model: Model,
    time: u64,
) -> Result<(), Refusal> {
    if let Some(stranger) = choice
        .services
        .keys()
        .find(|own| !facts.services.iter().any(|s| s == own.as_str()))
    {
        return Err(Refusal::new(
            Code::RevisionUnknown,
            format!("{id} has no service {stranger}"),
        ));
    }
    if facts.necessary && choice.letter != Letter::NotNeeded {
        return Err(malformed(format!(
            "{id} is necessary: it takes n and no other answer"
        )));
    }
    if !facts.necessary
        && choice.letter == Letter::NotNeeded
        && model == Model::OptIn
        && facts.basis == LegalBasis::Consent
    {
        return Err(malformed(format!("{id} needs an answer: n is not one")));
    }
    if facts.channel == Channel::Address {
        return Ok(());
    }
    let days = match choice.letter {
        Letter::Given => notice.days.given,
        Letter::Refused | Letter::Withdrawn => notice.days.refused,
        // These need no day.
        Letter::Objected | Letter::Signalled | Letter::Deferred | Letter::NotNeeded => {
            return Ok(());
        }
    };
    // One day more for whoever is a day ahead of us.
    let latest = time / 1000 / DAY + u64::from(days) + 1;
    match choice.day {
        Some(day) if u64::from(day) <= latest => Ok(()),
        Some(_) => Err(malformed(format!(
            "the answer for {id} would hold for more than {days} days"
        ))),
        None => Err(malformed(format!(
            "the answer for {id} needs a day on which it lapses"
        ))),
    }
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(Code::Malformed, detail)
}
