//! What is drawn: props in, callbacks out. No storage, no network, no window.

pub mod banner;
