//! Watching the site's log: each countersigned receipt brings a checkpoint, which must extend the one before.
//!
//! Nothing waits for this and nothing is refused because of it. A breach is kept, told to the page, and shown in the
//! history; a question that stays without an answer is asked again with the next receipt.

use super::lock::Lock;
use super::{desk, env, port::Port, post, settle};
use crate::answer::Refusal;
use crate::json::{self, Value};
use crate::log::{Step, checkpoint};

/// The code of the event.
const CODE: &str = "log-inconsistent";

/// Looks at the checkpoint of the newest receipt that is kept.
pub(super) async fn watch(port: &Port) {
    let shelf = desk::shelf();
    let file = shelf.0.iter().rev().find_map(|kept| kept.file.as_ref());
    let file = file.and_then(|file| json::parse(file));
    let proof = file.as_ref().map_or("", |file| file.text("proof"));
    look(port, checkpoint(proof).unwrap_or_default()).await;
}

/// Looks at a checkpoint.
pub(super) async fn look(port: &Port, note: &str) {
    let known = desk::log();
    let sound = match known.step(note) {
        Step::Known => return,
        Step::First => true,
        Step::Breach => false,
        Step::Prove { from, to } => {
            let path = format!("v1/log/consistency?from={from}&to={to}");
            let reply = post::post(port, &path, None).await;
            let answer = reply.and_then(|reply| json::parse(&reply.body));
            match answer {
                Some(answer) if matches!(answer.get("hashes"), Value::List(_)) => {
                    known.proves(note, &answer)
                }
                // In its own words: the log has not that many entries, although it once showed them.
                Some(answer) if answer.text("code") == "not-found" => false,
                _ => return,
            }
        }
    };
    let _guard = Lock::Store.acquire().await;
    let now = env::now();
    let mut log = desk::log();
    // Another tab may have been here meanwhile.
    if log.seen != known.seen {
        return;
    }
    log.take(note, sound, now);
    let local = desk::local();
    desk::save_log(
        &log,
        desk::standing(port, &local, now).keeps_receipts(local.keep),
    );
    if !sound {
        let said = "the site's log does not extend what this browser saw of it before";
        settle::complain(port, "", &Refusal::local(CODE, said));
    }
}
