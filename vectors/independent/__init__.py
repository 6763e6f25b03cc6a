"""Sayso's shapes written a second time, from the protocol page alone, sharing no code with the Rust."""
