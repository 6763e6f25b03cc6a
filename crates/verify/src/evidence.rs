//! Two checkpoints that a browser kept because the later did not extend the earlier.

use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::compare::{Conflict, Seen, compare};
use sayso_core::log::note::Note;
use serde_json::{Value, json};

use crate::KEYS_UNUSABLE;
use crate::ask::{Answers, Asking};
use crate::found::{read_keys, refused};

/// Looks at two checkpoints. The answer is `{"ask": […]}`, `{"refused": {code, sentence}}` where the log's key did not
/// sign both, or `{"shows": …}`: `faces`, which is proof by itself; `back`, a log that became smaller; or `grown`, where
/// only the site can show that the one extends the other, and did not.
pub fn evidence(seen: &str, shown: &str, keys: &str, answers: &Answers) -> Value {
    let keys = match read_keys(keys) {
        Ok(keys) => keys,
        Err(why) => return refused(KEYS_UNUSABLE, &why),
    };
    let asking = Asking::new(answers);
    let open = |text: &str| {
        let note = Note::parse(text).map_err(|error| (22, error.to_string()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| (22, error.to_string()))?;
        let log = keys.log_keys(&checkpoint.origin);
        if log.iter().any(|key| note.is_signed_by(key, &asking)) {
            Ok(checkpoint)
        } else {
            Err((
                25,
                format!(
                    "the log's key did not sign the checkpoint of {}",
                    checkpoint.origin
                ),
            ))
        }
    };
    let both = open(seen).and_then(|seen| Ok((seen, open(shown)?)));
    let open = asking.open();
    if !open.is_empty() {
        return json!({ "ask": open });
    }
    let (seen, shown) = match both {
        Err((code, why)) => return refused(code, &why),
        Ok(both) => both,
    };
    let sizes = (seen.size, shown.size);
    let log = seen.origin.clone();
    let shows = match compare(&Seen::head(seen), &Seen::head(shown)) {
        Err(Conflict::Faces { .. }) => "faces",
        Err(Conflict::Back { .. }) => "back",
        Err(Conflict::Logs { .. }) => "logs",
        Ok(_) => "grown",
    };
    json!({ "shows": shows, "log": log, "before": sizes.0, "after": sizes.1 })
}
