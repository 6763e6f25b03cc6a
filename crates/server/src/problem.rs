//! Every refusal, in one place: its stable code, its status, and the document that says it (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_core::jws::JwsError;
use sayso_core::receipt::ReceiptError;
use sayso_core::wire::Problem;
use sayso_ledger::LedgerError;

/// The stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Not the shape expected.
    Malformed,
    /// Longer than allowed.
    TooLarge,
    /// The signature does not hold.
    BadSignature,
    /// Another `alg` than receipts have.
    BadAlgorithm,
    /// Another `typ` than receipts have, or another media type.
    BadType,
    /// The key in the header is not the one the receipt names.
    KeyMismatch,
    /// A receipt of another site.
    WrongSite,
    /// A notice this server has never published; the one refusal worth keeping and trying again.
    NoticeUnknown,
    /// A purpose or revision that the notice does not have.
    RevisionUnknown,
    /// The id, or the decision, is kept with other content.
    Conflict,
    /// It was kept and has been erased; it is not taken again.
    Erased,
    /// A request that is too old to be followed.
    Stale,
    /// The request does not come from one of the site's own pages.
    Origin,
    /// Too much at once; try again shortly.
    Busy,
    /// Cannot be stored now; try again later.
    Unavailable,
    /// Nothing there.
    NotFound,
    /// The request did not arrive in time.
    Timeout,
    /// The address is there, for other methods.
    MethodNotAllowed,
    /// Too many requests from one network.
    RateLimited,
    /// An administrator's request without the token.
    Unauthorized,
}

impl Code {
    /// Every one.
    pub const ALL: [Self; 20] = [
        Self::Malformed,
        Self::TooLarge,
        Self::BadSignature,
        Self::BadAlgorithm,
        Self::BadType,
        Self::KeyMismatch,
        Self::WrongSite,
        Self::NoticeUnknown,
        Self::RevisionUnknown,
        Self::Conflict,
        Self::Erased,
        Self::Stale,
        Self::Origin,
        Self::Busy,
        Self::Unavailable,
        Self::NotFound,
        Self::Timeout,
        Self::MethodNotAllowed,
        Self::RateLimited,
        Self::Unauthorized,
    ];

    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::BadSignature => "bad-signature",
            Self::BadAlgorithm => "bad-algorithm",
            Self::BadType => "bad-type",
            Self::KeyMismatch => "key-mismatch",
            Self::WrongSite => "wrong-site",
            Self::NoticeUnknown => "notice-unknown",
            Self::RevisionUnknown => "revision-unknown",
            Self::Conflict => "conflict",
            Self::Erased => "erased",
            Self::Stale => "stale",
            Self::Origin => "origin",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not-found",
            Self::Timeout => "timeout",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::RateLimited => "rate-limited",
            Self::Unauthorized => "unauthorized",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Malformed => "Not the shape expected",
            Self::TooLarge => "Too large",
            Self::BadSignature => "The signature does not hold",
            Self::BadAlgorithm => "Wrong algorithm",
            Self::BadType => "Wrong type",
            Self::KeyMismatch => "The key is not the one named",
            Self::WrongSite => "Another site's",
            Self::NoticeUnknown => "Unknown notice",
            Self::RevisionUnknown => "Unknown purpose or revision",
            Self::Conflict => "Kept with other content",
            Self::Erased => "Erased",
            Self::Stale => "Too old",
            Self::Origin => "Not from the site's own pages",
            Self::Busy => "Busy",
            Self::Unavailable => "Unavailable",
            Self::NotFound => "Not found",
            Self::Timeout => "Too slow",
            Self::MethodNotAllowed => "Other methods only",
            Self::RateLimited => "Too many requests",
            Self::Unauthorized => "The token is needed",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed
            | Self::BadSignature
            | Self::BadAlgorithm
            | Self::BadType
            | Self::KeyMismatch
            | Self::WrongSite
            | Self::Stale => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoticeUnknown | Self::RevisionUnknown => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Erased => StatusCode::GONE,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
        }
    }
}

/// A refusal with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// What was wrong with this request, and how to mend it.
    pub detail: String,
    /// After how many seconds trying again makes sense.
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// A refusal for a reason.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = match code {
            Code::Busy => Some(2),
            Code::Unavailable => Some(30),
            _ => None,
        };
        Self {
            code,
            detail: detail.into(),
            retry_after,
        }
    }

    /// The document's text.
    pub(crate) fn body(&self) -> String {
        // Texts and a number: serialising them has no way to fail.
        serde_json::to_string(&self.problem()).unwrap_or_default()
    }

    /// The document that says it.
    pub fn problem(&self) -> Problem {
        Problem {
            kind: format!("urn:sayso:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ReceiptError> for Refusal {
    fn from(error: ReceiptError) -> Self {
        let code = match &error {
            ReceiptError::Jws(JwsError::TooLong) => Code::TooLarge,
            ReceiptError::Jws(_) | ReceiptError::Payload(_) | ReceiptError::Key => Code::Malformed,
            ReceiptError::Type(_) => Code::BadType,
            ReceiptError::Algorithm(_) => Code::BadAlgorithm,
            ReceiptError::Subject | ReceiptError::UnknownKey(_) => Code::KeyMismatch,
            ReceiptError::Signature => Code::BadSignature,
        };
        Self::new(code, error.to_string())
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Busy => Self::new(
                Code::Busy,
                "too many answers are arriving at once; try again shortly",
            ),
            // The reason is for the operator's log, not for whoever asks.
            LedgerError::Unavailable(_) | LedgerError::Damaged(_) => Self::new(
                Code::Unavailable,
                "nothing can be stored at this moment; try again later",
            ),
        }
    }
}
