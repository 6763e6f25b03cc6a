//! What Chromium's threads did in a visit, for its performance panel: where a figure comes from.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::pipe::{Pipe, heard};

const CATEGORIES: [&str; 9] = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-v8.compile",
    "disabled-by-default-v8.cpu_profiler",
    "blink",
    "blink.user_timing",
    "loading",
    "toplevel",
    "v8",
];

/// A trace being taken.
#[derive(Debug)]
pub(crate) struct Trace {
    pipe: Arc<Pipe>,
}

impl Trace {
    /// Begins one, of all tabs.
    pub(crate) async fn begin(pipe: Arc<Pipe>) -> Result<Self> {
        let how = json!({
            "transferMode": "ReturnAsStream",
            "traceConfig": { "includedCategories": CATEGORIES },
        });
        pipe.call(None, "Tracing.start", how).await?;
        Ok(Self { pipe })
    }

    /// Ends it and keeps it as JSON.
    pub(crate) async fn keep(self, path: &Path) -> Result<()> {
        let mut events = self.pipe.listen();
        self.pipe.call(None, "Tracing.end", json!({})).await?;
        let done = heard(&mut events, None, "Tracing.tracingComplete").await?;
        let handle = &done["stream"];
        let mut bytes = Vec::new();
        loop {
            let part = self
                .pipe
                .call(None, "IO.read", json!({ "handle": handle }))
                .await?;
            let data = part["data"].as_str().context("a part of the trace")?;
            if part["base64Encoded"] == Value::Bool(true) {
                let more = Base64::decode_vec(data).ok();
                bytes.extend(more.context("a trace in base64")?);
            } else {
                bytes.extend(data.as_bytes());
            }
            if part["eof"] == Value::Bool(true) {
                break;
            }
        }
        self.pipe
            .call(None, "IO.close", json!({ "handle": handle }))
            .await?;
        std::fs::write(path, bytes).with_context(|| path.display().to_string())
    }
}
