//! What is logged and how. Never an address, an IP, a user agent, a cookie, a token, or the id of a person.

use tracing::Metadata;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object per line.
    Json,
}

/// Whether a line is one of ours. What a library logs may quote what it was given, addresses among it; so whatever an
/// operator asks for, libraries stay silent.
pub fn is_own(metadata: &Metadata<'_>) -> bool {
    metadata
        .target()
        .split("::")
        .next()
        .is_some_and(|name| name.starts_with("sayso"))
}

/// Starts logging to standard error. `SAYSO_LOG` chooses what, as in `info` or `sayso_server=debug`.
pub fn start(format: LogFormat) {
    let chosen = EnvFilter::try_from_env("SAYSO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(false).with_target(false).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    let layer = layer.with_filter(chosen).with_filter(filter_fn(is_own));
    // A second start, as in tests, leaves the first in place.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
