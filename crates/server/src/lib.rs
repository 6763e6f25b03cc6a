//! The HTTP service: assets, receipts, addresses, pages.
