//! Asking the site's witnesses to cosign a checkpoint before it is published (the client of C2SP tlog-witness v1).
//!
//! All are asked at once. As soon as the quorum is there, the others get a moment more; nobody is waited for longer than
//! [`Patience`] allows. [`ask`] has one conversation with one witness, catching up from whatever it cosigned last, and
//! believes nothing that it did not check.
//!
//! **Invariant:** a checkpoint counts as cosigned by a witness only if that witness's configured key signed this very
//! text. **Invariant:** while a witness says that it cosigned something that our log does not extend, nothing is
//! published: either our log was rewritten, or its key is in other hands, or that witness is wrong, and which of them a
//! person has to find out.

mod ask;
mod client;
mod missing;
mod tree;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use sayso_core::config::LogConfig;
use sayso_core::log::note::{Note, Signature};
use sayso_ledger::log::Head;

use ask::Witness;
use client::Client;
pub use client::Trust;
pub use missing::{Accusation, Contradiction, Missing};
pub use tree::Tree;

/// The witnesses of a site's log.
#[derive(Debug)]
pub struct Witnesses {
    witnesses: Vec<Witness>,
    standings: Mutex<Vec<Standing>>,
    quorum: usize,
    patience: Patience,
    client: Client,
}

/// For how long witnesses are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the quorum: a slow or dead witness holds a checkpoint up for no longer.
    pub quorum: Duration,
    /// For the others, once the quorum is there.
    pub others: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            quorum: Duration::from_secs(5),
            others: Duration::from_millis(500),
        }
    }
}

/// How it stands with one witness, for metrics and readiness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The witness's name.
    pub name: String,
    /// The largest size it cosigned since this process began.
    pub size: u64,
    /// Why it did not cosign the last checkpoint; `None` if it did.
    pub missing: Option<Missing>,
}

/// What became of asking for a checkpoint's cosignatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The checkpoint with every cosignature that holds.
    pub note: String,
    /// Who cosigned, and when, in seconds since 1970.
    pub by: Vec<(String, u64)>,
    /// Whether it may be published.
    pub verdict: Verdict,
}

/// Whether a checkpoint may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The quorum cosigned it, and nobody contradicts.
    Publish,
    /// Too few cosigned: keep serving the one before.
    TooFew,
    /// A witness cosigned something that this log does not extend: publish nothing, and say so.
    Rewritten(Accusation),
}

type Asking<'a> = Pin<Box<dyn Future<Output = Result<(Signature, u64), Missing>> + Send + 'a>>;

impl Witnesses {
    /// The witnesses that a site names.
    pub fn new(config: &LogConfig, trust: &Trust) -> Self {
        let standing = |name: &String| Standing {
            name: name.clone(),
            ..Standing::default()
        };
        Self {
            standings: Mutex::new(config.keys().map(|key| standing(&key.name)).collect()),
            witnesses: config.witnesses.iter().map(Witness::new).collect(),
            quorum: config.quorum,
            patience: Patience::default(),
            client: Client::new(trust),
        }
    }

    /// The same, waiting longer or shorter.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// How many must cosign.
    pub fn quorum(&self) -> usize {
        self.quorum
    }

    /// How it stands with each witness, in the order of the configuration.
    pub fn standings(&self) -> Vec<Standing> {
        self.standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What a witness says against this log, if any does. It stands until that witness cosigns again.
    pub fn accusation(&self) -> Option<Accusation> {
        let accused = |standing: Standing| match standing.missing {
            Some(Missing::Accused(accusation)) => Some(accusation),
            _ => None,
        };
        self.standings().into_iter().find_map(accused)
    }

    /// Asks all witnesses to cosign a signed checkpoint with this head, which the tree must have.
    pub async fn cosign<T: Tree + ?Sized>(&self, tree: &T, note: &str, head: Head) -> Cosigned {
        let mut signed = match Note::parse(note) {
            Ok(signed) => signed,
            Err(error) => {
                tracing::error!(%error, "our own checkpoint does not read as a signed note");
                return Cosigned {
                    note: note.to_owned(),
                    by: Vec::new(),
                    verdict: Verdict::TooFew,
                };
            }
        };
        let mut answers = self.ask_all(tree, &signed, head).await;
        let mut by = Vec::new();
        for (witness, answer) in self.witnesses.iter().zip(&mut answers) {
            if let Some(Ok((line, time))) = answer {
                by.push((witness.name().to_owned(), *time));
                signed.signatures.push(line.clone());
            }
        }
        self.note(answers, head.size);
        let verdict = match self.accusation() {
            Some(accusation) => Verdict::Rewritten(accusation),
            None if by.len() >= self.quorum => Verdict::Publish,
            None => Verdict::TooFew,
        };
        Cosigned {
            note: signed.to_string(),
            by,
            verdict,
        }
    }

    /// Each witness's answer in order; `None` where it was not waited for.
    async fn ask_all<T: Tree + ?Sized>(
        &self,
        tree: &T,
        note: &Note,
        head: Head,
    ) -> Vec<Option<Result<(Signature, u64), Missing>>> {
        let mut answers: Vec<_> = self.witnesses.iter().map(|_| None).collect();
        let mut asking: Vec<(usize, Asking<'_>)> = self
            .witnesses
            .iter()
            .map(|witness| -> Asking<'_> { Box::pin(witness.ask(&self.client, tree, note, head)) })
            .enumerate()
            .collect();
        let begun = tokio::time::Instant::now();
        let mut until = begun + self.patience.quorum;
        let mut count = 0;
        while !asking.is_empty() {
            if count >= self.quorum {
                until = until.min(tokio::time::Instant::now() + self.patience.others);
            }
            let next = poll_fn(|context| {
                for at in 0..asking.len() {
                    if let Poll::Ready(answer) = asking[at].1.as_mut().poll(context) {
                        let (witness, _) = asking.swap_remove(at);
                        return Poll::Ready((witness, answer));
                    }
                }
                Poll::Pending
            });
            match tokio::time::timeout_at(until, next).await {
                Ok((witness, answer)) => {
                    count += usize::from(answer.is_ok());
                    answers[witness] = Some(answer);
                }
                Err(_) => break,
            }
        }
        answers
    }

    /// Takes down what each witness answered, and logs what changed: not every second what everyone knows already.
    fn note(&self, answers: Vec<Option<Result<(Signature, u64), Missing>>>, size: u64) {
        let mut standings = self
            .standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (standing, answer) in standings.iter_mut().zip(answers) {
            let accused = matches!(standing.missing, Some(Missing::Accused(_)));
            let missing = match answer {
                Some(Ok(_)) => {
                    standing.size = size;
                    None
                }
                Some(Err(missing)) => Some(missing),
                None => Some(Missing::Slow),
            };
            // Only its cosignature takes an accusation back: not its silence.
            if accused && missing.is_some() {
                continue;
            }
            let name = &standing.name;
            match &missing {
                _ if standing.missing == missing => {}
                None => tracing::info!(witness = %name, size, "the witness cosigns again"),
                Some(Missing::Accused(accusation)) => {
                    tracing::error!(witness = %name, "nothing is published any more: {accusation}");
                }
                Some(missing) => {
                    tracing::warn!(witness = %name, size, "the witness does not cosign: {missing}");
                }
            }
            standing.missing = missing;
        }
    }
}
