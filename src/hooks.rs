//! State with verbs: what a surface can do, without knowing how.

pub mod use_sayso;
