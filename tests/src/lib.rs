//! End-to-end tests of everything together.
