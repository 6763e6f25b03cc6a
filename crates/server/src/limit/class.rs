//! What kind of request each route takes, as far as its rate is concerned.

use axum::http::Method;

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Answered from memory, and a page may not miss it: never limited.
    Free,
    /// Reads the database.
    Read,
    /// Writes what may open something.
    Write(Content),
    /// Writes what only shuts, whatever it says.
    Shut,
}

/// What a body that is to be written is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Receipts and decisions about this browser.
    Answers,
    /// A decision about an address, for which a mail is sent.
    Address,
    /// The newsletter's form without JavaScript, likewise.
    Newsletter,
    /// Something that opens, or that nobody has classed yet.
    Opening,
}

impl Class {
    /// The class of a route, by its pattern.
    pub fn of(method: &Method, route: &str) -> Self {
        match (method, route) {
            (&Method::POST, "/v1/receipts") => Self::Write(Content::Answers),
            (&Method::POST, "/v1/addresses") => Self::Write(Content::Address),
            (&Method::POST, "/newsletter") => Self::Write(Content::Newsletter),
            // One click by a mail program: few networks speak for very many people, and a token cannot be guessed.
            (&Method::POST, "/unsubscribe" | "/v1/erasures") => Self::Shut,
            (&Method::GET | &Method::HEAD, route) => match route {
                "/sayso.js" | "/{file}" | "/a/{name}" | "/preferences" | "/newsletter"
                | "/verify" | "/v1/jwks.json" | "/v1/openapi.json" | "/healthz" | "/readyz" => {
                    Self::Free
                }
                _ => Self::Read,
            },
            (&Method::OPTIONS, _) => Self::Free,
            _ => Self::Write(Content::Opening),
        }
    }

    /// Whether people, not programs, read what this route answers.
    pub fn is_page(route: &str) -> bool {
        matches!(
            route,
            "/confirm" | "/unsubscribe" | "/newsletter" | "/preferences" | "/verify"
        )
    }
}
