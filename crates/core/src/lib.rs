//! The pure heart of Sayso: purposes, policy, notices, decisions, records, receipts and their proofs.
