//! `sayso erase`: the operator erases a person's receipts in a running server.

use serde::Deserialize;
use serde_json::json;

use crate::admin;
use crate::args::EraseArgs;
use crate::failure::Failure;

#[derive(Deserialize)]
struct Answer {
    erased: u64,
    already: u64,
    tombstone: Option<u64>,
}

pub(crate) fn run(args: &EraseArgs) -> Result<String, Failure> {
    let mut order = json!({ "v": 1, "reason": args.reason });
    let (name, value) = match (&args.what.subject, &args.what.address, args.what.index) {
        (Some(subject), _, _) => ("subject", json!(subject)),
        (_, Some(address), _) => ("address", json!(address)),
        (_, _, index) => ("index", json!(index)),
    };
    order[name] = value;
    let Answer {
        erased,
        already,
        tombstone,
    } = admin::post(&args.admin, "erasures", &order)?;
    let before = match already {
        0 => String::new(),
        _ => format!(" ({already} more had been before)"),
    };
    let told = match tombstone {
        Some(index) => {
            format!("; entry {index} of the log tells that, when and why, and of whom nothing")
        }
        None => "; the log tells nothing new".to_owned(),
    };
    if erased > 0 {
        eprintln!(
            "sayso: backups of salts.db from before can still open them: let their cycle overwrite them soon"
        );
    }
    Ok(format!("{erased} receipts erased{before}{told}\n"))
}
