//! The append-only store of receipts.
