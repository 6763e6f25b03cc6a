//! The server's answer to a batch, read into what it means for each entry.

use crate::countersigned;
use crate::json::{self, Object, Value};
use crate::outbox::Wait;

/// What a response means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One verdict for each entry, in order.
    Each(Vec<Verdict>),
    /// The same wait for all of them.
    Whole(Wait),
    /// Refused as a whole, and not clear because of which: send them one by one.
    Apart,
}

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server has it.
    Accepted(Accepted),
    /// The server will never take it.
    Refused(Refusal),
    /// To be tried again.
    Later(Wait),
}

/// The server has it: with the countersigned receipt as JSON, or, if that was not sent or not sound, without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted(pub Option<String>);

/// A refusal for good, in the server's words (RFC 9457) or in ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code, such as `bad-signature`.
    pub code: String,
    /// The code in a few words.
    pub title: String,
    /// What was wrong and how to mend it.
    pub detail: String,
    /// The HTTP status; 0 if the refusal is our own.
    pub status: u16,
}

impl Refusal {
    /// A refusal that no server spoke.
    pub fn local(code: &str, title: &str) -> Self {
        Self {
            code: code.into(),
            title: title.into(),
            ..Self::default()
        }
    }

    /// Reads a problem document of ours: it has a code.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name| value.text(name).to_owned();
        let refusal = Self {
            code: text("code"),
            title: text("title"),
            detail: text("detail"),
            status: value.number("status") as u16,
        };
        (!refusal.code.is_empty()).then_some(refusal)
    }

    /// Writes it as JSON.
    pub fn write(&self) -> String {
        Object::new()
            .text("code", &self.code)
            .text("title", &self.title)
            .text_if("detail", &self.detail)
            .number("status", self.status.into())
            .end()
    }

    /// Whether the server had it once and has erased it since.
    pub fn is_erased(&self) -> bool {
        self.code == "erased"
    }

    fn verdict(self) -> Verdict {
        match (self.status, self.code.as_str()) {
            (_, "notice-unknown" | "revision-unknown") => Verdict::Later(Wait::Unknown(self)),
            (408 | 425 | 429 | 500.., _) => Verdict::Later(Wait::Failure),
            _ => Verdict::Refused(self),
        }
    }
}

/// A response as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, if it was sent and could be read.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// What the response means for the entries that were sent; `sent` holds each one's signed receipt, if it was signed.
    pub fn read(self, sent: &[Option<&str>]) -> Answer {
        match self.status {
            200..=299 => self.results(sent),
            408 | 425 | 429 | 500.. => self.wait(),
            _ => self.refusal(sent.len()),
        }
    }

    fn results(self, sent: &[Option<&str>]) -> Answer {
        let body = json::parse(&self.body).unwrap_or(Value::Null);
        let results = body.get("results").items();
        if results.len() != sent.len() || sent.is_empty() {
            // A captive portal or a page of some proxy, not the service.
            return Answer::Whole(Wait::Nobody);
        }
        let verdict = |(outcome, sent): (&Value, &Option<&str>)| match Refusal::read(
            outcome.get("problem"),
        ) {
            Some(problem) => match (problem.verdict(), self.retry_after) {
                (Verdict::Later(Wait::Failure), Some(seconds)) => {
                    Verdict::Later(Wait::Asked(seconds.saturating_mul(1000)))
                }
                (verdict, _) => verdict,
            },
            None => {
                let file = outcome.get("countersigned");
                Verdict::Accepted(Accepted(
                    countersigned::is_sound(file, *sent).then(|| file.write()),
                ))
            }
        };
        Answer::Each(results.iter().zip(sent).map(verdict).collect())
    }

    fn wait(self) -> Answer {
        Answer::Whole(self.retry_after.map_or(Wait::Failure, |seconds| {
            Wait::Asked(seconds.saturating_mul(1000))
        }))
    }

    /// A 4xx: the service's own problem document, or somebody else's page.
    fn refusal(self, count: usize) -> Answer {
        let problem = json::parse(&self.body).and_then(|body| Refusal::read(&body));
        match problem {
            _ if count > 1 => Answer::Apart,
            Some(problem) => Answer::Each(vec![
                Refusal {
                    status: self.status,
                    ..problem
                }
                .verdict(),
            ]),
            // Said without our words, but of the request itself: it will never be taken.
            None if matches!(self.status, 400 | 409 | 410 | 413 | 415 | 422) => {
                let refusal = Refusal {
                    status: self.status,
                    ..Refusal::local("refused", "the request was refused")
                };
                Answer::Each(vec![Verdict::Refused(refusal)])
            }
            None => Answer::Whole(Wait::Nobody),
        }
    }
}
