//! What went wrong, in words for the visitor.

use sayso_core::view::View;

use crate::text::say_with;

/// Why something could not be loaded or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The browser says it is offline.
    Offline,
    /// No answer: the site is down, or something between blocks it.
    Reach,
    /// The browser does not allow what is needed.
    Blocked,
    /// An answer that was not the expected one.
    Server(u16),
    /// The site understood and did not accept; its own sentence.
    Refused(String),
}

impl Failure {
    /// The key of its text.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Offline => "error-offline",
            Self::Reach => "error-reach",
            Self::Blocked => "error-blocked",
            Self::Server(_) => "error-server",
            Self::Refused(_) => "error-refused",
        }
    }

    /// The sentence, in the view's language.
    pub fn sentence(&self, view: &View) -> String {
        let status = match self {
            Self::Server(status) => status.to_string(),
            _ => String::new(),
        };
        let reason = match self {
            Self::Refused(reason) => reason.as_str(),
            _ => "",
        };
        say_with(view, self.key(), &[("status", &status), ("reason", reason)])
    }
}
