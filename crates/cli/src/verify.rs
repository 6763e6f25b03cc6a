//! `sayso verify`: a countersigned receipt checked offline, and what the check proves and does not prove.

mod against;
mod words;

use std::fs;
use std::path::Path;

use sayso_core::crypto::Jwks;
use sayso_core::json;
use sayso_core::log::note::{Algorithm, VerifierKey};
use sayso_core::receipt::Kind;
use sayso_core::verify::{self, Demands, Verified};
use sayso_server::crypto::RingVerifier;
use serde_json::{Value, json};

use crate::args::VerifyArgs;
use crate::failure::Failure;

/// The exit code when the command line asks for what cannot be.
const USAGE: u8 = 2;
/// The exit code when the keys cannot be read.
pub(crate) const KEYS_UNUSABLE: u8 = 20;

pub(crate) fn run(args: &VerifyArgs) -> Result<String, Failure> {
    let keys = keys(&args.keys)?;
    let demands = demands(&args.witnesses, args.quorum)?;
    if let Some(older) = &args.against {
        return against::run(args, older, &keys, &demands);
    }
    let verified = receipt(&args.file, &read(&args.file)?, &keys, &demands)?;
    Ok(if args.json {
        format!("{:#}\n", as_json(&verified))
    } else {
        words::of(&verified, &demands)
    })
}

/// What is asked of witnesses: all that are named, unless a number says otherwise.
pub(crate) fn demands(
    witnesses: &[VerifierKey],
    quorum: Option<usize>,
) -> Result<Demands<'_>, Failure> {
    let mut distinct: Vec<&[u8; 32]> = witnesses.iter().map(|key| &key.public).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let quorum = quorum.unwrap_or(distinct.len());
    if quorum > distinct.len() {
        let named = distinct.len();
        return Err(Failure::new(
            USAGE,
            format!(
                "--quorum {quorum} asks for more witnesses than are named ({named}); name each with --witness"
            ),
        ));
    }
    Ok(Demands { witnesses, quorum })
}

/// Reads a witness's key from the command line.
pub(crate) fn witness_key(text: &str) -> Result<VerifierKey, String> {
    let key = VerifierKey::parse(text).map_err(|error| error.to_string())?;
    match key.algorithm {
        Algorithm::Cosignature => Ok(key),
        Algorithm::Ed25519 => Err(
            "this is the key of a log; a witness's own key begins with \"B\" behind its second plus sign".into(),
        ),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(1, format!("{}: {error}", path.display())))
}

fn receipt(
    path: &Path,
    file: &[u8],
    keys: &Jwks,
    demands: &Demands<'_>,
) -> Result<Verified, Failure> {
    verify::verify(file, keys, demands, &RingVerifier)
        .map_err(|error| refused(path, error.exit_code(), &error.to_string()))
}

fn refused(path: &Path, code: u8, why: &str) -> Failure {
    Failure::new(code, format!("{}: {}", path.display(), printable(why)))
}

pub(crate) fn keys(path: &Path) -> Result<Jwks, Failure> {
    let unusable = |what: String| {
        let remedy = "give the JSON that the site serves at v1/jwks.json";
        Failure::new(
            KEYS_UNUSABLE,
            format!("{}: {what}; {remedy}", path.display()),
        )
    };
    let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let keys: Jwks = json::read(&bytes, verify::MAX_LEN)
        .map_err(|error| unusable(format!("not a JWKS: {error}")))?;
    if keys.keys.is_empty() {
        return Err(unusable("there is no key in it".into()));
    }
    // Two entries for one key could say two different things of when it signed.
    let twice = keys.keys.iter().enumerate().find(|(at, key)| {
        keys.keys[..*at]
            .iter()
            .any(|other| (&other.kid, other.sayso) == (&key.kid, key.sayso))
    });
    match twice {
        Some((_, key)) => Err(unusable(format!(
            "the key {} is in it twice",
            printable(&key.kid)
        ))),
        None => Ok(keys),
    }
}

fn as_json(verified: &Verified) -> Value {
    let payload = verified.receipt.payload();
    let statement = &verified.statement;
    json!({
        "v": 1,
        "holds": true,
        "signed_by": match verified.receipt.kind() { Kind::Signed => "visitor", Kind::Witnessed => "server" },
        "receipt_hash": verified.receipt.receipt_hash(),
        "receipt": payload,
        "received": statement.received,
        "index": statement.index,
        "log": statement.log,
        "flags": statement.flags,
        "checkpoint": { "size": verified.checkpoint.size, "root": verified.checkpoint.root },
        "cosigned": verified
            .cosigned
            .iter()
            .map(|(name, time)| json!({ "witness": name, "time": time }))
            .collect::<Vec<_>>(),
    })
}

/// A stranger's text, with whatever could move the cursor or turn the line round written out.
pub(crate) fn printable(text: &str) -> String {
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            if invisible(c) {
                out.extend(c.escape_unicode())
            } else {
                out.push(c)
            }
            out
        })
}
