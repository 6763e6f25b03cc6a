//! Surfaces: they choose components and connect them to the state.

pub mod centre;
pub mod surface;

#[cfg(not(target_arch = "wasm32"))]
pub mod checking;
#[cfg(not(target_arch = "wasm32"))]
pub mod served;
