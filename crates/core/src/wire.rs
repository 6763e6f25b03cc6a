//! What travels over HTTP between a browser and the server. See `docs/protocol.md`.

use serde::{Deserialize, Serialize};

use crate::decision::{Action, Surface};
use crate::verify::Countersigned;

/// Longest request body, in bytes.
pub const MAX_BODY: usize = 16 * 1024;
/// Most items in one request.
pub const MAX_ITEMS: usize = 16;

/// The body of `POST v1/receipts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptsRequest {
    /// Always 1.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 1))]
    pub v: u32,
    /// The cookie's value, for the server to renew; it decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Receipts, compact JWS each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<String>,
    /// Decisions that could not be signed, for the server to witness.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<UnsignedDecision>,
}

/// A decision that could not be signed. The server fills in language, jurisdiction, model, controller and notice from
/// the layer's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UnsignedDecision {
    /// UUIDv7.
    pub id: String,
    /// The visitor's clock, milliseconds since 1970.
    pub time: u64,
    /// Where it was made.
    pub surface: Surface,
    /// What was done.
    pub action: Action,
    /// Digest of the layer as it was sent.
    pub layer: String,
    /// Whether both answers were in view and unobstructed.
    pub in_view: bool,
    /// Signals seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// The purposes answered, in the cookie's grammar.
    pub choices: String,
}

/// The body of `POST v1/addresses`: a decision about an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// Always 1.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 1))]
    pub v: u32,
    /// The address as it was typed.
    pub email: String,
    /// 32 random bytes in base64url: the receipt's `about` is the address under this salt.
    pub salt: String,
    /// Given name, if told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name, if told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Company, if told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Newsletter topics chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The receipt, a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// In the receipt's place where nothing could be signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<UnsignedDecision>,
}

/// The answer to both: one result per item, in the order they were sent (receipts first).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Response {
    /// Always 1.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 1))]
    pub v: u32,
    /// The results.
    pub results: Vec<Outcome>,
}

/// What became of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// The receipt's id, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// It is on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countersigned: Option<Countersigned>,
    /// It was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A refusal (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:sayso:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in a few words.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "schema", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// What was wrong with this request and how to mend it.
    pub detail: String,
    /// The stable code, such as `bad-signature`.
    pub code: String,
}
