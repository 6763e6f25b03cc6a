//! Whether what somebody sends only shuts; read only where there is too little room for everything.
//!
//! Nothing is verified here, since verifying is what there is no room for. Whoever lies about a receipt gets it refused
//! a moment later, and has spent only their own network's share.

use std::sync::LazyLock;

use sayso_core::cookie::{Letter, parse_choices};
use sayso_core::digest::{decode, encode};
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

/// Whether a yes can be seen in a body of `v1/receipts` without decoding any of it: base64 has three ways to carry a text.
/// What it overlooks is read with care.
pub fn says_yes(body: &[u8]) -> bool {
    static SEEN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let ways = YES
            .iter()
            .flat_map(|yes| (0..3).map(move |shift| within(yes, shift)));
        ways.collect()
    });
    std::str::from_utf8(body).is_ok_and(|text| SEEN.iter().any(|yes| text.contains(yes.as_str())))
}

/// The characters that a text gives in base64 whatever stands around it, `shift` bytes into a group of three.
fn within(text: &str, shift: usize) -> String {
    let bytes = [&[0; 2][..shift], text.as_bytes()].concat();
    let whole = bytes.len() * 8 / 6;
    let begin = (shift * 8).div_ceil(6);
    encode(&bytes)
        .get(begin..whole)
        .unwrap_or_default()
        .to_owned()
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

/// What a yes looks like in the payload of a receipt.
const YES: [&str; 2] = [r#""status":"Given""#, r#""status":"Requested""#];

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
    YES.iter().any(|yes| payload.contains(yes))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_is_seen_wherever_it_stands() {
        for shift in 0..9 {
            let before = "x".repeat(shift);
            for (status, is_yes) in [("Given", true), ("Requested", true), ("Refused", false)] {
                let payload = format!(r#"{{"{before}":[{{"status":"{status}"}}]}}"#);
                let payload = encode(payload.as_bytes());
                let body = format!(r#"{{"v":1,"receipts":["e30.{payload}.AA"]}}"#);
                assert_eq!(says_yes(body.as_bytes()), is_yes, "{status} after {shift}");
            }
        }
        assert!(!says_yes(&[0xff; 40]));
    }
}
