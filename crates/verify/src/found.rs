//! Checking one receipt, and what was found, as JSON for the page.

use base64ct::{Base64, Encoding};
use sayso_core::crypto::{Jwks, SiteJwk};
use sayso_core::json;
use sayso_core::jws::Compact;
use sayso_core::log::note::{Algorithm, Note, VerifierKey};
use sayso_core::log::proof::Proof;
use sayso_core::receipt::Kind;
use sayso_core::verify::{self, Countersigned, Demands, Verified};
use serde_json::{Value, json};

use crate::KEYS_UNUSABLE;
use crate::ask::{Answers, Asking};

/// Checks a countersigned receipt. `keys` is the site's JWKS; `witnesses` holds the keys of trusted witnesses, one a line,
/// all of which must have cosigned.
///
/// The answer is one of `{"ask": […]}`, questions to come back with; `{"refused": {code, sentence}}`, with the exit code
/// of `sayso verify`; `{"holds": {…}}`.
pub fn receipt(file: &str, keys: &str, witnesses: &str, answers: &Answers) -> Value {
    let (keys, witnesses) = match (read_keys(keys), read_witnesses(witnesses)) {
        (Ok(keys), Ok(witnesses)) => (keys, witnesses),
        (Err(why), _) | (_, Err(why)) => return refused(KEYS_UNUSABLE, &why),
    };
    let demands = Demands {
        witnesses: &witnesses,
        quorum: witnesses.len(),
    };
    let asking = Asking::new(answers);
    let outcome = verify::verify(file.as_bytes(), &keys, &demands, &asking);
    let open = asking.open();
    match outcome {
        // Also where it was refused: a signature may turn out to be the first thing that is wrong.
        _ if !open.is_empty() => json!({ "ask": open }),
        Err(error) => refused(error.exit_code(), &error.to_string()),
        Ok(verified) => json!({ "holds": holds(file, &verified) }),
    }
}

pub(crate) fn refused(code: u8, sentence: &str) -> Value {
    json!({ "refused": { "code": code, "sentence": sentence } })
}

/// Reads a site's key set.
pub(crate) fn read_keys(text: &str) -> Result<Jwks, String> {
    let keys: Jwks = json::read(text.as_bytes(), verify::MAX_LEN)
        .map_err(|error| format!("not a site's key set: {error}"))?;
    if keys.keys.is_empty() {
        return Err("there is no key in the key set".into());
    }
    // Two entries for one key could say two different things of when it signed.
    let twice = |(at, key): (usize, &SiteJwk)| {
        let mut before = keys.keys[..at].iter();
        before.any(|other| (&other.kid, other.sayso) == (&key.kid, key.sayso))
    };
    if keys.keys.iter().enumerate().any(twice) {
        return Err("a key is in the key set twice".into());
    }
    Ok(keys)
}

fn read_witnesses(text: &str) -> Result<Vec<VerifierKey>, String> {
    let mut keys: Vec<VerifierKey> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let key = VerifierKey::parse(line).map_err(|error| format!("{line}: {error}"))?;
        if key.algorithm != Algorithm::Cosignature {
            return Err(format!(
                "{line}: this is the key of a log, not of a witness"
            ));
        }
        // One witness under two names is still one.
        if keys.iter().all(|known| known.public != key.public) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Everything that the page shows of a receipt that holds.
fn holds(file: &str, verified: &Verified) -> Value {
    let statement = &verified.statement;
    let note = note(file);
    let named: Vec<&str> = note
        .iter()
        .flat_map(|note| &note.signatures)
        .map(|line| line.name.as_str())
        .filter(|name| *name != verified.checkpoint.origin)
        .collect();
    let cosigned: Vec<Value> = verified
        .cosigned
        .iter()
        .map(|(name, time)| json!({ "name": name, "time": time }))
        .collect();
    json!({
        "signed": verified.receipt.kind() == Kind::Signed,
        "receipt": verified.receipt.payload(),
        "hash": verified.receipt.receipt_hash(),
        "received": statement.received,
        "index": statement.index,
        "log": statement.log,
        "flags": statement.flags,
        "size": verified.checkpoint.size,
        "root": Base64::encode_string(&verified.checkpoint.root.0),
        "cosigned": cosigned,
        // Names on lines that nobody asked about: claimed, not checked.
        "named": named,
    })
}

/// The checkpoint's note, as it stands in the file.
fn note(file: &str) -> Option<Note> {
    let file: Countersigned = json::read(file.as_bytes(), verify::MAX_LEN).ok()?;
    Note::parse(&Proof::parse(&file.proof?).ok()?.checkpoint).ok()
}

/// What a file says of itself before anything is believed: its site and its log, to find its keys by.
pub(crate) fn claims(file: &str) -> Option<Value> {
    let file: Countersigned = json::read(file.as_bytes(), verify::MAX_LEN).ok()?;
    let payload: Value = Compact::parse(&file.receipt).ok()?.payload().ok()?;
    let statement: Value = Compact::parse(&file.countersignature)
        .ok()?
        .payload()
        .ok()?;
    Some(json!({ "site": payload["site"], "time": payload["time"], "log": statement["log"] }))
}
