//! A receipt as the ledger keeps it, with what it says.

use sayso_core::receipt::{self, Kind, Payload, ReceiptError};
use sayso_core::witness;
use sayso_ledger::receipt::Stored;

/// A kept receipt, read. Its signature was checked when it came in, and is checked again by whoever verifies.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As it lies in the ledger.
    pub stored: Stored,
    /// What it says.
    pub payload: Payload,
    /// Who signed it.
    pub kind: Kind,
}

impl Kept {
    /// Reads what the ledger keeps.
    pub fn read(stored: Stored) -> Result<Self, ReceiptError> {
        let (kind, payload) = if stored.witnessed {
            let parsed = witness::Parsed::read(&stored.jws)?;
            (Kind::Witnessed, parsed.payload().clone())
        } else {
            let parsed = receipt::Parsed::read(&stored.jws)?;
            (Kind::Signed, parsed.payload().clone())
        };
        Ok(Self {
            stored,
            payload,
            kind,
        })
    }
}
