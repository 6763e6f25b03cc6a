//! `sayso rotate`: a new key takes over in a running server.

use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::json;

use crate::admin;
use crate::args::{Rotatable, RotateArgs};
use crate::failure::Failure;

#[derive(Deserialize)]
struct Answer {
    rotated: Vec<Rotated>,
}

#[derive(Deserialize)]
struct Rotated {
    key: String,
    kid: String,
    from: u64,
    index: u64,
}

pub(crate) fn run(args: &RotateArgs) -> Result<String, Failure> {
    let keys: Vec<&str> = args.key.iter().map(|key| name(*key)).collect();
    let order = json!({ "v": 1, "keys": keys });
    let answer: Answer = admin::post(&args.admin, "keys/rotate", &order)?;
    let lines = answer.rotated.iter().map(|rotated| {
        let Rotated {
            key,
            kid,
            from,
            index,
        } = rotated;
        let from = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(*from));
        format!("{key}: {kid} takes over at {from}; entry {index} of the log says so\n")
    });
    eprintln!("sayso: the key files have changed: back them up again");
    Ok(lines.collect())
}

fn name(key: Rotatable) -> &'static str {
    match key {
        Rotatable::Countersignature => "countersignature",
        Rotatable::Witness => "witness",
    }
}
