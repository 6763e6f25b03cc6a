//! What is drawn: props in, callbacks out. No storage, no network, no window.
//!
//! A component of Yew's own only where there is state, an effect or a root to render; the rest are functions, which cost
//! a fifth of the bytes.

pub mod address_form;
pub mod banner;
pub mod cookie_table;
pub mod dialog;
pub mod el;
pub mod field;
pub mod history_list;
pub mod marketing;
pub mod message;
pub mod newsletter;
pub mod preference_centre;
pub mod purpose;
pub mod service;
pub mod switch;
pub mod word;

#[cfg(test)]
mod tests;
