//! Mail that still has to be sent: written in the same transaction as what it is about, so that neither is lost alone.

/// A mail to be sent, as the server's own text; sealed at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMail {
    /// What the server needs to write and send it.
    pub body: String,
}

/// A mail taken from the queue.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Its number in the queue.
    pub id: i64,
    /// As it was given.
    pub body: String,
    /// How often sending failed.
    pub attempts: u32,
}

/// What became of sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Handed over; forget it.
    Sent,
    /// Not handed over; try again at this time (milliseconds since 1970).
    RetryAt(u64),
    /// Never going to be handed over; forget it.
    GivenUp,
}
