//! The server's answer to a batch, read into what it means for each entry.

use sayso_core::verify::Countersigned;
use serde::{Deserialize, Serialize};

use crate::countersigned;
use crate::json;
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
    Stored(Stored),
    /// The server will never take it.
    Refused(Refusal),
    /// To be tried again.
    Later(Wait),
}

/// The server has it: with the countersigned receipt, or, if that was not sent or not sound, without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored(pub Option<Countersigned>);

/// A refusal for good, in the server's words (RFC 9457) or in ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code, such as `bad-signature`.
    #[serde(default)]
    pub code: String,
    /// The code in a few words.
    #[serde(default)]
    pub title: String,
    /// What was wrong and how to mend it.
    #[serde(default)]
    pub detail: String,
    /// The HTTP status; 0 if the refusal is our own.
    #[serde(default)]
    pub status: u16,
}

impl Refusal {
    /// A refusal that no server spoke.
    pub fn local(code: &str, title: &str) -> Self {
        Self { code: code.into(), title: title.into(), ..Self::default() }
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

#[derive(Deserialize)]
struct Results {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    countersigned: Option<Countersigned>,
    #[serde(default)]
    problem: Option<Refusal>,
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
        let Some(Results { results }) = json::parse(&self.body).filter(|r: &Results| r.results.len() == sent.len()) else {
            // A captive portal or a page of some proxy, not the service.
            return Answer::Whole(Wait::Nobody);
        };
        let verdict = |(outcome, sent): (Outcome, &Option<&str>)| match outcome.problem {
            Some(problem) => match (problem.verdict(), self.retry_after) {
                (Verdict::Later(Wait::Failure), Some(seconds)) => Verdict::Later(Wait::Asked(seconds * 1000)),
                (verdict, _) => verdict,
            },
            None => Verdict::Stored(Stored(outcome.countersigned.filter(|c| countersigned::is_sound(c, *sent)))),
        };
        Answer::Each(results.into_iter().zip(sent).map(verdict).collect())
    }

    fn wait(self) -> Answer {
        Answer::Whole(self.retry_after.map_or(Wait::Failure, |seconds| Wait::Asked(seconds.saturating_mul(1000))))
    }

    /// A 4xx: the service's own problem document, or somebody else's page.
    fn refusal(self, count: usize) -> Answer {
        let problem: Option<Refusal> = json::parse(&self.body).filter(|p: &Refusal| !p.code.is_empty());
        match problem {
            _ if count > 1 => Answer::Apart,
            Some(problem) => Answer::Each(vec![Refusal { status: self.status, ..problem }.verdict()]),
            // Said without our words, but of the request itself: it will never be taken.
            None if matches!(self.status, 400 | 409 | 410 | 413 | 415 | 422) => {
                let refusal = Refusal { status: self.status, ..Refusal::local("refused", "the request was refused") };
                Answer::Each(vec![Verdict::Refused(refusal)])
            }
            None => Answer::Whole(Wait::Nobody),
        }
    }
}
