//! What checking a ledger came to: for each check what it proves and what it does not, and everything that does not hold.

mod check;
mod text;

use serde::Serialize;

/// One of the checks of a whole ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The files as SQLite sees them.
    Files,
    /// Commitments made again from salts and exact texts.
    Entries,
    /// Leaf hashes, stored nodes, root.
    Tree,
    /// Published checkpoints.
    Checkpoints,
    /// Cosignatures on the newest checkpoint.
    Witnesses,
    /// Every receipt's own signature.
    Signatures,
    /// What receipts are found by.
    LookUps,
    /// Tombstones, and salts for exactly what is not erased.
    Erasure,
    /// Key events.
    Keys,
    /// Documents, addresses, tokens, mail.
    Beside,
    /// Whether it extends an older state.
    Against,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything looked at holds.
    Holds,
    /// So many things do not hold.
    Fails(u64),
    /// It was not made, and why.
    NotMade(String),
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: Check,
    /// The entry it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// What does not hold.
    pub what: String,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Which.
    pub check: Check,
    /// How it ended.
    pub state: State,
    /// How many things it looked at.
    pub looked_at: u64,
    /// What it proves where it holds.
    pub proves: &'static str,
    /// What it does not prove.
    pub does_not_prove: &'static str,
}

/// What is in a ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Receipts signed by visitors.
    pub signed: u64,
    /// Receipts that the server recorded.
    pub witnessed: u64,
    /// Receipts that are erased.
    pub erased: u64,
    /// Erasures.
    pub tombstones: u64,
    /// Changes of keys.
    pub key_events: u64,
}

/// Things worth knowing that are no fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remarks {
    /// Predecessors that more than one receipt of a key names: two tabs at once, or a restored browser.
    pub forks: u64,
    /// Receipts whose predecessor is not kept: erased, or never sent.
    pub predecessor_not_kept: u64,
    /// Salts whose entries never came to be: a process ended between two commits.
    pub spare_salts: u64,
    /// Entries that no published checkpoint covers yet.
    pub unpublished: u64,
}

/// The report of a whole ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always 1.
    pub v: u32,
    /// The log's origin.
    pub log: String,
    /// How many entries were looked at.
    pub size: u64,
    /// The root over them, made again from the entries.
    pub root: sayso_core::digest::Digest,
    /// What they are.
    pub contents: Contents,
    /// The checks, in order.
    pub checks: Vec<Outcome>,
    /// What does not hold: the first of each check.
    pub findings: Vec<Finding>,
    /// What is worth knowing.
    pub remarks: Remarks,
    /// The exit code that the command ends with.
    pub exit_code: u8,
}

/// At most so many findings of one check are told one by one.
const TOLD: u64 = 20;

/// Where checks put what they find.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pages: Vec<Page>,
    findings: Vec<Finding>,
    code: Option<u8>,
}

#[derive(Debug)]
struct Page {
    check: Check,
    looked_at: u64,
    faults: u64,
    not_made: Option<String>,
}

impl Book {
    fn page(&mut self, check: Check) -> &mut Page {
        let at = match self.pages.iter().position(|page| page.check == check) {
            Some(at) => at,
            None => {
                self.pages.push(Page {
                    check,
                    looked_at: 0,
                    faults: 0,
                    not_made: None,
                });
                self.pages.len() - 1
            }
        };
        &mut self.pages[at]
    }

    /// Says that a check looked at so many things more.
    pub(crate) fn looked(&mut self, check: Check, at: u64) {
        self.page(check).looked_at += at;
    }

    /// Says that a check is not made, and why.
    pub(crate) fn not_made(&mut self, check: Check, why: impl Into<String>) {
        self.page(check).not_made = Some(why.into());
    }

    /// Says what does not hold.
    pub(crate) fn fault(&mut self, check: Check, index: Option<u64>, what: impl Into<String>) {
        let page = self.page(check);
        page.faults += 1;
        if page.faults <= TOLD {
            self.findings.push(Finding {
                check,
                index,
                what: what.into(),
            });
        }
    }

    /// The same with an exit code of its own, which goes before the check's.
    pub(crate) fn grave(&mut self, check: Check, code: u8, what: impl Into<String>) {
        self.fault(check, None, what);
        self.code.get_or_insert(code);
    }

    /// The checks in order, the findings in the order of the checks, and the exit code.
    pub(crate) fn close(mut self) -> (Vec<Outcome>, Vec<Finding>, u8) {
        self.pages.sort_by_key(|page| page.check);
        self.findings
            .sort_by_key(|finding| (finding.check, finding.index));
        let first = self
            .pages
            .iter()
            .filter(|page| page.faults > 0)
            .map(|page| page.check.exit_code());
        let code = self.code.or(first.min()).unwrap_or(0);
        let outcomes = self.pages.into_iter().map(|page| {
            let (proves, does_not_prove) = page.check.meaning();
            let state = match (page.faults, page.not_made) {
                (0, None) => State::Holds,
                (0, Some(why)) => State::NotMade(why),
                (faults, _) => State::Fails(faults),
            };
            Outcome {
                check: page.check,
                state,
                looked_at: page.looked_at,
                proves,
                does_not_prove,
            }
        });
        (outcomes.collect(), self.findings, code)
    }
}
