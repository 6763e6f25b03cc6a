//! The report in words.

use std::fmt;

use super::{Outcome, Report, State};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = if self.exit_code == 0 {
            "The ledger holds."
        } else {
            "The ledger does not hold."
        };
        let contents = &self.contents;
        writeln!(f, "{says}\n")?;
        writeln!(f, "  log         {}", self.log)?;
        writeln!(f, "  entries     {}", self.size)?;
        writeln!(f, "  root        {}", self.root)?;
        writeln!(
            f,
            "  receipts    {} signed by visitors, {} recorded by the server, {} erased",
            contents.signed, contents.witnessed, contents.erased
        )?;
        writeln!(f, "  tombstones  {}", contents.tombstones)?;
        writeln!(f, "  key events  {}", contents.key_events)?;
        self.remarks(f)?;
        writeln!(f, "\nChecks:")?;
        self.checks
            .iter()
            .try_for_each(|outcome| check(f, outcome))?;
        if !self.findings.is_empty() {
            writeln!(f, "\nWhat does not hold:")?;
            for finding in &self.findings {
                let place = finding
                    .index
                    .map(|index| format!("entry {index}: "))
                    .unwrap_or_default();
                writeln!(f, "  - {}: {place}{}", finding.check.title(), finding.what)?;
            }
        }
        Ok(())
    }
}

impl Report {
    fn remarks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remarks = &self.remarks;
        let lines = [
            (
                remarks.forks,
                "predecessors are named by more than one receipt of their key (two tabs at once, or a restored browser)",
            ),
            (
                remarks.predecessor_not_kept,
                "receipts name a predecessor that is not kept (erased, or never sent)",
            ),
            (
                remarks.spare_salts,
                "salts belong to no entry (a process ended between two commits)",
            ),
            (
                remarks.unpublished,
                "entries are covered by no published checkpoint yet",
            ),
        ];
        if lines.iter().any(|(count, _)| *count > 0) {
            writeln!(f, "\nWorth knowing, and no fault:")?;
        }
        lines
            .iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, what)| writeln!(f, "  - {count} {what}"))
    }
}

fn check(f: &mut fmt::Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    let title = outcome.check.title();
    match &outcome.state {
        State::Holds => {
            writeln!(f, "  {title}: holds ({} looked at)", outcome.looked_at)?;
            writeln!(f, "      proves: {}", outcome.proves)?;
            writeln!(f, "      does not prove: {}", outcome.does_not_prove)
        }
        State::Fails(1) => writeln!(f, "  {title}: DOES NOT HOLD (1 fault)"),
        State::Fails(faults) => writeln!(f, "  {title}: DOES NOT HOLD ({faults} faults)"),
        State::NotMade(why) => writeln!(f, "  {title}: not made: {why}"),
    }
}
