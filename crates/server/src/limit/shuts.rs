//! Whether what somebody sends only shuts; read only where there is too little room for everything.
//!
//! Nothing is verified here, since verifying is what there is no room for. Whoever lies about a receipt gets it refused
//! a moment later, and has spent only their own network's share.

use sayso_core::cookie::{Letter, parse_choices};
use sayso_core::digest::decode;
use sayso_core::json;
use sayso_core::receipt;
use sayso_core::record::Status;
use sayso_core::wire::{AddressRequest, MAX_BODY, ReceiptsRequest, UnsignedDecision};

/// Whether a body of `v1/receipts` only shuts.
pub fn answers(body: &[u8]) -> bool {
    if let Ok(request) = json::read::<ReceiptsRequest>(body, MAX_BODY) {
        let any = !request.receipts.is_empty() || !request.decisions.is_empty();
        return any
            && request.receipts.iter().all(|text| signed(text))
            && request.decisions.iter().all(unsigned);
    }
    std::str::from_utf8(body).is_ok_and(|text| signed(text.trim()))
}

/// Whether a body of `v1/addresses` only shuts.
pub fn address(body: &[u8]) -> bool {
    let Ok(request) = json::read::<AddressRequest>(body, MAX_BODY) else {
        return false;
    };
    match (&request.receipt, &request.decision) {
        (Some(receipt), None) => signed(receipt),
        (None, Some(decision)) => unsigned(decision),
        _ => false,
    }
}

fn signed(text: &str) -> bool {
    if opens_at_a_glance(text) {
        return false;
    }
    let Ok(parsed) = receipt::Parsed::read(text) else {
        return false;
    };
    let purposes = &parsed.payload().purposes;
    let quiet = purposes
        .iter()
        .all(|answer| !opens(answer.status) && !answer.services.values().any(|on| *on));
    quiet && purposes.iter().any(|answer| shuts(answer.status))
}

/// Whether a yes stands in a payload, or nothing can be read there. Most of what has to be refused is told by this alone:
/// reading all of it with care would take more of the processor than saying no. In JSON these texts can be nothing but
/// members: within a string their quotes would be escaped.
fn opens_at_a_glance(text: &str) -> bool {
    let payload = text.split('.').nth(1).and_then(decode);
    let Some(payload) = payload.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return true;
    };
    [r#""status":"Given""#, r#""status":"Requested""#]
        .iter()
        .any(|yes| payload.contains(yes))
}

fn unsigned(decision: &UnsignedDecision) -> bool {
    let Ok(choices) = parse_choices(&decision.choices) else {
        return false;
    };
    let status = |letter| match letter {
        Letter::Given => Status::Given,
        Letter::Refused => Status::Refused,
        Letter::Withdrawn => Status::Withdrawn,
        Letter::Objected | Letter::Signalled => Status::Objected,
        Letter::Deferred => Status::Deferred,
        Letter::NotNeeded => Status::Acknowledged,
    };
    let quiet = choices
        .values()
        .all(|choice| !opens(status(choice.letter)) && !choice.services.values().any(|on| *on));
    quiet && choices.values().any(|choice| shuts(status(choice.letter)))
}

fn opens(status: Status) -> bool {
    matches!(status, Status::Given | Status::Requested)
}

fn shuts(status: Status) -> bool {
    matches!(
        status,
        Status::Refused | Status::Withdrawn | Status::Objected
    )
}
