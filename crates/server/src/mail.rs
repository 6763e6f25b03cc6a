//! Mail: what is written, how it is queued, and how it is handed over.

pub mod letter;
pub mod queue;
pub mod transport;

pub use transport::{MailError, MailTarget};
