//! Sayso's visitor surfaces in Yew: banner, preference centre, newsletter, marketing and history.
//!
//! Built twice. As WebAssembly it is what `sayso.js` loads when a visitor opens a surface ([`mount`]). Natively the same
//! components are rendered by the server ([`render`]): the first layer that must not wait for WebAssembly, and the pages
//! that work without JavaScript.
//!
//! **Invariant:** components touch neither storage nor network nor the window. What they need from the world comes
//! through [`ports::Ports`], so that every one of them also renders natively.

pub mod components;
pub mod failure;
pub mod hooks;
pub mod link;
pub mod pages;
pub mod plain;
pub mod ports;
pub mod shared;
pub mod state;
pub mod style;
pub mod text;

#[cfg(not(target_arch = "wasm32"))]
pub mod render;

#[cfg(target_arch = "wasm32")]
pub mod mount;

#[cfg(all(target_arch = "wasm32", debug_assertions))]
pub mod develop;

#[cfg(any(test, all(target_arch = "wasm32", debug_assertions)))]
mod sample;
